//! The feed-forward layer's nonlinearity.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// The feed-forward layer's nonlinearity.
    Activation {
        /// max(x, 0).
        Relu = "relu", "ReLU", "max(0, x)";
        /// x · Φ(x), with the exact error function (Hendrycks and Gimpel 2016).
        Gelu = "gelu", "GELU", "x · Φ(x) = ½ x (1 + erf(x / √2))";
        /// GELU's tanh approximation, as GPT-2 has it.
        GeluTanh = "gelu_tanh", "GELU (tanh)", "½ x (1 + tanh(√(2/π) · (x + 0.044715 x³)))";
        /// x · σ(x).
        Silu = "silu", "SiLU", "x · σ(x) = x / (1 + e⁻ˣ)";
        /// max(x, 0)² (Primer, So et al. 2021).
        ReluSquared = "relu_squared", "ReLU²", "max(0, x)²";
        /// silu(x·gate) ∘ (x·up), then down (Shazeer 2020).
        Swiglu = "swiglu", "SwiGLU", "silu(x · W_gate) ∘ (x · W_up)";
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

    /// Whether the feed-forward layer has a third matrix, the gate.
    pub fn is_gated(self) -> bool {
        self == Self::Swiglu
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Model, "activation", "Activation", Control::choice(Activation::CHOICES), "The feed-forward layer's nonlinearity f, without which its two matrices would be one. SwiGLU adds a third matrix, the gate.")
        .source(&[papers::HENDRYCKS, papers::ELFWING, papers::SO, papers::SHAZEER]).more()
}
