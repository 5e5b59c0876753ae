//! Every kernel once: its WGSL, entry point, bindings and `Params`, and beside them its body in Rust. Nothing here knows wgpu;
//! `plan.rs` makes pipelines of it, `cpu.rs` calls the bodies. A test parses every file with naga and holds bindings and `Params`
//! against what stands here; others hold both bodies against slow loops in f64.
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
#[derive(Debug)]
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
    /// What the entry point computes, on the CPU. Kernels that differ only in how they read and write share it.
    pub body: fn(&mut Call<'_>),
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

/// Declares kernels of one file: `NAME = "entry" { slot: index access, … } => body`.
macro_rules! kernels {
    ($file:literal, $sources:expr, $params:ty, { $($(#[$doc:meta])* $name:ident = $entry:literal { $($slot:ident: $index:literal $access:ident),* $(,)? } => $body:expr;)+ }) => {
        $($(#[$doc])*
        pub static $name: Kernel = Kernel {
            name: concat!($file, ".", $entry),
            sources: $sources,
            entry: $entry,
            slots: &[$(Slot { index: $index, name: stringify!($slot), access: Access::$access }),*],
            params: <$params>::FIELDS,
            body: $body,
        };)+
    };
}

/// A body with the widest vectors of the machine that it runs on, chosen there and then: `body::<FUSED>` is inlined into a function
/// that may use them.
macro_rules! wide {
    ($body:ident) => {{
        #[cfg(target_arch = "x86_64")]
        struct Wide<'a, 'b>(&'a mut Call<'b>);
        #[cfg(target_arch = "x86_64")]
        impl pulp::WithSimd for Wide<'_, '_> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, _: S) {
                $body::<true>(self.0);
            }
        }
        fn wide(call: &mut Call<'_>) {
            #[cfg(target_arch = "x86_64")]
            match pulp::Arch::new() {
                pulp::Arch::V4(vectors) => return pulp::Simd::vectorize(vectors, Wide(call)),
                pulp::Arch::V3(vectors) => return pulp::Simd::vectorize(vectors, Wide(call)),
                _ => {}
            }
            $body::<{ cfg!(target_arch = "aarch64") }>(call)
        }
        wide
    }};
}

mod activation;
mod adam;
mod attention;
mod cache;
mod call;
mod columns;
mod cross_entropy;
mod elementwise;
mod embed;
mod lanes;
mod matmul;
mod norm;
mod optimizer;
mod product;
mod rotary;
mod sgd;

pub use adam::*;
pub use attention::*;
pub use cache::*;
pub use call::{Call, Scratch, Words};
pub use columns::*;
pub use cross_entropy::*;
pub use elementwise::*;
pub use embed::*;
pub use matmul::*;
pub use norm::*;
pub use optimizer::*;
pub use rotary::*;
pub use sgd::*;

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
        /// Part of the step, from 0.
        part: u32,
        /// The part's share of the mean loss: 1 / parts.
        share: f32,
        /// Row of the whole step where the part begins: its first window · the window's length. Dropout is drawn by it.
        first_row: u32,
        /// Keeps the struct a multiple of 16 bytes, as uniforms are.
        unused1: u32,
        /// The same.
        unused2: u32,
    }
}

/// Every kernel there is.
pub fn all() -> Vec<&'static Kernel> {
    let alone = [
        &NORM_FORWARD,
        &NORM_BACKWARD_X,
        &NORM_BACKWARD_GAIN,
        &EMBED_FORWARD,
        &EMBED_BACKWARD,
        &CROSS_ENTROPY_FORWARD,
        &CROSS_ENTROPY_MEAN,
        &SUM,
        &ADD,
        &COPY,
        &DROPOUT_BACKWARD,
        &SWIGLU,
        &SWIGLU_BACKWARD,
        &COLUMNS_CLEAR,
        &ROTARY_TURN,
        &CACHE_KEEP,
        &CACHE_ATTEND,
        &OPTIMIZER_SQUARE_SUMS,
        &OPTIMIZER_SETTLE,
        &ADAM_UPDATE,
        &SGD_UPDATE,
    ];
    let attention = [&ATTENTION, &ATTENTION_SCALAR].into_iter();
    let attention = attention.flat_map(|a| [a.forward, a.backward_q, a.backward_kv, a.weights]);
    let products = MATMUL.iter().flatten().chain(MATMUL_ROW.iter().flatten()).copied();
    alone.into_iter().chain(attention).chain(products).collect()
}
