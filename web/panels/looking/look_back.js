// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The step whose weights everything inside is looked at with: one of those kept, or now.

import { words } from "../../i18n/words.js";
import { button, element, write } from "../../ui/dom.js";

const { lookBack: said } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function lookBack(store, actions) {
  const slider = element("input", { type: "range", min: 0, step: 1, id: "look-back-step" });
  const ticks = element("div", { class: "ticks", "aria-hidden": "true" });
  const track = element("div", { class: "track" }, slider, ticks);
  const now = button(said.now, () => actions.inspection.lookBack(null), "plain");
  const label = element("label", { for: slider.id }, said.label);
  const note = element("p", { class: "muted" });
  const node = element("div", { class: "look-back" }, label, track, now, note);

  /** Kept steps that can be gone back to; now comes behind them. @type {readonly number[]} */
  let kept = [];
  slider.addEventListener("input", () => actions.inspection.lookBack(kept[slider.valueAsNumber] ?? null));

  store.watch((state) => {
    const before = stepsBack(state);
    if (before.length !== kept.length || before.some((step, i) => step !== kept[i])) {
      kept = before;
      slider.max = String(kept.length);
      ticks.replaceChildren(...Array.from({ length: kept.length + 1 }, () => element("span")));
    }
    const index = state.at === null ? kept.length : kept.indexOf(state.at);
    const possible = kept.length > 0;
    for (const shown of [track, now]) shown.hidden = !possible;
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", state.at === null ? said.nowAt(state.step) : said.step(state.at));
    now.disabled = state.at === null;
    node.classList.toggle("past", state.at !== null);
    node.classList.toggle("without", !possible);
    write(note, state.at !== null ? said.past(state.at, state.step) : possible ? said.back(state.step) : missing(state));
  });
  return node;
}

/** Kept steps behind the one that the model is at. @param {Readonly<State>} state */
const stepsBack = ({ checkpoints, step }) => checkpoints.filter((kept) => kept < step);

/** Why nothing can be gone back to. @param {Readonly<State>} state */
function missing({ model, step, checkpoints, history }) {
  if (!model) return said.none;
  const trained = step > 0 && history.latest !== null;
  return checkpoints.length === 0 && trained ? said.tooLarge : said.notYet;
}
