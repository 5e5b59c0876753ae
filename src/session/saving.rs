//! A session as a file, and back: what a run needs to go on as if it had never stopped.

use super::corpus::{Corpus, Encoding, Source};
use super::evaluation::Course;
use super::models::prepare_prefixes;
use super::preparation::Then;
use super::problems::{from_file, from_model, no_model};
use super::{Host, LiveModel, Session};
use crate::cleaning::clean;
use crate::config::{DataConfig, TokenizerConfig};
use crate::dataset::divide;
use crate::optimizer;
use crate::parameters::Parameters;
use crate::protocol::{Advice, Event, Origin, Problem, ProblemKind, SessionProblem, State};
use crate::tokenizer::Tokenizer;
use crate::weights::checkpoint::{self, Head, Saved, Section};
use crate::weights::{FileError, History};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Where a session stands beside its numbers and texts.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    /// How the text in the box becomes tokens.
    text: Option<(TokenizerConfig, DataConfig)>,
    /// The tokenizer of kind `file`, as tokenizer.json.
    file_tokenizer: Option<String>,
    /// How the text that the model trains on is cleaned and divided: (settings, between words only).
    run: Option<(DataConfig, bool)>,
    course: Course,
    evaluated_at: Option<u32>,
    sampled_at: Option<u32>,
    state: State,
}

impl Session {
    pub(super) async fn save(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        if self.run.is_none() {
            return Err(no_model());
        }
        // What was not said yet is of before.
        self.report(host).await?;
        let (state, due) = (self.state, self.due.is_some());
        let Some(run) = self.run.as_mut() else { return Err(no_model()) };
        let began = host.now();
        let source = run.corpus.as_ref().map(|corpus| &corpus.source);
        let raw = self.text.as_ref().map(|text| Rc::clone(&text.raw));
        let other = source.map(|source| Rc::clone(&source.raw)).filter(|other| Some(other) != raw.as_ref());
        let tokenizer = self.file_tokenizer.as_ref().map(Tokenizer::to_json).transpose();
        let tokenizer = tokenizer.map_err(|error| unwritable(FileError::Tokenizer(error)))?;
        let record = Record {
            text: self.text.as_ref().map(|text| (text.config.clone(), text.data.clone())),
            file_tokenizer: tokenizer,
            run: source.map(|source| (source.data.clone(), source.whole_words)),
            course: run.course.clone(),
            evaluated_at: run.evaluated_at,
            // A sample under way is begun again.
            sampled_at: run.sampled_at.filter(|_| !due),
            state,
        };
        let record = serde_json::to_string(&record)
            .map_err(|error| unwritable(FileError::Unwritable { reason: error.to_string() }))?;
        let step = run.model.parameters.step();
        let best = run.model.trainer.best();
        let there = |section: &Section| run.model.parameters.holds(section.buffer) && (best.is_some() || !section.best);
        let sections: Vec<Section> = checkpoint::sections().filter(there).collect();
        let history = History { step, ..run.history.clone() };
        let head = Head {
            config: &run.config,
            tokenizer: &run.tokenizer,
            history: &history,
            record: &record,
            sections: &sections,
            texts: [raw.as_ref().map(|text| text.len()), other.as_ref().map(|text| text.len())],
        };
        let (head, size) = checkpoint::head(run.model.parameters.layout(), &head).map_err(unwritable)?;
        let mut offset = 0;
        let mut part = |bytes: Vec<u8>, host: &mut _| {
            let at = offset as f64;
            offset += bytes.len() as u64;
            Host::emit(host, Event::SavedPart { offset: at, size: size as f64, step, bytes: bytes.into() });
        };
        part(head, host);
        for Section { buffer, .. } in sections {
            let flat = run.model.parameters.flat(&self.device, buffer).await.map_err(from_model)?;
            part(checkpoint::packed(run.model.parameters.layout(), &flat.unwrap_or_default()), host);
        }
        for text in [raw, other].into_iter().flatten().filter(|text| !text.is_empty()) {
            part(text.as_bytes().to_vec(), host);
        }
        run.pace.mark += host.now() - began;
        Ok(())
    }

