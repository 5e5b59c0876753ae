//! The model's choices.

use super::fields::{Control, Field, Group};
use super::papers;
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
        field("layers", "Layers", Control::whole(0, 64), "Transformer blocks, one after the other, each of attention and a feed-forward layer. More layers compose more steps and cost time in proportion; 0 leaves embedding and head, the bigram model.")
            .formula("x ← block_L(… block₂(block₁(x)))")
            .source(&[papers::VASWANI]),
        field("width", "Width", Control::whole(1, 4096), "Size d of the vector that stands for each token on its way through the layers. A wider model holds more and has more parameters, about with the square of the width.")
            .formula("≈ 12 · L · d² weights in L layers with feed-forward width 4d")
            .source(&[papers::VASWANI]),
        field("heads", "Heads", Control::whole(1, 64), "Attention heads per layer, each looking with width / heads columns of its own. More heads look at more things at once, each more narrowly; it must divide the width.")
            .formula("headᵢ = softmax(QᵢKᵢᵀ / √(d / heads) + M) · Vᵢ")
            .source(&[papers::VASWANI]),
        field("context", "Context", Control::whole(1, 8192), "Longest stretch of tokens T that the model sees at once; nothing before it counts. A longer one lets it use what stands further back, and attention's work grows with its square.")
            .formula("T · (T + 1) / 2 pairs of tokens a head, where causal")
            .source(&[papers::VASWANI]).unit("tokens"),
        field("dropout", "Dropout", Control::real(0.0, 0.9), "Probability p that a value is set to zero in training, on embeddings, attention weights and both residual branches. More slows over-fitting on small texts, and learning too.")
            .formula("y = x · m / (1 − p),  m = 0 with probability p, else 1")
            .source(&[papers::SRIVASTAVA]),
        field("kv_heads", "Key/value heads", Control::whole(1, 64), "Heads that keys and values have; fewer than heads is grouped-query attention, where several query heads share one. Fewer saves parameters and memory; it must divide the heads.")
            .formula("query head i of h reads key/value head ⌊i · h_kv / h⌋")
            .source(&[papers::AINSLIE]).more(),
        field("hidden", "Feed-forward width", Control::whole(1, 16384), "Width of the layer between up and down projection. More holds more and costs in proportion; four times the width is usual.")
            .formula("W_up: width × hidden,  W_down: hidden × width")
            .source(&[papers::VASWANI]).more(),
        field("attention", "Attention", Control::Switch, "Whether blocks have attention, the only part that lets a token see others. Without it the model is a bigram model, however deep.")
            .formula("softmax(QKᵀ / √(d / heads) + M) · V")
            .source(&[papers::VASWANI]).more(),
        field("mlp", "Feed-forward layer", Control::Switch, "Whether blocks have a feed-forward layer, which works on each position alone. Without it a block only moves information between tokens.")
            .formula("f(x · W_up) · W_down")
            .source(&[papers::VASWANI, papers::GEVA]).more(),
        field("positions", "Positions", Control::choice(Positions::CHOICES), "How a token's place t reaches the model: a learned vector or fixed sinusoids added to its embedding, rotary angles in queries and keys, or not at all. With none, only the causal mask tells the order.")
            .formulas(&[
                ("learned", "x_t = E[token_t] + P[t]"),
                ("sinusoidal", "x_t = E[token_t] + S[t],  S[t, 2i] = sin φ,  S[t, 2i + 1] = cos φ,  φ = t · 10000^(−2i/d)"),
                ("rotary", "(a, b) ← (a cos φ − b sin φ, b cos φ + a sin φ),  φ = t · base^(−2i / head width)"),
                ("none", "x_t = E[token_t]"),
            ])
            .source(&[papers::VASWANI, papers::SU, papers::HAVIV]).more(),
        field("norm", "Normalisation", Control::choice(Norm::CHOICES), "Brings each vector back to the same size before it is worked on. Layer norm subtracts the mean and divides by the deviation, RMS norm only divides by the root mean square; none leaves the residual stream as it is.")
            .formulas(&[
                ("layer", "(x − mean(x)) / √(var(x) + ε) · gain + bias"),
                ("rms", "x / √(mean(x²) + ε) · gain"),
                ("none", "x"),
            ])
            .source(&[papers::BA, papers::ZHANG]).more(),
        field("norm_place", "Place of the norm", Control::choice(NormPlace::CHOICES), "Where the norm stands around each branch f: before it, as in GPT-2, or after the sum, as in the first transformer. Pre-norm trains more calmly, post-norm wants warm-up.")
            .formulas(&[("pre", "x ← x + f(norm(x))"), ("post", "x ← norm(x + f(x))")])
            .source(&[papers::XIONG]).more(),
        field("final_norm", "Norm before the head", Control::Switch, "A last normalisation before the logits. Pre-norm models need it, post-norm ones have just had one.")
            .formula("logits = norm(x) · Wᵀ")
            .source(&[papers::GPT2]).more(),
        field("norm_bias", "Norm bias", Control::Switch, "Whether layer norm adds a bias after its gain. RMS norm never does.")
            .formula("x̂ · gain + bias")
            .source(&[papers::BA]).more(),
        field("activation", "Activation", Control::choice(Activation::CHOICES), "The feed-forward layer's nonlinearity f, without which its two matrices would be one. SwiGLU adds a third matrix, the gate.")
            .formulas(&[
                ("relu", "max(0, x)"),
                ("gelu", "x · Φ(x) = ½ x (1 + erf(x / √2))"),
                ("gelu_tanh", "½ x (1 + tanh(√(2/π) · (x + 0.044715 x³)))"),
                ("silu", "x · σ(x) = x / (1 + e⁻ˣ)"),
                ("relu_squared", "max(0, x)²"),
                ("swiglu", "silu(x · W_gate) ∘ (x · W_up)"),
            ])
            .source(&[papers::HENDRYCKS, papers::ELFWING, papers::SO, papers::SHAZEER]).more(),
        field("attention_bias", "Attention biases", Control::Switch, "Biases on the query, key, value and output projections. GPT-2 has them, nanoGPT and Llama do not.")
            .formula("Q = x · W_Q + b_Q, and so K, V and the output")
            .source(&[papers::GPT2, papers::NANOGPT]).more(),
        field("attention_output", "Attention output projection", Control::Switch, "The matrix after the heads are joined again, which mixes what they found. Two of the tutorials leave it out.")
            .formula("[head₁ … head_h] · W_O")
            .source(&[papers::VASWANI]).more(),
        field("mlp_bias", "Feed-forward biases", Control::Switch, "Biases on the feed-forward layer's projections. GPT-2 has them, nanoGPT and Llama do not.")
            .formula("f(x · W_up + b_up) · W_down + b_down")
            .source(&[papers::VASWANI]).more(),
        field("head_bias", "Head bias", Control::Switch, "A bias per token on the logits. It can hold the tokens' overall frequencies.")
            .formula("logits = x · Wᵀ + b").more(),
        field("tied", "Tied head", Control::Switch, "The head reuses the token embedding E as its matrix. It saves vocabulary × width parameters.")
            .formula("logits = x · Eᵀ")
            .source(&[papers::PRESS]).more(),
        field("causal", "Causal", Control::Switch, "Position i sees only positions j up to i. Without it a model that predicts every next token can simply look at it.")
            .formula("M[i, j] = 0 where j ≤ i, else −∞")
            .source(&[papers::VASWANI]).more(),
        field("norm_epsilon", "Norm epsilon", Control::real(1e-12, 0.1), "Added to the variance under the root, so that a constant row does not divide by zero. 1e-5 is usual; a large one makes the norm weaker.")
            .formula("(x − mean(x)) / √(var(x) + ε)")
            .source(&[papers::BA, papers::ZHANG]).more(),
        field("rotary_base", "Rotary base", Control::real(1.0, 1e8), "Wavelengths of rotary positions run from 2π tokens to nearly 2π times this. A larger base tells places apart over longer contexts; 10,000 is the paper's.")
            .formula("φ = t · base^(−2i / head width)")
            .source(&[papers::SU]).more(),
    ]
}
