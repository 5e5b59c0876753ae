//! Training is true: what a whole run must show.

use crate::harness::{Model, device, on_each};
use fledgling::config::{
    Activation, Config, DataConfig, InitialWeights, NormPlace, Objective, Optimizer, Positions, Schedule,
};
use fledgling::dataset::{Batch, Dataset, Split, Stream};
use fledgling::device::Device;
use fledgling::gpu::GpuError;
use fledgling::inference::Inference;
use fledgling::model::{self, Layout, Off};
use fledgling::parameters::{ModelError, Watched};
use fledgling::trainer::{self, TrainingPoint, estimate};
use pollster::block_on;

/// A text with structure: words of a small vocabulary in an order that a seed fixes, `characters` long.
pub fn text(characters: usize) -> String {
    let words =
        ["the ", "bird ", "sings ", "and ", "flies ", "over ", "a ", "blue ", "hill.\n", "when ", "it ", "rains, "];
    let mut out = String::new();
    let mut state = 1u64;
    while out.len() < characters {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.push_str(words[(state >> 33) as usize % words.len()]);
    }
    out
}

fn tokens(text: &str) -> (Vec<u32>, usize) {
    let tokenizer = fledgling::tokenizer::Tokenizer::of_text(text).unwrap();
    (tokenizer.encode(text).unwrap(), tokenizer.vocab())
}

/// The first 90 % to train on, the rest held out.
fn dataset(tokens: &[u32]) -> Dataset {
    let [mut training, mut validation] = [Stream::new(), Stream::new()];
    let (first, rest) = tokens.split_at(tokens.len() * 9 / 10);
    training.push(first);
    validation.push(rest);
    Dataset::new(training, validation, &DataConfig::default())
}

fn tiny(vocab: usize) -> Config {
    let mut config = Config::default();
    config.model.vocab = vocab;
    (config.model.width, config.model.hidden, config.model.context) = (32, 128, 16);
    (config.training.batch, config.training.warmup_steps) = (4, 5);
    config
}

async fn ready(config: &Config) -> Model {
    let checked = config.check().unwrap();
    let layout = Layout::new(&checked.architecture);
    let weights =
        model::initial(&checked.architecture, &layout, checked.training.initial_weights, checked.training.seed);
    Model::of_weights(&checked, &weights).await.unwrap()
}

fn batch(data: &Dataset, model: &Model, number: u32) -> Batch {
    let checked = model.parameters.checked();
    data.batch(Split::Training, checked.training.seed, number, checked.training.batch, checked.architecture.context)
        .unwrap()
}

/// Trains for some steps and returns every point.
async fn run(model: &mut Model, data: &Dataset, steps: u32) -> Vec<TrainingPoint> {
    let mut points = Vec::new();
    for _ in 0..steps {
        let batch = batch(data, model, model.parameters.step() + 1);
        model.step_on(&batch.tokens, &batch.targets).unwrap();
        if model.trainer.untaken(&model.parameters) >= 100 {
            points.extend(model.take_points().await.unwrap().0);
        }
    }
    points.extend(model.take_points().await.unwrap().0);
    points
}

fn training_starts_at_the_loss_of_knowing_nothing() {
    let (tokens, vocab) = tokens(&text(5000));
    let data = dataset(&tokens);
    for (positions, place, tied) in [
        (Positions::Learned, NormPlace::Pre, true),
        (Positions::Rotary, NormPlace::Post, false),
        (Positions::Sinusoidal, NormPlace::Pre, false),
    ] {
        let mut config = tiny(vocab);
        (config.model.positions, config.model.norm_place, config.model.tied) = (positions, place, tied);
        let loss = block_on(async { run(&mut ready(&config).await, &data, 1).await })[0].loss;
        let uniform = (vocab as f32).ln();
        assert!((loss / uniform - 1.0).abs() < 0.05, "{positions:?} {place:?}: {loss} for ln {vocab} = {uniform}");
    }
}

fn training_over_fits_one_batch() {
    for activation in [Activation::Gelu, Activation::Swiglu] {
        block_on(async {
            let (tokens, vocab) = tokens(&text(400));
            let data = dataset(&tokens);
            let mut config = tiny(vocab);
            config.model.activation = activation;
            config.training.schedule = Schedule::Constant;
            let mut model = ready(&config).await;
            let batch = batch(&data, &model, 1);
            for _ in 0..250 {
                model.step_on(&batch.tokens, &batch.targets).unwrap();
            }
            let points = model.take_points().await.unwrap().0;
            assert!(points[249].loss < 0.15, "{activation:?}: {}", points[249].loss);
        });
    }
}

