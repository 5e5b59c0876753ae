//! Short letters among the people and animals of the small stories: the same words in another manner, to fine-tune on.

use super::Dice;
use super::stories::{cast, fill};

/// Letters of a text; about 100 kB.
const LETTERS: usize = 400;

const OPENINGS: [&str; 5] = [
    "Dear {pal},\n[Thank you for your letter.|I hope you are well.|How are you today?] ",
    "Dear {elder},\n[Here the sun shines every day|It has rained all week|The days are long here]. ",
    "My dear {pal},\n[I think of you often.|What a week this was!|Have you heard the news?] ",
    "Hello {pal},\n[It is {name} again!|This is {name}!|Guess who writes to you!] ",
    "Dear friend,\n[You do not know me yet.|We have not met.|I heard of you from {a friend}.] ",
];
const NEWS: [&str; 8] = [
    "[Yesterday|Last night|On Sunday] I was {at} and saw {sight}. [You would have liked it.|I wished you were there.] ",
    "I have {a color} {thing} now, and I [take it everywhere|play with it every day|show it to everybody]. ",
    "We had {treats} [at home|for breakfast|at night], and [nothing was left|I ate too many|I kept one for you]. ",
    "{A friend} lives near us now. It [sleeps in its {phome}|eats {pfood} all day|comes when I call]. ",
    "My {thing} is [lost|broken|wet], so [please look for it when you come|I am a little sad|I will make a new one]. ",
    "{Day}, I walked all the way to {place}. My feet [hurt|are tired|are still cold], but I was happy. ",
    "I can [swim|whistle|count to a hundred|climb the big tree] now. [Nobody helped me.|It was hard at first.] ",
    "At night I [look at the stars|hear the wind|read under my blanket], and then I think of you. ",
];
const QUESTIONS: [&str; 5] = [
    "Do you still have [your {thing}|that {color} {thing}|the {thing} that I gave you]? ",
    "When will you [visit us|come to {place}|write again]? ",
    "Is it [warm|cold|windy] where you are? ",
    "What do you eat? I like {treats} best. ",
    "Will you bring [some {pfood}|{a thing}|your friends] next time? ",
];
const CLOSINGS: [&str; 5] = [
    "\nYours, {name}",
    "\nWith love, {name}",
    "\nWrite soon! {name}",
    "\nYour friend {name}",
    "\nSee you in [spring|summer|autumn|winter]! {name}",
];

/// Letters, a blank line between them.
pub(super) fn letters(dice: &mut Dice) -> String {
    let mut all = Vec::with_capacity(LETTERS);
    for _ in 0..LETTERS {
        let cast = cast(dice, None);
        let mut news: Vec<&str> = NEWS.to_vec();
        dice.shuffle(&mut news);
        news.truncate(2 + dice.below(3));
        let body = [&[dice.pick(&OPENINGS)], news.as_slice(), &[dice.pick(&QUESTIONS), dice.pick(&CLOSINGS)]].concat();
        let letter: String = body.into_iter().map(|part| fill(part, &cast, dice)).collect();
        all.push(letter.replace(" \n", "\n"));
    }
    all.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_whole_and_address_somebody() {
        let text = letters(&mut Dice::new("letters", 1));
        assert!((60_000..160_000).contains(&text.len()), "{}", text.len());
        assert!(text.is_ascii() && !text.contains(['[', ']', '{', '}', '|']), "every place of a template is filled");
        for letter in text.split("\n\n") {
            let lines: Vec<&str> = letter.trim_end().lines().collect();
            assert_eq!(lines.len(), 3, "{letter}");
            assert!(lines[0].ends_with(',') && !lines[1].contains("  ") && !lines[1].ends_with(' '), "{letter}");
            let capital = |text: &str| text.starts_with(|c: char| c.is_uppercase() || c == '"');
            assert!(lines[1].split(['.', '!', '?']).skip(1).all(|s| s.is_empty() || capital(s.trim())), "{letter}");
        }
    }
}
