//! A model's parameters on a device, and what is made beside them there under a name: gradients, moments, copies. The only owner of
//! weights: `trainer.rs` trains them, `inference.rs` answers with them.

use crate::config::Checked;
use crate::device::{Aside, Device, Plan, Store};
use crate::gpu::GpuError;
use crate::model::{self, Layout, Table, flat};

mod error;

pub use error::{ModelError, Watched};

/// A model's weights, of one configuration, at one step.
pub struct Parameters {
    checked: Checked,
    layout: Layout,
    /// Everything on the device that has a name and outlives a plan.
    pub(crate) store: Store,
    /// Steps submitted since the weights were fresh.
    pub(crate) step: u32,
}

impl Parameters {
    /// Seeded initial weights.
    ///
    /// # Errors
    /// As [`Parameters::empty`].
    pub async fn seeded(device: &Device, checked: &Checked) -> Result<Self, ModelError> {
        let layout = Layout::new(&checked.architecture);
        let t = &checked.training;
        let flat = model::initial(&checked.architecture, &layout, t.initial_weights, t.seed);
        Self::given(device, checked, &flat, 0).await
    }

    /// Given weights, flat as [`Layout`] says, at a given step.
    ///
    /// # Errors
    /// As [`Parameters::empty`].
    pub async fn given(device: &Device, checked: &Checked, weights: &[f32], step: u32) -> Result<Self, ModelError> {
        let parameters = Self::empty(device, checked, step).await?;
        parameters.store.write(device, flat::PARAMETERS, 0, weights);
        Ok(parameters)
    }

    /// Room for weights that are still to be given ([`Parameters::fill`]), at a given step.
    ///
    /// # Errors
    /// [`GpuError::BufferTooLarge`], [`GpuError::NoMemory`] before anything is allocated; [`GpuError::OutOfMemory`].
    pub async fn empty(device: &Device, checked: &Checked, step: u32) -> Result<Self, ModelError> {
        let layout = Layout::new(&checked.architecture);
        if let Some((parameter, place)) = layout.places().max_by_key(|(_, place)| place.len()) {
            device.description().check(&parameter.name, 4 * place.len() as u64, 0)?;
        }
        let mut store = device.store();
        store.reserve(device, flat::PARAMETERS, layout.words).await?;
        Ok(Self { checked: checked.clone(), layout, store, step })
    }

    /// Gives a stretch of the weights that were left [`Parameters::empty`], and waits until the GPU has them, so that no more than
    /// one stretch is on its way.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn fill(&self, device: &Device, offset: usize, weights: &[f32]) -> Result<(), ModelError> {
        Ok(self.store.send(device, flat::PARAMETERS, offset, weights).await?)
    }

    /// Their configuration.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// Steps submitted since the weights were fresh.
    pub fn step(&self) -> u32 {
        self.step
    }

    fn place(&self, name: &str) -> Result<(usize, usize), ModelError> {
        self.layout.find(name).ok_or_else(|| ModelError::UnknownParameter { name: name.to_owned() })
    }

    /// Overwrites one parameter.
    ///
    /// # Errors
    /// [`ModelError::UnknownParameter`], [`ModelError::WrongLength`].
    pub fn set_parameter(&self, device: &Device, name: &str, values: &[f32]) -> Result<(), ModelError> {
        let (offset, words) = self.place(name)?;
        if values.len() != words {
            return Err(ModelError::WrongLength { name: name.into(), expected: words, found: values.len() });
        }
        self.store.write(device, flat::PARAMETERS, offset, values);
        Ok(())
    }

    /// One parameter's values.
    ///
    /// # Errors
    /// [`ModelError::UnknownParameter`], [`GpuError::Lost`].
    pub async fn parameter(&self, device: &Device, name: &str) -> Result<Vec<f32>, ModelError> {
        let (offset, words) = self.place(name)?;
        Ok(self.store.read(device, flat::PARAMETERS, offset..offset + words).await?)
    }

    /// One parameter's gradient of the last step, before clipping.
    ///
    /// # Errors
    /// [`ModelError::UnknownParameter`], [`GpuError::Lost`].
    pub async fn gradient(&self, device: &Device, name: &str) -> Result<Vec<f32>, ModelError> {
        let (offset, words) = self.place(name)?;
        Ok(self.store.read(device, flat::GRADIENTS, offset..offset + words).await?)
    }

    /// All gradients of the last step, before clipping, flat as [`Layout`] says.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn gradients(&self, device: &Device) -> Result<Vec<f32>, ModelError> {
        Ok(self.store.read(device, flat::GRADIENTS, 0..self.layout.words).await?)
    }

    /// Where parameters lie in the flat buffers.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// All weights, flat as [`Layout`] says.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn weights(&self, device: &Device) -> Result<Vec<f32>, ModelError> {
        Ok(self.store.read(device, flat::PARAMETERS, 0..self.layout.words).await?)
    }

    /// Whether there is a flat buffer of this name: SGD has no moments.
    pub fn holds(&self, name: &str) -> bool {
        self.store.holds(name)
    }

    /// One of the flat buffers, as [`Layout`] says; None where this optimizer has none of that name.
    ///
    /// # Errors
    /// [`GpuError::Lost`].
    pub async fn flat(&self, device: &Device, name: &str) -> Result<Option<Vec<f32>>, ModelError> {
        match self.store.holds(name) {
            true => Ok(Some(self.store.read(device, name, 0..self.layout.words).await?)),
            false => Ok(None),
        }
    }

    /// Sets the weights aside where they are and puts others in their place, flat as [`Layout`] says, until
    /// [`Parameters::put_back`].
    ///
    /// # Errors
    /// [`ModelError::WrongLength`].
    pub fn set_aside(&self, device: &Device, weights: &[f32]) -> Result<Option<Aside>, ModelError> {
        let (expected, found) = (self.layout.words, weights.len());
        if found != expected {
            return Err(ModelError::WrongLength { name: flat::PARAMETERS.into(), expected, found });
        }
        Ok(self.store.set_aside(device, flat::PARAMETERS, weights))
    }

    /// Puts the weights back that were set aside.
    pub fn put_back(&self, device: &Device, aside: &Aside) {
        self.store.put_back(device, flat::PARAMETERS, aside);
    }

    /// A plan's constants: the table of positions of windows of `seq` tokens, where there is one.
    pub(crate) fn write_table(&self, device: &Device, plan: &Plan, seq: usize) -> Result<(), GpuError> {
        match model::table(&self.checked.architecture, seq) {
            Some((table, values)) => plan.write(device, Table::name(table), 0, &values),
            None => Ok(()),
        }
    }

    /// Whether all of these are in the vocabulary.
    ///
    /// # Errors
    /// [`ModelError::UnknownToken`].
    pub(crate) fn check_tokens(&self, tokens: &[u32]) -> Result<(), ModelError> {
        let vocab = self.checked.architecture.vocab;
        match tokens.iter().find(|&&token| token as usize >= vocab) {
            Some(&token) => Err(ModelError::UnknownToken { token, vocab }),
            None => Ok(()),
        }
    }
}
