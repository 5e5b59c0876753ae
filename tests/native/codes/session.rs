//! What a session refuses and warns of, as its events say it.

use super::said;
use crate::formats::{gpt2, model_file, put_together, taken_apart, tokenizer, zip_of};
use crate::playground::{Playground, of};
use fledgling::config::{Config, ModelConfig, TokenizerKind};
use fledgling::dataset::{DatasetError, Split};
use fledgling::device::{Device, Executor};
use fledgling::gpu::GpuError;
use fledgling::parameters::{ModelError, Watched};
use fledgling::protocol::{Command, Event, SessionProblem};
use fledgling::session::{Host, Session, no_gpu};
use pollster::block_on;
use serde_json::{Value, json};

pub fn problems() -> Vec<Value> {
    [without_a_model(), of_texts(), of_a_run(), of_looks(), of_sessions(), of_memory(), of_hosts()].concat()
}

const TEXT: &str = "a small bird sings\nand another answers it, it sings again\n";

fn config() -> Config {
    let mut config = Config::default();
    (config.model.width, config.model.hidden, config.model.layers, config.model.context) = (8, 16, 2, 8);
    (config.training.batch, config.training.steps, config.training.warmup_steps) = (2, 4, 1);
    (config.training.validation_interval, config.training.validation_batches) = (2, 1);
    config.training.sample_interval = 0;
    config
}

fn playground() -> Playground {
    Playground::on(Device::cpu(u64::MAX))
}

fn text() -> Value {
    json!({"command": "set_text", "text": TEXT.repeat(20)})
}

/// What failed, and what was warned of.
fn wrong(events: &[Value]) -> Vec<Value> {
    let wrong: Vec<Value> = [of(events, "failed"), of(events, "warned")].concat().into_iter().cloned().collect();
    assert!(!wrong.is_empty(), "nothing is wrong: {events:?}");
    wrong
}

fn refused(playground: &mut Playground, commands: &[Value]) -> Vec<Value> {
    commands.iter().flat_map(|command| wrong(&playground.settle(command.clone()))).collect()
}

fn file(name: &str, content: &str) -> Value {
    json!({"name": name, "bytes": content.as_bytes()})
}

fn without_a_model() -> Vec<Value> {
    let mut contradiction = config();
    contradiction.model.heads = 3;
    let estimated = playground().settle(json!({"command": "estimate", "config": contradiction}));
    let problem = of(&estimated, "estimated")[0]["problem"].clone();
    let commands = [
        json!({"command": "train"}),
        json!({"command": "count_transitions", "request": 1, "text": "a"}),
        json!({"command": "set_built_in", "key": "novels", "seed": 1}),
        json!({"command": "benchmark", "presets": ["XL"], "seconds": 1}),
        json!({"command": "set_text", "text": ""}),
        json!({"command": "import", "name": "bird.safetensors", "bytes": b"no".as_slice()}),
        json!({"command": "set_tokenizer", "files": [file("vocab.json", "{}")]}),
        json!({"command": "set_tokenizer", "files": []}),
        json!({"command": "set_tokenizer", "files": [file("tokenizer.json", "{")]}),
    ];
    [refused(&mut playground(), &commands), vec![problem]].concat()
}

fn of_texts() -> Vec<Value> {
    let mut playground = playground();
    playground.settle(json!({"command": "prepare", "tokenizer": {}, "data": {"ascii_only": true}}));
    let mut found = refused(&mut playground, &[json!({"command": "set_text", "text": "小鸟在唱歌。"})]);
    playground.settle(json!({"command": "prepare", "tokenizer": {}, "data": {}}));
    playground.settle(text());
    let change = |change: &dyn Fn(&mut Config)| {
        let mut config = config();
        change(&mut config);
        json!({"command": "reset", "config": config})
    };
    found.extend(refused(
        &mut playground,
        &[
            json!({"command": "prepare", "tokenizer": {"kind": "file"}, "data": {}}),
            json!({"command": "count_transitions", "request": 1, "text": "é"}),
            json!({"command": "sample", "request": 1, "source": "counts", "sampling": {"temperature": -1}}),
            json!({"command": "prepare", "tokenizer": {"kind": "bpe", "vocabulary": 9000}, "data": {}}),
            change(&|c| c.model.context = 4000),
            change(&|c| c.tokenizer.vocabulary = 1),
            change(&|c| c.training.accumulation = 0),
            // One document, so that none is held out.
            change(&|c| c.data.division = fledgling::config::Division::Document),
        ],
    ));
    let json = tokenizer(TokenizerKind::Characters).to_json().unwrap();
    playground.settle(json!({"command": "set_tokenizer", "files": [file("tokenizer.json", &json)]}));
    let marked = json!({"command": "prepare", "tokenizer": {"kind": "file"}, "data": {"mark_documents": true}});
    found.extend(refused(&mut playground, &[marked]));
    found
}

