//! Each recipe is held to its tutorial: what it must show, it shows here.

use crate::codes::has;
use crate::harness::on_each;
use crate::playground::{Playground, of, points, training_losses};
use fledgling::config::Config;
use fledgling::optimizer::learning_rate;
use fledgling::recipes::{Recipe, recipes};
use serde_json::{Value, json};

fn recipe(key: &str) -> Recipe {
    recipes().into_iter().find(|r| r.key == key).unwrap()
}

fn built_in(recipe: &Recipe) -> Value {
    json!({"command": "set_built_in", "key": recipe.text, "seed": 1})
}

fn every_recipe_can_be_built_on_its_text() {
    for recipe in recipes() {
        let mut playground = Playground::new();
        playground.settle(built_in(&recipe));
        for config in std::iter::once(&recipe.config).chain(recipe.pieces.iter().map(|piece| &piece.config)) {
            let events =
                playground.settle(json!({"command": "prepare", "tokenizer": config.tokenizer, "data": config.data}));
            assert!(of(&events, "failed").is_empty(), "{}: {events:?}", recipe.key);
        }
        let events = playground.settle(json!({"command": "estimate", "config": recipe.config}));
        assert_eq!(of(&events, "estimated")[0]["problem"], Value::Null, "{}", recipe.key);
    }
}

fn counting_bigrams_draws_in_proportion_to_the_counts() {
    let recipe = recipe("counting_bigrams");
    let mut playground = Playground::new();
    let text = playground.settle(built_in(&recipe));
    let text = of(&text, "text_decoded")[0]["text"].as_str().unwrap().to_owned();
    let set = playground
        .settle(json!({"command": "prepare", "tokenizer": recipe.config.tokenizer, "data": recipe.config.data}));
    let trained = of(&set, "text_set")[0]["training_tokens"].as_u64().unwrap() as usize;
    let trained: Vec<char> = text.chars().take(trained).collect();

    // the table: what follows 春, against a count by hand
    let table = playground.settle(json!({"command": "count_transitions", "request": 1, "text": "春"}));
    let table = of(&table, "transitions_counted")[0];
    let followers: Vec<char> = trained.windows(2).filter(|w| w[0] == '春').map(|w| w[1]).collect();
    assert!(followers.len() > 20);
    assert_eq!(table["total"], followers.len());
    let mut sum = 0.0;
    for transition in table["transitions"].as_array().unwrap() {
        let next = transition["next"].as_str().unwrap();
        let count = followers.iter().filter(|c| c.to_string() == next).count();
        assert_eq!(transition["count"], count, "春 → {next}");
        sum += transition["probability"].as_f64().unwrap();
    }
    assert!(sum <= 1.0 + 1e-9 && (table["different"].as_u64().unwrap() > 50 || sum > 1.0 - 1e-9));

    // 春江 gives 100 characters, every pair of which stands in the text
    let sampling = &recipe.config.sampling;
    assert_eq!((sampling.prompt.as_str(), sampling.tokens, sampling.temperature), ("春江", 100, 1.0));
    let written = playground.sample("counts", json!(sampling));
    assert_eq!(written.chars().count(), 100);
    let whole: Vec<char> = "春江".chars().chain(written.chars()).collect();
    for pair in whole.windows(2).skip(1) {
        assert!(trained.windows(2).any(|w| w == pair), "{pair:?} never stands in the text");
    }

    // the first character after 江 over many seeds, in proportion
    let after: Vec<char> = trained.windows(2).filter(|w| w[0] == '江').map(|w| w[1]).collect();
    let commonest = *after.iter().max_by_key(|c| after.iter().filter(|d| d == c).count()).unwrap();
    let want = after.iter().filter(|c| **c == commonest).count() as f64 / after.len() as f64;
    let draws = 400;
    let hits = (0..draws).filter(|seed| {
        let one = json!({"prompt": "春江", "tokens": 1, "temperature": 1.0, "seed": seed});
        playground.sample("counts", one).starts_with(commonest)
    });
    let got = hits.count() as f64 / f64::from(draws);
    // four deviations of a binomial draw
    let deviation = (want * (1.0 - want) / f64::from(draws)).sqrt();
    assert!((got - want).abs() < 4.0 * deviation, "{commonest}: {got} for {want}");
}

