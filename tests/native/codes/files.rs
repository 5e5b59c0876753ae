//! What files are refused for, and what models as files.

use super::said;
use crate::formats::{about, gpt2, model_file, put_together, taken_apart, tokenizer, unzip, zip_of, zip_up};
use fledgling::config::{Activation, ModelConfig, NormPlace, Splitting, TokenizerConfig, TokenizerKind};
use fledgling::gpu::AdapterDescription;
use fledgling::protocol::Unfit;
use fledgling::tokenizer::Tokenizer;
use fledgling::weights::{
    FileError, Format, ModelFile, Source, checkpoint, export, import, import_files, measure, open,
};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use zip::CompressionMethod;

pub fn problems() -> Vec<Value> {
    [headers(), folders(), zips(), too_long(), exports(), adapters()].concat()
}

type Files = BTreeMap<String, Vec<u8>>;

fn model() -> ModelFile {
    model_file(gpt2(), &tokenizer(TokenizerKind::Bytes))
}

fn good() -> Files {
    unzip(&zip_of(&model()))
}

fn entries(files: &Files) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, data)| (name.as_str(), data.as_slice())).collect()
}

/// What is said of a file, or of these files together.
fn of(bytes: &[u8]) -> Value {
    let name = if bytes.starts_with(b"PK") { "bird.zip" } else { "bird.safetensors" };
    said(&import(name, bytes).map(|_| ()).unwrap_err())
}

fn of_files(files: &Files) -> Value {
    said(&import_files(&entries(files)).map(|_| ()).unwrap_err())
}

/// Our own file, its header or its numbers changed.
fn ours(change: impl FnOnce(&mut Value, &mut Vec<u8>)) -> Vec<u8> {
    let bytes = export(&model(), Format::Safetensors, &about()).unwrap();
    let (mut header, data) = taken_apart(&bytes);
    let mut data = data.to_vec();
    change(&mut header, &mut data);
    put_together(&header.to_string(), &data)
}

fn headers() -> Vec<Value> {
    const WEIGHT: &str = "block.0.attention.qkv.weight";
    let metadata = |key: &str, value: Value| of(&ours(|header, _| header["__metadata__"][key] = value));
    let config = |from: &str, to: &str| {
        of(&ours(|header, _| {
            let config = header["__metadata__"]["config"].as_str().unwrap().replace(from, to);
            header["__metadata__"]["config"] = json!(config);
        }))
    };
    let shape = |shape: Value| of(&ours(|header, _| header[WEIGHT]["shape"] = shape));
    let mut saved = ours(|header, data| {
        let end = data.len();
        data.extend(b"caf\xe9");
        header["text"] = json!({"dtype": "U8", "shape": [4], "data_offsets": [end, end + 4]});
        header["__metadata__"]["session"] = json!("{}");
    });
    let not_utf8 = said(&checkpoint::from_bytes("saved", &saved).map(|_| ()).unwrap_err());
    saved.truncate(20);
    vec![
        of(&saved),
        of(b"not a file of weights"),
        of(&ours(|header, _| drop(header["__metadata__"].as_object_mut().unwrap().remove("config")))),
        config("\"heads\":3", "\"heads\":\"three\""),
        metadata("training", json!("{\"training_loss\":1e300}")),
        metadata("tokenizer", json!("{\"version\":\"2.0\"}")),
        config("\"heads\":3", "\"heads\":5"),
        config("\"vocab\":257", "\"vocab\":99"),
        of(&ours(|header, _| {
            let tensor = header.as_object_mut().unwrap().remove(WEIGHT).unwrap();
            header["block.0.attention.surprise"] = tensor;
        })),
        of(&ours(|header, data| {
            let end = data.len();
            let range = header.as_object_mut().unwrap().remove(WEIGHT).unwrap()["data_offsets"].clone();
            // What nothing claims is no safetensors file: the next tensors move up.
            let (from, to) = (range[0].as_u64().unwrap(), range[1].as_u64().unwrap());
            data.drain(from as usize..to as usize);
            for (_, tensor) in header.as_object_mut().unwrap().iter_mut().filter(|(name, _)| *name != "__metadata__") {
                for offset in tensor["data_offsets"].as_array_mut().unwrap() {
                    let at = offset.as_u64().unwrap();
                    *offset = json!(if at >= to { at - (to - from) } else { at });
                }
            }
            assert_eq!(data.len() as u64, end as u64 - (to - from));
        })),
        shape(json!([36, 12])),
        of(&ours(|header, _| header[WEIGHT]["dtype"] = json!("I32"))),
        of(&ours(|_, data| data[..4].copy_from_slice(&f32::NAN.to_le_bytes()))),
        not_utf8,
        // The reader of JSON refuses such a number before.
        said(&FileError::MetadataLossNotFinite { name: "bird.safetensors".to_owned() }),
    ]
}

