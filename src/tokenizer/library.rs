//! Our tokenizers as the library's, which knows how a tokenizer.json is written.

use super::split::{Pattern, WORDS};
use super::{Scheme, Tokenizer, TokenizerError};
use std::collections::HashMap;
use tokenizers::decoders::byte_level::ByteLevel as ByteLevelDecoder;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::pre_tokenizers::byte_level::ByteLevel as ByteLevelSplitter;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{AddedToken, DecoderWrapper, ModelWrapper, PreTokenizerWrapper, SplitDelimiterBehavior};

/// The library's tokenizer that gives the same ids.
///
/// # Errors
/// [`TokenizerError::TokenizerUnwritable`] with the library's own sentence.
pub(super) fn tokenizer(ours: &Tokenizer) -> Result<tokenizers::Tokenizer, TokenizerError> {
    let table = &ours.table;
    let name = |id: u32| match table.special.get(&id) {
        Some(name) => name.clone(),
        None => String::from_utf8_lossy(&table.tokens[id as usize]).into_owned(),
    };
    let vocab = || (0..table.tokens.len() as u32).map(|id| (name(id), id)).collect::<HashMap<String, u32>>();
    let unknown = table.unknown.map(name);
    let fuse = || Some(DecoderWrapper::Fuse(Fuse::new()));
    let (model, splitter, decoder): (ModelWrapper, Option<PreTokenizerWrapper>, _) = match ours.scheme() {
        Scheme::Characters { .. } => {
            let bpe = BPE::builder().vocab_and_merges(Vocab::from_iter(vocab()), Vec::new());
            let bpe = if let Some(unknown) = unknown { bpe.unk_token(unknown) } else { bpe };
            (bpe.build().map_err(refused)?.into(), None, fuse())
        }
        Scheme::Words { pattern, .. } => {
            let words = WordLevel::builder().vocab(Vocab::from_iter(vocab())).unk_token(unknown.unwrap_or_default());
            let words = words.build().map_err(refused)?.into();
            if *pattern == Pattern::Blanks {
                (words, Some(WhitespaceSplit.into()), None)
            } else {
                let pattern = SplitPattern::Regex(WORDS.into());
                let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false).map_err(refused)?;
                (words, Some(split.into()), fuse())
            }
        }
        Scheme::Bytes(bytes) => {
            let splitter = match bytes.pattern {
                Pattern::Blanks => {
                    let byte_level = ByteLevelSplitter::new(true, true, false);
                    Sequence::new(vec![WhitespaceSplit.into(), byte_level.into()]).into()
                }
                Pattern::Gpt2 | Pattern::Words => ByteLevelSplitter::new(false, true, true).into(),
            };
            let decoder = DecoderWrapper::ByteLevel(ByteLevelDecoder::default());
            (bytes.merges.library().into(), Some(splitter), Some(decoder))
        }
    };
    let mut library = tokenizers::Tokenizer::new(model);
    library.with_pre_tokenizer(splitter).with_decoder(decoder);
    let special = table.special.values().map(|name| AddedToken::from(name.clone(), true));
    library.add_special_tokens(special).map_err(refused)?;
    Ok(library)
}

