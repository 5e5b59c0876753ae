// @ts-check
/** @import { Group } from "../core/protocol" */
// What the core reports of settings, text, device, model and session, in English, by code. A message has no full stop: it may
// stand inside of another one.

/** What is no number is sent as null. @param {number | null} n */
const real = (n) => n ?? "not a number";

const splits = { training: "training", validation: "validation" };
const watched = { loss: "loss", gradient_norm: "gradient norm", validation_loss: "validation loss" };
const tokenKinds = { characters: "Characters", words: "Words" };
const replayFiles = { weights: "weights", batches: "batches", result: "result" };

/** @typedef {{ occurrences: number, all: number, different: number, tokens: string[] }} Unknown tokens of a text, quoted, the first of them */

export const settings = {
  out_of_range: (/** @type {{ group: Group, key: string, value: number | null, low: number, high: number }} */ { key, value, low, high }) =>
    `${key} is ${real(value)}; it must lie between ${low} and ${high}`,
  heads_do_not_divide_width: (/** @type {{ width: number, heads: number }} */ { width, heads }) =>
    `width ${width} is not a multiple of heads ${heads}: every head needs the same whole number of columns`,
  kv_heads_do_not_divide_heads: (/** @type {{ heads: number, kv_heads: number }} */ { heads, kv_heads }) =>
    `heads ${heads} is not a multiple of key/value heads ${kv_heads}: every group needs the same number of query heads`,
  rotary_needs_even_head: (/** @type {{ head_dim: number }} */ { head_dim }) =>
    `rotary positions turn pairs of columns, but a head has ${head_dim} columns, an odd number`,
  sinusoidal_needs_even_width: (/** @type {{ width: number }} */ { width }) =>
    `sinusoidal positions alternate sine and cosine, but width ${width} is odd`,
  too_many_parameters: (/** @type {{ parameters: number, limit: number }} */ { parameters, limit }) =>
    `this model would have ${parameters} parameters; at most ${limit} fit`,
  warmup_longer_than_schedule: (/** @type {{ warmup_steps: number, total_steps: number }} */ { warmup_steps, total_steps }) =>
    `warm-up lasts ${warmup_steps} steps, longer than the schedule's ${total_steps} steps`,
  prefixes_need_batch_one: (/** @type {{ batch: number }} */ { batch }) => `every prefix is a step of its own: batch is ${batch} and must be 1`,
  prefixes_need_last_position: "every prefix predicts the token after it: the loss must be over the last position, not every position",
  top_k_above_vocabulary: (/** @type {{ top_k: number, vocab: number }} */ { top_k, vocab }) =>
    `top-k keeps ${top_k} tokens, but the vocabulary has ${vocab}`,
  nothing_to_mark_with: (/** @type {{ kind: keyof typeof tokenKinds }} */ { kind }) =>
    `documents cannot be marked where tokens are ${tokenKinds[kind]}: only byte and sub-word vocabularies have marks`,
  rates_cross: (/** @type {{ min_learning_rate: number, learning_rate: number }} */ { min_learning_rate, learning_rate }) =>
    `the minimum learning rate ${min_learning_rate} is above the learning rate ${learning_rate}`,
  vocabulary_out_of_range: (/** @type {{ vocabulary: number, low: number, high: number }} */ { vocabulary, low, high }) =>
    `a vocabulary of ${vocabulary} tokens is asked for; it must lie between ${low} and ${high}`,
  no_tokenizer_file: "the tokenizer is to come from a file, and none was given",
  temperature_below_zero: (/** @type {{ temperature: number | null }} */ { temperature }) =>
    `temperature is ${real(temperature)}; it must be 0 (greedy) or above`,
  top_k_above_logits: (/** @type {{ top_k: number, vocab: number }} */ { top_k, vocab }) =>
    `top-k keeps ${top_k} tokens, but the vocabulary has only ${vocab}`,
  top_p_out_of_range: (/** @type {{ top_p: number | null }} */ { top_p }) => `top-p is ${real(top_p)}; it must be above 0 and at most 1`,
  repetition_penalty_not_positive: (/** @type {{ repetition_penalty: number | null }} */ { repetition_penalty }) =>
    `the repetition penalty is ${real(repetition_penalty)}; it must be a finite number above 0`,
};

