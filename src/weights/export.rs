//! A model on its way out: which files, and what stands in them. The weights are written tensor by tensor.

use super::archive::{self, Archive};
use super::card::{self, Place};
use super::names::{self, Tensor};
use super::{About, FileError, Format, ModelFile, gguf, tensors};
use crate::config::{Class, Config};
use crate::model::Layout;
use serde_json::{Value, json};
use std::io::Write;

/// The module for an architecture that no class computes.
const MODULE: &str = include_str!("model.py");

/// One file's content.
enum Body {
    Bytes(Vec<u8>),
    /// A header, then tensors, each padded to a multiple of `alignment` bytes.
    Tensors {
        head: Vec<u8>,
        tensors: Vec<Tensor>,
        alignment: usize,
    },
}

impl Body {
    fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Tensors { head, tensors, alignment } => {
                let data = tensors.iter().map(|t| (4 * t.len()).next_multiple_of(*alignment) as u64);
                head.len() as u64 + data.sum::<u64>()
            }
        }
    }

    fn write(&self, file: &ModelFile, out: &mut dyn Write) -> std::io::Result<()> {
        match self {
            Self::Bytes(bytes) => out.write_all(bytes),
            Self::Tensors { head, tensors, alignment } => {
                let architecture = &file.checked.architecture;
                let layout = Layout::new(architecture);
                out.write_all(head)?;
                for tensor in tensors {
                    let values = tensor.gather(architecture, &layout, &file.flat);
                    let bytes: &[u8] = bytemuck::cast_slice(&values);
                    out.write_all(bytes)?;
                    out.write_all(&vec![0; bytes.len().next_multiple_of(*alignment) - bytes.len()])?;
                }
                Ok(())
            }
        }
    }
}

