//! Pipelines by kernel and overrides. They live as long as the device: a new model compiles nothing that was compiled before.

use super::Gpu;
use crate::kernels::{Access, Kernel};
use std::cell::RefCell;
use std::collections::HashMap;

/// A kernel by its name, and its overrides with their bits.
pub(crate) type PipelineKey = (&'static str, Vec<(&'static str, u64)>);

/// What a kernel with these overrides goes by.
pub(crate) fn pipeline_key(kernel: &Kernel, overrides: &[(&'static str, f64)]) -> PipelineKey {
    (kernel.name, overrides.iter().map(|&(name, value)| (name, value.to_bits())).collect())
}

/// A compiled kernel, and what its bind groups look like.
#[derive(Clone)]
pub(crate) struct Pipeline {
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) layout: wgpu::BindGroupLayout,
}

/// All that one device has compiled.
#[derive(Default)]
pub(crate) struct Pipelines(RefCell<HashMap<PipelineKey, Pipeline>>);

impl Pipelines {
    /// Gives them all up: after a refusal one of them may be no good, and nobody says which.
    pub(crate) fn forget(&self) {
        self.0.borrow_mut().clear();
    }
}

impl Gpu {
    /// A kernel with these overrides, compiled at most once.
    pub(crate) fn pipeline(&self, kernel: &'static Kernel, overrides: &[(&'static str, f64)]) -> Pipeline {
        let mut made = self.pipelines.0.borrow_mut();
        made.entry(pipeline_key(kernel, overrides)).or_insert_with(|| make(self, kernel, overrides)).clone()
    }
}

fn make(gpu: &Gpu, kernel: &'static Kernel, overrides: &[(&'static str, f64)]) -> Pipeline {
    gpu.count(|c| c.pipelines_created += 1);
    let source = kernel.sources.concat();
    let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let entry = |index, access| wgpu::BindGroupLayoutEntry {
        binding: index,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: match access {
                Access::Uniform => wgpu::BufferBindingType::Uniform,
                Access::Read => wgpu::BufferBindingType::Storage { read_only: true },
                Access::Write => wgpu::BufferBindingType::Storage { read_only: false },
            },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    };
    let entries: Vec<_> = std::iter::once(entry(0, Access::Uniform))
        .chain(kernel.slots.iter().map(|slot| entry(slot.index, slot.access)))
        .collect();
    let layout = gpu
        .device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(kernel.name), entries: &entries });
    let pipeline_layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(kernel.name),
        bind_group_layouts: &[Some(&layout)],
        immediate_size: 0,
    });
    let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(kernel.name),
        layout: Some(&pipeline_layout),
        module: &module,
        entry_point: Some(kernel.entry),
        compilation_options: wgpu::PipelineCompilationOptions {
            constants: overrides,
            // Every kernel writes its tile before it reads it.
            zero_initialize_workgroup_memory: false,
        },
        cache: None,
    });
    Pipeline { pipeline, layout }
}
