//! The WGSL files as data: entry points, their bindings, their `Params`. Nothing here knows wgpu; `plan.rs` makes
//! pipelines of it. A test parses every file with naga and holds bindings and `Params` against what stands here.
//!
//! Conventions of every shader: group 0; binding 0 is the uniform `params`; a file's other bindings keep one number each;
//! variation comes from `override` constants alone. Buffers are flat arrays of 32-bit words.

use bytemuck::{Pod, Zeroable};

/// How a kernel uses a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// `var<uniform>`.
    Uniform,
    /// `var<storage, read>`.
    Read,
    /// `var<storage, read_write>`.
    Write,
}

/// One binding of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Binding number in group 0.
    pub index: u32,
    /// Its name in the WGSL.
    pub name: &'static str,
    /// How it is used.
    pub access: Access,
}

/// A compute entry point. The name is `file.entry`, the label of everything made from it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    /// `norm.forward`.
    pub name: &'static str,
    /// WGSL: snippets first, the file last.
    pub sources: &'static [&'static str],
    /// Entry point in it.
    pub entry: &'static str,
    /// Bindings after `params`, in the order in which an op lists its buffers.
    pub slots: &'static [Slot],
    /// Fields of `Params`, each one 32-bit word.
    pub params: &'static [&'static str],
}

/// Declares a `Params` struct: 32-bit fields, in the order of the WGSL struct, padded by uniform-buffer rules.
macro_rules! params {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)+ }) => {
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty,)+ }
        impl $name {
            /// Field names in order, for the test that parses the WGSL.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];
        }
    };
}

