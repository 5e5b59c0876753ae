//! The adapter and its device: opening, limits, loss, buffers, upload, readback, and a census of what was created.

use bytemuck::Pod;
use futures_channel::oneshot;
use serde::Serialize;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

mod pipelines;

pub(crate) use pipelines::{Pipeline, PipelineKey, pipeline_key};

/// What the GPU's side can do to us. Each is an event of normal life with a next step for the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum GpuError {
    /// WebGPU is there and gives no adapter.
    NoAdapter {
        /// The browser's words, or Vulkan's.
        reason: String,
    },
    /// The adapter refuses a device.
    NoDevice {
        /// Its name.
        adapter: String,
        /// Its words.
        reason: String,
    },
    /// A buffer over the adapter's limits.
    BufferTooLarge {
        /// Dotted path.
        name: String,
        /// Bytes asked.
        asked: u64,
        /// Bytes there.
        limit: u64,
    },
    /// Allocation failed.
    OutOfMemory {
        /// Bytes asked in all.
        asked: u64,
    },
    /// More than is left of what this machine, or the browser, gives a program.
    NoMemory {
        /// Bytes asked in all.
        asked: u64,
        /// Bytes there.
        left: u64,
    },
    /// The device is gone: driver reset, sleep, another tab.
    DeviceLost {
        /// The driver's words.
        reason: String,
    },
    /// A mistake of ours that validation caught.
    Validation {
        /// What validation says.
        reason: String,
    },
    /// A mistake of ours: there is no buffer of that name.
    UnknownBuffer {
        /// What was asked.
        name: String,
    },
    /// A mistake of ours: what one device made is used with the other.
    OtherDevice,
}

/// The adapter, as the browser or driver names it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AdapterDescription {
    /// Device name, or vendor and architecture where a browser says no more.
    pub name: String,
    /// vulkan, metal, dx12, webgpu.
    pub backend: String,
    /// Whether it runs on the CPU: correct, and slow.
    pub software: bool,
    /// Largest storage binding, bytes.
    pub max_binding_bytes: u64,
    /// Largest buffer, bytes.
    pub max_buffer_bytes: u64,
}

/// What an adapter is called that nobody names.
const UNNAMED: &str = "unnamed adapter";

impl AdapterDescription {
    /// Whether browser or driver say what it is.
    pub fn is_named(&self) -> bool {
        self.name != UNNAMED
    }

    /// Whether buffers of these sizes fit its limits.
    ///
    /// # Errors
    /// [`GpuError::BufferTooLarge`] with the number asked and the number there.
    pub fn check(&self, name: &str, largest_binding: u64, largest_buffer: u64) -> Result<(), GpuError> {
        for (asked, limit) in [(largest_binding, self.max_binding_bytes), (largest_buffer, self.max_buffer_bytes)] {
            if asked > limit {
                return Err(GpuError::BufferTooLarge { name: name.to_owned(), asked, limit });
            }
        }
        Ok(())
    }
}

/// Counts of what a stretch of work did; no clock needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Dispatches encoded.
    pub dispatches: u64,
    /// Compute passes begun.
    pub passes: u64,
    /// Submits.
    pub submits: u64,
    /// Kernels compiled.
    pub pipelines_created: u64,
    /// Bind groups created.
    pub bind_groups_created: u64,
    /// Buffers created.
    pub buffers_created: u64,
    /// Bytes handed to the queue.
    pub bytes_uploaded: u64,
    /// Buffers mapped for reading.
    pub readbacks: u64,
    /// Times that something shared was overwritten: weights, their copies, what they are trained with.
    pub shared_writes: u64,
}

impl Census {
    /// What happened since an earlier count.
    pub fn since(self, earlier: Census) -> Census {
        Census {
            dispatches: self.dispatches - earlier.dispatches,
            passes: self.passes - earlier.passes,
            submits: self.submits - earlier.submits,
            pipelines_created: self.pipelines_created - earlier.pipelines_created,
            bind_groups_created: self.bind_groups_created - earlier.bind_groups_created,
            buffers_created: self.buffers_created - earlier.buffers_created,
            bytes_uploaded: self.bytes_uploaded - earlier.bytes_uploaded,
            readbacks: self.readbacks - earlier.readbacks,
            shared_writes: self.shared_writes - earlier.shared_writes,
        }
    }
}

/// An open device.
pub struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    description: AdapterDescription,
    pub(crate) pipelines: pipelines::Pipelines,
    failure: Arc<Mutex<Option<GpuError>>>,
    census: Cell<Census>,
    tick: Option<Tick>,
}