fn bigram_network_reaches_the_conditional_entropy() {
    let recipe = recipe("bigram_network");
    for key in ["stories", "sorting"] {
        let mut playground = Playground::new();
        let events = playground.train(json!({"command": "set_built_in", "key": key, "seed": 1}), &recipe.config);
        let described = &of(&events, "text_set")[0]["counts"];
        let entropy = described["conditional_entropy"].as_f64().unwrap();
        let losses = training_losses(&events);
        // 500 batches of 1,024 tokens: the mean is good to some thousandths
        let last = &losses[losses.len() - 500..];
        let reached = last.iter().sum::<f64>() / last.len() as f64;
        println!("{key}: {reached:.4} nats for an entropy of {entropy:.4}");
        assert!((reached / entropy - 1.0).abs() < 0.02, "{key}: {reached} for {entropy}");
        let baseline = described["baselines"]["bigram"].as_f64().unwrap();
        let validation = points(&events, "validation").last().unwrap()["loss"].as_f64().unwrap();
        assert!((validation / baseline - 1.0).abs() < 0.03, "{key}: validation {validation}, counted {baseline}");
    }
}

fn first_transformer_learns_both_sentences_with_every_seed() {
    let recipe = recipe("first_transformer");
    for seed in 1..=6 {
        let mut config = recipe.config.clone();
        config.training.seed = seed;
        let mut playground = Playground::new();
        let events = playground.train(built_in(&recipe), &config);
        let set = of(&events, "text_set");
        assert_eq!(set.last().unwrap()["vocab"], 6, "five words and <unk>");
        let losses = training_losses(&events);
        assert_eq!(losses.len(), 800, "eight prefixes, 100 epochs");
        // the last prefix of each epoch after the 90th
        let last: Vec<f64> = losses.chunks(8).skip(90).map(|epoch| epoch[7]).collect();
        let highest = last.iter().fold(0.0, |a: f64, b| a.max(*b));
        println!("seed {seed}: the last prefix's loss is at most {highest:.4} after epoch 90");
        assert!(highest < 0.05, "seed {seed}: {highest}");
        let sampling = json!({"prompt": "hello world how", "tokens": 1, "temperature": 0.0});
        assert_eq!(playground.sample("model", sampling).trim(), "are", "seed {seed}");
        let taken = playground.all("sample_taken").len();
        assert_eq!(taken, 11, "every ten epochs, from the first step on");
    }
}

fn tiny_gpt_has_its_shape_and_learns() {
    let recipe = recipe("tiny_gpt");
    let mut config = recipe.config.clone();
    let (m, t) = (&config.model, &config.training);
    assert_eq!((m.width, m.heads, m.layers, m.context, t.batch, t.learning_rate), (128, 4, 6, 128, 32, 3e-4));
    assert_eq!(config.tokenizer.vocabulary, 8000);
    // Two of its steps, as a software adapter takes seconds for each.
    config.training.steps = 2;
    (config.training.validation_batches, config.training.sample_interval) = (1, 0);
    let mut playground = Playground::new();
    let events = playground.train(built_in(&recipe), &config);
    let set = *of(&events, "text_set").last().unwrap();
    let vocab = set["vocab"].as_f64().unwrap();
    println!("the stories support {vocab} sub-words");
    assert_eq!(set["lossless"], false);
    let warned = of(&events, "warned");
    let said = warned.iter().any(|w| has(w, "small_vocabulary", &json!({"asked": 8000})));
    assert_eq!(said, vocab < 8000.0, "a vocabulary that the text does not support is named");
    let losses = training_losses(&events);
    // PyTorch's initial weights give logits of deviation 1/√3, so the first loss is a little above ln V
    assert!((losses[0] - vocab.ln() - 1.0 / 6.0).abs() < 0.15, "{} for ln {vocab}", losses[0]);
    assert!(losses[1] < losses[0]);
    let sampling = &recipe.config.sampling;
    assert_eq!((sampling.tokens, sampling.temperature), (80, 0.0));
    let events = playground.settle(json!({"command": "sample", "request": 1, "source": "model", "sampling": sampling}));
    let tokens: usize = of(&events, "sampled").iter().map(|e| e["tokens"].as_array().unwrap().len()).sum();
    assert!((1..=80).contains(&tokens), "{tokens} tokens, or fewer where <eos> came");
}

