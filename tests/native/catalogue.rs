//! What there is to name in another language. catalogue.json beside this file lists it for the page's tests, which hold every
//! language to it. FLEDGLING_WRITE_CATALOGUE=1 writes it anew.

use fledgling::config::{Control, fields, presets};
use fledgling::recipes::recipes;
use fledgling::texts::built_in;
use serde_json::{Map, Value, json};
use std::path::Path;

fn catalogue() -> Value {
    let fields: Map<String, Value> = fields()
        .iter()
        .map(|field| {
            let options: Vec<&str> = match &field.control {
                Control::Choice { options } => options.iter().map(|option| option.value).collect(),
                _ => Vec::new(),
            };
            let key = format!("{}.{}", field.group.word(), field.key);
            (key, json!({"unit": !field.unit.is_empty(), "options": options}))
        })
        .collect();
    let recipes: Map<String, Value> = recipes()
        .iter()
        .map(|recipe| {
            let pieces: Vec<&str> = recipe.pieces.iter().map(|piece| piece.key).collect();
            (recipe.key.to_owned(), json!({"notes": recipe.notes.len(), "pieces": pieces}))
        })
        .collect();
    json!({
        "fields": fields,
        "presets": presets().iter().map(|preset| preset.key).collect::<Vec<_>>(),
        "texts": built_in().iter().map(|text| text.key).collect::<Vec<_>>(),
        "recipes": recipes,
    })
}

#[test]
fn what_languages_name_stands_in_catalogue_json() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/native/catalogue.json");
    let written = format!("{:#}\n", catalogue());
    if std::env::var_os("FLEDGLING_WRITE_CATALOGUE").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == written, "FLEDGLING_WRITE_CATALOGUE=1 writes catalogue.json anew");
}
