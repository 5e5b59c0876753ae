//! Our parameters under the names and in the shapes that others give them.
//!
//! A linear weight of ours is [in, out]: as GPT-2's Conv1D has it, and the transpose of what `nn.Linear` and ggml have.

use super::FileError;
use super::tensors::Tensors;
use crate::config::{Architecture, Class};
use crate::model::{self, Layout, Table};
use std::ops::Range;

/// A tensor of a file, and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor {
    pub(super) name: String,
    /// Outermost first.
    pub(super) shape: Vec<usize>,
    pub(super) holds: Holds,
}

/// What a tensor holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Holds {
    /// Some columns of a parameter [rows, columns], or the elements of one [columns].
    Columns {
        parameter: String,
        columns: Range<usize>,
        /// As [columns, rows].
        transposed: bool,
        /// Of a rotated projection: the heads whose columns stand as ggml pairs them, (2i, 2i + 1) instead of
        /// (i, i + head_dim / 2).
        paired: Option<usize>,
    },
    /// The bias that a class wants and this model has not.
    Zeros,
    /// The sinusoids, [context, width].
    Sinusoids,
}

impl Tensor {
    /// Number of elements.
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The parameter that it holds, whole or in part.
    pub(super) fn parameter(&self) -> Option<&str> {
        match &self.holds {
            Holds::Columns { parameter, .. } => Some(parameter),
            Holds::Zeros | Holds::Sinusoids => None,
        }
    }

    /// Its elements out of the flat parameters.
    pub(super) fn gather(&self, a: &Architecture, layout: &Layout, flat: &[f32]) -> Vec<f32> {
        match &self.holds {
            Holds::Zeros => vec![0.0; self.len()],
            Holds::Sinusoids => sinusoids(a),
            Holds::Columns { .. } => self.places(layout).map(|at| flat.get(at).copied().unwrap_or(0.0)).collect(),
        }
    }

    /// Where each element lies in the flat parameters, in its own order.
    fn places(&self, layout: &Layout) -> Box<dyn Iterator<Item = usize>> {
        let Holds::Columns { parameter, columns, transposed, paired } = &self.holds else {
            return Box::new(std::iter::empty());
        };
        let Some(found) = layout.parameters.iter().zip(&layout.offsets).find(|(p, _)| p.name == *parameter) else {
            return Box::new(std::iter::empty());
        };
        let (offset, shape) = (*found.1, &found.0.shape);
        let stride = shape.last().copied().unwrap_or(1);
        let rows = found.0.len() / stride.max(1);
        let (columns, first) = (columns.len(), columns.start);
        let head_dim = paired.map(|heads| columns / heads.max(1));
        let column = move |at: usize| match head_dim {
            Some(head_dim) => {
                let (head, at) = (at / head_dim, at % head_dim);
                first + head * head_dim + at % 2 * (head_dim / 2) + at / 2
            }
            None => first + at,
        };
        if *transposed {
            Box::new((0..columns).flat_map(move |c| (0..rows).map(move |r| offset + r * stride + column(c))))
        } else {
            Box::new((0..rows).flat_map(move |r| (0..columns).map(move |c| offset + r * stride + column(c))))
        }
    }
}

fn sinusoids(a: &Architecture) -> Vec<f32> {
    match model::table(a, a.context) {
        Some((Table::Sinusoidal, values)) => values,
        _ => Vec::new(),
    }
}

/// One parameter's numbers, out of tensors that were checked.
///
/// # Errors
/// [`FileError::WeightsNotFinite`], [`FileError::Unreadable`].
pub(super) fn parameter(
    file: &Tensors<'_>,
    wanted: &[Tensor],
    layout: &Layout,
    name: &str,
) -> Result<Vec<f32>, FileError> {
    let (first, words) = layout.find(name).unwrap_or_default();
    let mut values = vec![0.0; words];
    for tensor in wanted.iter().filter(|tensor| tensor.parameter() == Some(name)) {
        let mut places = tensor.places(layout);
        file.each(tensor, |value| {
            if let Some(place) = places.next().and_then(|at| values.get_mut(at - first)) {
                *place = value;
            }
        })?;
    }
    Ok(values)
}

