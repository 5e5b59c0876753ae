//! How text becomes tokens.

use super::fields::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// What a token is.
    TokenizerKind {
        /// A Unicode scalar value.
        Characters = "characters", "Characters";
        /// A word with the blank before it, a run of marks, a run of blanks.
        Words = "words", "Words";
        /// A byte of the text's UTF-8.
        Bytes = "bytes", "Bytes";
        /// Byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019), trained on the text.
        Bpe = "bpe", "Sub-words (BPE)";
        /// A tokenizer that was given as a file.
        File = "file", "From a file";
    }
}

choice! {
    /// Where words and byte-pair encoding cut a text before they look for tokens.
    Splitting {
        /// GPT-2's pattern (Radford et al. 2019), blanks included: nothing is lost.
        Gpt2 = "gpt2", "As GPT-2 (lossless)";
        /// At blanks, which are then forgotten: decoding puts one space between words.
        Whitespace = "whitespace", "At blanks (lossy)";
    }
}

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
        field("kind", "Tokens", Control::choice(TokenizerKind::CHOICES), "What a token is: the smallest piece of text that the model reads and writes. Characters need the smallest vocabulary; sub-words and words are longer, so that the same context reaches further back.")
            .source(&[papers::SENNRICH, papers::GPT2]),
        field("vocabulary", "Vocabulary", Control::whole(2, 32_768), "How many different tokens there are: sub-words are merged until there are so many (257 at least), of words the commonest are kept. A larger one makes the text shorter in tokens, and the embedding larger.")
            .formula("embedding: vocabulary × width parameters")
            .source(&[papers::SENNRICH]).unit("tokens").when("kind", &["words", "bpe"]),
        field("splitting", "Text is cut", Control::choice(Splitting::CHOICES), "Where text is cut before tokens are looked for; no token crosses a cut. GPT-2's pattern keeps every blank, cutting at blanks forgets how many there were.")
            .source(&[papers::GPT2]).more().when("kind", &["words", "bpe"]),
        field("bos_eos", "<bos> and <eos>", Control::Switch, "Whether documents may stand between the tokens <bos> and <eos>. Without it <|endoftext|> ends them, as in GPT-2.")
            .source(&[papers::GPT2]).more().when("kind", &["bytes", "bpe"]),
    ]
}
