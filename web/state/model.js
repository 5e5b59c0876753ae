// @ts-check
/** @import { Config, Estimate, Event } from "../core/protocol" */
/** @import { State } from "./state.js" */
// The model in memory, and the one that is to take its place.

import { endsAll } from "./failures.js";

/**
 * @typedef {object} Model
 * @property {Config} config
 * @property {Estimate} estimate
 * @property {"fresh" | "imported" | "fine_tuned" | "resumed"} origin
 * @property {string | null} file where it came from
 * @property {boolean} fitsText
 * @property {number} textRevision text that its vocabulary was made from
 * @property {string | null} textName what that text is called, where it has a name and is known
 * @property {readonly string[]} vocabulary texts of its tokens, by id
 *
 * @typedef {object} ModelState
 * @property {Model | null} model
 * @property {"train" | "step" | "fine_tune" | null} intent what to do once text and model are in place
 * @property {boolean} building whether the worker makes a model
 * @property {number} asked counts presses of Train that the model in memory could not follow
 */

/** @returns {ModelState} */
export const initialModel = () => ({ model: null, intent: null, building: false, asked: 0 });

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<ModelState>} */
export function reduceModel(state, event) {
  const { model } = state;
  switch (event.event) {
    case "ready":
    case "crashed":
      return initialModel();
    case "preparation_cancelled":
      return { intent: null, building: false };
    case "text_set":
      return { model: model && { ...model, fitsText: event.fits_model ?? model.fitsText } };
    case "model_built":
      return { model: built(state, event), building: false };
    case "failed":
      return endsAll(state, event) ? { intent: null, building: false } : {};
    default:
      return {};
  }
}

/** @param {Readonly<State>} state @param {Extract<Event, { event: "model_built" }>} event @returns {Model} */
function built({ importing, text }, { config, estimate, origin, fits_text, vocabulary }) {
  const imported = origin === "imported";
  return {
    config,
    estimate,
    origin,
    file: imported ? importing : null,
    fitsText: fits_text,
    textRevision: text.revision,
    textName: imported ? null : text.name,
    vocabulary,
  };
}
