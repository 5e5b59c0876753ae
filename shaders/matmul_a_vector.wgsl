// Snippet: the left operand read four words at a time. Needs a stride that is a multiple of 4, padding included.
@group(0) @binding(2) var<storage, read> a: array<vec4<f32>>;

// Words `at`..`at + 3` of the line that starts at `line` and holds `extent` words. Past the last four, the last four again:
// whoever asks does not use them.
fn load_a(line: u32, at: u32, extent: u32) -> vec4<f32> {
    return a[(line + min(at, (extent - 1u) & ~3u)) / 4u];
}
