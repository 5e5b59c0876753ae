//! The kernels of norm.wgsl.

use super::call::room;
use super::lanes::{add, dot, sum};
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Normalisation of rows.
    NormParams {
        /// Rows.
        rows: u32,
        /// Columns.
        width: u32,
        /// Gains and biases whose partial sums are added up.
        vectors: u32,
        /// Words from one's partial sums to the next's.
        partials_stride: u32,
        /// Words from its gradient to the next's.
        gradients_stride: u32,
        /// Added to the variance.
        epsilon: f32,
    }
}

const NORM: &[&str] = sources!["index", "norm"];

kernels!("norm", NORM, NormParams, {
    /// y and statistics.
    NORM_FORWARD = "forward" { x: 2 Read, gain: 3 Read, bias: 4 Read, y: 5 Write, statistics_out: 6 Write } => forward;
    /// grad_x, and sums of chunks of rows for gain and bias.
    NORM_BACKWARD_X = "backward_x" {
        x: 2 Read, gain: 3 Read, statistics: 7 Read, grad_y: 8 Read, grad_x: 9 Write, partials_out: 10 Write,
    } => backward_x;
    /// Gradients of gains and biases: the sums of their chunks.
    NORM_BACKWARD_GAIN = "backward_gain" { partials: 11 Read, gradients: 12 Write } => backward_gain;
});

fn forward(call: &mut Call<'_>) {
    let NormParams { width, epsilon, .. } = call.params();
    let (rms, biased, width) = (call.flag("RMS"), call.flag("BIAS"), width as usize);
    let (x, gain, bias) = (call.read("x"), call.read("gain"), call.read("bias"));
    let (y, statistics) = (call.write("y"), call.write("statistics_out"));
    for ((x, y), statistics) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)).zip(statistics.chunks_exact_mut(2))
    {
        let mean = if rms { 0.0 } else { sum(x) / width as f32 };
        y.iter_mut().zip(x).for_each(|(y, x)| *y = x - mean);
        let inverse = 1.0 / (dot(y, y) / width as f32 + epsilon).sqrt();
        y.iter_mut().zip(gain).for_each(|(y, gain)| *y = *y * inverse * gain);
        if biased {
            add(y, bias);
        }
        (statistics[0], statistics[1]) = (mean, inverse);
    }
}

// forward: y = (x − mean) · inverse · gain + bias
fn backward_x(call: &mut Call<'_>) {
    let NormParams { rows, width, partials_stride, .. } = call.params();
    let (rms, biased, accumulate) = (call.flag("RMS"), call.flag("BIAS"), call.flag("ACCUMULATE"));
    let (width, chunk) = (width as usize, call.number("CHUNK"));
    let (x, gain, statistics) = (call.read("x"), call.read("gain"), call.read("statistics"));
    let (grad_y, grad_x, partials) = (call.read("grad_y"), call.write("grad_x"), call.write("partials_out"));
    // Those of the gain [chunks, width], and behind them those of the bias.
    let sums = (rows as usize).div_ceil(chunk) * width;
    let (to_gain, to_bias) = partials.split_at_mut(if biased { partials_stride as usize } else { sums });
    to_gain[..sums].fill(0.0);
    if biased {
        to_bias[..sums].fill(0.0);
    }
    // x̂ and g of one row.
    let (normal, weighted) = room(&mut call.scratch.sums, 2 * width).split_at_mut(width);
    let rows = x.chunks_exact(width).zip(grad_y.chunks_exact(width)).zip(statistics.chunks_exact(2));
    for (row, (((x, grad_y), statistics), grad_x)) in rows.zip(grad_x.chunks_exact_mut(width)).enumerate() {
        let (mean, inverse) = (statistics[0], statistics[1]);
        normal.iter_mut().zip(x).for_each(|(normal, x)| *normal = (x - mean) * inverse);
        let at = row / chunk * width;
        to_gain[at..][..width].iter_mut().zip(&*normal).zip(grad_y).for_each(|((sum, normal), g)| *sum += g * normal);
        if biased {
            add(&mut to_bias[at..][..width], grad_y);
        }
        weighted.iter_mut().zip(grad_y).zip(gain).for_each(|((g, grad_y), gain)| *g = grad_y * gain);
        let mean_g = if rms { 0.0 } else { sum(weighted) / width as f32 };
        let mean_gx = dot(weighted, normal) / width as f32;
        for ((grad_x, g), normal) in grad_x.iter_mut().zip(&*weighted).zip(&*normal) {
            let value = inverse * (g - mean_g - normal * mean_gx);
            *grad_x = if accumulate { *grad_x + value } else { value };
        }
    }
}

fn backward_gain(call: &mut Call<'_>) {
    let NormParams { rows, width, vectors, partials_stride, gradients_stride, .. } = call.params();
    let (accumulate, chunks) = (call.flag("ACCUMULATE"), (rows as usize).div_ceil(call.number("CHUNK")));
    let [width, partials_stride, gradients_stride] = [width, partials_stride, gradients_stride].map(|n| n as usize);
    let (partials, gradients) = (call.read("partials"), call.write("gradients"));
    for vector in 0..vectors as usize {
        let sums = &mut gradients[vector * gradients_stride..][..width];
        if !accumulate {
            sums.fill(0.0);
        }
        for partial in partials[vector * partials_stride..].chunks_exact(width).take(chunks) {
            add(sums, partial);
        }
    }
}
