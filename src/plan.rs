//! A recording made executable: buffers, pipelines and bind groups, all created once; replay creates nothing.

use crate::gpu::{Fence, Gpu, GpuError, Pipeline, PipelineKey, Staging, pipeline_key};
use crate::tape::{Dispatch, Life, Recording, Region};
use bytemuck::Pod;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Words between two dispatches' `Params`: WebGPU binds uniforms at multiples of 256 bytes.
const PARAMS_STRIDE: usize = 64;
/// Words that are sent at once, 16 MiB: what is on its way to the GPU is in memory twice.
const SENT: usize = 4 << 20;
/// What buffers of a recording are used for.
const SHARED_USAGE: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE
    .union(wgpu::BufferUsages::COPY_SRC)
    .union(wgpu::BufferUsages::COPY_DST)
    .union(wgpu::BufferUsages::UNIFORM);

/// Shared buffers by name: what outlives one plan.
#[derive(Default)]
pub struct Store {
    buffers: HashMap<String, wgpu::Buffer>,
}

impl Store {
    /// An empty store. One belongs to each model in memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is a shared buffer of this name.
    pub fn holds(&self, name: &str) -> bool {
        self.buffers.contains_key(name)
    }

    /// Overwrites a stretch of a shared buffer.
    pub fn write<T: Pod>(&self, gpu: &Gpu, name: &str, offset_words: usize, data: &[T]) {
        if let Some(buffer) = self.buffers.get(name) {
            gpu.count(|c| c.shared_writes += 1);
            gpu.upload(buffer, offset_words, bytemuck::cast_slice(data));
        }
    }

    /// Makes a shared buffer, where there is none of this name.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub async fn reserve(&mut self, gpu: &Gpu, name: &str, words: usize) -> Result<(), GpuError> {
        let bytes = 4 * words as u64;
        gpu.description().check(name, 0, bytes)?;
        let made = scoped(gpu, bytes, || {
            self.buffers.entry(name.to_owned()).or_insert_with(|| gpu.buffer(name, words, SHARED_USAGE));
        });
        if let Err(error) = made.await {
            self.forget(|other| other == name);
            return Err(error);
        }
        Ok(())
    }

    /// Overwrites a stretch of a shared buffer, and waits until that is done.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`].
    pub async fn send<T: Pod>(&self, gpu: &Gpu, name: &str, offset_words: usize, data: &[T]) -> Result<(), GpuError> {
        for (number, part) in data.chunks(SENT).enumerate() {
            self.write(gpu, name, offset_words + number * SENT, part);
            gpu.wait(gpu.submit(gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default()))).await?;
        }
        Ok(())
    }

    /// Gives up shared buffers by their names.
    fn forget(&mut self, which: impl Fn(&str) -> bool) {
        self.buffers.retain(|name, buffer| {
            let goes = which(name);
            if goes {
                buffer.destroy();
            }
            !goes
        });
    }

    /// Reads a stretch of a shared buffer.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`].
    pub async fn read<T: Pod>(&self, gpu: &Gpu, name: &str, words: Range<usize>) -> Result<Vec<T>, GpuError> {
        match self.buffers.get(name) {
            Some(buffer) => gpu.read(buffer, words.start, words.len()).await,
            None => Err(GpuError::UnknownBuffer { name: name.to_owned() }),
        }
    }

    /// Copies shared buffers whole, (source, destination) each; pairs that are not there are left out.
    pub fn copy<'a>(&self, gpu: &Gpu, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        gpu.count(|c| c.shared_writes += 1);
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("copy") });
        for (source, destination) in pairs {
            if let (Some(source), Some(destination)) = (self.buffers.get(source), self.buffers.get(destination)) {
                encoder.copy_buffer_to_buffer(source, 0, destination, 0, source.size());
            }
        }
        gpu.submit(encoder);
    }

    /// Sets a shared buffer aside on the GPU and puts other words in its place, until [`Store::put_back`]. Nothing is read
    /// back. None where no shared buffer has that name.
    pub fn set_aside<T: Pod>(&self, gpu: &Gpu, name: &str, words: &[T]) -> Option<Aside> {
        use wgpu::BufferUsages as Usage;
        let buffer = self.buffers.get(name)?;
        let aside = Aside(gpu.buffer("aside", (buffer.size() / 4) as usize, Usage::COPY_SRC | Usage::COPY_DST));
        copy_whole(gpu, buffer, &aside.0);
        gpu.count(|c| c.shared_writes += 1);
        gpu.upload(buffer, 0, bytemuck::cast_slice(words));
        Some(aside)
    }

    /// Puts back what was set aside.
    pub fn put_back(&self, gpu: &Gpu, name: &str, aside: &Aside) {
        if let Some(buffer) = self.buffers.get(name) {
            gpu.count(|c| c.shared_writes += 1);
            copy_whole(gpu, &aside.0, buffer);
        }
    }

    /// Something to read the head of one shared buffer with again and again, creating nothing.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub fn reader(&self, gpu: &Gpu, name: &str, words: usize) -> Result<Reader, GpuError> {
        match self.buffers.get(name) {
            Some(buffer) => Ok(Reader { source: buffer.clone(), staging: Staging::new(gpu, words), words }),
            None => Err(GpuError::UnknownBuffer { name: name.to_owned() }),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.buffers.values().for_each(wgpu::Buffer::destroy);
    }
}

