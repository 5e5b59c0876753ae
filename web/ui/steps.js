// @ts-check
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What one decides, step by step: the way to each panel of the first column, and what stands in it.

import { compact, parameters, whole } from "../i18n/format.js";
import { words } from "../i18n/words.js";
import { element, place, put, write } from "./dom.js";

const { steps: said } = words;

/** @param {Store<State>} store */
export function steps(store) {
  const text = step(words.text.title, "text-panel");
  const tokens = step(words.tokens.title, "tokens-panel");
  const model = step(words.model.title, "model-panel");
  const training = step(words.training.title, "settings-panel");
  put("steps", ...[text, tokens, model, training].map(({ node }) => node));
  place("steps").setAttribute("aria-label", said.title);

  store.watch(({ text: { description }, estimate, form }) => {
    text.show(description && said.characters(compact(description.characters)));
    tokens.show(description && said.vocabulary(whole(description.vocab)));
    model.show(estimate && said.parameters(parameters(estimate.parameters)));
    training.show(form && said.steps(whole(Number(form.training.steps))));
  });
}

/** @param {string} name @param {string} id of the panel */
function step(name, id) {
  const value = element("span", { class: "value" });
  const node = element("button", { type: "button", class: "plain" }, element("span", {}, name), value);
  node.addEventListener("click", () => {
    const panel = place(id);
    const fold = panel.querySelector("details");
    if (fold) fold.open = true;
    panel.scrollIntoView({ block: "start" });
    panel.querySelector("summary")?.focus({ preventScroll: true });
  });
  return {
    node,
    /** @param {string | null} figure */
    show: (figure) => write(value, figure ?? words.none),
  };
}
