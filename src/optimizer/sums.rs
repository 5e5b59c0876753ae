//! The sums of a step's gradients, over the parts that it is computed in.

use super::{STRETCH, stretch};
use crate::kernels::{self as k, ElementwiseParams};
use crate::model::{Layout, flat};
use crate::parts::{Sum, levels};
use crate::tape::{Dispatch, Life, Recording, grid};

/// Appends to a forward and backward pass what adds gradients and losses of a step's parts: [`crate::parts`] says when which of it
/// is done.
pub fn append_sums(recording: &mut Recording, layout: &Layout, parts: usize) {
    let words = layout.gradient_words();
    let Some(gradients) = recording.find(flat::GRADIENTS) else { return };
    for level in 0..levels(parts) {
        let waiting = recording.buffer(format!("{}.{level}", flat::GRADIENTS), words, Life::Shared);
        let both = [(Sum::Add(level), &k::ADD, waiting, gradients), (Sum::Wait(level), &k::COPY, gradients, waiting)];
        for (sum, kernel, from, to) in both {
            let first = recording.dispatches.len();
            for start in (0..words).step_by(STRETCH) {
                let (from, to) = (stretch(from, start, words), stretch(to, start, words));
                let params = ElementwiseParams { count: to.words as u32, ..Default::default() };
                // 64 threads a workgroup, four elements a thread.
                recording.dispatches.push(Dispatch::new(kernel, &params, grid(to.words, 256), &[Some(from), Some(to)]));
            }
            recording.sums.push((sum, first..recording.dispatches.len()));
        }
    }
    recording.update = recording.dispatches.len();
}
