//! Fledgling trains a small language model in a browser tab, on the user's own GPU, or on the CPU.
//!
//! # The map
//!
//! The modules stand in the order in which the data meets them; a file may import only from files above it.
//!
//! ```text
//! text ─cleaning, tokenizer→ tokens ─dataset→ batch ─┐      tokens ─counts→ baselines
//! config ─check→ Architecture ─model(ops, tape)→ Recording ─device(GPU: plan | CPU)─trainer→ loss, parameters ─inference, sampler→ text
//! page ⇄ web/core/worker_client.js ⇄ [postMessage] ⇄ bin/worker.rs   ⇄ session ⇄ trainer, inference
//!                               [JSON lines]  ⇄ bin/headless.rs ⇄ session        the same protocol, no browser
//! ```
//!
//! A training step is a constant of its configuration: [`model`] writes the model once, forwards only, out of [`ops`]; each
//! op appends its dispatches and its hand-derived adjoint to a [`tape`]; a [`device`] makes the list executable, [`plan`] for the
//! GPU and [`cpu`] with the kernels' bodies in Rust; a step replays it, and nothing is created, bound or read back while training.
//!
//! # Axes
//!
//! | word | in papers | what |
//! |---|---|---|
//! | `batch` | B | windows per step |
//! | `seq`, `context` | T | positions of a window, at most |
//! | `rows` | B·T | positions of a batch |
//! | `width` | C, d_model | columns of the residual stream |
//! | `heads`, `kv_heads` | H | query heads, key/value heads |
//! | `head_dim` | d_k | width / heads |
//! | `hidden` | d_ff | columns of the feed-forward layer |
//! | `vocab` | V | different tokens |
//! | `layers` | L, N | transformer blocks |
//!
//! # What is absent on purpose
//!
//! No automatic differentiation of arbitrary code: every op has its adjoint beside it. No tensors on the host: weights stay
//! on the GPU until they are exported. No float atomics: results repeat bit for bit on one adapter. No clock and no browser:
//! a [`session::Host`] lends the session both.

pub mod config;
pub mod texts;
pub mod recipes;
pub mod cleaning;
pub mod tokenizer;
pub mod dataset;
pub mod counts;
pub mod kernels;
pub mod gpu;
pub mod parts;
pub mod team;
pub mod tape;
pub mod ops;
pub mod model;
pub mod plan;
pub mod cpu;
pub mod device;
pub mod optimizer;
pub mod weights;
pub mod parameters;
pub mod trainer;
#[cfg(not(target_arch = "wasm32"))]
pub mod threads;
pub mod inference;
pub mod inspection;
pub mod replay;
pub mod sampler;
pub mod protocol;
pub mod benchmark;
pub mod session;
