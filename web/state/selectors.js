// @ts-check
/** @import { Config, Estimate, Field, Settings, Value } from "../core/protocol" */
/** @import { State } from "./state.js" */
// What follows from the state, asked for in more than one place.

/** The text in the box where it is a person's own, not one that can be made again. @param {Readonly<State>} state */
export const ownText = ({ text }) => (text.value !== "" && text.made === null ? text.value : null);

/** The prompt as typed. @param {Readonly<State>} state */
export const promptOf = ({ form }) => String(form?.sampling.prompt ?? "");

/** The prompt's tokens as text, where an answer has named them. @param {Readonly<State>} state */
export function promptTokens(state) {
  const { heads, lens } = state.looks;
  return [heads, lens].find(({ answer, of }) => answer && of === promptOf(state))?.answer?.tokens;
}

/** A token's text, or its number where the page does not know it. @param {Readonly<State>} state @param {number} id */
export const tokenName = ({ model }, id) => model?.vocabulary?.[id] ?? `#${id}`;

/** @param {Readonly<State>} state */
export const recipeOf = ({ recipes, recipe }) => recipes.find(({ key }) => key === recipe);

/** Whether the recipe ends with counting, and there is nothing to train. @param {Readonly<State>} state */
export const countsOnly = (state) => recipeOf(state)?.counts ?? false;

/** Whether a setting has an effect beside the others. @param {Field} field @param {Config} config */
export const matters = ({ group, when }, config) => !when || when.values.includes(String(config[group][when.key]));

/**
 * Where the form asks for another model than the one in memory. What one samples with needs no model of its own.
 * @param {Readonly<State>} state
 * @returns {{ field: Field, wanted: Value, had: Value }[]}
 */
export function differences(state) {
  const { form, model } = state;
  if (!form || !model) return [];
  return state.fields
    .filter((field) => field.group !== "sampling" && matters(field, form))
    .map((field) => ({ field, wanted: form[field.group][field.key], had: model.config[field.group][field.key] }))
    .filter(({ wanted, had }) => wanted !== had);
}

/** Whether two settings are the same. @param {Settings | undefined} a @param {Settings | undefined} b */
const same = (a, b) => a !== undefined && b !== undefined && Object.keys({ ...a, ...b }).every((key) => a[key] === b[key]);

/**
 * The size whose settings are the form's.
 * @param {Readonly<State>} state
 */
export const presetOfForm = ({ form, presets }) =>
  presets.find(({ config }) => same({ ...config.model, vocab: 0 }, form?.model && { ...form.model, vocab: 0 }) && same(config.training, form?.training));

/** Whether the settings are the recipe's no more, the prompt and how it is sampled apart. @param {Readonly<State>} state */
export function recipeChanged(state) {
  const [recipe, { fields, form }] = [recipeOf(state), state];
  return fields.some(({ group, key }) => group !== "sampling" && recipe?.config[group][key] !== form?.[group][key]);
}

/** Whether the worker knows how the form wants text to become tokens. @param {Readonly<State>} state */
export const isAsked = ({ preparation, form }) =>
  same(preparation.asked?.tokenizer, form?.tokenizer) && same(preparation.asked?.data, form?.data);

/** Whether the settings of text and tokens are whole. @param {Readonly<State>} state */
export function canPrepare({ form, mistyped, tokenizerFile }) {
  const wrong = Object.keys(mistyped).some((key) => /^(tokenizer|data)\./.test(key));
  return !wrong && (form?.tokenizer.kind !== "file" || tokenizerFile.given !== null);
}

/** Whether a run stands at its last step, or stopped before it. @param {Readonly<State>} state */
export const isAtEnd = ({ run, step, steps }) => run === "finished" && step >= steps;

/** Whether the model in memory is more than a seed can bring back. @param {Readonly<State>} state */
export const isWorthKeeping = (state) => state.model !== null && (state.step > 0 || state.model.origin !== "fresh");

/** Whether a trained model would be lost with the page. @param {Readonly<State>} state */
export const unsaved = (state) => state.model !== null && state.step !== state.exportedStep;

/** Bytes that a model takes to be trained, of all who compute. @param {Estimate} estimate */
export const memory = ({ training_bytes, workers, helper_bytes }) => training_bytes + (workers - 1) * helper_bytes;
