//! The session in a web worker: commands arrive and events leave by postMessage. The only file, with its children, that knows the
//! browser.
//!
//! A worker named `cpu` or `gpu` computes there, and on the CPU where no GPU opens; one named `shard` is a helper of another; any
//! other computes where it is fastest.

#[cfg(target_arch = "wasm32")]
#[path = "worker/helpers.rs"]
mod helpers;
#[cfg(target_arch = "wasm32")]
#[path = "worker/inbox.rs"]
mod inbox;

#[cfg(not(target_arch = "wasm32"))]
fn main() {}

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(web::serve());
}

#[cfg(target_arch = "wasm32")]
mod web {
    use super::helpers::{self, Workers, first};
    use super::inbox::Inbox;
    use fledgling::device::{Device, Executor};
    use fledgling::gpu::{Gpu, GpuError};
    use fledgling::protocol::{Command, Event, Problem, ProblemKind, SessionProblem};
    use fledgling::session::{Host, Session, no_gpu};
    use fledgling::weights::Source;
    use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
    use serde::Serialize;
    use std::borrow::Cow;
    use std::collections::HashMap;
    use std::ops::Range;
    use std::rc::Rc;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Blob, DedicatedWorkerGlobalScope, FileReaderSync, MessageChannel};

    /// Milliseconds of a wait for no work at all from which on a browser is taken to look for finished work now and then only.
    const SLOW_WAIT: f64 = 30.0;
    /// Milliseconds of a wait that are counted out one by one.
    const COUNTED_OUT: u32 = 25;

    struct Page {
        scope: DedicatedWorkerGlobalScope,
        /// Files of the command under way, by the names that it gives them.
        held: HashMap<String, Rc<Held>>,
        /// Bytes that models on the CPU can have.
        memory: u64,
    }

    /// A file of the visitor's: its bytes stay where they are until they are asked for.
    struct Held {
        file: Blob,
        reader: FileReaderSync,
    }

    impl Source for Held {
        fn size(&self) -> u64 {
            self.file.size() as u64
        }
        fn read(&self, at: Range<u64>) -> Result<Cow<'_, [u8]>, String> {
            let words =
                |error: JsValue| error.dyn_ref::<js_sys::Object>().map_or_else(String::new, |e| e.to_string().into());
            let part = self.file.slice_with_f64_and_f64(at.start as f64, at.end as f64).map_err(words)?;
            let read = self.reader.read_as_array_buffer(&part).map_err(words)?;
            let bytes = Uint8Array::new(&read.into()).to_vec();
            if bytes.len() as u64 != at.end - at.start {
                return Err(format!("{} bytes came instead of {}", bytes.len(), at.end - at.start));
            }
            Ok(Cow::Owned(bytes))
        }
    }

    impl Page {
        /// Takes the files of a command in hand: the session is told their names, and reads of them what it needs.
        fn hold(&mut self, command: &JsValue) {
            self.held.clear();
            let get = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).unwrap_or(JsValue::UNDEFINED);
            let Ok(files) = get(command, "files").dyn_into::<Array>() else { return };
            for entry in files.iter() {
                let (Some(name), Ok(file)) = (get(&entry, "name").as_string(), get(&entry, "bytes").dyn_into::<Blob>())
                else {
                    continue;
                };
                let Ok(reader) = FileReaderSync::new() else { continue };
                self.held.insert(name, Rc::new(Held { file, reader }));
                let _ = Reflect::set(&entry, &"bytes".into(), &Uint8Array::new_with_length(0));
                let _ = Reflect::set(&entry, &"held".into(), &true.into());
            }
        }
    }

    impl Host for Page {
        async fn open(&self, on: Executor) -> Result<Device, GpuError> {
            if on == Executor::Cpu {
                return Ok(Device::cpu_with(self.memory, Workers::new(self.scope.clone())));
            }
            let words = adapter_words(&self.scope).await;
            let (name, software) = words.map_or((None, None), |(name, software)| (Some(name), Some(software)));
            let gpu = Gpu::open(name.filter(|n| !n.is_empty()), software).await?;
            // The second wait begins when the browser has just looked, and takes as long as it leaves between two looks.
            gpu.wait_for_nothing().await?;
            let began = self.now();
            gpu.wait_for_nothing().await?;
            let slow = self.now() - began > SLOW_WAIT;
            Ok(Device::Gpu(if slow { gpu.with_ticks(Box::new(|n| Box::pin(tick(n)))) } else { gpu }))
        }
        fn emit(&mut self, event: Event) {
            // Options become null, files Uint8Arrays: what the page's types say.
            let serializer = serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
            let Ok(message) = event.serialize(&serializer) else { return };
            // Files move instead of being copied.
            let moved = Array::new();
            if let Some(bytes) =
                Reflect::get(&message, &"bytes".into()).ok().and_then(|b| b.dyn_into::<Uint8Array>().ok())
            {
                moved.push(&bytes.buffer());
            }
            let _ = self.scope.post_message_with_transfer(&message, &moved);
        }
        fn now(&self) -> f64 {
            time()
        }
        fn file(&self, name: &str) -> Option<Rc<dyn Source>> {
            self.held.get(name).map(|file| Rc::clone(file) as Rc<dyn Source>)
        }
    }

    /// Lets messages in: a task of its own through a MessageChannel, which no timer throttles in a hidden tab.
    async fn breathe() {
        let promise = Promise::new(&mut |resolve: Function, _| {
            let Ok(channel) = MessageChannel::new() else {
                let _ = resolve.call0(&JsValue::NULL);
                return;
            };
            channel.port1().set_onmessage(Some(&resolve));
            let _ = channel.port2().post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(promise).await;
    }

    /// A moment of a wait: a timer takes four milliseconds at least, so the first ones are counted out, which keeps a core busy.
    async fn tick(n: u32) {
        if n >= COUNTED_OUT {
            return sleep(0).await;
        }
        let end = time() + 1.0;
        while time() < end {
            breathe().await;
        }
    }

    /// For so many milliseconds.
    pub async fn sleep(milliseconds: i32) {
        let promise = Promise::new(&mut |resolve, _| {
            let scope = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>();
            let _ = scope.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        });
        let _ = JsFuture::from(promise).await;
    }

    /// Milliseconds since some fixed moment.
    pub fn time() -> f64 {
        let scope = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>();
        scope.performance().map_or(0.0, |p| p.now())
    }

    /// What the browser says of its adapter: (name, whether it is a software one). wgpu passes on only the description,
    /// which browsers leave empty.
    async fn adapter_words(scope: &DedicatedWorkerGlobalScope) -> Option<(String, bool)> {
        let get =
            |of: &JsValue, key: &str| Reflect::get(of, &key.into()).ok().filter(|v| !v.is_undefined() && !v.is_null());
        let gpu = get(&scope.navigator(), "gpu")?;
        let request: Function = get(&gpu, "requestAdapter")?.dyn_into().ok()?;
        let promise: Promise = request.call0(&gpu).ok()?.dyn_into().ok()?;
        let adapter = JsFuture::from(promise).await.ok().filter(|a| !a.is_null())?;
        let info = get(&adapter, "info")?;
        let word = |key: &str| get(&info, key).and_then(|v| v.as_string()).filter(|s| !s.is_empty());
        let words: Vec<String> = ["vendor", "architecture", "device"].iter().filter_map(|key| word(key)).collect();
        let software = get(&info, "isFallbackAdapter").and_then(|v| v.as_bool()).unwrap_or(false);
        Some((word("description").unwrap_or_else(|| words.join(" ")), software))
    }

    /// Bytes that WebAssembly's memory can still grow by; it never shrinks, whatever is let go.
    fn memory_left() -> u64 {
        const ALL: u64 = 1 << 32;
        const PAGE: u64 = 1 << 16;
        ALL - PAGE * core::arch::wasm32::memory_size(0) as u64
    }

    pub async fn serve() {
        let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
        if scope.name() == helpers::NAME {
            if let Err(error) = helpers::serve(scope, memory_left()).await {
                // An error that nobody catches is what the owner hears of.
                wasm_bindgen::throw_str(&error);
            }
            return;
        }
        let mut page = Page { scope: scope.clone(), held: HashMap::new(), memory: memory_left() };
        let inbox = Inbox::of(&scope);

        let chosen = match scope.name().as_str() {
            "cpu" => Some(Executor::Cpu),
            "gpu" => Some(Executor::Gpu),
            _ => None,
        };
        let mut session = match Session::open(chosen, &mut page).await {
            Ok(session) => session,
            Err(error) => return page.emit(no_gpu(error)),
        };
        loop {
            match inbox.take() {
                Some(message) => {
                    page.hold(&message);
                    match serde_wasm_bindgen::from_value::<Command>(message) {
                        Ok(command) => session.handle(command, &mut page).await,
                        Err(error) => {
                            let refused = SessionProblem::NotACommand { reason: error.to_string() };
                            page.emit(Event::Failed(Problem::new(ProblemKind::Command, refused)));
                        }
                    }
                }
                None if session.busy() => {
                    session.work(&mut page).await;
                    match session.awaited() {
                        Some(answer) => first(inbox.some(), answer.rest()).await,
                        None => breathe().await,
                    }
                }
                None => inbox.some().await,
            }
        }
    }
}
