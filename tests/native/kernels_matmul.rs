//! The matrix products against plain loops: flavors × layouts, and everything fused to them.
#![allow(clippy::needless_range_loop)] // plain loops over rows, columns and inner axis are the point of a reference

use crate::harness::{close, compare, device, on_each, random};
use crate::reference::nonlinearity;
use fledgling::config::Activation;
use fledgling::device::Plan;
use fledgling::kernels::Step;
use fledgling::ops::matmul::{BiasAxis, Flavor, Product};
use fledgling::tape::{Life, Region, Tape};

/// A case: sizes, how far apart lines stand beyond their length, and what is fused.
#[derive(Clone, Copy, Debug)]
struct Case {
    flavor: Flavor,
    size: (usize, usize, usize),    // rows, columns, inner
    padding: (usize, usize, usize), // words between lines of a, b, out
    bias: bool,
    activation: Option<Activation>,
    keep_pre: bool,
    dropout: Option<f32>,
    training: bool,
    residual: bool,
    grad_bias: Option<BiasAxis>,
    accumulate: bool,
}

impl Case {
    fn new(flavor: Flavor, rows: usize, columns: usize, inner: usize) -> Self {
        Self {
            flavor,
            size: (rows, columns, inner),
            padding: (0, 0, 0),
            bias: false,
            activation: None,
            keep_pre: false,
            dropout: None,
            training: true,
            residual: false,
            grad_bias: None,
            accumulate: false,
        }
    }
}

/// The generator that dropout.wgsl documents.
fn pcg(value: u32) -> u32 {
    let state = value.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}

const SEED: u32 = 7;
const STEP: u32 = 5;
/// Row of the step where its part begins.
const FIRST_ROW: usize = 9;
const SITE: u32 = 3;

fn dropout_scale(index: usize, rate: f32, training: bool) -> f64 {
    if !training {
        return 1.0;
    }
    let key = pcg(SITE.wrapping_add(pcg(STEP.wrapping_add(pcg(SEED)))));
    let draw = (pcg(index as u32 ^ key) >> 8) as f32 / 16_777_216.0;
    if draw < rate { 0.0 } else { 1.0 / (1.0 - f64::from(rate)) }
}

fn activate(activation: Option<Activation>, x: f64) -> f64 {
    activation.map_or(x, |activation| nonlinearity(activation, x))
}

fn slope(activation: Option<Activation>, x: f64) -> f64 {
    let h = 1e-5;
    (activate(activation, x + h) - activate(activation, x - h)) / (2.0 * h)
}

/// A matrix with NaN between its lines, as a kernel must not use what stands there.
fn matrix(seed: u64, lines: usize, words: usize, stride: usize) -> Vec<f32> {
    let values = random(seed, lines * words);
    (0..lines * stride)
        .map(|i| if i % stride < words { values[i / stride * words + i % stride] } else { f32::NAN })
        .collect()
}

