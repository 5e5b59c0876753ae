//! One window through the model, forwards: logits for sampling, and what a look inside asks for. What answers with a model's
//! [`Parameters`].

use crate::config::{Architecture, Checked};
use crate::device::{Device, Plan};
use crate::model::{self, BATCH, Layout, Off, View, cache_name, lens_name};
use crate::ops::attention::Attention;
use crate::ops::{cache, logits_stride};
use crate::parameters::{ModelError, Parameters};
use crate::tape::{Life, Recording, Region, aligned};
use decoding::Decoding;
use std::ops::Range;

mod decoding;

/// Plans kept: four lengths of a text that grows, and two looks with something switched off.
const KEPT: usize = 6;
/// Most words of attention weights that are written at once, 32 MiB.
const WEIGHTS_LIMIT: usize = 8 << 20;
const ATTENTION_WEIGHTS: &str = "attention_weights";
/// Least positions of a causal window.
const SHORTEST: usize = 8;

/// A plan for windows of one length, looked at in one way.
struct Window {
    length: usize,
    view: View,
    plan: Plan,
    places: Places,
}

/// What a window can do beside its forward pass.
#[derive(Clone)]
struct Places {
    /// Dispatches that keep its keys and values for the tokens that follow it.
    keep: Range<usize>,
    /// The first dispatch that writes attention weights: one per layer and head.
    weights: usize,
    /// Heads whose weights fit the buffer at once.
    heads_at_once: usize,
}

/// What answers with a model's parameters, which each call is given: the same ones always.
#[derive(Default)]
pub struct Inference {
    /// Plans for sampling and for looking inside, the last used last.
    windows: Vec<Window>,
    decoding: Decoding,
    /// Parts that a pass is cut into, so that no submit holds the GPU for long; 0 as 1.
    submits: usize,
}

impl Inference {
    /// Cuts each pass into so many submits.
    pub fn set_submits(&mut self, submits: usize) {
        self.submits = submits;
    }

    /// Runs the forward pass over one window; its plan then stands last.
    async fn run_window(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
        view: &View,
    ) -> Result<&Window, ModelError> {
        let a = &parameters.checked().architecture;
        let (context, found) = (a.context, tokens.len());
        if !(1..=context).contains(&found) {
            return Err(ModelError::WrongLength { name: "window".into(), expected: context, found });
        }
        parameters.check_tokens(tokens)?;
        // Tokens behind the last one change nothing before them where attention is causal: round up and share the plan.
        let length = if a.causal { found.next_power_of_two().max(SHORTEST).min(context) } else { found };
        let window = match self.windows.iter().position(|w| w.length == length && w.view == *view) {
            Some(at) => self.windows.remove(at),
            None => {
                let surplus = (self.windows.len() + 1).saturating_sub(KEPT);
                self.windows.drain(..surplus);
                let (recording, places) = record_window(a, parameters.layout(), length, view);
                let plan = Plan::new(device, &mut parameters.store, &recording).await?;
                parameters.write_table(device, &plan, length)?;
                Window { length, view: view.clone(), plan, places }
            }
        };
        let mut padded = tokens.to_vec();
        padded.resize(length, 0);
        window.plan.write(device, BATCH, 0, &padded)?;
        window.plan.replay(device, &[window.plan.forward()], self.submits);
        self.windows.push(window);
        Ok(&self.windows[self.windows.len() - 1])
    }

    /// Logits after each token of one window [seq ≤ context]: [seq, vocab].
    ///
    /// # Errors
    /// [`ModelError::WrongLength`], [`ModelError::UnknownToken`], [`crate::gpu::GpuError::Lost`].
    pub async fn logits(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
    ) -> Result<Vec<f32>, ModelError> {
        self.logits_without(device, parameters, tokens, &Off::default()).await
    }

    /// The same with pieces of the model switched off.
    ///
    /// # Errors
    /// As [`Inference::logits`].
    pub async fn logits_without(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
        off: &Off,
    ) -> Result<Vec<f32>, ModelError> {
        let vocab = parameters.checked().architecture.vocab;
        let window = self.run_window(device, parameters, tokens, &View::without(off)).await?;
        read_logits(device, window, "logits", tokens.len(), vocab).await
    }

