//! A text on its way to tokens, in slices: cleaning, tokenizer, encoding. Until it is done nothing in memory changes.

use super::corpus::{Corpus, Encoding, Source, Text};
use super::models::prepare_prefixes;
use super::problems::{from_config, from_tokenizer};
use super::saving::Record;
use super::{Host, SLICE, Session};
use crate::cleaning::{Change, clean};
use crate::config::{Config, DataConfig, TokenizerConfig, TokenizerKind};
use crate::dataset::{Parts, divide};
use crate::protocol::{Event, NamedFile, Problem, ProblemKind, SessionProblem, Stage};
use crate::tokenizer::{self, Builder, Tokenizer, TokenizerError};
use crate::weights::checkpoint::Saved;
use std::rc::Rc;

/// Bytes or symbols between two looks at the clock.
const WORK: usize = 100_000;
/// Time between two reports, milliseconds.
const REPORT: f64 = 100.0;

/// What waits for the tokens.
pub(super) enum Then {
    Reset(Box<Config>),
    FineTune(Box<Config>),
    Resume(Box<(Saved, Record)>),
}

enum Work {
    Building(Builder),
    Encoding(Tokenizer, Encoding),
    /// By the tokenizer of the model in memory, which is another.
    ForModel(Tokenizer, Rc<Corpus>, Encoding),
    Done(Tokenizer, Rc<Corpus>, Fit),
}

/// Whether the text can be trained on by the model in memory.
enum Fit {
    NoModel,
    Fits(Rc<Corpus>),
    Unknown(Vec<String>),
}

pub(super) struct Preparation {
    raw: Rc<str>,
    cleaned: String,
    changes: Vec<Change>,
    config: TokenizerConfig,
    data: DataConfig,
    parts: Parts,
    work: Option<Work>,
    /// The tokenizer of the model in memory.
    model: Option<Tokenizer>,
    decoded: Option<Event>,
    then: Option<Then>,
    reported: f64,
}

/// Whether a text is cut between words only, lest a token straddle the cut.
fn whole_words(config: &TokenizerConfig) -> bool {
    !matches!(config.kind, TokenizerKind::Characters | TokenizerKind::Bytes)
}

impl Preparation {
    pub(super) fn raw(&self) -> Rc<str> {
        Rc::clone(&self.raw)
    }

    fn source(&self) -> Source {
        Source { raw: Rc::clone(&self.raw), data: self.data.clone(), whole_words: whole_words(&self.config) }
    }

    pub(super) fn settings(&self) -> (TokenizerConfig, DataConfig) {
        (self.config.clone(), self.data.clone())
    }

    /// The event that shows the text, for whoever takes over.
    pub(super) fn take_decoded(&mut self) -> Option<Event> {
        self.decoded.take()
    }

    /// Whether it makes these settings' tokens.
    fn is_for(&self, config: &Config) -> bool {
        self.config == config.tokenizer && self.data == config.data
    }

    fn advance(&mut self) -> Result<bool, TokenizerError> {
        let next = match self.work.take() {
            Some(Work::Building(mut builder)) => match builder.advance(&self.cleaned, WORK)? {
                Some(tokenizer) => self.encode(tokenizer),
                None => Work::Building(builder),
            },
            Some(Work::Encoding(tokenizer, mut encoding)) => match encoding.advance(&self.cleaned, WORK)? {
                true => {
                    let corpus = Rc::new(encoding.finish(self.source(), &self.cleaned, &self.parts));
                    match &self.model {
                        None => Work::Done(tokenizer, corpus, Fit::NoModel),
                        Some(model) if *model == tokenizer => {
                            Work::Done(tokenizer, Rc::clone(&corpus), Fit::Fits(corpus))
                        }
                        Some(model) => {
                            let encoding = Encoding::new(model, &self.parts, &self.data);
                            Work::ForModel(tokenizer, corpus, encoding)
                        }
                    }
                }
                false => Work::Encoding(tokenizer, encoding),
            },
            Some(Work::ForModel(tokenizer, corpus, mut encoding)) => match encoding.advance(&self.cleaned, WORK) {
                Ok(true) => {
                    let for_model = encoding.finish(self.source(), &self.cleaned, &self.parts);
                    let fit = if for_model.unknown > 0 && self.knows_nothing() {
                        Fit::Unknown(self.unknown())
                    } else {
                        Fit::Fits(Rc::new(for_model))
                    };
                    Work::Done(tokenizer, corpus, fit)
                }
                Ok(false) => Work::ForModel(tokenizer, corpus, encoding),
                Err(_) => Work::Done(tokenizer, corpus, Fit::Unknown(self.unknown())),
            },
            done => {
                self.work = done;
                return Ok(true);
            }
        };
        self.work = Some(next);
        Ok(false)
    }