fn refused(error: impl std::fmt::Display) -> TokenizerError {
    TokenizerError::TokenizerUnwritable { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Splitting, TokenizerConfig, TokenizerKind};
    use std::collections::HashSet;
    use tokenizers::models::bpe::BpeTrainer;
    use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, Trainer};

    const PROSE: &str = "It's the nightingale, and not the lark,\nThat pierced the fearful hollow of thine ear;\n\
        Nightly she sings on yon pomegranate-tree:  believe me, love, it was the nightingale.\r\n\t\"We'll\" they've I'm 1599 ½\n\
        naïve café — 庭院深深深几许，杨柳堆烟，帘幕无重数。 🧑🏽‍🚀🧑🏽‍🚀 \u{a0}\u{2028}x\u{85}  \n\n\n    indented    twice\n";

    /// Every kind that is made from a text.
    fn configurations() -> Vec<TokenizerConfig> {
        let mut all = Vec::new();
        for kind in [TokenizerKind::Characters, TokenizerKind::Words, TokenizerKind::Bytes, TokenizerKind::Bpe] {
            for splitting in [Splitting::Gpt2, Splitting::Whitespace] {
                for bos_eos in [false, true] {
                    all.push(TokenizerConfig { kind, vocabulary: 330, splitting, bos_eos });
                }
            }
        }
        all
    }

    /// Numbers that look random, the same each time.
    fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
        let mut state = seed;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        }
    }

    /// Texts out of what splitters stumble over.
    fn awkward(seed: u64, length: usize) -> String {
        const PARTS: [&str; 40] = [
            " ",
            " ",
            " ",
            "  ",
            "\n",
            "\n\n",
            "\r\n",
            "\t",
            "\u{a0}",
            "\u{2028}",
            "\u{85}",
            "\u{3000}",
            "'",
            "'s",
            "'ll",
            "'re",
            "'S",
            "s",
            "t",
            "the",
            "re",
            "ve",
            "A",
            "é",
            "e\u{301}",
            "中文",
            "½",
            "٣",
            "7",
            "Ⅻ",
            "ª",
            "_",
            "-",
            "…",
            "🧑🏽‍🚀",
            "\u{200d}",
            "\0",
            "<|endoftext|>",
            "<unk>",
            "<bos>",
        ];
        let mut number = numbers(seed);
        (0..length).map(|_| PARTS[number(PARTS.len())]).collect()
    }

    fn reread(ours: &Tokenizer) -> tokenizers::Tokenizer {
        let mut library: tokenizers::Tokenizer = ours.to_json().unwrap().parse().unwrap();
        library.set_encode_special_tokens(true); // text that spells a special token is text
        library
    }

    #[test]
    fn the_library_gives_the_same_ids_and_texts() {
        let mut texts: Vec<String> = (0..400).map(|seed| awkward(seed, 1 + seed as usize % 60)).collect();
        texts.extend(["", " ", "\n", PROSE, "zzzz qqqq", "don't  stop"].map(str::to_owned));
        let all = format!("{PROSE}{}", texts.concat());
        for config in configurations() {
            let text = if config.kind == TokenizerKind::Characters { all.as_str() } else { PROSE };
            let ours = Tokenizer::from_text(&config, text).unwrap();
            assert_eq!(ours.config(), &config);
            let library = reread(&ours);
            assert_eq!(library.get_vocab_size(true), ours.vocab());
            for text in &texts {
                let ids = ours.encode(text).unwrap();
                assert_eq!(library.encode(text.as_str(), false).unwrap().get_ids(), ids, "{config:?} {text:?}");
                let decoded = library.decode(&ids, true).unwrap();
                let decoded = decoded.strip_prefix(' ').filter(|_| !ours.lossless()).unwrap_or(&decoded);
                assert_eq!(ours.decode(&ids), decoded, "{config:?} {text:?}");
                if ours.lossless() && ours.unknown().is_none_or(|unknown| !ids.contains(&unknown)) {
                    assert_eq!(ours.decode(&ids), *text);
                }
            }
            let again = Tokenizer::from_json(&ours.to_json().unwrap()).unwrap();
            assert_eq!(again, ours);
            assert_eq!(again.config().kind, config.kind);
            assert_eq!(again.to_json().unwrap(), ours.to_json().unwrap());
        }
    }

    #[test]
    fn cuts_where_the_library_does() {
        let words = Split::new(SplitPattern::Regex(WORDS.into()), SplitDelimiterBehavior::Isolated, false).unwrap();
        let splitters: [(Pattern, PreTokenizerWrapper); 3] = [
            (Pattern::Words, words.into()),
            (Pattern::Gpt2, ByteLevelSplitter::new(false, true, true).into()),
            (Pattern::Blanks, WhitespaceSplit.into()),
        ];
        let every: String = ('\0'..='\u{33000}').flat_map(|c| [c, 'a', '1', c, ' ']).collect();
        for text in (1000..1400).map(|seed| awkward(seed, 30)).chain([every]) {
            for (pattern, splitter) in &splitters {
                let mut library = PreTokenizedString::from(text.as_str());
                splitter.pre_tokenize(&mut library).unwrap();
                let splits = library.get_splits(OffsetReferential::Original, OffsetType::Byte);
                let (mut at, mut ours) = (0, Vec::new());
                while let Some(piece) = pattern.piece(&text, at) {
                    at = piece.end;
                    ours.push((piece.start, piece.end));
                }
                let theirs: Vec<_> = splits.into_iter().map(|(_, offsets, _)| offsets).collect();
                let differ = ours.iter().zip(&theirs).position(|(a, b)| a != b);
                assert_eq!(
                    differ.map(|at| (&text[ours[at].0..ours[at].1], &text[theirs[at].0..theirs[at].1])),
                    None,
                    "{pattern:?}"
                );
                assert_eq!(ours.len(), theirs.len(), "{pattern:?}");
            }
        }
    }

    /// The library's training on our pieces.
    fn trained(config: &TokenizerConfig, text: &str) -> BPE {
        let special = if config.bos_eos { vec!["<bos>", "<eos>"] } else { vec!["<|endoftext|>"] };
        let mut trainer = BpeTrainer::builder()
            .min_frequency(2) // as ours: a pair seen once teaches nothing
            .vocab_size(config.vocabulary)
            .show_progress(false)
            .special_tokens(special.iter().map(|&name| AddedToken::from(name, true)).collect())
            .initial_alphabet(ByteLevelSplitter::alphabet().into_iter().collect::<HashSet<char>>())
            .build();
        let pieces = |text: &str| {
            let mut string = PreTokenizedString::from(text);
            match config.splitting {
                Splitting::Gpt2 => ByteLevelSplitter::new(false, true, true).pre_tokenize(&mut string)?,
                Splitting::Whitespace => {
                    WhitespaceSplit.pre_tokenize(&mut string)?;
                    ByteLevelSplitter::new(true, true, false).pre_tokenize(&mut string)?;
                }
            }
            let splits = string.get_splits(OffsetReferential::Original, OffsetType::Byte);
            Ok(splits.into_iter().map(|(piece, _, _)| piece.to_owned()).collect())
        };
        trainer.feed(std::iter::once(text), pieces).unwrap();
        let mut model = BPE::default();
        trainer.train(&mut model).unwrap();
        model
    }

    #[test]
    fn trains_as_the_library() {
        // Runs make tokens that come about in two ways, where the order of merging is hardest to meet.
        let mut number = numbers(7);
        let runs: String =
            (0..3000).map(|_| "ab=-\n ".chars().nth(number(6)).unwrap().to_string().repeat(1 + number(30))).collect();
        let random: String = (0..4000).map(|_| char::from(b"aab  c"[number(6)])).collect();
        let prose = PROSE.repeat(3) + &(0..200).map(|seed| awkward(seed, 20)).collect::<String>();
        let ours = include_str!("../tokenizer.rs");
        for text in [ours, &runs, &random, &prose, "a", "ab ab", &"a".repeat(1000)] {
            for mut config in configurations().into_iter().filter(|config| config.kind == TokenizerKind::Bpe) {
                for vocabulary in [258, 300, 1500, 4096] {
                    config.vocabulary = vocabulary;
                    // The library would let a text make a special token; ours does not.
                    let text = text.replace("<|endoftext|>", "").replace("<bos>", "").replace("<eos>", "");
                    let (ours, theirs) = (Tokenizer::from_text(&config, &text).unwrap(), trained(&config, &text));
                    let ours = serde_json::to_value(reread(&ours)).unwrap();
                    let theirs = serde_json::to_value(&theirs).unwrap();
                    // Not assert_eq: both at full length would hide the rest.
                    assert!(ours["model"]["vocab"] == theirs["vocab"], "{config:?}");
                    assert!(ours["model"]["merges"] == theirs["merges"], "{config:?}");
                }
            }
        }
    }
}
