//! The parts of a step among those who compute: the owner of the model, and its helpers.

use super::passes::Passes;
use super::{Trainer, record_part};
use crate::config::Checked;
use crate::device::{Device, Fence, Plan};
use crate::model::flat;
use crate::parameters::{ModelError, Parameters};
use crate::parts;
use crate::team::{Job, Part};
use std::ops::Range;
use std::rc::Rc;

/// One subtree of a step's sum, part by part; what follows it comes with its last part where `whole`.
#[allow(clippy::too_many_arguments)] // what a part is computed of
fn hand_over_tree(
    passes: &mut Passes,
    device: &Device,
    parameters: &Parameters,
    (seq, parts_of_step): (usize, usize),
    tree: &Range<usize>,
    parts: &[Part],
    whole: bool,
    submits: usize,
) -> Result<Option<Fence>, ModelError> {
    let mut fence = None;
    for (part, number) in parts.iter().zip(tree.clone()) {
        let (mut sums, after) = parts::sums_of(tree, number, parts_of_step);
        let ends = whole && number + 1 == tree.end;
        if ends {
            sums.extend(after);
        }
        let updates = ends && number + 1 == parts_of_step;
        let what = |plan: &Plan| {
            let update = updates.then(|| plan.update());
            std::iter::once(plan.backward()).chain(plan.sums(&sums)).chain(update).collect()
        };
        let part = (&part.step, part.tokens.as_slice(), part.targets.as_slice());
        fence = passes.hand_over(device, parameters, seq, part, what, submits)?;
    }
    Ok(fence)
}

impl Trainer {
    /// Hands over a micro-batch: the first parts here, the others to helpers. Its weights and trees are still to be filled in.
    pub(super) fn share(
        &mut self,
        device: &Device,
        parameters: &Parameters,
        job: Job,
    ) -> Result<Option<Fence>, ModelError> {
        let Job { seq, parts_of_step, ref parts, .. } = job;
        let first = parts[0].step.part as usize;
        let words = parameters.layout().words;
        // Helpers need the weights as they are when the step begins.
        let weights = (parts.len() > 1 && !self.helpers.is_empty())
            .then(|| parameters.store.words(device, flat::PARAMETERS, 0..words))
            .flatten();
        let workers = if weights.is_some() { parts.len().min(self.helpers.len() + 1) } else { 1 };
        let mut shares = parts::shares(parts.len(), workers).into_iter();
        let own = shares.next().unwrap_or_default();
        let given: Vec<_> = shares
            .zip(&self.helpers)
            .map(|(share, helper)| {
                let trees = parts::trees(first + share.start..first + share.end);
                let weights = weights.clone().unwrap_or_default();
                let parts = parts[share].to_vec();
                (helper.post(Job { weights, seq, parts_of_step, parts, trees: trees.clone() }), trees)
            })
            .collect();
        let submits = self.submits;
        let place = (seq, parts_of_step);
        let of = |tree: &Range<usize>| &parts[tree.start - first..tree.end - first];
        let mut fence = None;
        for tree in parts::trees(first + own.start..first + own.end) {
            fence = hand_over_tree(&mut self.passes, device, parameters, place, &tree, of(&tree), true, submits)?;
        }
        for (pending, trees) in given {
            for (i, tree) in trees.into_iter().enumerate() {
                let mut done = Ok(None);
                let instead = || {
                    let parts = of(&tree);
                    done = hand_over_tree(&mut self.passes, device, parameters, place, &tree, parts, false, submits);
                };
                device.await_or(&parameters.store, flat::GRADIENTS, (Rc::clone(&pending), i), instead)?;
                done?;
                let (_, after) = parts::sums_of(&tree, tree.end - 1, parts_of_step);
                if let Some(pass) = self.passes.find(seq) {
                    let update = (tree.end == parts_of_step).then(|| pass.plan.update());
                    let what: Vec<_> = pass.plan.sums(&after).chain(update).collect();
                    fence = pass.plan.replay(device, &what, submits);
                }
            }
        }
        Ok(fence)
    }
}

/// A helper's end: a model's weights of one step after the other, and gradients of the parts that it is given.
pub struct Shard {
    device: Device,
    parameters: Parameters,
    passes: Passes,
}

impl Shard {
    /// For models of a configuration.
    ///
    /// # Errors
    /// As [`Parameters::empty`].
    pub async fn new(device: Device, checked: &Checked) -> Result<Self, ModelError> {
        let parameters = Parameters::empty(&device, checked, 0).await?;
        Ok(Self { device, parameters, passes: Passes::default() })
    }

    /// The sum of each of a job's subtrees: gradients, and behind them the loss.
    ///
    /// # Errors
    /// [`crate::gpu::GpuError::NoMemory`] as [`Plan::new`], where windows of this length come for the first time.
    pub async fn compute(&mut self, job: &Job) -> Result<Vec<Vec<f32>>, ModelError> {
        let Job { seq, parts_of_step, .. } = *job;
        if self.passes.find(seq).is_none() {
            let windows = job.parts.first().map_or(1, |part| part.tokens.len() / seq);
            let recording = record_part(self.parameters.checked(), windows, seq)?;
            self.passes.add(&self.device, &mut self.parameters, (windows, seq), &recording).await?;
        }
        self.parameters.store.write(&self.device, flat::PARAMETERS, 0, &job.weights);
        let words = self.parameters.layout().gradient_words();
        let (mut sums, mut parts) = (Vec::new(), job.parts.as_slice());
        for tree in &job.trees {
            let (of_tree, rest) = parts.split_at(tree.len());
            parts = rest;
            let place = (seq, parts_of_step);
            hand_over_tree(&mut self.passes, &self.device, &self.parameters, place, tree, of_tree, false, 1)?;
            sums.push(self.parameters.store.read(&self.device, flat::GRADIENTS, 0..words).await?);
        }
        Ok(sums)
    }
}
