//! A tokenizer from a text, in slices.

use super::encode::text_of;
use super::hash::{Map, Mixer};
use super::split::Pattern;
use super::train::Trainer;
use super::{BEGIN, END, END_OF_TEXT, Tokenizer, TokenizerError, UNKNOWN, alphabet};
use crate::config::{Splitting, TokenizerConfig, TokenizerKind};
use std::collections::HashSet;
use std::hash::BuildHasherDefault;

/// Largest vocabulary that is made here, tokens.
const LARGEST: usize = 32_768;

/// Longest part of a piece that is counted as one, bytes. Each merge looks at every piece that holds its pair from end to end:
/// with a book without a blank as a single piece, ten thousand merges would read the book ten thousand times.
const COUNTED: usize = 1024;

/// Bytes that the words of a vocabulary may take in a tokenizer.json, so that what is written can be read again.
const WORD_BYTES: usize = 8 << 20;

/// What a [`Builder`] is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading the text; counted in bytes.
    Counting,
    /// Merging pairs; counted in tokens made.
    Merging,
}

/// How far a [`Builder`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// Of this stage: bytes read, or tokens made.
    pub done: usize,
    /// What the stage comes to; merging may end before, when no pair is left that was seen twice.
    pub of: usize,
}

/// Makes a tokenizer from a text, in slices: a caller can tell how far it is, and stop by dropping it.
#[derive(Debug)]
pub struct Builder {
    config: TokenizerConfig,
    pattern: Pattern,
    /// Bytes read.
    at: usize,
    of: usize,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Characters(HashSet<char, BuildHasherDefault<Mixer>>),
    Words(Map<Box<str>, u64>),
    Pieces(Map<Box<[u8]>, u64>),
    Merging(Box<Trainer>),
    Done(Tokenizer, Progress),
}

/// The special tokens of a byte-level vocabulary, in the order of their ids.
fn special(config: &TokenizerConfig) -> &'static [&'static str] {
    if config.bos_eos { &[BEGIN, END] } else { &[END_OF_TEXT] }
}

impl Builder {
    /// Begins with a text.
    ///
    /// # Errors
    /// [`TokenizerError::EmptyText`], [`TokenizerError::VocabularyOutOfRange`] where the configured one is out of reach, and
    /// [`TokenizerError::NoTokenizerFile`] where the configuration asks for a tokenizer from a file.
    pub fn new(config: &TokenizerConfig, text: &str) -> Result<Self, TokenizerError> {
        if text.is_empty() {
            return Err(TokenizerError::EmptyText);
        }
        let least = match config.kind {
            TokenizerKind::Words => Some(2),
            TokenizerKind::Bpe => Some(special(config).len() + alphabet::BYTES),
            TokenizerKind::Characters | TokenizerKind::Bytes => None,
            TokenizerKind::File => return Err(TokenizerError::NoTokenizerFile),
        };
        if let Some(low) = least
            && !(low..=LARGEST).contains(&config.vocabulary)
        {
            return Err(TokenizerError::VocabularyOutOfRange { vocabulary: config.vocabulary, low, high: LARGEST });
        }
        let pattern = match (config.splitting, config.kind) {
            (Splitting::Whitespace, _) => Pattern::Blanks,
            (Splitting::Gpt2, TokenizerKind::Words) => Pattern::Words,
            (Splitting::Gpt2, _) => Pattern::Gpt2,
        };
        let work = match config.kind {
            TokenizerKind::Words => Work::Words(Map::default()),
            TokenizerKind::Bpe => Work::Pieces(Map::default()),
            TokenizerKind::Bytes => {
                let trained = Trainer::new(special(config), 0, &Map::default()).finish();
                let made = Tokenizer::of_bytes(config, special(config), Pattern::Gpt2, trained)?;
                Work::Done(made, Progress { stage: Stage::Counting, done: text.len(), of: text.len() })
            }
            TokenizerKind::Characters | TokenizerKind::File => Work::Characters(HashSet::default()),
        };
        Ok(Self { config: config.clone(), pattern, at: 0, of: text.len(), work })
    }

