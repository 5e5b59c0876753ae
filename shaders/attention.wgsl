// Multi-head attention, grouped-query and causal where asked.
// out_i = Σ_j P_ij · D_ij · v_j;  P_ij = exp(q_i · k_j · scale − L_i);  L_i = log Σ_j exp(q_i · k_j · scale), over the keys j
// that query i sees;  scale = 1 / √HEAD_DIM;  D the dropout scale of element ((b · heads + h) · seq + i) · seq + j, where b counts the windows of the whole step.
// grad_v_j = Σ_i D_ij · P_ij · grad_out_i;  dS_ij = P_ij · (D_ij · (grad_out_i · v_j) − delta_i) · scale;
// delta_i = grad_out_i · out_i;  grad_q_i = Σ_j dS_ij · k_j;  grad_k_j = Σ_i dS_ij · q_i.
// (Rabe and Staats 2021; Dao et al. 2022: nothing of seq² is stored, P is computed again from L.)
// qkv, grad_qkv [batch, seq, (heads + 2 · kv_heads) · HEAD_DIM]: all q, all k, all v, head-major in each; out, grad_out
// [batch, seq, heads · HEAD_DIM]; log_sum_exp, delta [batch, heads, seq]; weights [seq, seq].
// A workgroup owns 32 rows of one head and 64 columns of what it writes, and meets 32 rows of the other side at a time through
// workgroup memory. forward and backward_q own queries and meet keys; backward_kv owns keys and meets the queries of every head
// that reads them.
// Grid: 8 × 8 threads a group; groups: tiles of 32 rows × (batch, head) × blocks of 64 columns. A head of more than 64
// columns computes its scores once for each block: registers stay bounded, whatever HEAD_DIM is. weights_of_head: a thread a
// query and four keys. Snippets: index, step, dropout, attention_vector or attention_scalar.
struct Params {
    batch: u32,
    seq: u32,
    heads: u32,
    kv_heads: u32,
    head: u32, // weights alone
    site: u32,
    rate: f32,
    scale: f32,
}
override CAUSAL: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read_write> log_sum_exp_out: array<f32>;
@group(0) @binding(6) var<storage, read> log_sum_exp: array<f32>;
@group(0) @binding(8) var<storage, read_write> delta_out: array<f32>;
@group(0) @binding(9) var<storage, read> delta: array<f32>;
@group(0) @binding(11) var<storage, read_write> weights: array<f32>;

// A score that is not there. exp(HIDDEN - L) is 0, and unlike an infinity it leaves no NaN behind when subtracted.
const HIDDEN: f32 = -1e30;

// First word of a query, key or value, and of a row of out.
fn query_at(b: u32, head: u32, i: u32) -> u32 {
    return ((b * params.seq + i) * (params.heads + 2u * params.kv_heads) + head) * HEAD_DIM;
}
fn key_at(b: u32, kv_head: u32, j: u32) -> u32 {
    return query_at(b, params.heads + kv_head, j);
}
fn value_at(b: u32, kv_head: u32, j: u32) -> u32 {
    return query_at(b, params.heads + params.kv_heads + kv_head, j);
}
fn out_at(b: u32, head: u32, i: u32) -> u32 {
    return ((b * params.seq + i) * params.heads + head) * HEAD_DIM;
}
fn statistic_at(b: u32, head: u32, i: u32) -> u32 {
    return (b * params.heads + head) * params.seq + i;
}
fn kv_head_of(head: u32) -> u32 {
    return head / (params.heads / params.kv_heads);
}

const FOUR: vec4<u32> = vec4<u32>(0u, 1u, 2u, 3u);

// Which queries see which keys. Rows beyond the last are computed and not stored; keys beyond it are hidden.
fn sees(i: vec4<u32>, j: vec4<u32>) -> vec4<bool> {
    if (CAUSAL) {
        return (j <= i) & (j < vec4<u32>(params.seq));
    }
    return j < vec4<u32>(params.seq);
}

// An element's number, for its dropout.
fn element(series: u32, i: u32, j: u32) -> u32 {
    let first_series = step.first_row / params.seq * params.heads;
    return ((first_series + series) * params.seq + i) * params.seq + j;
}

