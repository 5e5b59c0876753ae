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
        /// Rows that one partial sum of the gain's gradient covers.
        chunk: u32,
        /// Added to the variance.
        epsilon: f32,
    }
}

const NORM: &[&str] = sources!["index", "norm"];

kernels!("norm", NORM, NormParams, {
    /// y and statistics.
    NORM_FORWARD = "forward" { x: 2 Read, gain: 3 Read, bias: 4 Read, y: 5 Write, statistics_out: 6 Write } => forward;
    /// grad_x.
    NORM_BACKWARD_X = "backward_x" { x: 2 Read, gain: 3 Read, statistics: 7 Read, grad_y: 8 Read, grad_x: 9 Write } => backward_x;
    /// Sums of chunks of rows.
    NORM_BACKWARD_GAIN_PARTIAL = "backward_gain_partial" { x: 2 Read, statistics: 7 Read, grad_y: 8 Read, partials_out: 10 Write } => backward_gain_partial;
    /// Sum of the chunks.
    NORM_BACKWARD_GAIN = "backward_gain" { partials: 11 Read, grad_gain: 12 Write, grad_bias: 13 Write } => backward_gain;
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
    let NormParams { width, .. } = call.params();
    let (rms, accumulate, width) = (call.flag("RMS"), call.flag("ACCUMULATE"), width as usize);
    let (x, gain, statistics) = (call.read("x"), call.read("gain"), call.read("statistics"));
    let (grad_y, grad_x) = (call.read("grad_y"), call.write("grad_x"));
    // x̂ and g of one row.
    let (normal, weighted) = room(&mut call.scratch.sums, 2 * width).split_at_mut(width);
    let rows = x.chunks_exact(width).zip(grad_y.chunks_exact(width)).zip(statistics.chunks_exact(2));
    for (((x, grad_y), statistics), grad_x) in rows.zip(grad_x.chunks_exact_mut(width)) {
        let (mean, inverse) = (statistics[0], statistics[1]);
        normal.iter_mut().zip(x).for_each(|(normal, x)| *normal = (x - mean) * inverse);
        weighted.iter_mut().zip(grad_y).zip(gain).for_each(|((g, grad_y), gain)| *g = grad_y * gain);
        let mean_g = if rms { 0.0 } else { sum(weighted) / width as f32 };
        let mean_gx = dot(weighted, normal) / width as f32;
        for ((grad_x, g), normal) in grad_x.iter_mut().zip(&*weighted).zip(&*normal) {
            let value = inverse * (g - mean_g - normal * mean_gx);
            *grad_x = if accumulate { *grad_x + value } else { value };
        }
    }
}

// The sums of each chunk of rows: partials [chunks, 2, width].
fn backward_gain_partial(call: &mut Call<'_>) {
    let NormParams { width, chunk, .. } = call.params();
    let (width, chunk) = (width as usize, chunk as usize);
    let (x, statistics) = (call.read("x"), call.read("statistics"));
    let (grad_y, partials) = (call.read("grad_y"), call.write("partials_out"));
    let chunks = x.chunks(chunk * width).zip(grad_y.chunks(chunk * width)).zip(statistics.chunks(2 * chunk));
    for (((x, grad_y), statistics), partial) in chunks.zip(partials.chunks_exact_mut(2 * width)) {
        partial.fill(0.0);
        let (to_gain, to_bias) = partial.split_at_mut(width);
        let rows = x.chunks_exact(width).zip(grad_y.chunks_exact(width)).zip(statistics.chunks_exact(2));
        for ((x, g), statistics) in rows {
            let (mean, inverse) = (statistics[0], statistics[1]);
            to_gain.iter_mut().zip(x).zip(g).for_each(|((sum, x), g)| *sum += g * (x - mean) * inverse);
            add(to_bias, g);
        }
    }
}

fn backward_gain(call: &mut Call<'_>) {
    let NormParams { width, .. } = call.params();
    let (biased, accumulate, width) = (call.flag("BIAS"), call.flag("ACCUMULATE"), width as usize);
    let (partials, grad_gain, grad_bias) = (call.read("partials"), call.write("grad_gain"), call.write("grad_bias"));
    let (grad_gain, grad_bias) = (grad_gain.get_mut(..width), grad_bias.get_mut(..width));
    for (which, sums) in [grad_gain, grad_bias.filter(|_| biased)].into_iter().enumerate() {
        let Some(sums) = sums else { continue };
        if !accumulate {
            sums.fill(0.0);
        }
        for partial in partials.chunks_exact(2 * width) {
            add(sums, &partial[which * width..][..width]);
        }
    }
}
