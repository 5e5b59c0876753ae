//! Text → documents, in training and validation, and the tokens of each.

use crate::config::{DataConfig, Division, Windows};
use std::ops::Range;

/// A text's documents as byte ranges, in order; a part's ranges cover it, and the two parts together cover the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// What is trained on.
    pub training: Vec<Range<usize>>,
    /// What is held out.
    pub validation: Vec<Range<usize>>,
}

/// Cuts a text into documents and holds some out.
///
/// By position, the last characters are held out: the first ⌊characters · (1 − share)⌋ are trained on, as in nanoGPT, and
/// each part is one document; with `whole_words` the cut moves on to the next blank, so that no word falls to pieces. By document or line, one of each 1/share neighbours is held out, spread evenly over the text but
/// never at a fixed distance: a text that repeats itself must not hide the same document each time. Blank lines belong to
/// the document before them. Prefixes need short documents:
/// with them, documents are lines unless they are told by blank lines.
pub fn divide(text: &str, config: &DataConfig, whole_words: bool) -> Parts {
    let share = config.validation_share;
    let by_line = config.windows == Windows::Prefixes || config.division == Division::Line;
    if config.division == Division::Position {
        let characters = text.chars().count();
        let training = (characters as f64 * (1.0 - share)) as usize;
        let cut = text.char_indices().nth(training).map_or(text.len(), |(at, _)| at);
        let cut = if whole_words { next_blank(text, cut) } else { cut };
        let part = |range: Range<usize>| {
            if range.is_empty() {
                Vec::new()
            } else if by_line {
                lines(&text[range.clone()]).map(|l| l.start + range.start..l.end + range.start).collect()
            } else {
                vec![range]
            }
        };
        return Parts { training: part(0..cut), validation: part(cut..text.len()) };
    }
    let documents: Vec<_> = if config.division == Division::Document { documents(text) } else { lines(text).collect() };
    let mut parts = Parts::default();
    // Neighbours i with the same ⌊i · share⌋, of which one is held out once all are there.
    let mut neighbours = Vec::new();
    for (i, document) in documents.into_iter().enumerate() {
        neighbours.push(document);
        let number = ((i + 1) as f64 * share) as usize;
        if number > (i as f64 * share) as usize {
            parts.validation.push(neighbours.remove((scramble(number as u64) % neighbours.len() as u64) as usize));
            parts.training.append(&mut neighbours);
        }
    }
    parts.training.append(&mut neighbours);
    parts
}

/// The place at or behind `at` where blanks begin; `at` itself where none do.
fn next_blank(text: &str, at: usize) -> usize {
    let mut before = text[..at].chars().next_back();
    for (offset, c) in text[at..].char_indices() {
        if c.is_whitespace() && before.is_some_and(|b| !b.is_whitespace()) {
            return at + offset;
        }
        before = Some(c);
    }
    at
}

/// A number that looks random, the same for the same number (SplitMix64, Steele et al. 2014).
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Lines with their ends, as byte ranges.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut end = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = end;
        end += line.len();
        start..end
    })
}

/// Documents with the blank lines behind them, as byte ranges.
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut written, mut ended) = (0, false, false);
    for line in lines(text) {
        let blank = text[line.clone()].trim().is_empty();
        if !blank && ended {
            found.push(start..line.start);
            (start, ended) = (line.start, false);
        }
        // blank lines at the very beginning have no document before them: they open the first one
        ended |= blank && written;
        written |= !blank;
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
}

/// Tokens of one split, and where its documents begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    tokens: Vec<u32>,
    /// First token of each document.
    pub(super) starts: Vec<usize>,
}

impl Stream {
    /// A stream without documents.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds one whole document.
    pub fn push(&mut self, document: &[u32]) {
        self.begin_document();
        self.extend(document);
    }
    /// Begins a document; what [`Self::extend`] adds belongs to it.
    pub fn begin_document(&mut self) {
        self.starts.push(self.tokens.len());
    }
    /// Adds tokens to the last document; begins the first where there is none.
    pub fn extend(&mut self, tokens: &[u32]) {
        if self.starts.is_empty() {
            self.begin_document();
        }
        self.tokens.extend_from_slice(tokens);
    }
    /// All tokens, documents one behind the other.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }
    /// Each document's range in [`Self::tokens`].
    pub fn documents(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        let end = |i: usize| self.starts.get(i + 1).copied().unwrap_or(self.tokens.len());
        self.starts.iter().enumerate().map(move |(i, &start)| start..end(i))
    }
}