    fn encode(&self, tokenizer: Tokenizer) -> Work {
        let encoding = Encoding::new(&tokenizer, &self.parts, &self.data);
        Work::Encoding(tokenizer, encoding)
    }

    fn unknown(&self) -> Vec<String> {
        self.model.as_ref().map(|model| model.unknown_in(&self.cleaned).tokens).unwrap_or_default()
    }

    /// Whether the model in memory has a token for nothing in the text.
    fn knows_nothing(&self) -> bool {
        self.model.as_ref().map(|model| model.unknown_in(&self.cleaned)).is_some_and(|u| u.occurrences == u.all)
    }

    fn progress(&self) -> Option<Event> {
        let bytes = self.cleaned.len();
        let (stage, done, of) = match self.work.as_ref()? {
            Work::Building(builder) => {
                let progress = builder.progress();
                let stage = match progress.stage {
                    tokenizer::Stage::Counting => Stage::Counting,
                    tokenizer::Stage::Merging => Stage::Merging,
                };
                (stage, progress.done, progress.of)
            }
            Work::Encoding(_, encoding) | Work::ForModel(_, _, encoding) => (Stage::Encoding, encoding.done(), bytes),
            Work::Done(..) => return None,
        };
        Some(Event::Preparing { stage, done, of })
    }
}

impl Session {
    pub(super) fn set_tokenizer(&mut self, files: &[NamedFile], host: &mut impl Host) -> Result<(), Problem> {
        let text = |file: &NamedFile| tokenizer::decode_file(&file.name, &file.bytes).map_err(from_tokenizer);
        // vocab.json and merges.txt, or encoder.json and vocab.bpe, as OpenAI named them
        let (json, other): (Vec<_>, Vec<_>) =
            files.iter().partition(|file| file.name.to_lowercase().ends_with(".json"));
        let tokenizer = match (json.as_slice(), other.as_slice()) {
            ([vocab], [merges]) => Tokenizer::from_vocab_and_merges(&text(vocab)?, &text(merges)?),
            ([vocab], []) if vocab.name.to_lowercase().ends_with("vocab.json") => {
                Err(TokenizerError::VocabularyAlone { name: vocab.name.clone() })
            }
            ([file], []) | ([], [file]) => Tokenizer::from_json(&text(file)?),
            _ => Err(TokenizerError::WrongNumberOfFiles { count: files.len() }),
        }
        .map_err(from_tokenizer)?;
        let name = files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(" + ");
        host.emit(Event::TokenizerRead { name, vocab: tokenizer.vocab(), lossless: tokenizer.lossless() });
        self.file_tokenizer = Some(tokenizer);
        // A text that was made into tokens by the file before is not by this one.
        if let Some(text) = self.text.as_mut() {
            text.stale = text.config.kind == TokenizerKind::File;
        }
        Ok(())
    }

    /// Begins to make tokens of a text; what is under way already is given up.
    pub(super) fn prepare(
        &mut self,
        raw: Rc<str>,
        config: TokenizerConfig,
        data: DataConfig,
        decoded: Option<Event>,
        then: Option<Then>,
    ) -> Result<(), Problem> {
        crate::config::check_preparation(&config, &data).map_err(from_config)?;
        if raw.is_empty() {
            return Err(from_tokenizer(TokenizerError::EmptyText));
        }
        let (cleaned, changes) = clean(&raw, &data);
        let cleaned = cleaned.into_owned();
        if cleaned.is_empty() {
            let nothing = SessionProblem::NothingLeft { characters: raw.chars().count() };
            return Err(Problem::new(ProblemKind::Text, nothing));
        }
        let parts = divide(&cleaned, &data, whole_words(&config));
        let mut preparation = Preparation {
            work: None,
            model: self.run.as_ref().map(|run| run.tokenizer.clone()),
            parts,
            raw,
            cleaned,
            changes,
            config,
            data,
            decoded,
            then,
            reported: f64::NEG_INFINITY,
        };
        preparation.work = Some(if preparation.config.kind == TokenizerKind::File {
            let tokenizer = self.file_tokenizer.clone().ok_or(TokenizerError::NoTokenizerFile);
            preparation.encode(tokenizer.map_err(from_tokenizer)?)
        } else {
            Work::Building(Builder::new(&preparation.config, &preparation.cleaned).map_err(from_tokenizer)?)
        });
        self.preparation = Some(preparation);
        Ok(())
    }

