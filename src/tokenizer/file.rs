//! Tokenizers from files, which may be anybody's: everything is checked here, and nothing reaches the library unchecked, which
//! panics on some broken files.

use super::form::{self, Added, File, Merge, Model, Pairs, Vocabulary, Words};
use super::hash::Map;
use super::refusal::{FileProblem, Readable};
use super::split::Pattern;
use super::{BEGIN, END, END_OF_TEXT, Scheme, Tokenizer, TokenizerError, UNKNOWN, alphabet, quoted};
use crate::config::{Splitting, TokenizerConfig, TokenizerKind};
use std::collections::BTreeMap;

/// Largest vocabulary that is read, tokens.
const TOKENS_LIMIT: usize = 262_144;

/// Reads a tokenizer.json.
///
/// # Errors
/// [`TokenizerError::File`] with what is wrong.
pub(super) fn from_json(json: &str) -> Result<Tokenizer, TokenizerError> {
    match form::read(json)? {
        Model::Pairs(file) => of_pairs(file),
        Model::Words(file) => Ok(of_words(file)?),
    }
}

/// Reads GPT-2's vocab.json and merges.txt.
///
/// # Errors
/// [`TokenizerError::File`] with what is wrong.
pub(super) fn from_vocab_and_merges(vocab_json: &str, merges_txt: &str) -> Result<Tokenizer, TokenizerError> {
    let vocabulary: Vocabulary = form::parse(vocab_json)?;
    if merges_txt.len() > form::LIMIT {
        return Err(FileProblem::TokenizerTooLong { bytes: merges_txt.len(), limit: form::LIMIT }.into());
    }
    let lines = merges_txt.lines().filter(|line| !line.is_empty() && !line.starts_with("#version"));
    let merges = lines.clone().map(|line| Merge::Line(line.to_owned())).collect();
    // The pair of files does not say which tokens are special. Those spelled so that no merge makes are: no text reaches them.
    let named = |token: &str| token.len() > 2 && token.starts_with('<') && token.ends_with('>');
    let mut special: BTreeMap<&str, u32> =
        vocabulary.0.iter().filter(|(token, _)| named(token)).map(|(token, id)| (token.as_str(), *id)).collect();
    for line in lines {
        special.remove(line.replacen(' ', "", 1).as_str());
    }
    let added = special.into_iter().map(|(name, id)| Added::special(name, id)).collect();
    let listed = Listed::new(vocabulary, added)?;
    of_bytes(listed, Pattern::Gpt2, merges)
}

/// A vocabulary whose ids are those from 0 to its size, each once.
struct Listed {
    /// By id.
    tokens: Vec<String>,
    ids: Map<String, u32>,
    special: BTreeMap<u32, String>,
}

impl Listed {
    fn new(vocabulary: Vocabulary, added: Vec<Added>) -> Result<Self, FileProblem> {
        let mut ids: Map<String, u32> = Map::default();
        let mut place = |token: String, id: u32| match ids.insert(token.clone(), id) {
            Some(first) => Err(FileProblem::TokenTwice { token: quoted(&token), first, second: id }),
            None if token.is_empty() => Err(FileProblem::EmptyToken { id }),
            None => Ok(()),
        };
        let model: Map<&str, u32> = vocabulary.0.iter().map(|(token, id)| (token.as_str(), *id)).collect();
        let mut special = BTreeMap::new();
        for Added { id, content, special: is_special, .. } in added {
            if !is_special {
                return Err(FileProblem::AddedWord { token: quoted(&content), id });
            }
            // It may be one of the model's or one beside them.
            if model.get(content.as_str()) != Some(&id) {
                place(content.clone(), id)?;
            }
            if special.insert(id, content.clone()).is_some_and(|first| first == content) {
                return Err(FileProblem::TokenTwice { token: quoted(&content), first: id, second: id });
            }
        }
        for (token, id) in vocabulary.0 {
            place(token, id)?;
        }
        if ids.is_empty() {
            return Err(FileProblem::VocabularyEmpty);
        }
        if ids.len() > TOKENS_LIMIT {
            return Err(FileProblem::VocabularyTooLarge { tokens: ids.len(), limit: TOKENS_LIMIT });
        }
        let mut tokens: Vec<Option<&String>> = vec![None; ids.len()];
        let last = tokens.len() - 1;
        for (token, &id) in &ids {
            match tokens.get_mut(id as usize) {
                None => return Err(FileProblem::IdOutside { id, token: quoted(token), last }),
                Some(Some(first)) => {
                    return Err(FileProblem::IdTwice { id, first: quoted(first), second: quoted(token) });
                }
                Some(free) => *free = Some(token),
            }
        }
        // As many different ids as tokens, all inside: none is missing.
        let tokens = tokens.into_iter().flatten().cloned().collect();
        Ok(Self { tokens, ids, special })
    }