fn check(case: Case) {
    let (rows, columns, inner) = case.size;
    let (a_lines, a_words) = if case.flavor == Flavor::TN { (inner, rows) } else { (rows, inner) };
    let (b_lines, b_words) = if case.flavor == Flavor::NT { (columns, inner) } else { (inner, columns) };
    let (a_stride, b_stride, out_stride) =
        (a_words + case.padding.0, b_words + case.padding.1, columns + case.padding.2);
    let a = matrix(1, a_lines, a_words, a_stride);
    let b = matrix(2, b_lines, b_words, b_stride);
    let bias = random(3, columns);
    // Away from the kinks of ReLU, whose slope a difference cannot see.
    let pre: Vec<f32> = random(4, rows * out_stride).iter().map(|&x| 2.0 * x + 0.01f32.copysign(x)).collect();
    let residual = random(5, rows * out_stride);
    let before = random(6, rows * out_stride);
    let bias_words = if case.grad_bias == Some(BiasAxis::Rows) { rows } else { columns };
    let bias_before = random(7, bias_words);

    // The reference.
    let at_a = |r: usize, k: usize| {
        f64::from(if case.flavor == Flavor::TN { a[k * a_stride + r] } else { a[r * a_stride + k] })
    };
    let at_b = |k: usize, c: usize| {
        f64::from(if case.flavor == Flavor::NT { b[c * b_stride + k] } else { b[k * b_stride + c] })
    };
    let (mut want, mut want_pre) = (Vec::new(), Vec::new());
    for r in 0..rows {
        for c in 0..columns {
            let at = r * out_stride + c;
            let mut value: f64 = (0..inner).map(|k| at_a(r, k) * at_b(k, c)).sum();
            if case.bias {
                value += f64::from(bias[c]);
            }
            want_pre.push(value);
            if case.flavor == Flavor::NN {
                value = activate(case.activation, value);
            } else if case.activation.is_some() {
                value *= slope(case.activation, f64::from(pre[at]));
            }
            if let Some(rate) = case.dropout {
                value *= dropout_scale(FIRST_ROW * out_stride + at, rate, case.training);
            }
            if case.residual {
                value += f64::from(residual[at]);
            }
            if case.accumulate {
                value += f64::from(before[at]);
            }
            want.push(value);
        }
    }
    let want_bias: Vec<f64> = (0..bias_words)
        .map(|i| {
            let sum: f64 = match case.grad_bias {
                Some(BiasAxis::Rows) => (0..inner).map(|k| at_a(i, k)).sum(),
                _ => (0..inner).map(|k| at_b(k, i)).sum(),
            };
            sum + if case.accumulate { f64::from(bias_before[i]) } else { 0.0 }
        })
        .collect();

    // The run: a canary before and behind everything.
    const CANARY: usize = 64;
    const CANARY_BITS: u32 = 0x7fc0_dead;
    let device = device();
    let mut tape = Tape::default();
    let mut uploads: Vec<(String, Vec<u32>)> = Vec::new();
    let mut region = |name: &str, words: Vec<u32>| -> Region {
        let whole = tape.buffer(name, words.len().next_multiple_of(64) + 2 * CANARY, Life::Kept);
        let length = words.len();
        let mut all = vec![CANARY_BITS; CANARY];
        all.extend(words);
        all.extend([CANARY_BITS; CANARY]);
        uploads.push((name.into(), all));
        Region { offset: CANARY, words: length, ..whole }
    };
    let bits = |v: &[f32]| v.iter().map(|x| x.to_bits()).collect::<Vec<u32>>();
    let output = |before: &[f32]| if case.accumulate { bits(before) } else { vec![f32::NAN.to_bits(); before.len()] };
    let uniform = Step {
        step: STEP,
        seed: SEED,
        training: case.training.into(),
        first_row: FIRST_ROW as u32,
        ..Default::default()
    };
    let step = bytemuck::cast_slice(bytemuck::bytes_of(&uniform)).to_vec();
    let product = Product {
        flavor: case.flavor,
        rows,
        columns,
        inner,
        a: region("a", bits(&a)),
        a_stride,
        b: region("b", bits(&b)),
        b_stride,
        out: region("out", output(&before)),
        out_stride,
        bias: case.bias.then(|| region("bias", bits(&bias))),
        activation: case.activation,
        pre: match case.flavor {
            Flavor::NN if case.keep_pre => Some(region("pre", vec![f32::NAN.to_bits(); rows * out_stride])),
            Flavor::NT if case.activation.is_some() => Some(region("pre", bits(&pre))),
            _ => None,
        },
        dropout: case.dropout.map(|rate| (SITE, rate, region("step", step))),
        residual: case.residual.then(|| region("residual", bits(&residual))),
        grad_bias: case.grad_bias.map(|axis| (region("grad_bias", output(&bias_before)), axis)),
        accumulate: case.accumulate,
    };
    let dispatches = product.dispatch();
    let names: Vec<&str> = dispatches.iter().map(|dispatch| dispatch.kernel.name).collect();
    dispatches.into_iter().for_each(|dispatch| tape.dispatch(dispatch));
    let recording = tape.finish_forward();
    let plan = pollster::block_on(Plan::new(device, &mut device.store(), &recording)).unwrap();
    for (name, words) in &uploads {
        plan.write(device, name, 0, words).unwrap();
    }
    plan.replay(device, &[plan.all()], 1);
    let read = |name: &str, region: Region| -> Vec<f32> {
        let all: Vec<u32> = pollster::block_on(plan.read(device, name, 0..region.words + 2 * CANARY)).unwrap();
        let intact = |words: &[u32]| words.iter().all(|&w| w == CANARY_BITS);
        assert!(intact(&all[..CANARY]) && intact(&all[CANARY + region.words..]), "{case:?} wrote outside {name}");
        all[CANARY..CANARY + region.words].iter().map(|&w| f32::from_bits(w)).collect()
    };
    let label = |name: &str| format!("{case:?} {name}");
    let atol = 1e-5 * (inner as f64).sqrt();
    // Lines without the words between them, which must be as they were.
    let lines = |name: &str, region: Region, before: &[f32]| -> Vec<f32> {
        let all = read(name, region);
        let untouched =
            |i: usize| if case.accumulate { all[i].to_bits() == before[i].to_bits() } else { all[i].is_nan() };
        assert!(
            (0..all.len()).all(|i| i % out_stride < columns || untouched(i)),
            "{} wrote between lines",
            label(name)
        );
        all.chunks(out_stride).flat_map(|line| line[..columns].to_vec()).collect()
    };
    let mut written = vec![lines("out", product.out, &before)];
    close(&label("out"), &written[0], &want, 1e-4, atol);
    if case.flavor == Flavor::NN
        && let Some(pre) = product.pre
    {
        let all = read("pre", pre);
        let got: Vec<f32> = all.chunks(out_stride).flat_map(|line| line[..columns].to_vec()).collect();
        close(&label("pre"), &got, &want_pre, 1e-4, atol);
        written.push(got);
    }
    if let Some((region, _)) = product.grad_bias {
        written.push(read("grad_bias", region));
        close(&label("grad_bias"), &written[1], &want_bias, 1e-4, atol);
    }
    names.into_iter().for_each(|name| compare(name, &written));
}

