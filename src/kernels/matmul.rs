//! The matrix products: three flavors, and for every flavor the layouts that occur. Which of them a product takes,
//! `ops/matmul.rs` decides.

use super::activation::{activate, times_slope};
use super::call::{Scratch, room};
use super::lanes::{Mask, add, add_scaled, dot};
use super::product::{COLUMNS, Lines, ROWS, packed, tile};
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// A matrix product.
    MatmulParams {
        /// Rows of the result.
        rows: u32,
        /// Columns of the result.
        columns: u32,
        /// Length of each sum.
        inner: u32,
        /// Words from one line of a to the next.
        a_stride: u32,
        /// Words from one line of b to the next.
        b_stride: u32,
        /// Words from one row of the result to the next.
        out_stride: u32,
        /// Dropout's sequence.
        site: u32,
        /// Probability of a dropped element.
        rate: f32,
    }
}

/// The WGSL of one layout.
macro_rules! layout {
    ($a:literal, $b:literal, $out:literal) => {
        sources!["index", "activation", "step", "dropout", $a, $b, $out, "matmul_blocks", "matmul_staged"]
    };
}

/// a · b with everything that follows it.
macro_rules! nn {
    ($name:literal, $sources:expr, $nn:ident) => {
        kernels!($name, $sources, MatmulParams, {
            /// a · b with everything that follows it.
            $nn = "nn" { step: 1 Uniform, a: 2 Read, b: 3 Read, out: 4 Write, bias: 5 Read, pre_out: 6 Write, residual: 7 Read } => wide!(nn);
        });
    };
}

/// a · bᵀ, times the activation's slope.
macro_rules! nt {
    ($name:literal, $sources:expr, $nt:ident) => {
        kernels!($name, $sources, MatmulParams, {
            /// a · bᵀ, times the activation's slope.
            $nt = "nt" { a: 2 Read, b: 3 Read, out: 4 Write, bias: 5 Read, pre: 8 Read } => wide!(nt);
        });
    };
}

/// Three flavors of one layout.
macro_rules! flavors {
    ($name:literal, $sources:expr, $nn:ident, $nt:ident, $tn:ident) => {
        nn!($name, $sources, $nn);
        nt!($name, $sources, $nt);
        kernels!($name, $sources, MatmulParams, {
            /// aᵀ · b and the bias's gradient.
            $tn = "tn" { a: 2 Read, b: 3 Read, out: 4 Write, grad_bias: 9 Write } => wide!(tn);
        });
    };
}

const STAGED_VECTOR: &[&str] = layout!["matmul_a_vector", "matmul_b_vector", "matmul_out_vector"];
const STAGED_A_SCALAR: &[&str] = layout!["matmul_a_scalar", "matmul_b_vector", "matmul_out_vector"];
const STAGED_OUT_SCALAR: &[&str] = layout!["matmul_a_vector", "matmul_b_vector", "matmul_out_scalar"];
const STAGED_SCALAR: &[&str] = layout!["matmul_a_scalar", "matmul_b_scalar", "matmul_out_scalar"];

flavors!("matmul_staged_vector", STAGED_VECTOR, STAGED_VECTOR_NN, STAGED_VECTOR_NT, STAGED_VECTOR_TN);
flavors!("matmul_staged_a_scalar", STAGED_A_SCALAR, STAGED_A_SCALAR_NN, STAGED_A_SCALAR_NT, STAGED_A_SCALAR_TN);
flavors!(
    "matmul_staged_out_scalar",
    STAGED_OUT_SCALAR,
    STAGED_OUT_SCALAR_NN,
    STAGED_OUT_SCALAR_NT,
    STAGED_OUT_SCALAR_TN
);
flavors!("matmul_staged_scalar", STAGED_SCALAR, STAGED_SCALAR_NN, STAGED_SCALAR_NT, STAGED_SCALAR_TN);

/// The WGSL of one layout for a left operand of one row.
macro_rules! row_layout {
    ($a:literal, $b:literal, $out:literal) => {
        sources!["index", "activation", "step", "dropout", $a, $b, $out, "matmul_blocks", "matmul_row"]
    };
}

const ROW_NN_VECTOR: &[&str] = row_layout!["matmul_a_vector", "matmul_b_vector", "matmul_out_vector"];
const ROW_NT_VECTOR: &[&str] = row_layout!["matmul_a_vector", "matmul_b_vector", "matmul_out_scalar"];
const ROW_SCALAR: &[&str] = row_layout!["matmul_a_scalar", "matmul_b_scalar", "matmul_out_scalar"];

nn!("matmul_row_vector", ROW_NN_VECTOR, ROW_VECTOR_NN);
nt!("matmul_row_vector", ROW_NT_VECTOR, ROW_VECTOR_NT);
nn!("matmul_row_scalar", ROW_SCALAR, ROW_SCALAR_NN);
nt!("matmul_row_scalar", ROW_SCALAR, ROW_SCALAR_NT);

