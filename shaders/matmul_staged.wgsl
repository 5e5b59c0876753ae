// Matrix product for GPUs: 64 threads stage tiles of both operands in workgroup memory, STEP inner indices at a time. Where
// the tiles are too few to fill a GPU, SLICES times as many threads share the inner axis and add up in a fixed order.
// nn: out = a · b; nt: out = a · bᵀ; tn: out = aᵀ · b; each with what matmul_blocks fuses to it.
// Derivative: of nn by a is nt, by b is tn; by the bias the column sums that tn takes along.
// nn: a [rows, inner], b [inner, columns]; nt: a [rows, inner], b [columns, inner]; tn: a [inner, rows], b [inner, columns];
// out, pre, residual [rows, columns]; bias [columns]; grad_bias [columns] or [rows]. Lines are `stride` words apart.
// Grid: one workgroup a tile of TILE × TILE results; 8 × 8 threads of each slice hold 4 × 4 of it each where TILE is 32, four
// times as many, 32 apart, where it is 64. Snippets: index, activation, step, dropout, matmul_a_*, matmul_b_*, matmul_out_*, matmul_blocks.
override TILE: u32 = 32u; // 32 or 64
override SLICES: u32 = 1u; // 1; 2 or 4 where TILE is 32
override STEP: u32 = 16u; // 16; 8 where SLICES is 4, as both tiles must fit into 16 KiB
override SUM: u32 = 0u; // tn: grad_bias gets 1: the column sums of b, 2: the column sums of a

override THREADS: u32 = 64u * SLICES;
override PITCH: u32 = TILE / 4u + 1u; // fours from one inner index to the next; one more than needed spreads the banks

override STAGED: u32 = PITCH * STEP * SLICES;
var<workgroup> tile_a: array<vec4<f32>, STAGED>; // [slice][k][row / 4]
var<workgroup> tile_b: array<vec4<f32>, STAGED>; // [slice][k][column / 4]

struct Tile {
    c00: mat4x4<f32>, // [row][column] each
    c01: mat4x4<f32>,
    c10: mat4x4<f32>,
    c11: mat4x4<f32>,
    sums: vec4<f32>, // what goes into grad_bias
    sums_next: vec4<f32>,
}

// Which 4 × 4 block of a stage is a thread's to fetch, as (block across the tile, block along inner): neighbours read
// neighbouring words, so the contiguous axis comes first.
fn share(thread: u32, inner_first: bool) -> vec2<u32> {
    if (inner_first) {
        return vec2<u32>(thread / (STEP / 4u), thread % (STEP / 4u));
    }
    return vec2<u32>(thread % (TILE / 4u), thread / (TILE / 4u));
}

fn add_outer(sum: mat4x4<f32>, a: vec4<f32>, b: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(sum[0] + a.x * b, sum[1] + a.y * b, sum[2] + a.z * b, sum[3] + a.w * b);
}

// (row, column) of a workgroup's tile.
fn origin(group: u32) -> vec2<u32> {
    let across = (params.columns + TILE - 1u) / TILE;
    return vec2<u32>(group / across * TILE, group % across * TILE);
}

