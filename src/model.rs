//! The language model, forwards only: what it computes, where its parameters lie, how they start.
//!
//! tokens → embedding (+ positions) → blocks of attention and feed-forward layer, each around a residual sum → norm → head.
//! Every architecture choice is decided here and in `config.rs`, nowhere else.

use crate::config::{Activation, Architecture, InitialWeights, Norm, NormPlace, Objective, Parameter, Positions};
use crate::ops::attention::Attention;
use crate::ops::{self, Added, Dropout, Norms, Operand, Targets, Tokens};
use crate::tape::{ALIGNMENT, Life, Recording, Region, Tape, TapeError, Value, aligned};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::HashMap;

/// Names of the flat buffers that every recording of a model shares.
pub mod flat {
    /// All parameters.
    pub const PARAMETERS: &str = "parameters";
    /// Their gradients, and behind them the loss: [`super::Layout::gradient_words`].
    pub const GRADIENTS: &str = "gradients";
}

/// Steps whose numbers the ring holds until the host reads them.
pub const RING: usize = 1024;
/// Evaluation batches whose losses it holds behind the training steps'.
pub const EVALUATION_SLOTS: usize = 64;
/// Words of a ring entry: step, loss, gradient norm, learning rate.
pub const RING_ENTRY: usize = 4;

/// Where each parameter lies in the flat buffers: matrices first, so that weight decay is one stretch; then those of norms, so
/// that one dispatch sums all their gradients.
#[derive(Clone, Debug)]
pub struct Layout {
    /// In the order of files.
    pub parameters: Vec<Parameter>,
    /// First word of each, a multiple of the binding alignment.
    pub offsets: Vec<usize>,
    /// Words of a flat buffer.
    pub words: usize,
    /// Words up to which everything is a matrix.
    pub matrix_words: usize,
}

impl Layout {
    /// The layout of an architecture.
    pub fn new(a: &Architecture) -> Self {
        let parameters = a.parameters();
        let mut offsets = vec![0; parameters.len()];
        let mut words = 0;
        let mut place = |which: &dyn Fn(&Parameter) -> bool| {
            for (offset, parameter) in offsets.iter_mut().zip(&parameters).filter(|(_, parameter)| which(parameter)) {
                *offset = words;
                words += aligned(parameter.len());
            }
            words
        };
        let matrix_words = place(&Parameter::is_matrix);
        place(&Parameter::is_of_norm);
        let words = place(&|parameter| !parameter.is_matrix() && !parameter.is_of_norm());
        Self { parameters, offsets, words, matrix_words }
    }

    /// Words of the gradients: at word `words` stands the loss that they are the gradient of.
    pub fn gradient_words(&self) -> usize {
        self.words + aligned(1)
    }

    /// Every parameter and the words where it lies.
    pub fn places(&self) -> impl Iterator<Item = (&Parameter, std::ops::Range<usize>)> {
        self.parameters.iter().zip(&self.offsets).map(|(p, &offset)| (p, offset..offset + p.len()))
    }

    /// Place of a parameter: (first word, words).
    pub fn find(&self, name: &str) -> Option<(usize, usize)> {
        let i = self.parameters.iter().position(|p| p.name == name)?;
        Some((self.offsets[i], self.parameters[i].len()))
    }
}

/// Pieces of a trained model that are switched off for a look at what they do.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Off {
    /// Heads, as (layer, head): their columns are zero where the heads are joined.
    pub heads: Vec<(usize, usize)>,
    /// Layers whose attention adds nothing to the residual stream.
    pub attention: Vec<usize>,
    /// Layers whose feed-forward layer adds nothing to it.
    pub mlp: Vec<usize>,
}

/// How a window is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Whether the head also reads the residual stream before the first block and after each (logit lens, nostalgebraist
    /// 2020): logits by the names of [`lens_name`].
    pub lens: bool,
    /// What is switched off.
    pub off: Off,
}

impl View {
    /// With these pieces switched off, and no lens.
    pub fn without(off: &Off) -> Self {
        Self { lens: false, off: off.clone() }
    }
}

/// Name of the logits that the lens sees before block `layer`, [seq, `logits_stride`].
pub fn lens_name(layer: usize) -> String {
    format!("lens.{layer}.logits")
}

/// Name of the keys and values of block `layer` so far, [context, 2·kv_heads·head_dim].
pub fn cache_name(layer: usize) -> String {
    format!("block.{layer}.attention.cache")
}

