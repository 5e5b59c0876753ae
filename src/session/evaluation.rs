//! Slices of validation, and what follows from them: the best checkpoint, early stopping, the warning when validation rises
//! while training falls, the score of held-out problems.

use super::problems::{from_dataset, from_model};
use super::{Host, LiveModel, Run, SLICE, Session};
use crate::dataset::Split;
use crate::model::EVALUATION_SLOTS;
use crate::parameters::Watched;
use crate::protocol::{Best, Event, Problem, ProblemKind, Score, SessionProblem, State, ValidationPoint};
use crate::trainer::Trainer;
use serde::{Deserialize, Serialize};

/// Validations in a row above the best, with training below, after which a warning is due.
const RISING: u32 = 3;
/// Nats by which they must be above it.
const RISEN: f32 = 0.01;

pub(super) struct Evaluation {
    next: u32,
    /// Batches from `next` on that were handed over, and have not been read.
    handed: u32,
    sum: f64,
    asked: bool,
    began: f64,
    loss: Option<f32>,
    /// Problems asked so far, and answered exactly.
    score: Score,
}

impl Evaluation {
    pub(super) fn new(asked: bool, began: f64) -> Self {
        Self { next: 0, handed: 0, sum: 0.0, asked, began, loss: None, score: Score { exact: 0, of: 0 } }
    }

    /// What was handed over and not read is asked for again.
    pub(super) fn ask_again(&mut self) {
        self.handed = 0;
    }
}

/// What validations have shown since the weights were fresh.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Course {
    pub(super) best: Option<Best>,
    /// The loss that the next improvement is measured from.
    reference: Option<f32>,
    /// Validations since the last improvement.
    stale: u32,
    /// Sum and number of training losses since the last validation.
    since: (f64, u32),
    /// Mean training loss before the best checkpoint.
    at_best: Option<f64>,
    /// Validations in a row that rose while training fell.
    rising: u32,
    warned: bool,
}

impl Course {
    pub(super) fn trained(&mut self, loss: f32) {
        self.since = (self.since.0 + f64::from(loss), self.since.1 + 1);
    }

    /// Forgets how long ago the last improvement was: training is to go on.
    pub(super) fn go_on(&mut self) {
        self.stale = 0;
    }

    /// Takes in a validation loss: (whether it is the lowest so far, whether to warn).
    fn validated(&mut self, step: u32, loss: f32, min_improvement: f64) -> (bool, bool) {
        let training = (self.since.1 > 0).then(|| self.since.0 / f64::from(self.since.1));
        self.since = (0.0, 0);
        let lowest = self.best.is_none_or(|best| loss < best.loss);
        if lowest {
            self.best = Some(Best { step, loss });
            (self.at_best, self.rising, self.warned) = (training, 0, false);
        } else if let (Some(best), Some(now)) = (self.best, training) {
            // Nothing was trained before the first validation: the next interval stands for it.
            let then = *self.at_best.get_or_insert(now);
            let apart = loss > best.loss + RISEN && now < then;
            self.rising = if apart { self.rising + 1 } else { 0 };
        }
        if self.reference.is_none_or(|reference| f64::from(loss) < f64::from(reference) - min_improvement) {
            (self.reference, self.stale) = (Some(loss), 0);
        } else {
            self.stale += 1;
        }
        let warn = self.rising >= RISING && !self.warned;
        self.warned |= warn;
        (lowest, warn)
    }
}

