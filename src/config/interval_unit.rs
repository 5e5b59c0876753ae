//! What the intervals of validation and samples count.

use super::field::{Control, Field, Group};
use serde::{Deserialize, Serialize};

choice! {
    /// What the intervals of validation and samples count.
    IntervalUnit {
        /// Updates.
        Steps = "steps", "Steps";
        /// Passes over the training text.
        Epochs = "epochs", "Epochs";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(
        Group::Training,
        "interval_unit",
        "Intervals count",
        Control::choice(IntervalUnit::CHOICES),
        "What the intervals of validation and samples count: steps, or epochs.",
    )
    .more()
}
