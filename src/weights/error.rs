//! Every way for a file to be wrong, each with its sentence.

use crate::config::{ClassError, ConfigError};

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
    /// A host that no longer gives the file's bytes.
    #[error("{name} could not be read: {reason}")]
    Unreadable {
        /// File name.
        name: String,
        /// The host's words.
        reason: String,
    },
    /// A tensor, or all parameters together, for which the adapter has no room in one piece.
    #[error("{name}: {what} would need {asked} bytes in one piece; this adapter has at most {limit}")]
    NoRoom {
        /// File name.
        name: String,
        /// The tensor and its shape, or how many parameters.
        what: String,
        /// Bytes, as F32.
        asked: u64,
        /// The adapter's limit.
        limit: u64,
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
    /// A zip that cannot be taken apart.
    #[error("{name} is not a whole zip: {reason}")]
    NotZip {
        /// File name.
        name: String,
        /// What the reader found.
        reason: String,
    },
    /// A zip of more entries than a model has.
    #[error("{name} has {count} entries, at most {limit} are read")]
    TooManyEntries {
        /// File name.
        name: String,
        /// In the zip.
        count: usize,
        /// The cap.
        limit: usize,
    },
    /// An entry that does not belong to a model.
    #[error("{name}: the entry {entry} is none of the files of a model; {read} are read")]
    UnknownEntry {
        /// File name.
        name: String,
        /// As named, quoted.
        entry: String,
        /// The files that are read.
        read: String,
    },
    /// One file twice.
    #[error("{name}: {entry} stands there twice")]
    EntryTwice {
        /// File name.
        name: String,
        /// The file.
        entry: String,
    },
    /// Bytes beyond what is read, packed or unpacked.
    #[error("{name}: {entry} comes to {bytes} bytes, at most {limit} are read")]
    TooLong {
        /// File name.
        name: String,
        /// The file in it, or what counts together.
        entry: String,
        /// How many.
        bytes: u64,
        /// The cap.
        limit: u64,
    },
    /// A small file that would unpack to an enormous one.
    #[error("{name}: {entry} would unpack from {packed} bytes to {unpacked}, more than {limit} times as much")]
    Ratio {
        /// File name.
        name: String,
        /// The entry.
        entry: String,
        /// Bytes in the zip.
        packed: u64,
        /// Bytes unpacked.
        unpacked: u64,
        /// The cap.
        limit: u64,
    },
    /// A part of a model that is not there.
    #[error("{name} lacks {file}: {why}")]
    MissingFile {
        /// File name, or names.
        name: String,
        /// What is missing.
        file: &'static str,
        /// What it is for.
        why: &'static str,
    },
    /// A part of the weights that is not there.
    #[error("{name} lacks {file}: model.safetensors.index.json names it")]
    MissingShard {
        /// File name, or names.
        name: String,
        /// The part, as the index names it.
        file: String,
    },
    /// An index that does not fit the parts.
    #[error("{name}: model.safetensors.index.json puts tensor {tensor} into {file}, which does not hold it")]
    WrongShard {
        /// File name, or names.
        name: String,
        /// As the index names it.
        tensor: String,
        /// As the index names it.
        file: String,
    },
    /// A text among the files that is none, or no JSON.
    #[error("{name}: {file} cannot be read: {reason}")]
    BadFile {
        /// File name.
        name: String,
        /// The file in it.
        file: &'static str,
        /// The parser's words.
        reason: String,
    },
    /// A model that is not computed here.
    #[error("{name}: config.json is of a model that is not computed here: {error}")]
    BadClass {
        /// File name.
        name: String,
        /// Why.
        error: ClassError,
    },
    /// A format that has no place for this model.
    #[error("this model cannot be a {format} file: {reason}")]
    NoFormat {
        /// What was asked.
        format: &'static str,
        /// Why not.
        reason: String,
    },
    /// The writer refused.
    #[error("the model cannot be written: {0}")]
    Unwritable(String),
}
