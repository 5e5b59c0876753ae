//! The kernel of rotary.wgsl.

use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Rotary positions.
    RotaryParams {
        /// batch · seq.
        rows: u32,
        /// Positions per window.
        seq: u32,
        /// Query heads plus key heads.
        heads: u32,
        /// Pairs per head.
        half: u32,
        /// Words from row to row.
        stride: u32,
        /// Uniforms are multiples of 16 bytes.
        unused0: u32,
        /// The same.
        unused1: u32,
        /// The same.
        unused2: u32,
    }
}

const ROTARY: &[&str] = sources!["index", "position", "rotary"];

kernels!("rotary", ROTARY, RotaryParams, {
    /// Turns queries and keys in place, forwards or (INVERSE) back.
    ROTARY_TURN = "turn" { table: 2 Read, qkv: 3 Write, place: 11 Read } => turn;
});

fn turn(call: &mut Call<'_>) {
    let RotaryParams { rows, seq, heads, half, stride, .. } = call.params();
    let [rows, seq, heads, half, stride] = [rows, seq, heads, half, stride].map(|n| n as usize);
    let sign = if call.flag("INVERSE") { -1.0 } else { 1.0 };
    let (table, qkv, place) = (call.read("table"), call.write("qkv"), call.place());
    for (row, words) in qkv.chunks_mut(stride).take(rows).enumerate() {
        let angles = &table[place.unwrap_or(row % seq) * 2 * half..][..2 * half];
        for head in words[..2 * half * heads].chunks_exact_mut(2 * half) {
            let (first, second) = head.split_at_mut(half);
            for ((a, b), angle) in first.iter_mut().zip(second).zip(angles.chunks_exact(2)) {
                let (cosine, sine) = (angle[0], sign * angle[1]);
                (*a, *b) = (*a * cosine - *b * sine, *b * cosine + *a * sine);
            }
        }
    }
}
