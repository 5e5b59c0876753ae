//! From one executor to the other, with the model in memory and whatever it is doing.

use super::problems::from_model;
use super::{Host, LiveModel, Pace, Session};
use crate::benchmark::calibrate;
use crate::device::{Device, Executor};
use crate::gpu::GpuError;
use crate::protocol::{Advice, Event, Problem, ProblemKind};

/// What was chosen, or else what suits best: the GPU, unless that is a software adapter or, where nobody says what it is, slower
/// at a product than the CPU. The CPU where no GPU opens.
pub(super) async fn choose(chosen: Option<Executor>, host: &impl Host) -> Result<Device, GpuError> {
    let cpu = host.open(Executor::Cpu).await;
    if chosen == Some(Executor::Cpu) {
        return cpu;
    }
    let (gpu, cpu) = match (host.open(Executor::Gpu).await, cpu) {
        (Ok(gpu), Ok(cpu)) => (gpu, cpu),
        (gpu, cpu) => return gpu.or_else(|error| cpu.map_err(|_| error)),
    };
    let description = gpu.description();
    let better = chosen.is_some() || (description.is_named() && !description.software) || {
        let now = || host.now();
        let unknown = !description.software;
        unknown && calibrate(&gpu, &now).await.unwrap_or(0.0) >= calibrate(&cpu, &now).await.unwrap_or(0.0)
    };
    Ok(if better { gpu } else { cpu })
}

impl Session {
    pub(super) async fn compute_on(&mut self, executor: Executor, host: &mut impl Host) -> Result<(), Problem> {
        let device = host.open(executor).await.map_err(|error| Problem {
            advice: Some(Advice::StaysHere),
            ..Problem::new(ProblemKind::Command, error)
        })?;
        if let Some(workers) = self.workers {
            device.set_workers(workers);
        }
        // What is under way is done where it was begun.
        self.report(host).await?;
        if let Some(run) = self.run.as_mut() {
            let LiveModel { parameters, trainer, .. } = &run.model;
            run.model = LiveModel::new(trainer.moved(parameters, &self.device, &device).await.map_err(from_model)?);
            run.pace = Pace { mark: host.now(), reported: run.pace.reported, ..Pace::default() };
        }
        if let Some(evaluation) = self.evaluation.as_mut() {
            evaluation.ask_again();
        }
        self.device = device;
        host.emit(Event::Moved { adapter: self.device.description().clone() });
        self.say_workers(host);
        Ok(())
    }
}