/// Words of a shared buffer, kept on the GPU while others stand in their place.
pub struct Aside(wgpu::Buffer);

impl Drop for Aside {
    fn drop(&mut self) {
        self.0.destroy();
    }
}

fn copy_whole(gpu: &Gpu, source: &wgpu::Buffer, destination: &wgpu::Buffer) {
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("copy") });
    encoder.copy_buffer_to_buffer(source, 0, destination, 0, source.size());
    gpu.submit(encoder);
}

/// Makes something on the GPU; what it comes to, where the GPU refuses none of it.
async fn scoped<T>(gpu: &Gpu, bytes: u64, make: impl FnOnce() -> T) -> Result<T, GpuError> {
    let memory_scope = gpu.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let validation_scope = gpu.device.push_error_scope(wgpu::ErrorFilter::Validation);
    let made = make();
    let (invalid, exhausted) = (validation_scope.pop().await, memory_scope.pop().await);
    if exhausted.is_some() {
        return Err(GpuError::OutOfMemory { asked: bytes });
    }
    match invalid {
        Some(error) => Err(GpuError::Validation { reason: error.to_string() }),
        None => Ok(made),
    }
}

struct Step {
    pipeline: usize,
    bind_group: usize,
    grid: [u32; 3],
}

/// An executable recording.
pub struct Plan {
    steps: Vec<Step>,
    pipelines: Vec<Pipeline>,
    bind_groups: Vec<wgpu::BindGroup>,
    places: Vec<wgpu::Buffer>,
    others: Vec<wgpu::Buffer>,
    /// Kept buffers: name to place.
    kept: HashMap<String, usize>,
    /// Whether it writes what others share.
    shares: bool,
}

impl Drop for Plan {
    fn drop(&mut self) {
        self.places.iter().chain(&self.others).for_each(wgpu::Buffer::destroy);
    }
}

impl Plan {
    /// Creates whatever the recording names; shared buffers only where the store lacks them.
    ///
    /// # Errors
    /// [`GpuError::BufferTooLarge`] before anything is allocated; [`GpuError::OutOfMemory`], [`GpuError::Validation`].
    pub async fn new(gpu: &Gpu, store: &mut Store, recording: &Recording) -> Result<Self, GpuError> {
        let memory = recording.memory();
        gpu.description().check(&memory.largest_name, memory.largest_binding, memory.largest_buffer)?;
        let before: HashSet<String> = store.buffers.keys().cloned().collect();
        let plan = scoped(gpu, memory.total, || Self::build(gpu, store, recording)).await;
        if plan.is_err() {
            // Whoever was there before goes on without what could not be made whole.
            store.forget(|name| !before.contains(name));
            gpu.pipelines.forget();
        }
        plan
    }

