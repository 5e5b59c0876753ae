//! The native tests: kernels against slow references, gradients, golden cases, training, tidy rules.
#![cfg(test)]

mod golden;
mod gradients;
mod harness;
mod kernels_matmul;
mod kernels_norm;
mod reference;
mod tidy;
mod wgsl;
mod zz;
