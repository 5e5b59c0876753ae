// @ts-check
/** @import { MapColours } from "./drawing.js" */
// The sentence as its tokens, shaded by the weights of the one that is pointed at or locked.

import { visible } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { element } from "../../ui/dom.js";
import { shade } from "../../ui/map.js";

const { attention: said } = words;

/**
 * @param {(index: number | null, walking: boolean) => void} point hears of the token under the pointer or the keys
 * @param {(index: number | null) => void} lock hears of the token that was pressed; null: of Escape
 */
export function attentionText(point, lock) {
  const node = element("div", { class: "sentence-tokens mono", role: "group", "aria-label": said.tokens });
  /** @type {HTMLElement[]} */
  let buttons = [];
  /** @type {Map<EventTarget | null, number>} */
  let places = new Map();
  /** The only one that Tab stops at. */
  let stop = 0;

  /** @param {number} index */
  function walkTo(index) {
    move(index);
    buttons[index].focus({ preventScroll: true });
    buttons[index].scrollIntoView({ block: "nearest" });
    point(index, true);
  }

  /** @param {number} index */
  function move(index) {
    if (buttons[stop]) buttons[stop].tabIndex = -1;
    stop = index;
    buttons[stop].tabIndex = 0;
  }

  node.addEventListener("pointerover", (event) => {
    const index = places.get(event.target);
    if (index !== undefined) point(index, false);
  });
  node.addEventListener("pointerleave", () => point(null, false));
  node.addEventListener("focusin", (event) => {
    const index = places.get(event.target);
    if (index !== undefined && buttons[index].matches(":focus-visible")) point(index, true);
  });
  node.addEventListener("focusout", () => point(null, false));
  node.addEventListener("click", (event) => {
    const index = places.get(event.target);
    if (index === undefined) return;
    move(index);
    lock(index);
  });
  node.addEventListener("keydown", (event) => {
    const from = places.get(event.target);
    if (from === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return lock(null);
    const last = buttons.length - 1;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (to === undefined) lock(from);
    else walkTo(Math.max(0, Math.min(last, to)));
  });

  return {
    node,
    /** @param {readonly string[]} tokens */
    show(tokens) {
      buttons = tokens.map((token, i) =>
        element("span", { role: "button", tabindex: i === 0 ? 0 : -1, "aria-pressed": "false", "aria-label": said.token(token, i), class: "token" }, visible(token)),
      );
      places = new Map(buttons.map((button, i) => [button, i]));
      stop = 0;
      // Lines break at blanks, before the word that brings one and behind one that stands alone.
      node.replaceChildren(
        ...buttons.flatMap((button, i) => (/^\s\S/.test(tokens[i]) ? [element("wbr"), button] : /\s$/.test(tokens[i]) ? [button, element("wbr")] : [button])),
      );
    },
    /**
     * @param {((index: number) => number) | null} weightOf each token's weight, where one is shown
     * @param {number | null} chosen the token whose weights they are
     * @param {number | null} locked
     * @param {MapColours} colours
     */
    shade(weightOf, chosen, locked, { table, pens }) {
      buttons.forEach((button, i) => {
        button.classList.toggle("chosen", i === chosen);
        button.setAttribute("aria-pressed", String(i === locked));
        const weight = weightOf?.(i);
        if (weight === undefined) {
          button.removeAttribute("style");
          button.removeAttribute("data-weight");
          return;
        }
        const at = shade(weight);
        button.style.background = `rgb(${table[3 * at]} ${table[3 * at + 1]} ${table[3 * at + 2]})`;
        button.style.color = pens[at];
        button.dataset.weight = weight.toFixed(6);
      });
    },
  };
}
