//! What the CPU was handed and has not done yet, and who does it.

use super::{Cpu, Memory, Program, Store};
use crate::gpu::GpuError;
use crate::team::{Arrival, Pending};
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

/// What was handed over and is not done yet.
pub(super) enum Work {
    /// Dispatches.
    Run { program: Rc<Program>, left: Range<usize> },
    /// Words for a buffer that earlier dispatches still read.
    Write { memory: Memory, offset: usize, words: Vec<f32> },
    /// A sum that a helper computes, for this place; and what comes to the same here.
    Await { from: Rc<dyn Pending>, tree: usize, memory: Memory, words: Range<usize>, instead: VecDeque<Work> },
}

/// What comes next.
enum Next {
    /// A dispatch, and whether it is the last that was handed over with it.
    Dispatch(Rc<Program>, usize, bool),
    /// A helper's answer.
    Answer,
    Nothing,
}

impl Cpu {
    /// Whether nothing waits for [`Cpu::go_on`].
    pub fn is_idle(&self) -> bool {
        self.queue.borrow().is_empty()
    }

    /// Runs what waits, until nothing does (true) or `pause`, asked after each dispatch, says that it has been enough for now
    /// (false).
    pub fn go_on(&self, mut pause: impl FnMut() -> bool) -> bool {
        self.run(true, &mut pause)
    }

    /// The same; where helpers are not waited for, what they have not done yet is done here.
    fn run(&self, patient: bool, pause: &mut dyn FnMut() -> bool) -> bool {
        let mut scratch = self.scratch.borrow_mut();
        loop {
            let (program, at, ends) = match self.next(patient) {
                Next::Dispatch(program, at, ends) => (program, at, ends),
                Next::Answer => return false,
                Next::Nothing => return true,
            };
            program.run(&program.steps[at], &mut scratch);
            self.count(|c| c.shared_writes += u64::from(ends));
            let updating = at >= program.update && !ends;
            if !updating && pause() {
                return self.is_idle();
            }
        }
    }

    fn next(&self, patient: bool) -> Next {
        let mut queue = self.queue.borrow_mut();
        loop {
            match queue.front_mut() {
                None => return Next::Nothing,
                Some(Work::Run { program, left }) => {
                    let (program, at) = (Rc::clone(program), left.start);
                    left.start += 1;
                    let ends = left.start == left.end;
                    if ends {
                        queue.pop_front();
                    }
                    return Next::Dispatch(program, at, ends);
                }
                Some(Work::Write { memory, offset, words }) => {
                    memory.write(*offset, words);
                    queue.pop_front();
                }
                Some(Work::Await { from, tree, memory, words, instead }) => match memory.take(from, *tree, words) {
                    Arrival::NotYet if patient => return Next::Answer,
                    Arrival::Here => {
                        queue.pop_front();
                    }
                    Arrival::NotYet | Arrival::Never => {
                        let mut instead = std::mem::take(instead);
                        queue.pop_front();
                        instead.append(&mut queue);
                        *queue = instead;
                    }
                },
            }
        }
    }

    /// The helper's answer without which nothing goes on.
    pub fn awaited(&self) -> Option<Rc<dyn Pending>> {
        match self.queue.borrow().front() {
            Some(Work::Await { from, .. }) => Some(Rc::clone(from)),
            _ => None,
        }
    }

    /// Runs all that waits, and waits for helpers.
    pub async fn settle(&self) {
        while !self.go_on(|| false) {
            if let Some(awaited) = self.awaited() {
                awaited.rest().await;
            }
        }
    }

    /// The same at once: what helpers have not done yet is done here.
    pub fn finish(&self) {
        self.run(false, &mut || false);
    }

    /// Fills a stretch of a shared buffer with what a helper computes; or else does what `instead` hands over, which comes to the
    /// same.
    ///
    /// # Errors
    /// [`GpuError::UnknownBuffer`] where no shared buffer has that name.
    pub fn await_or(
        &self,
        store: &Store,
        (name, words): (&str, Range<usize>),
        (from, tree): (Rc<dyn Pending>, usize),
        instead: impl FnOnce(),
    ) -> Result<(), GpuError> {
        let memory = Rc::clone(store.find(name)?);
        let before = std::mem::take(&mut *self.queue.borrow_mut());
        self.holds.set(true);
        instead();
        self.holds.set(false);
        let mut queue = self.queue.borrow_mut();
        let instead = std::mem::replace(&mut *queue, before);
        queue.push_back(Work::Await { from, tree, memory, words, instead });
        Ok(())
    }
}
