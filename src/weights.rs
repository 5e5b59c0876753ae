//! A model as a safetensors file, out and in: parameters by name, configuration and tokenizer in the metadata.
//!
//! On the way in nothing is trusted: names and shapes follow from the file's own configuration, anything else is refused
//! by name with both numbers, and the model in memory stays as it is until the whole file has been accepted.

use crate::config::{Checked, Config, ConfigError};
use crate::model::Layout;
use crate::tokenizer::{Tokenizer, TokenizerError};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub mod checkpoint;

/// Longest header that is read or written, bytes: the Hub stops at 25 MB.
const HEADER_LIMIT: u64 = 16 << 20;

/// How a model came to be, beside its configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// Steps that it was trained for.
    pub step: u32,
    /// Last training loss, nats.
    pub training_loss: Option<f32>,
    /// Last validation loss, nats.
    pub validation_loss: Option<f32>,
    /// Characters of the text.
    pub text_characters: usize,
}

/// A model as it leaves or enters.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// All choices.
    pub checked: Checked,
    /// As typed: what is written.
    pub config: Config,
    /// Its tokens.
    pub tokenizer: Tokenizer,
    /// How it came to be.
    pub history: History,
    /// Parameters, flat as [`Layout`] says.
    pub flat: Vec<f32>,
}

/// One way for a file to be wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FileError {
    /// Not a safetensors file at all, or a broken one.
    #[error("{name} is not a whole safetensors file: {reason}")]
    NotSafetensors {
        /// File name.
        name: String,
        /// What the reader found.
        reason: String,
    },
    /// A header that is absurdly long.
    #[error("{name}: the header claims {bytes} bytes, at most {limit} are read")]
    HeaderTooLong {
        /// File name.
        name: String,
        /// What it claims.
        bytes: u64,
        /// The cap.
        limit: u64,
    },
    /// A safetensors file of something else.
    #[error("{name} lacks {key} in its metadata: it was not exported by Fledgling")]
    MissingMetadata {
        /// File name.
        name: String,
        /// The key.
        key: &'static str,
    },
    /// Metadata that does not parse.
    #[error("{name}: the {key} in its metadata cannot be read: {reason}")]
    BadMetadata {
        /// File name.
        name: String,
        /// The key.
        key: &'static str,
        /// The parser's words.
        reason: String,
    },
    /// A configuration that contradicts itself.
    #[error("{name}: {error}")]
    BadConfig {
        /// File name.
        name: String,
        /// Why.
        error: ConfigError,
    },
    /// Tokenizer and configuration disagree.
    #[error("{name}: the tokenizer has {tokens} tokens, the configuration a vocabulary of {vocab}")]
    VocabularyMismatch {
        /// File name.
        name: String,
        /// In the tokenizer.
        tokens: usize,
        /// In the configuration.
        vocab: usize,
    },
    /// A tensor that the configuration needs.
    #[error("{name}: tensor {tensor} {expected:?} is missing")]
    MissingTensor {
        /// File name.
        name: String,
        /// Parameter.
        tensor: String,
        /// Its shape.
        expected: Vec<usize>,
    },
    /// A tensor that the configuration does not know.
    #[error("{name}: tensor {tensor} {found:?} does not belong to this configuration")]
    UnknownTensor {
        /// File name.
        name: String,
        /// As named.
        tensor: String,
        /// Its shape.
        found: Vec<usize>,
    },
    /// A tensor of another shape.
    #[error("{name}: tensor {tensor} is {found:?}, the configuration needs {expected:?}")]
    WrongShape {
        /// File name.
        name: String,
        /// Parameter.
        tensor: String,
        /// In the file.
        found: Vec<usize>,
        /// By the configuration.
        expected: Vec<usize>,
    },
    /// A kind of number that is not read.
    #[error("{name}: tensor {tensor} holds {found}; F32, F16 and BF16 are read")]
    WrongType {
        /// File name.
        name: String,
        /// Parameter.
        tensor: String,
        /// In the file.
        found: String,
    },
    /// Infinite weights or NaN.
    #[error("{name}: {count} of {total} weights in tensor {tensor} are not finite numbers")]
    NotFinite {
        /// File name.
        name: String,
        /// Parameter.
        tensor: String,
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
    },
    /// The writer refused.
    #[error("the model cannot be written: {0}")]
    Unwritable(String),
}

/// The bytes of a safetensors file.
///
/// # Errors
/// [`FileError::Unwritable`].
pub fn to_safetensors(file: &ModelFile) -> Result<Vec<u8>, FileError> {
    let layout = Layout::new(&file.checked.architecture);
    let metadata = metadata_of(&file.config, &file.tokenizer, &file.history)?;
    let mut tensors = Vec::new();
    for (parameter, place) in layout.places() {
        let data = bytemuck::cast_slice(&file.flat[place]);
        let view = TensorView::new(Dtype::F32, parameter.shape.clone(), data);
        tensors.push((parameter.name.clone(), view.map_err(|e| FileError::Unwritable(e.to_string()))?));
    }
    let bytes = safetensors::serialize(tensors, Some(metadata)).map_err(|e| FileError::Unwritable(e.to_string()))?;
    sort_header(bytes).map_err(|e| FileError::Unwritable(e.to_string()))
}

