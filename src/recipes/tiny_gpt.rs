//! A small GPT as it was first built.

use super::Recipe;
use crate::config::{
    Config, DataConfig, Decay, Division, InitialWeights, ModelConfig, NormPlace, SamplingConfig, Schedule, Splitting,
    TokenizerConfig, TokenizerKind, TrainingConfig,
};

pub(super) fn tiny_gpt() -> Recipe {
    Recipe {
        key: "tiny_gpt",
        label: "TinyGPT",
        help: "Sub-words, six layers of four heads, width 128: a small GPT as it was first built. Each story stands between <bos> and <eos>.",
        notes: &[
            "A vocabulary of 8,000 asks for a long text; byte-pair encoding stops earlier where no pair of tokens stands in it twice.",
            "Blanks are where the text is cut, and they are forgotten: what it writes has one space between words.",
            "The number of parameters is that of all shapes together, the head's among them, whatever sum a tutorial names.",
        ],
        text: "stories",
        counts: false,
        config: Config {
            tokenizer: TokenizerConfig {
                kind: TokenizerKind::Bpe,
                vocabulary: 8000,
                splitting: Splitting::Whitespace,
                bos_eos: true,
            },
            data: DataConfig { division: Division::Document, mark_documents: true, ..Default::default() },
            model: ModelConfig {
                context: 128,
                width: 128,
                hidden: 512,
                layers: 6,
                heads: 4,
                kv_heads: 4,
                norm_place: NormPlace::Post,
                final_norm: false,
                norm_bias: true,
                attention_bias: true,
                mlp_bias: true,
                head_bias: true,
                tied: false,
                ..Default::default()
            },
            training: TrainingConfig {
                steps: 1000,
                batch: 32,
                learning_rate: 3e-4,
                min_learning_rate: 3e-4,
                warmup_steps: 0,
                schedule: Schedule::Constant,
                beta2: 0.999,
                weight_decay: 0.01,
                decay: Decay::All,
                clip: 0.0,
                initial_weights: InitialWeights::PyTorch,
                validation_interval: 100,
                validation_batches: 5,
                sample_interval: 100,
                ..Default::default()
            },
            sampling: SamplingConfig { tokens: 80, temperature: 0.0, ..Default::default() },
        },
        fine_tuning: None,
        pieces: Vec::new(),
    }
}
