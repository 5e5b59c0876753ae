// @ts-check
// A share as a bar beside its number.

import { element } from "./dom.js";

/** @param {number} share of the whole, or of the longest bar */
export function bar(share) {
  const filled = element("span", { class: "filled" });
  filled.style.width = `${100 * Math.max(0, Math.min(1, share))}%`;
  return element("span", { class: "share-bar", "aria-hidden": "true" }, filled);
}
