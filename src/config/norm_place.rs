//! Where the normalisation stands around each residual branch.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// Where the normalisation stands around each residual branch f.
    NormPlace {
        /// x + f(norm(x)) (GPT-2 and later).
        Pre = "pre", "Before (pre-norm)", "x ← x + f(norm(x))";
        /// norm(x + f(x)) (the original transformer, GPT-1).
        Post = "post", "After (post-norm)", "x ← norm(x + f(x))";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Model, "norm_place", "Place of the norm", Control::choice(NormPlace::CHOICES), "Where the norm stands around each branch f: before it, as in GPT-2, or after the sum, as in the first transformer. Pre-norm trains more calmly, post-norm wants warm-up.")
        .source(&[papers::XIONG]).more()
}
