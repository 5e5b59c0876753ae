// @ts-check
/** @import { State } from "../state/state.js" */
// What the page itself knows of a session, beside the core's file, as JSON: form, curves, samples, runs.

import { UNSAVED } from "../state/files.js";
import { LossHistory } from "../state/loss_history.js";
import { joined } from "../state/runs.js";

/** @param {Readonly<State>} state @returns {string} */
export function pageOf(state) {
  const { form, recipe, source, promptTouched, text, preparation, tokenizerFile, history, samples, runs, view, model, exportedStep, stoppedEarly, endSeen } = state;
  const decoder = new TextDecoder();
  const page = {
    form,
    recipe,
    source,
    promptTouched,
    made: text.made,
    name: text.name,
    asked: preparation.asked,
    tokenizer: { given: tokenizerFile.given, files: tokenizerFile.files.map(({ name, bytes }) => ({ name, text: decoder.decode(bytes) })) },
    history,
    samples,
    runs: { list: runs.list, current: runs.current },
    view,
    model: model && { origin: model.origin, file: model.file, textName: model.textName, ofText: model.textRevision === text.revision },
    exportedStep,
    stoppedEarly,
    endSeen,
  };
  // JSON has no numbers that are not finite, and a run that broke down is full of them.
  return JSON.stringify(page, (_, value) => (typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value));
}

/** A page's own file. @param {string} text */
export const parsePage = (text) =>
  JSON.parse(text, (_, value) => (value && typeof value.number === "string" && Object.keys(value).length === 1 ? Number(value.number) : value));

/**
 * What the page must know before the worker is given the core's file, and how it was before.
 * @param {Readonly<State>} state @param {any} page
 * @returns {{ change: Partial<State>, before: Partial<State>, name: string }}
 */
export function takeUp(state, page) {
  const { form, recipe, mistyped, preparation, tokenizerFile, promptTouched, text } = state;
  const before = { form, recipe, mistyped, preparation, tokenizerFile, promptTouched, importing: null, building: false, text: { ...text, reading: null, pending: false } };
  const name = page.name ?? "text";
  const encoder = new TextEncoder();
  /** @type {Partial<State>} */
  const change = {
    form: page.form,
    recipe: page.recipe,
    mistyped: {},
    // What waits for a text waits for the model too.
    building: true,
    promptTouched: true,
    preparation: { ...preparation, asked: page.asked, cancelled: false },
    tokenizerFile: page.tokenizer.given
      ? { reading: null, given: page.tokenizer.given, files: page.tokenizer.files.map((/** @type {{ name: string, text: string }} */ file) => ({ name: file.name, bytes: encoder.encode(file.text) })) }
      : tokenizerFile,
    text: { ...text, reading: { name, size: null, made: page.made }, unsent: false },
  };
  return { change, before, name };
}

/** What the page held, once the model is there. @param {Readonly<State>} state @param {any} page @returns {Partial<State>} */
export function putBack(state, page) {
  const { text, model } = state;
  return {
    form: page.form,
    recipe: page.recipe,
    source: page.source,
    promptTouched: page.promptTouched,
    text: { ...text, reading: null, made: page.made, name: page.name },
    model: model && { ...model, origin: page.model.origin, file: page.model.file, textName: page.model.textName, textRevision: page.model.ofText ? text.revision : UNSAVED },
    history: LossHistory.from(page.history),
    samples: page.samples,
    runs: joined(state.runs, page.runs),
    view: page.view,
    exportedStep: page.exportedStep,
    stoppedEarly: page.stoppedEarly,
    endSeen: page.endSeen,
  };
}
