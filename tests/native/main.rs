//! The native tests: kernels against slow references, gradients, golden cases, training, tidy rules.

mod harness;
mod kernels_norm;
