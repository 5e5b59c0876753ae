//! What configurations, texts, tokenizers, the tape, memory and the sampler refuse.

use super::said;
use crate::recording;
use fledgling::config::{Config, ConfigError, DataConfig, Positions, SamplingConfig, TokenizerConfig};
use fledgling::config::{Objective, Splitting, TokenizerKind, Windows};
use fledgling::dataset::{Dataset, Split, Stream};
use fledgling::device::Device;
use fledgling::gpu::{AdapterDescription, GpuError};
use fledgling::inference::Inference;
use fledgling::parameters::ModelError;
use fledgling::replay::replay;
use fledgling::sampler::Sampler;
use fledgling::tokenizer::{Tokenizer, TokenizerError, decode_file};
use fledgling::trainer;
use pollster::block_on;
use serde_json::{Value, json};

pub fn problems() -> Vec<Value> {
    [configurations(), datasets(), tokenizers(), tokenizer_files(), tapes(), memory(), models(), replays(), samplers()]
        .concat()
}

fn configurations() -> Vec<Value> {
    let refused = |change: &dyn Fn(&mut Config)| {
        let mut config = Config::default();
        config.model.vocab = 65;
        change(&mut config);
        said(&config.check().unwrap_err())
    };
    vec![
        refused(&|c| c.model.layers = 65),
        refused(&|c| c.training.learning_rate = 11.0),
        refused(&|c| c.data.validation_share = 0.95),
        refused(&|c| c.sampling.top_p = f64::NAN),
        refused(&|c| c.model.vocab = 0),
        refused(&|c| c.model.heads = 3),
        refused(&|c| (c.model.heads, c.model.kv_heads) = (4, 3)),
        refused(&|c| {
            (c.model.width, c.model.heads, c.model.kv_heads, c.model.positions) = (6, 2, 2, Positions::Rotary)
        }),
        refused(&|c| {
            (c.model.width, c.model.heads, c.model.kv_heads) = (5, 1, 1);
            c.model.positions = Positions::Sinusoidal;
        }),
        refused(&|c| {
            let m = &mut c.model;
            (m.layers, m.width, m.heads, m.kv_heads, m.hidden) = (64, 4096, 64, 64, 16_384);
        }),
        refused(&|c| (c.training.steps, c.training.warmup_steps) = (40, 41)),
        refused(&|c| c.data.windows = Windows::Prefixes),
        refused(&|c| {
            (c.data.windows, c.training.batch) = (Windows::Prefixes, 1);
            c.training.objective = Objective::EveryPosition;
        }),
        refused(&|c| c.sampling.top_k = 500),
        refused(&|c| c.data.mark_documents = true),
        refused(&|c| (c.data.mark_documents, c.tokenizer.kind) = (true, TokenizerKind::Words)),
        refused(&|c| (c.training.learning_rate, c.training.min_learning_rate) = (1e-3, 2e-3)),
    ]
}

fn datasets() -> Vec<Value> {
    let documents = |documents: &[&[u32]]| {
        let mut stream = Stream::new();
        documents.iter().for_each(|document| stream.push(document));
        stream
    };
    let tokens: Vec<u32> = (0..20).collect();
    let refused = |data: &DataConfig, training: &[&[u32]], split: Split, batch: usize, context: usize| {
        let dataset = Dataset::new(documents(training), documents(&[&tokens[..8]]), data);
        said(&dataset.check(split, batch, context).unwrap_err())
    };
    let [random, stride, prefixes] = [Windows::Random, Windows::Stride, Windows::Prefixes].map(|windows| DataConfig {
        windows,
        stride: 4,
        ..DataConfig::default()
    });
    let nothing = Dataset::new(documents(&[&tokens]), Stream::new(), &random);
    vec![
        refused(&random, &[&tokens], Split::Training, 2, 32),
        refused(&random, &[&tokens], Split::Validation, 2, 16),
        refused(&DataConfig { stride: 50, ..stride.clone() }, &[&tokens], Split::Training, 1, 4),
        refused(&stride, &[&tokens], Split::Training, 9, 4),
        refused(&prefixes, &[&tokens], Split::Training, 4, 4),
        refused(&prefixes, &[&[1], &[2]], Split::Training, 1, 4),
        said(&nothing.check(Split::Validation, 1, 4).unwrap_err()),
    ]
}

