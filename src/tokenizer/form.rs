//! The JSON of tokenizer files as strict types: a field that is not named here is refused.

use super::refusal::{FileProblem, Found, Readable};
use super::split::{Pattern, WORDS};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Longest file that is read, bytes.
pub(super) const LIMIT: usize = 10 << 20;
/// Characters of the parser's sentence, or of a part's name, that are passed on: either may repeat the file at any length.
const SENTENCE: usize = 200;

/// A file's model, which decides about all the rest.
pub(super) enum Model {
    /// Characters or bytes, and what is merged.
    Pairs(File<Pairs>),
    /// Words.
    Words(File<Words>),
}

/// A tokenizer.json.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File<M> {
    #[serde(rename = "version")]
    _version: String,
    /// What others do to texts before they batch them; nothing of it happens here.
    #[serde(rename = "truncation")]
    _truncation: Option<IgnoredAny>,
    #[serde(rename = "padding")]
    _padding: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) added_tokens: Vec<Added>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    #[serde(default)]
    decoder: Value,
    pub(super) model: M,
}

/// A token beside the model's. How it is looked for in a text does not matter: here text never becomes a special token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Added {
    pub(super) id: u32,
    pub(super) content: String,
    #[serde(default)]
    pub(super) special: bool,
    #[serde(rename = "single_word")]
    _single_word: Option<bool>,
    #[serde(rename = "lstrip")]
    _left: Option<bool>,
    #[serde(rename = "rstrip")]
    _right: Option<bool>,
    #[serde(rename = "normalized")]
    _normalized: Option<bool>,
}

impl Added {
    /// A special token by its name.
    pub(super) fn special(name: &str, id: u32) -> Self {
        let content = name.to_owned();
        Self { id, content, special: true, _single_word: None, _left: None, _right: None, _normalized: None }
    }
}

/// The model BPE.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pairs {
    #[serde(rename = "type")]
    _type: Option<IgnoredAny>,
    dropout: Option<f64>,
    pub(super) unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    fuse_unk: Option<bool>,
    byte_fallback: Option<bool>,
    ignore_merges: Option<bool>,
    pub(super) vocab: Vocabulary,
    pub(super) merges: Vec<Merge>,
}

/// The model WordLevel.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    #[serde(rename = "type")]
    _type: Option<IgnoredAny>,
    pub(super) vocab: Vocabulary,
    pub(super) unk_token: String,
}

/// Two tokens: apart, or in a line with a space between.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Merge {
    Line(String),
    Pair(String, String),
}

/// A JSON object of tokens and ids as it stands: a map would keep one of two equal keys in silence.
pub(super) struct Vocabulary(pub(super) Vec<(String, u32)>);

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vocabulary;
            fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.write_str("an object of tokens and their ids")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vocabulary, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Vocabulary(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// JSON of a stranger as `T`.
///
/// # Errors
/// [`FileProblem::TokenizerTooLong`], and [`FileProblem::TokenizerForm`] with the parser's sentence.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, FileProblem> {
    if json.len() > LIMIT {
        return Err(FileProblem::TokenizerTooLong { bytes: json.len(), limit: LIMIT });
    }
    serde_json::from_str(json).map_err(|e| FileProblem::TokenizerForm { reason: cut(&e.to_string()) })
}

