// Attention for CPU adapters (formulas and shapes: attention): no barrier; a thread owns 4 · OWNED rows of one head and meets
// 4 · MET rows of the other side at a time, their scores in registers, its sums in the rows that it writes.
// forward and backward_q own queries and meet keys; backward_kv owns keys and meets the queries of every head that reads them.
// Grid: 8 threads a group; neighbours are heads, and have the same number of keys to meet. weights: a thread a query and
// four keys. Snippets: index, step, dropout, attention, attention_vector or attention_scalar.
// Why tiles: on these adapters a load of four words costs a hundred times what multiplying them costs. Why not larger ones:
// a browser's software adapter compiles 16 by 16 for ten seconds.
// Why every var has its zero written out: in Chromium 156 on SwiftShader one without keeps its value from the loop's last turn.
override OWNED: u32 = 1u; // 1 or 2
override MET: u32 = 1u; // 1 or 2

// [owned row][met row] each; as WGSL's matrices are lists of columns: block[owned row] is a vector over met rows.
struct Strip {
    c0: mat4x4<f32>,
    c1: mat4x4<f32>,
}
struct Tile {
    r0: Strip,
    r1: Strip,
}

// Four rows' columns 4c to 4c + 3; `at` their first words.
fn four_qkv(at: vec4<u32>, c: u32) -> mat4x4<f32> {
    return mat4x4<f32>(load_qkv(at.x, c), load_qkv(at.y, c), load_qkv(at.z, c), load_qkv(at.w, c));
}
fn four_grad_out(at: vec4<u32>, c: u32) -> mat4x4<f32> {
    return mat4x4<f32>(load_grad_out(at.x, c), load_grad_out(at.y, c), load_grad_out(at.z, c), load_grad_out(at.w, c));
}

// First words of four rows `stride` apart, from row `first` on; rows beyond the last stand for it.
fn four_rows(start: u32, stride: u32, first: u32) -> vec4<u32> {
    return vec4<u32>(start) + min(vec4<u32>(first) + FOUR, vec4<u32>(params.seq - 1u)) * stride;
}
struct Rows {
    b0: vec4<u32>,
    b1: vec4<u32>,
}
fn rows_from(start: u32, stride: u32, first: u32) -> Rows {
    return Rows(
        four_rows(start, stride, first),
        four_rows(start, stride, first + 4u),
    );
}

// 8 rows' columns 4c to 4c + 3, blocks beyond `count` left out.
fn strip_qkv(rows: Rows, count: u32, c: u32) -> Strip {
    var strip = Strip();
    strip.c0 = four_qkv(rows.b0, c);
    if (count > 1u) {
        strip.c1 = four_qkv(rows.b1, c);
    }
    return strip;
}
fn strip_grad_out(rows: Rows, count: u32, c: u32) -> Strip {
    var strip = Strip();
    strip.c0 = four_grad_out(rows.b0, c);
    if (count > 1u) {
        strip.c1 = four_grad_out(rows.b1, c);
    }
    return strip;
}
fn strip_transposed(strip: Strip) -> Strip {
    return Strip(transpose(strip.c0), transpose(strip.c1));
}

// sum[i][j] + Σ_c owned[i][c] · met[j][c]
fn dot_blocks(sum: Strip, owned: mat4x4<f32>, met_transposed: Strip) -> Strip {
    var result = sum;
    result.c0 += met_transposed.c0 * owned;
    if (MET > 1u) {
        result.c1 += met_transposed.c1 * owned;
    }
    return result;
}
fn dot_strips(sum: Tile, owned: Strip, met: Strip) -> Tile {
    let met_transposed = strip_transposed(met);
    var result = sum;
    result.r0 = dot_blocks(sum.r0, owned.c0, met_transposed);
    if (OWNED > 1u) {
        result.r1 = dot_blocks(sum.r1, owned.c1, met_transposed);
    }
    return result;
}

// Σ_j met[j] · tile[i][j], for four owned rows i.
fn mix(met: Strip, tile: Strip) -> mat4x4<f32> {
    var result = met.c0 * tile.c0;
    if (MET > 1u) {
        result += met.c1 * tile.c1;
    }
    return result;
}