/// The WGSL of one file: its snippets, then itself.
macro_rules! sources {
    ($($source:literal),+) => { &[$(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", $source, ".wgsl"))),+] };
}

/// Declares kernels of one file: `NAME = "entry" { slot: index access, … }`.
macro_rules! kernels {
    ($file:literal, $sources:expr, $params:ty, { $($(#[$doc:meta])* $name:ident = $entry:literal { $($slot:ident: $index:literal $access:ident),* $(,)? };)+ }) => {
        $($(#[$doc])*
        pub static $name: Kernel = Kernel {
            name: concat!($file, ".", $entry),
            sources: $sources,
            entry: $entry,
            slots: &[$(Slot { index: $index, name: stringify!($slot), access: Access::$access }),*],
            params: <$params>::FIELDS,
        };)+
    };
}

mod attention;
mod matmul;
pub use attention::*;
pub use matmul::*;

params! {
    /// What changes from step to step, uploaded with the batch: the uniform `step` of the kernels that need it.
    Step {
        /// Counted from 1.
        step: u32,
        /// Of the configuration.
        seed: u32,
        /// 1 while training, 0 in evaluation: dropout acts only in training.
        training: u32,
        /// Entry of the loss ring that this step writes.
        slot: u32,
        /// This step's learning rate.
        learning_rate: f32,
        /// 1 − beta1^step.
        correction1: f32,
        /// 1 − beta2^step.
        correction2: f32,
        /// Micro-batch of the step, from 0: the first overwrites sums, the others add.
        micro: u32,
        /// 1 / micro-batches of a step.
        share: f32,
        /// Keeps the struct a multiple of 16 bytes, as uniforms are.
        unused0: u32,
        /// The same.
        unused1: u32,
        /// The same.
        unused2: u32,
    }
}

params! {
    /// Normalisation of rows.
    NormParams {
        /// Rows.
        rows: u32,
        /// Columns.
        width: u32,
        /// Rows that one partial sum of the gain's gradient covers.
        chunk: u32,
        /// Added to the variance.
        epsilon: f32,
    }
}

const NORM: &[&str] = sources!["index", "norm"];

kernels!("norm", NORM, NormParams, {
    /// y and statistics, one thread a row.
    NORM_FORWARD_ROW = "forward_row" { x: 2 Read, gain: 3 Read, bias: 4 Read, y: 5 Write, statistics_out: 6 Write };
    /// y and statistics, one workgroup a row.
    NORM_FORWARD_GROUP = "forward_group" { x: 2 Read, gain: 3 Read, bias: 4 Read, y: 5 Write, statistics_out: 6 Write };
    /// grad_x, one thread a row.
    NORM_BACKWARD_X_ROW = "backward_x_row" { x: 2 Read, gain: 3 Read, statistics: 7 Read, grad_y: 8 Read, grad_x: 9 Write };
    /// grad_x, one workgroup a row.
    NORM_BACKWARD_X_GROUP = "backward_x_group" { x: 2 Read, gain: 3 Read, statistics: 7 Read, grad_y: 8 Read, grad_x: 9 Write };
    /// Sums of chunks of rows.
    NORM_BACKWARD_GAIN_PARTIAL = "backward_gain_partial" { x: 2 Read, statistics: 7 Read, grad_y: 8 Read, partials_out: 10 Write };
    /// Sum of the chunks.
    NORM_BACKWARD_GAIN = "backward_gain" { partials: 11 Read, grad_gain: 12 Write, grad_bias: 13 Write };
});

params! {
    /// Token and position embedding.
    EmbedParams {
        /// batch · seq.
        rows: u32,
        /// Positions per window.
        seq: u32,
        /// Columns.
        width: u32,
        /// Rows of the token table.
        vocab: u32,
        /// Which dropout this is.
        site: u32,
        /// Probability of dropping.
        dropout: f32,
    }
}

const EMBED: &[&str] = sources!["index", "step", "dropout", "embed"];

kernels!("embed", EMBED, EmbedParams, {
    /// x = token + position.
    EMBED_FORWARD = "forward" { step: 1 Uniform, ids: 2 Read, token: 3 Read, position: 4 Read, x: 5 Write };
    /// Sums the rows of each token.
    EMBED_BACKWARD_TOKEN = "backward_token" { step: 1 Uniform, grad_x: 6 Read, order: 7 Read, starts: 8 Read, grad_token: 9 Write };
    /// Sums the batch.
    EMBED_BACKWARD_POSITION = "backward_position" { step: 1 Uniform, grad_x: 6 Read, grad_position: 10 Write };
});

params! {
    /// Mean cross-entropy over rows of logits.
    CrossEntropyParams {
        /// Rows of this chunk (of the batch, in `mean_*`).
        rows: u32,
        /// Columns that count.
        vocab: u32,
        /// Words from row to row.
        stride: u32,
        /// Positions per window.
        seq: u32,
        /// Number of this chunk's first row.
        first: u32,
        /// 1 / positions that the loss averages over.
        scale: f32,
    }
}

const CROSS_ENTROPY: &[&str] = sources!["index", "step", "cross_entropy"];

kernels!("cross_entropy", CROSS_ENTROPY, CrossEntropyParams, {
    /// Losses, and logits into their gradient; one thread a row.
    CROSS_ENTROPY_FORWARD_ROW = "forward_row" { logits: 2 Write, targets: 3 Read, losses_out: 4 Write };
    /// Losses, and logits into their gradient; one workgroup a row.
    CROSS_ENTROPY_FORWARD_GROUP = "forward_group" { logits: 2 Write, targets: 3 Read, losses_out: 4 Write };
    /// Mean loss into the ring; one thread.
    CROSS_ENTROPY_MEAN_ROW = "mean_row" { step: 1 Uniform, losses: 5 Read, ring: 6 Write };
    /// Mean loss into the ring; one workgroup.
    CROSS_ENTROPY_MEAN_GROUP = "mean_group" { step: 1 Uniform, losses: 5 Read, ring: 6 Write };
});

params! {
    /// Elementwise work.
    ElementwiseParams {
        /// Elements.
        count: u32,
        /// Which dropout this is.
        site: u32,
        /// Probability of dropping.
        dropout: f32,
        /// Uniforms are multiples of 16 bytes.
        unused: u32,
    }
}

const ELEMENTWISE: &[&str] = sources!["index", "step", "dropout", "activation", "elementwise"];

kernels!("elementwise", ELEMENTWISE, ElementwiseParams, {
    /// out = a + dropout(b).
    SUM = "sum" { step: 1 Uniform, a: 2 Read, b: 3 Read, out: 4 Write };
    /// out += a.
    ADD = "add" { a: 2 Read, out: 4 Write };
    /// out = a · mask.
    DROPOUT_BACKWARD = "dropout_backward" { step: 1 Uniform, a: 2 Read, out: 4 Write };
    /// out = silu(a) · b.
    SWIGLU = "swiglu" { a: 2 Read, b: 3 Read, out: 4 Write };
    /// Its two gradients.
    SWIGLU_BACKWARD = "swiglu_backward" { a: 2 Read, b: 3 Read, grad: 5 Read, grad_a: 6 Write, grad_b: 7 Write };
});

params! {
    /// Columns of a matrix.
    ColumnsParams {
        /// Rows.
        rows: u32,
        /// Words from row to row.
        stride: u32,
        /// First of the columns.
        first: u32,
        /// How many.
        count: u32,
    }
}

const COLUMNS: &[&str] = sources!["index", "columns"];

kernels!("columns", COLUMNS, ColumnsParams, {
    /// Sets them to zero.
    COLUMNS_CLEAR = "clear" { x: 2 Write };
});

params! {
    /// Rotary positions.
    RotaryParams {
        /// batch · seq.
        rows: u32,
        /// Positions per window.
        seq: u32,
        /// Query heads plus key heads.
        heads: u32,
        /// Pairs per head.
        half: u32,
        /// Words from row to row.
        stride: u32,
        /// Uniforms are multiples of 16 bytes.
        unused0: u32,
        /// The same.
        unused1: u32,
        /// The same.
        unused2: u32,
    }
}

const ROTARY: &[&str] = sources!["index", "rotary"];

kernels!("rotary", ROTARY, RotaryParams, {
    /// Turns queries and keys in place, forwards or (INVERSE) back.
    ROTARY_TURN = "turn" { table: 2 Read, qkv: 3 Write };
});

params! {
    /// Clipping and update of a stretch of the flat buffers.
    OptimizerParams {
        /// Words of the stretch.
        words: u32,
        /// Its leading words that decay.
        decayed: u32,
        /// Partial sums: of the stretch in `square_sums`, of all in `settle`.
        parts: u32,
        /// The stretch's first partial sum.
        first_part: u32,
        /// Decay of the first moment.
        beta1: f32,
        /// Decay of the second moment.
        beta2: f32,
        /// Added to the root of the second moment.
        epsilon: f32,
        /// Strength of the decay.
        weight_decay: f32,
        /// Largest norm; 0: any.
        clip: f32,
        /// Uniforms are multiples of 16 bytes.
        unused0: u32,
        /// The same.
        unused1: u32,
        /// The same.
        unused2: u32,
    }
}

const OPTIMIZER: &[&str] = sources!["index", "step", "optimizer"];

kernels!("optimizer", OPTIMIZER, OptimizerParams, {
    /// Partial sums of squared gradients; one thread a part.
    OPTIMIZER_SQUARE_SUMS_ROW = "square_sums_row" { gradients: 2 Read, sums_out: 3 Write };
    /// Partial sums of squared gradients; one workgroup a part.
    OPTIMIZER_SQUARE_SUMS_GROUP = "square_sums_group" { gradients: 2 Read, sums_out: 3 Write };
    /// Norm, clipping factor, finiteness, the step's entry in the ring.
    OPTIMIZER_SETTLE = "settle" { step: 1 Uniform, sums: 4 Read, state_out: 5 Write, ring: 7 Write };
    /// Sum of the micro-batches' gradients.
    OPTIMIZER_ACCUMULATE = "accumulate" { step: 1 Uniform, gradients: 2 Read, total: 11 Write };
    /// Moments and weights.
    OPTIMIZER_UPDATE = "update" { step: 1 Uniform, gradients: 2 Read, state: 6 Read, weights: 8 Write, first: 9 Write, second: 10 Write };
});

/// Every kernel there is.
pub fn all() -> Vec<&'static Kernel> {
    let alone = [
        &NORM_FORWARD_ROW,
        &NORM_FORWARD_GROUP,
        &NORM_BACKWARD_X_ROW,
        &NORM_BACKWARD_X_GROUP,
        &NORM_BACKWARD_GAIN_PARTIAL,
        &NORM_BACKWARD_GAIN,
        &EMBED_FORWARD,
        &EMBED_BACKWARD_TOKEN,
        &EMBED_BACKWARD_POSITION,
        &CROSS_ENTROPY_FORWARD_ROW,
        &CROSS_ENTROPY_FORWARD_GROUP,
        &CROSS_ENTROPY_MEAN_ROW,
        &CROSS_ENTROPY_MEAN_GROUP,
        &SUM,
        &ADD,
        &DROPOUT_BACKWARD,
        &SWIGLU,
        &SWIGLU_BACKWARD,
        &COLUMNS_CLEAR,
        &ROTARY_TURN,
        &OPTIMIZER_SQUARE_SUMS_ROW,
        &OPTIMIZER_SQUARE_SUMS_GROUP,
        &OPTIMIZER_SETTLE,
        &OPTIMIZER_ACCUMULATE,
        &OPTIMIZER_UPDATE,
        &ATTENTION_WEIGHTS,
        &ATTENTION_WEIGHTS_SCALAR,
    ];
    let attention = [&ATTENTION_DIRECT, &ATTENTION_DIRECT_SCALAR, &ATTENTION_STAGED, &ATTENTION_STAGED_SCALAR];
    let attention = attention.into_iter().flat_map(|a| [a.forward, a.backward_q, a.backward_kv]);
    let products = MATMUL.iter().flatten().flatten().copied();
    alone.into_iter().chain(attention).chain(products).collect()
}
