//! Looks inside a model, against the f64 reference: a layer's guess is a shorter model's, a piece that is off is one whose
//! output weights are zero.

use crate::codes::expect;
use crate::golden::ready;
use crate::gradients::{weights, worst};
use crate::harness::{device, on_each};
use crate::playground::{Playground, of};
use crate::reference::{self, Weights};
use fledgling::config::{Config, NormPlace, Positions, TokenizerConfig};
use fledgling::model::Off;
use fledgling::tokenizer::Tokenizer;
use pollster::block_on;
use serde_json::{Value, json};

const TOKENS: [u32; 5] = [3, 1, 6, 6, 0];

fn config(place: NormPlace, positions: Positions) -> Config {
    let mut config = Config::default();
    let m = &mut config.model;
    (m.vocab, m.context, m.width, m.hidden, m.layers, m.heads, m.kv_heads) = (7, 5, 12, 10, 3, 3, 3);
    (m.norm_place, m.positions, m.attention_bias, m.mlp_bias, m.norm_bias) = (place, positions, true, true, true);
    m.final_norm = place == NormPlace::Pre;
    config
}

fn reference_weights(weights: &std::collections::BTreeMap<String, Vec<f32>>) -> Weights {
    weights.iter().map(|(name, values)| (name.clone(), values.iter().map(|&v| v.into()).collect())).collect()
}

fn lens_shows_what_a_shorter_model_would_say() {
    for (place, positions) in [(NormPlace::Pre, Positions::Learned), (NormPlace::Post, Positions::Rotary)] {
        let mut config = config(place, positions);
        if positions == Positions::Rotary {
            (config.model.heads, config.model.kv_heads) = (2, 2);
        }
        let weights = weights(&config, 40);
        let w = reference_weights(&weights);
        let mut model = block_on(ready(&config, &weights)).unwrap();
        let layers = block_on(model.inference.lens(device(), &mut model.parameters, &TOKENS)).unwrap();
        assert_eq!(layers.len(), 4);
        for (depth, got) in layers.iter().enumerate() {
            let mut shorter = config.model.clone();
            shorter.layers = depth;
            let want = reference::logits(&shorter, &w, &TOKENS, 1);
            let share = worst(got, &want, 1e-4, 1e-4);
            assert!(share <= 1.0, "{place:?}, after {depth} layers: {share}");
        }
    }
}

fn pieces_that_are_off_add_nothing() {
    for place in [NormPlace::Pre, NormPlace::Post] {
        let config = config(place, Positions::Learned);
        let weights = weights(&config, 41);
        // (what is off, the parameters and the rows of them that are zero then)
        type Zero = (&'static str, std::ops::Range<usize>);
        let cases: [(Off, &[Zero]); 4] = [
            (
                Off { attention: vec![1], ..Default::default() },
                &[("block.1.attention.output.weight", 0..144), ("block.1.attention.output.bias", 0..12)],
            ),
            (
                Off { mlp: vec![0], ..Default::default() },
                &[("block.0.mlp.down.weight", 0..120), ("block.0.mlp.down.bias", 0..12)],
            ),
            // head 2 of 3 reads rows 8 to 11 of the output projection [12, 12]
            (Off { heads: vec![(2, 2)], ..Default::default() }, &[("block.2.attention.output.weight", 96..144)]),
            (
                Off { heads: vec![(0, 0), (0, 1)], mlp: vec![2], ..Default::default() },
                &[
                    ("block.0.attention.output.weight", 0..96),
                    ("block.2.mlp.down.weight", 0..120),
                    ("block.2.mlp.down.bias", 0..12),
                ],
            ),
        ];
        for (off, zeros) in cases {
            let mut w = reference_weights(&weights);
            for (name, range) in zeros {
                w.get_mut(*name).unwrap()[range.clone()].fill(0.0);
            }
            let want = reference::logits(&config.model, &w, &TOKENS, 1);
            let mut model = block_on(ready(&config, &weights)).unwrap();
            let whole = block_on(model.logits(&TOKENS)).unwrap();
            let got = block_on(model.inference.logits_without(device(), &mut model.parameters, &TOKENS, &off)).unwrap();
            let share = worst(&got, &want, 1e-4, 1e-4);
            assert!(share <= 1.0, "{off:?}, {place:?}: {share}");
            assert_ne!(got, whole);
            assert_eq!(block_on(model.logits(&TOKENS)).unwrap(), whole, "and on again");
        }
    }
}

fn every_head_is_the_same_alone_and_among_all() {
    let config = config(NormPlace::Pre, Positions::Learned);
    let mut model = block_on(ready(&config, &weights(&config, 42))).unwrap();
    let mut all = Vec::new();
    block_on(model.inference.every_attention(device(), &mut model.parameters, &TOKENS, |layer, head, weights| {
        all.push((layer, head, weights))
    }))
    .unwrap();
    assert_eq!(all.len(), 9);
    for (layer, head, weights) in all {
        assert_eq!(
            block_on(model.inference.attention(device(), &mut model.parameters, &TOKENS, layer, head)).unwrap(),
            weights,
            "{layer}, {head}"
        );
        for (i, row) in weights.chunks(5).enumerate() {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5 && row[i + 1..].iter().all(|w| *w == 0.0));
        }
    }
}

