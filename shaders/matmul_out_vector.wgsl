// Snippet: what has the result's layout, four columns at a time. Needs a stride and a number of columns that are multiples
// of 4. `column` is a multiple of 4 and inside, `at` = row * stride + column.
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> pre_out: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read> pre: array<vec4<f32>>;

fn load_out(at: u32, column: u32) -> vec4<f32> {
    return out[at / 4u];
}
fn load_bias(column: u32) -> vec4<f32> {
    return bias[column / 4u];
}
fn load_residual(at: u32, column: u32) -> vec4<f32> {
    return residual[at / 4u];
}
fn load_pre(at: u32, column: u32) -> vec4<f32> {
    return pre[at / 4u];
}
fn store_out(at: u32, column: u32, value: vec4<f32>) {
    out[at / 4u] = value;
}
fn store_pre(at: u32, column: u32, value: vec4<f32>) {
    pre_out[at / 4u] = value;
}
