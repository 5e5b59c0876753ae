//! Runs single kernels and recordings on the machine's Vulkan adapter, and on its CPU.

use fledgling::config::Checked;
use fledgling::device::{Device, Fence, Plan};
use fledgling::gpu::GpuError;
use fledgling::inference::Inference;
use fledgling::kernels::{Access, Kernel};
use fledgling::parameters::{ModelError, Parameters};
use fledgling::tape::{Dispatch, Life, Region, Tape};
use fledgling::trainer::{self, Trainer, TrainingPoint};
use std::cell::{Cell, LazyCell, RefCell};
use std::collections::BTreeSet;
use std::collections::VecDeque;

/// Which executor a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executor {
    Gpu,
    Cpu,
}

thread_local! {
    static GPU: LazyCell<&'static Device> = LazyCell::new(|| {
        let gpu = pollster::block_on(Device::gpu(None, None));
        let gpu = gpu.unwrap_or_else(|e| panic!("{e:?}\nThese tests need a Vulkan adapter: apt-get install mesa-vulkan-drivers"));
        Box::leak(Box::new(gpu))
    });
    static CPU: LazyCell<&'static Device> = LazyCell::new(|| Box::leak(Box::new(Device::cpu(u64::MAX))));
    static CURRENT: Cell<Executor> = const { Cell::new(Executor::Gpu) };
    static KEPT: RefCell<Option<VecDeque<Ran>>> = const { RefCell::new(None) };
}

/// A kernel that [`run`] ran, and its buffers behind that.
type Ran = (&'static str, Vec<Vec<f32>>);

/// Runs a test on the GPU and then on the CPU, and holds what each kernel wrote there against what it wrote here; the names of
/// the kernels.
pub fn side_by_side(test: fn()) -> BTreeSet<&'static str> {
    KEPT.set(Some(VecDeque::new()));
    on(Executor::Gpu, test);
    let names = KEPT.with_borrow(|kept| kept.iter().flatten().map(|ran| ran.0).collect());
    on(Executor::Cpu, test);
    assert_eq!(KEPT.take(), Some(VecDeque::new()), "as often on the one as on the other");
    names
}

/// Keeps what the GPU made, and holds it against what the CPU makes of the same, where [`side_by_side`] asks for it.
pub fn compare(name: &'static str, results: &[Vec<f32>]) {
    KEPT.with_borrow_mut(|kept| {
        let Some(kept) = kept else { return };
        if current() == Executor::Gpu {
            return kept.push_back((name, results.to_vec()));
        }
        let (other, wanted) = kept.pop_front().unwrap();
        assert_eq!(name, other);
        for (slot, (got, want)) in results.iter().zip(&wanted).enumerate() {
            let largest = want.iter().filter(|w| w.is_finite()).fold(0.0f32, |a, b| a.max(b.abs()));
            for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
                // Whole numbers cross as bits: small ones look like nothing.
                let same = g.to_bits() == w.to_bits() || g.is_nan() && w.is_nan();
                let off = (g - w).abs();
                assert!(same || off <= 1e-3 * w.abs() + 1e-4 * largest, "{name}, slot {slot}[{i}]: CPU {g}, GPU {w}");
            }
        }
    });
}

/// This thread's device: the GPU, or what [`on`] says.
pub fn device() -> &'static Device {
    match CURRENT.get() {
        Executor::Gpu => GPU.with(|device| **device),
        Executor::Cpu => CPU.with(|device| **device),
    }
}

/// Runs a test, or a part of one, on an executor.
pub fn on<T>(executor: Executor, test: impl FnOnce() -> T) -> T {
    CURRENT.set(executor);
    let result = test();
    CURRENT.set(Executor::Gpu);
    result
}

/// Tests on each executor: `on_each!(name)` makes `name::gpu` and `name::cpu` of a function `name`.
macro_rules! on_each {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn gpu() {
                crate::harness::on(crate::harness::Executor::Gpu, super::$name);
            }
            #[test]
            fn cpu() {
                crate::harness::on(crate::harness::Executor::Cpu, super::$name);
            }
        }
    )+};
}
pub(crate) use on_each;

/// The executor that [`on`] says.
pub fn current() -> Executor {
    CURRENT.get()
}

/// A model on this thread's device, with what trains it and what answers with it.
pub struct Model {
    pub parameters: Parameters,
    pub trainer: Trainer,
    pub inference: Inference,
}

impl Model {
    pub fn new((parameters, trainer): (Parameters, Trainer)) -> Self {
        Self { parameters, trainer, inference: Inference::default() }
    }

    /// On the weights given, ready to train.
    pub async fn of_weights(checked: &Checked, weights: &[f32]) -> Result<Self, ModelError> {
        trainer::of_weights(device(), checked, weights, 0).await.map(Self::new)
    }

