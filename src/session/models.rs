//! How a model comes into memory: fresh, fine-tuned, from a file, from its best checkpoint; and how it leaves as a file.

use super::problems::{from_config, from_dataset, from_file, from_model, no_model, no_text, refused};
use super::{Checkpoints, Corpus, Course, Host, LiveModel, Pace, Run, Session, check_windows, prefix_lengths};
use crate::config::{Config, DataConfig, ModelConfig, TokenizerKind, Windows};
use crate::dataset::Split;
use crate::device::Device;
use crate::parameters::Parameters;
use crate::protocol::{Event, ExportSize, NamedFile, Origin, Problem, ProblemKind, SessionProblem, State, Unfit};
use crate::tokenizer::Tokenizer;
use crate::trainer;
use crate::weights::{self, About, Format, History, Incoming, ModelFile, Source};
use std::collections::VecDeque;
use std::rc::Rc;

impl Session {
    /// A fresh model on the text in memory, which is prepared.
    pub(super) async fn build(&mut self, config: &Config, host: &mut impl Host) -> Result<(), Problem> {
        let text = self.text.as_ref().ok_or_else(no_text)?;
        let (config, checked) = self.check(config)?;
        let estimate = self.estimate(&checked)?;
        let (tokenizer, corpus) = (text.tokenizer.clone(), Rc::clone(&text.corpus));
        check_windows(&corpus, Split::Training, &checked).map_err(from_dataset)?;
        let mut model = LiveModel::new(trainer::fresh(&self.device, &checked).await.map_err(from_model)?);
        prepare_prefixes(&self.device, &mut model, &config.data, &corpus).await?;
        let text_crc32 = Some(weights::crc32(&text.cleaned));
        let history = History { text_characters: corpus.characters, text_crc32, ..Default::default() };
        self.install(config, model, tokenizer, Some(corpus), history, estimate, Origin::Fresh, host);
        self.keep_checkpoint(host).await?;
        self.warn_of_a_small_vocabulary(host);
        self.warn_without_validation(host);
        Ok(())
    }

    /// The weights in memory, to be trained further on the text in memory, which is prepared.
    pub(super) async fn fine_tune_now(&mut self, config: &Config, host: &mut impl Host) -> Result<(), Problem> {
        let run = self.run.as_ref().ok_or_else(no_model)?;
        let text = self.text.as_ref().ok_or_else(no_text)?;
        let Some(corpus) = text.for_model.clone() else {
            return Err(self.unfit());
        };
        let tokenizer = run.tokenizer.clone();
        let model = ModelConfig { dropout: config.model.dropout, ..run.config.model.clone() };
        let config = Config {
            tokenizer: run.config.tokenizer.clone(),
            data: text.data.clone(),
            model,
            training: config.training.clone(),
            sampling: config.sampling.clone(),
        };
        let windows = config.training.batch.saturating_mul(config.training.accumulation as usize);
        let epoch = corpus.dataset.steps_per_epoch(windows, config.model.context).ok();
        let checked = config.check_on(epoch).map_err(from_config)?;
        check_windows(&corpus, Split::Training, &checked).map_err(from_dataset)?;
        let estimate = self.estimate(&checked)?;
        let unknown = tokenizer.unknown_in(&text.cleaned);
        let weights = run.model.parameters.weights(&self.device).await.map_err(from_model)?;
        let ready = trainer::of_weights(&self.device, &checked, &weights, 0).await;
        let mut model = LiveModel::new(ready.map_err(from_model)?);
        prepare_prefixes(&self.device, &mut model, &config.data, &corpus).await?;
        let text_crc32 = Some(weights::crc32(&text.cleaned));
        let history = History { text_characters: corpus.characters, text_crc32, ..Default::default() };
        self.install(config, model, tokenizer, Some(corpus), history, estimate, Origin::FineTuned, host);
        self.keep_checkpoint(host).await?;
        if unknown.occurrences > 0 {
            let warning = SessionProblem::ReadAsUnknown(unknown);
            host.emit(Event::Warned(Problem::new(ProblemKind::Text, warning)));
        }
        self.warn_without_validation(host);
        Ok(())
    }

