//! The model's forward pass on the CPU, for where there is no GPU: one window, with the keys and values of tokens that were
//! there before kept (Shazeer 2019, §2.4.2), so that a text grows at the price of its new tokens.
//!
//! It computes what [`super::inference`] records for the GPU, from the same [`Layout`]. In WebAssembly its loops become SIMD: all
//! run over rows of fixed length that the compiler turns into vectors.

use crate::config::{Activation, Architecture, Norm, NormPlace, Positions};

use super::Layout;
use std::ops::Range;

/// Columns that a product keeps in registers; rows likewise.
const COLUMNS: usize = 8;
const ROWS: usize = 4;
/// Partial sums of a dot product.
const LANES: usize = 16;

/// x · W + b, W [inputs, outputs].
#[derive(Clone, Debug)]
struct Linear {
    weight: Range<usize>,
    bias: Option<Range<usize>>,
    inputs: usize,
    outputs: usize,
}

/// Gain and bias of a normalisation; both absent where there is none.
#[derive(Clone, Debug)]
struct NormPlaces {
    gain: Option<Range<usize>>,
    bias: Option<Range<usize>>,
}

/// Where a block's parameters lie, and what it remembers of the window.
#[derive(Clone, Debug)]
struct Block {
    attention_norm: NormPlaces,
    qkv: Option<Linear>,
    output: Option<Linear>,
    mlp_norm: NormPlaces,
    up: Option<Linear>,
    gate: Option<Linear>,
    down: Option<Linear>,
    /// [seq, kv_heads · head_dim] each.
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// Called with each attention row: layer, head, position, weights [seen].
type Look<'a> = &'a mut dyn FnMut(usize, usize, usize, &[f32]);

/// A model that reads on the CPU.
#[derive(Clone, Debug)]
pub struct Forward {
    architecture: Architecture,
    /// As [`Layout`] says.
    flat: Vec<f32>,
    embedding: Range<usize>,
    positions: Option<Range<usize>>,
    head: Range<usize>,
    head_bias: Option<Range<usize>>,
    final_norm: NormPlaces,
    blocks: Vec<Block>,
    /// Of [`super::table`], for the whole context.
    table: Vec<f32>,
    /// The window whose keys and values are remembered.
    tokens: Vec<u32>,
    /// What the head reads at its last position, [width].
    last: Vec<f32>,
}

impl Forward {
    /// A model of this architecture with these parameters, flat as [`Layout`] says.
    pub fn new(a: &Architecture, flat: Vec<f32>) -> Self {
        let layout = Layout::new(a);
        let place = |name: &str| layout.find(name).map(|(first, words)| first..first + words);
        let linear = |name: &str| {
            let parameter = layout.parameters.iter().find(|p| p.name == format!("{name}.weight"))?;
            let &[inputs, outputs] = parameter.shape.as_slice() else { return None };
            let (weight, bias) = (place(&parameter.name)?, place(&format!("{name}.bias")));
            Some(Linear { weight, bias, inputs, outputs })
        };
        let norm =
            |name: &str| NormPlaces { gain: place(&format!("{name}.gain")), bias: place(&format!("{name}.bias")) };
        let block = |i: usize| Block {
            attention_norm: norm(&format!("block.{i}.attention_norm")),
            qkv: linear(&format!("block.{i}.attention.qkv")),
            output: linear(&format!("block.{i}.attention.output")),
            mlp_norm: norm(&format!("block.{i}.mlp_norm")),
            up: linear(&format!("block.{i}.mlp.up")),
            gate: linear(&format!("block.{i}.mlp.gate")),
            down: linear(&format!("block.{i}.mlp.down")),
            keys: Vec::new(),
            values: Vec::new(),
        };
        let embedding = place("embedding.token.weight").unwrap_or_default();
        Self {
            embedding: embedding.clone(),
            positions: place("embedding.position.weight"),
            head: place("head.weight").unwrap_or(embedding),
            head_bias: place("head.bias"),
            final_norm: norm("final_norm"),
            blocks: (0..a.layers).map(block).collect(),
            table: super::table(a, a.context).map_or(Vec::new(), |(_, numbers)| numbers),
            tokens: Vec::new(),
            last: Vec::new(),
            architecture: a.clone(),
            flat,
        }
    }

