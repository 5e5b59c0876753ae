// @ts-check
/** @import { Executor } from "../core/protocol" */
/** @import { Scheme } from "../ui/scheme.js" */
// What a person chose about the page itself, kept in this browser.

import { schemes } from "../ui/scheme.js";

// scheme_at_once.js knows it too.
const KEY = "fledgling.preferences";

/**
 * @typedef {object} Preferences
 * @property {Scheme} scheme
 * @property {string | null} language its tag; null: as the browser wants it
 * @property {boolean} keepScreenOn while a model trains
 * @property {boolean} notify when training ends behind another tab or window
 * @property {Executor | null} executor where models are computed; null: where that is fastest
 * @property {number | null} workers how many compute on the CPU; null: as many as the worker takes by itself
 * @property {boolean} knowsWhyCpu why models train on the CPU was read, and need not be said again
 */

/** @returns {Preferences} */
export function loadPreferences() {
  const { scheme, language, keepScreenOn, notify, executor, workers, knowsWhyCpu } = stored();
  return {
    scheme: schemes.includes(scheme) ? scheme : "system",
    language: typeof language === "string" ? language : null,
    keepScreenOn: keepScreenOn === true,
    notify: notify === true,
    executor: executor === "cpu" || executor === "gpu" ? executor : null,
    workers: Number.isInteger(workers) && workers >= 1 ? workers : null,
    knowsWhyCpu: knowsWhyCpu === true,
  };
}

/** @returns {Record<string, any>} */
function stored() {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return value && typeof value === "object" ? value : {};
  } catch {
    return {}; // no storage is allowed, or another program wrote there
  }
}

/** @param {Preferences} preferences */
export function savePreferences(preferences) {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // They hold until the tab is closed.
  }
}