/// All parameters, flat, out of tensors that were checked.
///
/// # Errors
/// As [`parameter`].
pub(super) fn read(file: &Tensors<'_>, wanted: &[Tensor], layout: &Layout) -> Result<Vec<f32>, FileError> {
    let mut flat = vec![0.0; layout.words];
    for (found, place) in layout.places() {
        flat[place].copy_from_slice(&parameter(file, wanted, layout, &found.name)?);
    }
    Ok(flat)
}

/// Whether the model computes with what stands in the tensors that hold none of its parameters: being without that bias, or
/// with fixed positions.
///
/// # Errors
/// As [`parameter`].
pub(super) fn agrees(file: &Tensors<'_>, wanted: &[Tensor], a: &Architecture) -> Result<bool, FileError> {
    let mut same = true;
    for tensor in wanted {
        let expected = match &tensor.holds {
            Holds::Zeros => vec![0.0; tensor.len()],
            Holds::Sinusoids => sinusoids(a),
            Holds::Columns { .. } => continue,
        };
        let mut expected = expected.into_iter();
        file.each(tensor, |value| same &= expected.next() == Some(value))?;
    }
    Ok(same)
}

/// Every parameter under its own name.
pub(super) fn native(a: &Architecture) -> Vec<Tensor> {
    let whole = |name: String, shape: Vec<usize>| {
        let columns = 0..shape.last().copied().unwrap_or(1);
        let holds = Holds::Columns { parameter: name.clone(), columns, transposed: false, paired: None };
        Tensor { name, shape, holds }
    };
    a.parameters().into_iter().map(|p| whole(p.name, p.shape)).collect()
}

/// Every tensor of a class, for a model that the class computes.
pub(super) fn of_class(class: Class, a: &Architecture) -> Vec<Tensor> {
    let mut list = List::new(a);
    match class {
        Class::Gpt2 => {
            list.gpt(["wte", "wpe"]);
            list.vector("transformer.ln_f.weight", "final_norm.gain");
            list.bias("transformer.ln_f.bias", "final_norm.bias", a.width);
        }
        Class::OpenAiGpt => list.gpt(["tokens_embed", "positions_embed"]),
        Class::Llama => list.llama(&LLAMA, false),
    }
    if !a.tied {
        list.matrix("lm_head.weight", "head.weight", false);
    }
    list.tensors
}

/// Every tensor of a GGUF file, by the names of llama.cpp.
pub(super) fn of_gguf(class: Class, a: &Architecture) -> Vec<Tensor> {
    let mut list = List::new(a);
    if class == Class::Llama {
        list.llama(&GGUF_LLAMA, true);
    } else {
        list.gguf_gpt2();
    }
    if !a.tied {
        list.matrix("output.weight", "head.weight", false);
    }
    list.tensors
}

/// Tensors that a file of a class may have and that hold no weights: causal masks, and frequencies of rotary angles.
pub(super) fn is_constant(class: Class, name: &str) -> bool {
    match class {
        Class::Gpt2 | Class::OpenAiGpt => name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias"),
        Class::Llama => name.ends_with(".rotary_emb.inv_freq"),
    }
}

/// What stands before every name but the head's, and what may be left out.
pub(super) fn prefix(class: Class) -> &'static str {
    match class {
        Class::Gpt2 | Class::OpenAiGpt => "transformer.",
        Class::Llama => "model.",
    }
}

/// The token embedding, for a head that is tied to it.
pub(super) fn embedding(class: Class) -> &'static str {
    match class {
        Class::Gpt2 => "wte.weight",
        Class::OpenAiGpt => "tokens_embed.weight",
        Class::Llama => "embed_tokens.weight",
    }
}

