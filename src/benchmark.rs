//! The benchmark: training steps of the presets beside a calibration product, interleaved in one process, because shared
//! machines drift by a factor of two within minutes and only ratios inside one run mean anything. And the same sizes writing.

use crate::config::{Checked, Config, ConfigError, DataConfig, ModelConfig, TrainingConfig, presets};
use crate::dataset::{Dataset, DatasetError, Split, Stream};
use crate::device::{Device, Plan, Store};
use crate::gpu::GpuError;
use crate::inference::Inference;
use crate::model::Off;
use crate::ops::matmul::{Flavor, Product};
use crate::parameters::{ModelError, Parameters};
use crate::protocol::{BenchmarkRow, DecodingRow, Event};
use crate::tape::{Life, Tape};
use crate::trainer;

/// Why nothing is measured.
#[derive(Clone, Debug, PartialEq)]
pub enum BenchmarkError {
    /// No preset of that name.
    UnknownPreset {
        /// What was asked.
        key: String,
    },
    /// A preset that contradicts itself.
    Config(ConfigError),
    /// A random text that is too short for a preset.
    Dataset(DatasetError),
    /// The trainer or its GPU.
    Model(ModelError),
}

impl From<ConfigError> for BenchmarkError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<DatasetError> for BenchmarkError {
    fn from(error: DatasetError) -> Self {
        Self::Dataset(error)
    }
}

impl From<ModelError> for BenchmarkError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

impl From<GpuError> for BenchmarkError {
    fn from(error: GpuError) -> Self {
        Self::Model(error.into())
    }
}

/// Rounds: every configuration is measured in each, and the median round counts.
const ROUNDS: usize = 5;
/// The same of what is written.
const DECODING_ROUNDS: usize = 3;
/// Vocabulary of the random text, and of the presets: that of tinyshakespeare.
const VOCAB: usize = 65;
/// Least time of one measurement by itself, milliseconds.
const CALIBRATING: f64 = 20.0;
/// The calibration product, rows × inner × columns.
const CALIBRATION: [usize; 3] = [1024, 384, 384];

/// The sizes that are measured, smallest first: the presets, and as L the smallest GPT-2 over its whole vocabulary.
pub fn sizes() -> Vec<(&'static str, Config)> {
    let with_vocab = |mut config: Config| {
        config.model.vocab = VOCAB;
        config
    };
    let (layers, width, heads, context, vocab) = (12, 768, 12, 1024, 50_257);
    let model =
        ModelConfig { layers, width, heads, kv_heads: heads, hidden: 4 * width, context, vocab, ..Default::default() };
    let large = Config { model, training: TrainingConfig { batch: 4, ..Default::default() }, ..Default::default() };
    presets().into_iter().map(|p| (p.key, with_vocab(p.config))).chain([("L", large)]).collect()
}

/// One thing that is measured again and again.
struct Measured {
    /// Milliseconds per step of each round.
    rounds: Vec<f64>,
}