/// The nth of the moments, a few milliseconds apart, at which a wait may look again.
pub type Tick = Box<dyn Fn(u32) -> Pin<Box<dyn Future<Output = ()>>>>;

/// Resolves when the work submitted before it is done.
pub struct Fence {
    #[cfg(target_arch = "wasm32")]
    done: oneshot::Receiver<()>,
    #[cfg(not(target_arch = "wasm32"))]
    submission: wgpu::SubmissionIndex,
}

impl Gpu {
    /// Opens the fastest adapter there is, with its own limits. `name` stands in for the adapter's where a browser
    /// keeps that back, and `software` overrules its silence about being one.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`], [`GpuError::NoDevice`].
    pub async fn open(name: Option<String>, software: Option<bool>) -> Result<Self, GpuError> {
        Self::open_within(name, software, u64::MAX).await
    }

    /// The same with bindings of so many bytes at most, for whoever wants to know how a smaller adapter would do.
    ///
    /// # Errors
    /// As [`Gpu::open`].
    pub async fn open_within(
        name: Option<String>,
        software: Option<bool>,
        binding_bytes: u64,
    ) -> Result<Self, GpuError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter =
            instance.request_adapter(&options).await.map_err(|e| GpuError::NoAdapter { reason: e.to_string() })?;
        let info = adapter.get_info();
        let limits = adapter.limits();
        let name = if info.name.is_empty() { name.unwrap_or_else(|| UNNAMED.into()) } else { info.name };
        let looks_software =
            ["swiftshader", "llvmpipe", "basic render"].iter().any(|s| name.to_lowercase().contains(s));
        let software = info.device_type == wgpu::DeviceType::Cpu || software.unwrap_or(false) || looks_software;
        let description = AdapterDescription {
            name: name.clone(),
            backend: info.backend.to_string(),
            software,
            max_binding_bytes: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size).min(binding_bytes),
            max_buffer_bytes: limits.max_buffer_size,
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("fledgling"),
            required_limits: wgpu::Limits {
                max_storage_buffer_binding_size: limits.max_storage_buffer_binding_size.min(binding_bytes),
                max_buffer_size: limits.max_buffer_size,
                ..Default::default()
            },
            ..Default::default()
        };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|e| GpuError::NoDevice { adapter: name, reason: e.to_string() })?;
        let failure = Arc::new(Mutex::new(None));
        let keep_first = |failure: &Mutex<Option<GpuError>>, error: GpuError| {
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        };
        let lost = Arc::clone(&failure);
        device.set_device_lost_callback(move |reason, message| {
            // Destroyed is our own doing, at the end of a session.
            if reason != wgpu::DeviceLostReason::Destroyed {
                keep_first(&lost, GpuError::DeviceLost { reason: message });
            }
        });
        let uncaptured = Arc::clone(&failure);
        device.on_uncaptured_error(Arc::new(move |error| {
            let error = match error {
                wgpu::Error::OutOfMemory { .. } => GpuError::OutOfMemory { asked: 0 },
                other => GpuError::Validation { reason: other.to_string() },
            };
            keep_first(&uncaptured, error);
        }));
        Ok(Self {
            device,
            queue,
            description,
            pipelines: Default::default(),
            failure,
            census: Cell::default(),
            tick: None,
        })
    }

    /// With ticks for its waits, where those take longer than the work.
    pub fn with_ticks(self, tick: Tick) -> Self {
        Self { tick: Some(tick), ..self }
    }

    /// Waits for nothing at all: how long that takes is the browser's doing.
    ///
    /// # Errors
    /// As [`Gpu::wait`].
    pub async fn wait_for_nothing(&self) -> Result<(), GpuError> {
        let encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.wait(self.submit(encoder)).await
    }

    /// The adapter in words and numbers.
    pub fn description(&self) -> &AdapterDescription {
        &self.description
    }

    /// The first failure since the device was opened.
    ///
    /// # Errors
    /// That failure.
    pub fn check(&self) -> Result<(), GpuError> {
        match &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// What was created and submitted so far.
    pub fn census(&self) -> Census {
        self.census.get()
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Census)) {
        let mut census = self.census.get();
        change(&mut census);
        self.census.set(census);
    }

    pub(crate) fn buffer(&self, label: &str, words: usize, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.count(|c| c.buffers_created += 1);
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: 4 * words as u64,
            usage,
            mapped_at_creation: false,
        })
    }

    pub(crate) fn upload(&self, buffer: &wgpu::Buffer, offset_words: usize, bytes: &[u8]) {
        self.count(|c| c.bytes_uploaded += bytes.len() as u64);
        self.queue.write_buffer(buffer, 4 * offset_words as u64, bytes);
    }

    pub(crate) fn submit(&self, encoder: wgpu::CommandEncoder) -> Fence {
        self.count(|c| c.submits += 1);
        let _submission = self.queue.submit([encoder.finish()]);
        #[cfg(target_arch = "wasm32")]
        {
            let (send, done) = oneshot::channel();
            self.queue.on_submitted_work_done(move || {
                // The receiver may be gone: nobody waits for this one.
                let _ = send.send(());
            });
            Fence { done }
        }
        #[cfg(not(target_arch = "wasm32"))]
        Fence { submission: _submission }
    }

    /// Waits for a fence.
    ///
    /// # Errors
    /// [`GpuError::Lost`] and what [`Gpu::check`] knows.
    pub async fn wait(&self, fence: Fence) -> Result<(), GpuError> {
        #[cfg(target_arch = "wasm32")]
        // A lost device drops the callback: check() says why.
        let _ = self.nudged(fence.done).await;
        #[cfg(not(target_arch = "wasm32"))]
        self.device
            .poll(wgpu::PollType::Wait { submission_index: Some(fence.submission), timeout: None })
            .map_err(|e| GpuError::DeviceLost { reason: e.to_string() })?;
        self.check()
    }

    /// Waits for what the GPU does. Firefox looks for finished work every 100 ms, and whenever something is submitted (its bug
    /// 1870699): where the host gave ticks, nothing is submitted at each of them.
    async fn nudged<T>(&self, done: impl Future<Output = T>) -> T {
        let Some(tick) = self.tick.as_ref() else { return done.await };
        let mut done = std::pin::pin!(done);
        let mut ticks = 0;
        let mut ticking = tick(ticks);
        std::future::poll_fn(|context| {
            if let Poll::Ready(value) = done.as_mut().poll(context) {
                return Poll::Ready(value);
            }
            while ticking.as_mut().poll(context).is_ready() {
                self.queue.submit([]);
                ticks += 1;
                ticking = tick(ticks);
            }
            Poll::Pending
        })
        .await
    }

    /// Reads a stretch of a buffer through a staging buffer made for it.
    ///
    /// # Errors
    /// [`GpuError::Lost`] and what [`Gpu::check`] knows.
    pub(crate) async fn read<T: Pod>(
        &self,
        buffer: &wgpu::Buffer,
        offset: usize,
        words: usize,
    ) -> Result<Vec<T>, GpuError> {
        let staging = Staging::new(self, words);
        let values = staging.read(self, buffer, offset, words).await;
        staging.destroy();
        values
    }
}

