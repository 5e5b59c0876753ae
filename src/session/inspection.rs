//! Looks inside the model in memory, while it trains or not: attention, the next token, what each layer would say, what
//! pieces are worth, tensors, embeddings.

use super::problems::{from_dataset, no_model, no_text};
use super::{Host, LiveModel, Run, Session, encode_prompt};
use crate::config::{Architecture, Objective};
use crate::dataset::Split;
use crate::device::Device;
use crate::inspection::{look_at_head, nearest, project, spread};
use crate::model::Off;
use crate::parameters::ModelError;
use crate::protocol::{Advice, CandidateToken, Event, Neighbour, Problem, ProblemKind, SessionProblem, TensorLook};
use crate::tokenizer::Tokenizer;

/// Held-out windows over which a piece's worth is measured.
const WINDOWS: usize = 16;
/// Neighbours that are named.
const NEIGHBOURS: usize = 12;

/// The model in memory, and the last `context` tokens of a prompt.
fn window<'a>(run: &'a mut Option<Run>, prompt: &str) -> Result<(&'a mut Run, Vec<u32>), Problem> {
    let run = run.as_mut().ok_or_else(no_model)?;
    let context = run.model.parameters.checked().architecture.context;
    let tokens = end_of_prompt(&run.tokenizer, prompt, run.config.data.mark_documents, context)?;
    Ok((run, tokens))
}

/// The last `context` tokens of a prompt.
pub(super) fn end_of_prompt(
    tokenizer: &Tokenizer,
    prompt: &str,
    marked: bool,
    context: usize,
) -> Result<Vec<u32>, Problem> {
    let mut tokens = encode_prompt(tokenizer, prompt, marked)?;
    tokens.drain(..tokens.len().saturating_sub(context));
    Ok(tokens)
}

pub(super) fn check_attention(a: &Architecture) -> Result<(), Problem> {
    if a.layers == 0 || !a.attention {
        return Err(Problem::new(ProblemKind::Prompt, SessionProblem::NoAttention));
    }
    Ok(())
}

pub(super) fn check_head(a: &Architecture, layer: usize, head: usize) -> Result<(), Problem> {
    if layer >= a.layers || head >= a.heads {
        let (layers, heads) = (a.layers, a.heads);
        let missing = SessionProblem::NoSuchHead { layer, head, layers, heads };
        return Err(Problem::new(ProblemKind::Prompt, missing));
    }
    Ok(())
}

pub(super) fn texts(tokenizer: &Tokenizer, tokens: &[u32]) -> Vec<String> {
    tokens.iter().map(|&id| tokenizer.token_text(id)).collect()
}

impl Run {
    fn architecture(&self) -> &Architecture {
        &self.model.parameters.checked().architecture
    }

    pub(super) fn check_off(&self, off: &Off) -> Result<(), Problem> {
        let check = |layer, head| check_head(self.architecture(), layer, head);
        off.heads.iter().try_for_each(|&(layer, head)| check(layer, head))?;
        off.attention.iter().chain(&off.mlp).try_for_each(|&layer| check(layer, 0))
    }

    fn texts(&self, tokens: &[u32]) -> Vec<String> {
        texts(&self.tokenizer, tokens)
    }
}

/// Mean cross-entropy over windows of (tokens, targets), nats a token.
async fn loss_without(
    model: &mut LiveModel,
    device: &Device,
    windows: &[(Vec<u32>, Vec<u32>)],
    off: &Off,
) -> Result<f32, ModelError> {
    let checked = model.parameters.checked();
    let (vocab, last_only) = (checked.architecture.vocab, checked.training.objective == Objective::LastPosition);
    let (mut sum, mut count) = (0.0, 0u32);
    for (tokens, targets) in windows {
        let logits = model.inference.logits_without(device, &mut model.parameters, tokens, off).await?;
        let first = if last_only { tokens.len() - 1 } else { 0 };
        for (row, &target) in logits.chunks_exact(vocab).zip(targets).skip(first) {
            let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let total: f64 = row.iter().map(|z| f64::from(z - highest).exp()).sum();
            sum += total.ln() - f64::from(row[target as usize] - highest);
            count += 1;
        }
    }
    Ok((sum / f64::from(count.max(1))) as f32)
}

