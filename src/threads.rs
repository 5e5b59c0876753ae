//! Helpers in threads of their own, for machines that have them: not in a browser, whose helpers are workers.

use crate::config::Checked;
use crate::device::Device;
use crate::team::{Arrival, Helper, Job, Pending, Team};
use crate::trainer::Shard;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// How long an answer is waited for before whoever asks may do something else.
const PATIENCE: Duration = Duration::from_millis(20);

/// So many threads for each model.
pub struct Threads {
    /// Beside the model's own.
    pub helpers: usize,
    /// Bytes that each can have.
    pub memory: u64,
}

type Sums = Vec<Vec<f32>>;

impl Team for Threads {
    fn hire(&self, checked: &Checked, most: usize) -> Vec<Box<dyn Helper>> {
        (0..self.helpers.min(most))
            .map(|_| {
                let (send, jobs) = channel::<(Job, Sender<Sums>)>();
                let (checked, memory) = (checked.clone(), self.memory);
                // Where no thread can be had, nobody receives: its jobs never come back.
                let thread = thread::Builder::new().name("shard".to_owned());
                drop(thread.spawn(move || pollster::block_on(work(&checked, memory, &jobs))));
                Box::new(Thread(send)) as Box<dyn Helper>
            })
            .collect()
    }
}

/// Until the model is gone, or a job fails.
async fn work(checked: &Checked, memory: u64, jobs: &Receiver<(Job, Sender<Sums>)>) {
    let Ok(mut shard) = Shard::new(Device::cpu(memory), checked).await else { return };
    while let Ok((job, answer)) = jobs.recv() {
        let Ok(sums) = shard.compute(&job).await else { return };
        drop(answer.send(sums)); // nobody may want it any more
    }
}

struct Thread(Sender<(Job, Sender<Sums>)>);

impl Helper for Thread {
    fn post(&self, job: Job) -> Rc<dyn Pending> {
        let (send, answer) = channel();
        drop(self.0.send((job, send))); // a thread that is gone never answers
        Rc::new(Answer { answer, sums: RefCell::default() })
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
    fn take(&self, tree: usize) -> Arrival {
        let mut sums = self.sums.borrow_mut();
        if sums.is_none() {
            match self.answer.recv_timeout(PATIENCE) {
                Ok(came) => *sums = Some(came),
                Err(RecvTimeoutError::Timeout) => return Arrival::NotYet,
                Err(RecvTimeoutError::Disconnected) => return Arrival::Never,
            }
        }
        let sum = sums.as_mut().and_then(|sums| sums.get_mut(tree)).map(std::mem::take);
        sum.map_or(Arrival::Never, Arrival::Here)
    }
}