/// Names of a Llama: embedding, blocks, last norm, then those of a block.
struct LlamaNames {
    embedding: &'static str,
    block: &'static str,
    norm: &'static str,
    attention_norm: &'static str,
    /// Queries, keys, values.
    qkv: [&'static str; 3],
    output: &'static str,
    mlp_norm: &'static str,
    gate: &'static str,
    up: &'static str,
    down: &'static str,
}

const LLAMA: LlamaNames = LlamaNames {
    embedding: "model.embed_tokens.weight",
    block: "model.layers",
    norm: "model.norm.weight",
    attention_norm: "input_layernorm",
    qkv: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
    output: "self_attn.o_proj",
    mlp_norm: "post_attention_layernorm",
    gate: "mlp.gate_proj",
    up: "mlp.up_proj",
    down: "mlp.down_proj",
};

const GGUF_LLAMA: LlamaNames = LlamaNames {
    embedding: "token_embd.weight",
    block: "blk",
    norm: "output_norm.weight",
    attention_norm: "attn_norm",
    qkv: ["attn_q", "attn_k", "attn_v"],
    output: "attn_output",
    mlp_norm: "ffn_norm",
    gate: "ffn_gate",
    up: "ffn_up",
    down: "ffn_down",
};

/// Tensors as they are listed.
struct List<'a> {
    a: &'a Architecture,
    layout: Layout,
    tensors: Vec<Tensor>,
}

impl<'a> List<'a> {
    fn new(a: &'a Architecture) -> Self {
        Self { a, layout: Layout::new(a), tensors: Vec::new() }
    }

    fn push(&mut self, name: &str, shape: &[usize], holds: Holds) {
        self.tensors.push(Tensor { name: name.to_owned(), shape: shape.to_vec(), holds });
    }

    fn columns(&mut self, name: &str, parameter: &str, columns: Range<usize>, transposed: bool, paired: Option<usize>) {
        let shape = self.layout.parameters.iter().find(|p| p.name == parameter).map(|p| p.shape.clone());
        let shape = match shape.as_deref() {
            Some([rows, _]) if transposed => vec![columns.len(), *rows],
            Some([rows, _]) => vec![*rows, columns.len()],
            _ => vec![columns.len()],
        };
        let holds = Holds::Columns { parameter: parameter.to_owned(), columns, transposed, paired };
        self.push(name, &shape, holds);
    }

    fn matrix(&mut self, name: &str, parameter: &str, transposed: bool) {
        let found = self.layout.parameters.iter().find(|p| p.name == parameter);
        let columns = found.and_then(|p| p.shape.last().copied()).unwrap_or(0);
        self.columns(name, parameter, 0..columns, transposed, None);
    }

    fn vector(&mut self, name: &str, parameter: &str) {
        self.matrix(name, parameter, false);
    }

    /// A bias, or zeros where the model has none.
    fn bias(&mut self, name: &str, parameter: &str, length: usize) {
        match self.layout.find(parameter) {
            Some(_) => self.vector(name, parameter),
            None => self.push(name, &[length], Holds::Zeros),
        }
    }

    /// A bias, where the model has it.
    fn own_bias(&mut self, name: &str, parameter: &str, columns: Range<usize>, paired: Option<usize>) {
        if self.layout.find(parameter).is_some() {
            self.columns(name, parameter, columns, false, paired);
        }
    }

    fn positions(&mut self, name: &str) {
        let (parameter, a) = ("embedding.position.weight", self.a);
        match self.layout.find(parameter) {
            Some(_) => self.matrix(name, parameter, false),
            None => self.push(name, &[a.context, a.width], Holds::Sinusoids),
        }
    }

