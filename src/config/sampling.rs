//! How the next token is drawn.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

/// The sampler's choices, and the prompt that is sampled during training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamplingConfig {
    /// Text to continue; may be empty.
    pub prompt: String,
    /// Tokens to draw.
    pub tokens: u32,
    /// Divides the logits; 0 takes the likeliest token.
    pub temperature: f64,
    /// Keeps the k likeliest tokens; 0 keeps all.
    pub top_k: u32,
    /// Keeps the likeliest tokens whose probabilities first reach this sum; 1 keeps all (Holtzman et al. 2020).
    pub top_p: f64,
    /// Logits of tokens in the context are divided by this where positive, multiplied where negative; 1 is off
    /// (Keskar et al. 2019).
    pub repetition_penalty: f64,
    /// Sampling ends where this text appears; empty: never.
    pub stop: String,
    /// Fixes the draws.
    pub seed: u32,
}

impl Default for SamplingConfig {
    fn default() -> Self {
        Self {
            prompt: String::new(),
            tokens: 300,
            temperature: 0.8,
            top_k: 0,
            top_p: 1.0,
            repetition_penalty: 1.0,
            stop: String::new(),
            seed: 1,
        }
    }
}

/// The form's fields.
pub(super) fn fields() -> Vec<Field> {
    let field = |key, label, control, help| Field::new(Group::Sampling, key, label, control, help);
    vec![
        field("prompt", "Prompt", Control::Text, "Text that the model continues. Empty stands for the beginning of a document, or a new line."),
        field("tokens", "Length", Control::whole(1, 100_000), "Tokens to draw. Within the context each goes on from the keys and values that those before it left. Beyond it the model forgets how the text began; there, and without the causal mask, each token is a pass over the whole context, which is slower.").unit("tokens"),
        field("temperature", "Temperature", Control::real(0.0, 10.0), "Divides the logits z before a token is drawn. Low is careful, high is daring, 0 always takes the likeliest token.")
            .formula("pᵢ = exp(zᵢ / τ) / Σⱼ exp(zⱼ / τ)")
            .source(&[papers::HINTON]),
        field("top_k", "Top-k", Control::whole(0, 262_144), "Draws among the k likeliest tokens only. Fewer is more careful; 0 keeps them all.")
            .formula("pᵢ = 0 unless zᵢ is among the k largest")
            .source(&[papers::FAN]).unit("tokens"),
        field("top_p", "Top-p", Control::real(0.000_001, 1.0), "Draws among the likeliest tokens whose probabilities together first reach p. Lower is more careful; 1 keeps them all.")
            .formula("the smallest set S of the likeliest with Σ_{i ∈ S} pᵢ ≥ p")
            .source(&[papers::HOLTZMAN]),
        field("repetition_penalty", "Repetition penalty", Control::real(0.01, 100.0), "Makes tokens that the context holds less likely, each once. Above 1 shuns what was said, below 1 repeats it, 1 switches it off.")
            .formula("zᵢ ← zᵢ / θ where zᵢ > 0, else zᵢ · θ,  for tokens i of the context")
            .source(&[papers::KESKAR]).more(),
        field("stop", "Stop text", Control::Text, "Sampling ends as soon as this text appears. Empty: never.").more(),
        field("seed", "Seed", Control::whole(0, u32::MAX as u64), "Fixes the draws: the same seed, prompt and weights give the same text."),
    ]
}
