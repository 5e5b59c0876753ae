//! Why a file is no tokenizer, or none that is read here.

use serde::Serialize;

/// What keeps a file from being a tokenizer that is read here. Tokens and merges are quoted; merges count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
#[allow(missing_docs)] // a variant's line says its fields
pub enum FileProblem {
    /// Longer than anything that is read.
    TokenizerTooLong { bytes: usize, limit: usize },
    /// No JSON, or not in the form of a tokenizer.json: the parser's sentence.
    TokenizerForm { reason: String },
    /// A part of a kind that is not read here.
    TokenizerPart { part: &'static str, found: Found, read: Readable },
    /// No token at all.
    VocabularyEmpty,
    /// A vocabulary beyond anything that is trained here.
    VocabularyTooLarge { tokens: usize, limit: usize },
    /// An id outside the vocabulary, so that another one is missing.
    IdOutside { id: u32, token: String, last: usize },
    /// Two tokens of one id.
    IdTwice { id: u32, first: String, second: String },
    /// Two ids of one token.
    TokenTwice { token: String, first: u32, second: u32 },
    /// A token of no text.
    EmptyToken { id: u32 },
    /// A token that others would look for in a text before anything else.
    AddedWord { token: String, id: u32 },
    /// A character tokenizer with a longer token.
    NotOneCharacter { token: String, id: u32 },
    /// A byte-level tokenizer with a token that spells no bytes.
    NotSpelled { token: String, id: u32 },
    /// A byte-level alphabet with holes: some texts would have no tokens.
    AlphabetIncomplete { missing: usize },
    /// An unknown token without an id.
    UnknownTokenMissing { token: String, tokens: usize },
    /// A merge that is no pair.
    MergeForm { number: usize, merge: String },
    /// A merge of or into something that is no token.
    MergeWithoutToken { number: usize, merge: String, token: String, tokens: usize },
    /// A merge of or into a special token, which no text must become.
    SpecialMerge { number: usize, merge: String, token: String, id: u32 },
    /// One pair with two ranks.
    MergeTwice { number: usize, merge: String, first: usize },
}

/// What stands where something else is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It has no name.
    NotNamed,
    /// It has no type.
    Untyped,
    /// There is nothing.
    Nothing,
    /// An option is set.
    Set,
    /// This.
    Named(String),
}

/// What is read instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Readable {
    /// Version 1.0.
    Version1,
    /// A BPE or a WordLevel model.
    BpeOrWordLevel,
    /// Nothing there.
    Nothing,
    /// Nothing there, or a ByteLevel.
    NothingOrByteLevel,
    /// A model without that option.
    Without,
    /// A decoder, or a splitter: ByteLevel.
    ByteLevel,
    /// A decoder: Fuse.
    Fuse,
    /// ByteLevel with add_prefix_space false and use_regex true.
    ByteLevelPlain,
    /// A Sequence of WhitespaceSplit and ByteLevel with add_prefix_space, without use_regex.
    SequenceWithPrefix,
    /// ByteLevel, or a Sequence of WhitespaceSplit and ByteLevel.
    ByteLevelOrSequence,
    /// Split with the pattern that is written here.
    SplitAsWritten,
    /// WhitespaceSplit or Split.
    WhitespaceSplitOrSplit,
}
