//! Who computes beside the owner of a model. A helper has the weights of a step and some of its parts, and gives back gradients; it
//! keeps nothing that is not made again, so that one that is gone is a loss of time alone.

use crate::config::Checked;
use crate::kernels::Step;
use serde::Serialize;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;

/// Words of a part's uniform.
const STEP_WORDS: usize = size_of::<Step>() / 4;

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

/// What a helper is asked: the gradients of neighbouring parts of a step, or the loss of all parts where they do not train.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Length of the windows.
    pub seq: usize,
    /// Parts of the whole step.
    pub parts_of_step: usize,
    /// In the order of their numbers.
    pub parts: Vec<Part>,
    /// Whole subtrees of the step's sum, by the parts' numbers: what is asked is the sum of each, with the loss behind it. Of parts
    /// that do not train all are one, and what is asked is their entry in the ring of losses.
    pub trees: Vec<Range<usize>>,
}

impl Job {
    /// Whether it is about a loss alone.
    pub fn evaluates(&self) -> bool {
        self.parts.first().is_some_and(|part| part.step.training == 0)
    }

    /// As whole numbers, for a message: [seq, parts of the step, parts, tokens of a part, trees, each tree's first part and end,
    /// then for each part its uniform, tokens and targets].
    pub fn to_words(&self) -> Vec<u32> {
        let tokens = self.parts.first().map_or(0, |part| part.tokens.len());
        let numbers = [self.seq, self.parts_of_step, self.parts.len(), tokens, self.trees.len()];
        let trees = self.trees.iter().flat_map(|tree| [tree.start, tree.end]);
        let mut words: Vec<u32> = numbers.into_iter().chain(trees).map(|number| number as u32).collect();
        for part in &self.parts {
            words.extend(bytemuck::cast::<Step, [u32; STEP_WORDS]>(part.step));
            words.extend(part.tokens.iter().chain(&part.targets));
        }
        words
    }

    /// The job of [`Job::to_words`]; None where it is none.
    pub fn of_words(words: &[u32]) -> Option<Self> {
        let (numbers, rest) = words.split_first_chunk::<5>()?;
        let [seq, parts_of_step, parts, tokens, trees] = numbers.map(|number| number as usize);
        let (trees, mut rest) = rest.split_at_checked(2 * trees)?;
        let trees = trees.as_chunks::<2>().0.iter().map(|&[first, end]| first as usize..end as usize).collect();
        let parts: Option<Vec<Part>> = (0..parts)
            .map(|_| {
                let (step, after) = rest.split_first_chunk::<STEP_WORDS>()?;
                let (of_part, after) = after.split_at_checked(2 * tokens)?;
                rest = after;
                let (tokens, targets) = of_part.split_at(tokens);
                Some(Part { step: bytemuck::cast(*step), tokens: tokens.to_vec(), targets: targets.to_vec() })
            })
            .collect();
        Some(Self { seq, parts_of_step, parts: parts?, trees })
    }
}

/// What has become of a sum that somebody else computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is still being computed.
    NotYet,
    /// It is in its place.
    Here,
    /// It will not come.
    Never,
}

/// A job that was given away. Whoever drops it wants its sums no more.
pub trait Pending {
    /// The sum of the job's subtree of this number, or the loss, into its place.
    fn take(&self, tree: usize, into: &mut [f32]) -> Arrival;
    /// Until there may be more to take.
    fn rest(&self) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

/// How a helper came to compute no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// It gave no answer for too long; else it said that it failed.
    pub silent: bool,
    /// What it said, or was said of it.
    pub message: String,
}

/// Somebody who computes parts.
pub trait Helper {
    /// Gives it a job, behind those that it has, with all weights of the step, flat.
    fn post(&self, job: Job, weights: &[f32]) -> Rc<dyn Pending>;
    /// Whether it computes no more, and why.
    fn gone(&self) -> Option<Gone>;
}

/// Why one worker computes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// The browser makes no workers inside of workers.
    NestedWorkers,
    /// An exported page has no helpers.
    Page,
    /// Helpers ended one after the other.
    Failing,
}

/// Who can be asked for helpers.
pub trait Team {
    /// Workers that this machine can have for a model, the owner's included.
    fn most(&self) -> usize;
    /// How many of them compute unless that was said.
    fn usual(&self) -> usize;
    /// Why it is one at most, where it is.
    fn lack(&self) -> Option<Lack> {
        None
    }
    /// A helper for a model; None where none can be had.
    fn hire(&self, checked: &Checked) -> Option<Box<dyn Helper>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_the_same_behind_a_message() {
        let part = |number: u32| Part {
            step: Step { part: number, share: 0.25, training: 1, ..Step::default() },
            tokens: (0..6).map(|i| i + number).collect(),
            targets: (1..7).map(|i| i + number).collect(),
        };
        let job = Job { seq: 3, parts_of_step: 4, parts: (1..4).map(part).collect(), trees: vec![1..2, 2..4] };
        let words = job.to_words();
        assert_eq!(Job::of_words(&words), Some(job));
        assert_eq!(Job::of_words(&words[..words.len() - 1]), None);
        assert_eq!(Job::of_words(&[]), None);
    }
}
