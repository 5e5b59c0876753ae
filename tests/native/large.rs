//! Models at the limits of an adapter: what can be read and not trained, and what is refused before anything is allocated.

use crate::formats::{gpt2, model_file, put_together, taken_apart, tokenizer, unzip, zip_of, zip_up};
use crate::harness::{close, device, random};
use crate::playground::{Playground, of};
use crate::reference;
use fledgling::config::{ModelConfig, TokenizerKind};
use fledgling::gpu::AdapterDescription;
use fledgling::inference::Inference;
use fledgling::parameters::Parameters;
use fledgling::weights::{FileError, Incoming, Source, import, import_files, open};
use pollster::block_on;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use zip::CompressionMethod;

/// What failed, as code and values.
fn failed(events: &[Value]) -> Vec<Value> {
    of(events, "failed").iter().map(|e| json!({"code": e["code"], "values": e["values"]})).collect()
}

const NOTHING: [Value; 0] = [];

#[test]
fn large_models_are_sampled_where_they_cannot_be_trained() {
    // No tensor above 1 MiB, all together above: the update binds them in one stretch.
    let model = ModelConfig { width: 256, heads: 4, kv_heads: 4, hidden: 1000, ..gpt2() };
    let file = model_file(model, &tokenizer(TokenizerKind::Bytes));
    let import = json!({"command": "import", "name": "bird.zip", "bytes": zip_of(&file)});
    let text = json!({"command": "set_text", "text": crate::training::text(3000)});
    let sampling = json!({"prompt": "a small", "tokens": 12, "temperature": 0});
    let train = json!({"command": "train"});

    let mut wide = Playground::new();
    wide.settle(text.clone());
    wide.settle(import.clone());
    let sample = wide.sample("model", sampling.clone());
    assert_eq!(failed(&wide.settle(json!({"command": "step"}))), NOTHING);
    assert_eq!(wide.all("progressed").last().unwrap()["step"], 8, "one step behind the file's seven");

    let mut narrow = Playground::within(1 << 20);
    narrow.settle(text);
    let built = narrow.settle(import.clone());
    assert_eq!((failed(&built), of(&built, "model_built").len()), (Vec::new(), 1));
    assert_eq!(narrow.sample("model", sampling.clone()), sample);
    let estimate = &of(&built, "model_built")[0]["estimate"];
    let held = 4 * file.flat.len();
    let error = json!({
        "code": "buffer_too_large",
        "values": {"name": "optimizer.second", "asked": held, "limit": 1_048_576},
    });
    let values = json!({"asked": estimate["training_bytes"], "held": held, "error": error});
    for command in [train, json!({"command": "step"}), json!({"command": "evaluate"})] {
        let refused = narrow.settle(command.clone());
        assert_eq!(failed(&refused), [json!({"code": "no_room_to_train", "values": values})], "{command}");
        assert!(!narrow.busy(), "{command}");
    }
    // It goes on being read: samples, heads, tensors (their gradients are nobody's yet), and as a file.
    assert_eq!(narrow.sample("model", sampling.clone()), sample);
    let heads = narrow.settle(json!({"command": "look_at_heads", "request": 2, "prompt": "a small", "size": 8}));
    assert_eq!(of(&heads, "heads_looked_at")[0]["heads"].as_array().unwrap().len(), 8);
    let tensors = narrow.settle(json!({"command": "look_at_tensors", "request": 3}));
    assert!(of(&tensors, "tensors_looked_at")[0]["tensors"][0]["gradient"].is_null());
    let session = narrow.settle(json!({"command": "save"}));
    let parts = of(&session, "saved_part").into_iter();
    let saved: Vec<Value> = parts.flat_map(|part| part["bytes"].as_array().unwrap().clone()).collect();
    let mut again = Playground::within(1 << 20);
    let resumed = again.settle(json!({"command": "resume", "name": "saved", "bytes": saved}));
    assert_eq!(failed(&resumed), NOTHING);
    assert_eq!(again.sample("model", sampling), sample);
}

