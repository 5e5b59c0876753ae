//! The kernels of attention.wgsl.

use super::call::{Scratch, room};
use super::lanes::{Mask, dot, exp, largest, sum};
use super::product::{COLUMNS, Lines, ROWS, packed, tile};
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Shapes of one attention layer.
    AttentionParams {
        /// Sequences.
        batch: u32,
        /// Positions of each.
        seq: u32,
        /// Query heads.
        heads: u32,
        /// Key and value heads.
        kv_heads: u32,
        /// Query head that `weights_of_head` looks at.
        head: u32,
        /// Dropout: which of the model's masks.
        site: u32,
        /// Dropout: share of weights that are zeroed.
        rate: f32,
        /// 1 / √head_dim.
        scale: f32,
    }
}

/// Attention that reads and writes in one of the two ways: its entry points.
#[derive(Debug)]
pub struct AttentionKernels {
    /// out and log_sum_exp.
    pub forward: &'static Kernel,
    /// grad_q and delta.
    pub backward_q: &'static Kernel,
    /// grad_k and grad_v.
    pub backward_kv: &'static Kernel,
    /// The weights of one head, for looking at.
    pub weights: &'static Kernel,
}

// `NAME: FORWARD, BACKWARD_Q, BACKWARD_KV, WEIGHTS = "name", loads`.
macro_rules! attention {
    ($($(#[$doc:meta])* $name:ident: $forward:ident, $backward_q:ident, $backward_kv:ident, $weights:ident
        = $file:literal, $loads:literal;)+) => {
        $(kernels!($file, sources!["index", "step", "dropout", $loads, "attention"], AttentionParams, {
            /// out and log_sum_exp. Its loads name grad_out too, which it leaves unbound.
            $forward = "forward" {
                step: 1 Uniform, qkv: 2 Read, out_out: 3 Write, log_sum_exp_out: 4 Write, grad_out: 7 Read,
            } => wide!(forward);
            /// grad_q and delta.
            $backward_q = "backward_q" {
                step: 1 Uniform, qkv: 2 Read, out: 5 Read, log_sum_exp: 6 Read, grad_out: 7 Read, delta_out: 8 Write, grad_qkv: 10 Write,
            } => wide!(backward_q);
            /// grad_k and grad_v.
            $backward_kv = "backward_kv" {
                step: 1 Uniform, qkv: 2 Read, log_sum_exp: 6 Read, grad_out: 7 Read, delta: 9 Read, grad_qkv: 10 Write,
            } => wide!(backward_kv);
            /// The weights of one head, for looking at.
            $weights = "weights_of_head" { qkv: 2 Read, log_sum_exp: 6 Read, weights: 11 Write } => wide!(weights_of_head);
        });
        $(#[$doc])*
        pub static $name: AttentionKernels = AttentionKernels {
            forward: &$forward,
            backward_q: &$backward_q,
            backward_kv: &$backward_kv,
            weights: &$weights,
        };)+
    };
}

attention! {
    /// head_dim a multiple of 4.
    ATTENTION: ATTENTION_FORWARD, ATTENTION_BACKWARD_Q, ATTENTION_BACKWARD_KV, ATTENTION_WEIGHTS
        = "attention", "attention_vector";
    /// Any head_dim.
    ATTENTION_SCALAR: ATTENTION_SCALAR_FORWARD, ATTENTION_SCALAR_BACKWARD_Q, ATTENTION_SCALAR_BACKWARD_KV, ATTENTION_SCALAR_WEIGHTS
        = "attention_scalar", "attention_scalar";
}

/// Shapes of a call, and where a head's rows stand.
#[derive(Clone, Copy)]
struct Shape {
    batch: usize,
    seq: usize,
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
    causal: bool,
    scale: f32,
    /// Window of the whole step that is this part's first, times heads.
    first_series: usize,
}

impl Shape {
    fn new(p: &AttentionParams, call: &Call<'_>, first_row: u32) -> Self {
        let [batch, seq, heads, kv_heads] = [p.batch, p.seq, p.heads, p.kv_heads].map(|n| n as usize);
        let (head_dim, causal) = (call.number("HEAD_DIM"), call.flag("CAUSAL"));
        let first_series = first_row as usize / seq * heads;
        Self { batch, seq, heads, kv_heads, head_dim, causal, scale: p.scale, first_series }
    }
    /// Words from one position to the next in qkv; in out.
    fn qkv_stride(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.head_dim
    }
    fn out_stride(&self) -> usize {
        self.heads * self.head_dim
    }
    /// First word of a window's query head, of its key head and value head, and of a head of out.
    fn query(&self, b: usize, head: usize) -> usize {
        b * self.seq * self.qkv_stride() + head * self.head_dim
    }
    fn key(&self, b: usize, kv_head: usize) -> usize {
        self.query(b, self.heads + kv_head)
    }
    fn value(&self, b: usize, kv_head: usize) -> usize {
        self.query(b, self.heads + self.kv_heads + kv_head)
    }
    fn out(&self, b: usize, head: usize) -> usize {
        b * self.seq * self.out_stride() + head * self.head_dim
    }
    fn kv_head(&self, head: usize) -> usize {
        head / (self.heads / self.kv_heads)
    }
    /// How many keys query `i` sees: the first ones.
    fn seen(&self, i: usize) -> usize {
        if self.causal { i + 1 } else { self.seq }
    }
    /// Number of the first element of row `i` of a series in the whole step, for its dropout.
    fn element(&self, series: usize, i: usize) -> usize {
        ((self.first_series + series) * self.seq + i) * self.seq
    }
}

/// Which tiles of a product between positions are wanted.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    All,
    /// Columns up to the row: later keys are hidden.
    Lower,
}

/// out[row, column] (+)= Σ_k left[row, k] · right[column, k] over `extents` = (rows, columns, inner); `range` says for a panel of
/// rows which inner indices are not 0. `left_room` and `right_room` are for packing.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn between<const FUSED: bool>(
    (left_room, right_room): (&mut Vec<f32>, &mut Vec<f32>),
    (left, right): (Lines<'_>, Lines<'_>),
    (rows, columns, inner): (usize, usize, usize),
    wanted: Wanted,
    range: impl Fn(usize) -> (usize, usize),
    mut store: impl FnMut(usize, usize, &[f32]),
) {
    let left_panels = room(left_room, packed::<ROWS>(rows, inner));
    left.pack::<ROWS>(left_panels, (0, rows), (0, inner));
    let right_panels = room(right_room, packed::<COLUMNS>(columns, inner));
    right.pack::<COLUMNS>(right_panels, (0, columns), (0, inner));
    for (j, left) in left_panels.chunks_exact(ROWS * inner).enumerate() {
        let row = j * ROWS;
        let (from, to) = range(row);
        for (i, right) in right_panels.chunks_exact(COLUMNS * inner).enumerate() {
            let column = i * COLUMNS;
            if wanted == Wanted::Lower && column >= row + ROWS {
                break;
            }
            let tile = tile::<FUSED>(&left[ROWS * from..ROWS * to], &right[COLUMNS * from..COLUMNS * to]);
            for (row, results) in (row..rows.min(row + ROWS)).zip(&tile) {
                store(row, column, &results[..COLUMNS.min(columns - column)]);
            }
        }
    }
}

