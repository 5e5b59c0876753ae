//! Keys and values of a text so far, one layer's: shapes to dispatches. Formulas and layouts: shaders/cache.wgsl.

use super::attention::Attention;
use crate::kernels::{self as k, CacheParams};
use crate::tape::{Dispatch, Region, Tape, Value, grid};

/// Words of one position: its keys and its values.
pub fn words(shape: &Attention) -> usize {
    2 * shape.kv_heads * shape.head_dim
}

fn params(shape: &Attention) -> CacheParams {
    CacheParams {
        rows: shape.seq as u32,
        heads: shape.heads as u32,
        kv_heads: shape.kv_heads as u32,
        scale: shape.scale(),
    }
}

/// Keeps a window's keys and values: qkv [seq, (heads + 2·kv_heads)·head_dim] → cache [context, `words`].
pub fn keep(shape: &Attention, qkv: Region, cache: Region) -> Dispatch {
    let grid = grid(shape.seq * words(shape), 64);
    Dispatch::new(&k::CACHE_KEEP, &params(shape), grid, &[Some(qkv), Some(cache)])
        .with_number("HEAD_DIM", shape.head_dim as u32)
}

/// Attention of one token, `qkv` [1, (heads + 2·kv_heads)·head_dim], over itself and all before it, whose keys and values are in
/// `cache`; its own join them at the position that stands in `place` [1]. The heads joined, [1, heads·head_dim].
pub fn attend_cached(
    tape: &mut Tape,
    name: &str,
    qkv: Value,
    shape: &Attention,
    (cache, place): (Region, Region),
) -> Value {
    let out = tape.tensor(format!("{name}.joined"), &[1, shape.heads * shape.head_dim]);
    // 64 columns of a head to a workgroup.
    let grid = grid(shape.heads * shape.head_dim.div_ceil(64), 1);
    let regions = [Some(tape.data(qkv)), Some(cache), Some(place), Some(tape.data(out))];
    let dispatch = Dispatch::new(&k::CACHE_ATTEND, &params(shape), grid, &regions);
    tape.dispatch(dispatch.with_number("HEAD_DIM", shape.head_dim as u32));
    tape.record_without_adjoint("attend_cached", &[qkv], Some(out));
    out
}