    fn config(&self, kind: TokenizerKind, splitting: Splitting) -> TokenizerConfig {
        let bos_eos = self.special.values().any(|name| name == BEGIN);
        TokenizerConfig { kind, vocabulary: self.tokens.len(), splitting, bos_eos }
    }

    /// The id of the unknown token; none where the file names none.
    fn unknown(&self, name: Option<&str>) -> Result<Option<u32>, FileProblem> {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
        let missing = || FileProblem::UnknownTokenMissing { token: quoted(name), tokens: self.tokens.len() };
        self.ids.get(name).copied().ok_or_else(missing).map(Some)
    }

    /// Every token's own bytes, and none for a special one.
    fn bytes(&self) -> Vec<Box<[u8]>> {
        let bytes = |(id, token): (u32, &String)| match self.special.contains_key(&id) {
            true => Box::default(),
            false => token.as_bytes().into(),
        };
        (0..).zip(&self.tokens).map(bytes).collect()
    }
}

fn of_words(file: File<Words>) -> Result<Tokenizer, FileProblem> {
    file.check()?;
    let pattern = file.pattern()?;
    let blanks = pattern == Pattern::Blanks;
    let (wanted, read) = if blanks { ("none", Readable::Nothing) } else { ("Fuse", Readable::Fuse) };
    file.decodes_by(wanted, read)?;
    let Words { vocab, unk_token, .. } = file.model;
    let listed = Listed::new(vocab, file.added_tokens)?;
    let Some(unknown) = listed.unknown(Some(&unk_token))? else {
        return Err(FileProblem::UnknownTokenMissing { token: quoted(&unk_token), tokens: listed.tokens.len() });
    };
    let ours = unk_token == UNKNOWN && unknown == 0 && listed.special.is_empty();
    let kind = if ours { TokenizerKind::Words } else { TokenizerKind::File };
    let (config, mut tokens) = (listed.config(kind, splitting(pattern)), listed.bytes());
    // The unknown token shows in texts, even where the file calls it special.
    tokens[unknown as usize] = unk_token.as_bytes().into();
    let Listed { ids, mut special, .. } = listed;
    special.remove(&unknown);
    let ids =
        ids.into_iter().filter(|(_, id)| !special.contains_key(id)).map(|(token, id)| (token.into(), id)).collect();
    Ok(Tokenizer::assemble(config, tokens, special, Some(unknown), Scheme::Words { ids, pattern }))
}

fn of_pairs(file: File<Pairs>) -> Result<Tokenizer, TokenizerError> {
    file.check()?;
    match file.pattern()? {
        Some(pattern) => {
            file.decodes_by("ByteLevel", Readable::ByteLevel)?;
            let listed = Listed::new(file.model.vocab, file.added_tokens)?;
            of_bytes(listed, pattern, file.model.merges)
        }
        None => {
            file.decodes_by("Fuse", Readable::Fuse)?;
            Ok(of_characters(file)?)
        }
    }
}

fn of_characters(file: File<Pairs>) -> Result<Tokenizer, FileProblem> {
    let Pairs { vocab, unk_token, .. } = file.model;
    let listed = Listed::new(vocab, file.added_tokens)?;
    let unknown = listed.unknown(unk_token.as_deref())?;
    let mut tokens = listed.bytes();
    let mut special = listed.special.clone();
    if let Some(unknown) = unknown {
        special.remove(&unknown);
        tokens[unknown as usize] = listed.tokens[unknown as usize].as_bytes().into();
    }
    let mut ids: Map<char, u32> = Map::default();
    for (id, token) in (0..).zip(&listed.tokens).filter(|(id, _)| !special.contains_key(id)) {
        let mut characters = token.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => _ = ids.insert(character, id),
            _ if unknown == Some(id) => {}
            _ => return Err(FileProblem::NotOneCharacter { token: quoted(token), id }),
        }
    }
    let ours = unknown.is_none() && special.is_empty() && listed.tokens.is_sorted();
    let kind = if ours { TokenizerKind::Characters } else { TokenizerKind::File };
    let config = listed.config(kind, Splitting::Gpt2);
    Ok(Tokenizer::assemble(config, tokens, special, unknown, Scheme::Characters { ids }))
}

