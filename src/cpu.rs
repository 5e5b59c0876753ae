//! The executor of recordings on the CPU: memory by name, and a replay that calls each kernel's Rust body. What `plan.rs` is for
//! the GPU, method by method.

use crate::gpu::{AdapterDescription, Census, GpuError};
use crate::kernels::{Access, Call, Scratch, Words};
use crate::tape::{Dispatch, Life, Recording};
use bytemuck::Pod;
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

/// Words that a store and the plans made with it hold together.
type Memory = Rc<RefCell<Vec<f32>>>;

fn memory(words: usize, asked: u64) -> Result<Memory, GpuError> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(words).map_err(|_| GpuError::OutOfMemory { asked })?;
    zeros.resize(words, 0.0);
    Ok(Rc::new(RefCell::new(zeros)))
}

fn read_words<T: Pod>(memory: &Memory, words: Range<usize>) -> Vec<T> {
    bytemuck::cast_slice(&memory.borrow()[words]).to_vec()
}

fn write_words<T: Pod>(memory: &Memory, offset: usize, data: &[T]) {
    let words: &[f32] = bytemuck::cast_slice(data);
    memory.borrow_mut()[offset..offset + words.len()].copy_from_slice(words);
}

/// The CPU as an adapter.
pub struct Cpu {
    description: AdapterDescription,
    scratch: RefCell<Scratch>,
    census: Cell<Census>,
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
        Self { description, scratch: RefCell::default(), census: Cell::default() }
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
        self.buffers.get(name).ok_or_else(|| GpuError::Validation(format!("there is no shared buffer {name}")))
    }

    /// Overwrites a stretch of a shared buffer.
    pub fn write<T: Pod>(&self, cpu: &Cpu, name: &str, offset_words: usize, data: &[T]) {
        if let Some(buffer) = self.buffers.get(name) {
            cpu.count(|c| c.bytes_uploaded += size_of_val(data) as u64);
            write_words(buffer, offset_words, data);
        }
    }

    /// Makes a shared buffer, where there is none of this name.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn reserve(&mut self, cpu: &Cpu, name: &str, words: usize) -> Result<(), GpuError> {
        cpu.description.check(name, 0, 4 * words as u64)?;
        if !self.holds(name) {
            cpu.count(|c| c.buffers_created += 1);
            self.buffers.insert(name.to_owned(), memory(words, 4 * words as u64)?);
        }
        Ok(())
    }

    /// Reads a stretch of a shared buffer.
    ///
    /// # Errors
    /// [`GpuError::Validation`] where no shared buffer has that name.
    pub fn read<T: Pod>(&self, cpu: &Cpu, name: &str, words: Range<usize>) -> Result<Vec<T>, GpuError> {
        cpu.count(|c| c.readbacks += 1);
        Ok(read_words(self.find(name)?, words))
    }

    /// Copies shared buffers whole, (source, destination) each; pairs that are not there are left out.
    pub fn copy<'a>(&self, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        for (source, destination) in pairs {
            if let (Some(source), Some(destination)) = (self.buffers.get(source), self.buffers.get(destination)) {
                copy_whole(source, destination);
            }
        }
    }

    /// Sets a shared buffer aside and puts other words in its place, until [`Store::put_back`]. None where no shared buffer has
    /// that name.
    pub fn set_aside<T: Pod>(&self, name: &str, words: &[T]) -> Option<Aside> {
        let buffer = self.buffers.get(name)?;
        let aside = Aside(buffer.borrow().clone());
        write_words(buffer, 0, words);
        Some(aside)
    }

    /// Puts back what was set aside.
    pub fn put_back(&self, name: &str, aside: &Aside) {
        if let Some(buffer) = self.buffers.get(name) {
            buffer.borrow_mut().copy_from_slice(&aside.0);
        }
    }

    /// Something to read the head of one shared buffer with again and again.
    ///
    /// # Errors
    /// [`GpuError::Validation`] where no shared buffer has that name.
    pub fn reader(&self, name: &str, words: usize) -> Result<Reader, GpuError> {
        Ok(Reader { source: Rc::clone(self.find(name)?), words })
    }
}

/// Words of a shared buffer, kept while others stand in their place.
pub struct Aside(Vec<f32>);

fn copy_whole(source: &Memory, destination: &Memory) {
    if !Rc::ptr_eq(source, destination) {
        destination.borrow_mut().copy_from_slice(&source.borrow());
    }
}

/// Reads the head of one shared buffer.
pub struct Reader {
    source: Memory,
    words: usize,
}

