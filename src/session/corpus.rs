//! A text as the trainer sees it: tokens of both splits, what count models say of them, problems with one right answer.

use crate::cleaning::Change;
use crate::config::{Config, DataConfig, Division, TokenizerConfig};
use crate::counts::Counts;
use crate::dataset::{Dataset, Parts, Split, Stream};
use crate::protocol::{Baselines, CountDescription, TextDescription};
use crate::texts;
use crate::tokenizer::{Encoder, Tokenizer, TokenizerError};
use std::ops::Range;
use std::rc::Rc;

/// Held-out problems that are asked at each validation.
const PROBLEMS: usize = 64;
/// Tokens that the page shows.
const BEGINNING: usize = 1000;

/// The text in memory.
pub(super) struct Text {
    /// As given.
    pub(super) raw: Rc<str>,
    /// After cleaning.
    pub(super) cleaned: String,
    pub(super) changes: Vec<Change>,
    /// What was asked of its tokenizer; `tokenizer` is what came of it.
    pub(super) config: TokenizerConfig,
    pub(super) data: DataConfig,
    pub(super) parts: Parts,
    pub(super) tokenizer: Tokenizer,
    /// Whether its tokenizer's file was replaced by another since.
    pub(super) stale: bool,
    pub(super) corpus: Rc<Corpus>,
    /// The same text by the tokenizer of the model in memory, where it knows enough of it.
    pub(super) for_model: Option<Rc<Corpus>>,
}

impl Text {
    /// Whether it is prepared as these settings say.
    pub(super) fn is_for(&self, config: &Config) -> bool {
        self.is_by(&config.tokenizer) && self.data == config.data
    }

    /// Whether its tokens are by these settings.
    pub(super) fn is_by(&self, config: &TokenizerConfig) -> bool {
        self.config == *config && !self.stale
    }

    /// The same text by another tokenizer; None where that knows none of it, or refuses a part.
    pub(super) fn corpus_by(&self, tokenizer: &Tokenizer) -> Option<Corpus> {
        let mut encoding = Encoding::new(tokenizer, &self.parts, &self.data);
        while !encoding.advance(&self.cleaned, self.cleaned.len().max(1)).ok()? {}
        let unknown = tokenizer.unknown_in(&self.cleaned);
        let corpus = encoding.finish(self.corpus.source.clone(), &self.cleaned, &self.parts);
        (unknown.occurrences < unknown.all.max(1)).then_some(corpus)
    }

    pub(super) fn describe(&self, fits_model: Option<bool>, unknown_to_model: Vec<String>) -> TextDescription {
        let Self { corpus, tokenizer, parts, data, .. } = self;
        let [training, validation] = [Split::Training, Split::Validation].map(|s| corpus.dataset.tokens(s));
        let vocabulary = (0..tokenizer.vocab() as u32).map(|id| tokenizer.token_text(id)).collect();
        TextDescription {
            characters: self.raw.chars().count(),
            cleaned_characters: corpus.characters,
            changes: self.changes.clone(),
            tokens: training.len() + validation.len(),
            vocab: tokenizer.vocab(),
            tokenizer: tokenizer.config().clone(),
            lossless: tokenizer.lossless() && corpus.unknown == 0,
            training_tokens: training.len(),
            validation_tokens: validation.len(),
            documents: (data.division != Division::Position).then_some([parts.training.len(), parts.validation.len()]),
            unknown_tokens: corpus.unknown,
            vocabulary,
            frequencies: (0..tokenizer.vocab() as u32).map(|id| corpus.counts.count(id)).collect(),
            beginning: training[..training.len().min(BEGINNING)].to_vec(),
            counts: CountDescription {
                baselines: corpus.baselines,
                add_k: data.add_k,
                entropy: corpus.counts.unigram_entropy(),
                conditional_entropy: corpus.counts.conditional_entropy(),
                pairs: corpus.counts.transitions(),
            },
            task: !corpus.problems.is_empty(),
            fits_model,
            unknown_to_model,
        }
    }
}

/// A held-out problem: a line break, the question, the answer, a line break.
pub(super) struct Problem {
    pub(super) tokens: Vec<u32>,
    /// The answer's first token; what comes before is given.
    pub(super) answer: usize,
}

/// A text as given, and how it is cleaned and divided.
#[derive(Clone, PartialEq)]
pub(super) struct Source {
    pub(super) raw: Rc<str>,
    pub(super) data: DataConfig,
    /// Whether the cut between its parts moves on to a blank.
    pub(super) whole_words: bool,
}

/// A text by one tokenizer.
pub(super) struct Corpus {
    pub(super) source: Source,
    pub(super) dataset: Dataset,
    pub(super) counts: Counts,
    pub(super) baselines: Baselines,
    pub(super) problems: Vec<Problem>,
    /// Of the whole text.
    pub(super) characters: usize,
    /// Of the text that is held out, or of the whole where nothing is.
    pub(super) characters_per_token: f64,
    /// Tokens of the text that are `<unk>`.
    pub(super) unknown: usize,
}

