//! Every way for a file to be wrong.

use crate::config::{ClassError, ConfigError, NoClass, NoGguf, TokenizerKind};
use crate::tokenizer::TokenizerError;
use serde::{Serialize, Serializer};

/// What a file claims, which may be more than JavaScript counts in whole numbers: as a float it is never refused on its way.
fn as_float<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(*number as f64)
}

/// One way for a file to be wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum FileError {
    /// Not a safetensors file at all, or a broken one.
    NotSafetensors {
        /// File name.
        name: String,
        /// What the reader found.
        reason: String,
    },
    /// A host that no longer gives the file's bytes.
    Unreadable {
        /// File name.
        name: String,
        /// The host's words.
        reason: String,
    },
    /// All parameters together, for which the adapter has no room in one piece.
    NoRoom {
        /// File name.
        name: String,
        /// How many parameters.
        parameters: u64,
        /// Bytes, as F32.
        asked: u64,
        /// The adapter's limit.
        limit: u64,
    },
    /// A tensor for which the adapter has no room in one piece.
    NoRoomForTensor {
        /// File name.
        name: String,
        /// Parameter.
        tensor: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Bytes, as F32.
        asked: u64,
        /// The adapter's limit.
        limit: u64,
    },
    /// A header that is absurdly long.
    HeaderTooLong {
        /// File name.
        name: String,
        /// What it claims.
        #[serde(serialize_with = "as_float")]
        bytes: u64,
        /// The cap.
        limit: u64,
    },
    /// A safetensors file of something else.
    MissingMetadata {
        /// File name.
        name: String,
        /// The key.
        key: &'static str,
    },
    /// Metadata that does not parse.
    BadMetadata {
        /// File name.
        name: String,
        /// The key.
        key: &'static str,
        /// The parser's words.
        reason: String,
    },
    /// Metadata with a loss that no training has.
    MetadataLossNotFinite {
        /// File name.
        name: String,
    },
    /// A tokenizer in the metadata that is none.
    BadTokenizer {
        /// File name.
        name: String,
        /// Why.
        error: TokenizerError,
    },
    /// A configuration that contradicts itself.
    BadConfig {
        /// File name.
        name: String,
        /// Why.
        error: ConfigError,
    },
    /// Tokenizer and configuration disagree.
    VocabularyMismatch {
        /// File name.
        name: String,
        /// In the tokenizer.
        tokens: usize,
        /// In the configuration.
        vocab: usize,
    },
    /// A tensor that the configuration needs.
    MissingTensor {
        /// File name.
        name: String,
        /// Parameter.
        tensor: String,
        /// Its shape.
        expected: Vec<usize>,
    },
    /// A tensor that the configuration does not know.
    UnknownTensor {
        /// File name.
        name: String,
        /// As named.
        tensor: String,
        /// Its shape.
        found: Vec<usize>,
    },
    /// A tensor of another shape.
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
    WrongType {
        /// File name.
        name: String,
        /// Parameter.
        tensor: String,
        /// In the file.
        found: String,
    },
    /// Infinite weights or NaN.
    WeightsNotFinite {
        /// File name.
        name: String,
        /// Parameter.
        tensor: String,
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
    },
    /// A tensor that two of a model's files hold.
    TensorTwice {
        /// File names.
        name: String,
        /// The tensor.
        tensor: String,
    },
    /// A session's text that is none.
    TextNotUtf8 {
        /// File name.
        name: String,
        /// The text, as a tensor.
        tensor: &'static str,
        /// Place of the first byte that does not fit, from 0.
        at: usize,
    },
    /// A zip that cannot be taken apart.
    NotZip {
        /// File name.
        name: String,
        /// What the reader found.
        reason: String,
    },
    /// A zip that has two entries of one name.
    EntriesAlike {
        /// File name.
        name: String,
    },
    /// A zip that claims the same bytes for two entries.
    EntriesOverlap {
        /// File name.
        name: String,
    },
    /// An entry behind a password.
    EntryEncrypted {
        /// File name.
        name: String,
        /// As named, quoted.
        entry: String,
    },
    /// An entry packed by something other than deflate.
    EntryPacked {
        /// File name.
        name: String,
        /// As named, quoted.
        entry: String,
        /// The method, as the reader names it.
        by: String,
    },
    /// An entry that cannot be unpacked, or whose checksum is another.
    EntryBroken {
        /// File name.
        name: String,
        /// The file in it.
        entry: String,
        /// What the reader found.
        reason: String,
    },
    /// An entry that lies about its length.
    EntryLength {
        /// File name.
        name: String,
        /// The file in it.
        entry: String,
        /// Bytes that are there.
        found: u64,
        /// Bytes that it claims.
        #[serde(serialize_with = "as_float")]
        claimed: u64,
    },
    /// A zip of more entries than a model has.
    TooManyEntries {
        /// File name.
        name: String,
        /// In the zip.
        count: usize,
        /// The cap.
        limit: usize,
    },
    /// An entry that does not belong to a model.
    UnknownEntry {
        /// File name.
        name: String,
        /// As named, quoted.
        entry: String,
        /// The files that are read.
        read: Vec<&'static str>,
    },
    /// One file twice.
    EntryTwice {
        /// File name.
        name: String,
        /// The file.
        entry: String,
    },
    /// A zip beyond what is read.
    ZipTooLong {
        /// File name.
        name: String,
        /// How many.
        bytes: u64,
        /// The cap.
        limit: u64,
    },
    /// A zip that unpacks to more than is read.
    UnpackedTooLong {
        /// File name.
        name: String,
        /// How many, up to the entry that was too much.
        #[serde(serialize_with = "as_float")]
        bytes: u64,
        /// The cap.
        limit: u64,
    },
    /// Several files that are together beyond what is read.
    FilesTooLong {
        /// File names.
        name: String,
        /// How many, up to the file that was too much.
        bytes: u64,
        /// The cap.
        limit: u64,
    },
    /// A text among the files beyond what is read.
    FileTooLong {
        /// File name, or names.
        name: String,
        /// The file in it.
        file: &'static str,
        /// How many bytes.
        bytes: u64,
        /// The cap.
        limit: u64,
    },
    /// A small file that would unpack to an enormous one.
    RatioTooHigh {
        /// File name.
        name: String,
        /// The entry.
        entry: String,
        /// Bytes in the zip.
        #[serde(serialize_with = "as_float")]
        packed: u64,
        /// Bytes unpacked.
        #[serde(serialize_with = "as_float")]
        unpacked: u64,
        /// The cap.
        limit: u64,
    },
    /// No model.safetensors among a model's files.
    MissingWeights {
        /// File name, or names.
        name: String,
    },
    /// The weights in several files, and no model.safetensors.index.json that says which holds what.
    MissingIndex {
        /// File name, or names.
        name: String,
    },
    /// No config.json among a model's files.
    MissingConfig {
        /// File name, or names.
        name: String,
    },
    /// No tokenizer.json among a model's files, nor the pair that stands for it.
    MissingTokenizer {
        /// File name, or names.
        name: String,
    },
    /// A vocab.json among a model's files, and no merges.txt.
    MissingMerges {
        /// File name, or names.
        name: String,
    },
    /// A part of the weights that is not there.
    MissingShard {
        /// File name, or names.
        name: String,
        /// The part, as the index names it.
        file: String,
    },
    /// An index that does not fit the parts.
    WrongShard {
        /// File name, or names.
        name: String,
        /// As the index names it.
        tensor: String,
        /// As the index names it.
        file: String,
    },
    /// A text among the files that is not the JSON it should be.
    BadJson {
        /// File name, or names.
        name: String,
        /// The file in it.
        file: &'static str,
        /// The parser's words.
        reason: String,
    },
    /// A text among the files that is none, or no tokenizer.
    BadFile {
        /// File name, or names.
        name: String,
        /// The file in it, or the two.
        file: &'static str,
        /// Why.
        error: TokenizerError,
    },
    /// A model that is not computed here.
    BadClass {
        /// File name, or names.
        name: String,
        /// Why.
        error: ClassError,
    },
    /// A zip that could be written and not read back.
    ExportTooLong {
        /// Bytes that it would have.
        bytes: u64,
        /// Bytes that are read at most.
        limit: u64,
    },
    /// No GGUF without a class of transformers.
    GgufNoClass(NoClass),
    /// No GGUF of tokens that are neither bytes nor made of them.
    GgufTokens {
        /// What they are.
        kind: TokenizerKind,
    },
    /// No GGUF of sub-words cut at blanks.
    GgufBlanks,
    /// The writer refused.
    Unwritable {
        /// Its words.
        reason: String,
    },
    /// A header that no reader would take.
    HeaderTooLongToWrite {
        /// Bytes that it would have.
        bytes: u64,
        /// Bytes that are read at most.
        limit: u64,
    },
    /// No GGUF of this class.
    #[serde(untagged)]
    Gguf(NoGguf),
    /// The tokenizer could not be written.
    #[serde(untagged)]
    Tokenizer(TokenizerError),
}

impl From<NoGguf> for FileError {
    fn from(error: NoGguf) -> Self {
        Self::Gguf(error)
    }
}

impl From<TokenizerError> for FileError {
    fn from(error: TokenizerError) -> Self {
        Self::Tokenizer(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_file_claims_crosses_to_javascript() {
        let (name, entry, most) = (String::new, String::new, u64::MAX);
        for error in [
            FileError::HeaderTooLong { name: name(), bytes: most, limit: 1 },
            FileError::UnpackedTooLong { name: name(), bytes: most, limit: 1 },
            FileError::RatioTooHigh { name: name(), entry: entry(), packed: most, unpacked: most, limit: 1 },
            FileError::EntryLength { name: name(), entry: entry(), found: 1, claimed: most },
        ] {
            let json = serde_json::to_value(&error).unwrap_or_default();
            let values = json["values"].as_object();
            let numbers = || values.into_iter().flatten().filter_map(|(_, value)| value.as_number());
            assert!(numbers().count() >= 2 && numbers().all(|n| n.is_f64() || n.as_u64() == Some(1)), "{json}");
        }
    }
}
