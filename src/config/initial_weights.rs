//! What the weights are before the first step.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// What the weights are before the first step.
    InitialWeights {
        /// GPT-2's: normal with deviation 0.02, projections into the residual stream divided by √(2·layers), biases 0.
        Gpt2 = "gpt2", "GPT-2 (0.02, residuals scaled)", "w ~ N(0, 0.02²);  W_O, W_down ~ N(0, 0.02² / 2L)";
        /// Normal with deviation 0.02 throughout, biases 0.
        Normal = "normal", "Normal (0.02)", "w ~ N(0, 0.02²)";
        /// PyTorch's layer defaults: linear layers uniform in ±1/√fan-in, biases too; embeddings standard normal.
        PyTorch = "pytorch", "PyTorch's layer defaults", "linear: U(−1/√n_in, 1/√n_in);  embeddings: N(0, 1)";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Training, "initial_weights", "Initial weights", Control::choice(InitialWeights::CHOICES), "What the weights are before the first step: small normal numbers as GPT-2's, or what PyTorch's layers start with. The seed says which; smaller ones begin nearer to knowing nothing.")
        .source(&[papers::GPT2, papers::PYTORCH_LINEAR]).more()
}
