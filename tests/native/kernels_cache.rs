//! Keys and values of a text so far, and one token's attention over them, against plain loops.

use crate::harness::{Data, close, on_each, random, run};
use fledgling::kernels::{self as k, CacheParams};
use fledgling::tape::grid;

/// (query heads, key and value heads, head_dim): alone, shared, one past a block of 64 columns.
const SHAPES: [(usize, usize, usize); 5] = [(1, 1, 1), (4, 2, 7), (3, 1, 16), (2, 2, 64), (2, 1, 129)];

fn params(rows: usize, heads: usize, kv_heads: usize, head_dim: usize) -> CacheParams {
    let scale = 1.0 / (head_dim as f32).sqrt();
    CacheParams { rows: rows as u32, heads: heads as u32, kv_heads: kv_heads as u32, scale }
}

pub fn keys_and_values_are_kept() {
    for (heads, kv_heads, head_dim) in SHAPES {
        for (rows, context) in [(1, 1), (3, 7), (65, 65)] {
            let (queries, words) = (heads * head_dim, 2 * kv_heads * head_dim);
            let (qkv, before) = (random(1, rows * (queries + words)), random(2, context * words));
            let mut want: Vec<f64> = before.iter().map(|&x| x.into()).collect();
            for (row, kept) in qkv.chunks(queries + words).zip(want.chunks_mut(words)) {
                kept.iter_mut().zip(&row[queries..]).for_each(|(kept, &x)| *kept = x.into());
            }
            let params = params(rows, heads, kv_heads, head_dim);
            let data = [Data::F32(qkv), Data::F32(before)];
            let out = run(&k::CACHE_KEEP, &[("HEAD_DIM", head_dim as f64)], &params, grid(rows * words, 64), &data);
            close("cache", &out[1], &want, 0.0, 0.0);
        }
    }
}

pub fn one_token_attends_to_all_before_it() {
    for (heads, kv_heads, head_dim) in SHAPES {
        // What stands at the token's own position and behind it is of another text, and must not be read.
        for (position, context) in [(0, 1), (0, 5), (6, 9), (63, 64), (64, 70), (128, 129), (130, 257)] {
            let (queries, words) = (heads * head_dim, 2 * kv_heads * head_dim);
            let qkv: Vec<f32> = random(1, queries + words).iter().map(|x| 6.0 * x).collect();
            let mut cache: Vec<f32> = random(2, context * words).iter().map(|x| 6.0 * x).collect();
            cache[position * words..].fill(f32::NAN);
            let mut kept = cache.clone();
            kept[position * words..][..words].copy_from_slice(&qkv[queries..]);
            let mut want = Vec::new();
            for head in 0..heads {
                let kv_head = head * kv_heads / heads;
                let of = |j: usize, part: usize, c: usize| {
                    f64::from(kept[j * words + (part * kv_heads + kv_head) * head_dim + c])
                };
                let dot =
                    |j: usize| (0..head_dim).map(|c| f64::from(qkv[head * head_dim + c]) * of(j, 0, c)).sum::<f64>();
                let scores: Vec<f64> = (0..=position).map(|j| dot(j) / (head_dim as f64).sqrt()).collect();
                let highest = scores.iter().copied().fold(f64::MIN, f64::max);
                let weights: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
                let total: f64 = weights.iter().sum();
                let column = |c: usize| weights.iter().enumerate().map(|(j, p)| p / total * of(j, 1, c)).sum::<f64>();
                want.extend((0..head_dim).map(column));
            }
            let groups = grid(heads * head_dim.div_ceil(64), 1);
            let data = [Data::F32(qkv), Data::F32(cache), Data::U32(vec![position as u32]), Data::Out(queries)];
            let params = params(1, heads, kv_heads, head_dim);
            let out = run(&k::CACHE_ATTEND, &[("HEAD_DIM", head_dim as f64)], &params, groups, &data);
            let what = format!("{heads} heads, {kv_heads}, {head_dim}, at {position}");
            close(&what, &out[3], &want, 1e-4, 1e-4);
            let same = out[1].iter().zip(&kept).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{what}: its own keys and values join the others");
        }
    }
}

on_each!(keys_and_values_are_kept, one_token_attends_to_all_before_it);
