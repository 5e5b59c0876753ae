// @ts-check
// What the core reports of files, tokenizers and models alike, in English, by code. A message has no full stop: it may stand
// inside of another one.

/** @typedef {{ name: string }} File its name, or those of several */
/** @typedef {{ nearest: string, lacking: (keyof typeof lackings)[] }} NoClass */

const lackings = {
  one_block: "one block at least",
  attention_in_blocks: "attention in every block",
  mlp_in_blocks: "a feed-forward layer in every block",
  attention_output: "an output projection behind attention",
  causal_attention: "causal attention",
  head_without_bias: "a head without bias",
  layer_norm: "layer norm",
  every_head_its_keys: "as many key/value heads as heads",
  norms_before: "norms before each branch",
  norm_before_head: "a norm before the head",
  learned_positions: "learned positions",
  gelu_or_relu: "GELU or ReLU",
  rms_norm: "RMS norm",
  rotary_positions: "rotary positions",
  swiglu: "SwiGLU",
  norms_after: "norms after each branch",
  no_norm_before_head: "no norm before the head",
  added_positions: "learned or sinusoidal positions",
  gelu_tanh_relu_or_silu: "tanh GELU, ReLU or SiLU",
  fourfold_hidden: "a feed-forward layer of four times the width",
};
const activations = { relu: "ReLU", gelu: "GELU", gelu_tanh: "GELU (tanh)", silu: "SiLU", relu_squared: "ReLU²", swiglu: "SwiGLU" };
const tokenKinds = { characters: "Characters", words: "Words", bytes: "Bytes", bpe: "Sub-words (BPE)", file: "From a file" };

/** What stands in a tokenizer where something else is read. */
const founds = { not_named: "not named", untyped: "of no type", nothing: "none", set: "set" };
/** What is read instead. */
const readables = {
  version1: "1.0",
  bpe_or_word_level: "BPE or WordLevel",
  nothing: "none",
  nothing_or_byte_level: "none or ByteLevel",
  without: "a model without it",
  byte_level: "ByteLevel",
  fuse: "Fuse",
  byte_level_plain: "ByteLevel with add_prefix_space false and use_regex true",
  sequence_with_prefix: "a Sequence of WhitespaceSplit and ByteLevel with add_prefix_space, without use_regex",
  byte_level_or_sequence: "ByteLevel, or a Sequence of WhitespaceSplit and ByteLevel",
  split_as_written: "Split with the pattern that is written here",
  whitespace_split_or_split: "WhitespaceSplit or Split",
};
/** The same of a key in a config.json. */
const wanted = {
  without: "a model without it",
  whole_context: "attention over the whole context",
  whole_number: "a whole number",
  number: "a number",
  plain_rotary: "rope_type default without scaling",
};

/** @typedef {keyof typeof founds | { named: string }} Found */
/** @typedef {keyof typeof wanted | { one_of: string[] } | { columns_of_head: number }} Wanted */

/** @param {Wanted} read */
function instead(read) {
  if (typeof read === "string") return wanted[read];
  return "one_of" in read ? either(read.one_of) : `hidden_size / num_attention_heads, ${read.columns_of_head},`;
}

/** @param {string[]} words */
const either = (words) => [words.slice(0, -1).join(", "), words[words.length - 1]].filter(Boolean).join(" or ");

/** @param {number[]} sizes of a tensor */
const shape = (sizes) => `[${sizes.join(", ")}]`;

/** @param {string} why */
const noTokenizer = (why) => `the tokenizer is not one that can be read here: ${why}`;

