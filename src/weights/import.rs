//! A model on its way in: ours, or one that transformers saved. Nothing is trusted: names and shapes follow from the file's own
//! configuration, and the model in memory stays as it is until the whole file has been accepted.

use super::names::{self, Tensor};
use super::tensors::Tensors;
use super::{FileError, History, ModelFile, archive, checkpoint};
use crate::config::{Checked, Class, Config, TokenizerKind, VOCABULARY_LIMIT};
use crate::model::Layout;
use crate::tokenizer::{Tokenizer, decode_file};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Bytes of a configuration, at most.
const CONFIG_LIMIT: u64 = 1 << 20;

/// The files that a model is read from, by name.
type Files<'a> = BTreeMap<&'static str, Cow<'a, [u8]>>;

/// Reads one file: a safetensors file of ours, or a zip.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn import(name: &str, bytes: &[u8]) -> Result<ModelFile, FileError> {
    if archive::is_zip(bytes) {
        let files = archive::read(name, bytes)?.into_iter().map(|(file, bytes)| (file, Cow::Owned(bytes))).collect();
        return of_folder(name, &files);
    }
    from_safetensors(name, bytes)
}

/// Reads several files: a folder of transformers, or what belongs to a model of it. Files that are none of a model's are left
/// alone; of two by one name the one in the outer folder counts.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn import_files(given: &[(&str, &[u8])]) -> Result<ModelFile, FileError> {
    if let [(name, bytes)] = given {
        return import(name, bytes);
    }
    let (mut files, mut depths) = (Files::new(), BTreeMap::new());
    let mut all = 0u64;
    let name = given.iter().map(|(name, _)| *name).take(3).collect::<Vec<_>>().join(", ");
    let name = if given.len() > 3 { format!("{name}, …") } else { name };
    for (path, bytes) in given {
        let path = path.replace('\\', "/");
        let (file, depth) = (path.rsplit('/').next().unwrap_or_default(), path.matches('/').count());
        // Whatever the weights are called, where there is one file of them.
        let file = if file.ends_with(".safetensors") { "model.safetensors" } else { file };
        let Some(known) = archive::READ.into_iter().find(|known| *known == file) else { continue };
        match depths.get(known) {
            Some(before) if *before < depth => continue,
            Some(before) if *before == depth => return Err(FileError::EntryTwice { name, entry: known.to_owned() }),
            _ => {}
        }
        all = all.saturating_add(bytes.len() as u64);
        if all > archive::LIMIT {
            let entry = "what was given".to_owned();
            return Err(FileError::TooLong { name, entry, bytes: all, limit: archive::LIMIT });
        }
        depths.insert(known, depth);
        files.insert(known, Cow::Borrowed(*bytes));
    }
    of_folder(&name, &files)
}

/// Reads a safetensors file of ours.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn from_safetensors(name: &str, bytes: &[u8]) -> Result<ModelFile, FileError> {
    own(name, &Tensors::open(name, bytes)?)
}

/// The model in an open file of ours; what only a session needs may stand beside it.
pub(super) fn own(name: &str, file: &Tensors<'_>) -> Result<ModelFile, FileError> {
    let (config, history) = own_words(name, file)?;
    let tokenizer = entry(name, file, "tokenizer")?;
    let tokenizer = Tokenizer::from_json(tokenizer).map_err(|e| bad(name, "tokenizer", e.to_string()))?;
    let checked = check(name, &config, &tokenizer)?;
    let wanted = names::native(&checked.architecture);
    let layout = Layout::new(&checked.architecture);
    file.check(&wanted, |tensor| checkpoint::is_of_session(tensor, &layout))?;
    let flat = names::read(file, &wanted, &checked.architecture)?.unwrap_or_default();
    Ok(ModelFile { checked, config, tokenizer, history, flat })
}

fn bad(name: &str, key: &'static str, reason: String) -> FileError {
    FileError::BadMetadata { name: name.to_owned(), key, reason }
}

pub(super) fn entry<'a>(name: &str, file: &'a Tensors<'_>, key: &'static str) -> Result<&'a str, FileError> {
    let missing = FileError::MissingMetadata { name: name.to_owned(), key };
    file.metadata.get(key).map(String::as_str).ok_or(missing)
}

