//! The state machine between protocol and trainer: (state, command) → work and events. It knows no browser and no clock:
//! a [`Host`] gives it both.
//!
//! A host calls [`Session::handle`] for every command and [`Session::work`] while [`Session::busy`]; each call of `work` is
//! a slice of some tens of milliseconds, so that commands are answered in between.

mod checkpoints;
mod comparison;
mod corpus;
mod evaluation;
mod inspection;
mod models;
mod moving;
mod preparation;
mod problems;
mod sampling;
mod saving;
mod training;
mod workers;

use crate::benchmark;
use crate::config::{Checked, Config, DataConfig, TokenizerConfig, Windows, fields, presets};
use crate::dataset::{DatasetError, Split};
use crate::device::{Device, Executor, Fence};
use crate::gpu::{AdapterDescription, GpuError};
use crate::inference::Inference;
use crate::parameters::{ModelError, Parameters};
use crate::protocol::{Command, Event, NamedFile, Problem, ProblemKind, SessionProblem, State};
use crate::protocol::{TrainingRecord, ValidationPoint};
use crate::recipes::recipes;
use crate::replay::replay;
use crate::texts;
use crate::tokenizer::{self, Tokenizer};
use crate::trainer::{self, Trainer, TrainingPoint};
use crate::weights::{History, Source};
use checkpoints::Checkpoints;
use comparison::Comparison;
use corpus::{Corpus, Text};
use evaluation::{Course, Evaluation};
use preparation::{Preparation, Then};
use problems::{from_benchmark, from_config, from_dataset, from_replay, from_tokenizer, no_model, no_text, refused};
use sampling::{Sampling, encode_prompt};
use std::collections::VecDeque;
use std::rc::Rc;
use training::Pace;

pub use problems::no_gpu;

/// GPU time that one slice of work aims at, milliseconds: the tab stays alive, commands are answered.
const SLICE: f64 = 50.0;

/// What a session needs of the world.
pub trait Host {
    /// Carries an event away.
    fn emit(&mut self, event: Event);
    /// Milliseconds since some fixed moment.
    fn now(&self) -> f64;
    /// Opens what a session is to compute on.
    fn open(&self, on: Executor) -> impl Future<Output = Result<Device, GpuError>>;
    /// A file that a command names and the host holds.
    fn file(&self, _name: &str) -> Option<Rc<dyn Source>> {
        None
    }
}

/// The model in memory: what holds its weights, what trains them, what answers with them.
struct LiveModel {
    parameters: Parameters,
    trainer: Trainer,
    inference: Inference,
}

impl LiveModel {
    fn new((parameters, trainer): (Parameters, Trainer)) -> Self {
        Self { parameters, trainer, inference: Inference::default() }
    }

    /// What only training needs is made when it begins.
    fn untrained(parameters: Parameters) -> Self {
        let trainer = Trainer::new(&parameters);
        Self::new((parameters, trainer))
    }

    /// Cuts whatever the GPU is given into so many submits.
    fn set_submits(&mut self, submits: usize) {
        self.trainer.set_submits(submits);
        self.inference.set_submits(submits);
    }
}

struct Run {
    config: Config,
    model: LiveModel,
    tokenizer: Tokenizer,
    /// The text that it trains on; None where there was none that fits.
    corpus: Option<Rc<Corpus>>,
    steps_per_epoch: Option<u32>,
    tokens_per_step: f64,
    course: Course,
    history: History,
    /// Training points not reported yet.
    points: Vec<TrainingRecord>,
    validations: Vec<ValidationPoint>,
    /// Fences of slices in flight: at most two, so that the GPU never waits for us.
    in_flight: VecDeque<(Fence, u32)>,
    pace: Pace,
    evaluated_at: Option<u32>,
    sampled_at: Option<u32>,
    /// Weights of earlier steps.
    checkpoints: Checkpoints,
    /// Whether it was saved while it trained, and has not gone on since.
    resumed: bool,
}

impl Run {
    /// Goes on with this text from now on.
    fn install(&mut self, corpus: Rc<Corpus>) {
        let checked = self.model.parameters.checked();
        let (t, context) = (&checked.training, checked.architecture.context);
        let windows = t.batch * t.accumulation as usize;
        self.steps_per_epoch = corpus.dataset.steps_per_epoch(windows, context).ok();
        self.tokens_per_step = tokens_per_step(checked, &self.config.data, &corpus);
        self.corpus = Some(corpus);
    }

