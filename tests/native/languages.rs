//! What the core says, and what the page's other languages have for it.

use fledgling::config::{Control, fields, presets};
use fledgling::recipes::recipes;
use fledgling::texts::built_in;
use std::collections::BTreeSet;
use std::path::Path;

const CHINESE: &str = "web/i18n/zh-Hans_core.js";

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// What stands between a line `{name}: {` and the line that closes it, by the indentation of both.
fn section<'a>(text: &'a str, name: &str, indent: usize) -> &'a str {
    let indent = " ".repeat(indent);
    let (_, rest) = text.split_once(&format!("\n{indent}{name}: {{\n")).unwrap_or_else(|| panic!("no section {name}"));
    rest.split_once(&format!("\n{indent}}}")).unwrap_or_else(|| panic!("{name} does not end")).0
}

/// The members of an object or a list: keys (empty in a list) and values, both as written but for a key's quotation marks.
fn members(body: &str) -> Vec<(String, &str)> {
    let (mut found, mut begin, mut colon, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, None, 0, false, false);
    for (at, c) in body.char_indices().chain([(body.len(), ',')]) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ':' if depth == 0 => colon = Some(at),
            ',' if depth == 0 => {
                let key = colon.map_or("", |colon| body[begin..colon].trim().trim_matches('"'));
                let value = body[colon.map_or(begin, |colon| colon + 1)..at].trim();
                if !value.is_empty() {
                    found.push((key.to_owned(), value));
                }
                (begin, colon) = (at + 1, None);
            }
            _ => {}
        }
    }
    found
}

/// The value of a member; empty where there is none.
fn value<'a>(of: &[(String, &'a str)], key: &str) -> &'a str {
    of.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
}

/// The members of the value, an object or a list, of a member.
fn inside<'a>(of: &[(String, &'a str)], key: &str) -> Vec<(String, &'a str)> {
    let value = value(of, key);
    members(value.get(1..value.len().saturating_sub(1)).unwrap_or(""))
}

fn is_chinese(value: &str) -> bool {
    value.starts_with('"') && value.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Fails with every word that lacks, and with every one that is there for nothing.
fn obey(what: &str, missing: Vec<String>, there: &[(String, &str)], wanted: BTreeSet<String>) {
    assert!(missing.is_empty(), "{what} without Chinese in {CHINESE}:\n{}", missing.join("\n"));
    let there: BTreeSet<String> = there.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(there, wanted, "{what} in {CHINESE} and in the core");
}

#[test]
fn languages_have_words_for_every_setting() {
    let text = read(CHINESE);
    let (all, mut missing, mut wanted) = (members(section(&text, "fields", 2)), Vec::new(), BTreeSet::new());
    for field in fields() {
        let group = serde_json::to_value(field.group).unwrap();
        let key = format!("{}.{}", group.as_str().unwrap(), field.key);
        let entry = inside(&all, &key);
        // A label may be a name that is the same in every language.
        if value(&entry, "label").len() < 3 || !is_chinese(value(&entry, "help")) {
            missing.push(format!("{key}: label and help"));
        }
        if field.unit.is_empty() == entry.iter().any(|(name, _)| name == "unit") {
            missing.push(format!("{key}: unit {:?}", field.unit));
        }
        let options = inside(&entry, "options");
        if let Control::Choice { options: choices } = &field.control {
            let lacks = choices.iter().filter(|choice| value(&options, choice.value).len() < 3);
            missing.extend(lacks.map(|choice| format!("{key}: {}", choice.value)));
        }
        wanted.insert(key);
    }
    obey("settings", missing, &all, wanted);
}

#[test]
fn languages_have_words_for_presets_texts_and_recipes() {
    let text = read(CHINESE);
    for (name, entries) in [
        ("presets", presets().iter().map(|p| p.key).collect::<Vec<_>>()),
        ("texts", built_in().iter().map(|t| t.key).collect()),
        ("recipes", recipes().iter().map(|r| r.key).collect()),
    ] {
        let all = members(section(&text, name, 2));
        let lacks =
            |key: &str| value(&inside(&all, key), "label").len() < 3 || !is_chinese(value(&inside(&all, key), "help"));
        let missing = entries.iter().filter(|key| lacks(key)).map(|key| format!("{key}: label and help")).collect();
        obey(name, missing, &all, entries.iter().map(|&key| key.to_owned()).collect());
    }
    let all = members(section(&text, "recipes", 2));
    for recipe in recipes() {
        let entry = inside(&all, recipe.key);
        let notes = inside(&entry, "notes");
        assert_eq!(notes.len(), recipe.notes.len(), "{}: notes in {CHINESE}", recipe.key);
        assert!(notes.iter().all(|(_, note)| is_chinese(note)), "{}: notes in {CHINESE}", recipe.key);
        let (pieces, wanted) = (inside(&entry, "pieces"), recipe.pieces.iter().map(|p| p.key.to_owned()).collect());
        let missing = pieces.iter().filter(|(_, label)| !is_chinese(label)).map(|(key, _)| key.clone()).collect();
        obey(recipe.key, missing, &pieces, wanted);
    }
}

#[test]
fn languages_test_reads_objects_as_they_are_written() {
    let all = members(r#" a: { label: "x, {", list: ["one: 1", "two"] }, "b.c": "say \"so\", please", "#);
    assert_eq!(all.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["a", "b.c"]);
    assert_eq!(value(&all, "b.c"), r#""say \"so\", please""#);
    assert_eq!(inside(&inside(&all, "a"), "list"), [(String::new(), "\"one: 1\""), (String::new(), "\"two\"")]);
    assert!(is_chinese("\"学习率\"") && !is_chinese("\"rate\"") && !is_chinese(""));
}