    /// Shapes.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Logits [vocab] of the token after `tokens`: 1 to `context` ids, each below `vocab`. Where they begin with those of the
    /// call before, only the rest is computed.
    pub fn last_logits(&mut self, tokens: &[u32]) -> Vec<f32> {
        let known = self.tokens.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        // Without the mask, every position sees the new token.
        let known = if self.architecture.causal { known } else { 0 };
        if known < tokens.len() || known < self.tokens.len() {
            self.read(tokens, known.min(tokens.len() - 1), None);
        }
        let width = self.architecture.width;
        let mut logits: Vec<f32> =
            self.flat[self.head.clone()].chunks_exact(width).map(|row| dot(&self.last, row)).collect();
        if let Some(bias) = &self.head_bias {
            add(&mut logits, &self.flat[bias.clone()]);
        }
        logits
    }

    /// Attention weights [seq, seq] of every head over `tokens`, layer by layer, head by head; zero where the mask hides.
    pub fn every_attention(&mut self, tokens: &[u32], mut look: impl FnMut(usize, usize, Vec<f32>)) {
        let (a, seq) = (self.architecture.clone(), tokens.len());
        let mut maps = vec![vec![0.0; seq * seq]; a.layers * a.heads];
        self.read(
            tokens,
            0,
            Some(&mut |layer, head, position, weights| {
                maps[layer * a.heads + head][position * seq..][..weights.len()].copy_from_slice(weights);
            }),
        );
        for (i, map) in maps.into_iter().enumerate() {
            look(i / a.heads, i % a.heads, map);
        }
    }

    /// Reads the tokens from position `from` on; what stands before is remembered.
    fn read(&mut self, tokens: &[u32], from: usize, mut look: Option<Look<'_>>) {
        let Self { architecture: a, flat, table, .. } = &*self;
        let (a, width) = (a.clone(), a.width);
        let mut x = Vec::with_capacity((tokens.len() - from) * width);
        for (position, &token) in tokens.iter().enumerate().skip(from) {
            let start = x.len();
            x.extend_from_slice(&flat[self.embedding.clone()][token as usize * width..][..width]);
            let place = match a.positions {
                Positions::Learned => self.positions.clone().map(|range| &flat[range]),
                Positions::Sinusoidal => Some(table.as_slice()),
                Positions::Rotary | Positions::None => None,
            };
            if let Some(place) = place {
                add(&mut x[start..], &place[position * width..][..width]);
            }
        }
        let mut blocks = std::mem::take(&mut self.blocks);
        for (layer, block) in blocks.iter_mut().enumerate() {
            if block.qkv.is_some() {
                let mut row = |head: usize, position: usize, weights: &[f32]| {
                    if let Some(look) = look.as_mut() {
                        look(layer, head, position, weights);
                    }
                };
                let norm = block.attention_norm.clone();
                x = self.residual(&norm, x, |x| self.attention(block, x, from, &mut row));
            }
            if block.up.is_some() {
                x = self.residual(&block.mlp_norm, x, |x| self.mlp(block, x));
            }
        }
        self.blocks = blocks;
        let last = &x[x.len() - width..];
        self.last = if a.final_norm { self.norm(&self.final_norm, last) } else { last.to_vec() };
        self.tokens = tokens.to_vec();
    }

    /// pre: x + f(norm(x)); post: norm(x + f(x))
    fn residual(&self, norm: &NormPlaces, mut x: Vec<f32>, f: impl FnOnce(&[f32]) -> Vec<f32>) -> Vec<f32> {
        match self.architecture.norm_place {
            NormPlace::Pre => {
                let branch = f(&self.norm(norm, &x));
                add(&mut x, &branch);
                x
            }
            NormPlace::Post => {
                let branch = f(&x);
                add(&mut x, &branch);
                self.norm(norm, &x)
            }
        }
    }