const FLAVORS: [Flavor; 3] = [Flavor::NN, Flavor::NT, Flavor::TN];

pub fn matmul_sizes() {
    // Multiples of 4 are read by fours; one past a tile; single rows, columns and terms.
    let sizes = [
        (1, 1, 1),
        (3, 7, 5),
        (7, 3, 129),
        (1, 257, 64),
        (2, 64, 33),
        (8, 8, 8),
        (9, 33, 17),
        (33, 65, 16),
        (65, 33, 7),
        (64, 128, 36),
        (129, 36, 20),
        (36, 129, 64),
        (257, 12, 12),
        (20, 260, 4),
        (68, 132, 132),
        (1, 128, 128),
        (4, 4, 512),
    ];
    for flavor in FLAVORS {
        for (rows, columns, inner) in sizes {
            check(Case::new(flavor, rows, columns, inner));
        }
    }
}

pub fn matmul_large_tiles() {
    // 64 × 64 tiles: only where 128 of them fill a GPU.
    for flavor in FLAVORS {
        check(Case::new(flavor, 520, 1028, 20));
        check(Case { accumulate: true, ..Case::new(flavor, 513, 1025, 17) });
    }
    for axis in [BiasAxis::Columns, BiasAxis::Rows] {
        check(Case { grad_bias: Some(axis), ..Case::new(Flavor::TN, 516, 1028, 35) });
    }
}

pub fn matmul_strides() {
    for flavor in FLAVORS {
        for padding in [(4, 8, 4), (1, 2, 3), (3, 4, 4), (3, 3, 0), (4, 4, 3)] {
            check(Case { padding, ..Case::new(flavor, 36, 68, 33) });
            check(Case { padding, accumulate: true, ..Case::new(flavor, 33, 44, 36) });
            check(Case { padding, ..Case::new(flavor, 36, 68, 36) });
            check(Case { padding, ..Case::new(flavor, 1, 68, 33) });
            check(Case { padding, accumulate: true, ..Case::new(flavor, 1, 44, 36) });
        }
    }
}

pub fn matmul_forward_epilogue() {
    for size in [(33, 68, 36), (17, 35, 9), (1, 40, 24)] {
        let plain = Case::new(Flavor::NN, size.0, size.1, size.2);
        for activation in Activation::ALL.iter().copied().filter(|&a| a != Activation::Swiglu) {
            check(Case { bias: true, activation: Some(activation), keep_pre: true, ..plain });
        }
        check(Case { bias: true, ..plain });
        check(Case { activation: Some(Activation::Gelu), ..plain }); // evaluation keeps no pre
        check(Case { residual: true, ..plain });
        check(Case { accumulate: true, ..plain });
        let everything = Case {
            bias: true,
            activation: Some(Activation::Silu),
            keep_pre: true,
            dropout: Some(0.25),
            residual: true,
            accumulate: true,
            padding: (0, 0, 4),
            ..plain
        };
        check(everything);
        check(Case { bias: true, dropout: Some(0.25), residual: true, training: false, ..plain });
    }
}

pub fn matmul_dropout() {
    for (rows, columns) in [(64, 64), (13, 37)] {
        check(Case { dropout: Some(0.1), ..Case::new(Flavor::NN, rows, columns, 8) });
        check(Case { dropout: Some(0.5), bias: true, residual: true, ..Case::new(Flavor::NN, rows, columns, 8) });
        check(Case { dropout: Some(0.5), training: false, ..Case::new(Flavor::NN, rows, columns, 8) });
    }
}

pub fn matmul_backward_epilogue() {
    for size in [(33, 68, 36), (17, 35, 9), (2, 40, 24), (1, 44, 24)] {
        let nt = Case::new(Flavor::NT, size.0, size.1, size.2);
        for activation in Activation::ALL.iter().copied().filter(|&a| a != Activation::Swiglu) {
            check(Case { activation: Some(activation), ..nt });
        }
        check(Case { activation: Some(Activation::Gelu), accumulate: true, padding: (0, 0, 4), ..nt });
        check(Case { bias: true, accumulate: true, ..nt });
        let tn = Case::new(Flavor::TN, size.0, size.1, size.2);
        for axis in [BiasAxis::Columns, BiasAxis::Rows] {
            for accumulate in [false, true] {
                check(Case { grad_bias: Some(axis), accumulate, ..tn });
                check(Case { grad_bias: Some(axis), accumulate, padding: (4, 4, 4), ..tn });
            }
        }
    }
    // As in a training step: a long inner axis and few results.
    check(Case { grad_bias: Some(BiasAxis::Columns), ..Case::new(Flavor::TN, 64, 64, 1027) });
}

on_each!(
    matmul_sizes,
    matmul_large_tiles,
    matmul_strides,
    matmul_forward_epilogue,
    matmul_dropout,
    matmul_backward_epilogue
);
