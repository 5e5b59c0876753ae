// Snippet: the rows of attention four words at a time; HEAD_DIM is a multiple of 4. Its twin: attention_scalar.
override HEAD_DIM: u32 = 64u;

@group(0) @binding(2) var<storage, read> qkv: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> out_out: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> out: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> grad_out: array<vec4<f32>>;
@group(0) @binding(10) var<storage, read_write> grad_qkv: array<vec4<f32>>;

// Columns 4c to 4c + 3 of the row that starts at word `at`.
fn load_qkv(at: u32, c: u32) -> vec4<f32> {
    return qkv[at / 4u + c];
}
fn load_out(at: u32, c: u32) -> vec4<f32> {
    return out[at / 4u + c];
}
fn load_grad_out(at: u32, c: u32) -> vec4<f32> {
    return grad_out[at / 4u + c];
}
fn store_out(at: u32, c: u32, value: vec4<f32>) {
    out_out[at / 4u + c] = value;
}
fn store_grad_qkv(at: u32, c: u32, value: vec4<f32>) {
    grad_qkv[at / 4u + c] = value;
}
