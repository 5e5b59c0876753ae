//! Records a model as a list of dispatches: forwards as they are called, adjoints in reverse at [`Tape::finish`].
//!
//! A recording names kernels, buffers and grids and knows nothing of who executes it: `plan.rs` on the GPU, `cpu.rs` on the CPU. It
//! also knows how much memory it needs before any is allocated: buffers whose lives do not overlap share their place.

use crate::kernels::{Access, Kernel};
use crate::parts::Sum;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// A buffer of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BufferId(usize);

/// A stretch of a buffer. Offsets are multiples of [`ALIGNMENT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Which buffer.
    pub buffer: BufferId,
    /// First word.
    pub offset: usize,
    /// Number of 32-bit words.
    pub words: usize,
}

/// Words: WebGPU binds at multiples of 256 bytes.
pub const ALIGNMENT: usize = 64;

/// `words`, rounded up to where the next region may start.
pub fn aligned(words: usize) -> usize {
    words.div_ceil(ALIGNMENT) * ALIGNMENT
}

/// Who else knows a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Belongs to the owner of the weights and is found by name: other recordings use it too.
    Shared,
    /// The same, and known to no recording that trains: windows write it, and single tokens go on from it.
    Carried,
    /// Written or read by the host between replays: its place is its own.
    Kept,
    /// Lives from its first to its last dispatch: its place may serve others before and after.
    Passing,
}

impl Life {
    /// Whether it is found by name and outlives a plan.
    pub fn is_named(self) -> bool {
        matches!(self, Self::Shared | Self::Carried)
    }
}

/// A buffer as recorded.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// Dotted path: `block.0.attention.qkv`.
    pub name: String,
    /// 32-bit words.
    pub words: usize,
    /// Who else knows it.
    pub life: Life,
}

/// One dispatch, ready to be bound and replayed.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Entry point.
    pub kernel: &'static Kernel,
    /// `override` constants.
    pub overrides: Vec<(&'static str, f64)>,
    /// The kernel's `Params`.
    pub params: Vec<u8>,
    /// One for each of the kernel's slots; None where the overrides leave a binding unused.
    pub regions: Vec<Option<Region>>,
    /// Workgroups along x, y, z.
    pub grid: [u32; 3],
}

impl Dispatch {
    /// A dispatch of `kernel` over `grid` workgroups; regions in the order of its slots.
    pub fn new(
        kernel: &'static Kernel,
        params: &impl bytemuck::Pod,
        grid: [u32; 3],
        regions: &[Option<Region>],
    ) -> Self {
        debug_assert_eq!(kernel.slots.len(), regions.len(), "{}", kernel.name);
        debug_assert_eq!(kernel.params.len() * 4, std::mem::size_of_val(params), "{}", kernel.name);
        Self {
            kernel,
            overrides: Vec::new(),
            params: bytemuck::bytes_of(params).to_vec(),
            regions: regions.to_vec(),
            grid,
        }
    }
    /// With an `override` constant set to true or false.
    pub fn with(mut self, name: &'static str, flag: bool) -> Self {
        self.overrides.push((name, f64::from(u8::from(flag))));
        self
    }
    /// With an `override` constant set to a number.
    pub fn with_number(mut self, name: &'static str, value: u32) -> Self {
        self.overrides.push((name, value.into()));
        self
    }
}

/// Workgroups for `count` independent items, `per_group` to a workgroup, folded into x and y so that neither passes
/// WebGPU's 65,535; kernels unfold with `group_index()` and test their bounds.
pub fn grid(count: usize, per_group: usize) -> [u32; 3] {
    let groups = count.div_ceil(per_group).max(1) as u32;
    if groups <= 65_535 { [groups, 1, 1] } else { [32_768, groups.div_ceil(32_768), 1] }
}

/// A tensor on the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Value(usize);

#[derive(Clone, Debug)]
struct ValueInfo {
    name: String,
    shape: Vec<usize>,
    data: Region,
    differentiable: bool,
    /// Where a parameter's gradient lives; activations get theirs when the first adjoint writes it.
    gradient_home: Option<Region>,
}

/// Why a recording cannot be finished. Each is a mistake in an op or a model, found before anything runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum TapeError {
    /// An op reads a differentiable value and has no adjoint.
    NoAdjoint {
        /// The op.
        op: &'static str,
        /// The value's name.
        value: String,
    },
    /// An adjoint ran and left an input without gradient.
    AdjointForgets {
        /// The op.
        op: &'static str,
        /// The value's name.
        value: String,
    },
    /// Two values share a gradient's place, and one is added to before the other was read.
    SharedGradientOverwritten {
        /// The value added to.
        value: String,
        /// The value still to be read.
        other: String,
    },
    /// A parameter that the loss does not depend on.
    ParameterWithoutGradient {
        /// The parameter.
        name: String,
    },
}

