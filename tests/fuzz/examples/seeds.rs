//! Writes the inputs that the fuzz targets begin with: `cargo run --example seeds` in this folder, after a change of a format.
//! Files that begin with `found` were found by a target and are left alone.

use fledgling::config::{Config, TokenizerKind};
use fledgling::model::Layout;
use fledgling::protocol::Command;
use fledgling::weights::checkpoint::{self, Head, Section};
use fledgling::weights::{About, Format, ModelFile, export};
use fledgling_fuzz::readers::{ALL, SEPARATOR, sample, sample_files, sample_tokenizer};
use serde_json::{Value, json};
use std::path::Path;

fn join(mode: &str, pieces: &[&[u8]]) -> Vec<u8> {
    [mode.as_bytes(), &pieces.join(&SEPARATOR)].concat()
}

fn raw(bytes: &[u8]) -> Vec<u8> {
    join("0", &[bytes])
}

/// Header and data of a safetensors file.
fn apart(bytes: &[u8]) -> (&[u8], &[u8]) {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (&bytes[8..8 + length], &bytes[8 + length..])
}

/// The metadata's texts, by key.
fn words<const N: usize>(bytes: &[u8], keys: [&str; N]) -> [String; N] {
    let header: Value = serde_json::from_slice(apart(bytes).0).unwrap();
    keys.map(|key| header["__metadata__"][key].as_str().unwrap().to_owned())
}

/// The same file with half the bits: of F16 or BF16.
fn halved(bytes: &[u8], dtype: &str) -> Vec<u8> {
    let (header, data) = apart(bytes);
    let mut header: Value = serde_json::from_slice(header).unwrap();
    for (_, tensor) in header.as_object_mut().unwrap().iter_mut().filter(|(name, _)| *name != "__metadata__") {
        tensor["dtype"] = json!(dtype);
        for at in 0..2 {
            tensor["data_offsets"][at] = json!(tensor["data_offsets"][at].as_u64().unwrap() / 2);
        }
    }
    // The upper half of an F32 is a BF16, and some F16.
    let data: Vec<u8> = data.chunks(4).flat_map(|number| [number[2], number[3]]).collect();
    join("1", &[header.to_string().as_bytes(), &data])
}

fn safetensors() -> Vec<(&'static str, Vec<u8>)> {
    let file = |which, kind| export(&sample(which, kind), Format::Safetensors, &About::default()).unwrap();
    let (gpt2, none) = (file(0, TokenizerKind::Characters), file(3, TokenizerKind::Words));
    let keys = ["config", "training", "tokenizer"];
    let made = |file: &[u8]| words(file, keys);
    let mut seeds = vec![("raw", raw(&gpt2)), ("bf16", halved(&gpt2, "BF16")), ("f16", halved(&none, "F16"))];
    let (header, data) = apart(&none);
    seeds.push(("parts", join("1", &[header, data])));
    for (name, which, kind) in [
        ("made-gpt2", 0, TokenizerKind::Characters),
        ("made-llama", 1, TokenizerKind::Words),
        ("made-gpt", 2, TokenizerKind::Characters),
        ("made-bytes", 1, TokenizerKind::Bytes),
        ("made-none", 3, TokenizerKind::Words),
    ] {
        seeds.push((name, join("2", &made(&file(which, kind)).each_ref().map(|text| text.as_bytes()))));
    }
    seeds
}

fn saved(file: &ModelFile, sections: &[Section], texts: [Option<&str>; 2]) -> Vec<u8> {
    let layout = Layout::new(&file.checked.architecture);
    let (config, tokenizer, history) = (&file.config, &file.tokenizer, &file.history);
    let record = "{\"state\":\"paused\"}";
    let lengths = texts.map(|text| text.map(str::len));
    let head = Head { config, tokenizer, history, record, sections, texts: lengths };
    let (mut bytes, _) = checkpoint::head(&layout, &head).unwrap();
    for _ in sections {
        bytes.extend(checkpoint::packed(&layout, &file.flat));
    }
    texts.iter().flatten().for_each(|text| bytes.extend(text.bytes()));
    bytes
}

