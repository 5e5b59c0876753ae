//! Layer norm and RMS norm.

use crate::kernels::{self as k, NormParams};
use crate::tape::{Dispatch, Life, Tape, Value, grid};

/// Rows that one partial sum of the gain's gradient covers: enough threads for a GPU, few enough sums for the second pass.
const CHUNK: usize = 32;

/// norm(x) · gain + bias over the last axis; RMS norm where `rms`.
pub fn norm(tape: &mut Tape, name: &str, x: Value, gain: Value, bias: Option<Value>, rms: bool, epsilon: f64) -> Value {
    let (rows, width) = (tape.rows(x), tape.columns(x));
    let out = tape.tensor(name, &[rows, width]);
    let statistics = tape.buffer(format!("{name}.statistics"), 2 * rows, Life::Passing);
    let params = NormParams { rows: rows as u32, width: width as u32, chunk: CHUNK as u32, epsilon: epsilon as f32 };
    let by_row = grid(rows, 1);
    let (x_data, gain_data) = (tape.data(x), tape.data(gain));
    let regions = [Some(x_data), Some(gain_data), bias.map(|v| tape.data(v)), Some(tape.data(out)), Some(statistics)];
    tape.dispatch(
        Dispatch::new(&k::NORM_FORWARD, &params, by_row, &regions).with("RMS", rms).with("BIAS", bias.is_some()),
    );
    let inputs: Vec<Value> = [x, gain].into_iter().chain(bias).collect();
    let name = name.to_owned();
    tape.record("norm", &inputs, Some(out), move |b| {
        // y = (x − mean) · inverse · gain + bias
        let gradient = b.gradient(out);
        let chunks = rows.div_ceil(CHUNK);
        let partials = b.scratch(format!("{name}.partials"), 2 * chunks * width);
        let regions = [Some(x_data), Some(statistics), Some(gradient), Some(partials)];
        b.dispatch(Dispatch::new(&k::NORM_BACKWARD_GAIN_PARTIAL, &params, grid(chunks * width, 64), &regions));
        let to_gain = b.target(gain);
        let to_bias = bias.map(|v| b.target(v).region);
        let regions = [Some(partials), Some(to_gain.region), to_bias];
        let sum = Dispatch::new(&k::NORM_BACKWARD_GAIN, &params, grid(width, 64), &regions);
        b.dispatch(sum.with("BIAS", bias.is_some()).with("ACCUMULATE", to_gain.accumulate));
        let to = b.target(x);
        let regions = [Some(x_data), Some(gain_data), Some(statistics), Some(gradient), Some(to.region)];
        let dispatch = Dispatch::new(&k::NORM_BACKWARD_X, &params, by_row, &regions);
        b.dispatch(dispatch.with("RMS", rms).with("ACCUMULATE", to.accumulate));
    });
    out
}