fn gpt_from_scratch_has_its_schedule_and_its_second_text() {
    let recipe = recipe("gpt_from_scratch");
    let mut playground = Playground::new();
    playground.settle(built_in(&recipe));
    let mut config = recipe.config.clone();
    // A software adapter takes seconds for a step: one batch a validation, and short samples.
    (config.training.validation_batches, config.sampling.tokens) = (1, 4);
    let reset = json!({"command": "reset", "config": config});
    let events = playground.settle(reset);
    let built = of(&events, "model_built")[0];
    let (steps, epoch) = (built["steps"].as_u64().unwrap(), built["steps_per_epoch"].as_u64().unwrap() as u32);
    assert_eq!(steps, u64::from(epoch) * 60);
    config.model.vocab = 2048;
    let training = config.check_on(Some(epoch)).unwrap().training;
    assert!(training.total_steps > 1500, "the warm-up ends before the run does: {}", training.total_steps);
    let rates = [1, 750, 1500, training.total_steps].map(|step| learning_rate(&training, step));
    for (rate, want) in rates.iter().zip([2e-7, 1.5e-4, 3e-4, 3e-5]) {
        assert!((rate / want - 1.0).abs() < 1e-6, "{rates:?}");
    }
    let highest = (1..=training.total_steps).map(|step| learning_rate(&training, step)).fold(0.0, f64::max);
    assert_eq!(highest, 3e-4);
    assert_eq!((training.clip, training.beta1, training.beta2, training.weight_decay), (1.0, 0.9, 0.95, 0.1));
    assert_eq!((training.patience, training.min_improvement, config.model.dropout), (50, 1e-4, 0.1));
    assert_eq!(training.sample_interval, 5 * epoch, "a sample every five epochs");
    for _ in 0..2 {
        playground.settle(json!({"command": "step"}));
    }

    // then five epochs at 1e-5 on a second text, from these weights
    let second = recipe.fine_tuning.unwrap();
    assert_eq!((second.config.training.epochs, second.config.training.learning_rate), (5, 1e-5));
    let mut second_config = second.config;
    (second_config.training.validation_batches, second_config.sampling.tokens) = (1, 4);
    playground.settle(json!({"command": "set_built_in", "key": second.text, "seed": 1}));
    let events = playground.settle(json!({"command": "fine_tune", "config": second_config}));
    let built = of(&events, "model_built");
    assert_eq!(of(&events, "failed"), Vec::<&Value>::new());
    assert_eq!((&built[0]["origin"], &built[0]["step"]), (&json!("fine_tuned"), &json!(0)));
    assert_eq!(built[0]["config"]["model"]["width"], 192);
    let events = playground.settle(json!({"command": "step"}));
    assert_eq!(points(&events, "training").len(), 1);
    let rate = points(&events, "training")[0]["learning_rate"].as_f64().unwrap();
    assert!((rate - 1e-5).abs() < 1e-9);
}

fn character_gpt_shows_what_each_piece_is_worth() {
    let recipe = recipe("character_gpt");
    let train = |config: &Config| {
        let mut config = config.clone();
        // Enough for the pieces to show, little enough for a software adapter.
        (config.training.steps, config.training.validation_interval) = (400, 400);
        (config.training.warmup_steps, config.training.sample_interval) = (20, 0);
        (config.training.batch, config.training.learning_rate, config.model.context) = (8, 4e-3, 32);
        let events = Playground::new().train(built_in(&recipe), &config);
        points(&events, "validation").last().unwrap()["loss"].as_f64().unwrap()
    };
    let whole = train(&recipe.config);
    assert_eq!(recipe.pieces.len(), 4);
    for piece in &recipe.pieces {
        let without = train(&piece.config);
        println!("{}: {without:.3} nats, {:+.3}", piece.label, without - whole);
        assert_ne!(without, whole, "{}", piece.label);
        if !piece.config.model.attention {
            assert!(without > whole + 0.05, "nothing sees another token: {without} for {whole}");
        }
    }
}

fn shakespeare_small_is_nanogpts_model() {
    let recipe = recipe("shakespeare_small");
    let (m, t) = (&recipe.config.model, &recipe.config.training);
    assert_eq!((m.layers, m.heads, m.width, m.context, m.dropout), (4, 4, 128, 64, 0.0));
    assert_eq!((t.batch, t.steps, t.warmup_steps), (12, 2000, 100));
    assert_eq!((t.learning_rate, t.min_learning_rate, t.beta2, t.weight_decay, t.clip), (1e-3, 1e-4, 0.99, 0.1, 1.0));
    assert!(m.tied && !m.attention_bias && !m.mlp_bias && !m.norm_bias && !m.head_bias);
    // Its first steps: well below what frequencies alone can tell.
    let mut config = recipe.config.clone();
    (config.training.steps, config.training.warmup_steps) = (60, 10);
    (config.training.validation_batches, config.training.sample_interval) = (4, 0);
    let events = Playground::new().train(built_in(&recipe), &config);
    let set = *of(&events, "text_set").last().unwrap();
    let unigram = set["counts"]["baselines"]["unigram"].as_f64().unwrap();
    let validation = points(&events, "validation").last().unwrap()["loss"].as_f64().unwrap();
    assert!(validation < unigram - 0.2, "{validation} for {unigram}");
}

on_each!(
    every_recipe_can_be_built_on_its_text,
    counting_bigrams_draws_in_proportion_to_the_counts,
    bigram_network_reaches_the_conditional_entropy,
    first_transformer_learns_both_sentences_with_every_seed,
    tiny_gpt_has_its_shape_and_learns,
    gpt_from_scratch_has_its_schedule_and_its_second_text,
    character_gpt_shows_what_each_piece_is_worth,
    shakespeare_small_is_nanogpts_model
);