impl Measured {
    fn median(&self) -> f64 {
        let mut sorted = self.rounds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// A matrix product, alone.
struct Calibration {
    plan: Plan,
    _store: Store,
}

impl Calibration {
    async fn new(device: &Device) -> Result<Self, GpuError> {
        let [rows, inner, columns] = CALIBRATION;
        let mut tape = Tape::default();
        let a = tape.buffer("a", rows * inner, Life::Kept);
        let b = tape.buffer("b", inner * columns, Life::Kept);
        let out = tape.buffer("out", rows * columns, Life::Kept);
        let product = Product {
            flavor: Flavor::NN,
            rows,
            columns,
            inner,
            a,
            a_stride: inner,
            b,
            b_stride: columns,
            out,
            out_stride: columns,
            bias: None,
            activation: None,
            pre: None,
            dropout: None,
            residual: None,
            grad_bias: None,
            accumulate: false,
        };
        for dispatch in product.dispatch() {
            tape.dispatch(dispatch);
        }
        let mut store = device.store();
        let plan = Plan::new(device, &mut store, &tape.finish_forward()).await?;
        Ok(Self { plan, _store: store })
    }

    /// Hands over the product so often, and waits for it.
    async fn run(&self, device: &Device, count: u32) -> Result<(), GpuError> {
        let mut fence = None;
        for _ in 0..count {
            fence = self.plan.replay(device, &[self.plan.all()], 1);
        }
        match fence {
            Some(fence) => device.wait(fence).await,
            None => Ok(()),
        }
    }

    fn flops() -> f64 {
        2.0 * CALIBRATION.iter().product::<usize>() as f64
    }
}

/// Rate of the calibration product, GFLOP/s, measured within some tens of milliseconds.
///
/// # Errors
/// As [`Plan::new`] and [`Device::wait`].
pub async fn calibrate(device: &Device, now: &dyn Fn() -> f64) -> Result<f64, GpuError> {
    let product = Calibration::new(device).await?;
    // The first one compiles.
    product.run(device, 1).await?;
    let (began, mut count) = (now(), 0);
    while now() - began < CALIBRATING {
        product.run(device, 4).await?;
        count += 4;
    }
    Ok(Calibration::flops() * f64::from(count) / (now() - began) / 1e6)
}

/// Writes with a fresh model, with the cache of keys and values and without, by turns.
async fn decode(
    device: &Device,
    key: &str,
    checked: &Checked,
    seconds: f64,
    now: &dyn Fn() -> f64,
) -> Result<DecodingRow, ModelError> {
    let (mut parameters, mut inference) = (Parameters::seeded(device, checked).await?, Inference::default());
    let (context, off) = (checked.architecture.context, Off::default());
    let mut measured = [false, true].map(|cached| (cached, Measured { rounds: Vec::new() }));
    // Round 0 compiles and warms up.
    for round in 0..=DECODING_ROUNDS {
        for (cached, measured) in &mut measured {
            let (mut tokens, began) = (vec![0u32], now());
            while tokens.len() <= context && now() - began < seconds * 1000.0 / DECODING_ROUNDS as f64 {
                let logits = match cached {
                    true => inference.next_logits(device, &mut parameters, &tokens, &off).await?,
                    false => inference.last_logits(device, &mut parameters, &tokens, &off).await?,
                };
                let likeliest = (0..).zip(&logits).max_by(|a, b| a.1.total_cmp(b.1));
                tokens.push(likeliest.map_or(0, |(token, _)| token));
            }
            if round > 0 {
                measured.rounds.push((now() - began) / (tokens.len() - 1).max(1) as f64);
            }
        }
    }
    let [(_, full_pass), (_, cached)] = measured;
    let milliseconds = cached.median();
    Ok(DecodingRow {
        preset: key.to_owned(),
        milliseconds,
        tokens_per_second: 1000.0 / milliseconds,
        full_pass: full_pass.median(),
    })
}

/// Measures [`sizes`] by key, each for at least `seconds`; `now` gives milliseconds.
///
/// # Errors
/// [`BenchmarkError`].
pub async fn run(
    device: &Device,
    keys: &[String],
    seconds: f64,
    now: &dyn Fn() -> f64,
) -> Result<Event, BenchmarkError> {
    let random = |i: u64| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u32 % VOCAB as u32;
    let mut tokens = Stream::new();
    tokens.push(&(0..100_000).map(random).collect::<Vec<_>>());
    let text = Dataset::new(tokens, Stream::new(), &DataConfig::default());
    let (mut subjects, mut decoding) = (Vec::new(), Vec::new());
    for key in keys {
        let unknown = || BenchmarkError::UnknownPreset { key: key.clone() };
        let (_, config) = sizes().into_iter().find(|(size, _)| size == key).ok_or_else(unknown)?;
        let checked = config.check()?;
        decoding.push(decode(device, key, &checked, seconds, now).await?);
        match trainer::fresh(device, &checked).await {
            Ok(ready) => subjects.push((key, ready, Measured { rounds: Vec::new() })),
            Err(ModelError::Gpu(GpuError::NoMemory { .. } | GpuError::BufferTooLarge { .. })) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let calibration = Calibration::new(device).await?;
    let mut calibrated = Measured { rounds: Vec::new() };
    let slice = seconds * 1000.0 / ROUNDS as f64;
    let mut censuses = vec![(crate::gpu::Census::default(), 0u32); subjects.len()];
    // Round 0 compiles and warms up.
    for round in 0..=ROUNDS {
        let length = if round == 0 { 0.0 } else { slice };
        let mut repeats = 1;
        let began = now();
        let mut count = 0;
        while count == 0 || now() - began < length.min(500.0) {
            calibration.run(device, repeats).await?;
            count += repeats;
            repeats = (repeats * 2).min(16);
        }
        if round > 0 {
            calibrated.rounds.push((now() - began) / f64::from(count));
        }
        for ((_, (parameters, trainer), measured), (census, counted)) in subjects.iter_mut().zip(&mut censuses) {
            let (batch, context) = (parameters.checked().training.batch, parameters.checked().architecture.context);
            let before = device.census();
            let began = now();
            let mut steps = 0;
            while steps == 0 || now() - began < length {
                // Two steps in flight, as in training on a GPU.
                let mut fence = None;
                for _ in 0..2 {
                    let number = parameters.step() + 1;
                    let batch = text.batch(Split::Training, 1, number, batch, context)?;
                    fence = trainer.step_on(device, parameters, &batch.tokens, &batch.targets)?;
                    steps += 1;
                    if length == 0.0 || !device.is_idle() {
                        break;
                    }
                }
                if let Some(fence) = fence {
                    device.wait(fence).await?;
                }
            }
            if round > 0 {
                measured.rounds.push((now() - began) / f64::from(steps));
                *census = device.census().since(before);
                *counted = steps;
            }
        }
    }
    let calibration_gflops = Calibration::flops() / calibrated.median() / 1e6;
    let rows = subjects
        .iter()
        .zip(censuses)
        .map(|((key, (parameters, _), measured), (census, steps))| {
            let (a, t) = (&parameters.checked().architecture, &parameters.checked().training);
            let tokens_per_second = (t.batch * a.context) as f64 * 1000.0 / measured.median();
            let gflops = tokens_per_second * a.flops_per_token() / 1e9;
            let per_step = |n: u64| n as f64 / f64::from(steps.max(1));
            BenchmarkRow {
                preset: (*key).clone(),
                milliseconds: measured.median(),
                tokens_per_second,
                gflops,
                of_calibration: gflops / calibration_gflops,
                dispatches: per_step(census.dispatches),
                passes: per_step(census.passes),
                submits: per_step(census.submits),
                bind_groups_created: per_step(census.bind_groups_created),
                buffers_created: per_step(census.buffers_created),
                bytes_uploaded: per_step(census.bytes_uploaded),
                readbacks: per_step(census.readbacks),
            }
        })
        .collect();
    Ok(Event::Benchmarked { rows, decoding, calibration_gflops })
}
