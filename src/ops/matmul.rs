//! The matrix product as dispatches: which kernel, which tile, how many workgroups. The ops that differentiate it stand
//! elsewhere; everything fused to it is here.

use crate::config::Activation;
use crate::kernels::{Kernel, MATMUL, MATMUL_ROW, MatmulParams};
use crate::tape::{Dispatch, Region, grid};

/// Which operand is transposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    /// a[rows, inner] · b[inner, columns].
    NN,
    /// a[rows, inner] · b[columns, inner]ᵀ.
    NT,
    /// a[inner, rows]ᵀ · b[inner, columns].
    TN,
}

/// Which operand a bias's gradient is summed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BiasAxis {
    /// Column sums of b over inner → [columns]: a linear layer's bias.
    Columns,
    /// Column sums of a over inner → [rows]: the head's bias.
    Rows,
}

/// One product with everything fused to it.
#[derive(Clone, Debug)]
pub struct Product {
    /// Which operand is transposed.
    pub flavor: Flavor,
    /// Rows of the result.
    pub rows: usize,
    /// Columns of the result.
    pub columns: usize,
    /// Length of each sum.
    pub inner: usize,
    /// Left operand.
    pub a: Region,
    /// Words from one line of it to the next.
    pub a_stride: usize,
    /// Right operand.
    pub b: Region,
    /// Words from one line of it to the next.
    pub b_stride: usize,
    /// The result.
    pub out: Region,
    /// Words from one row of it to the next.
    pub out_stride: usize,
    /// NN, NT: added to every row.
    pub bias: Option<Region>, // [columns]
    /// NN: pre ← value, out ← act(value). NT: value ∘= act'(pre). Never SwiGLU.
    pub activation: Option<Activation>,
    /// Laid out like `out`; written by NN, read by NT.
    pub pre: Option<Region>,
    /// NN, after the activation: site, rate, and the `Step` uniform.
    pub dropout: Option<(u32, f32, Region)>,
    /// NN, laid out like `out`: added after dropout.
    pub residual: Option<Region>,
    /// TN: where sums of an operand's columns go.
    pub grad_bias: Option<(Region, BiasAxis)>,
    /// Adds to what `out` and `grad_bias` hold.
    pub accumulate: bool,
}

/// How words are read and written: the first index of [`MATMUL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// Everything by fours.
    Vector,
    /// a by words, the rest by fours: the gradients of a head over an odd vocabulary.
    AScalar,
    /// The operands by fours, the result by words: that head itself.
    OutScalar,
    /// Everything by words.
    Scalar,
}

impl Product {
    /// The dispatches that compute it.
    pub fn dispatch(&self) -> Vec<Dispatch> {
        let (tile, slices) = self.tile();
        let step = if slices == 4 { 8 } else { 16 };
        let one_row = self.rows == 1 && self.flavor != Flavor::TN;
        let (kernel, groups, at_once) = if one_row {
            (self.row_kernel(), self.columns.div_ceil(32), 4)
        } else {
            let groups = self.rows.div_ceil(tile) * self.columns.div_ceil(tile);
            (MATMUL[self.layout() as usize][self.flavor as usize], groups, step * slices)
        };
        let (site, rate) = self.dropout.map_or((0, 0.0), |(site, rate, _)| (site, rate));
        let params = MatmulParams {
            rows: self.rows as u32,
            columns: self.columns as u32,
            inner: self.inner as u32,
            a_stride: self.a_stride as u32,
            b_stride: self.b_stride as u32,
            out_stride: self.out_stride as u32,
            site,
            rate,
        };
        let grad_bias = self.grad_bias.map(|(region, _)| region);
        let step_uniform = self.dropout.map(|(_, _, step)| step);
        let (a, b, out) = (Some(self.a), Some(self.b), Some(self.out));
        let regions = match self.flavor {
            Flavor::NN => vec![step_uniform, a, b, out, self.bias, self.pre, self.residual],
            Flavor::NT => vec![a, b, out, self.bias, self.pre],
            Flavor::TN => vec![a, b, out, grad_bias],
        };
        let mut dispatch = Dispatch::new(kernel, &params, grid(groups, 1), &regions);
        if !one_row {
            dispatch.overrides = vec![("TILE", tile as f64), ("SLICES", slices as f64), ("STEP", step as f64)];
        }
        // Only what differs from the shader's defaults: equal pipelines are then found equal.
        let mut set = |name, value: u32| {
            if value != 0 {
                dispatch.overrides.push((name, f64::from(value)));
            }
        };
        let nn = self.flavor == Flavor::NN;
        set("INNER_TAIL", u32::from(!self.inner.is_multiple_of(at_once)));
        set("BIAS", u32::from(self.bias.is_some()));
        set("ACTIVATION", self.activation.map_or(0, Activation::code));
        set("KEEP_PRE", u32::from(nn && self.pre.is_some()));
        set("DROPOUT", u32::from(self.dropout.is_some()));
        set("RESIDUAL", u32::from(self.residual.is_some()));
        set("ACCUMULATE", u32::from(self.accumulate));
        set("SUM", self.grad_bias.map_or(0, |(_, axis)| if axis == BiasAxis::Columns { 1 } else { 2 }));
        vec![dispatch]
    }

    fn layout(&self) -> Layout {
        // (lines, words in each) of an operand.
        let (a_lines, a_words) =
            if self.flavor == Flavor::TN { (self.inner, self.rows) } else { (self.rows, self.inner) };
        let (b_lines, b_words) =
            if self.flavor == Flavor::NT { (self.columns, self.inner) } else { (self.inner, self.columns) };
        let a = by_fours(self.a, self.a_stride, a_lines, a_words);
        // Where a's inner axis ends within four, zeros replace the rest; b's, if it runs the same way, has to end on four.
        let whole = self.flavor != Flavor::NT || self.inner.is_multiple_of(4);
        let b = whole && by_fours(self.b, self.b_stride, b_lines, b_words);
        let out = self.out_stride.is_multiple_of(4) && self.columns.is_multiple_of(4);
        match (a, b, out) {
            (true, true, true) => Layout::Vector,
            (false, true, true) => Layout::AScalar,
            (true, true, false) => Layout::OutScalar,
            _ => Layout::Scalar,
        }
    }

    /// Its kernel where a is one row.
    fn row_kernel(&self) -> &'static Kernel {
        let vector = match self.layout() {
            Layout::Vector => true,
            Layout::OutScalar => self.flavor == Flavor::NT,
            Layout::AScalar | Layout::Scalar => false,
        };
        MATMUL_ROW[usize::from(!vector)][self.flavor as usize]
    }

    /// Rows and columns of a workgroup's tile; slices of the inner axis.
    fn tile(&self) -> (usize, usize) {
        // A GPU wants thousands of threads at least. Tiles that many: as large as they come, each operand is read less often.
        // Few of them: slices, which also shorten the chain of loads that a thread waits for.
        let large = self.rows.div_ceil(64) * self.columns.div_ceil(64);
        let small = self.rows.div_ceil(32) * self.columns.div_ceil(32);
        match (large, small) {
            (128.., _) => (64, 1),
            (_, 256..) => (32, 1),
            (_, 128..) if self.inner >= 64 => (32, 2),
            (_, _) if self.inner >= 64 => (32, 4),
            _ => (32, 1),
        }
    }
}

/// Whether lines of `words` can be read by fours: they start on one, and the last of the last line is there.
fn by_fours(region: Region, stride: usize, lines: usize, words: usize) -> bool {
    stride.is_multiple_of(4) && (lines - 1) * stride + words.next_multiple_of(4) <= region.words
}
