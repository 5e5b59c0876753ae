//! The form: one entry per key of [`Config`] that a user may set, with its range, label and explanation. Ranges are
//! checked from here and nowhere else; the page shows what stands here and nothing of its own.

use super::{Activation, Config, ConfigError, Decay, Norm, NormPlace, Objective, Optimizer, Positions, Schedule};
use serde::Serialize;

/// Where a field stands in the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Shapes and parts of the model: a change needs a fresh model.
    Model,
    /// How it is trained.
    Training,
}

/// One choice of a [`Control::Choice`].
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Option_ {
    /// Word in files and protocol.
    pub value: &'static str,
    /// Word on the page.
    pub label: &'static str,
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
    /// Two sentences: what it is, what it does.
    pub help: &'static str,
    /// Whether it hides under "More".
    pub more: bool,
    /// What it takes.
    #[serde(flatten)]
    pub control: Control,
}

impl Field {
    /// This field's value in a configuration, where it is a number.
    fn number(&self, config: &Config) -> Option<f64> {
        let (m, t) = (&config.model, &config.training);
        Some(match self.key {
            "layers" => m.layers as f64,
            "width" => m.width as f64,
            "heads" => m.heads as f64,
            "kv_heads" => m.kv_heads as f64,
            "context" => m.context as f64,
            "hidden" => m.hidden as f64,
            "dropout" => m.dropout,
            "norm_epsilon" => m.norm_epsilon,
            "rotary_base" => m.rotary_base,
            "steps" => t.steps.into(),
            "batch" => t.batch as f64,
            "learning_rate" => t.learning_rate,
            "min_learning_rate" => t.min_learning_rate,
            "warmup_steps" => t.warmup_steps.into(),
            "total_steps" => t.total_steps.into(),
            "beta1" => t.beta1,
            "beta2" => t.beta2,
            "epsilon" => t.epsilon,
            "weight_decay" => t.weight_decay,
            "clip" => t.clip,
            "seed" => t.seed.into(),
            "validation_interval" => t.validation_interval.into(),
            "validation_batches" => t.validation_batches.into(),
            _ => return None,
        })
    }

    /// Whether this field's value lies in its range.
    pub(super) fn check_range(&self, config: &Config) -> Result<(), ConfigError> {
        let (low, high) = match self.control {
            Control::Whole { low, high } => (low as f64, high as f64),
            Control::Real { low, high } => (low, high),
            Control::Choice { .. } | Control::Switch => return Ok(()),
        };
        let Some(value) = self.number(config) else { return Ok(()) };
        if value >= low && value <= high {
            Ok(())
        } else {
            Err(ConfigError::OutOfRange { key: self.key, value, low, high })
        }
    }
}

