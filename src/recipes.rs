//! The tutorials' systems, each as one click: text, tokenizer, model and training exactly as it has them. A file each.

use crate::config::Config;
use serde::Serialize;

mod bigrams;
mod character_gpt;
mod first_transformer;
mod gpt_from_scratch;
mod shakespeare_small;
mod tiny_gpt;

/// A tutorial's system.
#[derive(Clone, Debug, Serialize)]
pub struct Recipe {
    /// Word in the protocol.
    pub key: &'static str,
    /// Name on the page.
    pub label: &'static str,
    /// What it shows, in two sentences.
    pub help: &'static str,
    /// What is done otherwise than the tutorial's code has it, and why.
    pub notes: &'static [&'static str],
    /// Key of its built-in text.
    pub text: &'static str,
    /// Whether it ends with counting: there is nothing to train.
    pub counts: bool,
    /// All choices; `vocab` is 0 until a text is given.
    pub config: Config,
    /// What comes after the training.
    pub fine_tuning: Option<FineTuning>,
    /// The same model with one piece switched off each, to be held against the whole.
    pub pieces: Vec<Piece>,
}

/// Training on a second text from the weights of the first.
#[derive(Clone, Debug, Serialize)]
pub struct FineTuning {
    /// Key of the built-in text.
    pub text: &'static str,
    /// All choices; of `model` only `dropout` counts.
    pub config: Config,
}

/// A model without one of its pieces.
#[derive(Clone, Debug, Serialize)]
pub struct Piece {
    /// Its name in the protocol.
    pub key: &'static str,
    /// What is missing.
    pub label: &'static str,
    /// All choices.
    pub config: Config,
}

/// The recipes, simplest first.
pub fn recipes() -> Vec<Recipe> {
    vec![
        bigrams::counting_bigrams(),
        bigrams::bigram_network(),
        first_transformer::first_transformer(),
        tiny_gpt::tiny_gpt(),
        gpt_from_scratch::gpt_from_scratch(),
        character_gpt::character_gpt(),
        shakespeare_small::shakespeare_small(),
    ]
}
