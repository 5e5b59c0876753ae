//! Safetensors: a header of JSON, then the numbers. Written here tensor by tensor; read through the `safetensors` crate, which
//! checks offsets and sizes, and then held against what a configuration expects.

use super::FileError;
use super::names::Tensor;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Longest header that is read or written, bytes: the Hub stops at 25 MB.
const HEADER_LIMIT: u64 = 16 << 20;

/// Length and header of a file of these tensors, as F32 and in their order.
///
/// # Errors
/// [`FileError::Unwritable`] where it is too long for any reader.
pub(super) fn header(metadata: &[(&str, String)], tensors: &[Tensor]) -> Result<Vec<u8>, FileError> {
    let entries = tensors.iter().map(|tensor| Entry {
        name: tensor.name.clone(),
        dtype: "F32",
        shape: tensor.shape.clone(),
        bytes: 4 * tensor.len() as u64,
    });
    Ok(header_of(metadata, entries)?.0)
}

/// What a header says of a tensor.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) dtype: &'static str,
    /// Outermost first.
    pub(super) shape: Vec<usize>,
    pub(super) bytes: u64,
}

/// Length and header of a file of these tensors, in their order; and the bytes of the whole file.
///
/// # Errors
/// As [`header`].
pub(super) fn header_of(
    metadata: &[(&str, String)],
    entries: impl Iterator<Item = Entry>,
) -> Result<(Vec<u8>, u64), FileError> {
    let texts: Map<String, Value> = metadata.iter().map(|(key, text)| ((*key).to_owned(), json!(text))).collect();
    let mut header = Map::new();
    header.insert("__metadata__".to_owned(), Value::Object(texts));
    let mut start = 0;
    for Entry { name, dtype, shape, bytes } in entries {
        let end = start + bytes;
        header.insert(name, json!({"dtype": dtype, "shape": shape, "data_offsets": [start, end]}));
        start = end;
    }
    let mut text = serde_json::to_vec(&header).map_err(|e| FileError::Unwritable(e.to_string()))?;
    text.resize(text.len().next_multiple_of(8), b' '); // the data is aligned to 8 bytes
    let length = text.len() as u64;
    if length > HEADER_LIMIT {
        return Err(FileError::Unwritable(format!(
            "its header would have {length} bytes, at most {HEADER_LIMIT} are read"
        )));
    }
    Ok(([&length.to_le_bytes(), text.as_slice()].concat(), 8 + length + start))
}

/// A file that was opened: its header is whole, its tensors lie inside it and do not overlap.
pub(super) struct Tensors<'a> {
    /// File name, for messages.
    name: &'a str,
    /// Text that others put beside the tensors.
    pub(super) metadata: HashMap<String, String>,
    file: SafeTensors<'a>,
}

impl<'a> Tensors<'a> {
    /// # Errors
    /// [`FileError::HeaderTooLong`], [`FileError::NotSafetensors`].
    pub(super) fn open(name: &'a str, bytes: &'a [u8]) -> Result<Self, FileError> {
        if let Some(length) = bytes.first_chunk().map(|head| u64::from_le_bytes(*head)).filter(|&n| n > HEADER_LIMIT) {
            return Err(FileError::HeaderTooLong { name: name.to_owned(), bytes: length, limit: HEADER_LIMIT });
        }
        let broken = |e: safetensors::SafeTensorError| FileError::NotSafetensors {
            name: name.to_owned(),
            reason: e.to_string(),
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let file = SafeTensors::deserialize(bytes).map_err(broken)?;
        Ok(Self { name, metadata: header.metadata().clone().unwrap_or_default(), file })
    }

    /// Whether it has a tensor.
    pub(super) fn has(&self, tensor: &str) -> bool {
        self.file.tensor(tensor).is_ok()
    }

    /// A tensor's bytes.
    pub(super) fn bytes(&self, tensor: &str) -> Option<&'a [u8]> {
        self.file.tensor(tensor).ok().map(|view| view.data())
    }

    /// Whether the name of any tensor begins so.
    pub(super) fn any_begins(&self, prefix: &str) -> bool {
        self.file.names().iter().any(|name| name.starts_with(prefix))
    }

    /// Whether two tensors hold the same bytes.
    pub(super) fn equal(&self, one: &str, other: &str) -> bool {
        let tensor = |name| self.file.tensor(name).ok();
        matches!((tensor(one), tensor(other)), (Some(a), Some(b)) if a.dtype() == b.dtype() && a.data() == b.data())
    }

    /// Refuses tensors that are neither wanted nor `ignored`, and wanted ones that are missing or of another shape or type.
    ///
    /// # Errors
    /// [`FileError`] with the tensor's name.
    pub(super) fn check(&self, wanted: &[Tensor], ignored: impl Fn(&str) -> bool) -> Result<(), FileError> {
        let known: HashMap<&str, &Tensor> = wanted.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        let name = || self.name.to_owned();
        let mut names = self.file.names();
        names.sort_unstable();
        for tensor in names {
            let Ok(view) = self.file.tensor(tensor) else { continue };
            if !known.contains_key(tensor) && !ignored(tensor) {
                let (tensor, found) = (tensor.to_owned(), view.shape().to_vec());
                return Err(FileError::UnknownTensor { name: name(), tensor, found });
            }
        }
        for Tensor { name: tensor, shape, .. } in wanted {
            let (tensor, expected) = (tensor.clone(), shape.clone());
            let Ok(view) = self.file.tensor(&tensor) else {
                return Err(FileError::MissingTensor { name: name(), tensor, expected });
            };
            if view.shape() != expected {
                return Err(FileError::WrongShape { name: name(), tensor, found: view.shape().to_vec(), expected });
            }
            if !matches!(view.dtype(), Dtype::F32 | Dtype::F16 | Dtype::BF16) {
                return Err(FileError::WrongType { name: name(), tensor, found: format!("{:?}", view.dtype()) });
            }
        }
        Ok(())
    }

    /// A tensor's numbers, all finite.
    ///
    /// # Errors
    /// [`FileError::NotFinite`]; [`FileError::MissingTensor`] where it was not checked before.
    pub(super) fn values(&self, wanted: &Tensor) -> Result<Vec<f32>, FileError> {
        let (name, tensor) = (|| self.name.to_owned(), || wanted.name.clone());
        let Ok(view) = self.file.tensor(&wanted.name) else {
            return Err(FileError::MissingTensor { name: name(), tensor: tensor(), expected: wanted.shape.clone() });
        };
        let Some(values) = decode(&view) else {
            return Err(FileError::WrongType { name: name(), tensor: tensor(), found: format!("{:?}", view.dtype()) });
        };
        match values.iter().filter(|v| !v.is_finite()).count() {
            0 => Ok(values),
            count => Err(FileError::NotFinite { name: name(), tensor: tensor(), count, total: values.len() }),
        }
    }
}

/// Numbers of a tensor as f32; none where its type is not read.
fn decode(view: &TensorView<'_>) -> Option<Vec<f32>> {
    let pairs = || view.data().chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    match view.dtype() {
        Dtype::F32 => Some(view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()),
        Dtype::BF16 => Some(pairs().map(|x| f32::from_bits(u32::from(x) << 16)).collect()),
        Dtype::F16 => Some(pairs().map(half).collect()),
        _ => None,
    }
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
