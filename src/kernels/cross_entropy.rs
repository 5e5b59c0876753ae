//! The kernels of cross_entropy.wgsl.

use super::lanes::{exp, largest, sum};
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Mean cross-entropy over rows of logits.
    CrossEntropyParams {
        /// Rows of this chunk (of the batch, in `mean`).
        rows: u32,
        /// Columns that count.
        vocab: u32,
        /// Words from row to row.
        stride: u32,
        /// Positions per window.
        seq: u32,
        /// Number of this chunk's first row.
        first: u32,
        /// 1 / positions that the loss averages over.
        scale: f32,
    }
}

const CROSS_ENTROPY: &[&str] = sources!["index", "step", "cross_entropy"];

kernels!("cross_entropy", CROSS_ENTROPY, CrossEntropyParams, {
    /// Losses, and logits into their gradient.
    CROSS_ENTROPY_FORWARD = "forward" { step: 1 Uniform, logits: 2 Write, targets: 3 Read, losses_out: 4 Write } => forward;
    /// A part's share of the mean loss.
    CROSS_ENTROPY_MEAN = "mean" { step: 1 Uniform, losses: 5 Read, ring: 6 Write, loss: 7 Write } => mean;
});

fn forward(call: &mut Call<'_>) {
    let CrossEntropyParams { rows, vocab, stride, seq, first, scale } = call.params();
    let [rows, vocab, stride, seq, first] = [rows, vocab, stride, seq, first].map(|n| n as usize);
    let (last_only, scale) = (call.flag("LAST_ONLY"), scale * call.step().share);
    let (logits, targets, losses) = (call.write("logits"), call.read_ids("targets"), call.write("losses_out"));
    for (row, z) in (first..).zip(logits.chunks_mut(stride).take(rows)) {
        let (z, padding) = z.split_at_mut(vocab);
        padding.fill(0.0);
        let counts = !last_only || (row + 1).is_multiple_of(seq);
        if !counts {
            z.fill(0.0);
            losses[row] = 0.0;
            continue;
        }
        let (highest, target) = (largest(z), targets[row] as usize);
        let of_target = z[target] - highest;
        z.iter_mut().for_each(|z| *z = exp(*z - highest));
        let total = sum(z);
        losses[row] = total.ln() - of_target;
        // (softmax(z) − [v = target]) · scale
        let factor = scale / total;
        z.iter_mut().for_each(|z| *z *= factor);
        z[target] -= scale;
    }
}

// The part's share of the mean loss, behind its gradients; and the sum over parts so far into the ring, for whoever evaluates:
// entry = [step, loss, gradient norm, learning rate].
fn mean(call: &mut Call<'_>) {
    let (CrossEntropyParams { rows, scale, .. }, step) = (call.params(), call.step());
    let (losses, ring, loss) = (call.read("losses"), call.write("ring"), call.write("loss"));
    let mine = sum(&losses[..rows as usize]) * scale * step.share;
    let entry = &mut ring[4 * step.slot as usize..][..2];
    let before = if step.part == 0 { 0.0 } else { entry[1] };
    (entry[0], entry[1], loss[0]) = (step.step as f32, before + mine, mine);
}
