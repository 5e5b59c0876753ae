//! The kernels of optimizer.wgsl: what every update begins with.

use super::lanes::dot;
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Norm and clipping of the gradients, a stretch of the flat buffers at a time.
    OptimizerParams {
        /// Words of the stretch.
        words: u32,
        /// Partial sums: of the stretch in `square_sums`, of all in `settle`.
        parts: u32,
        /// The stretch's first partial sum.
        first_part: u32,
        /// Largest norm; 0: any.
        clip: f32,
    }
}

const OPTIMIZER: &[&str] = sources!["index", "step", "optimizer"];

kernels!("optimizer", OPTIMIZER, OptimizerParams, {
    /// Partial sums of squared gradients.
    OPTIMIZER_SQUARE_SUMS = "square_sums" { gradients: 2 Read, sums_out: 3 Write } => square_sums;
    /// Norm, clipping factor, finiteness, the step's entry in the ring.
    OPTIMIZER_SETTLE = "settle" { step: 1 Uniform, sums: 4 Read, loss: 7 Read, state_out: 5 Write, ring: 6 Write } => settle;
});

fn square_sums(call: &mut Call<'_>) {
    let OptimizerParams { words, parts, first_part, .. } = call.params();
    let [words, parts, first_part] = [words, parts, first_part].map(|n| n as usize);
    let (gradients, sums) = (call.read("gradients"), call.write("sums_out"));
    let sums = &mut sums[first_part..][..parts];
    sums.fill(0.0);
    let length = 4 * (words / 4).div_ceil(parts);
    for (sum, part) in sums.iter_mut().zip(gradients[..words].chunks(length)) {
        *sum = dot(part, part);
    }
}

fn settle(call: &mut Call<'_>) {
    let (OptimizerParams { parts, clip, .. }, step) = (call.params(), call.step());
    let (sums, loss) = (call.read("sums"), call.read("loss")[0]);
    let (state, ring) = (call.write("state_out"), call.write("ring"));
    let square: f32 = sums[..parts as usize].iter().sum();
    let norm = square.sqrt();
    let entry = &mut ring[4 * step.slot as usize..][..4];
    let state: &mut [u32] = bytemuck::cast_slice_mut(state);
    if !(square.is_finite() && loss.is_finite()) && state[1] == 0 {
        state[1] = step.step;
    }
    let factor = if clip > 0.0 { (clip / (norm + 1e-6)).min(1.0) } else { 1.0 };
    state[0] = factor.to_bits();
    entry[1..].copy_from_slice(&[loss, norm, step.learning_rate]);
}
