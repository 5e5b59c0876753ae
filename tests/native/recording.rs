//! The tape refuses what would train wrongly, and its placement never lets two living buffers share a place.

use crate::harness::device;
use fledgling::config::{Config, presets};
use fledgling::kernels::{self as k, ElementwiseParams};
use fledgling::model::{self, Layout};
use fledgling::tape::{Backward, Dispatch, Life, Tape, TapeError, Value};
use fledgling::trainer::estimate;

fn parameter(tape: &mut Tape, name: &str) -> Value {
    let data = tape.buffer(format!("{name} data"), 64, Life::Shared);
    let gradient = tape.buffer(format!("{name} gradient"), 64, Life::Shared);
    tape.parameter(name, &[8, 8], data, gradient)
}

/// An adjoint that claims one gradient and writes nothing.
fn claims(value: Value) -> impl FnOnce(&mut Backward<'_>) {
    move |b| {
        b.target(value);
    }
}

/// What the tape refuses, one each.
pub fn refusals() -> [TapeError; 4] {
    [without_adjoint(), forgetting_adjoint(), idle_parameter(), shared_gradient()]
        .map(|tape| tape.finish().unwrap_err())
}

fn without_adjoint() -> Tape {
    let mut tape = Tape::default();
    let w = parameter(&mut tape, "w");
    let y = tape.tensor("y", &[8, 8]);
    tape.record_without_adjoint("mystery", &[w], Some(y));
    tape.record("loss", &[y], None, claims(y));
    tape
}

#[test]
fn recording_refuses_an_op_without_adjoint() {
    let refused = without_adjoint().finish().unwrap_err();
    assert_eq!(refused, TapeError::NoAdjoint { op: "mystery", value: "w".into() });
}

fn forgetting_adjoint() -> Tape {
    let mut tape = Tape::default();
    let (v, w) = (parameter(&mut tape, "v"), parameter(&mut tape, "w"));
    tape.record("loss", &[v, w], None, claims(v));
    tape
}

#[test]
fn recording_refuses_an_adjoint_that_forgets_an_input() {
    let refused = forgetting_adjoint().finish().unwrap_err();
    assert_eq!(refused, TapeError::AdjointForgets { op: "loss", value: "w".into() });
}

fn idle_parameter() -> Tape {
    let mut tape = Tape::default();
    let (v, _) = (parameter(&mut tape, "v"), parameter(&mut tape, "idle"));
    tape.record("loss", &[v], None, claims(v));
    tape
}

#[test]
fn recording_refuses_a_parameter_that_nothing_reads() {
    let refused = idle_parameter().finish().unwrap_err();
    assert_eq!(refused, TapeError::ParameterWithoutGradient { name: "idle".into() });
}

fn shared_gradient() -> Tape {
    let mut tape = Tape::default();
    let w = parameter(&mut tape, "w");
    let (a, b, sum) = (tape.tensor("a", &[8, 8]), tape.tensor("b", &[8, 8]), tape.tensor("sum", &[8, 8]));
    tape.record("make_a", &[w], Some(a), claims(w));
    tape.record("make_b", &[w], Some(b), claims(w));
    // Reads a between make_b and the sum: its adjoint adds to a's gradient before make_b's has read b's.
    let aside = tape.tensor("aside", &[8, 8]);
    tape.record("aside", &[a], Some(aside), claims(a));
    tape.record("sum", &[a, b], Some(sum), move |g: &mut Backward<'_>| {
        let gradient = g.gradient(sum);
        assert!(g.give(b, gradient).is_none() && g.give(a, gradient).is_none());
    });
    tape.record("loss", &[sum, aside], None, move |g| {
        g.target(sum);
        g.target(aside);
    });
    tape
}

#[test]
fn recording_refuses_to_add_to_a_place_that_is_still_to_be_read() {
    let want = TapeError::SharedGradientOverwritten { value: "a".into(), other: "b".into() };
    assert_eq!(shared_gradient().finish().unwrap_err(), want);
}

#[test]
fn recording_decides_between_overwrite_and_add() {
    let mut tape = Tape::default();
    let w = parameter(&mut tape, "w");
    let (y, z) = (tape.tensor("y", &[8, 8]), tape.tensor("z", &[8, 8]));
    let first = move |b: &mut Backward<'_>| assert!(b.target(w).accumulate, "the first op's adjoint runs last");
    tape.record("first", &[w], Some(y), first);
    tape.record("second", &[w], Some(z), move |b| assert!(!b.target(w).accumulate));
    tape.record("loss", &[y, z], None, move |b| {
        b.target(y);
        b.target(z);
    });
    tape.finish().unwrap();
}

#[test]
fn recording_places_no_two_living_buffers_together() {
    let mut config = Config::default();
    config.model.vocab = 65;
    config.model.dropout = 0.1;
    let checked = config.check().unwrap();
    let layout = Layout::new(&checked.architecture);
    let t = &checked.training;
    let recording =
        model::training(&checked.architecture, &layout, t.batch, checked.architecture.context, t.objective).unwrap();
    let placement = recording.placement();
    let users = |place: usize| {
        let buffers = placement.place.iter().enumerate().filter(move |(_, p)| **p == Some(place)).map(|(i, _)| i);
        let touches = |i: usize| {
            let uses = |d: &Dispatch| d.regions.iter().flatten().any(|r| recording.index(r.buffer) == i);
            let all: Vec<usize> = (0..recording.dispatches.len()).filter(|&n| uses(&recording.dispatches[n])).collect();
            (all.first().copied(), all.last().copied(), recording.buffers[i].words)
        };
        buffers.map(touches).collect::<Vec<_>>()
    };
    let mut shared = 0;
    for (place, &words) in placement.words.iter().enumerate() {
        let mut users = users(place);
        users.sort();
        shared += usize::from(users.len() > 1);
        assert!(users.iter().all(|u| u.2 <= words), "place {place} is too small");
        assert!(users.windows(2).all(|w| w[0].1 < w[1].0), "place {place}: {users:?}");
    }
    assert!(shared > 5, "places are reused");
    let sum: usize = recording.buffers.iter().filter(|b| b.life == Life::Passing).map(|b| b.words).sum();
    assert!(placement.words.iter().sum::<usize>() < sum, "and that saves memory");
}

/// Each dispatch of a small model costs more than its work. Biases are part of what is dispatched anyway.
#[test]
fn recording_of_a_step_takes_nineteen_dispatches_a_layer_and_thirteen() {
    for preset in presets() {
        for biased in [false, true] {
            let mut config = preset.config.clone();
            let m = &mut config.model;
            m.vocab = 65;
            (m.norm_bias, m.attention_bias, m.mlp_bias, m.head_bias) = (biased, biased, biased, biased);
            let layers = m.layers as u32;
            let dispatches = estimate(device(), &config.check().unwrap()).unwrap().dispatches;
            assert!(dispatches <= 19 * layers + 13, "{}, biases {biased}: {dispatches}", preset.key);
        }
    }
}

#[test]
fn a_dispatch_knows_its_kernel() {
    let params = ElementwiseParams { count: 1, ..Default::default() };
    let dispatch = Dispatch::new(&k::ADD, &params, [1, 1, 1], &[None, None]).with("DROPOUT", true);
    assert_eq!((dispatch.overrides.as_slice(), dispatch.params.len()), (&[("DROPOUT", 1.0)][..], 16));
}