/// A head's scores into `scores` [seq, seq]: q_i · k_j · scale where a query sees a key; what stands elsewhere is left.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn score<const FUSED: bool>(
    s: &Shape,
    q: &[f32],
    k: &[f32],
    rooms: (&mut Vec<f32>, &mut Vec<f32>),
    scores: &mut [f32],
) {
    let wanted = if s.causal { Wanted::Lower } else { Wanted::All };
    let lines = (Lines::along(q, s.qkv_stride()), Lines::along(k, s.qkv_stride()));
    between::<FUSED>(
        rooms,
        lines,
        (s.seq, s.seq, s.head_dim),
        wanted,
        |_| (0, s.head_dim),
        |i, j, results| {
            let scores = &mut scores[i * s.seq + j..][..results.len()];
            scores.iter_mut().zip(results).for_each(|(score, result)| *score = result * s.scale);
        },
    );
}

#[inline(always)]
fn forward<const FUSED: bool>(call: &mut Call<'_>) {
    let p: AttentionParams = call.params();
    let step = call.step();
    let s = Shape::new(&p, call, step.first_row);
    let mask = Mask::new(call.flag("DROPOUT"), &step, p.site, p.rate);
    let (qkv, out, log_sum_exp) = (call.read("qkv"), call.write("out_out"), call.write("log_sum_exp_out"));
    let Scratch { left, right, sums, .. } = &mut *call.scratch;
    let scores = room(sums, s.seq * s.seq);
    for series in 0..s.batch * s.heads {
        let (b, head) = (series / s.heads, series % s.heads);
        let kv_head = s.kv_head(head);
        score::<FUSED>(&s, &qkv[s.query(b, head)..], &qkv[s.key(b, kv_head)..], (left, right), scores);
        for (i, row) in scores.chunks_exact_mut(s.seq).enumerate() {
            let (row, hidden) = row.split_at_mut(s.seen(i));
            hidden.fill(0.0);
            let highest = largest(row);
            row.iter_mut().for_each(|x| *x = exp(*x - highest));
            let total = sum(row);
            log_sum_exp[series * s.seq + i] = highest + total.ln();
            let factor = 1.0 / total;
            row.iter_mut().for_each(|x| *x *= factor);
            if let Some(mask) = mask {
                mask.apply(row, s.element(series, i));
            }
        }
        let out = &mut out[s.out(b, head)..];
        let lines = (Lines::along(scores, s.seq), Lines::across(&qkv[s.value(b, kv_head)..], s.qkv_stride()));
        let range = |i: usize| (0, s.seen(i + ROWS - 1).min(s.seq));
        between::<FUSED>((left, right), lines, (s.seq, s.head_dim, s.seq), Wanted::All, range, |i, c, results| {
            out[i * s.out_stride() + c..][..results.len()].copy_from_slice(results);
        });
    }
}

