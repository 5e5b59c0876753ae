//! What went wrong, in words: every error below the session with its next step for the user.

use crate::dataset::DatasetError;
use crate::gpu::GpuError;
use crate::parameters::ModelError;
use crate::protocol::{Event, Problem, ProblemKind};
use crate::replay::ReplayError;
use crate::sampler::SamplerError;
use crate::tokenizer::TokenizerError;
use crate::weights;

pub(super) fn problem(kind: ProblemKind, message: impl ToString, advice: &str) -> Problem {
    Problem { kind, message: message.to_string(), advice: advice.to_owned(), request: None }
}

pub(super) fn from_gpu(error: GpuError) -> Problem {
    let advice = match &error {
        GpuError::BufferTooLarge { .. } => "Choose a smaller model, batch or context, or a browser on a larger GPU.",
        GpuError::NoMemory { .. } => "Choose a smaller model, batch or context.",
        GpuError::OutOfMemory { .. } => "Close other tabs that use the GPU, or choose a smaller model or batch.",
        GpuError::DeviceLost { .. } => "Restart below: the text stays. Weights that were not exported are gone.",
        GpuError::NoAdapter { .. } | GpuError::NoDevice { .. } => {
            "Turn on hardware acceleration in the browser's settings, update the graphics driver, or try another browser."
        }
        GpuError::Validation { .. } => "This is a mistake of ours: please report it with your browser's and GPU's names.",
    };
    // Short of memory is a setting's fault; the rest is the device's.
    let kind = if matches!(error, GpuError::NoMemory { .. }) { ProblemKind::Configuration } else { ProblemKind::Gpu };
    problem(kind, error, advice)
}

/// What a host says where no session could be opened.
pub fn no_gpu(error: GpuError) -> Event {
    Event::Failed(from_gpu(error))
}

pub(super) fn from_model(error: ModelError) -> Problem {
    match error {
        ModelError::Gpu(error) => from_gpu(error),
        error @ ModelError::NoRoomToTrain { .. } => problem(
            ProblemKind::Gpu,
            error,
            "The model stays and can be sampled and looked into. Fine-tune it with a smaller batch, or choose a smaller model to train.",
        ),
        error @ ModelError::StepNotFinite { .. } => problem(
            ProblemKind::Training,
            error,
            "Lower the learning rate or set a gradient clip, and start afresh; or export this model first.",
        ),
        error => problem(ProblemKind::Command, error, "This is a mistake of ours: please report it."),
    }
}

pub(super) fn from_dataset(error: &DatasetError) -> Problem {
    let advice = match error {
        DatasetError::NoValidation { .. } => "Hold out a larger share, or give a text of more documents or lines.",
        DatasetError::StrideTooLong { .. } => "Choose a shorter stride, or give a longer text.",
        DatasetError::NoWholeBatch { .. } => "Choose a smaller batch or a shorter stride, or give a longer text.",
        DatasetError::PrefixesOfOneLength { .. } => "Set the batch to 1, or choose other windows.",
        DatasetError::TooShort { .. } | DatasetError::NoPrefix { .. } => {
            "Give a longer text or choose a shorter context."
        }
    };
    problem(ProblemKind::Text, error, advice)
}

pub(super) fn from_tokenizer(error: TokenizerError) -> Problem {
    let (kind, advice) = match &error {
        TokenizerError::EmptyText => {
            (ProblemKind::Text, "Paste some text or drop a file; some pages of prose are enough to begin.")
        }
        TokenizerError::UnknownCharacters { .. } => (
            ProblemKind::Text,
            "Choose a tokenizer that knows them, or byte or sub-word tokens, which know every text.",
        ),
        TokenizerError::NotText { .. } => (ProblemKind::Text, "Choose a plain text file, saved as UTF-8."),
        TokenizerError::BadFile(_) => (ProblemKind::File, "The tokenizer in use stays. Choose another file."),
        _ => (ProblemKind::Configuration, "Change that setting; text and model in memory are untouched."),
    };
    problem(kind, error, advice)
}

pub(super) fn from_sampler(error: SamplerError) -> Problem {
    match error {
        error @ SamplerError::LogitsNotFinite { .. } => {
            problem(ProblemKind::Training, error, "The weights are broken: reset, or import an earlier file.")
        }
        error => problem(ProblemKind::Prompt, error, "Correct that setting and sample again."),
    }
}

pub(super) fn no_text() -> Problem {
    problem(ProblemKind::Text, "there is no text to train on", "Paste some text or drop a file first.")
}

pub(super) fn no_model() -> Problem {
    problem(ProblemKind::Command, "there is no model yet", "Press Train to make one from the text, or import a file.")
}

pub(super) fn from_replay(error: ReplayError) -> Problem {
    let kind = match error {
        ReplayError::Model(error) => return from_model(error),
        ReplayError::Config(_) => ProblemKind::Configuration,
        ReplayError::File { .. } => ProblemKind::File,
    };
    problem(kind, error, "The model in memory is untouched.")
}

pub(super) fn from_file(error: weights::FileError) -> Problem {
    let advice = match &error {
        weights::FileError::NoRoom { .. } => {
            "The model in memory is untouched. Choose a smaller model, or open this one in a browser on a larger GPU."
        }
        _ => ADVICE,
    };
    problem(ProblemKind::File, error, advice)
}
/// What to give instead of a file that is refused.
const ADVICE: &str = "The model in memory is untouched. Choose a file that Fledgling exported, or a folder that transformers \
    saved: config.json, model.safetensors and tokenizer.json.";

pub(super) fn from_export(error: weights::FileError) -> Problem {
    problem(ProblemKind::File, error, "Export it in another format: safetensors holds every model.")
}
