//! What a normalisation layer computes.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// What a normalisation layer computes.
    Norm {
        /// (x − mean) / √(variance + ε) · gain + bias (Ba et al. 2016).
        Layer = "layer", "Layer norm", "(x − mean(x)) / √(var(x) + ε) · gain + bias";
        /// x / √(mean(x²) + ε) · gain (Zhang and Sennrich 2019); never a bias.
        Rms = "rms", "RMS norm", "x / √(mean(x²) + ε) · gain";
        /// Nothing: x itself, to see what the others are good for.
        None = "none", "None", "x";
    }
}

impl Norm {
    /// Whether it has a gain.
    pub(super) fn has_gain(self) -> bool {
        self != Self::None
    }
    /// Whether it may have a bias.
    pub(super) fn may_have_bias(self) -> bool {
        self == Self::Layer
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Model, "norm", "Normalisation", Control::choice(Norm::CHOICES), "Brings each vector back to the same size before it is worked on. Layer norm subtracts the mean and divides by the deviation, RMS norm only divides by the root mean square; none leaves the residual stream as it is.")
        .source(&[papers::BA, papers::ZHANG]).more()
}