    /// Goes on for about `work` bytes of the text or symbols visited (a million are some ten milliseconds); the tokenizer
    /// when it is done. `text` is the one that [`Builder::new`] saw.
    ///
    /// # Errors
    /// [`TokenizerError::TokenizerUnwritable`] where the library refuses what was made.
    pub fn advance(&mut self, text: &str, work: usize) -> Result<Option<Tokenizer>, TokenizerError> {
        let stop = self.at.saturating_add(work.max(1));
        let counted = match &mut self.work {
            Work::Done(made, _) => return Ok(Some(made.clone())),
            Work::Merging(trainer) => {
                if !trainer.advance(work) {
                    return Ok(None);
                }
                true
            }
            Work::Characters(seen) => {
                for c in text.get(self.at..).unwrap_or_default().chars() {
                    if self.at >= stop {
                        return Ok(None);
                    }
                    seen.insert(c);
                    self.at += c.len_utf8();
                }
                true
            }
            Work::Words(words) => loop {
                let Some(piece) = self.pattern.piece(text, self.at) else { break true };
                self.at = piece.end;
                let piece = &text[piece];
                match words.get_mut(piece) {
                    Some(count) => *count += 1,
                    None => _ = words.insert(piece.into(), 1),
                }
                if self.at >= stop {
                    break false;
                }
            },
            Work::Pieces(pieces) => loop {
                let Some(piece) = self.pattern.piece(text, self.at) else { break true };
                self.at = piece.end;
                for part in parts(&text_of(self.pattern, &text[piece])) {
                    match pieces.get_mut(part.as_bytes()) {
                        Some(count) => *count += 1,
                        None => _ = pieces.insert(part.as_bytes().into(), 1),
                    }
                }
                if self.at >= stop {
                    break false;
                }
            },
        };
        if !counted {
            return Ok(None);
        }
        let mut last = self.progress();
        last.of = last.done;
        let special = special(&self.config);
        let made = match std::mem::replace(&mut self.work, Work::Pieces(Map::default())) {
            Work::Done(made, _) => made,
            Work::Merging(trainer) => Tokenizer::of_bytes(&self.config, special, self.pattern, trainer.finish())?,
            Work::Characters(seen) => {
                let mut characters: Vec<char> = seen.into_iter().collect();
                characters.sort_unstable();
                Tokenizer::of_characters(&self.config, characters)
            }
            Work::Words(words) => Tokenizer::of_words(&self.config, self.pattern, chosen(&self.config, words)),
            Work::Pieces(pieces) => {
                self.work = Work::Merging(Box::new(Trainer::new(special, self.config.vocabulary, &pieces)));
                return Ok(None);
            }
        };
        self.work = Work::Done(made.clone(), last);
        Ok(Some(made))
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        match &self.work {
            Work::Merging(trainer) => {
                let (done, of) = trainer.progress();
                Progress { stage: Stage::Merging, done, of }
            }
            Work::Done(_, last) => *last,
            _ => Progress { stage: Stage::Counting, done: self.at.min(self.of), of: self.of },
        }
    }
}

/// A piece in parts of at most [`COUNTED`] bytes, cut between characters.
fn parts(piece: &str) -> impl Iterator<Item = &str> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        let (part, behind) = rest.split_at(rest.floor_char_boundary(COUNTED));
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

/// The words of a vocabulary: `<unk>`, then the most frequent, among equals by their text.
fn chosen(config: &TokenizerConfig, words: Map<Box<str>, u64>) -> Vec<Box<str>> {
    let mut counted: Vec<(Box<str>, u64)> = words.into_iter().filter(|(word, _)| **word != *UNKNOWN).collect();
    counted.sort_unstable_by(|(a, often), (b, seldom)| seldom.cmp(often).then_with(|| a.cmp(b)));
    let mut left = WORD_BYTES;
    let mut fits = |word: &str| left.checked_sub(written(word)).inspect(|&less| left = less).is_some();
    let words = counted.into_iter().map(|(word, _)| word);
    std::iter::once(UNKNOWN.into()).chain(words.filter(|word| fits(word)).take(config.vocabulary - 1)).collect()
}

