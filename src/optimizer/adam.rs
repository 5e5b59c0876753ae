//! Adam (Kingma and Ba 2015): weight decay is part of the gradient.

use super::{Flat, Rule, Update};
use crate::kernels::{self as k, AdamParams};
use crate::tape::Recording;

/// Two running means for each parameter: of its gradient, and of its gradient's square.
pub(super) const MOMENTS: &[Flat] = &[kept!("first"), kept!("second")];

pub(super) const RULE: Rule = Rule { state: MOMENTS, update: |update, recording| append(update, recording, false) };

pub(super) fn append(update: &Update<'_>, recording: &mut Recording, decoupled: bool) {
    let t = update.training;
    for stretch in update.stretches() {
        let params = AdamParams {
            words: stretch.words as u32,
            decayed: stretch.decayed as u32,
            beta1: t.beta1 as f32,
            beta2: t.beta2 as f32,
            epsilon: t.epsilon as f32,
            weight_decay: t.weight_decay as f32,
            ..Default::default()
        };
        let dispatch = update.elementwise(&k::ADAM_UPDATE, &params, &stretch);
        recording.dispatches.push(dispatch.with("DECOUPLED", decoupled));
    }
}
