//! What commands and events carry.

use crate::cleaning::Change;
use crate::config::{NoClass, TokenizerConfig, TokenizerKind};
use crate::inspection::Spread;
use crate::team::Lack;
use crate::weights::{FileError, Format};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// A file by name.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NamedFile {
    /// File name.
    pub name: String,
    /// The file; nothing where the host holds it.
    #[serde(default)]
    pub bytes: ByteBuf,
    /// Whether the host holds it, to be read a stretch at a time: [`crate::session::Host::file`].
    #[serde(default)]
    pub held: bool,
}

/// What gives the next token's probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The model in memory.
    Model,
    /// The pairs counted in the training text: the next token is drawn in proportion.
    Counts,
}

/// What a preparation is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Counting words for a vocabulary.
    Counting,
    /// Byte-pair encoding learns merges.
    Merging,
    /// Text becomes tokens.
    Encoding,
}

/// Where a model's weights come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Drawn by the seed.
    Fresh,
    /// A file.
    Imported,
    /// The model that was in memory before.
    FineTuned,
    /// A saved session.
    Resumed,
}

/// Losses of the count models on the validation tokens, nats a token, with add-k smoothing; None where that is infinite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Baselines {
    /// By the tokens' frequencies alone.
    pub unigram: Option<f64>,
    /// By the frequencies after the token before.
    pub bigram: Option<f64>,
}

/// The count models of a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountDescription {
    /// Their validation losses.
    pub baselines: Baselines,
    /// What was added to every count.
    pub add_k: f64,
    /// Entropy of the training tokens, nats a token.
    pub entropy: f64,
    /// Entropy of the next token given the one before: no bigram model has a lower training loss.
    pub conditional_entropy: f64,
    /// Different pairs.
    pub pairs: usize,
}

/// A text by one kind of tokenizer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TokenizerLook {
    /// The kind.
    pub kind: TokenizerKind,
    /// Tokens in its vocabulary.
    pub vocab: usize,
    /// Ids of the text's tokens.
    pub ids: Vec<u32>,
    /// Their texts.
    pub tokens: Vec<String>,
    /// Characters or words of the text that it has no token for: left out, or `<unk>`.
    pub unknown: usize,
    /// Whether decoding gives back every text of tokens that it knows.
    pub lossless: bool,
}

/// A pair of tokens in the training text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transition {
    /// The first token, as text.
    pub previous: String,
    /// The second.
    pub next: String,
    /// How often.
    pub count: u32,
    /// Share of all that followed the first.
    pub probability: f64,
}

/// A drawn token, and what else could have been.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampledToken {
    /// Its id.
    pub id: u32,
    /// As text.
    pub text: String,
    /// With which probability it was drawn.
    pub probability: f32,
    /// The likeliest ones, descending.
    pub candidates: Vec<CandidateToken>,
}

/// A token that could have been drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateToken {
    /// Its id.
    pub id: u32,
    /// As text.
    pub text: String,
    /// Its probability after temperature, penalty, top-k and top-p.
    pub probability: f32,
}

/// A parameter's weights and gradient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TensorLook {
    /// Dotted path.
    pub name: String,
    /// Outermost first.
    pub shape: Vec<usize>,
    /// Its weights.
    pub weights: Spread,
    /// Its gradient at the last step, before clipping; None before the first.
    pub gradient: Option<Spread>,
}

/// A token near another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbour {
    /// Its id.
    pub id: u32,
    /// As text.
    pub text: String,
    /// Cosine of the angle between the embeddings.
    pub cosine: f32,
}

/// The best checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Its step.
    pub step: u32,
    /// Its validation loss, nats a token.
    pub loss: f32,
}

/// Held-out problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Answered exactly, greedily.
    pub exact: u32,
    /// Asked.
    pub of: u32,
}

