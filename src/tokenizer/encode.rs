//! Text → ids, in slices.

use super::hash::Map;
use super::merges::{LONG, Merging};
use super::split::Pattern;
use super::{ByteLevel, NAMED, Scheme, Tokenizer, TokenizerError, visible};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Pieces that an encoder remembers at most.
const REMEMBERED: usize = 1 << 17;
/// Longest piece that is remembered, bytes.
const SHORT: usize = 64;
/// What a piece that is not remembered costs beside its bytes, and each of its bytes, in bytes of remembered ones.
const FRESH: (usize, usize) = (40, 8);
/// What a look at a pair of a long piece costs.
const LOOK: usize = 8;

/// Encodes a text in slices.
#[derive(Debug)]
pub struct Encoder {
    tokenizer: Tokenizer,
    at: usize,
    ids: Vec<u32>,
    /// Where the ids of pieces seen before begin and end in `store`.
    known: Map<Box<str>, (usize, usize)>,
    store: Vec<u32>,
    /// A long piece half merged, and where the text goes on behind it.
    long: Option<(Merging, usize)>,
    unknown: BTreeSet<char>,
}

/// A piece as it is encoded: what stands between blanks gets a space before it.
pub(super) fn text_of(pattern: Pattern, piece: &str) -> Cow<'_, str> {
    match pattern {
        Pattern::Blanks => format!(" {piece}").into(),
        Pattern::Gpt2 | Pattern::Words => piece.into(),
    }
}

impl Encoder {
    /// Begins.
    pub fn new(tokenizer: &Tokenizer) -> Self {
        Self {
            tokenizer: tokenizer.clone(),
            at: 0,
            ids: Vec::new(),
            known: Map::default(),
            store: Vec::new(),
            long: None,
            unknown: BTreeSet::new(),
        }
    }

    /// Goes on for about `work` bytes (a million are some ten milliseconds); whether the whole text is encoded. `text` is
    /// the same each time.
    ///
    /// # Errors
    /// [`TokenizerError::UnknownCharacters`] at the end of a text with characters that the vocabulary lacks.
    pub fn advance(&mut self, text: &str, work: usize) -> Result<bool, TokenizerError> {
        let tokenizer = self.tokenizer.clone();
        let work = work.max(1);
        let stop = self.at.saturating_add(work);
        match tokenizer.scheme() {
            Scheme::Characters { ids } => {
                for c in text.get(self.at..).unwrap_or_default().chars() {
                    if self.at >= stop {
                        return Ok(false);
                    }
                    match ids.get(&c).copied().or(tokenizer.unknown()) {
                        Some(id) => self.ids.push(id),
                        None => _ = self.unknown.insert(c),
                    }
                    self.at += c.len_utf8();
                }
                if self.unknown.is_empty() {
                    return Ok(true);
                }
                let characters = self.unknown.iter().take(NAMED).map(|&c| visible(c)).collect();
                Err(TokenizerError::UnknownCharacters { characters, count: self.unknown.len() })
            }
            Scheme::Words { ids, pattern } => {
                while self.at < stop {
                    let Some(piece) = pattern.piece(text, self.at) else { return Ok(true) };
                    self.at = piece.end;
                    self.ids.extend(ids.get(&text[piece]).copied().or(tokenizer.unknown()));
                }
                Ok(false)
            }
            Scheme::Bytes(bytes) if bytes.pattern == Pattern::Gpt2 && bytes.merges.pairs.is_empty() => {
                // Without merges no cut matters.
                let end = text.len().min(stop);
                let slice = text.as_bytes().get(self.at..end).unwrap_or_default();
                self.ids.extend(slice.iter().map(|&byte| bytes.ids[usize::from(byte)]));
                self.at = end;
                Ok(end == text.len())
            }
            Scheme::Bytes(bytes) => self.advance_pieces(bytes, text, work),
        }
    }

