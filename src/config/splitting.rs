//! Where a text is cut before tokens are looked for.

use super::field::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// Where words and byte-pair encoding cut a text before they look for tokens.
    Splitting {
        /// GPT-2's pattern (Radford et al. 2019), blanks included: nothing is lost.
        Gpt2 = "gpt2", "As GPT-2 (lossless)";
        /// At blanks, which are then forgotten: decoding puts one space between words.
        Whitespace = "whitespace", "At blanks (lossy)";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Tokenizer, "splitting", "Text is cut", Control::choice(Splitting::CHOICES), "Where text is cut before tokens are looked for; no token crosses a cut. GPT-2's pattern keeps every blank, cutting at blanks forgets how many there were.")
        .source(&[papers::GPT2]).more().when("kind", &["words", "bpe"])
}
