//! The kernels of optimizer.wgsl.

use super::lanes::dot;
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Clipping and update of a stretch of the flat buffers.
    OptimizerParams {
        /// Words of the stretch.
        words: u32,
        /// Its leading words that decay.
        decayed: u32,
        /// Partial sums: of the stretch in `square_sums`, of all in `settle`.
        parts: u32,
        /// The stretch's first partial sum.
        first_part: u32,
        /// Decay of the first moment.
        beta1: f32,
        /// Decay of the second moment.
        beta2: f32,
        /// Added to the root of the second moment.
        epsilon: f32,
        /// Strength of the decay.
        weight_decay: f32,
        /// Largest norm; 0: any.
        clip: f32,
        /// Uniforms are multiples of 16 bytes.
        unused0: u32,
        /// The same.
        unused1: u32,
        /// The same.
        unused2: u32,
    }
}

/// The `override` RULE: which update. 1 is Adam.
const ADAMW: usize = 0;
const SGD: usize = 2;

const OPTIMIZER: &[&str] = sources!["index", "step", "optimizer"];

kernels!("optimizer", OPTIMIZER, OptimizerParams, {
    /// Partial sums of squared gradients.
    OPTIMIZER_SQUARE_SUMS = "square_sums" { gradients: 2 Read, sums_out: 3 Write } => square_sums;
    /// Norm, clipping factor, finiteness, the step's entry in the ring.
    OPTIMIZER_SETTLE = "settle" { step: 1 Uniform, sums: 4 Read, loss: 11 Read, state_out: 5 Write, ring: 7 Write } => settle;
    /// Moments and weights.
    OPTIMIZER_UPDATE = "update" { step: 1 Uniform, gradients: 2 Read, state: 6 Read, weights: 8 Write, first: 9 Write, second: 10 Write } => update;
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

fn update(call: &mut Call<'_>) {
    let (p, step, rule) = (call.params::<OptimizerParams>(), call.step(), call.number("RULE"));
    let (gradients, state) = (call.read("gradients"), call.read_ids("state"));
    let (weights, first, second) = (call.write("weights"), call.write("first"), call.write("second"));
    if state[1] != 0 {
        return;
    }
    let (factor, rate) = (f32::from_bits(state[0]), step.learning_rate);
    let (words, decayed) = (p.words as usize, p.decayed as usize);
    // What decays stands first.
    for (range, decay) in [(0..decayed, p.weight_decay), (decayed..words, 0.0)] {
        let (gradients, weights) = (&gradients[range.clone()], &mut weights[range.clone()]);
        let (shrunk, added) = if rule == ADAMW { (1.0 - rate * decay, 0.0) } else { (1.0, decay) };
        if rule == SGD {
            weights.iter_mut().zip(gradients).for_each(|(w, g)| *w -= rate * (g * factor + added * *w));
            continue;
        }
        let moments = first[range.clone()].iter_mut().zip(&mut second[range]);
        for ((w, g), (m, v)) in weights.iter_mut().zip(gradients).zip(moments) {
            let g = g * factor + added * *w;
            *m = p.beta1 * *m + (1.0 - p.beta1) * g;
            *v = p.beta2 * *v + (1.0 - p.beta2) * g * g;
            *w = *w * shrunk - rate * (*m / step.correction1) / ((*v / step.correction2).sqrt() + p.epsilon);
        }
    }
}