    /// A loss in nats a token, in bits a character.
    fn bits_per_character(&self, loss: f32) -> f32 {
        let characters = self.corpus.as_ref().map_or(1.0, |corpus| corpus.characters_per_token);
        (f64::from(loss) / std::f64::consts::LN_2 / characters) as f32
    }

    fn tokens_seen(&self, step: u32) -> f64 {
        f64::from(step) * self.tokens_per_step
    }

    fn record(&self, point: &TrainingPoint) -> TrainingRecord {
        let &TrainingPoint { step, loss, gradient_norm, learning_rate } = point;
        TrainingRecord {
            step,
            loss,
            perplexity: loss.exp(),
            bits_per_character: self.bits_per_character(loss),
            gradient_norm,
            learning_rate,
            tokens_seen: self.tokens_seen(step),
        }
    }
}

/// Tokens that a step trains on, on average.
fn tokens_per_step(checked: &Checked, data: &DataConfig, corpus: &Corpus) -> f64 {
    let (t, context) = (&checked.training, checked.architecture.context);
    if data.windows != Windows::Prefixes {
        return (t.batch * context) as f64 * f64::from(t.accumulation);
    }
    let lengths = prefix_lengths(corpus, Split::Training, context);
    f64::from(t.accumulation) * lengths.iter().sum::<usize>() as f64 / lengths.len().max(1) as f64
}

/// Lengths of all prefixes of a split's documents.
fn prefix_lengths(corpus: &Corpus, split: Split, context: usize) -> Vec<usize> {
    corpus.dataset.documents(split).flat_map(|d| (1..d.len()).map(move |length| length.min(context))).collect()
}

/// How a session introduces itself.
fn ready(adapter: AdapterDescription) -> Event {
    Event::Ready {
        version: env!("CARGO_PKG_VERSION"),
        adapter,
        fields: fields(),
        presets: presets(),
        texts: texts::built_in(),
        recipes: recipes(),
    }
}

/// All that a playground holds in memory.
pub struct Session {
    device: Device,
    /// How many are to compute on the CPU, where that was said.
    workers: Option<usize>,
    /// How texts become tokens, as last asked.
    tokenizer: TokenizerConfig,
    data: DataConfig,
    /// The tokenizer of kind `file`.
    file_tokenizer: Option<Tokenizer>,
    text: Option<Text>,
    /// The text that is to take its place.
    preparation: Option<Preparation>,
    run: Option<Run>,
    state: State,
    /// Pause when the step counter reaches this.
    until: u32,
    /// Pause as soon as what the CPU was handed is done.
    pausing: bool,
    evaluation: Option<Evaluation>,
    sampling: Option<Sampling>,
    /// The sample that is due during training.
    due: Option<Sampling>,
    /// A text on its way through every kind of tokenizer.
    comparison: Comparison,
}

impl Session {
    /// Opens a session where that was chosen, or else on what suits this machine best.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`], [`GpuError::NoDevice`] where the host has nothing at all to compute on.
    pub async fn open(chosen: Option<Executor>, host: &mut impl Host) -> Result<Self, GpuError> {
        let device = moving::choose(chosen, host).await?;
        Ok(Self::new(device, host))
    }

    /// Opens a session on a device and introduces it.
    pub fn new(device: Device, host: &mut impl Host) -> Self {
        host.emit(ready(device.description().clone()));
        let session = Self {
            device,
            workers: None,
            tokenizer: TokenizerConfig::default(),
            data: DataConfig::default(),
            file_tokenizer: None,
            text: None,
            preparation: None,
            run: None,
            state: State::Empty,
            until: 0,
            pausing: false,
            evaluation: None,
            sampling: None,
            due: None,
            comparison: Comparison::default(),
        };
        session.say_workers(host);
        session
    }

    /// Whether [`Session::work`] has something to do.
    pub fn busy(&self) -> bool {
        self.state == State::Training
            || self.preparation.is_some()
            || self.evaluation.is_some()
            || self.sampling.is_some()
            || self.comparison.is_under_way()
    }

