//! The protocol as scripts use it: the real `headless` program, and the page's types held against src/protocol.rs.

use crate::codes::expect;
use crate::harness::{Executor, current, on_each};
use fledgling::protocol::Command as ProtocolCommand;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn headless() -> Command {
    Command::new(env!("CARGO_BIN_EXE_headless"))
}

/// Runs a session on these lines, on the executor of the test; its events, and whether it ended well.
fn session(lines: &[String]) -> (Vec<Value>, bool) {
    let executor: &[&str] = if current() == Executor::Cpu { &["--cpu"] } else { &[] };
    let mut child =
        headless().args(executor).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let events = String::from_utf8(output.stdout).unwrap();
    (events.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), output.status.success())
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|e| e["event"] == kind).collect()
}

/// Names of an enum's variants in src/protocol.rs, in snake case.
fn variants(of: &str) -> Vec<String> {
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/protocol.rs")).unwrap();
    let body = source.split(&format!("pub enum {of} {{")).nth(1).unwrap().split("\n}").next().unwrap();
    let snake = |name: &str| {
        let mut out = String::new();
        for c in name.chars() {
            if c.is_uppercase() && !out.is_empty() {
                out.push('_');
            }
            out.extend(c.to_lowercase());
        }
        out
    };
    let names = body.lines().filter_map(|line| line.strip_prefix("    ")).filter(|l| l.starts_with(char::is_uppercase));
    names.map(|line| snake(line.split(|c: char| !c.is_alphanumeric()).next().unwrap())).collect()
}

#[test]
fn headless_help_shows_every_command_with_a_line_that_parses() {
    let help = String::from_utf8(headless().arg("--help").output().unwrap().stdout).unwrap();
    let commands = variants("Command");
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let line = help.lines().find(|l| l.trim_start().starts_with(&format!("{command} ")));
        let line = line.unwrap_or_else(|| panic!("--help does not show {command}"));
        let example = &line[line.find('{').unwrap()..=line.rfind('}').unwrap()];
        assert!(example.contains(&format!("\"command\":\"{command}\"")), "{line}");
        // Lines with a path stand for bytes, which only the program puts in.
        if !example.contains("\"path\"") {
            serde_json::from_str::<ProtocolCommand>(example).unwrap_or_else(|e| panic!("{example}: {e}"));
        }
    }
}

#[test]
fn the_page_knows_every_command_and_event() {
    let types = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("web/core/protocol.d.ts")).unwrap();
    let events = variants("Event");
    assert!(events.len() > 10, "{events:?}");
    for event in events {
        assert!(
            types.contains(&format!("event: \"{event}\"")),
            "web/core/protocol.d.ts does not know the event {event}"
        );
    }
    for command in variants("Command") {
        assert!(
            types.contains(&format!("command: \"{command}\"")),
            "web/core/protocol.d.ts lacks the command {command}"
        );
    }
}

