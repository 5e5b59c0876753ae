//! The trainer's choices.

use super::field::{Control, Field, Group};
use super::{
    ConfigError, DataConfig, Decay, InitialWeights, IntervalUnit, Objective, Optimizer, Schedule, Windows, decay,
    initial_weights, interval_unit, objective, optimizer, papers, schedule,
};
use serde::{Deserialize, Serialize};

/// The trainer's choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Steps that a run lasts, where `epochs` is 0.
    pub steps: u32,
    /// Passes over the training text that a run lasts; 0: `steps` decides.
    pub epochs: u32,
    /// Windows per micro-batch.
    pub batch: usize,
    /// Micro-batches whose gradients are averaged for one step.
    pub accumulation: u32,
    /// What the weights are before the first step.
    pub initial_weights: InitialWeights,
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
    /// What `validation_interval` and `sample_interval` count.
    pub interval_unit: IntervalUnit,
    /// Steps or epochs between two validation losses.
    pub validation_interval: u32,
    /// Batches that one validation loss averages over.
    pub validation_batches: u32,
    /// Validations without improvement after which training stops; 0: never.
    pub patience: u32,
    /// Nats by which a validation loss must fall below the best to count as an improvement.
    pub min_improvement: f64,
    /// Steps or epochs between two samples during training; 0: none.
    pub sample_interval: u32,
}

impl TrainingConfig {
    /// Everything in steps: `epochs` and intervals in epochs are multiplied out, `total_steps` 0 becomes `steps`.
    pub(super) fn resolved(&self, steps_per_epoch: Option<u32>) -> Self {
        let epoch = steps_per_epoch.unwrap_or(1);
        let steps = match (self.epochs, steps_per_epoch) {
            (0, _) => self.steps,
            (epochs, Some(epoch)) => epochs.saturating_mul(epoch),
            // Nobody knows how many: enough for what else is asked.
            (_, None) => self.steps.max(self.warmup_steps),
        };
        let interval = |count: u32| match self.interval_unit {
            IntervalUnit::Steps => count,
            IntervalUnit::Epochs => count.saturating_mul(epoch),
        };
        Self {
            steps,
            epochs: 0,
            total_steps: if self.total_steps == 0 { steps } else { self.total_steps },
            interval_unit: IntervalUnit::Steps,
            validation_interval: interval(self.validation_interval),
            sample_interval: interval(self.sample_interval),
            ..self.clone()
        }
    }

    /// Whether resolved settings agree with one another.
    pub(super) fn check(&self, data: &DataConfig) -> Result<(), ConfigError> {
        if self.schedule == Schedule::Cosine {
            let (warmup_steps, total_steps) = (self.warmup_steps, self.total_steps);
            if warmup_steps > total_steps {
                return Err(ConfigError::WarmupLongerThanSchedule { warmup_steps, total_steps });
            }
            let (min_learning_rate, learning_rate) = (self.min_learning_rate, self.learning_rate);
            if min_learning_rate > learning_rate {
                return Err(ConfigError::RatesCross { min_learning_rate, learning_rate });
            }
        }
        if data.windows == Windows::Prefixes {
            if self.batch != 1 {
                return Err(ConfigError::PrefixesNeedBatchOne { batch: self.batch });
            }
            if self.objective != Objective::LastPosition {
                return Err(ConfigError::PrefixesNeedLastPosition);
            }
        }
        Ok(())
    }
}

