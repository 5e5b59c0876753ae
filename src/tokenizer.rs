//! Text ↔ token ids: characters, words, bytes, and byte-pair encoding over bytes.
//!
//! Every tokenizer has a tokenizer.json that the `tokenizers` crate (and so transformers) reads and that gives the same ids
//! there; tests hold it to that. Text never becomes a special token, even where it spells one.

mod alphabet;
mod hash;
mod split;
mod merges;
mod train;
mod build;
mod encode;
mod refusal;
mod form;
mod file;
mod library;

pub use build::{Builder, Progress, Stage};
pub use encode::Encoder;
pub use refusal::{FileProblem, Found, Readable};

use crate::config::TokenizerConfig;
use hash::Map;
use merges::Merges;
use serde::Serialize;
use split::Pattern;
use std::collections::BTreeMap;
use std::sync::Arc;
use train::Trained;

/// First of a document.
const BEGIN: &str = "<bos>";
/// Last of a document.
const END: &str = "<eos>";
/// What GPT-2 puts between documents.
const END_OF_TEXT: &str = "<|endoftext|>";
/// Stands for every word that a vocabulary lacks.
const UNKNOWN: &str = "<unk>";
/// Names of a special token that begins a document, and of one that ends it, ours and those of well-known files.
const BEGINNINGS: [&str; 2] = [BEGIN, "<s>"];
const ENDS: [&str; 3] = [END_OF_TEXT, END, "</s>"];

/// Unknown characters or words that are named at most.
const NAMED: usize = 20;

/// Why text cannot become tokens, or a file no tokenizer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum TokenizerError {
    /// Nothing to learn from.
    EmptyText,
    /// A vocabulary that is not made here.
    VocabularyOutOfRange {
        /// What was asked, tokens.
        vocabulary: usize,
        /// Smallest.
        low: usize,
        /// Largest.
        high: usize,
    },
    /// The configuration asks for a tokenizer from a file, and there is only a text.
    NoTokenizerFile,
    /// Characters outside the vocabulary: at most 20 of them are named.
    UnknownCharacters {
        /// The different ones, quoted where they do not show.
        characters: Vec<String>,
        /// How many different ones.
        count: usize,
    },
    /// A file that is no text: UTF-16 of an odd number of bytes.
    OddUtf16 {
        /// File name.
        name: String,
        /// Its length without the mark.
        bytes: usize,
    },
    /// A file that is no text: UTF-16 with half a pair.
    BrokenUtf16 {
        /// File name.
        name: String,
        /// The half that stands alone, in hexadecimal.
        surrogate: String,
    },
    /// A file that is no text, by a zero byte.
    BinaryFile {
        /// File name.
        name: String,
        /// The byte's place, from 0.
        at: usize,
    },
    /// A file that is no UTF-8.
    NotUtf8 {
        /// File name.
        name: String,
        /// Place of the first byte that does not fit, from 0.
        at: usize,
    },
    /// A vocab.json alone.
    VocabularyAlone {
        /// Its name.
        name: String,
    },
    /// Not one file, nor two that belong together.
    WrongNumberOfFiles {
        /// How many were given.
        count: usize,
    },
    /// The library refuses what we built.
    TokenizerUnwritable {
        /// Its words.
        reason: String,
    },
    /// A file that is no tokenizer, or none of those that are read.
    #[serde(untagged)]
    File(FileProblem),
}

impl From<FileProblem> for TokenizerError {
    fn from(problem: FileProblem) -> Self {
        TokenizerError::File(problem)
    }
}

/// How text becomes ids.
#[derive(Debug)]
enum Scheme {
    Characters { ids: Map<char, u32> },
    Words { ids: Map<Box<str>, u32>, pattern: Pattern },
    Bytes(Box<ByteLevel>),
}

/// Byte-pair encoding; without merges, bytes alone.
#[derive(Debug)]
struct ByteLevel {
    pattern: Pattern,
    /// Every byte's id.
    ids: [u32; alphabet::BYTES],
    merges: Merges,
}

