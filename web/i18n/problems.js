// @ts-check
/** @import { Field } from "../core/protocol" */
// What went wrong and what to do, as sentences: from the code of a problem and its values, in the language that is spoken.

import { settingName } from "./catalogue.js";
import { directed } from "./format.js";
import { words } from "./words.js";

/**
 * @typedef {typeof words.problems["messages"]} Messages
 * @typedef {keyof Messages} Code
 * @typedef {keyof typeof words.problems["advice"]} Advice
 *
 * @typedef {object} AnyProblem the core's or the page's
 * @property {string} code
 * @property {Readonly<Record<string, any>>} [values] what the sentence names; `error` is another problem
 * @property {string | null} [field] the setting at fault, "group.key"
 * @property {string | null} [advice] what to do, where that is not the code's own
 */

/**
 * @template V
 * @typedef {{} extends Omit<V, "label" | "field"> ? { values?: {} } : { values: Omit<V, "label" | "field"> }} Valued with the values that a sentence takes, but those of the setting
 */

/**
 * One that the page itself finds.
 * @typedef {{ [C in Code]: { code: C, field?: string, advice?: Advice } & (Messages[C] extends (values: infer V) => string ? Valued<V> : {}) }[Code]} Found
 */

/** What to do about each: the same in every language. Null: what the `error` in it has, or nothing. @type {Record<Code, Advice | null>} */
export const ADVICE = {
  out_of_range: "change_setting",
  heads_do_not_divide_width: "change_setting",
  kv_heads_do_not_divide_heads: "change_setting",
  rotary_needs_even_head: "change_setting",
  sinusoidal_needs_even_width: "change_setting",
  too_many_parameters: "change_setting",
  warmup_longer_than_schedule: "change_setting",
  prefixes_need_batch_one: "change_setting",
  prefixes_need_last_position: "change_setting",
  top_k_above_vocabulary: "change_setting",
  nothing_to_mark_with: "change_setting",
  rates_cross: "change_setting",
  vocabulary_out_of_range: "change_setting",
  no_tokenizer_file: "drop_tokenizer",
  temperature_below_zero: "sample_again",
  top_k_above_logits: "sample_again",
  top_p_out_of_range: "sample_again",
  repetition_penalty_not_positive: "sample_again",

  too_short: "longer_text",
  stride_too_long: "shorter_stride",
  no_whole_batch: "smaller_batch",
  no_validation: "hold_out_more",
  prefixes_of_one_length: "batch_of_one",
  no_prefix: "longer_text",
  empty_text: "some_pages",
  unknown_characters: "know_every_text",
  odd_utf16: "plain_text",
  broken_utf16: "plain_text",
  binary_file: "plain_text",
  not_utf8: "plain_text",
  no_text: "paste_first",
  no_such_text: "choose_among",
  nothing_left: "not_ascii_only",
  unknown_to_model: "text_it_knows",
  read_as_unknown: "model_of_its_own",
  small_vocabulary: "goes_on_with_these",
  documents_unmarked: "not_marked",
  no_validation_loss: null,

  no_adapter: "turn_on_gpu",
  no_device: "turn_on_gpu",
  buffer_too_large: "smaller_or_larger_gpu",
  out_of_memory: "close_tabs",
  no_memory: "smaller",
  device_lost: "restart_below",
  validation: "report_with_names",
  unknown_buffer: "report_with_names",
  other_device: "report_with_names",

  no_adjoint: "change_a_part",
  adjoint_forgets: "change_a_part",
  shared_gradient_overwritten: "change_a_part",
  parameter_without_gradient: "change_a_part",
  step_not_finite: "lower_rate",
  no_room_to_train: "train_smaller",
  unknown_parameter: "report",
  wrong_length: "report",
  unknown_token: "report",
  logits_not_finite: "broken_weights",
  no_logits: "sample_again",
  no_attention: "attention_layer",
  no_such_head: "another_head",

  no_model: "press_train",
  no_such_preset: "choose_among",
  busy: "pause_first",
  steps_done: "more_steps",
  no_best_checkpoint: "first_validation",
  step_not_kept: "look_at_kept",
  validation_rises: "restore_best",
  record_unreadable: "import_instead",
  saved_tokenizer_unreadable: "import_instead",
  not_a_command: "reload",
  replay_file: "untouched",
  replay_tensor: "untouched",

  vocabulary_alone: "give_tokenizer",
  wrong_number_of_files: "give_tokenizer",
  tokenizer_unwritable: "another_format",
  tokenizer_too_long: "give_tokenizer",
  tokenizer_form: "give_tokenizer",
  tokenizer_part: "give_tokenizer",
  vocabulary_empty: "give_tokenizer",
  vocabulary_too_large: "give_tokenizer",
  id_outside: "give_tokenizer",
  id_twice: "give_tokenizer",
  token_twice: "give_tokenizer",
  empty_token: "give_tokenizer",
  added_word: "give_tokenizer",
  not_one_character: "give_tokenizer",
  not_spelled: "give_tokenizer",
  alphabet_incomplete: "give_tokenizer",
  unknown_token_missing: "give_tokenizer",
  merge_form: "give_tokenizer",
  merge_without_token: "give_tokenizer",
  special_merge: "give_tokenizer",
  merge_twice: "give_tokenizer",

  not_safetensors: "choose_file",
  text_not_utf8: "choose_file",
  unreadable: "choose_file",
  no_room: "smaller_file",
  no_room_for_tensor: "smaller_file",
  header_too_long: "choose_file",
  missing_metadata: "choose_file",
  bad_metadata: "choose_file",
  metadata_loss_not_finite: "choose_file",
  bad_tokenizer: "choose_file",
  bad_config: "choose_file",
  vocabulary_mismatch: "choose_file",
  missing_tensor: "choose_file",
  unknown_tensor: "choose_file",
  wrong_shape: "choose_file",
  wrong_type: "choose_file",
  weights_not_finite: "choose_file",
  tensor_twice: "choose_file",
  not_zip: "choose_file",
  entries_alike: "choose_file",
  entries_overlap: "choose_file",
  entry_encrypted: "choose_file",
  entry_packed: "choose_file",
  entry_broken: "choose_file",
  entry_length: "choose_file",
  too_many_entries: "choose_file",
  unknown_entry: "choose_file",
  entry_twice: "choose_file",
  zip_too_long: "choose_file",
  unpacked_too_long: "choose_file",
  files_too_long: "choose_file",
  file_too_long: "choose_file",
  ratio_too_high: "choose_file",
  missing_weights: "choose_file",
  missing_index: "choose_file",
  missing_config: "choose_file",
  missing_tokenizer: "choose_file",
  missing_merges: "choose_file",
  missing_shard: "choose_file",
  wrong_shard: "choose_file",
  bad_json: "choose_file",
  bad_file: "choose_file",
  bad_class: "choose_file",
  key_missing: null,
  key_unsupported: null,

  export_too_long: "another_format",
  no_class: null,
  gguf_no_class: "another_format",
  gguf_activation: "another_format",
  gguf_class: "another_format",
  gguf_tokens: "another_format",
  gguf_blanks: "another_format",
  unwritable: "another_format",
  header_too_long_to_write: "another_format",

  worker_stopped: "restart",
  worker_crashed: "restart",
  no_web_assembly: "another_browser",
  no_simd: "another_browser",
  no_module_workers: "another_browser",
  helpers_failing: "one_is_slower",
  nothing_typed: "paste_here",
  tokenizer_file_awaited: "open_tokenizer",
  setting_mistyped: "correct",
  no_address: "give_address",
  not_an_address: "give_address",
  address_protocol: "give_address",
  address_insecure: "try_https",
  address_unreachable: "check_address",
  address_silent: "check_address",
  address_broken: "check_address",
  address_refused: "check_password",
  address_not_allowed: "save_from_tab",
  address_too_large: "shorter_text",
  link_too_long: null,
  link_unknown: null,
  link_without_value: null,
  link_encoding: null,
  link_version: null,
  link_without_version: null,
  link_number: null,
  link_choice: null,
  link_text: null,
  link_tokenizer_file: null,
  link_recipe: null,
  link_built_in: null,
  link_twice: null,
  template_absent: "reload_or_another_format",
  template_unreachable: "reload_or_another_format",
  template_foreign: "reload_or_another_format",
  not_shared: "export_and_send",
  folder_without_model: "folder_with_weights",
  page_without_model: "export_as_page",
  page_damaged: "get_again",
  storage_full: "delete_a_session",
  not_saved: "delete_a_session",
  session_damaged: "delete_it",
};

