//! From one executor to the other, with the model in memory and whatever it is doing.

use super::problems::{from_trainer, problem};
use super::{Host, Pace, Session};
use crate::device::Executor;
use crate::protocol::{Event, Problem, ProblemKind};

impl Session {
    pub(super) async fn compute_on(&mut self, executor: Executor, host: &mut impl Host) -> Result<(), Problem> {
        let device = host.open(executor).await.map_err(|error| {
            let advice = "The model stays where it is. Turn on hardware acceleration in the browser's settings, update the graphics driver, or try another browser.";
            problem(ProblemKind::Command, error, advice)
        })?;
        // What is under way is done where it was begun.
        self.report(host).await?;
        if let Some(run) = self.run.as_mut() {
            run.trainer = run.trainer.moved(&self.device, &device).await.map_err(from_trainer)?;
            run.pace = Pace { mark: host.now(), reported: run.pace.reported, ..Pace::default() };
        }
        if let Some(evaluation) = self.evaluation.as_mut() {
            evaluation.ask_again();
        }
        self.device = device;
        host.emit(Event::Moved { adapter: self.device.description().clone() });
        Ok(())
    }
}
