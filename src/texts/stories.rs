//! Small stories: a plot with choices, a cast that plays it, one grammar.
//!
//! In a plot, `[a|b]` is one of several wordings (choices may stand in choices), `{key}` a word of the cast, `{Key}` the
//! same with a capital, and `{a key}` the same behind "a" or "an", whichever it asks for.

use super::Dice;
use super::plots::PLOTS;

/// Stories of a text; about 350 kB.
const STORIES: usize = 500;

const GIRLS: [&str; 20] = [
    "Anna", "Bella", "Clara", "Daisy", "Ella", "Emma", "Grace", "Holly", "Ida", "Lily", "Lucy", "Mia", "Nina", "Nora",
    "Rosa", "Ruby", "Sara", "Sophie", "Tilda", "Zoe",
];
const BOYS: [&str; 20] = [
    "Adam", "Ben", "Carlo", "Daniel", "Eli", "Felix", "Finn", "Hugo", "Jack", "Jonas", "Leo", "Max", "Milo", "Noah",
    "Oscar", "Paul", "Sam", "Theo", "Tom", "Will",
];
/// An animal, where it sleeps, what it likes to eat, and how it speaks up.
const ANIMALS: [[&str; 4]; 16] = [
    ["rabbit", "burrow", "carrots", "squeaked"],
    ["fox", "den", "berries", "barked"],
    ["hedgehog", "nest", "mushrooms", "snuffled"],
    ["squirrel", "nest", "nuts", "chattered"],
    ["mouse", "hole", "cheese", "squeaked"],
    ["bear", "cave", "honey", "rumbled"],
    ["donkey", "stable", "thistles", "brayed"],
    ["frog", "little house", "juicy flies", "croaked"],
    ["turtle", "hole", "lettuce", "murmured"],
    ["kitten", "barn", "fish", "purred"],
    ["puppy", "kennel", "bones", "barked"],
    ["lamb", "barn", "clover", "bleated"],
    ["pony", "stable", "apples", "snorted"],
    ["otter", "den", "fish", "chirped"],
    ["mole", "tunnel", "sweet roots", "mumbled"],
    ["badger", "den", "acorns", "grunted"],
];
const ANIMAL_NAMES: [&str; 20] = [
    "Pip", "Rusty", "Hazel", "Bramble", "Pepper", "Clover", "Nutmeg", "Biscuit", "Button", "Poppy", "Willow", "Moss",
    "Tumble", "Ginger", "Pebble", "Acorn", "Honey", "Dusty", "Fern", "Whiskers",
];
/// A place, how one is there, and what one sees there.
const PLACES: [[&str; 3]; 12] = [
    ["the forest", "in the forest", "the tall trees"],
    ["the meadow", "in the meadow", "the yellow flowers"],
    ["the park", "in the park", "the long green grass"],
    ["the beach", "on the beach", "the soft white sand"],
    ["the river", "by the river", "the smooth round stones"],
    ["the hill", "on the hill", "the wild roses"],
    ["the garden", "in the garden", "the rows of beans"],
    ["the pond", "by the pond", "the green reeds"],
    ["the orchard", "in the orchard", "the old apple trees"],
    ["the lake", "by the lake", "the still blue water"],
    ["the farm", "on the farm", "the big stacks of hay"],
    ["the old mill", "by the old mill", "the slow wooden wheel"],
];
const THINGS: [&str; 18] = [
    "ball",
    "kite",
    "hat",
    "scarf",
    "drum",
    "toy boat",
    "teddy bear",
    "bucket",
    "whistle",
    "ribbon",
    "picture book",
    "bell",
    "lantern",
    "basket",
    "marble",
    "spinning top",
    "wagon",
    "umbrella",
];
const COLORS: [&str; 10] = ["red", "blue", "green", "yellow", "orange", "golden", "silver", "purple", "white", "pink"];
/// Something good to eat, one and many.
const TREATS: [[&str; 2]; 10] = [
    ["cake", "cakes"],
    ["pie", "pies"],
    ["bun", "buns"],
    ["pancake", "pancakes"],
    ["cookie", "cookies"],
    ["muffin", "muffins"],
    ["apple", "apples"],
    ["pear", "pears"],
    ["orange", "oranges"],
    ["peach", "peaches"],
];
/// Somebody grown up, and whether it is a woman.
const ELDERS: [(&str, bool); 6] = [
    ("grandmother", true),
    ("grandfather", false),
    ("mother", true),
    ("father", false),
    ("aunt", true),
    ("uncle", false),
];
const SMALL: [&str; 5] = ["little", "small", "young", "tiny", "little"];
const GOOD: [&str; 9] = ["kind", "brave", "curious", "gentle", "clever", "cheerful", "quiet", "patient", "friendly"];
const DAYS: [&str; 14] = [
    "one sunny morning",
    "one day",
    "one bright afternoon",
    "one warm spring day",
    "one windy day",
    "early one morning",
    "one fine autumn day",
    "one long summer day",
    "one Sunday",
    "one day after breakfast",
    "one cool evening",
    "one quiet morning",
    "one day in May",
    "one cloudy afternoon",
];
const EVENINGS: [&str; 5] =
    ["one evening", "one warm night", "late one evening", "one night in summer", "one clear night"];