/**
 * What went wrong, and what to do about it, as sentences; the second is empty where there is nothing to be done.
 * @param {AnyProblem} problem
 * @param {readonly Field[]} [fields] as they are called now, for a sentence that names one
 * @param {typeof words} [said]
 * @returns {{ message: string, advice: string }}
 */
export function sentence(problem, fields = [], said = words) {
  const { message, advice } = parts(problem, fields, said);
  // A name stays as it is written; a setting's key is a word.
  const named = Object.entries(problem.values ?? {}).some(([key, value]) => key !== "key" && typeof value === "string" && message.startsWith(value));
  return { message: punctuated(named ? message : capital(message), said), advice: punctuated(advice, said) };
}

/**
 * The same as parts of sentences.
 * @param {AnyProblem} problem @param {readonly Field[]} fields @param {typeof words} said
 * @returns {{ message: string, advice: string }}
 */
function parts({ code, values = {}, field, advice }, fields, said) {
  const inner = values.error ? parts(values.error, fields, said) : null;
  const all = { ...values, error: inner?.message, field, label: field ? labelOf(field, fields, said) : undefined };
  const next = advice ?? ADVICE[/** @type {Code} */ (code)];
  return {
    message: filled(said.problems.messages[/** @type {Code} */ (code)] ?? code, all),
    advice: next ? filled(said.problems.advice[/** @type {Advice} */ (next)], all) : (inner?.advice ?? ""),
  };
}

/** @param {string | ((values: any) => string)} said @param {Record<string, any>} values */
const filled = (said, values) => (typeof said === "function" ? said(values) : said);

/** A setting's name; its key where there is no such field. @param {string} field @param {readonly Field[]} fields @param {typeof words} said */
function labelOf(field, fields, said) {
  if (field === "text.seed") return said.text.seed;
  const found = fields.find(({ group, key }) => `${group}.${key}` === field);
  return found ? settingName(found) : field;
}

/** A capital first, unless it begins with a name like that of a tensor or a program. @param {string} text */
const capital = (text) => (/^[a-z][a-z-]*[\s,]/.test(text) ? text[0].toUpperCase() + text.slice(1) : text);

/** A full stop last, and nothing that would turn the words around it. @param {string} text @param {typeof words} said */
const punctuated = (text, said) => directed(text) + (!text || /[.!?…。！？]$/.test(text) ? "" : said.punctuation.stop);

/** One behind the other. @param {{ message: string, advice: string }} said */
export const together = ({ message, advice }) => [message, advice].filter(Boolean).join(words.punctuation.between);

/** Whether two say the same. @param {AnyProblem} a @param {AnyProblem} b */
export const alike = (a, b) => a.code === b.code && JSON.stringify(a.values) === JSON.stringify(b.values);
