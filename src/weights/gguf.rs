//! GGUF version 3, for llama.cpp and what is built on it: counts and tokens as typed keys, then the tensors. Out only.

use super::names::{self, Tensor};
use super::{FileError, ModelFile};
use crate::config::Class;
use serde_json::Value;

/// Every tensor begins at a multiple of this, bytes.
pub(super) const ALIGNMENT: usize = 32;

/// Types of values, by the format's numbers.
const UINT32: u32 = 4;
const INT32: u32 = 5;
const FLOAT32: u32 = 6;
const BOOL: u32 = 7;
const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// Kinds of tokens, by llama.cpp's numbers.
const NORMAL: i32 = 1;
const CONTROL: i32 = 3;

/// Tensors' type F32, by ggml's number.
const F32: u32 = 0;

/// Keys and their values, in the bytes of the file.
#[derive(Default)]
struct Keys {
    count: u64,
    bytes: Vec<u8>,
}

impl Keys {
    fn text(&mut self, text: &str) {
        self.bytes.extend((text.len() as u64).to_le_bytes());
        self.bytes.extend(text.as_bytes());
    }
    fn key(&mut self, key: &str, kind: u32) {
        self.count += 1;
        self.text(key);
        self.bytes.extend(kind.to_le_bytes());
    }
    fn string(&mut self, key: &str, value: &str) {
        self.key(key, STRING);
        self.text(value);
    }
    fn whole(&mut self, key: &str, value: usize) {
        self.key(key, UINT32);
        // Every count of a model that was checked is far below 2^32.
        self.bytes.extend((value as u32).to_le_bytes());
    }
    fn real(&mut self, key: &str, value: f64) {
        self.key(key, FLOAT32);
        self.bytes.extend((value as f32).to_le_bytes());
    }
    fn flag(&mut self, key: &str, value: bool) {
        self.key(key, BOOL);
        self.bytes.push(u8::from(value));
    }
    fn array(&mut self, key: &str, kind: u32, length: usize) {
        self.key(key, ARRAY);
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend((length as u64).to_le_bytes());
    }
    fn strings(&mut self, key: &str, values: &[String]) {
        self.array(key, STRING, values.len());
        values.iter().for_each(|value| self.text(value));
    }
}

/// A vocabulary as tokenizer.json has it.
struct Vocabulary {
    /// By id, spelled in the byte-level alphabet.
    tokens: Vec<String>,
    kinds: Vec<i32>,
    /// Two tokens with a space between.
    merges: Vec<String>,
}

/// # Errors
/// [`FileError::GgufTokens`] and [`FileError::GgufBlanks`] for tokens that are no bytes, or cut by another pattern than GPT-2's.
fn vocabulary(file: &ModelFile) -> Result<Vocabulary, FileError> {
    let json = file.tokenizer.to_json()?;
    let json: Value = serde_json::from_str(&json).map_err(|e| FileError::Unwritable { reason: e.to_string() })?;
    if json["pre_tokenizer"]["type"] != "ByteLevel" {
        let blanks = json["decoder"]["type"] == "ByteLevel";
        let kind = file.tokenizer.config().kind;
        return Err(if blanks { FileError::GgufBlanks } else { FileError::GgufTokens { kind } });
    }
    let mut tokens = vec![String::new(); file.tokenizer.vocab()];
    let mut kinds = vec![NORMAL; tokens.len()];
    let id = |value: &Value| value.as_u64().and_then(|id| usize::try_from(id).ok());
    let mut place = |token: &str, at: Option<usize>| {
        if let Some(slot) = at.and_then(|at| tokens.get_mut(at)) {
            *slot = token.to_owned();
        }
    };
    for (token, at) in json["model"]["vocab"].as_object().into_iter().flatten() {
        place(token, id(at));
    }
    for added in json["added_tokens"].as_array().into_iter().flatten() {
        let at = id(&added["id"]);
        place(added["content"].as_str().unwrap_or_default(), at);
        if let Some(kind) = at.and_then(|at| kinds.get_mut(at)) {
            *kind = CONTROL;
        }
    }
    let pair = |merge: &Value| match merge.as_str() {
        Some(line) => line.to_owned(),
        None => merge.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
    };
    let merges = json["model"]["merges"].as_array().into_iter().flatten().map(pair).collect();
    Ok(Vocabulary { tokens, kinds, merges })
}

