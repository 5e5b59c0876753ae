//! Helpers in workers of their own: the owner's end, and theirs. A helper gets the module that the owner has compiled, a
//! configuration, then jobs; what it answers moves instead of being copied.

use super::inbox::Inbox;
use super::web::{sleep, time};
use fledgling::config::Checked;
use fledgling::device::Device;
use fledgling::team::{Arrival, Gone, Helper, Job, Lack, Pending, Team};
use fledgling::trainer::Shard;
use futures_channel::oneshot;
use js_sys::{Array, Float32Array, Reflect, Uint32Array};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// A helper's name, and its loader, beside the owner's.
pub const NAME: &str = "shard";
const LOADER: &str = "./web/core/shard_loader.js";
/// Workers of one model at most: a step has no more parts.
const MOST: usize = 8;
/// Milliseconds that an answer may take at least, and how often as long as what the owner did meanwhile.
const PATIENCE: f64 = 5000.0;
const OWN_SHARES: f64 = 4.0;
/// Milliseconds between two looks whether an answer took too long.
const LOOK: i32 = 1000;

/// Workers for models, as the browser has cores.
pub struct Workers {
    scope: DedicatedWorkerGlobalScope,
}

impl Workers {
    /// Of the owner's worker.
    pub fn new(scope: DedicatedWorkerGlobalScope) -> Rc<Self> {
        Rc::new(Self { scope })
    }
}

impl Team for Workers {
    fn most(&self) -> usize {
        let cores = self.scope.navigator().hardware_concurrency() as usize;
        if self.lack().is_some() { 1 } else { cores.clamp(1, MOST) }
    }
    // A phone whose cores are all at work is slow to the touch, hot, and then slow at everything.
    fn usual(&self) -> usize {
        let phone = self.scope.navigator().user_agent().is_ok_and(|agent| agent.contains("Mobi"));
        if phone { self.most().div_ceil(2) } else { self.most() }
    }
    fn lack(&self) -> Option<Lack> {
        if !self.scope.location().protocol().starts_with("http") {
            return Some(Lack::Page);
        }
        let nests = Reflect::has(&self.scope, &"Worker".into()).unwrap_or(false);
        (!nests).then_some(Lack::NestedWorkers)
    }
    fn hire(&self, checked: &Checked) -> Option<Box<dyn Helper>> {
        Some(Box::new(Hired::new(checked)?))
    }
}

/// What a worker of a helper has to do and has said.
struct Post {
    worker: Worker,
    /// Whether it listens; until then messages wait here.
    listens: Cell<bool>,
    waiting: RefCell<Vec<(JsValue, Array)>>,
    /// Jobs in the order in which they were given: their answers come in the same.
    asked: RefCell<VecDeque<Rc<Answer>>>,
    /// Arrays that are not in use, for weights and for sums: they go to and fro.
    weights: RefCell<Vec<Float32Array>>,
    sums: RefCell<Vec<Float32Array>>,
    gone: OnceCell<Gone>,
}

impl Post {
    fn send(&self, message: JsValue, moved: Array) {
        if !self.listens.get() {
            return self.waiting.borrow_mut().push((message, moved));
        }
        if let Err(error) = self.worker.post_message_with_transfer(&message, &moved) {
            self.end(Gone { silent: false, message: format!("{error:?}") });
        }
    }

    /// Nothing comes any more.
    fn end(&self, gone: Gone) {
        let _ = self.gone.set(gone); // the first reason stays
        self.worker.terminate();
        for answer in self.asked.borrow_mut().drain(..) {
            answer.came(None);
        }
    }

    fn hear(&self, said: &JsValue) {
        let Some(sums) = said.dyn_ref::<Array>() else {
            // Its first word.
            self.listens.set(true);
            for (message, moved) in self.waiting.take() {
                self.send(message, moved);
            }
            return;
        };
        let Some(answer) = self.asked.borrow_mut().pop_front() else { return };
        let mut arrays = sums.iter().map(|array| array.dyn_into::<Float32Array>().ok());
        self.weights.borrow_mut().extend(arrays.next().flatten());
        answer.came(arrays.collect());
    }
}