    /// Carries out a command. What fails is answered with [`Event::Failed`] and changes nothing.
    pub async fn handle(&mut self, command: Command, host: &mut impl Host) {
        let request = command.request();
        if let Err(problem) = self.try_handle(command, host).await {
            host.emit(Event::Failed(Problem { request, ..problem }));
        }
    }

    async fn try_handle(&mut self, command: Command, host: &mut impl Host) -> Result<(), Problem> {
        match command {
            Command::SetText { text } => self.set_text(text, None, host).await,
            Command::SetTextBytes { name, bytes } => {
                let text = tokenizer::decode_file(&name, &bytes).map_err(from_tokenizer)?;
                let decoded = Event::TextDecoded { name, text: text.clone() };
                self.set_text(text, Some(decoded), host).await
            }
            Command::SetBuiltIn { key, seed } => self.set_built_in(&key, seed, host).await,
            Command::Prepare { tokenizer, data } => self.prepare_anew(tokenizer, data, host).await,
            Command::SetTokenizer { files } => self.set_tokenizer(&files, host),
            Command::CancelPreparation => {
                if self.preparation.take().is_some() {
                    host.emit(Event::PreparationCancelled);
                }
                Ok(())
            }
            Command::Estimate { config } => {
                let (estimate, problem) = match self.check(&config).and_then(|(_, checked)| self.estimate(&checked)) {
                    Ok(estimate) => (Some(estimate), None),
                    Err(problem) => (None, Some(problem)),
                };
                host.emit(Event::Estimated { estimate, problem });
                Ok(())
            }
            Command::Reset { config } => {
                // What can be told at once is, before a tokenizer is trained for it.
                self.check(&config)?;
                if self.prepared_for(&config, Then::Reset)? {
                    return self.build(&config, host).await;
                }
                self.preparation_slice(host).await
            }
            Command::FineTune { config } => {
                let run = self.run.as_ref().ok_or_else(no_model)?;
                // The model's tokenizer stays: the text's own is not asked for another.
                let tokenizer = self.text.as_ref().map_or(run.config.tokenizer.clone(), |text| text.config.clone());
                let config = Config { tokenizer, ..config };
                if self.prepared_for(&config, Then::FineTune)? {
                    return self.fine_tune_now(&config, host).await;
                }
                self.preparation_slice(host).await
            }
            Command::Resume { name, bytes } => self.resume(&name, &bytes, host).await,
            Command::SetWorkers { workers } => {
                self.set_workers(workers as usize, host);
                Ok(())
            }
            Command::Pause => self.pause(host).await,
            Command::StopSampling => {
                self.stop_sampling(host);
                Ok(())
            }
            // What follows stands on the text or the model that is under way.
            command => {
                self.finish_preparation(host).await?;
                self.try_handle_prepared(command, host).await
            }
        }
    }

