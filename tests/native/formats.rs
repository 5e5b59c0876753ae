//! Models as files for others, and others' as ours: what leaves comes back bit for bit, and a stranger's file is refused with a
//! code and its values, quickly, before anything changes.

use crate::codes::{expect, said};
use crate::harness::{Model, random};
use fledgling::config::{Activation, Config, ModelConfig, Norm, NormPlace, Positions, TokenizerConfig, TokenizerKind};
use fledgling::model::Layout;
use fledgling::tokenizer::Tokenizer;
use fledgling::weights::{About, FileError, Format, History, ModelFile, crc32, export, import, import_files, measure};
use pollster::block_on;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const TEXT: &str = "a small bird sings\nand another answers it, it sings again\n";

pub fn tokenizer(kind: TokenizerKind) -> Tokenizer {
    Tokenizer::from_text(&TokenizerConfig { kind, vocabulary: 270, ..TokenizerConfig::default() }, TEXT).unwrap()
}

/// A model of random weights, biases and gains too.
pub fn model_file(model: ModelConfig, tokenizer: &Tokenizer) -> ModelFile {
    let mut config = Config { model, ..Config::default() };
    config.model.vocab = tokenizer.vocab();
    config.tokenizer = tokenizer.config().clone();
    (config.training.seed, config.sampling.prompt) = (5, "a small".to_owned());
    let checked = config.check().unwrap();
    let layout = Layout::new(&checked.architecture);
    let mut flat = vec![0.0; layout.words];
    for (i, (_, place)) in layout.places().enumerate() {
        let values = random(i as u64 + 1, place.len());
        flat[place].iter_mut().zip(values).for_each(|(w, v)| *w = 0.3 * v);
    }
    let text_crc32 = Some(crc32(TEXT));
    let (step, text_characters) = (7, TEXT.len());
    let history = History { step, training_loss: Some(2.5), validation_loss: None, text_characters, text_crc32 };
    ModelFile { checked, config, tokenizer: tokenizer.clone(), history, flat }
}

pub fn gpt2() -> ModelConfig {
    ModelConfig {
        vocab: 0,
        context: 16,
        width: 12,
        layers: 2,
        heads: 3,
        kv_heads: 3,
        hidden: 20,
        attention: true,
        mlp: true,
        positions: Positions::Learned,
        norm: Norm::Layer,
        norm_place: NormPlace::Pre,
        final_norm: true,
        norm_epsilon: 1e-5,
        norm_bias: true,
        activation: Activation::GeluTanh,
        attention_bias: true,
        attention_output: true,
        mlp_bias: true,
        head_bias: false,
        tied: true,
        causal: true,
        rotary_base: 10_000.0,
        dropout: 0.1,
    }
}

pub fn llama() -> ModelConfig {
    ModelConfig {
        heads: 6,
        kv_heads: 2,
        positions: Positions::Rotary,
        norm: Norm::Rms,
        activation: Activation::Swiglu,
        attention_bias: false,
        mlp_bias: false,
        tied: false,
        rotary_base: 500.0,
        ..gpt2()
    }
}

fn openai() -> ModelConfig {
    ModelConfig { norm_place: NormPlace::Post, final_norm: false, hidden: 48, activation: Activation::Silu, ..gpt2() }
}

/// Every class with its options, and what has no class.
fn models() -> Vec<(&'static str, Option<&'static str>, ModelConfig)> {
    let (gpt, lla, ope) = (Some("GPT2LMHeadModel"), Some("LlamaForCausalLM"), Some("OpenAIGPTLMHeadModel"));
    vec![
        ("gpt2", gpt, gpt2()),
        (
            "gpt2 without biases",
            gpt,
            ModelConfig { attention_bias: false, mlp_bias: false, norm_bias: false, ..gpt2() },
        ),
        ("gpt2 untied with ReLU", gpt, ModelConfig { tied: false, activation: Activation::Relu, ..gpt2() }),
        ("gpt2 with GELU", gpt, ModelConfig { activation: Activation::Gelu, ..gpt2() }),
        ("llama", lla, llama()),
        ("llama with biases, tied", lla, ModelConfig { attention_bias: true, mlp_bias: true, tied: true, ..llama() }),
        ("openai", ope, openai()),
        ("openai with sinusoids", ope, ModelConfig { positions: Positions::Sinusoidal, norm_bias: false, ..openai() }),
        ("bigram", None, ModelConfig { layers: 0, ..gpt2() }),
        ("odd", None, ModelConfig { head_bias: true, norm: Norm::None, activation: Activation::ReluSquared, ..gpt2() }),
    ]
}

pub fn about() -> About {
    About { text_name: "bird.txt".to_owned(), date: "2026-01-31".to_owned() }
}

pub fn zip_of(file: &ModelFile) -> Vec<u8> {
    export(file, Format::Transformers, &about()).unwrap()
}