export const text = {
  too_short: (/** @type {{ split: keyof typeof splits, tokens: number, needed: number }} */ { split, tokens, needed }) =>
    `the ${splits[split]} split of the text has ${tokens} tokens; one window needs ${needed} (context + 1)`,
  stride_too_long: (/** @type {{ stride: number, tokens: number }} */ { stride, tokens }) =>
    `the stride is ${stride} tokens, but the training split has only ${tokens}`,
  no_whole_batch: (/** @type {{ windows: number, needed: number }} */ { windows, needed }) =>
    `the training split has ${windows} windows at this stride; one step needs ${needed}`,
  no_validation: (/** @type {{ share: number, documents: number }} */ { share, documents }) =>
    `nothing is held out for validation: the share is ${share} and the text has ${documents} documents`,
  prefixes_of_one_length: (/** @type {{ batch: number }} */ { batch }) => `prefixes have different lengths, so a batch holds 1 of them, not ${batch}`,
  no_prefix: (/** @type {{ split: keyof typeof splits, documents: number, tokens: number }} */ { split, documents, tokens }) =>
    `the ${splits[split]} split has ${documents} documents and ${tokens} tokens, but no document with 2 tokens`,
  empty_text: "the text is empty",
  unknown_characters: (/** @type {{ characters: string[], count: number }} */ { characters, count }) =>
    `${count} characters are not in the vocabulary: ${characters.join(" ")}`,
  odd_utf16: (/** @type {{ name: string, bytes: number }} */ { name, bytes }) => `${name} is not text: UTF-16 of ${bytes} bytes, an odd number`,
  broken_utf16: (/** @type {{ name: string, surrogate: string }} */ { name, surrogate }) =>
    `${name} is not text: broken UTF-16, unpaired surrogate found: ${surrogate}`,
  binary_file: (/** @type {{ name: string, at: number }} */ { name, at }) => `${name} is not text: it looks binary, with a zero byte at ${at}`,
  not_utf8: (/** @type {{ name: string, at: number }} */ { name, at }) =>
    `${name} is not text: byte ${at} is not UTF-8; save it as UTF-8 first`,
  no_text: "there is no text to train on",
  no_such_text: (/** @type {{ key: string, known: string[] }} */ { key }) => `there is no built-in text ${key}`,
  nothing_left: (/** @type {{ characters: number }} */ { characters }) => `cleaning leaves nothing of the text's ${characters} characters`,
  unknown_to_model: (/** @type {Unknown} */ { occurrences, all, different, tokens }) =>
    `the model has no token for ${occurrences} of the text's ${all}, ${different} different ones: ${tokens.join(" ")}`,
  read_as_unknown: (/** @type {Unknown} */ { occurrences, all, different, tokens }) =>
    `${occurrences} of the text's ${all} tokens are not in the model's vocabulary, ${different} different ones: ${tokens.join(" ")}`,
  small_vocabulary: (/** @type {{ vocab: number, asked: number }} */ { vocab, asked }) =>
    `the text supports ${vocab} sub-words of the ${asked} asked: no further pair of tokens stands in it twice`,
  documents_unmarked: "the tokenizer has no token that ends a document: documents stay unmarked",
  no_validation_loss: (/** @type {{ error: string }} */ { error }) => `${error}: no validation loss will be drawn`,
};

export const device = {
  no_adapter: (/** @type {{ reason: string }} */ { reason }) => `no WebGPU adapter was found: ${reason}`,
  no_device: (/** @type {{ adapter: string, reason: string }} */ { adapter, reason }) => `the adapter ${adapter} refused a device: ${reason}`,
  buffer_too_large: (/** @type {{ name: string, asked: number, limit: number }} */ { name, asked, limit }) =>
    `${name} would need ${asked} bytes in one piece; this adapter has at most ${limit}`,
  // The browser does not always say how much was too much.
  out_of_memory: (/** @type {{ asked: number }} */ { asked }) => `memory ran out${asked > 0 ? `: ${asked} bytes were asked for` : ""}`,
  no_memory: (/** @type {{ asked: number, left: number }} */ { asked, left }) => `${asked} bytes of memory would be needed; ${left} are left here`,
  device_lost: (/** @type {{ reason: string }} */ { reason }) => `the GPU was lost: ${reason}`,
  validation: (/** @type {{ reason: string }} */ { reason }) => `the GPU refused our work: ${reason}`,
  unknown_buffer: (/** @type {{ name: string }} */ { name }) => `the GPU refused our work: there is no shared buffer ${name}`,
  other_device: "the GPU refused our work: a buffer belongs to another device",
};

