// Rotary positions (RoFormer, Su et al. 2021), in place, in Llama's split-half pairing (i, i + head/2).
// (a, b) ← (a cos − b sin, b cos + a sin), angle = position · base^(−2i/head); the adjoint turns the other way.
// qkv [rows, stride], of which the first `heads` heads (all q, then all k) are turned; table [seq, head/2, 2] = cos, sin,
// from the host: sin and cos err by 2e-4 on some GPUs.
// Grid: one thread a pair. Snippets: index, position.
struct Params {
    rows: u32,
    seq: u32,
    heads: u32,
    half: u32, // head / 2
    stride: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}
override INVERSE: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> qkv: array<f32>;

@compute @workgroup_size(64)
fn turn(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 64u + lane;
    let pair = item % params.half;
    let head = (item / params.half) % params.heads;
    let row = item / (params.half * params.heads);
    if (row >= params.rows) {
        return;
    }
    let angle = (position_of(row, params.seq) * params.half + pair) * 2u;
    let cosine = table[angle];
    let sine = select(table[angle + 1u], -table[angle + 1u], INVERSE);
    let at = row * params.stride + head * 2u * params.half + pair;
    let a = qkv[at];
    let b = qkv[at + params.half];
    qkv[at] = a * cosine - b * sine;
    qkv[at + params.half] = b * cosine + a * sine;
}
