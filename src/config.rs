//! Every choice that a user can make, as data: `Config` as typed → [`Config::check`] → [`Checked`], after which nothing
//! returns a `Result` for a shape any more.
//!
//! What each model and training key means, to the last digit, is fixed by the golden cases under `tests/native/golden`;
//! the same words are the keys in files, in the protocol and on the page. The page's form is built from [`fields`].

use serde::{Deserialize, Serialize};
use std::ops::Deref;

mod fields;
mod presets;

pub use fields::{Control, Field, Group, Option_, fields};
pub use presets::{Preset, presets};

/// Names an enum's variants once: the serde word, and the label that a form shows.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+ }
        impl $name {
            /// Every variant as (word in files and protocol, label in a form).
            pub const CHOICES: &'static [(&'static str, &'static str)] = &[$(($word, $label)),+];
            /// Every variant, in the order of [`Self::CHOICES`].
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

choice! {
    /// How a token's place in the window reaches the model.
    Positions {
        /// A trained vector per position, added to the token's (GPT-2).
        Learned = "learned", "Learned";
        /// The fixed table of "Attention Is All You Need" (Vaswani et al. 2017, §3.5), added.
        Sinusoidal = "sinusoidal", "Sinusoidal";
        /// Queries and keys turned by an angle that grows with position (RoFormer, Su et al. 2021), split-half pairs.
        Rotary = "rotary", "Rotary";
        /// None: order reaches the model through the causal mask alone.
        None = "none", "None";
    }
}
choice! {
    /// What a normalisation layer computes.
    Norm {
        /// (x − mean) / √(variance + ε) · gain + bias (Ba et al. 2016).
        Layer = "layer", "Layer norm";
        /// x / √(mean(x²) + ε) · gain (Zhang and Sennrich 2019); never a bias.
        Rms = "rms", "RMS norm";
    }
}
choice! {
    /// Where the normalisation stands around each residual branch f.
    NormPlace {
        /// x + f(norm(x)) (GPT-2 and later).
        Pre = "pre", "Before (pre-norm)";
        /// norm(x + f(x)) (the original transformer, GPT-1).
        Post = "post", "After (post-norm)";
    }
}
choice! {
    /// The feed-forward layer's nonlinearity.
    Activation {
        /// max(x, 0).
        Relu = "relu", "ReLU";
        /// x · Φ(x), with the exact error function (Hendrycks and Gimpel 2016).
        Gelu = "gelu", "GELU";
        /// GELU's tanh approximation, as GPT-2 has it.
        GeluTanh = "gelu_tanh", "GELU (tanh)";
        /// x · σ(x).
        Silu = "silu", "SiLU";
        /// max(x, 0)² (Primer, So et al. 2021).
        ReluSquared = "relu_squared", "ReLU²";
        /// silu(x·gate) ∘ (x·up), then down (Shazeer 2020).
        Swiglu = "swiglu", "SwiGLU";
    }
}
impl Activation {
    /// Its number in `activation.wgsl`; 0 is none there: SwiGLU is an op of its own.
    pub fn code(self) -> u32 {
        match self {
            Self::Swiglu => 0,
            Self::Relu => 1,
            Self::Gelu => 2,
            Self::GeluTanh => 3,
            Self::Silu => 4,
            Self::ReluSquared => 5,
        }
    }
}
choice! {
    /// Which positions the loss averages over.
    Objective {
        /// Mean cross-entropy over all positions.
        EveryPosition = "every_position", "Every position";
        /// Cross-entropy of the last position only.
        LastPosition = "last_position", "Last position";
    }
}
choice! {
    /// The update rule.
    Optimizer {
        /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
        AdamW = "adamw", "AdamW";
        /// Adam (Kingma and Ba 2015), decay added to the gradient.
        Adam = "adam", "Adam";
        /// Plain stochastic gradient descent, decay added to the gradient.
        Sgd = "sgd", "SGD";
    }
}
choice! {
    /// How the learning rate moves with the step.
    Schedule {
        /// The same rate throughout.
        Constant = "constant", "Constant";
        /// Linear warm-up, then half a cosine down to the minimum (Loshchilov and Hutter 2017).
        Cosine = "cosine", "Warm-up + cosine";
    }
}
choice! {
    /// Which tensors weight decay touches.
    Decay {
        /// Tensors of two dimensions: embeddings and linear weights, not gains or biases.
        Matrices = "matrices", "Matrices only";
        /// Every tensor.
        All = "all", "Everything";
    }
}

/// The model's choices. Keys and meanings are those of the golden cases; `vocab` comes from the tokenizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// Number of different tokens. Set from the tokenizer, not typed.
    pub vocab: usize,
    /// Longest window of tokens that the model sees.
    pub context: usize,
    /// Size of the vector that stands for a token.
    pub width: usize,
    /// Number of transformer blocks; 0 is the bigram model.
    pub layers: usize,
    /// Query heads per attention layer; divides `width`.
    pub heads: usize,
    /// Key/value heads; divides `heads`. Fewer than `heads` is grouped-query attention (Ainslie et al. 2023).
    pub kv_heads: usize,
    /// Width of the feed-forward layer.
    pub hidden: usize,
    /// How position reaches the model.
    pub positions: Positions,
    /// Which normalisation.
    pub norm: Norm,
    /// Where the normalisation stands.
    pub norm_place: NormPlace,
    /// Whether a normalisation precedes the head.
    pub final_norm: bool,
    /// Added to the variance under the root.
    pub norm_epsilon: f64,
    /// Whether layer norm has a bias.
    pub norm_bias: bool,
    /// The feed-forward nonlinearity.
    pub activation: Activation,
    /// Biases of the qkv and output projections.
    pub attention_bias: bool,
    /// Whether a projection follows the joined heads.
    pub attention_output: bool,
    /// Biases of the feed-forward layer.
    pub mlp_bias: bool,
    /// Bias of the head.
    pub head_bias: bool,
    /// Whether the head reuses the token embedding (Press and Wolf 2017).
    pub tied: bool,
    /// Whether position t sees only positions ≤ t.
    pub causal: bool,
    /// Base of the rotary angles.
    pub rotary_base: f64,
    /// Probability that a value is dropped in training: embeddings, attention weights, both residual branches.
    pub dropout: f64,
}