fn inspection_by_the_protocol() {
    let mut playground = Playground::new();
    let mut config = Config::default();
    (config.model.width, config.model.hidden, config.model.layers, config.model.context) = (32, 64, 2, 16);
    (config.training.steps, config.training.warmup_steps, config.training.sample_interval) = (60, 5, 0);
    playground.train(json!({"command": "set_text", "text": crate::training::text(4000)}), &config);
    let mut ask = |command: Value, answer: &str| {
        let events = playground.settle(command);
        assert_eq!(of(&events, "failed"), Vec::<&Value>::new());
        of(&events, answer)[0].clone()
    };
    let number = |v: &Value| v.as_f64().unwrap();

    let heads =
        ask(json!({"command": "look_at_heads", "request": 1, "prompt": "the bird si", "size": 8}), "heads_looked_at");
    assert_eq!((heads["heads"].as_array().unwrap().len(), heads["tokens"].as_array().unwrap().len()), (4, 11));
    for head in heads["heads"].as_array().unwrap() {
        assert!((0.0..=f64::ln(11.0)).contains(&number(&head["entropy"])));
        assert_eq!((&head["side"], head["thumbnail"].as_array().unwrap().len()), (&json!(8), 64));
    }

    // the bars: softmax of these logits is what the sampler draws from
    let logits = ask(json!({"command": "predict", "request": 2, "prompt": "the bird si", "off": {}}), "predicted");
    let logits: Vec<f64> = logits["logits"].as_array().unwrap().iter().map(number).collect();
    let total: f64 = logits.iter().map(|z| z.exp()).sum();
    let drawn = ask(
        json!({"command": "sample", "request": 3, "source": "model",
            "sampling": {"prompt": "the bird si", "tokens": 1, "temperature": 1.0}}),
        "sampled",
    );
    for candidate in drawn["tokens"][0]["candidates"].as_array().unwrap() {
        let id = candidate["id"].as_u64().unwrap() as usize;
        assert!((logits[id].exp() / total - number(&candidate["probability"])).abs() < 1e-5, "{candidate}");
    }

    // the last layer's guess is the model's own
    let lens = ask(
        json!({"command": "look_through_lens", "request": 4, "prompt": "the bird si", "guesses": 3}),
        "lens_looked",
    );
    let layers = lens["guesses"].as_array().unwrap();
    assert_eq!((layers.len(), layers[0].as_array().unwrap().len()), (3, 11));
    let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
    assert_eq!(layers[2][10][0]["id"], best);
    assert!((number(&layers[2][10][0]["probability"]) - logits[best].exp() / total).abs() < 1e-5);

    // nothing off changes nothing, everything off costs much
    let off = |off: Value| json!({"command": "switch_off", "request": 5, "off": off});
    let nothing = ask(off(json!({})), "switched_off");
    assert_eq!(nothing["whole"], nothing["without"]);
    let all = ask(off(json!({"attention": [0, 1], "mlp": [0, 1]})), "switched_off");
    assert!(number(&all["without"]) > number(&all["whole"]) + 0.1, "{all}");
    assert_eq!((&all["whole"], &all["tokens"]), (&nothing["whole"], &json!(16 * 16)));

    let tensors = ask(json!({"command": "look_at_tensors", "request": 6}), "tensors_looked_at");
    for tensor in tensors["tensors"].as_array().unwrap() {
        let count: u64 = tensor["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).product();
        for spread in [&tensor["weights"], &tensor["gradient"]] {
            assert_eq!(spread["bars"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>(), count);
        }
    }

    let map = ask(json!({"command": "project_embeddings", "request": 7, "tokens": 10}), "embeddings_projected");
    assert_eq!((map["ids"].as_array().unwrap().len(), map["projection"]["points"].as_array().unwrap().len()), (10, 10));
    let near = ask(json!({"command": "find_neighbours", "request": 8, "token": map["ids"][0]}), "neighbours_found");
    assert_eq!(near["token"], map["tokens"][0]);
    assert!(
        near["neighbours"].as_array().unwrap().windows(2).all(|w| number(&w[0]["cosine"]) >= number(&w[1]["cosine"]))
    );

    let refused = playground.settle(off(json!({"heads": [[2, 0]]})));
    let numbers = json!({"layer": 2, "head": 0, "layers": 2, "heads": 2});
    expect(of(&refused, "failed")[0], "no_such_head", &numbers);
    assert_eq!(of(&refused, "failed")[0]["request"], 5);
}

/// Looks at the weights of a step, or of this moment: what each kind of look says, the step first.
fn looks(playground: &mut Playground, at: Option<u32>) -> Vec<Value> {
    [
        (
            json!({"command": "attention", "request": 1, "prompt": "the bird", "layer": 1, "head": 0}),
            "attention_computed",
        ),
        (json!({"command": "look_at_heads", "request": 1, "prompt": "the bird", "size": 8}), "heads_looked_at"),
        (json!({"command": "predict", "request": 1, "prompt": "the bird", "off": {}}), "predicted"),
        (json!({"command": "predict", "request": 1, "prompt": "the bird", "off": {"mlp": [0]}}), "predicted"),
        (json!({"command": "look_through_lens", "request": 1, "prompt": "the bird", "guesses": 2}), "lens_looked"),
        (json!({"command": "switch_off", "request": 1, "off": {"heads": [[0, 1]]}}), "switched_off"),
        (json!({"command": "project_embeddings", "request": 1, "tokens": 10}), "embeddings_projected"),
        (json!({"command": "find_neighbours", "request": 1, "token": 3}), "neighbours_found"),
        (json!({"command": "look_at_tensors", "request": 1}), "tensors_looked_at"),
    ]
    .into_iter()
    .map(|(mut command, answer)| {
        command["at"] = json!(at);
        let events = playground.send(command);
        assert_eq!(of(&events, "failed"), Vec::<&Value>::new());
        let mut seen = of(&events, answer)[0].clone();
        // No checkpoint keeps gradients.
        for tensor in seen["tensors"].as_array_mut().into_iter().flatten() {
            tensor["gradient"].take();
        }
        seen
    })
    .collect()
}

fn weights_of_earlier_steps_are_looked_at_as_they_were() {
    let mut config = Config::default();
    (config.model.width, config.model.hidden, config.model.layers, config.model.context) = (32, 64, 2, 16);
    let t = &mut config.training;
    (t.steps, t.warmup_steps, t.validation_interval, t.sample_interval, t.accumulation) = (12, 2, 4, 3, 2);
    let text = json!({"command": "set_text", "text": crate::training::text(4000)});
    let kept = |playground: &Playground| {
        let said = playground.all("checkpoints_kept");
        said.last().unwrap()["steps"].as_array().unwrap().iter().map(|s| s.as_u64().unwrap() as u32).collect::<Vec<_>>()
    };

    // what a look shows at each step, while that step is now
    let mut playground = Playground::new();
    playground.settle(text.clone());
    playground.settle(json!({"command": "reset", "config": config}));
    let mut then = vec![looks(&mut playground, None)];
    for _ in 0..6 {
        playground.settle(json!({"command": "step"}));
        then.push(looks(&mut playground, None));
    }
    // and what it shows of those that were kept, when six more are done, to the last digit
    playground.settle(json!({"command": "train"}));
    let steps = kept(&playground);
    assert!(steps.starts_with(&[0, 1, 2, 3, 4, 5, 6]) && steps.ends_with(&[8, 9, 12]), "{steps:?}");
    let now = looks(&mut playground, None);
    for step in 0..=6 {
        let again = looks(&mut playground, Some(step));
        for (again, then) in again.iter().zip(&then[step as usize]) {
            assert_eq!(again, then, "step {step}");
        }
    }
    assert_ne!(then[6], now);
    assert_eq!(looks(&mut playground, None), now, "the model's own are back");

    // a look back in the middle of training changes nothing of it
    let export = |playground: &mut Playground| playground.settle(json!({"command": "export"}));
    let looked = of(&export(&mut playground), "exported")[0]["bytes"].clone();
    let mut other = Playground::new();
    other.train(text, &config);
    assert_eq!(of(&export(&mut other), "exported")[0]["bytes"], looked);
    assert_eq!(kept(&other), [0, 3, 4, 6, 8, 9, 12]);

    let refused = other.send(json!({"command": "predict", "request": 7, "prompt": "the", "off": {}, "at": 5}));
    let refused = of(&refused, "failed")[0];
    expect(refused, "step_not_kept", &json!({"step": 5, "kept": [0, 3, 4, 6, 8, 9, 12]}));
    assert_eq!(refused["request"], 7);
    let best = of(&other.settle(json!({"command": "restore_best"})), "best_restored")[0]["best"]["step"].clone();
    assert!(
        kept(&other).iter().all(|&step| u64::from(step) <= best.as_u64().unwrap()),
        "a run that goes back forgets what came after"
    );
    other.settle(json!({"command": "reset", "config": config}));
    assert_eq!(kept(&other), [0]);
}

#[test]
fn a_sentence_under_each_tokenizer() {
    let text = "so many birds sing; so many birds sing louder than the sea. ".repeat(200);
    let mut playground = Playground::new();
    let ask = |sentence: &str| json!({"command": "compare_tokenizers", "request": 4, "text": sentence});
    let refused = playground.settle(ask("birds"));
    assert_eq!(of(&refused, "failed")[0]["request"], 4);

    playground.settle(json!({"command": "set_text", "text": text}));
    for (kind, vocabulary) in [("characters", 4096), ("bpe", 300), ("words", 5)] {
        let tokenizer = json!({"kind": kind, "vocabulary": vocabulary});
        let prepared = playground.settle(json!({"command": "prepare", "tokenizer": tokenizer, "data": {}}));
        let set = of(&prepared, "text_set")[0];
        let frequencies = set["frequencies"].as_array().unwrap();
        assert_eq!(frequencies.len(), set["vocabulary"].as_array().unwrap().len());
        assert_eq!(frequencies.iter().map(|n| n.as_u64().unwrap()).sum::<u64>(), set["training_tokens"]);

        let sentence = "so many birds sing über";
        let compared = playground.settle(ask(sentence));
        let looks = of(&compared, "tokenizers_compared")[0]["looks"].as_array().unwrap().clone();
        let kinds: Vec<_> = looks.iter().map(|look| look["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["characters", "words", "bytes", "bpe"]);
        for look in &looks {
            let config: TokenizerConfig = serde_json::from_value(
                json!({"kind": look["kind"], "vocabulary": if look["kind"] == "bpe" { vocabulary.max(258) } else { vocabulary }}),
            )
            .unwrap();
            let tokenizer = Tokenizer::from_text(&config, &text).unwrap();
            // an unknown character is left out where no token stands for it
            let known = if look["kind"] == "characters" { "so many birds sing ber" } else { sentence };
            let ids = tokenizer.encode(known).unwrap();
            assert_eq!((&look["ids"], &look["vocab"]), (&json!(ids), &json!(tokenizer.vocab())), "{kind}: {look}");
            let texts: Vec<_> = ids.iter().map(|&id| tokenizer.token_text(id)).collect();
            assert_eq!(look["tokens"], json!(texts));
            assert_eq!(look["unknown"], tokenizer.unknown_in(sentence).occurrences);
        }
    }
}

on_each!(
    lens_shows_what_a_shorter_model_would_say,
    pieces_that_are_off_add_nothing,
    every_head_is_the_same_alone_and_among_all,
    inspection_by_the_protocol,
    weights_of_earlier_steps_are_looked_at_as_they_were
);
