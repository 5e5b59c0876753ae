//! How the learning rate moves with the step.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// How the learning rate moves with the step.
    Schedule {
        /// The same rate throughout.
        Constant = "constant", "Constant", "η_t = η";
        /// Linear warm-up, then half a cosine down to the minimum (Loshchilov and Hutter 2017).
        Cosine = "cosine", "Warm-up + cosine", "η_t = η · t/w up to w, then η_min + ½ (η − η_min) (1 + cos(π (t − w)/(n − w)))";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Training, "schedule", "Schedule", Control::choice(Schedule::CHOICES), "How the learning rate moves: not at all, or up through a linear warm-up of w steps and down half a cosine to the minimum at step n. Ending low lets the loss settle.")
        .source(&[papers::LOSHCHILOV_SGDR]).more()
}
