// @ts-check
/** @import { Field, Group, Value } from "../core/protocol" */
/** @import { ReadingActions } from "../flows/reading_actions.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// The settings of a group, built from what the worker offers: label, control, help, and what is wrong with them.

import { settingName } from "../i18n/catalogue.js";
import { alike, sentence } from "../i18n/problems.js";
import { words } from "../i18n/words.js";
import { groupOf } from "../state/problems.js";
import { matters } from "../state/selectors.js";
import { FOLLOWERS } from "../state/setting_names.js";
import { element, labelled, more } from "./dom.js";
import { termsOf } from "./glossary_terms.js";
import { problemDisplay } from "./problem_display.js";
import { explain, helpButton } from "./setting_help.js";

export { explain };

const { settings } = words;
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

/**
 * @param {Store<State>} store @param {ReadingActions} actions @param {Group} group
 * @returns {{ shown: HTMLElement, hidden: HTMLElement, problems: HTMLElement[] }} what is always seen, what folds, what is wrong
 */
export function settingFields(store, actions, group) {
  const shown = element("div", { class: "fields" });
  const folded = element("div", { class: "fields wide" });
  const fold = more(settings.more[group], folded);
  const impossible = problemDisplay();
  impossible.node.setAttribute("role", "note");
  const refused = problemDisplay();

  const rows = store.computed(({ fields }) => fields.filter((field) => field.group === group).map(row));
  store.watch(() => {
    const { value } = rows;
    shown.replaceChildren(...value.filter(({ field }) => !field.more).map(({ row }) => row));
    folded.replaceChildren(...value.filter(({ field }) => field.more).map(({ row }) => row));
    shown.hidden = shown.childElementCount === 0;
  });

  store.watch(({ form, mistyped }) => {
    const { value } = rows;
    if (!form) return;
    for (const { field, row, control } of value) {
      const wrong = `${group}.${field.key}` in mistyped;
      control.setAttribute("aria-invalid", String(wrong));
      row.hidden = !matters(field, form);
      // What is being typed is not rewritten under the fingers.
      if (!wrong) put(control, form[group][field.key]);
    }
    fold.hidden = !value.some(({ field, row }) => field.more && !row.hidden);
  });

  store.watch(({ estimateProblem, problems: { configuration }, mistyped, fields }) => {
    const [, wrong] = Object.entries(mistyped).find(([key]) => key.startsWith(`${group}.`)) ?? [];
    const now = wrong ?? (estimateProblem && groupOf(estimateProblem) === group ? estimateProblem : null);
    impossible.show(now, false, fields);
    const told = configuration && now && alike(configuration, now);
    refused.show(configuration && groupOf(configuration) === group && !told ? configuration : null, true, fields);
  });
  return { shown, hidden: fold, problems: [impossible.node, refused.node] };

  /** @param {Field} field */
  function row(field) {
    const { key } = field;
    const label = settingName(field);
    const control = controlFor(field);
    control.id = `${group}-${key}`;
    const hint = element("span", { id: `${group}-${key}-help`, hidden: true }, field.help);
    control.setAttribute("aria-describedby", hint.id);
    const row = labelled(settings.withUnit(label, field.unit), control, field.kind === "text" ? "text" : "");
    // The unit is for the eye; the name stays the bare label.
    control.setAttribute("aria-label", label);
    const help = () => ({
      text: helpOf(field),
      formula: formulaOf(field, control.value),
      papers: field.source,
      terms: termsOf(group, key),
    });
    row.append(hint, helpButton(row, label, help));
    explain(row, help);
    return { field, row, control };
  }

  /** What the setting is; what it needs while it holds no value. @param {Field} field */
  function helpOf({ key, help }) {
    const { mistyped, fields } = store.state;
    const wrong = mistyped[`${group}.${key}`];
    return wrong ? sentence(wrong, fields).message : help;
  }

  /** @param {Field} field @returns {Control} */
  function controlFor(field) {
    const { key } = field;
    if (field.kind === "choice" || field.kind === "switch") {
      const options =
        field.kind === "choice"
          ? field.options
          : [
              { value: "true", label: settings.on },
              { value: "false", label: settings.off },
            ];
      const select = element("select", {}, ...options.map(({ value, label }) => element("option", { value }, label)));
      select.addEventListener("change", () =>
        actions.set(group, key, field.kind === "choice" ? select.value : select.value === "true"),
      );
      return select;
    }
    if (field.kind === "text") {
      const area = element("textarea", {
        class: "mono",
        rows: 1,
        spellcheck: "false",
        autocomplete: "off",
        autocapitalize: "off",
      });
      area.addEventListener("input", () => actions.set(group, key, area.value));
      return area;
    }
    const { low, high } = field;
    const isWhole = field.kind === "whole";
    const input = element("input", {
      type: "number",
      min: low,
      max: high,
      step: isWhole ? 1 : "any",
      inputmode: isWhole ? "numeric" : "decimal",
      autocomplete: "off",
    });
    input.addEventListener("input", () => {
      const value = input.valueAsNumber;
      if (!(value >= low && value <= high) || (isWhole && !Number.isInteger(value))) {
        return actions.mistype(group, key, { low, high, whole: isWhole });
      }
      setWithFollower(key, value);
    });
    return input;
  }

  /** @param {string} key @param {number} value */
  function setWithFollower(key, value) {
    const { form } = store.state;
    const before = Number(form?.[group][key]);
    actions.set(group, key, value);
    if (group !== "model" || !(key === "heads" || key === "width")) return;
    const follower = FOLLOWERS[key];
    if (form?.model[follower.key] === follower.follow(before)) actions.set("model", follower.key, follower.follow(value));
  }
}

/** What the chosen one of several computes, or the setting itself. @param {Field} field @param {string} value */
const formulaOf = (field, value) =>
  (field.kind === "choice" && field.options.find((option) => option.value === value)?.formula) || field.formula;

/** @param {Control} control @param {Value} value */
function put(control, value) {
  if (control instanceof HTMLInputElement && control.valueAsNumber === value) return;
  if (control.value !== String(value)) control.value = String(value);
}
