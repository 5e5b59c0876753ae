//! How a token's place in the window reaches the model.

use super::ConfigError;
use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// How a token's place in the window reaches the model.
    Positions {
        /// A trained vector per position, added to the token's (GPT-2).
        Learned = "learned", "Learned", "x_t = E[token_t] + P[t]";
        /// The fixed table of "Attention Is All You Need" (Vaswani et al. 2017, §3.5), added.
        Sinusoidal = "sinusoidal", "Sinusoidal", "x_t = E[token_t] + S[t],  S[t, 2i] = sin φ,  S[t, 2i + 1] = cos φ,  φ = t · 10000^(−2i/d)";
        /// Queries and keys turned by an angle that grows with position (RoFormer, Su et al. 2021), split-half pairs.
        Rotary = "rotary", "Rotary", "(a, b) ← (a cos φ − b sin φ, b cos φ + a sin φ),  φ = t · base^(−2i / head width)";
        /// None: order reaches the model through the causal mask alone.
        None = "none", "None", "x_t = E[token_t]";
    }
}

impl Positions {
    /// Whether a model's shapes suit them; `heads` divides `width`.
    pub(super) fn check(self, layers: usize, width: usize, heads: usize) -> Result<(), ConfigError> {
        let head_dim = width / heads;
        match self {
            Self::Rotary if layers > 0 && !head_dim.is_multiple_of(2) => {
                Err(ConfigError::RotaryNeedsEvenHead { head_dim })
            }
            Self::Sinusoidal if !width.is_multiple_of(2) => Err(ConfigError::SinusoidalNeedsEvenWidth { width }),
            _ => Ok(()),
        }
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Model, "positions", "Positions", Control::choice(Positions::CHOICES), "How a token's place t reaches the model: a learned vector or fixed sinusoids added to its embedding, rotary angles in queries and keys, or not at all. With none, only the causal mask tells the order.")
        .source(&[papers::VASWANI, papers::SU, papers::HAVIV]).more()
}
