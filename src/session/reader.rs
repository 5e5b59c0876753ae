//! A session without a GPU: it opens a model's file, samples from it and looks into it, on the CPU. It speaks the session's
//! protocol; what would need a GPU is refused.

use super::inspection::{check_attention, check_head, end_of_prompt, texts};
use super::models::open;
use super::problems::{from_file, no_model, problem};
use super::sampling::{Asked, Sampling, Slice};
use super::{Host, SLICE, ready};
use crate::config::{Config, SamplingConfig};
use crate::gpu::{AdapterDescription, Body};
use crate::inspection::look_at_head;
use crate::model::Off;
use crate::model::forward::Forward;
use crate::protocol::{Command, Event, NamedFile, Origin, Problem, ProblemKind, Source, State};
use crate::tokenizer::Tokenizer;
use crate::trainer;

struct Model {
    config: Config,
    tokenizer: Tokenizer,
    forward: Forward,
    step: u32,
}

impl Model {
    fn window(&self, prompt: &str) -> Result<Vec<u32>, Problem> {
        let context = self.forward.architecture().context;
        end_of_prompt(&self.tokenizer, prompt, self.config.data.mark_documents, context)
    }
}

/// All that a page which only reads holds in memory.
#[derive(Default)]
pub struct Reader {
    model: Option<Model>,
    sampling: Option<Sampling>,
}

impl Reader {
    /// Opens it, and introduces the CPU as its adapter.
    pub fn new(host: &mut impl Host) -> Self {
        let limit = isize::MAX as u64;
        host.emit(ready(AdapterDescription {
            name: "CPU".to_owned(),
            backend: "cpu".to_owned(),
            software: true,
            max_binding_bytes: limit,
            max_buffer_bytes: limit,
        }));
        Self::default()
    }

    /// Whether [`Reader::work`] has something to do.
    pub fn busy(&self) -> bool {
        self.sampling.is_some()
    }

    /// Carries out a command. What fails is answered with [`Event::Failed`] and changes nothing.
    pub fn handle(&mut self, command: Command, host: &mut impl Host) {
        let request = command.request();
        if let Err(problem) = self.try_handle(command, host) {
            host.emit(Event::Failed(Problem { request, ..problem }));
        }
    }

    /// One slice of sampling: some tens of milliseconds, or one token.
    pub fn work(&mut self, host: &mut impl Host) {
        let (Some(model), Some(mut sampling)) = (self.model.as_mut(), self.sampling.take()) else { return };
        let (began, context) = (host.now(), model.forward.architecture().context);
        let mut slice = Slice::default();
        while sampling.left > 0 && (slice.is_empty() || host.now() - began < SLICE) {
            let logits = model.forward.last_logits(sampling.window(context));
            match sampling.draw(&logits, context) {
                Ok(drawn) => sampling.take(&drawn, &model.tokenizer, &mut slice),
                Err(problem) => return host.emit(Event::Failed(Problem { request: sampling.request(), ..problem })),
            }
        }
        self.sampling = sampling.say(slice, host);
    }

    fn try_handle(&mut self, command: Command, host: &mut impl Host) -> Result<(), Problem> {
        match command {
            Command::Import { name, bytes } => self.import(vec![NamedFile { name, bytes, held: false }], host),
            Command::ImportFiles { files } => self.import(files, host),
            Command::Sample { request, source: Source::Model, sampling } => self.sample(request, &sampling, host),
            Command::StopSampling => {
                self.stop_sampling(host);
                Ok(())
            }
            Command::Attention { request, prompt, layer, head, at: None } => {
                let model = self.model.as_mut().ok_or_else(no_model)?;
                let tokens = model.window(&prompt)?;
                let a = model.forward.architecture();
                check_attention(a)?;
                check_head(a, layer as usize, head as usize)?;
                let mut weights = Vec::new();
                model.forward.every_attention(&tokens, |l, h, map| {
                    if (l, h) == (layer as usize, head as usize) {
                        weights = map;
                    }
                });
                let (step, tokens) = (model.step, texts(&model.tokenizer, &tokens));
                host.emit(Event::AttentionComputed { request, step, layer, head, tokens, weights });
                Ok(())
            }
            Command::LookAtHeads { request, prompt, size, at: None } => {
                let model = self.model.as_mut().ok_or_else(no_model)?;
                let tokens = model.window(&prompt)?;
                check_attention(model.forward.architecture())?;
                let mut heads = Vec::new();
                model.forward.every_attention(&tokens, |layer, head, map| {
                    heads.push(look_at_head(layer, head, &map, &tokens, size as usize));
                });
                let (step, tokens) = (model.step, texts(&model.tokenizer, &tokens));
                host.emit(Event::HeadsLookedAt { request, step, tokens, heads });
                Ok(())
            }
            Command::Predict { request, prompt, off, at: None } if off == Off::default() => {
                let model = self.model.as_mut().ok_or_else(no_model)?;
                let tokens = model.window(&prompt)?;
                let (step, logits) = (model.step, model.forward.last_logits(&tokens));
                host.emit(Event::Predicted { request, step, logits });
                Ok(())
            }
            _ => Err(problem(
                ProblemKind::Command,
                "without a GPU a model can be opened, sampled and looked into, and nothing else",
                "Open it in Fledgling, in a browser with WebGPU, to go on training it.",
            )),
        }
    }

    fn import(&mut self, files: Vec<NamedFile>, host: &mut impl Host) -> Result<(), Problem> {
        let file = open(files, host)?.whole().map_err(from_file)?;
        let estimate = trainer::estimate(&file.checked, Body::Direct)
            .map_err(|e| problem(ProblemKind::Configuration, e, "This is a mistake of ours: please report it."))?;
        self.stop_sampling(host);
        let vocabulary = (0..file.tokenizer.vocab() as u32).map(|id| file.tokenizer.token_text(id)).collect();
        host.emit(Event::ModelBuilt {
            config: Box::new(file.config.clone()),
            estimate,
            step: file.history.step,
            origin: Origin::Imported,
            fits_text: false,
            vocabulary,
            steps: file.checked.training.steps,
            steps_per_epoch: None,
            baselines: None,
        });
        host.emit(Event::StateChanged { state: State::Paused });
        let forward = Forward::new(&file.checked.architecture, file.flat);
        self.model = Some(Model { config: file.config, tokenizer: file.tokenizer, forward, step: file.history.step });
        Ok(())
    }

    fn sample(&mut self, request: u32, settings: &SamplingConfig, host: &mut impl Host) -> Result<(), Problem> {
        let model = self.model.as_ref().ok_or_else(no_model)?;
        let (asked, marked) = (Asked::ByRequest(request), model.config.data.mark_documents);
        let sampling = Sampling::new(asked, Source::Model, settings, &model.tokenizer, marked)?;
        self.stop_sampling(host);
        self.sampling = Some(sampling);
        Ok(())
    }

    fn stop_sampling(&mut self, host: &mut impl Host) {
        if let Some(request) = self.sampling.take().and_then(|sampling| sampling.request()) {
            host.emit(Event::SamplingFinished { request, stopped: true });
        }
    }
}
