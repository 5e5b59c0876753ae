// @ts-check
// A formula as it is written in the fields and the glossary, one line of plain signs, set with its indices and powers.

import { element } from "./dom.js";

// x_t, x_{t+1}, base^(−2i/d)
const RAISED = /_\{([^}]*)\}|_([\p{L}\p{N}]+)|\^\(([^)]*)\)/gu;

/** @param {string} text @returns {HTMLElement} */
export function formula(text) {
  const made = element("p", { class: "formula" });
  let at = 0;
  for (const found of text.matchAll(RAISED)) {
    const [whole, braced, index, power] = found;
    made.append(text.slice(at, found.index), power === undefined ? element("sub", {}, braced ?? index) : element("sup", {}, power));
    at = found.index + whole.length;
  }
  made.append(text.slice(at));
  return made;
}
