//! What a dispatch hands to a kernel's Rust body: `Params`, `override` constants, a stretch of memory for each slot.

use super::{Slot, Step};
use bytemuck::AnyBitPattern;

/// A stretch of memory as a slot sees it.
#[derive(Debug, Default)]
pub enum Words<'a> {
    /// The overrides leave the slot unused.
    #[default]
    Unbound,
    /// `read` and `uniform` bindings.
    Read(&'a [f32]),
    /// `read_write` bindings.
    Write(&'a mut [f32]),
}

/// Memory that a body needs while it runs; it grows once and is then used again by every call.
#[derive(Debug, Default)]
pub struct Scratch {
    /// A product's left operand, packed.
    pub left: Vec<f32>,
    /// Its right operand, packed.
    pub right: Vec<f32>,
    /// Sums or scores that are not finished.
    pub sums: Vec<f32>,
    /// The same, where two are needed.
    pub more: Vec<f32>,
}

/// `words` words of it, with whatever was left there.
pub fn room(scratch: &mut Vec<f32>, words: usize) -> &mut [f32] {
    if scratch.len() < words {
        scratch.resize(words, 0.0);
    }
    &mut scratch[..words]
}

/// One dispatch on the CPU. A body ignores the grid: its extents stand in `Params`.
pub struct Call<'a> {
    params: &'a [u8],
    overrides: &'a [(&'static str, f64)],
    slots: &'static [Slot],
    memory: &'a mut [Words<'a>],
    /// Memory of the body's own.
    pub scratch: &'a mut Scratch,
}

impl<'a> Call<'a> {
    /// `memory` in the order of `slots`.
    pub fn new(
        params: &'a [u8],
        overrides: &'a [(&'static str, f64)],
        slots: &'static [Slot],
        memory: &'a mut [Words<'a>],
        scratch: &'a mut Scratch,
    ) -> Self {
        Self { params, overrides, slots, memory, scratch }
    }

    /// The kernel's `Params`.
    pub fn params<P: AnyBitPattern>(&self) -> P {
        bytemuck::pod_read_unaligned(self.params)
    }

    /// An `override` constant; 0 where the dispatch does not set it.
    pub fn number(&self, name: &str) -> usize {
        self.overrides.iter().find(|(n, _)| *n == name).map_or(0, |&(_, value)| value as usize)
    }

    /// The same, where it says yes or no.
    pub fn flag(&self, name: &str) -> bool {
        self.number(name) != 0
    }

    fn slot(&mut self, name: &str) -> Words<'a> {
        let at = self.slots.iter().position(|slot| slot.name == name);
        at.and_then(|at| self.memory.get_mut(at)).map_or(Words::Unbound, std::mem::take)
    }

    /// What stands in a `read` slot; nothing where it is unbound. Once for each slot.
    pub fn read(&mut self, name: &str) -> &'a [f32] {
        match self.slot(name) {
            Words::Read(words) => words,
            Words::Write(words) => words,
            Words::Unbound => &[],
        }
    }

    /// The same as whole numbers.
    pub fn read_ids(&mut self, name: &str) -> &'a [u32] {
        bytemuck::cast_slice(self.read(name))
    }

    /// What a `read_write` slot holds and takes; nothing where it is unbound. Once for each slot.
    pub fn write(&mut self, name: &str) -> &'a mut [f32] {
        match self.slot(name) {
            Words::Write(words) => words,
            Words::Read(_) | Words::Unbound => &mut [],
        }
    }

    /// The position of a single token: what stands in `place` where the dispatch says SINGLE.
    pub fn place(&mut self) -> Option<usize> {
        let place = self.read_ids("place");
        place.first().filter(|_| self.flag("SINGLE")).map(|&position| position as usize)
    }

    /// The uniform `step`; all zeros where it is unbound, as where nothing is dropped.
    pub fn step(&mut self) -> Step {
        match self.read("step") {
            [] => Step::default(),
            words => bytemuck::pod_read_unaligned(&bytemuck::cast_slice(words)[..size_of::<Step>()]),
        }
    }
}