const BEGINNINGS: [&str; 6] = [
    "once upon a time there was",
    "there once was",
    "long ago there was",
    "in a small village there lived",
    "at the end of a long road there lived",
    "in a little house there lived",
];
/// How a story about a child may end.
const ENDINGS: [&str; 9] = [
    "It was the best day of the year.",
    "That night {name} [slept very well|dreamed of {place}|smiled in {his} sleep].",
    "{Name} was very happy.",
    "And {name} never forgot that day.",
    "When the stars came out, {name} was already fast asleep.",
    "\"I will tell everybody about this,\" said {name}.",
    "\"What a day!\" said {name}.",
    "And if you go to {place}, you may meet {name} there.",
    "{His} {elder} was very proud of {him}.",
];
/// How a story about an animal may end.
const ANIMAL_ENDINGS: [&str; 7] = [
    "That night {pal} slept very well in {phis} {phome}.",
    "And {pal} never forgot that day.",
    "{Pal} was the happiest {friend} in the world.",
    "Then {pal} went home and ate a big bowl of {pfood}.",
    "If you are very quiet, you can still hear {pal} laughing {at}.",
    "And they all lived happily ever after.",
    "\"What a good day,\" {says} {pal}, and {phe} fell asleep.",
];

/// The words of one story, by key; a word may be a small plot of its own.
pub(super) type Cast = Vec<(&'static str, &'static str)>;