fn training_repeats_bit_for_bit_and_heeds_its_seed() {
    block_on(async {
        let (tokens, vocab) = tokens(&text(5000));
        let data = dataset(&tokens);
        let mut config = tiny(vocab);
        config.model.dropout = 0.2;
        let bits = async |config: &Config| -> Vec<u32> {
            let mut model = ready(config).await;
            run(&mut model, &data, 12).await;
            model.weights().await.iter().map(|w| w.to_bits()).collect()
        };
        let first = bits(&config).await;
        assert!(first == bits(&config).await, "two runs with one seed");
        config.training.seed = 2;
        assert!(first != bits(&config).await, "two seeds");
    });
}

fn training_with_a_bigram_model_reaches_the_conditional_entropy() {
    // A Markov chain over 8 tokens whose conditional entropy is known; embedding and head can represent it exactly.
    let mut state = 7u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let rows: Vec<Vec<f64>> = (0..8)
        .map(|i| {
            let raw: Vec<f64> = (0..8).map(|j| if (i + j) % 3 == 0 { 8.0 } else { 1.0 }).collect();
            let sum: f64 = raw.iter().sum();
            raw.iter().map(|x| x / sum).collect()
        })
        .collect();
    let mut tokens = vec![0u32];
    for _ in 0..20_000 {
        let row = &rows[*tokens.last().unwrap() as usize];
        let mut left = next();
        let token = row.iter().position(|p| {
            left -= p;
            left < 0.0
        });
        tokens.push(token.unwrap_or(7) as u32);
    }
    // Entropy of the text itself, counted: what the best bigram model reaches on it.
    let mut counts = [[0f64; 8]; 8];
    tokens.windows(2).for_each(|w| counts[w[0] as usize][w[1] as usize] += 1.0);
    let total: f64 = counts.iter().flatten().sum();
    let entropy: f64 = counts
        .iter()
        .flat_map(|row| row.iter().map(|c| (*c, row.iter().sum::<f64>())))
        .filter(|(c, _)| *c > 0.0)
        .map(|(c, of)| -c / total * (c / of).ln())
        .sum();
    let mut config = tiny(8);
    (config.model.layers, config.model.heads, config.model.kv_heads) = (0, 1, 1);
    (config.model.positions, config.model.final_norm, config.model.tied) = (Positions::None, false, false);
    config.model.head_bias = true;
    (config.training.steps, config.training.batch) = (600, 16);
    (config.training.learning_rate, config.training.weight_decay) = (2e-2, 0.0);
    block_on(async {
        let mut model = ready(&config).await;
        let points = run(&mut model, &dataset(&tokens), 600).await;
        let last: f64 = points[500..].iter().map(|p| f64::from(p.loss)).sum::<f64>() / 100.0;
        assert!((last / entropy - 1.0).abs() < 0.02, "{last} for an entropy of {entropy}");
    });
}

fn training_halts_at_a_number_that_is_none_and_keeps_the_last_good_weights() {
    block_on(async {
        let (tokens, vocab) = tokens(&text(5000));
        let data = dataset(&tokens);
        let mut config = tiny(vocab);
        config.training.optimizer = Optimizer::Sgd;
        config.training.learning_rate = 1e-3;
        let mut model = ready(&config).await;
        run(&mut model, &data, 3).await;
        let good = model.weights().await;
        // One weight breaks: training must go back to the weights that were kept.
        model.trainer.keep_good(device(), &model.parameters);
        let name = "block.0.mlp.up.weight";
        let mut broken = model.parameters.parameter(device(), name).await.unwrap();
        broken[0] = f32::NAN;
        run(&mut model, &data, 1).await;
        model.parameters.set_parameter(device(), name, &broken).unwrap();
        for number in 5..9 {
            let batch = batch(&data, &model, number);
            model.step_on(&batch.tokens, &batch.targets).unwrap();
        }
        let (points, failure) = model.take_points().await.unwrap();
        assert_eq!(points, []);
        assert_eq!(failure, Some(ModelError::StepNotFinite { what: Watched::Loss, step: 5, last_good: 3 }));
        assert_eq!(model.parameters.step(), 3);
        assert!(model.weights().await == good);
        let points = run(&mut model, &data, 2).await;
        assert!(points.len() == 2 && points[1].step == 5, "training goes on from there");
    });
}