    /// Sees to it that the text in memory is prepared as a configuration says; false where that is now under way, and what
    /// comes `then` will be done at its end.
    pub(super) fn prepared_for(
        &mut self,
        config: &Config,
        then: impl Fn(Box<Config>) -> Then,
    ) -> Result<bool, Problem> {
        let then = then(Box::new(config.clone()));
        if let Some(preparation) = self.preparation.as_mut()
            && preparation.is_for(config)
        {
            preparation.then = Some(then);
            return Ok(false);
        }
        let raw = match (self.preparation.as_ref(), self.text.as_ref()) {
            (None, Some(text)) if text.is_for(config) => return Ok(true),
            (Some(preparation), _) => preparation.raw.clone(),
            (None, Some(text)) => text.raw.clone(),
            (None, None) => return Err(super::problems::no_text()),
        };
        let decoded = self.preparation.as_mut().and_then(Preparation::take_decoded);
        self.prepare(raw, config.tokenizer.clone(), config.data.clone(), decoded, Some(then))?;
        Ok(false)
    }

    /// One slice of the preparation; at its end the text takes its place and what waited for it is done.
    pub(super) async fn preparation_slice(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let began = host.now();
        let Some(preparation) = self.preparation.as_mut() else { return Ok(()) };
        loop {
            match preparation.advance() {
                Ok(true) => break,
                Ok(false) if host.now() - began < SLICE => {}
                Ok(false) => {
                    if host.now() - preparation.reported >= REPORT {
                        preparation.reported = host.now();
                        preparation.progress().into_iter().for_each(|event| host.emit(event));
                    }
                    return Ok(());
                }
                Err(error) => {
                    self.preparation = None;
                    return Err(from_tokenizer(error));
                }
            }
        }
        let Some(preparation) = self.preparation.take() else { return Ok(()) };
        let Preparation { raw, cleaned, changes, config, data, parts, work, decoded, then, .. } = preparation;
        let Some(Work::Done(tokenizer, corpus, fit)) = work else { return Ok(()) };
        decoded.into_iter().for_each(|event| host.emit(event));
        let unmarked = data.mark_documents && tokenizer.end().is_none();
        let (fits_model, unknown, for_model) = match fit {
            Fit::NoModel => (None, Vec::new(), None),
            Fit::Fits(corpus) => (Some(true), Vec::new(), Some(corpus)),
            Fit::Unknown(unknown) => (Some(false), unknown, None),
        };
        // A model in memory goes on with a new text where it knows its tokens; with its own text where that is cut or cleaned
        // in another way now, until there is a fresh model.
        if let (Some(run), Some(corpus)) = (self.run.as_mut().filter(|run| run.config.data == data), &for_model) {
            prepare_prefixes(&self.device, &mut run.model, &data, corpus).await?;
            run.history.text_characters = corpus.characters;
            run.install(Rc::clone(corpus));
        }
        let text = Text { raw, cleaned, changes, config, data, parts, tokenizer, stale: false, corpus, for_model };
        host.emit(Event::TextSet(text.describe(fits_model, unknown)));
        (self.tokenizer, self.data) = (text.config.clone(), text.data.clone());
        self.text = Some(text);
        self.comparison.restart();
        // While a model of another vocabulary goes on with the text, its own is not in question; a fresh model will say it.
        if fits_model != Some(true) && !matches!(then, Some(Then::Reset(_))) {
            self.warn_of_a_small_vocabulary(host);
        }
        if unmarked {
            host.emit(Event::Warned(Problem::new(ProblemKind::Text, SessionProblem::DocumentsUnmarked)));
        }
        match then {
            Some(Then::Reset(config)) => self.build(&config, host).await,
            Some(Then::FineTune(config)) => self.fine_tune_now(&config, host).await,
            Some(Then::Resume(saved)) => {
                let (saved, record) = *saved;
                self.resume_now(saved, record, host).await
            }
            None => Ok(()),
        }
    }

    /// Finishes whatever preparation is under way, for a command that needs it.
    pub(super) async fn finish_preparation(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        while self.preparation.is_some() {
            self.preparation_slice(host).await?;
        }
        Ok(())
    }
}