/// The text in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextDescription {
    /// Unicode scalar values, before cleaning.
    pub characters: usize,
    /// Unicode scalar values, after it.
    pub cleaned_characters: usize,
    /// What cleaning changed; one entry an option that is on.
    pub changes: Vec<Change>,
    /// Tokens, by the text's own tokenizer.
    pub tokens: usize,
    /// Different tokens in the vocabulary.
    pub vocab: usize,
    /// The tokenizer that they are by.
    pub tokenizer: TokenizerConfig,
    /// Whether decoding gives back this text, and every other whose tokens are in the vocabulary.
    pub lossless: bool,
    /// Tokens to train on.
    pub training_tokens: usize,
    /// Tokens held out.
    pub validation_tokens: usize,
    /// Documents or lines to train on, and held out, where they are kept whole.
    pub documents: Option<[usize; 2]>,
    /// Words of the text that became `<unk>`.
    pub unknown_tokens: usize,
    /// The vocabulary in order, as text.
    pub vocabulary: Vec<String>,
    /// How often each of its tokens stands in the training part, by id.
    pub frequencies: Vec<u32>,
    /// Ids of the training text's first tokens, at most 1,000.
    pub beginning: Vec<u32>,
    /// Count models of the training tokens.
    pub counts: CountDescription,
    /// Whether lines are problems with one right answer, which is then scored.
    pub task: bool,
    /// Whether the model in memory can train on it; None without a model.
    pub fits_model: Option<bool>,
    /// Characters or words of the text that the model in memory lacks, in quotes, at most 20.
    pub unknown_to_model: Vec<String>,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    pub training: Vec<TrainingRecord>,
    /// New points, one a validation.
    pub validation: Vec<ValidationPoint>,
    /// Tokens trained on per second, lately.
    pub tokens_per_second: f64,
    /// Seconds until the last step at this pace.
    pub seconds_left: f64,
    /// Natural logarithm of the vocabulary: the loss of knowing nothing.
    pub uniform_loss: f32,
    /// Lowest validation loss so far.
    pub best: Option<Best>,
    /// Passes over the training text so far.
    pub epochs: f64,
}

/// One training step in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrainingRecord {
    /// Counted from 1.
    pub step: u32,
    /// Mean cross-entropy of the step's batch before the update, nats a token.
    pub loss: f32,
    /// e to that loss.
    pub perplexity: f32,
    /// The loss in bits a character, at the validation text's characters a token.
    pub bits_per_character: f32,
    /// Global norm of the gradient, before clipping.
    pub gradient_norm: f32,
    /// Learning rate of the update.
    pub learning_rate: f32,
    /// Tokens trained on so far.
    pub tokens_seen: f64,
}

/// One validation in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValidationPoint {
    /// Step of the weights.
    pub step: u32,
    /// Mean cross-entropy over the validation batches, nats a token.
    pub loss: f32,
    /// e to that loss: between so many tokens the model hesitates.
    pub perplexity: f32,
    /// The loss in bits a character of the validation text, which does not depend on the tokenizer.
    pub bits_per_character: f32,
    /// Tokens trained on so far.
    pub tokens_seen: f64,
    /// Exact answers to held-out problems, where the text has such.
    pub score: Option<Score>,
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

/// How fast one configuration writes greedily, from one token to the end of its context or of the time that was given.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecodingRow {
    /// Preset's key.
    pub preset: String,
    /// Milliseconds a token that takes up where the one before it left its keys and values.
    pub milliseconds: f64,
    /// The same in tokens per second.
    pub tokens_per_second: f64,
    /// Milliseconds a token that is a pass over all before it.
    pub full_pass: f64,
}

/// What a model would come to as a file.
#[derive(Clone, Debug, Serialize)]
pub struct ExportSize {
    /// Which kind of file.
    pub format: Format,
    /// What its name ends with.
    pub extension: &'static str,
    /// Bytes, where the format has a place for the model.
    pub bytes: Option<u64>,
    /// Of the zip: the class of transformers that loads it. Without one it holds a PyTorch module.
    pub class: Option<&'static str>,
    /// Why the format has no place for the model, or why no class computes it.
    pub reason: Option<Unfit>,
}

/// Why a model is not a file of a format.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum Unfit {
    /// No class of transformers computes it.
    NoClass(NoClass),
    /// The format has no place for it.
    #[serde(untagged)]
    File(FileError),
}

/// Who computes on the CPU.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Workers {
    /// So many, the session's own included.
    pub workers: u32,
    /// As many as there can be.
    pub most: u32,
    /// Why it is one.
    pub lack: Option<Lack>,
}