/// The model while it is being recorded.
struct Model<'a> {
    a: &'a Architecture,
    tape: Tape,
    parameters: HashMap<String, Value>,
    /// None outside training: nothing is dropped.
    step: Option<Region>,
    tokens: Tokens,
    norms: Norms,
    life: Life,
    view: View,
}

impl<'a> Model<'a> {
    fn new(
        a: &'a Architecture,
        layout: &Layout,
        mut tape: Tape,
        tokens: Tokens,
        step: Option<Region>,
        life: Life,
    ) -> Self {
        let data = tape.buffer(flat::PARAMETERS, layout.words, Life::Shared);
        let gradients = match step {
            Some(_) => tape.buffer(flat::GRADIENTS, layout.gradient_words(), Life::Shared),
            None => data, // never written: nothing is trained
        };
        let parameters = layout
            .parameters
            .iter()
            .zip(&layout.offsets)
            .map(|(p, &offset)| {
                let at = |flat: Region| Region { offset, words: p.len(), ..flat };
                (p.name.clone(), tape.parameter(&p.name, &p.shape, at(data), at(gradients)))
            })
            .collect();
        let rows = tokens.batch * tokens.seq;
        let norms = Norms::new(&mut tape, (rows, a.width), a.norm == Norm::Rms, a.norm_epsilon);
        Self { a, tape, parameters, step, tokens, norms, life, view: View::default() }
    }

    fn parameter(&self, name: &str) -> Value {
        self.parameters[name]
    }

    fn linear_parameters(&self, name: &str) -> (Value, Option<Value>) {
        (self.parameter(&format!("{name}.weight")), self.parameters.get(&format!("{name}.bias")).copied())
    }

    fn dropout(&self, site: usize) -> Option<Dropout> {
        let step = self.step.filter(|_| self.a.dropout > 0.0)?;
        Some(Dropout { site: site as u32, rate: self.a.dropout as f32, step })
    }

    fn norm(&mut self, name: &str, x: Value) -> Value {
        if self.a.norm == Norm::None {
            return x;
        }
        let gain = self.parameter(&format!("{name}.gain"));
        let bias = self.parameters.get(&format!("{name}.bias")).copied();
        self.norms.norm(&mut self.tape, name, x, gain, bias)
    }

    /// Positions that a token may have.
    fn positions(&self) -> usize {
        if self.tokens.place.is_some() { self.a.context } else { self.tokens.seq }
    }

    fn embed(&mut self) -> Value {
        let added = match self.a.positions {
            Positions::Learned => Added::Learned(self.parameter("embedding.position.weight")),
            Positions::Sinusoidal => {
                Added::Fixed(self.tape.buffer(Table::Sinusoidal.name(), self.positions() * self.a.width, Life::Kept))
            }
            Positions::Rotary | Positions::None => Added::Nothing,
        };
        let table = self.parameter("embedding.token.weight");
        let dropout = self.dropout(0);
        ops::embed(&mut self.tape, self.tokens, table, added, dropout)
    }

    /// residual + dropout(attention(x))
    fn attention(&mut self, i: usize, x: Value, residual: Value) -> Value {
        if self.view.off.attention.contains(&i) {
            return residual;
        }
        let name = format!("block.{i}.attention");
        let shape = Attention {
            batch: self.tokens.batch,
            seq: self.tokens.seq,
            heads: self.a.heads,
            kv_heads: self.a.kv_heads,
            head_dim: self.a.head_dim(),
            causal: self.a.causal,
            dropout: self.dropout(3 * i + 1).map(|d| (d.site, d.rate, d.step)),
        };
        let parameters = self.linear_parameters(&format!("{name}.qkv"));
        let qkv_name = format!("{name}.qkv");
        let mut qkv =
            ops::linear_with_life(&mut self.tape, &qkv_name, Operand::Plain(x), parameters, None, None, self.life);
        if self.a.positions == Positions::Rotary {
            let name = Table::Rotary.name();
            let table = match self.tape.find(name) {
                Some(region) => region,
                None => self.tape.buffer(name, self.positions() * self.a.head_dim(), Life::Kept),
            };
            qkv = ops::rotary(&mut self.tape, qkv, &shape, table, self.tokens.place);
        }
        let mut joined = match self.tokens.place {
            None => ops::attend(&mut self.tape, &name, qkv, shape, self.life),
            Some(place) => {
                let words = self.a.context * ops::cache::words(&shape);
                let cache = self.tape.buffer(cache_name(i), words, Life::Carried);
                ops::attend_cached(&mut self.tape, &name, qkv, &shape, (cache, place))
            }
        };
        let head_dim = self.a.head_dim();
        for (_, head) in self.view.off.heads.iter().filter(|(layer, _)| *layer == i) {
            joined = ops::clear_columns(&mut self.tape, joined, head * head_dim, head_dim);
        }
        let dropout = self.dropout(3 * i + 2);
        let out = format!("block.{i}.attention_residual");
        if self.a.attention_output {
            let parameters = self.linear_parameters(&format!("{name}.output"));
            ops::linear(&mut self.tape, &out, Operand::Plain(joined), parameters, Some(residual), dropout)
        } else {
            ops::residual_sum(&mut self.tape, &out, residual, joined, dropout)
        }
    }