impl From<Vec<u32>> for Stream {
    /// One document.
    fn from(tokens: Vec<u32>) -> Self {
        Self { tokens, starts: vec![0] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn division(division: Division, validation_share: f64) -> DataConfig {
        DataConfig { division, validation_share, ..DataConfig::default() }
    }

    fn parts<'a>(text: &'a str, config: &DataConfig) -> (Vec<&'a str>, Vec<&'a str>) {
        let parts = divide(text, config, false);
        let cut = |ranges: Vec<Range<usize>>| ranges.into_iter().map(|r| &text[r]).collect();
        (cut(parts.training), cut(parts.validation))
    }

    #[test]
    fn position_holds_out_the_last_characters() {
        let text: String = "añ水🐟".chars().cycle().take(1003).collect();
        let (training, validation) = parts(&text, &DataConfig::default());
        assert_eq!((training.len(), validation.len()), (1, 1));
        assert_eq!(training[0].chars().count(), (1003f64 * 0.9) as usize);
        assert_eq!(training[0].to_owned() + validation[0], text);
        for share in [0.0, 0.25, 0.5] {
            let (training, validation) = parts("abcdefg\n", &division(Division::Position, share));
            assert_eq!(training[0].len(), (8.0 * (1.0 - share)) as usize);
            assert_eq!(validation.len(), usize::from(share > 0.0));
        }
        assert_eq!(parts("", &DataConfig::default()), (vec![], vec![]));
        assert!((1.0 - 0.1f64).to_bits() == 0.9f64.to_bits(), "nanoGPT's int(n * 0.9), to the last digit");
        assert_eq!(parts("x", &DataConfig::default()), (vec![], vec!["x"]));
    }

    #[test]
    fn documents_keep_the_blank_lines_behind_them() {
        let text = "\n one\ntwo\n\n \t\nthree\r\n\r\nfour";
        let (training, validation) = parts(text, &division(Division::Document, 0.0));
        assert_eq!(training, ["\n one\ntwo\n\n \t\n", "three\r\n\r\n", "four"]);
        assert!(validation.is_empty());
        let (training, validation) = parts(text, &division(Division::Document, 0.5));
        assert_eq!((training, validation), (vec!["\n one\ntwo\n\n \t\n", "four"], vec!["three\r\n\r\n"]));
        assert_eq!(parts("", &division(Division::Document, 0.5)), (vec![], vec![]));
        assert_eq!(parts("\n \n", &division(Division::Document, 0.0)).0, ["\n \n"]);
    }

    #[test]
    fn lines_are_held_out_evenly() {
        let text: String = (0..100).map(|i| if i % 7 == 3 { "\n".to_owned() } else { format!("line {i}\n") }).collect();
        for (share, step) in [(0.1, 10), (0.25, 4), (0.5, 2)] {
            let (training, validation) = parts(&text, &division(Division::Line, share));
            assert_eq!((training.len(), validation.len()), (100 - 100 / step, 100 / step));
            let held_out: Vec<usize> = divide(&text, &division(Division::Line, share), false)
                .validation
                .iter()
                .map(|range| text[..range.start].lines().count())
                .collect();
            assert!(held_out.iter().enumerate().all(|(k, line)| line / step == k), "one of each {step}: {held_out:?}");
            let places: BTreeSet<usize> = held_out.iter().map(|line| line % step).collect();
            assert!(places.len() > 1, "at no fixed distance: {held_out:?}");
        }
        let all = divide(&text, &division(Division::Line, 0.3), false);
        let mut ranges = [all.training, all.validation].concat();
        ranges.sort_by_key(|r| r.start);
        assert!(ranges.windows(2).all(|w| w[0].end == w[1].start) && ranges[99].end == text.len());
    }

    #[test]
    fn whole_words_are_not_cut() {
        let config = division(Division::Position, 0.5);
        let cut = |text: &str, whole| divide(text, &config, whole).training[0].end;
        assert_eq!((cut("one second  four", false), cut("one second  four", true)), (8, 10));
        assert_eq!(cut("nothing-but-a-word", true), 9, "there is no better place");
        assert_eq!(cut("ab \n cd", true), 3, "inside blanks the next word's end is next, and here there is none");
    }

    #[test]
    fn prefixes_make_documents_of_lines() {
        let prefixes = |division| DataConfig { windows: Windows::Prefixes, division, ..DataConfig::default() };
        let text = "ab\ncd\n\nefgh\nijklmnopq\nr";
        let (training, validation) = parts(text, &prefixes(Division::Position));
        assert_eq!((training, validation), (vec!["ab\n", "cd\n", "\n", "efgh\n", "ijklmnop"], vec!["q\n", "r"]));
        assert_eq!(parts(text, &prefixes(Division::Line)).0.len(), 6);
        assert_eq!(parts(text, &prefixes(Division::Document)).0.len(), 2);
    }

    #[test]
    fn a_stream_knows_its_documents() {
        let mut stream = Stream::new();
        assert_eq!(stream.documents().len(), 0);
        stream.extend(&[1, 2]);
        stream.push(&[]);
        stream.begin_document();
        stream.extend(&[3]);
        stream.extend(&[4]);
        assert_eq!(stream.tokens(), [1, 2, 3, 4]);
        assert_eq!(stream.documents().collect::<Vec<_>>(), [0..2, 2..2, 2..4]);
    }
}