export const tokenizers = {
  vocabulary_alone: (/** @type {File} */ { name }) => noTokenizer(`${name} needs its merges.txt beside it`),
  wrong_number_of_files: (/** @type {{ count: number }} */ { count }) => noTokenizer(`${count} files were given`),
  tokenizer_unwritable: (/** @type {{ reason: string }} */ { reason }) => `the tokenizer cannot be written: ${reason}`,
  tokenizer_too_long: (/** @type {{ bytes: number, limit: number }} */ { bytes, limit }) =>
    noTokenizer(`it is ${bytes} bytes long, at most ${limit} are read`),
  tokenizer_form: (/** @type {{ reason: string }} */ { reason }) => noTokenizer(reason),
  tokenizer_part: (/** @type {{ part: string, found: Found, read: keyof typeof readables }} */ { part, found, read }) =>
    noTokenizer(`its ${part} is ${typeof found === "string" ? founds[found] : found.named}; ${readables[read]} is read`),
  vocabulary_empty: noTokenizer("its vocabulary is empty"),
  vocabulary_too_large: (/** @type {{ tokens: number, limit: number }} */ { tokens, limit }) =>
    noTokenizer(`its vocabulary has ${tokens} tokens, at most ${limit} are read`),
  id_outside: (/** @type {{ id: number, token: string, last: number }} */ { id, token, last }) =>
    noTokenizer(`the id ${id} of ${token} is outside 0 to ${last}, and so another id of its ${last + 1} tokens is missing`),
  id_twice: (/** @type {{ id: number, first: string, second: string }} */ { id, first, second }) =>
    noTokenizer(`the id ${id} stands twice, for ${first} and for ${second}`),
  token_twice: (/** @type {{ token: string, first: number, second: number }} */ { token, first, second }) =>
    noTokenizer(`the token ${token} stands twice, with the ids ${first} and ${second}`),
  empty_token: (/** @type {{ id: number }} */ { id }) => noTokenizer(`the token of id ${id} is empty`),
  added_word: (/** @type {{ token: string, id: number }} */ { token, id }) =>
    noTokenizer(`its added token ${token} of id ${id} is not a special one; only special ones are read`),
  not_one_character: (/** @type {{ token: string, id: number }} */ { token, id }) =>
    noTokenizer(`the token ${token} of id ${id} is not one character`),
  not_spelled: (/** @type {{ token: string, id: number }} */ { token, id }) =>
    noTokenizer(`the token ${token} of id ${id} is not spelled in the byte-level alphabet`),
  alphabet_incomplete: (/** @type {{ missing: number }} */ { missing }) => noTokenizer(`its alphabet lacks ${missing} of 256 bytes`),
  unknown_token_missing: (/** @type {{ token: string, tokens: number }} */ { token, tokens }) =>
    noTokenizer(`its unknown token ${token} is none of its ${tokens} tokens`),
  merge_form: (/** @type {{ number: number, merge: string }} */ { number, merge }) =>
    noTokenizer(`merge ${number}, ${merge}, is not two tokens with one space between`),
  merge_without_token: (/** @type {{ number: number, merge: string, token: string, tokens: number }} */ { number, merge, token, tokens }) =>
    noTokenizer(`merge ${number}, ${merge}, needs the token ${token}, which is none of its ${tokens} tokens`),
  special_merge: (/** @type {{ number: number, merge: string, token: string, id: number }} */ { number, merge, token, id }) =>
    noTokenizer(`merge ${number}, ${merge}, has to do with the special token ${token} of id ${id}`),
  merge_twice: (/** @type {{ number: number, merge: string, first: number }} */ { number, merge, first }) =>
    noTokenizer(`merge ${number}, ${merge}, stands before, as merge ${first}`),
};