/// Every product, as [layout: vector, a scalar, out scalar, scalar][flavor: nn, nt, tn].
pub static MATMUL: [[&Kernel; 3]; 4] = [
    [&STAGED_VECTOR_NN, &STAGED_VECTOR_NT, &STAGED_VECTOR_TN],
    [&STAGED_A_SCALAR_NN, &STAGED_A_SCALAR_NT, &STAGED_A_SCALAR_TN],
    [&STAGED_OUT_SCALAR_NN, &STAGED_OUT_SCALAR_NT, &STAGED_OUT_SCALAR_TN],
    [&STAGED_SCALAR_NN, &STAGED_SCALAR_NT, &STAGED_SCALAR_TN],
];

/// The products of one row, as [operands by fours, by words][flavor: nn, nt]. The result is by fours where nn's operands are.
pub static MATMUL_ROW: [[&Kernel; 2]; 2] = [[&ROW_VECTOR_NN, &ROW_VECTOR_NT], [&ROW_SCALAR_NN, &ROW_SCALAR_NT]];

/// Inner indices, columns and rows that are packed at once: 1 MiB of the right operand, 128 KiB of the left one.
const INNER_BLOCK: usize = 512;
const COLUMN_BLOCK: usize = 512;
const ROW_BLOCK: usize = 16 * ROWS;

/// What becomes of a finished stretch of a row: (row, first column, the sums).
type Finish<'a> = &'a mut dyn FnMut(usize, usize, &mut [f32]);

/// left · right, a stretch of at most [`COLUMN_BLOCK`] results of one row at a time: long enough for what follows to run in
/// vectors, and still near the processor.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn product<const FUSED: bool>(
    p: &MatmulParams,
    left: Lines<'_>,
    right: Lines<'_>,
    scratch: &mut Scratch,
    finish: Finish<'_>,
) {
    let [rows, columns, inner] = [p.rows, p.columns, p.inner].map(|n| n as usize);
    let block = inner.min(INNER_BLOCK);
    let Scratch { left: left_room, right: right_room, sums, .. } = scratch;
    // Sums wait for the next block of the inner axis where there is one.
    let kept_rows = if inner <= INNER_BLOCK { ROW_BLOCK } else { rows.next_multiple_of(ROWS) };
    for first_column in (0..columns).step_by(COLUMN_BLOCK) {
        let width = COLUMN_BLOCK.min(columns - first_column);
        let stride = width.next_multiple_of(COLUMNS);
        // [kept_rows, stride]
        let sums = room(sums, kept_rows * stride);
        for from in (0..inner).step_by(block) {
            let depth = block.min(inner - from);
            let right_panels = room(right_room, packed::<COLUMNS>(width, depth));
            right.pack::<COLUMNS>(right_panels, (first_column, width), (from, depth));
            for first_row in (0..rows).step_by(ROW_BLOCK) {
                let height = ROW_BLOCK.min(rows - first_row);
                let left_panels = room(left_room, packed::<ROWS>(height, depth));
                left.pack::<ROWS>(left_panels, (first_row, height), (from, depth));
                let sums = &mut sums[first_row % kept_rows * stride..];
                for (i, right_panel) in right_panels.chunks_exact(COLUMNS * depth).enumerate() {
                    for (j, left_panel) in left_panels.chunks_exact(ROWS * depth).enumerate() {
                        let tile = tile::<FUSED>(left_panel, right_panel);
                        for (row, results) in tile.iter().enumerate() {
                            let sums = &mut sums[(j * ROWS + row) * stride + i * COLUMNS..][..COLUMNS];
                            if from > 0 {
                                add(sums, results);
                            } else {
                                sums.copy_from_slice(results);
                            }
                        }
                    }
                }
                if from + depth == inner {
                    for (row, sums) in sums.chunks_exact_mut(stride).take(height).enumerate() {
                        finish(first_row + row, first_column, &mut sums[..width]);
                    }
                }
            }
        }
    }
}

/// The same for fewer rows than a tile has, of which packing would cost more than the product: `results` [columns] of a row.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn few_rows(p: &MatmulParams, scratch: &mut Scratch, mut results: impl FnMut(usize, &mut [f32]), finish: Finish<'_>) {
    for row in 0..p.rows as usize {
        let sums = room(&mut scratch.sums, p.columns as usize);
        results(row, sums);
        finish(row, 0, sums);
    }
}

