//! Files that mean harm, made here: each is refused with a code whose values name the place, quickly, and nothing panics.

use crate::codes::{expect, has, said};
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
/// A change, and what is said of it: code and values.
type Case<'a> = (&'a dyn Fn(&mut Value), &'a str, Value);

fn good() -> Files {
    unzip(&zip_of(&model_file(gpt2(), &tokenizer(TokenizerKind::Bytes))))
}

fn zipped(files: &Files) -> Vec<u8> {
    zip_up(files.iter().map(|(name, data)| (name.as_str(), data.as_slice())), CompressionMethod::Stored)
}

/// The error of a zip of these files.
fn refused(files: &Files) -> Value {
    said(&import("x.zip", &zipped(files)).map(|_| ()).unwrap_err())
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

/// Whether the problem names the file.
fn is_of_the_zip(said: &Value) -> bool {
    said["values"]["name"].as_str().unwrap().starts_with("x.zip")
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
    let broken = || ("not_safetensors", json!({}));
    let wrong_type = |found: &str| ("wrong_type", json!({"found": found}));
    let cases: Vec<(&str, Files, (&str, Value))> = vec![
        ("offsets beyond the file", offsets(WEIGHT, 1 << 40, (1 << 40) + 1728), broken()),
        ("offsets backwards", offsets(WEIGHT, 4000, 8), broken()),
        ("offsets at the end of numbers", offsets(WEIGHT, u64::MAX - 8, u64::MAX), broken()),
        ("overlapping offsets", offsets(WEIGHT, 0, 1728), broken()),
        ("a shape past 2^64", shaped(json!([u64::MAX, u64::MAX])), broken()),
        ("a shape that wraps to its own size", shaped(json!([1u64 << 32, 1u64 << 32, 36])), broken()),
        ("a negative shape", shaped(json!([-1, 36])), broken()),
        (
            "another shape of the same size",
            shaped(json!([36, 12])),
            ("wrong_shape", json!({"found": [36, 12], "expected": [12, 36]})),
        ),
        (
            "one number too many dimensions",
            shaped(json!([12, 36, 1])),
            ("wrong_shape", json!({"found": [12, 36, 1], "expected": [12, 36]})),
        ),
        ("integers", typed("I32", 4), wrong_type("I32")),
        ("doubles", typed("F64", 8), wrong_type("F64")),
        ("bytes", typed("U8", 1), wrong_type("U8")),
        ("an unknown type", with_header(|h, _| h[WEIGHT]["dtype"] = json!("F33")), broken()),
        ("a header that is a list", with_header(|h, _| *h = json!([1, 2])), broken()),
        (
            "a tensor of another name",
            with_header(|h, _| {
                let tensor = h.as_object_mut().unwrap().remove(WEIGHT).unwrap();
                h["transformer.h.0.attn.surprise"] = tensor;
            }),
            ("unknown_tensor", json!({"tensor": "transformer.h.0.attn.surprise", "found": [12, 36]})),
        ),
        (
            "a block too many",
            with_header(|h, data| {
                let end = data.len() as u64;
                data.extend([0; 4]);
                h["transformer.h.2.ln_1.bias"] = json!({"dtype": "F32", "shape": [1], "data_offsets": [end, end + 4]});
            }),
            ("unknown_tensor", json!({"tensor": "transformer.h.2.ln_1.bias", "found": [1]})),
        ),
        ("no numbers behind the header", with_header(|_, data| data.clear()), broken()),
        ("numbers behind the last tensor", with_header(|_, data| data.extend([0; 8])), broken()),
        (
            "NaN",
            with_header(|_, data| data[..4].copy_from_slice(&f32::NAN.to_le_bytes())),
            ("weights_not_finite", json!({"count": 1})),
        ),
        (
            "infinity",
            with_header(|_, data| data[..4].copy_from_slice(&f32::INFINITY.to_le_bytes())),
            ("weights_not_finite", json!({"count": 1, "total": 3084})),
        ),
    ];
    for (label, files, (code, values)) in &cases {
        let said = refused(files);
        assert!(has(&said, code, values) && is_of_the_zip(&said), "{label}: {said}");
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
        let code = refused(&files)["code"].clone();
        assert!(code == "header_too_long" || code == "not_safetensors", "{length}: {code}");
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
    let outside = |values: Value| {
        let mut values = values;
        values["group"] = json!("model");
        ("bad_config", json!({"error": {"code": "out_of_range", "values": values}}))
    };
    let heads = json!({"code": "heads_do_not_divide_width", "values": {"width": 12, "heads": 5}});
    let class = |key: &str, found: &str| {
        ("bad_class", json!({"error": {"code": "key_unsupported", "values": {"key": key, "found": found}}}))
    };
    for (key, value, (code, values)) in [
        ("n_layer", json!(65), outside(json!({"key": "layers", "value": 65, "low": 0, "high": 64}))),
        ("n_layer", json!(u64::MAX), outside(json!({"key": "layers"}))),
        ("n_head", json!(65), outside(json!({"key": "heads", "value": 65}))),
        ("n_head", json!(0), outside(json!({"key": "heads", "value": 0}))),
        ("n_head", json!(5), ("bad_config", json!({"error": heads}))),
        (
            "n_embd",
            json!(4_294_967_296u64),
            outside(json!({"key": "width", "value": 4_294_967_296u64, "low": 1, "high": 4096})),
        ),
        ("vocab_size", json!(262_145), outside(json!({"key": "vocab", "value": 262_145, "low": 1, "high": 262_144}))),
        ("vocab_size", json!(256), ("vocabulary_mismatch", json!({"tokens": 257, "vocab": 256}))),
        ("n_positions", json!(8193), outside(json!({"key": "context", "value": 8193}))),
        ("n_positions", json!(17), ("wrong_shape", json!({"found": [16, 12], "expected": [17, 12]}))),
        ("n_inner", json!(1 << 20), outside(json!({"key": "hidden", "value": 1_048_576}))),
        ("n_layer", json!(3), ("missing_tensor", json!({"tensor": "transformer.h.2.ln_1.weight", "expected": [12]}))),
        ("n_layer", json!(1), ("unknown_tensor", json!({"tensor": "transformer.h.1.attn.c_attn.bias", "found": [36]}))),
        ("layer_norm_epsilon", json!(-1.0), outside(json!({"key": "norm_epsilon", "value": -1}))),
        (
            "tie_word_embeddings",
            json!(false),
            ("missing_tensor", json!({"tensor": "lm_head.weight", "expected": [257, 12]})),
        ),
        ("model_type", json!("mamba"), class("model_type", "\"mamba\"")),
        ("architectures", json!("all of them"), class("architectures", "\"all of them\"")),
    ] {
        let said = refused(&alone(config(key, value.clone())));
        assert!(has(&said, code, &values), "{key} {value}: {said}");
    }
    let many = alone(with_json("config.json", |config| {
        for (key, value) in [("n_layer", 64), ("n_embd", 4096), ("n_inner", 16_384), ("n_head", 64)] {
            config[key] = json!(value);
        }
    }));
    let too_many = json!({"code": "too_many_parameters", "values": {"limit": 1_000_000_000}});
    expect(&refused(&many), "bad_config", &json!({"error": too_many}));
    let mut files = good();
    let lacks = |key: &str| ("bad_class", json!({"error": {"code": "key_missing", "values": {"key": key}}}));
    for (text, (code, values)) in [
        ("{", ("bad_json", json!({"file": "config.json", "reason": "EOF"}))),
        ("[]", lacks("model_type")),
        ("\0\0", ("bad_file", json!({"file": "config.json", "error": {"code": "binary_file"}}))),
        ("{\"model_type\":\"gpt2\"}", lacks("n_embd")),
    ] {
        files.insert("config.json".to_owned(), text.as_bytes().to_vec());
        expect(&refused(&files), code, &values);
    }
    files.insert("config.json".to_owned(), "[".repeat(100_000).into_bytes());
    expect(&refused(&files), "bad_json", &json!({"file": "config.json", "reason": "recursion limit"}));
    files.insert("config.json".to_owned(), vec![b' '; (1 << 20) + 1]);
    let too_long = json!({"file": "config.json", "bytes": 1_048_577, "limit": 1_048_576});
    expect(&refused(&files), "file_too_long", &too_long);
}

#[test]
fn hostile_tokenizers_are_refused_by_token() {
    let with = |change: &dyn Fn(&mut Value)| refused(&with_json("tokenizer.json", change));
    let cases: [Case<'_>; 7] = [
        (&|t| t["model"]["vocab"]["a"] = json!(4000), "id_outside", json!({"id": 4000, "token": "'a'", "last": 256})),
        (&|t| t["model"]["vocab"]["a"] = json!(3), "id_twice", json!({"id": 3})),
        (&|t| drop(t["model"]["vocab"].as_object_mut().unwrap().remove("a")), "id_outside", json!({"last": 255})),
        (
            &|t| t["model"]["type"] = json!("Unigram"),
            "tokenizer_part",
            json!({"part": "model", "found": {"named": "Unigram"}}),
        ),
        (
            &|t| t["normalizer"] = json!({"type": "NFKC"}),
            "tokenizer_part",
            json!({"part": "normalizer", "found": {"named": "NFKC"}}),
        ),
        (&|t| t["model"]["merges"] = json!(["a q"]), "merge_without_token", json!({"token": "'aq'"})),
        (&|t| t["added_tokens"][0]["special"] = json!(false), "added_word", json!({})),
    ];
    for (change, code, values) in cases {
        let error = json!({"code": code, "values": values});
        expect(&with(change), "bad_file", &json!({"file": "tokenizer.json", "error": error}));
    }
    let mut files = good();
    files.insert("tokenizer.json".to_owned(), vec![b' '; (10 << 20) + 1]);
    let too_long = said(&import_files(&given(&files)).unwrap_err());
    let numbers = json!({"file": "tokenizer.json", "bytes": 10_485_761, "limit": 10_485_760});
    expect(&too_long, "file_too_long", &numbers);
    files.remove("tokenizer.json");
    expect(&refused(&files), "missing_tokenizer", &json!({}));
    files.insert("vocab.json".to_owned(), b"{}".to_vec());
    expect(&refused(&files), "missing_merges", &json!({}));
    files.insert("merges.txt".to_owned(), Vec::new());
    let empty = json!({"file": "vocab.json and merges.txt", "error": {"code": "vocabulary_empty"}});
    expect(&refused(&files), "bad_file", &empty);
}

fn given(files: &Files) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, data)| (name.as_str(), data.as_slice())).collect()
}