/// Every field, in the order of the form.
pub fn fields() -> Vec<Field> {
    use Group::{Model, Training};
    let whole = |low, high| Control::Whole { low, high };
    let real = |low, high| Control::Real { low, high };
    let choice = |choices: &[(&'static str, &'static str)]| Control::Choice {
        options: choices.iter().map(|&(value, label)| Option_ { value, label }).collect(),
    };
    let field = |group, key, label, unit, more, control, help| Field { key, group, label, unit, help, more, control };
    vec![
        field(
            Model,
            "layers",
            "Layers",
            "",
            false,
            whole(0, 64),
            "Transformer blocks, one after the other. More layers compose more steps of reasoning; 0 leaves embedding and head, the bigram model.",
        ),
        field(
            Model,
            "width",
            "Width",
            "",
            false,
            whole(1, 4096),
            "Size of the vector that stands for each token. Parameters grow with its square.",
        ),
        field(
            Model,
            "heads",
            "Heads",
            "",
            false,
            whole(1, 64),
            "Attention heads per layer, each looking with width / heads columns. It must divide the width.",
        ),
        field(
            Model,
            "context",
            "Context",
            "tokens",
            false,
            whole(1, 8192),
            "Longest stretch of tokens that the model sees at once. Attention's work grows with its square.",
        ),
        field(
            Model,
            "dropout",
            "Dropout",
            "",
            false,
            real(0.0, 0.9),
            "Probability that a value is set to zero in training (Srivastava et al. 2014), on embeddings, attention weights and both residual branches. It slows over-fitting on small texts.",
        ),
        field(
            Model,
            "kv_heads",
            "Key/value heads",
            "",
            true,
            whole(1, 64),
            "Heads that keys and values have; fewer than heads is grouped-query attention (Ainslie et al. 2023). It must divide the heads.",
        ),
        field(
            Model,
            "hidden",
            "Feed-forward width",
            "",
            true,
            whole(1, 16384),
            "Width of the layer between up and down projection. Four times the width is usual.",
        ),
        field(
            Model,
            "positions",
            "Positions",
            "",
            true,
            choice(Positions::CHOICES),
            "How a token's place reaches the model: a learned vector, the sinusoids of Vaswani et al. (2017), rotary angles in queries and keys (Su et al. 2021), or not at all.",
        ),
        field(
            Model,
            "norm",
            "Normalisation",
            "",
            true,
            choice(Norm::CHOICES),
            "Layer norm subtracts the mean and divides by the deviation (Ba et al. 2016). RMS norm only divides by the root mean square (Zhang and Sennrich 2019).",
        ),
        field(
            Model,
            "norm_place",
            "Place of the norm",
            "",
            true,
            choice(NormPlace::CHOICES),
            "Before each branch, x + f(norm(x)), as GPT-2; or after the sum, norm(x + f(x)), as the first transformer. Pre-norm trains more calmly.",
        ),
        field(
            Model,
            "final_norm",
            "Norm before the head",
            "",
            true,
            Control::Switch,
            "A last normalisation before the logits. Pre-norm models need it, post-norm ones have just had one.",
        ),
        field(
            Model,
            "norm_bias",
            "Norm bias",
            "",
            true,
            Control::Switch,
            "Whether layer norm adds a bias after its gain. RMS norm never does.",
        ),
        field(
            Model,
            "activation",
            "Activation",
            "",
            true,
            choice(Activation::CHOICES),
            "The feed-forward layer's nonlinearity. SwiGLU adds a third matrix, the gate (Shazeer 2020).",
        ),
        field(
            Model,
            "attention_bias",
            "Attention biases",
            "",
            true,
            Control::Switch,
            "Biases on the query, key, value and output projections. GPT-2 has them, nanoGPT and Llama do not.",
        ),
        field(
            Model,
            "attention_output",
            "Attention output projection",
            "",
            true,
            Control::Switch,
            "The matrix after the heads are joined again. Two of the tutorials leave it out.",
        ),
        field(
            Model,
            "mlp_bias",
            "Feed-forward biases",
            "",
            true,
            Control::Switch,
            "Biases on the feed-forward layer's projections.",
        ),
        field(
            Model,
            "head_bias",
            "Head bias",
            "",
            true,
            Control::Switch,
            "A bias per token on the logits. It can hold the tokens' overall frequencies.",
        ),
        field(
            Model,
            "tied",
            "Tied head",
            "",
            true,
            Control::Switch,
            "The head reuses the token embedding as its matrix (Press and Wolf 2017). It saves vocabulary × width parameters.",
        ),
        field(
            Model,
            "causal",
            "Causal",
            "",
            true,
            Control::Switch,
            "Position t sees only positions up to t. Without it a model that predicts every next token can simply look at it.",
        ),
        field(
            Model,
            "norm_epsilon",
            "Norm epsilon",
            "",
            true,
            real(1e-12, 0.1),
            "Added to the variance under the root, so that a constant row does not divide by zero. 1e-5 is usual.",
        ),
        field(
            Model,
            "rotary_base",
            "Rotary base",
            "",
            true,
            real(1.0, 1e8),
            "Wavelengths of rotary positions run from 2π to 2π times this. 10,000 is the paper's.",
        ),
        field(
            Training,
            "steps",
            "Steps",
            "steps",
            false,
            whole(1, 10_000_000),
            "Updates that a run lasts. Each sees one batch.",
        ),
        field(
            Training,
            "batch",
            "Batch",
            "windows",
            false,
            whole(1, 4096),
            "Windows of context length per step. Larger is steadier and slower per step.",
        ),
        field(
            Training,
            "learning_rate",
            "Learning rate",
            "",
            false,
            real(0.0, 10.0),
            "How far one step moves the weights. Too high and the loss jumps, too low and nothing happens.",
        ),
        field(
            Training,
            "schedule",
            "Schedule",
            "",
            true,
            choice(Schedule::CHOICES),
            "Constant, or a linear warm-up and then half a cosine down to the minimum (Loshchilov and Hutter 2017).",
        ),
        field(
            Training,
            "min_learning_rate",
            "Minimum learning rate",
            "",
            true,
            real(0.0, 10.0),
            "Where the cosine ends. A tenth of the learning rate is usual.",
        ),
        field(
            Training,
            "warmup_steps",
            "Warm-up",
            "steps",
            true,
            whole(0, 10_000_000),
            "Steps in which the rate climbs from zero. It keeps Adam's first, noisy estimates from doing harm.",
        ),
        field(
            Training,
            "total_steps",
            "Schedule length",
            "steps",
            true,
            whole(0, 10_000_000),
            "Step at which the cosine reaches its minimum; 0 means at the last step.",
        ),
        field(
            Training,
            "objective",
            "Loss over",
            "",
            true,
            choice(Objective::CHOICES),
            "Cross-entropy averaged over every position of the window, or of the last one only. Every position gives context times as much signal per step.",
        ),
        field(
            Training,
            "optimizer",
            "Optimizer",
            "",
            true,
            choice(Optimizer::CHOICES),
            "AdamW decays weights apart from the gradient (Loshchilov and Hutter 2019); Adam adds the decay to the gradient (Kingma and Ba 2015); SGD has no moments.",
        ),
        field(
            Training,
            "beta1",
            "Beta 1",
            "",
            true,
            real(0.0, 0.999_999),
            "Decay of the running mean of gradients. 0.9 averages over about ten steps.",
        ),
        field(
            Training,
            "beta2",
            "Beta 2",
            "",
            true,
            real(0.0, 0.999_999),
            "Decay of the running mean of squared gradients. Small batches like it closer to 1.",
        ),
        field(
            Training,
            "epsilon",
            "Adam epsilon",
            "",
            true,
            real(1e-16, 0.1),
            "Added to the root of the second moment, so that still weights do not explode.",
        ),
        field(
            Training,
            "weight_decay",
            "Weight decay",
            "",
            true,
            real(0.0, 10.0),
            "Pulls weights towards zero at each step. With AdamW the pull is learning rate × decay.",
        ),
        field(
            Training,
            "decay",
            "Decay acts on",
            "",
            true,
            choice(Decay::CHOICES),
            "Matrices only, as GPT-2's recipe has it, or gains and biases too.",
        ),
        field(
            Training,
            "clip",
            "Gradient clip",
            "",
            true,
            real(0.0, 1e6),
            "Gradients are scaled down to this global norm where they exceed it (Pascanu et al. 2013). 0 switches it off.",
        ),
        field(
            Training,
            "validation_interval",
            "Validate every",
            "steps",
            true,
            whole(1, 10_000_000),
            "Steps between two validation losses, always on the same batches of the validation split.",
        ),
        field(
            Training,
            "validation_batches",
            "Validation batches",
            "batches",
            true,
            whole(1, 10_000),
            "Batches that one validation loss averages over. More is truer and takes longer.",
        ),
        field(
            Training,
            "seed",
            "Seed",
            "",
            true,
            whole(0, u32::MAX as u64),
            "Fixes initial weights, batches and dropout: the same seed gives the same run, bit for bit, on one adapter.",
        ),
    ]
}