/// The trainer's choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Steps that a run lasts.
    pub steps: u32,
    /// Windows per step.
    pub batch: usize,
    /// Which positions count.
    pub objective: Objective,
    /// The update rule.
    pub optimizer: Optimizer,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Where the cosine ends.
    pub min_learning_rate: f64,
    /// Steps of linear warm-up.
    pub warmup_steps: u32,
    /// Step at which the cosine ends; 0: at `steps`.
    pub total_steps: u32,
    /// Constant, or warm-up and cosine.
    pub schedule: Schedule,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Strength of weight decay.
    pub weight_decay: f64,
    /// Which tensors it touches.
    pub decay: Decay,
    /// Largest global norm of the gradient; 0 switches clipping off.
    pub clip: f64,
    /// Fixes initial weights, batches and dropout.
    pub seed: u32,
    /// Steps between two validation losses.
    pub validation_interval: u32,
    /// Batches that one validation loss averages over.
    pub validation_batches: u32,
}

/// All that decides a training run, but the text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The model.
    pub model: ModelConfig,
    /// The trainer.
    pub training: TrainingConfig,
}

/// A model configuration that passed [`Config::check`]: every shape that follows from it exists.
#[derive(Clone, Debug, PartialEq)]
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
        let mlp = if self.activation == Activation::Swiglu { 3 } else { 2 } * self.hidden * self.width;
        let attention = self.width * self.qkv_width() + if self.attention_output { self.width * self.width } else { 0 };
        let products = self.layers * (mlp + attention) + self.vocab * self.width;
        let scores = self.layers * self.context * self.width * if self.causal { 1 } else { 2 };
        6.0 * (products + scores) as f64
    }
}

/// Trainer's choices that passed [`Config::check`]. `total_steps` is resolved: never 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Training(TrainingConfig);

impl Deref for Training {
    type Target = TrainingConfig;
    fn deref(&self) -> &TrainingConfig {
        &self.0
    }
}

/// What [`Config::check`] returns: trusted from here on.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The model's shapes.
    pub architecture: Architecture,
    /// The trainer's settings.
    pub training: Training,
}

