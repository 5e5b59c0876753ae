//! All that crosses between a host (page or script) and a [`crate::session::Session`]: commands are imperatives, events
//! past participles. The worker carries them as plain JS objects, the headless host as one JSON object a line.
//!
//! A command that cannot be carried out answers with [`Event::Failed`] and changes nothing.

use crate::config::{Config, DataConfig, Field, Preset, SamplingConfig, TokenizerConfig};
use crate::device::Executor;
use crate::gpu::AdapterDescription;
use crate::inspection::{HeadLook, Projection};
use crate::model::Off;
use crate::recipes::Recipe;
use crate::team::Gone;
use crate::texts::BuiltIn;
use crate::trainer::Estimate;
use crate::weights::{About, Format};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

mod problem;
mod records;

pub use problem::*;
pub use records::*;

/// What a host asks for. The tag is `command`, in snake case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// The text to train on. It is cleaned and made into tokens as [`Command::Prepare`] last said: [`Event::Preparing`] while
    /// that lasts, then [`Event::TextSet`]. A model in memory goes on with it where it knows its tokens.
    SetText {
        /// The text itself.
        text: String,
    },
    /// A file's bytes as the text: UTF-8 or UTF-16 with a byte order mark. Answers with [`Event::TextDecoded`], then as
    /// [`Command::SetText`].
    SetTextBytes {
        /// File name, or address, for messages.
        name: String,
        /// The file.
        bytes: ByteBuf,
    },
    /// A text that the project makes itself. Answers as [`Command::SetTextBytes`].
    SetBuiltIn {
        /// Its key in [`Event::Ready`].
        key: String,
        /// Fixes the text.
        seed: u32,
    },
    /// How the text in memory, and every later one, becomes tokens. Answers as [`Command::SetText`] where there is a text.
    Prepare {
        /// The tokenizer.
        tokenizer: TokenizerConfig,
        /// Cleaning, division, windows.
        data: DataConfig,
    },
    /// Files of a tokenizer made elsewhere: tokenizer.json, or vocab.json and merges.txt. Answers with
    /// [`Event::TokenizerRead`]; the tokenizer of kind `file` then is this one.
    SetTokenizer {
        /// One or two files.
        files: Vec<NamedFile>,
    },
    /// Stop making tokens: text and tokenizer stay what they were. Answers with [`Event::PreparationCancelled`].
    CancelPreparation,
    /// What a configuration would cost with the text's vocabulary. Answers with [`Event::Estimated`]; changes nothing.
    Estimate {
        /// As typed; `vocab` is filled in.
        config: Config,
    },
    /// A fresh model with fresh weights, in place of the one in memory. The text is prepared anew first where its tokenizer or
    /// data settings are others. Answers with [`Event::ModelBuilt`].
    Reset {
        /// As typed; `vocab` is filled in.
        config: Config,
    },
    /// The weights in memory, trained further on the text in memory with training and data settings of its own: steps count
    /// from 0, moments start at zero, model and tokenizer stay. Answers with [`Event::ModelBuilt`].
    FineTune {
        /// As typed; of `model` only `dropout` counts, `tokenizer` not at all.
        config: Config,
    },
    /// The weights, moments and step of the lowest validation loss, in place of those in memory. Answers with
    /// [`Event::BestRestored`].
    RestoreBest,
    /// Train until the configured number of steps, or [`Command::Pause`].
    Train,
    /// One step, then pause.
    Step,
    /// Stop training after the step under way.
    Pause,
    /// The validation loss now. Answers with [`Event::Evaluated`].
    Evaluate,
    /// Continue a prompt, token by token: [`Event::Sampled`] as they come, then [`Event::SamplingFinished`]. A second
    /// request replaces the first.
    Sample {
        /// Comes back in the events.
        request: u32,
        /// What gives the probabilities.
        source: Source,
        /// Prompt and settings.
        sampling: SamplingConfig,
        /// Of the model, what is switched off meanwhile.
        #[serde(default)]
        off: Off,
    },
    /// What followed a token in the training text, and how often. Answers with [`Event::TransitionsCounted`].
    CountTransitions {
        /// Comes back in the event.
        request: u32,
        /// The last token of this text is looked up; empty: the commonest pairs of all.
        text: String,
    },
    /// A text as every kind of tokenizer would cut it, each made from the text in memory with its tokenizer settings. Answers
    /// with [`Event::TokenizersCompared`]; a second request takes the place of the first.
    CompareTokenizers {
        /// Comes back in the event.
        request: u32,
        /// The text to cut.
        text: String,
    },
    /// Stop sampling.
    StopSampling,
    /// Go on computing there, with the model in memory and whatever it is doing. Answers with [`Event::Moved`]; where that
    /// cannot be, all stays where it is.
    ComputeOn {
        /// Where.
        executor: Executor,
    },
    /// Let so many compute on the CPU. Answers with [`Event::WorkersSet`].
    SetWorkers {
        /// The session's own included.
        workers: u32,
    },
    /// Attention weights of one head for a prompt. Answers with [`Event::AttentionComputed`].
    Attention {
        /// Comes back in the event.
        request: u32,
        /// Text to look at; its last `context` tokens are used.
        prompt: String,
        /// Block, from 0.
        layer: u32,
        /// Query head, from 0.
        head: u32,
        /// Step of a kept checkpoint ([`Event::CheckpointsKept`]); None: the weights of this moment.
        #[serde(default)]
        at: Option<u32>,
    },
    /// Every head over a prompt, in small. Answers with [`Event::HeadsLookedAt`].
    LookAtHeads {
        /// Comes back in the event.
        request: u32,
        /// Text to look at; its last `context` tokens are used.
        prompt: String,
        /// Rows of a thumbnail, at most.
        size: u32,
        /// Step of a kept checkpoint ([`Event::CheckpointsKept`]); None: the weights of this moment.
        #[serde(default)]
        at: Option<u32>,
    },
    /// Logits of the token after a prompt. Answers with [`Event::Predicted`].
    Predict {
        /// Comes back in the event.
        request: u32,
        /// Text to continue; its last `context` tokens are used.
        prompt: String,
        /// What is switched off meanwhile.
        off: Off,
        /// Step of a kept checkpoint ([`Event::CheckpointsKept`]); None: the weights of this moment.
        #[serde(default)]
        at: Option<u32>,
    },
    /// What each layer would say (logit lens). Answers with [`Event::LensLooked`].
    LookThroughLens {
        /// Comes back in the event.
        request: u32,
        /// Text to look at; its last `context` tokens are used.
        prompt: String,
        /// Guesses for each place.
        guesses: u32,
        /// Step of a kept checkpoint ([`Event::CheckpointsKept`]); None: the weights of this moment.
        #[serde(default)]
        at: Option<u32>,
    },
    /// The loss on held-out text with and without pieces of the model. Answers with [`Event::SwitchedOff`].
    SwitchOff {
        /// Comes back in the event.
        request: u32,
        /// What is switched off.
        off: Off,
        /// Step of a kept checkpoint ([`Event::CheckpointsKept`]); None: the weights of this moment.
        #[serde(default)]
        at: Option<u32>,
    },
    /// How weights and last gradients are spread, tensor by tensor. Answers with [`Event::TensorsLookedAt`].
    LookAtTensors {
        /// Comes back in the event.
        request: u32,
        /// Step of a kept checkpoint ([`Event::CheckpointsKept`]); None: the weights of this moment.
        #[serde(default)]
        at: Option<u32>,
    },
    /// Token embeddings in the plane. Answers with [`Event::EmbeddingsProjected`].
    ProjectEmbeddings {
        /// Comes back in the event.
        request: u32,
        /// So many of the most frequent tokens.
        tokens: u32,
        /// Step of a kept checkpoint ([`Event::CheckpointsKept`]); None: the weights of this moment.
        #[serde(default)]
        at: Option<u32>,
    },
    /// The tokens whose embeddings are nearest to one's. Answers with [`Event::NeighboursFound`].
    FindNeighbours {
        /// Comes back in the event.
        request: u32,
        /// The token.
        token: u32,
        /// Step of a kept checkpoint ([`Event::CheckpointsKept`]); None: the weights of this moment.
        #[serde(default)]
        at: Option<u32>,
    },
    /// The whole session as a file: text, model, moments, best checkpoint, where training stands. Answers with
    /// [`Event::SavedPart`]s; training goes on behind them.
    Save,
    /// What [`Command::Save`] saved, in place of all that is in memory. A run goes on from there as if it had never stopped, to
    /// the last bit on the same adapter. Answers with [`Event::TextDecoded`] and [`Event::TextSet`] where a text was saved, then
    /// [`Event::ModelBuilt`] and [`Event::Progressed`].
    Resume {
        /// File name, for messages.
        name: String,
        /// The file.
        bytes: ByteBuf,
    },
    /// The model as a file. Answers with [`Event::Exported`].
    Export {
        /// Which kind of file.
        #[serde(default)]
        format: Format,
        /// For the model card.
        #[serde(default)]
        about: About,
    },
    /// What the model would come to as a file of each format. Answers with [`Event::ExportsMeasured`].
    MeasureExports {
        /// For the model card.
        #[serde(default)]
        about: About,
    },
    /// A safetensors file of ours, or a zip, in place of the model in memory. Answers with [`Event::ModelBuilt`].
    Import {
        /// File name, for messages.
        name: String,
        /// The file.
        bytes: ByteBuf,
    },
    /// A folder that transformers saved, or several files of a model. Answers as [`Command::Import`].
    ImportFiles {
        /// The files, by path or name. Those that are none of a model's are left alone.
        files: Vec<NamedFile>,
    },
    /// Train given weights on given batches, apart from the model in memory, to hold this adapter against another
    /// implementation. Answers with [`Event::Replayed`]. [`crate::replay::replay`] says what the files hold.
    Replay {
        /// `vocab` and all.
        config: Config,
        /// A safetensors file of parameters.
        weights: ByteBuf,
        /// A safetensors file of tokens.
        batches: ByteBuf,
    },
    /// Measure configurations, interleaved, on random tokens. Answers with [`Event::Benchmarked`]. Not while training.
    Benchmark {
        /// Keys of presets: micro, S, M.
        presets: Vec<String>,
        /// Seconds for each, at least.
        seconds: f64,
    },
}

