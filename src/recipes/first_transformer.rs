//! A transformer small enough to follow every number.

use super::Recipe;
use crate::config::{
    Activation, Config, DataConfig, Division, InitialWeights, IntervalUnit, ModelConfig, NormPlace, Objective,
    Optimizer, Positions, SamplingConfig, Schedule, Splitting, TokenizerConfig, TokenizerKind, TrainingConfig, Windows,
};

pub(super) fn first_transformer() -> Recipe {
    Recipe {
        key: "first_transformer",
        label: "First transformer",
        help: "Words, one head, two layers, two sentences: small enough to follow every number. It reads each prefix and predicts the next word.",
        notes: &[
            "Around attention and around the feed-forward layer stands a residual sum with its norm, as in the paper, also where a tutorial's code leaves one out.",
            "The head's output goes into cross-entropy as logits, without a softmax before.",
        ],
        text: "sentences",
        counts: false,
        config: Config {
            tokenizer: TokenizerConfig {
                kind: TokenizerKind::Words,
                splitting: Splitting::Whitespace,
                ..Default::default()
            },
            data: DataConfig {
                division: Division::Line,
                validation_share: 0.0,
                windows: Windows::Prefixes,
                ..Default::default()
            },
            model: ModelConfig {
                context: 8,
                width: 16,
                hidden: 32,
                layers: 2,
                heads: 1,
                kv_heads: 1,
                positions: Positions::Sinusoidal,
                norm_place: NormPlace::Post,
                final_norm: false,
                norm_bias: true,
                activation: Activation::Relu,
                attention_bias: true,
                mlp_bias: true,
                head_bias: true,
                tied: false,
                causal: false,
                ..Default::default()
            },
            training: TrainingConfig {
                epochs: 100,
                batch: 1,
                objective: Objective::LastPosition,
                optimizer: Optimizer::Adam,
                learning_rate: 1e-3,
                min_learning_rate: 1e-3,
                warmup_steps: 0,
                schedule: Schedule::Constant,
                beta2: 0.999,
                weight_decay: 0.0,
                clip: 0.0,
                initial_weights: InitialWeights::PyTorch,
                interval_unit: IntervalUnit::Epochs,
                validation_interval: 10,
                sample_interval: 10,
                ..Default::default()
            },
            sampling: SamplingConfig {
                prompt: "hello world how".into(),
                tokens: 2,
                temperature: 0.0,
                ..Default::default()
            },
        },
        fine_tuning: None,
        pieces: Vec::new(),
    }
}
