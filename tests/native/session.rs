//! What a session does with texts, tokenizers, validations and bad input, by the protocol.

use crate::codes::{expect, has, said};
use crate::harness::on_each;
use crate::playground::{Playground, of, points, training_losses};
use fledgling::config::{Config, TokenizerKind};
use serde_json::{Value, json};

const NOTHING: [&Value; 0] = [];

fn tiny() -> Config {
    let mut config = Config::default();
    (config.model.width, config.model.hidden, config.model.layers, config.model.context) = (32, 64, 1, 16);
    (config.training.batch, config.training.steps, config.training.warmup_steps) = (8, 40, 4);
    (config.training.validation_interval, config.training.validation_batches) = (10, 2);
    config.training.sample_interval = 0;
    config
}

fn text(characters: usize) -> Value {
    json!({"command": "set_text", "text": crate::training::text(characters)})
}

/// Fails unless one command failed, with this code and these among its values.
#[track_caller]
fn refused(events: &[Value], code: &str, values: &Value) {
    let failed = of(events, "failed");
    assert_eq!(failed.len(), 1, "{failed:?}");
    expect(failed[0], code, values);
}

fn session_stops_early_and_brings_the_best_back() {
    let mut config = tiny();
    // A leap that the model cannot recover from: validation is best at the beginning.
    (config.training.learning_rate, config.training.min_learning_rate) = (0.5, 0.5);
    (config.training.warmup_steps, config.training.steps) = (20, 400);
    (config.training.patience, config.training.clip) = (3, 0.0);
    let mut playground = Playground::new();
    let events = playground.train(text(4000), &config);
    let validations = points(&events, "validation");
    let losses: Vec<f64> = validations.iter().map(|p| p["loss"].as_f64().unwrap()).collect();
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let at = losses.iter().position(|l| *l == lowest).unwrap();
    let stopped = of(&events, "stopped_early");
    assert_eq!(stopped.len(), 1, "{losses:?}");
    assert_eq!(losses.len(), at + 1 + 3, "three validations without improvement end it: {losses:?}");
    assert_eq!(stopped[0]["best"]["step"], validations[at]["step"]);
    assert_eq!(of(&events, "state_changed").last().unwrap()["state"], "finished");

    let back = playground.settle(json!({"command": "restore_best"}));
    assert_eq!(of(&back, "best_restored")[0]["best"], stopped[0]["best"]);
    let again = playground.settle(json!({"command": "evaluate"}));
    let point = &of(&again, "evaluated")[0]["point"];
    assert_eq!(
        (&point["loss"], &point["step"]),
        (&validations[at]["loss"], &validations[at]["step"]),
        "to the last bit"
    );
    // and training goes on from there
    let step = playground.settle(json!({"command": "step"}));
    assert_eq!(points(&step, "training")[0]["step"], validations[at]["step"].as_u64().unwrap() + 1);
}

fn session_records_what_each_loss_means() {
    let mut playground = Playground::new();
    let mut config = tiny();
    config.training.accumulation = 3;
    let events = playground.train(text(4000), &config);
    for point in points(&events, "validation") {
        let number = |key: &str| point[key].as_f64().unwrap();
        assert!((number("perplexity") / number("loss").exp() - 1.0).abs() < 1e-5);
        // one token is one character
        assert!((number("bits_per_character") - number("loss") / std::f64::consts::LN_2).abs() < 1e-5);
        assert_eq!(number("tokens_seen"), number("step") * 8.0 * 16.0 * 3.0);
    }
    let training = points(&events, "training");
    assert_eq!(training.len(), 40);
    for point in &training {
        let number = |key: &str| point[key].as_f64().unwrap();
        assert!((number("perplexity") / number("loss").exp() - 1.0).abs() < 1e-5);
        assert!((number("bits_per_character") - number("loss") / std::f64::consts::LN_2).abs() < 1e-5);
        assert_eq!(number("tokens_seen"), number("step") * 8.0 * 16.0 * 3.0);
    }
    assert!(training.iter().all(|p| p["gradient_norm"].as_f64().unwrap() > 0.0 && p["learning_rate"].is_number()));
    let best = &of(&events, "progressed").last().unwrap()["best"];
    assert!(best["loss"].as_f64().unwrap() < 3.0);
}

