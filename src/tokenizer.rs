//! Text ↔ token ids. Characters here: one token per Unicode scalar value, in the order of their code points.
//!
//! The tokenizer.json of a character tokenizer is a BPE without merges, which the `tokenizers` crate (and so transformers)
//! reads; a test holds our direct table against that crate's own encoding.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokenizers::decoders::fuse::Fuse;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::{DecoderWrapper, Tokenizer as AnyTokenizer};

/// Longest tokenizer.json that is read, bytes.
const JSON_LIMIT: usize = 10 << 20;

/// Why text cannot become tokens, or a file no tokenizer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenizerError {
    /// Nothing to learn from.
    #[error("the text is empty")]
    EmptyText,
    /// Characters outside the vocabulary: at most 20 of them are named.
    #[error("{count} characters are not in the vocabulary: {}", .characters.join(" "))]
    UnknownCharacters {
        /// The different ones, quoted where they do not show.
        characters: Vec<String>,
        /// How many different ones.
        count: usize,
    },
    /// A file that is no text.
    #[error("{name} is not text: {reason}")]
    NotText {
        /// File name.
        name: String,
        /// What was found.
        reason: String,
    },
    /// A tokenizer.json that is not one of ours.
    #[error("the tokenizer is not one that can be read here: {0}")]
    BadFile(String),
}

/// Tokens of single characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokenizer {
    characters: Vec<char>,
    ids: HashMap<char, u32>,
}

impl Tokenizer {
    /// The vocabulary of a text: its different characters, by code point.
    ///
    /// # Errors
    /// [`TokenizerError::EmptyText`].
    pub fn of_text(text: &str) -> Result<Self, TokenizerError> {
        let characters: BTreeSet<char> = text.chars().collect();
        if characters.is_empty() {
            return Err(TokenizerError::EmptyText);
        }
        Ok(Self::of_characters(characters.into_iter().collect()))
    }

    fn of_characters(characters: Vec<char>) -> Self {
        let ids = characters.iter().enumerate().map(|(i, &c)| (c, i as u32)).collect();
        Self { characters, ids }
    }

    /// Number of tokens.
    pub fn vocab(&self) -> usize {
        self.characters.len()
    }

    /// Every token's text, by id.
    pub fn vocabulary(&self) -> Vec<String> {
        self.characters.iter().map(char::to_string).collect()
    }

