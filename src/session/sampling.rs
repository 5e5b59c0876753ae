//! Slices of sampling: on demand, and of the prompt that is due during training. The model or the counted pairs give the
//! probabilities.

use super::problems::{from_model, from_sampler, no_model, no_text};
use super::{Host, LiveModel, Run, SLICE, Session};
use crate::config::SamplingConfig;
use crate::dataset::Split;
use crate::model::Off;
use crate::protocol::{Advice, CandidateToken, Event, Problem, ProblemKind, SampledToken, Source, Transition};
use crate::sampler::{Drawn, Sampler};
use crate::tokenizer::{Tokenizer, TokenizerError};

/// Tokens of a sample during training, at most: it must not hold training up.
const DURING_TRAINING: u32 = 100;
/// Transitions that are listed.
const TRANSITIONS: usize = 50;

/// Who asked.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Asked {
    ByRequest(u32),
    /// It was due at this step of training.
    ByInterval(u32),
}

pub(super) struct Sampling {
    pub(super) asked: Asked,
    source: Source,
    /// Of the model, what is switched off meanwhile.
    off: Off,
    prompt: String,
    /// Prompt and what was drawn.
    tokens: Vec<u32>,
    /// Tokens to come.
    pub(super) left: u32,
    drawn: u32,
    sampler: Sampler,
    stop: String,
    /// Whether the end of a document ends it.
    ends: bool,
    /// Bytes of a character that is not whole yet.
    pending: Vec<u8>,
    /// What was said.
    text: String,
    /// What may be the beginning of the stop text, and is not said yet.
    held: String,
}

/// What a slice of sampling brought.
#[derive(Default)]
pub(super) struct Slice {
    text: String,
    tokens: Vec<SampledToken>,
}

impl Slice {
    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

impl Sampling {
    pub(super) fn new(
        asked: Asked,
        source: Source,
        off: Off,
        settings: &SamplingConfig,
        tokenizer: &Tokenizer,
        marked: bool,
    ) -> Result<Self, Problem> {
        let sampler = Sampler::new(settings, tokenizer.vocab()).map_err(from_sampler)?;
        Ok(Self {
            asked,
            source,
            off,
            prompt: settings.prompt.clone(),
            tokens: encode_prompt(tokenizer, &settings.prompt, marked)?,
            left: settings.tokens,
            drawn: 0,
            sampler,
            stop: settings.stop.clone(),
            ends: marked,
            pending: Vec::new(),
            text: String::new(),
            held: String::new(),
        })
    }

    /// The end of the text, as much as the model sees of it: one longer than the context slides.
    pub(super) fn window(&self, context: usize) -> &[u32] {
        &self.tokens[self.tokens.len().saturating_sub(context)..]
    }

    /// The next token for the logits [vocab] behind the window.
    pub(super) fn draw(&mut self, logits: &[f32], context: usize) -> Result<Drawn, Problem> {
        let window = &self.tokens[self.tokens.len().saturating_sub(context)..];
        self.sampler.draw(logits, window).map_err(from_sampler)
    }

    /// Takes in a drawn token.
    pub(super) fn take(&mut self, drawn: &Drawn, tokenizer: &Tokenizer, slice: &mut Slice) {
        slice.text += &self.push(drawn.token, tokenizer);
        slice.tokens.push(sampled(tokenizer, drawn));
    }

    /// Says what a slice brought; the sample, where it goes on.
    pub(super) fn say(self, slice: Slice, host: &mut impl Host) -> Option<Self> {
        match self.asked {
            Asked::ByRequest(request) => {
                if !slice.is_empty() {
                    host.emit(Event::Sampled { request, text: slice.text, tokens: slice.tokens });
                }
                if self.left > 0 {
                    return Some(self);
                }
                host.emit(Event::SamplingFinished { request, stopped: false });
                None
            }
            Asked::ByInterval(_) if self.left > 0 => Some(self),
            Asked::ByInterval(step) => {
                let Self { prompt, text, drawn, .. } = self;
                host.emit(Event::SampleTaken { step, prompt, text, tokens: drawn });
                None
            }
        }
    }

