//! What a token is.

use super::field::{Control, Field, Group};
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

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Tokenizer, "kind", "Tokens", Control::choice(TokenizerKind::CHOICES), "What a token is: the smallest piece of text that the model reads and writes. Characters need the smallest vocabulary; sub-words and words are longer, so that the same context reaches further back.")
        .source(&[papers::SENNRICH, papers::GPT2])
}