fn evaluation_changes_nothing_and_drops_nothing() {
    block_on(async {
        let (tokens, vocab) = tokens(&text(5000));
        let data = dataset(&tokens);
        let mut config = tiny(vocab);
        config.model.dropout = 0.5;
        let mut model = ready(&config).await;
        run(&mut model, &data, 2).await;
        let before = model.weights().await;
        let batch = batch(&data, &model, 9);
        for slot in 0..3 {
            model.trainer.evaluate_on(device(), &model.parameters, std::slice::from_ref(&batch), slot).unwrap();
        }
        let losses = model.trainer.evaluation_losses(device(), 3).await.unwrap();
        assert!(losses[0] == losses[1] && losses[1] == losses[2], "{losses:?}");
        assert!(model.weights().await == before);
        // The loss of the window's own logits.
        let context = model.parameters.checked().architecture.context;
        let logits = model.logits(&batch.tokens[..context]).await.unwrap();
        let nll = |row: &[f32], target: u32| -> f64 {
            let sum: f64 = row.iter().map(|z| f64::from(*z).exp()).sum();
            sum.ln() - f64::from(row[target as usize])
        };
        let first: f64 = logits.chunks(vocab).zip(&batch.targets).map(|(row, &t)| nll(row, t)).sum();
        let rest: f64 = {
            let mut sum = 0.0;
            for (window, targets) in batch.tokens.chunks(context).zip(batch.targets.chunks(context)).skip(1) {
                let logits = model.logits(window).await.unwrap();
                sum += logits.chunks(vocab).zip(targets).map(|(row, &t)| nll(row, t)).sum::<f64>();
            }
            sum
        };
        let want = (first + rest) / batch.tokens.len() as f64;
        assert!((f64::from(losses[0]) - want).abs() < 1e-4, "{} for {want}", losses[0]);
    });
}

fn a_head_in_chunks_gives_the_gradients_of_a_head_in_one() {
    // 20,000 tokens × 1,024 rows pass 64 MiB of logits: two chunks. The same rows as two batches of one chunk each average
    // to the same gradient.
    block_on(async {
        let mut config = tiny(20_000);
        (config.model.width, config.model.heads, config.model.kv_heads, config.model.layers) = (8, 1, 1, 0);
        (config.model.context, config.training.batch, config.model.head_bias) = (64, 16, true);
        config.training.optimizer = Optimizer::Sgd;
        config.training.learning_rate = 0.0;
        config.training.min_learning_rate = 0.0;
        let ids: Vec<u32> = (0..1024u32).map(|i| i * 7919 % 20_000).collect();
        let targets: Vec<u32> = (0..1024u32).map(|i| i * 104_729 % 20_000).collect();
        let mut whole = ready(&config).await;
        whole.step_on(&ids, &targets).unwrap();
        config.training.batch = 8;
        let mut half = ready(&config).await;
        for name in ["embedding.token.weight", "head.bias"] {
            let mut want = Vec::new();
            for part in 0..2 {
                let range = part * 512..(part + 1) * 512;
                half.step_on(&ids[range.clone()], &targets[range]).unwrap();
                want.push(half.parameters.gradient(device(), name).await.unwrap());
            }
            let got = whole.parameters.gradient(device(), name).await.unwrap();
            for (i, &g) in got.iter().enumerate() {
                let w = 0.5 * (want[0][i] + want[1][i]);
                assert!((g - w).abs() <= 1e-7 + 1e-3 * w.abs(), "{name}[{i}]: {g} for {w}");
            }
        }
        let (whole, half) = (whole.take_points().await.unwrap().0, half.take_points().await.unwrap().0);
        assert!((whole[0].loss - 0.5 * (half[0].loss + half[1].loss)).abs() < 1e-4);
    });
}

