//! A text as every kind of tokenizer cuts it: each kind is made from the text in memory, in slices, and kept for the next
//! question.

use super::problems::{from_tokenizer, no_text};
use super::{Host, SLICE, Session};
use crate::config::{TokenizerConfig, TokenizerKind};
use crate::protocol::{Event, Problem, TokenizerLook};
use crate::tokenizer::{Builder, Tokenizer};

/// Kinds that are made from a text.
const KINDS: [TokenizerKind; 4] =
    [TokenizerKind::Characters, TokenizerKind::Words, TokenizerKind::Bytes, TokenizerKind::Bpe];
/// Bytes or symbols between two looks at the clock.
const WORK: usize = 100_000;
/// The smallest vocabulary that each kind can be made with: all bytes and the marks of a document.
const SMALLEST: usize = 258;

#[derive(Default)]
pub(super) struct Comparison {
    /// The request under way, and its text.
    asked: Option<(u32, String)>,
    /// Made from the text in memory so far, in the order of [`KINDS`].
    made: Vec<Tokenizer>,
    building: Option<Builder>,
}

impl Comparison {
    pub(super) fn is_under_way(&self) -> bool {
        self.asked.is_some()
    }

    /// The text in memory is another: begins anew.
    pub(super) fn restart(&mut self) {
        self.made.clear();
        self.building = None;
    }
}

impl Session {
    pub(super) fn compare_tokenizers(&mut self, request: u32, text: String) -> Result<(), Problem> {
        self.text.as_ref().ok_or_else(no_text)?;
        self.comparison.asked = Some((request, text));
        Ok(())
    }

    /// One slice of the comparison; its answer at the end.
    pub(super) fn comparison_slice(&mut self, host: &mut impl Host) -> Result<(), Problem> {
        let began = host.now();
        let Some(text) = &self.text else { return Ok(()) };
        while let Some(&kind) = KINDS.get(self.comparison.made.len()) {
            if host.now() - began >= SLICE {
                return Ok(());
            }
            let own = text.config.kind == kind && text.config.vocabulary == self.tokenizer.vocabulary;
            let made = if own {
                Some(text.tokenizer.clone())
            } else {
                let vocabulary = self.tokenizer.vocabulary.max(SMALLEST);
                let config = TokenizerConfig { kind, vocabulary, ..self.tokenizer.clone() };
                let building = match self.comparison.building.take() {
                    Some(building) => Ok(building),
                    None => Builder::new(&config, &text.cleaned),
                };
                let advanced = building.and_then(|mut building| {
                    let made = building.advance(&text.cleaned, WORK)?;
                    Ok((building, made))
                });
                match advanced {
                    Ok((_, Some(made))) => Some(made),
                    Ok((building, None)) => {
                        self.comparison.building = Some(building);
                        None
                    }
                    Err(error) => {
                        let request = self.comparison.asked.take().map(|(request, _)| request);
                        return Err(Problem { request, ..from_tokenizer(error) });
                    }
                }
            };
            self.comparison.made.extend(made);
        }
        if let Some((request, asked)) = self.comparison.asked.take() {
            let file = self.file_tokenizer.as_ref().map(|tokenizer| (TokenizerKind::File, tokenizer));
            let kinds = KINDS.into_iter().zip(&self.comparison.made).chain(file);
            let looks = kinds.map(|(kind, tokenizer)| look(kind, tokenizer, &asked)).collect();
            host.emit(Event::TokenizersCompared { request, looks });
        }
        Ok(())
    }
}

fn look(kind: TokenizerKind, tokenizer: &Tokenizer, text: &str) -> TokenizerLook {
    let unknown = tokenizer.unknown_in(text).occurrences;
    let ids = tokenizer.encode(text).unwrap_or_else(|_| {
        // Characters without a token, and no `<unk>` to stand for them: the rest.
        text.chars().filter_map(|c| tokenizer.encode(c.encode_utf8(&mut [0; 4])).ok()).flatten().collect()
    });
    let tokens = ids.iter().map(|&id| tokenizer.token_text(id)).collect();
    TokenizerLook { kind, vocab: tokenizer.vocab(), ids, tokens, unknown, lossless: tokenizer.lossless() }
}
