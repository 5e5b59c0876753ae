//! The state machine between protocol and trainer: (state, command) → work and events. It knows no browser and no clock:
//! a [`Host`] gives it both.
//!
//! A host calls [`Session::handle`] for every command and [`Session::work`] while [`Session::busy`]; each call of `work` is
//! a slice of some tens of milliseconds, so that commands are answered in between.

mod problems;
mod training;

use crate::benchmark;
use crate::config::{Checked, Config, fields, presets};
use crate::dataset::{Dataset, Split};
use crate::gpu::{Fence, Gpu};
use crate::protocol::{Command, Event, Problem, ProblemKind, State, TextDescription, ValidationPoint};
use crate::replay::replay;
use crate::sampler::Sampler;
use crate::tokenizer::{self, Tokenizer};
use crate::trainer::{self, Trainer, TrainingPoint};
use crate::weights::{self, History, ModelFile};
use problems::{from_dataset, from_file, from_replay, from_trainer, no_model, no_text, problem};
use std::collections::VecDeque;

use training::{Evaluation, Pace};

pub use problems::no_gpu;

/// GPU time that one slice of work aims at, milliseconds: the tab stays alive, commands are answered.
const SLICE: f64 = 50.0;

/// What a session needs of the world.
pub trait Host {
    /// Carries an event away.
    fn emit(&mut self, event: Event);
    /// Milliseconds since some fixed moment.
    fn now(&self) -> f64;
}

struct Text {
    characters: usize,
    tokenizer: Tokenizer,
    text: String,
}

struct Run {
    config: Config,
    trainer: Trainer,
    tokenizer: Tokenizer,
    dataset: Option<Dataset>,
    history: History,
    /// Training points not reported yet.
    points: Vec<TrainingPoint>,
    validations: Vec<ValidationPoint>,
    /// Fences of slices in flight: at most two, so that the GPU never waits for us.
    in_flight: VecDeque<(Fence, u32)>,
    pace: Pace,
    evaluated_at: Option<u32>,
}

struct Sampling {
    request: u32,
    tokens: Vec<u32>,
    left: u32,
    sampler: Sampler,
}

/// All that a playground holds in memory.
pub struct Session {
    gpu: Gpu,
    text: Option<Text>,
    run: Option<Run>,
    state: State,
    /// Pause when the step counter reaches this.
    until: u32,
    evaluation: Option<Evaluation>,
    sampling: Option<Sampling>,
}

impl Session {
    /// Opens a session on a GPU and introduces it.
    pub fn new(gpu: Gpu, host: &mut impl Host) -> Self {
        host.emit(Event::Ready {
            version: env!("CARGO_PKG_VERSION"),
            adapter: gpu.description().clone(),
            fields: fields(),
            presets: presets(),
        });
        Self { gpu, text: None, run: None, state: State::Empty, until: 0, evaluation: None, sampling: None }
    }

    /// Whether [`Session::work`] has something to do.
    pub fn busy(&self) -> bool {
        self.state == State::Training || self.evaluation.is_some() || self.sampling.is_some()
    }

    /// Carries out a command. What fails is answered with [`Event::Failed`] and changes nothing.
    pub async fn handle(&mut self, command: Command, host: &mut impl Host) {
        let request = match &command {
            Command::Sample { request, .. } | Command::Attention { request, .. } => Some(*request),
            _ => None,
        };
        if let Err(problem) = self.try_handle(command, host).await {
            host.emit(Event::Failed(Problem { request, ..problem }));
        }
    }

