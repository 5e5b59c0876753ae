// Snippet: what changes from step to step; kernels::Step.
struct Step {
    step: u32,
    seed: u32,
    training: u32,
    slot: u32,
    learning_rate: f32,
    correction1: f32,
    correction2: f32,
    part: u32,
    share: f32,
    first_row: u32, // of the whole step, where this part begins
    unused1: u32,
    unused2: u32,
}
@group(0) @binding(1) var<uniform> step: Step;
