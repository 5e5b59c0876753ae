//! How many compute on the CPU, and what becomes of them.

use super::{Host, Session};
use crate::protocol::{Event, Workers};
use crate::team::{Lack, Pending};
use std::rc::Rc;

impl Session {
    /// So many are to compute from now on, as many as there can be.
    pub(super) fn set_workers(&mut self, workers: usize, host: &mut impl Host) {
        self.workers = Some(workers);
        self.device.set_workers(workers);
        if let Some(run) = self.run.as_mut() {
            run.model.trainer.hire_again();
        }
        self.say_workers(host);
    }

    /// On a CPU with a team: how many compute, how many can, and why not more.
    pub(super) fn say_workers(&self, host: &mut impl Host) {
        let Some(team) = self.device.team() else { return };
        let alone = self.run.as_ref().is_some_and(|run| run.model.trainer.is_alone());
        let lack = if alone { Some(Lack::Failing) } else { team.lack() };
        let workers = if alone { 1 } else { self.device.workers() };
        host.emit(Event::WorkersSet(Workers { workers: workers as u32, most: team.most() as u32, lack }));
    }

    /// Helpers that were lost since the last time.
    pub(super) fn say_losses(&mut self, host: &mut impl Host) {
        let Some(run) = self.run.as_mut() else { return };
        let lost = run.model.trainer.take_lost();
        if lost.is_empty() {
            return;
        }
        let (step, alone) = (run.model.parameters.step(), run.model.trainer.is_alone());
        for gone in lost {
            host.emit(Event::WorkerLost { step, gone });
        }
        if alone {
            self.say_workers(host);
        }
    }

    /// The helper's answer without which [`Session::work`] has nothing to do.
    pub fn awaited(&self) -> Option<Rc<dyn Pending>> {
        self.device.awaited()
    }
}