fn headless_trains_samples_and_brings_a_model_back() {
    let folder = std::env::temp_dir().join(format!("fledgling-headless-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (text, model) = (folder.join("text.txt"), folder.join("model.safetensors"));
    let zip = folder.join("model.zip");
    std::fs::write(&text, crate::training::text(4000)).unwrap();
    let line = |value: Value| value.to_string();
    let sample = |request: u32| {
        line(serde_json::json!({"command": "sample", "request": request, "source": "model",
            "sampling": {"prompt": "the ", "tokens": 40, "temperature": 0.0}}))
    };
    let wait = || r#"{"command":"wait"}"#.to_owned();
    let config = serde_json::json!({"model": {"width": 32, "hidden": 64, "context": 16},
        "training": {"steps": 25, "validation_interval": 10, "validation_batches": 3, "warmup_steps": 5}});
    let lines = [
        line(serde_json::json!({"command": "set_text_bytes", "path": text})),
        line(serde_json::json!({"command": "reset", "config": config})),
        r#"{"command":"train"}"#.to_owned(),
        wait(),
        sample(1),
        wait(),
        r#"{"command":"evaluate"}"#.to_owned(),
        wait(),
        line(serde_json::json!({"command": "export", "path": model})),
        line(
            serde_json::json!({"command": "measure_exports", "about": {"text_name": "text.txt", "date": "2026-01-31"}}),
        ),
        line(serde_json::json!({"command": "export", "path": zip, "format": "transformers",
            "about": {"text_name": "text.txt", "date": "2026-01-31"}})),
    ];
    let (events, well) = session(&lines);
    assert!(well, "{:?}", of(&events, "failed"));
    let measured = &of(&events, "exports_measured")[0]["formats"];
    assert_eq!(measured[1]["bytes"], std::fs::metadata(&zip).unwrap().len());
    assert_eq!((&measured[1]["extension"], &measured[1]["class"]), (&"zip".into(), &"GPT2LMHeadModel".into()));
    assert!(measured[2]["bytes"].is_null(), "{}", measured[2]);
    expect(&measured[2]["reason"], "gguf_activation", &serde_json::json!({"activation": "gelu"}));
    let points: Vec<u64> = of(&events, "progressed")
        .iter()
        .flat_map(|e| e["training"].as_array().unwrap().iter().map(|p| p["step"].as_u64().unwrap()))
        .collect();
    assert_eq!(points, (1..=25).collect::<Vec<_>>(), "every step is reported once, in order");
    let validated: Vec<u64> = of(&events, "progressed")
        .iter()
        .flat_map(|e| e["validation"].as_array().unwrap().iter().map(|p| p["step"].as_u64().unwrap()))
        .collect();
    assert_eq!(validated, [0, 10, 20, 25]);
    assert_eq!(of(&events, "state_changed").last().unwrap()["state"], "finished");

    // A fresh process with the file alone samples the same; with the text, it has the same loss to the last bit.
    let lines = [
        line(serde_json::json!({"command": "import", "path": model})),
        sample(2),
        wait(),
        line(serde_json::json!({"command": "set_text_bytes", "path": text})),
        r#"{"command":"evaluate"}"#.to_owned(),
        wait(),
        r#"{"command":"attention","request":3,"prompt":"the bird","layer":0,"head":0}"#.to_owned(),
    ];
    let (back, well) = session(&lines);
    assert!(well, "{:?}", of(&back, "failed"));
    let text_of =
        |events: &[Value]| -> String { of(events, "sampled").iter().map(|e| e["text"].as_str().unwrap()).collect() };
    assert_eq!(text_of(&events).chars().count(), 40);
    assert_eq!(text_of(&events), text_of(&back));
    // As the zip, and as the files of a folder: the same.
    for command in [
        serde_json::json!({"command": "import", "path": zip}),
        serde_json::json!({"command": "import_files", "paths": [text, model]}),
    ] {
        let (again, well) = session(&[line(command), sample(4), wait()]);
        assert!(well, "{:?}", of(&again, "failed"));
        assert_eq!(text_of(&events), text_of(&again));
    }
    assert_eq!(of(&events, "evaluated")[0]["point"]["loss"], of(&back, "evaluated")[0]["point"]["loss"]);
    let weights = of(&back, "attention_computed")[0]["weights"].as_array().unwrap().clone();
    for (i, row) in weights.chunks(8).enumerate() {
        let row: Vec<f64> = row.iter().map(|w| w.as_f64().unwrap()).collect();
        assert!(
            (row.iter().sum::<f64>() - 1.0).abs() < 1e-5 && row[i + 1..].iter().all(|w| *w == 0.0),
            "row {i}: {row:?}"
        );
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn headless_says_what_is_wrong_and_goes_on() {
    let lines = [
        r#"{"command":"train"}"#,
        r#"{"command":"nonsense"}"#,
        "not json",
        r#"{"command":"set_text","text":""}"#,
        r#"{"command":"set_text","text":"too short"}"#,
        r#"{"command":"reset","config":{}}"#,
        r#"{"command":"reset","config":{"model":{"heads":3}}}"#,
        r#"{"command":"estimate","config":{"model":{"width":66,"heads":4}}}"#,
        r#"{"command":"import","path":"no such file"}"#,
        r#"{"command":"sample","request":7,"source":"model","sampling":{"prompt":"é"}}"#,
        r#"{"command":"benchmark","presets":["XL"],"seconds":1}"#,
    ];
    let (events, well) = session(&lines.map(str::to_owned));
    assert!(!well, "the exit status tells");
    let wanted = [
        ("command", "no_model", serde_json::json!({})),
        ("command", "not_a_command", serde_json::json!({"reason": "nonsense"})),
        ("command", "not_a_command", serde_json::json!({"reason": "expected ident"})),
        ("text", "empty_text", serde_json::json!({})),
        ("text", "too_short", serde_json::json!({"split": "training", "tokens": 8, "needed": 33})),
        ("configuration", "heads_do_not_divide_width", serde_json::json!({"width": 64, "heads": 3})),
        ("file", "path_unreadable", serde_json::json!({"path": "no such file", "reason": "No such file"})),
        ("command", "no_model", serde_json::json!({})),
        ("command", "no_such_preset", serde_json::json!({"key": "XL", "known": ["micro", "S", "M", "L"]})),
    ];
    let failed = of(&events, "failed");
    assert_eq!(failed.len(), wanted.len(), "{failed:#?}");
    for (problem, (kind, code, values)) in failed.into_iter().zip(&wanted) {
        expect(problem, code, values);
        assert_eq!(problem["kind"], *kind, "{problem}");
    }
    let problem = &of(&events, "estimated")[0]["problem"];
    expect(problem, "heads_do_not_divide_width", &serde_json::json!({"width": 66, "heads": 4}));
    assert_eq!((&problem["kind"], &problem["field"]), (&"configuration".into(), &"model.heads".into()));
}

/// Without a device: an adapter that is not there is not missed.
#[test]
fn headless_shaders_are_those_in_use_each_once() {
    let shaders = |arguments: &[&str]| -> Vec<Value> {
        let output =
            headless().args(arguments).env("VK_DRIVER_FILES", "").env("VK_ICD_FILENAMES", "").output().unwrap();
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let used = shaders(&["shaders"]);
    let of = |name: &str| used.iter().filter(|k| k["name"] == name).collect::<Vec<_>>();
    // Heads of 32 columns (micro, S) and of 64; a vocabulary of 65 and of 50,257, neither read by fours in the logits.
    let dims =
        of("attention.backward_kv").iter().map(|k| k["overrides"]["HEAD_DIM"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(dims, [32, 64]);
    for name in ["attention.weights_of_head", "matmul_staged_out_scalar.nt", "adam.update", "norm.backward_gain"] {
        assert!(!of(name).is_empty(), "{name}");
    }
    assert!(of("rotary.turn").is_empty() && of("elementwise.swiglu").is_empty(), "no size has them");
    for (i, kernel) in used.iter().enumerate() {
        assert!(!used[..i].contains(kernel), "{} stands there twice", kernel["name"]);
        // What it sets is there to be set.
        let module = naga::front::wgsl::parse_str(kernel["wgsl"].as_str().unwrap()).unwrap();
        for name in kernel["overrides"].as_object().unwrap().keys() {
            let there = module.overrides.iter().any(|(_, o)| o.name.as_deref() == Some(name));
            assert!(there, "{} has no override {name}", kernel["name"]);
        }
        assert!(module.entry_points.iter().any(|e| kernel["entry"] == e.name.as_str()));
    }
    let all = shaders(&["shaders", "all"]);
    assert_eq!(all.len(), fledgling::kernels::all().len());
}

on_each!(headless_trains_samples_and_brings_a_model_back);
