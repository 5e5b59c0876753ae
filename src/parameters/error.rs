//! What can go wrong with a model in memory, each with its sentence.

use crate::gpu::GpuError;
use crate::tape::TapeError;

/// What can go wrong between configuration and loss.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// The GPU's side.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// A mistake in the model that the tape found.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// A loss or gradient that is no finite number.
    #[error(
        "the {what} of step {step} is not a finite number; the weights are those of step {last_good}, the last that were checked"
    )]
    NotFinite {
        /// loss, gradient norm or validation loss.
        what: &'static str,
        /// The step that showed it.
        step: u32,
        /// The step of the last [`crate::trainer::Trainer::keep_good`].
        last_good: u32,
    },
    /// A model that can be read here and not trained.
    #[error("training this model would need {asked} bytes of memory, where the model alone takes {held}: {error}")]
    NoRoomToTrain {
        /// Bytes that training takes in all.
        asked: u64,
        /// Bytes of the weights alone.
        held: u64,
        /// What the GPU refused.
        error: GpuError,
    },
    /// No parameter of that name.
    #[error("there is no parameter {0}")]
    UnknownParameter(String),
    /// A parameter has another size.
    #[error("{name} has {expected} values, {found} were given")]
    WrongLength {
        /// Parameter or input.
        name: String,
        /// What it takes.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// A token outside the vocabulary.
    #[error("token {token} is outside the vocabulary of {vocab}")]
    UnknownToken {
        /// The id.
        token: u32,
        /// How many there are.
        vocab: usize,
    },
}