/// Adds a person's or an animal's pronouns.
fn pronouns(cast: &mut Cast, keys: [&'static str; 3], female: bool) {
    let words = if female { ["she", "her", "her"] } else { ["he", "him", "his"] };
    cast.extend(keys.into_iter().zip(words));
}

/// Draws a cast; `female` decides for the child, the animal and the elder where it is given.
pub(super) fn cast(dice: &mut Dice, female: Option<bool>) -> Cast {
    let mut cast = Cast::new();
    let girl = female.unwrap_or_else(|| dice.chance(1, 2));
    cast.push(("name", dice.pick(if girl { &GIRLS } else { &BOYS })));
    cast.push(("himself", if girl { "herself" } else { "himself" }));
    cast.push(("child", if girl { "girl" } else { "boy" }));
    pronouns(&mut cast, ["he", "him", "his"], girl);
    let animal = dice.below(ANIMALS.len());
    cast.extend(["friend", "phome", "pfood", "says"].into_iter().zip(ANIMALS[animal]));
    cast.push(("pal", dice.pick(&ANIMAL_NAMES)));
    let doe = female.unwrap_or_else(|| dice.chance(1, 2));
    pronouns(&mut cast, ["phe", "phim", "phis"], doe);
    // another one, never the same
    let other = (animal + 1 + dice.below(ANIMALS.len() - 1)) % ANIMALS.len();
    cast.extend(["other", "ohome", "ofood"].into_iter().zip(ANIMALS[other]));
    cast.extend(["place", "at", "sight"].into_iter().zip(dice.pick(&PLACES)));
    cast.push(("thing", dice.pick(&THINGS)));
    cast.push(("color", dice.pick(&COLORS)));
    cast.extend(["treat", "treats"].into_iter().zip(dice.pick(&TREATS)));
    let (elder, woman) = match female {
        Some(wanted) => ELDERS[usize::from(!wanted)],
        None => dice.pick(&ELDERS),
    };
    cast.push(("elder", elder));
    pronouns(&mut cast, ["ehe", "ehim", "ehis"], woman);
    cast.push(("small", dice.pick(&SMALL)));
    cast.push(("good", dice.pick(&GOOD)));
    cast.push(("day", dice.pick(&DAYS)));
    cast.push(("evening", dice.pick(&EVENINGS)));
    cast.push(("once", dice.pick(&BEGINNINGS)));
    cast.push(("end", dice.pick(&ENDINGS)));
    cast.push(("pend", dice.pick(&ANIMAL_ENDINGS)));
    cast
}

/// Where the bracket that `text` begins with is closed.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '[') - i32::from(c == ']');
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The wordings of what stands between brackets.
fn wordings(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '[') - i32::from(c == ']');
        if c == '|' && depth == 0 {
            found.push(&text[start..at]);
            start = at + 1;
        }
    }
    found.push(&text[start..]);
    found
}

/// A word of the cast for what stands between braces; the key itself, in braces, where nobody plays it.
fn word(key: &str, cast: &Cast, dice: &mut Dice) -> String {
    let small = key.to_lowercase();
    let (article, name) = match small.strip_prefix("a ") {
        Some(name) => (true, name),
        None => (false, small.as_str()),
    };
    let Some((_, value)) = cast.iter().find(|(k, _)| *k == name) else { return format!("{{{key}}}") };
    let mut text = fill(value, cast, dice);
    if article {
        // every word of ours that begins with a vowel sounds like one
        let an = text.starts_with(['a', 'e', 'i', 'o', 'u']);
        text.insert_str(0, if an { "an " } else { "a " });
    }
    if key.starts_with(char::is_uppercase) && text.is_char_boundary(1) {
        text[..1].make_ascii_uppercase();
    }
    text
}

