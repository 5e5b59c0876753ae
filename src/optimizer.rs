//! The update: learning-rate schedule on the host; clipping by global norm and AdamW, Adam or SGD on the GPU, over flat
//! buffers, in three dispatches whatever the model (square sums, settle, update; more only past 64 MiB of parameters).

use crate::config::{Optimizer, Schedule, Training};
use crate::kernels::{self as k, ElementwiseParams, OptimizerParams, Step};
use crate::model::{LOSS_RING, Layout, flat};
use crate::parts::{Sum, levels};
use crate::tape::{Dispatch, Life, Recording, Region, grid};

/// Words of one stretch of the flat buffers, 64 MiB: half of what every adapter binds.
const STRETCH: usize = 16 << 20;
/// Partial sums of squares of a stretch, a workgroup each.
const PARTS: usize = 256;

/// Name of the state: [clipping factor, step at which a number was not finite or 0].
pub const STATE: &str = "optimizer.state";

/// The learning rate of a step, counted from 1: linear warm-up to `learning_rate`, then half a cosine down to
/// `min_learning_rate` at `total_steps`, and that from there on.
pub fn learning_rate(t: &Training, step: u32) -> f64 {
    let (top, low) = (t.learning_rate, t.min_learning_rate);
    match t.schedule {
        Schedule::Constant => top,
        Schedule::Cosine if step <= t.warmup_steps => top * f64::from(step) / f64::from(t.warmup_steps),
        Schedule::Cosine => {
            let length = t.total_steps.saturating_sub(t.warmup_steps).max(1);
            let progress = (f64::from(step - t.warmup_steps) / f64::from(length)).min(1.0);
            low + 0.5 * (top - low) * (1.0 + (std::f64::consts::PI * progress).cos())
        }
    }
}

/// The uniform of a training step's part, both counted from 0, which begins at this row of the step.
pub fn step_uniform(t: &Training, (step, slot): (u32, u32), (part, parts): (u32, u32), first_row: u32) -> Step {
    let correction = |beta: f64| (1.0 - beta.powi(step as i32)) as f32;
    Step {
        step,
        seed: t.seed,
        training: 1,
        slot,
        learning_rate: learning_rate(t, step) as f32,
        correction1: correction(t.beta1),
        correction2: correction(t.beta2),
        part,
        share: 1.0 / parts as f32,
        first_row,
        unused1: 0,
        unused2: 0,
    }
}

/// Appends the update to a recording of forward and backward pass and their sums. `step` is the uniform that the recording reads.
pub fn append(recording: &mut Recording, layout: &Layout, t: &Training, step: Region) {
    let mut shared = |name, words| match recording.find(name) {
        Some(region) => region,
        None => recording.buffer(name, words, Life::Shared),
    };
    let weights = shared(flat::PARAMETERS, layout.words);
    let total = shared(flat::GRADIENTS, layout.gradient_words());
    let loss = Region { offset: layout.words, words: 1, ..total };
    let moments = t.optimizer != Optimizer::Sgd;
    let (first, second) = if moments {
        (Some(shared(flat::FIRST, layout.words)), Some(shared(flat::SECOND, layout.words)))
    } else {
        (None, None)
    };
    let starts: Vec<usize> = (0..layout.words).step_by(STRETCH).collect();
    let square_sums = PARTS * starts.len();
    let sums = recording.buffer("optimizer.square_sums", square_sums, Life::Passing);
    let state = recording.buffer(STATE, 2, Life::Shared);
    let ring = recording.find(LOSS_RING);
    let decayed = match t.decay {
        crate::config::Decay::Matrices => layout.matrix_words,
        crate::config::Decay::All => layout.words,
    };
    let params = OptimizerParams {
        beta1: t.beta1 as f32,
        beta2: t.beta2 as f32,
        epsilon: t.epsilon as f32,
        weight_decay: t.weight_decay as f32,
        clip: t.clip as f32,
        ..Default::default()
    };
    let stretch = |region: Region, start: usize| stretch(region, start, layout.words);
    for (i, &start) in starts.iter().enumerate() {
        let gradients = stretch(total, start);
        let params = OptimizerParams {
            words: gradients.words as u32,
            parts: PARTS as u32,
            first_part: (i * PARTS) as u32,
            ..params
        };
        let (groups, regions) = ([PARTS as u32, 1, 1], [Some(gradients), Some(sums)]);
        recording.dispatches.push(Dispatch::new(&k::OPTIMIZER_SQUARE_SUMS, &params, groups, &regions));
    }
    let settle = OptimizerParams { parts: square_sums as u32, ..params };
    let regions = [Some(step), Some(sums), Some(loss), Some(state), ring];
    recording.dispatches.push(Dispatch::new(&k::OPTIMIZER_SETTLE, &settle, [1, 1, 1], &regions));
    let rule = match t.optimizer {
        Optimizer::AdamW => 0,
        Optimizer::Adam => 1,
        Optimizer::Sgd => 2,
    };
    for &start in &starts {
        let weights = stretch(weights, start);
        let params = OptimizerParams {
            words: weights.words as u32,
            decayed: decayed.saturating_sub(start).min(weights.words) as u32,
            ..params
        };
        let regions = [
            Some(step),
            Some(stretch(total, start)),
            Some(state),
            Some(weights),
            first.map(|r| stretch(r, start)),
            second.map(|r| stretch(r, start)),
        ];
        // 64 threads a workgroup, four words a thread.
        let update = Dispatch::new(&k::OPTIMIZER_UPDATE, &params, grid(weights.words, 256), &regions);
        recording.dispatches.push(update.with_number("RULE", rule));
    }
}

/// The stretch of a flat buffer that begins at `start`, of `words` in all.
fn stretch(region: Region, start: usize, words: usize) -> Region {
    Region { offset: start, words: STRETCH.min(words - start), ..region }
}

/// Appends to a forward and backward pass what adds gradients and losses of a step's parts: [`crate::parts`] says when which of it
/// is done.
pub fn append_sums(recording: &mut Recording, layout: &Layout, parts: usize) {
    let words = layout.gradient_words();
    let Some(gradients) = recording.find(flat::GRADIENTS) else { return };
    for level in 0..levels(parts) {
        let waiting = recording.buffer(format!("{}.{level}", flat::GRADIENTS), words, Life::Shared);
        let both = [(Sum::Add(level), &k::ADD, waiting, gradients), (Sum::Wait(level), &k::COPY, gradients, waiting)];
        for (sum, kernel, from, to) in both {
            let first = recording.dispatches.len();
            for start in (0..words).step_by(STRETCH) {
                let (from, to) = (stretch(from, start, words), stretch(to, start, words));
                let params = ElementwiseParams { count: to.words as u32, ..Default::default() };
                // 64 threads a workgroup, four elements a thread.
                recording.dispatches.push(Dispatch::new(kernel, &params, grid(to.words, 256), &[Some(from), Some(to)]));
            }
            recording.sums.push((sum, first..recording.dispatches.len()));
        }
    }
    recording.update = recording.dispatches.len();
}