export const files = {
  not_safetensors: (/** @type {File & { reason: string }} */ { name, reason }) => `${name} is not a whole safetensors file: ${reason}`,
  text_not_utf8: (/** @type {File & { tensor: string, at: number }} */ { name, tensor, at }) =>
    `${name} is not a whole safetensors file: tensor ${tensor} is not UTF-8 from byte ${at} on`,
  unreadable: (/** @type {File & { reason: string }} */ { name, reason }) => `${name} could not be read: ${reason}`,
  no_room: (/** @type {File & { parameters: number, asked: number, limit: number }} */ { name, parameters, asked, limit }) =>
    `${name}: its ${parameters} parameters would need ${asked} bytes in one piece; this adapter has at most ${limit}`,
  no_room_for_tensor: (
    /** @type {File & { tensor: string, shape: number[], asked: number, limit: number }} */ { name, tensor, shape: sizes, asked, limit },
  ) => `${name}: tensor ${tensor} ${shape(sizes)} would need ${asked} bytes in one piece; this adapter has at most ${limit}`,
  header_too_long: (/** @type {File & { bytes: number, limit: number }} */ { name, bytes, limit }) =>
    `${name}: the header claims ${bytes} bytes, at most ${limit} are read`,
  missing_metadata: (/** @type {File & { key: string }} */ { name, key }) =>
    `${name} lacks ${key} in its metadata: it was not exported by Fledgling`,
  bad_metadata: (/** @type {File & { key: string, reason: string }} */ { name, key, reason }) =>
    `${name}: the ${key} in its metadata cannot be read: ${reason}`,
  metadata_loss_not_finite: (/** @type {File} */ { name }) =>
    `${name}: the training in its metadata cannot be read: a loss in it is not a finite number`,
  bad_tokenizer: (/** @type {File & { error: string }} */ { name, error }) => `${name}: the tokenizer in its metadata cannot be read: ${error}`,
  bad_config: (/** @type {File & { error: string }} */ { name, error }) => `${name}: ${error}`,
  vocabulary_mismatch: (/** @type {File & { tokens: number, vocab: number }} */ { name, tokens, vocab }) =>
    `${name}: the tokenizer has ${tokens} tokens, the configuration a vocabulary of ${vocab}`,
  missing_tensor: (/** @type {File & { tensor: string, expected: number[] }} */ { name, tensor, expected }) =>
    `${name}: tensor ${tensor} ${shape(expected)} is missing`,
  unknown_tensor: (/** @type {File & { tensor: string, found: number[] }} */ { name, tensor, found }) =>
    `${name}: tensor ${tensor} ${shape(found)} does not belong to this configuration`,
  wrong_shape: (/** @type {File & { tensor: string, found: number[], expected: number[] }} */ { name, tensor, found, expected }) =>
    `${name}: tensor ${tensor} is ${shape(found)}, the configuration needs ${shape(expected)}`,
  wrong_type: (/** @type {File & { tensor: string, found: string }} */ { name, tensor, found }) =>
    `${name}: tensor ${tensor} holds ${found}; F32, F16 and BF16 are read`,
  weights_not_finite: (/** @type {File & { tensor: string, count: number, total: number }} */ { name, tensor, count, total }) =>
    `${name}: ${count} of ${total} weights in tensor ${tensor} are not finite numbers`,
  tensor_twice: (/** @type {File & { tensor: string }} */ { name, tensor }) => `${name}: tensor ${tensor} stands there twice`,
  not_zip: (/** @type {File & { reason: string }} */ { name, reason }) => `${name} is not a whole zip: ${reason}`,
  entries_alike: (/** @type {File} */ { name }) => `${name}: an entry stands there twice`,
  entries_overlap: (/** @type {File} */ { name }) => `${name} is not a whole zip: two entries lie over each other`,
  entry_encrypted: (/** @type {File & { entry: string }} */ { name, entry }) => `${name} is not a whole zip: ${entry} is encrypted`,
  entry_packed: (/** @type {File & { entry: string, by: string }} */ { name, entry, by }) =>
    `${name} is not a whole zip: ${entry} is packed by ${by}; stored and deflated are read`,
  entry_broken: (/** @type {File & { entry: string, reason: string }} */ { name, entry, reason }) =>
    `${name} is not a whole zip: ${entry}: ${reason}`,
  entry_length: (/** @type {File & { entry: string, found: number, claimed: number }} */ { name, entry, found, claimed }) =>
    `${name} is not a whole zip: ${entry} has ${found} bytes, and claims ${claimed}`,
  too_many_entries: (/** @type {File & { count: number, limit: number }} */ { name, count, limit }) =>
    `${name} has ${count} entries, at most ${limit} are read`,
  unknown_entry: (/** @type {File & { entry: string, read: string[] }} */ { name, entry, read }) =>
    `${name}: the entry ${entry} is none of the files of a model; ${read.join(", ")} are read`,
  entry_twice: (/** @type {File & { entry: string }} */ { name, entry }) => `${name}: ${entry} stands there twice`,
  zip_too_long: (/** @type {File & { bytes: number, limit: number }} */ { name, bytes, limit }) =>
    `${name}: the zip comes to ${bytes} bytes, at most ${limit} are read`,
  unpacked_too_long: (/** @type {File & { bytes: number, limit: number }} */ { name, bytes, limit }) =>
    `${name}: what it unpacks to comes to ${bytes} bytes, at most ${limit} are read`,
  files_too_long: (/** @type {File & { bytes: number, limit: number }} */ { name, bytes, limit }) =>
    `${name}: what was given comes to ${bytes} bytes, at most ${limit} are read`,
  file_too_long: (/** @type {File & { file: string, bytes: number, limit: number }} */ { name, file, bytes, limit }) =>
    `${name}: ${file} comes to ${bytes} bytes, at most ${limit} are read`,
  ratio_too_high: (
    /** @type {File & { entry: string, packed: number, unpacked: number, limit: number }} */ { name, entry, packed, unpacked, limit },
  ) => `${name}: ${entry} would unpack from ${packed} bytes to ${unpacked}, more than ${limit} times as much`,
  missing_weights: (/** @type {File} */ { name }) =>
    `${name} lacks model.safetensors: it holds the weights; pickled ones, .bin and .pt, are never read, as they may hold programs`,
  missing_index: (/** @type {File} */ { name }) => `${name} lacks model.safetensors.index.json: it says which of the files holds which tensor`,
  missing_config: (/** @type {File} */ { name }) => `${name} lacks config.json: it says what the model computes`,
  missing_tokenizer: (/** @type {File} */ { name }) =>
    `${name} lacks tokenizer.json: it, or vocab.json and merges.txt, says how text becomes tokens`,
  missing_merges: (/** @type {File} */ { name }) => `${name} lacks merges.txt: vocab.json needs it beside it`,
  missing_shard: (/** @type {File & { file: string }} */ { name, file }) => `${name} lacks ${file}: model.safetensors.index.json names it`,
  wrong_shard: (/** @type {File & { tensor: string, file: string }} */ { name, tensor, file }) =>
    `${name}: model.safetensors.index.json puts tensor ${tensor} into ${file}, which does not hold it`,
  bad_json: (/** @type {File & { file: string, reason: string }} */ { name, file, reason }) => `${name}: ${file} cannot be read: ${reason}`,
  bad_file: (/** @type {File & { file: string, error: string }} */ { name, file, error }) => `${name}: ${file} cannot be read: ${error}`,
  bad_class: (/** @type {File & { error: string }} */ { name, error }) =>
    `${name}: config.json is of a model that is not computed here: ${error}`,
  key_missing: (/** @type {{ key: string }} */ { key }) => `it has no ${key}`,
  key_unsupported: (/** @type {{ key: string, found: string, read: Wanted }} */ { key, found, read }) =>
    `its ${key} is ${found}; ${instead(read)} is read`,
};

