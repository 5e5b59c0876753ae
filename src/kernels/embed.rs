//! The kernels of embed.wgsl.

use super::lanes::{Mask, add};
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Token and position embedding.
    EmbedParams {
        /// batch · seq.
        rows: u32,
        /// Positions per window.
        seq: u32,
        /// Columns.
        width: u32,
        /// Rows of the token table.
        vocab: u32,
        /// Which dropout this is.
        site: u32,
        /// Probability of dropping.
        dropout: f32,
    }
}

const EMBED: &[&str] = sources!["index", "step", "dropout", "position", "embed"];

kernels!("embed", EMBED, EmbedParams, {
    /// x = token + position.
    EMBED_FORWARD = "forward" {
        step: 1 Uniform, ids: 2 Read, token: 3 Read, position: 4 Read, x: 5 Write, place: 11 Read,
    } => forward;
    /// Sums the rows of each token, and of each position over the batch.
    EMBED_BACKWARD = "backward" {
        step: 1 Uniform, grad_x: 6 Read, order: 7 Read, starts: 8 Read, grad_token: 9 Write, grad_position: 10 Write,
    } => backward;
});

fn forward(call: &mut Call<'_>) {
    let EmbedParams { seq, width, site, dropout, .. } = call.params();
    let (seq, width) = (seq as usize, width as usize);
    let step = call.step();
    let mask = Mask::new(call.flag("DROPOUT"), &step, site, dropout);
    let positions = call.flag("POSITIONS");
    let place = call.place();
    let (ids, token, position) = (call.read_ids("ids"), call.read("token"), call.read("position"));
    for (row, (x, &id)) in call.write("x").chunks_exact_mut(width).zip(ids).enumerate() {
        x.copy_from_slice(&token[id as usize * width..][..width]);
        if positions {
            add(x, &position[place.unwrap_or(row % seq) * width..][..width]);
        }
        if let Some(mask) = mask {
            mask.apply(x, (step.first_row as usize + row) * width);
        }
    }
}

// forward: x[r] = (token[id[r]] + position[r mod seq]) · scale[r]
fn backward(call: &mut Call<'_>) {
    let EmbedParams { rows, seq, width, vocab, site, dropout } = call.params();
    let [rows, seq, width, vocab] = [rows, seq, width, vocab].map(|n| n as usize);
    let step = call.step();
    let first = step.first_row as usize * width;
    let mask = Mask::new(call.flag("DROPOUT"), &step, site, dropout).map(|mask| (mask, first));
    let (add_tokens, add_positions) = (call.flag("ACCUMULATE_TOKEN"), call.flag("ACCUMULATE_POSITION"));
    let (grad_x, order, starts) = (call.read("grad_x"), call.read_ids("order"), call.read_ids("starts"));
    let words = call.write("grad_token").chunks_exact_mut(width).take(vocab);
    for (sum, range) in words.zip(starts.windows(2)) {
        if !add_tokens {
            sum.fill(0.0);
        }
        for &row in &order[range[0] as usize..range[1] as usize] {
            add_masked(sum, grad_x, row as usize * width, mask);
        }
    }
    if !call.flag("POSITIONS") {
        return;
    }
    let grad_position = &mut call.write("grad_position")[..seq * width];
    if !add_positions {
        grad_position.fill(0.0);
    }
    for row in 0..rows {
        add_masked(&mut grad_position[row % seq * width..][..width], grad_x, row * width, mask);
    }
}

/// sum += x[first..] under its mask, where x begins at an element of this number.
fn add_masked(sum: &mut [f32], x: &[f32], first: usize, mask: Option<(Mask, usize)>) {
    let x = &x[first..][..sum.len()];
    match mask {
        None => add(sum, x),
        Some((mask, begin)) => {
            for ((sum, x), index) in sum.iter_mut().zip(x).zip((begin + first) as u32..) {
                *sum += x * mask.scale(index);
            }
        }
    }
}
