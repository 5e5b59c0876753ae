//! The kernels of cache.wgsl.

use super::call::room;
use super::lanes::{add_scaled, dot, exp, largest, sum};
use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Shapes of one layer's keys and values.
    CacheParams {
        /// Of the window that is kept.
        rows: u32,
        /// Query heads.
        heads: u32,
        /// Key and value heads.
        kv_heads: u32,
        /// 1 / √head_dim.
        scale: f32,
    }
}

const CACHE: &[&str] = sources!["index", "cache"];

kernels!("cache", CACHE, CacheParams, {
    /// A window's keys and values, kept for the tokens that follow it.
    CACHE_KEEP = "keep" { qkv: 2 Read, cache: 3 Write } => keep;
    /// One token's attention over the keys and values so far, which its own join.
    CACHE_ATTEND = "attend" { qkv: 2 Read, cache: 3 Write, place: 4 Read, out: 5 Write } => wide!(attend);
});

fn keep(call: &mut Call<'_>) {
    let CacheParams { rows, heads, kv_heads, .. } = call.params();
    let head_dim = call.number("HEAD_DIM");
    let (queries, words) = (heads as usize * head_dim, 2 * kv_heads as usize * head_dim);
    let (qkv, cache) = (call.read("qkv"), call.write("cache"));
    for (row, kept) in qkv.chunks_exact(queries + words).zip(cache.chunks_exact_mut(words)).take(rows as usize) {
        kept.copy_from_slice(&row[queries..]);
    }
}

#[inline(always)]
fn attend<const FUSED: bool>(call: &mut Call<'_>) {
    let CacheParams { heads, kv_heads, scale, .. } = call.params();
    let (heads, kv_heads, head_dim) = (heads as usize, kv_heads as usize, call.number("HEAD_DIM"));
    let (queries, words) = (heads * head_dim, 2 * kv_heads * head_dim);
    let (qkv, cache) = (call.read("qkv"), call.write("cache"));
    let (place, out) = (call.read_ids("place"), call.write("out"));
    let count = place[0] as usize + 1;
    let cache = &mut cache[..count * words];
    cache[(count - 1) * words..].copy_from_slice(&qkv[queries..][..words]);
    let scores = room(&mut call.scratch.sums, count);
    let each = qkv[..queries].chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim));
    for (head, (query, out)) in each.enumerate() {
        let key = head / (heads / kv_heads) * head_dim;
        let value = key + kv_heads * head_dim;
        for (score, row) in scores.iter_mut().zip(cache.chunks_exact(words)) {
            *score = dot(query, &row[key..][..head_dim]) * scale;
        }
        let highest = largest(scores);
        scores.iter_mut().for_each(|x| *x = exp(*x - highest));
        let factor = 1.0 / sum(scores);
        out.fill(0.0);
        for (score, row) in scores.iter().zip(cache.chunks_exact(words)) {
            add_scaled(out, &row[value..][..head_dim], score * factor);
        }
    }
}
