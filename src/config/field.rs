//! What a setting of the form is: its range, label and explanation.

use super::papers::Paper;
use serde::Serialize;

/// Where a field stands in the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// How text becomes tokens.
    Tokenizer,
    /// How it is cleaned, divided and cut into windows.
    Data,
    /// Shapes and parts of the model: a change needs a fresh model.
    Model,
    /// How it is trained.
    Training,
    /// How the next token is drawn.
    Sampling,
}

/// One choice of a [`Control::Choice`].
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Option_ {
    /// Word in files and protocol.
    pub value: &'static str,
    /// Word on the page.
    pub label: &'static str,
    /// What it computes, on one line; empty where that is the same for all.
    pub formula: &'static str,
}

/// What kind of value a field takes.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Control {
    /// A whole number.
    Whole {
        /// Smallest.
        low: u64,
        /// Largest.
        high: u64,
    },
    /// A real number.
    Real {
        /// Smallest.
        low: f64,
        /// Largest.
        high: f64,
    },
    /// One of a few words.
    Choice {
        /// The words.
        options: Vec<Option_>,
    },
    /// On or off.
    Switch,
    /// Any text.
    Text,
}

impl Control {
    pub(super) fn whole(low: u64, high: u64) -> Self {
        Self::Whole { low, high }
    }
    pub(super) fn real(low: f64, high: f64) -> Self {
        Self::Real { low, high }
    }
    pub(super) fn choice(choices: &[Option_]) -> Self {
        Self::Choice { options: choices.to_vec() }
    }
}

/// One setting of the form.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Key inside its group, as in files.
    pub key: &'static str,
    /// `model` or `training`, the object of [`Config`] that holds it.
    pub group: Group,
    /// Name on the page.
    pub label: &'static str,
    /// What the number counts; empty where it is a pure number.
    pub unit: &'static str,
    /// Two sentences: what it is, what changes as it goes up or down.
    pub help: &'static str,
    /// What is computed with it, on one line; empty where a formula says no more than the help.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static [Paper],
    /// Whether it hides under "More".
    pub more: bool,
    /// Where it matters: only while another field of its group has one of these values.
    pub when: Option<When>,
    /// What it takes.
    #[serde(flatten)]
    pub control: Control,
}

/// A condition on another field.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct When {
    /// Its key.
    pub key: &'static str,
    /// Values, as in files, that it must have one of.
    pub values: &'static [&'static str],
}

impl Field {
    pub(super) fn new(
        group: Group,
        key: &'static str,
        label: &'static str,
        control: Control,
        help: &'static str,
    ) -> Self {
        Self { key, group, label, unit: "", help, formula: "", source: &[], more: false, when: None, control }
    }
    pub(super) fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }
    pub(super) fn formula(self, formula: &'static str) -> Self {
        Self { formula, ..self }
    }
    pub(super) fn source(self, source: &'static [Paper]) -> Self {
        Self { source, ..self }
    }
    pub(super) fn more(self) -> Self {
        Self { more: true, ..self }
    }
    pub(super) fn when(self, key: &'static str, values: &'static [&'static str]) -> Self {
        Self { when: Some(When { key, values }), ..self }
    }
}
