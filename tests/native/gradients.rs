//! The chain's last link before whole trainings: for pairs of all options of the model, logits, loss and the gradient of
//! every parameter as the model computes them, against the f64 reference and its central differences.

use crate::golden::{larger, points, ready};
use crate::harness::{device, on_each, random};
use crate::reference::{self, Weights};
use fledgling::config::{
    Activation, Config, ModelConfig, Norm, NormPlace, Objective, Optimizer, Positions, Schedule, TrainingConfig,
};
use fledgling::parameters::ModelError;
use std::collections::{BTreeMap, BTreeSet};

const WIDTH: usize = 12;
/// (heads, kv_heads): heads of 12, 6, 2, 4 and 3 columns, in groups of 1, 1, 2, 3 and 2.
const HEADS: [(usize, usize); 5] = [(1, 1), (2, 2), (6, 3), (3, 1), (4, 2)];
/// The entry of [`HEADS`] that rotary positions cannot have.
const ODD_HEAD: usize = 4;
const BATCH: usize = 2;

/// Each option and how many levels it has. From `FIRST_OF_BLOCK` on they mean nothing without a block.
/// Pieces that are switched off altogether have a test of their own.
const NORMS: [Norm; 2] = [Norm::Layer, Norm::Rms];

const OPTIONS: [(&str, usize); 15] = [
    ("layers", 3),
    ("positions", Positions::ALL.len()),
    ("norm", NORMS.len()),
    ("final_norm", 2),
    ("norm_bias", 2),
    ("tied", 2),
    ("head_bias", 2),
    ("objective", Objective::ALL.len()),
    ("norm_place", NormPlace::ALL.len()),
    ("activation", Activation::ALL.len()),
    ("attention_bias", 2),
    ("attention_output", 2),
    ("mlp_bias", 2),
    ("causal", 2),
    ("heads", HEADS.len()),
];
const FIRST_OF_BLOCK: usize = 8;