    async fn try_handle(&mut self, command: Command, host: &mut impl Host) -> Result<(), Problem> {
        match command {
            Command::SetText { text } => self.set_text(text, None, host),
            Command::SetTextBytes { name, bytes } => {
                let text = tokenizer::decode_file(&name, &bytes)
                    .map_err(|e| problem(ProblemKind::Text, e, "Choose a plain text file, saved as UTF-8."))?;
                let decoded = Event::TextDecoded { name, text: text.clone() };
                self.set_text(text, Some(decoded), host)
            }
            Command::Estimate { config } => {
                let (estimate, problem) = match self.check(&config).and_then(|(_, checked)| self.estimate(&checked)) {
                    Ok(estimate) => (Some(estimate), None),
                    Err(problem) => (None, Some(problem)),
                };
                host.emit(Event::Estimated { estimate, problem });
                Ok(())
            }
            Command::Reset { config } => self.reset(&config, host).await,
            Command::Train => self.train(None, host),
            Command::Step => self.train(Some(1), host),
            Command::Pause => self.pause(host).await,
            Command::Evaluate => {
                self.check_trainable(Split::Validation)?;
                self.evaluation = Some(Evaluation { next: 0, sum: 0.0, asked: true, began: host.now() });
                Ok(())
            }
            Command::Sample { request, prompt, tokens, temperature, top_k, seed } => {
                let run = self.run.as_ref().ok_or_else(no_model)?;
                let prompt = encode_prompt(&run.tokenizer, &prompt)?;
                let sampler = Sampler::new(temperature, top_k, seed)
                    .map_err(|e| problem(ProblemKind::Prompt, e, "Set the temperature to 0 or above."))?;
                self.stop_sampling(host);
                self.sampling = Some(Sampling { request, tokens: prompt, left: tokens, sampler });
                Ok(())
            }
            Command::StopSampling => {
                self.stop_sampling(host);
                Ok(())
            }
            Command::Attention { request, prompt, layer, head } => {
                self.attention(request, &prompt, layer, head, host).await
            }
            Command::Export => self.export(host).await,
            Command::Import { name, bytes } => self.import(&name, &bytes, host).await,
            Command::Replay { config, weights, batches } => {
                let bytes = replay(&self.gpu, &config, &weights, &batches).await.map_err(from_replay)?;
                host.emit(Event::Replayed { bytes: bytes.into() });
                Ok(())
            }
            Command::Benchmark { presets, seconds } => {
                if self.busy() {
                    return Err(problem(ProblemKind::Command, "the GPU is busy", "Pause training and sampling first."));
                }
                let known: Vec<&str> = crate::config::presets().iter().map(|p| p.key).collect();
                if let Some(unknown) = presets.iter().find(|key| !known.contains(&key.as_str())) {
                    let advice = format!("Choose among {}.", known.join(", "));
                    return Err(problem(ProblemKind::Command, format!("there is no preset {unknown}"), &advice));
                }
                let event = benchmark::run(&self.gpu, &presets, seconds, &|| host.now()).await;
                host.emit(event.map_err(from_trainer)?);
                Ok(())
            }
        }
    }

    fn set_state(&mut self, state: State, host: &mut impl Host) {
        if self.state != state {
            self.state = state;
            host.emit(Event::StateChanged { state });
        }
    }

    fn set_text(&mut self, text: String, decoded: Option<Event>, host: &mut impl Host) -> Result<(), Problem> {
        let tokenizer = Tokenizer::of_text(&text).map_err(|e| {
            problem(ProblemKind::Text, e, "Paste some text or drop a file; some pages of prose are enough to begin.")
        })?;
        if let Some(decoded) = decoded {
            host.emit(decoded);
        }
        let characters = text.chars().count();
        let mut unknown = Vec::new();
        // A model in memory goes on with the new text where it knows all its characters. Its steps so far keep their text.
        let fits = self.run.as_mut().map(|run| match run.tokenizer.encode(&text) {
            Ok(tokens) => {
                run.dataset = Some(Dataset::new(tokens));
                run.history.text_characters = characters;
                true
            }
            Err(tokenizer::TokenizerError::UnknownCharacters { characters, .. }) => {
                unknown = characters;
                false
            }
            Err(_) => false,
        });
        let sizes = Dataset::sizes(characters);
        host.emit(Event::TextSet(TextDescription {
            characters,
            tokens: characters,
            vocab: tokenizer.vocab(),
            training_tokens: sizes.0,
            validation_tokens: sizes.1,
            vocabulary: tokenizer.vocabulary(),
            fits_model: fits,
            unknown_to_model: unknown,
        }));
        self.text = Some(Text { characters, tokenizer, text });
        Ok(())
    }

    fn check(&self, config: &Config) -> Result<(Config, Checked), Problem> {
        let mut config = config.clone();
        // Without a text the estimate stands for printable ASCII.
        config.model.vocab = self.text.as_ref().map_or(96, |text| text.tokenizer.vocab());
        let checked = config.check().map_err(|e| {
            problem(ProblemKind::Configuration, e, "Change that setting; the model in memory is untouched.")
        })?;
        Ok((config, checked))
    }

    fn estimate(&self, checked: &Checked) -> Result<trainer::Estimate, Problem> {
        let estimate = trainer::estimate(checked, self.gpu.body()).map_err(|e| {
            problem(ProblemKind::Configuration, e, "This combination cannot be trained: change one of its parts.")
        })?;
        let (binding, buffer) = (estimate.largest_binding_bytes, estimate.largest_buffer_bytes);
        self.gpu.description().check(&estimate.largest_name, binding, buffer).map_err(|e| {
            problem(
                ProblemKind::Configuration,
                e,
                "Choose a smaller model, batch or context, or a browser on a larger GPU.",
            )
        })?;
        Ok(estimate)
    }