impl Session {
    pub(super) async fn evaluation_slice(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let (Some(run), Some(evaluation)) = (self.run.as_mut(), self.evaluation.as_mut()) else { return Ok(()) };
        let Some(corpus) = run.corpus.clone() else {
            self.evaluation = None;
            return Ok(());
        };
        let (training, context) =
            (run.model.parameters.checked().training.clone(), run.model.parameters.checked().architecture.context);
        let began = host.now();
        let long = || host.now() - began >= SLICE;
        if !self.device.go_on(long) {
            return Ok(());
        }
        if evaluation.next < training.validation_batches {
            // A forward pass is about a third of a step.
            let fit = if run.pace.step > 0.0 { (3.0 * SLICE / run.pace.step).max(1.0) as u32 } else { 4 };
            let at_once = Trainer::batches_at_once(&self.device) as u32;
            let count =
                fit.max(at_once).min(EVALUATION_SLOTS as u32).min(training.validation_batches - evaluation.next);
            while evaluation.handed < count {
                let first = evaluation.next + evaluation.handed;
                let group = at_once.min(count - evaluation.handed);
                let batch =
                    |number| corpus.dataset.batch(Split::Validation, training.seed, number, training.batch, context);
                let batches: Result<Vec<_>, _> = (first..first + group).map(batch).collect();
                let (batches, slot) = (batches.map_err(from_dataset)?, evaluation.handed as usize);
                run.model
                    .trainer
                    .evaluate_on(&self.device, &run.model.parameters, &batches, slot)
                    .map_err(from_model)?;
                evaluation.handed += group;
                if !self.device.go_on(long) || long() {
                    return Ok(());
                }
            }
            let losses = run.model.trainer.evaluation_losses(&self.device, count as usize).await.map_err(from_model)?;
            evaluation.sum += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
            evaluation.next += std::mem::take(&mut evaluation.handed);
            if evaluation.next == training.validation_batches {
                evaluation.loss = Some((evaluation.sum / f64::from(training.validation_batches)) as f32);
            }
            return Ok(());
        }
        let Some(loss) = evaluation.loss else { return Ok(()) };
        if !loss.is_finite() {
            self.evaluation = None;
            let LiveModel { parameters, trainer, .. } = &mut run.model;
            let step = parameters.step();
            let failure = trainer.restore_good(&self.device, parameters, Watched::ValidationLoss, step);
            self.report(host).await?;
            self.cut_checkpoints(self.run.as_ref().map_or(0, |run| run.model.parameters.step()), host);
            return Err(from_model(failure));
        }
        // Not causal, a model would read the answer.
        let problems = if run.model.parameters.checked().architecture.causal { corpus.problems.len() } else { 0 };
        while (evaluation.score.of as usize) < problems {
            let problem = &corpus.problems[evaluation.score.of as usize];
            evaluation.score.of += 1;
            if answers(&self.device, run, problem).await? {
                evaluation.score.exact += 1;
            }
            if long() {
                return Ok(());
            }
        }
        let (asked, score, began) = (evaluation.asked, evaluation.score, evaluation.began);
        self.evaluation = None;
        self.validated(loss, Some(score).filter(|score| score.of > 0), asked, began, host).await
    }

    async fn validated(
        &mut self,
        loss: f32,
        score: Option<Score>,
        asked: bool,
        began: f64,
        host: &mut impl Host,
    ) -> Result<(), Problem> {
        let Some(run) = self.run.as_mut() else { return Ok(()) };
        let (step, now, training) =
            (run.model.parameters.step(), host.now(), run.model.parameters.checked().training.clone());
        run.pace.validation = now - began;
        run.pace.mark = now;
        run.history.validation_loss = Some(loss);
        run.model.trainer.keep_good(&self.device, &run.model.parameters);
        let point = ValidationPoint {
            step,
            loss,
            perplexity: loss.exp(),
            bits_per_character: run.bits_per_character(loss),
            tokens_seen: run.tokens_seen(step),
            score,
        };
        if asked {
            host.emit(Event::Evaluated { point, batches: training.validation_batches });
            return Ok(());
        }
        run.evaluated_at = Some(step);
        run.validations.push(point);
        let (lowest, warn) = run.course.validated(step, loss, training.min_improvement);
        if lowest {
            run.model.trainer.keep_best(&self.device, &run.model.parameters);
        }
        let (best, stale) = (run.course.best, run.course.stale);
        self.report(host).await?;
        self.keep_checkpoint(host).await?;
        let Some(best) = best else { return Ok(()) };
        if warn {
            let warning = SessionProblem::ValidationRises { loss, step, best_loss: best.loss, best_step: best.step };
            host.emit(Event::Warned(Problem::new(ProblemKind::Training, warning)));
        }
        if training.patience > 0 && stale >= training.patience && self.state == State::Training {
            host.emit(Event::StoppedEarly { step, patience: training.patience, best });
            self.set_state(State::Finished, host);
        }
        Ok(())
    }
}

/// Whether greedy sampling would answer exactly: it does if every token of the true answer, the line break at its end
/// included, is the likeliest after the true ones before it. One pass instead of one a token.
async fn answers(
    device: &crate::device::Device,
    run: &mut Run,
    problem: &super::corpus::Problem,
) -> Result<bool, super::Problem> {
    let a = &run.model.parameters.checked().architecture;
    let (context, vocab) = (a.context, a.vocab);
    // A question longer than the context slides, as in sampling.
    let start = problem.tokens.len().saturating_sub(context + 1);
    let window = &problem.tokens[start..problem.tokens.len() - 1];
    let first = problem.answer.saturating_sub(start).max(1);
    let logits = run.model.inference.logits(device, &mut run.model.parameters, window).await.map_err(from_model)?;
    let likeliest = |row: &[f32]| {
        let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
        best.map_or(0, |(token, _)| token as u32)
    };
    let wanted = problem.tokens[start + first..].iter();
    Ok(logits.chunks_exact(vocab).skip(first - 1).zip(wanted).all(|(row, &token)| likeliest(row) == token))
}
