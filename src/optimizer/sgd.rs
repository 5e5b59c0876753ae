//! Stochastic gradient descent: weight decay is part of the gradient, and nothing is kept.

use super::Rule;
use crate::kernels::{self as k, SgdParams};

pub(super) const RULE: Rule = Rule {
    state: &[],
    update: |update, recording| {
        for stretch in update.stretches() {
            let params = SgdParams {
                words: stretch.words as u32,
                decayed: stretch.decayed as u32,
                weight_decay: update.training.weight_decay as f32,
                ..Default::default()
            };
            recording.dispatches.push(update.elementwise(&k::SGD_UPDATE, &params, &stretch));
        }
    },
};