/** @param {NoClass} _ */
const noClass = ({ nearest, lacking }) =>
  `${nearest} comes closest among the classes of transformers, but it has ${lacking.map((word) => lackings[word]).join(", ")}`;

/** @param {string} why */
const noGguf = (why) => `this model cannot be a GGUF file: ${why}`;

const ggufTokens = (/** @type {string} */ kind) =>
  noGguf(`llama.cpp reads bytes and sub-words cut as GPT-2 cuts, and this model's tokens are: ${kind}`);

export const exports = {
  export_too_long: (/** @type {{ bytes: number, limit: number }} */ { bytes, limit }) =>
    `this model cannot be a zip file: it would have ${bytes} bytes, and at most ${limit} are read back`,
  no_class: noClass,
  gguf_no_class: (/** @type {NoClass} */ values) => noGguf(noClass(values)),
  gguf_activation: (/** @type {{ activation: keyof typeof activations }} */ { activation }) =>
    noGguf(`llama.cpp computes GPT-2 with tanh GELU only, and this model has ${activations[activation]}`),
  gguf_class: (/** @type {{ class: string }} */ { class: name }) => noGguf(`llama.cpp knows no ${name}, the class of this model`),
  gguf_tokens: (/** @type {{ kind: keyof typeof tokenKinds }} */ { kind }) => ggufTokens(tokenKinds[kind]),
  gguf_blanks: ggufTokens("Sub-words cut at blanks"),
  unwritable: (/** @type {{ reason: string }} */ { reason }) => `the model cannot be written: ${reason}`,
  header_too_long_to_write: (/** @type {{ bytes: number, limit: number }} */ { bytes, limit }) =>
    `the model cannot be written: its header would have ${bytes} bytes, at most ${limit} are read`,
};

/** @typedef {typeof tokenizers} Tokenizers @typedef {typeof files} Files @typedef {typeof exports} Exports */
