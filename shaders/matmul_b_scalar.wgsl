// Snippet: the right operand read word by word: any stride.
@group(0) @binding(3) var<storage, read> b: array<f32>;

// Words `at`..`at + 3` of the line that starts at `line` and holds `extent` words. Past the last, the last again: whoever
// asks does not use them.
fn load_b(line: u32, at: u32, extent: u32) -> vec4<f32> {
    let i = line + min(vec4<u32>(at, at + 1u, at + 2u, at + 3u), vec4<u32>(extent - 1u));
    return vec4<f32>(b[i.x], b[i.y], b[i.z], b[i.w]);
}