/// Tensors of a GPT-2 as OpenAI's own file has them, masks among them: (name, shape).
fn openai_tensors(vocab: usize, layers: usize, width: usize, context: usize) -> Vec<(String, Vec<usize>)> {
    let mut list = vec![("wte.weight".to_owned(), vec![vocab, width]), ("wpe.weight".to_owned(), vec![context, width])];
    for i in 0..layers {
        let parts: [(&str, Vec<usize>); 13] = [
            ("attn.bias", vec![1, 1, context, context]),
            ("ln_1.weight", vec![width]),
            ("ln_1.bias", vec![width]),
            ("attn.c_attn.weight", vec![width, 3 * width]),
            ("attn.c_attn.bias", vec![3 * width]),
            ("attn.c_proj.weight", vec![width, width]),
            ("attn.c_proj.bias", vec![width]),
            ("ln_2.weight", vec![width]),
            ("ln_2.bias", vec![width]),
            ("mlp.c_fc.weight", vec![width, 4 * width]),
            ("mlp.c_fc.bias", vec![4 * width]),
            ("mlp.c_proj.weight", vec![4 * width, width]),
            ("mlp.c_proj.bias", vec![width]),
        ];
        list.extend(parts.map(|(name, shape)| (format!("h.{i}.{name}"), shape)));
    }
    list.extend([("ln_f.weight".to_owned(), vec![width]), ("ln_f.bias".to_owned(), vec![width])]);
    list
}

/// What stands before the numbers; how many bytes these are.
fn header(tensors: &[(String, Vec<usize>)], dtype: &str) -> (Vec<u8>, u64) {
    let (mut entries, mut at) = (serde_json::Map::new(), 0);
    for (name, shape) in tensors {
        let end = at + shape.iter().product::<usize>() as u64 * if dtype == "F32" { 4 } else { 2 };
        entries.insert(name.clone(), json!({"dtype": dtype, "shape": shape, "data_offsets": [at, end]}));
        at = end;
    }
    (put_together(&Value::Object(entries).to_string(), &[]), at)
}

fn openai_config(vocab: usize, layers: usize, width: usize, context: usize) -> Vec<u8> {
    let config = json!({"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2",
        "attn_pdrop": 0.1, "embd_pdrop": 0.1, "resid_pdrop": 0.1, "initializer_range": 0.02, "layer_norm_epsilon": 1e-5,
        "n_ctx": context, "n_positions": context, "n_embd": width, "n_head": width / 64, "n_layer": layers,
        "vocab_size": vocab, "bos_token_id": vocab - 1, "eos_token_id": vocab - 1});
    config.to_string().into_bytes()
}

/// vocab.json and merges.txt of byte-level sub-words: the bytes, then what grows by a byte each, `<|endoftext|>` last.
fn openai_tokenizer(vocab: usize) -> [Vec<u8>; 2] {
    let printed = |byte: &u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let others = (0..256).filter(|byte| !printed(byte)).zip(256..).map(|(_, stand_in)| stand_in);
    let bytes: Vec<String> =
        (0..256).filter(printed).chain(others).map(|c| char::from_u32(c).unwrap().to_string()).collect();
    let mut ids: BTreeMap<String, usize> = bytes.iter().cloned().zip(0..).collect();
    let (mut tokens, mut merges) = (bytes.clone(), "#version: 0.2\n".to_owned());
    let pairs = (0..).flat_map(|i| bytes.iter().map(move |byte| (i, byte)));
    for (i, byte) in pairs {
        if ids.len() == vocab - 1 {
            break;
        }
        let token = format!("{}{byte}", tokens[i]);
        ids.insert(token.clone(), tokens.len());
        merges += &format!("{} {byte}\n", tokens[i]);
        tokens.push(token);
    }
    ids.insert("<|endoftext|>".to_owned(), vocab - 1);
    [serde_json::to_vec(&ids).unwrap(), merges.into_bytes()]
}

/// A file of which only the beginning is there: zeros follow. It counts what is read.
struct Hollow {
    head: Vec<u8>,
    size: u64,
    read: Rc<Cell<u64>>,
    most: Rc<Cell<u64>>,
}

impl Source for Hollow {
    fn size(&self) -> u64 {
        self.size
    }
    fn read(&self, at: Range<u64>) -> Result<Cow<'_, [u8]>, String> {
        let length = at.end - at.start;
        self.read.set(self.read.get() + length);
        self.most.set(self.most.get().max(length));
        let mut bytes = vec![0; length as usize];
        let there = self.head.get(at.start as usize..).unwrap_or_default();
        bytes.iter_mut().zip(there).for_each(|(to, from)| *to = *from);
        Ok(Cow::Owned(bytes))
    }
}

