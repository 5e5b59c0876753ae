//! A model on its way in: ours, or one that transformers saved. Nothing is trusted: names and shapes follow from the file's own
//! configuration, and the model in memory stays as it is until the whole file has been accepted.

use super::names::{self, Tensor};
use super::source::Source;
use super::tensors::Tensors;
use super::{FileError, History, ModelFile, archive, checkpoint};
use crate::config::{Checked, Class, Config, TokenizerKind, VOCABULARY_LIMIT};
use crate::gpu::AdapterDescription;
use crate::model::Layout;
use crate::tokenizer::{Tokenizer, decode_file};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Bytes of a configuration, at most.
const CONFIG_LIMIT: u64 = 1 << 20;
/// Bytes of another text, at most.
const TEXT_LIMIT: u64 = 10 << 20;

/// The files that a model is read from, by name.
type Files<'a> = BTreeMap<String, Rc<dyn Source + 'a>>;

/// A model whose file was accepted, but for its numbers, which are still in the file.
pub struct Incoming<'a> {
    /// All choices.
    pub checked: Checked,
    /// As the file has it.
    pub config: Config,
    /// Its tokens.
    pub tokenizer: Tokenizer,
    /// How it came to be.
    pub history: History,
    pub(super) file: Tensors<'a>,
    wanted: Vec<Tensor>,
}

impl Incoming<'_> {
    /// Whether an adapter has room for each tensor and for all of them, in one piece each.
    ///
    /// # Errors
    /// [`FileError::NoRoomForTensor`], [`FileError::NoRoom`].
    pub fn check(&self, adapter: &AdapterDescription) -> Result<(), FileError> {
        let layout = Layout::new(&self.checked.architecture);
        let file = || self.file.name().to_owned();
        for (parameter, place) in layout.places() {
            let mut holding = self.wanted.iter().filter(|tensor| tensor.parameter() == Some(&parameter.name));
            // Of several tensors that are bound as one parameter, its own name says it.
            let (name, shape) = match (holding.next(), holding.next()) {
                (Some(tensor), None) => (&tensor.name, &tensor.shape),
                _ => (&parameter.name, &parameter.shape),
            };
            let (asked, limit) = (4 * place.len() as u64, adapter.max_binding_bytes);
            if asked > limit {
                let (tensor, shape) = (name.clone(), shape.clone());
                return Err(FileError::NoRoomForTensor { name: file(), tensor, shape, asked, limit });
            }
        }
        let (asked, limit) = (4 * layout.words as u64, adapter.max_buffer_bytes);
        if asked > limit {
            let parameters = crate::config::parameter_count(&self.checked.architecture);
            return Err(FileError::NoRoom { name: file(), parameters, asked, limit });
        }
        Ok(())
    }

    /// Its parameters one after the other, each with its first word in the flat ones.
    pub fn parameters(&self) -> impl Iterator<Item = Result<(usize, Vec<f32>), FileError>> {
        let layout = Layout::new(&self.checked.architecture);
        (0..layout.parameters.len()).map(move |number| {
            let name = &layout.parameters[number].name;
            Ok((layout.offsets[number], names::parameter(&self.file, &self.wanted, &layout, name)?))
        })
    }

    /// The model with all its numbers.
    ///
    /// # Errors
    /// [`FileError::WeightsNotFinite`], [`FileError::Unreadable`].
    pub fn whole(self) -> Result<ModelFile, FileError> {
        let flat = names::read(&self.file, &self.wanted, &Layout::new(&self.checked.architecture))?;
        let Self { checked, config, tokenizer, history, .. } = self;
        Ok(ModelFile { checked, config, tokenizer, history, flat })
    }
}

/// Reads one file: a safetensors file of ours, or a zip.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn import(name: &str, bytes: &[u8]) -> Result<ModelFile, FileError> {
    import_files(&[(name, bytes)])
}

/// Reads several files from memory, as [`open`] does.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn import_files(given: &[(&str, &[u8])]) -> Result<ModelFile, FileError> {
    let file = |(name, bytes): &(&str, _)| ((*name).to_owned(), Rc::new(*bytes) as Rc<dyn Source>);
    open(&given.iter().map(file).collect::<Vec<_>>())?.whole()
}

