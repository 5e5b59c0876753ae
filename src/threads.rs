//! Helpers in threads of their own, for machines that have them: not in a browser, whose helpers are workers.

use crate::config::Checked;
use crate::device::Device;
use crate::parameters::ModelError;
use crate::team::{Arrival, Gone, Helper, Job, Pending, Team};
use crate::trainer::Shard;
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long an answer is waited for before whoever asks may do something else.
const PATIENCE: Duration = Duration::from_millis(20);

/// Threads for each model.
pub struct Threads {
    /// So many unless told otherwise, the model's own included.
    pub workers: usize,
    /// Bytes that each can have.
    pub memory: u64,
}

type Sums = Vec<Vec<f32>>;

/// What is to be done, the weights that it is done with, and who wants it.
type Order = (Job, Vec<f32>, Sender<Sums>);

impl Team for Threads {
    fn most(&self) -> usize {
        thread::available_parallelism().map_or(1, NonZeroUsize::get).max(self.workers)
    }
    fn usual(&self) -> usize {
        self.workers
    }
    fn hire(&self, checked: &Checked) -> Option<Box<dyn Helper>> {
        let (jobs, receive) = channel::<Order>();
        let (checked, memory) = (checked.clone(), self.memory);
        let gone = Arc::new(Mutex::new(None));
        let said = Arc::clone(&gone);
        let work = move || {
            let end = pollster::block_on(work(&checked, memory, &receive));
            if let Ok(mut said) = said.lock() {
                *said = end.err().map(|error| Gone { silent: false, message: format!("{error:?}") });
            }
        };
        thread::Builder::new().name("shard".to_owned()).spawn(work).ok()?;
        Some(Box::new(Thread { jobs, gone }))
    }
}

/// Until the model is gone, or a job fails.
async fn work(checked: &Checked, memory: u64, jobs: &Receiver<Order>) -> Result<(), ModelError> {
    let mut shard = Shard::new(Device::cpu(memory), checked).await?;
    while let Ok((job, weights, answer)) = jobs.recv() {
        let mut sums = Vec::new();
        shard.compute(&job, |words| words.copy_from_slice(&weights), |sum| sums.push(sum.to_vec())).await?;
        drop(answer.send(sums)); // nobody may want it any more
    }
    Ok(())
}

struct Thread {
    jobs: Sender<Order>,
    gone: Arc<Mutex<Option<Gone>>>,
}

impl Helper for Thread {
    fn post(&self, job: Job, weights: &[f32]) -> Rc<dyn Pending> {
        let (send, answer) = channel();
        drop(self.jobs.send((job, weights.to_vec(), send))); // a thread that is gone never answers
        Rc::new(Answer { answer, sums: RefCell::default() })
    }
    fn gone(&self) -> Option<Gone> {
        self.gone.lock().map_or_else(|poisoned| poisoned.into_inner().clone(), |gone| gone.clone())
    }
}

struct Answer {
    answer: Receiver<Sums>,
    sums: RefCell<Option<Sums>>,
}

impl Pending for Answer {
    // Taking waits a little.
    fn rest(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(std::future::ready(()))
    }
    fn take(&self, tree: usize, into: &mut [f32]) -> Arrival {
        let mut sums = self.sums.borrow_mut();
        if sums.is_none() {
            match self.answer.recv_timeout(PATIENCE) {
                Ok(came) => *sums = Some(came),
                Err(RecvTimeoutError::Timeout) => return Arrival::NotYet,
                Err(RecvTimeoutError::Disconnected) => return Arrival::Never,
            }
        }
        let Some(sum) = sums.as_ref().and_then(|sums| sums.get(tree)) else { return Arrival::Never };
        into.copy_from_slice(sum);
        Arrival::Here
    }
}
