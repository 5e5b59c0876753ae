// Stochastic gradient descent: g = gradient · factor + decay · w;  w ← w − rate · g.
// All flat [words], by fours. state = [factor, step of the halt or 0]: after a halt nothing changes.
// Grid: one thread four words. Snippets: index, step.
struct Params {
    words: u32, // of this stretch, a multiple of 4
    decayed: u32, // words of this stretch that decay, a multiple of 4: they stand first
    weight_decay: f32,
    unused0: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> state: array<u32>;
@group(0) @binding(4) var<storage, read_write> weights: array<vec4<f32>>;

@compute @workgroup_size(64)
fn update(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    if (state[1] != 0u) {
        return;
    }
    let factor = bitcast<f32>(state[0]);
    let i = group_index(group, groups) * 64u + lane;
    if (4u * i >= params.words) {
        return;
    }
    let decay = select(0.0, params.weight_decay, 4u * i < params.decayed);
    let w = weights[i];
    let g = gradients[i] * factor + decay * w;
    weights[i] = w - step.learning_rate * g;
}
