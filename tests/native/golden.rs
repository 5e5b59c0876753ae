//! Golden cases: models trained by PyTorch in float64, retold by the real model. `tests/native/golden` holds the
//! project's own, made by the `generate.py` beside them; `FLEDGLING_GOLDEN=<folder>` names another folder instead.

use crate::harness::{Executor, Model, device, on};
use fledgling::config::Config;
use fledgling::model::{Layout, initial};
use fledgling::parameters::ModelError;
use fledgling::trainer::TrainingPoint;
use safetensors::{Dtype, SafeTensors};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One case as it lies in its folder.
pub struct Case {
    /// The folder's name.
    pub name: String,
    /// Every choice; what `case.json` leaves out is the default.
    pub config: Config,
    /// Initial weights by name.
    pub weights: BTreeMap<String, Vec<f32>>,
    /// (tokens, targets) of every step, both [batch, context].
    pub batches: Vec<(Vec<u32>, Vec<u32>)>,
    /// `logits` [batch, context, vocab], `losses` [steps], `grad.<name>`, `after.<name>`.
    pub expected: BTreeMap<String, Vec<f32>>,
}

impl Case {
    /// The initial weights as the reference wants them.
    pub fn reference_weights(&self) -> BTreeMap<String, Vec<f64>> {
        self.weights.iter().map(|(n, w)| (n.clone(), w.iter().map(|&x| f64::from(x)).collect())).collect()
    }

    fn load(folder: &Path) -> Self {
        let bytes = |file: &str| {
            let path = folder.join(file);
            std::fs::read(&path).unwrap_or_else(|e| panic!("golden: {}: {e}", path.display()))
        };
        let config: Config = serde_json::from_slice(&bytes("case.json"))
            .unwrap_or_else(|e| panic!("golden: {}/case.json: {e}", folder.display()));
        let floats = |file: &str| -> BTreeMap<String, Vec<f32>> {
            words(&bytes(file), Dtype::F32)
                .into_iter()
                .map(|(n, w)| (n, w.into_iter().map(f32::from_bits).collect()))
                .collect()
        };
        let window = config.model.context + 1;
        let tokens = words(&bytes("batches.safetensors"), Dtype::I32).remove("tokens").expect("golden: tokens");
        let batches = tokens.chunks(config.training.batch * window).map(|batch| {
            let cut = |from: usize| batch.chunks(window).flat_map(|row| row[from..][..window - 1].to_vec()).collect();
            (cut(0), cut(1))
        });
        Self {
            name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            batches: batches.collect(),
            weights: floats("weights.safetensors"),
            expected: floats("expected.safetensors"),
            config,
        }
    }
}

/// Every tensor of a file, as 32-bit words.
fn words(file: &[u8], dtype: Dtype) -> BTreeMap<String, Vec<u32>> {
    let tensors = SafeTensors::deserialize(file).unwrap();
    let tensors = tensors.tensors().into_iter().map(|(name, tensor)| {
        assert_eq!(tensor.dtype(), dtype, "golden: {name}");
        let words = tensor.data().chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        (name, words.collect())
    });
    tensors.collect()
}

/// Every case of the folder, by name. No folder, or no case in it, is a failure: it would look like a success.
pub fn cases() -> Vec<Case> {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/native/golden");
    let folder = std::env::var_os("FLEDGLING_GOLDEN").map_or_else(|| PathBuf::from(committed), PathBuf::from);
    let entries = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("golden: the folder {} cannot be read: {e}", folder.display()));
    let mut folders: Vec<PathBuf> =
        entries.map(|e| e.unwrap().path()).filter(|p| p.join("case.json").is_file()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "golden: no folder with a case.json in {}", folder.display());
    folders.iter().map(|f| Case::load(f)).collect()
}

/// The larger of two; not a number is the largest of all.
pub fn larger(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}

/// ‖a − b‖ and ‖b − c‖.
fn distances(a: &[f32], b: &[f32], c: &[f32]) -> (f64, f64) {
    let distance = |a: &[f32], b: &[f32]| -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>().sqrt()
    };
    (distance(a, b), distance(b, c))
}

/// How far one quantity is off, and how far it may be.
struct Verdict {
    what: String,
    off: f64,
    limit: f64,
}

