//! Who computes beside the owner of a model. A helper has the weights of a step and some of its parts, and gives back gradients; it
//! keeps nothing that is not made again, so that one that is gone is a loss of time alone.

use crate::config::Checked;
use crate::kernels::Step;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;

/// A part of a step: its uniform, and its tokens and targets [windows, seq].
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its number in the step, its share of the loss, what it drops.
    pub step: Step,
    /// Row-major.
    pub tokens: Vec<u32>,
    /// Row-major.
    pub targets: Vec<u32>,
}

/// What a helper is asked: the gradients of neighbouring parts of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// All weights of the step, flat.
    pub weights: Vec<f32>,
    /// Length of the windows.
    pub seq: usize,
    /// Parts of the whole step.
    pub parts_of_step: usize,
    /// In the order of their numbers.
    pub parts: Vec<Part>,
    /// Whole subtrees of the step's sum, by the parts' numbers: what is asked is the sum of each, with the loss behind it.
    pub trees: Vec<Range<usize>>,
}

/// What has become of a sum that somebody else computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// It is still being computed.
    NotYet,
    /// Gradients, and behind them the loss.
    Here(Vec<f32>),
    /// It will not come.
    Never,
}

/// A job that was given away. Whoever drops it wants its sums no more.
pub trait Pending {
    /// The sum of the job's subtree of this number, once.
    fn take(&self, tree: usize) -> Arrival;
    /// Until there may be more to take.
    fn rest(&self) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

/// Somebody who computes parts.
pub trait Helper {
    /// Gives it a job, behind those that it has.
    fn post(&self, job: Job) -> Rc<dyn Pending>;
}

/// Who can be asked for helpers.
pub trait Team {
    /// Helpers for a model, as many as there are to be had and at most `most`.
    fn hire(&self, checked: &Checked, most: usize) -> Vec<Box<dyn Helper>>;
}