/// The likeliest tokens of logits [vocab], descending.
fn likeliest(run: &Run, logits: &[f32], count: usize) -> Vec<CandidateToken> {
    let count = count.clamp(1, logits.len());
    let by_logit = |a: &u32, b: &u32| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b));
    let mut ids: Vec<u32> = (0..logits.len() as u32).collect();
    ids.select_nth_unstable_by(count - 1, by_logit);
    ids.truncate(count);
    ids.sort_by(by_logit);
    let highest = ids.first().map_or(0.0, |&id| logits[id as usize]);
    let total: f64 = logits.iter().map(|z| f64::from(z - highest).exp()).sum();
    let probability = |id: u32| (f64::from(logits[id as usize] - highest).exp() / total) as f32;
    ids.into_iter()
        .map(|id| CandidateToken { id, text: run.tokenizer.token_text(id), probability: probability(id) })
        .collect()
}

impl Session {
    pub(super) async fn attention(
        &mut self,
        request: u32,
        prompt: &str,
        (layer, head): (u32, u32),
        at: Option<u32>,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let (run, tokens) = window(&mut self.run, prompt)?;
        check_attention(run.architecture())?;
        check_head(run.architecture(), layer as usize, head as usize)?;
        let device = &self.device;
        let look = async |model: &mut LiveModel| {
            model.inference.attention(device, &mut model.parameters, &tokens, layer as usize, head as usize).await
        };
        let (step, weights) = run.look(device, at, host, look).await?;
        host.emit(Event::AttentionComputed { request, step, layer, head, tokens: run.texts(&tokens), weights });
        Ok(())
    }

    pub(super) async fn look_at_heads(
        &mut self,
        request: u32,
        prompt: &str,
        size: u32,
        at: Option<u32>,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let (run, tokens) = window(&mut self.run, prompt)?;
        check_attention(run.architecture())?;
        let device = &self.device;
        let look = async |model: &mut LiveModel| {
            let mut heads = Vec::new();
            let look = |layer, head, weights: Vec<f32>| {
                heads.push(look_at_head(layer, head, &weights, &tokens, size as usize));
            };
            model.inference.every_attention(device, &mut model.parameters, &tokens, look).await?;
            Ok(heads)
        };
        let (step, heads) = run.look(device, at, host, look).await?;
        host.emit(Event::HeadsLookedAt { request, step, tokens: run.texts(&tokens), heads });
        Ok(())
    }

    pub(super) async fn predict(
        &mut self,
        request: u32,
        prompt: &str,
        off: &Off,
        at: Option<u32>,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let (run, tokens) = window(&mut self.run, prompt)?;
        run.check_off(off)?;
        let device = &self.device;
        let look = async |model: &mut LiveModel| {
            model.inference.last_logits(device, &mut model.parameters, &tokens, off).await
        };
        let (step, logits) = run.look(device, at, host, look).await?;
        host.emit(Event::Predicted { request, step, logits });
        Ok(())
    }

    pub(super) async fn look_through_lens(
        &mut self,
        request: u32,
        prompt: &str,
        guesses: usize,
        at: Option<u32>,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let (run, tokens) = window(&mut self.run, prompt)?;
        let device = &self.device;
        let (step, layers) = run
            .look(device, at, host, async |model| model.inference.lens(device, &mut model.parameters, &tokens).await)
            .await?;
        let vocab = run.model.parameters.checked().architecture.vocab;
        let guess = |logits: &Vec<f32>| logits.chunks_exact(vocab).map(|row| likeliest(run, row, guesses)).collect();
        let guesses = layers.iter().map(guess).collect();
        host.emit(Event::LensLooked { request, step, tokens: run.texts(&tokens), guesses });
        Ok(())
    }