/// The weights in two files, with the index that says which tensor is in which.
fn divided(change: impl FnOnce(&mut BTreeMap<String, usize>, &mut Files)) -> Files {
    let mut files = good();
    let whole = files.remove("model.safetensors").unwrap();
    let (header, _) = taken_apart(&whole);
    let names = header.as_object().unwrap().keys().filter(|name| *name != "__metadata__");
    let mut places: BTreeMap<String, usize> = names.map(|name| (name.clone(), 1)).collect();
    files.insert(shard(1), whole);
    change(&mut places, &mut files);
    let map: BTreeMap<&str, String> = places.iter().map(|(name, number)| (name.as_str(), shard(*number))).collect();
    let index = json!({"weight_map": map}).to_string().into_bytes();
    files.entry("model.safetensors.index.json".to_owned()).or_insert(index);
    files
}

fn shard(number: usize) -> String {
    format!("model-0000{number}-of-00002.safetensors")
}

fn folders() -> Vec<Value> {
    let without = |names: &[&str]| {
        let mut files = good();
        names.iter().for_each(|name| drop(files.remove(*name)));
        of_files(&files)
    };
    let with = |name: &str, data: &[u8]| {
        let mut files = good();
        files.insert(name.to_owned(), data.to_vec());
        files
    };
    let config = |change: &dyn Fn(&mut Value)| {
        let mut files = good();
        let mut config: Value = serde_json::from_slice(&files["config.json"]).unwrap();
        change(&mut config);
        files.insert("config.json".to_owned(), config.to_string().into_bytes());
        // Without our own metadata config.json alone decides.
        let (mut header, data) = taken_apart(&files["model.safetensors"]);
        header["__metadata__"] = json!({"format": "pt"});
        let weights = put_together(&header.to_string(), data);
        files.insert("model.safetensors".to_owned(), weights);
        of_files(&files)
    };
    let embedding = "transformer.wte.weight";
    let mut pair = good();
    pair.remove("tokenizer.json");
    pair.insert("vocab.json".to_owned(), b"{}".to_vec());
    let alone = of_files(&pair);
    pair.insert("merges.txt".to_owned(), Vec::new());
    let empty = of_files(&pair);
    let mut index = divided(|_, _| {});
    index.remove("model.safetensors.index.json");
    vec![
        without(&["model.safetensors"]),
        without(&["config.json"]),
        without(&["tokenizer.json"]),
        alone,
        empty,
        of_files(&index),
        of_files(&divided(|places, _| places.extend([(embedding.to_owned(), 2)]))),
        of_files(&divided(|places, files| {
            let mut other = taken_apart(&files[&shard(1)]).0;
            other.as_object_mut().unwrap().retain(|name, _| name == "__metadata__");
            files.insert(shard(2), put_together(&other.to_string(), &[]));
            places.insert(embedding.to_owned(), 2);
        })),
        of_files(&divided(|places, files| {
            files.insert(shard(2), files[&shard(1)].clone());
            places.insert(embedding.to_owned(), 2);
        })),
        of_files(&divided(|_, files| drop(files.insert("model.safetensors.index.json".to_owned(), b"[1]".to_vec())))),
        of_files(&with("other.safetensors", b"")),
        of_files(&with("config.json", b"{")),
        of_files(&with("config.json", b"\0\0")),
        of_files(&with("tokenizer.json", b"{")),
        config(&|config| drop(config.as_object_mut().unwrap().remove("n_embd"))),
        config(&|config| config["model_type"] = json!("mamba")),
        config(&|config| config["n_embd"] = json!(1.5)),
        config(&|config| config["layer_norm_epsilon"] = json!("small")),
        config(&|config| config["quantization_config"] = json!({"bits": 4})),
        config(&|config| config["activation_function"] = json!("selu")),
        config(&|config| config["n_head"] = json!(5)),
        config(&|config| config["n_layer"] = json!(3)),
        of_llama(|config| config["rope_scaling"] = json!({"type": "linear", "factor": 2.0})),
        of_llama(|config| config["sliding_window"] = json!(4)),
        of_llama(|config| config["head_dim"] = json!(3)),
        of_llama(|config| config["attention_bias"] = json!("yes")),
    ]
}

