//! The executor of recordings on the CPU: memory by name, and a replay that calls each kernel's Rust body. What `plan.rs` is for
//! the GPU, method by method.
//!
//! Replays of a recording that writes what others share wait in a queue, as they would for a GPU, and [`Cpu::go_on`] runs them
//! a slice at a time; whoever reads or writes something shared runs them first. A recording that only reads, a window through
//! the model, runs at once: between two slices the weights are those that the step under way found, as an update is not cut.

use crate::gpu::{AdapterDescription, Census, GpuError};
use crate::kernels::{Access, Call, Scratch, Words};
use crate::tape::{Dispatch, Life, Recording};
use crate::team::{Arrival, Pending, Team};
use bytemuck::Pod;
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::rc::Rc;

mod queue;

use queue::Work;

/// Words that a store and the plans made with it hold together.
type Memory = Rc<Held>;

/// Words, counted as long as they are there.
struct Held {
    words: RefCell<Vec<f32>>,
    bytes: u64,
    ledger: Rc<Cell<u64>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.ledger.set(self.ledger.get() - self.bytes);
    }
}

impl Held {
    fn read<T: Pod>(&self, words: Range<usize>) -> Vec<T> {
        bytemuck::cast_slice(&self.words.borrow()[words]).to_vec()
    }

    fn take(&self, from: &Rc<dyn Pending>, tree: usize, words: &Range<usize>) -> Arrival {
        from.take(tree, &mut self.words.borrow_mut()[words.clone()])
    }

    fn write<T: Pod>(&self, offset: usize, data: &[T]) {
        let words: &[f32] = bytemuck::cast_slice(data);
        self.words.borrow_mut()[offset..offset + words.len()].copy_from_slice(words);
    }
}

/// The CPU as an adapter.
pub struct Cpu {
    description: AdapterDescription,
    /// Bytes that all models and recordings hold.
    ledger: Rc<Cell<u64>>,
    queue: RefCell<VecDeque<Work>>,
    scratch: RefCell<Scratch>,
    census: Cell<Census>,
    team: Option<Rc<dyn Team>>,
    /// Who computes a model's steps at most, its owner included.
    workers: Cell<usize>,
    /// Whether what is handed over may never be done: nothing is written meanwhile.
    holds: Cell<bool>,
}

impl Cpu {
    /// One that gives this much memory in all, bytes.
    pub fn new(memory_bytes: u64) -> Self {
        let description = AdapterDescription {
            name: "CPU".to_owned(),
            backend: "cpu".to_owned(),
            software: true,
            max_binding_bytes: memory_bytes,
            max_buffer_bytes: memory_bytes,
        };
        Self {
            description,
            ledger: Rc::default(),
            queue: RefCell::default(),
            scratch: RefCell::default(),
            census: Cell::default(),
            team: None,
            workers: Cell::new(1),
            holds: Cell::new(false),
        }
    }

    /// With helpers for its models.
    pub fn with_team(self, team: Rc<dyn Team>) -> Self {
        Self { workers: Cell::new(team.usual()), team: Some(team), ..self }
    }

    /// Workers that compute a model's steps at most, its owner included.
    pub fn workers(&self) -> usize {
        self.workers.get()
    }

    /// The same from now on.
    pub fn set_workers(&self, workers: usize) {
        self.workers.set(workers);
    }

    /// Who can be asked for helpers.
    pub fn team(&self) -> Option<&dyn Team> {
        self.team.as_deref()
    }

    /// Whether so many bytes more can be had.
    ///
    /// # Errors
    /// [`GpuError::NoMemory`] with the number asked and the number left.
    pub fn check_room(&self, asked: u64) -> Result<(), GpuError> {
        let left = self.description.max_buffer_bytes - self.ledger.get();
        if asked > left { Err(GpuError::NoMemory { asked, left }) } else { Ok(()) }
    }

    fn memory(&self, words: usize) -> Result<Memory, GpuError> {
        let bytes = 4 * words as u64;
        self.check_room(bytes)?;
        let mut zeros = Vec::new();
        zeros.try_reserve_exact(words).map_err(|_| GpuError::OutOfMemory { asked: bytes })?;
        zeros.resize(words, 0.0);
        self.count(|c| c.buffers_created += 1);
        self.ledger.set(self.ledger.get() + bytes);
        Ok(Rc::new(Held { words: RefCell::new(zeros), bytes, ledger: Rc::clone(&self.ledger) }))
    }