    /// residual + dropout(mlp(x))
    fn mlp(&mut self, i: usize, x: Value, residual: Value) -> Value {
        if self.view.off.mlp.contains(&i) {
            return residual;
        }
        let name = format!("block.{i}.mlp");
        let up = self.linear_parameters(&format!("{name}.up"));
        let hidden = match self.a.activation {
            Activation::Swiglu => {
                let gate = self.linear_parameters(&format!("{name}.gate"));
                let gate = ops::linear(&mut self.tape, &format!("{name}.gate"), Operand::Plain(x), gate, None, None);
                let up = ops::linear(&mut self.tape, &format!("{name}.up"), Operand::Plain(x), up, None, None);
                Operand::Plain(ops::swiglu(&mut self.tape, &format!("{name}.hidden"), gate, up))
            }
            activation => {
                ops::linear_activated(&mut self.tape, &format!("{name}.up"), Operand::Plain(x), up, activation)
            }
        };
        let down = self.linear_parameters(&format!("{name}.down"));
        let dropout = self.dropout(3 * i + 3);
        ops::linear(&mut self.tape, &format!("block.{i}.mlp_residual"), hidden, down, Some(residual), dropout)
    }

    /// pre: x + f(norm(x)); post: norm(x + f(x))
    fn residual(&mut self, norm: &str, x: Value, f: impl FnOnce(&mut Self, Value, Value) -> Value) -> Value {
        match self.a.norm_place {
            NormPlace::Pre => {
                let normed = self.norm(norm, x);
                f(self, normed, x)
            }
            NormPlace::Post => {
                let sum = f(self, x, x);
                self.norm(norm, sum)
            }
        }
    }

    /// tokens → the vectors that the head reads, [batch·seq, width]
    fn body(&mut self) -> Value {
        let mut x = self.embed();
        for i in 0..self.a.layers {
            self.look_through_lens(i, x);
            if self.a.attention {
                let norm = format!("block.{i}.attention_norm");
                x = self.residual(&norm, x, |m, x, residual| m.attention(i, x, residual));
            }
            if self.a.mlp {
                x = self.residual(&format!("block.{i}.mlp_norm"), x, |m, x, residual| m.mlp(i, x, residual));
            }
        }
        if self.a.final_norm { self.norm("final_norm", x) } else { x }
    }

    /// What the head would say of the residual stream before block `i`.
    fn look_through_lens(&mut self, i: usize, x: Value) {
        if !self.view.lens {
            return;
        }
        let x = if self.a.final_norm { self.norm("final_norm", x) } else { x };
        let (weight, bias) = self.head_parameters();
        ops::head(&mut self.tape, &lens_name(i), x, weight, bias);
    }

    fn head_parameters(&self) -> (Value, Option<Value>) {
        let weight = if self.a.tied { "embedding.token.weight" } else { "head.weight" };
        (self.parameter(weight), self.parameters.get("head.bias").copied())
    }
}

/// Words of a batch upload: the step's uniform, then ids, targets, order and starts, each where a binding may begin.
#[derive(Clone, Copy, Debug)]
pub struct BatchLayout {
    /// First word of the ids [rows].
    pub ids: usize,
    /// First word of the targets [rows].
    pub targets: usize,
    /// First word of the rows sorted by token [rows].
    pub order: usize,
    /// First word of each token's first place in `order` [vocab + 1].
    pub starts: usize,
    /// Words in all.
    pub words: usize,
}