fn of_llama(change: impl FnOnce(&mut Value)) -> Value {
    let mut files = unzip(&zip_of(&model_file(crate::formats::llama(), &tokenizer(TokenizerKind::Bytes))));
    let mut config: Value = serde_json::from_slice(&files["config.json"]).unwrap();
    change(&mut config);
    files.insert("config.json".to_owned(), config.to_string().into_bytes());
    of_files(&files)
}

fn zips() -> Vec<Value> {
    let files = good();
    let whole = zip_up(entries(&files), CompressionMethod::Stored);
    let at = |zip: &[u8], number: usize| {
        zip.windows(4).enumerate().filter(|(_, bytes)| bytes == b"PK\x01\x02").nth(number).unwrap().0
    };
    // A field in the directory's line of the first entry that is read, config.json behind README.md.
    let patched = |zip: &[u8], field: usize, bytes: &[u8]| {
        let mut broken = zip.to_vec();
        broken[at(zip, 1) + field..][..bytes.len()].copy_from_slice(bytes);
        of(&broken)
    };
    let mut flipped = whole.clone();
    let place = flipped.windows(9).position(|bytes| bytes == b"n_embd\": ").unwrap();
    flipped[place] ^= 1;
    let mut over = whole.clone();
    over.copy_within(at(&whole, 0) + 42..at(&whole, 0) + 46, at(&whole, 1) + 42);
    let mut alike = zip_up([("LICENSE", &b"a"[..]), ("LICENCE", b"b")], CompressionMethod::Stored);
    while let Some(at) = alike.windows(7).position(|bytes| bytes == b"LICENCE") {
        alike[at..at + 7].copy_from_slice(b"LICENSE");
    }
    let crowd: Vec<(String, &[u8])> = (0..33).map(|i| (format!("{i}.txt"), &b""[..])).collect();
    let packed = zip_up(entries(&files), CompressionMethod::Deflated);
    let length = u32::try_from(files["config.json"].len()).unwrap() + 1;
    vec![
        of(b"PK\x03\x04"),
        of(&zip_up(crowd.iter().map(|(name, data)| (name.as_str(), *data)), CompressionMethod::Stored)),
        of(&alike),
        of(&over),
        of(&zip_up([("pytorch_model.bin", &b"x"[..])], CompressionMethod::Stored)),
        of(&zip_up([("model.safetensors", vec![0; 4 << 20].as_slice())], CompressionMethod::Deflated)),
        patched(&whole, 8, &[1, 0]),
        patched(&whole, 10, &[12, 0]),
        of(&flipped),
        patched(&packed, 24, &length.to_le_bytes()),
    ]
}

/// A file that is all of one beginning, however long; None: it cannot be read.
struct Hollow {
    size: u64,
    head: Option<&'static [u8]>,
}