fn session_warns_when_validation_rises_while_training_falls() {
    let mut config = tiny();
    // A text that is all noise, and a model that can learn its hundred characters by heart.
    let mut state = 1u64;
    let noise: String = (0..300)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'a' + (state >> 40) as u8 % 26)
        })
        .collect();
    (config.training.steps, config.training.learning_rate) = (600, 1e-2);
    let events = Playground::new().train(json!({"command": "set_text", "text": noise}), &config);
    let warned = of(&events, "warned");
    let rising: Vec<_> = warned.iter().filter(|warning| warning["code"] == "validation_rises").collect();
    assert_eq!(rising.len(), 1, "once: {warned:?}");
    let number = |key: &str| rising[0]["values"][key].as_f64().unwrap();
    assert!(number("loss") > number("best_loss") && number("step") > number("best_step"), "{rising:?}");
}

fn session_accepts_epochs_and_strides() {
    let mut config = tiny();
    config.data.windows = fledgling::config::Windows::Stride;
    config.data.stride = 8;
    config.training.epochs = 2;
    let mut playground = Playground::new();
    let events = playground.train(text(2000), &config);
    // 1,800 or so tokens: (n − 17) / 8 + 1 windows, eight a step, what is left over dropped
    let tokens = of(&events, "text_set").last().unwrap()["training_tokens"].as_u64().unwrap();
    let epoch = ((tokens - 17) / 8 + 1) / 8;
    let built = of(&events, "model_built")[0];
    assert_eq!((&built["steps"], &built["steps_per_epoch"]), (&json!(2 * epoch), &json!(epoch)));
    assert_eq!(training_losses(&events).len() as u64, 2 * epoch);
    assert_eq!(of(&events, "progressed").last().unwrap()["epochs"], 2.0);
}

fn session_scores_held_out_problems() {
    let mut config = tiny();
    config.data.division = fledgling::config::Division::Line;
    (config.training.steps, config.training.learning_rate, config.training.batch) = (400, 5e-3, 16);
    config.training.validation_interval = 400;
    // The answer is the digit itself: learnt in no time. 300 different lines, so that none is held out and trained on too.
    let lines: String = (0..300).map(|i| format!("{i:03}{}={}\n", i % 10, i % 10)).collect();
    let mut playground = Playground::new();
    let events = playground.train(json!({"command": "set_text", "text": lines}), &config);
    assert_eq!(of(&events, "text_set").last().unwrap()["task"], true);
    let scores: Vec<_> = points(&events, "validation").iter().map(|p| p["score"].clone()).collect();
    assert_eq!(scores.first().unwrap(), &json!({"exact": 0, "of": 30}), "knowing nothing");
    let last = scores.last().unwrap()["exact"].as_u64().unwrap();
    assert!(last >= 27, "{scores:?}");
    // The score is what greedy sampling would have: ask each held-out problem in full.
    let parts = fledgling::dataset::divide(&lines, &config.data, false);
    let held_out: Vec<_> = parts.validation.iter().map(|range| lines[range.clone()].trim_end()).collect();
    assert_eq!(held_out.len(), 30);
    let exact = held_out.iter().filter(|line| {
        let (question, answer) = line.split_once('=').unwrap();
        let sampling = json!({"prompt": format!("\n{question}="), "tokens": 9, "temperature": 0.0, "stop": "\n"});
        playground.sample("model", sampling) == answer
    });
    assert_eq!(exact.count() as u64, last);
}

