//! batch → loss → update, and evaluation: what trains a model's [`Parameters`].

use crate::config::Checked;
use crate::dataset::Batch;
use crate::device::{Device, Fence, Reader};
use crate::gpu::GpuError;
use crate::kernels::Step;
use crate::model::{self, BATCH, EVALUATION_SLOTS, LOSS_RING, Layout, RING, RING_ENTRY};
use crate::optimizer::{self, Flat};
use crate::parameters::{ModelError, Parameters, Watched};
use crate::tape::{Life, Memory, Recording, Region, TapeError};
use crate::team::{Gone, Job, Part};
use serde::Serialize;

mod crew;
mod moved;
mod passes;
mod sharing;

pub use sharing::Shard;

use crew::Crew;
use passes::Passes;

/// One training step in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrainingPoint {
    /// Counted from 1.
    pub step: u32,
    /// Mean cross-entropy of the batch, nats, before the update.
    pub loss: f32,
    /// Global norm of the gradient, before clipping.
    pub gradient_norm: f32,
    /// Learning rate of the update.
    pub learning_rate: f32,
}

/// What a configuration costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Trained numbers.
    pub parameters: u64,
    /// Memory for training, bytes: parameters, gradients, moments, activations. What the owner of a model needs.
    pub training_bytes: u64,
    /// Workers that would compute, the owner included.
    pub workers: u32,
    /// Memory of each of the others, bytes: parameters, gradients, activations.
    pub helper_bytes: u64,
    /// Largest single buffer, bytes.
    pub largest_buffer_bytes: u64,
    /// Largest stretch of one that a dispatch binds, bytes.
    pub largest_binding_bytes: u64,
    /// The buffer that it belongs to.
    pub largest_name: String,
    /// Dispatches of a part of a step, with the sums and the update that come once for all of them.
    pub dispatches: u32,
    /// Floating-point operations per token of training.
    pub flops_per_token: f64,
    /// Tokens per step: batch × context × micro-batches.
    pub tokens_per_step: u64,
}

impl Estimate {
    /// What a device is asked for.
    pub fn memory(&self) -> Memory {
        Memory {
            total: self.training_bytes,
            largest_buffer: self.largest_buffer_bytes,
            largest_binding: self.largest_binding_bytes,
            largest_name: self.largest_name.clone(),
        }
    }
}

/// Forward and backward pass of a step's part, `windows` windows of `seq` tokens, and what adds the parts; allocates nothing.
///
/// # Errors
/// [`TapeError`] would be a mistake in the model.
fn record_part(checked: &Checked, windows: usize, seq: usize) -> Result<Recording, TapeError> {
    let (a, t) = (&checked.architecture, &checked.training);
    let layout = Layout::new(a);
    let mut recording = model::training(a, &layout, windows, seq, t.objective)?;
    optimizer::append_sums(&mut recording, &layout, t.batch / windows * t.accumulation as usize);
    Ok(recording)
}

/// The same with the update, and copies of what it changes.
///
/// # Errors
/// [`TapeError`] would be a mistake in the model.
pub fn record(checked: &Checked, windows: usize, seq: usize) -> Result<Recording, TapeError> {
    let layout = Layout::new(&checked.architecture);
    let mut recording = record_part(checked, windows, seq)?;
    if let Some(batch) = recording.find(BATCH) {
        let step = Region { words: size_of::<Step>() / 4, ..batch };
        optimizer::append(&mut recording, &layout, &checked.training, step);
    }
    let written = || optimizer::written(checked.training.optimizer);
    for copy in written().map(|flat| flat.good).chain(written().map(|flat| flat.best)) {
        recording.buffer(copy, layout.words, Life::Shared);
    }
    Ok(recording)
}