/// Opens one file, a safetensors file of ours or a zip, or several: a folder of transformers, or what belongs to a model of it.
/// Files that are none of a model's are left alone; of two by one name the one in the outer folder counts.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn open<'a>(given: &[(String, Rc<dyn Source + 'a>)]) -> Result<Incoming<'a>, FileError> {
    if let [(name, file)] = given
        && !archive::is_shard(name)
    {
        if archive::is_zip(name, file.as_ref())? {
            return of_folder(name, &archive::read(name, file)?);
        }
        return own(name, Tensors::open(name, Rc::clone(file))?);
    }
    let (mut files, mut depths) = (Files::new(), BTreeMap::new());
    let mut all = 0u64;
    let name = given.iter().map(|(name, _)| name.as_str()).take(3).collect::<Vec<_>>().join(", ");
    let name = if given.len() > 3 { format!("{name}, …") } else { name };
    for (path, source) in given {
        let path = path.replace('\\', "/");
        let (file, depth) = (path.rsplit('/').next().unwrap_or_default(), path.matches('/').count());
        // Whatever the weights are called, where there is one file of them.
        let whole = file.ends_with(".safetensors") && !archive::is_shard(file);
        let file = if whole { archive::WEIGHTS } else { file };
        if !archive::is_read(file) {
            continue;
        }
        match depths.get(file) {
            Some(before) if *before < depth => continue,
            Some(before) if *before == depth => return Err(FileError::EntryTwice { name, entry: file.to_owned() }),
            _ => {}
        }
        all = all.saturating_add(source.size());
        if all > archive::LIMIT {
            return Err(FileError::FilesTooLong { name, bytes: all, limit: archive::LIMIT });
        }
        depths.insert(file.to_owned(), depth);
        files.insert(file.to_owned(), Rc::clone(source));
    }
    of_folder(&name, &files)
}

/// Reads a safetensors file of ours.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn from_safetensors(name: &str, bytes: &[u8]) -> Result<ModelFile, FileError> {
    own(name, Tensors::open(name, Rc::new(bytes))?)?.whole()
}

/// The model in an open file of ours; what only a session needs may stand beside it.
pub(super) fn own<'a>(name: &str, file: Tensors<'a>) -> Result<Incoming<'a>, FileError> {
    let (config, history) = own_words(name, &file)?;
    let tokenizer = entry(name, &file, "tokenizer")?;
    let bad = |error| FileError::BadTokenizer { name: name.to_owned(), error };
    let tokenizer = Tokenizer::from_json(tokenizer).map_err(bad)?;
    let checked = check(name, &config, &tokenizer)?;
    let wanted = names::native(&checked.architecture);
    let layout = Layout::new(&checked.architecture);
    file.check(&wanted, |tensor| checkpoint::is_of_session(tensor, &layout))?;
    Ok(Incoming { checked, config, tokenizer, history, file, wanted })
}

pub(super) fn entry<'a>(name: &str, file: &'a Tensors<'_>, key: &'static str) -> Result<&'a str, FileError> {
    let missing = FileError::MissingMetadata { name: name.to_owned(), key };
    file.metadata.get(key).map(String::as_str).ok_or(missing)
}

/// Settings and history out of the metadata.
fn own_words(name: &str, file: &Tensors<'_>) -> Result<(Config, History), FileError> {
    let bad =
        |key| move |e: serde_json::Error| FileError::BadMetadata { name: name.to_owned(), key, reason: e.to_string() };
    let config = serde_json::from_str(entry(name, file, "config")?).map_err(bad("config"))?;
    let history: History = serde_json::from_str(entry(name, file, "training")?).map_err(bad("training"))?;
    if [history.training_loss, history.validation_loss].into_iter().flatten().any(|loss| !loss.is_finite()) {
        return Err(FileError::MetadataLossNotFinite { name: name.to_owned() });
    }
    Ok((config, history))
}

