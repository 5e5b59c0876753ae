// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { Field, Value } from "./protocol" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// Every setting that the worker offers, and what the model would cost.

import { element, labelled, numberUnder, panel, place, write } from "./dom.js";
import { bytes, parameters, whole } from "./format.js";
import { problemDisplay } from "./problem_display.js";
import { presetOfForm } from "./state.js";
import { words } from "./words.js";

/** Settings that move along with another for as long as they stand where it puts them. */
const FOLLOWERS = /** @type {const} */ ({
  heads: { key: "kv_heads", follow: (/** @type {number} */ heads) => heads },
  width: { key: "hidden", follow: (/** @type {number} */ width) => 4 * width },
});

/** @param {Store<State>} store @param {Actions} actions */
export function modelPanel(store, actions) {
  const preset = element("select");
  const cost = {
    parameters: numberUnder(words.model.parameters),
    memory: numberUnder(words.model.memory),
    perStep: numberUnder(words.model.perStep),
  };
  const costs = element("dl", { class: "numbers" }, ...Object.values(cost).map(({ node }) => node));
  const impossible = problemDisplay();
  impossible.node.setAttribute("role", "note");
  const problem = problemDisplay();
  const help = element("p", { id: "setting-help", class: "help" });

  const grids = {
    model: element("div", { class: "fields" }),
    training: element("div", { class: "fields" }),
    moreModel: element("div", { class: "fields wide" }),
    moreTraining: element("div", { class: "fields wide" }),
  };
  const waiting = element("p", { class: "muted" }, words.model.waiting);
  const choice = labelled(words.model.preset, preset, "inline");
  const moreModel = more(words.model.moreModel, grids.moreModel);
  const moreTraining = more(words.model.moreTraining, grids.moreTraining);
  panel(
    "model-panel",
    words.model.title,
    waiting,
    choice,
    grids.model,
    costs,
    impossible.node,
    problem.node,
    moreModel,
  );
  panel("settings-panel", words.model.training, grids.training, moreTraining);
  place("settings-panel").after(help);

  preset.addEventListener("change", () => actions.choosePreset(preset.value));
  explain(preset, () => presetOfForm(store.state)?.help ?? words.model.customHelp);

  /** @type {{ field: Field, control: HTMLInputElement | HTMLSelectElement }[]} */
  let controls = [];
  store.watch(
    ({ fields, presets }) => [fields, presets],
    ({ fields, presets }) => {
      preset.replaceChildren(
        ...presets.map(({ key, label }) => element("option", { value: key }, label)),
        element("option", { value: "", hidden: true }, words.model.custom),
      );
      const here = fields.length > 0;
      waiting.hidden = here;
      for (const node of [choice, costs, moreModel]) node.hidden = !here;
      place("settings-panel").hidden = !here;
      help.hidden = !here;
      for (const grid of Object.values(grids)) grid.replaceChildren();
      controls = fields.map((field) => ({ field, control: addField(field) }));
    },
  );

  store.watch(
    ({ form, mistyped, fields }) => [form, mistyped, fields],
    (state) => {
      if (!state.form) return;
      preset.value = presetOfForm(state)?.key ?? "";
      for (const { field, control } of controls) {
        const wrong = `${field.group}.${field.key}` in state.mistyped;
        control.setAttribute("aria-invalid", String(wrong));
        // What is being typed is not rewritten under the fingers.
        if (!wrong) put(control, state.form[field.group][field.key]);
      }
      if (!help.textContent) write(help, presetOfForm(state)?.help ?? "");
    },
  );

  store.watch(
    ({ estimate, estimateProblem, text, problems, mistyped }) => [
      estimate,
      estimateProblem,
      text.description,
      problems.configuration,
      mistyped,
    ],
    ({ estimate, estimateProblem, text, problems, mistyped }) => {
      const [sentence] = Object.values(mistyped);
      const known = sentence ? null : estimate;
      cost.parameters.show(known && parameters(known.parameters));
      cost.memory.show(known && bytes(known.training_bytes));
      cost.perStep.show(known && whole(known.tokens_per_step));
      costs.title = text.description ? "" : words.model.noText;
      const now = sentence ? { message: sentence, advice: words.model.correct } : estimateProblem;
      impossible.show(now, false);
      problem.show(problems.configuration?.message === now?.message ? null : problems.configuration);
    },
  );

  /** @param {Field} field */
  function addField(field) {
    const { group, key } = field;
    const label = group === "training" && key === "seed" ? words.model.seed : field.label;
    const control = controlFor(field, label);
    const grid = group === "model" ? (field.more ? grids.moreModel : grids.model) : field.more ? grids.moreTraining : grids.training;
    const hint = element("span", { id: `${group}-${key}-help`, hidden: true }, field.help);
    control.setAttribute("aria-describedby", hint.id);
    const row = labelled(words.model.withUnit(label, field.unit), control);
    // The unit is for the eye; the name stays the bare label.
    control.setAttribute("aria-label", label);
    row.append(hint);
    grid.append(row);
    explain(row, () => store.state.mistyped[`${group}.${key}`] ?? field.help);
    return control;
  }

  /** @param {Field} field @param {string} label */
  function controlFor(field, label) {
    const { group, key } = field;
    if (field.kind === "choice" || field.kind === "switch") {
      const options =
        field.kind === "choice"
          ? field.options
          : [
              { value: "true", label: words.model.on },
              { value: "false", label: words.model.off },
            ];
      const select = element(
        "select",
        {},
        ...options.map(({ value, label }) => element("option", { value }, label)),
      );
      select.addEventListener("change", () =>
        actions.set(group, key, field.kind === "choice" ? select.value : select.value === "true"),
      );
      return select;
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
        return actions.mistype(group, key, words.model.notNumber(label, number(low), number(high), isWhole));
      }
      setWithFollower(field, value);
    });
    return input;
  }

  /** @param {Field} field @param {number} value */
  function setWithFollower({ group, key }, value) {
    const { form } = store.state;
    const before = Number(form?.[group][key]);
    actions.set(group, key, value);
    if (group !== "model" || !(key === "heads" || key === "width")) return;
    const follower = FOLLOWERS[key];
    if (form?.model[follower.key] === follower.follow(before)) actions.set("model", follower.key, follower.follow(value));
  }

  /** Shows a help while a control is pointed at or has the focus. @param {HTMLElement} target @param {() => string} text */
  function explain(target, text) {
    for (const event of ["pointerenter", "focusin", "input"]) {
      target.addEventListener(event, () => write(help, text()));
    }
  }
}

/** @param {HTMLInputElement | HTMLSelectElement} control @param {Value} value */
function put(control, value) {
  if (control instanceof HTMLInputElement && control.valueAsNumber === value) return;
  control.value = String(value);
}

/** A limit in a sentence: plain where it is short. @param {number} n */
const number = (n) => (n !== 0 && Math.abs(n) < 1e-3 ? String(n) : n.toLocaleString("en-US", { maximumFractionDigits: 6 }));

/** @param {string} title @param {Node} content */
const more = (title, content) => element("details", { class: "more" }, element("summary", {}, title), content);
