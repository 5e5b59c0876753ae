// @ts-check
/** @import { Config, Estimate, Event, Problem } from "../core/protocol" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { State } from "./state.js" */
// The settings as typed, and what they come to.

import { described } from "./text.js";

/**
 * @typedef {object} SettingsState
 * @property {string | null} recipe key of the chosen one
 * @property {Config | null} form the settings as typed
 * @property {boolean} promptTouched whether the prompt was typed, or chosen by a recipe
 * @property {Readonly<Record<string, Found>>} mistyped what is wrong with each field that holds no value, by "group.key"
 * @property {Estimate | null} estimate of the form
 * @property {Problem | null} estimateProblem
 */

/** @returns {SettingsState} */
export const initialSettings = () => ({ recipe: null, form: null, promptTouched: false, mistyped: {}, estimate: null, estimateProblem: null });

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<SettingsState>} */
export function reduceSettings(state, event) {
  switch (event.event) {
    case "ready":
      return { form: state.form ?? structuredClone(event.presets[0].config), estimate: null, estimateProblem: null };
    case "tokenizer_read":
      return { form: state.form && { ...state.form, tokenizer: { ...state.form.tokenizer, kind: "file" } } };
    case "text_set":
      return state.model && event.fits_model === false ? {} : promptFrom({ ...state, text: described(state.text, event) });
    case "estimated":
      return { estimate: event.estimate ?? null, estimateProblem: event.problem ?? null };
    case "model_built": {
      const imported = event.origin === "imported";
      // What one samples with is the person's, not the file's.
      const form = imported ? { ...event.config, sampling: state.form?.sampling ?? event.config.sampling } : state.form;
      return {
        form,
        ...(imported ? { mistyped: {}, recipe: null } : {}),
        ...(event.fits_text ? promptFrom({ ...state, form }) : {}),
      };
    }
    case "crashed":
      return { estimate: null, estimateProblem: null };
    default:
      return {};
  }
}

/**
 * Until a person types a prompt, the beginning of the text's first line: the vocabulary surely holds it. Of a problem
 * with one right answer, what is asked.
 * @param {Readonly<Pick<State, "form" | "promptTouched" | "text">>} state
 * @returns {Partial<SettingsState>}
 */
export function promptFrom({ form, promptTouched, text }) {
  if (promptTouched || !form) return {};
  const line = text.value.slice(0, 1000).split(/\r?\n/).find((line) => line.trim()) ?? "";
  const asked = text.description?.task ? line.indexOf("=") + 1 : 0;
  const prompt = asked > 0 ? line.slice(0, asked) : Array.from(line).slice(0, 24).join("");
  return { form: { ...form, sampling: { ...form.sampling, prompt } } };
}
