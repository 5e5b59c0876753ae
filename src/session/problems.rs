//! Where the cause of each problem is.

use crate::benchmark::{self, BenchmarkError};
use crate::config::ConfigError;
use crate::dataset::DatasetError;
use crate::gpu::GpuError;
use crate::parameters::ModelError;
use crate::protocol::{Event, Problem, ProblemKind, SessionProblem};
use crate::replay::ReplayError;
use crate::sampler::SamplerError;
use crate::tokenizer::TokenizerError;
use crate::weights::FileError;

pub(super) fn from_config(error: ConfigError) -> Problem {
    Problem::new(ProblemKind::Configuration, error)
}

pub(super) fn from_gpu(error: GpuError) -> Problem {
    // Short of memory is a setting's fault; the rest is the device's.
    let kind = if matches!(error, GpuError::NoMemory { .. }) { ProblemKind::Configuration } else { ProblemKind::Gpu };
    Problem::new(kind, error)
}

/// What a host says where no session could be opened.
pub fn no_gpu(error: GpuError) -> Event {
    Event::Failed(from_gpu(error))
}

pub(super) fn from_model(error: ModelError) -> Problem {
    let kind = match error {
        ModelError::Gpu(error) => return from_gpu(error),
        ModelError::NoRoomToTrain { .. } => ProblemKind::Gpu,
        ModelError::StepNotFinite { .. } => ProblemKind::Training,
        _ => ProblemKind::Command,
    };
    Problem::new(kind, error)
}

pub(super) fn from_dataset(error: DatasetError) -> Problem {
    Problem::new(ProblemKind::Text, error)
}

pub(super) fn from_tokenizer(error: TokenizerError) -> Problem {
    let kind = match error {
        TokenizerError::EmptyText
        | TokenizerError::UnknownCharacters { .. }
        | TokenizerError::OddUtf16 { .. }
        | TokenizerError::BrokenUtf16 { .. }
        | TokenizerError::BinaryFile { .. }
        | TokenizerError::NotUtf8 { .. } => ProblemKind::Text,
        TokenizerError::VocabularyOutOfRange { .. } | TokenizerError::NoTokenizerFile => ProblemKind::Configuration,
        TokenizerError::VocabularyAlone { .. }
        | TokenizerError::WrongNumberOfFiles { .. }
        | TokenizerError::TokenizerUnwritable { .. }
        | TokenizerError::File(_) => ProblemKind::File,
    };
    Problem::new(kind, error)
}

pub(super) fn from_sampler(error: SamplerError) -> Problem {
    let broken = matches!(error, SamplerError::LogitsNotFinite { .. });
    Problem::new(if broken { ProblemKind::Training } else { ProblemKind::Prompt }, error)
}

pub(super) fn from_benchmark(error: BenchmarkError) -> Problem {
    match error {
        BenchmarkError::UnknownPreset { key } => {
            let known = benchmark::sizes().iter().map(|(key, _)| *key).collect();
            refused(SessionProblem::NoSuchPreset { key, known })
        }
        BenchmarkError::Config(error) => from_config(error),
        BenchmarkError::Dataset(error) => from_dataset(error),
        BenchmarkError::Model(error) => from_model(error),
    }
}

pub(super) fn from_replay(error: ReplayError) -> Problem {
    let kind = match error {
        ReplayError::Model(error) => return from_model(error),
        ReplayError::Config(_) => ProblemKind::Configuration,
        _ => ProblemKind::File,
    };
    Problem::new(kind, error)
}

pub(super) fn from_file(error: FileError) -> Problem {
    Problem::new(ProblemKind::File, error)
}

pub(super) fn no_text() -> Problem {
    Problem::new(ProblemKind::Text, SessionProblem::NoText)
}

pub(super) fn no_model() -> Problem {
    Problem::new(ProblemKind::Command, SessionProblem::NoModel)
}

/// A command that does not apply now.
pub(super) fn refused(problem: SessionProblem) -> Problem {
    Problem::new(ProblemKind::Command, problem)
}
