//! The update rule, by name: what it keeps and computes is in src/optimizer/.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// The update rule.
    Optimizer {
        /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
        AdamW = "adamw", "AdamW", "w ← (1 − η λ) w − η · m̂ / (√v̂ + ε)";
        /// Adam (Kingma and Ba 2015), decay added to the gradient.
        Adam = "adam", "Adam", "g ← g + λ w;  w ← w − η · m̂ / (√v̂ + ε)";
        /// Plain stochastic gradient descent, decay added to the gradient.
        Sgd = "sgd", "SGD", "w ← w − η · (g + λ w)";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Training, "optimizer", "Optimizer", Control::choice(Optimizer::CHOICES), "What a step makes of the gradient g: AdamW and Adam scale it for each weight by its own past, and AdamW decays weights apart from it. SGD takes it as it is, and needs another learning rate.")
        .source(&[papers::KINGMA, papers::LOSHCHILOV_ADAMW]).more()
}