// D of one query and four keys from j on.
fn dropout_of_query(key: u32, series: u32, i: u32, j: u32) -> vec4<f32> {
    return dropout_scale4(key, element(series, i, j), params.rate);
}

// D of one key and four queries from i on.
fn dropout_of_key(key: u32, series: u32, i: u32, j: u32) -> vec4<f32> {
    if (!DROPOUT) {
        return vec4<f32>(1.0);
    }
    let at = element(series, i, j);
    return vec4<f32>(
        dropout_scale(key, at, params.rate),
        dropout_scale(key, at + params.seq, params.rate),
        dropout_scale(key, at + 2u * params.seq, params.rate),
        dropout_scale(key, at + 3u * params.seq, params.rate),
    );
}

const QKV: u32 = 0u;
const GRAD_OUT: u32 = 1u;

// Two tiles of 32 rows × 16 columns for dot_tiles, or one of 16 rows × 64 columns for mix. Rows of the former are 5 fours
// apart: 4 would put the rows that neighbours read into the same banks.
var<workgroup> tile: array<vec4<f32>, 320>;
// [owned row][met row / 4], rows 9 fours apart.
var<workgroup> mixing: array<vec4<f32>, 288>;
var<workgroup> shared_fours: array<vec4<f32>, 64>;

// What a thread knows of its place: it owns rows y, y + 8, y + 16, y + 24 of the tile; of dots the met rows 4x to 4x + 3, of
// sums the fours of columns x and x + 8.
struct Place {
    lane: u32,
    x: u32,
    y: u32,
}
fn place_of(lane: u32) -> Place {
    return Place(lane, lane % 8u, lane / 8u);
}

// A side of a product: row r of its tile starts at word start + min(first + r, seq - 1) · stride.
struct Side {
    source: u32,
    start: u32,
    stride: u32,
    first: u32,
}
fn load(side: Side, row: u32, c: u32) -> vec4<f32> {
    if (c >= (HEAD_DIM + 3u) / 4u) {
        return vec4<f32>(0.0);
    }
    let at = side.start + min(side.first + row, params.seq - 1u) * side.stride;
    if (side.source == GRAD_OUT) {
        return load_grad_out(at, c);
    }
    return load_qkv(at, c);
}

// sum + Σ_c owned[c] · met[c], term by term, which is a multiply-add each.
fn add_four(sum: vec4<f32>, owned: vec4<f32>, met: mat4x4<f32>) -> vec4<f32> {
    return sum + met[0] * owned.x + met[1] * owned.y + met[2] * owned.z + met[3] * owned.w;
}

// [n][m] = owned row y + 8n · met row 4x + m.
fn dot_tiles(place: Place, owned: Side, met: Side) -> mat4x4<f32> {
    var dots = mat4x4<f32>();
    for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c += 4u) {
        workgroupBarrier(); // the last reader of `tile` is done
        for (var n = 0u; n < 2u; n++) {
            let row = (place.lane + 64u * n) / 4u;
            let column = place.lane % 4u;
            tile[row * 5u + column] = load(owned, row, c + column);
            // Met row 4x + m lies at 8m + x: neighbours then read neighbouring rows.
            tile[160u + (row % 4u * 8u + row / 4u) * 5u + column] = load(met, row, c + column);
        }
        workgroupBarrier();
        for (var column = 0u; column < 4u; column++) {
            let right = 160u + place.x * 5u + column;
            let m = transpose(mat4x4<f32>(tile[right], tile[right + 40u], tile[right + 80u], tile[right + 120u]));
            let left = place.y * 5u + column;
            dots[0] = add_four(dots[0], tile[left], m);
            dots[1] = add_four(dots[1], tile[left + 40u], m);
            dots[2] = add_four(dots[2], tile[left + 80u], m);
            dots[3] = add_four(dots[3], tile[left + 120u], m);
        }
    }
    return dots;
}

// Sums of the owned rows: [n] of row y + 8n; a: four of columns x of the block, b: x + 8, which a head of 32 columns does not have.
struct Sums {
    a: mat4x4<f32>,
    b: mat4x4<f32>,
}