fn session() -> Vec<(&'static str, Vec<u8>)> {
    let file = sample(0, TokenizerKind::Characters);
    let all: Vec<Section> = checkpoint::sections().collect();
    let now: Vec<Section> = checkpoint::sections().filter(|section| !section.best).collect();
    let plain = saved(&file, &all[..1], [None, None]);
    let trained = saved(&file, &now, [Some("a bad bee"), None]);
    let best = saved(&sample(1, TokenizerKind::Words), &all, [Some("a bad bee"), Some("be a bee")]);
    let made = words(&plain, ["config", "training", "tokenizer", "session"]);
    let parts = |bytes: &[u8]| join("1", &[apart(bytes).0, apart(bytes).1]);
    vec![
        ("raw", raw(&trained)),
        ("plain", parts(&plain)),
        ("trained", parts(&trained)),
        ("best", join("1", &[apart(&best).0])),
        ("made", join("2", &made.each_ref().map(|text| text.as_bytes()))),
    ]
}

/// A zip of some of these files.
fn zipped<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, method: zip::CompressionMethod) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, data) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(data).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn zips() -> Vec<(&'static str, Vec<u8>)> {
    let files = sample_files(0);
    let read = ["config.json", "model.safetensors", "tokenizer.json"];
    let given = || read.iter().map(|name| (*name, files[*name].as_slice()));
    let stored = zipped(given(), zip::CompressionMethod::Stored);
    let deflated = zipped(given(), zip::CompressionMethod::Deflated);
    let small = zipped([("LICENSE", &b"a"[..]), ("README.md", b"")], zip::CompressionMethod::Stored);
    let names = |modes: [&str; 3], folder: &str| {
        let named: Vec<String> = read.iter().zip(modes).map(|(name, mode)| format!("{mode}{folder}{name}")).collect();
        join("2", &named.iter().flat_map(|name| [name.as_bytes(), b""]).collect::<Vec<_>>())
    };
    vec![
        ("stored", raw(&stored)),
        ("deflated", join("1", &[&deflated])),
        ("small", join("1", &[&small])),
        ("empty", raw(&zipped([], zip::CompressionMethod::Stored))),
        ("names", names(["0", "1", "2"], "")),
        ("folder", names(["1", "3", "0"], "bird/")),
    ]
}

fn folder() -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (which, names) in
        [["gpt2", "gpt2-own", "gpt2-mended"], ["llama", "llama-own", "llama-mended"], ["gpt", "gpt-own", "gpt-mended"]]
            .into_iter()
            .enumerate()
    {
        let which = which as u8;
        let config = sample_files(which)["config.json"].clone();
        let config = serde_json::from_slice::<Value>(&config).unwrap().to_string();
        for (name, bits) in names.into_iter().zip([64, 68, 96]) {
            let mode = char::from(which | bits).to_string();
            seeds.push((name, join(&mode, &[config.as_bytes()])));
        }
    }
    let files = sample_files(3);
    let header = apart(&files["model.safetensors"]).0;
    let config = serde_json::from_slice::<Value>(&files["config.json"]).unwrap().to_string();
    seeds.push(("none-own", join("G", &[config.as_bytes()])));
    seeds.push(("none-parts", join("_", &[config.as_bytes(), header, &files["tokenizer.json"]])));
    seeds
}