fn session_fine_tunes_what_fits_and_names_what_does_not() {
    let mut playground = Playground::new();
    playground.train(text(3000), &tiny());
    let weights = |playground: &mut Playground| {
        let events = playground.send(json!({"command": "export"}));
        of(&events, "exported")[0]["bytes"].clone()
    };
    let before = weights(&mut playground);
    // a text with other letters
    let events = playground.settle(json!({"command": "set_text", "text": "ZEBRA QUILT 5\n".repeat(50)}));
    let set = of(&events, "text_set")[0];
    assert_eq!(set["fits_model"], false);
    let unknown: Vec<&str> = set["unknown_to_model"].as_array().unwrap().iter().map(|u| u.as_str().unwrap()).collect();
    assert!(unknown.contains(&"'Z'") && unknown.contains(&"'5'") && !unknown.contains(&"' '"), "{unknown:?}");
    let mut config = tiny();
    (config.training.steps, config.training.min_learning_rate, config.model.width) = (7, 1e-4, 999);
    config.training.learning_rate = 1e-3;
    let events = playground.settle(json!({"command": "fine_tune", "config": config}));
    refused(&events, "unknown_to_model", &json!({"all": 700}));
    let named = of(&events, "failed")[0]["values"]["tokens"].as_array().unwrap();
    assert!(named.contains(&json!("'Z'")), "{named:?}");
    assert!(weights(&mut playground) == before, "nothing changed");
    // a text with the same letters
    playground.settle(json!({"command": "set_text", "text": "a bird sings over the hill.\n".repeat(50)}));
    let events = playground.settle(json!({"command": "fine_tune", "config": config}));
    assert_eq!(of(&events, "failed"), NOTHING);
    let built = of(&events, "model_built")[0];
    assert_eq!((&built["origin"], &built["steps"]), (&json!("fine_tuned"), &json!(7)));
    assert_eq!(built["config"]["model"]["width"], 32, "the model is the one in memory");
    let events = playground.settle(json!({"command": "train"}));
    assert_eq!(training_losses(&events).len(), 7);
    assert!(training_losses(&events)[0] < 3.0, "it starts from what it knew");
}

#[test]
fn session_trains_sub_words_and_can_be_cancelled() {
    let mut playground = Playground::new();
    let events = playground.settle(json!({"command": "set_built_in", "key": "stories", "seed": 1}));
    let characters = of(&events, "text_set")[0].clone();
    let bpe = |vocabulary: usize| json!({"command": "prepare", "tokenizer": {"kind": "bpe", "vocabulary": vocabulary}, "data": {}});
    // random words: many merges to find
    let random: String = crate::harness::random(1, 1_000_000)
        .iter()
        .map(|x| char::from(if *x > 0.7 { b' ' } else { b'a' + ((x + 1.0) * 15.0) as u8 % 26 }))
        .collect();
    playground.send(json!({"command": "set_text", "text": random}));
    playground.send(bpe(30_000));
    assert!(playground.busy());
    playground.work();
    let cancelled = playground.send(json!({"command": "cancel_preparation"}));
    assert_eq!(of(&cancelled, "preparation_cancelled").len(), 1);
    assert!(!playground.busy());
    // text and tokens are what they were
    let sampled = playground.sample("counts", json!({"prompt": "t", "tokens": 5}));
    assert_eq!(sampled.chars().count(), 5);
    playground.settle(json!({"command": "set_built_in", "key": "stories", "seed": 1}));

    let events = playground.settle(bpe(1000));
    let set = of(&events, "text_set")[0];
    assert_eq!((&set["vocab"], &set["lossless"]), (&json!(1000), &json!(true)));
    assert!(set["tokens"].as_u64().unwrap() * 2 < characters["tokens"].as_u64().unwrap());
    let mut config = tiny();
    (config.tokenizer.kind, config.tokenizer.vocabulary) = (TokenizerKind::Bpe, 1000);
    config.training.steps = 10;
    let events = playground.settle(json!({"command": "reset", "config": config}));
    assert_eq!(of(&events, "text_set"), NOTHING, "the text is prepared already");
    assert_eq!(of(&events, "model_built")[0]["config"]["model"]["vocab"], 1000);
    let events = playground.settle(json!({"command": "train"}));
    let ratio =
        |p: &Value| p["bits_per_character"].as_f64().unwrap() * std::f64::consts::LN_2 / p["loss"].as_f64().unwrap();
    let validation = points(&events, "validation");
    // characters of a validation token: about those of any token
    let per_token = characters["characters"].as_f64().unwrap() / set["tokens"].as_f64().unwrap();
    assert!((1.0 / ratio(validation[0]) / per_token - 1.0).abs() < 0.1, "{} {per_token}", ratio(validation[0]));
    // greedy sampling in whole characters, tokens with their candidates
    let events = playground.settle(json!({"command": "sample", "request": 1, "source": "model",
        "sampling": {"prompt": "One day", "tokens": 20, "temperature": 0.7, "top_k": 5, "top_p": 0.9}}));
    for token in of(&events, "sampled").iter().flat_map(|e| e["tokens"].as_array().unwrap()) {
        let candidates = token["candidates"].as_array().unwrap();
        let sum: f64 = candidates.iter().map(|c| c["probability"].as_f64().unwrap()).sum();
        assert!(candidates.len() <= 5 && (sum - 1.0).abs() < 1e-3, "{token}");
        assert!(candidates.iter().any(|c| c["id"] == token["id"] && c["probability"] == token["probability"]));
    }
}

