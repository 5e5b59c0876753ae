// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// What is inside the model, each part asked for only while it is open.

import { words } from "../../i18n/words.js";
import { element, panel } from "../../ui/dom.js";
import { embeddingScatter } from "./embedding_scatter.js";
import { lensTable } from "./lens_table.js";
import { switches } from "./switches.js";
import { tensorTable } from "./tensor_table.js";

const { inside: said } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function insidePanel(store, actions) {
  const empty = element("p", { class: "empty" }, said.noModel);
  const parts = [
    part(said.lens.title, true, lensTable(store, actions)),
    part(said.off.title, false, switches(store, actions)),
    part(said.tensors.title, false, tensorTable(store, actions)),
    part(said.embeddings.title, false, embeddingScatter(store, actions)),
  ];
  const fold = panel("inside-panel", said.title, empty, ...parts);
  fold.open = false;
  store.watch(({ model }) => {
    empty.hidden = model !== null;
    for (const node of parts) node.hidden = model === null;
  });
}

/** @param {string} title @param {boolean} open @param {Node} inner */
function part(title, open, inner) {
  return element("details", { class: "part", open }, element("summary", {}, element("h3", {}, title)), inner);
}