    fn norm(&self, places: &NormPlaces, x: &[f32]) -> Vec<f32> {
        let a = &self.architecture;
        let (mut y, width) = (x.to_vec(), a.width as f64);
        let (Some(gain), true) = (&places.gain, a.norm != Norm::None) else { return y };
        for row in y.chunks_exact_mut(a.width) {
            let mean = match a.norm {
                Norm::Rms => 0.0,
                Norm::Layer | Norm::None => row.iter().copied().map(f64::from).sum::<f64>() / width,
            };
            let variance = row.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / width;
            let (mean, scale) = (mean as f32, (variance + a.norm_epsilon).sqrt().recip() as f32);
            row.iter_mut().zip(&self.flat[gain.clone()]).for_each(|(v, gain)| *v = (*v - mean) * scale * gain);
            if let Some(bias) = &places.bias {
                add(row, &self.flat[bias.clone()]);
            }
        }
        y
    }

    fn linear(&self, linear: &Linear, x: &[f32]) -> Vec<f32> {
        let bias = linear.bias.clone().map(|range| &self.flat[range]);
        product(x, &self.flat[linear.weight.clone()], bias, linear.inputs, linear.outputs)
    }

    /// Attention of positions `from` … over all before them: x [rows, width] → [rows, width]. `look` gets (head, position,
    /// weights).
    fn attention(
        &self,
        block: &mut Block,
        x: &[f32],
        from: usize,
        look: &mut dyn FnMut(usize, usize, &[f32]),
    ) -> Vec<f32> {
        let a = &self.architecture;
        let (head_dim, width) = (a.head_dim(), a.width);
        let (columns, kv) = (a.qkv_width(), a.kv_heads * head_dim);
        let Some(qkv) = &block.qkv else { return vec![0.0; x.len()] };
        let mut qkv = self.linear(qkv, x);
        if a.positions == Positions::Rotary {
            for (row, position) in qkv.chunks_exact_mut(columns).zip(from..) {
                let angles = &self.table[position * head_dim..][..head_dim];
                row[..width + kv].chunks_exact_mut(head_dim).for_each(|head| turn(head, angles));
            }
        }
        block.keys.truncate(from * kv);
        block.values.truncate(from * kv);
        for row in qkv.chunks_exact(columns) {
            block.keys.extend_from_slice(&row[width..width + kv]);
            block.values.extend_from_slice(&row[width + kv..]);
        }
        let seq = block.keys.len() / kv;
        let scale = (head_dim as f32).sqrt().recip();
        let mut joined = vec![0.0; x.len()];
        let mut weights = Vec::with_capacity(seq);
        for (row, position) in (0..x.len() / width).zip(from..) {
            let seen = if a.causal { position + 1 } else { seq };
            for head in 0..a.heads {
                let group = head / (a.heads / a.kv_heads) * head_dim;
                let query = &qkv[row * columns + head * head_dim..][..head_dim];
                weights.clear();
                let keys = block.keys.chunks_exact(kv).take(seen);
                weights.extend(keys.map(|key| dot(query, &key[group..group + head_dim]) * scale));
                softmax(&mut weights);
                look(head, position, &weights);
                let out = &mut joined[row * width + head * head_dim..][..head_dim];
                for (value, weight) in block.values.chunks_exact(kv).zip(&weights) {
                    out.iter_mut().zip(&value[group..group + head_dim]).for_each(|(o, v)| *o += weight * v);
                }
            }
        }
        match &block.output {
            Some(output) => self.linear(output, &joined),
            None => joined,
        }
    }