    async fn reset(&mut self, config: &Config, host: &mut impl Host) -> Result<(), Problem> {
        let text = self.text.as_ref().ok_or_else(no_text)?;
        let (config, checked) = self.check(config)?;
        let estimate = self.estimate(&checked)?;
        let tokens =
            text.tokenizer.encode(&text.text).map_err(|e| problem(ProblemKind::Text, e, "Set the text again."))?;
        let dataset = Dataset::new(tokens);
        check_windows(&dataset, Split::Training, checked.architecture.context)?;
        let (tokenizer, text_characters) = (text.tokenizer.clone(), text.characters);
        let trainer = Trainer::new(&self.gpu, &checked).await.map_err(from_trainer)?;
        let history = History { text_characters, ..Default::default() };
        self.install(config, trainer, tokenizer, Some(dataset), history, estimate, false, host);
        if let Err(warning) = self.check_trainable(Split::Validation) {
            host.emit(Event::Failed(Problem {
                message: format!("{}: no validation loss will be drawn", warning.message),
                ..warning
            }));
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)] // the parts of a Run, each once
    fn install(
        &mut self,
        config: Config,
        trainer: Trainer,
        tokenizer: Tokenizer,
        dataset: Option<Dataset>,
        history: History,
        estimate: trainer::Estimate,
        imported: bool,
        host: &mut impl Host,
    ) {
        self.stop_sampling(host);
        self.evaluation = None;
        let step = trainer.step();
        let fits_text = dataset.is_some();
        self.run = Some(Run {
            config: config.clone(),
            trainer,
            tokenizer,
            dataset,
            history,
            points: Vec::new(),
            validations: Vec::new(),
            in_flight: VecDeque::new(),
            pace: Pace::default(),
            evaluated_at: None,
        });
        self.state = State::Paused;
        host.emit(Event::ModelBuilt { config, estimate, step, imported, fits_text });
        host.emit(Event::StateChanged { state: State::Paused });
    }

    /// Whether the run has windows of a split to work on.
    fn check_trainable(&self, split: Split) -> Result<(), Problem> {
        let run = self.run.as_ref().ok_or_else(no_model)?;
        let Some(dataset) = &run.dataset else {
            let unknown = self.text.as_ref().and_then(|text| run.tokenizer.encode(&text.text).err());
            return Err(match unknown {
                Some(error) => problem(
                    ProblemKind::Text,
                    error,
                    "Reset for a fresh model with this text's vocabulary, or give the text that the model knows.",
                ),
                None => no_text(),
            });
        };
        check_windows(dataset, split, run.trainer.checked().architecture.context)
    }

    fn train(&mut self, steps: Option<u32>, host: &mut impl Host) -> Result<(), Problem> {
        self.check_trainable(Split::Training)?;
        let Some(run) = self.run.as_mut() else { return Err(no_model()) };
        let (step, last) = (run.trainer.step(), run.trainer.checked().training.steps);
        if step >= last && steps.is_none() {
            let message = format!("all {last} steps of this run are done");
            return Err(problem(
                ProblemKind::Command,
                message,
                "Reset with more steps, or press Step for single ones.",
            ));
        }
        self.until = steps.map_or(last, |n| step + n);
        run.pace.mark = host.now();
        self.set_state(State::Training, host);
        Ok(())
    }

    async fn pause(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        if self.state == State::Training {
            self.report(host).await?;
            self.set_state(State::Paused, host);
        }
        Ok(())
    }

    fn stop_sampling(&mut self, host: &mut impl Host) {
        if let Some(sampling) = self.sampling.take() {
            host.emit(Event::SamplingFinished { request: sampling.request, stopped: true });
        }
    }

    /// One slice of whatever is to be done.
    pub async fn work(&mut self, host: &mut impl Host) {
        let done = self.try_work(host).await;
        if let Err(problem) = done {
            self.evaluation = None;
            self.stop_sampling(host);
            if self.state == State::Training {
                self.set_state(State::Paused, host);
            }
            host.emit(Event::Failed(problem));
        }
    }

    async fn try_work(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        if self.sampling.is_some() {
            self.sample_slice(host).await?;
        }
        if self.evaluation.is_some() {
            return self.evaluation_slice(host).await;
        }
        if self.state == State::Training {
            return self.training_slice(host).await;
        }
        Ok(())
    }

