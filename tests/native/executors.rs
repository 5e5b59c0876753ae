//! The two executors side by side: what one says the other says. And what is the CPU's alone: work that is done in slices, and
//! memory that ends.

use crate::playground::{Playground, of, points, training_losses};
use fledgling::benchmark::calibrate;
use fledgling::config::{Checked, Config};
use fledgling::device::{Device, Executor};
use fledgling::team::{Arrival, Gone, Helper, Job, Pending, Team};
use fledgling::threads::Threads;
use fledgling::trainer::{TrainingPoint, fresh};
use pollster::block_on;
use serde_json::{Value, json};
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

const TEXT: &str = "the small bird sings and the other bird answers, and both of them sing again.\n";

/// Trained a little on the GPU, so that heads and guesses are not all alike; and its file.
fn trained(config: &Value) -> (Playground, Vec<u8>) {
    let mut play = Playground::new();
    let config: Config = serde_json::from_value(config.clone()).unwrap();
    play.train(json!({"command": "set_text", "text": TEXT.repeat(12)}), &config);
    let exported = play.settle(json!({"command": "export", "format": "safetensors"}));
    let bytes = of(&exported, "exported")[0]["bytes"].as_array().unwrap();
    (play, bytes.iter().map(|byte| byte.as_u64().unwrap() as u8).collect())
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn near(what: &str, a: &Value, b: &Value, tolerance: f64) {
    let (a, b) = (numbers(a), numbers(b));
    assert_eq!(a.len(), b.len(), "{what}");
    let off = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(off <= tolerance, "{what}: {off}");
}

/// A model that one trained is the same with the other: what it writes, what it looks at.
#[test]
fn executors_say_the_same() {
    let llama =
        json!({"positions": "rotary", "norm": "rms", "activation": "swiglu", "heads": 4, "kv_heads": 2, "tied": false});
    let first = json!({"positions": "sinusoidal", "norm_place": "post", "final_norm": false, "activation": "relu"});
    for (kind, model) in [("bpe", json!({})), ("characters", llama), ("words", first)] {
        let mut m = json!({"context": 24, "width": 32, "layers": 2, "heads": 2, "kv_heads": 2, "hidden": 64});
        m.as_object_mut().unwrap().extend(model.as_object().unwrap().clone());
        let (mut gpu, file) = trained(&json!({
            "tokenizer": {"kind": kind, "vocabulary": 280}, "model": m,
            "training": {"steps": 30, "batch": 4, "learning_rate": 3e-3, "warmup_steps": 5, "sample_interval": 0},
        }));
        let mut cpu = Playground::on(Device::cpu(u64::MAX));
        let built = cpu.settle(json!({"command": "import", "name": "bird.safetensors", "bytes": file}));
        assert_eq!(of(&built, "model_built")[0]["step"], 30, "{kind}: {built:?}");
        // Three times the context: the window slides.
        for sampling in
            [json!({"temperature": 0.0}), json!({"temperature": 0.9, "top_k": 12, "top_p": 0.95, "seed": 4})]
        {
            let mut sampling = sampling;
            sampling
                .as_object_mut()
                .unwrap()
                .extend(json!({"prompt": "the", "tokens": 72}).as_object().unwrap().clone());
            assert_eq!(cpu.sample("model", sampling.clone()), gpu.sample("model", sampling), "{kind}");
        }
        let prompt = "the small bird sings and the other";
        for (command, event, values) in
            [("predict", "predicted", "logits"), ("attention", "attention_computed", "weights")]
        {
            let mut command = json!({"command": command, "request": 2, "prompt": prompt});
            let more = if values == "logits" { json!({"off": {}}) } else { json!({"layer": 1, "head": 1}) };
            command.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let (a, b) = (gpu.settle(command.clone()), cpu.settle(command));
            let (a, b) = (of(&a, event)[0], of(&b, event)[0]);
            near(&format!("{kind}: {values}"), &a[values], &b[values], if values == "logits" { 2e-4 } else { 1e-5 });
            assert_eq!((&a["tokens"], &a["step"]), (&b["tokens"], &b["step"]));
        }
        let heads = json!({"command": "look_at_heads", "request": 3, "prompt": prompt, "size": 8});
        let (a, b) = (gpu.settle(heads.clone()), cpu.settle(heads));
        let heads = |events: &[Value]| of(events, "heads_looked_at")[0]["heads"].as_array().unwrap().clone();
        assert_eq!(heads(&a).len(), heads(&b).len());
        for (a, b) in heads(&a).iter().zip(&heads(&b)) {
            near(&format!("{kind}: thumbnail"), &a["thumbnail"], &b["thumbnail"], 1e-5);
            assert_eq!((&a["layer"], &a["head"]), (&b["layer"], &b["head"]));
        }
    }
}

/// Each cuts a step into parts of its own; what is dropped, the loss and its gradient are the step's.
#[test]
fn executors_train_alike_whatever_a_step_is_cut_into() {
    let config = json!({
        "model": {"context": 64, "width": 32, "layers": 2, "heads": 2, "kv_heads": 2, "hidden": 64, "dropout": 0.2},
        "training": {"steps": 12, "batch": 6, "accumulation": 2, "warmup_steps": 2, "validation_interval": 4, "validation_batches": 2},
    });
    let config: Config = serde_json::from_value(config).unwrap();
    let text = json!({"command": "set_text", "text": TEXT.repeat(60)});
    let [gpu, cpu] = [block_on(Device::gpu(None, None)).unwrap(), Device::cpu(u64::MAX)].map(|device| {
        let windows = device.windows_of_part(6, 64);
        (windows, Playground::on(device).train(text.clone(), &config))
    });
    assert_eq!((gpu.0, cpu.0), (6, 2), "windows of a part");
    for values in [training_losses, validation_losses] {
        let (gpu, cpu) = (values(&gpu.1), values(&cpu.1));
        assert!(gpu.len() == cpu.len() && gpu.len() >= 3, "{gpu:?} {cpu:?}");
        for (gpu, cpu) in gpu.iter().zip(&cpu) {
            assert!((gpu - cpu).abs() < 1e-4, "{gpu} {cpu}");
        }
    }
}

/// A helper that says nothing (`answers` false) or dies with its first job.
#[derive(Default)]
struct Idler {
    answers: bool,
    asked: Cell<bool>,
}

impl Idler {
    fn new(answers: bool) -> Self {
        Self { answers, ..Self::default() }
    }
}

impl Team for Idler {
    fn most(&self) -> usize {
        4
    }
    fn usual(&self) -> usize {
        4
    }
    fn hire(&self, _: &Checked) -> Option<Box<dyn Helper>> {
        Some(Box::new(Idler::new(self.answers)))
    }
}

impl Helper for Idler {
    fn post(&self, _: Job, _: &[f32]) -> Rc<dyn Pending> {
        self.asked.set(true);
        Rc::new(Idler::new(self.answers))
    }
    fn gone(&self) -> Option<Gone> {
        (self.answers && self.asked.get()).then(|| Gone { silent: false, message: "tired".to_owned() })
    }
}

impl Pending for Idler {
    fn take(&self, _: usize, _: &mut [f32]) -> Arrival {
        if self.answers { Arrival::Never } else { Arrival::NotYet }
    }
    fn rest(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// Threads, and how many sums came from them.
struct Counted {
    threads: Threads,
    came: Rc<Cell<usize>>,
}

struct CountedHelper(Box<dyn Helper>, Rc<Cell<usize>>);

struct CountedJob(Rc<dyn Pending>, Rc<Cell<usize>>);

impl Team for Counted {
    fn most(&self) -> usize {
        self.threads.most()
    }
    fn usual(&self) -> usize {
        self.threads.usual()
    }
    fn hire(&self, checked: &Checked) -> Option<Box<dyn Helper>> {
        Some(Box::new(CountedHelper(self.threads.hire(checked)?, Rc::clone(&self.came))))
    }
}

impl Helper for CountedHelper {
    fn post(&self, job: Job, weights: &[f32]) -> Rc<dyn Pending> {
        Rc::new(CountedJob(self.0.post(job, weights), Rc::clone(&self.1)))
    }
    fn gone(&self) -> Option<Gone> {
        self.0.gone()
    }
}

impl Pending for CountedJob {
    fn take(&self, tree: usize, into: &mut [f32]) -> Arrival {
        let arrival = self.0.take(tree, into);
        self.1.set(self.1.get() + usize::from(arrival == Arrival::Here));
        arrival
    }
    fn rest(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        self.0.rest()
    }
}

/// Whether helpers are waited for or not: bytes of the weights, losses and norms after 20 steps of six parts each.
async fn weights_of(device: &Device, accumulation: u32, waits: bool) -> (Vec<u8>, Vec<TrainingPoint>) {
    let mut config = Config::default();
    (config.model.vocab, config.model.context, config.model.dropout) = (31, 64, 0.2);
    (config.training.batch, config.training.accumulation, config.training.clip) = (12, accumulation, 0.5);
    let (mut parameters, mut trainer) = fresh(device, &config.check().unwrap()).await.unwrap();
    for step in 0..20 * accumulation {
        let tokens: Vec<u32> = (0..12 * 64).map(|i| (i * i + 7 * step) % 31).collect();
        let targets: Vec<u32> = tokens.iter().map(|token| (3 * token + 1) % 31).collect();
        match trainer.step_on(device, &mut parameters, &tokens, &targets).unwrap() {
            Some(fence) if waits => device.wait(fence).await.unwrap(),
            _ => drop(device.go_on(|| false)), // reading does what nobody has done
        }
    }
    let points = trainer.take_points(device, &mut parameters).await.unwrap().0;
    let weights = parameters.weights(device).await.unwrap();
    (bytemuck::cast_slice(&weights).to_vec(), points)
}

/// The numbers depend on the configuration, never on who computes what.
#[test]
fn executors_train_to_the_same_bytes_with_one_two_and_four_threads() {
    block_on(async {
        for accumulation in [1, 3] {
            let alone = weights_of(&Device::cpu(u64::MAX), accumulation, true).await;
            assert!(alone.1.len() == 20 && alone.1[19].loss < alone.1[0].loss - 0.1, "{:?}", alone.1);
            for helpers in [1, 3] {
                let came = Rc::new(Cell::new(0));
                let threads = Threads { workers: helpers + 1, memory: u64::MAX };
                let team = Rc::new(Counted { threads, came: Rc::clone(&came) });
                let together = weights_of(&Device::cpu_with(u64::MAX, team), accumulation, true).await;
                assert!(together == alone, "{accumulation} micro-batches, {helpers} helpers");
                // Of six parts 3 to 5 come as two sums; or, of four workers, 1 to 2, 3 and 4 to 5 as four.
                assert!(came.get() >= 20 * accumulation as usize * (helpers + 1), "{} sums came", came.get());
            }
        }
    });
}

/// Helpers that die, have no memory or never answer cost time and change nothing.
#[test]
fn executors_train_to_the_same_bytes_where_helpers_do_not_come_back() {
    block_on(async {
        let alone = weights_of(&Device::cpu(u64::MAX), 1, true).await;
        let poor = Rc::new(Threads { workers: 3, memory: 1 << 16 });
        let teams: [Rc<dyn Team>; 3] = [Rc::new(Idler::new(true)), Rc::new(Idler::new(false)), poor];
        for (i, team) in teams.into_iter().enumerate() {
            assert!(weights_of(&Device::cpu_with(u64::MAX, team), 1, false).await == alone, "team {i}");
        }
    });
}

fn validation_losses(events: &[Value]) -> Vec<f64> {
    points(events, "validation").iter().map(|p| p["loss"].as_f64().unwrap()).collect()
}

/// A small model that drops out, and whose steps are of two micro-batches.
fn small(mut training: Value) -> Value {
    training.as_object_mut().unwrap().extend([("batch".to_owned(), json!(2)), ("accumulation".to_owned(), json!(2))]);
    let model =
        json!({"context": 16, "width": 32, "layers": 2, "heads": 2, "kv_heads": 2, "hidden": 64, "dropout": 0.1});
    json!({"model": model, "training": training})
}

/// While a step is under way commands are answered, by the weights that it found; and the steps are what they would have been.
#[test]
fn executors_answer_within_a_step() {
    let config = small(
        json!({"steps": 6, "warmup_steps": 1, "sample_interval": 4, "validation_interval": 3, "validation_batches": 2}),
    );
    let text = json!({"command": "set_text", "text": TEXT.repeat(12)});
    let predict = json!({"command": "predict", "request": 5, "prompt": "the small", "off": {}});
    let mut whole = Playground::on(Device::cpu(u64::MAX));
    let wanted = whole.train(text.clone(), &serde_json::from_value(config.clone()).unwrap());
    let wanted_at_the_end = whole.settle(predict.clone());

    // A slice is over after the dispatch during which the clock was looked at twice.
    let mut cut = Playground::ticking(Device::cpu(u64::MAX), 30.0);
    cut.settle(text);
    cut.settle(json!({"command": "reset", "config": config}));
    let mut before = cut.send(predict.clone());
    let (mut step, mut slices, mut within, mut events) = (0, 0, 0, Vec::new());
    cut.send(json!({"command": "train"}));
    while cut.busy() {
        let came = cut.work();
        slices += 1;
        events.extend(came.clone());
        let answer = cut.send(predict.clone());
        assert_eq!(of(&answer, "predicted").len(), 1, "{answer:?}");
        let now = of(&answer, "predicted")[0]["step"].as_u64().unwrap();
        if of(&answer, "predicted")[0]["logits"] == of(&before, "predicted")[0]["logits"] {
            within += 1;
        } else {
            assert!(now >= step, "the weights change from step to step");
            step += 1;
        }
        before = answer;
    }
    assert_eq!(step, 6, "as many different weights as steps");
    assert!(within > 60 && slices > 60, "{within} of {slices} slices ended within a step");
    assert_eq!(training_losses(&events), training_losses(&wanted));
    let validated = |events: &[Value]| -> Vec<Value> {
        of(events, "progressed").iter().flat_map(|e| e["validation"].as_array().unwrap().clone()).collect()
    };
    assert_eq!(validated(&events), validated(&wanted));
    assert_eq!(of(&before, "predicted")[0]["logits"], of(&wanted_at_the_end, "predicted")[0]["logits"]);
    // Pause in the middle of a step: answered at once, done at its end.
    cut.send(json!({"command": "reset", "config": config}));
    cut.send(json!({"command": "train"}));
    (0..4).for_each(|_| drop(cut.work()));
    let paused = |events: &[Value]| of(events, "state_changed").iter().any(|event| event["state"] == "paused");
    assert!(!paused(&cut.send(json!({"command": "pause"}))), "the step is not over");
    let mut slices = 0;
    while cut.busy() {
        let came = cut.work();
        slices += 1;
        assert_eq!(paused(&came), !cut.busy(), "{came:?}");
    }
    assert!(slices > 4, "{slices} slices to the end of the step");
    let rest = cut.settle(json!({"command": "train"}));
    assert_eq!(training_losses(&rest), training_losses(&wanted), "and it goes on as if nothing had been");
}

/// A model that has no room is refused with both numbers; the one in memory stays and trains on.
#[test]
fn executors_refuse_what_memory_cannot_hold() {
    let config = |width: u32| {
        json!({
            "model": {"context": 8, "width": width, "layers": 1, "heads": 2, "kv_heads": 2, "hidden": width},
            "training": {"steps": 4, "warmup_steps": 1, "batch": 2, "sample_interval": 0},
        })
    };
    let mut play = Playground::on(Device::cpu(2 << 20));
    play.settle(json!({"command": "set_text", "text": TEXT.repeat(12)}));
    let built = play.settle(json!({"command": "reset", "config": config(16)}));
    assert_eq!(of(&built, "model_built").len(), 1, "{built:?}");
    for width in [192, 4096] {
        let refused = play.settle(json!({"command": "reset", "config": config(width)}));
        assert_eq!(of(&refused, "failed")[0]["kind"], "configuration");
        let estimated = play.settle(json!({"command": "estimate", "config": config(width)}));
        let problem = &of(&estimated, "estimated")[0]["problem"];
        let (code, values) = (&of(&refused, "failed")[0]["code"], &of(&refused, "failed")[0]["values"]);
        assert_eq!((&problem["code"], &problem["values"]), (code, values), "the form knows before");
        let limit = if code == "no_memory" { "left" } else { "limit" };
        let [asked, limit] = ["asked", limit].map(|key| values[key].as_u64().unwrap());
        assert!(asked > limit && limit <= 2 << 20, "{code}: {values}");
    }
    // Again and again: what was refused or let go is free.
    for _ in 0..20 {
        let rebuilt = play.settle(json!({"command": "reset", "config": config(16)}));
        assert_eq!(of(&rebuilt, "failed"), Vec::<&Value>::new());
    }
    let steps = play.settle(json!({"command": "train"}));
    assert_eq!(training_losses(&steps).len(), 4, "{steps:?}");
}

/// A run that is moved again and again, in the middle of whatever it does, is the run that stayed.
#[test]
fn executors_take_over_from_each_other_at_any_moment() {
    let config = small(
        json!({"steps": 40, "warmup_steps": 4, "sample_interval": 10, "validation_interval": 8, "validation_batches": 3}),
    );
    let text = json!({"command": "set_text", "text": TEXT.repeat(12)});
    let mut stayed = Playground::new();
    let wanted = stayed.train(text.clone(), &serde_json::from_value(config.clone()).unwrap());

    let mut moved = Playground::ticking(Device::cpu(u64::MAX), 10.0);
    let mut events = moved.settle(text);
    events.extend(moved.settle(json!({"command": "reset", "config": config})));
    moved.send(json!({"command": "train"}));
    let (mut moves, mut work) = (0, 0);
    while moved.busy() {
        events.extend(moved.work());
        work += 1;
        if work % 7 == 0 {
            let executor = ["gpu", "cpu"][moves % 2];
            let came = moved.send(json!({"command": "compute_on", "executor": executor}));
            assert_eq!(of(&came, "failed"), Vec::<&Value>::new());
            assert_eq!(of(&came, "moved")[0]["adapter"]["name"] == "CPU", executor == "cpu");
            events.extend(came);
            moves += 1;
        }
        if moves == 4 {
            // No room: all goes on where it is.
            moved.set_memory(1000);
            let came = moved.send(json!({"command": "compute_on", "executor": "cpu"}));
            let code = &of(&came, "failed")[0]["code"];
            assert!(code == "no_memory" || code == "buffer_too_large", "{code}");
            assert_eq!(of(&came, "moved"), Vec::<&Value>::new());
            events.extend(came.into_iter().filter(|event| event["event"] != "failed"));
            moved.set_memory(u64::MAX);
        }
    }
    assert!(moves >= 8, "{moves} moves");
    assert_eq!(of(&events, "failed"), Vec::<&Value>::new());
    let validated = |events: &[Value]| -> Vec<f64> {
        let all = of(events, "progressed").into_iter().flat_map(|e| e["validation"].as_array().unwrap().clone());
        all.map(|point| point["loss"].as_f64().unwrap()).collect()
    };
    for (got, want) in [(training_losses(&events), training_losses(&wanted)), (validated(&events), validated(&wanted))]
    {
        assert_eq!(got.len(), want.len());
        for (at, (got, want)) in got.iter().zip(&want).enumerate() {
            assert!((got - want).abs() < 1e-3, "number {at}: {got} for {want}");
        }
    }
    let samples =
        |events: &[Value]| -> Vec<Value> { of(events, "sample_taken").iter().map(|e| e["text"].clone()).collect() };
    assert_eq!(samples(&events), samples(&wanted));
    // Earlier steps and the best one came along.
    let look = |at: Value| json!({"command": "predict", "request": 3, "prompt": "the small", "off": {}, "at": at});
    for play in [&mut stayed, &mut moved] {
        assert_eq!(of(&play.settle(json!({"command": "restore_best"})), "failed"), Vec::<&Value>::new());
    }
    for at in [json!(8), Value::Null] {
        let (a, b) = (stayed.settle(look(at.clone())), moved.settle(look(at)));
        let (a, b) = (of(&a, "predicted")[0], of(&b, "predicted")[0]);
        assert_eq!(a["step"], b["step"]);
        near("logits", &a["logits"], &b["logits"], 5e-3);
    }
}

/// A software adapter is not what a session chooses by itself; where nobody says what it is, two measurements do.
#[test]
fn executors_are_chosen_well() {
    let gpu = pollster::block_on(Device::gpu(None, None)).unwrap();
    let opened = |chosen: Option<Executor>| Playground::open(chosen).all("ready")[0]["adapter"]["name"].clone();
    assert_eq!(opened(None) == "CPU", gpu.description().software, "{:?}", gpu.description());
    assert_eq!(opened(Some(Executor::Cpu)), "CPU");
    assert_eq!(opened(Some(Executor::Gpu)), gpu.description().name.as_str());
    let began = std::time::Instant::now();
    let now = || began.elapsed().as_secs_f64() * 1000.0;
    for device in [gpu, Device::cpu(u64::MAX)] {
        let rate = pollster::block_on(calibrate(&device, &now)).unwrap();
        println!("{}: {rate:.1} GFLOP/s", device.description().name);
        assert!(rate.is_finite() && rate > 0.1, "{}: {rate} GFLOP/s", device.description().name);
    }
}