type Adjoint = Box<dyn FnOnce(&mut Backward<'_>)>;

struct Op {
    name: &'static str,
    inputs: Vec<Value>,
    output: Option<Value>,
    adjoint: Option<Adjoint>,
}

/// The recorder.
#[derive(Default)]
pub struct Tape {
    buffers: Vec<Buffer>,
    values: Vec<ValueInfo>,
    ops: Vec<Op>,
    dispatches: Vec<Dispatch>,
    parameters: Vec<Value>,
}

impl Tape {
    /// A buffer that is no tensor of the model: inputs, state, statistics.
    pub fn buffer(&mut self, name: impl Into<String>, words: usize, life: Life) -> Region {
        let buffer = BufferId(self.buffers.len());
        self.buffers.push(Buffer { name: name.into(), words: aligned(words.max(1)), life });
        Region { buffer, offset: 0, words }
    }

    /// A buffer recorded earlier, whole.
    pub fn find(&self, name: &str) -> Option<Region> {
        find(&self.buffers, name)
    }

    /// A trained tensor: where it lives in the flat parameter buffer and where its gradient goes.
    pub fn parameter(&mut self, name: impl Into<String>, shape: &[usize], data: Region, gradient: Region) -> Value {
        let value = self.push(name.into(), shape, data, true, Some(gradient));
        self.parameters.push(value);
        value
    }

    /// A tensor that an op computes. It is differentiable where one of the op's inputs is.
    pub fn tensor(&mut self, name: impl Into<String>, shape: &[usize]) -> Value {
        self.tensor_kept(name, shape, Life::Passing)
    }

    /// The same, with a life of its own: [`Life::Kept`] for what the host reads.
    pub fn tensor_kept(&mut self, name: impl Into<String>, shape: &[usize], life: Life) -> Value {
        let name = name.into();
        let data = self.buffer(name.clone(), shape.iter().product(), life);
        self.push(name, shape, data, false, None)
    }

    /// A tensor that shares the data of another: the output of an op that works in place.
    pub fn in_place(&mut self, name: impl Into<String>, of: Value) -> Value {
        let (shape, data) = (self.values[of.0].shape.clone(), self.values[of.0].data);
        self.push(name.into(), &shape, data, false, None)
    }

    fn push(
        &mut self,
        name: String,
        shape: &[usize],
        data: Region,
        differentiable: bool,
        home: Option<Region>,
    ) -> Value {
        self.values.push(ValueInfo { name, shape: shape.to_vec(), data, differentiable, gradient_home: home });
        Value(self.values.len() - 1)
    }

    /// Where a value's data are.
    pub fn data(&self, value: Value) -> Region {
        self.values[value.0].data
    }
    /// Its shape, outermost first.
    pub fn shape(&self, value: Value) -> &[usize] {
        &self.values[value.0].shape
    }
    /// Its name.
    pub fn name(&self, value: Value) -> &str {
        &self.values[value.0].name
    }
    /// Product of all axes but the last.
    pub fn rows(&self, value: Value) -> usize {
        let shape = self.shape(value);
        shape[..shape.len() - 1].iter().product()
    }
    /// The last axis.
    pub fn columns(&self, value: Value) -> usize {
        *self.shape(value).last().unwrap_or(&1)
    }

    /// Appends a forward dispatch.
    pub fn dispatch(&mut self, dispatch: Dispatch) {
        self.dispatches.push(dispatch);
    }

    /// Closes an op: what it read, what it made, and how gradients flow back. `adjoint` runs at [`Tape::finish`], in
    /// reverse order, and only where the output received a gradient; an op without output (the loss) always runs.
    pub fn record(
        &mut self,
        name: &'static str,
        inputs: &[Value],
        output: Option<Value>,
        adjoint: impl FnOnce(&mut Backward<'_>) + 'static,
    ) {
        self.close(name, inputs, output, Some(Box::new(adjoint)));
    }

    /// The same without an adjoint: refused by [`Tape::finish`] where an input needs a gradient.
    pub fn record_without_adjoint(&mut self, name: &'static str, inputs: &[Value], output: Option<Value>) {
        self.close(name, inputs, output, None);
    }

    fn close(&mut self, name: &'static str, inputs: &[Value], output: Option<Value>, adjoint: Option<Adjoint>) {
        let differentiable = inputs.iter().any(|v| self.values[v.0].differentiable);
        if let Some(output) = output {
            self.values[output.0].differentiable |= differentiable;
        }
        self.ops.push(Op { name, inputs: inputs.to_vec(), output, adjoint });
    }

    /// The forward pass alone: evaluation, sampling.
    pub fn finish_forward(self) -> Recording {
        let forward = self.dispatches.len();
        Recording {
            buffers: self.buffers,
            dispatches: self.dispatches,
            forward,
            backward: forward,
            sums: Vec::new(),
            update: forward,
        }
    }

    /// The forward pass, then every adjoint in reverse.
    ///
    /// # Errors
    /// [`TapeError`] where a gradient would be missing.
    pub fn finish(mut self) -> Result<Recording, TapeError> {
        let ops = std::mem::take(&mut self.ops);
        let forward = self.dispatches.len();
        let mut backward = Backward { tape: &mut self, gradients: HashMap::new(), done: HashSet::new(), error: None };
        for op in ops.into_iter().rev() {
            if op.output.is_some_and(|v| !backward.gradients.contains_key(&v)) {
                continue;
            }
            let values = &backward.tape.values;
            let needing: Vec<Value> = op.inputs.iter().copied().filter(|v| values[v.0].differentiable).collect();
            match op.adjoint {
                Some(adjoint) => adjoint(&mut backward),
                None if needing.is_empty() => {}
                None => {
                    let value = backward.tape.name(needing[0]).to_owned();
                    return Err(TapeError::NoAdjoint { op: op.name, value });
                }
            }
            backward.done.extend(op.output);
            if let Some(error) = backward.error.take() {
                return Err(error);
            }
            if let Some(v) = needing.iter().find(|v| !backward.gradients.contains_key(v)) {
                return Err(TapeError::AdjointForgets { op: op.name, value: backward.tape.name(*v).to_owned() });
            }
        }
        let gradients = backward.gradients;
        if let Some(v) = self.parameters.iter().find(|v| !gradients.contains_key(v)) {
            return Err(TapeError::ParameterWithoutGradient { name: self.name(*v).to_owned() });
        }
        let end = self.dispatches.len();
        let (buffers, dispatches) = (self.buffers, self.dispatches);
        Ok(Recording { buffers, dispatches, forward, backward: end, sums: Vec::new(), update: end })
    }
}

/// What an adjoint may do: read gradients of outputs, claim gradients of inputs, append dispatches.
pub struct Backward<'a> {
    tape: &'a mut Tape,
    gradients: HashMap<Value, Region>,
    /// Values whose op's adjoint has run: nobody reads their gradient any more.
    done: HashSet<Value>,
    error: Option<TapeError>,
}

/// Where an adjoint writes, and whether something is already there.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The gradient's place.
    pub region: Region,
    /// Add to it (an earlier adjoint wrote it) or overwrite it.
    pub accumulate: bool,
}

