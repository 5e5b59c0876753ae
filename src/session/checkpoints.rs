//! Weights of earlier steps, kept to be looked at.

use super::problems::{from_model, refused};
use super::{Host, LiveModel, Run, Session};
use crate::device::Device;
use crate::parameters::ModelError;
use crate::protocol::{Event, Problem, SessionProblem};

/// Memory that a run's checkpoints may take, bytes.
const MEMORY: usize = 512 << 20;
/// More could not be told apart on a slider.
const MOST: usize = 64;
/// Fewer would show no change.
const FEWEST: usize = 2;

/// Checkpoints of one run, in the order of their steps.
#[derive(Default)]
pub(super) struct Checkpoints {
    kept: Vec<(u32, Vec<f32>)>,
}

impl Checkpoints {
    /// How many weights of this many numbers are kept at most; 0 where they are too many.
    fn room(words: usize) -> usize {
        let room = (MEMORY / (4 * words.max(1))).min(MOST);
        if room < FEWEST { 0 } else { room }
    }

    /// Keeps a step's weights. What was kept of this step or later ones is of a run that went back. Where there is no room,
    /// every second one goes: the first stays, and the distance between two doubles.
    fn keep(&mut self, step: u32, weights: Vec<f32>) {
        let room = Self::room(weights.len());
        self.cut(step);
        if self.kept.len() >= room {
            let mut number = 0;
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 1
            });
        }
        if self.kept.len() < room {
            self.kept.push((step, weights));
        }
    }

    /// Forgets a step and all later ones.
    fn cut(&mut self, step: u32) {
        self.kept.retain(|&(kept, _)| kept < step);
    }

    fn steps(&self) -> Vec<u32> {
        self.kept.iter().map(|&(step, _)| step).collect()
    }

    fn at(&self, step: u32) -> Option<&[f32]> {
        self.kept.iter().find(|&&(kept, _)| kept == step).map(|(_, weights)| weights.as_slice())
    }
}

impl Run {
    /// A look at the weights of this moment, or at those kept at a step: (their step, what was seen). Training waits for it
    /// and is not slower for it.
    pub(super) async fn look<T>(
        &mut self,
        device: &Device,
        at: Option<u32>,
        host: &impl Host,
        look: impl AsyncFnOnce(&mut LiveModel) -> Result<T, ModelError>,
    ) -> Result<(u32, T), Problem> {
        let began = host.now();
        let Self { model, checkpoints, pace, .. } = self;
        let (step, aside) = match at {
            None => (model.parameters.step(), None),
            Some(step) => {
                let not_kept = || refused(SessionProblem::StepNotKept { step, kept: checkpoints.steps() });
                let weights = checkpoints.at(step).ok_or_else(not_kept)?;
                (step, model.parameters.set_aside(device, weights).map_err(from_model)?)
            }
        };
        let seen = look(model).await;
        if let Some(aside) = &aside {
            model.parameters.put_back(device, aside);
        }
        let seen = seen.map_err(from_model)?;
        pace.mark += host.now() - began;
        Ok((step, seen))
    }
}

impl Session {
    /// Keeps the weights of this step to be looked at, once, where the model is small enough.
    pub(super) async fn keep_checkpoint(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let Some(run) = self.run.as_mut() else { return Ok(()) };
        let step = run.model.parameters.step();
        if run.checkpoints.at(step).is_some() || Checkpoints::room(run.model.parameters.layout().words) == 0 {
            return Ok(());
        }
        let began = host.now();
        let weights = run.model.parameters.weights(&self.device).await.map_err(from_model)?;
        run.checkpoints.keep(step, weights);
        run.pace.mark += host.now() - began;
        host.emit(Event::CheckpointsKept { steps: run.checkpoints.steps() });
        Ok(())
    }

    /// Forgets the checkpoints behind a step, of a run that went back to it.
    pub(super) fn cut_checkpoints(&mut self, step: u32, host: &mut impl Host) {
        let Some(run) = self.run.as_mut() else { return };
        let before = run.checkpoints.kept.len();
        run.checkpoints.cut(step + 1);
        if run.checkpoints.kept.len() < before {
            host.emit(Event::CheckpointsKept { steps: run.checkpoints.steps() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_are_thinned_and_cut() {
        let mut checkpoints = Checkpoints::default();
        for step in 0..=64 {
            checkpoints.keep(step * 100, vec![step as f32]);
        }
        assert_eq!(checkpoints.steps(), (0..=32).map(|n| n * 200).collect::<Vec<_>>());
        assert_eq!(checkpoints.at(200), Some(&[2.0][..]));
        assert_eq!(checkpoints.at(100), None);
        checkpoints.keep(300, vec![3.0]);
        assert_eq!(checkpoints.steps(), [0, 200, 300]);
        checkpoints.cut(200);
        assert_eq!(checkpoints.steps(), [0]);
    }

    #[test]
    fn memory_bounds_them() {
        assert_eq!(Checkpoints::room(1000), MOST);
        assert_eq!(Checkpoints::room(10_700_000), 12);
        // 124 million parameters: none.
        assert_eq!(Checkpoints::room(124_000_000), 0);
    }
}