fn of_a_run() -> Vec<Value> {
    let (mut playground, train) = (playground(), json!({"command": "train"}));
    playground.settle(text());
    playground.settle(json!({"command": "reset", "config": config()}));
    let mut found = refused(&mut playground, &[json!({"command": "restore_best"})]);
    playground.send(train.clone());
    found.extend(wrong(&playground.send(json!({"command": "benchmark", "presets": ["micro"], "seconds": 1}))));
    playground.settle(json!({"command": "evaluate"}));
    found.extend(refused(&mut playground, &[train]));
    let look = |at: u32| json!({"command": "predict", "request": 7, "prompt": "a", "off": {}, "at": at});
    found.extend(refused(&mut playground, &[look(3)]));
    playground.settle(json!({"command": "set_text", "text": "ZEBRA QUILT 5\n".repeat(20)}));
    found.extend(refused(&mut playground, &[json!({"command": "fine_tune", "config": config()})]));

    let mut words = config();
    words.tokenizer.kind = TokenizerKind::Words;
    playground.settle(text());
    playground.settle(json!({"command": "reset", "config": words}));
    playground.settle(json!({"command": "set_text", "text": "a large bird sings\n".repeat(20)}));
    found.extend(refused(&mut playground, &[json!({"command": "fine_tune", "config": words})]));
    found.extend([
        // These have numbers that hang on the machine; session.rs and training.rs make them happen.
        said(&SessionProblem::ValidationRises { loss: 2.34567, step: 300, best_loss: 1.9, best_step: 120 }),
        said(&ModelError::StepNotFinite { what: Watched::Loss, step: 31, last_good: 30 }),
        said(&ModelError::StepNotFinite { what: Watched::GradientNorm, step: 31, last_good: 30 }),
        said(&ModelError::StepNotFinite { what: Watched::ValidationLoss, step: 30, last_good: 20 }),
        // A model of which none is kept is too large for a test.
        said(&SessionProblem::StepNotKept { step: 5, kept: Vec::new() }),
        said(&SessionProblem::StepNotKept { step: 5, kept: vec![0] }),
    ]);
    let error = DatasetError::TooShort { split: Split::Validation, tokens: 5, needed: 9 };
    found.push(said(&SessionProblem::NoValidationLoss { error }));
    found
}

fn of_looks() -> Vec<Value> {
    let mut playground = playground();
    playground.settle(text());
    let mut flat = config();
    flat.model.attention = false;
    playground.settle(json!({"command": "reset", "config": flat}));
    let attention =
        |layer: u32| json!({"command": "attention", "request": 2, "prompt": "a", "layer": layer, "head": 0});
    let mut found = refused(&mut playground, &[attention(0)]);
    playground.settle(json!({"command": "reset", "config": config()}));
    found.extend(refused(
        &mut playground,
        &[
            attention(5),
            json!({"command": "find_neighbours", "request": 3, "token": 999}),
            json!({"command": "sample", "request": 4, "source": "model", "sampling": {"prompt": "é"}}),
        ],
    ));
    found
}

fn of_sessions() -> Vec<Value> {
    let mut playground = playground();
    let json = tokenizer(TokenizerKind::Characters).to_json().unwrap();
    playground.settle(json!({"command": "set_tokenizer", "files": [file("tokenizer.json", &json)]}));
    playground.settle(text());
    playground.settle(json!({"command": "reset", "config": config()}));
    let saved = playground.settle(json!({"command": "save"}));
    let parts = of(&saved, "saved_part").into_iter().flat_map(|part| part["bytes"].as_array().unwrap());
    let saved: Vec<u8> = parts.map(|byte| byte.as_u64().unwrap() as u8).collect();
    let mut changed = |change: &dyn Fn(&mut Value)| {
        let (mut header, data) = taken_apart(&saved);
        let mut record = serde_json::from_str(header["__metadata__"]["session"].as_str().unwrap()).unwrap();
        change(&mut record);
        header["__metadata__"]["session"] = json!(record.to_string());
        let bytes = put_together(&header.to_string(), data);
        refused(&mut playground, &[json!({"command": "resume", "name": "saved.safetensors", "bytes": bytes})])
    };
    let mut found = [
        changed(&|record| drop(record.as_object_mut().unwrap().remove("course"))),
        changed(&|record| record["file_tokenizer"] = json!("{\"version\":\"2.0\"}")),
    ]
    .concat();
    let mut wordy = config();
    wordy.sampling.prompt = "a".repeat(17 << 20);
    playground.settle(json!({"command": "reset", "config": wordy}));
    found.extend(refused(&mut playground, &[json!({"command": "save"})]));
    found
}

fn of_memory() -> Vec<Value> {
    let mut playground = Playground::on(Device::cpu(2 << 20));
    playground.settle(text());
    let mut large = config();
    (large.model.width, large.model.hidden) = (256, 1024);
    let mut found = refused(&mut playground, &[json!({"command": "reset", "config": large})]);
    let model = ModelConfig { width: 96, heads: 4, kv_heads: 4, hidden: 400, ..gpt2() };
    let bytes = zip_of(&model_file(model, &tokenizer(TokenizerKind::Bytes)));
    let imported = playground.settle(json!({"command": "import", "name": "bird.zip", "bytes": bytes}));
    assert_eq!(of(&imported, "model_built").len(), 1, "{imported:?}");
    found.extend(refused(&mut playground, &[json!({"command": "step"})]));
    found
}

/// A host with nothing but what the session has.
struct Alone(Vec<Value>);

impl Host for Alone {
    fn emit(&mut self, event: Event) {
        self.0.push(serde_json::to_value(event).unwrap());
    }
    fn now(&self) -> f64 {
        0.0
    }
    async fn open(&self, _: Executor) -> Result<Device, GpuError> {
        Err(GpuError::NoAdapter { reason: "the browser's words".to_owned() })
    }
}

fn of_hosts() -> Vec<Value> {
    let mut host = Alone(Vec::new());
    let mut session = Session::new(Device::cpu(u64::MAX), &mut host);
    block_on(session.handle(Command::ComputeOn { executor: Executor::Gpu }, &mut host));
    let error = block_on(Session::open(None, &mut host)).map(|_| ()).unwrap_err();
    host.emit(no_gpu(error));
    let reason = serde_json::from_str::<Command>(r#"{"command":"sample"}"#).unwrap_err().to_string();
    [wrong(&host.0), vec![said(&SessionProblem::NotACommand { reason })]].concat()
}
