//! The model's choices.

use super::fields::{Control, Field, Group};
use serde::{Deserialize, Serialize};

choice! {
    /// How a token's place in the window reaches the model.
    Positions {
        /// A trained vector per position, added to the token's (GPT-2).
        Learned = "learned", "Learned";
        /// The fixed table of "Attention Is All You Need" (Vaswani et al. 2017, §3.5), added.
        Sinusoidal = "sinusoidal", "Sinusoidal";
        /// Queries and keys turned by an angle that grows with position (RoFormer, Su et al. 2021), split-half pairs.
        Rotary = "rotary", "Rotary";
        /// None: order reaches the model through the causal mask alone.
        None = "none", "None";
    }
}
choice! {
    /// What a normalisation layer computes.
    Norm {
        /// (x − mean) / √(variance + ε) · gain + bias (Ba et al. 2016).
        Layer = "layer", "Layer norm";
        /// x / √(mean(x²) + ε) · gain (Zhang and Sennrich 2019); never a bias.
        Rms = "rms", "RMS norm";
        /// Nothing: x itself, to see what the others are good for.
        None = "none", "None";
    }
}
choice! {
    /// Where the normalisation stands around each residual branch f.
    NormPlace {
        /// x + f(norm(x)) (GPT-2 and later).
        Pre = "pre", "Before (pre-norm)";
        /// norm(x + f(x)) (the original transformer, GPT-1).
        Post = "post", "After (post-norm)";
    }
}
choice! {
    /// The feed-forward layer's nonlinearity.
    Activation {
        /// max(x, 0).
        Relu = "relu", "ReLU";
        /// x · Φ(x), with the exact error function (Hendrycks and Gimpel 2016).
        Gelu = "gelu", "GELU";
        /// GELU's tanh approximation, as GPT-2 has it.
        GeluTanh = "gelu_tanh", "GELU (tanh)";
        /// x · σ(x).
        Silu = "silu", "SiLU";
        /// max(x, 0)² (Primer, So et al. 2021).
        ReluSquared = "relu_squared", "ReLU²";
        /// silu(x·gate) ∘ (x·up), then down (Shazeer 2020).
        Swiglu = "swiglu", "SwiGLU";
    }
}
impl Activation {
    /// Its number in `activation.wgsl`; 0 is none there: SwiGLU is an op of its own.
    pub fn code(self) -> u32 {
        match self {
            Self::Swiglu => 0,
            Self::Relu => 1,
            Self::Gelu => 2,
            Self::GeluTanh => 3,
            Self::Silu => 4,
            Self::ReluSquared => 5,
        }
    }
}
/// The model's choices. Keys and meanings are those of the golden cases; `vocab` comes from the tokenizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// Number of different tokens. Set from the tokenizer, not typed.
    pub vocab: usize,
    /// Longest window of tokens that the model sees.
    pub context: usize,
    /// Size of the vector that stands for a token.
    pub width: usize,
    /// Number of transformer blocks; 0 is the bigram model.
    pub layers: usize,
    /// Query heads per attention layer; divides `width`.
    pub heads: usize,
    /// Whether blocks have attention; without it no token sees another.
    pub attention: bool,
    /// Whether blocks have a feed-forward layer.
    pub mlp: bool,
    /// Key/value heads; divides `heads`. Fewer than `heads` is grouped-query attention (Ainslie et al. 2023).
    pub kv_heads: usize,
    /// Width of the feed-forward layer.
    pub hidden: usize,
    /// How position reaches the model.
    pub positions: Positions,
    /// Which normalisation.
    pub norm: Norm,
    /// Where the normalisation stands.
    pub norm_place: NormPlace,
    /// Whether a normalisation precedes the head.
    pub final_norm: bool,
    /// Added to the variance under the root.
    pub norm_epsilon: f64,
    /// Whether layer norm has a bias.
    pub norm_bias: bool,
    /// The feed-forward nonlinearity.
    pub activation: Activation,
    /// Biases of the qkv and output projections.
    pub attention_bias: bool,
    /// Whether a projection follows the joined heads.
    pub attention_output: bool,
    /// Biases of the feed-forward layer.
    pub mlp_bias: bool,
    /// Bias of the head.
    pub head_bias: bool,
    /// Whether the head reuses the token embedding (Press and Wolf 2017).
    pub tied: bool,
    /// Whether position t sees only positions ≤ t.
    pub causal: bool,
    /// Base of the rotary angles.
    pub rotary_base: f64,
    /// Probability that a value is dropped in training: embeddings, attention weights, both residual branches.
    pub dropout: f64,
}

