//! Multi-head attention: shapes to dispatches. Formulas and layouts: shaders/attention.wgsl.

use crate::kernels::{self as k, AttentionKernels, AttentionParams, Kernel};
use crate::tape::{Dispatch, Region, grid};

/// Shapes of one attention layer. qkv [batch, seq, (heads + 2·kv_heads)·head_dim]: all q, all k, all v, head-major in each.
/// Query head h reads key and value head h / (heads / kv_heads).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attention {
    /// Sequences.
    pub batch: usize,
    /// Positions of each.
    pub seq: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; divides `heads`.
    pub kv_heads: usize,
    /// Columns of a head.
    pub head_dim: usize,
    /// Whether a position sees itself and earlier ones alone.
    pub causal: bool,
    /// On the weights, after the softmax: site, rate, and the `Step` uniform.
    pub dropout: Option<(u32, f32, Region)>,
}

impl Attention {
    /// Writes out [batch, seq, heads·head_dim] and log_sum_exp [batch, heads, seq].
    pub fn forward(&self, qkv: Region, out: Region, log_sum_exp: Region) -> Vec<Dispatch> {
        let kernel = self.kernels().forward;
        // The loads name grad_out, and do not read it here.
        let regions = [self.step(), Some(qkv), Some(out), Some(log_sum_exp), None];
        vec![self.dispatch(kernel, self.heads, &regions)]
    }

    /// Overwrites all of grad_qkv. delta [batch, heads, seq] is scratch: Σ grad_out·out of each row.
    // The layer's every tensor has a part in its gradient.
    #[allow(clippy::too_many_arguments)]
    pub fn backward(
        &self,
        qkv: Region,
        out: Region,
        log_sum_exp: Region,
        grad_out: Region,
        delta: Region,
        grad_qkv: Region,
    ) -> Vec<Dispatch> {
        let kernels = self.kernels();
        let [qkv, out, log_sum_exp, grad_out, delta, grad_qkv] =
            [qkv, out, log_sum_exp, grad_out, delta, grad_qkv].map(Some);
        let queries = [self.step(), qkv, out, log_sum_exp, grad_out, delta, grad_qkv];
        let keys = [self.step(), qkv, log_sum_exp, grad_out, delta, grad_qkv];
        vec![
            self.dispatch(kernels.backward_q, self.heads, &queries),
            self.dispatch(kernels.backward_kv, self.kv_heads, &keys),
        ]
    }

    /// Writes weights [seq, seq] of one query head of batch entry 0: rows of the softmax, 0 where a key is not seen. Never
    /// with dropout.
    pub fn weights(&self, qkv: Region, log_sum_exp: Region, head: usize, weights: Region) -> Dispatch {
        let kernel = self.kernels().weights;
        let params = AttentionParams { head: head as u32, ..self.params() };
        let threads = grid(self.seq * self.seq.div_ceil(4), 64);
        Dispatch::new(kernel, &params, threads, &[Some(qkv), Some(log_sum_exp), Some(weights)])
            .with_number("HEAD_DIM", self.head_dim as u32)
            .with("CAUSAL", self.causal)
    }

    fn kernels(&self) -> &'static AttentionKernels {
        if self.head_dim.is_multiple_of(4) { &k::ATTENTION } else { &k::ATTENTION_SCALAR }
    }

    fn step(&self) -> Option<Region> {
        self.dropout.map(|(_, _, step)| step)
    }

    fn params(&self) -> AttentionParams {
        let (site, rate, _) = self.dropout.map_or((0, 0.0, None), |(site, rate, step)| (site, rate, Some(step)));
        AttentionParams {
            batch: self.batch as u32,
            seq: self.seq as u32,
            heads: self.heads as u32,
            kv_heads: self.kv_heads as u32,
            head: 0,
            site,
            rate,
            scale: self.scale(),
        }
    }

    /// What scores are multiplied by.
    pub fn scale(&self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }

    fn dispatch(&self, kernel: &'static Kernel, heads: usize, regions: &[Option<Region>]) -> Dispatch {
        // 32 rows and 64 columns of a head to a workgroup.
        let groups = self.seq.div_ceil(32) * self.batch * heads * self.head_dim.div_ceil(64);
        Dispatch::new(kernel, &self.params(), grid(groups, 1), regions)
            .with_number("HEAD_DIM", self.head_dim as u32)
            .with("CAUSAL", self.causal)
            .with("DROPOUT", self.dropout.is_some())
    }
}
