//! What can go wrong, as codes with values: its sentence is written where the language is known.

use crate::config::ConfigError;
use crate::dataset::DatasetError;
use crate::gpu::GpuError;
use crate::parameters::ModelError;
use crate::replay::ReplayError;
use crate::sampler::SamplerError;
use crate::tokenizer::{TokenizerError, Unknown};
use crate::weights::FileError;
use serde::Serialize;

/// Where the cause of a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The text in the box.
    Text,
    /// The configuration.
    Configuration,
    /// A file given or asked for.
    File,
    /// The adapter: lost, out of memory, too small.
    Gpu,
    /// The run: a loss that is no number.
    Training,
    /// The prompt or the sampling settings.
    Prompt,
    /// A command that does not apply now.
    Command,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// Where the cause is.
    pub kind: ProblemKind,
    /// What happened, as `code` and `values`.
    #[serde(flatten)]
    pub wrong: Box<Wrong>, // boxed: every `Result` of the session would be its size
    /// What to do next; None where the code says it.
    pub advice: Option<Advice>,
    /// The setting at fault, as in files: `model.width`.
    pub field: Option<String>,
    /// The request that it answers, where it had a number.
    pub request: Option<u32>,
}

/// What to do next, where that hangs on what was asked and not on the code alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// The model stays where it is; the GPU can be helped.
    StaysHere,
    /// The prompt has characters that the model has never seen.
    LeaveOutOfPrompt,
    /// Something else is to be looked up.
    LookUpInText,
    /// A token of the vocabulary.
    ChooseToken,
    /// A model is exported where a session cannot be saved.
    ExportInstead,
}

/// Everything that can go wrong. Codes are one over all of these.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Wrong {
    /// A configuration.
    Config(ConfigError),
    /// A text that is too short.
    Dataset(DatasetError),
    /// What computes.
    Gpu(GpuError),
    /// A model while it computes.
    Model(ModelError),
    /// A model's file.
    File(FileError),
    /// Drawing a token.
    Sampler(SamplerError),
    /// Text or file of a tokenizer.
    Tokenizer(TokenizerError),
    /// A replay.
    Replay(ReplayError),
    /// What was asked of a session.
    Session(SessionProblem),
}

