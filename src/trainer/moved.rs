//! The same model on another device.

use super::{Trainer, TrainerError};
use crate::device::Device;
use crate::model::{LOSS_RING, flat};
use crate::optimizer;

impl Trainer {
    /// This model on another device, at the same place of the same step: weights, moments, the gradients of micro-batches that
    /// are done, what was kept of good and best, and points that nobody has taken.
    ///
    /// # Errors
    /// As [`Trainer::new`] for the other device, [`crate::gpu::GpuError::Lost`] for this one; this model is as it was.
    pub async fn moved(&self, from: &Device, to: &Device) -> Result<Self, TrainerError> {
        if self.trains() {
            to.check_room(&super::record(&self.checked, self.checked.architecture.context)?.0.memory())?;
        }
        let mut moved = Self::empty(to, &self.checked, self.step).await?;
        if self.trains() {
            let lengths: Vec<usize> = self.trainings.keys().copied().collect();
            moved.prepare(to, &lengths).await?;
        }
        let own = [flat::PARAMETERS, flat::FIRST, flat::SECOND, flat::ACCUMULATED];
        let copies = flat::GOOD.into_iter().chain(flat::BEST).map(|(_, copy)| copy);
        for name in own.into_iter().chain(copies) {
            if let Some(values) = self.flat(from, name).await? {
                moved.store.send(to, name, 0, &values).await?;
            }
        }
        // The losses of micro-batches that are done stand in the ring.
        if self.trains() {
            let ring: Vec<f32> = self.ring()?.read(from).await?;
            moved.store.write(to, LOSS_RING, 0, &ring);
        }
        if self.store.holds(optimizer::STATE) {
            let state: Vec<u32> = self.store.read(from, optimizer::STATE, 0..2).await?;
            moved.store.write(to, optimizer::STATE, 0, &state);
        }
        (moved.taken, moved.good, moved.best, moved.micro) = (self.taken, self.good, self.best, self.micro);
        Ok(moved)
    }
}