#[test]
fn large_tensors_are_refused_before_they_are_read() {
    let (vocab, layers, width, context) = (50_257, 12, 768, 1024);
    let [vocabulary, merges] = openai_tokenizer(vocab);
    for (dtype, bytes) in [("F32", 548_090_880), ("F16", 274_045_440)] {
        let (head, numbers) = header(&openai_tensors(vocab, layers, width, context), dtype);
        assert_eq!(numbers, bytes, "OpenAI's own file has as many");
        let (read, most) = (Rc::default(), Rc::default());
        let size = head.len() as u64 + numbers;
        let weights = Hollow { head, size, read: Rc::clone(&read), most: Rc::clone(&most) };
        let files: [(String, Rc<dyn Source>); 4] = [
            ("gpt2/config.json".to_owned(), Rc::new(openai_config(vocab, layers, width, context))),
            ("gpt2/model.safetensors".to_owned(), Rc::new(weights)),
            ("gpt2/vocab.json".to_owned(), Rc::new(vocabulary.clone())),
            ("gpt2/merges.txt".to_owned(), Rc::new(merges.clone())),
        ];
        let incoming = open(&files).unwrap();
        assert_eq!(fledgling::config::parameter_count(&incoming.checked.architecture), 124_439_808);
        let adapter = |binding: u64, buffer: u64| AdapterDescription {
            max_binding_bytes: binding,
            max_buffer_bytes: buffer,
            ..AdapterDescription::default()
        };
        let name = "gpt2/config.json, gpt2/model.safetensors, gpt2/vocab.json, …, model.safetensors";
        assert_eq!(
            incoming.check(&adapter(128 << 20, 1 << 30)),
            Err(FileError::NoRoomForTensor {
                name: name.to_owned(),
                tensor: "wte.weight".to_owned(),
                shape: vec![50_257, 768],
                asked: 154_389_504,
                limit: 134_217_728,
            })
        );
        assert_eq!(
            incoming.check(&adapter(256 << 20, 256 << 20)),
            Err(FileError::NoRoom {
                name: name.to_owned(),
                parameters: 124_439_808,
                asked: 497_759_232,
                limit: 268_435_456,
            })
        );
        assert_eq!(incoming.check(&adapter(256 << 20, 512 << 20)), Ok(()));
        assert!(read.get() < 1 << 20, "{} bytes were read", read.get());
        // Where there is room, they are read a stretch at a time.
        let (first, values) = incoming.parameters().next().unwrap().unwrap();
        assert_eq!((first, values.len()), (0, vocab * width));
        assert!(most.get() <= 4 << 20, "{} bytes at once", most.get());
    }
}

#[test]
fn large_tensors_are_refused_and_the_model_stays() {
    let model = ModelConfig { width: 256, heads: 4, kv_heads: 4, hidden: 1000, ..gpt2() };
    let tokenizer = tokenizer(TokenizerKind::Bytes);
    let mut playground = Playground::within(1 << 19);
    let small = json!({"command": "import", "name": "small.zip", "bytes": zip_of(&model_file(gpt2(), &tokenizer))});
    assert_eq!(failed(&playground.settle(small)), NOTHING);
    let sampling = json!({"prompt": "a small", "tokens": 12, "temperature": 0});
    let before = playground.sample("model", sampling.clone());
    let large = json!({"command": "import", "name": "large.zip", "bytes": zip_of(&model_file(model, &tokenizer))});
    let refused = playground.settle(large);
    let values = json!({
        "name": "large.zip, model.safetensors",
        "tensor": "transformer.h.0.attn.c_attn.weight",
        "shape": [256, 768],
        "asked": 786_432,
        "limit": 524_288,
    });
    assert_eq!(failed(&refused), [json!({"code": "no_room_for_tensor", "values": values})]);
    assert_eq!(of(&refused, "model_built").len(), 0);
    assert_eq!(playground.sample("model", sampling), before);
}