/// Plays a plot: one wording of each choice, and the cast's words.
pub(super) fn fill(plot: &str, cast: &Cast, dice: &mut Dice) -> String {
    let mut out = String::new();
    let mut rest = plot;
    while let Some(at) = rest.find(['[', '{']) {
        out.push_str(&rest[..at]);
        let open = &rest[at..];
        let end = if open.starts_with('[') { closing(open) } else { open.find('}').unwrap_or(open.len()) };
        let inside = &open[1..end.max(1)];
        if open.starts_with('[') {
            let wording = dice.pick(&wordings(inside));
            out.push_str(&fill(wording, cast, dice));
        } else {
            out.push_str(&word(inside, cast, dice));
        }
        rest = open.get(end + 1..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// Stories, parted by blank lines.
pub(super) fn stories(dice: &mut Dice) -> String {
    let mut out = String::new();
    let mut order: Vec<usize> = (0..PLOTS.len()).collect();
    for number in 0..STORIES {
        // every plot once before any comes again
        if number % PLOTS.len() == 0 {
            dice.shuffle(&mut order);
        }
        let cast = cast(dice, None);
        if number > 0 {
            out.push('\n');
        }
        out.push_str(&fill(PLOTS[order[number % PLOTS.len()]], &cast, dice));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::make;
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn words(text: &str) -> impl Iterator<Item = String> + '_ {
        text.split(|c: char| !c.is_ascii_alphabetic() && c != '\'').filter(|w| !w.is_empty()).map(str::to_lowercase)
    }

    #[test]
    fn stories_are_many_and_of_many_words() {
        let text = make("stories", 1).unwrap();
        assert!((300_000..400_000).contains(&text.len()), "{} bytes", text.len());
        let types: BTreeSet<String> = words(&text).collect();
        assert!(types.len() > 800, "{} word types", types.len());
        let all: Vec<&str> = text.split("\n\n").collect();
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (STORIES, STORIES), "none twice");
        assert!(all.iter().all(|s| s.matches(['.', '!', '?']).count() >= 6), "several sentences each");
        assert!(text.bytes().all(|b| b == b'\n' || (32..127).contains(&b)), "few characters, all of them ASCII");
    }

    #[test]
    fn stories_are_written_as_one_writes() {
        for seed in 0..4 {
            let text = make("stories", seed).unwrap();
            for mark in [
                "{", "}", "[", "]", "|", "  ", " .", " ,", "..", ",.", " \n", "\n ", "the the ", " a the ", "!.", "?.",
                "!,", "?,", ",\" The", "\"\"",
            ] {
                assert!(!text.contains(mark), "{mark:?}: …{}", &text[text.find(mark).unwrap() - 60..][..90]);
            }
            for story in text.split("\n\n") {
                let tokens: Vec<&str> = story.split_whitespace().collect();
                for pair in tokens.windows(2) {
                    let article = pair[0].trim_start_matches('"').to_lowercase();
                    let vowel = pair[1].to_lowercase().starts_with(['a', 'e', 'i', 'o', 'u']);
                    assert!(article != "a" || !vowel, "{pair:?} in {story}");
                    assert!(article != "an" || vowel, "{pair:?} in {story}");
                    let (ended, next) = (pair[0].ends_with('.'), pair[1].trim_start_matches('"'));
                    assert!(!ended || next.starts_with(char::is_uppercase), "{pair:?} in {story}");
                }
                for line in story.lines() {
                    assert!(line.trim_start_matches('"').starts_with(char::is_uppercase), "{line}");
                    assert!(line.ends_with(['.', '!', '?', '"']), "{line}");
                    assert_eq!(line.matches('"').count() % 2, 0, "{line}");
                }
            }
        }
    }

    /// With only women in it, a story speaks of no man, and the other way round: no plot has a pronoun of its own.
    #[test]
    fn pronouns_agree() {
        let mut dice = Dice::new("stories", 3);
        for (female, strangers) in
            [(true, ["he", "him", "his", "himself", "boy"]), (false, ["she", "her", "hers", "herself", "girl"])]
        {
            for plot in PLOTS {
                for _ in 0..20 {
                    let cast = cast(&mut dice, Some(female));
                    let story = fill(plot, &cast, &mut dice);
                    let found = words(&story).find(|w| strangers.contains(&w.as_str()));
                    assert_eq!(found, None, "in {story}");
                }
            }
        }
    }

    #[test]
    fn plots_are_played() {
        let mut dice = Dice::new("stories", 1);
        let cast = vec![("other", "owl"), ("pet", "cat"), ("end", "[{A pet}|{A other}] sang.")];
        let mut seen = BTreeMap::new();
        for _ in 0..300 {
            *seen.entry(fill("[{a other}|[x|y] and {the}|z]! {End}", &cast, &mut dice)).or_insert(0) += 1;
        }
        let ends = ["A cat sang.", "An owl sang."];
        let want: BTreeSet<String> = ["an owl", "x and {the}", "y and {the}", "z"]
            .iter()
            .flat_map(|s| ends.map(|e| format!("{s}! {e}")))
            .collect();
        assert_eq!(seen.keys().cloned().collect::<BTreeSet<_>>(), want);
    }
}
