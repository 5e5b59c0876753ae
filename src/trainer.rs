//! batch → loss → update; evaluation; one window's logits and attention. The only owner of weights.

use crate::config::Checked;
use crate::dataset::{Batch, sort_by_token};
use crate::device::{Device, Fence, Plan, Reader, Store};
use crate::gpu::GpuError;
use crate::kernels::Step;
use crate::model::{self, BATCH, BatchLayout, EVALUATION_SLOTS, LOSS_RING, Layout, RING, RING_ENTRY, Table, flat};
use crate::optimizer;
use crate::tape::{Life, Memory, Recording, Region, TapeError};
use serde::Serialize;
use std::collections::BTreeMap;

mod error;
mod moved;
mod windows;

pub use error::TrainerError;
use windows::Window;

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
    /// Memory for training, bytes: parameters, gradients, moments, activations.
    pub training_bytes: u64,
    /// Largest single buffer, bytes.
    pub largest_buffer_bytes: u64,
    /// Largest stretch of one that a dispatch binds, bytes.
    pub largest_binding_bytes: u64,
    /// The buffer that it belongs to.
    pub largest_name: String,
    /// Dispatches per micro-batch, the update included.
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

/// The whole of a training step on windows of `seq` tokens, and the model's layout.
fn record(checked: &Checked, seq: usize) -> Result<(Recording, Layout), TapeError> {
    let (a, t) = (&checked.architecture, &checked.training);
    let layout = Layout::new(a);
    let mut recording = model::training(a, &layout, t.batch, seq, t.objective)?;
    if let Some(batch) = recording.find(BATCH) {
        let step = Region { words: size_of::<Step>() / 4, ..batch };
        optimizer::append(&mut recording, &layout, t, step);
    }
    for (name, copy) in flat::GOOD.into_iter().chain(flat::BEST) {
        if recording.find(name).is_some() {
            recording.buffer(copy, layout.words, Life::Shared);
        }
    }
    Ok((recording, layout))
}

/// What a configuration would cost; allocates nothing on the GPU.
///
/// # Errors
/// [`TapeError`] would be a mistake in the model.
pub fn estimate(checked: &Checked) -> Result<Estimate, TapeError> {
    let (a, t) = (&checked.architecture, &checked.training);
    let (recording, _) = record(checked, a.context)?;
    let memory = recording.memory();
    Ok(Estimate {
        parameters: crate::config::parameter_count(a),
        training_bytes: memory.total,
        largest_buffer_bytes: memory.largest_buffer,
        largest_binding_bytes: memory.largest_binding,
        largest_name: memory.largest_name,
        dispatches: recording.dispatches.len() as u32,
        flops_per_token: a.flops_per_token(),
        tokens_per_step: (t.batch * a.context) as u64 * u64::from(t.accumulation),
    })
}

/// All that a model is recorded as when it trains, is evaluated and sampled; allocates nothing.
///
/// # Errors
/// As [`estimate`].
pub fn recordings(checked: &Checked) -> Result<Vec<Recording>, TapeError> {
    let a = &checked.architecture;
    let (training, layout) = record(checked, a.context)?;
    Ok([training].into_iter().chain(windows::recordings(a, &layout)).collect())
}

/// A training step on windows of one length.
struct Training {
    plan: Plan,
    batch: BatchLayout,
}

impl Training {
    async fn new(
        device: &Device,
        store: &mut Store,
        checked: &Checked,
        seq: usize,
        recording: &Recording,
    ) -> Result<Self, TrainerError> {
        let plan = Plan::new(device, store, recording).await?;
        write_table(device, &plan, checked, seq)?;
        Ok(Self { plan, batch: BatchLayout::new(checked.training.batch * seq, checked.architecture.vocab) })
    }
}

/// First and second moments, flat as [`Layout`] says, where the optimizer has any.
pub type Moments<'a> = [Option<&'a [f32]>; 2];

