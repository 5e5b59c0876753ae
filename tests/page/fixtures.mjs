// @ts-check
/** @import { Config, Event, Field, TextDescription, TrainingPoint, ValidationPoint } from "../../web/core/protocol" */
/** @import { State } from "../../web/state/state.js" */
/** A page without a browser: a small catalogue as the worker could offer it, and the state after events. */

import { initialState, reduce } from "../../web/state/state.js";

/** @type {Pick<Field, "unit" | "help" | "formula" | "source" | "more">} */
const plain = { unit: "", help: "", formula: "", source: [], more: false };

/** A field of each kind, and one that matters only beside another's value. @type {Field[]} */
export const fields = [
  {
    ...plain, group: "tokenizer", key: "kind", label: "Tokens", kind: "choice",
    options: ["characters", "bpe", "file"].map((value) => ({ value, label: value.toUpperCase(), formula: "" })),
  },
  { ...plain, group: "tokenizer", key: "vocabulary", label: "Vocabulary", kind: "whole", low: 2, high: 65_536, when: { key: "kind", values: ["bpe"] } },
  { ...plain, group: "data", key: "lower_case", label: "Lower case", kind: "switch" },
  { ...plain, group: "model", key: "layers", label: "Layers", kind: "whole", low: 0, high: 64 },
  { ...plain, group: "model", key: "width", label: "Width", kind: "whole", low: 1, high: 4096 },
  { ...plain, group: "model", key: "hidden", label: "MLP width", kind: "whole", low: 1, high: 65_536 },
  { ...plain, group: "training", key: "steps", label: "Steps", kind: "whole", low: 1, high: 1_000_000 },
  { ...plain, group: "training", key: "learning_rate", label: "Learning rate", kind: "real", low: 0, high: 10 },
  { ...plain, group: "training", key: "weight_decay", label: "Weight decay", kind: "real", low: 0.0001, high: 1 },
  { ...plain, group: "sampling", key: "temperature", label: "Temperature", kind: "real", low: 0, high: 100 },
  { ...plain, group: "sampling", key: "prompt", label: "Prompt", kind: "text" },
];

/** @param {Partial<Record<keyof Config, object>>} [change] @returns {Config} */
export const config = (change = {}) => ({
  tokenizer: { kind: "characters", vocabulary: 512, ...change.tokenizer },
  data: { lower_case: false, ...change.data },
  model: { vocab: 0, layers: 2, width: 32, hidden: 128, heads: 2, kv_heads: 2, context: 16, attention: true, ...change.model },
  training: { steps: 500, learning_rate: 0.003, weight_decay: 0.01, seed: 1, ...change.training },
  sampling: { temperature: 0.8, prompt: "", ...change.sampling },
});

/** @type {Extract<Event, { event: "ready" }>} */
export const ready = {
  event: "ready",
  version: "1.2.3",
  adapter: { name: "Two cores", backend: "cpu", software: true },
  fields,
  presets: [
    { key: "tiny", label: "Tiny", help: "", config: config() },
    { key: "wide", label: "Wide", help: "", config: config({ model: { width: 256, hidden: 1024 } }) },
  ],
  texts: [
    { key: "stories", label: "Stories", help: "", task: false },
    { key: "sums", label: "Sums", help: "", task: true },
  ],
  recipes: [
    {
      key: "bigram", label: "Bigram", help: "", notes: [], text: "stories", counts: true,
      config: config({ model: { layers: 0 }, training: { steps: 3000 } }), pieces: [],
      fine_tuning: { text: "sums", config: config({ model: { layers: 0 }, training: { steps: 100 } }) },
    },
  ],
};

/** @type {TextDescription} */
export const description = {
  characters: 1000, cleaned_characters: 1000, changes: [], tokens: 1000, vocab: 30, tokenizer: { kind: "characters" }, lossless: true,
  training_tokens: 900, validation_tokens: 100, documents: null, unknown_tokens: 0, vocabulary: ["a", "b"], frequencies: [500, 400], beginning: [0, 1],
  counts: { baselines: { unigram: 3, bigram: 2.4 }, add_k: 1, entropy: 3, conditional_entropy: 2.3, pairs: 400 },
  task: false, fits_model: null, unknown_to_model: [],
};

/** @param {number} step @param {number} [loss] nats @returns {TrainingPoint} */
export const trained = (step, loss = 1) => ({
  step, loss, perplexity: Math.exp(loss), bits_per_character: loss / Math.LN2, gradient_norm: 0.5, learning_rate: 0.003, tokens_seen: 64 * step,
});

/** @param {number} step @param {number} [loss] nats @returns {ValidationPoint} */
export const validated = (step, loss = 1) => ({ step, loss, perplexity: Math.exp(loss), bits_per_character: loss / Math.LN2, tokens_seen: 64 * step });

/** @param {Partial<Extract<Event, { event: "model_built" }>>} [change] @returns {Extract<Event, { event: "model_built" }>} */
export const built = (change = {}) => ({
  event: "model_built",
  config: config({ model: { vocab: 30 } }),
  estimate: { parameters: 25_000, training_bytes: 1e6, workers: 1, helper_bytes: 0, largest_buffer_bytes: 1e5, dispatches: 90, flops_per_token: 1e5, tokens_per_step: 256 },
  step: 0,
  origin: "fresh",
  fits_text: true,
  vocabulary: ["a", "b"],
  steps: 500,
  steps_per_epoch: 50,
  baselines: { unigram: 3, bigram: 2.4 },
  ...change,
});

/** @param {number} step @param {Partial<Extract<Event, { event: "progressed" }>>} [change] @returns {Extract<Event, { event: "progressed" }>} */
export const progressed = (step, change = {}) => ({
  event: "progressed", step, steps: 500, training: [trained(step)], validation: [], tokens_per_second: 1000, seconds_left: 10, uniform_loss: Math.log(30), best: null, epochs: step / 50, ...change,
});

/** The state after events, one after the other. @param {State} state @param {...Event} events @returns {State} */
export const after = (state, ...events) => events.reduce((now, event) => ({ ...now, ...reduce(now, event) }), state);

/** A page whose worker is there. @param {Partial<State>} [change] @returns {State} */
export const readyState = (change = {}) => ({ ...after(initialState(), ready), ...change });

/** A page with this text in its box, counted. @param {string} value @returns {State} */
export function stateWithText(value) {
  const state = readyState();
  return after({ ...state, text: { ...state.text, value, revision: 1 } }, { event: "text_set", ...description, characters: value.length });
}
