// Mean cross-entropy and its gradient, in place of the logits.
// loss[r] = log Σ_v exp(z[r, v]) − z[r, target[r]];  z[r, v] ← (softmax(z[r])_v − [v = target[r]]) · scale · share
// z [rows, vocab] with `stride` words from row to row, the padding set to 0; targets, losses [rows].
// LAST_ONLY: rows that are not the last of their window of `seq` have loss and gradient 0.
// Grid: forward one workgroup a row; mean one in all.
// Snippets: index, step.
struct Params {
    rows: u32,
    vocab: u32,
    stride: u32,
    seq: u32,
    first: u32, // number of the first row, where the logits are made in chunks
    scale: f32, // 1 / positions that count
}
override LAST_ONLY: bool = false;
override LANES: u32 = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> logits: array<f32>;
@group(0) @binding(3) var<storage, read> targets: array<u32>;
@group(0) @binding(4) var<storage, read_write> losses_out: array<f32>;
@group(0) @binding(5) var<storage, read> losses: array<f32>;
@group(0) @binding(6) var<storage, read_write> ring: array<f32>;
@group(0) @binding(7) var<storage, read_write> loss: array<f32>;

var<workgroup> sums: array<f32, LANES>;

fn counts(row: u32) -> bool {
    return !LAST_ONLY || (row + 1u) % params.seq == 0u;
}

// Uniform control flow only: every lane of the workgroup calls it.
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

fn max_lanes(lane: u32, mine: f32) -> f32 {
    sums[lane] = mine;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if (lane < half) {
            sums[lane] = max(sums[lane], sums[lane + half]);
        }
        workgroupBarrier();
    }
    let highest = sums[0];
    workgroupBarrier();
    return highest;
}

@compute @workgroup_size(LANES)
fn forward(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let local = group_index(group, groups);
    if (local >= params.rows) {
        return;
    }
    let row = params.first + local;
    let start = local * params.stride;
    let target_at = start + targets[row];
    var mine = logits[start];
    for (var v = lane; v < params.vocab; v += LANES) {
        mine = max(mine, logits[start + v]);
    }
    let highest = max_lanes(lane, mine);
    var part = 0.0;
    for (var v = lane; v < params.vocab; v += LANES) {
        part += exp(logits[start + v] - highest);
    }
    let log_sum = highest + log(sum_lanes(lane, part));
    let scale = select(0.0, params.scale * step.share, counts(row));
    if (lane == 0u) {
        losses_out[row] = select(0.0, log_sum - logits[target_at], counts(row));
    }
    // Lane 0 has read the target's logit before any lane overwrites it.
    storageBarrier();
    for (var v = lane; v < params.stride; v += LANES) {
        let hit = select(0.0, 1.0, start + v == target_at);
        let gradient = (exp(logits[start + v] - log_sum) - hit) * scale;
        logits[start + v] = select(0.0, gradient, v < params.vocab);
    }
}

// The part's share of the mean loss, behind its gradients; and the sum over parts so far into the ring, for whoever evaluates:
// entry = [step, loss, gradient norm, learning rate].
fn enter(sum: f32) {
    let mine = sum * params.scale * step.share;
    let before = select(ring[4u * step.slot + 1u], 0.0, step.part == 0u);
    ring[4u * step.slot] = f32(step.step);
    ring[4u * step.slot + 1u] = before + mine;
    loss[0] = mine;
}

@compute @workgroup_size(LANES)
fn mean(@builtin(local_invocation_index) lane: u32) {
    var mine = 0.0;
    for (var row = lane; row < params.rows; row += LANES) {
        mine += losses[row];
    }
    let sum = sum_lanes(lane, mine);
    if (lane == 0u) {
        enter(sum);
    }
}