/// The owner's end of a helper; with it the worker ends.
struct Hired {
    post: Rc<Post>,
    _hears: Closure<dyn FnMut(MessageEvent)>,
    _ends: Closure<dyn FnMut(JsValue)>,
}

impl Hired {
    fn new(checked: &Checked) -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(NAME);
        let worker = Worker::new_with_options(LOADER, &options).ok()?;
        let post = Rc::new(Post {
            worker: worker.clone(),
            listens: Cell::new(false),
            waiting: RefCell::default(),
            asked: RefCell::default(),
            weights: RefCell::default(),
            sums: RefCell::default(),
            gone: OnceCell::new(),
        });
        let (hears, ends) = (Rc::clone(&post), Rc::clone(&post));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| hears.hear(&event.data()));
        let on_error = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            let error = event.dyn_ref::<ErrorEvent>();
            if let Some(error) = error {
                error.prevent_default(); // it is said by the owner
            }
            let message = error.map(ErrorEvent::message).unwrap_or_default();
            let message = message.trim_start_matches("Uncaught ").to_owned(); // as Chromium begins all of them
            ends.end(Gone { silent: false, message });
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
        worker.post_message(&wasm_bindgen::module()).ok()?;
        post.send(serde_wasm_bindgen::to_value(checked).ok()?, Array::new());
        Some(Self { post, _hears: on_message, _ends: on_error })
    }
}

thread_local! {
    /// Takes what a dismissed helper still has to complain of: an error that nobody takes is the owner's own, and ends it.
    static UNHEARD: Closure<dyn FnMut(ErrorEvent)> = Closure::new(|error: ErrorEvent| error.prevent_default());
}

impl Drop for Hired {
    fn drop(&mut self) {
        self.post.worker.set_onmessage(None);
        UNHEARD.with(|unheard| self.post.worker.set_onerror(Some(unheard.as_ref().unchecked_ref())));
        self.post.worker.set_onmessageerror(None);
        self.post.end(Gone { silent: false, message: String::new() });
    }
}

impl Helper for Hired {
    fn post(&self, job: Job, weights: &[f32]) -> Rc<dyn Pending> {
        let answer = Rc::new(Answer::new(Rc::clone(&self.post)));
        if self.post.gone.get().is_some() {
            answer.came(None);
            return answer;
        }
        let message = Array::of1(&Uint32Array::from(job.to_words().as_slice()));
        message.push(&filled(&self.post.weights, weights));
        for sum in self.post.sums.borrow_mut().drain(..) {
            message.push(&sum);
        }
        self.post.asked.borrow_mut().push_back(Rc::clone(&answer));
        self.post.send(message.clone().into(), buffers(&message));
        answer
    }
    fn gone(&self) -> Option<Gone> {
        self.post.gone.get().cloned()
    }
}

/// Words in an array of before, where there is one of their length.
fn filled(arrays: &RefCell<Vec<Float32Array>>, words: &[f32]) -> Float32Array {
    let mut arrays = arrays.borrow_mut();
    let fits = arrays.iter().position(|array| array.length() as usize == words.len());
    let array = fits.map(|at| arrays.swap_remove(at));
    let array = array.unwrap_or_else(|| Float32Array::new_with_length(words.len() as u32));
    array.copy_from(words);
    array
}

/// What moves with a message of arrays.
fn buffers(arrays: &Array) -> Array {
    let buffer = |array: JsValue| Reflect::get(&array, &"buffer".into()).unwrap_or(JsValue::NULL);
    arrays.iter().map(buffer).collect()
}

/// Of one job.
struct Answer {
    post: Rc<Post>,
    /// When the job was given, milliseconds.
    asked: f64,
    /// When its answer was wanted first, and last.
    wanted: Cell<Option<[f64; 2]>>,
    /// Milliseconds that it was wanted for.
    waited: Cell<f64>,
    /// None while it is awaited; inside, None where it never comes.
    sums: RefCell<Option<Option<Vec<Float32Array>>>>,
    waits: RefCell<Option<oneshot::Sender<()>>>,
}