    fn build(gpu: &Gpu, store: &mut Store, recording: &Recording) -> Self {
        use wgpu::BufferUsages as Usage;
        let usage = SHARED_USAGE;
        let placement = recording.placement();
        let places: Vec<_> =
            placement.words.iter().enumerate().map(|(i, &w)| gpu.buffer(&format!("place {i}"), w, usage)).collect();
        for buffer in recording.buffers.iter().filter(|b| b.life.is_named()) {
            store.buffers.entry(buffer.name.clone()).or_insert_with(|| gpu.buffer(&buffer.name, buffer.words, usage));
        }
        let mut others = Vec::new();
        let find = |region: &Region| match placement.place[recording.index(region.buffer)] {
            Some(place) => &places[place],
            None => &store.buffers[&recording.buffers[recording.index(region.buffer)].name],
        };

        // Params: equal ones share their place.
        let mut params: Vec<u8> = Vec::new();
        let mut params_at: HashMap<&[u8], usize> = HashMap::new();
        for dispatch in &recording.dispatches {
            params_at.entry(&dispatch.params).or_insert_with(|| {
                let at = params.len();
                params.extend_from_slice(&dispatch.params);
                params.resize(params.len().next_multiple_of(4 * PARAMS_STRIDE), 0);
                at
            });
        }
        let params_buffer = gpu.buffer("params", params.len().max(16) / 4, Usage::UNIFORM | Usage::COPY_DST);
        gpu.upload(&params_buffer, 0, &params);

        // A binding that the overrides leave unused still needs a buffer; a writable one needs one of its own per slot.
        let most = recording.dispatches.iter().flat_map(|d| d.kernel.slots).map(|s| s.index).max().unwrap_or(0);
        let nothing: Vec<_> = (0..=most).map(|i| gpu.buffer(&format!("nothing {i}"), 16, usage)).collect();

        let mut pipelines: Vec<Pipeline> = Vec::new();
        let mut pipeline_at: HashMap<PipelineKey, usize> = HashMap::new();
        let mut bind_groups = Vec::new();
        let mut bind_group_at: HashMap<(usize, usize, Vec<Option<Region>>), usize> = HashMap::new();
        let mut steps = Vec::new();
        for dispatch in &recording.dispatches {
            let Dispatch { kernel, overrides, params, regions, grid } = dispatch;
            let pipeline = *pipeline_at.entry(pipeline_key(kernel, overrides)).or_insert_with(|| {
                pipelines.push(gpu.pipeline(kernel, overrides));
                pipelines.len() - 1
            });
            let params_offset = params_at[params.as_slice()];
            let bind_group = *bind_group_at.entry((pipeline, params_offset, regions.clone())).or_insert_with(|| {
                let bind = |buffer, offset: usize, bytes: usize| {
                    wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                        buffer,
                        offset: offset as u64,
                        size: std::num::NonZeroU64::new(bytes as u64),
                    })
                };
                let mut entries = vec![wgpu::BindGroupEntry {
                    binding: 0,
                    resource: bind(&params_buffer, params_offset, params.len().next_multiple_of(16)),
                }];
                for (slot, region) in kernel.slots.iter().zip(regions) {
                    let resource = match region {
                        Some(r) => bind(find(r), 4 * r.offset, 4 * r.words),
                        None => bind(&nothing[slot.index as usize], 0, 64),
                    };
                    entries.push(wgpu::BindGroupEntry { binding: slot.index, resource });
                }
                gpu.count(|c| c.bind_groups_created += 1);
                bind_groups.push(gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some(kernel.name),
                    layout: &pipelines[pipeline].layout,
                    entries: &entries,
                }));
                bind_groups.len() - 1
            });
            steps.push(Step { pipeline, bind_group, grid: *grid });
        }
        let kept = recording
            .buffers
            .iter()
            .enumerate()
            .filter(|(_, b)| b.life == Life::Kept)
            .filter_map(|(i, b)| Some((b.name.clone(), placement.place[i]?)))
            .collect();
        others.push(params_buffer);
        others.extend(nothing);
        Self { steps, pipelines, bind_groups, places, others, kept, shares: recording.writes_shared() }
    }

    /// Submits dispatches, cut into `submits` equal stretches so that none holds the GPU for long; the fence is the last one's.
    pub fn replay(&self, gpu: &Gpu, ranges: &[Range<usize>], submits: usize) -> Option<Fence> {
        gpu.count(|c| c.shared_writes += u64::from(self.shares));
        let steps: Vec<&Step> = ranges.iter().flat_map(|range| &self.steps[range.clone()]).collect();
        let per_submit = steps.len().div_ceil(submits.max(1)).max(1);
        let mut fence = None;
        for part in steps.chunks(per_submit) {
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                for step in part {
                    pass.set_pipeline(&self.pipelines[step.pipeline].pipeline);
                    pass.set_bind_group(0, &self.bind_groups[step.bind_group], &[]);
                    let [x, y, z] = step.grid;
                    pass.dispatch_workgroups(x, y, z);
                }
            }
            gpu.count(|c| {
                c.passes += 1;
                c.dispatches += part.len() as u64;
            });
            fence = Some(gpu.submit(encoder));
        }
        fence
    }

    fn place(&self, name: &str) -> Result<&wgpu::Buffer, GpuError> {
        let found = self.kept.get(name).map(|&place| &self.places[place]);
        found.ok_or_else(|| GpuError::UnknownBuffer { name: name.to_owned() })
    }

    /// Overwrites a stretch of a kept buffer.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub fn write<T: Pod>(&self, gpu: &Gpu, name: &str, offset_words: usize, data: &[T]) -> Result<(), GpuError> {
        gpu.upload(self.place(name)?, offset_words, bytemuck::cast_slice(data));
        Ok(())
    }

    /// Reads a stretch of a kept buffer.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`]; [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub async fn read<T: Pod>(&self, gpu: &Gpu, name: &str, words: Range<usize>) -> Result<Vec<T>, GpuError> {
        gpu.read(self.place(name)?, words.start, words.len()).await
    }

    /// Something to read the head of a kept buffer with again and again, creating nothing.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no kept buffer has that name.
    pub fn reader(&self, gpu: &Gpu, name: &str, words: usize) -> Result<Reader, GpuError> {
        Ok(Reader { source: self.place(name)?.clone(), staging: Staging::new(gpu, words), words })
    }
}

/// Reads the head of one buffer through one staging buffer.
pub struct Reader {
    source: wgpu::Buffer,
    staging: Staging,
    words: usize,
}

impl Reader {
    /// The buffer's words now.
    ///
    /// # Errors
    /// [`GpuError::DeviceLost`].
    pub async fn read<T: Pod>(&self, gpu: &Gpu) -> Result<Vec<T>, GpuError> {
        self.staging.read(gpu, &self.source, 0, self.words).await
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.staging.destroy();
    }
}
