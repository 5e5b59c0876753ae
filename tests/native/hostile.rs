//! Files that mean harm, made here: each is refused with a sentence that names the place, quickly, and nothing panics.

use crate::formats::{about, gpt2, llama, model_file, put_together, taken_apart, tokenizer, unzip, zip_of, zip_up};
use fledgling::config::{ModelConfig, TokenizerKind};
use fledgling::weights::{FileError, Format, export, import, import_files};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use zip::CompressionMethod;

/// The readers with their promises, as the fuzz targets hold them to these.
#[path = "../fuzz/src/readers.rs"]
mod readers;

type Files = BTreeMap<String, Vec<u8>>;
/// A change, and what is said of it.
type Case<'a> = (&'a dyn Fn(&mut Value), &'a str);

fn good() -> Files {
    unzip(&zip_of(&model_file(gpt2(), &tokenizer(TokenizerKind::Bytes))))
}

fn zipped(files: &Files) -> Vec<u8> {
    zip_up(files.iter().map(|(name, data)| (name.as_str(), data.as_slice())), CompressionMethod::Stored)
}

/// The error of a zip of these files.
fn refused(files: &Files) -> String {
    import("x.zip", &zipped(files)).map(|_| ()).unwrap_err().to_string()
}

/// The good files with one piece of JSON changed.
fn with_json(file: &str, change: impl FnOnce(&mut Value)) -> Files {
    let mut files = good();
    let mut json = serde_json::from_slice(&files[file]).unwrap();
    change(&mut json);
    files.insert(file.to_owned(), serde_json::to_vec(&json).unwrap());
    files
}

/// The good files with the header of the weights changed, and the data.
fn with_header(change: impl FnOnce(&mut Value, &mut Vec<u8>)) -> Files {
    let mut files = good();
    let (mut header, data) = taken_apart(&files["model.safetensors"]);
    let mut data = data.to_vec();
    header["__metadata__"] = json!({"format": "pt"});
    change(&mut header, &mut data);
    files.insert("model.safetensors".to_owned(), put_together(&header.to_string(), &data));
    files
}

const WEIGHT: &str = "transformer.h.0.attn.c_attn.weight";