impl Backward<'_> {
    /// The tape, for shapes and data.
    pub fn tape(&self) -> &Tape {
        self.tape
    }
    /// Whether a gradient of `value` is wanted at all.
    pub fn wants(&self, value: Value) -> bool {
        self.tape.values[value.0].differentiable
    }
    /// The gradient of an output; complete, as all its readers ran before.
    pub fn gradient(&self, output: Value) -> Region {
        self.gradients[&output]
    }
    /// Claims the gradient of an input for writing.
    pub fn target(&mut self, input: Value) -> Target {
        if let Some(&region) = self.gradients.get(&input) {
            // A place given to two values may be added to only after the other's reader has run.
            let clash = self.gradients.iter().find(|&(v, r)| *v != input && *r == region && !self.done.contains(v));
            if let Some((other, _)) = clash {
                let (value, other) = (self.tape.name(input).to_owned(), self.tape.name(*other).to_owned());
                self.error.get_or_insert(TapeError::SharedGradientOverwritten { value, other });
            }
            return Target { region, accumulate: true };
        }
        let info = &self.tape.values[input.0];
        let region = match info.gradient_home {
            Some(home) => home,
            None => {
                let (name, words) = (format!("grad_{}", info.name), info.data.words);
                self.tape.buffer(name, words, Life::Passing)
            }
        };
        self.gradients.insert(input, region);
        Target { region, accumulate: false }
    }
    /// `region`, complete, is also (the first part of) the gradient of `input`, as in a residual sum. Becomes its place
    /// where nothing was written yet, and returns None; otherwise the caller adds it to the returned region.
    pub fn give(&mut self, input: Value, region: Region) -> Option<Region> {
        if self.gradients.contains_key(&input) {
            return Some(self.target(input).region);
        }
        self.gradients.insert(input, region);
        None
    }
    /// Memory for the duration of the backward pass.
    pub fn scratch(&mut self, name: impl Into<String>, words: usize) -> Region {
        self.tape.buffer(name, words, Life::Passing)
    }
    /// Appends a dispatch.
    pub fn dispatch(&mut self, dispatch: Dispatch) {
        self.tape.dispatch(dispatch);
    }
}