#[derive(Debug)]
struct Table {
    config: TokenizerConfig,
    /// Every token's bytes, by id; nothing for the special ones.
    tokens: Vec<Box<[u8]>>,
    special: BTreeMap<u32, String>,
    unknown: Option<u32>,
    scheme: Scheme,
}

/// Text ↔ token ids. Clones share one vocabulary.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    table: Arc<Table>,
}

/// Equal where vocabularies and merges are: both give the same ids and texts, whatever was asked for when they were made.
impl PartialEq for Tokenizer {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.table, &other.table);
        let same_scheme = match (&a.scheme, &b.scheme) {
            (Scheme::Characters { .. }, Scheme::Characters { .. }) => true,
            (Scheme::Words { pattern, .. }, Scheme::Words { pattern: other, .. }) => pattern == other,
            (Scheme::Bytes(a), Scheme::Bytes(b)) => a.pattern == b.pattern && a.merges.pairs == b.merges.pairs,
            _ => false,
        };
        same_scheme && a.tokens == b.tokens && a.special == b.special && a.unknown == b.unknown
    }
}

/// What a text has that a vocabulary lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The characters or words, quoted, the most frequent first, at most 20.
    pub tokens: Vec<String>,
    /// How many different ones.
    pub different: usize,
    /// How often any of them stands in the text.
    pub occurrences: usize,
    /// Words that the text has in all; characters where tokens are not words. Byte-level tokenizers lack none of them.
    pub all: usize,
}

impl Tokenizer {
    /// Makes a tokenizer from a text in one go; [`Builder`] does in slices.
    ///
    /// # Errors
    /// Those of [`Builder::new`] and [`Builder::advance`].
    pub fn from_text(config: &TokenizerConfig, text: &str) -> Result<Self, TokenizerError> {
        let mut builder = Builder::new(config, text)?;
        loop {
            if let Some(tokenizer) = builder.advance(text, usize::MAX)? {
                return Ok(tokenizer);
            }
        }
    }

    /// The characters of a text, by code point.
    ///
    /// # Errors
    /// [`TokenizerError::EmptyText`].
    pub fn of_text(text: &str) -> Result<Self, TokenizerError> {
        Self::from_text(&TokenizerConfig::default(), text)
    }

    fn assemble(
        config: TokenizerConfig,
        tokens: Vec<Box<[u8]>>,
        special: BTreeMap<u32, String>,
        unknown: Option<u32>,
        scheme: Scheme,
    ) -> Self {
        Self { table: Arc::new(Table { config, tokens, special, unknown, scheme }) }
    }

    fn of_characters(config: &TokenizerConfig, characters: Vec<char>) -> Self {
        let tokens = characters.iter().map(|c| c.to_string().into_bytes().into()).collect();
        let ids = characters.into_iter().zip(0..).collect();
        Self::assemble(config.clone(), tokens, BTreeMap::new(), None, Scheme::Characters { ids })
    }

    /// The first word stands for the unknown ones.
    fn of_words(config: &TokenizerConfig, pattern: Pattern, words: Vec<Box<str>>) -> Self {
        let tokens = words.iter().map(|word| word.as_bytes().into()).collect();
        let ids = words.into_iter().zip(0..).collect();
        Self::assemble(config.clone(), tokens, BTreeMap::new(), Some(0), Scheme::Words { ids, pattern })
    }

    fn of_bytes(
        config: &TokenizerConfig,
        special: &[&str],
        pattern: Pattern,
        trained: Trained,
    ) -> Result<Self, TokenizerError> {
        let special = (0..).zip(special).map(|(id, &name)| (id, name.to_owned())).collect();
        let tokens = trained.tokens.into_iter().map(Vec::into_boxed_slice).collect();
        Self::byte_level(config.clone(), tokens, special, pattern, trained.pairs, trained.results)
    }