/// An option at one of its levels; a configuration has one of each option, in their order.
type Level = (&'static str, usize);
type Levels = [Level; OPTIONS.len()];

fn level(levels: &[Level], option: &str) -> Option<usize> {
    levels.iter().find(|l| l.0 == option).map(|l| l.1)
}

fn config(levels: &Levels) -> Config {
    let level = |option| level(levels, option).unwrap();
    let on = |option| level(option) == 1;
    let (heads, kv_heads) = HEADS[level("heads")];
    Config {
        model: ModelConfig {
            vocab: 7,
            context: 5,
            width: WIDTH,
            hidden: 10,
            layers: level("layers"),
            heads,
            kv_heads,
            positions: Positions::ALL[level("positions")],
            norm: NORMS[level("norm")],
            attention: true,
            mlp: true,
            norm_place: NormPlace::ALL[level("norm_place")],
            final_norm: on("final_norm"),
            norm_epsilon: 1e-5,
            norm_bias: on("norm_bias"),
            activation: Activation::ALL[level("activation")],
            attention_bias: on("attention_bias"),
            attention_output: on("attention_output"),
            mlp_bias: on("mlp_bias"),
            head_bias: on("head_bias"),
            tied: on("tied"),
            causal: on("causal"),
            rotary_base: 100.0, // 100: the slow pairs turn visibly within five positions
            dropout: 0.0,
        },
        training: TrainingConfig {
            batch: BATCH,
            objective: Objective::ALL[level("objective")],
            optimizer: Optimizer::Sgd,
            learning_rate: 0.0,
            min_learning_rate: 0.0,
            schedule: Schedule::Constant,
            ..Default::default()
        },
        ..Default::default()
    }
}

/// Whether an option means nothing beside these levels, or cannot be there.
fn void(option: &str, beside: &[Level]) -> bool {
    let at = |option| level(beside, option);
    let of_block = OPTIONS[FIRST_OF_BLOCK..].iter().any(|o| o.0 == option);
    let rms = at("norm").is_some_and(|l| NORMS[l] == Norm::Rms);
    let no_block = at("layers") == Some(0);
    let no_norm = no_block && at("final_norm") == Some(0);
    of_block && no_block || option == "norm_bias" && (rms || no_norm) || option == "norm" && no_norm
}

/// Rotary positions turn pairs of columns.
fn odd_rotary(levels: &[Level]) -> bool {
    let rotary = level(levels, "positions").is_some_and(|l| Positions::ALL[l] == Positions::Rotary);
    rotary && level(levels, "heads") == Some(ODD_HEAD)
}

/// The pairs of levels that a configuration tries: of the options that mean something in it.
fn pairs(levels: &[Level]) -> Vec<[Level; 2]> {
    let meant: Vec<Level> = levels.iter().copied().filter(|l| !void(l.0, levels)).collect();
    meant.iter().enumerate().flat_map(|(i, &a)| meant[i + 1..].iter().map(move |&b| [a, b])).collect()
}

/// Every pair that some configuration can try.
fn all_pairs() -> BTreeSet<[Level; 2]> {
    let levels = |(name, count): (&'static str, usize)| (0..count).map(move |l| (name, l));
    let all = OPTIONS.iter().enumerate().flat_map(|(i, &a)| {
        OPTIONS[i + 1..].iter().flat_map(move |&b| levels(a).flat_map(move |a| levels(b).map(move |b| [a, b])))
    });
    all.filter(|pair| !odd_rotary(pair) && !pair.iter().any(|l| void(l.0, pair))).collect()
}

/// Configurations that try every pair: each is the best of 300 random ones that hold the first pair still missing.
fn covering() -> Vec<Levels> {
    let (mut missing, mut chosen, mut seed) = (all_pairs(), Vec::new(), 0);
    while let Some(&wanted) = missing.first() {
        let candidates = (0..300).map(|_| {
            seed += 1;
            let mut draws = random(seed, OPTIONS.len()).into_iter();
            OPTIONS.map(|(name, count)| {
                let draw = ((draws.next().unwrap() + 1.0) / 2.0 * count as f32) as usize;
                (name, level(&wanted, name).unwrap_or(draw))
            })
        });
        let possible = candidates.filter(|levels| !odd_rotary(levels));
        let best = possible.max_by_key(|c| pairs(c).iter().filter(|p| missing.contains(*p)).count()).unwrap();
        missing.retain(|pair| !pairs(&best).contains(pair));
        chosen.push(best);
        assert!(chosen.len() < 100, "no configuration tries {wanted:?}");
    }
    chosen
}

/// Lively weights: gains around 1, biases off 0, so that no term hides.
pub fn weights(config: &Config, seed: u64) -> BTreeMap<String, Vec<f32>> {
    let parameters = config.check().unwrap().architecture.parameters();
    let drawn = parameters.into_iter().enumerate().map(|(i, p)| {
        let scale = if p.is_matrix() { 0.6 } else { 0.3 };
        let middle = if p.name.ends_with(".gain") { 1.0 } else { 0.0 };
        let values = random(seed + i as u64, p.len()).into_iter().map(|x| middle + scale * x).collect();
        (p.name, values)
    });
    drawn.collect()
}

/// The largest |got − want| / (atol + rtol · |want|).
pub fn worst(got: &[f32], want: &[f64], rtol: f64, atol: f64) -> f64 {
    assert_eq!(got.len(), want.len());
    let shares = got.iter().zip(want).map(|(&g, &w)| (f64::from(g) - w).abs() / (atol + rtol * w.abs()));
    shares.fold(0.0, larger)
}

/// A configuration with weights and a batch, and what the reference makes of them.
struct Trial {
    config: Config,
    weights: BTreeMap<String, Vec<f32>>,
    tokens: Vec<u32>,  // [BATCH, context]
    targets: Vec<u32>, // [BATCH, context]
    windows: Vec<(Vec<u32>, Vec<f64>)>,
    loss: f64,
    gradient: BTreeMap<String, Vec<f64>>,
}

impl Trial {
    fn new(config: Config, seed: u64) -> Self {
        let (m, objective) = (&config.model, config.training.objective);
        let draw = |seed| random(seed, BATCH * m.context).iter().map(|x| ((x + 1.0) * 3.5) as u32).collect();
        let (tokens, targets): (Vec<u32>, Vec<u32>) = (draw(seed + 500), draw(seed + 501));
        let weights = weights(&config, seed);
        let mut w: Weights = weights.iter().map(|(n, v)| (n.clone(), v.iter().map(|&x| x.into()).collect())).collect();
        let loss = |w: &Weights| reference::loss(m, objective, w, &tokens, &targets, BATCH);
        // 1e-5: the difference's own error, h² and 1e-16 / h, stays below 1e-9.
        let mut slope = |name: &String, i: usize, x: f32| {
            let mut at = |moved: f64| {
                w.get_mut(name).unwrap()[i] = f64::from(x) + moved;
                loss(&w)
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            at(0.0);
            slope
        };
        let slopes =
            weights.iter().map(|(n, v)| (n.clone(), v.iter().enumerate().map(|(i, &x)| slope(n, i, x)).collect()));
        let gradient = slopes.collect();
        // A short window too: what sampling starts from.
        let windows = [&tokens[..m.context], &tokens[m.context..], &tokens[..3]];
        let windows = windows.map(|t| (t.to_vec(), reference::logits(m, &w, t, 1))).to_vec();
        let loss = loss(&w);
        Self { config, weights, tokens, targets, windows, loss, gradient }
    }

    /// Every quantity: what it is, how large a share of its tolerance it is off.
    async fn shares(&self) -> Result<Vec<(String, f64)>, ModelError> {
        let mut model = ready(&self.config, &self.weights).await?;
        let mut shares = Vec::new();
        for (window, want) in &self.windows {
            let got = model.logits(window).await?;
            shares.push((format!("logits of {} tokens", window.len()), worst(&got, want, 1e-4, 1e-4)));
        }
        // Twice, at a rate of 0: the second replay must not find anything that the first left behind.
        for _ in 0..2 {
            model.step_on(&self.tokens, &self.targets)?;
        }
        for point in points(&mut model).await? {
            shares.push((format!("loss of step {}", point.step), worst(&[point.loss], &[self.loss], 1e-4, 1e-6)));
        }
        for (name, want) in &self.gradient {
            let got = model.parameters.gradient(device(), name).await?;
            // An element's error is that of the sums behind it, whose size the tensor's largest element shows.
            let largest = want.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
            shares.push((format!("grad.{name}"), worst(&got, want, 1e-3, 1e-5 * largest.max(0.1))));
        }
        Ok(shares)
    }
}

/// Tries configurations; fails with every quantity that is off.
fn hold_against_the_reference(configurations: &[Config]) -> (f64, String) {
    let (mut failures, mut highest) = (Vec::new(), (0.0, String::new()));
    for (number, config) in configurations.iter().enumerate() {
        let trial = Trial::new(config.clone(), 1000 * number as u64);
        let shares = pollster::block_on(trial.shares()).unwrap_or_else(|e| panic!("{:?}: {e:?}", trial.config));
        for (what, share) in shares {
            let what = format!("configuration {number}: {what}");
            if share.is_nan() || share > 1.0 {
                failures.push(format!("{what}: {share:.2} times the tolerance: {:?}", trial.config.model));
            }
            if larger(highest.0, share) != highest.0 {
                highest = (share, what);
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    highest
}

/// Configurations that try all pairs of options.
pub fn all_options() -> Vec<Config> {
    covering().iter().map(config).collect()
}

/// Configurations in which a piece of the model is switched off altogether.
pub fn without_a_piece() -> Vec<Config> {
    let whole = config(&OPTIONS.map(|(name, levels)| (name, levels - 1)));
    let pieces: [fn(&mut ModelConfig); 6] = [
        |m| m.attention = false,
        |m| m.mlp = false,
        |m| (m.attention, m.mlp) = (false, false),
        |m| m.norm = Norm::None,
        |m| (m.norm, m.norm_place, m.positions) = (Norm::None, NormPlace::Pre, Positions::None),
        |m| (m.attention, m.positions) = (false, Positions::Rotary),
    ];
    let without = pieces.map(|change| {
        let mut config = whole.clone();
        (config.model.heads, config.model.kv_heads, config.model.layers) = (2, 1, 2);
        change(&mut config.model);
        config
    });
    without.to_vec()
}

fn gradients_of_all_pairs_of_options() {
    let configurations = all_options();
    let (share, what) = hold_against_the_reference(&configurations);
    let (count, pairs) = (configurations.len(), all_pairs().len());
    println!("{count} configurations for {pairs} pairs; {share:.2} of the tolerance: {what}");
}

fn gradients_without_a_piece() {
    hold_against_the_reference(&without_a_piece());
}

on_each!(gradients_of_all_pairs_of_options, gradients_without_a_piece);
