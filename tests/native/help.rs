//! What the form explains: each setting in one to three sentences, with its formula and where it comes from.

use fledgling::config::{Config, Control, Field, Group, fields};

/// As "model.layers".
fn name(field: &Field) -> String {
    let group = serde_json::to_value(field.group).unwrap();
    format!("{}.{}", group.as_str().unwrap(), field.key)
}

#[test]
fn fields_explain_themselves() {
    for field in fields() {
        let (name, help) = (name(&field), field.help);
        let sentences = help.split(['.', '!', '?']).skip(1).filter(|s| s.is_empty() || s.starts_with(' ')).count();
        assert!(help.ends_with('.') && (1..=3).contains(&sentences), "{name} has {sentences} sentences: {help}");
        assert!(help.len() > 40 && help.len() < 320, "{name} is explained in {} bytes", help.len());
        let mut formulas = vec![field.formula];
        if let Control::Choice { options } = &field.control {
            formulas.extend(options.iter().map(|option| option.formula));
            let said = options.iter().filter(|option| !option.formula.is_empty()).count();
            assert!(said == 0 || said == options.len(), "{name} has formulas for {said} of {} choices", options.len());
        }
        for formula in formulas {
            assert!(!formula.contains(['\n', '\r']) && formula.trim() == formula, "{name}: {formula:?}");
        }
        for paper in field.source {
            assert!(paper.url.starts_with("https://") && !paper.url.contains([' ', '\n']), "{name}: {}", paper.url);
            assert!(!paper.title.is_empty() && paper.title.trim() == paper.title, "{name}: {:?}", paper.title);
        }
    }
}

#[test]
fn fields_of_architecture_optimizer_and_sampling_are_backed() {
    let plain = ["sampling.prompt", "sampling.tokens", "sampling.stop", "sampling.seed"];
    let optimizer = ["learning_rate", "optimizer", "schedule", "initial_weights", "weight_decay", "clip"];
    for field in fields() {
        let backed = match field.group {
            Group::Model => true,
            Group::Sampling => !plain.contains(&name(&field).as_str()),
            _ => optimizer.contains(&field.key),
        };
        let formulas = match &field.control {
            Control::Choice { options } => options.iter().any(|option| !option.formula.is_empty()),
            _ => false,
        };
        let here = formulas || !field.formula.is_empty() || !field.source.is_empty();
        assert!(here || !backed, "{} has neither a formula nor a source", name(&field));
    }
}

#[test]
fn fields_are_the_keys_of_a_configuration() {
    let config = serde_json::to_value(Config::default()).unwrap();
    for field in fields() {
        let name = name(&field);
        let (group, key) = name.split_once('.').unwrap();
        assert!(!config[group][key].is_null(), "{name} is no key of a configuration");
    }
}
