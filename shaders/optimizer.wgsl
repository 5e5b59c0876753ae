// Before the update, whatever it is: the gradient's global norm, clipping by it (Pascanu et al. 2013), finiteness.
// square_sums: sums[i] = Σ gradient² of part i.  settle: norm = √Σ sums; factor = min(1, clip / (norm + 1e-6)); a norm or
// loss that is not finite halts: an update then changes nothing, now and in every later step, until the host clears it.
// All flat [words], read by fours: tensors start at multiples of 64. state = [factor, step of the halt or 0].
// Grid: square_sums one workgroup a stretch's part; settle one thread. Snippets: index, step.
struct Params {
    words: u32, // of this stretch, a multiple of 4
    parts: u32, // how many sums
    first_part: u32, // of this stretch
    clip: f32,
}
override LANES: u32 = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> sums_out: array<f32>;
@group(0) @binding(4) var<storage, read> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> state_out: array<u32>;
@group(0) @binding(6) var<storage, read_write> ring: array<f32>;
@group(0) @binding(7) var<storage, read> loss: array<f32>;

var<workgroup> lane_sums: array<f32, LANES>;

// Of every `stride`-th four from `begin` to `end`.
fn square_sum(begin: u32, end: u32, stride: u32) -> f32 {
    var sum = vec4<f32>(0.0);
    for (var i = begin; i < end; i += stride) {
        sum += gradients[i] * gradients[i];
    }
    return dot(sum, vec4<f32>(1.0));
}

// Fours of a part.
fn part_length() -> u32 {
    return (params.words / 4u + params.parts - 1u) / params.parts;
}

@compute @workgroup_size(LANES)
fn square_sums(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let length = part_length();
    let begin = group.x * length;
    lane_sums[lane] = square_sum(begin + lane, min(begin + length, params.words / 4u), LANES);
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if (lane < half) {
            lane_sums[lane] += lane_sums[lane + half];
        }
        workgroupBarrier();
    }
    if (lane == 0u) {
        sums_out[params.first_part + group.x] = lane_sums[0];
    }
}

// Not x != x: some compilers assume that NaN never happens.
fn finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

@compute @workgroup_size(1)
fn settle() {
    var square = 0.0;
    for (var i = 0u; i < params.parts; i++) {
        square += sums[i];
    }
    let norm = sqrt(square);
    if ((!finite(square) || !finite(loss[0])) && state_out[1] == 0u) {
        state_out[1] = step.step;
    }
    var factor = 1.0;
    if (params.clip > 0.0) {
        factor = min(1.0, params.clip / (norm + 1e-6));
    }
    state_out[0] = bitcast<u32>(factor);
    ring[4u * step.slot + 1u] = loss[0];
    ring[4u * step.slot + 2u] = norm;
    ring[4u * step.slot + 3u] = step.learning_rate;
}
