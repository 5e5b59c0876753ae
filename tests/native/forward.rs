//! The forward pass on the CPU, and the session that reads with it: against the f64 reference, the golden cases, and the GPU.

use crate::golden::cases;
use crate::gradients::{all_options, weights, without_a_piece, worst};
use crate::playground::{Playground, Readings, of};
use crate::reference::{self, Weights};
use fledgling::config::{Architecture, Config};
use fledgling::model::Layout;
use fledgling::model::forward::Forward;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The model of these weights.
fn forward(a: &Architecture, weights: &BTreeMap<String, Vec<f32>>) -> Forward {
    let layout = Layout::new(a);
    let mut flat = vec![f32::NAN; layout.words];
    for (parameter, place) in layout.places() {
        flat[place].copy_from_slice(&weights[&parameter.name]);
    }
    Forward::new(a, flat)
}

/// Every window that begins these tokens, the shortest first, as a text grows; then again from the longest down.
#[test]
fn forward_is_the_reference_for_all_options() {
    let mut highest = 0.0f64;
    for (number, config) in all_options().iter().chain(&without_a_piece()).enumerate() {
        let (m, tokens) = (&config.model, [3, 1, 6, 6, 0]);
        let weights = weights(config, 50 + number as u64);
        let w: Weights = weights.iter().map(|(n, v)| (n.clone(), v.iter().map(|&x| x.into()).collect())).collect();
        let mut forward = forward(&config.check().unwrap().architecture, &weights);
        for length in (1..=m.context).chain((1..=m.context).rev()) {
            let want = reference::logits(m, &w, &tokens[..length], 1);
            let share = worst(&forward.last_logits(&tokens[..length]), &want[want.len() - m.vocab..], 1e-5, 1e-5);
            assert!(share <= 1.0, "configuration {number}, {length} tokens: {share} times the tolerance: {m:?}");
            highest = highest.max(share);
        }
    }
    println!("{highest:.2} of the tolerance of 1e-5");
}

#[test]
fn forward_computes_the_golden_logits() {
    for case in cases() {
        let (context, vocab) = (case.config.model.context, case.config.model.vocab);
        let mut forward = forward(&case.config.check().unwrap().architecture, &case.weights);
        let windows = case.batches[0].0.chunks(context).zip(case.expected["logits"].chunks(context * vocab));
        for (tokens, want) in windows {
            // Without the mask, only a whole window is the case's.
            let lengths = if case.config.model.causal { 1..=context } else { context..=context };
            for length in lengths {
                let want: Vec<f64> = want[(length - 1) * vocab..][..vocab].iter().map(|&x| x.into()).collect();
                let share = worst(&forward.last_logits(&tokens[..length]), &want, 0.0, 2e-5);
                assert!(share <= 1.0, "{}, {length} tokens: {share} times the tolerance", case.name);
            }
        }
    }
}

/// Another text takes the place of the remembered one, from wherever they part.
#[test]
fn forward_remembers_nothing_of_another_text() {
    let config = &all_options()[0];
    let architecture = &config.check().unwrap().architecture;
    let weights = weights(config, 9);
    let mut one = forward(architecture, &weights);
    for tokens in [&[1, 2, 3, 4, 5][..], &[1, 2, 4], &[1, 2, 4, 4, 4], &[0], &[1, 2, 3, 4, 5], &[2, 3, 4, 5, 6]] {
        let fresh: Vec<f64> = forward(architecture, &weights).last_logits(tokens).iter().map(|&x| x.into()).collect();
        assert!(worst(&one.last_logits(tokens), &fresh, 1e-6, 1e-6) <= 1.0, "{tokens:?}");
        one.every_attention(tokens, |layer, head, map| {
            for (i, row) in map.chunks_exact(tokens.len()).enumerate() {
                let sum: f32 = row.iter().sum();
                assert!((sum - 1.0).abs() < 1e-5, "layer {layer}, head {head}, row {i} sums to {sum}");
            }
        });
    }
}

const TEXT: &str = "the small bird sings and the other bird answers, and both of them sing again.\n";