/// What is told of a model beside its numbers.
fn metadata_of(
    config: &Config,
    tokenizer: &Tokenizer,
    history: &History,
) -> Result<HashMap<String, String>, FileError> {
    fn json<T>(value: Result<T, serde_json::Error>) -> Result<T, FileError> {
        value.map_err(|e| FileError::Unwritable(e.to_string()))
    }
    let tokenizer = tokenizer.to_json().map_err(|e| FileError::Unwritable(e.to_string()))?;
    let entries = [
        ("format", "pt".to_owned()),
        ("fledgling", env!("CARGO_PKG_VERSION").to_owned()),
        ("config", json(serde_json::to_string(config))?),
        ("tokenizer", tokenizer),
        ("training", json(serde_json::to_string(history))?),
    ];
    Ok(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The same file with its header's keys in order: the library writes metadata in the order of a hash map, but one model is to
/// be one file.
fn sort_header(bytes: Vec<u8>) -> Result<Vec<u8>, serde_json::Error> {
    let Some((length, rest)) = bytes.split_first_chunk() else { return Ok(bytes) };
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header: serde_json::Value = serde_json::from_slice(header)?;
    let mut header = serde_json::to_vec(&header)?;
    header.resize(header.len().next_multiple_of(8), b' '); // the data is aligned to 8 bytes
    Ok([&(header.len() as u64).to_le_bytes(), header.as_slice(), data].concat())
}

/// Reads what [`to_safetensors`] writes, trusting nothing.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn from_safetensors(name: &str, bytes: &[u8]) -> Result<ModelFile, FileError> {
    Ok(read_model(name, bytes, None)?.0)
}

/// The model in a safetensors file, and an entry of the metadata that must be there.
fn read_model(name: &str, bytes: &[u8], key: Option<&'static str>) -> Result<(ModelFile, Option<String>), FileError> {
    let file = name;
    let name = || name.to_owned();
    if let Some(length) = bytes.first_chunk().map(|head| u64::from_le_bytes(*head)).filter(|&n| n > HEADER_LIMIT) {
        return Err(FileError::HeaderTooLong { name: name(), bytes: length, limit: HEADER_LIMIT });
    }
    let broken = |e: safetensors::SafeTensorError| FileError::NotSafetensors { name: name(), reason: e.to_string() };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(broken)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let entry = |key| metadata.get(key).ok_or(FileError::MissingMetadata { name: name(), key });
    let bad = |key, reason: String| FileError::BadMetadata { name: name(), key, reason };
    let config: Config = serde_json::from_str(entry("config")?).map_err(|e| bad("config", e.to_string()))?;
    let history: History = serde_json::from_str(entry("training")?).map_err(|e| bad("training", e.to_string()))?;
    let tokenizer =
        Tokenizer::from_json(entry("tokenizer")?).map_err(|e: TokenizerError| bad("tokenizer", e.to_string()))?;
    let checked = config.check().map_err(|error| FileError::BadConfig { name: name(), error })?;
    if tokenizer.vocab() != checked.architecture.vocab {
        let (tokens, vocab) = (tokenizer.vocab(), checked.architecture.vocab);
        return Err(FileError::VocabularyMismatch { name: name(), tokens, vocab });
    }
    let layout = Layout::new(&checked.architecture);
    for (tensor, view) in tensors.iter() {
        if layout.find(tensor).is_none() && !checkpoint::is_of_session(tensor, &layout) {
            let (tensor, found) = (tensor.to_owned(), view.shape().to_vec());
            return Err(FileError::UnknownTensor { name: name(), tensor, found });
        }
    }
    let flat = decode_all(file, &tensors, &layout, "")?;
    let more = key.map(entry).transpose()?.cloned();
    Ok((ModelFile { checked, config, tokenizer, history, flat }, more))
}

/// All parameters of a file, named with a prefix, flat as the layout says.
fn decode_all(file: &str, tensors: &SafeTensors<'_>, layout: &Layout, prefix: &str) -> Result<Vec<f32>, FileError> {
    let name = || file.to_owned();
    // Every shape is checked against the file before the memory for the weights is taken.
    let mut views = Vec::new();
    for parameter in &layout.parameters {
        let (tensor, expected) = (format!("{prefix}{}", parameter.name), parameter.shape.clone());
        let Ok(view) = tensors.tensor(&tensor) else {
            return Err(FileError::MissingTensor { name: name(), tensor, expected });
        };
        if view.shape() != expected {
            return Err(FileError::WrongShape { name: name(), tensor, found: view.shape().to_vec(), expected });
        }
        views.push(view);
    }
    let mut flat = vec![0.0; layout.words];
    for ((parameter, place), view) in layout.places().zip(views) {
        let values = &mut flat[place];
        let tensor = || format!("{prefix}{}", parameter.name);
        if !decode(&view, values) {
            return Err(FileError::WrongType { name: name(), tensor: tensor(), found: format!("{:?}", view.dtype()) });
        }
        let count = values.iter().filter(|v| !v.is_finite()).count();
        if count > 0 {
            return Err(FileError::NotFinite { name: name(), tensor: tensor(), count, total: values.len() });
        }
    }
    Ok(flat)
}

/// Numbers of a tensor as f32; false where its type is not read.
fn decode(view: &TensorView<'_>, values: &mut [f32]) -> bool {
    let pairs = || view.data().chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    match view.dtype() {
        Dtype::F32 => {
            let words = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            values.iter_mut().zip(words).for_each(|(v, x)| *v = x);
        }
        Dtype::BF16 => values.iter_mut().zip(pairs()).for_each(|(v, x)| *v = f32::from_bits(u32::from(x) << 16)),
        Dtype::F16 => values.iter_mut().zip(pairs()).for_each(|(v, x)| *v = half(x)),
        _ => return false,
    }
    true
}

/// IEEE 754 binary16 → f32, exactly.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        0x1f if fraction == 0.0 => f32::INFINITY,
        0x1f => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}