fn exp_block(block: mat4x4<f32>, maximum: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        exp(block[0] - maximum.x),
        exp(block[1] - maximum.y),
        exp(block[2] - maximum.z),
        exp(block[3] - maximum.w),
    );
}
fn multiply_elements(a: mat4x4<f32>, b: mat4x4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3]);
}
fn scale_rows(a: mat4x4<f32>, by: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(a[0] * by.x, a[1] * by.y, a[2] * by.z, a[3] * by.w);
}

// Scaled scores of queries from i and keys from j, HIDDEN where a query does not see a key.
fn scores_of_queries(dots: mat4x4<f32>, i: u32, j: u32) -> mat4x4<f32> {
    let keys = vec4<u32>(j) + FOUR;
    return mat4x4<f32>(
        select(vec4<f32>(HIDDEN), dots[0] * params.scale, sees(vec4<u32>(i), keys)),
        select(vec4<f32>(HIDDEN), dots[1] * params.scale, sees(vec4<u32>(i + 1u), keys)),
        select(vec4<f32>(HIDDEN), dots[2] * params.scale, sees(vec4<u32>(i + 2u), keys)),
        select(vec4<f32>(HIDDEN), dots[3] * params.scale, sees(vec4<u32>(i + 3u), keys)),
    );
}
fn dropout_of_queries(key: u32, series: u32, i: u32, j: u32) -> mat4x4<f32> {
    return mat4x4<f32>(
        dropout_of_query(key, series, i, j),
        dropout_of_query(key, series, i + 1u, j),
        dropout_of_query(key, series, i + 2u, j),
        dropout_of_query(key, series, i + 3u, j),
    );
}

// The largest score and Σ exp(score − largest) of four queries so far.
struct Softmax {
    maximum: vec4<f32>,
    sum: vec4<f32>,
}
// What a chunk of keys adds to four queries.
struct Chunk {
    weights: Strip, // P · D of the keys so far, were there no more to come
    softmax: Softmax,
    fade: vec4<f32>, // what the sum over the earlier chunks is multiplied by
}

fn row_maximum(block: mat4x4<f32>) -> vec4<f32> {
    let t = transpose(block);
    return max(max(t[0], t[1]), max(t[2], t[3]));
}
fn row_sum(block: mat4x4<f32>) -> vec4<f32> {
    let t = transpose(block);
    return t[0] + t[1] + t[2] + t[3];
}

fn soften(dots: Strip, before: Softmax, key: u32, series: u32, i: u32, j: u32) -> Chunk {
    var s = Strip();
    s.c0 = scores_of_queries(dots.c0, i, j);
    var maximum = max(before.maximum, row_maximum(s.c0));
    if (MET > 1u) {
        s.c1 = scores_of_queries(dots.c1, i, j + 4u);
        maximum = max(maximum, row_maximum(s.c1));
    }
    let earlier = before.sum * exp(before.maximum - maximum);
    s.c0 = exp_block(s.c0, maximum);
    var sum = earlier + row_sum(s.c0);
    if (MET > 1u) {
        s.c1 = exp_block(s.c1, maximum);
        sum += row_sum(s.c1);
    }
    // Divided at once: the row that is written holds a mean at all times and needs no pass of its own at the end.
    let inverse = 1.0 / sum;
    s.c0 = scale_rows(s.c0, inverse);
    if (MET > 1u) {
        s.c1 = scale_rows(s.c1, inverse);
    }
    if (DROPOUT) {
        s.c0 = multiply_elements(s.c0, dropout_of_queries(key, series, i, j));
        if (MET > 1u) {
            s.c1 = multiply_elements(s.c1, dropout_of_queries(key, series, i, j + 4u));
        }
    }
    return Chunk(s, Softmax(maximum, sum), earlier * inverse);
}