    /// Logits after the last token of one window [seq ≤ context], with pieces of the model switched off: [vocab].
    ///
    /// # Errors
    /// As [`Inference::logits`].
    pub async fn last_logits(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
        off: &Off,
    ) -> Result<Vec<f32>, ModelError> {
        let vocab = parameters.checked().architecture.vocab;
        let window = self.run_window(device, parameters, tokens, &View::without(off)).await?;
        let start = (tokens.len() - 1) * logits_stride(vocab);
        Ok(window.plan.read(device, "logits", start..start + vocab).await?)
    }

    /// The same for a text that grows token by token: one token is computed where all before it were, by the same weights and
    /// with the same pieces off. A full pass where they were not, and where none can go on from it: attention is not causal, or
    /// the text fills the context, beyond which every position is another.
    ///
    /// # Errors
    /// As [`Inference::logits`].
    pub async fn next_logits(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
        off: &Off,
    ) -> Result<Vec<f32>, ModelError> {
        if let Some(logits) = self.decoding.next(device, parameters, tokens, off).await? {
            return Ok(logits);
        }
        let a = &parameters.checked().architecture;
        let goes_on = a.causal && tokens.len() < a.context;
        let logits = self.last_logits(device, parameters, tokens, off).await?;
        if let Some(window) = self.windows.last().filter(|_| goes_on) {
            window.plan.replay(device, std::slice::from_ref(&window.places.keep), 1);
            self.decoding.begin(device, tokens, off);
        }
        Ok(logits)
    }

    /// What the head would say after each block (logit lens): logits [layers + 1, seq, vocab], before the first block first,
    /// the model's own last.
    ///
    /// # Errors
    /// As [`Inference::logits`].
    pub async fn lens(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let (layers, vocab) = (parameters.checked().architecture.layers, parameters.checked().architecture.vocab);
        let window = self.run_window(device, parameters, tokens, &View { lens: true, off: Off::default() }).await?;
        let mut all = Vec::with_capacity(layers + 1);
        for layer in 0..layers {
            all.push(read_logits(device, window, &lens_name(layer), tokens.len(), vocab).await?);
        }
        all.push(read_logits(device, window, "logits", tokens.len(), vocab).await?);
        Ok(all)
    }

    /// Attention weights of one head over one window: [seq, seq], row = query, column = key.
    ///
    /// # Errors
    /// As [`Inference::logits`]; [`ModelError::WrongLength`] for a layer or head that is not there.
    pub async fn attention(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
        layer: usize,
        head: usize,
    ) -> Result<Vec<f32>, ModelError> {
        let (layers, heads) = attention_shape(parameters);
        for (name, found, expected) in [("layer", layer, layers), ("head", head, heads)] {
            if found >= expected {
                return Err(ModelError::WrongLength { name: name.into(), expected, found });
            }
        }
        let window = self.run_window(device, parameters, tokens, &View::default()).await?;
        let (plan, length, number) = (&window.plan, window.length, layer * heads + head);
        let at = window.places.weights + number;
        let dispatch = at..at + 1;
        plan.replay(device, &[dispatch], 1);
        let start = number % window.places.heads_at_once * aligned(length * length);
        let all: Vec<f32> = plan.read(device, ATTENTION_WEIGHTS, start..start + length * length).await?;
        Ok(crop(&all, length, tokens.len()))
    }

    /// Attention weights of every head over one window, in the order of layers and heads, each [seq, seq], handed to `look`
    /// one after the other.
    ///
    /// # Errors
    /// As [`Inference::logits`].
    pub async fn every_attention(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
        mut look: impl FnMut(usize, usize, Vec<f32>),
    ) -> Result<(), ModelError> {
        let (layers, heads) = attention_shape(parameters);
        let window = self.run_window(device, parameters, tokens, &View::default()).await?;
        let (plan, length, at_once) = (&window.plan, window.length, window.places.heads_at_once);
        let each = aligned(length * length);
        let all: Vec<usize> = (0..layers * heads).collect();
        for group in all.chunks(at_once) {
            let first = window.places.weights + group[0];
            let dispatches = first..first + group.len();
            plan.replay(device, &[dispatches], 1);
            let weights: Vec<f32> = plan.read(device, ATTENTION_WEIGHTS, 0..group.len() * each).await?;
            for (&number, weights) in group.iter().zip(weights.chunks_exact(each)) {
                look(number / heads, number % heads, crop(weights, length, tokens.len()));
            }
        }
        Ok(())
    }
}