/// Part of a training step on windows of `seq` tokens as a device takes it, and how many windows that are: as many as suit it, or
/// fewer where only those have room on it.
fn record_on(device: &Device, checked: &Checked, seq: usize) -> Result<(usize, Recording), TapeError> {
    let usual = device.windows_of_part(checked.training.batch, seq);
    for windows in (1..=usual).rev().filter(|windows| usual.is_multiple_of(*windows)) {
        let recording = record(checked, windows, seq)?;
        if device.could_hold(&recording.memory()) {
            return Ok((windows, recording));
        }
    }
    // What is refused is refused as it would usually be.
    Ok((usual, record(checked, usual, seq)?))
}

/// What a configuration would cost on a device; allocates nothing.
///
/// # Errors
/// [`TapeError`] would be a mistake in the model.
pub fn estimate(device: &Device, checked: &Checked) -> Result<Estimate, TapeError> {
    let (a, t) = (&checked.architecture, &checked.training);
    let (windows, recording) = record_on(device, checked, a.context)?;
    let memory = recording.memory();
    let workers = device.workers().min(t.batch / windows);
    let helper_bytes = if workers > 1 { record_part(checked, windows, a.context)?.memory().total } else { 0 };
    Ok(Estimate {
        parameters: crate::config::parameter_count(a),
        training_bytes: memory.total,
        workers: workers as u32,
        helper_bytes,
        largest_buffer_bytes: memory.largest_buffer,
        largest_binding_bytes: memory.largest_binding,
        largest_name: memory.largest_name,
        dispatches: recording.dispatches.len() as u32,
        flops_per_token: a.flops_per_token(),
        tokens_per_step: (t.batch * a.context) as u64 * u64::from(t.accumulation),
    })
}

/// What training with a model's optimizer writes.
fn written(parameters: &Parameters) -> impl Iterator<Item = Flat> {
    optimizer::written(parameters.checked().training.optimizer)
}

/// What trains a model's parameters, which each call is given: the same ones always.
pub struct Trainer {
    /// On windows of the context, and what else [`Trainer::prepare`] was given; empty until it was called.
    passes: Passes,
    /// Who computes parts of a step beside this.
    crew: Crew,
    /// There as soon as the first of them is.
    ring: Option<Reader>,
    /// Steps whose points were taken.
    taken: u32,
    /// Step of the weights that [`Trainer::keep_good`] kept last.
    good: u32,
    /// Step of the weights that [`Trainer::keep_best`] kept last.
    best: Option<u32>,
    /// Micro-batches of the next step that were submitted.
    micro: u32,
    /// Stretches that a part of a step is cut into, so that no submit holds the GPU for long.
    submits: usize,
}

/// Seeded parameters, and what is ready to train them.
///
/// # Errors
/// As [`of_weights`].
pub async fn fresh(device: &Device, checked: &Checked) -> Result<(Parameters, Trainer), ModelError> {
    check_room(device, checked)?;
    ready(device, Parameters::seeded(device, checked).await?).await
}

/// Parameters of these values, flat as [`Layout`] says, at a given step, and what is ready to train them.
///
/// # Errors
/// [`GpuError::BufferTooLarge`], [`GpuError::NoMemory`] before anything is allocated; [`GpuError::OutOfMemory`].
pub async fn of_weights(
    device: &Device,
    checked: &Checked,
    weights: &[f32],
    step: u32,
) -> Result<(Parameters, Trainer), ModelError> {
    check_room(device, checked)?;
    ready(device, Parameters::given(device, checked, weights, step).await?).await
}

/// Whether a model of this configuration has room to be trained.
fn check_room(device: &Device, checked: &Checked) -> Result<(), ModelError> {
    let (_, recording) = record_on(device, checked, checked.architecture.context)?;
    Ok(device.check_room(&recording.memory())?)
}

async fn ready(device: &Device, mut parameters: Parameters) -> Result<(Parameters, Trainer), ModelError> {
    let mut trainer = Trainer::new(&parameters);
    trainer.prepare(device, &mut parameters, &[]).await?;
    Ok((parameters, trainer))
}

