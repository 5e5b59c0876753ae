//! All that crosses between a host (page or script) and a [`crate::session::Session`]: commands are imperatives, events
//! past participles. The worker carries them as plain JS objects, the headless host as one JSON object a line.
//!
//! A command that cannot be carried out answers with [`Event::Failed`] and changes nothing.

use crate::config::{Config, Field, Preset};
use crate::gpu::AdapterDescription;
use crate::trainer::{Estimate, TrainingPoint};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// What a host asks for. The tag is `command`, in snake case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// The text to train on. Answers with [`Event::TextSet`]; a model in memory goes on with it where it knows all its
    /// characters.
    SetText {
        /// The text itself.
        text: String,
    },
    /// A file's bytes as the text: UTF-8 or UTF-16 with a byte order mark. Answers with [`Event::TextDecoded`], then
    /// [`Event::TextSet`].
    SetTextBytes {
        /// File name, for messages.
        name: String,
        /// The file.
        bytes: ByteBuf,
    },
    /// What a configuration would cost with the text's vocabulary. Answers with [`Event::Estimated`]; changes nothing.
    Estimate {
        /// As typed; `vocab` is filled in.
        config: Config,
    },
    /// A fresh model with fresh weights, in place of the one in memory. Answers with [`Event::ModelBuilt`].
    Reset {
        /// As typed; `vocab` is filled in.
        config: Config,
    },
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
        /// Text to continue; may be empty.
        prompt: String,
        /// Tokens to draw.
        tokens: u32,
        /// Divides the logits; 0 is greedy.
        temperature: f32,
        /// Keeps the k likeliest tokens; 0 keeps all.
        top_k: u32,
        /// Fixes the draws.
        seed: u32,
    },
    /// Stop sampling.
    StopSampling,
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
    },
    /// The model as a safetensors file. Answers with [`Event::Exported`].
    Export,
    /// A safetensors file in place of the model in memory. Answers with [`Event::ModelBuilt`].
    Import {
        /// File name, for messages.
        name: String,
        /// The file.
        bytes: ByteBuf,
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

/// What a session says. The tag is `event`, in snake case.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First of all: the adapter, and everything a form is built from.
    Ready {
        /// Version of Fledgling.
        version: &'static str,
        /// The GPU that does the work.
        adapter: AdapterDescription,
        /// Every setting.
        fields: Vec<Field>,
        /// Named configurations; the first is the default.
        presets: Vec<Preset>,
    },
    /// A file's text, for the box.
    TextDecoded {
        /// File name as given.
        name: String,
        /// The text.
        text: String,
    },
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
        config: Config,
        /// Its cost.
        estimate: Estimate,
        /// Step it stands at: 0 when fresh.
        step: u32,
        /// Whether it came from a file.
        imported: bool,
        /// Whether the text in memory can be trained on with this model's vocabulary.
        fits_text: bool,
    },
    /// The session's state changed.
    StateChanged {
        /// What it is doing now.
        state: State,
    },
    /// Training went on; about four times a second. Lists hold what is new since the last one.
    Progressed(Progress),
    /// The validation loss that was asked for.
    Evaluated {
        /// Step of the weights.
        step: u32,
        /// Mean cross-entropy in nats.
        validation_loss: f32,
        /// Batches averaged over.
        batches: u32,
    },
    /// Tokens drawn.
    Sampled {
        /// As asked.
        request: u32,
        /// The new tokens' text.
        text: String,
        /// How many.
        tokens: u32,
    },
    /// Sampling ended.
    SamplingFinished {
        /// As asked.
        request: u32,
        /// Whether all tokens were drawn, or it was stopped or replaced.
        stopped: bool,
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
    /// The model as a file.
    Exported {
        /// Suggested file name.
        name: String,
        /// The file.
        bytes: ByteBuf,
    },
    /// What a replay computed.
    Replayed {
        /// A safetensors file: logits, losses, gradients, weights after.
        bytes: ByteBuf,
    },
    /// The benchmark's table.
    Benchmarked {
        /// One row a configuration.
        rows: Vec<BenchmarkRow>,
        /// Rate of the calibration product 1024×384×384, GFLOP/s.
        calibration_gflops: f64,
    },
    /// A command could not be carried out, or training had to stop.
    Failed(Problem),
}

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

/// What went wrong and what to do next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// Where the cause is.
    pub kind: ProblemKind,
    /// What happened, with its numbers.
    pub message: String,
    /// What to do next.
    pub advice: String,
    /// The request that it answers, where it had a number.
    pub request: Option<u32>,
}

/// The text in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextDescription {
    /// Unicode scalar values.
    pub characters: usize,
    /// Tokens, by the text's own vocabulary.
    pub tokens: usize,
    /// Different tokens.
    pub vocab: usize,
    /// Tokens to train on: the first 90 %.
    pub training_tokens: usize,
    /// Tokens held out.
    pub validation_tokens: usize,
    /// The vocabulary in order, as text.
    pub vocabulary: Vec<String>,
    /// Whether the model in memory can train on it; None without a model.
    pub fits_model: Option<bool>,
    /// Characters of the text that the model in memory lacks, at most 20.
    pub unknown_to_model: Vec<String>,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// No model yet.
    Empty,
    /// A model, not training.
    Paused,
    /// Training.
    Training,
    /// All configured steps are done.
    Finished,
}

/// What training did since the last report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Progress {
    /// Steps done since the model was fresh.
    pub step: u32,
    /// Steps that the run lasts.
    pub steps: u32,
    /// New points, one a step.
    pub training: Vec<TrainingPoint>,
    /// New points, one a validation.
    pub validation: Vec<ValidationPoint>,
    /// Tokens trained on per second, lately.
    pub tokens_per_second: f64,
    /// Seconds until the last step at this pace.
    pub seconds_left: f64,
    /// Natural logarithm of the vocabulary: the loss of knowing nothing.
    pub uniform_loss: f32,
}

/// One validation in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValidationPoint {
    /// Step of the weights.
    pub step: u32,
    /// Mean cross-entropy over the validation batches, nats.
    pub loss: f32,
}

/// One configuration, measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchmarkRow {
    /// Preset's key.
    pub preset: String,
    /// Median milliseconds of a step.
    pub milliseconds: f64,
    /// Tokens per second.
    pub tokens_per_second: f64,
    /// GFLOP/s by the formula of [`crate::config::Architecture::flops_per_token`].
    pub gflops: f64,
    /// That rate divided by the calibration product's.
    pub of_calibration: f64,
    /// Dispatches per step.
    pub dispatches: f64,
    /// Compute passes per step.
    pub passes: f64,
    /// Submits per step.
    pub submits: f64,
    /// Bind groups created per step.
    pub bind_groups_created: f64,
    /// Buffers created per step.
    pub buffers_created: f64,
    /// Bytes uploaded per step.
    pub bytes_uploaded: f64,
    /// Readbacks per step.
    pub readbacks: f64,
}