    /// In words and numbers.
    pub fn description(&self) -> &AdapterDescription {
        &self.description
    }

    /// What was created and done so far.
    pub fn census(&self) -> Census {
        self.census.get()
    }

    fn count(&self, change: impl FnOnce(&mut Census)) {
        let mut census = self.census.get();
        change(&mut census);
        self.census.set(census);
    }
}

/// Shared buffers by name: what outlives one plan.
#[derive(Default)]
pub struct Store {
    buffers: HashMap<String, Memory>,
}

impl Store {
    /// Whether there is a shared buffer of this name.
    pub fn holds(&self, name: &str) -> bool {
        self.buffers.contains_key(name)
    }

    fn find(&self, name: &str) -> Result<&Memory, GpuError> {
        self.buffers.get(name).ok_or_else(|| GpuError::UnknownBuffer { name: name.to_owned() })
    }

    /// Overwrites a stretch of a shared buffer.
    pub fn write<T: Pod>(&self, cpu: &Cpu, name: &str, offset_words: usize, data: &[T]) {
        if let Some(buffer) = self.buffers.get(name) {
            cpu.finish();
            cpu.count(|c| {
                c.bytes_uploaded += size_of_val(data) as u64;
                c.shared_writes += 1;
            });
            buffer.write(offset_words, data);
        }
    }

    /// Shows a stretch of a shared buffer as it is when nothing waits any more.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub fn show<R>(
        &self,
        cpu: &Cpu,
        name: &str,
        words: Range<usize>,
        to: impl FnOnce(&[f32]) -> R,
    ) -> Result<R, GpuError> {
        cpu.finish();
        Ok(to(&self.find(name)?.words.borrow()[words]))
    }

    /// Lets a stretch of a shared buffer be overwritten where it is.
    ///
    /// # Errors
    /// As [`Store::show`].
    pub fn fill(
        &self,
        cpu: &Cpu,
        name: &str,
        words: Range<usize>,
        with: impl FnOnce(&mut [f32]),
    ) -> Result<(), GpuError> {
        cpu.finish();
        cpu.count(|c| c.shared_writes += 1);
        with(&mut self.find(name)?.words.borrow_mut()[words]);
        Ok(())
    }

    /// Makes a shared buffer, where there is none of this name.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn reserve(&mut self, cpu: &Cpu, name: &str, words: usize) -> Result<(), GpuError> {
        cpu.description.check(name, 0, 4 * words as u64)?;
        if !self.holds(name) {
            self.buffers.insert(name.to_owned(), cpu.memory(words)?);
        }
        Ok(())
    }

    /// Reads a stretch of a shared buffer.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub fn read<T: Pod>(&self, cpu: &Cpu, name: &str, words: Range<usize>) -> Result<Vec<T>, GpuError> {
        cpu.finish();
        cpu.count(|c| c.readbacks += 1);
        Ok(self.find(name)?.read(words))
    }

    /// Copies shared buffers whole, (source, destination) each; pairs that are not there are left out.
    pub fn copy<'a>(&self, cpu: &Cpu, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        cpu.finish();
        cpu.count(|c| c.shared_writes += 1);
        for (source, destination) in pairs {
            if let (Some(source), Some(destination)) = (self.buffers.get(source), self.buffers.get(destination)) {
                copy_whole(source, destination);
            }
        }
    }

    /// Sets a shared buffer aside and puts other words in its place, until [`Store::put_back`]. None where no shared buffer has
    /// that name.
    pub fn set_aside<T: Pod>(&self, cpu: &Cpu, name: &str, words: &[T]) -> Option<Aside> {
        cpu.finish();
        let buffer = self.buffers.get(name)?;
        let aside = Aside(buffer.words.borrow().clone());
        cpu.count(|c| c.shared_writes += 1);
        buffer.write(0, words);
        Some(aside)
    }

    /// Puts back what was set aside.
    pub fn put_back(&self, cpu: &Cpu, name: &str, aside: &Aside) {
        if let Some(buffer) = self.buffers.get(name) {
            cpu.count(|c| c.shared_writes += 1);
            buffer.words.borrow_mut().copy_from_slice(&aside.0);
        }
    }

    /// Something to read the head of one shared buffer with again and again.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub fn reader(&self, name: &str, words: usize) -> Result<Reader, GpuError> {
        Ok(Reader { source: Rc::clone(self.find(name)?), words, shared: true })
    }
}

