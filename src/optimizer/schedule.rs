//! What changes from step to step: the learning rate, and the rest of a step's uniform.

use crate::config::{Schedule, Training};
use crate::kernels::Step;

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