/// A micro-batch's tokens and targets, part by part.
fn parts_of<'a>(tokens: &'a [u32], targets: &'a [u32], parts: usize) -> impl Iterator<Item = (&'a [u32], &'a [u32])> {
    let each = tokens.len() / parts;
    tokens.chunks_exact(each).zip(targets.chunks_exact(each))
}

impl Trainer {
    /// Nothing yet: what training needs beside the parameters is made by [`Trainer::prepare`].
    pub fn new(parameters: &Parameters) -> Self {
        let step = parameters.step();
        Self {
            passes: Passes::default(),
            crew: Crew::default(),
            ring: None,
            taken: step,
            good: step,
            best: None,
            micro: 0,
            submits: 1,
        }
    }

    /// Makes ready to train on windows of the context and of these lengths: a recording each, all on the same weights, with
    /// gradients, moments and copies of both. What is there already stays.
    ///
    /// # Errors
    /// [`ModelError::NoRoomToTrain`] where the model is here to be read, which it still is; else as [`fresh`].
    pub async fn prepare(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        lengths: &[usize],
    ) -> Result<(), ModelError> {
        for seq in [parameters.checked().architecture.context].into_iter().chain(lengths.iter().copied()) {
            if self.passes.find(seq).is_some() {
                continue;
            }
            let (windows, recording) = record_on(device, parameters.checked(), seq)?;
            let added = self.passes.add(device, parameters, (windows, seq), &recording).await;
            added.map_err(|error| Self::no_room(parameters, error, &recording))?;
        }
        if self.ring.is_none() {
            self.ring = Some(parameters.store.reader(device, LOSS_RING, (RING + EVALUATION_SLOTS) * RING_ENTRY)?);
            self.keep_good(device, parameters);
        }
        Ok(())
    }

    /// Whether it was made ready to train.
    pub fn trains(&self) -> bool {
        self.passes.lengths().next().is_some()
    }

    fn no_room(parameters: &Parameters, error: ModelError, recording: &Recording) -> ModelError {
        match error {
            ModelError::Gpu(
                error @ (GpuError::BufferTooLarge { .. } | GpuError::NoMemory { .. } | GpuError::OutOfMemory { .. }),
            ) => {
                let (asked, held) = (recording.memory().total, 4 * parameters.layout().words as u64);
                ModelError::NoRoomToTrain { asked, held, error }
            }
            other => other,
        }
    }

    fn ring(&self) -> Result<&Reader, GpuError> {
        self.ring.as_ref().ok_or_else(|| GpuError::UnknownBuffer { name: LOSS_RING.to_owned() })
    }

    /// Keeps weights and what the optimizer has as they are now, as the last good ones: they have shown a finite validation loss, or no step
    /// has touched them yet. A copy on the GPU.
    pub fn keep_good(&mut self, device: &Device, parameters: &Parameters) {
        parameters.store.copy(device, written(parameters).map(|flat| (flat.name, flat.good)));
        self.good = parameters.step;
    }

    /// Keeps weights and what the optimizer has as they are now, as the best ones so far: the best checkpoint. A copy on the GPU.
    pub fn keep_best(&mut self, device: &Device, parameters: &Parameters) {
        parameters.store.copy(device, written(parameters).map(|flat| (flat.name, flat.best)));
        self.best = Some(parameters.step);
    }

    /// Back to the best checkpoint, where there is one: its weights, the optimizer's state and its step.
    pub fn restore_best(&mut self, device: &Device, parameters: &mut Parameters) -> Option<u32> {
        let step = self.best?;
        parameters.store.copy(device, written(parameters).map(|flat| (flat.best, flat.name)));
        (parameters.step, self.taken, self.micro) = (step, step, 0);
        self.keep_good(device, parameters);
        Some(step)
    }

