//! Every choice that a user can make, as data: `Config` as typed → [`Config::check`] → [`Checked`], after which nothing
//! returns a `Result` for a shape any more.
//!
//! What each model and training key means, to the last digit, is fixed by the golden cases under `tests/native/golden`;
//! the same words are the keys in files, in the protocol and on the page. The page's form is built from [`fields`].

use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Names an enum's variants once: the serde word, the label that a form shows, and on one line what it computes.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $label:literal $(, $formula:literal)?;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+ }
        impl $name {
            /// Every variant as a form shows it.
            pub const CHOICES: &'static [crate::config::Option_] = &[$(
                crate::config::Option_ { value: $word, label: $label, formula: concat!($($formula)?) }
            ),+];
            /// Every variant, in the order of [`Self::CHOICES`].
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Its label in a form.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }
    };
}

// A choice each.
mod activation;
mod decay;
mod division;
mod initial_weights;
mod interval_unit;
mod kind;
mod norm;
mod norm_place;
mod objective;
mod optimizer;
mod positions;
mod schedule;
mod splitting;
mod windows;

mod data;
mod field;
mod fields;
mod model;
mod papers;
mod presets;
mod sampling;
mod tokenizer;
mod training;
mod transformers;

pub use activation::Activation;
pub use data::DataConfig;
pub use decay::Decay;
pub use division::Division;
pub use field::{Control, Field, Group, Option_, When};
pub use fields::fields;
pub use initial_weights::InitialWeights;
pub use interval_unit::IntervalUnit;
pub use kind::TokenizerKind;
pub use model::ModelConfig;
pub use norm::Norm;
pub use norm_place::NormPlace;
pub use objective::Objective;
pub use optimizer::Optimizer;
pub use papers::Paper;
pub use positions::Positions;
pub use presets::{Preset, presets};
pub use sampling::SamplingConfig;
pub use schedule::Schedule;
pub use splitting::Splitting;
pub use tokenizer::TokenizerConfig;
pub use training::TrainingConfig;
pub use transformers::{Class, ClassError, NoClass, NoGguf};
pub use windows::Windows;

/// All that decides a run, but the text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How text becomes tokens.
    pub tokenizer: TokenizerConfig,
    /// How it is cleaned, divided and cut into windows.
    pub data: DataConfig,
    /// The model.
    pub model: ModelConfig,
    /// The trainer.
    pub training: TrainingConfig,
    /// The sampler, and the prompt sampled during training.
    pub sampling: SamplingConfig,
}

/// A model configuration that passed [`Config::check`]: every shape that follows from it exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Architecture(ModelConfig);

impl Deref for Architecture {
    type Target = ModelConfig;
    fn deref(&self) -> &ModelConfig {
        &self.0
    }
}

impl Architecture {
    /// Width of one head.
    pub fn head_dim(&self) -> usize {
        self.width / self.heads
    }
    /// Columns of the qkv projection: all q, all k, all v.
    pub fn qkv_width(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.head_dim()
    }
    /// The configuration it was checked from.
    pub fn config(&self) -> &ModelConfig {
        &self.0
    }
    /// Floating-point operations per token of one training step, forward and backward, causal attention counted once:
    /// 6·(12·L·C² + V·C) + 6·L·T·C for the GPT-2 shape, here with the true widths of every product.
    pub fn flops_per_token(&self) -> f64 {
        let matrices = if self.activation.is_gated() { 3 } else { 2 };
        let mlp = if self.mlp { matrices * self.hidden * self.width } else { 0 };
        let output = if self.attention_output { self.width * self.width } else { 0 };
        let attention = if self.attention { self.width * self.qkv_width() + output } else { 0 };
        let products = self.layers * (mlp + attention) + self.vocab * self.width;
        let pairs = if self.causal { 1 } else { 2 };
        let scores = if self.attention { self.layers * self.context * self.width * pairs } else { 0 };
        6.0 * (products + scores) as f64
    }
}

/// Trainer's choices that passed [`Config::check`], in steps: `epochs` is 0, `total_steps` never, intervals count steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training(TrainingConfig);

impl Deref for Training {
    type Target = TrainingConfig;
    fn deref(&self) -> &TrainingConfig {
        &self.0
    }
}

