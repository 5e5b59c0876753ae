// Matrix product for CPU adapters: no barrier; every thread holds a tile of up to 16 × 16 results in registers.
// nn: out = a · b; nt: out = a · bᵀ; tn: out = aᵀ · b; each with what matmul_blocks fuses to it.
// Derivative: of nn by a is nt, by b is tn; by the bias the column sums that tn takes along.
// nn: a [rows, inner], b [inner, columns]; nt: a [rows, inner], b [columns, inner]; tn: a [inner, rows], b [inner, columns];
// out, pre, residual [rows, columns]; bias [columns]; grad_bias [columns] or [rows]. Lines are `stride` words apart.
// Grid: one workgroup of 8 threads a tile of 4 · ROW_BLOCKS rows (1 where that is 0) × 32 · COLUMN_BLOCKS columns; neighbours
// hold neighbouring fours of columns. Snippets: index, activation, step, dropout, matmul_a_*, matmul_b_*, matmul_out_*,
// matmul_blocks.
// Why tiles this large: on these adapters every lane of a load is a branch of its own, and costs as much as dozens of sums.
override ROW_BLOCKS: u32 = 4u; // at most 4; 0: one row; tn: not 0
override COLUMN_BLOCKS: u32 = 4u; // 1 to 4
override SUM: u32 = 0u; // tn: grad_bias gets 1: the column sums of b, 2: the column sums of a

// The results of one thread; blocks in a row stand 32 columns apart, so that neighbouring threads read neighbouring words.
// Written out: an array of blocks would be memory where these are registers.
struct Tile {
    c00: mat4x4<f32>, c01: mat4x4<f32>, c02: mat4x4<f32>, c03: mat4x4<f32>, // [row][column] each
    c10: mat4x4<f32>, c11: mat4x4<f32>, c12: mat4x4<f32>, c13: mat4x4<f32>,
    c20: mat4x4<f32>, c21: mat4x4<f32>, c22: mat4x4<f32>, c23: mat4x4<f32>,
    c30: mat4x4<f32>, c31: mat4x4<f32>, c32: mat4x4<f32>, c33: mat4x4<f32>,
}

// Four finished rows at a time, so that the code that follows the product stands there once instead of 64 times: the eight
// threads' fours in turn. Every thread reads what it wrote itself, so there is no barrier. An array of the thread's own,
// indexed by a variable, takes lavapipe seconds to compile; SwiftShader compiles the zeroing of this memory word by word.
override KEPT: u32 = 32u * COLUMN_BLOCKS;
var<workgroup> finished: array<vec4<f32>, KEPT>; // [block][row][thread]

fn keep(lane: u32, block: u32, rows: mat4x4<f32>) {
    finished[32u * block + lane] = rows[0];
    finished[32u * block + 8u + lane] = rows[1];
    finished[32u * block + 16u + lane] = rows[2];
    finished[32u * block + 24u + lane] = rows[3];
}

// The strip of one row of blocks, into `finished`.
fn keep_strip(lane: u32, tile: Tile, strip: u32) {
    if (strip == 0u) {
        keep(lane, 0u, tile.c00);
        if (COLUMN_BLOCKS > 1u) { keep(lane, 1u, tile.c01); }
        if (COLUMN_BLOCKS > 2u) { keep(lane, 2u, tile.c02); }
        if (COLUMN_BLOCKS > 3u) { keep(lane, 3u, tile.c03); }
    }
    if (ROW_BLOCKS > 1u && strip == 1u) {
        keep(lane, 0u, tile.c10);
        if (COLUMN_BLOCKS > 1u) { keep(lane, 1u, tile.c11); }
        if (COLUMN_BLOCKS > 2u) { keep(lane, 2u, tile.c12); }
        if (COLUMN_BLOCKS > 3u) { keep(lane, 3u, tile.c13); }
    }
    if (ROW_BLOCKS > 2u && strip == 2u) {
        keep(lane, 0u, tile.c20);
        if (COLUMN_BLOCKS > 1u) { keep(lane, 1u, tile.c21); }
        if (COLUMN_BLOCKS > 2u) { keep(lane, 2u, tile.c22); }
        if (COLUMN_BLOCKS > 3u) { keep(lane, 3u, tile.c23); }
    }
    if (ROW_BLOCKS > 3u && strip == 3u) {
        keep(lane, 0u, tile.c30);
        if (COLUMN_BLOCKS > 1u) { keep(lane, 1u, tile.c31); }
        if (COLUMN_BLOCKS > 2u) { keep(lane, 2u, tile.c32); }
        if (COLUMN_BLOCKS > 3u) { keep(lane, 3u, tile.c33); }
    }
}