/// Logits of an incoming model, its parameters sent one by one.
fn logits(incoming: &Incoming<'_>, tokens: &[u32]) -> Vec<f32> {
    block_on(async {
        let mut parameters = Parameters::empty(device(), &incoming.checked, 0).await.unwrap();
        for parameter in incoming.parameters() {
            let (offset, values) = parameter.unwrap();
            parameters.fill(device(), offset, &values).await.unwrap();
        }
        Inference::default().logits(device(), &mut parameters, tokens).await.unwrap()
    })
}

#[test]
fn large_layers_in_every_precision_have_the_logits_of_the_reference() {
    // Layers as wide as GPT-2's, two of them.
    let (vocab, layers, width, context) = (1257, 2, 768, 1024);
    let tensors = openai_tensors(vocab, layers, width, context);
    // Numbers that all three types hold exactly.
    let values: Vec<Vec<f32>> = (1..)
        .zip(&tensors)
        .map(|(seed, (name, shape))| {
            let gain = if name.contains("ln_") && name.ends_with("weight") { 1.0 } else { 0.0 };
            let steps = random(seed, shape.iter().product()).into_iter().map(|r| (r * 20.0).round());
            steps.map(|step| gain + step / if gain > 0.0 { 128.0 } else { 256.0 }).collect()
        })
        .collect();
    let ours = |name: &str| match name.strip_prefix("h.").and_then(|rest| rest.split_once('.')) {
        Some((i, rest)) => {
            let (part, kind) = rest.rsplit_once('.').unwrap();
            let part = match part {
                "ln_1" => "attention_norm",
                "attn.c_attn" => "attention.qkv",
                "attn.c_proj" => "attention.output",
                "ln_2" => "mlp_norm",
                "mlp.c_fc" => "mlp.up",
                "mlp.c_proj" => "mlp.down",
                mask => mask,
            };
            let gain = part.ends_with("norm") && kind == "weight";
            format!("block.{i}.{part}.{}", if gain { "gain" } else { kind })
        }
        None => match name {
            "wte.weight" => "embedding.token.weight".to_owned(),
            "wpe.weight" => "embedding.position.weight".to_owned(),
            "ln_f.weight" => "final_norm.gain".to_owned(),
            _ => "final_norm.bias".to_owned(),
        },
    };
    let wide = |values: &Vec<f32>| values.iter().map(|&v| f64::from(v)).collect();
    let weights: reference::Weights =
        tensors.iter().zip(&values).map(|((name, _), values)| (ours(name), wide(values))).collect();
    let [vocabulary, merges] = openai_tokenizer(vocab);
    let config = openai_config(vocab, layers, width, context);
    let tokens = [3, 1256, 77, 900, 256, 3, 41];
    let mut wanted = Vec::new();
    for dtype in ["F32", "F16", "BF16"] {
        let (mut bytes, _) = header(&tensors, dtype);
        for value in values.iter().flatten() {
            let bits = value.to_bits();
            let half =
                |bits: u32| (bits >> 16 & 0x8000 | ((bits >> 23 & 0xff) - 112) << 10 | bits >> 13 & 0x3ff) as u16;
            match dtype {
                "F32" => bytes.extend(bits.to_le_bytes()),
                "BF16" => bytes.extend(((bits >> 16) as u16).to_le_bytes()),
                _ => bytes.extend(if *value == 0.0 { 0 } else { half(bits) }.to_le_bytes()),
            }
        }
        let files: [(String, Rc<dyn Source>); 4] = [
            ("config.json".to_owned(), Rc::new(config.as_slice())),
            ("model.safetensors".to_owned(), Rc::new(bytes)),
            ("vocab.json".to_owned(), Rc::new(vocabulary.as_slice())),
            ("merges.txt".to_owned(), Rc::new(merges.as_slice())),
        ];
        let incoming = open(&files).unwrap();
        if wanted.is_empty() {
            wanted = reference::logits(&incoming.config.model, &weights, &tokens, 1);
        }
        let (got, largest) = (logits(&incoming, &tokens), wanted.iter().fold(0f64, |a, b| a.max(b.abs())));
        close(dtype, &got, &wanted, 1e-4, 1e-5 * largest);
    }
}