// out = dropout(activate(a · b + bias)) + residual
#[inline(always)]
fn nn<const FUSED: bool>(call: &mut Call<'_>) {
    let p: MatmulParams = call.params();
    let [inner, a_stride, b_stride, stride] = [p.inner, p.a_stride, p.b_stride, p.out_stride].map(|n| n as usize);
    let step = call.step();
    let mask = Mask::new(call.flag("DROPOUT"), &step, p.site, p.rate);
    let first = step.first_row as usize * stride;
    let (biased, keeps, adds) = (call.flag("BIAS"), call.flag("KEEP_PRE"), call.flag("RESIDUAL"));
    let (activation, accumulate) = (call.number("ACTIVATION"), call.flag("ACCUMULATE"));
    let (a, b, bias, residual) = (call.read("a"), call.read("b"), call.read("bias"), call.read("residual"));
    let (out, pre) = (call.write("out"), call.write("pre_out"));
    let mut finish = |row: usize, column: usize, sums: &mut [f32]| {
        let at = row * stride + column;
        if biased {
            add(sums, &bias[column..]);
        }
        if keeps {
            pre[at..][..sums.len()].copy_from_slice(sums);
        }
        activate(activation, sums);
        if let Some(mask) = mask {
            mask.apply(sums, first + at);
        }
        if adds {
            add(sums, &residual[at..]);
        }
        store(&mut out[at..], sums, accumulate);
    };
    if (p.rows as usize) < ROWS {
        let results = |row: usize, sums: &mut [f32]| {
            let columns = sums.len();
            sums.fill(0.0);
            let (fours, rest) = a[row * a_stride..][..inner].as_chunks::<4>();
            let line = |k: usize| &b[k * b_stride..][..columns];
            for (i, a) in fours.iter().enumerate() {
                let (b0, b1, b2, b3) = (line(4 * i), line(4 * i + 1), line(4 * i + 2), line(4 * i + 3));
                for ((((sum, b0), b1), b2), b3) in sums.iter_mut().zip(b0).zip(b1).zip(b2).zip(b3) {
                    *sum += a[0] * b0 + a[1] * b1 + a[2] * b2 + a[3] * b3;
                }
            }
            for (i, a) in rest.iter().enumerate() {
                add_scaled(sums, line(4 * fours.len() + i), *a);
            }
        };
        return few_rows(&p, call.scratch, results, &mut finish);
    }
    product::<FUSED>(&p, Lines::along(a, a_stride), Lines::across(b, b_stride), call.scratch, &mut finish);
}

// out = (a · bᵀ + bias) ∘ activate'(pre): the gradient of a forward NN's a, where pre went through that activation.
#[inline(always)]
fn nt<const FUSED: bool>(call: &mut Call<'_>) {
    let p: MatmulParams = call.params();
    let [inner, a_stride, b_stride, stride] = [p.inner, p.a_stride, p.b_stride, p.out_stride].map(|n| n as usize);
    let (biased, activation, accumulate) = (call.flag("BIAS"), call.number("ACTIVATION"), call.flag("ACCUMULATE"));
    let (a, b, bias, pre) = (call.read("a"), call.read("b"), call.read("bias"), call.read("pre"));
    let out = call.write("out");
    let mut finish = |row: usize, column: usize, sums: &mut [f32]| {
        let at = row * stride + column;
        if biased {
            add(sums, &bias[column..]);
        }
        if activation != 0 {
            times_slope(activation, sums, &pre[at..]);
        }
        store(&mut out[at..], sums, accumulate);
    };
    if (p.rows as usize) < ROWS {
        let results = |row: usize, sums: &mut [f32]| {
            let a = &a[row * a_stride..][..inner];
            for (column, sum) in sums.iter_mut().enumerate() {
                *sum = dot(a, &b[column * b_stride..][..inner]);
            }
        };
        return few_rows(&p, call.scratch, results, &mut finish);
    }
    product::<FUSED>(&p, Lines::along(a, a_stride), Lines::along(b, b_stride), call.scratch, &mut finish);
}

// out = aᵀ · b: the gradient of a forward NN's b; grad_bias: the column sums of b (SUM 1) or of a (SUM 2).
#[inline(always)]
fn tn<const FUSED: bool>(call: &mut Call<'_>) {
    let p: MatmulParams = call.params();
    let [a_stride, b_stride, stride] = [p.a_stride, p.b_stride, p.out_stride].map(|n| n as usize);
    let (summed, accumulate) = (call.number("SUM"), call.flag("ACCUMULATE"));
    let (a, b, out, grad_bias) = (call.read("a"), call.read("b"), call.write("out"), call.write("grad_bias"));
    let mut finish = |row: usize, column: usize, sums: &mut [f32]| {
        store(&mut out[row * stride + column..], sums, accumulate);
    };
    product::<FUSED>(&p, Lines::across(a, a_stride), Lines::across(b, b_stride), call.scratch, &mut finish);
    let (lines, line_stride, count) = match summed {
        0 => return,
        1 => (b, b_stride, p.columns as usize),
        _ => (a, a_stride, p.rows as usize),
    };
    let grad_bias = &mut grad_bias[..count];
    if !accumulate {
        grad_bias.fill(0.0);
    }
    for k in 0..p.inner as usize {
        add(grad_bias, &lines[k * line_stride..][..count]);
    }
}

#[inline(always)]
fn store(out: &mut [f32], sums: &[f32], accumulate: bool) {
    let out = &mut out[..sums.len()];
    match accumulate {
        true => add(out, sums),
        false => out.copy_from_slice(sums),
    }
}
