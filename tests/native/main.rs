//! The native tests: kernels against slow references, gradients, golden cases, training, files, tidy rules.
#![cfg(test)]

mod catalogue;
mod codes;
mod decoding;
mod executors;
mod files;
mod formats;
mod golden;
mod gradients;
mod harness;
mod headless;
mod help;
mod hostile;
mod inspection;
mod kernels_all;
mod kernels_attention;
mod kernels_cache;
mod kernels_matmul;
mod kernels_norm;
mod kernels_small;
mod large;
mod playground;
mod recipes;
mod recording;
mod reference;
mod resume;
mod session;
mod tidy;
mod training;
mod wgsl;
