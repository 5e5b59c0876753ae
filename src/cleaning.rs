//! Text → cleaner text, and a report of what each step changed.

use crate::config::DataConfig;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// How many examples a change names at most.
const EXAMPLES: usize = 8;
/// An example shows so many characters of a longer run, and an ellipsis.
const SHOWN: usize = 16;

/// One step of cleaning, in the order in which they are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cleaning {
    /// CR LF and lone CR become LF.
    NormaliseNewlines,
    /// Runs of blanks become one space, runs of blank lines one, blanks at the ends of lines go.
    CollapseWhitespace,
    /// What is not ASCII is replaced by its nearest ASCII form, or goes.
    AsciiOnly,
    /// Capitals become small letters.
    LowerCase,
}

/// What a replacement looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// A character or a run of blanks, the latter cut short behind 16 characters.
    pub before: String,
    /// What stands there now; empty where it was removed.
    pub after: String,
    /// How often.
    pub count: usize,
}

/// What one step did to the text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The step.
    pub what: Cleaning,
    /// Characters changed or removed, of the text as it came to this step.
    pub characters: usize,
    /// The commonest replacements, at most 8.
    pub examples: Vec<Example>,
}

/// Cleans a text in the order of the options in [`DataConfig`], with one entry for each option that is on, whether it
/// changed anything or not. Takes time in proportion to the text; a text that is clean already is borrowed.
pub fn clean<'a>(text: &'a str, config: &DataConfig) -> (Cow<'a, str>, Vec<Change>) {
    let steps: [(bool, Step); 4] = [
        (config.normalise_newlines, normalise_newlines),
        (config.collapse_whitespace, collapse_whitespace),
        (config.ascii_only, ascii_only),
        (config.lower_case, lower_case),
    ];
    let mut cleaned = Cow::Borrowed(text);
    let mut changes = Vec::new();
    for (_, step) in steps.into_iter().filter(|(on, _)| *on) {
        let (new, change) = step(&cleaned);
        if change.characters > 0 {
            cleaned = Cow::Owned(new);
        }
        changes.push(change);
    }
    (cleaned, changes)
}

type Step = fn(&str) -> (String, Change);

/// The commonest of (before, after, count), ties by what stood before.
fn commonest(found: impl Iterator<Item = (String, String, usize)>) -> Vec<Example> {
    let mut examples: Vec<_> = found.map(|(before, after, count)| Example { before, after, count }).collect();
    examples.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (&a.before, &a.after).cmp(&(&b.before, &b.after))));
    examples.truncate(EXAMPLES);
    examples
}

fn normalise_newlines(text: &str) -> (String, Change) {
    let mut out = String::with_capacity(text.len());
    let (mut pairs, mut lone) = (0, 0);
    let mut rest = text;
    while let Some(at) = rest.find('\r') {
        out.push_str(&rest[..at]);
        out.push('\n');
        rest = &rest[at + 1..];
        match rest.strip_prefix('\n') {
            Some(behind) => {
                rest = behind;
                pairs += 1;
            }
            None => lone += 1,
        }
    }
    out.push_str(rest);
    let found = [("\r\n", pairs), ("\r", lone)].into_iter().filter(|(_, count)| *count > 0);
    let examples = commonest(found.map(|(before, count)| (before.to_owned(), "\n".to_owned(), count)));
    (out, Change { what: Cleaning::NormaliseNewlines, characters: pairs + lone, examples })
}

/// What a run of blanks and line ends becomes, and how many of its characters that changes or removes.
fn collapsed(run: &str, at_start: bool, at_end: bool) -> (String, usize) {
    // Behind a word the first line end ends its line, and the next one a blank line; at the start the first is blank.
    let kept_ends = if at_start { 1 } else { 2 };
    let (mut out, mut ends, mut kept, mut blanks) = (String::new(), 0, 0, "");
    let mut rest = run;
    while let Some(at) = rest.find(['\n', '\r']) {
        let length = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
        if ends < kept_ends {
            out.push_str(&rest[at..at + length]);
            kept += length;
        }
        ends += 1;
        rest = &rest[at + length..];
    }
    if !at_end {
        blanks = rest;
    }
    if !blanks.is_empty() {
        out.push(' ');
        kept += usize::from(blanks.contains(' '));
    }
    (out, run.chars().count() - kept)
}