fn tokenizer() -> Vec<(&'static str, Vec<u8>)> {
    let json = |kind| sample_tokenizer(kind).to_json().unwrap();
    let mut marked: Value = serde_json::from_str(&json(TokenizerKind::Characters)).unwrap();
    marked["model"]["vocab"]["<unk>"] = json!(5);
    marked["model"]["unk_token"] = json!("<unk>");
    marked["added_tokens"] = json!([{"id": 6, "content": "<s>", "special": true}]);
    let mut blanks: Value = serde_json::from_str(&json(TokenizerKind::Words)).unwrap();
    (blanks["pre_tokenizer"], blanks["decoder"]) = (json!({"type": "WhitespaceSplit"}), Value::Null);
    vec![
        ("characters", join("", &[json(TokenizerKind::Characters).as_bytes(), b"a bad bee"])),
        ("words", join("", &[json(TokenizerKind::Words).as_bytes(), b"be a bee"])),
        ("bytes", join("", &[json(TokenizerKind::Bytes).as_bytes(), "b\u{e9}e".as_bytes()])),
        ("bpe", join("", &[json(TokenizerKind::Bpe).as_bytes(), b"a bad bee's 1 bed  "])),
        ("marked", join("", &[marked.to_string().as_bytes(), b"a bad bee"])),
        ("blanks", join("", &[blanks.to_string().as_bytes(), b" a  bad bee"])),
    ]
}

fn vocab_merges() -> Vec<(&'static str, Vec<u8>)> {
    let bytes: Value = serde_json::from_str(&sample_tokenizer(TokenizerKind::Bytes).to_json().unwrap()).unwrap();
    let mut vocab = bytes["model"]["vocab"].clone();
    vocab["be"] = json!(257);
    vec![
        ("whole", join("0", &[vocab.to_string().as_bytes(), b"#version: 0.2\nb e\n", b"a bad bee"])),
        ("short", join("1", &[b"[\"be\",\"bee\",\"<s>\"]", b"b e\nbe e\n", b"a bad bee"])),
        ("bare", join("1", &[b"[]", b"", b"a bad bee"])),
        ("crossed", join("1", &[b"[\"ab\",\"ba\",\"aba\"]", b"a b\nb a\nab a\na ba\n", b"ababaab"])),
    ]
}

fn text() -> Vec<(&'static str, Vec<u8>)> {
    let wide = "A b\u{e9}e \u{1f41d}\r\n\u{4e2d}\u{6587}\u{a0} \n\n\n x";
    let units = |end: fn(u16) -> [u8; 2]| [0xfeff].into_iter().chain(wide.encode_utf16()).flat_map(end).collect();
    vec![
        ("utf8", wide.as_bytes().to_vec()),
        ("utf8-marked", [b"\xef\xbb\xbf", wide.as_bytes()].concat()),
        ("utf16-little", units(u16::to_le_bytes)),
        ("utf16-big", units(u16::to_be_bytes)),
        ("binary", b"\x89PNG\0\0".to_vec()),
    ]
}

fn commands() -> Vec<(&'static str, Vec<u8>)> {
    let seed = |command: Command| serde_json::to_vec(&command).unwrap();
    let text = || "a bad bee".to_owned();
    let config = Config::default();
    vec![
        ("set_text", seed(Command::SetText { text: text() })),
        ("set_text_bytes", seed(Command::SetTextBytes { name: text(), bytes: b"ab".to_vec().into() })),
        ("prepare", seed(Command::Prepare { tokenizer: config.tokenizer.clone(), data: config.data.clone() })),
        ("reset", seed(Command::Reset { config: config.clone() })),
        ("estimate", seed(Command::Estimate { config })),
        ("train", seed(Command::Train)),
        ("attention", seed(Command::Attention { request: 1, prompt: text(), layer: 0, head: 1, at: Some(3) })),
        ("count", seed(Command::CountTransitions { request: 2, text: text() })),
    ]
}

fn main() {
    let all = [
        ("command", commands()),
        ("folder", folder()),
        ("safetensors", safetensors()),
        ("session", session()),
        ("text", text()),
        ("tokenizer", tokenizer()),
        ("vocab_merges", vocab_merges()),
        ("zip", zips()),
    ];
    for (reader, seeds) in all {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(reader);
        std::fs::create_dir_all(&folder).unwrap();
        let read = ALL.iter().find(|(name, _)| *name == reader).unwrap().1;
        for (name, bytes) in seeds {
            println!("{reader}/{name}: {} bytes, {}", bytes.len(), if read(&bytes) { "accepted" } else { "refused" });
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }
}
