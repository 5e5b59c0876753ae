//! The update. An optimizer is a file here, with its [`Rule`]: what it keeps of each parameter, and what it appends to a step.
//! What all have in common is done before it, over flat buffers: the sums of gradients, their global norm, clipping.
//!
//! Two dispatches and the update's, whatever the model (more only past 64 MiB of parameters).

use crate::config::{Decay, Optimizer, Training};
use crate::kernels::{self as k, Kernel, OptimizerParams};
use crate::model::{LOSS_RING, Layout, flat};
use crate::tape::{Dispatch, Life, Recording, Region, grid};

/// A [`Flat`] that an optimizer keeps.
macro_rules! kept {
    ($name:literal) => {
        Flat { name: concat!("optimizer.", $name), good: concat!("good.", $name), best: concat!("best.", $name) }
    };
}

mod adam;
mod adamw;
mod schedule;
mod sgd;
mod sums;

pub use schedule::{learning_rate, step_uniform};
pub use sums::append_sums;

/// A flat buffer, as [`Layout`] says, that training writes: the parameters, or what an optimizer keeps of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flat {
    /// The buffer, and in a saved session its tensors: `optimizer.first`.
    pub name: &'static str,
    /// Its copy at the last finite validation loss.
    pub good: &'static str,
    /// Its copy at the lowest validation loss.
    pub best: &'static str,
}

/// The parameters.
pub const PARAMETERS: Flat = Flat { name: flat::PARAMETERS, good: "good.parameters", best: "best.parameters" };

/// What an optimizer is.
struct Rule {
    /// What it keeps of each parameter from step to step; zero before the first. Optimizers that keep the same share the name.
    state: &'static [Flat],
    /// Appends the update of all parameters.
    update: fn(&Update<'_>, &mut Recording),
}

/// The one place where a choice becomes its file.
fn rule(optimizer: Optimizer) -> Rule {
    match optimizer {
        Optimizer::AdamW => adamw::RULE,
        Optimizer::Adam => adam::RULE,
        Optimizer::Sgd => sgd::RULE,
    }
}

/// All that training with an optimizer writes of a model: the parameters, then what it keeps.
pub fn written(optimizer: Optimizer) -> impl Iterator<Item = Flat> {
    std::iter::once(PARAMETERS).chain(rule(optimizer).state.iter().copied())
}

/// The same of any optimizer, each once: what a saved session may hold.
pub fn written_by_any() -> Vec<Flat> {
    let mut all: Vec<Flat> = Vec::new();
    for flat in Optimizer::ALL.iter().flat_map(|optimizer| written(*optimizer)) {
        if !all.contains(&flat) {
            all.push(flat);
        }
    }
    all
}

/// Words of one stretch of the flat buffers, 64 MiB: half of what every adapter binds.
const STRETCH: usize = 16 << 20;
/// Partial sums of squares of a stretch, a workgroup each.
const PARTS: usize = 256;

/// Name of what every update reads: [clipping factor, step at which a number was not finite or 0].
pub const STATE: &str = "optimizer.state";

/// What an update has to work with, whole buffers all.
struct Update<'a> {
    training: &'a Training,
    layout: &'a Layout,
    step: Region,
    gradients: Region,
    /// As [`STATE`].
    halt: Region,
    weights: Region,
    /// As [`Rule::state`].
    state: Vec<Region>,
}

/// A stretch of the flat buffers and its two groups of parameters: what decays stands first.
struct Stretch {
    start: usize,
    words: usize,
    /// Leading words that decay.
    decayed: usize,
}

impl Update<'_> {
    /// All parameters, in stretches that every adapter binds.
    fn stretches(&self) -> impl Iterator<Item = Stretch> {
        let decayed = match self.training.decay {
            Decay::Matrices => self.layout.matrix_words,
            Decay::All => self.layout.words,
        };
        let of_layout = self.layout.words;
        (0..of_layout).step_by(STRETCH).map(move |start| {
            let words = STRETCH.min(of_layout - start);
            Stretch { start, words, decayed: decayed.saturating_sub(start).min(words) }
        })
    }

    /// An update that treats each word alike, of a stretch: the kernel's slots are step, gradients, [`STATE`], weights, and what the
    /// optimizer keeps.
    fn elementwise(&self, kernel: &'static Kernel, params: &impl bytemuck::Pod, at: &Stretch) -> Dispatch {
        let stretch = |region: Region| Some(stretch(region, at.start, self.layout.words));
        let mut regions = vec![Some(self.step), stretch(self.gradients), Some(self.halt), stretch(self.weights)];
        regions.extend(self.state.iter().map(|region| stretch(*region)));
        // 64 threads a workgroup, four words a thread.
        Dispatch::new(kernel, params, grid(at.words, 256), &regions)
    }
}

/// Appends the update to a recording of forward and backward pass and their sums. `step` is the uniform that the recording reads.
pub fn append(recording: &mut Recording, layout: &Layout, t: &Training, step: Region) {
    let Rule { state: kept, update } = rule(t.optimizer);
    let mut shared = |name, words| match recording.find(name) {
        Some(region) => region,
        None => recording.buffer(name, words, Life::Shared),
    };
    let weights = shared(flat::PARAMETERS, layout.words);
    let gradients = shared(flat::GRADIENTS, layout.gradient_words());
    let loss = Region { offset: layout.words, words: 1, ..gradients };
    let state = kept.iter().map(|flat| shared(flat.name, layout.words)).collect();
    let starts: Vec<usize> = (0..layout.words).step_by(STRETCH).collect();
    let square_sums = PARTS * starts.len();
    let sums = recording.buffer("optimizer.square_sums", square_sums, Life::Passing);
    let halt = recording.buffer(STATE, 2, Life::Shared);
    let ring = recording.find(LOSS_RING);
    for (i, &start) in starts.iter().enumerate() {
        let gradients = stretch(gradients, start, layout.words);
        let params = OptimizerParams {
            words: gradients.words as u32,
            parts: PARTS as u32,
            first_part: (i * PARTS) as u32,
            ..Default::default()
        };
        let (groups, regions) = ([PARTS as u32, 1, 1], [Some(gradients), Some(sums)]);
        recording.dispatches.push(Dispatch::new(&k::OPTIMIZER_SQUARE_SUMS, &params, groups, &regions));
    }
    let settle = OptimizerParams { parts: square_sums as u32, clip: t.clip as f32, ..Default::default() };
    let regions = [Some(step), Some(sums), Some(loss), Some(halt), ring];
    recording.dispatches.push(Dispatch::new(&k::OPTIMIZER_SETTLE, &settle, [1, 1, 1], &regions));
    update(&Update { training: t, layout, step, gradients, halt, weights, state }, recording);
}

/// The stretch of a flat buffer that begins at `start`, of `words` in all.
fn stretch(region: Region, start: usize, words: usize) -> Region {
    Region { offset: start, words: STRETCH.min(words - start), ..region }
}
