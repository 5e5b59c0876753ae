// Columns of a matrix set to zero: a head that is switched off.
// x[r, first + c] ← 0 for c < count;  x [rows, stride]
// Grid: one thread an element. Snippets: index.
struct Params {
    rows: u32,
    stride: u32,
    first: u32,
    count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn clear(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = group_index(group, groups) * 64u + lane;
    if (i >= params.rows * params.count) {
        return;
    }
    x[i / params.count * params.stride + params.first + i % params.count] = 0.0;
}
