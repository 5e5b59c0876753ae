//! A session that was saved goes on as if it had never stopped, to the last bit.

use crate::codes::has;
use crate::harness::{Executor, on, on_each};
use crate::playground::{Playground, of, points};
use fledgling::config::{Config, Optimizer, TokenizerKind};
use serde_json::{Value, json};

/// Saves the session: the file, and the step that it says.
fn save(playground: &mut Playground) -> (Vec<u8>, u64) {
    let events = playground.send(json!({"command": "save"}));
    assert_eq!(of(&events, "failed"), Vec::<&Value>::new());
    let parts = of(&events, "saved_part");
    let mut file = Vec::new();
    for part in &parts {
        assert_eq!(part["offset"].as_f64(), Some(file.len() as f64));
        file.extend(part["bytes"].as_array().unwrap().iter().map(|b| b.as_u64().unwrap() as u8));
    }
    assert_eq!(parts[0]["size"].as_f64(), Some(file.len() as f64));
    (file, parts[0]["step"].as_u64().unwrap())
}

fn resumed(file: &[u8]) -> (Playground, Vec<Value>) {
    let mut playground = Playground::new();
    let events = playground.settle(json!({"command": "resume", "name": "saved", "bytes": file}));
    assert_eq!(of(&events, "failed"), Vec::<&Value>::new());
    (playground, events)
}

fn export(playground: &mut Playground) -> Value {
    of(&playground.settle(json!({"command": "export"})), "exported")[0]["bytes"].clone()
}

fn config(steps: u32) -> Config {
    let mut config = Config::default();
    (config.model.width, config.model.hidden, config.model.layers, config.model.context) = (32, 64, 2, 16);
    config.model.dropout = 0.1;
    let t = &mut config.training;
    (t.steps, t.warmup_steps, t.validation_interval, t.sample_interval, t.batch) = (steps, 3, 4, 5, 4);
    config
}

/// Trains in slices until a step is reached, or passed.
fn train_to(playground: &mut Playground, step: u64) {
    playground.send(json!({"command": "train"}));
    let reached = |p: &Playground| p.all("progressed").last().map_or(0, |e| e["step"].as_u64().unwrap());
    while reached(playground) < step && playground.busy() {
        playground.work();
    }
}

/// Points of a list behind a step, as they were said.
fn behind(events: &[Value], list: &str, step: u64) -> Vec<Value> {
    points(events, list).into_iter().filter(|p| p["step"].as_u64().unwrap() > step).cloned().collect()
}

fn a_resumed_run_equals_an_uninterrupted_one() {
    let mut cases = vec![("plain", config(24)), ("micro-batches", config(16)), ("without moments", config(16))];
    cases[1].1.training.accumulation = 3;
    cases[2].1.training.optimizer = Optimizer::Sgd;
    cases.push(("words by epochs", config(30)));
    cases[3].1.tokenizer.kind = TokenizerKind::Words;
    cases[3].1.training.epochs = 1;
    for (case, config) in cases {
        let text = json!({"command": "set_text", "text": crate::training::text(3000)});
        let mut whole = Playground::new();
        whole.settle(text.clone());
        whole.settle(json!({"command": "reset", "config": config}));
        let uninterrupted = whole.settle(json!({"command": "train"}));

        let mut first = Playground::new();
        first.settle(text);
        first.settle(json!({"command": "reset", "config": config}));
        train_to(&mut first, 7);
        let (file, step) = save(&mut first);
        assert!((7..14).contains(&step), "{case}: saved at {step}");
        // the saved one goes on, undisturbed
        while first.busy() {
            first.work();
        }
        assert_eq!(export(&mut first), export(&mut whole), "{case}: saving changed the run");

        let (mut second, events) = resumed(&file);
        let built = of(&events, "model_built")[0];
        assert_eq!((&built["origin"], &built["step"]), (&json!("resumed"), &json!(step)), "{case}");
        let best = of(&events, "progressed").last().unwrap()["best"].clone();
        assert!(best["loss"].is_number(), "{case}: the best checkpoint came along");
        let rest = second.settle(json!({"command": "train"}));
        assert_eq!(of(&rest, "failed"), Vec::<&Value>::new());
        for list in ["training", "validation"] {
            assert_eq!(behind(&rest, list, step), behind(&uninterrupted, list, step), "{case}: {list}");
        }
        let samples = |events: &[Value]| -> Vec<Value> {
            let taken = of(events, "sample_taken").into_iter();
            taken.filter(|e| e["step"].as_u64().unwrap() > step).cloned().collect()
        };
        assert_eq!(samples(&rest), samples(&uninterrupted), "{case}");
        assert_eq!(export(&mut second), export(&mut whole), "{case}: weights");
        for playground in [&mut whole, &mut second] {
            playground.settle(json!({"command": "restore_best"}));
        }
        assert_eq!(export(&mut second), export(&mut whole), "{case}: best checkpoint");
    }
}

fn patience_is_not_forgotten() {
    let mut config = config(200);
    (config.training.learning_rate, config.training.patience) = (0.0, 5);
    config.training.min_learning_rate = 0.0;
    let text = json!({"command": "set_text", "text": crate::training::text(3000)});
    let mut first = Playground::new();
    first.settle(text);
    first.settle(json!({"command": "reset", "config": config}));
    train_to(&mut first, 9);
    let (file, step) = save(&mut first);
    while first.busy() {
        first.work();
    }
    let stopped = first.all("stopped_early")[0]["step"].clone();
    assert!(stopped.as_u64().unwrap() > step);
    let (mut second, _) = resumed(&file);
    let rest = second.settle(json!({"command": "train"}));
    assert_eq!(of(&rest, "stopped_early")[0]["step"], stopped);
    // saved at its end, it is at its end
    let (file, _) = save(&mut second);
    let (_, events) = resumed(&file);
    assert_eq!(of(&events, "state_changed").last().unwrap()["state"], "finished");
}