/// The form's fields.
pub(super) fn fields() -> Vec<Field> {
    let field = |key, label, control, help| Field::new(Group::Model, key, label, control, help);
    vec![
        field("layers", "Layers", Control::whole(0, 64), "Transformer blocks, one after the other. More layers compose more steps of reasoning; 0 leaves embedding and head, the bigram model."),
        field("width", "Width", Control::whole(1, 4096), "Size of the vector that stands for each token. Parameters grow with its square."),
        field("heads", "Heads", Control::whole(1, 64), "Attention heads per layer, each looking with width / heads columns. It must divide the width."),
        field("context", "Context", Control::whole(1, 8192), "Longest stretch of tokens that the model sees at once. Attention's work grows with its square.").unit("tokens"),
        field("dropout", "Dropout", Control::real(0.0, 0.9), "Probability that a value is set to zero in training (Srivastava et al. 2014), on embeddings, attention weights and both residual branches. It slows over-fitting on small texts."),
        field("kv_heads", "Key/value heads", Control::whole(1, 64), "Heads that keys and values have; fewer than heads is grouped-query attention (Ainslie et al. 2023). It must divide the heads.").more(),
        field("hidden", "Feed-forward width", Control::whole(1, 16384), "Width of the layer between up and down projection. Four times the width is usual.").more(),
        field("attention", "Attention", Control::Switch, "Whether blocks have attention, the only part that lets a token see others. Without it the model is a bigram model, however deep.").more(),
        field("mlp", "Feed-forward layer", Control::Switch, "Whether blocks have a feed-forward layer, which works on each position alone.").more(),
        field("positions", "Positions", Control::choice(Positions::CHOICES), "How a token's place reaches the model: a learned vector, the sinusoids of Vaswani et al. (2017), rotary angles in queries and keys (Su et al. 2021), or not at all.").more(),
        field("norm", "Normalisation", Control::choice(Norm::CHOICES), "Layer norm subtracts the mean and divides by the deviation (Ba et al. 2016). RMS norm only divides by the root mean square (Zhang and Sennrich 2019); none leaves the residual stream as it is.").more(),
        field("norm_place", "Place of the norm", Control::choice(NormPlace::CHOICES), "Before each branch, x + f(norm(x)), as GPT-2; or after the sum, norm(x + f(x)), as the first transformer. Pre-norm trains more calmly.").more(),
        field("final_norm", "Norm before the head", Control::Switch, "A last normalisation before the logits. Pre-norm models need it, post-norm ones have just had one.").more(),
        field("norm_bias", "Norm bias", Control::Switch, "Whether layer norm adds a bias after its gain. RMS norm never does.").more(),
        field("activation", "Activation", Control::choice(Activation::CHOICES), "The feed-forward layer's nonlinearity. SwiGLU adds a third matrix, the gate (Shazeer 2020).").more(),
        field("attention_bias", "Attention biases", Control::Switch, "Biases on the query, key, value and output projections. GPT-2 has them, nanoGPT and Llama do not.").more(),
        field("attention_output", "Attention output projection", Control::Switch, "The matrix after the heads are joined again. Two of the tutorials leave it out.").more(),
        field("mlp_bias", "Feed-forward biases", Control::Switch, "Biases on the feed-forward layer's projections.").more(),
        field("head_bias", "Head bias", Control::Switch, "A bias per token on the logits. It can hold the tokens' overall frequencies.").more(),
        field("tied", "Tied head", Control::Switch, "The head reuses the token embedding as its matrix (Press and Wolf 2017). It saves vocabulary × width parameters.").more(),
        field("causal", "Causal", Control::Switch, "Position t sees only positions up to t. Without it a model that predicts every next token can simply look at it.").more(),
        field("norm_epsilon", "Norm epsilon", Control::real(1e-12, 0.1), "Added to the variance under the root, so that a constant row does not divide by zero. 1e-5 is usual.").more(),
        field("rotary_base", "Rotary base", Control::real(1.0, 1e8), "Wavelengths of rotary positions run from 2π to 2π times this. 10,000 is the paper's.").more(),
    ]
}