#[test]
fn a_new_model_compiles_nothing_that_was_compiled_before() {
    block_on(async {
        let device = Device::gpu(None, None).await.unwrap();
        let checked = tiny(40).check().unwrap();
        let first = trainer::fresh(&device, &checked).await.unwrap();
        let compiled = device.census().pipelines_created;
        assert!(compiled > 10, "{compiled}");
        drop(first);
        let mut other = tiny(40);
        (other.model.layers, other.training.steps, other.training.seed) = (3, 77, 5);
        let (mut second, _) = trainer::fresh(&device, &other.check().unwrap()).await.unwrap();
        let mut inference = Inference::default();
        assert_eq!(device.census().pipelines_created, compiled, "more layers, another run");
        inference.logits(&device, &mut second, &[1, 2, 3]).await.unwrap();
        let compiled = device.census().pipelines_created;
        inference.logits(&device, &mut second, &[1; 9]).await.unwrap();
        assert_eq!(device.census().pipelines_created, compiled, "another length of window");
    });
}

#[test]
fn a_step_creates_nothing_and_reads_nothing_back() {
    block_on(async {
        let (tokens, vocab) = tokens(&text(5000));
        let data = dataset(&tokens);
        let config = tiny(vocab);
        let mut model = ready(&config).await;
        run(&mut model, &data, 1).await;
        let before = device().census();
        for number in 2..12 {
            let batch = batch(&data, &model, number);
            model.step_on(&batch.tokens, &batch.targets).unwrap();
        }
        let census = device().census().since(before);
        assert_eq!((census.buffers_created, census.bind_groups_created, census.readbacks), (0, 0, 0));
        assert_eq!(census.pipelines_created, 0);
        assert_eq!((census.submits, census.passes), (10, 10), "one pass and one submit a step");
        let checked = model.parameters.checked();
        let dispatches = estimate(device(), checked).unwrap().dispatches;
        assert_eq!(census.dispatches, 10 * u64::from(dispatches));
    });
}

/// A batch that a device has no room for at once is computed in parts.
#[test]
fn a_batch_over_the_limits_is_cut_into_parts() {
    block_on(async {
        let (tokens, vocab) = tokens(&text(5000));
        let data = dataset(&tokens);
        let mut config = tiny(vocab);
        (config.model.width, config.model.hidden, config.model.context) = (16, 512, 64);
        (config.training.batch, config.model.dropout) = (12, 0.1);
        let checked = config.check().unwrap();
        let losses = async |device: &Device| {
            let (mut parameters, mut trainer) = trainer::fresh(device, &checked).await.unwrap();
            for number in 1..=5 {
                let batch = data.batch(Split::Training, 1, number, 12, 64).unwrap();
                let fence = trainer.step_on(device, &mut parameters, &batch.tokens, &batch.targets).unwrap();
                device.wait(fence.unwrap()).await.unwrap();
            }
            let (points, failure) = trainer.take_points(device, &mut parameters).await.unwrap();
            assert!(failure.is_none() && points.len() == 5);
            points
        };
        let rich = [Device::gpu(None, None).await.unwrap(), Device::cpu(u64::MAX)];
        let [on_gpu, on_cpu] = rich.each_ref().map(|device| estimate(device, &checked).unwrap());
        let poor = [
            Device::gpu_within(on_gpu.largest_binding_bytes * 3 / 4).await.unwrap(),
            Device::cpu(on_cpu.training_bytes * 9 / 10),
        ];
        for (rich, poor) in rich.iter().zip(&poor) {
            for (want, got) in losses(rich).await.iter().zip(losses(poor).await) {
                assert!((want.loss - got.loss).abs() < 1e-4, "{want:?} {got:?}");
                assert!((want.gradient_norm - got.gradient_norm).abs() < 1e-3, "{want:?} {got:?}");
            }
            assert!(poor.census().dispatches > rich.census().dispatches * 3 / 2, "it takes more, smaller parts");
        }
    });
}

#[test]
fn a_model_over_the_limits_is_refused_with_both_numbers() {
    let mut config = tiny(50_000);
    (config.model.width, config.model.hidden, config.model.layers) = (4096, 16384, 3);
    (config.training.batch, config.model.context) = (64, 4096);
    let before = device().census();
    let refused = block_on(trainer::fresh(device(), &config.check().unwrap())).map(|_| ()).unwrap_err();
    let ModelError::Gpu(GpuError::BufferTooLarge { asked, limit, .. }) = refused else { panic!("{refused:?}") };
    assert!(asked > limit && limit == device().description().max_binding_bytes, "{asked} {limit}");
    assert_eq!(device().census().since(before).buffers_created, 0, "before anything is allocated");
}