/// A zip's entries.
pub fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for i in 0..zip.len() {
        let mut entry = zip.by_index(i).unwrap();
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        files.insert(entry.name().unwrap().into_owned(), data);
    }
    files
}

pub fn zip_up<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in files {
        zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(data).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Header and data of a safetensors file.
pub fn taken_apart(bytes: &[u8]) -> (Value, &[u8]) {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..8 + length]).unwrap(), &bytes[8 + length..])
}

pub fn put_together(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

fn logits(file: &ModelFile) -> Vec<f32> {
    block_on(async {
        let mut model = Model::of_weights(&file.checked, &file.flat).await.unwrap();
        model.logits(&[0, 3, 1, 2, 5, 1]).await.unwrap()
    })
}

#[test]
fn formats_round_trip_every_class_bit_for_bit() {
    for (name, class, model) in models() {
        for kind in [TokenizerKind::Characters, TokenizerKind::Words, TokenizerKind::Bytes, TokenizerKind::Bpe] {
            let file = model_file(model.clone(), &tokenizer(kind));
            assert_eq!(file.class().ok(), class, "{name}");
            for format in [Format::Safetensors, Format::Transformers] {
                let bytes = export(&file, format, &about()).unwrap();
                assert_eq!(bytes, export(&file, format, &about()).unwrap(), "{name}: the same model, the same bytes");
                let unweighed = ModelFile { flat: Vec::new(), ..file.clone() };
                assert_eq!(measure(&unweighed, format, &about()), Ok(bytes.len() as u64), "{name}: {format:?}");
                let back = import("bird", &bytes).unwrap();
                assert!(back.flat == file.flat, "{name}: {format:?}");
                assert_eq!(
                    (&back.config, &back.tokenizer, &back.history),
                    (&file.config, &file.tokenizer, &file.history)
                );
                assert_eq!(back.checked, file.checked);
            }
        }
    }
}

#[test]
fn formats_without_our_words_have_the_same_logits() {
    // As a model elsewhere leaves it: no metadata, config.json alone says what the model is.
    for (name, class, model) in models() {
        let file = model_file(model, &tokenizer(TokenizerKind::Bytes));
        let mut files = unzip(&zip_of(&file));
        let (mut header, data) = taken_apart(&files["model.safetensors"]);
        header["__metadata__"] = json!({"format": "pt"});
        let data = data.to_vec();
        files.insert("model.safetensors".to_owned(), put_together(&header.to_string(), &data));
        let given: Vec<(&str, &[u8])> = files.iter().map(|(name, data)| (name.as_str(), data.as_slice())).collect();
        let back = import_files(&given);
        let Some(_) = class else {
            assert!(matches!(back, Err(FileError::MissingMetadata { key: "config", .. })), "{name}");
            continue;
        };
        let back = back.unwrap();
        assert_eq!((back.history.step, back.class().ok()), (0, class), "{name}");
        // Zeros for biases and a table for sinusoids add the same numbers.
        assert!(logits(&back) == logits(&file), "{name}");
    }
}

#[test]
fn formats_hold_what_transformers_asks_for() {
    let words = tokenizer(TokenizerKind::Words);
    let files = unzip(&zip_of(&model_file(gpt2(), &words)));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "README.md",
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer_config.json"
        ]
    );
    let json = |name: &str| serde_json::from_slice::<Value>(&files[name]).unwrap();
    let config = json("config.json");
    assert_eq!((&config["architectures"], &config["n_ctx"]), (&json!(["GPT2LMHeadModel"]), &json!(16)));
    assert_eq!((&config["dtype"], &config["torch_dtype"]), (&json!("float32"), &json!("float32")));
    let text = String::from_utf8(files["config.json"].clone()).unwrap();
    assert!(text.contains("\"layer_norm_epsilon\": 0.00001") && text.contains("\"attn_pdrop\": 0.0"), "{text}");
    let tokens = json("tokenizer_config.json");
    assert_eq!(
        (&tokens["tokenizer_class"], &tokens["unk_token"]),
        (&json!("PreTrainedTokenizerFast"), &json!("<unk>"))
    );
    let (header, _) = taken_apart(&files["model.safetensors"]);
    assert_eq!(header["transformer.h.1.attn.c_attn.weight"]["shape"], json!([12, 36]));
    assert_eq!(header["transformer.h.0.mlp.c_proj.weight"]["shape"], json!([20, 12]));
    assert!(header.get("lm_head.weight").is_none(), "tied");
    let card = String::from_utf8(files["README.md"].clone()).unwrap();
    for part in [
        "`bird.txt`, 58 characters, CRC-32 ",
        "Steps: 7",
        "2.5000 nats",
        "`2026-01-31`",
        "from_pretrained",
        "| model.heads | 3 |",
    ] {
        assert!(card.contains(part), "{part} is not in\n{card}");
    }
    assert!(!card.contains("license:"));
    let alone = export(&model_file(gpt2(), &words), Format::Safetensors, &about()).unwrap();
    let card = taken_apart(&alone).0["__metadata__"]["card"].as_str().unwrap().to_owned();
    for part in ["`bird.txt`, 58 characters, CRC-32 ", "Steps: 7", "`2026-01-31`", "safe_open", "| model.heads | 3 |"] {
        assert!(card.contains(part), "{part} is not in\n{card}");
    }
    assert_eq!(crc32("123456789"), 0xcbf4_3926, "the check value of CRC-32");

    let files = unzip(&zip_of(&model_file(llama(), &words)));
    let (header, _) = taken_apart(&files["model.safetensors"]);
    assert_eq!(header["model.layers.0.self_attn.k_proj.weight"]["shape"], json!([4, 12]));
    assert_eq!(header["model.layers.0.mlp.down_proj.weight"]["shape"], json!([12, 20]));
    assert_eq!(header["lm_head.weight"]["shape"], json!([words.vocab(), 12]));

    let odd = ModelConfig { activation: Activation::ReluSquared, ..gpt2() };
    let files = unzip(&zip_of(&model_file(odd, &words)));
    let card = String::from_utf8(files["README.md"].clone()).unwrap();
    assert!(
        files.contains_key("model.py") && card.contains("model.py") && card.contains("it has GELU or ReLU"),
        "{card}"
    );
    // A name cannot break out of its line.
    let about = About { text_name: "`a`\n# b\u{7}".repeat(100), date: String::new() };
    let bytes = export(&model_file(gpt2(), &words), Format::Transformers, &about).unwrap();
    let card = String::from_utf8(unzip(&bytes)["README.md"].clone()).unwrap();
    assert!(!card.contains("\n# b") && card.contains("- Date: not named"), "{card}");
}

