//! A whole session as one safetensors file: the model as [`export`](super::export) writes it, and beside it the
//! optimizer's state, the best checkpoint, the texts, and a record of where training stands. It is written part by part,
//! so that it is never in memory whole.

use super::export::own_words;
use super::import::{entry, own};
use super::names::{self, Tensor};
use super::tensors::{Entry, Tensors, header_of};
use super::{FileError, History, ModelFile};
use crate::config::Config;
use crate::model::Layout;
use crate::optimizer;
use crate::tokenizer::Tokenizer;
use std::rc::Rc;

/// What the file has of a flat buffer, tensor by tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Before the names of its tensors.
    pub prefix: String,
    /// The buffer's name on a device.
    pub buffer: &'static str,
    /// Whether it belongs to the best checkpoint.
    pub best: bool,
}

/// Every section that a file may have, in its order: weights and what optimizers keep, then those of the best checkpoint.
pub fn sections() -> impl Iterator<Item = Section> {
    let section = |flat: &optimizer::Flat, best: bool| {
        let now = if *flat == optimizer::PARAMETERS { String::new() } else { format!("{}.", flat.name) };
        let (prefix, buffer) = if best { (format!("best.{now}"), flat.best) } else { (now, flat.name) };
        Section { prefix, buffer, best }
    };
    let all = optimizer::written_by_any();
    [false, true].into_iter().flat_map(move |best| all.iter().map(|flat| section(flat, best)).collect::<Vec<_>>())
}

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
    /// Which of [`sections`] follow.
    pub sections: &'a [Section],
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
    /// The [`sections`] behind the first that are there, flat as [`Layout`] says.
    pub sections: Vec<(Section, Vec<f32>)>,
    /// [`TEXTS`].
    pub texts: [Option<String>; 2],
}

/// The file's beginning, up to its first number; and the size of the whole file in bytes. Behind it come, little-endian, the
/// numbers of each of `sections` in the order of [`Layout::places`], then the bytes of `texts`.
///
/// # Errors
/// [`FileError::Unwritable`].
pub fn head(layout: &Layout, head: &Head<'_>) -> Result<(Vec<u8>, u64), FileError> {
    let unwritable = |e: serde_json::Error| FileError::Unwritable { reason: e.to_string() };
    let training = serde_json::to_string(head.history).map_err(unwritable)?;
    let mut metadata = own_words(head.config, &training)?;
    metadata.push(("tokenizer", head.tokenizer.to_json()?));
    metadata.push((SESSION, head.record.to_owned()));
    let tensors = head.sections.iter().flat_map(|Section { prefix, .. }| {
        layout.places().map(move |(parameter, place)| Entry {
            name: format!("{prefix}{}", parameter.name),
            dtype: "F32",
            shape: parameter.shape.clone(),
            bytes: 4 * place.len() as u64,
        })
    });
    let texts = TEXTS.iter().zip(head.texts).filter_map(|(name, bytes)| {
        let bytes = bytes?;
        Some(Entry { name: (*name).to_owned(), dtype: "U8", shape: vec![bytes], bytes: bytes as u64 })
    });
    header_of(&metadata, tensors.chain(texts))
}

/// A flat buffer as the file has it: without the gaps between parameters.
pub fn packed(layout: &Layout, flat: &[f32]) -> Vec<u8> {
    layout.places().flat_map(|(_, place)| bytemuck::cast_slice::<f32, u8>(&flat[place])).copied().collect()
}

/// Whether a file's tensor is one that only a session needs.
pub(super) fn is_of_session(name: &str, layout: &Layout) -> bool {
    let of_section = |section: Section| name.strip_prefix(&section.prefix).is_some_and(|p| layout.find(p).is_some());
    TEXTS.contains(&name) || sections().skip(1).any(of_section)
}

/// Reads what [`head`] begins, trusting nothing.
///
/// # Errors
/// One [`FileError`] per way to be wrong.
pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Saved, FileError> {
    let incoming = own(name, Tensors::open(name, Rc::new(bytes))?)?;
    let record = entry(name, &incoming.file, SESSION)?.to_owned();
    let (file, architecture) = (&incoming.file, &incoming.checked.architecture);
    let layout = Layout::new(architecture);
    let mut there = Vec::new();
    for section in sections().skip(1) {
        let named = |tensor: Tensor| Tensor { name: format!("{}{}", section.prefix, tensor.name), ..tensor };
        let wanted: Vec<Tensor> = names::native(architecture).into_iter().map(named).collect();
        // All of a kind are there, or none.
        if wanted.iter().any(|tensor| file.has(&tensor.name)) {
            file.check(&wanted, |_| true)?;
            let values = names::read(file, &wanted, &layout)?;
            there.push((section, values));
        }
    }
    let mut texts = [const { None }; 2];
    for (text, key) in texts.iter_mut().zip(TEXTS) {
        let Some(bytes) = file.bytes(key)? else { continue };
        let words = std::str::from_utf8(&bytes).map_err(|e| FileError::TextNotUtf8 {
            name: name.to_owned(),
            tensor: key,
            at: e.valid_up_to(),
        })?;
        *text = Some(words.to_owned());
    }
    Ok(Saved { model: incoming.whole()?, record, sections: there, texts })
}