/// One way for a configuration to be wrong. Every sentence names the key and both numbers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A number outside its range.
    #[error("{key} is {value}; it must lie between {low} and {high}")]
    OutOfRange {
        /// The key, as in files.
        key: &'static str,
        /// What was asked.
        value: f64,
        /// Smallest that works.
        low: f64,
        /// Largest that works.
        high: f64,
    },
    /// `width` is not a multiple of `heads`.
    #[error("width {width} is not a multiple of heads {heads}: every head needs the same whole number of columns")]
    HeadsDoNotDivideWidth {
        /// model.width
        width: usize,
        /// model.heads
        heads: usize,
    },
    /// `heads` is not a multiple of `kv_heads`.
    #[error(
        "heads {heads} is not a multiple of key/value heads {kv_heads}: every group needs the same number of query heads"
    )]
    KvHeadsDoNotDivideHeads {
        /// model.heads
        heads: usize,
        /// model.kv_heads
        kv_heads: usize,
    },
    /// Rotary pairs need an even head.
    #[error("rotary positions turn pairs of columns, but a head has {head_dim} columns, an odd number")]
    RotaryNeedsEvenHead {
        /// width / heads
        head_dim: usize,
    },
    /// Sinusoidal tables alternate sine and cosine.
    #[error("sinusoidal positions alternate sine and cosine, but width {width} is odd")]
    SinusoidalNeedsEvenWidth {
        /// model.width
        width: usize,
    },
    /// More parameters than the cap for files and memory.
    #[error("this model would have {parameters} parameters; at most {limit} fit")]
    TooManyParameters {
        /// What it would have.
        parameters: u64,
        /// The cap.
        limit: u64,
    },
    /// Warm-up that never ends.
    #[error("warm-up lasts {warmup_steps} steps, longer than the schedule's {total_steps}")]
    WarmupLongerThanSchedule {
        /// training.warmup_steps
        warmup_steps: u32,
        /// training.total_steps, or training.steps where that is 0
        total_steps: u32,
    },
    /// A minimum above the maximum.
    #[error("the minimum learning rate {min_learning_rate} is above the learning rate {learning_rate}")]
    RatesCross {
        /// training.min_learning_rate
        min_learning_rate: f64,
        /// training.learning_rate
        learning_rate: f64,
    },
}

/// Cap on the parameters of a model, typed or imported.
pub const PARAMETER_LIMIT: u64 = 1_000_000_000;

impl Config {
    /// Checks every number against its range (the one in [`fields`]) and against the others.
    ///
    /// # Errors
    /// The first [`ConfigError`] found, in the order of the fields.
    pub fn check(&self) -> Result<Checked, ConfigError> {
        let (m, t) = (&self.model, &self.training);
        for field in fields() {
            field.check_range(self)?;
        }
        let whole = |key, value: usize, low: usize, high: usize| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(ConfigError::OutOfRange { key, value: value as f64, low: low as f64, high: high as f64 })
            }
        };
        whole("vocab", m.vocab, 1, 262_144)?;
        if m.width % m.heads != 0 {
            return Err(ConfigError::HeadsDoNotDivideWidth { width: m.width, heads: m.heads });
        }
        if m.heads % m.kv_heads != 0 {
            return Err(ConfigError::KvHeadsDoNotDivideHeads { heads: m.heads, kv_heads: m.kv_heads });
        }
        let head_dim = m.width / m.heads;
        if m.positions == Positions::Rotary && m.layers > 0 && head_dim % 2 != 0 {
            return Err(ConfigError::RotaryNeedsEvenHead { head_dim });
        }
        if m.positions == Positions::Sinusoidal && m.width % 2 != 0 {
            return Err(ConfigError::SinusoidalNeedsEvenWidth { width: m.width });
        }
        let mut training = t.clone();
        if training.total_steps == 0 {
            training.total_steps = training.steps;
        }
        if t.schedule == Schedule::Cosine {
            if t.warmup_steps > training.total_steps {
                return Err(ConfigError::WarmupLongerThanSchedule {
                    warmup_steps: t.warmup_steps,
                    total_steps: training.total_steps,
                });
            }
            if t.min_learning_rate > t.learning_rate {
                return Err(ConfigError::RatesCross {
                    min_learning_rate: t.min_learning_rate,
                    learning_rate: t.learning_rate,
                });
            }
        }
        let architecture = Architecture(m.clone());
        let parameters = crate::config::parameter_count(&architecture);
        if parameters > PARAMETER_LIMIT {
            return Err(ConfigError::TooManyParameters { parameters, limit: PARAMETER_LIMIT });
        }
        Ok(Checked { architecture, training: Training(training) })
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
            push(format!("{name}.gain"), &[self.width]);
            if self.norm == Norm::Layer && self.norm_bias {
                push(format!("{name}.bias"), &[self.width]);
            }
        };
        push("embedding.token.weight".into(), &[self.vocab, self.width]);
        if self.positions == Positions::Learned {
            push("embedding.position.weight".into(), &[self.context, self.width]);
        }
        for i in 0..self.layers {
            norm(&mut push, format!("block.{i}.attention_norm"));
            linear(&mut push, format!("block.{i}.attention.qkv"), self.width, self.qkv_width(), self.attention_bias);
            if self.attention_output {
                linear(&mut push, format!("block.{i}.attention.output"), self.width, self.width, self.attention_bias);
            }
            norm(&mut push, format!("block.{i}.mlp_norm"));
            linear(&mut push, format!("block.{i}.mlp.up"), self.width, self.hidden, self.mlp_bias);
            if self.activation == Activation::Swiglu {
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
