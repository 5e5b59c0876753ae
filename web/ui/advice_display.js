// @ts-check
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What may help where the samples are poor, beside them.

import { words } from "../i18n/words.js";
import { advice } from "../state/advice.js";
import { button, element } from "./dom.js";

/**
 * @param {Store<State>} store @param {{ restoreBest?: () => void }} actions
 * @returns {HTMLElement}
 */
export function adviceDisplay(store, actions) {
  const list = element("ul", { class: "advice", "aria-label": words.advice.title, hidden: true });
  let seen = "";
  store.watch((state) => {
    const now = advice(state);
    const said = now.map(({ sentence }) => sentence).join("\n");
    if (said === seen) return;
    // A button that was pressed, or is about to be, is not made anew with every step.
    const rows = new Map([...list.children].map((row) => [row.getAttribute("data-advice"), row]));
    list.replaceChildren(
      ...now.map(({ key, sentence, restores }) => {
        const kept = rows.get(key);
        if (kept) {
          kept.firstChild?.replaceWith(element("span", {}, sentence));
          return kept;
        }
        const offer = restores ? [" ", button(words.controls.restoreBest, () => actions.restoreBest?.(), "plain")] : [];
        return element("li", { "data-advice": key }, element("span", {}, sentence), ...offer);
      }),
    );
    list.hidden = now.length === 0;
    seen = said;
  });
  return list;
}
