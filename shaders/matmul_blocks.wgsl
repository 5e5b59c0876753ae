// Snippet: of the matrix product: reading 4 × 4 blocks of the operands, and what is fused to a value
// before it is stored. Needs activation, step, dropout and one each of matmul_{a,b,out}_{vector,scalar}.
struct Params {
    rows: u32,
    columns: u32,
    inner: u32,
    a_stride: u32, // words from one line of a to the next
    b_stride: u32,
    out_stride: u32,
    site: u32, // of the dropout
    rate: f32,
}
override INNER_TAIL: bool = false; // inner is no multiple of what matmul_staged takes of it at once
override BIAS: bool = false;
override KEEP_PRE: bool = false;
override RESIDUAL: bool = false;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(9) var<storage, read_write> grad_bias: array<f32>;

// 1 for the inner indices k..k + 3 that exist, 0 for those that do not.
fn exists(k: u32) -> vec4<bool> {
    return vec4<u32>(k, k + 1u, k + 2u, k + 3u) < vec4<u32>(params.inner);
}

// Four rows of the left operand by four inner indices: [row][k]. Indices past `inner` give 0; rows past the last repeat it.
fn block_a(row: u32, k: u32, transposed: bool) -> mat4x4<f32> {
    let stride = params.a_stride;
    var block = mat4x4<f32>();
    if (transposed) {
        let last = params.inner - 1u;
        let rows = params.rows;
        block = transpose(mat4x4<f32>(
            load_a(min(k, last) * stride, row, rows),
            load_a(min(k + 1u, last) * stride, row, rows),
            load_a(min(k + 2u, last) * stride, row, rows),
            load_a(min(k + 3u, last) * stride, row, rows),
        ));
    } else {
        let last = params.rows - 1u;
        let inner = params.inner;
        block = mat4x4<f32>(
            load_a(min(row, last) * stride, k, inner),
            load_a(min(row + 1u, last) * stride, k, inner),
            load_a(min(row + 2u, last) * stride, k, inner),
            load_a(min(row + 3u, last) * stride, k, inner),
        );
    }
    if (INNER_TAIL) {
        let valid = exists(k);
        block = mat4x4<f32>(
            select(vec4<f32>(0.0), block[0], valid),
            select(vec4<f32>(0.0), block[1], valid),
            select(vec4<f32>(0.0), block[2], valid),
            select(vec4<f32>(0.0), block[3], valid),
        );
    }
    return block;
}

// Four inner indices by four columns of the right operand: [k][column]. Both repeat their last: a's zeros take care of k.
fn block_b(k: u32, column: u32, transposed: bool) -> mat4x4<f32> {
    let stride = params.b_stride;
    if (transposed) {
        let last = params.columns - 1u;
        let inner = params.inner;
        return transpose(mat4x4<f32>(
            load_b(min(column, last) * stride, k, inner),
            load_b(min(column + 1u, last) * stride, k, inner),
            load_b(min(column + 2u, last) * stride, k, inner),
            load_b(min(column + 3u, last) * stride, k, inner),
        ));
    }
    let last = params.inner - 1u;
    let columns = params.columns;
    return mat4x4<f32>(
        load_b(min(k, last) * stride, column, columns),
        load_b(min(k + 1u, last) * stride, column, columns),
        load_b(min(k + 2u, last) * stride, column, columns),
        load_b(min(k + 3u, last) * stride, column, columns),
    );
}

// out = dropout(activate(a · b + bias)) + residual, at (row, column..column + 3).
fn finish_nn(row: u32, column: u32, product: vec4<f32>) {
    if (row >= params.rows || column >= params.columns) {
        return;
    }
    let at = row * params.out_stride + column;
    var value = product;
    if (BIAS) {
        value += load_bias(column);
    }
    if (KEEP_PRE) {
        store_pre(at, column, value);
    }
    value = activate(value);
    if (DROPOUT) {
        value *= dropout_scale4(dropout_key(params.site), step.first_row * params.out_stride + at, params.rate);
    }
    if (RESIDUAL) {
        value += load_residual(at, column);
    }
    if (ACCUMULATE) {
        value += load_out(at, column);
    }
    store_out(at, column, value);
}

// out = (a · bᵀ + bias) ∘ activate'(pre): the gradient of a forward NN's a, where pre went through that activation.
fn finish_nt(row: u32, column: u32, product: vec4<f32>) {
    if (row >= params.rows || column >= params.columns) {
        return;
    }
    let at = row * params.out_stride + column;
    var value = product;
    if (BIAS) {
        value += load_bias(column);
    }
    if (ACTIVATION != 0u) {
        value *= activate_derivative(load_pre(at, column));
    }
    if (ACCUMULATE) {
        value += load_out(at, column);
    }
    store_out(at, column, value);
}

// out = aᵀ · b: the gradient of a forward NN's b.
fn finish_tn(row: u32, column: u32, product: vec4<f32>) {
    if (row >= params.rows || column >= params.columns) {
        return;
    }
    let at = row * params.out_stride + column;
    var value = product;
    if (ACCUMULATE) {
        value += load_out(at, column);
    }
    store_out(at, column, value);
}

// Four neighbouring sums into grad_bias, of which `count` exist.
fn finish_bias(first: u32, count: u32, sums: vec4<f32>) {
    for (var i = first; i < min(first + 4u, count); i++) {
        grad_bias[i] = sums[i - first] + select(0.0, grad_bias[i], ACCUMULATE);
    }
}