export const model = {
  no_adjoint: (/** @type {{ op: string, value: string }} */ { op, value }) => `${op} reads ${value}, which needs a gradient, but ${op} has no adjoint`,
  adjoint_forgets: (/** @type {{ op: string, value: string }} */ { op, value }) => `the adjoint of ${op} gives ${value} no gradient`,
  shared_gradient_overwritten: (/** @type {{ value: string, other: string }} */ { value, other }) =>
    `the gradient of ${value} is added to while ${other}, which shares its place, is still to be read`,
  parameter_without_gradient: (/** @type {{ name: string }} */ { name }) => `parameter ${name} receives no gradient`,
  step_not_finite: (/** @type {{ what: keyof typeof watched, step: number, last_good: number }} */ { what, step, last_good }) =>
    `the ${watched[what]} of step ${step} is not a finite number; the weights are those of step ${last_good}, the last that were checked`,
  no_room_to_train: (/** @type {{ asked: number, held: number, error: string }} */ { asked, held, error }) =>
    `training this model would need ${asked} bytes of memory, where the model alone takes ${held}: ${error}`,
  unknown_parameter: (/** @type {{ name: string }} */ { name }) => `there is no parameter ${name}`,
  wrong_length: (/** @type {{ name: string, expected: number, found: number }} */ { name, expected, found }) =>
    `${name} has ${expected} values, ${found} were given`,
  unknown_token: (/** @type {{ token: number, vocab: number }} */ { token, vocab }) => `token ${token} is outside the vocabulary of ${vocab}`,
  logits_not_finite: (/** @type {{ count: number, vocab: number }} */ { count, vocab }) => `${count} of ${vocab} logits are not finite numbers`,
  no_logits: "there are 0 logits; one draw needs at least 1",
  no_attention: "this model has no attention layers",
  no_such_head: (/** @type {{ layer: number, head: number, layers: number, heads: number }} */ { layer, head, layers, heads }) =>
    `layer ${layer}, head ${head} is not there: the model has ${layers} layers of ${heads} heads`,
};

export const session = {
  no_model: "there is no model yet",
  no_such_preset: (/** @type {{ key: string, known: string[] }} */ { key }) => `there is no preset ${key}`,
  busy: "this machine is busy",
  steps_done: (/** @type {{ steps: number }} */ { steps }) => `all ${steps} steps of this run are done`,
  no_best_checkpoint: "there is no best checkpoint yet: it is kept at the first validation",
  step_not_kept: (/** @type {{ step: number, kept: number[] }} */ { step }) => `the weights of step ${step} were not kept`,
  validation_rises: (/** @type {{ loss: number, step: number, best_loss: number, best_step: number }} */ { loss, step, best_loss, best_step }) =>
    `validation rises while training falls: ${loss.toFixed(3)} nats at step ${step}, ${best_loss.toFixed(3)} at step ${best_step}; the model learns the text by heart`,
  record_unreadable: (/** @type {{ name: string, reason: string }} */ { name, reason }) => `${name}: where the session stood cannot be read: ${reason}`,
  saved_tokenizer_unreadable: (/** @type {{ name: string, error: string }} */ { name, error }) =>
    `${name}: where the session stood cannot be read: ${error}`,
  not_a_command: (/** @type {{ reason: string }} */ { reason }) => `not a command: ${reason}`,
  replay_file: (/** @type {{ file: keyof typeof replayFiles, reason: string }} */ { file, reason }) => `${replayFiles[file]}: ${reason}`,
  replay_tensor: (
    /** @type {{ file: keyof typeof replayFiles, tensor: string, found: string, shape: number[], expected: string, numbers: number }} */
    { file, tensor, found, shape, expected, numbers },
  ) => `${replayFiles[file]}: tensor ${tensor} is ${found} [${shape.join(", ")}], expected ${numbers} of ${expected}`,
};

/** @typedef {typeof settings} Settings @typedef {typeof text} Text @typedef {typeof device} Device @typedef {typeof model} Model @typedef {typeof session} Session */