// out[row] = out[row] · fade + add; beyond the last row nothing.
fn add_out_row(at: u32, c: u32, i: u32, first: bool, fade: f32, add: vec4<f32>) {
    if (i < params.seq) {
        var value = add;
        if (!first) {
            value += load_out_out(at, c) * fade;
        }
        store_out(at, c, value);
    }
}
fn add_out(at: vec4<u32>, c: u32, i: u32, first: bool, fade: vec4<f32>, add: mat4x4<f32>) {
    add_out_row(at.x, c, i, first, fade.x, add[0]);
    add_out_row(at.y, c, i + 1u, first, fade.y, add[1]);
    add_out_row(at.z, c, i + 2u, first, fade.z, add[2]);
    add_out_row(at.w, c, i + 3u, first, fade.w, add[3]);
}
fn add_grad_qkv_row(at: u32, c: u32, i: u32, first: bool, add: vec4<f32>) {
    if (i < params.seq) {
        var value = add;
        if (!first) {
            value += load_grad_qkv(at, c);
        }
        store_grad_qkv(at, c, value);
    }
}
fn add_grad_qkv(at: vec4<u32>, c: u32, i: u32, first: bool, add: mat4x4<f32>) {
    add_grad_qkv_row(at.x, c, i, first, add[0]);
    add_grad_qkv_row(at.y, c, i + 1u, first, add[1]);
    add_grad_qkv_row(at.z, c, i + 2u, first, add[2]);
    add_grad_qkv_row(at.w, c, i + 3u, first, add[3]);
}
fn store_log_sum_exp(at: u32, i: u32, softmax: Softmax) {
    let value = softmax.maximum + log(softmax.sum);
    for (var n = 0u; n < 4u; n++) {
        if (i + n < params.seq) {
            log_sum_exp_out[at + i + n] = value[n];
        }
    }
}

@compute @workgroup_size(8)
fn forward(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 8u + lane;
    let count = params.batch * params.heads;
    let tiles = (params.seq + 4u * OWNED - 1u) / (4u * OWNED);
    if (item >= count * tiles) {
        return;
    }
    let series = item % count;
    let b = series / params.heads;
    let head = series % params.heads;
    let kv_head = kv_head_of(head);
    // The last queries see the most keys: they go first, and the short work fills the gaps at the end.
    let i = (tiles - 1u - item / count) * 4u * OWNED;
    let stride = query_at(0u, 0u, 1u);
    let queries = rows_from(query_at(b, head, 0u), stride, i);
    let outs = rows_from(out_at(b, head, 0u), params.heads * HEAD_DIM, i);
    let key = select(0u, dropout_key(params.site), DROPOUT);
    let none = Softmax(vec4<f32>(HIDDEN), vec4<f32>(0.0));
    var softmax0 = none;
    var softmax1 = none;
    let end = select(params.seq, min(params.seq, i + 4u * OWNED), CAUSAL);
    for (var j = 0u; j < end; j += 4u * MET) {
        let keys = rows_from(key_at(b, kv_head, 0u), stride, j);
        var dots = Tile();
        for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
            dots = dot_strips(dots, strip_qkv(queries, OWNED, c), strip_qkv(keys, MET, c));
        }
        let chunk0 = soften(dots.r0, softmax0, key, series, i, j);
        softmax0 = chunk0.softmax;
        var chunk1 = Chunk();
        if (OWNED > 1u) {
            chunk1 = soften(dots.r1, softmax1, key, series, i + 4u, j);
            softmax1 = chunk1.softmax;
        }
        let values = rows_from(value_at(b, kv_head, 0u), stride, j);
        for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
            let met = strip_qkv(values, MET, c);
            add_out(outs.b0, c, i, j == 0u, chunk0.fade, mix(met, chunk0.weights));
            if (OWNED > 1u) {
                add_out(outs.b1, c, i + 4u, j == 0u, chunk1.fade, mix(met, chunk1.weights));
            }
        }
    }
    let at = statistic_at(b, head, 0u);
    store_log_sum_exp(at, i, softmax0);
    if (OWNED > 1u) {
        store_log_sum_exp(at, i + 4u, softmax1);
    }
}

// grad_out_i · out_i of four queries.
fn delta_of(at: vec4<u32>) -> vec4<f32> {
    var sum = mat4x4<f32>();
    for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
        sum[0] += load_out(at.x, c) * load_grad_out(at.x, c);
        sum[1] += load_out(at.y, c) * load_grad_out(at.y, c);
        sum[2] += load_out(at.z, c) * load_grad_out(at.z, c);
        sum[3] += load_out(at.w, c) * load_grad_out(at.w, c);
    }
    return row_sum(sum);
}

