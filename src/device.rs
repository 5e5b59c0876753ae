//! What recordings run on: the GPU (`plan.rs`) or the CPU (`cpu.rs`). Nothing above this file knows which one it has.

use crate::cpu::{self, Cpu};
use crate::gpu::{self, AdapterDescription, Census, Gpu, GpuError};
use crate::parts::{self, Sum};
use crate::plan;
use crate::tape::{Memory, Recording};
use crate::team::{Pending, Team};
use bytemuck::Pod;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::rc::Rc;

/// Where recordings can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Executor {
    /// The adapter's.
    Gpu,
    /// This machine's processor.
    Cpu,
}

/// One of the two executors.
pub enum Device {
    /// The adapter's.
    Gpu(Gpu),
    /// This machine's processor.
    Cpu(Cpu),
}

/// Resolves when the work handed over before it is done; the CPU does it then.
pub struct Fence(Option<gpu::Fence>);

/// A mistake of ours: what one device made is used with the other.
fn of_the_other() -> GpuError {
    GpuError::OtherDevice
}

impl Device {
    /// The GPU, as [`Gpu::open`].
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`], [`GpuError::NoDevice`].
    pub async fn gpu(name: Option<String>, software: Option<bool>) -> Result<Self, GpuError> {
        Gpu::open(name, software).await.map(Self::Gpu)
    }

    /// The GPU with bindings of so many bytes at most, as [`Gpu::open_within`].
    ///
    /// # Errors
    /// As [`Device::gpu`].
    pub async fn gpu_within(binding_bytes: u64) -> Result<Self, GpuError> {
        Gpu::open_within(None, None, binding_bytes).await.map(Self::Gpu)
    }

    /// The CPU, with so much memory in all, bytes.
    pub fn cpu(memory_bytes: u64) -> Self {
        Self::Cpu(Cpu::new(memory_bytes))
    }

    /// The CPU with helpers.
    pub fn cpu_with(memory_bytes: u64, team: Rc<dyn Team>) -> Self {
        Self::Cpu(Cpu::new(memory_bytes).with_team(team))
    }

    /// In words and numbers.
    pub fn description(&self) -> &AdapterDescription {
        match self {
            Self::Gpu(gpu) => gpu.description(),
            Self::Cpu(cpu) => cpu.description(),
        }
    }

    /// The first failure since it was opened.
    ///
    /// # Errors
    /// That failure.
    pub fn check(&self) -> Result<(), GpuError> {
        match self {
            Self::Gpu(gpu) => gpu.check(),
            Self::Cpu(_) => Ok(()),
        }
    }

    /// What was created and done so far.
    pub fn census(&self) -> Census {
        match self {
            Self::Gpu(gpu) => gpu.census(),
            Self::Cpu(cpu) => cpu.census(),
        }
    }

    /// Waits for a fence.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`] and what [`Device::check`] knows.
    pub async fn wait(&self, fence: Fence) -> Result<(), GpuError> {
        match (self, fence.0) {
            (Self::Gpu(gpu), Some(fence)) => gpu.wait(fence).await,
            (Self::Cpu(cpu), _) => {
                cpu.settle().await;
                Ok(())
            }
            _ => self.check(),
        }
    }

    /// Windows that one part of a step takes of a batch of `batch` windows of `seq` tokens: a GPU's threads want them all.
    pub fn windows_of_part(&self, batch: usize, seq: usize) -> usize {
        match self {
            Self::Gpu(_) => batch,
            Self::Cpu(_) => parts::windows(batch, seq),
        }
    }

    /// Who can be asked for helpers.
    pub fn team(&self) -> Option<&dyn Team> {
        match self {
            Self::Gpu(_) => None,
            Self::Cpu(cpu) => cpu.team(),
        }
    }

    /// Workers that compute a model's steps at most, its owner included.
    pub fn workers(&self) -> usize {
        match self {
            Self::Gpu(_) => 1,
            Self::Cpu(cpu) => cpu.workers(),
        }
    }

    /// The same from now on, as many as there can be.
    pub fn set_workers(&self, workers: usize) {
        if let (Self::Cpu(cpu), Some(team)) = (self, self.team()) {
            cpu.set_workers(workers.clamp(1, team.most()));
        }
    }

    /// The helper's answer without which nothing goes on.
    pub fn awaited(&self) -> Option<Rc<dyn Pending>> {
        match self {
            Self::Gpu(_) => None,
            Self::Cpu(cpu) => cpu.awaited(),
        }
    }

    /// Fills a stretch of a shared buffer with what a helper computes; or else does what `instead` hands over, which comes to the
    /// same.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub fn await_or(
        &self,
        store: &Store,
        place: (&str, Range<usize>),
        answer: (Rc<dyn Pending>, usize),
        instead: impl FnOnce(),
    ) -> Result<(), GpuError> {
        match (self, store) {
            (Self::Cpu(cpu), Store::Cpu(store)) => cpu.await_or(store, place, answer, instead),
            _ => {
                instead();
                Ok(())
            }
        }
    }

    /// Whether a recording has room beside what there is.
    ///
    /// # Errors
    /// [`GpuError::BufferTooLarge`], [`GpuError::NoMemory`]: the number asked and the number there.
    pub fn check_room(&self, needs: &Memory) -> Result<(), GpuError> {
        self.description().check(&needs.largest_name, needs.largest_binding, needs.largest_buffer)?;
        match self {
            Self::Gpu(_) => Ok(()),
            Self::Cpu(cpu) => cpu.check_room(needs.total),
        }
    }

    /// Whether it could hold a recording if it held nothing else.
    pub fn could_hold(&self, needs: &Memory) -> bool {
        let whole = matches!(self, Self::Gpu(_)) || needs.total <= self.description().max_buffer_bytes;
        whole && self.description().check(&needs.largest_name, needs.largest_binding, needs.largest_buffer).is_ok()
    }

    /// Whether nothing that was handed over waits for [`Device::go_on`].
    pub fn is_idle(&self) -> bool {
        match self {
            Self::Gpu(_) => true,
            Self::Cpu(cpu) => cpu.is_idle(),
        }
    }

    /// Goes on with what was handed over, until that is done (true) or `pause`, asked again and again, says that it has been
    /// enough for now (false). A GPU goes on by itself.
    pub fn go_on(&self, pause: impl FnMut() -> bool) -> bool {
        match self {
            Self::Gpu(_) => true,
            Self::Cpu(cpu) => cpu.go_on(pause),
        }
    }

    /// An empty store of this device. One belongs to each model in memory.
    pub fn store(&self) -> Store {
        match self {
            Self::Gpu(_) => Store::Gpu(plan::Store::new()),
            Self::Cpu(_) => Store::Cpu(cpu::Store::default()),
        }
    }
}