fn the_text_of_the_run_comes_back_beside_that_of_the_box() {
    let config = config(16);
    let mut first = Playground::new();
    first.settle(json!({"command": "set_text", "text": crate::training::text(3000)}));
    first.settle(json!({"command": "reset", "config": config}));
    train_to(&mut first, 5);
    first.settle(json!({"command": "pause"}));
    // Divided in another way, the new text is not the run's.
    let data = json!({"validation_share": 0.3});
    first.settle(json!({"command": "prepare", "tokenizer": {"kind": "words", "vocabulary": 50}, "data": data}));
    first.settle(json!({"command": "set_text", "text": "the cat sat on the mat. ".repeat(60)}));
    let (file, step) = save(&mut first);
    let rest = first.settle(json!({"command": "train"}));

    let (mut second, events) = resumed(&file);
    assert_eq!(of(&events, "text_decoded")[0]["text"], "the cat sat on the mat. ".repeat(60));
    assert_eq!(of(&events, "text_set")[0]["tokenizer"]["kind"], "words");
    let again = second.settle(json!({"command": "train"}));
    assert_eq!(behind(&again, "training", step), behind(&rest, "training", step));
    assert_eq!(export(&mut second), export(&mut first));

    // A session's file is a model's file, too.
    let mut third = Playground::new();
    let imported = third.settle(json!({"command": "import", "name": "session.safetensors", "bytes": file}));
    assert_eq!(of(&imported, "model_built")[0]["origin"], "imported");
}

fn a_broken_session_changes_nothing() {
    let config = config(8);
    let mut playground = Playground::new();
    let none = playground.send(json!({"command": "save"}));
    assert_eq!(of(&none, "failed")[0]["code"], "no_model");
    playground.train(json!({"command": "set_text", "text": crate::training::text(3000)}), &config);
    let (file, _) = save(&mut playground);
    let before = export(&mut playground);
    let text = String::from_utf8_lossy(&file[..2000]).into_owned();
    let replace = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at =
            file.windows(from.len()).position(|w| w == from.as_bytes()).unwrap_or_else(|| panic!("{from}: {text}"));
        let mut other = file.clone();
        other[at..at + to.len()].copy_from_slice(to.as_bytes());
        other
    };
    let mut infinite = file.clone();
    let numbers = 8 + u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
    infinite[numbers + 4..numbers + 8].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let cases = [
        ("half of it", file[..file.len() / 2].to_vec(), "not_safetensors", json!({})),
        ("no session", replace("\"session\"", "\"sezzion\""), "missing_metadata", json!({"key": "session"})),
        ("another record", replace("\\\"course\\\"", "\\\"coarse\\\""), "record_unreadable", json!({"name": "saved"})),
        ("a moment renamed", replace("optimizer.second.embed", "optimizer.zecond.embed"), "unknown_tensor", json!({})),
        ("infinite", infinite, "weights_not_finite", json!({"count": 1})),
        ("empty", Vec::new(), "not_safetensors", json!({})),
    ];
    for (case, bytes, code, values) in cases {
        let events = playground.settle(json!({"command": "resume", "name": "saved", "bytes": bytes}));
        let failed = of(&events, "failed");
        assert!(has(failed[0], code, &values), "{case}: {failed:?}");
        assert_eq!(export(&mut playground), before, "{case}");
    }
}

/// A run that one executor begins goes on with the other, and back: 50 steps of it have the losses of a run that stayed.
#[test]
fn a_run_goes_on_with_the_other_executor() {
    let mut config = config(110);
    config.training.validation_interval = 1000;
    let stayed = {
        let mut playground = Playground::new();
        playground.train(json!({"command": "set_text", "text": crate::training::text(3000)}), &config)
    };
    for (begun, gone_on) in [(Executor::Gpu, Executor::Cpu), (Executor::Cpu, Executor::Gpu)] {
        let (file, step) = on(begun, || {
            let mut playground = Playground::new();
            playground.settle(json!({"command": "set_text", "text": crate::training::text(3000)}));
            playground.settle(json!({"command": "reset", "config": config}));
            train_to(&mut playground, 10);
            save(&mut playground)
        });
        let rest = on(gone_on, || resumed(&file).0.settle(json!({"command": "train"})));
        let (got, want) = (behind(&rest, "training", step), behind(&stayed, "training", step));
        assert!(got.len() >= 50 && got.len() == want.len(), "{begun:?}: {} steps behind {step}", got.len());
        for (got, want) in got.iter().zip(&want) {
            let off = (got["loss"].as_f64().unwrap() - want["loss"].as_f64().unwrap()).abs();
            assert!(off < 1e-3, "{begun:?} to {gone_on:?}: off by {off} at {got}, {want}");
        }
    }
}

on_each!(
    a_resumed_run_equals_an_uninterrupted_one,
    patience_is_not_forgotten,
    the_text_of_the_run_comes_back_beside_that_of_the_box,
    a_broken_session_changes_nothing
);