/// A text on its way to a [`Corpus`].
pub(super) struct Encoding {
    tokenizer: Tokenizer,
    documents: Vec<(Split, Range<usize>)>,
    next: usize,
    encoder: Option<Encoder>,
    done: usize,
    marks: bool,
    training: Stream,
    validation: Stream,
}

impl Encoding {
    pub(super) fn new(tokenizer: &Tokenizer, parts: &Parts, data: &DataConfig) -> Self {
        let training = parts.training.iter().map(|range| (Split::Training, range.clone()));
        let validation = parts.validation.iter().map(|range| (Split::Validation, range.clone()));
        Self {
            tokenizer: tokenizer.clone(),
            documents: training.chain(validation).collect(),
            next: 0,
            encoder: None,
            done: 0,
            marks: data.mark_documents,
            training: Stream::new(),
            validation: Stream::new(),
        }
    }

    /// Bytes encoded so far.
    pub(super) fn done(&self) -> usize {
        self.done + self.encoder.as_ref().map_or(0, Encoder::done)
    }

    /// Encodes about `work` more bytes; true once all are.
    pub(super) fn advance(&mut self, text: &str, work: usize) -> Result<bool, TokenizerError> {
        let goal = self.done() + work;
        while let Some((split, range)) = self.documents.get(self.next) {
            let document = &text[range.clone()];
            let encoder = self.encoder.get_or_insert_with(|| Encoder::new(&self.tokenizer));
            let left = goal.saturating_sub(self.done + encoder.done());
            if left == 0 || !encoder.advance(document, left)? {
                return Ok(false);
            }
            let tokens = self.encoder.take().map(Encoder::finish).unwrap_or_default();
            let mark = |mark: Option<u32>| mark.filter(|_| self.marks);
            let (begin, end) = (mark(self.tokenizer.begin()), mark(self.tokenizer.end()));
            let marked: Vec<u32> = begin.into_iter().chain(tokens).chain(end).collect();
            match split {
                Split::Training => self.training.push(&marked),
                Split::Validation => self.validation.push(&marked),
            }
            self.done += document.len();
            self.next += 1;
        }
        Ok(true)
    }

    /// The corpus, once everything is encoded.
    pub(super) fn finish(self, source: Source, text: &str, parts: &Parts) -> Corpus {
        let data = &source.data;
        let Self { tokenizer, training, validation, .. } = self;
        let vocab = tokenizer.vocab();
        let characters_of =
            |ranges: &[Range<usize>]| -> usize { ranges.iter().map(|range| text[range.clone()].chars().count()).sum() };
        let (in_training, in_validation) = (characters_of(&parts.training), characters_of(&parts.validation));
        let dataset = Dataset::new(training, validation, data);
        let (trained, held_out) = (dataset.tokens(Split::Training), dataset.tokens(Split::Validation));
        let counts = Counts::of(trained, vocab);
        let finite = |loss: f64| Some(loss).filter(|loss| loss.is_finite() && held_out.len() > 1);
        let baselines = Baselines {
            unigram: finite(counts.unigram_loss(held_out, data.add_k)),
            bigram: finite(counts.bigram_loss(held_out, data.add_k)),
        };
        let per_token = |characters: usize, tokens: usize| characters as f64 / tokens.max(1) as f64;
        let characters_per_token = match held_out.len() {
            0 => per_token(in_training, trained.len()),
            tokens => per_token(in_validation, tokens),
        };
        let is_unknown = |token: &&u32| Some(**token) == tokenizer.unknown();
        let unknown = trained.iter().chain(held_out).filter(is_unknown).count();
        let problems = problems(&tokenizer, text, parts, data);
        Corpus {
            characters: in_training + in_validation,
            counts,
            baselines,
            problems,
            characters_per_token,
            unknown,
            dataset,
            source,
        }
    }
}

/// Held-out problems, spread evenly; none unless every line of the text is one.
fn problems(tokenizer: &Tokenizer, text: &str, parts: &Parts, data: &DataConfig) -> Vec<Problem> {
    let is_problem = |line: &str| line.is_empty() || texts::problem(line).is_some();
    if !text.lines().all(is_problem) {
        return Vec::new();
    }
    // By position, the cut may stand inside a line.
    let cut = usize::from(data.division == Division::Position);
    let held_out = parts.validation.iter().flat_map(|range| text[range.clone()].lines().skip(cut));
    let all: Vec<(&str, &str)> = held_out.filter_map(texts::problem).collect();
    let every = all.len().div_ceil(PROBLEMS).max(1);
    let encode = |(question, answer): &(&str, &str)| {
        let mut tokens = tokenizer.encode(&format!("\n{question}")).ok()?;
        let given = tokens.len();
        tokens.extend(tokenizer.encode(&format!("{answer}\n")).ok()?);
        Some(Problem { tokens, answer: given })
    };
    all.iter().step_by(every).filter_map(encode).collect()
}