    fn advance_pieces(&mut self, bytes: &ByteLevel, text: &str, work: usize) -> Result<bool, TokenizerError> {
        let mut left = work;
        while left > 0 {
            if let Some((mut merging, behind)) = self.long.take() {
                if !merging.advance(&bytes.merges, left.div_ceil(LOOK)) {
                    self.long = Some((merging, behind));
                    return Ok(false);
                }
                self.ids.extend(merging.symbols());
                self.at = behind;
            }
            let Some(place) = bytes.pattern.piece(text, self.at) else { return Ok(true) };
            let (piece, behind) = (&text[place.clone()], place.end);
            left = left.saturating_sub(piece.len() + 1);
            if let Some(&(start, end)) = self.known.get(piece) {
                self.ids.extend_from_slice(&self.store[start..end]);
                self.at = behind;
                continue;
            }
            let whole = text_of(bytes.pattern, piece);
            if whole.len() > LONG {
                let symbols = whole.bytes().map(|byte| bytes.ids[usize::from(byte)]).collect();
                self.long = Some((Merging::new(&bytes.merges, symbols), behind));
                continue;
            }
            left = left.saturating_sub(FRESH.0 + FRESH.1 * piece.len());
            let start = self.ids.len();
            bytes.merges.encode(whole.as_bytes(), &mut self.ids)?;
            if piece.len() <= SHORT && self.known.len() < REMEMBERED {
                self.known.insert(piece.into(), (self.store.len(), self.store.len() + self.ids.len() - start));
                self.store.extend_from_slice(&self.ids[start..]);
            }
            self.at = behind;
        }
        Ok(false)
    }

    /// Bytes of the text that are encoded.
    pub fn done(&self) -> usize {
        self.at
    }

    /// The ids.
    pub fn finish(self) -> Vec<u32> {
        self.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Splitting, TokenizerConfig, TokenizerKind};

    fn made(kind: TokenizerKind, splitting: Splitting, text: &str) -> Tokenizer {
        let config = TokenizerConfig { kind, splitting, vocabulary: 400, bos_eos: false };
        Tokenizer::from_text(&config, text).unwrap()
    }

    const KINDS: [TokenizerKind; 4] =
        [TokenizerKind::Characters, TokenizerKind::Words, TokenizerKind::Bytes, TokenizerKind::Bpe];

    #[test]
    fn slices_give_what_one_go_gives() {
        let text = include_str!("encode.rs").to_owned() + &"abcab".repeat(3000) + " end";
        for kind in KINDS {
            for splitting in [Splitting::Gpt2, Splitting::Whitespace] {
                let tokenizer = made(kind, splitting, &text);
                for work in [1, 7, 1000] {
                    let (mut encoder, mut slices) = (tokenizer.encoder(), 0);
                    while !encoder.advance(&text, work).unwrap() {
                        slices += 1;
                        assert!(encoder.done() <= text.len());
                    }
                    assert!(slices > 5, "{kind:?} {slices}");
                    assert_eq!(encoder.finish(), tokenizer.encode(&text).unwrap());
                }
            }
        }
    }

    #[test]
    fn another_text_does_no_harm() {
        for kind in KINDS {
            let text = "ab cd ef gh ".repeat(20) + &"x".repeat(2000);
            let mut encoder = made(kind, Splitting::Gpt2, &text).encoder();
            let _ = encoder.advance(&text, 21);
            for _ in 0..100 {
                let _ = encoder.advance("é", 100);
            }
        }
    }

    #[test]
    fn long_texts_come_back() {
        let prose = include_str!("encode.rs");
        let line: String = prose.chars().filter(|c| c.is_alphabetic()).cycle().take(5_000_000).collect();
        let hard = [
            ("emoji", "🧑🏽‍🚀👩‍👩‍👧‍👦\u{fe0f}é e\u{301}\r\n\r\n庭院深深深几许，杨柳堆烟，帘幕无重数。\0\u{10ffff}".repeat(50)),
            ("spaces", format!("a{}b", " ".repeat(2_000_000))),
            ("newlines", "\n".repeat(2_000_000)),
            ("line", line),
        ];
        for (name, text) in &hard {
            for kind in KINDS {
                let own = made(kind, Splitting::Gpt2, text);
                let ids = own.encode(text).unwrap();
                assert!(own.decode(&ids) == *text, "{kind:?} {name}");
                assert!(own.unknown().is_none_or(|unknown| !ids.contains(&unknown)), "{kind:?} {name}");
            }
            let other = made(TokenizerKind::Bpe, Splitting::Gpt2, prose);
            assert!(other.decode(&other.encode(text).unwrap()) == *text, "{name}");
        }
    }
}