    fn mlp(&self, block: &Block, x: &[f32]) -> Vec<f32> {
        let (Some(up), Some(down)) = (&block.up, &block.down) else { return vec![0.0; x.len()] };
        let mut hidden = self.linear(up, x);
        match &block.gate {
            Some(gate) => {
                let gate = self.linear(gate, x);
                hidden.iter_mut().zip(&gate).for_each(|(up, &gate)| *up *= gate * sigmoid(gate));
            }
            None => activate(self.architecture.activation, &mut hidden),
        }
        self.linear(down, &hidden)
    }
}

/// x += y
fn add(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// Σ x·y, in [`LANES`] partial sums.
fn dot(x: &[f32], y: &[f32]) -> f32 {
    let (mut sums, (xs, rest)) = ([0.0f32; LANES], x.as_chunks::<LANES>());
    let (ys, rest_y) = y.as_chunks::<LANES>();
    for (x, y) in xs.iter().zip(ys) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().zip(rest_y).map(|(x, y)| x * y).sum::<f32>()
}

/// x [rows, inputs] · w [inputs, outputs] + bias [outputs].
fn product(x: &[f32], w: &[f32], bias: Option<&[f32]>, inputs: usize, outputs: usize) -> Vec<f32> {
    let rows = x.len() / inputs;
    let mut y = vec![0.0; rows * outputs];
    if let Some(bias) = bias {
        y.chunks_exact_mut(outputs).for_each(|row| row.copy_from_slice(bias));
    }
    let whole = rows - rows % ROWS;
    for row in (0..whole).step_by(ROWS) {
        let x: [&[f32]; ROWS] = std::array::from_fn(|r| &x[(row + r) * inputs..][..inputs]);
        let columns = outputs - outputs % COLUMNS;
        for column in (0..columns).step_by(COLUMNS) {
            let mut sums = [[0.0f32; COLUMNS]; ROWS];
            for (k, w) in w.chunks_exact(outputs).enumerate() {
                let Some(w) = w[column..].first_chunk::<COLUMNS>() else { break };
                for r in 0..ROWS {
                    for c in 0..COLUMNS {
                        sums[r][c] += x[r][k] * w[c];
                    }
                }
            }
            for (r, sums) in sums.iter().enumerate() {
                add(&mut y[(row + r) * outputs + column..][..COLUMNS], sums);
            }
        }
        for (r, x) in x.iter().enumerate() {
            for column in columns..outputs {
                y[(row + r) * outputs + column] +=
                    x.iter().zip(w.chunks_exact(outputs)).map(|(x, w)| x * w[column]).sum::<f32>();
            }
        }
    }
    // A single row reads every weight once: in the order of memory, four rows of weights at a time.
    for row in whole..rows {
        let y = &mut y[row * outputs..][..outputs];
        let (quads, rest) = x[row * inputs..][..inputs].as_chunks::<4>();
        for (x, w) in quads.iter().zip(w.chunks_exact(4 * outputs)) {
            let (w01, w23) = w.split_at(2 * outputs);
            let ((w0, w1), (w2, w3)) = (w01.split_at(outputs), w23.split_at(outputs));
            for ((((y, w0), w1), w2), w3) in y.iter_mut().zip(w0).zip(w1).zip(w2).zip(w3) {
                *y += x[0] * w0 + x[1] * w1 + x[2] * w2 + x[3] * w3;
            }
        }
        for (x, w) in rest.iter().zip(w.chunks_exact(outputs).skip(inputs - rest.len())) {
            y.iter_mut().zip(w).for_each(|(y, w)| *y += x * w);
        }
    }
    y
}

/// exp(x) / Σ exp(x), from the highest down.
fn softmax(x: &mut [f32]) {
    let highest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    x.iter_mut().for_each(|x| *x = (*x - highest).exp());
    let total: f32 = x.iter().sum();
    x.iter_mut().for_each(|x| *x /= total);
}

/// A head's vector turned by its position (RoFormer, Su et al. 2021), in pairs (i, i + head/2); angles [head/2, 2] are cosine
/// and sine.
fn turn(head: &mut [f32], angles: &[f32]) {
    let (first, second) = head.split_at_mut(head.len() / 2);
    for ((a, b), angle) in first.iter_mut().zip(second).zip(angles.chunks_exact(2)) {
        (*a, *b) = (*a * angle[0] - *b * angle[1], *b * angle[0] + *a * angle[1]);
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Error function, |error| < 1.5e-7 (Abramowitz and Stegun, 7.1.26).
fn erf(x: f32) -> f32 {
    let a = f64::from(x.abs());
    let t = 1.0 / (1.0 + 0.327_591_1 * a);
    let poly =
        t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    (1.0 - poly * (-a * a).exp()).copysign(f64::from(x)) as f32
}

/// The elementwise nonlinearities, in place; SwiGLU has a gate of its own.
fn activate(activation: Activation, x: &mut [f32]) {
    let each = |x: &mut [f32], f: fn(f32) -> f32| x.iter_mut().for_each(|x| *x = f(*x));
    match activation {
        Activation::Relu => each(x, |x| x.max(0.0)),
        Activation::ReluSquared => each(x, |x| x.max(0.0).powi(2)),
        Activation::Silu => each(x, |x| x * sigmoid(x)),
        Activation::Gelu => each(x, |x| 0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))),
        Activation::GeluTanh => each(x, |x| 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh())),
        Activation::Swiglu => {}
    }
}
