//! Given weights, given batches: what this adapter computes with them. How a run is held against another implementation,
//! natively and in a browser's worker alike.

use crate::config::{Config, ConfigError};
use crate::device::Device;
use crate::inference::Inference;
use crate::model::Layout;
use crate::parameters::ModelError;
use crate::trainer;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensorError, SafeTensors};
use serde::Serialize;

/// A file of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayFile {
    /// The parameters that it begins with.
    Weights,
    /// The tokens that it trains on.
    Batches,
    /// What it gives.
    Result,
}

/// Why a replay is refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum ReplayError {
    /// A file that cannot be read, or written.
    ReplayFile {
        /// Which.
        file: ReplayFile,
        /// What the reader or the writer found.
        reason: String,
    },
    /// A tensor of another type or length.
    ReplayTensor {
        /// Which file holds it.
        file: ReplayFile,
        /// Its name.
        tensor: String,
        /// Its type.
        found: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The type that is needed.
        expected: String,
        /// The numbers that are needed.
        numbers: usize,
    },
    /// The configuration.
    #[serde(untagged)]
    Config(ConfigError),
    /// The trainer or its GPU.
    #[serde(untagged)]
    Model(ModelError),
}

impl From<ConfigError> for ReplayError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<ModelError> for ReplayError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

fn tensor<'a>(
    file: ReplayFile,
    bytes: &'a [u8],
    name: &str,
    dtype: Dtype,
    words: usize,
) -> Result<Vec<[u8; 4]>, ReplayError> {
    let wrong = |e: SafeTensorError| ReplayError::ReplayFile { file, reason: e.to_string() };
    let tensors: SafeTensors<'a> = SafeTensors::deserialize(bytes).map_err(wrong)?;
    let view = tensors.tensor(name).map_err(wrong)?;
    let found: usize = view.shape().iter().product();
    if view.dtype() != dtype || found != words {
        return Err(ReplayError::ReplayTensor {
            file,
            tensor: name.to_owned(),
            found: format!("{:?}", view.dtype()),
            shape: view.shape().to_vec(),
            expected: format!("{dtype:?}"),
            numbers: words,
        });
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
        let values = tensor(ReplayFile::Weights, weights, &parameter.name, Dtype::F32, parameter.len())?;
        flat[offset..].iter_mut().zip(values).for_each(|(to, bytes)| *to = f32::from_le_bytes(bytes));
    }
    let window = a.context + 1;
    let ids = tensor(ReplayFile::Batches, batches, "tokens", Dtype::I32, t.steps as usize * t.batch * window)?;
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
    let unwritable = |e: SafeTensorError| ReplayError::ReplayFile { file: ReplayFile::Result, reason: e.to_string() };
    let mut views = Vec::new();
    for (name, shape, values) in &out {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytemuck::cast_slice(values)).map_err(unwritable)?;
        views.push((name.clone(), view));
    }
    safetensors::serialize(views, None).map_err(unwritable)
}