fn collapse_whitespace(text: &str) -> (String, Change) {
    let mut out = String::with_capacity(text.len());
    let mut found: HashMap<(String, String), usize> = HashMap::new();
    let mut characters = 0;
    let mut rest = text;
    while let Some(at) = rest.find(char::is_whitespace) {
        out.push_str(&rest[..at]);
        let from = &rest[at..];
        let run = &from[..from.find(|c: char| !c.is_whitespace()).unwrap_or(from.len())];
        let at_start = at == 0 && rest.len() == text.len();
        rest = &from[run.len()..];
        if run == " " && !rest.is_empty() {
            out.push(' '); // the commonest run by far
            continue;
        }
        let (after, changed) = collapsed(run, at_start, rest.is_empty());
        out.push_str(&after);
        if changed > 0 {
            characters += changed;
            let shown = match run.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", &run[..end]),
                None => run.to_owned(),
            };
            *found.entry((shown, after)).or_default() += 1;
        }
    }
    out.push_str(rest);
    let examples = commonest(found.into_iter().map(|((before, after), count)| (before, after, count)));
    (out, Change { what: Cleaning::CollapseWhitespace, characters, examples })
}

/// Replaces the characters for which there is `Some`.
fn replace<'a, T: AsRef<str> + 'a>(
    what: Cleaning,
    text: &str,
    replacement: impl Fn(char) -> Option<T>,
) -> (String, Change) {
    let mut out = String::with_capacity(text.len());
    let mut found: HashMap<char, usize> = HashMap::new();
    for c in text.chars() {
        match replacement(c) {
            Some(new) => {
                out.push_str(new.as_ref());
                *found.entry(c).or_default() += 1;
            }
            None => out.push(c),
        }
    }
    let characters = found.values().sum();
    let after = |c: char| replacement(c).map_or(String::new(), |new| new.as_ref().to_owned());
    let examples = commonest(found.into_iter().map(|(c, count)| (c.to_string(), after(c), count)));
    (out, Change { what, characters, examples })
}

fn ascii_only(text: &str) -> (String, Change) {
    replace(Cleaning::AsciiOnly, text, |c| if c.is_ascii() { None } else { Some(ascii(c)) })
}

fn lower_case(text: &str) -> (String, Change) {
    replace(Cleaning::LowerCase, text, |c| {
        let small = c.to_lowercase();
        // most letters are small, and ASCII needs no table
        if c.is_ascii_lowercase() || small.clone().eq(std::iter::once(c)) {
            None
        } else {
            Some(small.collect::<String>())
        }
    })
}

/// Letters U+00C0 to U+017F (Latin-1 and Latin Extended-A) without their accents, 16 in a row.
#[rustfmt::skip]
const LATIN: [&str; 192] = [
    "A", "A", "A", "A", "A", "A", "AE", "C", "E", "E", "E", "E", "I", "I", "I", "I",
    "D", "N", "O", "O", "O", "O", "O", "x", "O", "U", "U", "U", "U", "Y", "Th", "ss",
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    "d", "n", "o", "o", "o", "o", "o", "/", "o", "u", "u", "u", "u", "y", "th", "y",
    "A", "a", "A", "a", "A", "a", "C", "c", "C", "c", "C", "c", "C", "c", "D", "d",
    "D", "d", "E", "e", "E", "e", "E", "e", "E", "e", "E", "e", "G", "g", "G", "g",
    "G", "g", "G", "g", "H", "h", "H", "h", "I", "i", "I", "i", "I", "i", "I", "i",
    "I", "i", "IJ", "ij", "J", "j", "K", "k", "k", "L", "l", "L", "l", "L", "l", "L",
    "l", "L", "l", "N", "n", "N", "n", "N", "n", "n", "N", "n", "O", "o", "O", "o",
    "O", "o", "OE", "oe", "R", "r", "R", "r", "R", "r", "S", "s", "S", "s", "S", "s",
    "S", "s", "T", "t", "T", "t", "T", "t", "U", "u", "U", "u", "U", "u", "U", "u",
    "U", "u", "U", "u", "W", "w", "Y", "y", "Y", "Z", "z", "Z", "z", "Z", "z", "s",
];

