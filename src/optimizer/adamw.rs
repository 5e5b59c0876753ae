//! AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient.

use super::{Rule, adam};

pub(super) const RULE: Rule =
    Rule { state: adam::MOMENTS, update: |update, recording| adam::append(update, recording, true) };
