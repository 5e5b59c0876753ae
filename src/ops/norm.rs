//! Layer norm and RMS norm.

use crate::kernels::{self as k, NormParams};
use crate::tape::{Backward, Dispatch, Life, Region, Tape, Target, Value, aligned, grid};
use std::cell::RefCell;
use std::rc::Rc;

/// Rows that one partial sum of a gain's gradient covers: enough workgroups for a GPU, few enough sums for the second pass.
const CHUNK: usize = 16;

/// The norms of a model, all over the same rows and columns. What their gains' and biases' gradients are sums of waits until the
/// backward pass ends, and is then added up at once.
pub struct Norms {
    rows: usize,
    width: usize,
    rms: bool,
    epsilon: f32,
    waiting: Rc<RefCell<Waiting>>,
}

/// What the norms of a recording have in common while its adjoints run.
#[derive(Default)]
struct Waiting {
    /// Gains and biases of all norms.
    vectors: usize,
    /// Partial sums [vectors, chunks, width]; made by the first adjoint that has some.
    partials: Option<Region>,
    sums: Vec<Sum>,
}

/// A gain or a bias whose partial sums are there.
#[derive(Clone, Copy)]
struct Sum {
    vector: usize,
    to: Target,
}

impl Norms {
    /// Before any op that a norm's gradient comes from: the tape then runs this adjoint behind theirs. `rms` makes them RMS norms.
    pub fn new(tape: &mut Tape, (rows, width): (usize, usize), rms: bool, epsilon: f64) -> Self {
        let norms = Self { rows, width, rms, epsilon: epsilon as f32, waiting: Rc::default() };
        let (waiting, params, stride) = (Rc::clone(&norms.waiting), norms.params(), norms.stride());
        tape.record("norms", &[], None, move |b| add_up(b, &waiting.borrow(), params, stride));
        norms
    }

    fn params(&self) -> NormParams {
        NormParams {
            rows: self.rows as u32,
            width: self.width as u32,
            vectors: 0,
            partials_stride: self.stride() as u32,
            gradients_stride: 0,
            epsilon: self.epsilon,
        }
    }

    /// Words of one vector's partial sums.
    fn stride(&self) -> usize {
        aligned(self.rows.div_ceil(CHUNK) * self.width)
    }

    /// norm(x) · gain + bias over the last axis.
    pub fn norm(&self, tape: &mut Tape, name: &str, x: Value, gain: Value, bias: Option<Value>) -> Value {
        let &Self { rows, width, rms, .. } = self;
        let (params, stride) = (self.params(), self.stride());
        let out = tape.tensor(name, &[rows, width]);
        let statistics = tape.buffer(format!("{name}.statistics"), 2 * rows, Life::Passing);
        let (x_data, gain_data) = (tape.data(x), tape.data(gain));
        let regions =
            [Some(x_data), Some(gain_data), bias.map(|v| tape.data(v)), Some(tape.data(out)), Some(statistics)];
        let forward = Dispatch::new(&k::NORM_FORWARD, &params, grid(rows, 1), &regions);
        tape.dispatch(forward.with("RMS", rms).with("BIAS", bias.is_some()));
        let waiting = Rc::clone(&self.waiting);
        let (first, count) = (waiting.borrow().vectors, 1 + usize::from(bias.is_some()));
        waiting.borrow_mut().vectors += count;
        let inputs: Vec<Value> = [x, gain].into_iter().chain(bias).collect();
        tape.record("norm", &inputs, Some(out), move |b| {
            // y = (x − mean) · inverse · gain + bias
            let (gradient, mut waiting) = (b.gradient(out), waiting.borrow_mut());
            for (vector, value) in (first..).zip([gain].into_iter().chain(bias)) {
                waiting.sums.push(Sum { vector, to: b.target(value) });
            }
            let words = waiting.vectors * stride;
            let all = *waiting.partials.get_or_insert_with(|| b.scratch("norms.partials", words));
            let partials = Region { offset: first * stride, words: count * stride, ..all };
            let to = b.target(x);
            let regions =
                [Some(x_data), Some(gain_data), Some(statistics), Some(gradient), Some(to.region), Some(partials)];
            let dispatch = Dispatch::new(&k::NORM_BACKWARD_X, &params, grid(rows.div_ceil(CHUNK), 1), &regions)
                .with_number("CHUNK", CHUNK as u32);
            b.dispatch(dispatch.with("RMS", rms).with("BIAS", bias.is_some()).with("ACCUMULATE", to.accumulate));
        });
        out
    }
}

/// Gains and biases that follow one another at one distance, as a model's layout has them, in a dispatch.
fn add_up(b: &mut Backward<'_>, waiting: &Waiting, params: NormParams, stride: usize) {
    let Some(partials) = waiting.partials else { return };
    let width = params.width as usize;
    let mut sums = waiting.sums.clone();
    sums.sort_by_key(|sum| sum.vector);
    let mut runs: Vec<&[Sum]> = Vec::new();
    let mut rest = sums.as_slice();
    while !rest.is_empty() {
        let (run, behind) = rest.split_at(run_length(rest, width));
        runs.push(run);
        rest = behind;
    }
    // From the last, as the adjoints ran: what adds to a gradient comes behind what begins it.
    for run in runs.into_iter().rev() {
        let Sum { vector, to } = run[0];
        let distance = run.get(1).map_or(0, |second| second.to.region.offset - to.region.offset);
        let gradients = Region { words: (run.len() - 1) * distance + width, ..to.region };
        let partials = Region { offset: vector * stride, words: run.len() * stride, ..partials };
        let params = NormParams { vectors: run.len() as u32, gradients_stride: distance as u32, ..params };
        let grid = grid(run.len() * width, 64);
        let dispatch = Dispatch::new(&k::NORM_BACKWARD_GAIN, &params, grid, &[Some(partials), Some(gradients)]);
        b.dispatch(dispatch.with_number("CHUNK", CHUNK as u32).with("ACCUMULATE", to.accumulate));
    }
}

/// How many of these sums one dispatch takes.
fn run_length(sums: &[Sum], width: usize) -> usize {
    let distance = |a: &Sum, b: &Sum| {
        let same = a.to.region.buffer == b.to.region.buffer && a.to.accumulate == b.to.accumulate;
        let follows = same && b.vector == a.vector + 1;
        b.to.region.offset.checked_sub(a.to.region.offset).filter(|&words| follows && words >= width)
    };
    let mut distances = sums.windows(2).map(|pair| distance(&pair[0], &pair[1]));
    let Some(Some(first)) = distances.next() else { return 1 };
    2 + distances.take_while(|&next| next == Some(first)).count()
}
