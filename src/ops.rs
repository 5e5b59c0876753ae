//! Each differentiable op: its shapes, its forward dispatches, its adjoint. An op knows the tape and the kernels, not the
//! model; sizes are trusted, as they come from a checked [`crate::config::Architecture`].

pub mod attention;
pub mod cache;
mod embed;
mod head;
mod linear;
pub mod matmul;
mod norm;

pub use cache::attend_cached;
pub use embed::{Added, Tokens, embed};
pub use head::{Targets, head, head_loss, logits_stride};
pub use linear::{Operand, linear, linear_activated, linear_with_life};
pub use norm::Norms;

use crate::kernels::{self as k, ColumnsParams, ElementwiseParams, RotaryParams};
use crate::tape::{Backward, Dispatch, Life, Region, Tape, Value, grid};
use attention::Attention;

/// One place in the model where values are dropped in training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Number of the place: its own sequence of draws.
    pub site: u32,
    /// Probability of dropping.
    pub rate: f32,
    /// The uniform [`crate::kernels::Step`].
    pub step: Region,
}

fn elementwise(count: usize, dropout: Option<Dropout>, width: usize) -> (ElementwiseParams, [u32; 3]) {
    let (site, rate) = dropout.map_or((0, 0.0), |d| (d.site, d.rate));
    // 64 threads a workgroup, four elements a thread.
    (ElementwiseParams { count: count as u32, site, dropout: rate, width: width as u32 }, grid(count, 256))
}

/// `region` joins the gradient of `input`: it becomes its place where nothing is there yet, else it is added.
fn join_gradient(b: &mut Backward<'_>, input: Value, region: Region) {
    if let Some(to) = b.give(input, region) {
        let (params, grid) = elementwise(to.words, None, 0);
        b.dispatch(Dispatch::new(&k::ADD, &params, grid, &[Some(region), Some(to)]));
    }
}

/// The gradient that a branch receives whose values were dropped before they joined the residual: under the same mask.
fn masked_gradient(b: &mut Backward<'_>, output: Value, dropout: Option<Dropout>) -> Region {
    let gradient = b.gradient(output);
    let Some(dropout) = dropout else { return gradient };
    let masked = b.scratch(format!("masked_grad_{}", b.tape().name(output)), gradient.words);
    let (params, grid) = elementwise(gradient.words, Some(dropout), b.tape().columns(output));
    b.dispatch(Dispatch::new(&k::DROPOUT_BACKWARD, &params, grid, &[Some(dropout.step), Some(gradient), Some(masked)]));
    masked
}

/// residual + dropout(branch), all [rows, width]: a residual sum that no linear layer carries along.
pub fn residual_sum(tape: &mut Tape, name: &str, residual: Value, branch: Value, dropout: Option<Dropout>) -> Value {
    let shape = tape.shape(residual).to_vec();
    let out = tape.tensor(name, &shape);
    let (params, grid) = elementwise(shape.iter().product(), dropout, shape[1]);
    let regions = [dropout.map(|d| d.step), Some(tape.data(residual)), Some(tape.data(branch)), Some(tape.data(out))];
    tape.dispatch(Dispatch::new(&k::SUM, &params, grid, &regions).with("DROPOUT", dropout.is_some()));
    tape.record("residual_sum", &[residual, branch], Some(out), move |b| {
        // out = residual + dropout(branch)
        let masked = masked_gradient(b, out, dropout);
        join_gradient(b, branch, masked);
        let gradient = b.gradient(out);
        join_gradient(b, residual, gradient);
    });
    out
}