// delta of four queries, for backward_kv. Σ_j dS_ij is 0, as a softmax does not feel a shift; what rounding leaves of it, times
// every query, would be the gradient of a key's bias, which is 0 as well, and Adam would make whole steps of that noise. So
// delta takes the rest along: the sum over the keys that backward_kv sees is then smaller by an order.
fn store_delta(statistic: u32, i: u32, result: vec4<f32>) {
    for (var n = 0u; n < 4u; n++) {
        if (i + n < params.seq) {
            delta_out[statistic + i + n] = result[n];
        }
    }
}
fn strip_sum(strip: Strip) -> vec4<f32> {
    var sum = row_sum(strip.c0);
    if (MET > 1u) {
        sum += row_sum(strip.c1);
    }
    return sum;
}
fn four_log_sum_exp(at: u32, first: u32) -> vec4<f32> {
    let n = four_rows(at, 1u, first);
    return vec4<f32>(log_sum_exp[n.x], log_sum_exp[n.y], log_sum_exp[n.z], log_sum_exp[n.w]);
}
fn four_delta(at: u32, first: u32) -> vec4<f32> {
    let n = four_rows(at, 1u, first);
    return vec4<f32>(delta[n.x], delta[n.y], delta[n.z], delta[n.w]);
}

// dS of four queries and four keys.
fn grad_scores(
    dots: mat4x4<f32>, grad_dots: mat4x4<f32>, lse: vec4<f32>, d: vec4<f32>, key: u32, series: u32, i: u32, j: u32,
) -> mat4x4<f32> {
    let p = exp_block(scores_of_queries(dots, i, j), lse);
    var g = grad_dots;
    if (DROPOUT) {
        g = multiply_elements(g, dropout_of_queries(key, series, i, j));
    }
    g[0] -= d.x;
    g[1] -= d.y;
    g[2] -= d.z;
    g[3] -= d.w;
    return multiply_elements(p, g) * params.scale;
}
fn grad_scores_strip(
    dots: Strip, grad_dots: Strip, lse: vec4<f32>, d: vec4<f32>, key: u32, series: u32, i: u32, j: u32,
) -> Strip {
    var s = Strip();
    s.c0 = grad_scores(dots.c0, grad_dots.c0, lse, d, key, series, i, j);
    if (MET > 1u) {
        s.c1 = grad_scores(dots.c1, grad_dots.c1, lse, d, key, series, i, j + 4u);
    }
    return s;
}

