// @ts-check
// Text of which each token can be pointed at, and walked with the arrow keys.

import { element } from "./dom.js";

/** Soft colours that follow one another; as many as style.css has. */
export const TOKEN_COLOURS = 6;

/**
 * @param {HTMLElement} frame takes the focus
 * @param {string} label
 * @param {(index: number | null, walking: boolean) => void} choose hears of the token under the pointer or the keys
 */
export function tokenText(frame, label, choose) {
  const node = element("span", { role: "region", "aria-label": label });
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", label);
  /** @type {Map<EventTarget | null, number>} */
  const places = new Map();
  /** @type {number | null} */
  let chosen = null;

  /** @param {number | null} index @param {boolean} [walking] */
  function pick(index, walking = false) {
    if (index === chosen) return;
    if (chosen !== null) node.children[chosen]?.classList.remove("chosen");
    chosen = index;
    const token = index === null ? null : node.children[index];
    token?.classList.add("chosen");
    if (walking) token?.scrollIntoView({ block: "nearest" });
    choose(index, walking);
  }

  node.addEventListener("pointerover", (event) => {
    const index = places.get(event.target);
    if (index !== undefined) pick(index);
  });
  node.addEventListener("pointerleave", () => pick(null));
  frame.addEventListener("blur", () => pick(null));
  frame.addEventListener("keydown", (event) => {
    const last = node.childElementCount - 1;
    const from = chosen ?? -1;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    pick(Math.max(0, Math.min(last, to)), true);
  });

  frame.append(node);
  return {
    /** How many tokens there are. */
    get length() {
      return node.childElementCount;
    },
    clear() {
      pick(null);
      places.clear();
      node.replaceChildren();
      frame.tabIndex = -1;
    },
    /** @param {readonly HTMLElement[]} tokens */
    append(tokens) {
      tokens.forEach((token, i) => places.set(token, node.childElementCount + i));
      node.append(...tokens);
      // Nothing to walk, nothing to stop at.
      if (tokens.length > 0) frame.tabIndex = 0;
    },
  };
}