/// Words of a shared buffer, kept while others stand in their place.
pub struct Aside(Vec<f32>);

fn copy_whole(source: &Memory, destination: &Memory) {
    if !Rc::ptr_eq(source, destination) {
        destination.words.borrow_mut().copy_from_slice(&source.words.borrow());
    }
}

/// Reads the head of one buffer.
pub struct Reader {
    source: Memory,
    words: usize,
    /// Whether what waits may write it.
    shared: bool,
}

impl Reader {
    /// The buffer's words now.
    pub fn read<T: Pod>(&self, cpu: &Cpu) -> Vec<T> {
        if self.shared {
            cpu.finish();
        }
        cpu.count(|c| c.readbacks += 1);
        self.source.read(0..self.words)
    }
}

/// A slot's stretch of memory: index in [`Program::memory`] and words there.
type Stretch = (usize, Range<usize>);

/// What a slot reads: the memory that it holds open, and the words of it.
type Reading<'a> = Option<(Ref<'a, Vec<f32>>, Range<usize>)>;

struct Step {
    dispatch: Dispatch,
    /// In the order of the kernel's slots.
    stretches: Vec<Option<Stretch>>,
    /// Slots that are written, by their memory and place: those of one buffer stand one behind the other.
    written: Vec<usize>,
}

/// What a recording comes to.
struct Program {
    steps: Vec<Step>,
    memory: Vec<Memory>,
    /// Dispatches before the update.
    update: usize,
}

/// An executable recording.
pub struct Plan {
    program: Rc<Program>,
    /// Kept buffers: name to index in [`Program::memory`].
    kept: HashMap<String, usize>,
    /// Whether it writes what others share.
    shares: bool,
}

impl Plan {
    /// Creates whatever the recording names; shared buffers only where the store lacks them.
    ///
    /// # Errors
    /// [`GpuError::BufferTooLarge`], [`GpuError::NoMemory`] before anything is allocated; [`GpuError::OutOfMemory`].
    pub fn new(cpu: &Cpu, store: &mut Store, recording: &Recording) -> Result<Self, GpuError> {
        let needs = recording.memory();
        cpu.description.check(&needs.largest_name, needs.largest_binding, needs.largest_buffer)?;
        let there = recording.buffers.iter().filter(|buffer| buffer.life.is_named() && store.holds(&buffer.name));
        cpu.check_room(needs.total - there.map(|buffer| 4 * buffer.words as u64).sum::<u64>())?;
        let before: HashSet<String> = store.buffers.keys().cloned().collect();
        let plan = Self::build(cpu, store, recording);
        if plan.is_err() {
            // Whoever was there before goes on without what could not be made whole.
            store.buffers.retain(|name, _| before.contains(name));
        }
        plan
    }

    fn build(cpu: &Cpu, store: &mut Store, recording: &Recording) -> Result<Self, GpuError> {
        let placement = recording.placement();
        let mut all = Vec::new();
        for &words in &placement.words {
            all.push(cpu.memory(words)?);
        }
        // Where each buffer of the recording is.
        let mut at = placement.place;
        for (buffer, at) in recording.buffers.iter().zip(&mut at).filter(|(buffer, _)| buffer.life.is_named()) {
            if !store.holds(&buffer.name) {
                store.buffers.insert(buffer.name.clone(), cpu.memory(buffer.words)?);
            }
            *at = Some(all.len());
            all.push(Rc::clone(&store.buffers[&buffer.name]));
        }
        let steps = recording.dispatches.iter().map(|dispatch| {
            let stretches: Vec<Option<Stretch>> = dispatch
                .regions
                .iter()
                .map(|region| {
                    let region = (*region)?;
                    Some((at[recording.index(region.buffer)]?, region.offset..region.offset + region.words))
                })
                .collect();
            let slots = dispatch.kernel.slots.iter().enumerate();
            let mut written: Vec<usize> = slots
                .filter(|(i, slot)| slot.access == Access::Write && stretches[*i].is_some())
                .map(|(i, _)| i)
                .collect();
            written.sort_by_key(|&i| stretches[i].as_ref().map(|(memory, words)| (*memory, words.start)));
            Step { dispatch: dispatch.clone(), stretches, written }
        });
        let buffers = recording.buffers.iter().zip(&at);
        let kept = buffers.filter(|(b, _)| b.life == Life::Kept).filter_map(|(b, at)| Some((b.name.clone(), (*at)?)));
        let (steps, kept): (Vec<Step>, _) = (steps.collect(), kept.collect());
        let shares = recording.writes_shared();
        Ok(Self { program: Rc::new(Program { steps, memory: all, update: recording.update }), kept, shares })
    }

