//! One token after another: each takes up where the window or the token before it left its keys and values.

use crate::device::{Device, Plan, Reader};
use crate::model::{self, BATCH, Off, POSITION};
use crate::parameters::{ModelError, Parameters};

/// Plans kept: the whole model's, and one with something switched off.
const KEPT: usize = 2;

/// The text whose keys and values are in the cache, and what they were computed with.
struct Text {
    tokens: Vec<u32>,
    off: Off,
    shared_writes: u64,
}

/// A plan for one token.
struct Step {
    off: Off,
    plan: Plan,
    logits: Reader,
}

/// What decodes token by token.
#[derive(Default)]
pub struct Decoding {
    text: Option<Text>,
    /// The last used last.
    steps: Vec<Step>,
}

impl Decoding {
    /// A window of this model has just left its keys and values.
    pub fn begin(&mut self, device: &Device, tokens: &[u32], off: &Off) {
        let shared_writes = device.census().shared_writes;
        self.text = Some(Text { tokens: tokens.to_vec(), off: off.clone(), shared_writes });
    }

    /// Logits after the last of these tokens [vocab], where all but that one are in the cache, as the weights are now.
    ///
    /// # Errors
    /// [`ModelError::UnknownToken`], [`crate::gpu::GpuError::Lost`].
    pub async fn next(
        &mut self,
        device: &Device,
        parameters: &mut Parameters,
        tokens: &[u32],
        off: &Off,
    ) -> Result<Option<Vec<f32>>, ModelError> {
        let Some((&token, before)) = tokens.split_last() else { return Ok(None) };
        let shared_writes = device.census().shared_writes;
        let goes_on = |text: &Text| text.tokens == before && text.off == *off && text.shared_writes == shared_writes;
        // Until the token has come out of it the text is none: whoever drops this future leaves half a cache.
        let Some(mut text) = self.text.take().filter(goes_on) else { return Ok(None) };
        parameters.check_tokens(&[token])?;
        let step = self.step(device, parameters, off).await?;
        let mut upload = [0; POSITION + 1];
        (upload[0], upload[POSITION]) = (token, before.len() as u32);
        step.plan.write(device, BATCH, 0, &upload)?;
        step.plan.replay(device, &[step.plan.forward()], 1);
        let logits = step.logits.read(device).await?;
        text.tokens.push(token);
        self.text = Some(text);
        Ok(Some(logits))
    }

    async fn step(&mut self, device: &Device, parameters: &mut Parameters, off: &Off) -> Result<&Step, ModelError> {
        let step = match self.steps.iter().position(|step| step.off == *off) {
            Some(at) => self.steps.remove(at),
            None => {
                let surplus = (self.steps.len() + 1).saturating_sub(KEPT);
                self.steps.drain(..surplus);
                let a = &parameters.checked().architecture;
                let (context, vocab) = (a.context, a.vocab);
                let recording = model::decoding(a, parameters.layout(), off);
                let plan = Plan::new(device, &mut parameters.store, &recording).await?;
                parameters.write_table(device, &plan, context)?;
                let logits = plan.reader(device, "logits", vocab)?;
                Step { off: off.clone(), plan, logits }
            }
        };
        self.steps.push(step);
        Ok(&self.steps[self.steps.len() - 1])
    }
}
