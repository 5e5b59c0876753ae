// Normalisation over the last axis: layer norm (Ba et al. 2016) and RMS norm (Zhang and Sennrich 2019).
// y = x̂ · gain + bias, x̂ = (x − mean) · inverse;  inverse = 1 / √(mean((x − mean)²) + ε);  RMS: mean = 0.
// grad_x = inverse · (g − mean(g) − x̂ · mean(g · x̂)),  g = grad_y · gain;  RMS: without mean(g).
// grad_gain = Σ_rows grad_y · x̂;  grad_bias = Σ_rows grad_y, in two passes: partial sums of `chunk` rows, then their sum.
// x, y [rows, width]; statistics [rows, 2] = mean, inverse; partials [chunks, 2, width].
// Grid: forward and backward_x one workgroup a row. Snippets: index.
struct Params {
    rows: u32,
    width: u32,
    chunk: u32, // rows that one partial sum covers
    epsilon: f32,
}
override RMS: bool = false;
override BIAS: bool = false;
override ACCUMULATE: bool = false;
override LANES: u32 = 64u; // threads of a row

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> gain: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> statistics_out: array<f32>;
@group(0) @binding(7) var<storage, read> statistics: array<f32>;
@group(0) @binding(8) var<storage, read> grad_y: array<f32>;
@group(0) @binding(9) var<storage, read_write> grad_x: array<f32>;
@group(0) @binding(10) var<storage, read_write> partials_out: array<f32>;
@group(0) @binding(11) var<storage, read> partials: array<f32>;
@group(0) @binding(12) var<storage, read_write> grad_gain: array<f32>;
@group(0) @binding(13) var<storage, read_write> grad_bias: array<f32>;

var<workgroup> sums: array<vec2<f32>, LANES>;

// Sum over the workgroup's lanes, for all of them. Uniform control flow only.
fn sum_lanes(lane: u32, mine: vec2<f32>) -> vec2<f32> {
    sums[lane] = mine;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if (lane < half) {
            sums[lane] += sums[lane + half];
        }
        workgroupBarrier();
    }
    let total = sums[0];
    workgroupBarrier();
    return total;
}

@compute @workgroup_size(LANES)
fn forward(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = group_index(group, groups);
    if (row >= params.rows) {
        return;
    }
    let width = params.width;
    let start = row * width;
    var mean = 0.0;
    if (!RMS) {
        var mine = 0.0;
        for (var c = lane; c < width; c += LANES) {
            mine += x[start + c];
        }
        mean = sum_lanes(lane, vec2<f32>(mine, 0.0)).x / f32(width);
    }
    var mine = 0.0;
    for (var c = lane; c < width; c += LANES) {
        let d = x[start + c] - mean;
        mine += d * d;
    }
    let variance = sum_lanes(lane, vec2<f32>(mine, 0.0)).x;
    let inverse = inverseSqrt(variance / f32(width) + params.epsilon);
    if (lane == 0u) {
        statistics_out[2u * row] = mean;
        statistics_out[2u * row + 1u] = inverse;
    }
    for (var c = lane; c < width; c += LANES) {
        var value = (x[start + c] - mean) * inverse * gain[c];
        if (BIAS) {
            value += bias[c];
        }
        y[start + c] = value;
    }
}

// forward: y = (x − mean) · inverse · gain + bias
@compute @workgroup_size(LANES)
fn backward_x(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = group_index(group, groups);
    if (row >= params.rows) {
        return;
    }
    let width = params.width;
    let start = row * width;
    let mean = statistics[2u * row];
    let inverse = statistics[2u * row + 1u];
    var mine = vec2<f32>(0.0);
    for (var c = lane; c < width; c += LANES) {
        let g = grad_y[start + c] * gain[c];
        mine += vec2<f32>(g, g * (x[start + c] - mean) * inverse);
    }
    let means = sum_lanes(lane, mine) / f32(width);
    let mean_g = select(means.x, 0.0, RMS);
    for (var c = lane; c < width; c += LANES) {
        let g = grad_y[start + c] * gain[c];
        var value = inverse * (g - mean_g - (x[start + c] - mean) * inverse * means.y);
        if (ACCUMULATE) {
            value += grad_x[start + c];
        }
        grad_x[start + c] = value;
    }
}

// One thread a column and chunk of rows: neighbours walk the contiguous axis.
@compute @workgroup_size(64)
fn backward_gain_partial(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let width = params.width;
    let item = group_index(group, groups) * 64u + lane;
    let chunk = item / width;
    let column = item % width;
    let first = chunk * params.chunk;
    if (first >= params.rows) {
        return;
    }
    var sum_gain = 0.0;
    var sum_bias = 0.0;
    for (var row = first; row < min(first + params.chunk, params.rows); row++) {
        let g = grad_y[row * width + column];
        sum_gain += g * (x[row * width + column] - statistics[2u * row]) * statistics[2u * row + 1u];
        sum_bias += g;
    }
    partials_out[2u * chunk * width + column] = sum_gain;
    partials_out[(2u * chunk + 1u) * width + column] = sum_bias;
}

@compute @workgroup_size(64)
fn backward_gain(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let width = params.width;
    let column = group_index(group, groups) * 64u + lane;
    if (column >= width) {
        return;
    }
    var sum_gain = 0.0;
    var sum_bias = 0.0;
    for (var chunk = 0u; chunk * params.chunk < params.rows; chunk++) {
        sum_gain += partials[2u * chunk * width + column];
        sum_bias += partials[(2u * chunk + 1u) * width + column];
    }
    grad_gain[column] = sum_gain + select(0.0, grad_gain[column], ACCUMULATE);
    if (BIAS) {
        grad_bias[column] = sum_bias + select(0.0, grad_bias[column], ACCUMULATE);
    }
}