impl Reader {
    /// The buffer's words now.
    pub fn read<T: Pod>(&self, cpu: &Cpu) -> Vec<T> {
        cpu.count(|c| c.readbacks += 1);
        read_words(&self.source, 0..self.words)
    }
}

/// A slot's stretch of memory: index in [`Plan::memory`] and words there.
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

/// An executable recording.
pub struct Plan {
    steps: Vec<Step>,
    memory: Vec<Memory>,
    /// Kept buffers: name to index in `memory`.
    kept: HashMap<String, usize>,
}

impl Plan {
    /// Creates whatever the recording names; shared buffers only where the store lacks them.
    ///
    /// # Errors
    /// [`GpuError::BufferTooLarge`] before anything is allocated; [`GpuError::OutOfMemory`].
    pub fn new(cpu: &Cpu, store: &mut Store, recording: &Recording) -> Result<Self, GpuError> {
        let needs = recording.memory();
        cpu.description.check(&needs.largest_name, needs.largest_binding, needs.largest_buffer)?;
        let before: HashSet<String> = store.buffers.keys().cloned().collect();
        let plan = Self::build(cpu, store, recording, needs.total);
        if plan.is_err() {
            // Whoever was there before goes on without what could not be made whole.
            store.buffers.retain(|name, _| before.contains(name));
        }
        plan
    }

    fn build(cpu: &Cpu, store: &mut Store, recording: &Recording, total: u64) -> Result<Self, GpuError> {
        let placement = recording.placement();
        let mut all = Vec::new();
        for &words in &placement.words {
            cpu.count(|c| c.buffers_created += 1);
            all.push(memory(words, total)?);
        }
        // Where each buffer of the recording is.
        let mut at = placement.place;
        for (buffer, at) in recording.buffers.iter().zip(&mut at).filter(|(buffer, _)| buffer.life == Life::Shared) {
            if !store.holds(&buffer.name) {
                cpu.count(|c| c.buffers_created += 1);
                store.buffers.insert(buffer.name.clone(), memory(buffer.words, total)?);
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
        Ok(Self { steps: steps.collect(), kept: kept.collect(), memory: all })
    }

    /// Runs a range of dispatches.
    pub fn replay(&self, cpu: &Cpu, range: Range<usize>) {
        let mut scratch = cpu.scratch.borrow_mut();
        cpu.count(|c| {
            c.submits += 1;
            c.dispatches += range.len() as u64;
        });
        for step in &self.steps[range] {
            self.run(step, &mut scratch);
        }
    }

    fn run(&self, step: &Step, scratch: &mut Scratch) {
        let Step { dispatch, stretches, written } = step;
        let mut writing: Vec<(usize, RefMut<'_, Vec<f32>>)> = Vec::new();
        for (memory, _) in written.iter().filter_map(|&slot| stretches[slot].as_ref()) {
            if writing.last().is_none_or(|(last, _)| last != memory) {
                writing.push((*memory, self.memory[*memory].borrow_mut()));
            }
        }
        let slots = dispatch.kernel.slots.iter().zip(stretches);
        let reading: Vec<Reading<'_>> = slots
            .map(|(slot, stretch)| match (slot.access, stretch) {
                (Access::Read | Access::Uniform, Some((memory, words))) => {
                    Some((self.memory[*memory].borrow(), words.clone()))
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

    fn place(&self, name: &str) -> Result<&Memory, GpuError> {
        let found = self.kept.get(name).map(|&at| &self.memory[at]);
        found.ok_or_else(|| GpuError::Validation(format!("the plan keeps no buffer {name}")))
    }

    /// Overwrites a stretch of a kept buffer.
    ///
    /// # Errors
    /// [`GpuError::Validation`] where no kept buffer has that name.
    pub fn write<T: Pod>(&self, cpu: &Cpu, name: &str, offset_words: usize, data: &[T]) -> Result<(), GpuError> {
        cpu.count(|c| c.bytes_uploaded += size_of_val(data) as u64);
        write_words(self.place(name)?, offset_words, data);
        Ok(())
    }

    /// Reads a stretch of a kept buffer.
    ///
    /// # Errors
    /// [`GpuError::Validation`] where no kept buffer has that name.
    pub fn read<T: Pod>(&self, cpu: &Cpu, name: &str, words: Range<usize>) -> Result<Vec<T>, GpuError> {
        cpu.count(|c| c.readbacks += 1);
        Ok(read_words(self.place(name)?, words))
    }
}
