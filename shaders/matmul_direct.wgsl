// Matrix product for CPU adapters: no barrier; every thread holds a tile of up to 16 × 16 results in registers.
// nn: out = a · b; nt: out = a · bᵀ; tn: out = aᵀ · b; each with what matmul_blocks fuses to it.
// Derivative: of nn by a is nt, by b is tn; by the bias the column sums that tn takes along.
// nn: a [rows, inner], b [inner, columns]; nt: a [rows, inner], b [columns, inner]; tn: a [inner, rows], b [inner, columns];
// out, pre, residual [rows, columns]; bias [columns]; grad_bias [columns] or [rows]. Lines are `stride` words apart.
// Grid: one workgroup of 8 threads a tile of 4 · ROW_BLOCKS rows (1 where that is 0) × 32 · COLUMN_BLOCKS columns; neighbours
// hold neighbouring fours of columns. Snippets: index, activation, step, dropout, matmul_a_*, matmul_b_*, matmul_out_*,
// matmul_blocks.
// Why tiles this large: on these adapters a load costs about 30 times as much as an operation on what was loaded.
override ROW_BLOCKS: u32 = 4u; // at most 4; 0: one row, for products of fewer than 8
override COLUMN_BLOCKS: u32 = 4u; // 1 to 4
override SUM: u32 = 0u; // tn: grad_bias gets 1: the column sums of b, 2: the column sums of a

// Blocks side by side, 32 columns apart: neighbouring threads read neighbouring words.
struct Strip {
    c0: mat4x4<f32>, // [row][column] each
    c1: mat4x4<f32>,
    c2: mat4x4<f32>,
    c3: mat4x4<f32>,
}
struct Tile {
    r0: Strip,
    r1: Strip,
    r2: Strip,
    r3: Strip,
}

// The finished tiles, so that the code that follows the product stands there once instead of 64 times: eight threads' fours
// in turn. Every thread reads what it wrote itself, so there is no barrier; an array of the thread's own, indexed by a
// variable, takes lavapipe seconds to compile.
override KEPT: u32 = 128u * max(ROW_BLOCKS, 1u);
var<workgroup> finished: array<vec4<f32>, KEPT>;

fn strip_b(k: u32, column: u32, transposed: bool) -> Strip {
    var b: Strip;
    b.c0 = block_b(k, column, transposed);
    if (COLUMN_BLOCKS > 1u) {
        b.c1 = block_b(k, column + 32u, transposed);
    }
    if (COLUMN_BLOCKS > 2u) {
        b.c2 = block_b(k, column + 64u, transposed);
    }
    if (COLUMN_BLOCKS > 3u) {
        b.c3 = block_b(k, column + 96u, transposed);
    }
    return b;
}

// WGSL's matrices are lists of columns and ours lists of rows: b * a is our a · b.
fn multiply_add(sum: Strip, a: mat4x4<f32>, b: Strip) -> Strip {
    var result = sum;
    result.c0 += b.c0 * a;
    if (COLUMN_BLOCKS > 1u) {
        result.c1 += b.c1 * a;
    }
    if (COLUMN_BLOCKS > 2u) {
        result.c2 += b.c2 * a;
    }
    if (COLUMN_BLOCKS > 3u) {
        result.c3 += b.c3 * a;
    }
    return result;
}

fn multiply_add_row(sum: Strip, a: vec4<f32>, b: Strip) -> Strip {
    var result = sum;
    result.c0[0] += b.c0 * a;
    if (COLUMN_BLOCKS > 1u) {
        result.c1[0] += b.c1 * a;
    }
    if (COLUMN_BLOCKS > 2u) {
        result.c2[0] += b.c2 * a;
    }
    if (COLUMN_BLOCKS > 3u) {
        result.c3[0] += b.c3 * a;
    }
    return result;
}

fn keep_block(lane: u32, first: u32, block: mat4x4<f32>) {
    finished[8u * first + lane] = block[0];
    if (ROW_BLOCKS > 0u) {
        finished[8u * (first + 1u) + lane] = block[1];
        finished[8u * (first + 2u) + lane] = block[2];
        finished[8u * (first + 3u) + lane] = block[3];
    }
}

