//! Mesa's driver for AMD GPUs, asked what its compiler makes of a compute shader. Nothing is ever run: the GPU is not there.

use crate::Failure;
use ash::{khr::pipeline_executable_properties as executables, vk};
use std::ffi::{CStr, CString};

/// A device, open until the process ends.
pub struct Compiler {
    device: ash::Device,
    executables: executables::Device,
    /// What the device was loaded from has to outlive it.
    _instance: ash::Instance,
    _entry: ash::Entry,
}

impl Compiler {
    /// The first device of the driver that the environment chooses.
    pub fn open() -> Result<Self, Failure> {
        // SAFETY: the loader is the system's, and every pointer is to something that lives to the end of this function.
        unsafe {
            let entry = ash::Entry::load()?;
            let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
            let create = vk::InstanceCreateInfo::default().application_info(&application);
            let instance = entry.create_instance(&create, None)?;
            let physical = *instance.enumerate_physical_devices()?.first().ok_or("the driver shows no GPU")?;
            let queues = [vk::DeviceQueueCreateInfo::default().queue_family_index(0).queue_priorities(&[1.0])];
            let extensions = [executables::NAME.as_ptr()];
            let mut statistics =
                vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default().pipeline_executable_info(true);
            let mut memory_model = vk::PhysicalDeviceVulkan12Features::default().vulkan_memory_model(true);
            let create = vk::DeviceCreateInfo::default()
                .queue_create_infos(&queues)
                .enabled_extension_names(&extensions)
                .push_next(&mut statistics)
                .push_next(&mut memory_model);
            let device = instance.create_device(physical, &create, None)?;
            let executables = executables::Device::new(&instance, &device);
            Ok(Self { device, executables, _instance: instance, _entry: entry })
        }
    }

    /// The driver's figures by their names. `bindings` of group 0: number, and whether it is a uniform.
    pub fn statistics(
        &self,
        spirv: &[u32],
        entry: &str,
        bindings: &[(u32, bool)],
    ) -> Result<Vec<(String, u64)>, Failure> {
        let binding = |&(number, uniform)| {
            let kind = if uniform { vk::DescriptorType::UNIFORM_BUFFER } else { vk::DescriptorType::STORAGE_BUFFER };
            vk::DescriptorSetLayoutBinding::default()
                .binding(number)
                .descriptor_type(kind)
                .descriptor_count(1)
                .stage_flags(vk::ShaderStageFlags::COMPUTE)
        };
        let bindings: Vec<_> = bindings.iter().map(binding).collect();
        let name = CString::new(entry)?;
        // SAFETY: the device is open, naga has validated the shader, every pointer is to something that lives to the end of this
        // function, and of a statistic, whose type is a 64-bit number wherever this driver has one, only the bits are read.
        unsafe {
            let create = vk::ShaderModuleCreateInfo::default().code(spirv);
            let module = self.device.create_shader_module(&create, None)?;
            let create = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
            let sets = [self.device.create_descriptor_set_layout(&create, None)?];
            let create = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets);
            let layout = self.device.create_pipeline_layout(&create, None)?;
            let stage = vk::PipelineShaderStageCreateInfo::default()
                .stage(vk::ShaderStageFlags::COMPUTE)
                .module(module)
                .name(&name);
            let create = vk::ComputePipelineCreateInfo::default()
                .stage(stage)
                .layout(layout)
                .flags(vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR);
            let made = self.device.create_compute_pipelines(vk::PipelineCache::null(), &[create], None);
            let pipelines = made.map_err(|(_, error)| error)?;
            let which = vk::PipelineExecutableInfoKHR::default().pipeline(pipelines[0]).executable_index(0);
            let figures = self.executables.get_pipeline_executable_statistics(&which)?;
            let name = |name: &[std::ffi::c_char]| CStr::from_ptr(name.as_ptr()).to_string_lossy().into_owned();
            Ok(figures.iter().map(|figure| (name(&figure.name), figure.value.u64)).collect())
        }
    }
}