// The tile whose first result of this thread stands at (row, column). WGSL's matrices are lists of columns and ours lists of
// rows: b * a is our a · b.
fn product(row: u32, column: u32, a_transposed: bool, b_transposed: bool) -> Tile {
    var t = Tile();
    for (var k = 0u; k < params.inner; k += 4u) {
        let b0 = block_b(k, column, b_transposed);
        var b1 = mat4x4<f32>();
        var b2 = mat4x4<f32>();
        var b3 = mat4x4<f32>();
        if (COLUMN_BLOCKS > 1u) { b1 = block_b(k, column + 32u, b_transposed); }
        if (COLUMN_BLOCKS > 2u) { b2 = block_b(k, column + 64u, b_transposed); }
        if (COLUMN_BLOCKS > 3u) { b3 = block_b(k, column + 96u, b_transposed); }
        if (ROW_BLOCKS == 0u) {
            let a = block_a(row, k, a_transposed)[0];
            t.c00[0] += b0 * a;
            if (COLUMN_BLOCKS > 1u) { t.c01[0] += b1 * a; }
            if (COLUMN_BLOCKS > 2u) { t.c02[0] += b2 * a; }
            if (COLUMN_BLOCKS > 3u) { t.c03[0] += b3 * a; }
        }
        if (ROW_BLOCKS > 0u) {
            let a = block_a(row, k, a_transposed);
            t.c00 += b0 * a;
            if (COLUMN_BLOCKS > 1u) { t.c01 += b1 * a; }
            if (COLUMN_BLOCKS > 2u) { t.c02 += b2 * a; }
            if (COLUMN_BLOCKS > 3u) { t.c03 += b3 * a; }
        }
        if (ROW_BLOCKS > 1u) {
            let a = block_a(row + 4u, k, a_transposed);
            t.c10 += b0 * a;
            if (COLUMN_BLOCKS > 1u) { t.c11 += b1 * a; }
            if (COLUMN_BLOCKS > 2u) { t.c12 += b2 * a; }
            if (COLUMN_BLOCKS > 3u) { t.c13 += b3 * a; }
        }
        if (ROW_BLOCKS > 2u) {
            let a = block_a(row + 8u, k, a_transposed);
            t.c20 += b0 * a;
            if (COLUMN_BLOCKS > 1u) { t.c21 += b1 * a; }
            if (COLUMN_BLOCKS > 2u) { t.c22 += b2 * a; }
            if (COLUMN_BLOCKS > 3u) { t.c23 += b3 * a; }
        }
        if (ROW_BLOCKS > 3u) {
            let a = block_a(row + 12u, k, a_transposed);
            t.c30 += b0 * a;
            if (COLUMN_BLOCKS > 1u) { t.c31 += b1 * a; }
            if (COLUMN_BLOCKS > 2u) { t.c32 += b2 * a; }
            if (COLUMN_BLOCKS > 3u) { t.c33 += b3 * a; }
        }
    }
    return t;
}

// First row and column of a thread.
fn origin(group: u32, lane: u32) -> vec2<u32> {
    let width = 32u * COLUMN_BLOCKS;
    let across = (params.columns + width - 1u) / width;
    return vec2<u32>(group / across * max(4u * ROW_BLOCKS, 1u), group % across * width + 4u * lane);
}

// Strips of four rows, fours of columns in one, and the place of one of these: row, column, index in `finished`.
fn strips() -> u32 {
    return max(ROW_BLOCKS, 1u);
}
fn fours() -> u32 {
    return select(4u, 1u, ROW_BLOCKS == 0u) * COLUMN_BLOCKS;
}
fn place(strip: u32, i: u32, lane: u32) -> vec3<u32> {
    let row = i / COLUMN_BLOCKS;
    let block = i % COLUMN_BLOCKS;
    return vec3<u32>(4u * strip + row, 32u * block, 32u * block + 8u * row + lane);
}

@compute @workgroup_size(8)
fn nn(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups), lane);
    let tile = product(at.x, at.y, false, false);
    for (var strip = 0u; strip < strips(); strip++) {
        keep_strip(lane, tile, strip);
        for (var i = 0u; i < fours(); i++) {
            let p = place(strip, i, lane);
            finish_nn(at.x + p.x, at.y + p.y, finished[p.z]);
        }
    }
}

@compute @workgroup_size(8)
fn nt(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups), lane);
    let tile = product(at.x, at.y, false, true);
    for (var strip = 0u; strip < strips(); strip++) {
        keep_strip(lane, tile, strip);
        for (var i = 0u; i < fours(); i++) {
            let p = place(strip, i, lane);
            finish_nt(at.x + p.x, at.y + p.y, finished[p.z]);
        }
    }
}

@compute @workgroup_size(8)
fn tn(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups), lane);
    let tile = product(at.x, at.y, true, false);
    for (var strip = 0u; strip < strips(); strip++) {
        keep_strip(lane, tile, strip);
        for (var i = 0u; i < fours(); i++) {
            let p = place(strip, i, lane);
            finish_tn(at.x + p.x, at.y + p.y, finished[p.z]);
        }
    }
    // The first row of tiles sums b's columns, the first column of tiles a's: each sum is taken by one thread.
    if (SUM == 1u && at.x == 0u) {
        for (var block = 0u; block < COLUMN_BLOCKS; block++) {
            let column = at.y + 32u * block;
            var sums = vec4<f32>(0.0);
            for (var k = 0u; k < params.inner; k++) {
                sums += load_b(k * params.b_stride, column, params.columns);
            }
            finish_bias(column, params.columns, sums);
        }
    }
    if (SUM == 2u && at.y == 4u * lane && lane < max(ROW_BLOCKS, 1u)) {
        let row = at.x + 4u * lane;
        var sums = vec4<f32>(0.0);
        for (var k = 0u; k < params.inner; k++) {
            sums += load_a(k * params.a_stride, row, params.rows);
        }
        finish_bias(row, params.rows, sums);
    }
}