// The results of one thread. Every thread of the workgroup comes here: there are barriers.
fn product(tile_at: vec2<u32>, thread: u32, a_transposed: bool, b_transposed: bool) -> Tile {
    // A tile of 32 has 32 blocks to a stage and operand: half of the threads fetch a's, half b's. One of 64 has 64.
    // With a step of 8 it is half as many, and half of the threads wait.
    let halves = TILE == 32u;
    let slice = thread / 64u;
    let lane = thread % 64u;
    let blocks = TILE / 4u * STEP / 4u;
    let fetch_a = !halves || lane < blocks;
    let fetch_b = !halves || (lane >= 32u && lane < 32u + blocks);
    let share_a = share(lane, !a_transposed);
    let share_b = share(select(lane, lane - 32u, halves && fetch_b), b_transposed);
    let thread_row = lane / 8u;
    let thread_column = lane % 8u;
    let sum_b = SUM == 1u && tile_at.x == 0u;
    let sum_a = SUM == 2u && tile_at.y == 0u;
    var result = Tile();
    var block_of_a = mat4x4<f32>();
    var block_of_b = mat4x4<f32>();
    let base = slice * PITCH * STEP;
    for (var stage = 0u; stage < params.inner; stage += STEP * SLICES) {
        let first = stage + slice * STEP;
        if (fetch_a) {
            block_of_a = transpose(block_a(tile_at.x + 4u * share_a.x, first + 4u * share_a.y, a_transposed));
        }
        if (fetch_b) {
            block_of_b = block_b(first + 4u * share_b.y, tile_at.y + 4u * share_b.x, b_transposed);
        }
        workgroupBarrier(); // the stage before this one has been read
        if (fetch_a) {
            let at = base + 4u * share_a.y * PITCH + share_a.x;
            tile_a[at] = block_of_a[0];
            tile_a[at + PITCH] = block_of_a[1];
            tile_a[at + 2u * PITCH] = block_of_a[2];
            tile_a[at + 3u * PITCH] = block_of_a[3];
        }
        if (fetch_b) {
            let at = base + 4u * share_b.y * PITCH + share_b.x;
            tile_b[at] = block_of_b[0];
            tile_b[at + PITCH] = block_of_b[1];
            tile_b[at + 2u * PITCH] = block_of_b[2];
            tile_b[at + 3u * PITCH] = block_of_b[3];
        }
        workgroupBarrier();
        for (var k = 0u; k < STEP; k++) {
            let a0 = tile_a[base + k * PITCH + thread_row];
            let b0 = tile_b[base + k * PITCH + thread_column];
            result.c00 = add_outer(result.c00, a0, b0);
            // Past inner, b repeats itself: only a's zeros keep that out of the product.
            let exists = !INNER_TAIL || first + k < params.inner;
            if (sum_b && exists) {
                result.sums += b0;
            }
            if (sum_a) {
                result.sums += a0;
            }
            if (TILE == 64u) {
                let a1 = tile_a[base + k * PITCH + 8u + thread_row];
                let b1 = tile_b[base + k * PITCH + 8u + thread_column];
                result.c01 = add_outer(result.c01, a0, b1);
                result.c10 = add_outer(result.c10, a1, b0);
                result.c11 = add_outer(result.c11, a1, b1);
                if (sum_b && exists) {
                    result.sums_next += b1;
                }
                if (sum_a) {
                    result.sums_next += a1;
                }
            }
        }
    }
    // Slice after slice hands its sums to the first: 256 results, 16 threads' grad_bias at most.
    for (var giver = 1u; giver < SLICES; giver++) {
        workgroupBarrier();
        if (slice == giver) {
            tile_a[lane] = result.c00[0];
            tile_a[64u + lane] = result.c00[1];
            tile_a[128u + lane] = result.c00[2];
            tile_a[192u + lane] = result.c00[3];
            if (SUM != 0u) {
                tile_b[lane] = result.sums;
            }
        }
        workgroupBarrier();
        if (slice == 0u) {
            result.c00 += mat4x4<f32>(tile_a[lane], tile_a[64u + lane], tile_a[128u + lane], tile_a[192u + lane]);
            if (SUM != 0u) {
                result.sums += tile_b[lane];
            }
        }
    }
    return result;
}

fn block_nn(row: u32, column: u32, block: mat4x4<f32>) {
    finish_nn(row, column, block[0]);
    finish_nn(row + 1u, column, block[1]);
    finish_nn(row + 2u, column, block[2]);
    finish_nn(row + 3u, column, block[3]);
}

fn block_nt(row: u32, column: u32, block: mat4x4<f32>) {
    finish_nt(row, column, block[0]);
    finish_nt(row + 1u, column, block[1]);
    finish_nt(row + 2u, column, block[2]);
    finish_nt(row + 3u, column, block[3]);
}

fn block_tn(row: u32, column: u32, block: mat4x4<f32>) {
    finish_tn(row, column, block[0]);
    finish_tn(row + 1u, column, block[1]);
    finish_tn(row + 2u, column, block[2]);
    finish_tn(row + 3u, column, block[3]);
}

@compute @workgroup_size(THREADS)
fn nn(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups));
    let tile = product(at, lane, false, false);
    if (lane >= 64u) {
        return; // the first slice has the sums
    }
    let row = at.x + 4u * (lane / 8u);
    let column = at.y + 4u * (lane % 8u);
    block_nn(row, column, tile.c00);
    if (TILE == 64u) {
        block_nn(row, column + 32u, tile.c01);
        block_nn(row + 32u, column, tile.c10);
        block_nn(row + 32u, column + 32u, tile.c11);
    }
}

@compute @workgroup_size(THREADS)
fn nt(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups));
    let tile = product(at, lane, false, true);
    if (lane >= 64u) {
        return; // the first slice has the sums
    }
    let row = at.x + 4u * (lane / 8u);
    let column = at.y + 4u * (lane % 8u);
    block_nt(row, column, tile.c00);
    if (TILE == 64u) {
        block_nt(row, column + 32u, tile.c01);
        block_nt(row + 32u, column, tile.c10);
        block_nt(row + 32u, column + 32u, tile.c11);
    }
}

@compute @workgroup_size(THREADS)
fn tn(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = origin(group_index(group, groups));
    let tile = product(at, lane, true, false);
    if (lane >= 64u) {
        return; // the first slice has the sums
    }
    let row = at.x + 4u * (lane / 8u);
    let column = at.y + 4u * (lane % 8u);
    block_tn(row, column, tile.c00);
    if (TILE == 64u) {
        block_tn(row, column + 32u, tile.c01);
        block_tn(row + 32u, column, tile.c10);
        block_tn(row + 32u, column + 32u, tile.c11);
    }
    if (SUM == 1u && at.x == 0u && lane / 8u == 0u) {
        finish_bias(column, params.columns, tile.sums);
        if (TILE == 64u) {
            finish_bias(column + 32u, params.columns, tile.sums_next);
        }
    }
    if (SUM == 2u && at.y == 0u && lane % 8u == 0u) {
        finish_bias(row, params.rows, tile.sums);
        if (TILE == 64u) {
            finish_bias(row + 32u, params.rows, tile.sums_next);
        }
    }
}