    pub fn step_on(&mut self, tokens: &[u32], targets: &[u32]) -> Result<Option<Fence>, ModelError> {
        self.trainer.step_on(device(), &mut self.parameters, tokens, targets)
    }

    pub async fn take_points(&mut self) -> Result<(Vec<TrainingPoint>, Option<ModelError>), GpuError> {
        self.trainer.take_points(device(), &mut self.parameters).await
    }

    pub async fn logits(&mut self, tokens: &[u32]) -> Result<Vec<f32>, ModelError> {
        self.inference.logits(device(), &mut self.parameters, tokens).await
    }

    pub async fn weights(&self) -> Vec<f32> {
        self.parameters.weights(device()).await.unwrap()
    }
}

/// Words of canary before and after every buffer: a stray store shows.
const CANARY: usize = 64;
const CANARY_BITS: u32 = 0x7fc0_dead; // a quiet NaN with a signature

/// A buffer of a single-kernel run.
#[derive(Clone, Debug)]
pub enum Data {
    /// Floats to read, or to start from.
    F32(Vec<f32>),
    /// Words to read.
    U32(Vec<u32>),
    /// An output of that many words, NaN at the start.
    Out(usize),
    /// Not bound: the overrides leave it unused.
    Nothing,
}

/// Runs one kernel once; the buffers, in the order of its slots, come back after the run. Outputs start as NaN; stores
/// outside a buffer fail the test.
pub fn run(
    kernel: &'static Kernel,
    overrides: &[(&'static str, f64)],
    params: &impl bytemuck::Pod,
    grid: [u32; 3],
    data: &[Data],
) -> Vec<Vec<f32>> {
    let device = device();
    let mut tape = Tape::default();
    let names: Vec<String> = kernel.slots.iter().map(|s| format!("slot {}", s.index)).collect();
    let mut regions = Vec::new();
    for (name, data) in names.iter().zip(data) {
        let words = match data {
            Data::F32(v) => v.len(),
            Data::U32(v) => v.len(),
            Data::Out(n) => *n,
            Data::Nothing => {
                regions.push(None);
                continue;
            }
        };
        let whole = tape.buffer(name, words.next_multiple_of(64) + 2 * CANARY, Life::Kept);
        regions.push(Some(Region { offset: CANARY, words, ..whole }));
    }
    let mut dispatch = Dispatch::new(kernel, params, grid, &regions);
    dispatch.overrides = overrides.to_vec();
    tape.dispatch(dispatch);
    let recording = tape.finish_forward();
    let mut store = device.store();
    let plan = pollster::block_on(Plan::new(device, &mut store, &recording)).unwrap();
    let canary = vec![CANARY_BITS; CANARY];
    for ((name, data), region) in names.iter().zip(data).zip(&regions) {
        let Some(region) = region else { continue };
        let words: Vec<u32> = match data {
            Data::F32(v) => v.iter().map(|x| x.to_bits()).collect(),
            Data::U32(v) => v.clone(),
            Data::Out(n) => vec![f32::NAN.to_bits(); *n],
            Data::Nothing => continue,
        };
        plan.write(device, name, 0, &canary).unwrap();
        plan.write(device, name, CANARY, &words).unwrap();
        plan.write(device, name, CANARY + region.words, &canary).unwrap();
    }
    plan.replay(device, &[plan.all()], 1);
    let mut results = Vec::new();
    for ((name, slot), region) in names.iter().zip(kernel.slots).zip(&regions) {
        let Some(region) = region else {
            results.push(Vec::new());
            continue;
        };
        let all: Vec<u32> = pollster::block_on(plan.read(device, name, 0..region.words + 2 * CANARY)).unwrap();
        let intact = |words: &[u32]| words.iter().all(|&w| w == CANARY_BITS);
        if slot.access == Access::Write {
            assert!(intact(&all[..CANARY]), "{} wrote before {}", kernel.name, slot.name);
            assert!(intact(&all[CANARY + region.words..]), "{} wrote behind {}", kernel.name, slot.name);
        }
        results.push(all[CANARY..CANARY + region.words].iter().map(|&w| f32::from_bits(w)).collect());
    }
    compare(kernel.name, &results);
    results
}

/// Numbers in [-1, 1) from a seed: splitmix64, so that a failing test can be run again.
pub fn random(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..count)
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

/// Every element within atol + rtol · |want|.
pub fn close(what: &str, got: &[f32], want: &[f64], rtol: f64, atol: f64) {
    assert_eq!(got.len(), want.len(), "{what}: length");
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let off = (f64::from(g) - w).abs();
        assert!(off <= atol + rtol * w.abs(), "{what}[{i}]: got {g}, want {w}, off by {off:e}");
    }
}
