//! The head, logits = x·Wᵀ + b with W [vocab, width], and the loss over it.

use super::matmul::{BiasAxis, Flavor, Product};
use crate::kernels::{self as k, CrossEntropyParams};
use crate::tape::{Dispatch, Life, Region, Tape, Value, grid};

/// Most words of logits that exist at once, 64 MiB: a larger batch × vocabulary goes through the head in chunks of rows.
const LOGITS_LIMIT: usize = 16 << 20;

/// The words from one row of logits to the next: padded so that rows start on a vec4.
pub fn logits_stride(vocab: usize) -> usize {
    vocab.next_multiple_of(4)
}

struct Head {
    x: Region,
    weight: Region,
    bias: Option<Region>,
    width: usize,
    vocab: usize,
}

impl Head {
    /// Logits of `rows` rows from `first` on.
    fn product(&self, first: usize, rows: usize, logits: Region) -> Product {
        Product {
            flavor: Flavor::NT,
            rows,
            columns: self.vocab,
            inner: self.width,
            a: rows_of(self.x, first, rows, self.width),
            a_stride: self.width,
            b: self.weight,
            b_stride: self.width,
            out: logits,
            out_stride: logits_stride(self.vocab),
            bias: self.bias,
            activation: None,
            pre: None,
            dropout: None,
            residual: None,
            grad_bias: None,
            accumulate: false,
        }
    }
}

/// Rows `first` to `first + rows` of a [_, width] region. Chunks are multiples of 64 rows, so they start where a binding may.
fn rows_of(region: Region, first: usize, rows: usize, width: usize) -> Region {
    Region { offset: region.offset + first * width, words: rows * width, ..region }
}

/// Logits for the host to read, under a name: [rows, logits_stride(vocab)].
pub fn head(tape: &mut Tape, name: &str, x: Value, weight: Value, bias: Option<Value>) -> Region {
    let (rows, vocab) = (tape.rows(x), tape.rows(weight));
    let logits = tape.buffer(name, rows * logits_stride(vocab), Life::Kept);
    let head = Head {
        x: tape.data(x),
        weight: tape.data(weight),
        bias: bias.map(|v| tape.data(v)),
        width: tape.columns(weight),
        vocab,
    };
    for dispatch in head.product(0, rows, logits).dispatch() {
        tape.dispatch(dispatch);
    }
    let inputs: Vec<Value> = [x, weight].into_iter().chain(bias).collect();
    tape.record_without_adjoint("head", &inputs, None);
    logits
}

/// What the loss is taken over.
#[derive(Clone, Copy, Debug)]
pub struct Targets {
    /// Token that each row should predict [rows].
    pub ids: Region,
    /// Positions per window.
    pub seq: usize,
    /// Whether only the last position of each window counts.
    pub last_only: bool,
    /// The uniform [`crate::kernels::Step`]: says which entry of the ring to write.
    pub step: Region,
    /// Ring of [step, loss, gradient norm, learning rate].
    pub ring: Region,
    /// Where the loss goes that the gradients belong to [1].
    pub loss: Option<Region>,
}

/// Mean cross-entropy of x [rows, width] under the head, into the ring, and its gradients.
///
/// The logits turn into their own gradient in place. Where all of them together would pass 64 MiB the head runs in chunks of
/// rows that share one buffer, and the backward pass makes each chunk's logits again.
pub fn head_loss(tape: &mut Tape, x: Value, weight: Value, bias: Option<Value>, targets: Targets) {
    let (rows, width, vocab) = (tape.rows(x), tape.columns(weight), tape.rows(weight));
    let stride = logits_stride(vocab);
    let per_chunk =
        if rows * stride <= LOGITS_LIMIT { rows } else { (LOGITS_LIMIT / stride / 64 * 64).clamp(64, rows) };
    let chunks: Vec<(usize, usize)> =
        (0..rows).step_by(per_chunk).map(|first| (first, per_chunk.min(rows - first))).collect();
    let logits = tape.buffer("logits", per_chunk * stride, Life::Passing);
    let losses = tape.buffer("losses", rows, Life::Passing);
    let head = Head { x: tape.data(x), weight: tape.data(weight), bias: bias.map(|v| tape.data(v)), width, vocab };
    let counted = if targets.last_only { rows / targets.seq } else { rows };
    let cross_entropy = move |first: usize, rows: usize| {
        let params = CrossEntropyParams {
            rows: rows as u32,
            vocab: vocab as u32,
            stride: stride as u32,
            seq: targets.seq as u32,
            first: first as u32,
            scale: 1.0 / counted as f32,
        };
        let regions = [Some(targets.step), Some(logits), Some(targets.ids), Some(losses)];
        Dispatch::new(&k::CROSS_ENTROPY_FORWARD, &params, grid(rows, 1), &regions).with("LAST_ONLY", targets.last_only)
    };
    for &(first, rows) in &chunks {
        for dispatch in head.product(first, rows, logits).dispatch() {
            tape.dispatch(dispatch);
        }
        tape.dispatch(cross_entropy(first, rows));
    }
    let params = CrossEntropyParams { rows: rows as u32, scale: 1.0 / counted as f32, ..Default::default() };
    let regions = [Some(targets.step), Some(losses), Some(targets.ring), targets.loss];
    tape.dispatch(Dispatch::new(&k::CROSS_ENTROPY_MEAN, &params, [1, 1, 1], &regions));

    let inputs: Vec<Value> = [x, weight].into_iter().chain(bias).collect();
    tape.record("head_loss", &inputs, None, move |b| {
        let to_x = b.target(x);
        for (i, &(first, rows)) in chunks.iter().enumerate() {
            if chunks.len() > 1 {
                for dispatch in head.product(first, rows, logits).dispatch() {
                    b.dispatch(dispatch);
                }
                b.dispatch(cross_entropy(first, rows));
            }
            // logits = x·Wᵀ + b
            let to_weight = b.target(weight);
            let forward = head.product(first, rows, logits);
            let weight_product = Product {
                flavor: Flavor::TN,
                rows: vocab,
                columns: width,
                inner: rows,
                a: logits,
                a_stride: stride,
                b: forward.a,
                b_stride: width,
                out: to_weight.region,
                out_stride: width,
                bias: None,
                grad_bias: bias.map(|v| (b.target(v).region, BiasAxis::Rows)),
                accumulate: to_weight.accumulate,
                ..forward.clone()
            };
            debug_assert!(i > 0 || !to_weight.accumulate, "the head's gradient is the first to be written");
            let input_product = Product {
                flavor: Flavor::NN,
                rows,
                columns: width,
                inner: vocab,
                a: logits,
                a_stride: stride,
                b: head.weight,
                b_stride: width,
                out: rows_of(to_x.region, first, rows, width),
                out_stride: width,
                bias: None,
                accumulate: to_x.accumulate,
                ..forward
            };
            for dispatch in weight_product.dispatch().into_iter().chain(input_product.dispatch()) {
                b.dispatch(dispatch);
            }
        }
    });
}