    /// What GPT and GPT-2 have in common; `embeddings` are the names for tokens and positions.
    fn gpt(&mut self, embeddings: [&str; 2]) {
        let (layers, width) = (self.a.layers, self.a.width);
        self.matrix(&format!("transformer.{}.weight", embeddings[0]), "embedding.token.weight", false);
        self.positions(&format!("transformer.{}.weight", embeddings[1]));
        let outputs = |part: &str| match part {
            "attn.c_attn" => 3 * width,
            "mlp.c_fc" => self.a.hidden,
            _ => width,
        };
        let parts = [
            ("ln_1", "attention_norm"),
            ("attn.c_attn", "attention.qkv"),
            ("attn.c_proj", "attention.output"),
            ("ln_2", "mlp_norm"),
            ("mlp.c_fc", "mlp.up"),
            ("mlp.c_proj", "mlp.down"),
        ]
        .map(|(theirs, ours)| (theirs, ours, outputs(theirs)));
        for i in 0..layers {
            for (theirs, ours, outputs) in parts {
                let (theirs, ours) = (format!("transformer.h.{i}.{theirs}"), format!("block.{i}.{ours}"));
                let weight = if ours.ends_with("_norm") { "gain" } else { "weight" };
                self.matrix(&format!("{theirs}.weight"), &format!("{ours}.{weight}"), false);
                self.bias(&format!("{theirs}.bias"), &format!("{ours}.bias"), outputs);
            }
        }
    }

    fn gguf_gpt2(&mut self) {
        let (layers, width, hidden) = (self.a.layers, self.a.width, self.a.hidden);
        self.matrix("token_embd.weight", "embedding.token.weight", false);
        self.positions("position_embd.weight");
        for i in 0..layers {
            for (theirs, ours, outputs) in [
                ("attn_norm", "attention_norm", width),
                ("attn_qkv", "attention.qkv", 3 * width),
                ("attn_output", "attention.output", width),
                ("ffn_norm", "mlp_norm", width),
                ("ffn_up", "mlp.up", hidden),
                ("ffn_down", "mlp.down", width),
            ] {
                let (theirs, ours) = (format!("blk.{i}.{theirs}"), format!("block.{i}.{ours}"));
                if ours.ends_with("_norm") {
                    self.vector(&format!("{theirs}.weight"), &format!("{ours}.gain"));
                } else {
                    self.matrix(&format!("{theirs}.weight"), &format!("{ours}.weight"), true);
                }
                self.bias(&format!("{theirs}.bias"), &format!("{ours}.bias"), outputs);
            }
        }
        self.vector("output_norm.weight", "final_norm.gain");
        self.bias("output_norm.bias", "final_norm.bias", width);
    }

    /// `paired`: queries and keys as ggml turns them.
    fn llama(&mut self, names: &LlamaNames, paired: bool) {
        let a = self.a;
        let (q, kv) = (a.heads * a.head_dim(), a.kv_heads * a.head_dim());
        let parts = [(0..q, Some(a.heads)), (q..q + kv, Some(a.kv_heads)), (q + kv..q + 2 * kv, None)];
        self.matrix(names.embedding, "embedding.token.weight", false);
        for i in 0..a.layers {
            let theirs = |part: &str, end: &str| format!("{}.{i}.{part}.{end}", names.block);
            let ours = |part: &str| format!("block.{i}.{part}");
            self.vector(&theirs(names.attention_norm, "weight"), &ours("attention_norm.gain"));
            for (name, (columns, heads)) in names.qkv.iter().zip(parts.clone()) {
                let heads = heads.filter(|_| paired);
                self.columns(&theirs(name, "weight"), &ours("attention.qkv.weight"), columns.clone(), true, heads);
                self.own_bias(&theirs(name, "bias"), &ours("attention.qkv.bias"), columns, heads);
            }
            self.vector(&theirs(names.mlp_norm, "weight"), &ours("mlp_norm.gain"));
            for (name, part, outputs) in [
                (names.output, "attention.output", a.width),
                (names.gate, "mlp.gate", a.hidden),
                (names.up, "mlp.up", a.hidden),
                (names.down, "mlp.down", a.width),
            ] {
                self.matrix(&theirs(name, "weight"), &ours(&format!("{part}.weight")), true);
                self.own_bias(&theirs(name, "bias"), &ours(&format!("{part}.bias")), 0..outputs, None);
            }
        }
        self.vector(names.norm, "final_norm.gain");
    }
}