    /// Says so where the text supports fewer sub-words than were asked for.
    pub(super) fn warn_of_a_small_vocabulary(&self, host: &mut impl Host) {
        let Some(text) = &self.text else { return };
        let (vocab, asked) = (text.tokenizer.vocab(), text.config.vocabulary);
        if text.config.kind == TokenizerKind::Bpe && vocab < asked {
            let warning = SessionProblem::SmallVocabulary { vocab, asked };
            host.emit(Event::Warned(Problem::new(ProblemKind::Text, warning)));
        }
    }

    /// Says so where a validation loss was to be drawn, and cannot be.
    fn warn_without_validation(&self, host: &mut impl Host) {
        let Some(run) = self.run.as_ref().filter(|run| run.config.data.validation_share > 0.0) else { return };
        let Some(corpus) = &run.corpus else { return };
        if let Err(error) = check_windows(corpus, Split::Validation, run.model.parameters.checked()) {
            let warning = SessionProblem::NoValidationLoss { error };
            host.emit(Event::Warned(Problem::new(ProblemKind::Text, warning)));
        }
    }

    pub(super) async fn restore_best(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        self.pause(host).await?;
        let Some(run) = self.run.as_mut() else { return Err(no_model()) };
        let Some(best) = run
            .course
            .best
            .filter(|_| run.model.trainer.restore_best(&self.device, &mut run.model.parameters).is_some())
        else {
            return Err(refused(SessionProblem::NoBestCheckpoint));
        };
        run.history.step = best.step;
        run.history.validation_loss = Some(best.loss);
        (run.evaluated_at, run.sampled_at) = (Some(best.step), Some(best.step));
        run.course.go_on();
        self.evaluation = None;
        host.emit(Event::BestRestored { best });
        self.cut_checkpoints(best.step, host);
        self.set_state(State::Paused, host);
        self.report(host).await
    }

    #[allow(clippy::too_many_arguments)] // the parts of a Run, each once
    pub(super) fn install(
        &mut self,
        config: Config,
        model: LiveModel,
        tokenizer: Tokenizer,
        corpus: Option<Rc<Corpus>>,
        history: History,
        estimate: trainer::Estimate,
        origin: Origin,
        host: &mut impl Host,
    ) {
        self.stop_sampling(host);
        (self.evaluation, self.due) = (None, None);
        let (step, steps) = (model.parameters.step(), model.parameters.checked().training.steps);
        let mut run = Run {
            config: config.clone(),
            tokens_per_step: estimate.tokens_per_step as f64,
            model,
            tokenizer,
            corpus: None,
            steps_per_epoch: None,
            course: Course::default(),
            history,
            points: Vec::new(),
            validations: Vec::new(),
            in_flight: VecDeque::new(),
            pace: Pace::default(),
            evaluated_at: None,
            sampled_at: None,
            checkpoints: Checkpoints::default(),
            resumed: false,
        };
        let baselines = corpus.as_ref().map(|corpus| corpus.baselines);
        let fits_text = corpus.is_some();
        if let Some(text) = self.text.as_mut() {
            text.for_model = corpus.clone();
        }
        if let Some(corpus) = corpus {
            run.install(corpus);
        }
        let steps_per_epoch = run.steps_per_epoch;
        let vocabulary = (0..run.tokenizer.vocab() as u32).map(|id| run.tokenizer.token_text(id)).collect();
        self.run = Some(run);
        self.state = State::Paused;
        let config = Box::new(config);
        host.emit(Event::ModelBuilt {
            config,
            estimate,
            step,
            origin,
            fits_text,
            vocabulary,
            steps,
            steps_per_epoch,
            baselines,
        });
        host.emit(Event::StateChanged { state: State::Paused });
    }

    pub(super) async fn export(&mut self, format: Format, about: &About, host: &mut impl Host) -> Result<(), Problem> {
        let mut file = self.file()?;
        // Refused before the weights are fetched.
        weights::measure(&file, format, about).map_err(from_file)?;
        let Some(run) = self.run.as_mut() else { return Err(no_model()) };
        file.flat = run.model.parameters.weights(&self.device).await.map_err(from_model)?;
        let bytes = weights::export(&file, format, about).map_err(from_file)?;
        let name = format!("fledgling-step-{}.{}", file.history.step, format.extension());
        host.emit(Event::Exported { name, bytes: bytes.into() });
        Ok(())
    }

