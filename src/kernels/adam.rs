//! The kernel of adam.wgsl.

use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Adam's update of a stretch of the flat buffers.
    AdamParams {
        /// Words of the stretch.
        words: u32,
        /// Its leading words that decay.
        decayed: u32,
        /// Decay of the first moment.
        beta1: f32,
        /// Decay of the second moment.
        beta2: f32,
        /// Added to the root of the second moment.
        epsilon: f32,
        /// Strength of the decay.
        weight_decay: f32,
        /// Uniforms are multiples of 16 bytes.
        unused0: u32,
        /// The same.
        unused1: u32,
    }
}

const ADAM: &[&str] = sources!["index", "step", "adam"];

kernels!("adam", ADAM, AdamParams, {
    /// Moments and weights.
    ADAM_UPDATE = "update" { step: 1 Uniform, gradients: 2 Read, state: 3 Read, weights: 4 Write, first: 5 Write, second: 6 Write } => update;
});

fn update(call: &mut Call<'_>) {
    let (p, step, decoupled) = (call.params::<AdamParams>(), call.step(), call.flag("DECOUPLED"));
    let (gradients, state) = (call.read("gradients"), call.read_ids("state"));
    let (weights, first, second) = (call.write("weights"), call.write("first"), call.write("second"));
    if state[1] != 0 {
        return;
    }
    let (factor, rate) = (f32::from_bits(state[0]), step.learning_rate);
    let (words, decayed) = (p.words as usize, p.decayed as usize);
    // What decays stands first.
    for (range, decay) in [(0..decayed, p.weight_decay), (decayed..words, 0.0)] {
        let (shrunk, added) = if decoupled { (1.0 - rate * decay, 0.0) } else { (1.0, decay) };
        let (gradients, weights) = (&gradients[range.clone()], &mut weights[range.clone()]);
        let moments = first[range.clone()].iter_mut().zip(&mut second[range]);
        for ((w, g), (m, v)) in weights.iter_mut().zip(gradients).zip(moments) {
            let g = g * factor + added * *w;
            *m = p.beta1 * *m + (1.0 - p.beta1) * g;
            *v = p.beta2 * *v + (1.0 - p.beta2) * g * g;
            *w = *w * shrunk - rate * (*m / step.correction1) / ((*v / step.correction2).sqrt() + p.epsilon);
        }
    }
}
