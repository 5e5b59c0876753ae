//! Slices of training, and how they are reported.

use super::evaluation::Evaluation;
use super::problems::{from_dataset, from_gpu, from_model};
use super::{Host, SLICE, Session};
use crate::dataset::Split;
use crate::model::RING;
use crate::protocol::{Event, Problem, Progress, State};

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

impl Session {
    pub(super) async fn training_slice(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let began = host.now();
        let long = |now: f64| now - began >= SLICE;
        // What is under way comes first.
        if self.device.is_idle() {
            if self.something_else_is_due(host).await? {
                return Ok(());
            }
            let until = self.until;
            let Some(run) = self.run.as_mut() else { return Ok(()) };
            let Some(corpus) = run.corpus.clone() else { return Ok(()) };
            let (step, checked) = (run.model.parameters.step(), run.model.parameters.checked());
            let (training, context) = (checked.training.clone(), checked.architecture.context);
            let to_next = |interval: u32| if interval == 0 { u32::MAX } else { interval - step % interval };
            let due = to_next(training.validation_interval).min(to_next(training.sample_interval));
            let count = run.pace.steps_per_slice().min(until - step).min(due);
            run.model.set_submits(run.pace.submits());
            let mut fence = None;
            // Micro-batches are numbered through, from 1.
            let next = step * training.accumulation + run.model.trainer.micro_batches() + 1;
            for number in next..=(step + count) * training.accumulation {
                let batch = corpus
                    .dataset
                    .batch(Split::Training, training.seed, number, training.batch, context)
                    .map_err(from_dataset)?;
                fence = run
                    .model
                    .trainer
                    .step_on(&self.device, &mut run.model.parameters, &batch.tokens, &batch.targets)
                    .map_err(from_model)?;
                if !self.device.go_on(|| long(host.now())) || long(host.now()) {
                    break;
                }
            }
            let steps = run.model.parameters.step() - step;
            run.in_flight.extend(fence.filter(|_| steps > 0).map(|fence| (fence, steps)));
        }
        if !self.device.go_on(|| long(host.now())) {
            return Ok(());
        }
        let Some(run) = self.run.as_mut() else { return Ok(()) };
        // Two slices in flight, unless one alone is long: then nothing is gained by running ahead of Pause.
        let ahead = if run.pace.step < SLICE && run.pace.step > 0.0 { 1 } else { 0 };
        while run.in_flight.len() > ahead {
            if let Some((fence, steps)) = run.in_flight.pop_front() {
                self.device.wait(fence).await.map_err(from_gpu)?;
                run.pace.passed(host.now(), steps);
            }
        }
        let due = host.now() - run.pace.reported >= REPORT;
        if due || run.model.trainer.untaken(&run.model.parameters) > RING / 2 {
            self.report(host).await?;
        }
        Ok(())
    }

    /// Whether this step has something to come before the next: its validation, its sample, or the end.
    async fn something_else_is_due(&mut self, host: &mut impl Host) -> Result<bool, Problem> {
        let until = self.until;
        let Some(run) = self.run.as_mut() else { return Ok(true) };
        let step = run.model.parameters.step();
        let (interval, steps) = (
            run.model.parameters.checked().training.validation_interval,
            run.model.parameters.checked().training.steps,
        );
        let validates = step.is_multiple_of(interval) || step >= until;
        if validates && run.evaluated_at != Some(step) && self.check_trainable(Split::Validation).is_ok() {
            self.report(host).await?;
            // A report may find that a step was not finite: the run then stands elsewhere.
            if self.state == State::Training {
                self.evaluation = Some(Evaluation::new(false, host.now()));
            }
            return Ok(true);
        }
        self.sample_when_due();
        if self.due.is_some() {
            self.report(host).await?;
            self.keep_checkpoint(host).await?;
            return Ok(true);
        }
        if step >= until {
            self.report(host).await?;
            self.keep_checkpoint(host).await?;
            let finished = step >= steps;
            self.set_state(if finished { State::Finished } else { State::Paused }, host);
            return Ok(true);
        }
        Ok(false)
    }

    /// Reads what the steps left in the ring and says it.
    pub(super) async fn report(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let Some(run) = self.run.as_mut() else { return Ok(()) };
        while let Some((fence, steps)) = run.in_flight.pop_front() {
            self.device.wait(fence).await.map_err(from_gpu)?;
            run.pace.passed(host.now(), steps);
        }
        let mut failure = None;
        if run.model.trainer.untaken(&run.model.parameters) > 0 {
            let (points, error) =
                run.model.trainer.take_points(&self.device, &mut run.model.parameters).await.map_err(from_gpu)?;
            points.iter().for_each(|point| run.course.trained(point.loss));
            let records: Vec<_> = points.iter().map(|point| run.record(point)).collect();
            run.points.extend(records);
            failure = error;
        }
        if let Some(point) = run.points.last() {
            run.history.training_loss = Some(point.loss);
        }
        run.history.step = run.model.parameters.step();
        let checked = run.model.parameters.checked();
        let (step, steps) = (run.model.parameters.step(), checked.training.steps);
        let left = steps.saturating_sub(step);
        let validations = f64::from(left / checked.training.validation_interval + 1) * run.pace.validation;
        let rate = if run.pace.step > 0.0 { run.tokens_per_step * 1000.0 / run.pace.step } else { 0.0 };
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
            best: run.course.best,
            epochs: run.steps_per_epoch.map_or(0.0, |epoch| f64::from(step) / f64::from(epoch)),
        }));
        match failure {
            Some(error) => {
                self.cut_checkpoints(step, host);
                Err(from_model(error))
            }
            None => Ok(()),
        }
    }
}