/// Shared buffers by name: what outlives one plan.
pub enum Store {
    /// On the GPU.
    Gpu(plan::Store),
    /// In this process.
    Cpu(cpu::Store),
}

impl Store {
    /// Whether there is a shared buffer of this name.
    pub fn holds(&self, name: &str) -> bool {
        match self {
            Self::Gpu(store) => store.holds(name),
            Self::Cpu(store) => store.holds(name),
        }
    }

    /// Overwrites a stretch of a shared buffer.
    pub fn write<T: Pod>(&self, device: &Device, name: &str, offset_words: usize, data: &[T]) {
        match (self, device) {
            (Self::Gpu(store), Device::Gpu(gpu)) => store.write(gpu, name, offset_words, data),
            (Self::Cpu(store), Device::Cpu(cpu)) => store.write(cpu, name, offset_words, data),
            _ => {}
        }
    }

    /// Makes a shared buffer, where there is none of this name.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub async fn reserve(&mut self, device: &Device, name: &str, words: usize) -> Result<(), GpuError> {
        match (self, device) {
            (Self::Gpu(store), Device::Gpu(gpu)) => store.reserve(gpu, name, words).await,
            (Self::Cpu(store), Device::Cpu(cpu)) => store.reserve(cpu, name, words),
            _ => Err(of_the_other()),
        }
    }

    /// Overwrites a stretch of a shared buffer, and waits until that is done.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`].
    pub async fn send<T: Pod>(
        &self,
        device: &Device,
        name: &str,
        offset_words: usize,
        data: &[T],
    ) -> Result<(), GpuError> {
        match (self, device) {
            (Self::Gpu(store), Device::Gpu(gpu)) => store.send(gpu, name, offset_words, data).await,
            (Self::Cpu(store), Device::Cpu(cpu)) => {
                store.write(cpu, name, offset_words, data);
                Ok(())
            }
            _ => Err(of_the_other()),
        }
    }

    /// Reads a stretch of a shared buffer.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`]; [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub async fn read<T: Pod>(&self, device: &Device, name: &str, words: Range<usize>) -> Result<Vec<T>, GpuError> {
        match (self, device) {
            (Self::Gpu(store), Device::Gpu(gpu)) => store.read(gpu, name, words).await,
            (Self::Cpu(store), Device::Cpu(cpu)) => store.read(cpu, name, words),
            _ => Err(of_the_other()),
        }
    }

    /// Shows a stretch of a shared buffer as it is when nothing is under way any more, where it can be had at once: on the CPU.
    pub fn show<R>(&self, device: &Device, name: &str, words: Range<usize>, to: impl FnOnce(&[f32]) -> R) -> Option<R> {
        match (self, device) {
            (Self::Cpu(store), Device::Cpu(cpu)) => store.show(cpu, name, words, to).ok(),
            _ => None,
        }
    }

    /// Lets a stretch of a shared buffer be overwritten where it is.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub fn fill(
        &self,
        device: &Device,
        name: &str,
        words: Range<usize>,
        with: impl FnOnce(&mut [f32]),
    ) -> Result<(), GpuError> {
        match (self, device) {
            (Self::Cpu(store), Device::Cpu(cpu)) => store.fill(cpu, name, words, with),
            (Self::Gpu(store), Device::Gpu(gpu)) => {
                let mut values = vec![0.0f32; words.len()];
                with(&mut values);
                store.write(gpu, name, words.start, &values);
                Ok(())
            }
            _ => Err(of_the_other()),
        }
    }

    /// Copies shared buffers whole, (source, destination) each; pairs that are not there are left out.
    pub fn copy<'a>(&self, device: &Device, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        match (self, device) {
            (Self::Gpu(store), Device::Gpu(gpu)) => store.copy(gpu, pairs),
            (Self::Cpu(store), Device::Cpu(cpu)) => store.copy(cpu, pairs),
            _ => {}
        }
    }

    /// Sets a shared buffer aside where it is and puts other words in its place, until [`Store::put_back`]. None where no shared
    /// buffer has that name.
    pub fn set_aside<T: Pod>(&self, device: &Device, name: &str, words: &[T]) -> Option<Aside> {
        match (self, device) {
            (Self::Gpu(store), Device::Gpu(gpu)) => store.set_aside(gpu, name, words).map(Aside::Gpu),
            (Self::Cpu(store), Device::Cpu(cpu)) => store.set_aside(cpu, name, words).map(Aside::Cpu),
            _ => None,
        }
    }

    /// Puts back what was set aside.
    pub fn put_back(&self, device: &Device, name: &str, aside: &Aside) {
        match (self, device, aside) {
            (Self::Gpu(store), Device::Gpu(gpu), Aside::Gpu(aside)) => store.put_back(gpu, name, aside),
            (Self::Cpu(store), Device::Cpu(cpu), Aside::Cpu(aside)) => store.put_back(cpu, name, aside),
            _ => {}
        }
    }

    /// Something to read the head of one shared buffer with again and again, creating nothing.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub fn reader(&self, device: &Device, name: &str, words: usize) -> Result<Reader, GpuError> {
        match (self, device) {
            (Self::Gpu(store), Device::Gpu(gpu)) => store.reader(gpu, name, words).map(Reader::Gpu),
            (Self::Cpu(store), Device::Cpu(_)) => store.reader(name, words).map(Reader::Cpu),
            _ => Err(of_the_other()),
        }
    }
}

