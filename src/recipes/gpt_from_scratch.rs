//! A whole modern training, and fine-tuning after it.

use super::{FineTuning, Recipe};
use crate::config::{
    Config, DataConfig, Division, IntervalUnit, ModelConfig, Norm, SamplingConfig, Schedule, TokenizerConfig,
    TokenizerKind, TrainingConfig, Windows,
};

fn gpt_config() -> Config {
    Config {
        tokenizer: TokenizerConfig { kind: TokenizerKind::Bpe, vocabulary: 2048, ..Default::default() },
        data: DataConfig { division: Division::Document, windows: Windows::Stride, stride: 64, ..Default::default() },
        model: ModelConfig {
            context: 128,
            width: 192,
            hidden: 768,
            layers: 6,
            heads: 6,
            kv_heads: 6,
            norm: Norm::Layer,
            norm_bias: true,
            attention_bias: true,
            mlp_bias: true,
            dropout: 0.1,
            ..Default::default()
        },
        training: TrainingConfig {
            epochs: 60,
            batch: 16,
            learning_rate: 3e-4,
            min_learning_rate: 3e-5,
            warmup_steps: 1500,
            schedule: Schedule::Cosine,
            beta2: 0.95,
            weight_decay: 0.1,
            clip: 1.0,
            interval_unit: IntervalUnit::Epochs,
            validation_interval: 1,
            validation_batches: 10,
            patience: 50,
            min_improvement: 1e-4,
            sample_interval: 5,
            ..Default::default()
        },
        sampling: SamplingConfig { tokens: 60, temperature: 0.8, top_k: 50, ..Default::default() },
    }
}

pub(super) fn gpt_from_scratch() -> Recipe {
    let config = gpt_config();
    let fine_tuning = Config {
        training: TrainingConfig {
            epochs: 5,
            learning_rate: 1e-5,
            min_learning_rate: 1e-5,
            warmup_steps: 0,
            schedule: Schedule::Constant,
            sample_interval: 1,
            ..config.training.clone()
        },
        ..config.clone()
    };
    Recipe {
        key: "gpt_from_scratch",
        label: "GPT from scratch",
        help: "The whole of a modern training: sub-words, pre-norm, GELU, dropout, warm-up and cosine, clipping, early stopping with the best checkpoint. Then a second text fine-tunes it.",
        notes: &[
            "The sub-words are trained on the text; drop a GPT-2 tokenizer on the page to use that one instead.",
            "Patience counts validations, one an epoch.",
        ],
        text: "stories",
        counts: false,
        config,
        fine_tuning: Some(FineTuning { text: "letters", config: fine_tuning }),
        pieces: Vec::new(),
    }
}