impl BatchLayout {
    /// The layout for `rows` = batch · seq tokens.
    pub fn new(rows: usize, vocab: usize) -> Self {
        let ids = aligned(size_of::<crate::kernels::Step>() / 4);
        let targets = ids + aligned(rows);
        let order = targets + aligned(rows);
        let starts = order + aligned(rows);
        Self { ids, targets, order, starts, words: starts + aligned(vocab + 1) }
    }
}

/// The name of the buffer that [`BatchLayout`] describes.
pub const BATCH: &str = "batch";
/// Word of it where a single token's position stands.
pub const POSITION: usize = ALIGNMENT;
/// The name of the ring of losses.
pub const LOSS_RING: &str = "loss_ring";

/// Forward and backward pass of a training step's part of `batch` windows: tokens → its share of the gradients and of the loss.
/// Replaying the forward part alone evaluates.
///
/// # Errors
/// [`TapeError`] would be a mistake in the model or an op.
pub fn training(
    a: &Architecture,
    layout: &Layout,
    batch: usize,
    seq: usize,
    objective: Objective,
) -> Result<Recording, TapeError> {
    let mut tape = Tape::default();
    let rows = batch * seq;
    let at = BatchLayout::new(rows, a.vocab);
    let upload = tape.buffer(BATCH, at.words, Life::Kept);
    let ring = tape.buffer(LOSS_RING, (RING + EVALUATION_SLOTS) * RING_ENTRY, Life::Shared);
    let part = |offset, words| Region { offset, words, ..upload };
    let step = part(0, size_of::<crate::kernels::Step>() / 4);
    let tokens = Tokens {
        ids: part(at.ids, rows),
        order: Some(part(at.order, rows)),
        starts: Some(part(at.starts, a.vocab + 1)),
        place: None,
        batch,
        seq,
    };
    let mut model = Model::new(a, layout, tape, tokens, Some(step), Life::Passing);
    let x = model.body();
    let (weight, bias) = model.head_parameters();
    let last_only = objective == Objective::LastPosition;
    let loss = model.tape.find(flat::GRADIENTS).map(|gradients| Region { offset: layout.words, words: 1, ..gradients });
    let targets = Targets { ids: part(at.targets, rows), seq, last_only, step, ring, loss };
    ops::head_loss(&mut model.tape, x, weight, bias, targets);
    model.tape.finish()
}

/// One window's logits: tokens [seq] → logits [seq, `logits_stride`], with queries, keys, values and log-sum-exp of every
/// layer kept for the attention view.
pub fn inference(a: &Architecture, layout: &Layout, seq: usize, view: &View) -> Recording {
    let mut tape = Tape::default();
    let ids = tape.buffer(BATCH, seq, Life::Kept);
    let tokens = Tokens { ids, order: None, starts: None, place: None, batch: 1, seq };
    answering(Model::new(a, layout, tape, tokens, None, Life::Kept), view)
}

/// One token's logits, out of the keys and values that the windows and tokens before it left: token [1] and, from the second
/// place where a binding may begin, its position [1] → logits [1, `logits_stride`].
pub fn decoding(a: &Architecture, layout: &Layout, off: &Off) -> Recording {
    let mut tape = Tape::default();
    let upload = tape.buffer(BATCH, POSITION + 1, Life::Kept);
    let ids = Region { words: 1, ..upload };
    let place = Some(Region { offset: POSITION, ..ids });
    let tokens = Tokens { ids, order: None, starts: None, place, batch: 1, seq: 1 };
    let view = View::without(off);
    answering(Model::new(a, layout, tape, tokens, None, Life::Passing), &view)
}

fn answering(mut model: Model<'_>, view: &View) -> Recording {
    model.view = view.clone();
    let x = model.body();
    let (weight, bias) = model.head_parameters();
    ops::head(&mut model.tape, "logits", x, weight, bias);
    model.tape.finish_forward()
}

/// Fixed tables that the host computes, as sin and cos err by 2e-4 on some GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// [seq, width]
    Sinusoidal,
    /// [seq, head_dim / 2, 2]: cosine, sine
    Rotary,
}

impl Table {
    /// Its buffer's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sinusoidal => "sinusoidal_table",
            Self::Rotary => "rotary_table",
        }
    }
}

/// The table that an architecture needs for windows of `seq`, with its numbers.
pub fn table(a: &Architecture, seq: usize) -> Option<(Table, Vec<f32>)> {
    match a.positions {
        Positions::Sinusoidal => Some((Table::Sinusoidal, sinusoidal(seq, a.width))),
        Positions::Rotary if a.layers > 0 && a.attention => {
            Some((Table::Rotary, angles(seq, a.head_dim(), a.rotary_base)))
        }
        _ => None,
    }
}