/// Words of a shared buffer, kept while others stand in their place.
pub enum Aside {
    /// On the GPU.
    Gpu(plan::Aside),
    /// In this process.
    Cpu(cpu::Aside),
}

/// Reads the head of one buffer.
pub enum Reader {
    /// On the GPU.
    Gpu(plan::Reader),
    /// In this process.
    Cpu(cpu::Reader),
}

impl Reader {
    /// The buffer's words now.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`].
    pub async fn read<T: Pod>(&self, device: &Device) -> Result<Vec<T>, GpuError> {
        match (self, device) {
            (Self::Gpu(reader), Device::Gpu(gpu)) => reader.read(gpu).await,
            (Self::Cpu(reader), Device::Cpu(cpu)) => Ok(reader.read(cpu)),
            _ => Err(of_the_other()),
        }
    }
}

/// An executable recording.
pub struct Plan {
    executable: Executable,
    /// Dispatches of the forward pass, of forward and backward pass, of all before the update, and of all.
    forward: usize,
    backward: usize,
    update: usize,
    all: usize,
    sums: Vec<(Sum, Range<usize>)>,
}

enum Executable {
    Gpu(plan::Plan),
    Cpu(cpu::Plan),
}

impl Plan {
    /// Creates whatever the recording names; shared buffers only where the store lacks them.
    ///
    /// # Errors
    /// [`GpuError::BufferTooLarge`] before anything is allocated; [`GpuError::OutOfMemory`], [`GpuError::Validation`].
    pub async fn new(device: &Device, store: &mut Store, recording: &Recording) -> Result<Self, GpuError> {
        let executable = match (device, store) {
            (Device::Gpu(gpu), Store::Gpu(store)) => Executable::Gpu(plan::Plan::new(gpu, store, recording).await?),
            (Device::Cpu(cpu), Store::Cpu(store)) => Executable::Cpu(cpu::Plan::new(cpu, store, recording)?),
            _ => return Err(of_the_other()),
        };
        let Recording { forward, backward, update, ref sums, ref dispatches, .. } = *recording;
        Ok(Self { executable, forward, backward, update, all: dispatches.len(), sums: sums.clone() })
    }

