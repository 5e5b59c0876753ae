// The matrix product where the left operand is one row: every word of the right one is used once, so that nothing is staged.
// nn: out[c] = Σ_k a[k] · b[k, c];  nt: out[c] = Σ_k a[k] · b[c, k];  and what is fused to them (matmul_blocks).
// a [inner]; b [inner, columns] or [columns, inner]; out [columns].
// Grid: 64 threads and 32 columns a group. A thread owns four columns and every eighth four of the inner axis; what lies side by
// side in b goes to neighbours. Snippets: index, activation, step, dropout, matmul_{a,b,out}_{vector,scalar}, matmul_blocks.
var<workgroup> slices: array<vec4<f32>, 64>; // [slice of the inner axis][four columns]

// This thread's part of the four columns from `column` on.
fn slice_of(column: u32, slice: u32, transposed: bool) -> vec4<f32> {
    var sum = vec4<f32>(0.0);
    for (var k = 4u * slice; k < params.inner; k += 32u) {
        var left = load_a(0u, k, params.inner);
        if (INNER_TAIL) {
            left = select(vec4<f32>(0.0), left, exists(k));
        }
        sum += block_b(k, column, transposed) * left;
    }
    return sum;
}

// The sum over all slices of four columns, of which `four` is the number in the group.
fn total_of(four: u32) -> vec4<f32> {
    var sum = vec4<f32>(0.0);
    for (var slice = 0u; slice < 8u; slice++) {
        sum += slices[slice * 8u + four];
    }
    return sum;
}

@compute @workgroup_size(64)
fn nn(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = group_index(group, groups) * 32u;
    slices[lane] = slice_of(first + lane % 8u * 4u, lane / 8u, false);
    workgroupBarrier();
    if (lane < 8u) {
        finish_nn(0u, first + lane * 4u, total_of(lane));
    }
}

@compute @workgroup_size(64)
fn nt(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = group_index(group, groups) * 32u;
    slices[lane % 8u * 8u + lane / 8u] = slice_of(first + lane / 8u * 4u, lane % 8u, true);
    workgroupBarrier();
    if (lane < 8u) {
        finish_nt(0u, first + lane * 4u, total_of(lane));
    }
}