/// A tokenizer.json by its model.
///
/// # Errors
/// [`FileProblem`] where it is too long, in another form, or of another version or model.
pub(super) fn read(json: &str) -> Result<Model, FileProblem> {
    /// What comes first: a model of another type has other fields, and its type is what there is to say about it.
    #[derive(Deserialize)]
    struct Head {
        version: Option<String>,
        model: HeadOfModel,
    }
    #[derive(Deserialize)]
    struct HeadOfModel {
        r#type: Option<String>,
        merges: Option<IgnoredAny>,
    }
    let head: Head = parse(json)?;
    let part = |part, found: Option<String>, read| {
        let found = found.map_or(Found::NotNamed, |found| Found::Named(cut(&found)));
        Err(FileProblem::TokenizerPart { part, found, read })
    };
    if head.version.as_deref() != Some("1.0") {
        return part("version", head.version, Readable::Version1);
    }
    match (head.model.r#type.as_deref(), head.model.merges) {
        // Early files do not name the type.
        (Some("BPE"), _) | (None, Some(_)) => Ok(Model::Pairs(parse(json)?)),
        (Some("WordLevel"), _) => Ok(Model::Words(parse(json)?)),
        _ => part("model", head.model.r#type, Readable::BpeOrWordLevel),
    }
}

/// A part's type.
fn kind(part: &Value) -> &str {
    match part {
        Value::Null => "none",
        part => part.get("type").and_then(Value::as_str).unwrap_or("of no type"),
    }
}

fn refuse(part: &'static str, value: &Value, read: Readable) -> FileProblem {
    let named = value.get("type").and_then(Value::as_str).map(|named| Found::Named(cut(named)));
    let found = named.unwrap_or(if value.is_null() { Found::Nothing } else { Found::Untyped });
    FileProblem::TokenizerPart { part, found, read }
}

/// A foreign word's beginning.
fn cut(word: &str) -> String {
    word.chars().take(SENTENCE).collect()
}

/// Whether a part's switch is as `wanted`; `usual` where it is not named.
fn is(part: &Value, switch: &str, usual: bool, wanted: bool) -> bool {
    part.get(switch).map_or(Some(usual), Value::as_bool) == Some(wanted)
}

/// Whether a part is the byte-level splitter with these switches.
fn is_byte_level(part: &Value, prefix: bool, pattern: bool) -> bool {
    kind(part) == "ByteLevel" && is(part, "add_prefix_space", true, prefix) && is(part, "use_regex", true, pattern)
}

impl<M> File<M> {
    /// Refuses parts that change texts before they are cut, or put tokens around them that we would not put.
    ///
    /// # Errors
    /// [`FileProblem::TokenizerPart`] with the part's name.
    pub(super) fn check(&self) -> Result<(), FileProblem> {
        if !self.normalizer.is_null() {
            return Err(refuse("normalizer", &self.normalizer, Readable::Nothing));
        }
        // The byte-level one only moves offsets, and a template without special tokens adds nothing.
        let special = self.post_processor.get("special_tokens").and_then(Value::as_object);
        match kind(&self.post_processor) {
            "none" | "ByteLevel" => Ok(()),
            "TemplateProcessing" if special.is_some_and(|special| special.is_empty()) => Ok(()),
            _ => Err(refuse("post_processor", &self.post_processor, Readable::NothingOrByteLevel)),
        }
    }

    /// Refuses another decoder than the one that belongs to the splitter.
    ///
    /// # Errors
    /// [`FileProblem::TokenizerPart`] with its name.
    pub(super) fn decodes_by(&self, wanted: &'static str, read: Readable) -> Result<(), FileProblem> {
        if kind(&self.decoder) == wanted { Ok(()) } else { Err(refuse("decoder", &self.decoder, read)) }
    }
}

impl File<Pairs> {
    /// Where the file cuts texts; none where it does not, as for characters.
    ///
    /// # Errors
    /// [`FileProblem::TokenizerPart`] with the splitter's name, or with the model's option that is not read here.
    pub(super) fn pattern(&self) -> Result<Option<Pattern>, FileProblem> {
        let model = &self.model;
        let named = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let options = [
            ("dropout", model.dropout.is_some_and(|share| share != 0.0)),
            ("continuing_subword_prefix", named(&model.continuing_subword_prefix)),
            ("end_of_word_suffix", named(&model.end_of_word_suffix)),
            // With a whole alphabet nothing is unknown.
            ("fuse_unk", model.fuse_unk == Some(true) && self.pre_tokenizer.is_null()),
            ("byte_fallback", model.byte_fallback == Some(true)),
            ("ignore_merges", model.ignore_merges == Some(true)),
        ];
        if let Some((part, _)) = options.into_iter().find(|(_, set)| *set) {
            return Err(FileProblem::TokenizerPart { part, found: Found::Set, read: Readable::Without });
        }
        let part = &self.pre_tokenizer;
        let refused = |read| Err(refuse("pre_tokenizer", part, read));
        match kind(part) {
            "none" if model.merges.is_empty() => Ok(None),
            "none" => refused(Readable::ByteLevel),
            "ByteLevel" if is_byte_level(part, false, true) => Ok(Some(Pattern::Gpt2)),
            "ByteLevel" => refused(Readable::ByteLevelPlain),
            "Sequence" => match part.get("pretokenizers").and_then(Value::as_array).map(Vec::as_slice) {
                Some([first, second]) if kind(first) == "WhitespaceSplit" && is_byte_level(second, true, false) => {
                    Ok(Some(Pattern::Blanks))
                }
                _ => refused(Readable::SequenceWithPrefix),
            },
            _ => refused(Readable::ByteLevelOrSequence),
        }
    }
}

impl File<Words> {
    /// Where the file cuts texts.
    ///
    /// # Errors
    /// [`FileProblem::TokenizerPart`] with the splitter's name.
    pub(super) fn pattern(&self) -> Result<Pattern, FileProblem> {
        let part = &self.pre_tokenizer;
        let regex = part.get("pattern").and_then(|pattern| pattern.get("Regex")).and_then(Value::as_str);
        let isolated =
            part.get("behavior").and_then(Value::as_str) == Some("Isolated") && is(part, "invert", false, false);
        match kind(part) {
            "WhitespaceSplit" => Ok(Pattern::Blanks),
            "Split" if regex == Some(WORDS) && isolated => Ok(Pattern::Words),
            "Split" => Err(refuse("pre_tokenizer", part, Readable::SplitAsWritten)),
            _ => Err(refuse("pre_tokenizer", part, Readable::WhitespaceSplitOrSplit)),
        }
    }
}
