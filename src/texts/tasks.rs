//! Tasks: one problem and its answer a line, `asked=answer`, no line twice.

use super::Dice;
use std::collections::BTreeSet;

/// Lines of a task that has more than this many problems.
const LINES: usize = 8_000;

/// Different lines until there are `count`.
fn different(count: usize, mut line: impl FnMut() -> String) -> Vec<String> {
    let (mut seen, mut lines) = (BTreeSet::new(), Vec::with_capacity(count));
    while lines.len() < count {
        let new = line();
        if seen.insert(new.clone()) {
            lines.push(new);
        }
    }
    lines
}

fn join(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// Every sum of two numbers from 0 to 99.
pub(super) fn addition(dice: &mut Dice) -> String {
    let mut lines: Vec<_> = (0..100).flat_map(|a| (0..100).map(move |b| format!("{a}+{b}={}", a + b))).collect();
    dice.shuffle(&mut lines);
    join(&lines)
}

/// Three to six digits, and the same in order.
pub(super) fn sorting(dice: &mut Dice) -> String {
    join(&different(LINES, || {
        let length = 3 + dice.below(4);
        let mut digits: Vec<u8> = (0..length).map(|_| b'0' + dice.below(10) as u8).collect();
        let asked: String = digits.iter().map(|&d| char::from(d)).collect();
        digits.sort_unstable();
        asked + "=" + &digits.iter().map(|&d| char::from(d)).collect::<String>()
    }))
}

/// Three to seven letters, and the same backwards.
pub(super) fn reversal(dice: &mut Dice) -> String {
    join(&different(LINES, || {
        let length = 3 + dice.below(5);
        let word: String = (0..length).map(|_| char::from(b'a' + dice.below(26) as u8)).collect();
        format!("{word}={}", word.chars().rev().collect::<String>())
    }))
}

const PAIRS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// Whether every bracket closes the last open one.
fn balanced(brackets: &[char]) -> bool {
    let mut open = Vec::new();
    for &bracket in brackets {
        if let Some(&(_, close)) = PAIRS.iter().find(|(o, _)| *o == bracket) {
            open.push(close);
        } else if open.pop() != Some(bracket) {
            return false;
        }
    }
    open.is_empty()
}

/// `pairs` brackets that match: at every place an open one is closed, or a new one opened, as long as either can be.
fn matching(dice: &mut Dice, pairs: usize) -> Vec<char> {
    let (mut out, mut open, mut left) = (Vec::new(), Vec::new(), pairs);
    while out.len() < 2 * pairs {
        match open.pop() {
            Some(close) if left == 0 || dice.chance(1, 2) => out.push(close),
            last => {
                open.extend(last);
                let (bracket, close) = dice.pick(&PAIRS);
                out.push(bracket);
                open.push(close);
                left -= 1;
            }
        }
    }
    out
}

/// The same brackets with one slip: two neighbours swapped, one of another kind, or one turned round. None where that
/// happens to match.
fn slip(dice: &mut Dice, brackets: &[char]) -> Option<Vec<char>> {
    let mut out = brackets.to_vec();
    let at = dice.below(out.len());
    let (open, close) = PAIRS.into_iter().find(|(open, close)| [*open, *close].contains(&out[at]))?;
    let turned = if out[at] == open { close } else { open };
    match dice.below(3) {
        0 => {
            let (a, b) = (at.saturating_sub(1), at.max(1));
            out.swap(a, b);
        }
        1 => {
            let (other, other_close) = dice.pick(&PAIRS);
            out[at] = if out[at] == open { other } else { other_close };
        }
        _ => out[at] = turned,
    }
    (!balanced(&out)).then_some(out)
}

/// Two to twelve brackets of three kinds, and whether they match; half of them do.
pub(super) fn brackets(dice: &mut Dice) -> String {
    // Few short ones are there: they would run out.
    const PAIRS_OF_A_LINE: [usize; 9] = [1, 2, 3, 4, 4, 5, 5, 6, 6];
    let line = |dice: &mut Dice, right: bool| loop {
        let pairs = dice.pick(&PAIRS_OF_A_LINE);
        let right_ones = matching(dice, pairs);
        let (shown, answer) = if right { (Some(right_ones), "yes") } else { (slip(dice, &right_ones), "no") };
        if let Some(shown) = shown {
            return format!("{}={answer}", shown.into_iter().collect::<String>());
        }
    };
    let mut lines = different(LINES / 2, || line(dice, true));
    lines.extend(different(LINES / 2, || line(dice, false)));
    dice.shuffle(&mut lines);
    join(&lines)
}

#[cfg(test)]
mod tests {
    use super::super::{make, problem};
    use super::*;

    fn problems(key: &str) -> Vec<(String, String)> {
        let text = make(key, 5).unwrap();
        text.lines().map(|l| problem(l).unwrap()).map(|(asked, answer)| (asked.to_owned(), answer.to_owned())).collect()
    }

    #[test]
    fn sums_are_right_and_all_there() {
        let all = problems("addition");
        assert_eq!(all.len(), 10_000);
        for (asked, answer) in &all {
            let (a, b) = asked.strip_suffix('=').unwrap().split_once('+').unwrap();
            let (a, b): (u32, u32) = (a.parse().unwrap(), b.parse().unwrap());
            assert!(a < 100 && b < 100 && answer.parse() == Ok(a + b), "{asked}{answer}");
        }
        assert!(all.windows(2).take(100).any(|w| w[0].0 > w[1].0), "shuffled");
    }

    #[test]
    fn digits_are_sorted() {
        for (asked, answer) in problems("sorting") {
            let mut digits: Vec<char> = asked.trim_end_matches('=').chars().collect();
            digits.sort_unstable();
            assert!((3..=6).contains(&digits.len()) && digits.iter().all(char::is_ascii_digit));
            assert_eq!(answer, digits.into_iter().collect::<String>());
        }
    }

    #[test]
    fn words_are_reversed() {
        for (asked, answer) in problems("reversal") {
            let word = asked.trim_end_matches('=');
            assert!((3..=7).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase()));
            assert_eq!(answer, word.chars().rev().collect::<String>());
        }
    }

    #[test]
    fn half_of_the_brackets_match() {
        // Crossing out neighbours that match, until nothing changes: no stack.
        let matches = |text: &str| {
            let mut text = text.to_owned();
            for _ in 0..text.len() {
                text = text.replace("()", "").replace("[]", "").replace("{}", "");
            }
            text.is_empty()
        };
        let all = problems("brackets");
        for (asked, answer) in &all {
            let shown = asked.trim_end_matches('=');
            assert!(shown.len() % 2 == 0 && (2..=12).contains(&shown.len()));
            assert_eq!(matches(shown), answer == "yes", "{shown}");
        }
        assert_eq!(all.iter().filter(|p| p.1 == "yes").count() * 2, all.len());
        // Counting alone is not enough: many wrong ones have as many open as closed ones of each kind.
        let even = |s: &str| PAIRS.iter().all(|(o, c)| s.matches(*o).count() == s.matches(*c).count());
        let hard = all.iter().filter(|p| p.1 == "no" && even(&p.0)).count();
        assert!(hard * 5 > all.len() / 2, "{hard}");
    }
}