    /// Back to the last good weights; returns why. Even the step before the one that broke may have been a leap too far, so its
    /// weights are no good.
    pub fn restore_good(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        what: Watched,
        step: u32,
    ) -> ModelError {
        parameters.store.copy(device, written(parameters).map(|flat| (flat.good, flat.name)));
        // The GPU has changed nothing since: let it go on.
        parameters.store.write(device, optimizer::STATE, 0, &[0u32, 0]);
        (parameters.step, self.taken, self.micro) = (self.good, self.good, 0);
        ModelError::StepNotFinite { what, step, last_good: self.good }
    }

    /// Step of the best checkpoint.
    pub fn best(&self) -> Option<u32> {
        self.best
    }

    /// Steps submitted whose points have not been taken: at most [`RING`] may be.
    pub fn untaken(&self, parameters: &Parameters) -> usize {
        (parameters.step - self.taken) as usize
    }

    /// Cuts each part of a step into so many submits.
    pub fn set_submits(&mut self, submits: usize) {
        self.submits = submits.max(1);
    }

    /// One micro-batch, the last of a step with the update: tokens and targets are [batch, seq], row-major, where seq is the
    /// context or was given to [`Trainer::prepare`]. Reads nothing back; the fence is the micro-batch's.
    ///
    /// # Errors
    /// [`ModelError::WrongLength`], [`ModelError::UnknownToken`].
    pub fn step_on(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
        targets: &[u32],
    ) -> Result<Option<Fence>, ModelError> {
        let (seq, of_batch) = self.check_batch(parameters, tokens, targets)?;
        let training = &parameters.checked().training;
        let (step, first) = (parameters.step + 1, self.micro as usize * of_batch);
        let (parts_of_step, slot) = (of_batch * training.accumulation as usize, (step as usize % RING) as u32);
        let parts: Vec<Part> = parts_of(tokens, targets, of_batch)
            .zip(first..)
            .map(|((tokens, targets), part)| {
                let first_row = (part * tokens.len()) as u32;
                let place = (part as u32, parts_of_step as u32);
                let step = optimizer::step_uniform(training, (step, slot), place, first_row);
                Part { step, tokens: tokens.to_vec(), targets: targets.to_vec() }
            })
            .collect();
        let job = Job { seq, parts_of_step, parts, trees: Vec::new() };
        let fence = self.share(device, parameters, job)?;
        (parameters.step, self.micro) =
            if self.micro + 1 < training.accumulation { (parameters.step, self.micro + 1) } else { (step, 0) };
        Ok(fence)
    }

    /// Batches at a time of which [`Trainer::evaluate_on`] makes the most: one for each who computes.
    pub fn batches_at_once(device: &Device) -> usize {
        device.workers()
    }

    /// The losses of batches without an update, into evaluation slots of the ring from `slot` on.
    ///
    /// # Errors
    /// As [`Trainer::step_on`].
    pub fn evaluate_on(
        &mut self,
        device: &Device,
        parameters: &Parameters,
        batches: &[Batch],
        slot: usize,
    ) -> Result<Option<Fence>, ModelError> {
        let jobs: Result<Vec<Job>, ModelError> = batches
            .iter()
            .zip(slot..)
            .map(|(batch, slot)| {
                let (seq, parts_of_step) = self.check_batch(parameters, &batch.tokens, &batch.targets)?;
                let slot = (RING + slot % EVALUATION_SLOTS) as u32;
                let training = &parameters.checked().training;
                let parts = parts_of(&batch.tokens, &batch.targets, parts_of_step).zip(0u32..);
                let parts = parts.map(|((tokens, targets), part)| {
                    let place = (part, parts_of_step as u32);
                    let step = optimizer::step_uniform(training, (parameters.step.max(1), slot), place, 0);
                    let step = Step { training: 0, ..step };
                    Part { step, tokens: tokens.to_vec(), targets: targets.to_vec() }
                });
                let (parts, all) = (parts.collect(), 0..parts_of_step);
                Ok(Job { seq, parts_of_step, parts, trees: vec![all] })
            })
            .collect();
        self.share_evaluation(device, parameters, jobs?)
    }

