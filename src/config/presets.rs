//! Defaults and the named sizes that the page offers and the benchmark measures.

use super::{
    Activation, Config, Decay, InitialWeights, IntervalUnit, ModelConfig, Norm, NormPlace, Objective, Optimizer,
    Positions, Schedule, TrainingConfig,
};
use serde::Serialize;

/// A named configuration.
#[derive(Clone, Debug, Serialize)]
pub struct Preset {
    /// Word in the protocol.
    pub key: &'static str,
    /// Name on the page.
    pub label: &'static str,
    /// What it is good for, in one sentence.
    pub help: &'static str,
    /// All choices; `vocab` is 0 until a text is given.
    pub config: Config,
}

/// nanoGPT's shape: pre-norm layer norm, no biases, exact GELU, tied head.
impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            vocab: 0,
            context: 32,
            width: 64,
            layers: 2,
            heads: 2,
            attention: true,
            mlp: true,
            kv_heads: 2,
            hidden: 256,
            positions: Positions::Learned,
            norm: Norm::Layer,
            norm_place: NormPlace::Pre,
            final_norm: true,
            norm_epsilon: 1e-5,
            norm_bias: false,
            activation: Activation::Gelu,
            attention_bias: false,
            attention_output: true,
            mlp_bias: false,
            head_bias: false,
            tied: true,
            causal: true,
            rotary_base: 10_000.0,
            dropout: 0.0,
        }
    }
}

/// The micro recipe: 500 steps, 3e-3 after 50 steps of warm-up, cosine to 3e-4.
impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            steps: 500,
            epochs: 0,
            batch: 8,
            accumulation: 1,
            initial_weights: InitialWeights::Gpt2,
            objective: Objective::EveryPosition,
            optimizer: Optimizer::AdamW,
            learning_rate: 3e-3,
            min_learning_rate: 3e-4,
            warmup_steps: 50,
            total_steps: 0,
            schedule: Schedule::Cosine,
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            weight_decay: 0.1,
            decay: Decay::Matrices,
            clip: 1.0,
            seed: 1,
            interval_unit: IntervalUnit::Steps,
            validation_interval: 50,
            validation_batches: 20,
            patience: 0,
            min_improvement: 1e-4,
            sample_interval: 100,
        }
    }
}

/// The sizes by name, smallest first; the first is the default.
pub fn presets() -> Vec<Preset> {
    let sized = |layers, width, heads, context, batch, steps: u32| Config {
        model: ModelConfig { layers, width, heads, kv_heads: heads, context, hidden: 4 * width, ..Default::default() },
        training: TrainingConfig {
            batch,
            steps,
            learning_rate: 1e-3,
            min_learning_rate: 1e-4,
            warmup_steps: 100,
            beta2: 0.99,
            validation_interval: 100,
            ..Default::default()
        },
        ..Default::default()
    };
    vec![
        Preset {
            key: "micro",
            label: "Micro",
            help: "Learns to spell within a minute, even on a software adapter.",
            config: Config::default(),
        },
        Preset {
            key: "S",
            label: "S",
            help: "nanoGPT's small Shakespeare model: words and line shapes after a few minutes on a laptop's GPU.",
            config: sized(4, 128, 4, 64, 12, 2000),
        },
        Preset {
            key: "M",
            label: "M",
            help: "nanoGPT's Shakespeare model (10.6 M parameters): needs a real GPU and some patience.",
            config: sized(6, 384, 6, 256, 4, 5000),
        },
    ]
}
