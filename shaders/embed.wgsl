// Token embedding plus position, with dropout.
// x[r] = dropout(token[id[r]] + position[r mod seq])
// grad_token[v] = Σ_{r: id[r] = v} grad_x[r];  grad_position[t] = Σ_batch grad_x[b·seq + t]
// ids [rows]; token [vocab, width]; position [context, width]; x [rows, width]. The host sorts the batch's rows by token:
// rows order[starts[v]] … order[starts[v + 1] − 1] hold token v, so that no two threads add to one place.
// Grid: one thread an element of the output. Snippets: index, step, dropout.
struct Params {
    rows: u32,
    seq: u32,
    width: u32,
    vocab: u32,
    site: u32,
    dropout: f32,
}
override POSITIONS: bool = false;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> ids: array<u32>;
@group(0) @binding(3) var<storage, read> token: array<f32>;
@group(0) @binding(4) var<storage, read> position: array<f32>;
@group(0) @binding(5) var<storage, read_write> x: array<f32>;
@group(0) @binding(6) var<storage, read> grad_x: array<f32>;
@group(0) @binding(7) var<storage, read> order: array<u32>;
@group(0) @binding(8) var<storage, read> starts: array<u32>;
@group(0) @binding(9) var<storage, read_write> grad_token: array<f32>;
@group(0) @binding(10) var<storage, read_write> grad_position: array<f32>;

@compute @workgroup_size(64)
fn forward(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 64u + lane;
    let row = item / params.width;
    let column = item % params.width;
    if (row >= params.rows) {
        return;
    }
    var value = token[ids[row] * params.width + column];
    if (POSITIONS) {
        value += position[(row % params.seq) * params.width + column];
    }
    if (DROPOUT) {
        value *= dropout_scale(dropout_key(params.site), item, params.dropout);
    }
    x[item] = value;
}

// forward: x[r] = token[id[r]] · scale[r]
@compute @workgroup_size(64)
fn backward_token(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 64u + lane;
    let word = item / params.width;
    let column = item % params.width;
    if (word >= params.vocab) {
        return;
    }
    var sum = select(0.0, grad_token[item], ACCUMULATE);
    let key = dropout_key(params.site);
    for (var i = starts[word]; i < starts[word + 1u]; i++) {
        let at = order[i] * params.width + column;
        var g = grad_x[at];
        if (DROPOUT) {
            g *= dropout_scale(key, at, params.dropout);
        }
        sum += g;
    }
    grad_token[item] = sum;
}

// forward: x[r] = position[r mod seq] · scale[r]
@compute @workgroup_size(64)
fn backward_position(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 64u + lane;
    let size = params.seq * params.width;
    if (item >= size) {
        return;
    }
    var sum = select(0.0, grad_position[item], ACCUMULATE);
    let key = dropout_key(params.site);
    for (var at = item; at < params.rows * params.width; at += size) {
        var g = grad_x[at];
        if (DROPOUT) {
            g *= dropout_scale(key, at, params.dropout);
        }
        sum += g;
    }
    grad_position[item] = sum;
}