/// A window's forward pass, behind it what keeps its keys and values, one dispatch per layer, and what writes its attention
/// weights, one per layer and head.
fn record_window(a: &Architecture, layout: &Layout, length: usize, view: &View) -> (Recording, Places) {
    let mut recording = model::inference(a, layout, length, view);
    let shape = Attention {
        batch: 1,
        seq: length,
        heads: a.heads,
        kv_heads: a.kv_heads,
        head_dim: a.head_dim(),
        causal: a.causal,
        dropout: None,
    };
    let attention = |recording: &Recording, layer: usize| {
        let qkv = recording.find(&format!("block.{layer}.attention.qkv"))?;
        let log_sum_exp = recording.find(&format!("block.{layer}.attention.log_sum_exp"))?;
        let (qkv_words, words) = (length * a.qkv_width(), length * a.heads);
        Some((Region { words: qkv_words, ..qkv }, Region { words, ..log_sum_exp }))
    };
    for layer in (0..a.layers).filter(|_| a.causal && !view.lens) {
        let Some((qkv, _)) = attention(&recording, layer) else { continue };
        let cache = recording.buffer(cache_name(layer), a.context * cache::words(&shape), Life::Carried);
        recording.dispatches.push(cache::keep(&shape, qkv, cache));
    }
    let (keep, each) = (recording.forward..recording.dispatches.len(), aligned(length * length));
    let heads_at_once = (WEIGHTS_LIMIT / each).max(1).min((a.layers * a.heads).max(1));
    // A look with something switched off is at logits.
    if a.layers > 0 && a.attention && view.off == Off::default() {
        let weights = recording.buffer(ATTENTION_WEIGHTS, heads_at_once * each, Life::Kept);
        for layer in 0..a.layers {
            let Some((qkv, log_sum_exp)) = attention(&recording, layer) else { continue };
            let heads = (0..a.heads).map(|head| {
                let place = (layer * a.heads + head) % heads_at_once;
                let weights = Region { offset: place * each, words: length * length, ..weights };
                shape.weights(qkv, log_sum_exp, head, weights)
            });
            recording.dispatches.extend(heads);
        }
    }
    (recording, Places { weights: keep.end, keep, heads_at_once })
}

/// What a causal model's text goes through as it grows, as it is recorded: windows, and one token; allocates nothing.
pub fn recordings(checked: &Checked) -> Vec<Recording> {
    let (a, layout) = (&checked.architecture, Layout::new(&checked.architecture));
    let lengths =
        std::iter::successors(Some(SHORTEST), |length| Some(2 * length)).take_while(|&length| length < a.context);
    let windows = lengths.chain([a.context]).map(|length| record_window(a, &layout, length, &View::default()).0);
    windows.chain([model::decoding(a, &layout, &Off::default())]).collect()
}

/// Layers and heads that have attention.
fn attention_shape(parameters: &Parameters) -> (usize, usize) {
    let a = &parameters.checked().architecture;
    if a.attention { (a.layers, a.heads) } else { (0, 0) }
}

async fn read_logits(
    device: &Device,
    window: &Window,
    name: &str,
    seq: usize,
    vocab: usize,
) -> Result<Vec<f32>, ModelError> {
    let stride = logits_stride(vocab);
    let all: Vec<f32> = window.plan.read(device, name, 0..seq * stride).await?;
    Ok(all.chunks_exact(stride).flat_map(|row| &row[..vocab]).copied().collect())
}

/// The first `seq` rows and columns of [length, length].
fn crop(weights: &[f32], length: usize, seq: usize) -> Vec<f32> {
    weights.chunks_exact(length).take(seq).flat_map(|row| &row[..seq]).copied().collect()
}
