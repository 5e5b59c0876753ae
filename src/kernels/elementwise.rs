//! The kernels of elementwise.wgsl.

use super::activation::silu_slope;
use super::lanes::{Mask, add, sigmoid};
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Elementwise work.
    ElementwiseParams {
        /// Elements.
        count: u32,
        /// Which dropout this is.
        site: u32,
        /// Probability of dropping.
        dropout: f32,
        /// Elements of a row, where something is dropped.
        width: u32,
    }
}

const ELEMENTWISE: &[&str] = sources!["index", "step", "dropout", "activation", "elementwise"];

kernels!("elementwise", ELEMENTWISE, ElementwiseParams, {
    /// out = a + dropout(b).
    SUM = "sum" { step: 1 Uniform, a: 2 Read, b: 3 Read, out: 4 Write } => sum;
    /// out += a.
    ADD = "add" { a: 2 Read, out: 4 Write } => add_to;
    /// out = a.
    COPY = "copy" { a: 2 Read, out: 4 Write } => copy;
    /// out = a · mask.
    DROPOUT_BACKWARD = "dropout_backward" { step: 1 Uniform, a: 2 Read, out: 4 Write } => dropout_backward;
    /// out = silu(a) · b.
    SWIGLU = "swiglu" { a: 2 Read, b: 3 Read, out: 4 Write } => swiglu;
    /// Its two gradients.
    SWIGLU_BACKWARD = "swiglu_backward" { a: 2 Read, b: 3 Read, grad: 5 Read, grad_a: 6 Write, grad_b: 7 Write } => swiglu_backward;
});

fn sum(call: &mut Call<'_>) {
    let ElementwiseParams { count, site, dropout, width } = call.params();
    let step = call.step();
    let mask = Mask::new(call.flag("DROPOUT"), &step, site, dropout);
    let first = (step.first_row * width) as usize;
    let (a, b, out) = (call.read("a"), call.read("b"), call.write("out"));
    let out = &mut out[..count as usize];
    out.copy_from_slice(&b[..count as usize]);
    if let Some(mask) = mask {
        mask.apply(out, first);
    }
    add(out, a);
}

fn add_to(call: &mut Call<'_>) {
    let ElementwiseParams { count, .. } = call.params();
    let (a, out) = (call.read("a"), call.write("out"));
    add(&mut out[..count as usize], a);
}

fn copy(call: &mut Call<'_>) {
    let ElementwiseParams { count, .. } = call.params();
    let (a, out) = (call.read("a"), call.write("out"));
    out[..count as usize].copy_from_slice(&a[..count as usize]);
}

fn dropout_backward(call: &mut Call<'_>) {
    let ElementwiseParams { count, site, dropout, width } = call.params();
    let step = call.step();
    let mask = Mask::new(true, &step, site, dropout);
    let first = (step.first_row * width) as usize;
    let (a, out) = (call.read("a"), call.write("out"));
    let out = &mut out[..count as usize];
    out.copy_from_slice(&a[..count as usize]);
    if let Some(mask) = mask {
        mask.apply(out, first);
    }
}

// a = gate, b = up
fn swiglu(call: &mut Call<'_>) {
    let ElementwiseParams { count, .. } = call.params();
    let (a, b, out) = (call.read("a"), call.read("b"), call.write("out"));
    for ((out, a), b) in out[..count as usize].iter_mut().zip(a).zip(b) {
        *out = a * sigmoid(*a) * b;
    }
}

// forward: out = silu(a) · b
fn swiglu_backward(call: &mut Call<'_>) {
    let ElementwiseParams { count, .. } = call.params();
    let (accumulate_a, accumulate_b) = (call.flag("ACCUMULATE_A"), call.flag("ACCUMULATE_B"));
    let (a, b, grad) = (call.read("a"), call.read("b"), call.read("grad"));
    let (grad_a, grad_b) = (call.write("grad_a"), call.write("grad_b"));
    let inputs = a.iter().zip(b).zip(grad).take(count as usize);
    for (((a, b), grad), (grad_a, grad_b)) in inputs.zip(grad_a.iter_mut().zip(grad_b)) {
        let s = sigmoid(*a);
        let (to_a, to_b) = (grad * b * silu_slope(*a, s), grad * a * s);
        *grad_a = if accumulate_a { *grad_a + to_a } else { to_a };
        *grad_b = if accumulate_b { *grad_b + to_b } else { to_b };
    }
}
