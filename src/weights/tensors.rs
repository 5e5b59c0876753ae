//! Safetensors: a header of JSON, then the numbers. Written here tensor by tensor; their headers read through the
//! `safetensors` crate, which checks offsets and sizes, and then held against what a configuration expects.

use super::FileError;
use super::names::Tensor;
use super::source::{Source, stretches};
use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

/// Longest header that is read or written, bytes: the Hub stops at 25 MB.
const HEADER_LIMIT: u64 = 16 << 20;

/// Length and header of a file of these tensors, as F32 and in their order.
///
/// # Errors
/// [`FileError::HeaderTooLongToWrite`].
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
    let mut text = serde_json::to_vec(&header).map_err(|e| FileError::Unwritable { reason: e.to_string() })?;
    text.resize(text.len().next_multiple_of(8), b' '); // the data is aligned to 8 bytes
    let length = text.len() as u64;
    if length > HEADER_LIMIT {
        return Err(FileError::HeaderTooLongToWrite { bytes: length, limit: HEADER_LIMIT });
    }
    Ok(([&length.to_le_bytes(), text.as_slice()].concat(), 8 + length + start))
}

/// A file that was opened, or the several that a model is divided into: headers are whole, tensors lie inside and do not overlap.
/// Their numbers are read as they are asked for.
pub(super) struct Tensors<'a> {
    /// File name, for messages.
    name: String,
    /// Text that others put beside the tensors.
    pub(super) metadata: HashMap<String, String>,
    tensors: BTreeMap<String, Place>,
    /// The files, each by its name.
    files: Vec<(String, Rc<dyn Source + 'a>)>,
}

/// Where a tensor lies, and what its file's header says of it.
struct Place {
    info: TensorInfo,
    file: usize,
    /// Its bytes in that file.
    at: Range<u64>,
}

impl<'a> Tensors<'a> {
    /// # Errors
    /// [`FileError::HeaderTooLong`], [`FileError::NotSafetensors`], [`FileError::Unreadable`].
    pub(super) fn open(name: &str, file: Rc<dyn Source + 'a>) -> Result<Self, FileError> {
        let name = name.to_owned();
        let broken = |reason: &dyn std::fmt::Display| FileError::NotSafetensors {
            name: name.clone(),
            reason: reason.to_string(),
        };
        let read = |at| read(&name, file.as_ref(), at);
        let size = file.size();
        let Some(length) = read(0..size.min(8))?.first_chunk().map(|head| u64::from_le_bytes(*head)) else {
            return Err(broken(&SafeTensorError::HeaderTooSmall));
        };
        if length > HEADER_LIMIT {
            return Err(FileError::HeaderTooLong { name, bytes: length, limit: HEADER_LIMIT });
        }
        let start = 8 + length;
        if start > size {
            return Err(broken(&SafeTensorError::InvalidHeaderLength));
        }
        let header = read(8..start)?;
        let header = std::str::from_utf8(&header).map_err(|e| broken(&SafeTensorError::InvalidHeader(e)))?;
        // Held against itself by the crate: offsets without gap and overlap, sizes by shape and type.
        let header: Metadata = serde_json::from_str(header).map_err(|e| broken(&e))?;
        if start + header.data_len() as u64 != size {
            return Err(broken(&SafeTensorError::MetadataIncompleteBuffer));
        }
        let place = |(tensor, info): (String, &TensorInfo)| {
            let (begin, end) = info.data_offsets;
            (tensor, Place { info: info.clone(), file: 0, at: start + begin as u64..start + end as u64 })
        };
        let tensors = header.tensors().into_iter().map(place).collect();
        let metadata = header.metadata().clone().unwrap_or_default();
        Ok(Self { files: vec![(name.clone(), Rc::clone(&file))], name, metadata, tensors })
    }

    /// Several files as if they were one.
    ///
    /// # Errors
    /// [`FileError::TensorTwice`] for a tensor that two of them hold.
    pub(super) fn join(name: &str, parts: Vec<Self>) -> Result<Self, FileError> {
        let name = name.to_owned();
        let mut all = Self { name, metadata: HashMap::new(), tensors: BTreeMap::new(), files: Vec::new() };
        for part in parts {
            let first = all.files.len();
            all.files.extend(part.files);
            all.metadata.extend(part.metadata);
            for (tensor, place) in part.tensors {
                if all.tensors.contains_key(&tensor) {
                    return Err(FileError::TensorTwice { name: all.name, tensor });
                }
                all.tensors.insert(tensor, Place { file: first + place.file, ..place });
            }
        }
        Ok(all)
    }

    /// File name, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has a tensor.
    pub(super) fn has(&self, tensor: &str) -> bool {
        self.tensors.contains_key(tensor)
    }

