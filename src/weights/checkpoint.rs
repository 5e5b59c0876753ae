//! A whole session as one safetensors file: the model as [`to_safetensors`](super::to_safetensors) writes it, and beside it the
//! optimizer's moments, the best checkpoint, the texts, and a record of where training stands. It is written part by part,
//! so that it is never in memory whole.

use super::{FileError, History, ModelFile, decode_all, metadata_of, read_model};
use crate::config::Config;
use crate::model::Layout;
use crate::tokenizer::Tokenizer;
use safetensors::tensor::SafeTensors;
use serde_json::{Map, Value, json};

/// Prefixes of the names of tensors that are flat as [`Layout`] says, in the order of the file: weights and moments, then
/// those of the best checkpoint.
pub const FLATS: [&str; 6] =
    ["", "optimizer.first.", "optimizer.second.", "best.", "best.optimizer.first.", "best.optimizer.second."];
/// Names of the texts: the one in the box, and the one that the model trains on where that is another.
pub const TEXTS: [&str; 2] = ["text", "run.text"];
/// Key of the record in the metadata.
const SESSION: &str = "session";

/// What the head of the file tells of what follows.
pub struct Head<'a> {
    /// All choices.
    pub config: &'a Config,
    /// The model's tokens.
    pub tokenizer: &'a Tokenizer,
    /// How the model came to be.
    pub history: &'a History,
    /// Where training stands, as the session knows to read it.
    pub record: &'a str,
    /// Which of [`FLATS`] follow.
    pub flats: [bool; 6],
    /// Bytes of [`TEXTS`], where they follow.
    pub texts: [Option<usize>; 2],
}

/// A session as it was read.
#[derive(Debug)]
pub struct Saved {
    /// The model.
    pub model: ModelFile,
    /// As it was written.
    pub record: String,
    /// [`FLATS`] behind the first, flat.
    pub flats: [Option<Vec<f32>>; 5],
    /// [`TEXTS`].
    pub texts: [Option<String>; 2],
}

/// The file's beginning, up to its first number; and the size of the whole file in bytes. Behind it come, little-endian, the
/// numbers of each of `flats` in the order of [`Layout::places`], then the bytes of `texts`.
///
/// # Errors
/// [`FileError::Unwritable`].
pub fn head(layout: &Layout, head: &Head<'_>) -> Result<(Vec<u8>, u64), FileError> {
    let metadata = metadata_of(head.config, head.tokenizer, head.history)?;
    let mut metadata: Map<String, Value> = metadata.into_iter().map(|(key, value)| (key, value.into())).collect();
    metadata.insert(SESSION.into(), head.record.into());
    let mut header = Map::from_iter([("__metadata__".to_owned(), Value::Object(metadata))]);
    let mut at = 0u64;
    let mut put = |name: String, dtype: &str, shape: &[usize], bytes: u64| {
        header.insert(name, json!({ "dtype": dtype, "shape": shape, "data_offsets": [at, at + bytes] }));
        at += bytes;
    };
    for (prefix, _) in FLATS.iter().zip(head.flats).filter(|(_, there)| *there) {
        for (parameter, place) in layout.places() {
            put(format!("{prefix}{}", parameter.name), "F32", &parameter.shape, 4 * place.len() as u64);
        }
    }
    for (name, bytes) in TEXTS.iter().zip(head.texts).filter_map(|(name, bytes)| Some((name, bytes?))) {
        put((*name).to_owned(), "U8", &[bytes], bytes as u64);
    }
    let mut header = serde_json::to_vec(&header).map_err(|e| FileError::Unwritable(e.to_string()))?;
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.append(&mut header);
    let size = bytes.len() as u64 + at;
    Ok((bytes, size))
}

/// A flat buffer as the file has it: without the gaps between parameters.
pub fn packed(layout: &Layout, flat: &[f32]) -> Vec<u8> {
    layout.places().flat_map(|(_, place)| bytemuck::cast_slice::<f32, u8>(&flat[place])).copied().collect()
}

/// Whether a file's tensor is one that only a session needs.
pub(super) fn is_of_session(name: &str, layout: &Layout) -> bool {
    let of_flat = FLATS[1..].iter().filter_map(|prefix| name.strip_prefix(prefix));
    TEXTS.contains(&name) || of_flat.into_iter().any(|parameter| layout.find(parameter).is_some())
}

/// Reads what [`head`] begins, trusting nothing.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Saved, FileError> {
    let (model, record) = read_model(name, bytes, Some(SESSION))?;
    let layout = Layout::new(&model.checked.architecture);
    let broken = |reason: String| FileError::NotSafetensors { name: name.to_owned(), reason };
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| broken(e.to_string()))?;
    let mut flats = [const { None }; 5];
    for (flat, prefix) in flats.iter_mut().zip(&FLATS[1..]) {
        // All of a kind are there, or none.
        if layout.parameters.iter().any(|p| tensors.tensor(&format!("{prefix}{}", p.name)).is_ok()) {
            *flat = Some(decode_all(name, &tensors, &layout, prefix)?);
        }
    }
    let mut texts = [const { None }; 2];
    for (text, key) in texts.iter_mut().zip(TEXTS) {
        let Ok(view) = tensors.tensor(key) else { continue };
        let words = std::str::from_utf8(view.data()).map_err(|e| broken(format!("tensor {key} is not UTF-8: {e}")))?;
        *text = Some(words.to_owned());
    }
    Ok(Saved { model, record: record.unwrap_or_default(), flats, texts })
}
