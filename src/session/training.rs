//! Slices of training and evaluation, and how they are reported.

use super::problems::{from_dataset, from_gpu, from_trainer};
use super::{Host, SLICE, Session};
use crate::dataset::Split;
use crate::model::{EVALUATION_SLOTS, RING};
use crate::protocol::{Event, Problem, Progress, State, ValidationPoint};

/// Longest time that one submit should hold the GPU, milliseconds.
const SUBMIT: f64 = 80.0;
/// Time between two reports, milliseconds: Firefox answers a GPU wait only every 100.
const REPORT: f64 = 250.0;

/// How fast training goes.
#[derive(Default)]
pub(super) struct Pace {
    /// Milliseconds of a step, lately; 0: unknown.
    pub(super) step: f64,
    /// Milliseconds of the last validation.
    pub(super) validation: f64,
    /// When the last fence was passed, or training began.
    pub(super) mark: f64,
    pub(super) reported: f64,
}

impl Pace {
    /// Parts that a step is cut into; many for the first, whose length nobody knows.
    fn submits(&self) -> usize {
        if self.step == 0.0 { 16 } else { (self.step / SUBMIT).ceil() as usize }
    }
    pub(super) fn passed(&mut self, now: f64, steps: u32) {
        let step = (now - self.mark) / f64::from(steps.max(1));
        // Half the weight on the newest slice: quick to follow, calm enough to read.
        self.step = if self.step == 0.0 { step } else { 0.5 * (self.step + step) };
        self.mark = now;
    }
    pub(super) fn steps_per_slice(&self) -> u32 {
        if self.step == 0.0 { 1 } else { (SLICE / self.step).clamp(1.0, RING as f64 / 8.0) as u32 }
    }
}

pub(super) struct Evaluation {
    pub(super) next: u32,
    pub(super) sum: f64,
    pub(super) asked: bool,
    pub(super) began: f64,
}

impl Session {
    pub(super) async fn training_slice(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let until = self.until;
        let Some(run) = self.run.as_mut() else { return Ok(()) };
        let step = run.trainer.step();
        let (training, context) = (run.trainer.checked().training.clone(), run.trainer.checked().architecture.context);
        let validates = step.is_multiple_of(training.validation_interval) || step >= until;
        if validates && run.evaluated_at != Some(step) && self.check_trainable(Split::Validation).is_ok() {
            self.report(host).await?;
            // A report may find that a step was not finite: the run then stands elsewhere.
            if self.state == State::Training {
                self.evaluation = Some(Evaluation { next: 0, sum: 0.0, asked: false, began: host.now() });
            }
            return Ok(());
        }
        if step >= until {
            self.report(host).await?;
            let finished = step >= training.steps;
            self.set_state(if finished { State::Finished } else { State::Paused }, host);
            return Ok(());
        }
        let Some(run) = self.run.as_mut() else { return Ok(()) };
        let to_validation = training.validation_interval - step % training.validation_interval;
        let count = run.pace.steps_per_slice().min(until - step).min(to_validation);
        run.trainer.set_submits(run.pace.submits());
        let mut fence = None;
        for number in step + 1..=step + count {
            let Some(dataset) = &run.dataset else { break };
            let batch = dataset
                .batch(Split::Training, training.seed, number, training.batch, context)
                .map_err(|e| from_dataset(&e))?;
            fence = run.trainer.step_on(&self.gpu, &batch.tokens, &batch.targets).map_err(from_trainer)?;
        }
        run.in_flight.extend(fence.map(|fence| (fence, count)));
        // Two slices in flight, unless one alone is long: then nothing is gained by running ahead of Pause.
        let ahead = if run.pace.step < SLICE && run.pace.step > 0.0 { 1 } else { 0 };
        while run.in_flight.len() > ahead {
            if let Some((fence, steps)) = run.in_flight.pop_front() {
                self.gpu.wait(fence).await.map_err(from_gpu)?;
                run.pace.passed(host.now(), steps);
            }
        }
        let due = host.now() - run.pace.reported >= REPORT;
        if due || run.trainer.untaken() > RING / 2 {
            self.report(host).await?;
        }
        Ok(())
    }

