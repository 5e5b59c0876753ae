// @ts-check
/** @import { ReadingActions } from "../../flows/reading_actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The sentence that is looked at: the prompt itself, to be typed where one looks.

import { words } from "../../i18n/words.js";
import { promptOf } from "../../state/selectors.js";
import { element } from "../../ui/dom.js";
import { problemDisplay } from "../../ui/problem_display.js";

const { sentence: said } = words;

/** @param {Store<State>} store @param {ReadingActions} actions */
export function sentenceField(store, actions) {
  const area = element("textarea", {
    id: "sentence",
    class: "mono",
    rows: 1,
    title: said.help,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
  });
  // Said aloud where the prompt of the samples is; here for the eye.
  const problem = problemDisplay();
  problem.node.setAttribute("role", "note");
  area.addEventListener("input", () => actions.set("sampling", "prompt", area.value));
  store.watch((state) => {
    area.disabled = state.form === null;
    if (area.value !== promptOf(state)) area.value = promptOf(state);
  });
  store.watch(({ problems, fields }) => problem.show(problems.prompt, false, fields));
  return element("div", { class: "field text sentence" }, element("label", { for: area.id }, said.label), area, problem.node);
}