/// A buffer that the host can map; made once where reads repeat.
pub(crate) struct Staging {
    buffer: wgpu::Buffer,
}

impl Staging {
    pub(crate) fn new(gpu: &Gpu, words: usize) -> Self {
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        Self { buffer: gpu.buffer("staging", words.max(1), usage) }
    }

    pub(crate) async fn read<T: Pod>(
        &self,
        gpu: &Gpu,
        buffer: &wgpu::Buffer,
        offset: usize,
        words: usize,
    ) -> Result<Vec<T>, GpuError> {
        let bytes = 4 * words as u64;
        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("readback") });
        encoder.copy_buffer_to_buffer(buffer, 4 * offset as u64, &self.buffer, 0, bytes);
        gpu.queue.submit([encoder.finish()]);
        gpu.count(|c| c.readbacks += 1);
        let (send, mapped) = oneshot::channel();
        self.buffer.map_async(wgpu::MapMode::Read, ..bytes, move |result| {
            let _ = send.send(result);
        });
        #[cfg(not(target_arch = "wasm32"))]
        gpu.device
            .poll(wgpu::PollType::wait_indefinitely())
            .map_err(|e| GpuError::DeviceLost { reason: e.to_string() })?;
        let lost = |reason: String| gpu.check().err().unwrap_or(GpuError::DeviceLost { reason });
        gpu.nudged(mapped).await.map_err(|e| lost(e.to_string()))?.map_err(|e| lost(e.to_string()))?;
        let view = self.buffer.get_mapped_range(..bytes).map_err(|e| lost(e.to_string()))?;
        let values = view.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect();
        drop(view);
        self.buffer.unmap();
        gpu.check()?;
        Ok(values)
    }

    /// Dropping a buffer frees nothing on the web.
    pub(crate) fn destroy(&self) {
        self.buffer.destroy();
    }
}