    /// Reads what the steps left in the ring and says it.
    pub(super) async fn report(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let Some(run) = self.run.as_mut() else { return Ok(()) };
        while let Some((fence, steps)) = run.in_flight.pop_front() {
            self.gpu.wait(fence).await.map_err(from_gpu)?;
            run.pace.passed(host.now(), steps);
        }
        let mut failure = None;
        if run.trainer.untaken() > 0 {
            let (points, error) = run.trainer.take_points(&self.gpu).await.map_err(from_gpu)?;
            run.points.extend(points);
            failure = error;
        }
        if let Some(point) = run.points.last() {
            run.history.training_loss = Some(point.loss);
        }
        run.history.step = run.trainer.step();
        let checked = run.trainer.checked();
        let (step, steps) = (run.trainer.step(), checked.training.steps);
        let left = steps.saturating_sub(step);
        let tokens = (checked.training.batch * checked.architecture.context) as f64;
        let validations = f64::from(left / checked.training.validation_interval + 1) * run.pace.validation;
        let rate = if run.pace.step > 0.0 { tokens * 1000.0 / run.pace.step } else { 0.0 };
        let now = host.now();
        run.pace.reported = now;
        run.pace.mark = now;
        host.emit(Event::Progressed(Progress {
            step,
            steps,
            training: std::mem::take(&mut run.points),
            validation: std::mem::take(&mut run.validations),
            tokens_per_second: rate,
            seconds_left: (f64::from(left) * run.pace.step + validations) / 1000.0,
            uniform_loss: (checked.architecture.vocab as f32).ln(),
        }));
        match failure {
            Some(error) => Err(from_trainer(error)),
            None => Ok(()),
        }
    }

    pub(super) async fn evaluation_slice(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let (Some(run), Some(evaluation)) = (self.run.as_mut(), self.evaluation.as_mut()) else { return Ok(()) };
        let (training, context) = (run.trainer.checked().training.clone(), run.trainer.checked().architecture.context);
        let Some(dataset) = &run.dataset else {
            self.evaluation = None;
            return Ok(());
        };
        // A forward pass is about a third of a step.
        let fit = if run.pace.step > 0.0 { (3.0 * SLICE / run.pace.step).max(1.0) as u32 } else { 4 };
        let count = fit.min(EVALUATION_SLOTS as u32).min(training.validation_batches - evaluation.next);
        for slot in 0..count {
            let number = evaluation.next + slot;
            let batch = dataset
                .batch(Split::Validation, training.seed, number, training.batch, context)
                .map_err(|e| from_dataset(&e))?;
            run.trainer.evaluate_on(&self.gpu, &batch, slot as usize).map_err(from_trainer)?;
        }
        let losses = run.trainer.evaluation_losses(&self.gpu, count as usize).await.map_err(from_trainer)?;
        evaluation.sum += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
        evaluation.next += count;
        if evaluation.next < training.validation_batches {
            return Ok(());
        }
        let loss = (evaluation.sum / f64::from(training.validation_batches)) as f32;
        let (step, asked, now) = (run.trainer.step(), evaluation.asked, host.now());
        run.pace.validation = now - evaluation.began;
        run.pace.mark = now;
        self.evaluation = None;
        if !loss.is_finite() {
            let failure = run.trainer.restore(&self.gpu, "validation loss", step).map_err(from_gpu)?;
            self.report(host).await?;
            return Err(from_trainer(failure));
        }
        run.history.validation_loss = Some(loss);
        run.trainer.keep(&self.gpu);
        if asked {
            host.emit(Event::Evaluated { step, validation_loss: loss, batches: training.validation_batches });
            return Ok(());
        }
        run.evaluated_at = Some(step);
        run.validations.push(ValidationPoint { step, loss });
        self.report(host).await
    }
}
