//! Token by token out of the cache of keys and values, against a full pass a token.

use crate::golden::ready;
use crate::gradients::weights;
use crate::harness::{Executor, Model, current, device, on, on_each};
use crate::playground::{Playground, of};
use fledgling::config::{Config, SamplingConfig};
use fledgling::inference::Inference;
use fledgling::model::Off;
use fledgling::parameters::Parameters;
use fledgling::sampler::Sampler;
use fledgling::tokenizer::Tokenizer;
use fledgling::weights::{Source, open};
use pollster::block_on;
use serde_json::{Value, json};
use std::rc::Rc;

const TEXT: &str = "the small bird sings and the other bird answers, and both of them sing again.\n";
const CONTEXT: usize = 24;

/// Trained a little on the CPU: the session, the file, and what is in it.
struct Trained {
    play: Playground,
    file: Vec<u8>,
}

fn trained(kind: &str, model: Value) -> Trained {
    let mut config = json!({
        "tokenizer": {"kind": kind, "vocabulary": 280},
        "model": {"context": CONTEXT, "width": 32, "layers": 2, "heads": 2, "kv_heads": 2, "hidden": 64},
        "training": {"steps": 60, "batch": 4, "learning_rate": 3e-3, "warmup_steps": 5, "sample_interval": 0},
    });
    config["model"].as_object_mut().unwrap().extend(model.as_object().unwrap().clone());
    let mut play = on(Executor::Cpu, Playground::new);
    play.train(json!({"command": "set_text", "text": TEXT.repeat(12)}), &serde_json::from_value(config).unwrap());
    let exported = play.settle(json!({"command": "export", "format": "safetensors"}));
    let bytes = of(&exported, "exported")[0]["bytes"].as_array().unwrap().iter();
    Trained { play, file: bytes.map(|byte| byte.as_u64().unwrap() as u8).collect() }
}

impl Trained {
    /// Its parameters on the executor of the test.
    fn parameters(&self) -> (Parameters, Tokenizer) {
        let files: [(String, Rc<dyn Source>); 1] = [("bird.safetensors".to_owned(), Rc::new(self.file.clone()))];
        let incoming = open(&files).unwrap();
        let parameters = block_on(Parameters::empty(device(), &incoming.checked, 0)).unwrap();
        for parameter in incoming.parameters() {
            let (offset, values) = parameter.unwrap();
            block_on(parameters.fill(device(), offset, &values)).unwrap();
        }
        (parameters, incoming.tokenizer.clone())
    }

    /// A session on the executor of the test with it.
    fn imported(&self) -> Playground {
        let mut play = Playground::new();
        let built = play.settle(json!({"command": "import", "name": "bird.safetensors", "bytes": self.file}));
        assert_eq!(of(&built, "model_built").len(), 1, "{built:?}");
        play
    }
}

