//! A model as files, out and in: one safetensors file with all settings, the zip that Hugging Face transformers loads, GGUF.
//!
//! Whatever leaves as safetensors or zip comes back with the same weights; of a stranger's file every byte is checked.

mod archive;
mod card;
pub mod checkpoint;
mod error;
mod export;
mod gguf;
mod import;
mod names;
mod source;
mod tensors;

pub use error::FileError;
pub use export::{export, measure};
pub use import::{Incoming, from_safetensors, import, import_files, open};
pub use source::Source;

use crate::config::{Checked, Class, Config, NoClass};
use crate::tokenizer::Tokenizer;
use serde::{Deserialize, Serialize};

/// How a model came to be, beside its configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// Steps that it was trained for.
    pub step: u32,
    /// Last training loss, nats.
    pub training_loss: Option<f32>,
    /// Last validation loss, nats.
    pub validation_loss: Option<f32>,
    /// Characters of the text, cleaned.
    pub text_characters: usize,
    /// CRC-32 of the text, cleaned, as UTF-8: tells whether another text is the same.
    pub text_crc32: Option<u32>,
}

/// CRC-32 of a text, as zip and gzip have it.
pub fn crc32(text: &str) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    crc.sum()
}

/// What a model card says that only the host knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct About {
    /// Name of the text that it was trained on.
    pub text_name: String,
    /// The day, as the card shows it: the core has no clock.
    pub date: String,
}

/// What a model leaves as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One safetensors file with configuration and tokenizer in its metadata.
    #[default]
    Safetensors,
    /// A zip of the folder that transformers loads; where no class of it computes the model, with a PyTorch module.
    Transformers,
    /// A file for llama.cpp: byte-level tokens, GPT-2's and Llama's architectures.
    Gguf,
}

impl Format {
    /// Every format, the default first.
    pub const ALL: [Self; 3] = [Self::Safetensors, Self::Transformers, Self::Gguf];

    /// What its file's name ends with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::Transformers => "zip",
            Self::Gguf => "gguf",
        }
    }
}

/// A model as it leaves or enters.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// All choices.
    pub checked: Checked,
    /// As typed: what is written.
    pub config: Config,
    /// Its tokens.
    pub tokenizer: Tokenizer,
    /// How it came to be.
    pub history: History,
    /// Parameters, flat as [`crate::model::Layout`] says.
    pub flat: Vec<f32>,
}

impl ModelFile {
    /// Name of the class of transformers that computes this model.
    ///
    /// # Errors
    /// [`NoClass`].
    pub fn class(&self) -> Result<&'static str, NoClass> {
        Class::of(&self.checked.architecture).map(Class::name)
    }
}