/// Bytes that a word takes in a tokenizer.json, with its id.
fn written(word: &str) -> usize {
    let character = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..' ' => 6,
        _ => c.len_utf8(),
    };
    word.chars().map(character).sum::<usize>() + "\"\":00000,".len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bpe(vocabulary: usize) -> TokenizerConfig {
        TokenizerConfig { kind: TokenizerKind::Bpe, vocabulary, ..TokenizerConfig::default() }
    }

    #[test]
    fn refuses_what_cannot_be_made() {
        let refused = |config: &TokenizerConfig, text| Builder::new(config, text).unwrap_err();
        assert_eq!(refused(&bpe(300), ""), TokenizerError::EmptyText);
        let error = |vocabulary, low| TokenizerError::VocabularyOutOfRange { vocabulary, low, high: 32_768 };
        assert_eq!(refused(&bpe(256), "a"), error(256, 257));
        assert_eq!(refused(&bpe(32_769), "a"), error(32_769, 257));
        assert_eq!(refused(&TokenizerConfig { bos_eos: true, ..bpe(257) }, "a"), error(257, 258));
        assert_eq!(refused(&TokenizerConfig { kind: TokenizerKind::Words, ..bpe(1) }, "a"), error(1, 2));
        assert_eq!(
            refused(&TokenizerConfig { kind: TokenizerKind::File, ..bpe(300) }, "a"),
            TokenizerError::NoTokenizerFile
        );
        assert!(Builder::new(&TokenizerConfig { kind: TokenizerKind::Bytes, ..bpe(1) }, "a").is_ok());
    }

    #[test]
    fn slices_make_what_one_go_makes() {
        let text = include_str!("build.rs");
        for kind in [TokenizerKind::Characters, TokenizerKind::Words, TokenizerKind::Bytes, TokenizerKind::Bpe] {
            for splitting in [Splitting::Gpt2, Splitting::Whitespace] {
                let config = TokenizerConfig { kind, splitting, ..bpe(600) };
                let mut builder = Builder::new(&config, text).unwrap();
                let (mut last, mut slices) = (builder.progress(), 0);
                let tokenizer = loop {
                    slices += 1;
                    let made = builder.advance(text, 100).unwrap();
                    let now = builder.progress();
                    assert!(now.done <= now.of, "{now:?}");
                    assert!(now.stage != last.stage || now.done >= last.done, "{last:?} {now:?}");
                    last = now;
                    if let Some(made) = made {
                        break made;
                    }
                };
                assert_eq!(tokenizer, Tokenizer::from_text(&config, text).unwrap());
                assert_eq!(builder.advance(text, 1).unwrap(), Some(tokenizer));
                assert!(slices > 50 || kind == TokenizerKind::Bytes, "{slices}");
            }
        }
    }

    #[test]
    fn another_text_does_no_harm() {
        for kind in [TokenizerKind::Characters, TokenizerKind::Words, TokenizerKind::Bpe] {
            let mut builder = Builder::new(&TokenizerConfig { kind, ..bpe(600) }, "ab cd ef gh").unwrap();
            assert_eq!(builder.advance("ab cd ef gh", 5).unwrap(), None);
            while builder.advance("ééééé", 5).unwrap().is_none() {}
        }
    }

    #[test]
    fn a_text_without_pairs_left_has_fewer_tokens() {
        let tokenizer = Tokenizer::from_text(&bpe(1000), "ab ab ab").unwrap();
        assert_eq!(tokenizer.vocab(), 257 + 2); // ab, and the space before it
        assert_eq!(tokenizer.encode("ab ab").unwrap(), [257, 258]);
    }

    #[test]
    fn parts_are_cut_between_characters() {
        let piece = format!("a{}", "é".repeat(1500));
        let cut: Vec<&str> = parts(&piece).collect();
        assert_eq!(cut.iter().map(|part| part.len()).collect::<Vec<_>>(), [1023, 1024, 954]);
        assert_eq!(cut.concat(), piece);
        assert_eq!(parts("").count(), 0);
    }

    #[test]
    fn vocabularies_can_be_read_again_whatever_the_text() {
        let lines: String = (0..40)
            .map(|i| format!("{}\n", char::from(b'a' + i % 26).to_string().repeat(500_000 + usize::from(i))))
            .collect();
        let words = Tokenizer::from_text(&TokenizerConfig { kind: TokenizerKind::Words, ..bpe(100) }, &lines).unwrap();
        assert!((10..30).contains(&words.vocab()), "{}", words.vocab());
        assert_eq!(Tokenizer::from_json(&words.to_json().unwrap()), Ok(words));
        // Long runs that come twice, with no blank: a merge for almost every two bytes of them.
        let mut state = 1_u32;
        let mut letter = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + (state >> 24) as u8 % 26)
        };
        let runs: String = (0..400).map(|_| (0..1023).map(|_| letter()).collect::<String>() + "\n").collect();
        let pairs = Tokenizer::from_text(&bpe(32_768), &runs.repeat(2)).unwrap();
        assert_eq!(Tokenizer::from_json(&pairs.to_json().unwrap()), Ok(pairs));
    }
}