// forward: S = q · kᵀ · scale, P = softmax(S), out = (P ∘ D) · v. Writes delta for backward_kv.
@compute @workgroup_size(8)
fn backward_q(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 8u + lane;
    let count = params.batch * params.heads;
    let tiles = (params.seq + 4u * OWNED - 1u) / (4u * OWNED);
    if (item >= count * tiles) {
        return;
    }
    let series = item % count;
    let b = series / params.heads;
    let head = series % params.heads;
    let kv_head = kv_head_of(head);
    let i = (tiles - 1u - item / count) * 4u * OWNED;
    let stride = query_at(0u, 0u, 1u);
    let queries = rows_from(query_at(b, head, 0u), stride, i);
    let outs = rows_from(out_at(b, head, 0u), params.heads * HEAD_DIM, i);
    let key = select(0u, dropout_key(params.site), DROPOUT);
    let statistic = statistic_at(b, head, 0u);
    var lse = mat4x4<f32>();
    var d = mat4x4<f32>();
    lse[0] = four_log_sum_exp(statistic, i);
    d[0] = delta_of(outs.b0);
    if (OWNED > 1u) {
        lse[1] = four_log_sum_exp(statistic, i + 4u);
        d[1] = delta_of(outs.b1);
    }
    var rest = mat4x4<f32>(); // Σ_j dS_ij of the owned rows
    let end = select(params.seq, min(params.seq, i + 4u * OWNED), CAUSAL);
    for (var j = 0u; j < end; j += 4u * MET) {
        let keys = rows_from(key_at(b, kv_head, 0u), stride, j);
        let values = rows_from(value_at(b, kv_head, 0u), stride, j);
        var dots = Tile();
        var grad_dots = Tile();
        for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
            dots = dot_strips(dots, strip_qkv(queries, OWNED, c), strip_qkv(keys, MET, c));
        }
        for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
            grad_dots = dot_strips(grad_dots, strip_grad_out(outs, OWNED, c), strip_qkv(values, MET, c));
        }
        dots.r0 = grad_scores_strip(dots.r0, grad_dots.r0, lse[0], d[0], key, series, i, j);
        rest[0] += strip_sum(dots.r0);
        if (OWNED > 1u) {
            dots.r1 = grad_scores_strip(dots.r1, grad_dots.r1, lse[1], d[1], key, series, i + 4u, j);
            rest[1] += strip_sum(dots.r1);
        }
        for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
            let met = strip_qkv(keys, MET, c);
            add_grad_qkv(queries.b0, c, i, j == 0u, mix(met, dots.r0));
            if (OWNED > 1u) {
                add_grad_qkv(queries.b1, c, i + 4u, j == 0u, mix(met, dots.r1));
            }
        }
    }
    store_delta(statistic, i, d[0] + rest[0] / params.scale);
    if (OWNED > 1u) {
        store_delta(statistic, i + 4u, d[1] + rest[1] / params.scale);
    }
}

// Of one key and four queries: P from their dots, and D.
fn weight_of_key(dots: vec4<f32>, lse: vec4<f32>, i: u32, j: u32) -> vec4<f32> {
    let queries = vec4<u32>(i) + FOUR;
    let there = sees(queries, vec4<u32>(j)) & (queries < vec4<u32>(params.seq));
    return exp(select(vec4<f32>(HIDDEN), dots * params.scale, there) - lse);
}
fn weights_of_keys(dots: mat4x4<f32>, lse: vec4<f32>, i: u32, j: u32) -> mat4x4<f32> {
    return mat4x4<f32>(
        weight_of_key(dots[0], lse, i, j),
        weight_of_key(dots[1], lse, i, j + 1u),
        weight_of_key(dots[2], lse, i, j + 2u),
        weight_of_key(dots[3], lse, i, j + 3u),
    );
}
fn dropout_of_keys(key: u32, series: u32, i: u32, j: u32) -> mat4x4<f32> {
    return mat4x4<f32>(
        dropout_of_key(key, series, i, j),
        dropout_of_key(key, series, i, j + 1u),
        dropout_of_key(key, series, i, j + 2u),
        dropout_of_key(key, series, i, j + 3u),
    );
}
struct Pair {
    weights: mat4x4<f32>, // P · D
    grad_scores: mat4x4<f32>, // dS
}
fn pair(dots: mat4x4<f32>, grad_dots: mat4x4<f32>, lse: vec4<f32>, d: vec4<f32>, key: u32, series: u32, i: u32, j: u32) -> Pair {
    let p = weights_of_keys(dots, lse, i, j);
    if (DROPOUT) {
        let scale = dropout_of_keys(key, series, i, j);
        let g = multiply_elements(grad_dots, scale) - mat4x4<f32>(d, d, d, d);
        return Pair(multiply_elements(p, scale), multiply_elements(p, g) * params.scale);
    }
    return Pair(p, multiply_elements(p, grad_dots - mat4x4<f32>(d, d, d, d)) * params.scale);
}
struct Strips {
    weights: Strip,
    grad_scores: Strip,
}
fn pairs(dots: Strip, grad_dots: Strip, lse: mat4x4<f32>, d: mat4x4<f32>, key: u32, series: u32, i: u32, j: u32) -> Strips {
    var result = Strips();
    let p0 = pair(dots.c0, grad_dots.c0, lse[0], d[0], key, series, i, j);
    result.weights.c0 = p0.weights;
    result.grad_scores.c0 = p0.grad_scores;
    if (MET > 1u) {
        let p1 = pair(dots.c1, grad_dots.c1, lse[1], d[1], key, series, i + 4u, j);
        result.weights.c1 = p1.weights;
        result.grad_scores.c1 = p1.grad_scores;
    }
    return result;
}