    pub(super) fn measure_exports(&self, about: &About, host: &mut impl Host) -> Result<(), Problem> {
        let file = self.file()?;
        let class = file.class();
        let measured = |format: Format| {
            let zip = format == Format::Transformers;
            let bytes = weights::measure(&file, format, about);
            let reason = match &bytes {
                Err(error) => Some(Unfit::File(error.clone())),
                Ok(_) => class.as_ref().err().filter(|_| zip).cloned().map(Unfit::NoClass),
            };
            let class = class.as_ref().ok().filter(|_| zip).copied();
            ExportSize { format, extension: format.extension(), bytes: bytes.ok(), class, reason }
        };
        host.emit(Event::ExportsMeasured { formats: Format::ALL.map(measured).to_vec() });
        Ok(())
    }

    /// The model in memory as it would leave, but for its weights.
    fn file(&self) -> Result<ModelFile, Problem> {
        let run = self.run.as_ref().ok_or_else(no_model)?;
        Ok(ModelFile {
            checked: run.model.parameters.checked().clone(),
            config: run.config.clone(),
            tokenizer: run.tokenizer.clone(),
            history: History { step: run.model.parameters.step(), ..run.history.clone() },
            flat: Vec::new(),
        })
    }

    pub(super) async fn import(&mut self, files: Vec<NamedFile>, host: &mut impl Host) -> Result<(), Problem> {
        let file = open(files, host)?;
        file.check(self.device.description()).map_err(from_file)?;
        let estimate = self.cost(&file.checked)?;
        let corpus = self.text.as_ref().and_then(|text| text.corpus_by(&file.tokenizer)).map(Rc::new);
        // A limit in epochs comes to another number of steps on another text.
        let t = &file.config.training;
        let windows = t.batch.saturating_mul(t.accumulation as usize);
        let epoch = corpus.as_ref().and_then(|c| c.dataset.steps_per_epoch(windows, file.config.model.context).ok());
        let checked = file.config.check_on(epoch).unwrap_or_else(|_| file.checked.clone());
        // What only training needs is made when it begins: a model may be too large for that and still be read.
        let parameters = Parameters::empty(&self.device, &checked, file.history.step).await.map_err(from_model)?;
        for parameter in file.parameters() {
            let (offset, values) = parameter.map_err(from_file)?;
            parameters.fill(&self.device, offset, &values).await.map_err(from_model)?;
        }
        let Incoming { config, tokenizer, history, .. } = file;
        let model = LiveModel::untrained(parameters);
        self.install(config, model, tokenizer, corpus, history, estimate, Origin::Imported, host);
        self.keep_checkpoint(host).await
    }
}

/// Opens a model's files, as they came or as the host holds them.
pub(super) fn open(files: Vec<NamedFile>, host: &impl Host) -> Result<Incoming<'static>, Problem> {
    let source = |NamedFile { name, bytes, held }: NamedFile| {
        let file = host.file(&name).filter(|_| held);
        (name, file.unwrap_or_else(|| Rc::new(bytes.into_vec()) as Rc<dyn Source>))
    };
    weights::open(&files.into_iter().map(source).collect::<Vec<_>>()).map_err(from_file)
}

/// Makes a trainer, where it trains, ready for every length that prefixes have.
pub(super) async fn prepare_prefixes(
    device: &Device,
    model: &mut LiveModel,
    data: &DataConfig,
    corpus: &Corpus,
) -> Result<(), Problem> {
    if data.windows != Windows::Prefixes || !model.trainer.trains() {
        return Ok(());
    }
    let context = model.parameters.checked().architecture.context;
    let lengths = [Split::Training, Split::Validation].map(|split| prefix_lengths(corpus, split, context)).concat();
    model.trainer.prepare(device, &mut model.parameters, &lengths).await.map_err(from_model)
}

impl Run {
    /// Makes what only training needs, the first time that it is asked for.
    pub(super) async fn prepare(&mut self, device: &Device) -> Result<(), Problem> {
        if self.model.trainer.trains() {
            return Ok(());
        }
        self.model.trainer.prepare(device, &mut self.model.parameters, &[]).await.map_err(from_model)?;
        match &self.corpus {
            Some(corpus) => prepare_prefixes(device, &mut self.model, &self.config.data, corpus).await,
            None => Ok(()),
        }
    }
}
