// The keys and values of a text so far, and attention of one new token over them (Pope et al. 2022, §2).
// keep: cache[r] = keys and values of row r of a window.
// attend: at position p, cache[p] = the token's own keys and values; out = Σ_{j ≤ p} P_j · v_j, P = softmax(q · k_j · scale).
// qkv [rows, (heads + 2 · kv_heads) · HEAD_DIM]: all q, all k, all v, head-major in each; of attend one row. cache
// [context, 2 · kv_heads · HEAD_DIM]: all k, all v. out [heads · HEAD_DIM]. place [1]: p.
// Grid: keep a thread a word; attend a workgroup a head and 64 columns of it. It meets 64 keys at a time, as many times as there
// are positions so far, and takes the last key and value from qkv: nobody reads what another workgroup writes.
// Snippets: index.
struct Params {
    rows: u32,
    heads: u32,
    kv_heads: u32,
    scale: f32,
}
override HEAD_DIM: u32 = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> qkv: array<f32>;
@group(0) @binding(3) var<storage, read_write> cache: array<f32>;
@group(0) @binding(4) var<storage, read> place: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

// A score that is not there: exp(HIDDEN - maximum) is 0.
const HIDDEN: f32 = -1e30;

@compute @workgroup_size(64)
fn keep(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 64u + lane;
    let words = 2u * params.kv_heads * HEAD_DIM;
    let queries = params.heads * HEAD_DIM;
    let row = item / words;
    if (row < params.rows) {
        cache[item] = qkv[row * (queries + words) + queries + item % words];
    }
}

// [key][slice of the columns], rows 9 apart so that neighbours meet different banks.
var<workgroup> partial: array<f32, 576>;
var<workgroup> scores: array<f32, 64>;

// Word `at` of the keys and values of position j.
fn kept(j: u32, position: u32, at: u32) -> f32 {
    if (j == position) {
        return qkv[params.heads * HEAD_DIM + at];
    }
    return cache[j * 2u * params.kv_heads * HEAD_DIM + at];
}

@compute @workgroup_size(64)
fn attend(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let blocks = (HEAD_DIM + 63u) / 64u;
    let item = group_index(group, groups);
    if (item >= params.heads * blocks) {
        return;
    }
    let head = item / blocks;
    let sharing = params.heads / params.kv_heads;
    let key = head / sharing * HEAD_DIM;
    let value = key + params.kv_heads * HEAD_DIM;
    let column = item % blocks * 64u + lane;
    let position = place[0];
    let count = position + 1u;
    // Eight threads a key, so that they read what lies side by side.
    let x = lane % 8u;
    let y = lane / 8u;
    var maximum = HIDDEN;
    var total = 0.0;
    var sum = 0.0;
    for (var first = 0u; first < count; first += 64u) {
        for (var n = y; n < 64u; n += 8u) {
            var dot = 0.0;
            if (first + n < count) {
                for (var c = x; c < HEAD_DIM; c += 8u) {
                    dot += qkv[head * HEAD_DIM + c] * kept(first + n, position, key + c);
                }
            }
            partial[n * 9u + x] = dot;
        }
        workgroupBarrier(); // partial is there, and the last reader of scores is done
        var score = HIDDEN;
        if (first + lane < count) {
            score = 0.0;
            for (var n = 0u; n < 8u; n++) {
                score += partial[lane * 9u + n];
            }
            score *= params.scale;
        }
        scores[lane] = score;
        workgroupBarrier();
        let met = min(64u, count - first);
        var larger = maximum;
        for (var n = 0u; n < met; n++) {
            larger = max(larger, scores[n]);
        }
        let fade = exp(maximum - larger);
        maximum = larger;
        total *= fade;
        sum *= fade;
        for (var n = 0u; n < met; n++) {
            let p = exp(scores[n] - larger);
            total += p;
            if (column < HEAD_DIM) {
                sum += p * kept(first + n, position, value + column);
            }
        }
    }
    if (column < HEAD_DIM) {
        out[head * HEAD_DIM + column] = sum / total;
        if (head % sharing == 0u) {
            let at = position * 2u * params.kv_heads * HEAD_DIM;
            cache[at + key + column] = qkv[params.heads * HEAD_DIM + key + column];
            cache[at + value + column] = qkv[params.heads * HEAD_DIM + value + column];
        }
    }
}
