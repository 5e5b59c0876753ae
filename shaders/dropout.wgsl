// Snippet: dropout masks that are recomputed instead of stored. Needs step.wgsl.
// A counter-based generator: PCG's output function (Jarzynski and Olano, "Hash Functions for GPU Rendering", 2020) of seed,
// step, site and element, so that the backward pass draws the forward pass's mask again.
override DROPOUT: bool = false;

fn pcg(value: u32) -> u32 {
    let state = value * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}

// Fixed for a dispatch: every site of every step has its own sequence.
fn dropout_key(site: u32) -> u32 {
    return pcg(site + pcg(step.step + pcg(step.seed)));
}

// What element `index` is multiplied by: 0 with probability `rate`, else 1 / (1 - rate). 1 outside training.
fn dropout_scale(key: u32, index: u32, rate: f32) -> f32 {
    if (step.training == 0u) {
        return 1.0;
    }
    // 24 bits: what an f32 holds exactly.
    let draw = f32(pcg(index ^ key) >> 8u) / 16777216.0;
    return select(1.0 / (1.0 - rate), 0.0, draw < rate);
}

// Four neighbouring elements.
fn dropout_scale4(key: u32, index: u32, rate: f32) -> vec4<f32> {
    return vec4<f32>(
        dropout_scale(key, index, rate),
        dropout_scale(key, index + 1u, rate),
        dropout_scale(key, index + 2u, rate),
        dropout_scale(key, index + 3u, rate),
    );
}