    /// Takes in a token; its text as far as characters are whole.
    fn push(&mut self, token: u32, tokenizer: &Tokenizer) -> String {
        self.tokens.push(token);
        self.left -= 1;
        self.drawn += 1;
        if self.ends && tokenizer.end() == Some(token) {
            self.left = 0;
        }
        self.pending.extend(tokenizer.token_bytes(token));
        let mut new = std::mem::take(&mut self.held) + &whole_characters(&mut self.pending);
        if self.left == 0 && !self.pending.is_empty() {
            new.push(char::REPLACEMENT_CHARACTER);
        }
        if !self.stop.is_empty() {
            if let Some(at) = new.find(&self.stop) {
                self.left = 0;
                new.truncate(at);
            } else if self.left > 0 {
                self.held = new.split_off(new.len() - begun(&new, &self.stop));
            }
        }
        self.text.push_str(&new);
        new
    }
}

/// Bytes at the end of a text that are the beginning of `stop`.
fn begun(text: &str, stop: &str) -> usize {
    let beginnings = stop.char_indices().map(|(at, _)| at).filter(|&at| at <= text.len());
    beginnings.filter(|&at| text.ends_with(&stop[..at])).max().unwrap_or(0)
}

/// Takes whole characters off the front of bytes; what can never become one gives U+FFFD.
fn whole_characters(bytes: &mut Vec<u8>) -> String {
    let mut text = String::new();
    loop {
        match std::str::from_utf8(bytes) {
            Ok(rest) => {
                text.push_str(rest);
                bytes.clear();
                return text;
            }
            Err(error) => {
                let good = error.valid_up_to();
                text.push_str(&String::from_utf8_lossy(&bytes[..good]));
                let Some(broken) = error.error_len() else {
                    bytes.drain(..good);
                    return text;
                };
                text.push(char::REPLACEMENT_CHARACTER);
                bytes.drain(..good + broken);
            }
        }
    }
}

fn unreadable(error: TokenizerError, advice: Advice) -> Problem {
    Problem { advice: Some(advice), ..Problem::new(ProblemKind::Prompt, error) }
}

/// The prompt's tokens. Where documents are marked it begins one. An empty prompt is the beginning of a document, else a new
/// line, else the first token.
pub(super) fn encode_prompt(tokenizer: &Tokenizer, prompt: &str, marked: bool) -> Result<Vec<u32>, Problem> {
    let begin = tokenizer.begin().or(tokenizer.end()).filter(|_| marked);
    let mut tokens: Vec<u32> = begin.into_iter().collect();
    if !prompt.is_empty() {
        tokens.extend(tokenizer.encode(prompt).map_err(|error| unreadable(error, Advice::LeaveOutOfPrompt))?);
    }
    if tokens.is_empty() {
        tokens = tokenizer.encode("\n").unwrap_or_default();
    }
    Ok(if tokens.is_empty() { vec![0] } else { tokens })
}

fn sampled(tokenizer: &Tokenizer, drawn: &Drawn) -> SampledToken {
    let candidates = drawn.candidates.iter().map(|c| CandidateToken {
        id: c.token,
        text: tokenizer.token_text(c.token),
        probability: c.probability,
    });
    SampledToken {
        id: drawn.token,
        text: tokenizer.token_text(drawn.token),
        probability: drawn.probability,
        candidates: candidates.collect(),
    }
}

impl Session {
    pub(super) fn sample(
        &mut self,
        request: u32,
        source: Source,
        settings: &SamplingConfig,
        off: Off,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let sampling = match source {
            Source::Model => {
                let run = self.run.as_ref().ok_or_else(no_model)?;
                run.check_off(&off)?;
                let marked = run.config.data.mark_documents;
                Sampling::new(Asked::ByRequest(request), source, off, settings, &run.tokenizer, marked)?
            }
            Source::Counts => {
                let text = self.text.as_ref().ok_or_else(no_text)?;
                let marked = text.data.mark_documents;
                Sampling::new(Asked::ByRequest(request), source, off, settings, &text.tokenizer, marked)?
            }
        };
        self.stop_sampling(host);
        self.sampling = Some(sampling);
        Ok(())
    }

    pub(super) fn stop_sampling(&mut self, host: &mut impl Host) {
        if let Some(Sampling { asked: Asked::ByRequest(request), .. }) = self.sampling.take() {
            host.emit(Event::SamplingFinished { request, stopped: true });
        }
    }