#[test]
fn the_module_for_pytorch_knows_every_choice_of_the_feed_forward_layer() {
    let words = tokenizer(TokenizerKind::Words);
    let odd = ModelConfig { activation: Activation::ReluSquared, ..gpt2() };
    let module = String::from_utf8(unzip(&zip_of(&model_file(odd, &words)))["model.py"].clone()).unwrap();
    for activation in Activation::CHOICES {
        assert!(module.contains(&format!("\"{}\"", activation.value)), "model.py has no {}", activation.label);
    }
}

/// Dims and numbers, by tensor.
type GgufTensors = BTreeMap<String, (Vec<u64>, Vec<f32>)>;

/// A reader of GGUF: keys by name, and the tensors.
fn read_gguf(bytes: &[u8]) -> (BTreeMap<String, Value>, GgufTensors) {
    struct Reader<'a>(&'a [u8]);
    impl Reader<'_> {
        fn take(&mut self, n: usize) -> &[u8] {
            let (head, rest) = self.0.split_at(n);
            self.0 = rest;
            head
        }
        fn whole(&mut self, n: usize) -> u64 {
            self.take(n).iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
        }
        fn text(&mut self) -> String {
            let length = self.whole(8) as usize;
            String::from_utf8(self.take(length).to_vec()).unwrap()
        }
        fn value(&mut self, kind: u64) -> Value {
            match kind {
                4 | 5 => json!(self.whole(4)),
                6 => json!(f32::from_bits(self.whole(4) as u32)),
                7 => json!(self.whole(1) == 1),
                8 => json!(self.text()),
                9 => {
                    let (kind, length) = (self.whole(4), self.whole(8));
                    (0..length).map(|_| self.value(kind)).collect()
                }
                kind => panic!("type {kind}"),
            }
        }
    }
    let mut r = Reader(bytes);
    assert_eq!(r.take(4), b"GGUF");
    assert_eq!(r.whole(4), 3);
    let (tensors, keys) = (r.whole(8), r.whole(8));
    let keys = (0..keys)
        .map(|_| {
            let (key, kind) = (r.text(), r.whole(4));
            (key, r.value(kind))
        })
        .collect();
    let mut list = Vec::new();
    for _ in 0..tensors {
        let (name, dims) = (r.text(), r.whole(4));
        let dims: Vec<u64> = (0..dims).map(|_| r.whole(8)).collect();
        assert_eq!(r.whole(4), 0, "F32");
        list.push((name, dims, r.whole(8) as usize));
    }
    let start = (bytes.len() - r.0.len()).next_multiple_of(32);
    let numbers = |dims: &[u64], offset: usize| {
        assert_eq!(offset % 32, 0);
        let length = dims.iter().product::<u64>() as usize;
        let data = &bytes[start + offset..start + offset + 4 * length];
        data.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    };
    let tensors = list.into_iter().map(|(name, dims, offset)| {
        let values = numbers(&dims, offset);
        (name, (dims, values))
    });
    (keys, tensors.collect())
}

