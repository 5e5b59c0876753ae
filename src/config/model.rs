//! The model's choices.

use super::field::{Control, Field, Group};
use super::{Activation, Norm, NormPlace, Positions, activation, norm, norm_place, papers, positions};
use serde::{Deserialize, Serialize};

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
        positions::field(),
        norm::field(),
        norm_place::field(),
        field("final_norm", "Norm before the head", Control::Switch, "A last normalisation before the logits. Pre-norm models need it, post-norm ones have just had one.")
            .formula("logits = norm(x) · Wᵀ")
            .source(&[papers::GPT2]).more(),
        field("norm_bias", "Norm bias", Control::Switch, "Whether layer norm adds a bias after its gain. RMS norm never does.")
            .formula("x̂ · gain + bias")
            .source(&[papers::BA]).more(),
        activation::field(),
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