// Makes `rows` of owned rows y + 8n and met rows 4x to 4x + 3 known to the group. After the last reader of `mixing`.
fn share(place: Place, rows: mat4x4<f32>) {
    let at = place.y * 9u + place.x;
    mixing[at] = rows[0];
    mixing[at + 72u] = rows[1];
    mixing[at + 144u] = rows[2];
    mixing[at + 216u] = rows[3];
}

// sums + the fours of one met row that begin at `at`, times m[n] for owned row y + 8n. Row by row: the fours of four rows at once
// would take more registers than leave two waves a SIMD.
fn add_row(before: Sums, at: u32, m: vec4<f32>) -> Sums {
    var sums = before;
    let a = tile[at];
    sums.a[0] += a * m.x;
    sums.a[1] += a * m.y;
    sums.a[2] += a * m.z;
    sums.a[3] += a * m.w;
    if (HEAD_DIM > 32u) {
        let b = tile[at + 8u];
        sums.b[0] += b * m.x;
        sums.b[1] += b * m.y;
        sums.b[2] += b * m.z;
        sums.b[3] += b * m.w;
    }
    return sums;
}

// sums + Σ_met rows mixing[owned][met] · met row, columns from 4 · column on.
fn mix(place: Place, before: Sums, met: Side, column: u32) -> Sums {
    var sums = before;
    for (var half = 0u; half < 2u; half++) {
        workgroupBarrier(); // the last reader of `tile` is done, and `mixing` is there
        for (var n = 0u; n < 4u; n++) {
            let row = (place.lane + 64u * n) / 16u;
            tile[place.lane + 64u * n] = load(met, 16u * half + row, column + place.lane % 16u);
        }
        workgroupBarrier();
        for (var four = 0u; four < 4u; four++) {
            let at = four * 64u + place.x;
            let at_m = place.y * 9u + half * 4u + four;
            let m = transpose(mat4x4<f32>(mixing[at_m], mixing[at_m + 72u], mixing[at_m + 144u], mixing[at_m + 216u]));
            sums = add_row(sums, at, m[0]);
            sums = add_row(sums, at + 16u, m[1]);
            sums = add_row(sums, at + 32u, m[2]);
            sums = add_row(sums, at + 48u, m[3]);
        }
    }
    return sums;
}

// Over the eight threads that own the same rows, for all of them.
fn maximum_of_eight(place: Place, mine: vec4<f32>) -> vec4<f32> {
    workgroupBarrier();
    shared_fours[place.lane] = mine;
    workgroupBarrier();
    var result = shared_fours[place.y * 8u];
    for (var n = 1u; n < 8u; n++) {
        result = max(result, shared_fours[place.y * 8u + n]);
    }
    return result;
}
fn sum_of_eight(place: Place, mine: vec4<f32>) -> vec4<f32> {
    workgroupBarrier();
    shared_fours[place.lane] = mine;
    workgroupBarrier();
    var result = shared_fours[place.y * 8u];
    for (var n = 1u; n < 8u; n++) {
        result += shared_fours[place.y * 8u + n];
    }
    return result;
}

fn scale_rows(a: mat4x4<f32>, by: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(a[0] * by.x, a[1] * by.y, a[2] * by.z, a[3] * by.w);
}
fn row_sum(rows: mat4x4<f32>) -> vec4<f32> {
    let t = transpose(rows);
    return t[0] + t[1] + t[2] + t[3];
}
fn row_maximum(rows: mat4x4<f32>) -> vec4<f32> {
    let t = transpose(rows);
    return max(max(t[0], t[1]), max(t[2], t[3]));
}

// The four rows that a thread owns.
fn owned_rows(place: Place, first: u32) -> vec4<u32> {
    return vec4<u32>(first + place.y) + 8u * FOUR;
}

// Scaled scores of query i and keys from j; HIDDEN where it does not see them.
fn score_row(dots: vec4<f32>, i: u32, j: u32) -> vec4<f32> {
    return select(vec4<f32>(HIDDEN), dots * params.scale, sees(vec4<u32>(i), vec4<u32>(j) + FOUR));
}

