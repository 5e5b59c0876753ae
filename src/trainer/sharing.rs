//! The parts of a step among those who compute: the owner of the model, and its helpers.

use super::passes::Passes;
use super::{Trainer, record_part};
use crate::config::Checked;
use crate::device::{Device, Fence, Plan};
use crate::model::{LOSS_RING, RING_ENTRY, flat};
use crate::parameters::{ModelError, Parameters};
use crate::parts;
use crate::team::{Helper, Job, Part, Pending};
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

/// The entry of the ring of losses that a part writes.
fn entry(part: &Part) -> Range<usize> {
    let at = part.step.slot as usize * RING_ENTRY;
    at..at + RING_ENTRY
}

/// The loss of parts that do not train, one after the other into their entry of the ring.
fn hand_over_evaluation(
    passes: &mut Passes,
    device: &Device,
    parameters: &Parameters,
    job: &Job,
    submits: usize,
) -> Result<Option<Fence>, ModelError> {
    let mut fence = None;
    for part in &job.parts {
        let part = (&part.step, part.tokens.as_slice(), part.targets.as_slice());
        let forward = |plan: &Plan| vec![plan.forward()];
        fence = passes.hand_over(device, parameters, job.seq, part, forward, submits)?;
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
        let helpers = self.crew.muster(device, parameters.checked(), parts.len());
        let give = |weights: &[f32]| {
            let mut shares = parts::shares(parts.len(), helpers.len() + 1).into_iter();
            let own = shares.next().unwrap_or_default();
            let jobs = shares.map(|share| {
                let trees = parts::trees(first + share.start..first + share.end);
                Job { seq, parts_of_step, parts: parts[share].to_vec(), trees }
            });
            let given = jobs.zip(helpers).map(|(job, helper)| (job.trees.clone(), helper.post(job, weights)));
            (own, given.collect())
        };
        let (own, given) = with_weights(helpers, device, parameters, give).unwrap_or((0..parts.len(), Vec::new()));
        let submits = self.submits;
        let (place, words) = ((seq, parts_of_step), parameters.layout().gradient_words());
        let of = |tree: &Range<usize>| &parts[tree.start - first..tree.end - first];
        let mut fence = None;
        for tree in parts::trees(first + own.start..first + own.end) {
            fence = hand_over_tree(&mut self.passes, device, parameters, place, &tree, of(&tree), true, submits)?;
        }
        for (trees, pending) in given {
            for (i, tree) in trees.into_iter().enumerate() {
                let mut done = Ok(None);
                let instead = || {
                    let parts = of(&tree);
                    done = hand_over_tree(&mut self.passes, device, parameters, place, &tree, parts, false, submits);
                };
                let gradients = (flat::GRADIENTS, 0..words);
                device.await_or(&parameters.store, gradients, (Rc::clone(&pending), i), instead)?;
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

    /// Hands over batches of which the loss alone is asked: the first here, the others to helpers.
    pub(super) fn share_evaluation(
        &mut self,
        device: &Device,
        parameters: &Parameters,
        jobs: Vec<Job>,
    ) -> Result<Option<Fence>, ModelError> {
        let helpers = self.crew.muster(device, parameters.checked(), jobs.len());
        let mut given: Vec<Option<Rc<dyn Pending>>> = vec![None];
        with_weights(helpers, device, parameters, |weights| {
            for (helper, job) in helpers.iter().zip(&jobs[1..]) {
                given.push(Some(helper.post(job.clone(), weights)));
            }
        });
        given.resize(jobs.len(), None);
        let (passes, submits) = (&mut self.passes, self.submits);
        let mut fence = None;
        // What is done here comes first: it is done while others compute.
        let (here, away): (Vec<_>, Vec<_>) = given.iter().zip(&jobs).partition(|(pending, _)| pending.is_none());
        for (_, job) in here {
            fence = hand_over_evaluation(passes, device, parameters, job, submits)?;
        }
        for (pending, job) in away {
            let (Some(pending), Some(part)) = (pending, job.parts.first()) else { continue };
            let mut done = Ok(None);
            let instead = || done = hand_over_evaluation(passes, device, parameters, job, submits);
            let place = (LOSS_RING, entry(part));
            device.await_or(&parameters.store, place, (Rc::clone(pending), 0), instead)?;
            done?;
        }
        Ok(fence)
    }
}

/// Shows all weights as they are, where there is somebody to have them and they can be had at once.
fn with_weights<R>(
    helpers: &[Box<dyn Helper>],
    device: &Device,
    parameters: &Parameters,
    to: impl FnOnce(&[f32]) -> R,
) -> Option<R> {
    let words = 0..parameters.layout().words;
    let can = !helpers.is_empty() && device.is_idle();
    can.then(|| parameters.store.show(device, flat::PARAMETERS, words, to)).flatten()
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

    /// Shows the sum of each of a job's subtrees, gradients and behind them the loss, or its entry in the ring of losses;
    /// `weights` fills in those that it is computed with.
    ///
    /// # Errors
    /// [`crate::gpu::GpuError::NoMemory`] as [`Plan::new`], where windows of this length come for the first time.
    pub async fn compute(
        &mut self,
        job: &Job,
        weights: impl FnOnce(&mut [f32]),
        mut sum: impl FnMut(&[f32]),
    ) -> Result<(), ModelError> {
        let Job { seq, parts_of_step, .. } = *job;
        if self.passes.find(seq).is_none() {
            let windows = job.parts.first().map_or(1, |part| part.tokens.len() / seq);
            let recording = record_part(self.parameters.checked(), windows, seq)?;
            self.passes.add(&self.device, &mut self.parameters, (windows, seq), &recording).await?;
        }
        let Self { device, parameters, passes } = self;
        let (all, gradients) = (0..parameters.layout().words, 0..parameters.layout().gradient_words());
        parameters.store.fill(device, flat::PARAMETERS, all, weights)?;
        if let Some(part) = job.parts.first().filter(|_| job.evaluates()) {
            hand_over_evaluation(passes, device, parameters, job, 1)?;
            parameters.store.show(device, LOSS_RING, entry(part), sum);
            return Ok(());
        }
        let mut parts = job.parts.as_slice();
        for tree in &job.trees {
            let (of_tree, rest) = parts.split_at(tree.len());
            parts = rest;
            hand_over_tree(passes, device, parameters, (seq, parts_of_step), tree, of_tree, false, 1)?;
            parameters.store.show(device, flat::GRADIENTS, gradients.clone(), &mut sum);
        }
        Ok(())
    }
}