/// What is written.
enum File {
    One(Body),
    Zip(Vec<(&'static str, Body)>),
}

fn unwritable(error: impl std::fmt::Display) -> FileError {
    FileError::Unwritable { reason: error.to_string() }
}

/// JSON for people to open: indented.
fn json_file(value: &Value) -> Result<Body, FileError> {
    Ok(Body::Bytes(serde_json::to_vec_pretty(value).map_err(unwritable)?))
}

fn plan(file: &ModelFile, format: Format, about: &About) -> Result<File, FileError> {
    match format {
        Format::Safetensors => {
            let tensors = names::native(&file.checked.architecture);
            Ok(File::One(safetensors(file, tensors, about, true)?))
        }
        Format::Transformers => {
            let zip = folder(file, about)?;
            let length = archive::length(zip.iter().map(|(name, body)| (*name, body.length())));
            if length > archive::LIMIT {
                return Err(FileError::ExportTooLong { bytes: length, limit: archive::LIMIT });
            }
            Ok(File::Zip(zip))
        }
        Format::Gguf => {
            let (head, tensors) = gguf::header(file, &card::card(file, Place::Gguf, about))?;
            Ok(File::One(Body::Tensors { head, tensors, alignment: gguf::ALIGNMENT }))
        }
    }
}

/// A model's file.
///
/// # Errors
/// What the format has no place for; [`FileError::Unwritable`].
pub fn export(file: &ModelFile, format: Format, about: &About) -> Result<Vec<u8>, FileError> {
    match plan(file, format, about)? {
        File::One(body) => {
            let mut bytes = Vec::with_capacity(usize::try_from(body.length()).map_err(unwritable)?);
            body.write(file, &mut bytes).map_err(unwritable)?;
            Ok(bytes)
        }
        File::Zip(bodies) => {
            let mut zip = Archive::new(archive::length(bodies.iter().map(|(name, body)| (*name, body.length()))));
            for (name, body) in bodies {
                zip.add(name, |out| body.write(file, out))?;
            }
            zip.finish()
        }
    }
}

/// Bytes that [`export`] comes to. The weights are not looked at: `flat` may be empty.
///
/// # Errors
/// As [`export`].
pub fn measure(file: &ModelFile, format: Format, about: &About) -> Result<u64, FileError> {
    Ok(match plan(file, format, about)? {
        File::One(body) => body.length(),
        File::Zip(bodies) => archive::length(bodies.iter().map(|(name, body)| (*name, body.length()))),
    })
}

/// The model as safetensors; our own words in its metadata bring every setting back. `alone`: there is no folder around it
/// that holds the tokenizer.
fn safetensors(file: &ModelFile, tensors: Vec<Tensor>, about: &About, alone: bool) -> Result<Body, FileError> {
    let mut training = serde_json::to_value(&file.history).map_err(unwritable)?;
    if let Some(training) = training.as_object_mut() {
        let facts = [("text_name", &about.text_name), ("date", &about.date)];
        training.extend(facts.map(|(key, text)| (key.to_owned(), json!(text))));
    }
    let mut metadata = own_words(&file.config, &training.to_string())?;
    if alone {
        metadata.push(("card", card::card(file, Place::Safetensors, about)));
        metadata.push(("tokenizer", file.tokenizer.to_json()?));
        metadata.push(("tokenizer_config", tokenizer_config(file).to_string()));
    }
    let head = tensors::header(&metadata, &tensors)?;
    Ok(Body::Tensors { head, tensors, alignment: size_of::<f32>() })
}

/// What brings every setting back, beside the tokenizer.
pub(super) fn own_words(config: &Config, training: &str) -> Result<Vec<(&'static str, String)>, FileError> {
    Ok(vec![
        ("config", serde_json::to_string(config).map_err(unwritable)?),
        ("fledgling", env!("CARGO_PKG_VERSION").to_owned()),
        ("format", "pt".to_owned()),
        ("training", training.to_owned()),
    ])
}

/// The files that `from_pretrained` takes, or those of a plain module where no class computes the model.
fn folder(file: &ModelFile, about: &About) -> Result<Vec<(&'static str, Body)>, FileError> {
    let architecture = &file.checked.architecture;
    let class = Class::of(architecture);
    let (begin, end) = (file.tokenizer.begin(), file.tokenizer.end());
    let (config, tensors) = match class {
        Ok(class) => (class.config_json(architecture, begin, end), names::of_class(class, architecture)),
        Err(_) => {
            let mut config = serde_json::to_value(architecture.config()).map_err(unwritable)?;
            config["model_type"] = json!("fledgling");
            (config, names::native(architecture))
        }
    };
    let place = class.as_ref().map_or_else(Place::Module, |class| Place::Class(*class));
    let card = card::card(file, place, about);
    let mut files = vec![
        ("README.md", Body::Bytes(card.into_bytes())),
        ("config.json", json_file(&config)?),
        ("model.safetensors", safetensors(file, tensors, about, false)?),
        ("tokenizer.json", Body::Bytes(file.tokenizer.to_json()?.into_bytes())),
        ("tokenizer_config.json", json_file(&tokenizer_config(file))?),
    ];
    let special = special_tokens(file);
    if special.as_object().is_some_and(|special| !special.is_empty()) {
        files.push(("special_tokens_map.json", json_file(&special)?));
    }
    if class.is_ok() {
        let ids = json!({"bos_token_id": begin, "eos_token_id": end, "pad_token_id": null});
        files.push(("generation_config.json", json_file(&ids)?));
    } else {
        files.push(("model.py", Body::Bytes(MODULE.as_bytes().to_vec())));
    }
    files.sort_by_key(|(name, _)| *name);
    Ok(files)
}

/// Names of the special tokens, by their part.
fn special_tokens(file: &ModelFile) -> Value {
    let tokenizer = &file.tokenizer;
    let parts = [("bos_token", tokenizer.begin()), ("eos_token", tokenizer.end()), ("unk_token", tokenizer.unknown())];
    parts.into_iter().filter_map(|(part, id)| Some((part, json!(tokenizer.token_text(id?))))).collect()
}

/// Never "GPT2Tokenizer": transformers 5 would build a byte-level splitter of its own and break characters and words.
fn tokenizer_config(file: &ModelFile) -> Value {
    let mut config = json!({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": file.checked.architecture.context,
        "clean_up_tokenization_spaces": false,
    });
    if let (Some(config), Value::Object(special)) = (config.as_object_mut(), special_tokens(file)) {
        config.extend(special);
    }
    config
}