fn of_bytes(listed: Listed, pattern: Pattern, merges: Vec<Merge>) -> Result<Tokenizer, TokenizerError> {
    let (mut tokens, mut seen) = (Vec::with_capacity(listed.tokens.len()), [false; alphabet::BYTES]);
    for (id, token) in (0..).zip(&listed.tokens) {
        if listed.special.contains_key(&id) {
            tokens.push(Box::default());
            continue;
        }
        let bytes = alphabet::read(token).ok_or_else(|| FileProblem::NotSpelled { token: quoted(token), id })?;
        if let [byte] = *bytes {
            seen[usize::from(byte)] = true;
        }
        tokens.push(bytes.into_boxed_slice());
    }
    let missing = seen.iter().filter(|&&seen| !seen).count();
    if missing > 0 {
        return Err(FileProblem::AlphabetIncomplete { missing }.into());
    }
    let (pairs, results) = checked(&listed, &merges)?;
    let config = listed.config(kind_of_bytes(&tokens, &listed.special, pattern, &pairs), splitting(pattern));
    Tokenizer::byte_level(config, tokens, listed.special, pattern, pairs, results)
}

fn splitting(pattern: Pattern) -> Splitting {
    if pattern == Pattern::Blanks { Splitting::Whitespace } else { Splitting::Gpt2 }
}

/// Ours have their special tokens first, then the bytes in the order of the alphabet.
fn kind_of_bytes(
    tokens: &[Box<[u8]>],
    special: &BTreeMap<u32, String>,
    pattern: Pattern,
    pairs: &[(u32, u32)],
) -> TokenizerKind {
    let names: Vec<(u32, &str)> = special.iter().map(|(&id, name)| (id, name.as_str())).collect();
    let named = names == [(0, END_OF_TEXT)] || names == [(0, BEGIN), (1, END)];
    let ordered = tokens.iter().skip(names.len()).zip(alphabet::in_order()).all(|(token, byte)| **token == [byte]);
    match named && ordered {
        false => TokenizerKind::File,
        true if pairs.is_empty() && pattern == Pattern::Gpt2 => TokenizerKind::Bytes,
        true => TokenizerKind::Bpe,
    }
}

/// Merges as pairs of ids and the ids that they become.
type Checked = (Vec<(u32, u32)>, Vec<u32>);

