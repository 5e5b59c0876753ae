//! The tutorials' systems, each as one click: text, tokenizer, model and training exactly as it has them.

use super::{
    Activation, Config, DataConfig, Division, InitialWeights, IntervalUnit, ModelConfig, Norm, NormPlace, Objective,
    Optimizer, Positions, SamplingConfig, Schedule, Splitting, TokenizerConfig, TokenizerKind, TrainingConfig, Windows,
};
use serde::Serialize;

/// A tutorial's system.
#[derive(Clone, Debug, Serialize)]
pub struct Recipe {
    /// Word in the protocol.
    pub key: &'static str,
    /// Name on the page.
    pub label: &'static str,
    /// What it shows, in two sentences.
    pub help: &'static str,
    /// What is done otherwise than the tutorial's code has it, and why.
    pub notes: &'static [&'static str],
    /// Key of its built-in text.
    pub text: &'static str,
    /// Whether it ends with counting: there is nothing to train.
    pub counts: bool,
    /// All choices; `vocab` is 0 until a text is given.
    pub config: Config,
    /// What comes after the training.
    pub fine_tuning: Option<FineTuning>,
    /// The same model with one piece switched off each, to be held against the whole.
    pub pieces: Vec<Piece>,
}

/// Training on a second text from the weights of the first.
#[derive(Clone, Debug, Serialize)]
pub struct FineTuning {
    /// Key of the built-in text.
    pub text: &'static str,
    /// All choices; of `model` only `dropout` counts.
    pub config: Config,
}

/// A model without one of its pieces.
#[derive(Clone, Debug, Serialize)]
pub struct Piece {
    /// Its name in the protocol.
    pub key: &'static str,
    /// What is missing.
    pub label: &'static str,
    /// All choices.
    pub config: Config,
}

/// The recipes, simplest first.
pub fn recipes() -> Vec<Recipe> {
    vec![
        counting_bigrams(),
        bigram_network(),
        first_transformer(),
        tiny_gpt(),
        gpt_from_scratch(),
        character_gpt(),
        shakespeare_small(),
    ]
}

fn counting_bigrams() -> Recipe {
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

fn bigram_network() -> Recipe {
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

fn first_transformer() -> Recipe {
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

fn tiny_gpt() -> Recipe {
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
                decay: super::Decay::All,
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

fn gpt_from_scratch() -> Recipe {
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

fn character_gpt() -> Recipe {
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

fn shakespeare_small() -> Recipe {
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