/// A finished list of dispatches and the buffers that it names.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Every buffer, by id.
    pub buffers: Vec<Buffer>,
    /// In order.
    pub dispatches: Vec<Dispatch>,
    /// How many of them are the forward pass.
    pub forward: usize,
    /// How many are forward and backward pass.
    pub backward: usize,
    /// What adds the gradients of a step's parts, behind them.
    pub sums: Vec<(Sum, Range<usize>)>,
    /// How many come before the update.
    pub update: usize,
}

fn find(buffers: &[Buffer], name: &str) -> Option<Region> {
    let i = buffers.iter().position(|b| b.name == name)?;
    Some(Region { buffer: BufferId(i), offset: 0, words: buffers[i].words })
}

/// Where each buffer of a recording lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// For each buffer: index into `words`, None for shared and for unused ones.
    pub place: Vec<Option<usize>>,
    /// Size of each place in words.
    pub words: Vec<usize>,
}

impl Recording {
    /// Adds a buffer after the fact: the optimizer's state.
    pub fn buffer(&mut self, name: impl Into<String>, words: usize, life: Life) -> Region {
        let buffer = BufferId(self.buffers.len());
        self.buffers.push(Buffer { name: name.into(), words: aligned(words.max(1)), life });
        Region { buffer, offset: 0, words }
    }
    /// Index of a buffer.
    pub fn index(&self, id: BufferId) -> usize {
        id.0
    }
    /// A buffer by name, whole.
    pub fn find(&self, name: &str) -> Option<Region> {
        find(&self.buffers, name)
    }

    /// Whether it writes what others share: weights, or what they are trained with.
    pub fn writes_shared(&self) -> bool {
        let written = self.dispatches.iter().flat_map(|d| d.kernel.slots.iter().zip(&d.regions));
        written
            .filter(|(slot, _)| slot.access == Access::Write)
            .filter_map(|(_, region)| *region)
            .any(|region| self.buffers[region.buffer.0].life == Life::Shared)
    }

    /// First and last dispatch that touch each buffer.
    fn lives(&self) -> Vec<Option<Range<usize>>> {
        let mut lives: Vec<Option<Range<usize>>> = vec![None; self.buffers.len()];
        for (at, dispatch) in self.dispatches.iter().enumerate() {
            for region in dispatch.regions.iter().flatten() {
                let life = lives[region.buffer.0].get_or_insert(at..at);
                life.end = at;
            }
        }
        lives
    }

    /// Gives every buffer a place: passing buffers reuse places whose last user is done, smallest fit first.
    pub fn placement(&self) -> Placement {
        let lives = self.lives();
        let mut words: Vec<usize> = Vec::new();
        let mut place = vec![None; self.buffers.len()];
        let mut free_after: Vec<Option<usize>> = Vec::new(); // last dispatch of a place's present user; None: never free
        let mut order: Vec<usize> = (0..self.buffers.len()).collect();
        order.sort_by_key(|&i| lives[i].as_ref().map_or(0, |l| l.start));
        for i in order {
            let buffer = &self.buffers[i];
            match (buffer.life, &lives[i]) {
                (Life::Shared | Life::Carried, _) | (Life::Passing, None) => {}
                (Life::Kept, _) => {
                    place[i] = Some(words.len());
                    words.push(buffer.words);
                    free_after.push(None);
                }
                (Life::Passing, Some(life)) => {
                    let fits = (0..words.len())
                        .filter(|&p| free_after[p].is_some_and(|end| end < life.start) && words[p] >= buffer.words)
                        .min_by_key(|&p| words[p]);
                    let p = fits.unwrap_or_else(|| {
                        words.push(buffer.words);
                        free_after.push(None);
                        words.len() - 1
                    });
                    free_after[p] = Some(life.end);
                    place[i] = Some(p);
                }
            }
        }
        Placement { place, words }
    }

    /// What it takes of an adapter, known before anything is allocated.
    pub fn memory(&self) -> Memory {
        let named = self.buffers.iter().filter(|b| b.life.is_named()).map(|b| b.words);
        let bytes: Vec<u64> = self.placement().words.into_iter().chain(named).map(|words| 4 * words as u64).collect();
        let regions = self.dispatches.iter().flat_map(|d| d.regions.iter().flatten());
        let largest_binding = regions.max_by_key(|r| r.words);
        Memory {
            total: bytes.iter().sum(),
            largest_buffer: bytes.iter().copied().max().unwrap_or(0),
            largest_binding: largest_binding.map_or(0, |r| 4 * r.words as u64),
            largest_name: largest_binding.map_or(String::new(), |r| self.buffers[r.buffer.0].name.clone()),
        }
    }
}

/// Memory of a recording, bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// All places and all buffers that outlive a plan.
    pub total: u64,
    /// The largest buffer.
    pub largest_buffer: u64,
    /// The largest stretch that a dispatch binds.
    pub largest_binding: u64,
    /// The buffer that it belongs to.
    pub largest_name: String,
}