    /// All dispatches: forward, backward, update.
    pub fn all(&self) -> Range<usize> {
        0..self.all
    }

    /// Forward and backward pass.
    pub fn backward(&self) -> Range<usize> {
        0..self.backward
    }

    /// What adds gradients of parts.
    pub fn sums(&self, sums: &[Sum]) -> impl Iterator<Item = Range<usize>> {
        let range = |sum: &Sum| self.sums.iter().find(|(s, _)| s == sum).map(|(_, range)| range.clone());
        sums.iter().filter_map(range)
    }

    /// The update.
    pub fn update(&self) -> Range<usize> {
        self.update..self.all
    }

    /// The forward pass alone.
    pub fn forward(&self) -> Range<usize> {
        0..self.forward
    }

    /// Hands over dispatches, cut into `submits` equal stretches so that none holds the GPU for long; the fence is the last one's.
    pub fn replay(&self, device: &Device, ranges: &[Range<usize>], submits: usize) -> Option<Fence> {
        match (&self.executable, device) {
            (Executable::Gpu(plan), Device::Gpu(gpu)) => Some(Fence(Some(plan.replay(gpu, ranges, submits)?))),
            (Executable::Cpu(plan), Device::Cpu(cpu)) => {
                plan.replay(cpu, ranges);
                Some(Fence(None))
            }
            _ => None,
        }
    }

    /// Overwrites a stretch of a kept buffer.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub fn write<T: Pod>(&self, device: &Device, name: &str, offset_words: usize, data: &[T]) -> Result<(), GpuError> {
        match (&self.executable, device) {
            (Executable::Gpu(plan), Device::Gpu(gpu)) => plan.write(gpu, name, offset_words, data),
            (Executable::Cpu(plan), Device::Cpu(cpu)) => plan.write(cpu, name, offset_words, data),
            _ => Err(of_the_other()),
        }
    }

    /// Reads a stretch of a kept buffer.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`]; [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub async fn read<T: Pod>(&self, device: &Device, name: &str, words: Range<usize>) -> Result<Vec<T>, GpuError> {
        match (&self.executable, device) {
            (Executable::Gpu(plan), Device::Gpu(gpu)) => plan.read(gpu, name, words).await,
            (Executable::Cpu(plan), Device::Cpu(cpu)) => plan.read(cpu, name, words),
            _ => Err(of_the_other()),
        }
    }
    /// Something to read the head of a kept buffer with again and again, creating nothing.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub fn reader(&self, device: &Device, name: &str, words: usize) -> Result<Reader, GpuError> {
        match (&self.executable, device) {
            (Executable::Gpu(plan), Device::Gpu(gpu)) => plan.reader(gpu, name, words).map(Reader::Gpu),
            (Executable::Cpu(plan), Device::Cpu(_)) => plan.reader(name, words).map(Reader::Cpu),
            _ => Err(of_the_other()),
        }
    }
}