    async fn try_handle_prepared(&mut self, command: Command, host: &mut impl Host) -> Result<(), Problem> {
        match command {
            Command::Train => self.train(None, host).await,
            Command::Step => self.train(Some(1), host).await,
            Command::RestoreBest => self.restore_best(host).await,
            Command::ComputeOn { executor } => self.compute_on(executor, host).await,
            Command::Evaluate => {
                self.check_trainable(Split::Validation)?;
                self.run.as_mut().ok_or_else(no_model)?.prepare(&self.device).await?;
                self.evaluation = Some(Evaluation::new(true, host.now()));
                Ok(())
            }
            Command::Sample { request, source, sampling, off } => self.sample(request, source, &sampling, off, host),
            Command::CountTransitions { request, text } => self.count_transitions(request, &text, host),
            Command::CompareTokenizers { request, text } => self.compare_tokenizers(request, text),
            Command::Attention { request, prompt, layer, head, at } => {
                self.attention(request, &prompt, (layer, head), at, host).await
            }
            Command::LookAtHeads { request, prompt, size, at } => {
                self.look_at_heads(request, &prompt, size, at, host).await
            }
            Command::Predict { request, prompt, off, at } => self.predict(request, &prompt, &off, at, host).await,
            Command::LookThroughLens { request, prompt, guesses, at } => {
                self.look_through_lens(request, &prompt, guesses as usize, at, host).await
            }
            Command::SwitchOff { request, off, at } => self.switch_off(request, &off, at, host).await,
            Command::LookAtTensors { request, at } => self.look_at_tensors(request, at, host).await,
            Command::ProjectEmbeddings { request, tokens, at } => {
                self.project_embeddings(request, tokens as usize, at, host).await
            }
            Command::FindNeighbours { request, token, at } => self.find_neighbours(request, token, at, host).await,
            Command::Save => self.save(host).await,
            Command::Export { format, about } => self.export(format, &about, host).await,
            Command::MeasureExports { about } => self.measure_exports(&about, host),
            Command::Import { name, bytes } => self.import(vec![NamedFile { name, bytes, held: false }], host).await,
            Command::ImportFiles { files } => self.import(files, host).await,
            Command::Replay { config, weights, batches } => {
                let replayed = replay(&self.device, &config, &weights, &batches, &|| host.now()).await;
                host.emit(Event::Replayed { bytes: replayed.map_err(from_replay)?.into() });
                Ok(())
            }
            Command::Benchmark { presets, seconds } => {
                if self.busy() {
                    return Err(refused(SessionProblem::Busy));
                }
                let event = benchmark::run(&self.device, &presets, seconds, &|| host.now()).await;
                host.emit(event.map_err(from_benchmark)?);
                Ok(())
            }
            // Handled before; named, so that none is ever forgotten in both places.
            Command::SetText { .. }
            | Command::SetTextBytes { .. }
            | Command::SetBuiltIn { .. }
            | Command::Prepare { .. }
            | Command::SetTokenizer { .. }
            | Command::CancelPreparation
            | Command::Estimate { .. }
            | Command::Reset { .. }
            | Command::FineTune { .. }
            | Command::Resume { .. }
            | Command::SetWorkers { .. }
            | Command::Pause
            | Command::StopSampling => Ok(()),
        }
    }

    fn set_state(&mut self, state: State, host: &mut impl Host) {
        self.pausing = false;
        if self.state != state {
            self.state = state;
            host.emit(Event::StateChanged { state });
        }
    }

    async fn set_text(&mut self, text: String, decoded: Option<Event>, host: &mut impl Host) -> Result<(), Problem> {
        // Settings that are still under way were asked for later than those that are done.
        let (tokenizer, data) = match &self.preparation {
            Some(preparation) => preparation.settings(),
            None => (self.tokenizer.clone(), self.data.clone()),
        };
        self.prepare(text.into(), tokenizer, data, decoded, None)?;
        self.preparation_slice(host).await
    }

    async fn set_built_in(&mut self, key: &str, seed: u32, host: &mut impl Host) -> Result<(), Problem> {
        let built_in = texts::built_in();
        let known = built_in.iter().find(|text| text.key == key).zip(texts::make(key, seed));
        let Some((built_in, text)) = known else {
            let known = built_in.iter().map(|text| text.key).collect();
            return Err(refused(SessionProblem::NoSuchText { key: key.to_owned(), known }));
        };
        let decoded = Event::TextDecoded { name: built_in.label.to_owned(), text: text.clone() };
        self.set_text(text, Some(decoded), host).await
    }

    async fn prepare_anew(
        &mut self,
        tokenizer: TokenizerConfig,
        data: DataConfig,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let raw = match (&self.preparation, &self.text) {
            (Some(preparation), _) => preparation.raw(),
            (None, Some(text)) => text.raw.clone(),
            (None, None) => {
                crate::config::check_preparation(&tokenizer, &data).map_err(from_config)?;
                (self.tokenizer, self.data) = (tokenizer, data);
                return Ok(());
            }
        };
        let decoded = self.preparation.as_mut().and_then(Preparation::take_decoded);
        self.prepare(raw, tokenizer, data, decoded, None)?;
        self.preparation_slice(host).await
    }

    /// A configuration with its vocabulary, and what follows from it.
    fn check(&self, config: &Config) -> Result<(Config, Checked), Problem> {
        let mut config = config.clone();
        let (t, context) = (&config.training, config.model.context);
        let windows = t.batch.saturating_mul(t.accumulation as usize);
        // Without a text the estimate stands for printable ASCII; with one by another tokenizer, for what was asked.
        let mut epoch = None;
        config.model.vocab = match &self.text {
            Some(text) if text.is_by(&config.tokenizer) => {
                let known = (text.data == config.data).then_some(&text.corpus.dataset);
                epoch = known.and_then(|dataset| dataset.steps_per_epoch(windows, context).ok());
                text.tokenizer.vocab()
            }
            _ => config.tokenizer.expected_vocab().unwrap_or(96.max(config.sampling.top_k as usize)),
        };
        let checked = config.check_on(epoch).map_err(from_config)?;
        Ok((config, checked))
    }