#[test]
fn hostile_headers_are_refused_by_name() {
    let offsets =
        |tensor: &str, from: u64, to: u64| with_header(|header, _| header[tensor]["data_offsets"] = json!([from, to]));
    let shaped = |shape: Value| with_header(|header, _| header[WEIGHT]["shape"] = shape);
    let typed = |dtype: &str, bytes: usize| {
        // As many bytes as the type needs, so that only the type is wrong.
        with_header(|header, data| {
            let mut end = 0;
            for (_, tensor) in header.as_object_mut().unwrap().iter_mut().filter(|(name, _)| *name != "__metadata__") {
                let length = tensor["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).product::<u64>();
                tensor["dtype"] = json!(dtype);
                tensor["data_offsets"] = json!([end, end + length * bytes as u64]);
                end += length * bytes as u64;
            }
            *data = vec![0; end as usize];
        })
    };
    let broken = "is not a whole safetensors file";
    let cases: Vec<(&str, Files, &str)> = vec![
        ("offsets beyond the file", offsets(WEIGHT, 1 << 40, (1 << 40) + 1728), broken),
        ("offsets backwards", offsets(WEIGHT, 4000, 8), broken),
        ("offsets at the end of numbers", offsets(WEIGHT, u64::MAX - 8, u64::MAX), broken),
        ("overlapping offsets", offsets(WEIGHT, 0, 1728), broken),
        ("a shape past 2^64", shaped(json!([u64::MAX, u64::MAX])), broken),
        ("a shape that wraps to its own size", shaped(json!([1u64 << 32, 1u64 << 32, 36])), broken),
        ("a negative shape", shaped(json!([-1, 36])), broken),
        ("another shape of the same size", shaped(json!([36, 12])), "is [36, 12], the configuration needs [12, 36]"),
        (
            "one number too many dimensions",
            shaped(json!([12, 36, 1])),
            "is [12, 36, 1], the configuration needs [12, 36]",
        ),
        ("integers", typed("I32", 4), "holds I32; F32, F16 and BF16 are read"),
        ("doubles", typed("F64", 8), "holds F64; F32, F16 and BF16 are read"),
        ("bytes", typed("U8", 1), "holds U8; F32, F16 and BF16 are read"),
        ("an unknown type", with_header(|h, _| h[WEIGHT]["dtype"] = json!("F33")), broken),
        ("a header that is a list", with_header(|h, _| *h = json!([1, 2])), broken),
        (
            "a tensor of another name",
            with_header(|h, _| {
                let tensor = h.as_object_mut().unwrap().remove(WEIGHT).unwrap();
                h["transformer.h.0.attn.surprise"] = tensor;
            }),
            "tensor transformer.h.0.attn.surprise [12, 36] does not belong to this configuration",
        ),
        (
            "a block too many",
            with_header(|h, data| {
                let end = data.len() as u64;
                data.extend([0; 4]);
                h["transformer.h.2.ln_1.bias"] = json!({"dtype": "F32", "shape": [1], "data_offsets": [end, end + 4]});
            }),
            "tensor transformer.h.2.ln_1.bias [1] does not belong to this configuration",
        ),
        ("no numbers behind the header", with_header(|_, data| data.clear()), broken),
        ("numbers behind the last tensor", with_header(|_, data| data.extend([0; 8])), broken),
        ("NaN", with_header(|_, data| data[..4].copy_from_slice(&f32::NAN.to_le_bytes())), "are not finite numbers"),
        (
            "infinity",
            with_header(|_, data| data[..4].copy_from_slice(&f32::INFINITY.to_le_bytes())),
            "1 of 3084 weights",
        ),
    ];
    for (label, files, sentence) in &cases {
        let said = refused(files);
        assert!(said.contains(sentence) && said.starts_with("x.zip"), "{label}: {said}");
    }
    // The same header twice over, by hand: JSON of one key twice.
    let mut files = good();
    let (header, data) = taken_apart(&files["model.safetensors"]);
    let (text, data) = (header.to_string(), data.to_vec());
    let twice = text.replacen('{', "{\"lm_head.weight\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},", 1);
    let twice = twice.replacen(
        "{\"lm_head",
        "{\"lm_head.weight\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"lm_head",
        1,
    );
    files.insert("model.safetensors".to_owned(), put_together(&twice, &data));
    assert!(import("x.zip", &zipped(&files)).is_err());
    for length in [0, 7, u64::from(u32::MAX), u64::MAX, (16 << 20) + 1] {
        let mut bytes = good()["model.safetensors"].clone();
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        let mut files = good();
        files.insert("model.safetensors".to_owned(), bytes);
        let said = refused(&files);
        assert!(said.contains("the header claims") || said.contains(broken), "{length}: {said}");
    }
}

#[test]
fn hostile_configurations_are_refused_by_key() {
    let config = |key: &str, value: Value| with_json("config.json", |config| config[key] = value);
    // Without our own metadata config.json alone decides.
    let alone = |mut files: Files| {
        let plain = with_header(|_, _| {});
        files.insert("model.safetensors".to_owned(), plain["model.safetensors"].clone());
        files
    };
    for (key, value, sentence) in [
        ("n_layer", json!(65), "layers is 65; it must lie between 0 and 64"),
        ("n_layer", json!(u64::MAX), "layers is"),
        ("n_head", json!(65), "heads is 65"),
        ("n_head", json!(0), "heads is 0"),
        ("n_head", json!(5), "width 12 is not a multiple of heads 5"),
        ("n_embd", json!(4_294_967_296u64), "width is 4294967296; it must lie between 1 and 4096"),
        ("vocab_size", json!(262_145), "vocab is 262145; it must lie between 1 and 262144"),
        ("vocab_size", json!(256), "the tokenizer has 257 tokens, the configuration a vocabulary of 256"),
        ("n_positions", json!(8193), "context is 8193"),
        ("n_positions", json!(17), "is [16, 12], the configuration needs [17, 12]"),
        ("n_inner", json!(1 << 20), "hidden is 1048576"),
        ("n_layer", json!(3), "tensor transformer.h.2.ln_1.weight [12] is missing"),
        ("n_layer", json!(1), "tensor transformer.h.1.attn.c_attn.bias [36] does not belong"),
        ("layer_norm_epsilon", json!(-1.0), "norm_epsilon is -1"),
        ("tie_word_embeddings", json!(false), "tensor lm_head.weight [257, 12] is missing"),
        ("model_type", json!("mamba"), "its model_type is \"mamba\""),
        ("architectures", json!("all of them"), "its architectures is \"all of them\""),
    ] {
        let said = refused(&alone(config(key, value.clone())));
        assert!(said.contains(sentence), "{key} {value}: {said}");
    }
    let many = alone(with_json("config.json", |config| {
        for (key, value) in [("n_layer", 64), ("n_embd", 4096), ("n_inner", 16_384), ("n_head", 64)] {
            config[key] = json!(value);
        }
    }));
    assert!(refused(&many).contains("parameters; at most 1000000000 fit"), "{}", refused(&many));
    let mut files = good();
    for (text, sentence) in [
        ("{", "config.json cannot be read: EOF"),
        ("[]", "it has no model_type"),
        ("\0\0", "config.json cannot be read"),
        ("{\"model_type\":\"gpt2\"}", "it has no n_embd"),
    ] {
        files.insert("config.json".to_owned(), text.as_bytes().to_vec());
        assert!(refused(&files).contains(sentence), "{}", refused(&files));
    }
    files.insert("config.json".to_owned(), "[".repeat(100_000).into_bytes());
    assert!(refused(&files).contains("recursion limit"), "{}", refused(&files));
    files.insert("config.json".to_owned(), vec![b' '; (1 << 20) + 1]);
    assert!(refused(&files).contains("config.json comes to 1048577 bytes, at most 1048576 are read"));
}

#[test]
fn hostile_tokenizers_are_refused_by_token() {
    let with = |change: &dyn Fn(&mut Value)| refused(&with_json("tokenizer.json", change));
    let cases: [Case<'_>; 7] = [
        (&|t| t["model"]["vocab"]["a"] = json!(4000), "the id 4000 of 'a' is outside 0 to 256"),
        (&|t| t["model"]["vocab"]["a"] = json!(3), "the id 3 stands twice"),
        (&|t| drop(t["model"]["vocab"].as_object_mut().unwrap().remove("a")), "is outside 0 to 255"),
        (&|t| t["model"]["type"] = json!("Unigram"), "its model is Unigram"),
        (&|t| t["normalizer"] = json!({"type": "NFKC"}), "its normalizer is NFKC"),
        (&|t| t["model"]["merges"] = json!(["a q"]), "needs the token 'aq'"),
        (&|t| t["added_tokens"][0]["special"] = json!(false), "is not a special one"),
    ];
    for (change, sentence) in cases {
        let said = with(change);
        assert!(said.contains(sentence) && said.contains("tokenizer.json"), "{said}");
    }
    let mut files = good();
    files.insert("tokenizer.json".to_owned(), vec![b' '; (10 << 20) + 1]);
    let said = import_files(&given(&files)).unwrap_err().to_string();
    assert!(said.contains("tokenizer.json comes to 10485761 bytes, at most 10485760 are read"), "{said}");
    files.remove("tokenizer.json");
    assert!(refused(&files).contains("lacks tokenizer.json: it, or vocab.json and merges.txt"));
    files.insert("vocab.json".to_owned(), b"{}".to_vec());
    assert!(refused(&files).contains("lacks merges.txt: vocab.json needs it beside it"));
    files.insert("merges.txt".to_owned(), Vec::new());
    assert!(refused(&files).contains("its vocabulary is empty"), "{}", refused(&files));
}

fn given(files: &Files) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, data)| (name.as_str(), data.as_slice())).collect()
}