@compute @workgroup_size(64)
fn forward(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let blocks = (HEAD_DIM + 63u) / 64u;
    let count = params.batch * params.heads;
    let tiles = (params.seq + 31u) / 32u;
    let item = group_index(group, groups);
    if (item >= blocks * count * tiles) {
        return;
    }
    let place = place_of(lane);
    let block = item % blocks;
    let series = item / blocks % count;
    let b = series / params.heads;
    let head = series % params.heads;
    let kv_head = kv_head_of(head);
    // The last queries see the most keys: they go first, and the short work fills the gaps at the end.
    let first = (tiles - 1u - item / blocks / count) * 32u;
    let stride = query_at(0u, 0u, 1u);
    let queries = Side(QKV, query_at(b, head, 0u), stride, first);
    let i = owned_rows(place, first);
    let key = select(0u, dropout_key(params.site), DROPOUT);
    var sums = Sums();
    var maximum = vec4<f32>(HIDDEN);
    var sum = vec4<f32>(0.0); // of this thread's keys alone
    let end = select(params.seq, min(params.seq, first + 32u), CAUSAL);
    for (var met = 0u; met < end; met += 32u) {
        let dots = dot_tiles(place, queries, Side(QKV, key_at(b, kv_head, 0u), stride, met));
        let j = met + 4u * place.x;
        let scores = mat4x4<f32>(
            score_row(dots[0], i.x, j), score_row(dots[1], i.y, j), score_row(dots[2], i.z, j), score_row(dots[3], i.w, j),
        );
        let larger = max(maximum, maximum_of_eight(place, row_maximum(scores)));
        let fade = exp(maximum - larger);
        maximum = larger;
        var p = mat4x4<f32>(
            exp(scores[0] - larger.x), exp(scores[1] - larger.y), exp(scores[2] - larger.z), exp(scores[3] - larger.w),
        );
        sum = sum * fade + row_sum(p);
        if (DROPOUT) {
            p[0] *= dropout_of_query(key, series, i.x, j);
            p[1] *= dropout_of_query(key, series, i.y, j);
            p[2] *= dropout_of_query(key, series, i.z, j);
            p[3] *= dropout_of_query(key, series, i.w, j);
        }
        share(place, p);
        sums.a = scale_rows(sums.a, fade);
        sums.b = scale_rows(sums.b, fade);
        sums = mix(place, sums, Side(QKV, value_at(b, kv_head, 0u), stride, met), 16u * block);
    }
    sum = sum_of_eight(place, sum);
    sums.a = scale_rows(sums.a, 1.0 / sum);
    sums.b = scale_rows(sums.b, 1.0 / sum);
    let c = 16u * block + place.x;
    for (var n = 0u; n < 4u; n++) {
        let row = first + place.y + 8u * n;
        if (row < params.seq) {
            if (c < (HEAD_DIM + 3u) / 4u) {
                store_out(out_at(b, head, row), c, sums.a[n]);
            }
            if (c + 8u < (HEAD_DIM + 3u) / 4u) {
                store_out(out_at(b, head, row), c + 8u, sums.b[n]);
            }
            if (c == 0u) {
                log_sum_exp_out[statistic_at(b, head, row)] = maximum[n] + log(sum[n]);
            }
        }
    }
}

fn store_grad(place: Place, start: u32, first: u32, column: u32, sums: Sums) {
    let c = column + place.x;
    for (var n = 0u; n < 4u; n++) {
        let row = first + place.y + 8u * n;
        if (row < params.seq) {
            let at = start + row * query_at(0u, 0u, 1u);
            if (c < (HEAD_DIM + 3u) / 4u) {
                store_grad_qkv(at, c, sums.a[n]);
            }
            if (c + 8u < (HEAD_DIM + 3u) / 4u) {
                store_grad_qkv(at, c + 8u, sums.b[n]);
            }
        }
    }
}

fn statistics_at(b: u32, head: u32, rows: vec4<u32>) -> vec4<u32> {
    return vec4<u32>(statistic_at(b, head, 0u)) + min(rows, vec4<u32>(params.seq - 1u));
}
fn four_log_sum_exp(at: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(log_sum_exp[at.x], log_sum_exp[at.y], log_sum_exp[at.z], log_sum_exp[at.w]);
}

// dS of query i and four keys from j on.
fn grad_score_row(dots: vec4<f32>, grad_dots: vec4<f32>, lse: f32, d: f32, key: u32, series: u32, i: u32, j: u32) -> vec4<f32> {
    let p = exp(score_row(dots, i, j) - lse);
    if (DROPOUT) {
        return p * (grad_dots * dropout_of_query(key, series, i, j) - d) * params.scale;
    }
    return p * (grad_dots - d) * params.scale;
}