/// The real model on these weights.
pub async fn ready(config: &Config, weights: &BTreeMap<String, Vec<f32>>) -> Result<Model, ModelError> {
    let checked = config.check().unwrap_or_else(|e| panic!("{config:?}: {e:?}"));
    let parameters = checked.architecture.parameters();
    let names: BTreeSet<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
    assert!(names.iter().copied().eq(weights.keys()), "parameters {names:?}, given {:?}", weights.keys());
    let layout = Layout::new(&checked.architecture);
    let flat = initial(&checked.architecture, &layout, checked.training.initial_weights, checked.training.seed);
    let model = Model::of_weights(&checked, &flat).await?;
    for (name, values) in weights {
        model.parameters.set_parameter(device(), name, values)?;
    }
    Ok(model)
}

/// The points since the last call, all of them finite.
pub async fn points(model: &mut Model) -> Result<Vec<TrainingPoint>, ModelError> {
    match model.take_points().await? {
        (points, None) => Ok(points),
        (_, Some(error)) => Err(error),
    }
}

async fn verdicts(case: &Case) -> Result<Vec<Verdict>, ModelError> {
    let (device, context) = (device(), case.config.model.context);
    let mut model = ready(&case.config, &case.weights).await?;
    let mut verdicts = Vec::new();
    let mut judge = |what: String, off: f64, limit: f64| verdicts.push(Verdict { what, off, limit });

    let mut logits = Vec::new();
    for window in case.batches[0].0.chunks(context) {
        logits.extend(model.logits(window).await?);
    }
    assert_eq!(logits.len(), case.expected["logits"].len(), "{}: logits", case.name);
    let off = logits.iter().zip(&case.expected["logits"]).map(|(&g, &w)| f64::from((g - w).abs()));
    judge("logits".into(), off.fold(0.0, larger), 2e-4);

    let mut taken = Vec::new();
    for (step, (tokens, targets)) in case.batches.iter().enumerate() {
        model.step_on(tokens, targets)?;
        if step == 0 {
            for name in case.weights.keys() {
                let got = model.parameters.gradient(device, name).await?;
                let want = &case.expected[&format!("grad.{name}")];
                let (off, size) = distances(&got, want, &vec![0.0; want.len()]);
                judge(format!("grad.{name}"), off, if size < 1e-6 { 1e-6 } else { 1e-3 * size });
            }
        }
        if step % 5 == 4 {
            taken.extend(points(&mut model).await?);
        }
    }
    taken.extend(points(&mut model).await?);
    let steps: Vec<usize> = taken.iter().map(|p| p.step as usize).collect();
    assert_eq!(steps, (1..=case.batches.len()).collect::<Vec<_>>(), "{}: points", case.name);
    for (point, &want) in taken.iter().zip(&case.expected["losses"]) {
        judge(
            format!("losses[{}]", point.step - 1),
            f64::from((point.loss - want).abs()),
            1e-3 * f64::from(want.abs()),
        );
    }
    for (name, start) in &case.weights {
        let got = model.parameters.parameter(device, name).await?;
        let (off, moved) = distances(&got, &case.expected[&format!("after.{name}")], start);
        judge(format!("after.{name}"), off, 2e-2 * moved);
    }
    Ok(verdicts)
}

#[test]
fn golden_cases() {
    let mut failures = Vec::new();
    let executors = [Executor::Gpu, Executor::Cpu];
    for (case, executor) in cases().iter().flat_map(|case| executors.map(|executor| (case, executor))) {
        let name = format!("{}, {executor:?}", case.name);
        let verdicts = on(executor, || pollster::block_on(verdicts(case)));
        let verdicts = verdicts.unwrap_or_else(|e| panic!("{name}: {e:?}"));
        // Shares of the tolerance; 0 of 0 is fine.
        let share = |v: &Verdict| if v.off == 0.0 { 0.0 } else { v.off / v.limit };
        let mut line = format!("{name:30}");
        for kind in ["logits", "losses", "grad", "after"] {
            let worst = verdicts.iter().filter(|v| v.what.starts_with(kind)).map(share).fold(0.0, larger);
            line += &format!("  {kind} {:5.1} %", 100.0 * worst);
        }
        let worst = verdicts.iter().max_by(|a, b| share(a).total_cmp(&share(b))).unwrap();
        println!("{line} of the tolerance; worst {}", worst.what);
        let bad = verdicts.iter().filter(|v| v.off.is_nan() || v.off > v.limit);
        failures.extend(bad.map(|v| format!("{name}: {}: off by {:e}, tolerance {:e}", v.what, v.off, v.limit)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