fn tokenizers() -> Vec<Value> {
    let made = |kind: TokenizerKind, vocabulary: usize, text: &str| {
        Tokenizer::from_text(&TokenizerConfig { kind, vocabulary, ..TokenizerConfig::default() }, text).unwrap_err()
    };
    let decoded = |bytes: &[u8]| said(&decode_file("notes.txt", bytes).unwrap_err());
    vec![
        said(&Tokenizer::of_text("").unwrap_err()),
        said(&made(TokenizerKind::Bpe, 256, "a bird")),
        said(&made(TokenizerKind::File, 300, "a bird")),
        said(&Tokenizer::of_text("a bird").unwrap().encode("déjà vu").unwrap_err()),
        decoded(b"\xff\xfea"),
        decoded(b"\xff\xfe\x00\xd8a\x00"),
        decoded(b"a\0b"),
        decoded(b"caf\xe9"),
        // The library writes whatever is built here.
        said(&TokenizerError::TokenizerUnwritable { reason: "the library's words".to_owned() }),
    ]
}

fn tokenizer_files() -> Vec<Value> {
    let made = |kind: TokenizerKind, splitting: Splitting| -> Value {
        let config = TokenizerConfig { kind, vocabulary: 300, splitting, ..TokenizerConfig::default() };
        let tokenizer = Tokenizer::from_text(&config, "low lower lowest, a newer tower; no flower so low").unwrap();
        serde_json::from_str(&tokenizer.to_json().unwrap()).unwrap()
    };
    let [characters, words, bytes, pairs] =
        [TokenizerKind::Characters, TokenizerKind::Words, TokenizerKind::Bytes, TokenizerKind::Bpe]
            .map(|kind| made(kind, Splitting::Gpt2));
    let blanks = made(TokenizerKind::Bpe, Splitting::Whitespace);
    let read = |json: &str| said(&Tokenizer::from_json(json).unwrap_err());
    let refused = |file: &Value, place: &str, value: Value| {
        let mut broken = file.clone();
        let (parent, key) = place.rsplit_once('/').unwrap();
        match broken.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
            object => object[key] = value,
        }
        read(&broken.to_string())
    };
    let tokens = pairs["model"]["vocab"].as_object().unwrap().len();
    let merge = pairs["model"]["merges"][0].clone();
    let many: serde_json::Map<String, Value> = (0..=262_144).map(|i| (i.to_string(), json!(i))).collect();
    vec![
        read(&" ".repeat((10 << 20) + 1)),
        read("{"),
        refused(&characters, "/surprise", json!(1)),
        refused(&pairs, "/version", json!("2.0")),
        refused(&pairs, "/version", json!(null)),
        refused(&pairs, "/model/type", json!("Unigram")),
        refused(&pairs, "/normalizer", json!({"type": "NFC"})),
        refused(&pairs, "/pre_tokenizer", json!({"type": "Metaspace"})),
        refused(&pairs, "/pre_tokenizer", json!({"kind": "Metaspace"})),
        refused(&pairs, "/pre_tokenizer/use_regex", json!(false)),
        refused(&pairs, "/pre_tokenizer", json!(null)),
        refused(&blanks, "/pre_tokenizer/pretokenizers/0/type", json!("Whitespace")),
        refused(&words, "/pre_tokenizer/pattern/Regex", json!("\\w+")),
        refused(&words, "/pre_tokenizer", json!({"type": "Whitespace"})),
        refused(&pairs, "/decoder", json!({"type": "WordPiece"})),
        refused(&characters, "/decoder", json!(null)),
        refused(&pairs, "/post_processor", json!({"type": "RobertaProcessing"})),
        refused(&pairs, "/model/dropout", json!(0.1)),
        refused(&characters, "/model/vocab", json!({})),
        refused(&words, "/model/vocab", json!(many)),
        refused(&pairs, "/model/vocab/a", json!(9999)),
        refused(&characters, "/model/vocab", json!({"a": 0, "b": 0})),
        refused(&pairs, "/added_tokens/0/id", json!(7)),
        refused(&pairs, "/model/vocab/", json!(tokens)),
        refused(&pairs, "/added_tokens/0/special", json!(false)),
        refused(&characters, "/model/vocab", json!({"ab": 0})),
        refused(&pairs, "/model/vocab/中", json!(tokens)),
        refused(&bytes, "/model/vocab", json!({"<|endoftext|>": 0, "a": 1})),
        refused(&words, "/model/unk_token", json!("[UNK]")),
        refused(&pairs, "/model/merges/2", json!("abc")),
        refused(&pairs, "/model/merges/0", json!("zq zq")),
        refused(&pairs, "/model/merges/0", json!("<|endoftext|> a")),
        refused(&pairs, "/model/merges/1", merge),
    ]
}