// forward: S = q · kᵀ · scale, P = softmax(S), out = (P ∘ D) · v. Writes delta for backward_kv.
@compute @workgroup_size(64)
fn backward_q(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let blocks = (HEAD_DIM + 63u) / 64u;
    let count = params.batch * params.heads;
    let tiles = (params.seq + 31u) / 32u;
    let item = group_index(group, groups);
    if (item >= blocks * count * tiles) {
        return;
    }
    let place = place_of(lane);
    let block = item % blocks;
    let series = item / blocks % count;
    let b = series / params.heads;
    let head = series % params.heads;
    let kv_head = kv_head_of(head);
    let first = (tiles - 1u - item / blocks / count) * 32u;
    let stride = query_at(0u, 0u, 1u);
    let queries = Side(QKV, query_at(b, head, 0u), stride, first);
    let outs = Side(GRAD_OUT, out_at(b, head, 0u), params.heads * HEAD_DIM, first);
    let i = owned_rows(place, first);
    let key = select(0u, dropout_key(params.site), DROPOUT);
    let lse = four_log_sum_exp(statistics_at(b, head, i));
    var d = vec4<f32>(0.0);
    for (var n = 0u; n < 4u; n++) {
        let at = out_at(b, head, min(i[n], params.seq - 1u));
        for (var c = place.x; c < (HEAD_DIM + 3u) / 4u; c += 8u) {
            d[n] += dot(load_out(at, c), load_grad_out(at, c));
        }
    }
    d = sum_of_eight(place, d);
    var rest = vec4<f32>(0.0); // Σ_j dS_ij
    var sums = Sums();
    let end = select(params.seq, min(params.seq, first + 32u), CAUSAL);
    for (var met = 0u; met < end; met += 32u) {
        let keys = Side(QKV, key_at(b, kv_head, 0u), stride, met);
        let dots = dot_tiles(place, queries, keys);
        let grad_dots = dot_tiles(place, outs, Side(QKV, value_at(b, kv_head, 0u), stride, met));
        let j = met + 4u * place.x;
        let grad_scores = mat4x4<f32>(
            grad_score_row(dots[0], grad_dots[0], lse.x, d.x, key, series, i.x, j),
            grad_score_row(dots[1], grad_dots[1], lse.y, d.y, key, series, i.y, j),
            grad_score_row(dots[2], grad_dots[2], lse.z, d.z, key, series, i.z, j),
            grad_score_row(dots[3], grad_dots[3], lse.w, d.w, key, series, i.w, j),
        );
        rest += vec4<f32>(1.0) * grad_scores;
        share(place, grad_scores);
        sums = mix(place, sums, keys, 16u * block);
    }
    // Σ_j dS_ij is 0, as a softmax does not feel a shift; delta takes along what rounding leaves of it, so that the gradient of
    // a key's bias, which is 0 as well, is not noise that Adam makes whole steps of.
    rest = sum_of_eight(place, rest);
    if (block == 0u && place.x == 0u) {
        for (var n = 0u; n < 4u; n++) {
            if (i[n] < params.seq) {
                delta_out[statistic_at(b, head, i[n])] = d[n] + rest[n] / params.scale;
            }
        }
    }
    store_grad(place, query_at(b, head, 0u), first, 16u * block, sums);
}

// P of key j and four queries from i on.
fn weight_row(dots: vec4<f32>, lse: vec4<f32>, i: u32, j: u32) -> vec4<f32> {
    let queries = vec4<u32>(i) + FOUR;
    let there = sees(queries, vec4<u32>(j)) & (queries < vec4<u32>(params.seq));
    return exp(select(vec4<f32>(HIDDEN), dots * params.scale, there) - lse);
}