/// The ASCII form of a character outside ASCII; empty where there is none.
fn ascii(c: char) -> &'static str {
    match c {
        '\u{c0}'..='\u{17f}' => LATIN[c as usize - 0xc0],
        '‘' | '’' | '‚' | '‛' | '′' | '‹' | '›' | '´' => "'",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => "-",
        '…' => "...",
        '•' | '·' => "*",
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{2028}' | '\u{2029}' | '\u{85}' => "\n",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(on: &str) -> DataConfig {
        DataConfig {
            normalise_newlines: on.contains('n'),
            collapse_whitespace: on.contains('c'),
            ascii_only: on.contains('a'),
            lower_case: on.contains('l'),
            ..DataConfig::default()
        }
    }

    fn example(before: &str, after: &str, count: usize) -> Example {
        Example { before: before.into(), after: after.into(), count }
    }

    /// The cleaned text, and the one change.
    fn one(text: &str, on: &str) -> (String, Change) {
        let (cleaned, mut changes) = clean(text, &options(on));
        assert_eq!(changes.len(), 1);
        (cleaned.into_owned(), changes.remove(0))
    }

    #[test]
    fn nothing_is_done_unasked() {
        let text = "A\r\n  é\t\t\n\n\n\nZ ";
        let (cleaned, changes) = clean(text, &options(""));
        assert_eq!((cleaned, changes), (Cow::Borrowed(text), Vec::new()));
        let (cleaned, changes) = clean("a b\n", &options("ncal"));
        assert!(matches!(cleaned, Cow::Borrowed("a b\n")));
        use Cleaning::{AsciiOnly, CollapseWhitespace, LowerCase, NormaliseNewlines};
        let order: Vec<_> = changes.iter().map(|c| c.what).collect();
        assert_eq!(order, [NormaliseNewlines, CollapseWhitespace, AsciiOnly, LowerCase]);
        assert!(changes.iter().all(|c| c.characters == 0 && c.examples.is_empty()));
    }

    #[test]
    fn newlines_are_normalised() {
        let (cleaned, change) = one("a\r\nb\rc\n\r\n\r\r\n", "n");
        assert_eq!((cleaned.as_str(), change.characters), ("a\nb\nc\n\n\n\n", 5));
        assert_eq!(change.examples, [example("\r\n", "\n", 3), example("\r", "\n", 2)]);
    }

    #[test]
    fn whitespace_is_collapsed() {
        for (before, after, characters) in [
            ("a  b", "a b", 1),
            ("a\tb", "a b", 1),
            ("a\t \tb", "a b", 2),
            ("a \t\u{a0}\u{3000}b", "a b", 3),
            ("a \n  b", "a\n b", 2),
            ("a\n\n\n\nb", "a\n\nb", 2),
            ("a\n \n\t\n  \n b\n", "a\n\n b\n", 6),
            ("\n\n\na", "\na", 2),
            ("  a", " a", 1),
            ("a\n\n\n", "a\n\n", 1),
            ("a  ", "a", 2),
            ("a ", "a", 1),
            (" ", "", 1),
            ("a \r\n\r\n \r\nb\rc \r", "a\r\n\r\nb\rc\r", 5),
            ("", "", 0),
            ("a b\n\nc d\n", "a b\n\nc d\n", 0),
        ] {
            let (cleaned, change) = one(before, "c");
            assert_eq!((cleaned.as_str(), change.characters), (after, characters), "{before:?}");
            assert_eq!(one(&cleaned, "c").0, cleaned, "{before:?} is clean after one turn");
        }
        let (_, change) = one("a  b  c\t\td  e", "c");
        assert_eq!(change.examples, [example("  ", " ", 3), example("\t\t", " ", 1)]);
    }

    #[test]
    fn ascii_is_what_stays() {
        let (cleaned, change) = one("“Ça va ?” – dit l’élève… Straße, Œuvre, Łódź 日本\u{a0}🐟!", "a");
        assert_eq!(cleaned, "\"Ca va ?\" - dit l'eleve... Strasse, OEuvre, Lodz  !");
        assert_eq!(change.characters, 17);
        assert_eq!(change.examples.len(), 8);
        let (cleaned, change) = one("é😀é", "a");
        assert_eq!(cleaned, "ee");
        assert_eq!(change.examples, [example("é", "e", 2), example("😀", "", 1)]);
    }

    #[test]
    fn accents_fall_off_the_right_letters() {
        let pairs = "ÀA ÇC ÐD ÑN ÖO ØO ÝY àa çc ïi ðd ñn øo üu ÿy ĀA ąa Čc ĐD ěe ĠG ğg ĦH İI ıi Ķk ĸk Łl łl Ńn ŉn ŌO őo Řr şs \
                     Šs ŢT ŧt Ũu ųu Ŵw Ŷy ŸY ŹZ žz ſs";
        for pair in pairs.split_whitespace() {
            let mut pair = pair.chars();
            let (accented, plain) = (pair.next().unwrap(), pair.as_str());
            assert!(ascii(accented).eq_ignore_ascii_case(plain), "{accented} is {}", ascii(accented));
            let small = accented.to_lowercase().next() == Some(accented);
            assert_eq!(small, ascii(accented).chars().all(|c| c.is_ascii_lowercase()), "{accented} keeps its case");
        }
        assert!((0xc0..0x180).filter_map(char::from_u32).all(|c| ascii(c).is_ascii() && !ascii(c).is_empty()));
    }

    #[test]
    fn capitals_become_small() {
        let (cleaned, change) = one("ABBA Über ΣΊΣΥΦΟΣ 7 日", "l");
        assert_eq!(cleaned, "abba über σίσυφοσ 7 日");
        assert_eq!(change.characters, 12);
        assert_eq!(change.examples[0], example("Σ", "σ", 3));
        assert_eq!(change.examples[1], example("A", "a", 2));
    }

    #[test]
    fn steps_follow_each_other() {
        let (cleaned, changes) = clean("ÉTÉ\u{a0}\u{a0}—\r\n\r\n\r\nX\r", &options("ncal"));
        assert_eq!(cleaned, "ete -\n\nx\n");
        assert_eq!(changes.iter().map(|c| c.characters).collect::<Vec<_>>(), [4, 3, 3, 4]);
    }

    /// A quadratic step would take minutes; this takes milliseconds.
    #[test]
    fn two_million_blanks_are_nothing() {
        let wide = " ".repeat(2_000_000);
        let long = "\n ".repeat(1_000_000);
        let mixed = "a \t".repeat(600_000);
        let foreign = "日É\r\n".repeat(500_000);
        for text in [&wide, &long, &mixed, &foreign, &format!("x{wide}y"), &format!("x{long}y")] {
            let (cleaned, changes) = clean(text, &options("ncal"));
            assert!(cleaned.len() <= text.len());
            assert!(changes.iter().flat_map(|c| &c.examples).all(|e| e.before.chars().count() <= SHOWN + 1));
        }
        assert_eq!(clean(&format!("x{wide}y"), &options("c")).0, "x y");
        assert_eq!(clean(&format!("x{long}y"), &options("c")).0, "x\n\n y");
    }
}
