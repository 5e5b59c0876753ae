// @ts-check
/** @import { Config, Field, Value } from "../core/protocol" */
// The values of settings in the form's words, and which settings move along with others.

import { words } from "../i18n/words.js";

/** A setting's value. @param {Field} field @param {Value} value */
export function settingValue(field, value) {
  if (field.kind === "choice") return field.options.find((option) => option.value === value)?.label ?? String(value);
  return field.kind === "switch" ? (value ? words.settings.on : words.settings.off) : String(value);
}

/** Settings that move along with another for as long as they stand where it puts them. */
export const FOLLOWERS = /** @type {const} */ ({
  heads: { key: "kv_heads", follow: (/** @type {number} */ heads) => heads },
  width: { key: "hidden", follow: (/** @type {number} */ width) => 4 * width },
});

/** Whether a setting stands where another one puts it. @param {Config} config @param {Field} field */
export const isLed = ({ model }, { group, key }) =>
  group === "model" && Object.entries(FOLLOWERS).some(([leader, { key: led, follow }]) => led === key && model[key] === follow(Number(model[leader])));
