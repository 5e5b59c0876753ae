// @ts-check
/** @import { Group } from "../core/protocol" */
// The field's terms, in no language: what is computed, what else to look up, which settings they are about. Their names and
// sentences are words' (`words.glossary.terms`, by the same keys).

/**
 * @typedef {object} Term
 * @property {string} [formula]
 * @property {readonly string[]} see keys of other terms
 * @property {readonly string[]} [settings] as "group.key"
 */

/** @satisfies {Record<string, Term>} */
export const terms = {
  attention: { formula: "softmax(QKᵀ / √d_head + M) · V", see: ["query_key_value", "head", "softmax", "induction_head"], settings: ["model.attention", "model.causal"] },
  adamw: { formula: "w ← (1 − η λ) w − η · m̂ / (√v̂ + ε)", see: ["gradient", "learning_rate", "weight_decay"], settings: ["training.optimizer", "training.beta1", "training.beta2", "training.epsilon"] },
  baseline: { see: ["bigram", "entropy", "loss"], settings: ["data.add_k"] },
  batch: { formula: "tokens a step = batch × context × micro-batches", see: ["step", "epoch", "gradient"], settings: ["training.batch", "training.accumulation"] },
  bigram: { formula: "p(b | a) = (count(a b) + k) / (count(a) + k · V)", see: ["baseline", "entropy"], settings: ["data.add_k"] },
  bits_per_character: { formula: "loss / ln 2 · tokens / characters", see: ["nat", "perplexity", "loss"] },
  bpe: { see: ["token", "vocabulary"], settings: ["tokenizer.kind", "tokenizer.vocabulary", "tokenizer.splitting"] },
  checkpoint: { see: ["validation", "early_stopping", "overfitting"], settings: ["training.validation_interval"] },
  clipping: { formula: "g ← g · min(1, c / (‖g‖ + 10⁻⁶))", see: ["gradient_norm", "gradient"], settings: ["training.clip"] },
  context: { see: ["token", "attention", "positions"], settings: ["model.context"] },
  cosine_decay: { formula: "η_t = η_min + ½ (η − η_min) (1 + cos(π (t − w)/(n − w)))", see: ["learning_rate", "warm_up"], settings: ["training.schedule", "training.min_learning_rate", "training.total_steps"] },
  cosine_similarity: { formula: "cos(a, b) = a · b / (‖a‖ ‖b‖)", see: ["embedding", "pca"] },
  cross_entropy: { formula: "−mean over t of ln p(x_{t+1} | x₁ … x_t)", see: ["loss", "nat", "entropy"], settings: ["training.objective"] },
  dropout: { formula: "y = x · m / (1 − p),  m = 0 with probability p, else 1", see: ["overfitting"], settings: ["model.dropout"] },
  early_stopping: { see: ["validation", "overfitting", "checkpoint"], settings: ["training.patience", "training.min_improvement"] },
  embedding: { formula: "x_t = E[token_t]", see: ["token", "width", "weight_tying", "pca"], settings: ["model.width"] },
  entropy: { formula: "H = −Σ p ln p", see: ["cross_entropy", "nat", "baseline"] },
  epoch: { formula: "steps an epoch ≈ training tokens / tokens a step", see: ["step", "batch"], settings: ["training.epochs", "data.windows"] },
  feed_forward: { formula: "f(x · W_up) · W_down", see: ["layer", "residual"], settings: ["model.mlp", "model.hidden", "model.activation"] },
  fine_tuning: { see: ["checkpoint", "learning_rate"], settings: ["training.learning_rate"] },
  flop: { formula: "≈ 6 · parameters a token of training", see: ["parameters"] },
  gradient: { formula: "g = ∂loss / ∂w", see: ["gradient_norm", "learning_rate", "adamw"], settings: ["training.accumulation"] },
  gradient_norm: { formula: "‖g‖ = √(Σ gᵢ²)", see: ["gradient", "clipping"], settings: ["training.clip"] },
  greedy: { formula: "argmaxᵢ zᵢ", see: ["temperature", "logits"], settings: ["sampling.temperature"] },
  head: { formula: "headᵢ = softmax(QᵢKᵢᵀ / √d_head + M) · Vᵢ", see: ["attention", "query_key_value", "induction_head"], settings: ["model.heads", "model.kv_heads"] },
  induction_head: { see: ["head", "attention", "layer"] },
  layer: { formula: "x ← x + attention(norm(x));  x ← x + f(norm(x))", see: ["attention", "feed_forward", "residual", "layer_norm"], settings: ["model.layers"] },
  layer_norm: { formula: "(x − mean(x)) / √(var(x) + ε) · gain + bias", see: ["layer", "residual"], settings: ["model.norm", "model.norm_place", "model.norm_epsilon"] },
  learning_rate: { formula: "w ← w − η · direction", see: ["warm_up", "cosine_decay", "gradient"], settings: ["training.learning_rate", "training.schedule"] },
  logit_lens: { see: ["logits", "layer", "residual"] },
  logits: { formula: "z = x · Wᵀ", see: ["softmax", "temperature"], settings: ["model.head_bias", "model.tied"] },
  loss: { see: ["cross_entropy", "nat", "perplexity", "validation", "baseline"], settings: ["training.objective"] },
  nat: { formula: "1 nat = 1 / ln 2 ≈ 1.443 bits", see: ["loss", "bits_per_character"] },
  overfitting: { see: ["validation", "dropout", "early_stopping", "weight_decay"], settings: ["model.dropout", "training.weight_decay"] },
  parameters: { formula: "≈ 12 · L · d² + V · d", see: ["flop", "width", "layer"], settings: ["model.layers", "model.width"] },
  pca: { see: ["embedding", "cosine_similarity"] },
  perplexity: { formula: "exp(loss)", see: ["loss", "cross_entropy", "bits_per_character"] },
  positions: { see: ["context", "attention"], settings: ["model.positions", "model.rotary_base"] },
  query_key_value: { formula: "Q = x · W_Q,  K = x · W_K,  V = x · W_V", see: ["attention", "head"], settings: ["model.kv_heads", "model.attention_bias"] },
  repetition_penalty: { formula: "zᵢ ← zᵢ / θ where zᵢ > 0, else zᵢ · θ", see: ["logits", "temperature"], settings: ["sampling.repetition_penalty"] },
  residual: { formula: "x ← x + f(x)", see: ["layer", "layer_norm"], settings: ["model.norm_place"] },
  seed: { see: ["temperature", "step"], settings: ["training.seed", "sampling.seed", "training.initial_weights"] },
  softmax: { formula: "pᵢ = exp(zᵢ) / Σⱼ exp(zⱼ)", see: ["logits", "temperature", "attention"] },
  step: { see: ["batch", "gradient", "epoch"], settings: ["training.steps"] },
  temperature: { formula: "pᵢ = exp(zᵢ / τ) / Σⱼ exp(zⱼ / τ)", see: ["softmax", "greedy", "top_k", "top_p"], settings: ["sampling.temperature"] },
  token: { see: ["vocabulary", "bpe", "embedding"], settings: ["tokenizer.kind"] },
  top_k: { formula: "pᵢ = 0 unless zᵢ is among the k largest", see: ["top_p", "temperature"], settings: ["sampling.top_k"] },
  top_p: { formula: "the smallest set S of the likeliest with Σ_{i ∈ S} pᵢ ≥ p", see: ["top_k", "temperature"], settings: ["sampling.top_p"] },
  validation: { see: ["overfitting", "early_stopping", "loss"], settings: ["data.validation_share", "data.division", "training.validation_interval", "training.validation_batches"] },
  vocabulary: { see: ["token", "bpe", "embedding"], settings: ["tokenizer.vocabulary", "tokenizer.kind"] },
  warm_up: { formula: "η_t = η · t / w", see: ["learning_rate", "cosine_decay"], settings: ["training.warmup_steps"] },
  weight_decay: { formula: "w ← (1 − η λ) w", see: ["adamw", "overfitting"], settings: ["training.weight_decay", "training.decay"] },
  weight_tying: { formula: "logits = x · Eᵀ", see: ["embedding", "logits"], settings: ["model.tied"] },
  width: { see: ["embedding", "head", "parameters"], settings: ["model.width"] },
};

/** @typedef {keyof typeof terms} TermKey */

/**
 * The terms that a setting is about.
 * @param {Group} group @param {string} key
 * @returns {TermKey[]}
 */
export const termsOf = (group, key) =>
  /** @type {[TermKey, Term][]} */ (Object.entries(terms)).filter(([, { settings }]) => settings?.includes(`${group}.${key}`)).map(([term]) => term);