fn tapes() -> Vec<Value> {
    recording::refusals().iter().map(said).collect()
}

fn memory() -> Vec<Value> {
    let adapter = AdapterDescription { max_binding_bytes: 1 << 20, ..AdapterDescription::default() };
    let reason = || "the driver's words".to_owned();
    vec![
        said(&adapter.check("block.0.mlp.up.weight", 4 << 20, 0).unwrap_err()),
        // These come from drivers and browsers, or would be mistakes of ours.
        said(&GpuError::NoAdapter { reason: reason() }),
        said(&GpuError::NoDevice { adapter: "Some GPU".to_owned(), reason: reason() }),
        said(&GpuError::OutOfMemory { asked: 1 << 30 }),
        said(&GpuError::OutOfMemory { asked: 0 }),
        said(&GpuError::DeviceLost { reason: reason() }),
        said(&GpuError::Validation { reason: reason() }),
        said(&GpuError::UnknownBuffer { name: "losses".to_owned() }),
        said(&GpuError::OtherDevice),
    ]
}

fn models() -> Vec<Value> {
    let mut config = Config::default();
    (config.model.vocab, config.model.context) = (5, 4);
    let checked = config.check().unwrap();
    block_on(async {
        let device = Device::cpu(u64::MAX);
        let (mut parameters, mut trainer) = trainer::fresh(&device, &checked).await.unwrap();
        let unknown = parameters.parameter(&device, "block.9.norm").await.unwrap_err();
        let short = trainer.step_on(&device, &mut parameters, &[1, 2], &[2, 3]).map(|_| ()).unwrap_err();
        let token = Inference::default().logits(&device, &mut parameters, &[7]).await.unwrap_err();
        assert!(matches!(token, ModelError::UnknownToken { token: 7, vocab: 5 }), "{token:?}");
        vec![said(&unknown), said(&short), said(&token)]
    })
}

fn replays() -> Vec<Value> {
    let mut config = Config::default();
    config.model.vocab = 65;
    let device = Device::cpu(u64::MAX);
    let refused =
        |config: &Config, weights: &[u8]| said(&block_on(replay(&device, config, weights, b"", &|| 0.0)).unwrap_err());
    let weights = |dtype: &str, bytes: usize| {
        let header = json!({"embedding.token.weight": {"dtype": dtype, "shape": [2], "data_offsets": [0, bytes]}});
        crate::formats::put_together(&header.to_string(), &vec![0; bytes])
    };
    config.model.heads = 3;
    let contradiction = config.check().unwrap_err();
    assert!(matches!(contradiction, ConfigError::HeadsDoNotDivideWidth { .. }));
    assert_eq!(refused(&config, b""), said(&contradiction));
    config.model.heads = 2;
    vec![refused(&config, b"no file"), refused(&config, &weights("F16", 4))]
}

fn samplers() -> Vec<Value> {
    let refused = |settings: SamplingConfig| said(&Sampler::new(&settings, 65).map(|_| ()).unwrap_err());
    let mut sampler = Sampler::new(&SamplingConfig { top_k: 0, ..SamplingConfig::default() }, 3).unwrap();
    vec![
        said(&sampler.draw(&[0.0, f32::NAN, f32::INFINITY], &[]).unwrap_err()),
        said(&sampler.draw(&[], &[]).unwrap_err()),
        refused(SamplingConfig { temperature: -1.0, ..SamplingConfig::default() }),
        refused(SamplingConfig { temperature: f64::NAN, ..SamplingConfig::default() }),
        refused(SamplingConfig { top_k: 1000, ..SamplingConfig::default() }),
        refused(SamplingConfig { top_p: 1.5, ..SamplingConfig::default() }),
        refused(SamplingConfig { repetition_penalty: 0.0, ..SamplingConfig::default() }),
    ]
}