    /// Text → ids.
    ///
    /// # Errors
    /// [`TokenizerError::UnknownCharacters`]: nothing is dropped in silence.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let ids: Vec<u32> = text.chars().filter_map(|c| self.ids.get(&c).copied()).collect();
        let unknown: BTreeSet<char> = match ids.len() == text.chars().count() {
            true => return Ok(ids),
            false => text.chars().filter(|c| !self.ids.contains_key(c)).collect(),
        };
        let characters = unknown.iter().take(20).map(|&c| visible(c)).collect();
        Err(TokenizerError::UnknownCharacters { characters, count: unknown.len() })
    }

    /// Ids → text; an id outside the vocabulary gives U+FFFD.
    pub fn decode(&self, ids: &[u32]) -> String {
        ids.iter().map(|&id| self.characters.get(id as usize).copied().unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// The tokenizer.json.
    ///
    /// # Errors
    /// [`TokenizerError::BadFile`] where the library refuses what we built.
    pub fn to_json(&self) -> Result<String, TokenizerError> {
        self.library()?.to_string(false).map_err(|e| TokenizerError::BadFile(e.to_string()))
    }

    fn library(&self) -> Result<AnyTokenizer, TokenizerError> {
        let vocab: Vec<(String, u32)> = self.characters.iter().zip(0..).map(|(c, i)| (c.to_string(), i)).collect();
        let bpe = BPE::builder().vocab_and_merges(vocab.into_iter().collect::<Vocab>(), Vec::new()).build();
        let mut tokenizer = AnyTokenizer::new(bpe.map_err(|e| TokenizerError::BadFile(e.to_string()))?);
        tokenizer.with_decoder(Some(DecoderWrapper::Fuse(Fuse::new())));
        Ok(tokenizer)
    }

    /// Reads a tokenizer.json of the form that [`Tokenizer::to_json`] writes.
    ///
    /// # Errors
    /// [`TokenizerError::BadFile`] with what is wrong: too long, another kind, ids missing or twice.
    pub fn from_json(json: &str) -> Result<Self, TokenizerError> {
        let bad = |reason: String| TokenizerError::BadFile(reason);
        if json.len() > JSON_LIMIT {
            return Err(bad(format!("{} bytes long, at most {JSON_LIMIT} are read", json.len())));
        }
        // Never through the library: it panics on some broken files.
        let file: File = serde_json::from_str(json).map_err(|e| bad(e.to_string()))?;
        let expected = Model::default();
        if (Model { vocab: expected.vocab.clone(), ..file.model.clone() }) != expected {
            return Err(bad("only character tokenizers (a BPE without merges) are read".into()));
        }
        let vocab = file.model.vocab;
        let mut characters = vec![None; vocab.len()];
        for (token, id) in &vocab {
            let mut chars = token.chars();
            let (Some(character), None) = (chars.next(), chars.next()) else {
                return Err(bad(format!("token {token:?} is not one character")));
            };
            match characters.get_mut(*id as usize) {
                Some(place @ None) => *place = Some(character),
                Some(Some(_)) => return Err(bad(format!("id {id} stands twice"))),
                None => return Err(bad(format!("id {id} is outside 0 to {}", vocab.len().saturating_sub(1)))),
            }
        }
        match characters.into_iter().collect::<Option<Vec<char>>>() {
            Some(characters) if !characters.is_empty() => Ok(Self::of_characters(characters)),
            Some(_) => Err(bad("the vocabulary is empty".into())),
            None => Err(bad("ids are missing".into())),
        }
    }
}

/// The tokenizer.json of a character tokenizer: what the library writes, and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // read for their absence
struct File {
    version: String,
    truncation: Option<Never>,
    padding: Option<Never>,
    added_tokens: [Never; 0],
    normalizer: Option<Never>,
    pre_tokenizer: Option<Never>,
    post_processor: Option<Never>,
    decoder: Decoder,
    model: Model,
}

/// Deserialises from nothing: the field must be null.
#[derive(Deserialize)]
enum Never {}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
enum Decoder {
    Fuse,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
enum Kind {
    #[default]
    #[serde(rename = "BPE")]
    Bpe,
}

#[derive(Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Model {
    r#type: Kind,
    dropout: Option<f32>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    fuse_unk: bool,
    byte_fallback: bool,
    ignore_merges: bool,
    vocab: BTreeMap<String, u32>,
    merges: Vec<(String, String)>,
}

/// A character as a message shows it: quoted, escaped where it would not show.
fn visible(c: char) -> String {
    if c.is_control() || (c.is_whitespace() && c != ' ') {
        format!("'{}'", c.escape_default())
    } else {
        format!("'{c}'")
    }
}

/// A file's bytes as text: UTF-8, or UTF-16 with a byte order mark; the mark itself is dropped.
///
/// # Errors
/// [`TokenizerError::NotText`] with the place of the first byte that does not fit.
pub fn decode_file(name: &str, bytes: &[u8]) -> Result<String, TokenizerError> {
    let not_text = |reason: String| TokenizerError::NotText { name: name.to_owned(), reason };
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        if !bytes.len().is_multiple_of(2) {
            return Err(not_text(format!("UTF-16 of {} bytes, an odd number", bytes.len())));
        }
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).collect::<Result<String, _>>().map_err(|e| not_text(format!("broken UTF-16, {e}")))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            if let Some(at) = rest.iter().take(1 << 16).position(|&b| b == 0) {
                return Err(not_text(format!("it looks binary, with a zero byte at {at}")));
            }
            match std::str::from_utf8(rest) {
                Ok(text) => Ok(text.to_owned()),
                Err(e) => Err(not_text(format!("byte {} is not UTF-8; save it as UTF-8 first", e.valid_up_to()))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_round_trip_and_agree_with_the_library() {
        for text in ["hello, world\n", "naïve 中文 🧑🏽‍🚀\r\n\t", "aaaa"] {
            let ours = Tokenizer::of_text(text).unwrap();
            let ids = ours.encode(text).unwrap();
            assert_eq!(ours.decode(&ids), text);
            assert_eq!(ours.library().unwrap().encode(text, false).unwrap().get_ids(), ids);
            assert_eq!(ours.library().unwrap().decode(&ids, false).unwrap(), text);
            assert_eq!(Tokenizer::from_json(&ours.to_json().unwrap()), Ok(ours));
        }
    }

    #[test]
    fn unknown_characters_are_named() {
        let tokenizer = Tokenizer::of_text("abc").unwrap();
        let error = tokenizer.encode("a\u{e9}b\u{7}\u{e9}").unwrap_err();
        let characters = vec!["'\\u{7}'".to_owned(), "'é'".to_owned()];
        assert_eq!(error, TokenizerError::UnknownCharacters { characters, count: 2 });
        assert_eq!(Tokenizer::of_text(""), Err(TokenizerError::EmptyText));
    }

    #[test]
    fn foreign_tokenizers_are_refused() {
        let good = Tokenizer::of_text("ab").unwrap().to_json().unwrap();
        for (from, to) in [
            ("\"a\":0", "\"a\":5"),
            ("\"a\":0", "\"a\":1"),
            ("\"a\":0", "\"ab\":0"),
            ("BPE", "WordLevel"),
            ("\"pre_tokenizer\":null", "\"pre_tokenizer\":{\"type\":\"Whitespace\"}"),
        ] {
            let json = good.replace(from, to);
            assert_ne!(json, good, "{from}");
            assert!(matches!(Tokenizer::from_json(&json), Err(TokenizerError::BadFile(_))), "{from} -> {to}");
        }
        assert!(Tokenizer::from_json("{").is_err());
        assert!(Tokenizer::from_json(&" ".repeat(JSON_LIMIT + 1)).is_err());
    }

    #[test]
    fn files_are_text_or_say_why_not() {
        assert_eq!(decode_file("f", "hé".as_bytes()).unwrap(), "hé");
        assert_eq!(decode_file("f", b"\xef\xbb\xbfhi").unwrap(), "hi");
        assert_eq!(decode_file("f", b"\xff\xfeh\0i\0").unwrap(), "hi");
        assert_eq!(decode_file("f", b"\xfe\xff\0h\0i").unwrap(), "hi");
        for bytes in [&b"\x89PNG\0\0"[..], b"caf\xe9", b"\xff\xfeh", b"\xff\xfe\x00\xd8"] {
            let message = decode_file("f.bin", bytes).unwrap_err().to_string();
            assert!(message.contains("f.bin"), "{message}");
        }
    }
}