/// A model in memory and everything that trains it.
pub struct Trainer {
    checked: Checked,
    layout: Layout,
    /// By length of the windows: the context, and what else [`Trainer::prepare`] was given; empty until it was called.
    trainings: BTreeMap<usize, Training>,
    /// There as soon as the first of them is.
    ring: Option<Reader>,
    /// Plans for sampling and for looking inside, the last used last.
    windows: Vec<Window>,
    store: Store,
    upload: Vec<u32>,
    /// Steps submitted.
    step: u32,
    /// Steps whose points were taken.
    taken: u32,
    /// Step of the weights that [`Trainer::keep_good`] kept last.
    good: u32,
    /// Step of the weights that [`Trainer::keep_best`] kept last.
    best: Option<u32>,
    /// Micro-batches of the next step that were submitted.
    micro: u32,
    /// Parts that a step is cut into, so that no submit holds the GPU for long.
    submits: usize,
}

impl Trainer {
    /// A model with seeded initial weights.
    ///
    /// # Errors
    /// [`GpuError::BufferTooLarge`] before anything is allocated; [`GpuError::OutOfMemory`].
    pub async fn new(device: &Device, checked: &Checked) -> Result<Self, TrainerError> {
        let layout = Layout::new(&checked.architecture);
        let t = &checked.training;
        let flat = model::initial(&checked.architecture, &layout, t.initial_weights, t.seed);
        Self::with_weights(device, checked, &flat, 0).await
    }