/// What [`Config::check`] returns: trusted from here on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] // from a model's owner to its helpers, who trust it
pub struct Checked {
    /// The model's shapes.
    pub architecture: Architecture,
    /// The trainer's settings.
    pub training: Training,
}

/// One way for a configuration to be wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum ConfigError {
    /// A number outside its range.
    OutOfRange {
        /// The object that holds it, as in files.
        group: Group,
        /// The key in it, as in files.
        key: &'static str,
        /// What was asked.
        value: f64,
        /// Smallest that works.
        low: f64,
        /// Largest that works.
        high: f64,
    },
    /// `width` is not a multiple of `heads`.
    HeadsDoNotDivideWidth {
        /// model.width
        width: usize,
        /// model.heads
        heads: usize,
    },
    /// `heads` is not a multiple of `kv_heads`.
    KvHeadsDoNotDivideHeads {
        /// model.heads
        heads: usize,
        /// model.kv_heads
        kv_heads: usize,
    },
    /// Rotary pairs need an even head.
    RotaryNeedsEvenHead {
        /// width / heads
        head_dim: usize,
    },
    /// Sinusoidal tables alternate sine and cosine.
    SinusoidalNeedsEvenWidth {
        /// model.width
        width: usize,
    },
    /// More parameters than the cap for files and memory.
    TooManyParameters {
        /// What it would have.
        parameters: u64,
        /// The cap.
        limit: u64,
    },
    /// Warm-up that never ends.
    WarmupLongerThanSchedule {
        /// training.warmup_steps
        warmup_steps: u32,
        /// training.total_steps, or training.steps where that is 0
        total_steps: u32,
    },
    /// Prefixes have different lengths, so each is a step of its own.
    PrefixesNeedBatchOne {
        /// training.batch
        batch: usize,
    },
    /// A prefix predicts the token after its last.
    PrefixesNeedLastPosition,
    /// More candidates than tokens.
    TopKAboveVocabulary {
        /// sampling.top_k
        top_k: u32,
        /// model.vocab
        vocab: usize,
    },
    /// Marks that the tokenizer has not.
    NothingToMarkWith {
        /// tokenizer.kind
        kind: TokenizerKind,
    },
    /// A minimum above the maximum.
    RatesCross {
        /// training.min_learning_rate
        min_learning_rate: f64,
        /// training.learning_rate
        learning_rate: f64,
    },
}

/// Cap on the tokens of a vocabulary, trained or imported.
pub const VOCABULARY_LIMIT: usize = 262_144;

/// Cap on the parameters of a model, typed or imported.
pub const PARAMETER_LIMIT: u64 = 1_000_000_000;

impl Config {
    /// Checks every number against its range (the one in [`fields`]) and against the others.
    ///
    /// # Errors
    /// The first [`ConfigError`] found, in the order of the fields.
    pub fn check(&self) -> Result<Checked, ConfigError> {
        self.check_on(None)
    }

    /// As [`Config::check`], where a pass over the training text takes so many steps: limits and intervals in epochs are
    /// then turned into steps. Without it a limit in epochs stands for `steps`.
    ///
    /// # Errors
    /// As [`Config::check`].
    pub fn check_on(&self, steps_per_epoch: Option<u32>) -> Result<Checked, ConfigError> {
        let m = &self.model;
        fields::check_ranges(self)?;
        if !(1..=VOCABULARY_LIMIT).contains(&m.vocab) {
            let (value, high) = (m.vocab as f64, VOCABULARY_LIMIT as f64);
            return Err(ConfigError::OutOfRange { group: Group::Model, key: "vocab", value, low: 1.0, high });
        }
        if !m.width.is_multiple_of(m.heads) {
            return Err(ConfigError::HeadsDoNotDivideWidth { width: m.width, heads: m.heads });
        }
        if !m.heads.is_multiple_of(m.kv_heads) {
            return Err(ConfigError::KvHeadsDoNotDivideHeads { heads: m.heads, kv_heads: m.kv_heads });
        }
        m.positions.check(m.layers, m.width, m.heads)?;
        let training = self.training.resolved(steps_per_epoch);
        training.check(&self.data)?;
        let (top_k, vocab) = (self.sampling.top_k, m.vocab);
        if top_k as usize > vocab {
            return Err(ConfigError::TopKAboveVocabulary { top_k, vocab });
        }
        check_marks(&self.tokenizer, &self.data)?;
        let architecture = Architecture(m.clone());
        let parameters = crate::config::parameter_count(&architecture);
        if parameters > PARAMETER_LIMIT {
            return Err(ConfigError::TooManyParameters { parameters, limit: PARAMETER_LIMIT });
        }
        Ok(Checked { architecture, training: Training(training) })
    }
}

