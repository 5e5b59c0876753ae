// What no product's epilogue takes along: four neighbouring elements a thread, `count` in all.
// sum:             out = a + dropout(b)                       (a residual branch without output projection)
// add:             out = out + a
// copy:            out = a
// dropout_backward: out = a · scale                            undoes out = dropout(b)
// swiglu:          out = silu(gate) · up,  silu(x) = x σ(x)
// swiglu_backward: grad_gate = grad · up · silu'(gate);  grad_up = grad · silu(gate)
// Grid: one thread four elements. Snippets: index, step, dropout, activation.
struct Params {
    count: u32,
    site: u32,
    dropout: f32,
    width: u32, // of a row
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read> grad: array<f32>;
@group(0) @binding(6) var<storage, read_write> grad_a: array<f32>;
@group(0) @binding(7) var<storage, read_write> grad_b: array<f32>;
override ACCUMULATE_A: bool = false;
override ACCUMULATE_B: bool = false;

@compute @workgroup_size(64)
fn sum(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group_index(group, groups) * 64u + lane) * 4u;
    let key = dropout_key(params.site);
    for (var i = first; i < min(first + 4u, params.count); i++) {
        var value = b[i];
        if (DROPOUT) {
            value *= dropout_scale(key, step.first_row * params.width + i, params.dropout);
        }
        out[i] = a[i] + value;
    }
}

@compute @workgroup_size(64)
fn add(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group_index(group, groups) * 64u + lane) * 4u;
    for (var i = first; i < min(first + 4u, params.count); i++) {
        out[i] += a[i];
    }
}

@compute @workgroup_size(64)
fn copy(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group_index(group, groups) * 64u + lane) * 4u;
    for (var i = first; i < min(first + 4u, params.count); i++) {
        out[i] = a[i];
    }
}

@compute @workgroup_size(64)
fn dropout_backward(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group_index(group, groups) * 64u + lane) * 4u;
    let key = dropout_key(params.site);
    for (var i = first; i < min(first + 4u, params.count); i++) {
        out[i] = a[i] * dropout_scale(key, step.first_row * params.width + i, params.dropout);
    }
}

// a = gate, b = up
@compute @workgroup_size(64)
fn swiglu(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group_index(group, groups) * 64u + lane) * 4u;
    for (var i = first; i < min(first + 4u, params.count); i++) {
        out[i] = a[i] * sigmoid4(vec4<f32>(a[i])).x * b[i];
    }
}

// forward: out = silu(a) · b
@compute @workgroup_size(64)
fn swiglu_backward(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group_index(group, groups) * 64u + lane) * 4u;
    for (var i = first; i < min(first + 4u, params.count); i++) {
        let s = sigmoid4(vec4<f32>(a[i])).x;
        let slope = s * (1.0 + a[i] * (1.0 - s));
        grad_a[i] = grad[i] * b[i] * slope + select(0.0, grad_a[i], ACCUMULATE_A);
        grad_b[i] = grad[i] * a[i] * s + select(0.0, grad_b[i], ACCUMULATE_B);
    }
}