#[test]
fn hostile_zips_are_refused_by_entry() {
    let said = |bytes: &[u8]| import("x.zip", bytes).map(|_| ()).unwrap_err().to_string();
    let with = |name: &str, data: &[u8]| {
        let mut files = good();
        files.insert(name.to_owned(), data.to_vec());
        files
    };
    for name in [
        "../config.json",
        "/etc/passwd",
        "a/../../b",
        "..\\config.json",
        "extra.txt",
        "pytorch_model.bin",
        "x/config.json",
        "model.gguf",
        "config.json\0",
        "",
    ] {
        let refusal = said(&zipped(&with(name, b"{}")));
        assert!(
            refusal.contains("is none of the files of a model") || refusal.contains("not a whole zip"),
            "{name}: {refusal}"
        );
    }
    let crowd: Files = (0..33).map(|i| (format!("{i}.txt"), Vec::new())).collect();
    assert!(said(&zipped(&crowd)).contains("has 33 entries, at most 32 are read"));
    let zeros = vec![0; 4 << 20];
    let bomb = zip_up([("model.safetensors", zeros.as_slice())], CompressionMethod::Deflated);
    assert!(bomb.len() < zeros.len() / 500, "{}", bomb.len());
    assert!(said(&bomb).contains("more than 100 times as much"), "{}", said(&bomb));

    let whole = zipped(&good());
    // A flipped bit in the data of each entry: its checksum says so, where the entry is read.
    let mut flipped = whole.clone();
    let at = flipped.windows(9).position(|bytes| bytes == b"n_embd\": ").unwrap();
    flipped[at] ^= 1;
    assert!(said(&flipped).contains("config.json: Invalid checksum"), "{}", said(&flipped));
    // The directory's own numbers: sizes, offset, method, flags, of the first entry (README.md) and of the third (weights).
    let directory = whole.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    for (field, bytes) in
        [(24, &[255, 255, 255, 127][..]), (20, &[255, 255, 255, 127]), (42, &[255; 4]), (10, &[99, 0]), (8, &[1, 0])]
    {
        let mut broken = whole.clone();
        broken[directory + field..][..bytes.len()].copy_from_slice(bytes);
        let refusal = said(&broken);
        assert!(refusal.starts_with("x.zip"), "{field}: {refusal}");
    }
    // Two entries on the same bytes.
    let second = directory + 4 + whole[directory + 4..].windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let mut over = whole.clone();
    over.copy_within(directory + 42..directory + 46, second + 42);
    assert!(said(&over).contains("not a whole zip"), "{}", said(&over));
    // One name twice, which no writer makes: patched in both headers.
    let mut twice = zip_up([("LICENSE", &b"a"[..]), ("LICENCE", b"b")], CompressionMethod::Stored);
    while let Some(at) = twice.windows(7).position(|bytes| bytes == b"LICENCE") {
        twice[at..at + 7].copy_from_slice(b"LICENSE");
    }
    assert!(said(&twice).contains("stands there twice"), "{}", said(&twice));
    assert!(said(b"PK\x03\x04").contains("not a whole zip"));
    assert!(said(b"PK\x05\x06").contains("not a whole zip"));
    let empty = zip_up([], CompressionMethod::Stored);
    assert!(said(&empty).contains("lacks model.safetensors: it holds the weights; pickled ones"), "{}", said(&empty));
    let mut bare = good();
    bare.remove("config.json");
    assert!(said(&zipped(&bare)).contains("lacks config.json: it says what the model computes"));
}