/// The form's fields.
pub(super) fn fields() -> Vec<Field> {
    let field = |key, label, control, help| Field::new(Group::Training, key, label, control, help);
    vec![
        field("steps", "Steps", Control::whole(1, 10_000_000), "Updates of the weights that a run lasts, unless epochs are given; each sees one batch. More steps learn more, until the validation loss no longer falls.")
            .formula("tokens seen = steps × batch × context × micro-batches").unit("steps"),
        field("batch", "Batch", Control::whole(1, 4096), "Windows of context length per step. More make the gradient steadier and a step slower.")
            .formula("g = mean of ∇loss over the batch").unit("windows"),
        field("learning_rate", "Learning rate", Control::real(0.0, 10.0), "How far one step moves the weights. Too high and the loss jumps, too low and it hardly falls.")
            .formula("w ← w − η · direction")
            .source(&[papers::KINGMA]),
        field("epochs", "Epochs", Control::whole(0, 1_000_000), "Passes over the training text that a run lasts; 0 leaves it to Steps. With random windows an epoch is as many tokens as the text has.").unit("epochs").more(),
        field("accumulation", "Micro-batches", Control::whole(1, 1024), "Batches whose gradients are averaged for one step. More give the gradient of a batch so many times larger in the memory of one, in as many times the time.")
            .formula("g = (g₁ + … + g_n) / n").more(),
        initial_weights::field(),
        schedule::field(),
        field("min_learning_rate", "Minimum learning rate", Control::real(0.0, 10.0), "Where the cosine ends. A tenth of the learning rate is usual; higher keeps learning to the end, lower settles more.")
            .formula("η_n = η_min")
            .source(&[papers::LOSHCHILOV_SGDR]).more(),
        field("warmup_steps", "Warm-up", Control::whole(0, 10_000_000), "Steps w in which the rate climbs from zero, if the schedule has one. It keeps Adam's first, noisy estimates from doing harm; a tenth of the run is plenty.")
            .formula("η_t = η · t / w")
            .source(&[papers::GOYAL, papers::VASWANI]).unit("steps").more(),
        field("total_steps", "Schedule length", Control::whole(0, 10_000_000), "Step at which the cosine reaches its minimum; 0 means at the last step. Training beyond it goes on at the minimum.")
            .source(&[papers::LOSHCHILOV_SGDR]).unit("steps").more(),
        objective::field(),
        optimizer::field(),
        field("beta1", "Beta 1", Control::real(0.0, 0.999_999), "Decay of the running mean of gradients. Closer to 1 averages over more steps; 0.9 over about ten.")
            .formula("m ← β₁ m + (1 − β₁) g,  m̂ = m / (1 − β₁ᵗ)")
            .source(&[papers::KINGMA]).more(),
        field("beta2", "Beta 2", Control::real(0.0, 0.999_999), "Decay of the running mean of squared gradients. Closer to 1 averages over more steps, which small batches like.")
            .formula("v ← β₂ v + (1 − β₂) g²,  v̂ = v / (1 − β₂ᵗ)")
            .source(&[papers::KINGMA]).more(),
        field("epsilon", "Adam epsilon", Control::real(1e-16, 0.1), "Added to the root of the second moment, so that still weights do not explode. A large one makes Adam more like SGD.")
            .formula("m̂ / (√v̂ + ε)")
            .source(&[papers::KINGMA]).more(),
        field("weight_decay", "Weight decay", Control::real(0.0, 10.0), "Pulls weights towards zero at each step, with AdamW by learning rate × decay. More keeps the model simpler; 0 switches it off.")
            .formula("AdamW: w ← (1 − η λ) w;  Adam, SGD: g ← g + λ w")
            .source(&[papers::LOSHCHILOV_ADAMW]).more(),
        decay::field(),
        field("clip", "Gradient clip", Control::real(0.0, 1e6), "Gradients whose global norm exceeds c are scaled down to it. Lower guards better against a single wild batch and slows learning; 0 switches it off.")
            .formula("g ← g · min(1, c / (‖g‖ + 10⁻⁶))")
            .source(&[papers::PASCANU]).more(),
        interval_unit::field(),
        field("validation_interval", "Validate every", Control::whole(1, 10_000_000), "Steps (or epochs) between two validation losses, always on the same batches of the validation split. Fewer give a finer curve and a better best checkpoint, and cost time.").more(),
        field("validation_batches", "Validation batches", Control::whole(1, 10_000), "Batches that one validation loss averages over. More is truer and takes longer.").unit("batches").more(),
        field("patience", "Patience", Control::whole(0, 1_000_000), "Early stopping: training ends after so many validations in a row without improvement. 0 switches it off.")
            .source(&[papers::PRECHELT]).unit("validations").more(),
        field("min_improvement", "Least improvement", Control::real(0.0, 10.0), "How far the validation loss must fall below the best so far to count as an improvement. More stops sooner.")
            .source(&[papers::PRECHELT]).unit("nats").more(),
        field("sample_interval", "Sample every", Control::whole(0, 10_000_000), "Steps (or epochs) between two samples of the prompt during training, kept in a list so that one can watch it learn. 0 takes none.").more(),
        field("seed", "Seed", Control::whole(0, u32::MAX as u64), "Fixes initial weights, batches and dropout: the same seed gives the same run, bit for bit, on one adapter.").more(),
    ]
}
