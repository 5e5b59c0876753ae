//! Why a model and a class of transformers do not go together.

use crate::config::Activation;
use serde::Serialize;

/// What a class has and an architecture has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lacking {
    /// One block at least.
    OneBlock,
    /// Attention in every block.
    AttentionInBlocks,
    /// A feed-forward layer in every block.
    MlpInBlocks,
    /// An output projection behind attention.
    AttentionOutput,
    /// Causal attention.
    CausalAttention,
    /// A head without bias.
    HeadWithoutBias,
    /// Layer norm.
    LayerNorm,
    /// As many key/value heads as heads.
    EveryHeadItsKeys,
    /// Norms before each branch.
    NormsBefore,
    /// A norm before the head.
    NormBeforeHead,
    /// Learned positions.
    LearnedPositions,
    /// GELU or ReLU.
    GeluOrRelu,
    /// RMS norm.
    RmsNorm,
    /// Rotary positions.
    RotaryPositions,
    /// SwiGLU.
    Swiglu,
    /// Norms after each branch.
    NormsAfter,
    /// No norm before the head.
    NoNormBeforeHead,
    /// Learned or sinusoidal positions.
    AddedPositions,
    /// Tanh GELU, ReLU or SiLU.
    GeluTanhReluOrSilu,
    /// A feed-forward layer of four times the width.
    FourfoldHidden,
}

impl Lacking {
    /// In a sentence of a model card.
    pub fn words(self) -> &'static str {
        match self {
            Self::OneBlock => "one block at least",
            Self::AttentionInBlocks => "attention in every block",
            Self::MlpInBlocks => "a feed-forward layer in every block",
            Self::AttentionOutput => "an output projection behind attention",
            Self::CausalAttention => "causal attention",
            Self::HeadWithoutBias => "a head without bias",
            Self::LayerNorm => "layer norm",
            Self::EveryHeadItsKeys => "as many key/value heads as heads",
            Self::NormsBefore => "norms before each branch",
            Self::NormBeforeHead => "a norm before the head",
            Self::LearnedPositions => "learned positions",
            Self::GeluOrRelu => "GELU or ReLU",
            Self::RmsNorm => "RMS norm",
            Self::RotaryPositions => "rotary positions",
            Self::Swiglu => "SwiGLU",
            Self::NormsAfter => "norms after each branch",
            Self::NoNormBeforeHead => "no norm before the head",
            Self::AddedPositions => "learned or sinusoidal positions",
            Self::GeluTanhReluOrSilu => "tanh GELU, ReLU or SiLU",
            Self::FourfoldHidden => "a feed-forward layer of four times the width",
        }
    }
}

/// Why no class computes an architecture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoClass {
    /// The class with the fewest differences.
    pub nearest: &'static str,
    /// What it has and this architecture has not.
    pub lacking: Vec<Lacking>,
}

/// Why a config.json is not one that is read here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum ClassError {
    /// A key that decides about shapes.
    KeyMissing {
        /// The key.
        key: &'static str,
    },
    /// A value that this project does not compute.
    KeyUnsupported {
        /// The key.
        key: &'static str,
        /// Its value, as JSON.
        found: String,
        /// What is read instead.
        read: Wanted,
    },
}

/// What is read in place of a key's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// No such key.
    Without,
    /// Attention over the whole context.
    WholeContext,
    /// A whole number.
    WholeNumber,
    /// A number.
    Number,
    /// rope_type default without scaling.
    PlainRotary,
    /// The columns that hidden_size gives each of num_attention_heads.
    ColumnsOfHead(usize),
    /// One of these, as JSON has them.
    OneOf(Vec<String>),
}

/// Why llama.cpp does not compute a model that transformers does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum NoGguf {
    /// It computes GPT-2 with tanh GELU alone.
    GgufActivation {
        /// What the model has.
        activation: Activation,
    },
    /// It knows no such class.
    GgufClass {
        /// The class of the model.
        class: &'static str,
    },
}