#[test]
fn session_cleans_and_says_what_changed() {
    let mut playground = Playground::new();
    let command = json!({"command": "prepare", "tokenizer": {},
        "data": {"normalise_newlines": true, "ascii_only": true, "lower_case": true}});
    playground.settle(command);
    let events = playground.settle(json!({"command": "set_text", "text": "Caf\u{e9} “AU” lait\r\n".repeat(20)}));
    let set = of(&events, "text_set")[0];
    assert_eq!((&set["characters"], &set["cleaned_characters"]), (&json!(320), &json!(300)));
    let changed = |what: &str| {
        let change = set["changes"].as_array().unwrap().iter().find(|c| c["what"] == what).unwrap().clone();
        change["characters"].as_u64().unwrap()
    };
    assert_eq!(changed("normalise_newlines"), 20);
    assert_eq!(changed("ascii_only"), 60, "é and two curly quotes a line");
    assert_eq!(changed("lower_case"), 60);
}

#[test]
fn session_reads_tokenizers_from_files() {
    let mut playground = Playground::new();
    playground.settle(text(2000));
    let file = |name: &str, content: &str| json!({"name": name, "bytes": content.as_bytes()});
    let missing = playground.settle(json!({"command": "prepare", "tokenizer": {"kind": "file"}, "data": {}}));
    refused(&missing, "no_tokenizer_file", &json!({}));
    assert_eq!(of(&missing, "failed")[0]["field"], "tokenizer.kind");
    // GPT-2's pair of files, small: all bytes, and two merges
    let bytes = fledgling::tokenizer::Tokenizer::from_text(
        &fledgling::config::TokenizerConfig { kind: TokenizerKind::Bpe, vocabulary: 259, ..Default::default() },
        &crate::training::text(2000),
    );
    let json: Value = serde_json::from_str(&bytes.unwrap().to_json().unwrap()).unwrap();
    let vocab = json["model"]["vocab"].to_string();
    let merges: Vec<String> = json["model"]["merges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| format!("{} {}", m[0].as_str().unwrap(), m[1].as_str().unwrap()))
        .collect();
    let merges = format!("#version: 0.2\n{}\n", merges.join("\n"));
    let files = [file("vocab.json", &vocab), file("merges.txt", &merges)];
    let read = playground.settle(json!({"command": "set_tokenizer", "files": files}));
    assert_eq!(of(&read, "tokenizer_read")[0]["vocab"], 259, "{read:?}");
    let set = playground.settle(json!({"command": "prepare", "tokenizer": {"kind": "file"}, "data": {}}));
    assert_eq!(of(&set, "text_set")[0]["vocab"], 259);
    let alone = playground.settle(json!({"command": "set_tokenizer", "files": [file("vocab.json", &vocab)]}));
    refused(&alone, "vocabulary_alone", &json!({"name": "vocab.json"}));
    // What is not read says why, and the tokenizer in use stays.
    let unigram = r#"{"version":"1.0","added_tokens":[],"model":{"type":"Unigram","vocab":[]}}"#;
    let huge = " ".repeat(50 << 20);
    for (content, code, values) in [
        (unigram, "tokenizer_part", json!({"part": "model", "found": {"named": "Unigram"}})),
        ("{", "tokenizer_form", json!({"reason": "EOF"})),
        (huge.as_str(), "tokenizer_too_long", json!({"bytes": 52_428_800})),
    ] {
        let events = playground.settle(json!({"command": "set_tokenizer", "files": [file("tokenizer.json", content)]}));
        refused(&events, code, &values);
    }
    let set = playground.settle(json!({"command": "prepare", "tokenizer": {"kind": "file"}, "data": {}}));
    assert_eq!(of(&set, "text_set")[0]["vocab"], 259);
}

fn session_draws_baselines_and_samples_from_counts() {
    let mut playground = Playground::new();
    let events = playground.train(text(4000), &tiny());
    let baselines = &of(&events, "model_built")[0]["baselines"];
    let (unigram, bigram) = (baselines["unigram"].as_f64().unwrap(), baselines["bigram"].as_f64().unwrap());
    assert!(bigram < unigram && unigram < 3.2, "{baselines}");
    // without smoothing an unseen pair is infinitely surprising: no line
    let set = playground.settle(json!({"command": "prepare", "tokenizer": {}, "data": {"add_k": 0.0}}));
    assert_eq!(of(&set, "failed"), NOTHING);
    let greedy = playground.sample("counts", json!({"prompt": "bir", "tokens": 3, "temperature": 0.0}));
    assert_eq!(greedy.chars().count(), 3);
}

fn session_samples_stop_where_they_should() {
    let mut playground = Playground::new();
    playground.train(
        text(3000),
        &Config { training: fledgling::config::TrainingConfig { steps: 150, ..tiny().training }, ..tiny() },
    );
    let free = playground.sample("model", json!({"prompt": "the ", "tokens": 60, "temperature": 0.0}));
    let stop = &free[10..13];
    let cut = playground.sample("model", json!({"prompt": "the ", "tokens": 60, "temperature": 0.0, "stop": stop}));
    assert_eq!(cut, free[..free.find(stop).unwrap()], "it ends before the stop text");
    for (settings, code) in [
        (json!({"top_k": 1000}), "top_k_above_logits"),
        (json!({"top_p": 0.0}), "top_p_out_of_range"),
        (json!({"temperature": -1.0}), "temperature_below_zero"),
        (json!({"repetition_penalty": 0.0}), "repetition_penalty_not_positive"),
    ] {
        let mut playground = Playground::new();
        playground.settle(text(1000));
        let events =
            playground.settle(json!({"command": "sample", "request": 1, "source": "counts", "sampling": settings}));
        refused(&events, code, &settings);
        let key = settings.as_object().unwrap().keys().next().unwrap();
        assert_eq!(of(&events, "failed")[0]["field"], format!("sampling.{key}"));
    }
}

fn session_refuses_contradictions_before_training_and_keeps_the_model() {
    let mut playground = Playground::new();
    playground.train(text(3000), &tiny());
    let before = playground.send(json!({"command": "export"}));
    let change = |change: &dyn Fn(&mut Config)| {
        let mut config = tiny();
        change(&mut config);
        config
    };
    use fledgling::config::{Objective, Windows};
    let cases: Vec<(Config, &str, Value, Option<&str>)> = vec![
        (
            change(&|c| c.training.warmup_steps = 41),
            "warmup_longer_than_schedule",
            json!({"warmup_steps": 41, "total_steps": 40}),
            Some("training.warmup_steps"),
        ),
        (change(&|c| c.sampling.top_k = 500), "top_k_above_vocabulary", json!({"top_k": 500}), Some("sampling.top_k")),
        (change(&|c| c.model.context = 4000), "too_short", json!({"needed": 4001}), None),
        (
            change(&|c| (c.data.windows, c.data.stride) = (Windows::Stride, 50_000)),
            "stride_too_long",
            json!({"stride": 50_000}),
            None,
        ),
        (
            change(&|c| (c.data.windows, c.training.batch) = (Windows::Stride, 900)),
            "no_whole_batch",
            json!({"needed": 900}),
            None,
        ),
        (
            change(&|c| c.data.windows = Windows::Prefixes),
            "prefixes_need_batch_one",
            json!({"batch": 8}),
            Some("training.batch"),
        ),
        (
            change(&|c| (c.data.windows, c.training.batch) = (Windows::Prefixes, 1)),
            "prefixes_need_last_position",
            json!({}),
            Some("training.objective"),
        ),
        (
            change(&|c| c.data.mark_documents = true),
            "nothing_to_mark_with",
            json!({"kind": "characters"}),
            Some("tokenizer.kind"),
        ),
        (
            change(&|c| (c.tokenizer.kind, c.tokenizer.vocabulary) = (TokenizerKind::Bpe, 256)),
            "vocabulary_out_of_range",
            json!({"vocabulary": 256, "low": 257}),
            Some("tokenizer.vocabulary"),
        ),
        (change(&|c| c.tokenizer.kind = TokenizerKind::File), "no_tokenizer_file", json!({}), Some("tokenizer.kind")),
        (
            change(&|c| c.training.accumulation = 0),
            "out_of_range",
            json!({"group": "training", "key": "accumulation", "value": 0}),
            Some("training.accumulation"),
        ),
        (
            change(&|c| c.data.validation_share = 0.95),
            "out_of_range",
            json!({"value": 0.95}),
            Some("data.validation_share"),
        ),
    ];
    for (config, code, values, field) in cases {
        let events = playground.settle(json!({"command": "reset", "config": config}));
        refused(&events, code, &values);
        assert_eq!(of(&events, "failed")[0]["field"].as_str(), field, "{code}");
        assert_eq!(of(&events, "model_built"), NOTHING);
    }
    // NaN has no place in JSON: as the page would send it, a null, it is no command at all
    let none = change(&|c| (c.training.objective, c.sampling.top_p) = (Objective::EveryPosition, f64::NAN));
    expect(&said(&none.check().unwrap_err()), "out_of_range", &json!({"group": "sampling", "key": "top_p"}));
    assert!(playground.send(json!({"command": "export"})) == before, "the model in memory is the same");
    // a vocabulary larger than the text supports is reduced, with its numbers
    let config = change(&|c| (c.tokenizer.kind, c.tokenizer.vocabulary) = (TokenizerKind::Bpe, 9000));
    let events = playground.settle(json!({"command": "reset", "config": config}));
    let warned = of(&events, "warned");
    assert!(warned.iter().any(|w| has(w, "small_vocabulary", &json!({"asked": 9000}))), "{events:?}");
    assert_eq!(of(&events, "model_built").len(), 1);
}

fn session_gives_a_new_text_the_settings_asked_last() {
    let mut playground = Playground::new();
    // long enough for its sub-words to take several slices
    let random: String = crate::harness::random(2, 1_500_000)
        .iter()
        .map(|x| char::from(if *x > 0.7 { b' ' } else { b'a' + ((x + 1.0) * 15.0) as u8 % 26 }))
        .collect();
    playground.settle(json!({"command": "set_text", "text": random}));
    playground.send(json!({"command": "prepare", "tokenizer": {"kind": "bpe", "vocabulary": 30_000}, "data": {}}));
    assert!(playground.busy());
    let events = playground.settle(text(3000));
    let set = of(&events, "text_set");
    assert_eq!((set.len(), &set[0]["tokenizer"]["kind"]), (1, &json!("bpe")), "{set:?}");

    // words beyond the vocabulary are lost, and that is said
    let words = |vocabulary: usize| json!({"command": "prepare", "tokenizer": {"kind": "words", "vocabulary": vocabulary}, "data": {}});
    for (vocabulary, lossless) in [(4096, true), (5, false)] {
        let events = playground.settle(words(vocabulary));
        let set = of(&events, "text_set")[0];
        assert_eq!(set["lossless"], lossless);
        assert_eq!(set["unknown_tokens"].as_u64().unwrap() == 0, lossless);
    }
}

on_each!(
    session_stops_early_and_brings_the_best_back,
    session_records_what_each_loss_means,
    session_warns_when_validation_rises_while_training_falls,
    session_accepts_epochs_and_strides,
    session_scores_held_out_problems,
    session_fine_tunes_what_fits_and_names_what_does_not,
    session_draws_baselines_and_samples_from_counts,
    session_samples_stop_where_they_should,
    session_refuses_contradictions_before_training_and_keeps_the_model,
    session_gives_a_new_text_the_settings_asked_last
);
