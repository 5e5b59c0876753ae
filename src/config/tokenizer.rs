//! How text becomes tokens.

use super::field::{Control, Field, Group};
use super::{Splitting, TokenizerKind, kind, papers, splitting};
use serde::{Deserialize, Serialize};

/// The tokenizer's choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenizerConfig {
    /// What a token is.
    pub kind: TokenizerKind,
    /// Tokens that byte-pair encoding is trained to; words beyond so many become `<unk>`.
    pub vocabulary: usize,
    /// Where words and byte-pair encoding cut first.
    pub splitting: Splitting,
    /// Whether `<bos>` and `<eos>` take the place of `<|endoftext|>` as first tokens.
    pub bos_eos: bool,
}

impl Default for TokenizerConfig {
    fn default() -> Self {
        Self { kind: TokenizerKind::Characters, vocabulary: 4096, splitting: Splitting::Gpt2, bos_eos: false }
    }
}

impl TokenizerConfig {
    /// Tokens that it will come to, where that does not depend on the text.
    pub fn expected_vocab(&self) -> Option<usize> {
        match self.kind {
            TokenizerKind::Bytes => Some(256 + if self.bos_eos { 2 } else { 1 }),
            TokenizerKind::Bpe => Some(self.vocabulary),
            TokenizerKind::Characters | TokenizerKind::Words | TokenizerKind::File => None,
        }
    }
}

/// The form's fields.
pub(super) fn fields() -> Vec<Field> {
    let field = |key, label, control, help| Field::new(Group::Tokenizer, key, label, control, help);
    vec![
        kind::field(),
        field("vocabulary", "Vocabulary", Control::whole(2, 32_768), "How many different tokens there are: sub-words are merged until there are so many (257 at least), of words the commonest are kept. A larger one makes the text shorter in tokens, and the embedding larger.")
            .formula("embedding: vocabulary × width parameters")
            .source(&[papers::SENNRICH]).unit("tokens").when("kind", &["words", "bpe"]),
        splitting::field(),
        field("bos_eos", "<bos> and <eos>", Control::Switch, "Whether documents may stand between the tokens <bos> and <eos>. Without it <|endoftext|> ends them, as in GPT-2.")
            .source(&[papers::GPT2]).more().when("kind", &["bytes", "bpe"]),
    ]
}
