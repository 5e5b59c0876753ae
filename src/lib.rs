//! Fledgling trains a small language model in a browser tab, on the user's own GPU.
pub mod config;
pub mod gpu;
pub mod kernels;
pub mod plan;
pub mod tape;