// forward: S = q · kᵀ · scale, P = softmax(S), out = (P ∘ D) · v, for every query head that reads this key and value.
@compute @workgroup_size(64)
fn backward_kv(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let blocks = (HEAD_DIM + 63u) / 64u;
    let count = params.batch * params.kv_heads;
    let tiles = (params.seq + 31u) / 32u;
    let item = group_index(group, groups);
    if (item >= blocks * count * tiles) {
        return;
    }
    let place = place_of(lane);
    let block = item % blocks;
    let b = item / blocks % count / params.kv_heads;
    let kv_head = item / blocks % count % params.kv_heads;
    let first = item / blocks / count * 32u;
    let stride = query_at(0u, 0u, 1u);
    let keys = Side(QKV, key_at(b, kv_head, 0u), stride, first);
    let values = Side(QKV, value_at(b, kv_head, 0u), stride, first);
    let j = owned_rows(place, first);
    let key = select(0u, dropout_key(params.site), DROPOUT);
    let sharing = params.heads / params.kv_heads;
    var sums_k = Sums();
    var sums_v = Sums();
    for (var head = kv_head * sharing; head < (kv_head + 1u) * sharing; head++) {
        let series = b * params.heads + head;
        for (var met = select(0u, first, CAUSAL); met < params.seq; met += 32u) {
            let queries = Side(QKV, query_at(b, head, 0u), stride, met);
            let outs = Side(GRAD_OUT, out_at(b, head, 0u), params.heads * HEAD_DIM, met);
            var p = dot_tiles(place, keys, queries);
            let g = dot_tiles(place, values, outs);
            let i = met + 4u * place.x;
            let at = statistics_at(b, head, vec4<u32>(i) + FOUR);
            let lse = four_log_sum_exp(at);
            let d = vec4<f32>(delta[at.x], delta[at.y], delta[at.z], delta[at.w]);
            p[0] = weight_row(p[0], lse, i, j.x);
            p[1] = weight_row(p[1], lse, i, j.y);
            p[2] = weight_row(p[2], lse, i, j.z);
            p[3] = weight_row(p[3], lse, i, j.w);
            // dS row by row, at once: P and grad_out · v need then not be kept until P ∘ D is done with.
            let d0 = dropout_of_key(key, series, i, j.x);
            let s0 = p[0] * (g[0] * d0 - d) * params.scale;
            p[0] *= d0;
            let d1 = dropout_of_key(key, series, i, j.y);
            let s1 = p[1] * (g[1] * d1 - d) * params.scale;
            p[1] *= d1;
            let d2 = dropout_of_key(key, series, i, j.z);
            let s2 = p[2] * (g[2] * d2 - d) * params.scale;
            p[2] *= d2;
            let d3 = dropout_of_key(key, series, i, j.w);
            let s3 = p[3] * (g[3] * d3 - d) * params.scale;
            p[3] *= d3;
            share(place, p);
            sums_v = mix(place, sums_v, outs, 16u * block);
            workgroupBarrier(); // the last reader of `mixing` is done
            share(place, mat4x4<f32>(s0, s1, s2, s3));
            sums_k = mix(place, sums_k, queries, 16u * block);
        }
    }
    store_grad(place, key_at(b, kv_head, 0u), first, 16u * block, sums_k);
    store_grad(place, value_at(b, kv_head, 0u), first, 16u * block, sums_v);
}

// P of one query head of batch entry 0, for looking at: a thread a query and four keys.
@compute @workgroup_size(64)
fn weights_of_head(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 64u + lane;
    let fours = (params.seq + 3u) / 4u;
    let i = item / fours;
    let j = item % fours * 4u;
    if (i >= params.seq) {
        return;
    }
    let rows = min(vec4<u32>(j) + FOUR, vec4<u32>(params.seq - 1u));
    let keys = vec4<u32>(key_at(0u, kv_head_of(params.head), 0u)) + rows * query_at(0u, 0u, 1u);
    let query = query_at(0u, params.head, i);
    var dots = vec4<f32>(0.0);
    for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
        dots += load_qkv(query, c)
            * mat4x4<f32>(load_qkv(keys.x, c), load_qkv(keys.y, c), load_qkv(keys.z, c), load_qkv(keys.w, c));
    }
    let scores = select(vec4<f32>(HIDDEN), dots * params.scale, sees(vec4<u32>(i), vec4<u32>(j) + FOUR));
    let p = exp(scores - log_sum_exp[statistic_at(0u, params.head, i)]);
    for (var n = 0u; n < 4u; n++) {
        if (j + n < params.seq) {
            weights[i * params.seq + j + n] = p[n];
        }
    }
}
