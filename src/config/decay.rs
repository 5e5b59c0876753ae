//! Which tensors weight decay touches.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// Which tensors weight decay touches.
    Decay {
        /// Tensors of two dimensions: embeddings and linear weights, not gains or biases.
        Matrices = "matrices", "Matrices only";
        /// Every tensor.
        All = "all", "Everything";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Training, "decay", "Decay acts on", Control::choice(Decay::CHOICES), "Which weights are pulled towards zero: matrices only, as GPT-2's recipe has it, or gains and biases too. Gains pulled to zero weaken the norms.")
        .source(&[papers::LOSHCHILOV_ADAMW, papers::NANOGPT]).more()
}