/// silu(gate) ∘ up, all [rows, hidden] (Shazeer 2020).
pub fn swiglu(tape: &mut Tape, name: &str, gate: Value, up: Value) -> Value {
    let shape = tape.shape(gate).to_vec();
    let out = tape.tensor(name, &shape);
    let (params, grid) = elementwise(shape.iter().product(), None, 0);
    let regions = [Some(tape.data(gate)), Some(tape.data(up)), Some(tape.data(out))];
    tape.dispatch(Dispatch::new(&k::SWIGLU, &params, grid, &regions));
    tape.record("swiglu", &[gate, up], Some(out), move |b| {
        // out = silu(gate) · up
        let (to_gate, to_up) = (b.target(gate), b.target(up));
        let (gate, up, gradient) = (b.tape().data(gate), b.tape().data(up), b.gradient(out));
        let regions = [Some(gate), Some(up), Some(gradient), Some(to_gate.region), Some(to_up.region)];
        let dispatch = Dispatch::new(&k::SWIGLU_BACKWARD, &params, grid, &regions);
        b.dispatch(dispatch.with("ACCUMULATE_A", to_gate.accumulate).with("ACCUMULATE_B", to_up.accumulate));
    });
    out
}

/// x [rows, columns] with `count` columns from `first` on set to zero, in place; forwards only.
pub fn clear_columns(tape: &mut Tape, x: Value, first: usize, count: usize) -> Value {
    let (rows, stride) = (tape.rows(x), tape.columns(x));
    let out = tape.in_place(tape.name(x).to_owned(), x);
    let params = ColumnsParams { rows: rows as u32, stride: stride as u32, first: first as u32, count: count as u32 };
    tape.dispatch(Dispatch::new(&k::COLUMNS_CLEAR, &params, grid(rows * count, 64), &[Some(tape.data(x))]));
    tape.record_without_adjoint("clear_columns", &[x], Some(out));
    out
}

/// Turns queries and keys of `qkv` [rows, (heads + 2·kv_heads)·head_dim] by their positions, in place. `table`
/// [seq, head_dim / 2, 2] holds cosines and sines; of a single token the row at the position in `place` [1] is taken.
pub fn rotary(tape: &mut Tape, qkv: Value, shape: &Attention, table: Region, place: Option<Region>) -> Value {
    let rows = shape.batch * shape.seq;
    let (heads, half) = (shape.heads + shape.kv_heads, shape.head_dim / 2);
    let params = RotaryParams {
        rows: rows as u32,
        seq: shape.seq as u32,
        heads: heads as u32,
        half: half as u32,
        stride: tape.columns(qkv) as u32,
        ..Default::default()
    };
    let grid = grid(rows * heads * half, 64);
    let name = tape.name(qkv).to_owned();
    let out = tape.in_place(name, qkv);
    let forward = Dispatch::new(&k::ROTARY_TURN, &params, grid, &[Some(table), Some(tape.data(out)), place]);
    tape.dispatch(forward.with("SINGLE", place.is_some()));
    tape.record("rotary", &[qkv], Some(out), move |b| {
        // (a, b) ← (a cos − b sin, b cos + a sin)
        let gradient = b.gradient(out);
        let back = Dispatch::new(&k::ROTARY_TURN, &params, grid, &[Some(table), Some(gradient), None]);
        b.dispatch(back.with("INVERSE", true));
        join_gradient(b, qkv, gradient);
    });
    out
}

/// Attention over `qkv` [rows, (heads + 2·kv_heads)·head_dim]; the heads joined, [rows, heads·head_dim]. `kept` gives the
/// log-sum-exp a life of its own, for the attention view.
pub fn attend(tape: &mut Tape, name: &str, qkv: Value, shape: Attention, kept: Life) -> Value {
    let rows = shape.batch * shape.seq;
    let out = tape.tensor(format!("{name}.joined"), &[rows, shape.heads * shape.head_dim]);
    let log_sum_exp = tape.buffer(format!("{name}.log_sum_exp"), rows * shape.heads, kept);
    for dispatch in shape.forward(tape.data(qkv), tape.data(out), log_sum_exp) {
        tape.dispatch(dispatch);
    }
    let name = name.to_owned();
    tape.record("attend", &[qkv], Some(out), move |b| {
        // out = softmax(q·kᵀ / √head_dim)·v
        let grad_qkv = b.target(qkv);
        let delta = b.scratch(format!("{name}.delta"), rows * shape.heads);
        let (qkv, joined, gradient) = (b.tape().data(qkv), b.tape().data(out), b.gradient(out));
        for dispatch in shape.backward(qkv, joined, log_sum_exp, gradient, delta, grad_qkv.region) {
            b.dispatch(dispatch);
        }
    });
    out
}
