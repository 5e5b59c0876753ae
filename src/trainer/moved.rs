//! The same model on another device.

use super::{Trainer, check_room, written};
use crate::device::Device;
use crate::model::LOSS_RING;
use crate::optimizer;
use crate::parameters::{ModelError, Parameters};

impl Trainer {
    /// These parameters and what trains them on another device, after the same step: weights, the optimizer's state, what was
    /// kept of good and best, and points that nobody has taken. A step that is half done begins again there, whose parts may be
    /// others.
    ///
    /// # Errors
    /// As [`super::fresh`] for the other device, [`crate::gpu::GpuError::Lost`] for this one; this model is as it was.
    pub async fn moved(
        &self,
        parameters: &Parameters,
        from: &Device,
        to: &Device,
    ) -> Result<(Parameters, Self), ModelError> {
        let checked = parameters.checked();
        if self.trains() {
            check_room(to, checked)?;
        }
        let mut there = Parameters::empty(to, checked, parameters.step()).await?;
        let mut moved = Self::new(&there);
        if self.trains() {
            let lengths: Vec<usize> = self.passes.lengths().collect();
            moved.prepare(to, &mut there, &lengths).await?;
        }
        for name in written(parameters).flat_map(|flat| [flat.name, flat.good, flat.best]) {
            if let Some(values) = parameters.flat(from, name).await? {
                there.store.send(to, name, 0, &values).await?;
            }
        }
        if self.trains() {
            let ring: Vec<f32> = self.ring()?.read(from).await?;
            there.store.write(to, LOSS_RING, 0, &ring);
        }
        if parameters.holds(optimizer::STATE) {
            let state: Vec<u32> = parameters.store.read(from, optimizer::STATE, 0..2).await?;
            there.store.write(to, optimizer::STATE, 0, &state);
        }
        (moved.taken, moved.good, moved.best) = (self.taken, self.good, self.best);
        Ok((there, moved))
    }
}