fn micro_batches_give_the_gradient_of_one_large_batch() {
    block_on(async {
        let (tokens, vocab) = tokens(&text(5000));
        let data = dataset(&tokens);
        let mut config = tiny(vocab);
        (config.training.optimizer, config.training.batch) = (Optimizer::Sgd, 12);
        config.model.dropout = 0.2; // of a window, wherever in the step it is computed
        let mut whole = ready(&config).await;
        (config.training.batch, config.training.accumulation) = (4, 3);
        let mut parts = ready(&config).await;
        let context = config.model.context;
        for step in 1..=2 {
            let batch = batch(&data, &whole, step);
            whole.step_on(&batch.tokens, &batch.targets).unwrap();
            for (t, n) in batch.tokens.chunks(4 * context).zip(batch.targets.chunks(4 * context)) {
                assert_eq!(parts.parameters.step(), step - 1, "a step is all its micro-batches");
                parts.step_on(t, n).unwrap();
            }
        }
        for parameter in &Layout::new(&whole.parameters.checked().architecture).parameters {
            let want = whole.parameters.gradient(device(), &parameter.name).await.unwrap();
            let got = parts.parameters.gradient(device(), &parameter.name).await.unwrap();
            let size: f32 = want.iter().map(|w| w * w).sum::<f32>().sqrt();
            let off: f32 = want.iter().zip(&got).map(|(w, g)| (w - g) * (w - g)).sum::<f32>().sqrt();
            assert!(off <= 1e-4 * size + 1e-7, "{}: {off} of {size}", parameter.name);
        }
        let (whole, parts) = (whole.take_points().await.unwrap().0, parts.take_points().await.unwrap().0);
        assert_eq!(parts.len(), 2, "a point a step");
        for (w, p) in whole.iter().zip(&parts) {
            assert!((w.loss - p.loss).abs() < 1e-5 && (w.gradient_norm - p.gradient_norm).abs() < 1e-4);
        }
    });
}

fn micro_batches_drop_different_values() {
    block_on(async {
        let (tokens, vocab) = tokens(&text(5000));
        let data = dataset(&tokens);
        let mut config = tiny(vocab);
        config.model.dropout = 0.5;
        config.training.accumulation = 2;
        let mut twice = ready(&config).await;
        config.training.accumulation = 1;
        let mut once = ready(&config).await;
        let batch = batch(&data, &once, 1);
        once.step_on(&batch.tokens, &batch.targets).unwrap();
        for _ in 0..2 {
            twice.step_on(&batch.tokens, &batch.targets).unwrap();
        }
        let loss = |points: Vec<TrainingPoint>| points[0].loss;
        let once = loss(once.take_points().await.unwrap().0);
        assert_ne!(once, loss(twice.take_points().await.unwrap().0), "the same batch twice with other masks");
    });
}

fn windows_of_several_lengths_train_one_model() {
    block_on(async {
        let mut config = tiny(7);
        config.training.batch = 1;
        config.training.objective = Objective::LastPosition;
        (config.model.causal, config.model.positions) = (false, Positions::Sinusoidal);
        let mut model = ready(&config).await;
        let refused = model.step_on(&[1, 2], &[2, 3]).map(|_| ()).unwrap_err();
        assert!(matches!(refused, ModelError::WrongLength { expected: 16, found: 2, .. }), "{refused:?}");
        model.trainer.prepare(device(), &mut model.parameters, &[1, 2, 3, 2]).await.unwrap();
        for _ in 0..200 {
            for length in 1..=3 {
                model.step_on(&[1, 2, 3][..length], &[2, 3, 4][..length]).unwrap();
            }
        }
        let (points, failure) = model.take_points().await.unwrap();
        assert_eq!((points.len(), failure), (600, None), "one ring for all lengths");
        for length in 1..=3 {
            let logits = model
                .inference
                .last_logits(device(), &mut model.parameters, &[1, 2, 3][..length], &Off::default())
                .await
                .unwrap();
            let best = (0..7).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
            assert_eq!(best, length + 1, "after {length} tokens");
        }
    });
}

