// Adam (Kingma and Ba 2015); DECOUPLED, AdamW (Loshchilov and Hutter 2019).
// g = gradient · factor;  g += decay · w, or where DECOUPLED: w ← w · (1 − rate · decay);
// m ← β1 m + (1 − β1) g;  v ← β2 v + (1 − β2) g²;  w ← w − rate · (m / correction1) / (√(v / correction2) + ε).
// All flat [words], by fours. state = [factor, step of the halt or 0]: after a halt nothing changes.
// Grid: one thread four words. Snippets: index, step.
struct Params {
    words: u32, // of this stretch, a multiple of 4
    decayed: u32, // words of this stretch that decay, a multiple of 4: they stand first
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    weight_decay: f32,
    unused0: u32,
    unused1: u32,
}
override DECOUPLED: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> state: array<u32>;
@group(0) @binding(4) var<storage, read_write> weights: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> first: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> second: array<vec4<f32>>;

@compute @workgroup_size(64)
fn update(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    if (state[1] != 0u) {
        return;
    }
    let factor = bitcast<f32>(state[0]);
    let rate = step.learning_rate;
    let i = group_index(group, groups) * 64u + lane;
    if (4u * i >= params.words) {
        return;
    }
    let decay = select(0.0, params.weight_decay, 4u * i < params.decayed);
    var g = gradients[i] * factor;
    var w = weights[i];
    if (DECOUPLED) {
        w *= 1.0 - rate * decay;
    } else {
        g += decay * w;
    }
    let m = params.beta1 * first[i] + (1.0 - params.beta1) * g;
    let v = params.beta2 * second[i] + (1.0 - params.beta2) * g * g;
    first[i] = m;
    second[i] = v;
    weights[i] = w - rate * (m / step.correction1) / (sqrt(v / step.correction2) + params.epsilon);
}