    fn byte_level(
        config: TokenizerConfig,
        tokens: Vec<Box<[u8]>>,
        special: BTreeMap<u32, String>,
        pattern: Pattern,
        pairs: Vec<(u32, u32)>,
        results: Vec<u32>,
    ) -> Result<Self, TokenizerError> {
        let mut ids = [0; alphabet::BYTES];
        for (token, id) in tokens.iter().zip(0..) {
            if let [byte] = **token {
                ids[usize::from(byte)] = id;
            }
        }
        let mut spelled: Vec<String> = tokens.iter().map(|token| alphabet::spell(token)).collect();
        for (&id, name) in &special {
            spelled[id as usize].clone_from(name);
        }
        let merges = Merges::new(&spelled, pairs, results)?;
        Ok(Self::assemble(config, tokens, special, None, Scheme::Bytes(Box::new(ByteLevel { pattern, ids, merges }))))
    }

    fn scheme(&self) -> &Scheme {
        &self.table.scheme
    }

    /// Number of tokens.
    pub fn vocab(&self) -> usize {
        self.table.tokens.len()
    }

    /// What it was made from. A file in the form of one of our kinds gives that kind, any other
    /// [`TokenizerKind::File`](crate::config::TokenizerKind::File); its vocabulary is then what it has.
    pub fn config(&self) -> &TokenizerConfig {
        &self.table.config
    }

