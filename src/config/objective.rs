//! Which positions the loss averages over.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// Which positions the loss averages over.
    Objective {
        /// Mean cross-entropy over all positions.
        EveryPosition = "every_position", "Every position", "loss = −mean over t of ln p(x_{t+1} | x₁ … x_t)";
        /// Cross-entropy of the last position only.
        LastPosition = "last_position", "Last position", "loss = −ln p(x_{T+1} | x₁ … x_T)";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Training, "objective", "Loss over", Control::choice(Objective::CHOICES), "Cross-entropy averaged over every position of the window, or of the last one only. Every position gives context times as much signal per step.")
        .source(&[papers::GPT2]).more()
}