/// A folder's weights divided into two files, and their index.
fn divided(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let (header, data) = taken_apart(&files["model.safetensors"]);
    let mut parts: [(serde_json::Map<String, Value>, Vec<u8>); 2] = Default::default();
    let mut map = serde_json::Map::new();
    for (number, (name, entry)) in
        header.as_object().unwrap().iter().filter(|(name, _)| *name != "__metadata__").enumerate()
    {
        let (entries, bytes) = &mut parts[number % 2];
        let at = |i: usize| entry["data_offsets"][i].as_u64().unwrap() as usize;
        let start = bytes.len();
        bytes.extend(&data[at(0)..at(1)]);
        let mut entry = entry.clone();
        entry["data_offsets"] = json!([start, bytes.len()]);
        entries.insert(name.clone(), entry);
        map.insert(name.clone(), json!(format!("model-0000{}-of-00002.safetensors", number % 2 + 1)));
    }
    let mut divided = files.clone();
    divided.remove("model.safetensors");
    for (number, (entries, bytes)) in parts.into_iter().enumerate() {
        let name = format!("model-0000{}-of-00002.safetensors", number + 1);
        divided.insert(name, put_together(&Value::Object(entries).to_string(), &bytes));
    }
    let index = json!({"metadata": {"total_size": data.len()}, "weight_map": map});
    divided.insert("model.safetensors.index.json".to_owned(), index.to_string().into_bytes());
    divided
}

#[test]
fn large_models_in_several_files_are_read_as_one() {
    let file = model_file(gpt2(), &tokenizer(TokenizerKind::Bytes));
    let good = divided(&unzip(&zip_of(&file)));
    let given = |files: &BTreeMap<String, Vec<u8>>| {
        let list: Vec<(&str, &[u8])> = files.iter().map(|(name, data)| (name.as_str(), data.as_slice())).collect();
        import_files(&list)
    };
    assert!(given(&good).unwrap().flat == file.flat);
    let entries = good.iter().map(|(name, data)| (name.as_str(), data.as_slice()));
    assert!(import("x.zip", &zip_up(entries, CompressionMethod::Deflated)).unwrap().flat == file.flat);

    let (first, second) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    let without = |name: &str| {
        let mut files = good.clone();
        files.remove(name);
        given(&files).map(|_| ()).unwrap_err()
    };
    assert!(matches!(without(second), FileError::MissingShard { file, .. } if file == second));
    assert!(matches!(without("model.safetensors.index.json"), FileError::MissingIndex { .. }));
    assert!(matches!(import(first, &good[first]), Err(FileError::MissingIndex { .. })));

    let with = |change: &dyn Fn(&mut Value)| {
        let mut index: Value = serde_json::from_slice(&good["model.safetensors.index.json"]).unwrap();
        change(&mut index);
        let mut files = good.clone();
        files.insert("model.safetensors.index.json".to_owned(), index.to_string().into_bytes());
        given(&files).map(|_| ()).unwrap_err()
    };
    let (wte, other) = ("transformer.wte.weight", "../../elsewhere.safetensors");
    let swapped = |index: &mut Value| {
        let place = &mut index["weight_map"][wte];
        *place = json!(if *place == first { second } else { first });
    };
    assert!(matches!(
        with(&swapped),
        FileError::WrongShard { tensor, file, .. } if tensor == wte && file.starts_with("model-0000")
    ));
    let elsewhere = with(&|index| index["weight_map"][wte] = json!(other));
    assert!(matches!(elsewhere, FileError::MissingShard { file, .. } if file == other));
    let broken = with(&|index| *index = json!([1]));
    assert!(matches!(broken, FileError::BadJson { file: "model.safetensors.index.json", .. }), "{broken:?}");
    let mut twice = good.clone();
    twice.insert(second.to_owned(), good[first].clone());
    let error = given(&twice).map(|_| ()).unwrap_err();
    assert!(matches!(error, FileError::WrongShard { .. } | FileError::TensorTwice { .. }), "{error:?}");
    // Every rule of one file holds for several: here a number that is none.
    let mut infinite = good.clone();
    let bytes = infinite.get_mut(second).unwrap();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let error = given(&infinite).map(|_| ()).unwrap_err();
    let FileError::WeightsNotFinite { name, count: 1, .. } = &error else { panic!("{error:?}") };
    assert!(name.ends_with(&format!(", {second}")), "{name}");
}
