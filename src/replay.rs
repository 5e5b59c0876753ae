//! Given weights, given batches: what this adapter computes with them. How a run is held against another implementation,
//! natively and in a browser's worker alike.

use crate::config::{Config, ConfigError};
use crate::device::Device;
use crate::inference::Inference;
use crate::model::Layout;
use crate::parameters::ModelError;
use crate::trainer;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

/// Why a replay is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The trainer or its GPU.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A file, or a tensor in it.
    #[error("{file}: {reason}")]
    File {
        /// weights or batches.
        file: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

fn tensor<'a>(
    file: &'static str,
    bytes: &'a [u8],
    name: &str,
    dtype: Dtype,
    words: usize,
) -> Result<Vec<[u8; 4]>, ReplayError> {
    let wrong = |reason: String| ReplayError::File { file, reason };
    let tensors: SafeTensors<'a> = SafeTensors::deserialize(bytes).map_err(|e| wrong(e.to_string()))?;
    let view = tensors.tensor(name).map_err(|e| wrong(e.to_string()))?;
    let found: usize = view.shape().iter().product();
    if view.dtype() != dtype || found != words {
        return Err(wrong(format!(
            "tensor {name} is {:?} {:?}, expected {words} of {dtype:?}",
            view.dtype(),
            view.shape()
        )));
    }
    Ok(view.data().chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]).collect())
}

/// Trains from `weights` (safetensors, one F32 tensor per parameter) on `batches` (safetensors, `tokens` I32
/// [steps, batch, context + 1]; inputs are all but the last, targets all but the first) for `training.steps` steps. The
/// result is a safetensors file: `logits` [batch, context, vocab] of the first batch before any update, `losses` [steps],
/// `milliseconds` [steps] from a batch's upload to its loss, as `now` counts them, `grad.<name>` of the first step before
/// clipping, `after.<name>` after the last.
///
/// # Errors
/// [`ReplayError`]; nothing else in memory is touched.
pub async fn replay(
    device: &Device,
    config: &Config,
    weights: &[u8],
    batches: &[u8],
    now: &dyn Fn() -> f64,
) -> Result<Vec<u8>, ReplayError> {
    let checked = config.check()?;
    let (a, t) = (&checked.architecture, &checked.training);
    let layout = Layout::new(a);
    let mut flat = vec![0.0; layout.words];
    for (parameter, &offset) in layout.parameters.iter().zip(&layout.offsets) {
        let values = tensor("weights", weights, &parameter.name, Dtype::F32, parameter.len())?;
        flat[offset..].iter_mut().zip(values).for_each(|(to, bytes)| *to = f32::from_le_bytes(bytes));
    }
    let window = a.context + 1;
    let ids = tensor("batches", batches, "tokens", Dtype::I32, t.steps as usize * t.batch * window)?;
    let ids: Vec<u32> = ids.into_iter().map(u32::from_le_bytes).collect();
    let (mut parameters, mut trainer) = trainer::of_weights(device, &checked, &flat, 0).await?;
    let mut inference = Inference::default();

    let mut out: Vec<(String, Vec<usize>, Vec<f32>)> = Vec::new();
    let (mut losses, mut milliseconds) = (Vec::new(), Vec::new());
    for (number, batch) in ids.chunks(t.batch * window).enumerate() {
        let part = |shift: usize| batch.chunks(window).flat_map(|row| row[shift..shift + a.context].to_vec()).collect();
        let (tokens, targets): (Vec<u32>, Vec<u32>) = (part(0), part(1));
        if number == 0 {
            let mut logits = Vec::new();
            for row in tokens.chunks(a.context) {
                logits.extend(inference.logits(device, &mut parameters, row).await?);
            }
            out.push(("logits".into(), vec![t.batch, a.context, a.vocab], logits));
        }
        let began = now();
        if let Some(fence) = trainer.step_on(device, &mut parameters, &tokens, &targets)? {
            device.wait(fence).await.map_err(ModelError::from)?; // also for helpers
        }
        let (points, failure) = trainer.take_points(device, &mut parameters).await.map_err(ModelError::from)?;
        milliseconds.push((now() - began) as f32);
        if let Some(failure) = failure {
            return Err(failure.into());
        }
        losses.extend(points.iter().map(|point| point.loss));
        if number == 0 {
            for parameter in &layout.parameters {
                let gradient = parameters.gradient(device, &parameter.name).await?;
                out.push((format!("grad.{}", parameter.name), parameter.shape.clone(), gradient));
            }
        }
    }
    out.push(("losses".into(), vec![losses.len()], losses));
    out.push(("milliseconds".into(), vec![milliseconds.len()], milliseconds));
    for parameter in &layout.parameters {
        let values = parameters.parameter(device, &parameter.name).await?;
        out.push((format!("after.{}", parameter.name), parameter.shape.clone(), values));
    }
    let unwritable = |e: safetensors::SafeTensorError| ReplayError::File { file: "result", reason: e.to_string() };
    let mut views = Vec::new();
    for (name, shape, values) in &out {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytemuck::cast_slice(values)).map_err(unwritable)?;
        views.push((name.clone(), view));
    }
    safetensors::serialize(views, None).map_err(unwritable)
}