    pub(super) async fn switch_off(
        &mut self,
        request: u32,
        off: &Off,
        at: Option<u32>,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let run = self.run.as_mut().ok_or_else(no_model)?;
        run.check_off(off)?;
        let corpus = run.corpus.clone().ok_or_else(no_text)?;
        let checked = run.model.parameters.checked().clone();
        let (t, context) = (&checked.training, checked.architecture.context);
        // Where nothing is held out, the text itself.
        let held_out = corpus.dataset.check(Split::Validation, t.batch, context).is_ok();
        let split = if held_out { Split::Validation } else { Split::Training };
        let mut windows = Vec::new();
        for number in 1.. {
            let batch = corpus.dataset.batch(split, t.seed, number, t.batch, context).map_err(from_dataset)?;
            let pairs = batch.tokens.chunks(batch.seq).zip(batch.targets.chunks(batch.seq));
            windows.extend(pairs.map(|(tokens, targets)| (tokens.to_vec(), targets.to_vec())));
            if windows.len() >= WINDOWS {
                break;
            }
        }
        windows.truncate(WINDOWS);
        let device = &self.device;
        let look = async |model: &mut LiveModel| {
            let whole = loss_without(model, device, &windows, &Off::default()).await?;
            Ok((whole, loss_without(model, device, &windows, off).await?))
        };
        let (step, (whole, without)) = run.look(device, at, host, look).await?;
        let last_only = t.objective == Objective::LastPosition;
        let tokens = windows.iter().map(|(tokens, _)| if last_only { 1 } else { tokens.len() }).sum();
        host.emit(Event::SwitchedOff { request, step, whole, without, tokens });
        Ok(())
    }

    pub(super) async fn look_at_tensors(
        &mut self,
        request: u32,
        at: Option<u32>,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let run = self.run.as_mut().ok_or_else(no_model)?;
        let device = &self.device;
        let look = async |model: &mut LiveModel| {
            let weights = model.parameters.weights(device).await?;
            // Those of the last step: no checkpoint keeps its own.
            let known = at.is_none() && model.parameters.step() > 0 && model.trainer.trains();
            Ok((weights, if known { Some(model.parameters.gradients(device).await?) } else { None }))
        };
        let (step, (weights, gradients)) = run.look(device, at, host, look).await?;
        let tensors = run.model.parameters.layout().places().map(|(parameter, place)| TensorLook {
            name: parameter.name.clone(),
            shape: parameter.shape.clone(),
            weights: spread(&weights[place.clone()]),
            gradient: gradients.as_ref().map(|flat| spread(&flat[place])),
        });
        host.emit(Event::TensorsLookedAt { request, step, tensors: tensors.collect() });
        Ok(())
    }

    pub(super) async fn project_embeddings(
        &mut self,
        request: u32,
        count: usize,
        at: Option<u32>,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let run = self.run.as_mut().ok_or_else(no_model)?;
        let (device, width) = (&self.device, run.model.parameters.checked().architecture.width);
        let (step, all) =
            run.look(device, at, host, async |model| model.parameters.parameter(device, EMBEDDING).await).await?;
        let mut ids: Vec<u32> = (0..run.tokenizer.vocab() as u32).collect();
        if let Some(corpus) = &run.corpus {
            ids.sort_by_key(|&id| (std::cmp::Reverse(corpus.counts.count(id)), id));
        }
        ids.truncate(count.max(1));
        let rows: Vec<f32> =
            ids.iter().flat_map(|&id| &all[id as usize * width..(id as usize + 1) * width]).copied().collect();
        let tokens = run.texts(&ids);
        host.emit(Event::EmbeddingsProjected { request, step, ids, tokens, projection: project(&rows, width) });
        Ok(())
    }

    pub(super) async fn find_neighbours(
        &mut self,
        request: u32,
        token: u32,
        at: Option<u32>,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let run = self.run.as_mut().ok_or_else(no_model)?;
        let (vocab, width) = (run.tokenizer.vocab(), run.model.parameters.checked().architecture.width);
        if token as usize >= vocab {
            let unknown = Problem::new(ProblemKind::Prompt, ModelError::UnknownToken { token, vocab });
            return Err(Problem { advice: Some(Advice::ChooseToken), ..unknown });
        }
        let device = &self.device;
        let (_, rows) =
            run.look(device, at, host, async |model| model.parameters.parameter(device, EMBEDDING).await).await?;
        let near = nearest(&rows, width, token as usize, NEIGHBOURS).into_iter();
        let neighbours = near.map(|(id, cosine)| {
            let id = id as u32;
            Neighbour { id, text: run.tokenizer.token_text(id), cosine }
        });
        let token = run.tokenizer.token_text(token);
        host.emit(Event::NeighboursFound { request, token, neighbours: neighbours.collect() });
        Ok(())
    }
}

const EMBEDDING: &str = "embedding.token.weight";