/// sin(position · 10000^(−c/width)) in even columns c, cos of the same angle in the next (Vaswani et al. 2017, §3.5).
fn sinusoidal(seq: usize, width: usize) -> Vec<f32> {
    let value = |position: usize, column: usize| {
        let rate = (-(10_000f64.ln()) * (column / 2 * 2) as f64 / width as f64).exp();
        let angle = position as f64 * rate;
        if column.is_multiple_of(2) { angle.sin() } else { angle.cos() }
    };
    (0..seq).flat_map(|p| (0..width).map(move |c| value(p, c) as f32)).collect()
}

/// cos, sin of position · base^(−2i/head_dim) (Su et al. 2021).
fn angles(seq: usize, head_dim: usize, base: f64) -> Vec<f32> {
    let angle = |p: usize, i: usize| p as f64 * base.powf(-2.0 * i as f64 / head_dim as f64);
    let pair = |a: f64| [a.cos() as f32, a.sin() as f32];
    (0..seq).flat_map(|p| (0..head_dim / 2).flat_map(move |i| pair(angle(p, i)))).collect()
}

/// Initial weights, flat: gains 1, the rest as [`InitialWeights`] says. Seeded, the same on every host.
pub fn initial(a: &Architecture, layout: &Layout, weights: InitialWeights, seed: u32) -> Vec<f32> {
    let mut flat = vec![0.0; layout.words];
    for (i, (p, &offset)) in layout.parameters.iter().zip(&layout.offsets).enumerate() {
        let values = &mut flat[offset..offset + p.len()];
        if p.name.ends_with(".gain") {
            values.fill(1.0);
            continue;
        }
        // A stream of its own for each tensor: a change of one shape leaves the others' weights as they were.
        let mut generator = ChaCha8Rng::seed_from_u64(u64::from(seed));
        generator.set_stream(i as u64 + 1);
        let mut fill = |draw: &mut dyn FnMut(&mut ChaCha8Rng) -> f64| {
            values.iter_mut().for_each(|v| *v = draw(&mut generator) as f32);
        };
        let into_residual = p.name.ends_with(".attention.output.weight") || p.name.ends_with(".mlp.down.weight");
        match weights {
            // Radford et al. 2019, §2.3: what enters the residual stream is scaled by 1/√(its layers), two a block.
            InitialWeights::Gpt2 if into_residual => {
                let deviation = 0.02 / (2.0 * a.layers as f64).sqrt();
                fill(&mut |g| deviation * normal(g));
            }
            InitialWeights::Gpt2 | InitialWeights::Normal if p.is_matrix() => fill(&mut |g| 0.02 * normal(g)),
            // nn.Embedding: standard normal. A tied head is the embedding.
            InitialWeights::PyTorch if p.name.starts_with("embedding.") => fill(&mut normal),
            InitialWeights::PyTorch => {
                if let Some(fan_in) = fan_in(layout, p) {
                    // nn.Linear: kaiming_uniform_ with a = √5 comes to ±1/√fan-in, weight and bias alike.
                    let limit = 1.0 / (fan_in as f64).sqrt();
                    fill(&mut |g| limit * (2.0 * unit(g) - 1.0));
                }
            }
            InitialWeights::Gpt2 | InitialWeights::Normal => {}
        }
    }
    flat
}

/// Inputs of the linear layer that a weight or bias belongs to; None for the bias of a norm.
fn fan_in(layout: &Layout, parameter: &Parameter) -> Option<usize> {
    let layer = parameter.name.rsplit_once('.')?.0;
    let weight = layout.parameters.iter().find(|p| p.name == format!("{layer}.weight"));
    match weight {
        Some(weight) if layer == "head" => weight.shape.last().copied(), // [vocab, width]
        Some(weight) => weight.shape.first().copied(),
        // the tied head's bias
        None if layer == "head" => layout.parameters.first()?.shape.last().copied(),
        None => None,
    }
}

/// A draw from the uniform distribution on (0, 1), of the 53 bits that an f64 holds; never 0, for the logarithm.
fn unit(generator: &mut ChaCha8Rng) -> f64 {
    ((generator.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// A draw from the standard normal distribution (Box and Muller 1958).
fn normal(generator: &mut ChaCha8Rng) -> f64 {
    let (u, v) = (unit(generator), unit(generator));
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