    /// Text → ids.
    ///
    /// # Errors
    /// [`TokenizerError::UnknownCharacters`] where tokens are characters: nothing is dropped in silence. Words beyond the
    /// vocabulary become `<unk>`.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let mut encoder = self.encoder();
        while !encoder.advance(text, usize::MAX)? {}
        Ok(encoder.finish())
    }

    /// Begins to encode a text in slices.
    pub fn encoder(&self) -> Encoder {
        Encoder::new(self)
    }

    /// Ids → text, from its beginning. Bytes that are no UTF-8 and ids outside the vocabulary give U+FFFD, special tokens
    /// nothing.
    pub fn decode(&self, ids: &[u32]) -> String {
        let mut bytes = Vec::with_capacity(4 * ids.len());
        for &id in ids {
            self.append(id, &mut bytes);
        }
        // Cut at blanks, every word brings the space before it; the text begins without one.
        let from = usize::from(self.cuts_at_blanks() && bytes.first() == Some(&b' '));
        String::from_utf8_lossy(&bytes[from..]).into_owned()
    }

    /// What an id adds to a text that it continues: with words cut at blanks the space before it too. Nothing for special
    /// tokens, U+FFFD for an id outside the vocabulary.
    pub fn token_bytes(&self, id: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.append(id, &mut bytes);
        bytes
    }

    fn append(&self, id: u32, bytes: &mut Vec<u8>) {
        let Some(token) = self.table.tokens.get(id as usize) else {
            let mut replacement = [0; 3];
            return bytes.extend_from_slice(char::REPLACEMENT_CHARACTER.encode_utf8(&mut replacement).as_bytes());
        };
        // A special token has no bytes; a word has some.
        if matches!(self.scheme(), Scheme::Words { pattern: Pattern::Blanks, .. }) && !token.is_empty() {
            bytes.push(b' ');
        }
        bytes.extend_from_slice(token);
    }

    /// A token for the eye: its text, special tokens by name, bytes that are no UTF-8 by themselves as `<0xE6>`.
    pub fn token_text(&self, id: u32) -> String {
        if let Some(name) = self.table.special.get(&id) {
            return name.clone();
        }
        let Some(token) = self.table.tokens.get(id as usize) else { return char::REPLACEMENT_CHARACTER.to_string() };
        let mut text = String::new();
        for chunk in token.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| format!("<0x{byte:02X}>")));
        }
        text
    }

    fn special(&self, names: &[&str]) -> Option<u32> {
        let id = |name: &&str| self.table.special.iter().find(|(_, special)| special == name).map(|(&id, _)| id);
        names.iter().find_map(id)
    }

    /// The id that begins a document: `<bos>`.
    pub fn begin(&self) -> Option<u32> {
        self.special(&BEGINNINGS)
    }

    /// The id that ends a document: `<|endoftext|>` or `<eos>`.
    pub fn end(&self) -> Option<u32> {
        self.special(&ENDS)
    }

    /// The id that stands for what the vocabulary lacks: `<unk>`.
    pub fn unknown(&self) -> Option<u32> {
        self.table.unknown
    }

    /// Whether decoding gives back every text that is encoded without [`Tokenizer::unknown`].
    pub fn lossless(&self) -> bool {
        !self.cuts_at_blanks()
    }

    fn cuts_at_blanks(&self) -> bool {
        match self.scheme() {
            Scheme::Characters { .. } => false,
            Scheme::Words { pattern, .. } => *pattern == Pattern::Blanks,
            Scheme::Bytes(bytes) => bytes.pattern == Pattern::Blanks,
        }
    }

    /// The characters or words of a text that the vocabulary lacks.
    pub fn unknown_in(&self, text: &str) -> Unknown {
        let mut missing: Map<&str, usize> = Map::default();
        let mut all = 0;
        match self.scheme() {
            Scheme::Characters { ids } => {
                for (at, c) in text.char_indices() {
                    all += 1;
                    if !ids.contains_key(&c) {
                        *missing.entry(&text[at..at + c.len_utf8()]).or_default() += 1;
                    }
                }
            }
            Scheme::Words { ids, pattern } => {
                let mut at = 0;
                while let Some(piece) = pattern.piece(text, at) {
                    all += 1;
                    at = piece.end;
                    if !ids.contains_key(&text[piece.clone()]) {
                        *missing.entry(&text[piece]).or_default() += 1;
                    }
                }
            }
            Scheme::Bytes(_) => all = text.chars().count(),
        }
        let (different, occurrences) = (missing.len(), missing.values().sum());
        let mut missing: Vec<(&str, usize)> = missing.into_iter().collect();
        missing.sort_unstable_by(|(a, often), (b, seldom)| seldom.cmp(often).then_with(|| a.cmp(b)));
        let tokens = missing.iter().take(NAMED).map(|(token, _)| quoted(token)).collect();
        Unknown { tokens, different, occurrences, all }
    }

    /// The tokenizer.json.
    ///
    /// # Errors
    /// [`TokenizerError::TokenizerUnwritable`] where the library refuses what we built.
    pub fn to_json(&self) -> Result<String, TokenizerError> {
        library::tokenizer(self)?
            .to_string(false)
            .map_err(|e| TokenizerError::TokenizerUnwritable { reason: e.to_string() })
    }

    /// Reads a tokenizer.json: those that [`Tokenizer::to_json`] writes, and byte-level ones in GPT-2's form.
    ///
    /// # Errors
    /// [`TokenizerError::File`] with what is wrong.
    pub fn from_json(json: &str) -> Result<Self, TokenizerError> {
        file::from_json(json)
    }

    /// Reads GPT-2's pair of files, vocab.json and merges.txt.
    ///
    /// # Errors
    /// [`TokenizerError::File`] with what is wrong.
    pub fn from_vocab_and_merges(vocab_json: &str, merges_txt: &str) -> Result<Self, TokenizerError> {
        file::from_vocab_and_merges(vocab_json, merges_txt)
    }
}

/// A text as a message shows it: in quotes, escaped where it would not show, at most 40 characters of it.
fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(40).map(escaped).collect();
    if text.chars().nth(40).is_some() {
        shown.push('…');
    }
    format!("'{shown}'")
}

fn escaped(c: char) -> String {
    let hidden = c.is_control() || (c.is_whitespace() && c != ' ');
    if hidden { c.escape_default().to_string() } else { c.to_string() }
}

/// A character as a message shows it: quoted, escaped where it would not show.
fn visible(c: char) -> String {
    format!("'{}'", escaped(c))
}

