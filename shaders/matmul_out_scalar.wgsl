// Snippet: what has the result's layout, word by word: any stride and number of columns. `column` is inside, the three after
// it need not be; `at` = row * stride + column.
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read_write> pre_out: array<f32>;
@group(0) @binding(7) var<storage, read> residual: array<f32>;
@group(0) @binding(8) var<storage, read> pre: array<f32>;

// `at` and the three after it, the last column again for those outside: nobody stores what comes of them.
fn four(at: u32, column: u32) -> vec4<u32> {
    return at + min(vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.columns - 1u - column));
}
fn load_out(at: u32, column: u32) -> vec4<f32> {
    let i = four(at, column);
    return vec4<f32>(out[i.x], out[i.y], out[i.z], out[i.w]);
}
fn load_bias(column: u32) -> vec4<f32> {
    let i = four(column, column);
    return vec4<f32>(bias[i.x], bias[i.y], bias[i.z], bias[i.w]);
}
fn load_residual(at: u32, column: u32) -> vec4<f32> {
    let i = four(at, column);
    return vec4<f32>(residual[i.x], residual[i.y], residual[i.z], residual[i.w]);
}
fn load_pre(at: u32, column: u32) -> vec4<f32> {
    let i = four(at, column);
    return vec4<f32>(pre[i.x], pre[i.y], pre[i.z], pre[i.w]);
}
fn store_out(at: u32, column: u32, value: vec4<f32>) {
    for (var i = 0u; i < min(4u, params.columns - column); i++) {
        out[at + i] = value[i];
    }
}
fn store_pre(at: u32, column: u32, value: vec4<f32>) {
    for (var i = 0u; i < min(4u, params.columns - column); i++) {
        pre_out[at + i] = value[i];
    }
}