/// What a session or its host refuses, or warns of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum SessionProblem {
    /// Nothing to train on.
    NoText,
    /// Nothing to train.
    NoModel,
    /// Cleaning took all of a text.
    NothingLeft {
        /// Unicode scalar values before it.
        characters: usize,
    },
    /// A built-in text that there is not.
    NoSuchText {
        /// What was asked.
        key: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// A preset that there is not.
    NoSuchPreset {
        /// What was asked.
        key: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// A benchmark wants the machine to itself.
    Busy,
    /// The run is at its end.
    StepsDone {
        /// Its length.
        steps: u32,
    },
    /// None was kept yet.
    NoBestCheckpoint,
    /// A step whose weights are not there to be looked at.
    StepNotKept {
        /// What was asked.
        step: u32,
        /// Steps whose weights are, ascending.
        kept: Vec<u32>,
    },
    /// The model in memory cannot read the text in memory.
    UnknownToModel(Unknown),
    /// The model in memory reads a part of the text as `<unk>`.
    ReadAsUnknown(Unknown),
    /// A text that supports fewer sub-words than were asked for.
    SmallVocabulary {
        /// What it supports.
        vocab: usize,
        /// What was asked.
        asked: usize,
    },
    /// Documents were to be marked, and the tokenizer has no token for their end.
    DocumentsUnmarked,
    /// A validation loss was to be drawn, and cannot be.
    NoValidationLoss {
        /// Why.
        error: DatasetError,
    },
    /// The model learns the text by heart.
    ValidationRises {
        /// Validation loss, nats a token.
        loss: f32,
        /// Its step.
        step: u32,
        /// The lowest validation loss.
        best_loss: f32,
        /// Its step.
        best_step: u32,
    },
    /// Nothing to look at.
    NoAttention,
    /// A head that the model has not.
    NoSuchHead {
        /// From 0.
        layer: usize,
        /// From 0.
        head: usize,
        /// The model's.
        layers: usize,
        /// Of each layer.
        heads: usize,
    },
    /// A saved session that does not say where it stood.
    RecordUnreadable {
        /// File name.
        name: String,
        /// The parser's words.
        reason: String,
    },
    /// A saved session with a tokenizer that is none.
    SavedTokenizerUnreadable {
        /// File name.
        name: String,
        /// Why.
        error: TokenizerError,
    },
    /// What came is none of [`crate::protocol::Command`].
    NotACommand {
        /// The parser's words.
        reason: String,
    },
}

impl Wrong {
    /// The setting at fault, as `group.key`, where it is one.
    pub fn field(&self) -> Option<String> {
        let field = match self {
            Self::Config(error) | Self::Replay(ReplayError::Config(error)) => return field_of(error),
            Self::Tokenizer(TokenizerError::VocabularyOutOfRange { .. }) => "tokenizer.vocabulary",
            Self::Tokenizer(TokenizerError::NoTokenizerFile) => "tokenizer.kind",
            Self::Sampler(SamplerError::TemperatureBelowZero { .. }) => "sampling.temperature",
            Self::Sampler(SamplerError::TopKAboveLogits { .. }) => "sampling.top_k",
            Self::Sampler(SamplerError::TopPOutOfRange { .. }) => "sampling.top_p",
            Self::Sampler(SamplerError::RepetitionPenaltyNotPositive { .. }) => "sampling.repetition_penalty",
            _ => return None,
        };
        Some(field.to_owned())
    }
}

fn field_of(error: &ConfigError) -> Option<String> {
    let field = match error {
        ConfigError::OutOfRange { group, key, .. } => return Some(format!("{}.{key}", group.word())),
        ConfigError::HeadsDoNotDivideWidth { .. } => "model.heads",
        ConfigError::KvHeadsDoNotDivideHeads { .. } => "model.kv_heads",
        ConfigError::RotaryNeedsEvenHead { .. } | ConfigError::SinusoidalNeedsEvenWidth { .. } => "model.positions",
        ConfigError::WarmupLongerThanSchedule { .. } => "training.warmup_steps",
        ConfigError::PrefixesNeedBatchOne { .. } => "training.batch",
        ConfigError::PrefixesNeedLastPosition => "training.objective",
        ConfigError::TopKAboveVocabulary { .. } => "sampling.top_k",
        ConfigError::NothingToMarkWith { .. } => "tokenizer.kind",
        ConfigError::RatesCross { .. } => "training.min_learning_rate",
        ConfigError::TooManyParameters { .. } => return None,
    };
    Some(field.to_owned())
}

impl Problem {
    /// A problem with nothing to say beside its code.
    pub fn new(kind: ProblemKind, wrong: impl Into<Wrong>) -> Self {
        let wrong = wrong.into();
        Self { kind, field: wrong.field(), wrong: Box::new(wrong), advice: None, request: None }
    }
}

impl From<ConfigError> for Wrong {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<DatasetError> for Wrong {
    fn from(error: DatasetError) -> Self {
        Self::Dataset(error)
    }
}

impl From<GpuError> for Wrong {
    fn from(error: GpuError) -> Self {
        Self::Gpu(error)
    }
}

impl From<ModelError> for Wrong {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

impl From<FileError> for Wrong {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<SamplerError> for Wrong {
    fn from(error: SamplerError) -> Self {
        Self::Sampler(error)
    }
}

impl From<TokenizerError> for Wrong {
    fn from(error: TokenizerError) -> Self {
        Self::Tokenizer(error)
    }
}

impl From<ReplayError> for Wrong {
    fn from(error: ReplayError) -> Self {
        Self::Replay(error)
    }
}

impl From<SessionProblem> for Wrong {
    fn from(problem: SessionProblem) -> Self {
        Self::Session(problem)
    }
}