    /// Helpers that were lost since the last call: what they were to do was done by others.
    pub fn take_lost(&mut self) -> Vec<Gone> {
        self.crew.take_lost()
    }

    /// Whether helpers ended one after the other, so that one worker computes alone.
    pub fn is_alone(&self) -> bool {
        self.crew.is_failing()
    }

    /// Asks for helpers again.
    pub fn hire_again(&mut self) {
        self.crew = Crew::default();
    }

    /// Losses of the first `count` evaluation slots.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn evaluation_losses(&self, device: &Device, count: usize) -> Result<Vec<f32>, ModelError> {
        let ring: Vec<f32> = self.ring()?.read(device).await?;
        let entries = ring[RING * RING_ENTRY..].chunks_exact(RING_ENTRY);
        Ok(entries.take(count).map(|entry| entry[1]).collect())
    }

    /// The length of a micro-batch's windows and its number of parts.
    fn check_batch(
        &self,
        parameters: &Parameters,
        tokens: &[u32],
        targets: &[u32],
    ) -> Result<(usize, usize), ModelError> {
        let Checked { architecture, training } = parameters.checked();
        let seq = tokens.len() / training.batch;
        let wrong = |name: &str, found| {
            let expected = training.batch * architecture.context;
            Err(ModelError::WrongLength { name: name.into(), expected, found })
        };
        let Some(pass) = self.passes.find(seq).filter(|_| seq * training.batch == tokens.len()) else {
            return wrong("tokens", tokens.len());
        };
        if targets.len() != tokens.len() {
            return wrong("targets", targets.len());
        }
        parameters.check_tokens(tokens)?;
        parameters.check_tokens(targets)?;
        Ok((seq, tokens.len() / pass.tokens))
    }

    /// Points of the steps since the last call, in order. Waits for the last submitted step.
    ///
    /// Beside them [`ModelError::StepNotFinite`] where a step's numbers were not: the trainer is then back at what it
    /// kept last.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn take_points(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
    ) -> Result<(Vec<TrainingPoint>, Option<ModelError>), GpuError> {
        let ring: Vec<f32> = self.ring()?.read(device).await?;
        let mut points = Vec::new();
        for step in self.taken + 1..=parameters.step {
            let at = (step as usize % RING) * RING_ENTRY;
            let point =
                TrainingPoint { step, loss: ring[at + 1], gradient_norm: ring[at + 2], learning_rate: ring[at + 3] };
            if !(point.loss.is_finite() && point.gradient_norm.is_finite()) {
                let what = if point.loss.is_finite() { Watched::GradientNorm } else { Watched::Loss };
                let failure = self.restore_good(device, parameters, what, step);
                return Ok((points, Some(failure)));
            }
            points.push(point);
        }
        self.taken = parameters.step;
        Ok((points, None))
    }

    /// Micro-batches of the next step that were submitted.
    pub fn micro_batches(&self) -> u32 {
        self.micro
    }

    /// Goes on from the optimizer's state and the best checkpoint of earlier: flat buffers by name, [`Flat::name`] and
    /// [`Flat::best`], and the step of the best. What the optimizer has no buffer for is left out.
    ///
    /// # Errors
    /// [`ModelError::WrongLength`].
    pub fn go_on_from<'a>(
        &mut self,
        device: &Device,
        parameters: &Parameters,
        flats: impl Iterator<Item = (&'a str, &'a [f32])> + Clone,
        best: Option<u32>,
    ) -> Result<(), ModelError> {
        let expected = parameters.layout().words;
        if let Some((name, values)) = flats.clone().find(|(_, values)| values.len() != expected) {
            return Err(ModelError::WrongLength { name: name.into(), expected, found: values.len() });
        }
        for (name, values) in flats {
            parameters.store.write(device, name, 0, values);
        }
        self.best = best;
        self.keep_good(device, parameters);
        Ok(())
    }
}