/// P · D and dS of a head, [seq, seq] each: what both backward passes begin with. `log_sum_exp` and `delta` [seq].
#[allow(clippy::too_many_arguments)] // what a head's gradient consists of
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn grad_scores<const FUSED: bool>(
    s: &Shape,
    (qkv, grad_out): (&[f32], &[f32]),
    (b, head): (usize, usize),
    log_sum_exp: &[f32],
    delta: &[f32],
    mask: Option<Mask>,
    (left, right): (&mut Vec<f32>, &mut Vec<f32>),
    (weights, gradients): (&mut [f32], &mut [f32]),
) {
    let (kv_head, series) = (s.kv_head(head), b * s.heads + head);
    score::<FUSED>(s, &qkv[s.query(b, head)..], &qkv[s.key(b, kv_head)..], (left, right), weights);
    // grad_out_i · v_j
    let wanted = if s.causal { Wanted::Lower } else { Wanted::All };
    let lines = (
        Lines::along(&grad_out[s.out(b, head)..], s.out_stride()),
        Lines::along(&qkv[s.value(b, kv_head)..], s.qkv_stride()),
    );
    between::<FUSED>(
        (left, right),
        lines,
        (s.seq, s.seq, s.head_dim),
        wanted,
        |_| (0, s.head_dim),
        |i, j, results| {
            gradients[i * s.seq + j..][..results.len()].copy_from_slice(results);
        },
    );
    for (i, (weights, gradients)) in weights.chunks_exact_mut(s.seq).zip(gradients.chunks_exact_mut(s.seq)).enumerate()
    {
        let ((weights, hidden), (gradients, unseen)) =
            (weights.split_at_mut(s.seen(i)), gradients.split_at_mut(s.seen(i)));
        hidden.fill(0.0);
        unseen.fill(0.0);
        let (log_sum, delta) = (log_sum_exp[i], delta[i]);
        match mask {
            None => {
                for (p, g) in weights.iter_mut().zip(gradients) {
                    *p = exp(*p - log_sum);
                    *g = *p * (*g - delta) * s.scale;
                }
            }
            Some(mask) => {
                for ((p, g), index) in weights.iter_mut().zip(gradients).zip(s.element(series, i) as u32..) {
                    let (weight, kept) = (exp(*p - log_sum), mask.scale(index));
                    *p = weight * kept;
                    *g = weight * (*g * kept - delta) * s.scale;
                }
            }
        }
    }
}