    /// A model with given weights, flat as [`Layout`] says, at a given step.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub async fn with_weights(
        device: &Device,
        checked: &Checked,
        weights: &[f32],
        step: u32,
    ) -> Result<Self, TrainerError> {
        // Refused before anything is allocated.
        let memory = record(checked, checked.architecture.context)?.0.memory();
        device.check_room(&memory)?;
        let mut trainer = Self::empty(device, checked, step).await?;
        trainer.store.write(device, flat::PARAMETERS, 0, weights);
        trainer.prepare(device, &[]).await?;
        Ok(trainer)
    }

    /// A model whose weights are still to be given ([`Trainer::fill`]), at a given step. It can be sampled and looked into;
    /// what only training needs is made by [`Trainer::prepare`].
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub async fn empty(device: &Device, checked: &Checked, step: u32) -> Result<Self, TrainerError> {
        let layout = Layout::new(&checked.architecture);
        if let Some((parameter, place)) = layout.places().max_by_key(|(_, place)| place.len()) {
            device.description().check(&parameter.name, 4 * place.len() as u64, 0)?;
        }
        let mut store = device.store();
        store.reserve(device, flat::PARAMETERS, layout.words).await?;
        Ok(Self {
            checked: checked.clone(),
            layout,
            upload: Vec::new(),
            trainings: BTreeMap::new(),
            ring: None,
            windows: Vec::new(),
            store,
            step,
            taken: step,
            good: step,
            best: None,
            micro: 0,
            submits: 1,
        })
    }

    /// Gives a stretch of the weights of an [`Trainer::empty`] model, and waits until the GPU has them, so that no more than
    /// one stretch is on its way.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn fill(&self, device: &Device, offset: usize, weights: &[f32]) -> Result<(), TrainerError> {
        Ok(self.store.send(device, flat::PARAMETERS, offset, weights).await?)
    }

    /// Makes ready to train on windows of the context and of these lengths: a recording each, all on the same weights, with
    /// gradients, moments and copies of both. What is there already stays.
    ///
    /// # Errors
    /// [`TrainerError::NoRoomToTrain`] where the model is here to be read, which it still is; else as [`Trainer::new`].
    pub async fn prepare(&mut self, device: &Device, lengths: &[usize]) -> Result<(), TrainerError> {
        for seq in [self.checked.architecture.context].into_iter().chain(lengths.iter().copied()) {
            if self.trainings.contains_key(&seq) {
                continue;
            }
            let (recording, _) = record(&self.checked, seq)?;
            let training = Training::new(device, &mut self.store, &self.checked, seq, &recording).await;
            let training = training.map_err(|error| self.no_room(error, &recording))?;
            self.trainings.insert(seq, training);
        }
        if self.ring.is_none() {
            self.ring = Some(self.store.reader(device, LOSS_RING, (RING + EVALUATION_SLOTS) * RING_ENTRY)?);
            self.keep_good(device);
        }
        Ok(())
    }

    /// Whether it was made ready to train.
    pub fn trains(&self) -> bool {
        !self.trainings.is_empty()
    }

    fn no_room(&self, error: TrainerError, recording: &Recording) -> TrainerError {
        match error {
            TrainerError::Gpu(
                error @ (GpuError::BufferTooLarge { .. } | GpuError::NoMemory { .. } | GpuError::OutOfMemory { .. }),
            ) => {
                let (asked, held) = (recording.memory().total, 4 * self.layout.words as u64);
                TrainerError::NoRoomToTrain { asked, held, error }
            }
            other => other,
        }
    }

    fn ring(&self) -> Result<&Reader, GpuError> {
        self.ring.as_ref().ok_or_else(|| GpuError::Validation("the model was not made ready to train".to_owned()))
    }

    /// Keeps weights and moments as they are now, as the last good ones: they have shown a finite validation loss, or no step
    /// has touched them yet. A copy on the GPU.
    pub fn keep_good(&mut self, device: &Device) {
        self.store.copy(device, flat::GOOD.into_iter());
        self.good = self.step;
    }

    /// Keeps weights and moments as they are now, as the best ones so far: the best checkpoint. A copy on the GPU.
    pub fn keep_best(&mut self, device: &Device) {
        self.store.copy(device, flat::BEST.into_iter());
        self.best = Some(self.step);
    }

    /// Back to the best checkpoint, where there is one: its weights, moments and step.
    pub fn restore_best(&mut self, device: &Device) -> Option<u32> {
        let step = self.best?;
        self.store.copy(device, flat::BEST.into_iter().map(|(name, copy)| (copy, name)));
        (self.step, self.taken, self.micro) = (step, step, 0);
        self.keep_good(device);
        Some(step)
    }

    /// Back to the last good weights; returns why. Even the step before the one that broke may have been a leap too far, so its
    /// weights are no good.
    pub fn restore_good(&mut self, device: &Device, what: &'static str, step: u32) -> TrainerError {
        self.store.copy(device, flat::GOOD.into_iter().map(|(name, copy)| (copy, name)));
        // The GPU has changed nothing since: let it go on.
        self.store.write(device, optimizer::STATE, 0, &[0u32, 0]);
        (self.step, self.taken, self.micro) = (self.good, self.good, 0);
        TrainerError::NotFinite { what, step, last_good: self.good }
    }

    /// Its configuration.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// Step of the best checkpoint.
    pub fn best(&self) -> Option<u32> {
        self.best
    }

    /// Steps submitted since the weights were fresh.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Steps submitted whose points have not been taken: at most [`RING`] may be.
    pub fn untaken(&self) -> usize {
        (self.step - self.taken) as usize
    }

    /// Cuts each step into so many submits.
    pub fn set_submits(&mut self, submits: usize) {
        self.submits = submits.max(1);
    }

    /// One micro-batch, the last of a step with the update: tokens and targets are [batch, seq], row-major, where seq is the
    /// context or was given to [`Trainer::prepare`]. Reads nothing back; the fence is the micro-batch's.
    ///
    /// # Errors
    /// [`TrainerError::WrongLength`], [`TrainerError::UnknownToken`].
    pub fn step_on(&mut self, device: &Device, tokens: &[u32], targets: &[u32]) -> Result<Option<Fence>, TrainerError> {
        let (step, micro) = (self.step + 1, self.micro);
        let uniform = optimizer::step_uniform(&self.checked.training, step, micro, (step as usize % RING) as u32);
        let seq = self.send_batch(device, &uniform, tokens, targets)?;
        let plan = &self.trainings[&seq].plan;
        if micro + 1 < self.checked.training.accumulation {
            self.micro += 1;
            return Ok(plan.replay(device, plan.before_update(), self.submits));
        }
        (self.step, self.micro) = (step, 0);
        Ok(plan.replay(device, plan.all(), self.submits))
    }

    /// The loss of a batch without an update, into evaluation slot `slot` of the ring.
    ///
    /// # Errors
    /// As [`Trainer::step_on`].
    pub fn evaluate_on(&mut self, device: &Device, batch: &Batch, slot: usize) -> Result<Option<Fence>, TrainerError> {
        let uniform = Step {
            training: 0,
            slot: (RING + slot % EVALUATION_SLOTS) as u32,
            share: 1.0,
            ..optimizer::step_uniform(&self.checked.training, self.step.max(1), 0, 0)
        };
        let seq = self.send_batch(device, &uniform, &batch.tokens, &batch.targets)?;
        let plan = &self.trainings[&seq].plan;
        Ok(plan.replay(device, plan.forward(), self.submits))
    }

    /// Losses of the first `count` evaluation slots.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn evaluation_losses(&self, device: &Device, count: usize) -> Result<Vec<f32>, TrainerError> {
        let ring: Vec<f32> = self.ring()?.read(device).await?;
        let entries = ring[RING * RING_ENTRY..].chunks_exact(RING_ENTRY);
        Ok(entries.take(count).map(|entry| entry[1]).collect())
    }

    /// Uploads a batch and returns the length of its windows.
    fn send_batch(
        &mut self,
        device: &Device,
        step: &Step,
        tokens: &[u32],
        targets: &[u32],
    ) -> Result<usize, TrainerError> {
        let Checked { architecture, training } = &self.checked;
        let (vocab, seq) = (architecture.vocab, tokens.len() / training.batch);
        let wrong = |name: &str, found| {
            let expected = training.batch * architecture.context;
            Err(TrainerError::WrongLength { name: name.into(), expected, found })
        };
        let Some(ready) = self.trainings.get(&seq).filter(|_| seq * training.batch == tokens.len()) else {
            return wrong("tokens", tokens.len());
        };
        if targets.len() != tokens.len() {
            return wrong("targets", targets.len());
        }
        check_tokens(tokens, vocab)?;
        check_tokens(targets, vocab)?;
        let at = ready.batch;
        self.upload.resize(at.words.max(self.upload.len()), 0);
        let (order, starts) = sort_by_token(tokens, vocab);
        let words = bytemuck::cast_slice(bytemuck::bytes_of(step));
        for (offset, part) in
            [(0, words), (at.ids, tokens), (at.targets, targets), (at.order, &order), (at.starts, &starts)]
        {
            self.upload[offset..offset + part.len()].copy_from_slice(part);
        }
        ready.plan.write(device, BATCH, 0, &self.upload[..at.words])?;
        Ok(seq)
    }

    /// Points of the steps since the last call, in order. Waits for the last submitted step.
    ///
    /// Beside them [`TrainerError::NotFinite`] where a step's numbers were not: the trainer is then back at what it
    /// kept last.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn take_points(
        &mut self,
        device: &Device,
    ) -> Result<(Vec<TrainingPoint>, Option<TrainerError>), GpuError> {
        let ring: Vec<f32> = self.ring()?.read(device).await?;
        let mut points = Vec::new();
        for step in self.taken + 1..=self.step {
            let at = (step as usize % RING) * RING_ENTRY;
            let point =
                TrainingPoint { step, loss: ring[at + 1], gradient_norm: ring[at + 2], learning_rate: ring[at + 3] };
            if !(point.loss.is_finite() && point.gradient_norm.is_finite()) {
                let what = if point.loss.is_finite() { "gradient norm" } else { "loss" };
                let failure = self.restore_good(device, what, step);
                return Ok((points, Some(failure)));
            }
            points.push(point);
        }
        self.taken = self.step;
        Ok((points, None))
    }

    fn place(&self, name: &str) -> Result<(usize, usize), TrainerError> {
        self.layout.find(name).ok_or_else(|| TrainerError::UnknownParameter(name.to_owned()))
    }

    /// Micro-batches of the next step that were submitted.
    pub fn micro_batches(&self) -> u32 {
        self.micro
    }

    /// Overwrites one parameter.
    ///
    /// # Errors
    /// [`TrainerError::UnknownParameter`], [`TrainerError::WrongLength`].
    pub fn set_parameter(&self, device: &Device, name: &str, values: &[f32]) -> Result<(), TrainerError> {
        let (offset, words) = self.place(name)?;
        if values.len() != words {
            return Err(TrainerError::WrongLength { name: name.into(), expected: words, found: values.len() });
        }
        self.store.write(device, flat::PARAMETERS, offset, values);
        Ok(())
    }

    /// One parameter's values.
    ///
    /// # Errors
    /// [`TrainerError::UnknownParameter`], [`GpuError::Lost`].
    pub async fn parameter(&self, device: &Device, name: &str) -> Result<Vec<f32>, TrainerError> {
        let (offset, words) = self.place(name)?;
        Ok(self.store.read(device, flat::PARAMETERS, offset..offset + words).await?)
    }

    /// One parameter's gradient of the last step, before clipping.
    ///
    /// # Errors
    /// [`TrainerError::UnknownParameter`], [`GpuError::Lost`].
    pub async fn gradient(&self, device: &Device, name: &str) -> Result<Vec<f32>, TrainerError> {
        let (offset, words) = self.place(name)?;
        Ok(self.store.read(device, self.gradients_name(), offset..offset + words).await?)
    }

    /// All gradients of the last step, before clipping, flat as [`Layout`] says.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn gradients(&self, device: &Device) -> Result<Vec<f32>, TrainerError> {
        Ok(self.store.read(device, self.gradients_name(), 0..self.layout.words).await?)
    }

    fn gradients_name(&self) -> &'static str {
        if self.checked.training.accumulation > 1 { flat::ACCUMULATED } else { flat::GRADIENTS }
    }

    /// Where parameters lie in the flat buffers.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// All weights, flat as [`Layout`] says.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn weights(&self, device: &Device) -> Result<Vec<f32>, TrainerError> {
        Ok(self.store.read(device, flat::PARAMETERS, 0..self.layout.words).await?)
    }

    /// Whether there is a flat buffer of this name: SGD has no moments.
    pub fn holds(&self, name: &str) -> bool {
        self.store.holds(name)
    }

    /// One of the flat buffers, as [`Layout`] says; None where this optimizer has none of that name.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn flat(&self, device: &Device, name: &str) -> Result<Option<Vec<f32>>, TrainerError> {
        match self.store.holds(name) {
            true => Ok(Some(self.store.read(device, name, 0..self.layout.words).await?)),
            false => Ok(None),
        }
    }

    /// Goes on from moments and best checkpoint of earlier, where they are given: (first, second) each, and for the best its
    /// step and weights too. What the optimizer has no buffer for is left out.
    ///
    /// # Errors
    /// [`TrainerError::WrongLength`].
    pub fn go_on_from(
        &mut self,
        device: &Device,
        moments: Moments<'_>,
        best: Option<(u32, &[f32], Moments<'_>)>,
    ) -> Result<(), TrainerError> {
        let [_, (first, best_first), (second, best_second)] = flat::BEST;
        let (_, best_weights) = flat::BEST[0];
        let mut all = vec![(first, moments[0]), (second, moments[1])];
        if let Some((_, weights, moments)) = best {
            all.extend([(best_weights, Some(weights)), (best_first, moments[0]), (best_second, moments[1])]);
        }
        let all: Vec<(&str, &[f32])> = all.into_iter().filter_map(|(name, values)| Some((name, values?))).collect();
        let (expected, wrong) = (self.layout.words, all.iter().find(|(_, values)| values.len() != self.layout.words));
        if let Some((name, values)) = wrong {
            return Err(TrainerError::WrongLength { name: (*name).into(), expected, found: values.len() });
        }
        for (name, values) in all {
            self.store.write(device, name, 0, values);
        }
        self.best = best.map(|(step, ..)| step);
        self.keep_good(device);
        Ok(())
    }

    /// Looks at other weights, flat as [`Layout`] says: they stand in the place of the model's own while `look` runs, and the
    /// model's own, which never leave the GPU, stand there again behind it. Without weights it is a look at the model's own.
    ///
    /// # Errors
    /// Those of `look`; [`TrainerError::WrongLength`].
    pub async fn with<T>(
        &mut self,
        device: &Device,
        weights: Option<&[f32]>,
        look: impl AsyncFnOnce(&mut Self) -> Result<T, TrainerError>,
    ) -> Result<T, TrainerError> {
        let Some(weights) = weights else { return look(self).await };
        let (expected, found) = (self.layout.words, weights.len());
        if found != expected {
            return Err(TrainerError::WrongLength { name: flat::PARAMETERS.into(), expected, found });
        }
        let aside = self.store.set_aside(device, flat::PARAMETERS, weights);
        let seen = look(self).await;
        if let Some(aside) = &aside {
            self.store.put_back(device, flat::PARAMETERS, aside);
        }
        seen
    }
}

fn check_tokens(tokens: &[u32], vocab: usize) -> Result<(), TrainerError> {
    match tokens.iter().find(|&&token| token as usize >= vocab) {
        Some(&token) => Err(TrainerError::UnknownToken { token, vocab }),
        None => Ok(()),
    }
}

fn write_table(device: &Device, plan: &Plan, checked: &Checked, seq: usize) -> Result<(), GpuError> {
    match model::table(&checked.architecture, seq) {
        Some((table, values)) => plan.write(device, Table::name(table), 0, &values),
        None => Ok(()),
    }
}
