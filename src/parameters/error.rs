//! What can go wrong with a model in memory.

use crate::gpu::GpuError;
use crate::tape::TapeError;
use serde::Serialize;

/// A number that training watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// The loss of a step.
    Loss,
    /// The length of its gradient.
    GradientNorm,
    /// The loss of the held-out split.
    ValidationLoss,
}

/// What can go wrong between configuration and loss.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum ModelError {
    /// A loss or gradient that is no finite number.
    StepNotFinite {
        /// Which one.
        what: Watched,
        /// The step that showed it.
        step: u32,
        /// The step of the last [`crate::trainer::Trainer::keep_good`].
        last_good: u32,
    },
    /// A model that can be read here and not trained.
    NoRoomToTrain {
        /// Bytes that training takes in all.
        asked: u64,
        /// Bytes of the weights alone.
        held: u64,
        /// What the GPU refused.
        error: GpuError,
    },
    /// No parameter of that name.
    UnknownParameter {
        /// What was asked.
        name: String,
    },
    /// A parameter has another size.
    WrongLength {
        /// Parameter or input.
        name: String,
        /// What it takes.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// A token outside the vocabulary.
    UnknownToken {
        /// The id.
        token: u32,
        /// How many there are.
        vocab: usize,
    },
    /// The GPU's side.
    #[serde(untagged)]
    Gpu(GpuError),
    /// A mistake in the model that the tape found.
    #[serde(untagged)]
    Tape(TapeError),
}

impl From<GpuError> for ModelError {
    fn from(error: GpuError) -> Self {
        Self::Gpu(error)
    }
}

impl From<TapeError> for ModelError {
    fn from(error: TapeError) -> Self {
        Self::Tape(error)
    }
}
