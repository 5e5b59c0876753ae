//! What a real GPU's compiler makes of the kernels, without the GPU: Mesa's RADV compiles for AMD GPUs that are not there, and says
//! how many registers a kernel takes, how many of them it spills to memory, and how many waves then fit a SIMD. That is no timing,
//! but what spills, or leaves one wave to wait for memory by itself, is slow on every GPU.
//!
//! `headless shaders` writes the kernels in use; `make gpu-stats` hands them over. A word more leaves only kernels whose names hold
//! it; NAME=NUMBER sets an override, to see what another tile would come to.

mod vulkan;

use naga::back::{PipelineConstants, pipeline_constants::process_overrides, spv};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, ShaderStage};
use serde_json::Value;
use std::process::ExitCode;
use vulkan::Compiler;

type Failure = Box<dyn std::error::Error>;

/// RDNA 3, RDNA 2, GCN 5 (which older integrated GPUs are like).
const GPUS: [&str; 3] = ["gfx1100", "navi21", "vega10"];
/// Waves a SIMD that a kernel leaves at least: one waits for memory while another computes.
const WAVES: u64 = 2;
/// How the driver is told which GPU to compile for.
const GPU: &str = "RADV_FORCE_FAMILY";
const USAGE: &str = "usage: fledgling-gpu-stats SHADERS.json [PART OF A NAME] [OVERRIDE=NUMBER …]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match std::env::var(GPU) {
        Ok(gpu) => on_one(&gpu, &arguments),
        Err(_) => on_all(&arguments),
    };
    match done {
        Ok(sound) => ExitCode::from(u8::from(!sound)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every kernel is sound on every GPU. The driver reads its environment once: a process for each.
fn on_all(arguments: &[String]) -> Result<bool, Failure> {
    let drivers = std::fs::read_dir("/usr/share/vulkan/icd.d").into_iter().flatten().flatten().map(|file| file.path());
    let radv = drivers.into_iter().find(|path| path.to_string_lossy().contains("radeon"));
    let radv = radv.ok_or("Mesa's driver for AMD GPUs is missing: on Debian, apt install mesa-vulkan-drivers")?;
    let mut sound = true;
    for gpu in GPUS {
        let mut here = std::process::Command::new(std::env::current_exe()?);
        // The second name is that of older loaders.
        here.args(arguments).env(GPU, gpu).env("VK_DRIVER_FILES", &radv).env("VK_ICD_FILENAMES", &radv);
        sound &= here.status()?.success();
    }
    Ok(sound)
}

fn on_one(gpu: &str, arguments: &[String]) -> Result<bool, Failure> {
    let (path, rest) = arguments.split_first().ok_or(USAGE)?;
    let part = rest.iter().find(|argument| !argument.contains('=')).map_or("", String::as_str);
    let mut asked = Vec::new();
    for (name, value) in rest.iter().filter_map(|argument| argument.split_once('=')) {
        asked.push((name.to_owned(), value.parse()?));
    }
    let kernels: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let compiler = Compiler::open()?;
    println!(
        "\n{:<32} {:>9} {:>7} {:>9} {:>5} {:>12} {:>8} overrides",
        gpu, "registers", "spilled", "workgroup", "waves", "instructions", "latency"
    );
    let (mut tried, mut unsound) = (0, 0);
    for kernel in kernels.iter().filter(|kernel| text(kernel, "name").contains(part)) {
        let own = kernel["overrides"].as_object().into_iter().flatten();
        let own = own.filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
        let overrides: PipelineConstants = own.chain(asked.clone()).collect();
        let figures = compile(&compiler, kernel, &overrides).map_err(|e| format!("{}: {e}", text(kernel, "name")))?;
        let figure = |name: &str| figures.iter().find(|(of, _)| of == name).map(|(_, value)| *value);
        let known = |name: &str| figure(name).ok_or(format!("the driver does not say {name}"));
        let spilled = known("Spilled VGPRs")? + known("Spilled SGPRs")?;
        let waves = known("Subgroups per SIMD")?;
        let sound = spilled == 0 && waves >= WAVES;
        let mut set: Vec<String> = overrides.iter().map(|(name, value)| format!("{name}={value}")).collect();
        set.sort();
        println!(
            "{:<32} {:>9} {spilled:>7} {:>9} {waves:>5} {:>12} {:>8} {}{}",
            text(kernel, "name"),
            known("VGPRs")?,
            known("LDS size")?,
            known("Instructions")?,
            known("Latency")?,
            set.join(" "),
            if sound { "" } else { "  <- spills, or leaves too few waves" },
        );
        (tried, unsound) = (tried + 1, unsound + usize::from(!sound));
    }
    if tried == 0 {
        return Err(format!("no kernel's name holds {part:?}").into());
    }
    println!("{unsound} of {tried} kernels spill registers or leave fewer than {WAVES} waves a SIMD");
    Ok(unsound == 0)
}

fn text<'a>(kernel: &'a Value, key: &str) -> &'a str {
    kernel[key].as_str().unwrap_or_default()
}

/// What the driver says of a kernel with these overrides; those that it does not have are left out.
fn compile(compiler: &Compiler, kernel: &Value, overrides: &PipelineConstants) -> Result<Vec<(String, u64)>, Failure> {
    let (wgsl, entry) = (text(kernel, "wgsl"), text(kernel, "entry"));
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|e| e.emit_to_string(wgsl))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::default()).validate(&module)?;
    let here = |name: &str| module.overrides.iter().any(|(_, known)| known.name.as_deref() == Some(name));
    let overrides =
        overrides.iter().filter(|(name, _)| here(name)).map(|(name, value)| (name.clone(), *value)).collect();
    let stage = ShaderStage::Compute;
    let (module, info) = process_overrides(&module, &info, Some((stage, entry)), &overrides)?;
    // As in a browser that trusts its driver to keep accesses inside their buffers.
    let unchecked = naga::proc::BoundsCheckPolicy::Unchecked;
    let options = spv::Options {
        lang_version: (1, 3),
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        bounds_check_policies: naga::proc::BoundsCheckPolicies {
            buffer: unchecked,
            index: unchecked,
            ..Default::default()
        },
        ..Default::default()
    };
    let pipeline = spv::PipelineOptions { shader_stage: stage, entry_point: entry.to_owned() };
    let spirv = spv::write_vec(&module, &info, &options, Some(&pipeline))?;
    let bound = module.global_variables.iter();
    let bound = bound.filter_map(|(_, v)| Some((v.binding.as_ref()?.binding, v.space == AddressSpace::Uniform)));
    compiler.statistics(&spirv, entry, &bound.collect::<Vec<_>>())
}