/// A file's bytes as text: UTF-8, or UTF-16 with a byte order mark; the mark itself is dropped.
///
/// # Errors
/// [`TokenizerError::NotUtf8`] and its like, with the place of the first byte that does not fit.
pub fn decode_file(name: &str, bytes: &[u8]) -> Result<String, TokenizerError> {
    let name = || name.to_owned();
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        if !bytes.len().is_multiple_of(2) {
            return Err(TokenizerError::OddUtf16 { name: name(), bytes: bytes.len() });
        }
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.map_err(|e| TokenizerError::BrokenUtf16 {
            name: name(),
            surrogate: format!("{:x}", e.unpaired_surrogate()),
        })
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            if let Some(at) = rest.iter().take(1 << 16).position(|&b| b == 0) {
                return Err(TokenizerError::BinaryFile { name: name(), at });
            }
            match std::str::from_utf8(rest) {
                Ok(text) => Ok(text.to_owned()),
                Err(e) => Err(TokenizerError::NotUtf8 { name: name(), at: e.valid_up_to() }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Splitting, TokenizerKind};

    fn configuration(kind: TokenizerKind, splitting: Splitting) -> TokenizerConfig {
        TokenizerConfig { kind, splitting, vocabulary: 300, bos_eos: false }
    }

    #[test]
    fn unknown_characters_are_named() {
        let tokenizer = Tokenizer::of_text("abc").unwrap();
        let error = tokenizer.encode("a\u{e9}b\u{7}\u{e9}").unwrap_err();
        let characters = vec!["'\\u{7}'".to_owned(), "'é'".to_owned()];
        assert_eq!(error, TokenizerError::UnknownCharacters { characters, count: 2 });
        assert_eq!(Tokenizer::of_text(""), Err(TokenizerError::EmptyText));
        let unknown = tokenizer.unknown_in("a\u{e9}b\u{7}\u{e9}");
        let tokens = vec!["'é'".to_owned(), "'\\u{7}'".to_owned()];
        assert_eq!(unknown, Unknown { tokens, different: 2, occurrences: 3, all: 5 });
    }

    #[test]
    fn unknown_words_are_named() {
        let mut config = configuration(TokenizerKind::Words, Splitting::Gpt2);
        config.vocabulary = 3;
        let tokenizer = Tokenizer::from_text(&config, "so the cat the dog the cat a").unwrap();
        assert_eq!((0..3).map(|id| tokenizer.token_text(id)).collect::<Vec<_>>(), ["<unk>", " the", " cat"]);
        let text = "the cat the\ncat";
        assert_eq!(tokenizer.encode(text).unwrap(), [0, 2, 1, 0, 0]);
        assert_eq!(tokenizer.decode(&[0, 2, 1, 0, 0]), "<unk> cat the<unk><unk>");
        let tokens = ["'\\n'", "'cat'", "'the'"].map(str::to_owned).to_vec();
        assert_eq!(tokenizer.unknown_in(text), Unknown { tokens, different: 3, occurrences: 3, all: 5 });
        let many: String = (0..50).map(|i| format!("{} ", "x".repeat(30 + i))).collect();
        let unknown = tokenizer.unknown_in(&many);
        assert_eq!((unknown.tokens.len(), unknown.different), (20, 51));
        assert!(unknown.tokens.iter().all(|token| token.chars().count() <= 43));
    }

    #[test]
    fn bytes_lack_nothing() {
        let tokenizer = Tokenizer::from_text(&configuration(TokenizerKind::Bytes, Splitting::Gpt2), "a").unwrap();
        assert_eq!(tokenizer.vocab(), 257);
        assert_eq!(tokenizer.unknown_in("né"), Unknown { all: 2, ..Unknown::default() });
        let ids = tokenizer.encode("né\n").unwrap();
        let texts: Vec<String> = ids.iter().map(|&id| tokenizer.token_text(id)).collect();
        assert_eq!(texts, ["n", "<0xC3>", "<0xA9>", "\n"]);
        assert_eq!(tokenizer.decode(&ids[..2]), "n\u{fffd}");
        assert_eq!(tokenizer.decode(&[ids[0], 0, 999]), "n\u{fffd}");
        assert_eq!(tokenizer.token_text(0), "<|endoftext|>");
        assert_eq!(tokenizer.token_text(999), "\u{fffd}");
        assert_eq!((tokenizer.token_bytes(0), tokenizer.token_bytes(ids[1])), (vec![], vec![0xc3]));
        assert_eq!((tokenizer.begin(), tokenizer.end(), tokenizer.unknown()), (None, Some(0), None));
        let config = TokenizerConfig { bos_eos: true, ..configuration(TokenizerKind::Bytes, Splitting::Gpt2) };
        let tokenizer = Tokenizer::from_text(&config, "a").unwrap();
        assert_eq!((tokenizer.vocab(), tokenizer.begin(), tokenizer.end()), (258, Some(0), Some(1)));
    }

    #[test]
    fn text_never_becomes_a_special_token() {
        let text = "x<|endoftext|> <|endoftext|>\n<bos><eos> <bos> <unk>".repeat(50);
        for kind in [TokenizerKind::Bytes, TokenizerKind::Bpe] {
            for splitting in [Splitting::Gpt2, Splitting::Whitespace] {
                for bos_eos in [false, true] {
                    let config = TokenizerConfig { bos_eos, ..configuration(kind, splitting) };
                    let tokenizer = Tokenizer::from_text(&config, &text).unwrap();
                    let ids = tokenizer.encode(&text).unwrap();
                    assert!(!ids.iter().any(|&id| Some(id) == tokenizer.end() || Some(id) == tokenizer.begin()));
                    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                    assert_eq!(words(&tokenizer.decode(&ids)), words(&text));
                    assert_eq!(tokenizer.lossless(), tokenizer.decode(&ids) == text);
                }
            }
        }
    }

    #[test]
    fn words_cut_at_blanks_have_one_space_between() {
        for kind in [TokenizerKind::Words, TokenizerKind::Bpe] {
            let text = "  one two\n\ttwo\u{a0}one  ";
            let tokenizer = Tokenizer::from_text(&configuration(kind, Splitting::Whitespace), text).unwrap();
            let ids = tokenizer.encode(text).unwrap();
            assert_eq!(tokenizer.decode(&ids), "one two two one");
            assert!(!tokenizer.lossless());
            let continued: Vec<u8> = ids.iter().flat_map(|&id| tokenizer.token_bytes(id)).collect();
            assert_eq!(continued, b" one two two one");
        }
    }

    #[test]
    fn clones_and_equals() {
        let text = "abc abc";
        let bytes = Tokenizer::from_text(&configuration(TokenizerKind::Bytes, Splitting::Gpt2), text).unwrap();
        let pairs = Tokenizer::from_text(&configuration(TokenizerKind::Bpe, Splitting::Gpt2), text).unwrap();
        assert_eq!(bytes.clone(), bytes);
        assert_ne!(bytes, pairs);
        assert_ne!(Tokenizer::of_text("ab").unwrap(), Tokenizer::of_text("ac").unwrap());
    }

    #[test]
    fn files_are_text_or_say_why_not() {
        assert_eq!(decode_file("f", "hé".as_bytes()).unwrap(), "hé");
        assert_eq!(decode_file("f", b"\xef\xbb\xbfhi").unwrap(), "hi");
        assert_eq!(decode_file("f", b"\xff\xfeh\0i\0").unwrap(), "hi");
        assert_eq!(decode_file("f", b"\xfe\xff\0h\0i").unwrap(), "hi");
        let name = || "f.bin".to_owned();
        for (bytes, problem) in [
            (&b"\x89PNG\0\0"[..], TokenizerError::BinaryFile { name: name(), at: 4 }),
            (b"caf\xe9", TokenizerError::NotUtf8 { name: name(), at: 3 }),
            (b"\xff\xfeh", TokenizerError::OddUtf16 { name: name(), bytes: 1 }),
            (b"\xff\xfe\x00\xd8", TokenizerError::BrokenUtf16 { name: name(), surrogate: "d800".to_owned() }),
        ] {
            assert_eq!(decode_file("f.bin", bytes), Err(problem));
        }
    }
}