#[test]
fn hostile_zips_are_refused_by_entry() {
    let said = |bytes: &[u8]| said(&import("x.zip", bytes).map(|_| ()).unwrap_err());
    let refused = |bytes: &[u8], code: &str, values: Value| expect(&said(bytes), code, &values);
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
        assert!(refusal["code"] == "unknown_entry" || refusal["code"] == "not_zip", "{name}: {refusal}");
    }
    let crowd: Files = (0..33).map(|i| (format!("{i}.txt"), Vec::new())).collect();
    refused(&zipped(&crowd), "too_many_entries", json!({"count": 33, "limit": 32}));
    let zeros = vec![0; 4 << 20];
    let bomb = zip_up([("model.safetensors", zeros.as_slice())], CompressionMethod::Deflated);
    assert!(bomb.len() < zeros.len() / 500, "{}", bomb.len());
    refused(&bomb, "ratio_too_high", json!({"unpacked": 4 << 20, "limit": 100}));

    let whole = zipped(&good());
    // A flipped bit in the data of each entry: its checksum says so, where the entry is read.
    let mut flipped = whole.clone();
    let at = flipped.windows(9).position(|bytes| bytes == b"n_embd\": ").unwrap();
    flipped[at] ^= 1;
    refused(&flipped, "entry_broken", json!({"entry": "config.json", "reason": "Invalid checksum"}));
    // The directory's own numbers: sizes, offset, method, flags, of the first entry (README.md) and of the third (weights).
    let directory = whole.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    for (field, bytes) in
        [(24, &[255, 255, 255, 127][..]), (20, &[255, 255, 255, 127]), (42, &[255; 4]), (10, &[99, 0]), (8, &[1, 0])]
    {
        let mut broken = whole.clone();
        broken[directory + field..][..bytes.len()].copy_from_slice(bytes);
        let refusal = said(&broken);
        assert!(is_of_the_zip(&refusal), "{field}: {refusal}");
    }
    // Two entries on the same bytes.
    let second = directory + 4 + whole[directory + 4..].windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let mut over = whole.clone();
    over.copy_within(directory + 42..directory + 46, second + 42);
    refused(&over, "entries_overlap", json!({}));
    // One name twice, which no writer makes: patched in both headers.
    let mut twice = zip_up([("LICENSE", &b"a"[..]), ("LICENCE", b"b")], CompressionMethod::Stored);
    while let Some(at) = twice.windows(7).position(|bytes| bytes == b"LICENCE") {
        twice[at..at + 7].copy_from_slice(b"LICENSE");
    }
    refused(&twice, "entries_alike", json!({}));
    refused(b"PK\x03\x04", "not_zip", json!({}));
    refused(b"PK\x05\x06", "not_zip", json!({}));
    refused(&zip_up([], CompressionMethod::Stored), "missing_weights", json!({}));
    let mut bare = good();
    bare.remove("config.json");
    refused(&zipped(&bare), "missing_config", json!({}));
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
    assert!(matches!(import_files(&[]), Err(FileError::MissingWeights { .. })));
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
