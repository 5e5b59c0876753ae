// @ts-check
/** @import { Field, Value } from "./protocol" */
// Settings and their values in the form's words.

import { words } from "./words.js";

/** A setting's name. Texts and samples have seeds too. @param {Field} field */
export const settingName = ({ group, key, label }) => (group === "training" && key === "seed" ? words.settings.seed : label);

/** A setting's value. @param {Field} field @param {Value} value */
export function settingValue(field, value) {
  if (field.kind === "choice") return field.options.find((option) => option.value === value)?.label ?? String(value);
  return field.kind === "switch" ? (value ? words.settings.on : words.settings.off) : String(value);
}
