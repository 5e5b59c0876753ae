//! The kernels of attention*.wgsl.

use super::{Access, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Shapes of one attention layer.
    AttentionParams {
        /// Sequences.
        batch: u32,
        /// Positions of each.
        seq: u32,
        /// Query heads.
        heads: u32,
        /// Key and value heads.
        kv_heads: u32,
        /// Query head that `weights_of_head` looks at.
        head: u32,
        /// Dropout: which of the model's masks.
        site: u32,
        /// Dropout: share of weights that are zeroed.
        rate: f32,
        /// 1 / √head_dim.
        scale: f32,
    }
}

/// A body of attention that reads and writes in one of the two ways: its three entry points.
#[derive(Debug)]
pub struct AttentionKernels {
    /// out and log_sum_exp.
    pub forward: &'static Kernel,
    /// grad_q and delta.
    pub backward_q: &'static Kernel,
    /// grad_k and grad_v.
    pub backward_kv: &'static Kernel,
}

// `NAME: FORWARD, BACKWARD_Q, BACKWARD_KV = "file", [its sources], further slots of forward`.
macro_rules! attention {
    ($($(#[$doc:meta])* $name:ident: $forward:ident, $backward_q:ident, $backward_kv:ident
        = $file:literal, [$($source:literal),+], { $($slot:ident: $index:literal $access:ident),* };)+) => {
        $(kernels!($file, sources![$($source),+], AttentionParams, {
            /// out and log_sum_exp.
            $forward = "forward" {
                step: 1 Uniform, qkv: 2 Read, out_out: 3 Write, log_sum_exp_out: 4 Write $(, $slot: $index $access)*
            };
            /// grad_q and delta.
            $backward_q = "backward_q" {
                step: 1 Uniform, qkv: 2 Read, out: 5 Read, log_sum_exp: 6 Read, grad_out: 7 Read, delta_out: 8 Write, grad_qkv: 10 Write,
            };
            /// grad_k and grad_v.
            $backward_kv = "backward_kv" {
                step: 1 Uniform, qkv: 2 Read, log_sum_exp: 6 Read, grad_out: 7 Read, delta: 9 Read, grad_qkv: 10 Write,
            };
        });
        $(#[$doc])*
        pub static $name: AttentionKernels = AttentionKernels {
            forward: &$forward,
            backward_q: &$backward_q,
            backward_kv: &$backward_kv,
        };)+
    };
}

attention! {
    /// For CPU adapters; head_dim a multiple of 4.
    ATTENTION_DIRECT: ATTENTION_DIRECT_FORWARD, ATTENTION_DIRECT_BACKWARD_Q, ATTENTION_DIRECT_BACKWARD_KV
        = "attention_direct", ["index", "step", "dropout", "attention_vector", "attention", "attention_direct"], {};
    /// For CPU adapters; any head_dim.
    ATTENTION_DIRECT_SCALAR: ATTENTION_DIRECT_SCALAR_FORWARD, ATTENTION_DIRECT_SCALAR_BACKWARD_Q, ATTENTION_DIRECT_SCALAR_BACKWARD_KV
        = "attention_direct_scalar", ["index", "step", "dropout", "attention_scalar", "attention", "attention_direct"], {};
    /// For GPUs; head_dim a multiple of 4. Its loads name grad_out in forward too, which leaves it unbound.
    ATTENTION_STAGED: ATTENTION_STAGED_FORWARD, ATTENTION_STAGED_BACKWARD_Q, ATTENTION_STAGED_BACKWARD_KV
        = "attention_staged", ["index", "step", "dropout", "attention_vector", "attention", "attention_staged"], { grad_out: 7 Read };
    /// For GPUs; any head_dim.
    ATTENTION_STAGED_SCALAR: ATTENTION_STAGED_SCALAR_FORWARD, ATTENTION_STAGED_SCALAR_BACKWARD_Q, ATTENTION_STAGED_SCALAR_BACKWARD_KV
        = "attention_staged_scalar", ["index", "step", "dropout", "attention_scalar", "attention", "attention_staged"], { grad_out: 7 Read };
}

kernels!("attention", sources!["index", "step", "dropout", "attention_vector", "attention", "attention_direct"], AttentionParams, {
    /// The weights of one head, for looking at; head_dim a multiple of 4.
    ATTENTION_WEIGHTS = "weights_of_head" { qkv: 2 Read, log_sum_exp: 6 Read, weights: 11 Write };
});
kernels!("attention_scalar", sources!["index", "step", "dropout", "attention_scalar", "attention", "attention_direct"], AttentionParams, {
    /// The weights of one head, for looking at; any head_dim.
    ATTENTION_WEIGHTS_SCALAR = "weights_of_head" { qkv: 2 Read, log_sum_exp: 6 Read, weights: 11 Write };
});