#[test]
fn formats_gguf_holds_the_weights_as_ggml_turns_them() {
    for kind in [TokenizerKind::Bytes, TokenizerKind::Bpe] {
        let tokenizer = tokenizer(kind);
        for model in [gpt2(), ModelConfig { attention_bias: false, tied: false, ..gpt2() }, llama()] {
            let file = model_file(model, &tokenizer);
            let bytes = export(&file, Format::Gguf, &about()).unwrap();
            assert_eq!(measure(&file, Format::Gguf, &about()), Ok(bytes.len() as u64));
            let (keys, tensors) = read_gguf(&bytes);
            let tokens = keys["tokenizer.ggml.tokens"].as_array().unwrap();
            assert_eq!((tokens.len(), &tokens[0]), (tokenizer.vocab(), &json!("<|endoftext|>")));
            assert_eq!(keys["tokenizer.ggml.token_type"][0], json!(3));
            assert_eq!(keys["tokenizer.ggml.eos_token_id"], json!(0));
            let card = keys["general.description"].as_str().unwrap();
            assert!(card.contains("`bird.txt`, 58 characters") && card.contains("llama-completion"), "{card}");
            let layout = Layout::new(&file.checked.architecture);
            let ours = |name: &str, row: usize, column: usize| {
                let p = layout.parameters.iter().position(|p| p.name == name).unwrap();
                file.flat[layout.offsets[p] + row * layout.parameters[p].shape[1] + column]
            };
            let theirs = |name: &str, row: usize, column: usize| {
                let (dims, values) = &tensors[name];
                values[row * dims[0] as usize + column]
            };
            assert_eq!(theirs("token_embd.weight", 9, 5), ours("embedding.token.weight", 9, 5));
            assert_eq!(theirs("blk.1.ffn_up.weight", 17, 3), ours("block.1.mlp.up.weight", 3, 17));
            if keys["general.architecture"] == "llama" {
                // heads 6 of 2 columns: row 2·head + pair member; 2 key/value heads behind 12 columns of queries
                assert_eq!(theirs("blk.0.attn_q.weight", 3, 1), ours("block.0.attention.qkv.weight", 1, 3));
                assert_eq!(theirs("blk.0.attn_k.weight", 2, 1), ours("block.0.attention.qkv.weight", 1, 12 + 2));
                assert_eq!(theirs("blk.0.attn_v.weight", 3, 1), ours("block.0.attention.qkv.weight", 1, 16 + 3));
                assert_eq!(keys["llama.attention.head_count_kv"], json!(2));
            } else {
                assert_eq!(tensors["blk.0.attn_qkv.weight"].0, [12, 36]);
                assert_eq!(theirs("blk.0.attn_qkv.weight", 30, 2), ours("block.0.attention.qkv.weight", 2, 30));
                assert_eq!(tensors["blk.0.attn_qkv.bias"].0, [36]);
            }
        }
    }
    // Heads of four columns: pairs (i, i + 2) come to stand side by side.
    let file = model_file(ModelConfig { heads: 3, kv_heads: 1, ..llama() }, &tokenizer(TokenizerKind::Bytes));
    let (_, tensors) = read_gguf(&export(&file, Format::Gguf, &about()).unwrap());
    let (offset, _) = Layout::new(&file.checked.architecture).find("block.0.attention.qkv.weight").unwrap();
    let row = |column: usize| (0..12).map(|row| file.flat[offset + row * 20 + column]).collect::<Vec<_>>();
    for (to, from) in [(4, 4), (5, 6), (6, 5), (7, 7)] {
        assert_eq!(tensors["blk.0.attn_q.weight"].1[to * 12..][..12], row(from));
    }

    let refused = |model: ModelConfig, kind| {
        let file = model_file(model, &tokenizer(kind));
        said(&export(&file, Format::Gguf, &about()).unwrap_err())
    };
    expect(&refused(gpt2(), TokenizerKind::Characters), "gguf_tokens", &json!({"kind": "characters"}));
    expect(&refused(gpt2(), TokenizerKind::Words), "gguf_tokens", &json!({"kind": "words"}));
    expect(&refused(openai(), TokenizerKind::Bytes), "gguf_class", &json!({"class": "OpenAIGPTLMHeadModel"}));
    let relu = ModelConfig { activation: Activation::Relu, ..gpt2() };
    expect(&refused(relu, TokenizerKind::Bytes), "gguf_activation", &json!({"activation": "relu"}));
    let none = refused(ModelConfig { layers: 0, ..gpt2() }, TokenizerKind::Bytes);
    assert!(none["values"]["lacking"].as_array().unwrap().contains(&json!("one_block")), "{none}");
    assert_eq!(none["code"], "gguf_no_class");
}