/// Trained a little, so that heads and guesses are not all alike.
fn trained(config: &Value) -> (Playground, Vec<u8>) {
    let mut play = Playground::new();
    let config: Config = serde_json::from_value(config.clone()).unwrap();
    play.train(json!({"command": "set_text", "text": TEXT.repeat(12)}), &config);
    let exported = play.settle(json!({"command": "export", "format": "safetensors"}));
    let bytes = of(&exported, "exported")[0]["bytes"].as_array().unwrap();
    (play, bytes.iter().map(|byte| byte.as_u64().unwrap() as u8).collect())
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn near(what: &str, a: &Value, b: &Value, tolerance: f64) {
    let (a, b) = (numbers(a), numbers(b));
    assert_eq!(a.len(), b.len(), "{what}");
    let off = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(off <= tolerance, "{what}: {off}");
}

/// What the page that a model is taken away in shows without a GPU is what it shows with one.
#[test]
fn reader_says_what_the_gpu_says() {
    let llama =
        json!({"positions": "rotary", "norm": "rms", "activation": "swiglu", "heads": 4, "kv_heads": 2, "tied": false});
    let first = json!({"positions": "sinusoidal", "norm_place": "post", "final_norm": false, "activation": "relu"});
    for (kind, model) in [("bpe", json!({})), ("characters", llama), ("words", first)] {
        let mut m = json!({"context": 24, "width": 32, "layers": 2, "heads": 2, "kv_heads": 2, "hidden": 64});
        m.as_object_mut().unwrap().extend(model.as_object().unwrap().clone());
        let (mut gpu, file) = trained(&json!({
            "tokenizer": {"kind": kind, "vocabulary": 280}, "model": m,
            "training": {"steps": 30, "batch": 4, "learning_rate": 3e-3, "warmup_steps": 5, "sample_interval": 0},
        }));
        let mut cpu = Readings::new();
        let built = cpu.settle(json!({"command": "import", "name": "bird.safetensors", "bytes": file}));
        assert_eq!(of(&built, "model_built")[0]["step"], 30, "{kind}: {built:?}");
        // Three times the context: the window slides.
        for sampling in
            [json!({"temperature": 0.0}), json!({"temperature": 0.9, "top_k": 12, "top_p": 0.95, "seed": 4})]
        {
            let mut sampling = sampling;
            sampling
                .as_object_mut()
                .unwrap()
                .extend(json!({"prompt": "the", "tokens": 72}).as_object().unwrap().clone());
            assert_eq!(cpu.sample("model", sampling.clone()), gpu.sample("model", sampling), "{kind}");
        }
        let prompt = "the small bird sings and the other";
        for (command, event, values) in
            [("predict", "predicted", "logits"), ("attention", "attention_computed", "weights")]
        {
            let mut command = json!({"command": command, "request": 2, "prompt": prompt});
            let more = if values == "logits" { json!({"off": {}}) } else { json!({"layer": 1, "head": 1}) };
            command.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let (a, b) = (gpu.settle(command.clone()), cpu.settle(command));
            let (a, b) = (of(&a, event)[0], of(&b, event)[0]);
            near(&format!("{kind}: {values}"), &a[values], &b[values], if values == "logits" { 2e-4 } else { 1e-5 });
            assert_eq!((&a["tokens"], &a["step"]), (&b["tokens"], &b["step"]));
        }
        let heads = json!({"command": "look_at_heads", "request": 3, "prompt": prompt, "size": 8});
        let (a, b) = (gpu.settle(heads.clone()), cpu.settle(heads));
        let heads = |events: &[Value]| of(events, "heads_looked_at")[0]["heads"].as_array().unwrap().clone();
        assert_eq!(heads(&a).len(), heads(&b).len());
        for (a, b) in heads(&a).iter().zip(&heads(&b)) {
            near(&format!("{kind}: thumbnail"), &a["thumbnail"], &b["thumbnail"], 1e-5);
            assert_eq!((&a["layer"], &a["head"]), (&b["layer"], &b["head"]));
        }
    }
}

#[test]
fn reader_refuses_what_it_cannot_and_keeps_what_it_has() {
    let (_, file) = trained(&json!({
        "model": {"context": 8, "width": 16, "layers": 1, "heads": 2, "kv_heads": 2, "hidden": 16},
        "training": {"steps": 2, "warmup_steps": 1, "batch": 2, "sample_interval": 0},
    }));
    let mut cpu = Readings::new();
    let said = |events: &[Value]| of(events, "failed").iter().map(|e| e["message"].to_string()).collect::<String>();
    let sample = json!({"command": "sample", "request": 7, "source": "model", "sampling": {"tokens": 5}});
    let nothing = cpu.settle(sample.clone());
    assert!(said(&nothing).contains("there is no model yet"), "{nothing:?}");
    assert_eq!(of(&nothing, "failed")[0]["request"], 7);
    cpu.settle(json!({"command": "import", "name": "bird.safetensors", "bytes": file.clone()}));
    let broken = cpu.settle(json!({"command": "import", "name": "half.safetensors", "bytes": file[..file.len() / 2]}));
    assert!(said(&broken).contains("half.safetensors"), "{broken:?}");
    for command in
        [json!({"command": "train"}), json!({"command": "save"}), json!({"command": "set_text", "text": TEXT})]
    {
        let refused = cpu.settle(command);
        assert!(said(&refused).contains("without a GPU"), "{refused:?}");
    }
    for (layer, head) in [(1, 0), (0, 2)] {
        let ask = json!({"command": "attention", "request": 8, "prompt": "the", "layer": layer, "head": head});
        assert!(said(&cpu.settle(ask)).contains("is not there"));
    }
    let drawn = cpu.settle(sample);
    assert_eq!(of(&drawn, "sampling_finished").len(), 1, "the model stayed: {drawn:?}");
}
