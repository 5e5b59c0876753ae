//! How a text is cleaned, divided and cut into windows.

use super::fields::{Control, Field, Group};
use super::papers;
use serde::{Deserialize, Serialize};

choice! {
    /// Where the windows of a batch begin.
    Windows {
        /// At random places, each step anew.
        Random = "random", "Random";
        /// At every multiple of the stride, in an order that is shuffled each epoch; a last, smaller batch is dropped.
        Stride = "stride", "At a stride, shuffled";
        /// Every prefix of every document, one after the other, each predicting its next token.
        Prefixes = "prefixes", "Every prefix";
    }
}

choice! {
    /// What is kept whole when text is held out for validation.
    Division {
        /// Nothing: the last part of the text is held out.
        Position = "position", "By position";
        /// Documents, parted by blank lines: every so many is held out.
        Document = "document", "By document (blank line)";
        /// Lines: every so many is held out.
        Line = "line", "By line";
    }
}

/// The data's choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Whether CR LF and lone CR become LF.
    pub normalise_newlines: bool,
    /// Whether runs of blanks become one space, runs of blank lines one, and blanks at the ends of lines go.
    pub collapse_whitespace: bool,
    /// Whether characters outside ASCII go; letters with accents lose these.
    pub ascii_only: bool,
    /// Whether capitals become small letters.
    pub lower_case: bool,
    /// What is kept whole when text is held out.
    pub division: Division,
    /// Share of the text that is held out for validation; 0 holds out nothing.
    pub validation_share: f64,
    /// Whether each document stands between `<bos>` and `<eos>`, or ends with `<|endoftext|>`.
    pub mark_documents: bool,
    /// Where the windows begin.
    pub windows: Windows,
    /// Tokens from the beginning of one window to that of the next; 0: the context.
    pub stride: usize,
    /// Added to every count of the count models (Lidstone 1920), so that what was never seen has a probability.
    pub add_k: f64,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            normalise_newlines: false,
            collapse_whitespace: false,
            ascii_only: false,
            lower_case: false,
            division: Division::Position,
            validation_share: 0.1,
            mark_documents: false,
            windows: Windows::Random,
            stride: 0,
            add_k: 0.1,
        }
    }
}

/// The form's fields.
pub(super) fn fields() -> Vec<Field> {
    let field = |key, label, control, help| Field::new(Group::Data, key, label, control, help);
    vec![
        field("normalise_newlines", "Normalise newlines", Control::Switch, "Turns CR LF and lone CR into LF. Texts from Windows then lose a token that teaches nothing.").more(),
        field("collapse_whitespace", "Collapse whitespace", Control::Switch, "Runs of blanks become one space and runs of blank lines one blank line. Layout is lost, tokens are saved.").more(),
        field("ascii_only", "ASCII only", Control::Switch, "Accents go, curly quotes become straight, and what is left outside ASCII is removed. The vocabulary shrinks to at most 98 characters.").more(),
        field("lower_case", "Lower case", Control::Switch, "Capitals become small letters. The model has fewer tokens to learn and cannot write capitals.").more(),
        field("division", "Held out", Control::choice(Division::CHOICES), "What is held out for the validation loss: the end of the text, or whole documents or lines spread evenly over it. Problems with one answer belong to lines.").more(),
        field("validation_share", "Held-out share", Control::real(0.0, 0.9), "Share of the text that is held out for the validation loss, and never trained on. More makes that loss surer and leaves less to learn from; 0 trains on everything, without a validation loss.").more(),
        field("mark_documents", "Mark documents", Control::Switch, "Puts <bos> and <eos>, or <|endoftext|>, around each document, so that the model learns where one ends. Needs byte or sub-word tokens.")
            .source(&[papers::GPT2]).more(),
        field("windows", "Windows", Control::choice(Windows::CHOICES), "Where the windows of a batch begin: at random places, at a stride in an order shuffled each epoch, or as every prefix of every line, one at a time. Random ones need no epochs; a stride shows every token equally often.").more(),
        field("stride", "Stride", Control::whole(0, 1_000_000), "Tokens from the beginning of one window to the next; 0 means the context, so that windows do not overlap. A shorter one makes more windows of the same text.").unit("tokens").more().when("windows", &["stride"]),
        field("add_k", "Add-k smoothing", Control::real(0.0, 10.0), "Added to every count of the unigram and bigram baselines, so that unseen pairs keep a probability. More moves all probabilities towards the same; 0 draws only what was seen, and an unseen pair makes the loss infinite.")
            .formula("p(b | a) = (count(a b) + k) / (count(a) + k · vocabulary)")
            .source(&[papers::JURAFSKY]).more(),
    ]
}
