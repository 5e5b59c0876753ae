//! The form: one entry per key of [`Config`] that a user may set, with its range, label and explanation. Ranges are
//! checked from here and nowhere else; the page shows what stands here and nothing of its own.

use super::field::{Control, Field, Group};
use super::{Config, ConfigError, data, model, sampling, tokenizer, training};

/// Every field, in the order of the form.
pub fn fields() -> Vec<Field> {
    [tokenizer::fields(), data::fields(), model::fields(), training::fields(), sampling::fields()].concat()
}

/// Holds every number of a configuration against its field's range.
pub(super) fn check_ranges(config: &Config) -> Result<(), ConfigError> {
    // As data: keys stand here once, with their fields.
    let values = serde_json::to_value(config).unwrap_or_default();
    for field in fields() {
        let (low, high) = match field.control {
            Control::Whole { low, high } => (low as f64, high as f64),
            Control::Real { low, high } => (low, high),
            Control::Choice { .. } | Control::Switch | Control::Text => continue,
        };
        // JSON has no word for a number that is none
        let value = values[field.group.word()][field.key].as_f64().unwrap_or(f64::NAN);
        if !(value >= low && value <= high) {
            return Err(ConfigError::OutOfRange { group: field.group, key: field.key, value, low, high });
        }
    }
    Ok(())
}

impl Group {
    /// The key of its object in [`Config`].
    pub fn word(self) -> &'static str {
        match self {
            Self::Tokenizer => "tokenizer",
            Self::Data => "data",
            Self::Model => "model",
            Self::Training => "training",
            Self::Sampling => "sampling",
        }
    }
}