    /// Hands over dispatches, or runs them at once where nobody shares what they write.
    pub fn replay(&self, cpu: &Cpu, ranges: &[Range<usize>]) {
        cpu.count(|c| {
            c.submits += 1;
            c.dispatches += ranges.iter().map(|range| range.len() as u64).sum::<u64>();
        });
        for range in ranges.iter().filter(|range| !range.is_empty()) {
            if self.shares {
                let work = Work::Run { program: Rc::clone(&self.program), left: range.clone() };
                cpu.queue.borrow_mut().push_back(work);
                continue;
            }
            let mut scratch = cpu.scratch.borrow_mut();
            for step in &self.program.steps[range.clone()] {
                self.program.run(step, &mut scratch);
            }
        }
    }

    fn place(&self, name: &str) -> Result<&Memory, GpuError> {
        let found = self.kept.get(name).map(|&at| &self.program.memory[at]);
        found.ok_or_else(|| GpuError::UnknownBuffer { name: name.to_owned() })
    }

    /// Overwrites a stretch of a kept buffer, in its turn after what was handed over before.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub fn write<T: Pod>(&self, cpu: &Cpu, name: &str, offset_words: usize, data: &[T]) -> Result<(), GpuError> {
        cpu.count(|c| c.bytes_uploaded += size_of_val(data) as u64);
        let memory = self.place(name)?;
        if !self.shares || (cpu.is_idle() && !cpu.holds.get()) {
            memory.write(offset_words, data);
        } else {
            let (memory, words) = (Rc::clone(memory), bytemuck::cast_slice(data).to_vec());
            cpu.queue.borrow_mut().push_back(Work::Write { memory, offset: offset_words, words });
        }
        Ok(())
    }

    /// Reads a stretch of a kept buffer.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub fn read<T: Pod>(&self, cpu: &Cpu, name: &str, words: Range<usize>) -> Result<Vec<T>, GpuError> {
        cpu.count(|c| c.readbacks += 1);
        if self.shares {
            cpu.finish();
        }
        Ok(self.place(name)?.read(words))
    }

    /// Something to read the head of a kept buffer with again and again.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub fn reader(&self, name: &str, words: usize) -> Result<Reader, GpuError> {
        Ok(Reader { source: Rc::clone(self.place(name)?), words, shared: self.shares })
    }
}

impl Program {
    fn run(&self, step: &Step, scratch: &mut Scratch) {
        let Step { dispatch, stretches, written } = step;
        let mut writing: Vec<(usize, RefMut<'_, Vec<f32>>)> = Vec::new();
        for (memory, _) in written.iter().filter_map(|&slot| stretches[slot].as_ref()) {
            if writing.last().is_none_or(|(last, _)| last != memory) {
                writing.push((*memory, self.memory[*memory].words.borrow_mut()));
            }
        }
        let slots = dispatch.kernel.slots.iter().zip(stretches);
        let reading: Vec<Reading<'_>> = slots
            .map(|(slot, stretch)| match (slot.access, stretch) {
                (Access::Read | Access::Uniform, Some((memory, words))) => {
                    Some((self.memory[*memory].words.borrow(), words.clone()))
                }
                _ => None,
            })
            .collect();
        let mut words: Vec<Words<'_>> = reading
            .iter()
            .map(|read| read.as_ref().map_or(Words::Unbound, |(memory, words)| Words::Read(&memory[words.clone()])))
            .collect();
        for (memory, guard) in &mut writing {
            // Stretches of one buffer, in their order.
            let (mut rest, mut from): (&mut [f32], usize) = (guard, 0);
            for &slot in written {
                let Some((of, range)) = &stretches[slot] else { continue };
                if of == memory {
                    let (mine, behind) = rest[range.start - from..].split_at_mut(range.len());
                    words[slot] = Words::Write(mine);
                    (rest, from) = (behind, range.end);
                }
            }
        }
        let Dispatch { kernel, params, overrides, .. } = dispatch;
        (kernel.body)(&mut Call::new(params, overrides, kernel.slots, &mut words, scratch));
    }
}
