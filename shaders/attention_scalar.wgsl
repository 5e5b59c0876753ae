// Snippet: the rows of attention word by word; HEAD_DIM may be anything. Its twin: attention_vector.
// A row's last four is filled up with zeros, so that nothing else need know.
override HEAD_DIM: u32 = 64u;

@group(0) @binding(2) var<storage, read> qkv: array<f32>;
@group(0) @binding(3) var<storage, read_write> out_out: array<f32>;
@group(0) @binding(5) var<storage, read> out: array<f32>;
@group(0) @binding(7) var<storage, read> grad_out: array<f32>;
@group(0) @binding(10) var<storage, read_write> grad_qkv: array<f32>;

// Words of columns 4c to 4c + 3 of the row that starts at word `at`, kept inside the row.
fn words_of(at: u32, c: u32) -> vec4<u32> {
    return vec4<u32>(at) + min(vec4<u32>(4u * c) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(HEAD_DIM - 1u));
}
fn zero_beyond(c: u32, row: vec4<f32>) -> vec4<f32> {
    return select(vec4<f32>(0.0), row, vec4<u32>(4u * c) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(HEAD_DIM));
}

fn load_qkv(at: u32, c: u32) -> vec4<f32> {
    let w = words_of(at, c);
    return zero_beyond(c, vec4<f32>(qkv[w.x], qkv[w.y], qkv[w.z], qkv[w.w]));
}
fn load_out(at: u32, c: u32) -> vec4<f32> {
    let w = words_of(at, c);
    return zero_beyond(c, vec4<f32>(out[w.x], out[w.y], out[w.z], out[w.w]));
}
fn load_grad_out(at: u32, c: u32) -> vec4<f32> {
    let w = words_of(at, c);
    return zero_beyond(c, vec4<f32>(grad_out[w.x], grad_out[w.y], grad_out[w.z], grad_out[w.w]));
}
fn store_out(at: u32, c: u32, value: vec4<f32>) {
    for (var n = 0u; n < 4u; n++) {
        if (4u * c + n < HEAD_DIM) {
            out_out[at + 4u * c + n] = value[n];
        }
    }
}
fn store_grad_qkv(at: u32, c: u32, value: vec4<f32>) {
    for (var n = 0u; n < 4u; n++) {
        if (4u * c + n < HEAD_DIM) {
            grad_qkv[at + 4u * c + n] = value[n];
        }
    }
}