/// Checks what a text needs to become tokens, before there is a model.
///
/// # Errors
/// As [`Config::check`].
pub fn check_preparation(tokenizer: &TokenizerConfig, data: &DataConfig) -> Result<(), ConfigError> {
    fields::check_ranges(&Config { tokenizer: tokenizer.clone(), data: data.clone(), ..Config::default() })?;
    check_marks(tokenizer, data)
}

fn check_marks(tokenizer: &TokenizerConfig, data: &DataConfig) -> Result<(), ConfigError> {
    let kind = tokenizer.kind;
    match kind {
        TokenizerKind::Characters | TokenizerKind::Words if data.mark_documents => {
            Err(ConfigError::NothingToMarkWith { kind })
        }
        _ => Ok(()),
    }
}

/// Number of parameters, from shapes alone (no list is built: the number may be absurd).
pub fn parameter_count(a: &Architecture) -> u64 {
    a.parameters().iter().map(|p| p.shape.iter().map(|&n| n as u64).product::<u64>()).sum()
}

/// A parameter's place in the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Dotted path, the same in files, errors and the inspector.
    pub name: String,
    /// Outermost first; linear weights are [in, out].
    pub shape: Vec<usize>,
}

impl Parameter {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
    /// Whether it has no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Whether it is a matrix (embeddings and linear weights), not a gain or a bias.
    pub fn is_matrix(&self) -> bool {
        self.shape.len() == 2
    }
    /// Whether it is a gain or a bias of a norm.
    pub fn is_of_norm(&self) -> bool {
        self.name.rsplit_once('.').is_some_and(|(layer, _)| layer.ends_with("norm"))
    }
}

impl Architecture {
    /// Name and shape of every parameter, in the order of files.
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut list = Vec::new();
        let mut push = |name: String, shape: &[usize]| list.push(Parameter { name, shape: shape.to_vec() });
        let linear = |push: &mut dyn FnMut(String, &[usize]), name: String, rows, columns, bias| {
            push(format!("{name}.weight"), &[rows, columns]);
            if bias {
                push(format!("{name}.bias"), &[columns]);
            }
        };
        let norm = |push: &mut dyn FnMut(String, &[usize]), name: String| {
            if !self.norm.has_gain() {
                return;
            }
            push(format!("{name}.gain"), &[self.width]);
            if self.norm.may_have_bias() && self.norm_bias {
                push(format!("{name}.bias"), &[self.width]);
            }
        };
        push("embedding.token.weight".into(), &[self.vocab, self.width]);
        if self.positions == Positions::Learned {
            push("embedding.position.weight".into(), &[self.context, self.width]);
        }
        for i in 0..self.layers {
            if self.attention {
                let (name, bias) = (format!("block.{i}.attention"), self.attention_bias);
                norm(&mut push, format!("{name}_norm"));
                linear(&mut push, format!("{name}.qkv"), self.width, self.qkv_width(), bias);
                if self.attention_output {
                    linear(&mut push, format!("{name}.output"), self.width, self.width, bias);
                }
            }
            if !self.mlp {
                continue;
            }
            norm(&mut push, format!("block.{i}.mlp_norm"));
            linear(&mut push, format!("block.{i}.mlp.up"), self.width, self.hidden, self.mlp_bias);
            if self.activation.is_gated() {
                linear(&mut push, format!("block.{i}.mlp.gate"), self.width, self.hidden, self.mlp_bias);
            }
            linear(&mut push, format!("block.{i}.mlp.down"), self.hidden, self.width, self.mlp_bias);
        }
        if self.final_norm {
            norm(&mut push, "final_norm".into());
        }
        if !self.tied {
            push("head.weight".into(), &[self.vocab, self.width]);
        }
        if self.head_bias {
            push("head.bias".into(), &[self.vocab]);
        }
        list
    }
}