/// Settings and history out of the metadata.
fn own_words(name: &str, file: &Tensors<'_>) -> Result<(Config, History), FileError> {
    let config = serde_json::from_str(entry(name, file, "config")?).map_err(|e| bad(name, "config", e.to_string()))?;
    let history: History =
        serde_json::from_str(entry(name, file, "training")?).map_err(|e| bad(name, "training", e.to_string()))?;
    if [history.training_loss, history.validation_loss].into_iter().flatten().any(|loss| !loss.is_finite()) {
        return Err(bad(name, "training", "a loss in it is not a finite number".to_owned()));
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
    let Some(bytes) = files.get(file) else { return Ok(None) };
    let bad = |reason: String| FileError::BadFile { name: name.to_owned(), file, reason };
    decode_file(file, bytes).map(Some).map_err(|e| bad(e.to_string()))
}

fn tokenizer(name: &str, files: &Files<'_>) -> Result<Tokenizer, FileError> {
    let bad = |file| {
        move |e: crate::tokenizer::TokenizerError| FileError::BadFile {
            name: name.to_owned(),
            file,
            reason: e.to_string(),
        }
    };
    if let Some(json) = text(name, files, "tokenizer.json")? {
        return Tokenizer::from_json(&json).map_err(bad("tokenizer.json"));
    }
    match (text(name, files, "vocab.json")?, text(name, files, "merges.txt")?) {
        (Some(vocab), Some(merges)) => {
            Tokenizer::from_vocab_and_merges(&vocab, &merges).map_err(bad("vocab.json and merges.txt"))
        }
        (Some(_), None) => Err(missing(name, "merges.txt", "vocab.json needs it beside it")),
        (None, _) => {
            Err(missing(name, "tokenizer.json", "it, or vocab.json and merges.txt, says how text becomes tokens"))
        }
    }
}

fn missing(name: &str, file: &'static str, why: &'static str) -> FileError {
    FileError::MissingFile { name: name.to_owned(), file, why }
}

fn of_folder(name: &str, files: &Files<'_>) -> Result<ModelFile, FileError> {
    let why = "it holds the weights; pickled ones, .bin and .pt, are never read, as they may hold programs";
    let weights = files.get("model.safetensors").ok_or_else(|| missing(name, "model.safetensors", why))?;
    let label = format!("{name}, model.safetensors");
    let file = Tensors::open(&label, weights)?;
    if let Some(bytes) = files.get("config.json").map(|bytes| bytes.len() as u64).filter(|&n| n > CONFIG_LIMIT) {
        let entry = "config.json".to_owned();
        return Err(FileError::TooLong { name: name.to_owned(), entry, bytes, limit: CONFIG_LIMIT });
    }
    let Some(config) = text(name, files, "config.json")? else {
        // Our own single file with others beside it.
        if file.metadata.contains_key("tokenizer") {
            return from_safetensors(name, weights);
        }
        return Err(missing(name, "config.json", "it says what the model computes"));
    };
    let bad = |reason: String| FileError::BadFile { name: name.to_owned(), file: "config.json", reason };
    let config: Value = serde_json::from_str(&config).map_err(|e| bad(e.to_string()))?;
    let tokenizer = tokenizer(name, files)?;
    if config["model_type"] == "fledgling" {
        let (config, history) = own_words(&label, &file)?;
        let checked = check(name, &config, &tokenizer)?;
        let wanted = names::native(&checked.architecture);
        file.check(&wanted, |_| false)?;
        let flat = names::read(&file, &wanted, &checked.architecture)?.unwrap_or_default();
        return Ok(ModelFile { checked, config, tokenizer, history, flat });
    }
    let (class, model) = Class::read(&config).map_err(|error| FileError::BadClass { name: name.to_owned(), error })?;
    // Ours, with all settings, if the model that they describe is the one that config.json describes.
    if let Ok((own, history)) = own_words(name, &file) {
        let same = own.check().is_ok_and(|checked| {
            let again =
                Class::of(&checked.architecture).map(|class| class.config_json(&checked.architecture, None, None));
            again.is_ok_and(|again| Class::read(&again) == Ok((class, model.clone())))
        });
        if same && !(own.model.tied && unties(class, &file)) {
            let checked = check(name, &own, &tokenizer)?;
            let wanted = wanted(class, &checked, &file)?;
            if let Some(flat) = names::read(&file, &wanted, &checked.architecture)? {
                return Ok(ModelFile { checked, config: own, tokenizer, history, flat });
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
    if config.model.tied && unties(class, &file) {
        config.model.tied = false;
        checked = check(name, &config, &tokenizer)?;
    }
    let wanted = wanted(class, &checked, &file)?;
    let flat = names::read(&file, &wanted, &checked.architecture)?.unwrap_or_default();
    Ok(ModelFile { checked, config, tokenizer, history: History::default(), flat })
}

/// Largest vocabulary that [`crate::config::TokenizerConfig`] asks for.
const TRAINED_LIMIT: usize = 32_768;

/// Whether a file has a head of its own, though its configuration ties it: transformers then leaves them apart.
fn unties(class: Class, file: &Tensors<'_>) -> bool {
    let embedding = |prefix: &str| format!("{prefix}{}", names::embedding(class));
    file.has(HEAD) && !["", names::prefix(class)].iter().any(|prefix| file.equal(HEAD, &embedding(prefix)))
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