    async fn sample_slice(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let (Some(run), Some(sampling)) = (self.run.as_mut(), self.sampling.as_mut()) else { return Ok(()) };
        let began = host.now();
        let mut new = Vec::new();
        while sampling.left > 0 && (new.is_empty() || host.now() - began < SLICE) {
            let context = run.trainer.checked().architecture.context;
            let window = &sampling.tokens[sampling.tokens.len().saturating_sub(context)..];
            let logits = run.trainer.last_logits(&self.gpu, window).await.map_err(from_trainer)?;
            let token = sampling.sampler.draw(&logits).map_err(|e| {
                problem(ProblemKind::Training, e, "The weights are broken: reset, or import an earlier file.")
            })?;
            sampling.tokens.push(token);
            sampling.left -= 1;
            new.push(token);
        }
        run.pace.mark += host.now() - began;
        let request = sampling.request;
        if !new.is_empty() {
            let (text, tokens) = (run.tokenizer.decode(&new), new.len() as u32);
            host.emit(Event::Sampled { request, text, tokens });
        }
        if sampling.left == 0 {
            self.sampling = None;
            host.emit(Event::SamplingFinished { request, stopped: false });
        }
        Ok(())
    }

    async fn attention(
        &mut self,
        request: u32,
        prompt: &str,
        layer: u32,
        head: u32,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let run = self.run.as_mut().ok_or_else(no_model)?;
        let a = &run.trainer.checked().architecture;
        if a.layers == 0 {
            return Err(problem(
                ProblemKind::Prompt,
                "this model has no attention layers",
                "Choose at least one layer and reset.",
            ));
        }
        if layer as usize >= a.layers || head as usize >= a.heads {
            let message = format!(
                "layer {layer}, head {head} is not there: the model has {} layers of {} heads",
                a.layers, a.heads
            );
            return Err(problem(ProblemKind::Prompt, message, "Choose another layer or head."));
        }
        let context = a.context;
        let all = encode_prompt(&run.tokenizer, prompt)?;
        let window = &all[all.len().saturating_sub(context)..];
        let began = host.now();
        let weights =
            run.trainer.attention(&self.gpu, window, layer as usize, head as usize).await.map_err(from_trainer)?;
        run.pace.mark += host.now() - began;
        let tokens = window.iter().map(|&id| run.tokenizer.decode(&[id])).collect();
        let step = run.trainer.step();
        host.emit(Event::AttentionComputed { request, step, layer, head, tokens, weights });
        Ok(())
    }

    async fn export(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let Some(run) = self.run.as_mut() else { return Err(no_model()) };
        let flat = run.trainer.weights(&self.gpu).await.map_err(from_trainer)?;
        let file = ModelFile {
            checked: run.trainer.checked().clone(),
            config: run.config.clone(),
            tokenizer: run.tokenizer.clone(),
            history: History { step: run.trainer.step(), ..run.history.clone() },
            flat,
        };
        let bytes = weights::to_safetensors(&file).map_err(from_file)?;
        let name = format!("fledgling-step-{}.safetensors", file.history.step);
        host.emit(Event::Exported { name, bytes: bytes.into() });
        Ok(())
    }

    async fn import(&mut self, name: &str, bytes: &[u8], host: &mut impl Host) -> Result<(), Problem> {
        let file = weights::from_safetensors(name, bytes).map_err(from_file)?;
        let estimate = self.estimate(&file.checked)?;
        let trainer = Trainer::with_weights(&self.gpu, &file.checked, &file.flat, file.history.step, self.gpu.body());
        let trainer = trainer.await.map_err(from_trainer)?;
        let dataset = self.text.as_ref().and_then(|t| file.tokenizer.encode(&t.text).ok()).map(Dataset::new);
        self.install(file.config, trainer, file.tokenizer, dataset, file.history, estimate, true, host);
        Ok(())
    }
}

fn check_windows(dataset: &Dataset, split: Split, context: usize) -> Result<(), Problem> {
    dataset.batch(split, 0, 0, 1, context).map(|_| ()).map_err(|e| from_dataset(&e))
}

/// The prompt's tokens; an empty prompt stands for a new line, or the first token where the text has none.
fn encode_prompt(tokenizer: &Tokenizer, prompt: &str) -> Result<Vec<u32>, Problem> {
    let prompt = if prompt.is_empty() { "\n" } else { prompt };
    match tokenizer.encode(prompt) {
        Ok(tokens) => Ok(tokens),
        Err(_) if prompt == "\n" => Ok(vec![0]),
        Err(e) => Err(problem(
            ProblemKind::Prompt,
            e,
            "Leave those characters out of the prompt: the model has never seen them.",
        )),
    }
}