    /// What a configuration costs, whether this adapter has it or not.
    fn cost(&self, checked: &Checked) -> Result<trainer::Estimate, Problem> {
        trainer::estimate(&self.device, checked)
            .map_err(|error| Problem::new(ProblemKind::Configuration, ModelError::Tape(error)))
    }

    fn estimate(&self, checked: &Checked) -> Result<trainer::Estimate, Problem> {
        let estimate = self.cost(checked)?;
        let room = self.device.check_room(&estimate.memory());
        room.map_err(|error| Problem::new(ProblemKind::Configuration, error))?;
        Ok(estimate)
    }

    /// Whether the run has windows of a split to work on.
    fn check_trainable(&self, split: Split) -> Result<(), Problem> {
        let run = self.run.as_ref().ok_or_else(no_model)?;
        let Some(corpus) = &run.corpus else { return Err(self.unfit()) };
        check_windows(corpus, split, run.model.parameters.checked()).map_err(from_dataset)
    }

    /// Why the model in memory cannot train on the text in memory.
    fn unfit(&self) -> Problem {
        let unknown =
            self.run.as_ref().zip(self.text.as_ref()).map(|(run, text)| run.tokenizer.unknown_in(&text.cleaned));
        match unknown {
            Some(unknown) => Problem::new(ProblemKind::Text, SessionProblem::UnknownToModel(unknown)),
            None => no_text(),
        }
    }

    async fn train(&mut self, steps: Option<u32>, host: &mut impl Host) -> Result<(), Problem> {
        self.check_trainable(Split::Training)?;
        let Some(run) = self.run.as_mut() else { return Err(no_model()) };
        let (step, last) = (run.model.parameters.step(), run.model.parameters.checked().training.steps);
        if step >= last && steps.is_none() {
            return Err(refused(SessionProblem::StepsDone { steps: last }));
        }
        run.prepare(&self.device).await?;
        self.until = steps.map_or(last, |n| step + n);
        // A run that was saved while it trained has not stopped in between.
        if !std::mem::take(&mut run.resumed) {
            run.course.go_on();
        }
        run.pace.mark = host.now();
        self.set_state(State::Training, host);
        Ok(())
    }

    async fn pause(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        if self.state != State::Training {
            return Ok(());
        }
        // A step of a large model takes seconds on the CPU: whoever asks for something meanwhile is answered.
        if !self.device.is_idle() {
            self.pausing = true;
            return Ok(());
        }
        self.report(host).await?;
        self.set_state(State::Paused, host);
        Ok(())
    }

    /// One slice of whatever is to be done.
    pub async fn work(&mut self, host: &mut impl Host) {
        let done = self.try_work(host).await;
        self.say_losses(host);
        if let Err(problem) = done {
            (self.evaluation, self.due) = (None, None);
            self.stop_sampling(host);
            if self.state == State::Training {
                self.set_state(State::Paused, host);
            }
            host.emit(Event::Failed(problem));
        }
    }

    async fn try_work(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        if self.pausing && self.device.is_idle() {
            self.pause(host).await?;
        }
        if self.preparation.is_some() {
            self.preparation_slice(host).await?;
        }
        if self.comparison.is_under_way() {
            self.comparison_slice(host)?;
        }
        if self.sampling.is_some() {
            self.sample_slice(host).await?;
        } else if self.due.is_some() && self.state == State::Training {
            return self.sample_slice(host).await;
        }
        if self.evaluation.is_some() {
            return self.evaluation_slice(host).await;
        }
        if self.state == State::Training {
            return self.training_slice(host).await;
        }
        Ok(())
    }
}

fn check_windows(corpus: &Corpus, split: Split, checked: &Checked) -> Result<(), DatasetError> {
    let (batch, context) = (checked.training.batch, checked.architecture.context);
    corpus.dataset.check(split, batch, context)
}
