//! How a text is cleaned, divided and cut into windows.

use super::field::{Control, Field, Group};
use super::{Division, Windows, division, papers, windows};
use serde::{Deserialize, Serialize};

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
        division::field(),
        field("validation_share", "Held-out share", Control::real(0.0, 0.9), "Share of the text that is held out for the validation loss, and never trained on. More makes that loss surer and leaves less to learn from; 0 trains on everything, without a validation loss.").more(),
        field("mark_documents", "Mark documents", Control::Switch, "Puts <bos> and <eos>, or <|endoftext|>, around each document, so that the model learns where one ends. Needs byte or sub-word tokens.")
            .source(&[papers::GPT2]).more(),
        windows::field(),
        field("stride", "Stride", Control::whole(0, 1_000_000), "Tokens from the beginning of one window to the next; 0 means the context, so that windows do not overlap. A shorter one makes more windows of the same text.").unit("tokens").more().when("windows", &["stride"]),
        field("add_k", "Add-k smoothing", Control::real(0.0, 10.0), "Added to every count of the unigram and bigram baselines, so that unseen pairs keep a probability. More moves all probabilities towards the same; 0 draws only what was seen, and an unseen pair makes the loss infinite.")
            .formula("p(b | a) = (count(a b) + k) / (count(a) + k · vocabulary)")
            .source(&[papers::JURAFSKY]).more(),
    ]
}