    /// One slice of the sample that was asked for, or else of the one that is due during training.
    pub(super) async fn sample_slice(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let Some(mut sampling) = self.sampling.take().or_else(|| self.due.take()) else { return Ok(()) };
        let began = host.now();
        let mut slice = Slice::default();
        while sampling.left > 0 && (slice.is_empty() || host.now() - began < SLICE) {
            let (drawn, tokenizer) = match sampling.source {
                Source::Model => {
                    let Some(run) = self.run.as_mut() else { return Ok(()) };
                    (model_draw(&self.device, run, &mut sampling).await?, &run.tokenizer)
                }
                Source::Counts => {
                    let Some(text) = self.text.as_ref() else { return Ok(()) };
                    let counts = &text.corpus.counts;
                    let last = sampling.tokens.last().copied().unwrap_or(0);
                    let (sampler, context) = (&mut sampling.sampler, &sampling.tokens);
                    let next = sampler.draw_counts(counts.next(last), context);
                    // Nothing ever followed: draw by frequency alone, as if a text began here.
                    let drawn = next.or_else(|| sampler.draw_counts(counts.unigram(), context));
                    (drawn.ok_or_else(no_text)?, &text.tokenizer)
                }
            };
            sampling.take(&drawn, tokenizer, &mut slice);
        }
        if let Some(run) = self.run.as_mut() {
            run.pace.mark += host.now() - began;
        }
        match sampling.asked {
            Asked::ByRequest(_) => self.sampling = sampling.say(slice, host),
            Asked::ByInterval(_) => self.due = sampling.say(slice, host),
        }
        Ok(())
    }

    /// Begins the sample that is due at this step, once.
    pub(super) fn sample_when_due(&mut self) {
        let Some(run) = self.run.as_mut() else { return };
        let (step, interval) = (run.model.parameters.step(), run.model.parameters.checked().training.sample_interval);
        if interval == 0 || !step.is_multiple_of(interval) || run.sampled_at == Some(step) {
            return;
        }
        run.sampled_at = Some(step);
        let settings = &run.config.sampling;
        let settings = SamplingConfig { tokens: settings.tokens.min(DURING_TRAINING), ..settings.clone() };
        let marked = run.config.data.mark_documents;
        let sampling = |settings: &SamplingConfig| {
            Sampling::new(Asked::ByInterval(step), Source::Model, Off::default(), settings, &run.tokenizer, marked)
        };
        // A prompt that the model cannot read must not end its training.
        let without_prompt = || sampling(&SamplingConfig { prompt: String::new(), ..settings.clone() });
        self.due = sampling(&settings).or_else(|_| without_prompt()).ok();
    }

    pub(super) fn count_transitions(&self, request: u32, text: &str, host: &mut impl Host) -> Result<(), Problem> {
        let held = self.text.as_ref().ok_or_else(no_text)?;
        let (tokenizer, counts) = (&held.tokenizer, &held.corpus.counts);
        let row = |previous: u32| counts.next(previous).map(move |(next, count)| (previous, next, count));
        let after = |previous: u32| counts.next(previous).map(|(_, count)| count).sum::<u32>();
        let (total, different, listed) = if text.is_empty() {
            let tokens = held.corpus.dataset.tokens(Split::Training).len();
            (tokens.saturating_sub(1) as u32, counts.transitions(), counts.commonest(TRANSITIONS))
        } else {
            let tokens = tokenizer.encode(text).map_err(|error| unreadable(error, Advice::LookUpInText))?;
            let previous = tokens.last().copied().unwrap_or(0);
            (after(previous), row(previous).count(), row(previous).take(TRANSITIONS).collect())
        };
        let transitions = listed.into_iter().map(|(previous, next, count)| Transition {
            previous: tokenizer.token_text(previous),
            next: tokenizer.token_text(next),
            count,
            probability: f64::from(count) / f64::from(after(previous).max(1)),
        });
        host.emit(Event::TransitionsCounted { request, total, different, transitions: transitions.collect() });
        Ok(())
    }
}

async fn model_draw(device: &crate::device::Device, run: &mut Run, sampling: &mut Sampling) -> Result<Drawn, Problem> {
    let context = run.model.parameters.checked().architecture.context;
    let LiveModel { parameters, inference, .. } = &mut run.model;
    let logits = inference.next_logits(device, parameters, sampling.window(context), &sampling.off).await;
    let logits = logits.map_err(from_model)?;
    sampling.draw(&logits, context)
}