    fn read(&self, place: &Place, at: Range<u64>) -> Result<Cow<'_, [u8]>, FileError> {
        let (name, file) = &self.files[place.file];
        read(name, file.as_ref(), at)
    }

    /// A tensor's bytes.
    ///
    /// # Errors
    /// [`FileError::Unreadable`].
    pub(super) fn bytes(&self, tensor: &str) -> Result<Option<Cow<'_, [u8]>>, FileError> {
        self.tensors.get(tensor).map(|place| self.read(place, place.at.clone())).transpose()
    }

    /// Whether the name of any tensor begins so.
    pub(super) fn any_begins(&self, prefix: &str) -> bool {
        self.tensors.keys().any(|name| name.starts_with(prefix))
    }

    /// Whether two tensors hold the same bytes.
    ///
    /// # Errors
    /// [`FileError::Unreadable`].
    pub(super) fn equal(&self, one: &str, other: &str) -> Result<bool, FileError> {
        let (Some(one), Some(other)) = (self.tensors.get(one), self.tensors.get(other)) else { return Ok(false) };
        if one.info.dtype != other.info.dtype || one.at.end - one.at.start != other.at.end - other.at.start {
            return Ok(false);
        }
        for (a, b) in stretches(one.at.clone()).zip(stretches(other.at.clone())) {
            if self.read(one, a)? != self.read(other, b)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Refuses tensors that are neither wanted nor `ignored`, and wanted ones that are missing or of another shape or type.
    ///
    /// # Errors
    /// [`FileError`] with the tensor's name.
    pub(super) fn check(&self, wanted: &[Tensor], ignored: impl Fn(&str) -> bool) -> Result<(), FileError> {
        let known: HashSet<&str> = wanted.iter().map(|tensor| tensor.name.as_str()).collect();
        let name = |place: &Place| self.files[place.file].0.clone();
        for (tensor, place) in &self.tensors {
            if !known.contains(tensor.as_str()) && !ignored(tensor) {
                let (tensor, found) = (tensor.clone(), place.info.shape.clone());
                return Err(FileError::UnknownTensor { name: name(place), tensor, found });
            }
        }
        for Tensor { name: tensor, shape, .. } in wanted {
            let (tensor, expected) = (tensor.clone(), shape.clone());
            let Some(place) = self.tensors.get(&tensor) else {
                return Err(FileError::MissingTensor { name: self.name.clone(), tensor, expected });
            };
            let TensorInfo { shape: found, dtype, .. } = &place.info;
            if *found != expected {
                return Err(FileError::WrongShape { name: name(place), tensor, found: found.clone(), expected });
            }
            if !matches!(dtype, Dtype::F32 | Dtype::F16 | Dtype::BF16) {
                return Err(FileError::WrongType { name: name(place), tensor, found: format!("{dtype:?}") });
            }
        }
        Ok(())
    }

    /// Hands over a tensor's numbers one by one. Where some are not finite, the end says so.
    ///
    /// # Errors
    /// [`FileError::WeightsNotFinite`], [`FileError::Unreadable`]; [`FileError::MissingTensor`] where it was not checked before.
    pub(super) fn each(&self, wanted: &Tensor, mut take: impl FnMut(f32)) -> Result<(), FileError> {
        let tensor = wanted.name.clone();
        let Some(place) = self.tensors.get(&tensor) else {
            let expected = wanted.shape.clone();
            return Err(FileError::MissingTensor { name: self.name.clone(), tensor, expected });
        };
        let name = self.files[place.file].0.clone();
        let (mut count, mut total) = (0, 0);
        let mut pass = |value: f32| {
            total += 1;
            count += usize::from(!value.is_finite());
            take(value);
        };
        for at in stretches(place.at.clone()) {
            let bytes = self.read(place, at)?;
            let pairs = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
            match place.info.dtype {
                Dtype::F32 => {
                    bytes.chunks_exact(4).for_each(|b| pass(f32::from_le_bytes([b[0], b[1], b[2], b[3]])));
                }
                Dtype::BF16 => pairs.for_each(|bits| pass(f32::from_bits(u32::from(bits) << 16))),
                Dtype::F16 => pairs.for_each(|bits| pass(half(bits))),
                other => return Err(FileError::WrongType { name, tensor, found: format!("{other:?}") }),
            }
        }
        if count > 0 { Err(FileError::WeightsNotFinite { name, tensor, count, total }) } else { Ok(()) }
    }
}

fn read<'a>(name: &str, file: &'a dyn Source, at: Range<u64>) -> Result<Cow<'a, [u8]>, FileError> {
    file.read(at).map_err(|reason| FileError::Unreadable { name: name.to_owned(), reason })
}

/// IEEE 754 binary16 → f32, exactly.
fn half(bits: u16) -> f32 {
    let (sign, rest) = (u32::from(bits & 0x8000) << 16, u32::from(bits & 0x7fff));
    if rest >= 0x7c00 {
        // infinity and NaN
        return f32::from_bits(sign | 0x7f80_0000 | (rest & 0x3ff) << 13);
    }
    // 2^112, by which the two exponents count from different numbers; it also makes normal what is subnormal in binary16.
    f32::from_bits(sign | rest << 13) * f32::from_bits((112 + 127) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_the_number_that_it_stands_for() {
        for bits in 0..=u16::MAX {
            let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
            let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
            let want = sign
                * match exponent {
                    0 => fraction * 2f32.powi(-24),
                    0x1f if fraction == 0.0 => f32::INFINITY,
                    0x1f => f32::NAN,
                    _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
                };
            let got = half(bits);
            assert!(got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(), "{bits:#x}: {got}, want {want}");
        }
    }
}
