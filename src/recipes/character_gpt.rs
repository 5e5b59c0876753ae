//! A GPT on characters, held against itself without each of its pieces.

use super::{Piece, Recipe};
use crate::config::{Config, ModelConfig, Norm, Positions, SamplingConfig, TrainingConfig};

pub(super) fn character_gpt() -> Recipe {
    let whole = Config {
        model: ModelConfig {
            context: 64,
            width: 64,
            hidden: 256,
            layers: 2,
            heads: 4,
            kv_heads: 4,
            ..Default::default()
        },
        training: TrainingConfig {
            steps: 500,
            batch: 16,
            learning_rate: 1e-3,
            min_learning_rate: 1e-4,
            ..Default::default()
        },
        sampling: SamplingConfig { tokens: 200, ..Default::default() },
        ..Default::default()
    };
    let piece = |key, label, change: fn(&mut ModelConfig)| {
        let mut config = whole.clone();
        change(&mut config.model);
        Piece { key, label, config }
    };
    let pieces = vec![
        piece("without_positions", "Without positions", |m| m.positions = Positions::None),
        piece("without_attention", "Without attention", |m| m.attention = false),
        piece("without_norms", "Without norms", |m| m.norm = Norm::None),
        piece("without_mlp", "Without feed-forward layer", |m| m.mlp = false),
    ];
    Recipe {
        key: "character_gpt",
        label: "Character GPT, piece by piece",
        help: "A GPT on characters whose pieces can be switched off one at a time. Train the whole and each lesser one, and see what every piece is worth in nats.",
        notes: &["Every run starts from the same seed and sees the same batches, so that only the piece differs."],
        text: "stories",
        counts: false,
        config: whole,
        fine_tuning: None,
        pieces,
    }
}