fn far(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// What a text is continued with, by full passes; beside each pass the cache says the same.
fn continued(trained: &Trained, settings: &SamplingConfig, off: &Off) -> String {
    let (mut parameters, tokenizer) = trained.parameters();
    let (mut whole, mut cached) = (Inference::default(), Inference::default());
    let mut sampler = Sampler::new(settings, tokenizer.vocab()).unwrap();
    let mut tokens = tokenizer.encode(&settings.prompt).unwrap();
    let (mut text, mut uploads) = (String::new(), Vec::new());
    for _ in 0..settings.tokens {
        let window = &tokens[tokens.len().saturating_sub(CONTEXT)..];
        let wanted = block_on(whole.last_logits(device(), &mut parameters, window, off)).unwrap();
        let before = device().census();
        let got = block_on(cached.next_logits(device(), &mut parameters, window, off)).unwrap();
        uploads.push(device().census().since(before).bytes_uploaded);
        let off_by = far(&got, &wanted);
        assert!(off_by < 1e-4, "token {}: {off_by}", tokens.len());
        let drawn = sampler.draw(&wanted, window).unwrap().token;
        tokens.push(drawn);
        text += &tokenizer.token_text(drawn);
    }
    let first = tokens.len() - settings.tokens as usize;
    for (number, &bytes) in uploads.iter().enumerate().skip(2) {
        // A pass uploads its window, a token itself and its position, as the third does.
        assert_eq!(bytes == uploads[2], first + number <= CONTEXT, "token {number}: {uploads:?}");
    }
    text
}

/// Greedy and drawn text, past the context too, of three architectures and three tokenizers; whole, and with pieces off.
fn decoding_writes_what_full_passes_write() {
    let llama = json!({
        "positions": "rotary", "norm": "rms", "activation": "swiglu", "heads": 4, "kv_heads": 2, "tied": false,
        "attention_bias": false, "mlp_bias": false,
    });
    let first = json!({"positions": "sinusoidal", "norm_place": "post", "final_norm": false, "activation": "relu"});
    for (kind, model) in [("bpe", json!({})), ("characters", llama), ("words", first)] {
        let trained = trained(kind, model);
        let mut play = trained.imported();
        let heads = Off { heads: vec![(0, 1)], ..Default::default() };
        let layers = Off { attention: vec![0], mlp: vec![1], ..Default::default() };
        for settings in [
            json!({"temperature": 0.0}),
            json!({"temperature": 0.9, "top_k": 12, "top_p": 0.95, "repetition_penalty": 1.1, "seed": 4}),
        ] {
            let mut texts = Vec::new();
            for off in [&Off::default(), &heads, &layers] {
                let mut sampling = json!({"prompt": "the", "tokens": 40});
                sampling.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
                let wanted = continued(&trained, &serde_json::from_value(sampling.clone()).unwrap(), off);
                let sample =
                    json!({"command": "sample", "request": 1, "source": "model", "sampling": sampling, "off": off});
                let events = play.settle(sample);
                assert_eq!(of(&events, "failed"), Vec::<&Value>::new());
                let tokens = of(&events, "sampled").into_iter().flat_map(|e| e["tokens"].as_array().unwrap().clone());
                let said: String = tokens.map(|token| token["text"].as_str().unwrap().to_owned()).collect();
                assert_eq!(said, wanted, "{kind}, {off:?}");
                texts.push(said);
            }
            assert!(texts[0] != texts[1] && texts[0] != texts[2], "{kind}: what is off is heard: {texts:?}");
        }
    }
}

/// The first token behind a text is a pass, each one after it creates nothing and reads its logits back.
fn a_token_creates_nothing() {
    let trained = trained("characters", json!({}));
    let (mut parameters, _) = trained.parameters();
    let (mut inference, off) = (Inference::default(), Off::default());
    let mut next = |tokens: &[u32]| {
        let before = device().census();
        block_on(inference.next_logits(device(), &mut parameters, tokens, &off)).unwrap();
        device().census().since(before)
    };
    next(&[1, 2, 3]);
    next(&[1, 2, 3, 4]);
    let census = next(&[1, 2, 3, 4, 5]);
    assert_eq!((census.buffers_created, census.bind_groups_created, census.pipelines_created), (0, 0, 0));
    assert_eq!((census.submits, census.readbacks), (1, 1));
    assert!(next(&[1, 2, 9, 4, 5, 6]).dispatches > census.dispatches, "another text");
    assert_eq!(next(&[1, 2, 9, 4, 5, 6, 7]).dispatches, census.dispatches);
    assert!(next(&[1, 2, 9, 4, 5, 6, 7]).dispatches > census.dispatches, "the same text again");
}

/// Keys and values of other weights are not gone on from: behind a step, a look back, an import.
fn the_cache_ends_with_its_weights() {
    let config: Config = serde_json::from_value(json!({
        "model": {"vocab": 9, "context": 8, "width": 16, "layers": 2, "heads": 2, "kv_heads": 2, "hidden": 32},
        "training": {"batch": 1, "learning_rate": 0.1, "warmup_steps": 0},
    }))
    .unwrap();
    let mut model = block_on(ready(&config, &weights(&config, 4))).unwrap();
    let (tokens, off) = ([3, 1, 4, 1, 5, 2, 6], Off::default());
    let both = |model: &mut Model, count: usize| {
        let Model { parameters, inference, .. } = model;
        let got = block_on(inference.next_logits(device(), parameters, &tokens[..count], &off)).unwrap();
        let wanted = block_on(Inference::default().last_logits(device(), parameters, &tokens[..count], &off)).unwrap();
        assert!(far(&got, &wanted) < 1e-4, "{count} tokens: {}", far(&got, &wanted));
        wanted
    };
    let whole = |model: &mut Model, count: usize| {
        block_on(Inference::default().last_logits(device(), &mut model.parameters, &tokens[..count], &off)).unwrap()
    };
    both(&mut model, 2);
    both(&mut model, 3);
    let before = whole(&mut model, 4);
    model.step_on(&[3, 1, 4, 1, 5, 2, 6, 7], &[1, 4, 1, 5, 2, 6, 7, 8]).unwrap();
    if current() == Executor::Cpu {
        // The step waits to be done: its weights are still those of before.
        assert_eq!(both(&mut model, 4), before);
        device().go_on(|| false);
        assert!(far(&both(&mut model, 5), &[0.0; 9]) > 0.0);
    }
    assert!(far(&both(&mut model, 4), &before) > 0.01, "a step");
    both(&mut model, 5);
    // A look at other weights, and back.
    let now = block_on(model.weights());
    let other: Vec<f32> = now.iter().map(|w| 0.5 * w).collect();
    let here = whole(&mut model, 6);
    let aside = model.parameters.set_aside(device(), &other).unwrap().unwrap();
    assert!(far(&both(&mut model, 6), &here) > 0.01, "a look back");
    model.parameters.put_back(device(), &aside);
    assert_eq!(both(&mut model, 7), whole(&mut model, 7));
    // A tensor of its own.
    both(&mut model, 3);
    model.parameters.set_parameter(device(), "final_norm.gain", &[0.3; 16]).unwrap();
    both(&mut model, 4);
}

/// What sees ahead has no cache: each token changes all before it.
fn what_is_not_causal_takes_full_passes() {
    let trained = trained("characters", json!({"causal": false}));
    let (mut parameters, _) = trained.parameters();
    let (mut inference, off) = (Inference::default(), Off::default());
    for count in 1..=6 {
        let tokens = &[1, 2, 3, 4, 5, 6][..count];
        let got = block_on(inference.next_logits(device(), &mut parameters, tokens, &off)).unwrap();
        let wanted = block_on(inference.last_logits(device(), &mut parameters, tokens, &off)).unwrap();
        assert_eq!(got, wanted);
    }
}

/// What is to be switched off has to be there, and the sample under way goes on where it is not.
#[test]
fn sampling_without_a_piece_that_is_not_there_is_refused() {
    let Trained { mut play, .. } = trained("characters", json!({}));
    let sample = |off: Value| json!({"command": "sample", "request": 7, "source": "model", "sampling": {}, "off": off});
    for off in [json!({"heads": [[0, 2]]}), json!({"mlp": [2]}), json!({"attention": [9]})] {
        let refused = play.settle(sample(off));
        assert_eq!(of(&refused, "failed")[0]["kind"], "prompt");
        assert_eq!(of(&refused, "sampled"), Vec::<&Value>::new());
    }
}

on_each!(
    decoding_writes_what_full_passes_write,
    a_token_creates_nothing,
    the_cache_ends_with_its_weights,
    what_is_not_causal_takes_full_passes
);
