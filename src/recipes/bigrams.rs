//! Bigrams, counted and learned.

use super::Recipe;
use crate::config::{Config, InitialWeights, ModelConfig, Positions, SamplingConfig, TrainingConfig};

pub(super) fn counting_bigrams() -> Recipe {
    Recipe {
        key: "counting_bigrams",
        label: "Counting bigrams",
        help: "Counts which character follows which and draws the next in proportion. The simplest language model, and nothing is trained.",
        notes: &[
            "Where nothing ever followed a character, the next one is drawn by the characters' frequencies alone.",
        ],
        text: "poems",
        counts: true,
        config: Config {
            sampling: SamplingConfig { prompt: "春江".into(), tokens: 100, temperature: 1.0, ..Default::default() },
            ..bigram_network_config()
        },
        fine_tuning: None,
        pieces: Vec::new(),
    }
}

fn bigram_network_config() -> Config {
    Config {
        model: ModelConfig {
            context: 32,
            width: 32,
            hidden: 128,
            layers: 0,
            heads: 1,
            kv_heads: 1,
            positions: Positions::None,
            final_norm: false,
            head_bias: true,
            tied: false,
            ..Default::default()
        },
        training: TrainingConfig {
            steps: 3000,
            batch: 32,
            learning_rate: 1e-2,
            min_learning_rate: 1e-4,
            warmup_steps: 0,
            weight_decay: 0.0,
            beta2: 0.999,
            clip: 0.0,
            initial_weights: InitialWeights::PyTorch,
            validation_interval: 250,
            sample_interval: 500,
            ..Default::default()
        },
        sampling: SamplingConfig { tokens: 100, temperature: 1.0, ..Default::default() },
        ..Default::default()
    }
}

pub(super) fn bigram_network() -> Recipe {
    Recipe {
        key: "bigram_network",
        label: "Bigram as a network",
        help: "An embedding of 32 and a linear head learn what counting knows at once. The training loss falls to the text's conditional entropy and no further; the dotted line is what counting reaches on held-out text.",
        notes: &[
            "The learning rate falls along a cosine, so that the loss settles on the entropy instead of dancing around it.",
        ],
        text: "stories",
        counts: false,
        config: bigram_network_config(),
        fine_tuning: None,
        pieces: Vec::new(),
    }
}