// forward: S = q · kᵀ · scale, P = softmax(S), out = (P ∘ D) · v. Writes delta for backward_kv.
#[inline(always)]
fn backward_q<const FUSED: bool>(call: &mut Call<'_>) {
    let p: AttentionParams = call.params();
    let step = call.step();
    let s = Shape::new(&p, call, step.first_row);
    let mask = Mask::new(call.flag("DROPOUT"), &step, p.site, p.rate);
    let (qkv, out, grad_out) = (call.read("qkv"), call.read("out"), call.read("grad_out"));
    let (log_sum_exp, delta, grad_qkv) = (call.read("log_sum_exp"), call.write("delta_out"), call.write("grad_qkv"));
    let Scratch { left, right, sums, more } = &mut *call.scratch;
    let (weights, gradients) = (room(sums, s.seq * s.seq), room(more, s.seq * s.seq));
    for series in 0..s.batch * s.heads {
        let (b, head) = (series / s.heads, series % s.heads);
        let (statistics, at) = (series * s.seq..(series + 1) * s.seq, s.out(b, head));
        let delta = &mut delta[statistics.clone()];
        for (i, delta) in delta.iter_mut().enumerate() {
            let row = at + i * s.out_stride();
            *delta = dot(&out[row..][..s.head_dim], &grad_out[row..][..s.head_dim]);
        }
        let log_sum_exp = &log_sum_exp[statistics];
        grad_scores::<FUSED>(
            &s,
            (qkv, grad_out),
            (b, head),
            log_sum_exp,
            delta,
            mask,
            (left, right),
            (weights, gradients),
        );
        // Σ_j dS_ij is 0, as a softmax does not feel a shift; what rounding leaves of it goes on to backward_kv, or else it
        // would be the gradient of a key's bias.
        for (delta, gradients) in delta.iter_mut().zip(gradients.chunks_exact(s.seq)) {
            *delta += sum(gradients) / s.scale;
        }
        let keys = Lines::across(&qkv[s.key(b, s.kv_head(head))..], s.qkv_stride());
        let range = |i: usize| (0, s.seen(i + ROWS - 1).min(s.seq));
        let grad_q = &mut grad_qkv[s.query(b, head)..];
        let lines = (Lines::along(gradients, s.seq), keys);
        between::<FUSED>((left, right), lines, (s.seq, s.head_dim, s.seq), Wanted::All, range, |i, c, results| {
            grad_q[i * s.qkv_stride() + c..][..results.len()].copy_from_slice(results);
        });
    }
}

// forward: S = q · kᵀ · scale, P = softmax(S), out = (P ∘ D) · v, for every query head that reads this key and value.
#[inline(always)]
fn backward_kv<const FUSED: bool>(call: &mut Call<'_>) {
    let p: AttentionParams = call.params();
    let step = call.step();
    let s = Shape::new(&p, call, step.first_row);
    let mask = Mask::new(call.flag("DROPOUT"), &step, p.site, p.rate);
    let (qkv, grad_out, log_sum_exp) = (call.read("qkv"), call.read("grad_out"), call.read("log_sum_exp"));
    let (delta, grad_qkv) = (call.read("delta"), call.write("grad_qkv"));
    let Scratch { left, right, sums, more } = &mut *call.scratch;
    let (weights, gradients) = (room(sums, s.seq * s.seq), room(more, s.seq * s.seq));
    for series in 0..s.batch * s.heads {
        let (b, head) = (series / s.heads, series % s.heads);
        let kv_head = s.kv_head(head);
        let first = head % (s.heads / s.kv_heads) == 0;
        let statistics = series * s.seq..(series + 1) * s.seq;
        let (log_sum_exp, delta) = (&log_sum_exp[statistics.clone()], &delta[statistics]);
        grad_scores::<FUSED>(
            &s,
            (qkv, grad_out),
            (b, head),
            log_sum_exp,
            delta,
            mask,
            (left, right),
            (weights, gradients),
        );
        // The first query that sees one of a panel's keys.
        let range = |j: usize| (if s.causal { j } else { 0 }, s.seq);
        let queries = Lines::across(&qkv[s.query(b, head)..], s.qkv_stride());
        let of_out = Lines::across(&grad_out[s.out(b, head)..], s.out_stride());
        for (to, left_lines, right_lines) in
            [(s.key(b, kv_head), &*gradients, queries), (s.value(b, kv_head), &*weights, of_out)]
        {
            let to = &mut grad_qkv[to..];
            let lines = (Lines::across(left_lines, s.seq), right_lines);
            between::<FUSED>((left, right), lines, (s.seq, s.head_dim, s.seq), Wanted::All, range, |j, c, results| {
                let to = &mut to[j * s.qkv_stride() + c..][..results.len()];
                match first {
                    true => to.copy_from_slice(results),
                    false => to.iter_mut().zip(results).for_each(|(to, result)| *to += result),
                }
            });
        }
    }
}

// P of one query head of batch entry 0, for looking at.
#[inline(always)]
fn weights_of_head<const FUSED: bool>(call: &mut Call<'_>) {
    let p: AttentionParams = call.params();
    let (s, head) = (Shape::new(&p, call, 0), p.head as usize);
    let (qkv, log_sum_exp, weights) = (call.read("qkv"), call.read("log_sum_exp"), call.write("weights"));
    let Scratch { left, right, .. } = &mut *call.scratch;
    score::<FUSED>(&s, &qkv[s.query(0, head)..], &qkv[s.key(0, s.kv_head(head))..], (left, right), weights);
    for (i, row) in weights.chunks_exact_mut(s.seq).take(s.seq).enumerate() {
        let (row, hidden) = row.split_at_mut(s.seen(i));
        hidden.fill(0.0);
        row.iter_mut().for_each(|x| *x = exp(*x - log_sum_exp[head * s.seq + i]));
    }
}
