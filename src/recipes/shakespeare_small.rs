//! nanoGPT's small character model.

use super::Recipe;
use crate::config::{Config, ModelConfig, TrainingConfig};

pub(super) fn shakespeare_small() -> Recipe {
    Recipe {
        key: "shakespeare_small",
        label: "nanoGPT Shakespeare, small",
        help: "nanoGPT's small character model and its exact settings. On tinyshakespeare its best validation loss is 1.88 nats; bring that text as a file.",
        notes: &["The page holds no Shakespeare: without a text of your own it learns the built-in stories."],
        text: "stories",
        counts: false,
        config: Config {
            model: ModelConfig {
                context: 64,
                width: 128,
                hidden: 512,
                layers: 4,
                heads: 4,
                kv_heads: 4,
                ..Default::default()
            },
            training: TrainingConfig {
                steps: 2000,
                batch: 12,
                learning_rate: 1e-3,
                min_learning_rate: 1e-4,
                warmup_steps: 100,
                beta2: 0.99,
                validation_interval: 250,
                validation_batches: 20,
                sample_interval: 250,
                ..Default::default()
            },
            ..Default::default()
        },
        fine_tuning: None,
        pieces: Vec::new(),
    }
}
