//! Forward and backward passes over parts of a step, one recording for each length of windows: what the trainer and its helpers
//! have in common.

use crate::dataset::sort_by_token;
use crate::device::{Device, Fence, Plan};
use crate::kernels::Step;
use crate::model::{BATCH, BatchLayout};
use crate::parameters::{ModelError, Parameters};
use crate::tape::Recording;
use std::collections::BTreeMap;
use std::ops::Range;

/// A part of a training step on windows of one length.
pub struct Pass {
    pub plan: Plan,
    batch: BatchLayout,
    /// Tokens of the part.
    pub tokens: usize,
}

/// Passes by the length of their windows.
#[derive(Default)]
pub struct Passes {
    by_length: BTreeMap<usize, Pass>,
    upload: Vec<u32>,
}

impl Passes {
    /// Makes a recording ready that takes `windows` windows of `seq` tokens.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub async fn add(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        (windows, seq): (usize, usize),
        recording: &Recording,
    ) -> Result<(), ModelError> {
        let plan = Plan::new(device, &mut parameters.store, recording).await?;
        parameters.write_table(device, &plan, seq)?;
        let tokens = windows * seq;
        let batch = BatchLayout::new(tokens, parameters.checked().architecture.vocab);
        self.by_length.insert(seq, Pass { plan, batch, tokens });
        Ok(())
    }

    /// Lengths that are ready.
    pub fn lengths(&self) -> impl Iterator<Item = usize> {
        self.by_length.keys().copied()
    }

    /// The pass over windows of this length.
    pub fn find(&self, seq: usize) -> Option<&Pass> {
        self.by_length.get(&seq)
    }

    /// Hands over a part's tokens and what is computed of it.
    ///
    /// # Errors
    /// [`ModelError::WrongLength`] where no pass takes windows of this length.
    pub fn hand_over(
        &mut self,
        device: &Device,
        parameters: &Parameters,
        seq: usize,
        (step, tokens, targets): (&Step, &[u32], &[u32]),
        what: impl Fn(&Plan) -> Vec<Range<usize>>,
        submits: usize,
    ) -> Result<Option<Fence>, ModelError> {
        let Some(Pass { plan, batch: at, .. }) = self.by_length.get(&seq) else {
            let expected = parameters.checked().architecture.context;
            return Err(ModelError::WrongLength { name: "windows".into(), expected, found: seq });
        };
        self.upload.resize(at.words.max(self.upload.len()), 0);
        let (order, starts) = sort_by_token(tokens, parameters.checked().architecture.vocab);
        let words = bytemuck::cast_slice(bytemuck::bytes_of(step));
        for (offset, part) in
            [(0, words), (at.ids, tokens), (at.targets, targets), (at.order, &order), (at.starts, &starts)]
        {
            self.upload[offset..offset + part.len()].copy_from_slice(part);
        }
        plan.write(device, BATCH, 0, &self.upload[..at.words])?;
        Ok(plan.replay(device, &what(plan), submits))
    }
}