/// Every merge looked up: parts and result are tokens, none special, no pair twice.
fn checked(listed: &Listed, merges: &[Merge]) -> Result<Checked, FileProblem> {
    let mut numbers: Map<(u32, u32), usize> = Map::default();
    let (mut pairs, mut results) = (Vec::with_capacity(merges.len()), Vec::with_capacity(merges.len()));
    for (number, merge) in (1..).zip(merges) {
        let (left, right) = match merge {
            Merge::Pair(left, right) => (left.as_str(), right.as_str()),
            Merge::Line(line) => match line.split_once(' ') {
                Some((left, right)) if !right.contains(' ') => (left, right),
                _ => return Err(FileProblem::MergeForm { number, merge: quoted(line) }),
            },
        };
        let merge = || quoted(&format!("{left} {right}"));
        let id = |token: &str| match listed.ids.get(token) {
            None => {
                let (token, tokens) = (quoted(token), listed.tokens.len());
                Err(FileProblem::MergeWithoutToken { number, merge: merge(), token, tokens })
            }
            Some(&id) if listed.special.contains_key(&id) => {
                Err(FileProblem::SpecialMerge { number, merge: merge(), token: quoted(token), id })
            }
            Some(&id) => Ok(id),
        };
        if left.is_empty() || right.is_empty() {
            return Err(FileProblem::MergeForm { number, merge: merge() });
        }
        let (pair, result) = ((id(left)?, id(right)?), id(&format!("{left}{right}"))?);
        if let Some(first) = numbers.insert(pair, number) {
            return Err(FileProblem::MergeTwice { number, merge: merge(), first });
        }
        pairs.push(pair);
        results.push(result);
    }
    Ok((pairs, results))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::Found;
    use serde_json::{Value, json};

    const TEXT: &str = "low lower lowest newer newest\n  the end of the text, the end";

    fn made(kind: TokenizerKind, splitting: Splitting) -> Tokenizer {
        let config = TokenizerConfig { kind, splitting, vocabulary: 280, bos_eos: false };
        Tokenizer::from_text(&config, TEXT).unwrap()
    }

    fn json_of(tokenizer: &Tokenizer) -> Value {
        serde_json::from_str(&tokenizer.to_json().unwrap()).unwrap()
    }

    /// Sub-words as GPT-2's files have them: bytes, merges, the special token last; its part of the pair of files.
    fn gpt2() -> (Value, String, String) {
        let ours = json_of(&made(TokenizerKind::Bpe, Splitting::Gpt2));
        let mut vocab = ours["model"]["vocab"].as_object().unwrap().clone();
        let last = vocab.len() - 1;
        for (token, id) in &mut vocab {
            *id = json!(if token == "<|endoftext|>" { last as u64 } else { id.as_u64().unwrap() - 1 });
        }
        let merges = ours["model"]["merges"].as_array().unwrap();
        let line = |merge: &Value| format!("{} {}", merge[0].as_str().unwrap(), merge[1].as_str().unwrap());
        let lines: Vec<String> = merges.iter().map(line).collect();
        let byte_level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true});
        let file = json!({
            "version": "1.0", "truncation": null, "padding": null,
            "added_tokens": [{"id": last, "special": true, "content": "<|endoftext|>", "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": true}],
            "normalizer": null, "pre_tokenizer": byte_level,
            "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false},
            "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},
            "model": {"dropout": null, "unk_token": "", "continuing_subword_prefix": "", "end_of_word_suffix": "",
                "fuse_unk": false, "vocab": vocab, "merges": lines},
        });
        let vocab = file["model"]["vocab"].to_string();
        (file, vocab, format!("#version: 0.2\n{}\n", lines.join("\n")))
    }

    #[test]
    fn reads_gpt2s_files() {
        let (file, vocab, merges) = gpt2();
        let tokenizer = Tokenizer::from_json(&file.to_string()).unwrap();
        let ours = made(TokenizerKind::Bpe, Splitting::Gpt2);
        let last = ours.vocab() as u32 - 1;
        assert_eq!((tokenizer.end(), tokenizer.begin(), tokenizer.unknown()), (Some(last), None, None));
        assert_eq!((tokenizer.config().kind, tokenizer.lossless()), (TokenizerKind::File, true));
        let text = format!("{TEXT} lowly\t 'tis it's <|endoftext|>é");
        let moved: Vec<u32> = ours.encode(&text).unwrap().into_iter().map(|id| id - 1).collect();
        assert_eq!(tokenizer.encode(&text).unwrap(), moved);
        assert_eq!(tokenizer.decode(&moved), text);
        let mut library: tokenizers::Tokenizer = file.to_string().parse().unwrap();
        library.set_encode_special_tokens(true);
        assert_eq!(library.encode(text.as_str(), false).unwrap().get_ids(), moved);
        assert_eq!(Tokenizer::from_json(&tokenizer.to_json().unwrap()).unwrap(), tokenizer);
        assert_eq!(Tokenizer::from_vocab_and_merges(&vocab, &merges).unwrap(), tokenizer);
        assert_eq!(Tokenizer::from_vocab_and_merges(&vocab, &merges.replace('\n', "\r\n")).unwrap(), tokenizer);
    }

    #[test]
    fn reads_what_others_add() {
        let (mut file, ..) = gpt2();
        let before = Tokenizer::from_json(&file.to_string()).unwrap();
        file["model"]["type"] = json!("BPE");
        file["model"]["unk_token"] = json!("<|endoftext|>");
        file["model"]["ignore_merges"] = json!(false);
        file["model"]["byte_fallback"] = json!(null);
        file["model"]["merges"] = json_of(&before)["model"]["merges"].clone();
        file["truncation"] = json!({"direction": "Right", "max_length": 64});
        file["padding"] = json!({"strategy": "BatchLongest"});
        file["post_processor"] = json!({"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}});
        file["pre_tokenizer"]["use_regex"] = json!(true);
        assert_eq!(Tokenizer::from_json(&file.to_string()).unwrap(), before);
        // Special tokens beside the model's, behind all others.
        let last = before.vocab();
        file["added_tokens"].as_array_mut().unwrap().push(json!({"id": last, "content": "<pad>", "special": true}));
        let more = Tokenizer::from_json(&file.to_string()).unwrap();
        assert_eq!((more.vocab(), more.token_text(last as u32)), (last + 1, "<pad>".to_owned()));
        assert_eq!((more.encode(TEXT), more.end()), (before.encode(TEXT), before.end()));
        assert_eq!(Tokenizer::from_json(&more.to_json().unwrap()).unwrap(), more);
    }

    #[test]
    fn reads_characters_with_an_unknown_token() {
        let mut file = json_of(&Tokenizer::of_text("abc").unwrap());
        file["model"]["unk_token"] = json!("<unk>");
        file["model"]["vocab"]["<unk>"] = json!(3);
        let tokenizer = Tokenizer::from_json(&file.to_string()).unwrap();
        assert_eq!(tokenizer.encode("axxb").unwrap(), [0, 3, 3, 1]);
        assert_eq!(tokenizer.decode(&[0, 3, 1]), "a<unk>b");
        assert_eq!((tokenizer.unknown(), tokenizer.config().kind), (Some(3), TokenizerKind::File));
        assert_eq!(tokenizer.unknown_in("axxb").tokens, ["'x'"]);
        let library: tokenizers::Tokenizer = file.to_string().parse().unwrap();
        assert_eq!(library.encode("axxb", false).unwrap().get_ids(), [0, 3, 3, 1]);
        assert_eq!(Tokenizer::from_json(&tokenizer.to_json().unwrap()).unwrap(), tokenizer);
    }

    #[test]
    fn refuses_what_it_does_not_read() {
        let [characters, words, bytes] = [TokenizerKind::Characters, TokenizerKind::Words, TokenizerKind::Bytes]
            .map(|kind| json_of(&made(kind, Splitting::Gpt2)));
        let blanks = json_of(&made(TokenizerKind::Bpe, Splitting::Whitespace));
        let (pairs, ..) = gpt2();
        let broken = |file: &Value, place: &str, value: Value| {
            let mut broken = file.clone();
            match broken.pointer_mut(place) {
                Some(at) => *at = value,
                None => {
                    let (parent, key) = place.rsplit_once('/').unwrap();
                    broken.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
                }
            }
            Tokenizer::from_json(&broken.to_string()).unwrap_err()
        };
        let refused = |file: &Value, place: &str, value: Value, problem: FileProblem| {
            assert_eq!(broken(file, place, value), TokenizerError::File(problem), "{place}");
        };
        let part = |file: &Value, place: &str, value: Value, part, found: Found, read| {
            refused(file, place, value, FileProblem::TokenizerPart { part, found, read });
        };
        let named = |name: &str| Found::Named(name.to_owned());
        part(&pairs, "/version", json!("2.0"), "version", named("2.0"), Readable::Version1);
        part(&pairs, "/version", json!(null), "version", Found::NotNamed, Readable::Version1);
        part(&pairs, "/model/type", json!("Unigram"), "model", named("Unigram"), Readable::BpeOrWordLevel);
        part(&pairs, "/model/type", json!("WordPiece"), "model", named("WordPiece"), Readable::BpeOrWordLevel);
        part(&pairs, "/normalizer", json!({"type": "NFC"}), "normalizer", named("NFC"), Readable::Nothing);
        let splitter = |file: &Value, place: &str, value: Value, found: Found, read| {
            part(file, &format!("/pre_tokenizer{place}"), value, "pre_tokenizer", found, read);
        };
        splitter(&pairs, "", json!({"type": "Metaspace"}), named("Metaspace"), Readable::ByteLevelOrSequence);
        splitter(&pairs, "", json!({"kind": "Metaspace"}), Found::Untyped, Readable::ByteLevelOrSequence);
        splitter(&pairs, "/add_prefix_space", json!(true), named("ByteLevel"), Readable::ByteLevelPlain);
        splitter(&pairs, "/use_regex", json!(false), named("ByteLevel"), Readable::ByteLevelPlain);
        splitter(&pairs, "", json!(null), Found::Nothing, Readable::ByteLevel);
        let whitespace = json!("Whitespace");
        splitter(&blanks, "/pretokenizers/0/type", whitespace, named("Sequence"), Readable::SequenceWithPrefix);
        splitter(&words, "/pattern/Regex", json!("\\w+"), named("Split"), Readable::SplitAsWritten);
        let whitespace = json!({"type": "Whitespace"});
        splitter(&words, "", whitespace, named("Whitespace"), Readable::WhitespaceSplitOrSplit);
        part(&pairs, "/decoder", json!({"type": "WordPiece"}), "decoder", named("WordPiece"), Readable::ByteLevel);
        part(&characters, "/decoder", json!(null), "decoder", Found::Nothing, Readable::Fuse);
        let (roberta, read) = ("RobertaProcessing", Readable::NothingOrByteLevel);
        part(&pairs, "/post_processor", json!({"type": roberta}), "post_processor", named(roberta), read);
        for (file, option, value) in [
            (&pairs, "dropout", json!(0.1)),
            (&pairs, "continuing_subword_prefix", json!("##")),
            (&pairs, "end_of_word_suffix", json!("</w>")),
            (&pairs, "ignore_merges", json!(true)),
            (&pairs, "byte_fallback", json!(true)),
            (&characters, "fuse_unk", json!(true)),
        ] {
            part(file, &format!("/model/{option}"), value, option, Found::Set, Readable::Without);
        }
        let tokens = pairs["model"]["vocab"].as_object().unwrap().len();
        let (end, last) = (|| "'<|endoftext|>'".to_owned(), tokens as u32 - 1);
        let text = |text: &str| text.to_owned();
        let problem = FileProblem::AddedWord { token: end(), id: last };
        refused(&pairs, "/added_tokens/0/special", json!(false), problem);
        let twice = |first, second| FileProblem::TokenTwice { token: end(), first, second };
        refused(&pairs, "/added_tokens/0/id", json!(7), twice(7, last));
        refused(&pairs, "/model/vocab", json!({"<|endoftext|>": 0}), twice(last, 0));
        let problem = FileProblem::IdOutside { id: 9999, token: text("'a'"), last: tokens - 1 };
        refused(&pairs, "/model/vocab/a", json!(9999), problem);
        let problem = broken(&pairs, "/model/vocab/a", json!(0));
        let TokenizerError::File(FileProblem::IdTwice { id: 0, first, second }) = problem else {
            panic!("{problem:?}")
        };
        assert!(first != second && [first, second].contains(&text("'a'")));
        let problem = FileProblem::AlphabetIncomplete { missing: 255 };
        refused(&bytes, "/model/vocab", json!({"<|endoftext|>": 0, "a": 1}), problem);
        let problem = FileProblem::NotSpelled { token: text("'中'"), id: tokens as u32 };
        refused(&pairs, "/model/vocab/中", json!(tokens), problem);
        refused(&pairs, "/model/vocab/", json!(tokens), FileProblem::EmptyToken { id: tokens as u32 });
        for (number, value, merge, token) in [
            (1, json!("zq zq"), "'zq zq'", "'zq'"),
            (2, json!(["q", "z"]), "'q z'", "'qz'"),
            (1, json!("<|endoftext| >"), "'<|endoftext| >'", "'<|endoftext|'"),
        ] {
            let problem = FileProblem::MergeWithoutToken { number, merge: text(merge), token: text(token), tokens };
            refused(&pairs, &format!("/model/merges/{}", number - 1), value, problem);
        }
        let first = pairs["model"]["merges"][0].clone();
        let merge = quoted(first.as_str().unwrap());
        refused(&pairs, "/model/merges/1", first, FileProblem::MergeTwice { number: 2, merge, first: 1 });
        let problem = FileProblem::MergeForm { number: 3, merge: text("'abc'") };
        refused(&pairs, "/model/merges/2", json!("abc"), problem);
        let problem = FileProblem::SpecialMerge { number: 1, merge: text("'<|endoftext|> a'"), token: end(), id: last };
        refused(&pairs, "/model/merges/0", json!("<|endoftext|> a"), problem);
        let known = words["model"]["vocab"].as_object().unwrap().len();
        let problem = FileProblem::UnknownTokenMissing { token: text("'[UNK]'"), tokens: known };
        refused(&words, "/model/unk_token", json!("[UNK]"), problem);
        let problem = FileProblem::NotOneCharacter { token: text("'ab'"), id: 0 };
        refused(&characters, "/model/vocab", json!({"ab": 0}), problem);
        refused(&characters, "/model/vocab", json!({}), FileProblem::VocabularyEmpty);
        let many: serde_json::Map<String, Value> = (0..=TOKENS_LIMIT).map(|i| (i.to_string(), json!(i))).collect();
        let problem = FileProblem::VocabularyTooLarge { tokens: 262_145, limit: 262_144 };
        refused(&words, "/model/vocab", json!(many), problem);
        for (file, place, value, said) in [
            (&pairs, "/model/vocab/a", json!(-1), "invalid value: integer `-1`"),
            (&characters, "/model/vocab", json!([["a", -1.5]]), "expected an object of tokens and their ids"),
            (&characters, "/model/surprise", json!(1), "unknown field `surprise`"),
            (&characters, "/surprise", json!(1), "unknown field `surprise`"),
        ] {
            let problem = broken(file, place, value);
            let TokenizerError::File(FileProblem::TokenizerForm { reason }) = problem else { panic!("{problem:?}") };
            assert!(reason.contains(said), "{place}: {reason}");
        }
        let twice = characters.to_string().replace("\"e\":", "\"o\":1,\"e\":");
        let problem = Tokenizer::from_json(&twice).unwrap_err();
        let TokenizerError::File(FileProblem::TokenTwice { token, first: 1, .. }) = problem else {
            panic!("{problem:?}")
        };
        assert_eq!(token, "'o'");
        let long = FileProblem::TokenizerTooLong { bytes: 10_485_761, limit: 10_485_760 };
        assert_eq!(Tokenizer::from_json(&" ".repeat(form::LIMIT + 1)), Err(TokenizerError::File(long)));
        let long = Tokenizer::from_json(&format!("{{\"{}\":", "x".repeat(100_000))).unwrap_err();
        assert!(serde_json::to_string(&long).unwrap().len() < 400);
    }

    #[test]
    fn broken_files_do_no_harm() {
        let mut state = 3_u64;
        let mut number = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let (file, vocab, merges) = gpt2();
        let mut good = vec![file.to_string(), Tokenizer::of_text("ab").unwrap().to_json().unwrap()];
        for splitting in [Splitting::Gpt2, Splitting::Whitespace] {
            good.extend(
                [TokenizerKind::Words, TokenizerKind::Bpe].map(|kind| made(kind, splitting).to_json().unwrap()),
            );
        }
        let mut read = 0;
        let mut try_it = |tokenizer: Result<Tokenizer, TokenizerError>| {
            let Ok(tokenizer) = tokenizer else { return };
            read += 1;
            // What is read must do all that a good one does.
            let ids = tokenizer.encode("lower the new é  end").unwrap_or_default();
            let _ = (tokenizer.decode(&ids), tokenizer.begin(), tokenizer.unknown_in("x y"));
            assert_eq!(Tokenizer::from_json(&tokenizer.to_json().unwrap()).unwrap(), tokenizer);
        };
        let mut broken = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=number(3) {
                let at = number(bytes.len());
                bytes[at] ^= 1 << number(8);
            }
            if number(4) == 0 {
                bytes.truncate(number(bytes.len()));
            }
            String::from_utf8_lossy(&bytes).into_owned()
        };
        for round in 0..2400 {
            try_it(Tokenizer::from_json(&broken(&good[round % good.len()])));
        }
        for _ in 0..400 {
            try_it(Tokenizer::from_vocab_and_merges(&broken(&vocab), &merges));
            try_it(Tokenizer::from_vocab_and_merges(&vocab, &broken(&merges)));
        }
        assert!(read > 20, "{read}");
    }
}
