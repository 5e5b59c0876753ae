// @ts-check
/** @import { Preferences } from "../state/page.js" */
// What a person chose about the page itself, kept in this browser.

import { SCHEMES } from "../state/page.js";

// scheme_at_once.js knows it too.
const KEY = "fledgling.preferences";

/** @returns {Preferences} */
export function loadPreferences() {
  const { scheme, language, keepScreenOn, notify, executor, workers, knowsWhyCpu } = stored();
  return {
    scheme: SCHEMES.includes(scheme) ? scheme : "system",
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
