//! Looks inside a model, against the f64 reference: a layer's guess is a shorter model's, a piece that is off is one whose
//! output weights are zero.

use crate::golden::trainer;
use crate::gradients::{weights, worst};
use crate::harness::gpu;
use crate::playground::{Playground, of};
use crate::reference::{self, Weights};
use fledgling::config::{Config, NormPlace, Positions};
use fledgling::gpu::Body;
use fledgling::model::Off;
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

#[test]
fn lens_shows_what_a_shorter_model_would_say() {
    for (place, positions) in [(NormPlace::Pre, Positions::Learned), (NormPlace::Post, Positions::Rotary)] {
        let mut config = config(place, positions);
        if positions == Positions::Rotary {
            (config.model.heads, config.model.kv_heads) = (2, 2);
        }
        let weights = weights(&config, 40);
        let w = reference_weights(&weights);
        for body in [Body::Direct, Body::Staged] {
            let mut trainer = block_on(trainer(&config, &weights, body)).unwrap();
            let layers = block_on(trainer.lens(gpu(), &TOKENS)).unwrap();
            assert_eq!(layers.len(), 4);
            for (depth, got) in layers.iter().enumerate() {
                let mut shorter = config.model.clone();
                shorter.layers = depth;
                let want = reference::logits(&shorter, &w, &TOKENS, 1);
                let share = worst(got, &want, 1e-4, 1e-4);
                assert!(share <= 1.0, "{place:?}, after {depth} layers, {body:?}: {share}");
            }
        }
    }
}

#[test]
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
            for body in [Body::Direct, Body::Staged] {
                let mut trainer = block_on(trainer(&config, &weights, body)).unwrap();
                let whole = block_on(trainer.logits(gpu(), &TOKENS)).unwrap();
                let got = block_on(trainer.logits_without(gpu(), &TOKENS, &off)).unwrap();
                let share = worst(&got, &want, 1e-4, 1e-4);
                assert!(share <= 1.0, "{off:?}, {place:?}, {body:?}: {share}");
                assert_ne!(got, whole);
                assert_eq!(block_on(trainer.logits(gpu(), &TOKENS)).unwrap(), whole, "and on again");
            }
        }
    }
}

#[test]
fn every_head_is_the_same_alone_and_among_all() {
    let config = config(NormPlace::Pre, Positions::Learned);
    let mut trainer = block_on(trainer(&config, &weights(&config, 42), Body::Direct)).unwrap();
    let mut all = Vec::new();
    block_on(trainer.every_attention(gpu(), &TOKENS, |layer, head, weights| all.push((layer, head, weights)))).unwrap();
    assert_eq!(all.len(), 9);
    for (layer, head, weights) in all {
        assert_eq!(block_on(trainer.attention(gpu(), &TOKENS, layer, head)).unwrap(), weights, "{layer}, {head}");
        for (i, row) in weights.chunks(5).enumerate() {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5 && row[i + 1..].iter().all(|w| *w == 0.0));
        }
    }
}

#[test]
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
    assert_eq!(of(&refused, "failed")[0]["message"], "layer 2, head 0 is not there: the model has 2 layers of 2 heads");
    assert_eq!(of(&refused, "failed")[0]["request"], 5);
}