impl Source for Hollow {
    fn size(&self) -> u64 {
        self.size
    }
    fn read(&self, at: Range<u64>) -> Result<Cow<'_, [u8]>, String> {
        let head = self.head.ok_or("the file has changed on disk")?;
        let byte = |place: u64| usize::try_from(place).ok().and_then(|place| head.get(place)).copied().unwrap_or(0);
        Ok(Cow::Owned(at.map(byte).collect()))
    }
}

fn too_long() -> Vec<Value> {
    let opened = |files: &[(&str, u64, Option<&'static [u8]>)]| {
        let source = |&(name, size, head): &_| {
            let name: &str = name;
            (name.to_owned(), Rc::new(Hollow { size, head }) as Rc<dyn Source>)
        };
        said(&open(&files.iter().map(source).collect::<Vec<_>>()).map(|_| ()).unwrap_err())
    };
    let mut config = good();
    config.insert("config.json".to_owned(), vec![b' '; (1 << 20) + 1]);
    vec![
        opened(&[("bird.zip", 3 << 30, Some(b"PK\x03\x04"))]),
        opened(&[("bird.zip", 1 << 20, None)]),
        opened(&[("model.safetensors", 2 << 30, Some(b"")), ("config.json", 1, Some(b"{"))]),
        of_files(&config),
        // No zip of this length fits into a test: four entries of 600 MB.
        said(&FileError::UnpackedTooLong { name: "bird.zip".to_owned(), bytes: 2_400_000_000, limit: 2 << 30 }),
    ]
}

fn exports() -> Vec<Value> {
    let refused = |file: &ModelFile, format| said(&measure(file, format, &about()).unwrap_err());
    let gguf = |model: ModelConfig, kind| refused(&model_file(model, &tokenizer(kind)), Format::Gguf);
    let openai = ModelConfig {
        norm_place: NormPlace::Post,
        final_norm: false,
        hidden: 48,
        activation: Activation::Silu,
        ..gpt2()
    };
    let blanks = TokenizerConfig {
        kind: TokenizerKind::Bpe,
        vocabulary: 270,
        splitting: Splitting::Whitespace,
        ..TokenizerConfig::default()
    };
    let blanks = Tokenizer::from_text(&blanks, "a small bird sings, another answers").unwrap();
    let mut large = model();
    let m = &mut large.config.model;
    (m.layers, m.width, m.heads, m.kv_heads, m.hidden) = (48, 1024, 16, 16, 4096);
    large.checked = large.config.check().unwrap();
    large.flat.clear();
    let mut wordy = model();
    wordy.config.sampling.prompt = "x".repeat(17 << 20);
    let odd = model_file(ModelConfig { layers: 0, ..gpt2() }, &tokenizer(TokenizerKind::Bytes));
    vec![
        refused(&large, Format::Transformers),
        gguf(ModelConfig { layers: 0, ..gpt2() }, TokenizerKind::Bytes),
        gguf(openai, TokenizerKind::Bytes),
        gguf(ModelConfig { activation: Activation::Relu, ..gpt2() }, TokenizerKind::Bytes),
        gguf(gpt2(), TokenizerKind::Characters),
        gguf(gpt2(), TokenizerKind::Words),
        refused(&model_file(gpt2(), &blanks), Format::Gguf),
        refused(&wordy, Format::Safetensors),
        said(&Unfit::NoClass(odd.class().unwrap_err())),
        // Memory is written to, which takes whatever comes.
        said(&FileError::Unwritable { reason: "the writer's words".to_owned() }),
    ]
}

fn adapters() -> Vec<Value> {
    let bytes = zip_of(&model());
    let source: (String, Rc<dyn Source>) = ("bird.zip".to_owned(), Rc::new(bytes));
    let incoming = open(&[source]).unwrap();
    let adapter = |binding: u64, buffer: u64| AdapterDescription {
        max_binding_bytes: binding,
        max_buffer_bytes: buffer,
        ..AdapterDescription::default()
    };
    let refused = |adapter: &AdapterDescription| said(&incoming.check(adapter).unwrap_err());
    vec![refused(&adapter(1 << 10, 1 << 20)), refused(&adapter(1 << 14, 1 << 14))]
}
