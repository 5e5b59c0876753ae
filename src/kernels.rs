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
        /// Number of positions that the loss averages over.
        positions: f32,
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
