// Token embedding plus position, with dropout.
// x[r] = dropout(token[id[r]] + position[position of r])
// grad_token[v] = Σ_{r: id[r] = v} grad_x[r];  grad_position[t] = Σ_batch grad_x[b·seq + t]
// ids [rows]; token [vocab, width]; position [context, width]; x [rows, width]. The host sorts the batch's rows by token:
// rows order[starts[v]] … order[starts[v + 1] − 1] hold token v, so that no two threads add to one place.
// Grid: one thread an element of the output; of backward, the tokens before the positions. Snippets: index, step, dropout,
// position.
struct Params {
    rows: u32,
    seq: u32,
    width: u32,
    vocab: u32,
    site: u32,
    dropout: f32,
}
override POSITIONS: bool = false;
override ACCUMULATE_TOKEN: bool = false;
override ACCUMULATE_POSITION: bool = false;

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
        value += position[position_of(row, params.seq) * params.width + column];
    }
    if (DROPOUT) {
        value *= dropout_scale(dropout_key(params.site), step.first_row * params.width + item, params.dropout);
    }
    x[item] = value;
}

fn masked(key: u32, at: u32) -> f32 {
    if (DROPOUT) {
        return grad_x[at] * dropout_scale(key, step.first_row * params.width + at, params.dropout);
    }
    return grad_x[at];
}

// forward: x[r] = (token[id[r]] + position[r mod seq]) · scale[r]
@compute @workgroup_size(64)
fn backward(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups) * 64u + lane;
    let key = dropout_key(params.site);
    let tokens = params.vocab * params.width;
    if (item < tokens) {
        let word = item / params.width;
        let column = item % params.width;
        var sum = select(0.0, grad_token[item], ACCUMULATE_TOKEN);
        for (var i = starts[word]; i < starts[word + 1u]; i++) {
            sum += masked(key, order[i] * params.width + column);
        }
        grad_token[item] = sum;
        return;
    }
    let element = item - tokens;
    let size = params.seq * params.width;
    if (POSITIONS && element < size) {
        var sum = select(0.0, grad_position[element], ACCUMULATE_POSITION);
        for (var at = element; at < params.rows * params.width; at += size) {
            sum += masked(key, at);
        }
        grad_position[element] = sum;
    }
}