fn the_best_checkpoint_comes_back_with_its_moments_and_step() {
    block_on(async {
        let (tokens, vocab) = tokens(&text(5000));
        let data = dataset(&tokens);
        let config = tiny(vocab);
        let mut model = ready(&config).await;
        assert_eq!(model.trainer.restore_best(device(), &mut model.parameters), None, "there is none yet");
        run(&mut model, &data, 5).await;
        model.trainer.keep_best(device(), &model.parameters);
        let best = model.weights().await;
        let after = run(&mut model, &data, 4).await;
        assert!(model.weights().await != best);
        assert_eq!(
            (model.trainer.restore_best(device(), &mut model.parameters), model.parameters.step()),
            (Some(5), 5)
        );
        assert!(model.weights().await == best);
        assert_eq!(run(&mut model, &data, 4).await, after, "what follows is the same to the last bit");
    });
}

#[test]
fn initial_weights_have_the_distributions_that_they_are_named_for() {
    let mut config = tiny(50);
    (config.model.width, config.model.hidden, config.model.layers) = (64, 128, 2);
    (config.model.mlp_bias, config.model.attention_bias, config.model.head_bias) = (true, true, true);
    (config.model.tied, config.model.norm_bias) = (false, true);
    let architecture = config.check().unwrap().architecture;
    let layout = Layout::new(&architecture);
    // (mean, deviation, largest) of a parameter
    let look = |weights, seed, name: &str| {
        let flat = model::initial(&architecture, &layout, weights, seed);
        let (offset, words) = layout.find(name).unwrap();
        let values: Vec<f64> = flat[offset..offset + words].iter().map(|&v| f64::from(v)).collect();
        let mean = values.iter().sum::<f64>() / words as f64;
        let deviation = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / words as f64).sqrt();
        (mean, deviation, values.iter().fold(0.0, |a: f64, v| a.max(v.abs())))
    };
    let near = |got: f64, want: f64| (got - want).abs() < 0.08 * want;
    let (up, down, head) = ("block.0.mlp.up.weight", "block.1.mlp.down.weight", "head.weight");
    let output = "block.0.attention.output.weight";
    use InitialWeights::{Gpt2, Normal, PyTorch};
    assert!(near(look(Gpt2, 1, up).1, 0.02) && near(look(Gpt2, 1, head).1, 0.02));
    assert!(near(look(Gpt2, 1, down).1, 0.01) && near(look(Gpt2, 1, output).1, 0.01), "0.02 / √(2 · 2 layers)");
    assert!(near(look(Normal, 1, down).1, 0.02) && near(look(Normal, 1, output).1, 0.02));
    for weights in [Gpt2, Normal] {
        assert_eq!(look(weights, 1, "block.0.mlp.up.bias").2, 0.0);
    }
    // uniform in ±1/√fan-in: the deviation is the limit / √3
    for (name, fan_in) in
        [(up, 64.0), (down, 128.0), (head, 64.0), ("block.0.attention.qkv.bias", 64.0), ("head.bias", 64.0)]
    {
        let (_, deviation, largest) = look(PyTorch, 1, name);
        let limit = 1.0 / f64::sqrt(fan_in);
        assert!(
            largest <= limit && largest > 0.95 * limit && (deviation - limit / f64::sqrt(3.0)).abs() < 0.1 * limit,
            "{name}"
        );
    }
    for name in ["embedding.token.weight", "embedding.position.weight"] {
        assert!(near(look(PyTorch, 1, name).1, 1.0), "{name}");
    }
    for weights in [Gpt2, Normal, PyTorch] {
        assert_eq!(look(weights, 1, "final_norm.gain"), (1.0, 0.0, 1.0));
        assert_eq!(look(weights, 1, "final_norm.bias").2, 0.0);
        assert_eq!(look(weights, 3, up), look(weights, 3, up), "the seed says which");
        assert_ne!(look(weights, 3, up), look(weights, 4, up));
    }
}

on_each!(
    training_starts_at_the_loss_of_knowing_nothing,
    training_over_fits_one_batch,
    training_repeats_bit_for_bit_and_heeds_its_seed,
    training_with_a_bigram_model_reaches_the_conditional_entropy,
    training_halts_at_a_number_that_is_none_and_keeps_the_last_good_weights,
    evaluation_changes_nothing_and_drops_nothing,
    a_head_in_chunks_gives_the_gradients_of_a_head_in_one,
    micro_batches_give_the_gradient_of_one_large_batch,
    micro_batches_drop_different_values,
    windows_of_several_lengths_train_one_model,
    the_best_checkpoint_comes_back_with_its_moments_and_step
);
