//! The matrix products: two bodies (`direct` for CPU adapters, `staged` for GPUs), three flavors each, and for every
//! flavor the layouts that occur. Which of them a product takes, `ops/matmul.rs` decides.

use super::{Access, Kernel, Slot};
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

/// The WGSL of one layout of one body.
macro_rules! layout {
    ($a:literal, $b:literal, $out:literal, $body:literal) => {
        sources!["index", "activation", "step", "dropout", $a, $b, $out, "matmul_blocks", $body]
    };
}

/// Three flavors of one layout of one body.
macro_rules! flavors {
    ($name:literal, $sources:expr, $nn:ident, $nt:ident, $tn:ident) => {
        kernels!($name, $sources, MatmulParams, {
            /// a · b with everything that follows it.
            $nn = "nn" { step: 1 Uniform, a: 2 Read, b: 3 Read, out: 4 Write, bias: 5 Read, pre_out: 6 Write, residual: 7 Read };
            /// a · bᵀ, times the activation's slope.
            $nt = "nt" { a: 2 Read, b: 3 Read, out: 4 Write, bias: 5 Read, pre: 8 Read };
            /// aᵀ · b and the bias's gradient.
            $tn = "tn" { a: 2 Read, b: 3 Read, out: 4 Write, grad_bias: 9 Write };
        });
    };
}

const DIRECT_VECTOR: &[&str] = layout!["matmul_a_vector", "matmul_b_vector", "matmul_out_vector", "matmul_direct"];
const DIRECT_A_SCALAR: &[&str] = layout!["matmul_a_scalar", "matmul_b_vector", "matmul_out_vector", "matmul_direct"];
const DIRECT_OUT_SCALAR: &[&str] = layout!["matmul_a_vector", "matmul_b_vector", "matmul_out_scalar", "matmul_direct"];
const DIRECT_SCALAR: &[&str] = layout!["matmul_a_scalar", "matmul_b_scalar", "matmul_out_scalar", "matmul_direct"];
const STAGED_VECTOR: &[&str] = layout!["matmul_a_vector", "matmul_b_vector", "matmul_out_vector", "matmul_staged"];
const STAGED_A_SCALAR: &[&str] = layout!["matmul_a_scalar", "matmul_b_vector", "matmul_out_vector", "matmul_staged"];
const STAGED_OUT_SCALAR: &[&str] = layout!["matmul_a_vector", "matmul_b_vector", "matmul_out_scalar", "matmul_staged"];
const STAGED_SCALAR: &[&str] = layout!["matmul_a_scalar", "matmul_b_scalar", "matmul_out_scalar", "matmul_staged"];

flavors!("matmul_direct_vector", DIRECT_VECTOR, DIRECT_VECTOR_NN, DIRECT_VECTOR_NT, DIRECT_VECTOR_TN);
flavors!("matmul_direct_a_scalar", DIRECT_A_SCALAR, DIRECT_A_SCALAR_NN, DIRECT_A_SCALAR_NT, DIRECT_A_SCALAR_TN);
flavors!(
    "matmul_direct_out_scalar",
    DIRECT_OUT_SCALAR,
    DIRECT_OUT_SCALAR_NN,
    DIRECT_OUT_SCALAR_NT,
    DIRECT_OUT_SCALAR_TN
);
flavors!("matmul_direct_scalar", DIRECT_SCALAR, DIRECT_SCALAR_NN, DIRECT_SCALAR_NT, DIRECT_SCALAR_TN);
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

/// Every product, as [body: direct, staged][layout: vector, a scalar, out scalar, scalar][flavor: nn, nt, tn].
pub static MATMUL: [[[&Kernel; 3]; 4]; 2] = [
    [
        [&DIRECT_VECTOR_NN, &DIRECT_VECTOR_NT, &DIRECT_VECTOR_TN],
        [&DIRECT_A_SCALAR_NN, &DIRECT_A_SCALAR_NT, &DIRECT_A_SCALAR_TN],
        [&DIRECT_OUT_SCALAR_NN, &DIRECT_OUT_SCALAR_NT, &DIRECT_OUT_SCALAR_TN],
        [&DIRECT_SCALAR_NN, &DIRECT_SCALAR_NT, &DIRECT_SCALAR_TN],
    ],
    [
        [&STAGED_VECTOR_NN, &STAGED_VECTOR_NT, &STAGED_VECTOR_TN],
        [&STAGED_A_SCALAR_NN, &STAGED_A_SCALAR_NT, &STAGED_A_SCALAR_TN],
        [&STAGED_OUT_SCALAR_NN, &STAGED_OUT_SCALAR_NT, &STAGED_OUT_SCALAR_TN],
        [&STAGED_SCALAR_NN, &STAGED_SCALAR_NT, &STAGED_SCALAR_TN],
    ],
];
