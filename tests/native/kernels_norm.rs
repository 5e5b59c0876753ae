//! norm.wgsl against plain loops.

use crate::harness::{Data, close, on_each, random, run};
use fledgling::kernels::{self as k, NormParams};
use fledgling::tape::grid;

/// (x, gain, bias) → (y, mean and inverse of every row), in f64.
fn norm(x: &[f32], gain: &[f32], bias: Option<&[f32]>, width: usize, rms: bool, epsilon: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut y, mut statistics) = (Vec::new(), Vec::new());
    for row in x.chunks(width) {
        let mean = if rms { 0.0 } else { row.iter().map(|&v| f64::from(v)).sum::<f64>() / width as f64 };
        let variance = row.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / width as f64;
        let inverse = 1.0 / (variance + epsilon).sqrt();
        statistics.extend([mean, inverse]);
        for c in 0..width {
            let b = bias.map_or(0.0, |b| f64::from(b[c]));
            y.push((f64::from(row[c]) - mean) * inverse * f64::from(gain[c]) + b);
        }
    }
    (y, statistics)
}

/// Rows of a partial sum: half of what models take, so that short cases have several.
const CHUNK: usize = 8;

pub fn norm_forward_and_backward() {
    for (rows, width) in [(1, 1), (3, 7), (129, 36), (7, 129), (257, 64), (5, 257), (33, 9), (17, 20), (1, 300)] {
        for rms in [false, true] {
            let with_bias = !rms && rows != 3;
            let params = NormParams { rows: rows as u32, width: width as u32, epsilon: 1e-5, ..Default::default() };
            let (x, gain, bias) = (random(1, rows * width), random(2, width), random(3, width));
            let flags = [("RMS", f64::from(u8::from(rms))), ("BIAS", f64::from(u8::from(with_bias)))];
            let bias_data = if with_bias { Data::F32(bias.clone()) } else { Data::Nothing };
            let (y, statistics) = norm(&x, &gain, with_bias.then_some(&bias), width, rms, 1e-5);
            let data = [
                Data::F32(x.clone()),
                Data::F32(gain.clone()),
                bias_data.clone(),
                Data::Out(rows * width),
                Data::Out(2 * rows),
            ];
            let out = run(&k::NORM_FORWARD, &flags, &params, grid(rows, 1), &data);
            close("y", &out[3], &y, 1e-4, 1e-5);
            close("statistics", &out[4], &statistics, 1e-4, 1e-5);
            // Central differences of Σ r·y(x).
            let r = random(4, rows * width);
            let loss = |x: &[f32], gain: &[f32], bias: &[f32]| -> f64 {
                let (y, _) = norm(x, gain, with_bias.then_some(bias), width, rms, 1e-5);
                y.iter().zip(&r).map(|(a, &b)| a * f64::from(b)).sum()
            };
            let difference = |of: &[f32], f: &dyn Fn(&[f32]) -> f64| -> Vec<f64> {
                (0..of.len())
                    .map(|i| {
                        let (mut up, mut down) = (of.to_vec(), of.to_vec());
                        up[i] += 1e-3;
                        down[i] -= 1e-3;
                        (f(&up) - f(&down)) / (f64::from(up[i]) - f64::from(down[i]))
                    })
                    .collect()
            };
            if rows * width > 500 || width == 1 {
                continue; // differences cost rows·width forwards; a width of 1 has no slope but ε's
            }
            let s: Vec<f32> = statistics.iter().map(|&v| v as f32).collect();
            let want = difference(&x, &|x| loss(x, &gain, &bias));
            // Gain and bias, each behind a gap; what stands in the gaps stays.
            let (chunks, vectors) = (rows.div_ceil(CHUNK), 1 + usize::from(with_bias));
            let (partials_stride, gradients_stride) = (chunks * width + 5, width + 3);
            let params = NormParams {
                vectors: vectors as u32,
                partials_stride: partials_stride as u32,
                gradients_stride: gradients_stride as u32,
                ..params
            };
            let mut want_gradients = difference(&gain, &|gain| loss(&x, gain, &bias));
            if with_bias {
                want_gradients.extend(difference(&bias, &|bias| loss(&x, &gain, bias)));
            }
            for accumulate in [false, true] {
                let add = |want: &[f64], before: &[f32]| -> Vec<f64> {
                    want.iter().zip(before).map(|(w, &b)| w + if accumulate { f64::from(b) } else { 0.0 }).collect()
                };
                let before = random(5, rows * width);
                let start = if accumulate { Data::F32(before.clone()) } else { Data::Out(rows * width) };
                let data = [
                    Data::F32(x.clone()),
                    Data::F32(gain.clone()),
                    Data::F32(s.clone()),
                    Data::F32(r.clone()),
                    start,
                    Data::Out(vectors * partials_stride),
                ];
                let flags =
                    [("CHUNK", CHUNK as f64), flags[0], flags[1], ("ACCUMULATE", f64::from(u8::from(accumulate)))];
                let out = run(&k::NORM_BACKWARD_X, &flags, &params, grid(chunks, 1), &data);
                close("grad_x", &out[4], &add(&want, &before), 1e-3, 1e-3);
                let before = random(6, vectors * gradients_stride);
                let start = if accumulate { Data::F32(before.clone()) } else { Data::Out(before.len()) };
                let flags = [flags[0], flags[3]];
                let data = [Data::F32(out[5].clone()), start];
                let got = run(&k::NORM_BACKWARD_GAIN, &flags, &params, grid(vectors * width, 64), &data)[1].clone();
                for (vector, (got, before)) in
                    got.chunks(gradients_stride).zip(before.chunks(gradients_stride)).enumerate()
                {
                    let want = add(&want_gradients[vector * width..][..width], before);
                    close("gradients", &got[..width], &want, 1e-3, 1e-4);
                    let untouched = got[width..].iter().zip(&before[width..]);
                    assert!(untouched.into_iter().all(|(got, before)| if accumulate {
                        got == before
                    } else {
                        got.is_nan()
                    }));
                }
            }
        }
    }
}

on_each!(norm_forward_and_backward);