fn keep_strip(lane: u32, first: u32, strip: Strip) {
    keep_block(lane, first, strip.c0);
    if (COLUMN_BLOCKS > 1u) {
        keep_block(lane, first + 4u, strip.c1);
    }
    if (COLUMN_BLOCKS > 2u) {
        keep_block(lane, first + 8u, strip.c2);
    }
    if (COLUMN_BLOCKS > 3u) {
        keep_block(lane, first + 12u, strip.c3);
    }
}

// The tile whose first result of this thread stands at (row, column), into `finished`.
fn product(lane: u32, row: u32, column: u32, a_transposed: bool, b_transposed: bool) {
    var tile: Tile;
    for (var k = 0u; k < params.inner; k += 4u) {
        let b = strip_b(k, column, b_transposed);
        if (ROW_BLOCKS == 0u) {
            tile.r0 = multiply_add_row(tile.r0, block_a(row, k, a_transposed)[0], b);
        } else {
            tile.r0 = multiply_add(tile.r0, block_a(row, k, a_transposed), b);
        }
        if (ROW_BLOCKS > 1u) {
            tile.r1 = multiply_add(tile.r1, block_a(row + 4u, k, a_transposed), b);
        }
        if (ROW_BLOCKS > 2u) {
            tile.r2 = multiply_add(tile.r2, block_a(row + 8u, k, a_transposed), b);
        }
        if (ROW_BLOCKS > 3u) {
            tile.r3 = multiply_add(tile.r3, block_a(row + 12u, k, a_transposed), b);
        }
    }
    keep_strip(lane, 0u, tile.r0);
    if (ROW_BLOCKS > 1u) {
        keep_strip(lane, 16u, tile.r1);
    }
    if (ROW_BLOCKS > 2u) {
        keep_strip(lane, 32u, tile.r2);
    }
    if (ROW_BLOCKS > 3u) {
        keep_strip(lane, 48u, tile.r3);
    }
}

// First row and column of a thread.
fn origin(group: u32, lane: u32) -> vec2<u32> {
    let width = 32u * COLUMN_BLOCKS;
    let across = (params.columns + width - 1u) / width;
    return vec2<u32>(group / across * max(4u * ROW_BLOCKS, 1u), group % across * width + 4u * lane);
}

// Results that a thread holds, in fours, and the place of one of them: row, column, index in `finished`.
fn fours() -> u32 {
    return max(4u * ROW_BLOCKS, 1u) * COLUMN_BLOCKS;
}
fn place(i: u32) -> vec3<u32> {
    let row = i / COLUMN_BLOCKS;
    let block = i % COLUMN_BLOCKS;
    return vec3<u32>(row, 32u * block, row / 4u * 16u + 4u * block + row % 4u);
}

@compute @workgroup_size(8)
fn nn(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups), lane);
    product(lane, at.x, at.y, false, false);
    for (var i = 0u; i < fours(); i++) {
        let p = place(i);
        finish_nn(at.x + p.x, at.y + p.y, finished[8u * p.z + lane]);
    }
}

@compute @workgroup_size(8)
fn nt(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups), lane);
    product(lane, at.x, at.y, false, true);
    for (var i = 0u; i < fours(); i++) {
        let p = place(i);
        finish_nt(at.x + p.x, at.y + p.y, finished[8u * p.z + lane]);
    }
}

@compute @workgroup_size(8)
fn tn(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups), lane);
    product(lane, at.x, at.y, true, false);
    for (var i = 0u; i < fours(); i++) {
        let p = place(i);
        finish_tn(at.x + p.x, at.y + p.y, finished[8u * p.z + lane]);
    }
    // The first row of tiles sums b's columns, the first column of tiles a's: each sum is taken by one thread.
    if (SUM == 1u && at.x == 0u) {
        for (var block = 0u; block < COLUMN_BLOCKS; block++) {
            let column = at.y + 32u * block;
            var sums = vec4<f32>(0.0);
            for (var first = 0u; first < params.inner; first += 8u) {
                var part = vec4<f32>(0.0);
                for (var k = first; k < min(first + 8u, params.inner); k++) {
                    part += load_b(k * params.b_stride, column, params.columns);
                }
                sums += part;
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