fn check(name: &str, config: &Config, tokenizer: &Tokenizer) -> Result<Checked, FileError> {
    let checked = config.check().map_err(|error| FileError::BadConfig { name: name.to_owned(), error })?;
    let (tokens, vocab) = (tokenizer.vocab(), checked.architecture.vocab);
    if tokens != vocab {
        return Err(FileError::VocabularyMismatch { name: name.to_owned(), tokens, vocab });
    }
    Ok(checked)
}

/// The text of one of the files.
fn text(name: &str, files: &Files<'_>, file: &'static str) -> Result<Option<String>, FileError> {
    let Some(source) = files.get(file) else { return Ok(None) };
    let (bytes, limit) = (source.size(), if file == "config.json" { CONFIG_LIMIT } else { TEXT_LIMIT });
    if bytes > limit {
        return Err(FileError::FileTooLong { name: name.to_owned(), file, bytes, limit });
    }
    let unreadable = |reason| FileError::Unreadable { name: format!("{name}, {file}"), reason };
    let bytes = source.read(0..bytes).map_err(unreadable)?;
    decode_file(file, &bytes).map(Some).map_err(|error| FileError::BadFile { name: name.to_owned(), file, error })
}

/// The JSON in one of the files.
fn json<T: DeserializeOwned>(name: &str, file: &'static str, text: &str) -> Result<T, FileError> {
    let bad = |e: serde_json::Error| FileError::BadJson { name: name.to_owned(), file, reason: e.to_string() };
    serde_json::from_str(text).map_err(bad)
}

/// What model.safetensors.index.json says.
#[derive(Deserialize)]
struct Index {
    /// Names of files by names of tensors.
    weight_map: BTreeMap<String, String>,
}

/// The weights of a folder: in one file, or divided into those that an index names.
fn weights<'a>(name: &str, files: &Files<'a>) -> Result<Tensors<'a>, FileError> {
    if let Some(source) = files.get(archive::WEIGHTS) {
        return Tensors::open(&format!("{name}, {}", archive::WEIGHTS), Rc::clone(source));
    }
    let Some(index) = text(name, files, archive::INDEX)? else {
        if files.keys().any(|file| archive::is_shard(file)) {
            return Err(FileError::MissingIndex { name: name.to_owned() });
        }
        return Err(FileError::MissingWeights { name: name.to_owned() });
    };
    let Index { weight_map } = json(name, archive::INDEX, &index)?;
    let (mut parts, mut places) = (Vec::new(), BTreeMap::new());
    for file in weight_map.values().collect::<BTreeSet<_>>() {
        let lacking = || FileError::MissingShard { name: name.to_owned(), file: file.clone() };
        let source = files.get(file).filter(|_| archive::is_shard(file)).ok_or_else(lacking)?;
        places.insert(file, parts.len());
        parts.push(Tensors::open(&format!("{name}, {file}"), Rc::clone(source))?);
    }
    for (tensor, file) in &weight_map {
        if !places.get(file).is_some_and(|&part| parts[part].has(tensor)) {
            let (tensor, file) = (tensor.clone(), file.clone());
            return Err(FileError::WrongShard { name: name.to_owned(), tensor, file });
        }
    }
    Tensors::join(name, parts)
}

fn tokenizer(name: &str, files: &Files<'_>) -> Result<Tokenizer, FileError> {
    let bad = |file| move |error| FileError::BadFile { name: name.to_owned(), file, error };
    if let Some(json) = text(name, files, "tokenizer.json")? {
        return Tokenizer::from_json(&json).map_err(bad("tokenizer.json"));
    }
    match (text(name, files, "vocab.json")?, text(name, files, "merges.txt")?) {
        (Some(vocab), Some(merges)) => {
            Tokenizer::from_vocab_and_merges(&vocab, &merges).map_err(bad("vocab.json and merges.txt"))
        }
        (Some(_), None) => Err(FileError::MissingMerges { name: name.to_owned() }),
        (None, _) => Err(FileError::MissingTokenizer { name: name.to_owned() }),
    }
}

