// Snippet: the left operand read word by word: any stride.
@group(0) @binding(2) var<storage, read> a: array<f32>;

// Words `at`..`at + 3` of the line that starts at `line` and holds `extent` words. Past the last, the last again: whoever
// asks does not use them.
fn load_a(line: u32, at: u32, extent: u32) -> vec4<f32> {
    let i = line + min(vec4<u32>(at, at + 1u, at + 2u, at + 3u), vec4<u32>(extent - 1u));
    return vec4<f32>(a[i.x], a[i.y], a[i.z], a[i.w]);
}