impl Command {
    /// The number that comes back in its answer, where it has one.
    pub fn request(&self) -> Option<u32> {
        match self {
            Self::Sample { request, .. }
            | Self::CountTransitions { request, .. }
            | Self::CompareTokenizers { request, .. }
            | Self::Attention { request, .. }
            | Self::LookAtHeads { request, .. }
            | Self::Predict { request, .. }
            | Self::LookThroughLens { request, .. }
            | Self::SwitchOff { request, .. }
            | Self::LookAtTensors { request, .. }
            | Self::ProjectEmbeddings { request, .. }
            | Self::FindNeighbours { request, .. } => Some(*request),
            _ => None,
        }
    }
}

/// What a session says. The tag is `event`, in snake case.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First of all: the adapter, and everything a form is built from.
    Ready {
        /// Version of Fledgling.
        version: &'static str,
        /// What does the work.
        adapter: AdapterDescription,
        /// Every setting.
        fields: Vec<Field>,
        /// Named configurations; the first is the default.
        presets: Vec<Preset>,
        /// Texts that the project makes itself; the first is the default.
        texts: Vec<BuiltIn>,
        /// The tutorials' systems.
        recipes: Vec<Recipe>,
    },
    /// It computes elsewhere from now on.
    Moved {
        /// What does the work.
        adapter: AdapterDescription,
    },
    /// Who computes on the CPU from now on.
    WorkersSet(Workers),
    /// A helper is gone. What it was to compute was computed by another, with the same numbers; it is replaced.
    WorkerLost {
        /// Steps that were done.
        step: u32,
        /// How.
        #[serde(flatten)]
        gone: Gone,
    },
    /// A file's or built-in text, for the box.
    TextDecoded {
        /// File name as given, or the built-in text's label.
        name: String,
        /// The text.
        text: String,
    },
    /// A tokenizer was read from files.
    TokenizerRead {
        /// File names.
        name: String,
        /// Its tokens.
        vocab: usize,
        /// Whether decoding gives back every text.
        lossless: bool,
    },
    /// Text is becoming tokens; about ten times a second.
    Preparing {
        /// What is under way.
        stage: Stage,
        /// How much of it is done, in bytes or merges.
        done: usize,
        /// Of how much.
        of: usize,
    },
    /// The preparation was cancelled: text and tokenizer are what they were.
    PreparationCancelled,
    /// The text is in place.
    TextSet(TextDescription),
    /// Cost of a configuration, or why it cannot be.
    Estimated {
        /// Numbers, where the configuration is possible.
        estimate: Option<Estimate>,
        /// Why not, where it is not.
        problem: Option<Problem>,
    },
    /// A model is in memory: fresh or imported.
    ModelBuilt {
        /// Its configuration, `vocab` filled in.
        config: Box<Config>,
        /// Its cost.
        estimate: Estimate,
        /// Step it stands at: 0 when fresh.
        step: u32,
        /// Where its weights come from.
        origin: Origin,
        /// Whether the text in memory can be trained on with this model's vocabulary.
        fits_text: bool,
        /// Texts of its tokens, by id.
        vocabulary: Vec<String>,
        /// Steps that the run lasts: where epochs are the limit, what they come to.
        steps: u32,
        /// Steps of a pass over the training text; None without a text that fits.
        steps_per_epoch: Option<u32>,
        /// Validation losses of the count models on the same text and tokens.
        baselines: Option<Baselines>,
    },
    /// The session's state changed.
    StateChanged {
        /// What it is doing now.
        state: State,
    },
    /// Training went on; about four times a second. Lists hold what is new since the last one.
    Progressed(Progress),
    /// A sample that was due during training.
    SampleTaken {
        /// Step of the weights.
        step: u32,
        /// What was continued.
        prompt: String,
        /// What the model wrote.
        text: String,
        /// In how many tokens.
        tokens: u32,
    },
    /// Early stopping ended training.
    StoppedEarly {
        /// Step at which training stopped.
        step: u32,
        /// Validations in a row without improvement.
        patience: u32,
        /// The best checkpoint.
        best: Best,
    },
    /// The best checkpoint is in memory again.
    BestRestored {
        /// Its step and loss.
        best: Best,
    },
    /// Something is not as it was asked, or not as it should be; work goes on.
    Warned(Problem),
    /// The validation loss that was asked for.
    Evaluated {
        /// Its numbers.
        point: ValidationPoint,
        /// Batches averaged over.
        batches: u32,
    },
    /// Tokens drawn.
    Sampled {
        /// As asked.
        request: u32,
        /// The text that they complete: a token may end inside a character, which then comes with the next.
        text: String,
        /// The new tokens.
        tokens: Vec<SampledToken>,
    },
    /// Sampling ended.
    SamplingFinished {
        /// As asked.
        request: u32,
        /// Whether all tokens were drawn, or it was stopped or replaced.
        stopped: bool,
    },
    /// What followed a token, or the commonest pairs of all.
    TransitionsCounted {
        /// As asked.
        request: u32,
        /// How often the token stood before another; the number of pairs, where none was asked.
        total: u32,
        /// Different tokens that followed it, or different pairs.
        different: usize,
        /// The commonest, at most 50.
        transitions: Vec<Transition>,
    },
    /// A text by every kind of tokenizer.
    TokenizersCompared {
        /// As asked.
        request: u32,
        /// One entry a kind, in the order of the setting's choices; a file's where there is one.
        looks: Vec<TokenizerLook>,
    },
    /// Which weights can be looked at; at every change.
    CheckpointsKept {
        /// Their steps, in order.
        steps: Vec<u32>,
    },
    /// One head's attention weights.
    AttentionComputed {
        /// As asked.
        request: u32,
        /// Step of the weights.
        step: u32,
        /// As asked.
        layer: u32,
        /// As asked.
        head: u32,
        /// The prompt's tokens, as text.
        tokens: Vec<String>,
        /// Row-major [seq, seq]: row = query, column = key; rows sum to 1.
        weights: Vec<f32>,
    },
    /// Every head, in small, in the order of layers and heads.
    HeadsLookedAt {
        /// As asked.
        request: u32,
        /// Step of the weights.
        step: u32,
        /// The prompt's tokens, as text.
        tokens: Vec<String>,
        /// The heads.
        heads: Vec<HeadLook>,
    },
    /// Logits of the next token.
    Predicted {
        /// As asked.
        request: u32,
        /// Step of the weights.
        step: u32,
        /// By token id [vocab].
        logits: Vec<f32>,
    },
    /// Each layer's guesses.
    LensLooked {
        /// As asked.
        request: u32,
        /// Step of the weights.
        step: u32,
        /// The prompt's tokens, as text.
        tokens: Vec<String>,
        /// [layers + 1][seq][guesses]: before the first block, then after each; likeliest first.
        guesses: Vec<Vec<Vec<CandidateToken>>>,
    },
    /// What pieces are worth.
    SwitchedOff {
        /// As asked.
        request: u32,
        /// Step of the weights.
        step: u32,
        /// Mean cross-entropy of the whole model, nats a token.
        whole: f32,
        /// The same without the pieces.
        without: f32,
        /// Tokens averaged over.
        tokens: usize,
    },
    /// How tensors are spread.
    TensorsLookedAt {
        /// As asked.
        request: u32,
        /// Step of the weights.
        step: u32,
        /// One entry a parameter, in the order of files.
        tensors: Vec<TensorLook>,
    },
    /// Embeddings in the plane.
    EmbeddingsProjected {
        /// As asked.
        request: u32,
        /// Step of the weights.
        step: u32,
        /// Ids, in the order of the points.
        ids: Vec<u32>,
        /// The tokens, as text.
        tokens: Vec<String>,
        /// Their places.
        projection: Projection,
    },
    /// The nearest tokens.
    NeighboursFound {
        /// As asked.
        request: u32,
        /// The token, as text.
        token: String,
        /// Nearest first.
        neighbours: Vec<Neighbour>,
    },
    /// A part of the file that a session is saved as; they come in order.
    SavedPart {
        /// Bytes before it.
        offset: f64,
        /// Bytes of the whole file.
        size: f64,
        /// Step that is saved.
        step: u32,
        /// The part.
        bytes: ByteBuf,
    },
    /// The model as a file.
    Exported {
        /// Suggested file name.
        name: String,
        /// The file.
        bytes: ByteBuf,
    },
    /// What the model would come to as a file.
    ExportsMeasured {
        /// One entry a format, the default first.
        formats: Vec<ExportSize>,
    },
    /// What a replay computed.
    Replayed {
        /// A safetensors file: logits, losses, times, gradients, weights after.
        bytes: ByteBuf,
    },
    /// The benchmark's table.
    Benchmarked {
        /// One row a configuration; what has no room to be trained is left out.
        rows: Vec<BenchmarkRow>,
        /// One row a configuration.
        decoding: Vec<DecodingRow>,
        /// Rate of the calibration product 1024×384×384, GFLOP/s.
        calibration_gflops: f64,
    },
    /// A command could not be carried out, or training had to stop.
    Failed(Problem),
}