/// All that stands before the tensors' numbers, and the tensors.
///
/// # Errors
/// [`FileError::GgufNoClass`] and its like with what llama.cpp has no place for.
pub(super) fn header(file: &ModelFile, card: &str) -> Result<(Vec<u8>, Vec<Tensor>), FileError> {
    let a = &file.checked.architecture;
    let class = Class::of(a).map_err(FileError::GgufNoClass)?;
    let arch = class.gguf(a)?;
    let vocabulary = vocabulary(file)?;
    let mut keys = Keys::default();
    keys.string("general.architecture", arch);
    keys.string("general.name", "Fledgling");
    keys.string("general.description", card);
    keys.whole("general.alignment", ALIGNMENT);
    keys.whole("general.file_type", 0); // all F32
    let key = |name: &str| format!("{arch}.{name}");
    keys.whole(&key("vocab_size"), a.vocab);
    keys.whole(&key("context_length"), a.context);
    keys.whole(&key("embedding_length"), a.width);
    keys.whole(&key("block_count"), a.layers);
    keys.whole(&key("feed_forward_length"), a.hidden);
    keys.whole(&key("attention.head_count"), a.heads);
    if class == Class::Llama {
        keys.whole(&key("attention.head_count_kv"), a.kv_heads);
        keys.real(&key("attention.layer_norm_rms_epsilon"), a.norm_epsilon);
        keys.whole(&key("rope.dimension_count"), a.head_dim());
        keys.real(&key("rope.freq_base"), a.rotary_base);
    } else {
        keys.real(&key("attention.layer_norm_epsilon"), a.norm_epsilon);
    }
    keys.string("tokenizer.ggml.model", "gpt2");
    keys.string("tokenizer.ggml.pre", "gpt-2");
    keys.strings("tokenizer.ggml.tokens", &vocabulary.tokens);
    keys.array("tokenizer.ggml.token_type", INT32, vocabulary.kinds.len());
    vocabulary.kinds.iter().for_each(|kind| keys.bytes.extend(kind.to_le_bytes()));
    keys.strings("tokenizer.ggml.merges", &vocabulary.merges);
    let end = file.tokenizer.end();
    // Without ids of its own llama.cpp takes GPT-2's, which lie outside a small vocabulary.
    if let Some(id) = file.tokenizer.begin().or(end) {
        keys.whole("tokenizer.ggml.bos_token_id", id as usize);
    }
    if let Some(id) = end {
        keys.whole("tokenizer.ggml.eos_token_id", id as usize);
    }
    keys.flag("tokenizer.ggml.add_bos_token", false);
    keys.flag("tokenizer.ggml.add_eos_token", false);

    let tensors = names::of_gguf(class, a);
    let mut head = b"GGUF".to_vec();
    head.extend(3u32.to_le_bytes());
    head.extend((tensors.len() as u64).to_le_bytes());
    head.extend(keys.count.to_le_bytes());
    head.append(&mut keys.bytes);
    let mut offset = 0u64;
    for tensor in &tensors {
        head.extend((tensor.name.len() as u64).to_le_bytes());
        head.extend(tensor.name.as_bytes());
        head.extend((tensor.shape.len() as u32).to_le_bytes());
        // Innermost first.
        tensor.shape.iter().rev().for_each(|&n| head.extend((n as u64).to_le_bytes()));
        head.extend(F32.to_le_bytes());
        head.extend(offset.to_le_bytes());
        offset += (4 * tensor.len()).next_multiple_of(ALIGNMENT) as u64;
    }
    head.resize(head.len().next_multiple_of(ALIGNMENT), 0);
    Ok((head, tensors))
}