fn of_folder<'a>(name: &str, files: &Files<'a>) -> Result<Incoming<'a>, FileError> {
    let file = weights(name, files)?;
    let Some(config) = text(name, files, "config.json")? else {
        // Our own single file with others beside it.
        if file.metadata.contains_key("tokenizer") {
            return own(name, file);
        }
        return Err(FileError::MissingConfig { name: name.to_owned() });
    };
    let config: Value = json(name, "config.json", &config)?;
    let tokenizer = tokenizer(name, files)?;
    if config["model_type"] == "fledgling" {
        let (config, history) = own_words(file.name(), &file)?;
        let checked = check(name, &config, &tokenizer)?;
        let wanted = names::native(&checked.architecture);
        file.check(&wanted, |_| false)?;
        return Ok(Incoming { checked, config, tokenizer, history, file, wanted });
    }
    let (class, model) = Class::read(&config).map_err(|error| FileError::BadClass { name: name.to_owned(), error })?;
    // Ours, with all settings, if the model that they describe is the one that config.json describes.
    if let Ok((own, history)) = own_words(name, &file) {
        let same = own.check().is_ok_and(|checked| {
            let again =
                Class::of(&checked.architecture).map(|class| class.config_json(&checked.architecture, None, None));
            again.is_ok_and(|again| Class::read(&again) == Ok((class, model.clone())))
        });
        if same && !(own.model.tied && unties(class, &file)?) {
            let checked = check(name, &own, &tokenizer)?;
            let wanted = wanted(class, &checked, &file)?;
            if names::agrees(&file, &wanted, &checked.architecture)? {
                return Ok(Incoming { checked, config: own, tokenizer, history, file, wanted });
            }
        }
    }
    let mut config = Config { model, ..Config::default() };
    config.tokenizer = tokenizer.config().clone();
    // A file's vocabulary is not a setting, and may be larger than any that is trained here.
    if config.tokenizer.vocabulary > TRAINED_LIMIT || config.tokenizer.vocabulary < 2 {
        config.tokenizer.vocabulary = Config::default().tokenizer.vocabulary;
        config.tokenizer.kind = TokenizerKind::File;
    }
    config.sampling.top_k = config.sampling.top_k.min(config.model.vocab.min(VOCABULARY_LIMIT) as u32);
    let mut checked = check(name, &config, &tokenizer)?;
    if config.model.tied && unties(class, &file)? {
        config.model.tied = false;
        checked = check(name, &config, &tokenizer)?;
    }
    let wanted = wanted(class, &checked, &file)?;
    Ok(Incoming { checked, config, tokenizer, history: History::default(), file, wanted })
}

/// Largest vocabulary that [`crate::config::TokenizerConfig`] asks for.
const TRAINED_LIMIT: usize = 32_768;

/// Whether a file has a head of its own, though its configuration ties it: transformers then leaves them apart.
fn unties(class: Class, file: &Tensors<'_>) -> Result<bool, FileError> {
    if !file.has(HEAD) {
        return Ok(false);
    }
    for prefix in ["", names::prefix(class)] {
        if file.equal(HEAD, &format!("{prefix}{}", names::embedding(class)))? {
            return Ok(false);
        }
    }
    Ok(true)
}

const HEAD: &str = "lm_head.weight";

/// The tensors of a class by the names that this file has, and the file held against them.
fn wanted(class: Class, checked: &Checked, file: &Tensors<'_>) -> Result<Vec<Tensor>, FileError> {
    let mut wanted = names::of_class(class, &checked.architecture);
    let prefix = names::prefix(class);
    // OpenAI's own file has none before its names.
    if !file.any_begins(prefix) {
        for tensor in &mut wanted {
            tensor.name = tensor.name.strip_prefix(prefix).unwrap_or(&tensor.name).to_owned();
        }
    }
    let tied = checked.architecture.tied;
    file.check(&wanted, |tensor| {
        // A second copy of the embedding, or a mask that the class makes anew.
        let attention_bias = tensor.strip_prefix(prefix).unwrap_or(tensor);
        (tied && tensor == HEAD) || names::is_constant(class, attention_bias)
    })?;
    Ok(wanted)
}