// forward: S = q · kᵀ · scale, P = softmax(S), out = (P ∘ D) · v, for every query head that reads this key and value.
@compute @workgroup_size(8)
fn backward_kv(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 8u + lane;
    let count = params.batch * params.kv_heads;
    let tiles = (params.seq + 4u * OWNED - 1u) / (4u * OWNED);
    if (item >= count * tiles) {
        return;
    }
    let b = item % count / params.kv_heads;
    let kv_head = item % count % params.kv_heads;
    let j = item / count * 4u * OWNED;
    let stride = query_at(0u, 0u, 1u);
    let keys = rows_from(key_at(b, kv_head, 0u), stride, j);
    let values = rows_from(value_at(b, kv_head, 0u), stride, j);
    let key = select(0u, dropout_key(params.site), DROPOUT);
    let sharing = params.heads / params.kv_heads;
    // The first chunk of queries that sees any of these keys; its start is a multiple of the chunk's size.
    let start = select(0u, j / (4u * MET) * (4u * MET), CAUSAL);
    var first = true;
    for (var head = kv_head * sharing; head < (kv_head + 1u) * sharing; head++) {
        let series = b * params.heads + head;
        let statistic = statistic_at(b, head, 0u);
        for (var i = start; i < params.seq; i += 4u * MET) {
            let queries = rows_from(query_at(b, head, 0u), stride, i);
            let outs = rows_from(out_at(b, head, 0u), params.heads * HEAD_DIM, i);
            var dots = Tile();
            var grad_dots = Tile();
            for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
                dots = dot_strips(dots, strip_qkv(keys, OWNED, c), strip_qkv(queries, MET, c));
            }
            for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
                grad_dots = dot_strips(grad_dots, strip_qkv(values, OWNED, c), strip_grad_out(outs, MET, c));
            }
            var lse = mat4x4<f32>();
            var d = mat4x4<f32>();
            lse[0] = four_log_sum_exp(statistic, i);
            d[0] = four_delta(statistic, i);
            if (MET > 1u) {
                lse[1] = four_log_sum_exp(statistic, i + 4u);
                d[1] = four_delta(statistic, i + 4u);
            }
            let s0 = pairs(dots.r0, grad_dots.r0, lse, d, key, series, i, j);
            var s1 = Strips();
            if (OWNED > 1u) {
                s1 = pairs(dots.r1, grad_dots.r1, lse, d, key, series, i, j + 4u);
            }
            for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
                let met = strip_grad_out(outs, MET, c);
                add_grad_qkv(values.b0, c, j, first, mix(met, s0.weights));
                if (OWNED > 1u) {
                    add_grad_qkv(values.b1, c, j + 4u, first, mix(met, s1.weights));
                }
            }
            for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
                let met = strip_qkv(queries, MET, c);
                add_grad_qkv(keys.b0, c, j, first, mix(met, s0.grad_scores));
                if (OWNED > 1u) {
                    add_grad_qkv(keys.b1, c, j + 4u, first, mix(met, s1.grad_scores));
                }
            }
            first = false;
        }
    }
}

// P of one query head of batch entry 0, for looking at: a thread a query and four keys. It serves every adapter.
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
    let keys = four_rows(key_at(0u, kv_head_of(params.head), 0u), query_at(0u, 0u, 1u), j);
    let query = query_at(0u, params.head, i);
    var dots = vec4<f32>(0.0);
    for (var c = 0u; c < (HEAD_DIM + 3u) / 4u; c++) {
        dots += load_qkv(query, c) * four_qkv(keys, c);
    }
    let scores = select(vec4<f32>(HIDDEN), dots * params.scale, sees(vec4<u32>(i), vec4<u32>(j) + FOUR));
    let p = exp(scores - log_sum_exp[statistic_at(0u, params.head, i)]);
    for (var n = 0u; n < 4u; n++) {
        if (j + n < params.seq) {
            weights[i * params.seq + j + n] = p[n];
        }
    }
}
