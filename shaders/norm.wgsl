// Normalisation over the last axis: layer norm (Ba et al. 2016) and RMS norm (Zhang and Sennrich 2019).
// y = x̂ · gain + bias, x̂ = (x − mean) · inverse;  inverse = 1 / √(mean((x − mean)²) + ε);  RMS: mean = 0.
// grad_x = inverse · (g − mean(g) − x̂ · mean(g · x̂)),  g = grad_y · gain;  RMS: without mean(g).
// grad_gain = Σ_rows grad_y · x̂;  grad_bias = Σ_rows grad_y: backward_x leaves sums of chunks of rows, backward_gain adds up
// those of all norms of a model at once.
// x, y [rows, width]; statistics [rows, 2] = mean, inverse; partials [vectors, chunks, width], a norm's gain before its bias;
// gradients [vectors, width], each `stride` words behind the last.
// Grid: forward one workgroup a row; backward_x one a chunk of rows; backward_gain one thread a sum. Snippets: index.
struct Params {
    rows: u32,
    width: u32,
    vectors: u32, // gains and biases to sum
    partials_stride: u32, // words from one's partial sums to the next's
    gradients_stride: u32, // and from its gradient to the next's
    epsilon: f32,
}
override RMS: bool = false;
override BIAS: bool = false;
override ACCUMULATE: bool = false;
override LANES: u32 = 64u; // threads of a row, in forward
override CHUNK: u32 = 16u; // rows of a workgroup of backward_x, a power of two
override CHUNK_LANES: u32 = 256u / CHUNK; // its threads that sum a row

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
@group(0) @binding(12) var<storage, read_write> gradients: array<f32>;

var<workgroup> sums: array<f32, LANES>;
var<workgroup> chunk_sums: array<vec2<f32>, 256>; // [row][lane]: g, g · x̂
var<workgroup> chunk_rows: array<vec4<f32>, CHUNK>; // mean, inverse, mean(g), mean(g · x̂)

// Sum over the workgroup's lanes, for all of them. Uniform control flow only.
fn sum_lanes(lane: u32, mine: f32) -> f32 {
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
        mean = sum_lanes(lane, mine) / f32(width);
    }
    var mine = 0.0;
    for (var c = lane; c < width; c += LANES) {
        let d = x[start + c] - mean;
        mine += d * d;
    }
    let variance = sum_lanes(lane, mine);
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
// First a row's means, by CHUNK_LANES threads each; then every thread walks down columns of the chunk, so that what the gain's and
// the bias's gradients get of it is a sum in a register.
@compute @workgroup_size(256)
fn backward_x(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let chunk = group_index(group, groups);
    let first = chunk * CHUNK;
    if (first >= params.rows) {
        return;
    }
    let width = params.width;
    let lane = thread % CHUNK_LANES;
    // Rows beyond the last stand for it, and nobody reads their means.
    let row = min(first + thread / CHUNK_LANES, params.rows - 1u);
    let mean = statistics[2u * row];
    let inverse = statistics[2u * row + 1u];
    var mine = vec2<f32>(0.0);
    for (var c = lane; c < width; c += CHUNK_LANES) {
        let g = grad_y[row * width + c] * gain[c];
        mine += vec2<f32>(g, g * (x[row * width + c] - mean) * inverse);
    }
    chunk_sums[thread] = mine;
    workgroupBarrier();
    for (var half = CHUNK_LANES / 2u; half > 0u; half /= 2u) {
        if (lane < half) {
            chunk_sums[thread] += chunk_sums[thread + half];
        }
        workgroupBarrier();
    }
    if (lane == 0u) {
        let means = chunk_sums[thread] / f32(width);
        chunk_rows[thread / CHUNK_LANES] = vec4<f32>(mean, inverse, select(means.x, 0.0, RMS), means.y);
    }
    workgroupBarrier();
    for (var c = thread; c < width; c += 256u) {
        var sum_gain = 0.0;
        var sum_bias = 0.0;
        for (var r = 0u; r < min(CHUNK, params.rows - first); r++) {
            let at = (first + r) * width + c;
            let known = chunk_rows[r];
            let g = grad_y[at];
            let normal = (x[at] - known.x) * known.y;
            var value = known.y * (g * gain[c] - known.z - normal * known.w);
            if (ACCUMULATE) {
                value += grad_x[at];
            }
            grad_x[at] = value;
            sum_gain += g * normal;
            sum_bias += g;
        }
        partials_out[chunk * width + c] = sum_gain;
        if (BIAS) {
            partials_out[params.partials_stride + chunk * width + c] = sum_bias;
        }
    }
}

// One thread a column of a gain or a bias.
@compute @workgroup_size(64)
fn backward_gain(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 64u + lane;
    let vector = item / params.width;
    let column = item % params.width;
    if (vector >= params.vectors) {
        return;
    }
    let start = vector * params.partials_stride + column;
    var sum = 0.0;
    for (var chunk = 0u; chunk * CHUNK < params.rows; chunk++) {
        sum += partials[start + chunk * params.width];
    }
    let at = vector * params.gradients_stride + column;
    gradients[at] = sum + select(0.0, gradients[at], ACCUMULATE);
}