impl Answer {
    fn new(post: Rc<Post>) -> Self {
        Self {
            post,
            asked: time(),
            wanted: Cell::new(None),
            waited: Cell::new(0.0),
            sums: RefCell::default(),
            waits: RefCell::default(),
        }
    }

    fn came(&self, sums: Option<Vec<Float32Array>>) {
        *self.sums.borrow_mut() = Some(sums);
        if let Some(waits) = self.waits.take() {
            let _ = waits.send(());
        }
    }

    /// Ends a helper that says nothing for too long.
    fn look(&self) {
        let now = time();
        let [first, last] = self.wanted.get().unwrap_or([now; 2]);
        self.wanted.set(Some([first, now]));
        // Between two looks at most two pass, or all of us were asleep.
        self.waited.set(self.waited.get() + (now - last).min(2.0 * f64::from(LOOK)));
        let patience = PATIENCE + OWN_SHARES * (first - self.asked);
        if self.waited.get() > patience && self.sums.borrow().is_none() {
            self.post.end(Gone { silent: true, message: String::new() });
        }
    }
}

impl Pending for Answer {
    fn take(&self, tree: usize, into: &mut [f32]) -> Arrival {
        self.look();
        match &*self.sums.borrow() {
            None => Arrival::NotYet,
            Some(sums) => {
                let sum = sums.as_ref().and_then(|sums| sums.get(tree));
                let Some(sum) = sum.filter(|sum| sum.length() as usize == into.len()) else { return Arrival::Never };
                sum.copy_to(into);
                Arrival::Here
            }
        }
    }
    fn rest(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(async {
            if self.sums.borrow().is_some() {
                return;
            }
            let (send, came) = oneshot::channel();
            *self.waits.borrow_mut() = Some(send);
            first(came, sleep(LOOK)).await;
        })
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // Its arrays are filled again.
        self.post.sums.borrow_mut().extend(self.sums.take().flatten().into_iter().flatten());
    }
}

/// Until one of two is done.
pub async fn first<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) {
    let (mut one, mut other) = (std::pin::pin!(one), std::pin::pin!(other));
    poll_fn(|context| {
        let done = one.as_mut().poll(context).is_ready() || other.as_mut().poll(context).is_ready();
        if done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// A helper's end, until its worker is ended.
///
/// # Errors
/// What failed: it ends the helper, which its owner is told.
pub async fn serve(scope: DedicatedWorkerGlobalScope, memory: u64) -> Result<(), String> {
    let inbox = Inbox::of(&scope);
    let lost = |_| "a message was not understood".to_owned();
    scope.post_message(&JsValue::TRUE).map_err(lost)?; // it listens
    let checked: Checked = serde_wasm_bindgen::from_value(inbox.next().await).map_err(|e| e.to_string())?;
    let failed = |error| format!("{error:?}");
    let mut shard = Shard::new(Device::cpu(memory), &checked).await.map_err(failed)?;
    let arrays = RefCell::default();
    loop {
        let message: Array = inbox.next().await.dyn_into().map_err(lost)?;
        let words: Uint32Array = message.shift().dyn_into().map_err(lost)?;
        let weights: Float32Array = message.shift().dyn_into().map_err(lost)?;
        *arrays.borrow_mut() = message.iter().filter_map(|array| array.dyn_into().ok()).collect();
        let job = Job::of_words(&words.to_vec()).ok_or(JsValue::NULL).map_err(lost)?;
        let answer = Array::of1(&weights);
        let sum = |sum: &[f32]| {
            answer.push(&filled(&arrays, sum));
        };
        shard.compute(&job, |all| weights.copy_to(all), sum).await.map_err(failed)?;
        scope.post_message_with_transfer(&answer, &buffers(&answer)).map_err(lost)?;
    }
}
