//! The kernel of sgd.wgsl.

use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Gradient descent on a stretch of the flat buffers.
    SgdParams {
        /// Words of the stretch.
        words: u32,
        /// Its leading words that decay.
        decayed: u32,
        /// Strength of the decay.
        weight_decay: f32,
        /// Uniforms are multiples of 16 bytes.
        unused0: u32,
    }
}

const SGD: &[&str] = sources!["index", "step", "sgd"];

kernels!("sgd", SGD, SgdParams, {
    /// Weights.
    SGD_UPDATE = "update" { step: 1 Uniform, gradients: 2 Read, state: 3 Read, weights: 4 Write } => update;
});

fn update(call: &mut Call<'_>) {
    let (p, step) = (call.params::<SgdParams>(), call.step());
    let (gradients, state, weights) = (call.read("gradients"), call.read_ids("state"), call.write("weights"));
    if state[1] != 0 {
        return;
    }
    let (factor, rate) = (f32::from_bits(state[0]), step.learning_rate);
    let (words, decayed) = (p.words as usize, p.decayed as usize);
    // What decays stands first.
    for (range, decay) in [(0..decayed, p.weight_decay), (decayed..words, 0.0)] {
        let (gradients, weights) = (&gradients[range.clone()], &mut weights[range]);
        weights.iter_mut().zip(gradients).for_each(|(w, g)| *w -= rate * (g * factor + decay * *w));
    }
}
