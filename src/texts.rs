//! Texts that the project makes itself, from a seed: stories, tasks with answers, verse.
//!
//! They make the page useful without a network and without a file: each is the same text for the same seed on every host.

mod letters;
mod plots;
mod poems;
mod stories;
mod tasks;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::Serialize;

/// A text that [`make`] makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BuiltIn {
    /// Word in files and protocol.
    pub key: &'static str,
    /// Word on the page.
    pub label: &'static str,
    /// One sentence on what it is and what can be learned from it.
    pub help: &'static str,
    /// Whether every line is a problem with its answer, as [`problem`] parts them.
    pub task: bool,
}

/// Every built-in text, the first one first.
pub fn built_in() -> Vec<BuiltIn> {
    let entry = |key, label, help, task| BuiltIn { key, label, help, task };
    vec![
        entry(
            "stories",
            "Small stories",
            "English stories for small children, in plain words: a small model writes some of its own after a minute or two.",
            false,
        ),
        entry(
            "letters",
            "Small letters",
            "Letters among the people and animals of the stories: a second text for a model that has learnt these.",
            false,
        ),
        entry(
            "addition",
            "Addition",
            "All sums of two numbers below 100, as 12+34=46: the held-out ones show whether the model adds or remembers.",
            true,
        ),
        entry(
            "sorting",
            "Sorting digits",
            "Three to six digits and the same in order, as 3142=1234: attention learns to count.",
            true,
        ),
        entry(
            "reversal",
            "Reversing words",
            "Words of random letters and the same backwards, as planet=tenalp: attention learns to point.",
            true,
        ),
        entry(
            "brackets",
            "Matching brackets",
            "Brackets and whether they match, as ([]{})=yes: half of them do, the rest are one slip away.",
            true,
        ),
        entry(
            "poems",
            "Chinese verse",
            "Short poems of five or seven characters a line, from common words of classical verse: many characters, short lines.",
            false,
        ),
        entry(
            "sentences",
            "Two sentences",
            "Two sentences of the same five words: small enough to follow every number by hand.",
            false,
        ),
    ]
}

/// The text of that key, the same for the same seed on every host; None for a key that is not in [`built_in`].
pub fn make(key: &str, seed: u32) -> Option<String> {
    let mut dice = Dice::new(key, seed);
    Some(match key {
        "stories" => stories::stories(&mut dice),
        "letters" => letters::letters(&mut dice),
        "addition" => tasks::addition(&mut dice),
        "sorting" => tasks::sorting(&mut dice),
        "reversal" => tasks::reversal(&mut dice),
        "brackets" => tasks::brackets(&mut dice),
        "poems" => poems::poems(&mut dice),
        "sentences" => "hello world how are you\nhow are you hello world\n".to_owned(),
        _ => return None,
    })
}

/// A task's line parted into what is asked, up to its first `=`, and the answer: "12+34=46" → ("12+34=", "46"). None
/// without a `=` or without an answer.
pub fn problem(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_end_matches(['\n', '\r']);
    let (asked, answer) = line.split_at(line.find('=')? + 1);
    (!answer.is_empty()).then_some((asked, answer))
}

/// Seeded choices.
struct Dice(ChaCha8Rng);

impl Dice {
    /// Another stream for every key: the tasks of one seed share no draws.
    fn new(key: &str, seed: u32) -> Self {
        // The seed's high half keeps it apart from initial weights (0), batches (1) and epochs (2).
        let mut generator = ChaCha8Rng::seed_from_u64(u64::from(seed) | 3 << 32);
        generator.set_stream(built_in().iter().position(|b| b.key == key).unwrap_or(0) as u64);
        Self(generator)
    }
    /// A number below `end`, by multiply-shift (Lemire 2019).
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.0.next_u64()) * end as u128) >> 64) as usize
    }
    /// One of a list that is not empty.
    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
    /// True `times` of `of` times.
    fn chance(&mut self, times: usize, of: usize) -> bool {
        self.below(of) < times
    }
    /// A Fisher–Yates shuffle.
    fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn texts_repeat_by_seed_and_differ_by_seed() {
        for BuiltIn { key, .. } in built_in() {
            let text = make(key, 7).unwrap();
            assert_eq!(text, make(key, 7).unwrap(), "{key}");
            assert_eq!(key == "sentences", text == make(key, 8).unwrap(), "{key}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n\n") && !text.contains('\r'), "{key}");
        }
        assert_eq!(make("novels", 1), None);
        assert_eq!(make("sentences", 1).unwrap(), "hello world how are you\nhow are you hello world\n");
    }

    #[test]
    fn every_line_of_a_task_is_a_problem_of_its_own() {
        for BuiltIn { key, task, .. } in built_in() {
            let text = make(key, 1).unwrap();
            let lines: Vec<_> = text.lines().collect();
            assert_eq!(task, lines.iter().all(|l| problem(l).is_some()), "{key}");
            if task {
                assert!((5_000..=10_000).contains(&lines.len()), "{key} has {} lines", lines.len());
                let asked: BTreeSet<_> = lines.iter().map(|l| problem(l).unwrap().0).collect();
                assert_eq!(asked.len(), lines.len(), "{key} asks nothing twice");
            }
        }
    }

    #[test]
    fn a_problem_is_parted_behind_its_sign() {
        assert_eq!(problem("12+34=46"), Some(("12+34=", "46")));
        assert_eq!(problem("([)]=no\r\n"), Some(("([)]=", "no")));
        for line in ["", "12+34=", "12+34", "=\n"] {
            assert_eq!(problem(line), None, "{line}");
        }
    }
}
