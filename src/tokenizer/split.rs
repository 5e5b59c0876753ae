//! Where a text is cut before tokens are looked for: the patterns of GPT-2 and of words by hand, char by char.
//!
//! The library's own splitter is a backtracking expression that stops in silence after about a million blanks; this one is
//! linear and has no state but a position, so that it can be taken up again anywhere.

use regex_syntax::Parser;
use regex_syntax::hir::{Class as HirClass, HirKind};
use std::ops::Range;
use std::sync::LazyLock;

/// GPT-2's pattern without the English contractions, as a tokenizer.json of words names it.
pub(super) const WORDS: &str = r" ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// What GPT-2's pattern cuts off behind an apostrophe.
const CONTRACTIONS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

/// Where to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Contractions, and what [`Pattern::Words`] cuts.
    Gpt2,
    /// Runs of letters, of numbers, of marks, each with the space before it; runs of blanks.
    Words,
    /// What stands between blanks; the blanks belong to no piece.
    Blanks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Letter,
    Number,
    Blank,
    /// Neither of the others.
    Mark,
}

/// Blank with the largest code point.
const LAST_BLANK: char = '\u{3000}';

/// Classes of the code points from 0 to the last letter or number; all beyond are marks.
static CLASSES: LazyLock<Vec<Class>> = LazyLock::new(|| {
    let mut classes = vec![Class::Mark; LAST_BLANK as usize + 1];
    let mut set = |pattern: &str, class: Class| {
        // The tables of the `regex` crate, so that the library's splitter and ours know the same letters. Neither pattern
        // can fail to parse; were one to, the comparison with the library in the tests would.
        let Ok(parsed) = Parser::new().parse(pattern) else { return };
        let HirKind::Class(HirClass::Unicode(ranges)) = parsed.kind() else { return };
        for range in ranges.ranges() {
            let (start, end) = (range.start() as usize, range.end() as usize + 1);
            if classes.len() < end {
                classes.resize(end, Class::Mark);
            }
            classes[start..end].fill(class);
        }
    };
    set(r"\p{L}", Class::Letter);
    set(r"\p{N}", Class::Number);
    for blank in ('\0'..=LAST_BLANK).filter(|c| c.is_whitespace()) {
        classes[blank as usize] = Class::Blank;
    }
    classes
});

fn class(classes: &[Class], c: char) -> Class {
    classes.get(c as usize).copied().unwrap_or(Class::Mark)
}

impl Pattern {
    /// The first piece at byte `at` or behind it; none when only what belongs to no piece is left (or `at` is no place
    /// between characters of this text).
    pub(super) fn piece(self, text: &str, at: usize) -> Option<Range<usize>> {
        let rest = text.get(at..)?;
        if self == Pattern::Blanks {
            let start = at + rest.find(|c: char| !c.is_whitespace())?;
            let end = text[start..].find(char::is_whitespace).map_or(text.len(), |length| start + length);
            return Some(start..end);
        }
        let first = rest.chars().next()?;
        if self == Pattern::Gpt2
            && first == '\''
            && let Some(contraction) = CONTRACTIONS.iter().find(|contraction| rest.starts_with(**contraction))
        {
            return Some(at..at + contraction.len());
        }
        let classes = CLASSES.as_slice();
        let run = |start: usize, wanted: Class| {
            let mut characters = text[start..].char_indices();
            characters.find(|&(_, c)| class(classes, c) != wanted).map_or(text.len(), |(length, _)| start + length)
        };
        let behind = at + first.len_utf8();
        let kind = class(classes, first);
        if kind != Class::Blank {
            return Some(at..run(behind, kind));
        }
        // A space belongs to the run behind it.
        if first == ' '
            && let Some(second) = text[behind..].chars().next()
            && class(classes, second) != Class::Blank
        {
            return Some(at..run(behind, class(classes, second)));
        }
        // Blanks up to the last one, which a run behind them may want; a lone one stands for itself.
        let end = run(behind, Class::Blank);
        let last = text[at..end].chars().next_back().map_or(0, char::len_utf8);
        Some(at..if end == text.len() || end - last == at { end } else { end - last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(pattern: Pattern, text: &str) -> Vec<&str> {
        let mut at = 0;
        std::iter::from_fn(|| {
            let piece = pattern.piece(text, at)?;
            at = piece.end;
            Some(&text[piece])
        })
        .collect()
    }

    #[test]
    fn cuts_as_gpt2() {
        let cut = |text| pieces(Pattern::Gpt2, text).join("|");
        assert_eq!(cut("Hello, world's end"), "Hello|,| world|'s| end");
        assert_eq!(cut("I'll we've 'tis !'s"), "I|'ll| we|'ve| '|tis| !'|s");
        assert_eq!(cut("a  b   \n\nc"), "a| | b|   \n|\n|c");
        assert_eq!(cut("tail  "), "tail|  ");
        assert_eq!(cut("x\t y \u{a0}z"), "x|\t| y| |\u{a0}|z");
        assert_eq!(cut("naïve2 ½ 中文 12"), "naïve|2| ½| 中文| 12");
        assert_eq!(cut("'"), "'");
        assert_eq!(cut(""), "");
    }

    #[test]
    fn cuts_words_and_at_blanks() {
        assert_eq!(pieces(Pattern::Words, "it's 'so'").join("|"), "it|'|s| '|so|'");
        assert_eq!(pieces(Pattern::Blanks, "\u{2003}it's \r\n so\u{85}").join("|"), "it's|so");
        assert_eq!(pieces(Pattern::Blanks, " \n").len(), 0);
    }

    #[test]
    fn knows_the_blanks_of_the_standard_library() {
        for c in '\0'..=char::MAX {
            assert_eq!(class(&CLASSES, c) == Class::Blank, c.is_whitespace(), "{c:?}");
        }
    }

    #[test]
    fn a_place_inside_a_character_has_no_piece() {
        assert_eq!(Pattern::Gpt2.piece("é", 1), None);
        assert_eq!(Pattern::Gpt2.piece("é", 5), None);
    }
}