    pub(super) async fn resume(&mut self, name: &str, bytes: &[u8], host: &mut impl Host) -> Result<(), Problem> {
        let mut saved = checkpoint::from_bytes(name, bytes).map_err(from_file)?;
        let mut record: Record = serde_json::from_str(&saved.record).map_err(|error| {
            let (name, reason) = (name.to_owned(), error.to_string());
            Problem::new(ProblemKind::File, SessionProblem::RecordUnreadable { name, reason })
        })?;
        if !saved.sections.is_empty() {
            self.estimate(&saved.model.checked)?;
        }
        let file = record.file_tokenizer.as_deref().map(Tokenizer::from_json).transpose();
        let file = file.map_err(|error| {
            let name = name.to_owned();
            Problem::new(ProblemKind::File, SessionProblem::SavedTokenizerUnreadable { name, error })
        })?;
        let text = saved.texts[0].take().zip(record.text.take());
        // Nothing of what is in memory has changed so far.
        if file.is_some() {
            self.file_tokenizer = file;
        }
        let Some((raw, (tokenizer, data))) = text else { return self.resume_now(saved, record, host).await };
        let decoded = Event::TextDecoded { name: name.to_owned(), text: raw.clone() };
        self.prepare(raw.into(), tokenizer, data, Some(decoded), Some(Then::Resume(Box::new((saved, record)))))?;
        self.preparation_slice(host).await
    }

    /// The model of a saved session, whose text is in place.
    pub(super) async fn resume_now(
        &mut self,
        saved: Saved,
        record: Record,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let Saved { model, sections, texts, .. } = saved;
        let estimate = self.cost(&model.checked)?;
        let raw = texts[1].as_ref().map(|text| Rc::from(text.as_str()));
        let raw = raw.or_else(|| self.text.as_ref().map(|text| Rc::clone(&text.raw)));
        let source = raw.zip(record.run).map(|(raw, (data, whole_words))| Source { raw, data, whole_words });
        let corpus = source.and_then(|source| match &self.text {
            Some(text) if text.corpus.source == source && text.tokenizer == model.tokenizer => {
                Some(Rc::clone(&text.corpus))
            }
            _ => corpus_of(source, &model.tokenizer).map(Rc::new),
        });
        // A limit in epochs is one of its own text.
        let t = &model.config.training;
        let windows = t.batch.saturating_mul(t.accumulation as usize);
        let epoch = corpus.as_ref().and_then(|c| c.dataset.steps_per_epoch(windows, model.config.model.context).ok());
        let checked = model.config.check_on(epoch).unwrap_or(model.checked);
        let step = model.history.step;
        let parameters = Parameters::empty(&self.device, &checked, step).await.map_err(from_model)?;
        parameters.fill(&self.device, 0, &model.flat).await.map_err(from_model)?;
        let mut live = LiveModel::untrained(parameters);
        // An imported model that was never trained has nothing but weights, and may be too large to train.
        if !sections.is_empty() {
            live.trainer.prepare(&self.device, &mut live.parameters, &[]).await.map_err(from_model)?;
        }
        if let Some(corpus) = &corpus {
            prepare_prefixes(&self.device, &mut live, &corpus.source.data, corpus).await?;
        }
        let has_best = sections.iter().any(|(section, _)| section.buffer == optimizer::PARAMETERS.best);
        let best = record.course.best.as_ref().map(|best| best.step).filter(|_| has_best);
        let flats = sections.iter().filter(|(section, _)| best.is_some() || !section.best);
        let flats = flats.map(|(section, values)| (section.buffer, values.as_slice()));
        live.trainer.go_on_from(&self.device, &live.parameters, flats, best).map_err(from_model)?;
        self.install(model.config, live, model.tokenizer, corpus, model.history, estimate, Origin::Resumed, host);
        if let Some(run) = self.run.as_mut() {
            (run.course, run.evaluated_at, run.sampled_at) = (record.course, record.evaluated_at, record.sampled_at);
            run.resumed = record.state == State::Training;
        }
        self.keep_checkpoint(host).await?;
        if record.state == State::Finished {
            self.set_state(State::Finished, host);
        }
        self.report(host).await
    }
}

fn unwritable(error: FileError) -> Problem {
    Problem { advice: Some(Advice::ExportInstead), ..from_file(error) }
}

/// A text by a model's tokenizer; None where that refuses a part of it.
fn corpus_of(source: Source, tokenizer: &Tokenizer) -> Option<Corpus> {
    let (cleaned, _) = clean(&source.raw, &source.data);
    let parts = divide(&cleaned, &source.data, source.whole_words);
    let mut encoding = Encoding::new(tokenizer, &parts, &source.data);
    while !encoding.advance(&cleaned, cleaned.len().max(1)).ok()? {}
    let cleaned = cleaned.into_owned();
    Some(encoding.finish(source, &cleaned, &parts))
}
