//! A session as a host sees it, without a process between: commands in, events out as the protocol writes them.

use crate::harness::{Executor, current};
use fledgling::config::Config;
use fledgling::device::{Device, Executor as Where};
use fledgling::gpu::GpuError;
use fledgling::protocol::{Command, Event};
use fledgling::session::{Host, Session};
use pollster::block_on;
use serde_json::{Value, json};
use std::cell::Cell;
use std::time::Instant;

/// Writes down what the session says.
struct Recorder {
    clock: Clock,
    events: Vec<Value>,
    /// Bytes that the CPU has for a session that moves there.
    memory: u64,
}

enum Clock {
    Wall(Instant),
    Ticking(Cell<f64>, f64),
}

impl Host for Recorder {
    async fn open(&self, on: Where) -> Result<Device, GpuError> {
        match on {
            Where::Gpu => Device::gpu(None, None).await,
            Where::Cpu => Ok(Device::cpu(self.memory)),
        }
    }
    fn emit(&mut self, event: Event) {
        self.events.push(serde_json::to_value(event).unwrap());
    }
    fn now(&self) -> f64 {
        match &self.clock {
            Clock::Wall(began) => began.elapsed().as_secs_f64() * 1000.0,
            Clock::Ticking(now, tick) => now.replace(now.get() + tick),
        }
    }
}

/// A session and all that it has said.
pub struct Playground {
    session: Session,
    host: Recorder,
}

impl Playground {
    /// On the executor of the test.
    pub fn new() -> Self {
        match current() {
            Executor::Gpu => Self::within(u64::MAX),
            Executor::Cpu => Self::on(Device::cpu(u64::MAX)),
        }
    }

    /// On an adapter that binds so many bytes at most.
    pub fn within(binding_bytes: u64) -> Self {
        Self::on(block_on(Device::gpu_within(binding_bytes)).unwrap())
    }

    /// On a device.
    pub fn on(device: Device) -> Self {
        Self::by(device, Clock::Wall(Instant::now()))
    }

    /// On a device, by a clock that goes on by so many milliseconds whenever it is looked at.
    pub fn ticking(device: Device, tick: f64) -> Self {
        Self::by(device, Clock::Ticking(Cell::new(0.0), tick))
    }

    fn by(device: Device, clock: Clock) -> Self {
        let mut host = Recorder { clock, events: Vec::new(), memory: u64::MAX };
        Self { session: Session::new(device, &mut host), host }
    }

    /// Where that was chosen, or where it chooses to be itself.
    pub fn open(chosen: Option<Where>) -> Self {
        let mut host = Recorder { clock: Clock::Wall(Instant::now()), events: Vec::new(), memory: u64::MAX };
        let session = block_on(Session::open(chosen, &mut host)).unwrap();
        Self { session, host }
    }

    /// Lets the CPU have so many bytes when the session moves there.
    pub fn set_memory(&mut self, bytes: u64) {
        self.host.memory = bytes;
    }

    /// Gives a command and returns what came of it at once.
    pub fn send(&mut self, command: Value) -> Vec<Value> {
        let before = self.host.events.len();
        let command: Command = serde_json::from_value(command).unwrap();
        block_on(self.session.handle(command, &mut self.host));
        self.host.events[before..].to_vec()
    }

    /// Gives a command and works until nothing is left to do; returns all that came of it.
    pub fn settle(&mut self, command: Value) -> Vec<Value> {
        let before = self.host.events.len();
        self.send(command);
        while self.session.busy() {
            block_on(self.session.work(&mut self.host));
        }
        self.host.events[before..].to_vec()
    }

    /// One slice of work; returns what came of it.
    pub fn work(&mut self) -> Vec<Value> {
        let before = self.host.events.len();
        block_on(self.session.work(&mut self.host));
        self.host.events[before..].to_vec()
    }

    pub fn busy(&self) -> bool {
        self.session.busy()
    }

    /// All events of a kind so far.
    pub fn all(&self, kind: &str) -> Vec<&Value> {
        of(&self.host.events, kind)
    }

    /// Sets a text, builds the model and trains it to its end; fails where anything fails.
    pub fn train(&mut self, text: Value, config: &Config) -> Vec<Value> {
        let mut events = self.settle(text);
        events.extend(self.settle(json!({"command": "reset", "config": config})));
        events.extend(self.settle(json!({"command": "train"})));
        let failed = of(&events, "failed");
        assert!(failed.is_empty(), "{failed:#?}");
        events
    }

    /// A sample's text.
    pub fn sample(&mut self, source: &str, sampling: Value) -> String {
        text_of(&self.settle(json!({"command": "sample", "request": 1, "source": source, "sampling": sampling})))
    }
}

/// The text that was sampled.
fn text_of(events: &[Value]) -> String {
    assert_eq!(of(events, "failed"), Vec::<&Value>::new());
    of(events, "sampled").iter().map(|e| e["text"].as_str().unwrap()).collect()
}

/// The events of a kind.
pub fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|e| e["event"] == kind).collect()
}

/// All training points, in order.
pub fn training_losses(events: &[Value]) -> Vec<f64> {
    points(events, "training").iter().map(|p| p["loss"].as_f64().unwrap()).collect()
}

/// All points of a list of `progressed`.
pub fn points<'a>(events: &'a [Value], list: &str) -> Vec<&'a Value> {
    of(events, "progressed").into_iter().flat_map(|e| e[list].as_array().unwrap()).collect()
}