#[test]
fn hostile_files_beside_each_other_are_told_apart() {
    let files = good();
    let mut two: Vec<(&str, &[u8])> = given(&files);
    two.push(("other.safetensors", &files["model.safetensors"]));
    assert!(matches!(import_files(&two), Err(FileError::EntryTwice { entry, .. }) if entry == "model.safetensors"));
    // The outer folder counts, and what is none of a model's is left alone.
    let deep: Vec<(String, &[u8])> =
        files.iter().map(|(name, data)| (format!("out/{name}"), data.as_slice())).collect();
    let mut all: Vec<(&str, &[u8])> = deep.iter().map(|(name, data)| (name.as_str(), *data)).collect();
    all.push(("out/checkpoint-5/config.json", b"{"));
    all.push(("out/checkpoint-5/optimizer.pt", b"\x80\x04."));
    assert!(import_files(&all).is_ok());
    all.insert(0, ("out/checkpoint-4/config.json", b"{"));
    assert!(import_files(&all).is_ok());
    assert!(matches!(import_files(&[]), Err(FileError::MissingFile { file: "model.safetensors", .. })));
    // A zip of the folder itself, as people make them.
    let folder: Vec<(String, &[u8])> =
        files.iter().map(|(name, data)| (format!("bird/{name}"), data.as_slice())).collect();
    let entries = || folder.iter().map(|(name, data)| (name.as_str(), *data));
    assert!(import("x.zip", &zip_up(entries(), CompressionMethod::Deflated)).is_ok());
}

#[test]
fn hostile_cuts_and_flips_never_panic() {
    let tokenizer = tokenizer(TokenizerKind::Characters);
    let small = |model: ModelConfig| {
        let kv_heads = if model.kv_heads == model.heads { 3 } else { 1 };
        model_file(ModelConfig { layers: 1, width: 6, heads: 3, kv_heads, hidden: 6, context: 4, ..model }, &tokenizer)
    };
    let mut files = vec![zip_of(&small(gpt2())), zip_of(&small(llama()))];
    files.push(export(&small(gpt2()), Format::Safetensors, &about()).unwrap());
    for bytes in &files {
        for length in 0..bytes.len() {
            assert!(import("cut", &bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
        }
    }
    let mut state = 11u64;
    let mut number = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut read = 0;
    for round in 0..10_000 {
        let mut bytes = files[round % files.len()].clone();
        for _ in 0..=number(3) {
            let at = number(bytes.len());
            bytes[at] ^= 1 << number(8);
        }
        if let Ok(file) = import("flipped", &bytes) {
            read += 1; // a flipped weight is a weight, and nobody reads the card
            assert!(file.flat.iter().all(|weight| weight.is_finite()));
        }
    }
    assert!(read > 10, "{read}");
}

#[test]
fn hostile_inputs_of_the_fuzz_targets_hold() {
    // What a target found stands among its seeds.
    for (name, reader) in readers::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds").join(name);
        let seeds = std::fs::read_dir(folder).unwrap().map(|seed| std::fs::read(seed.unwrap().path()).unwrap());
        let accepted: Vec<bool> = seeds.map(|seed| reader(&seed)).collect();
        let good = accepted.iter().filter(|accepted| **accepted).count();
        assert!(good >= 3, "{name}: {good} of {} seeds are accepted; write them anew", accepted.len());
    }
}
