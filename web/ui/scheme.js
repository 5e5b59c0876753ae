// @ts-check
// Light, dark, or as the system has it: dark.css is in force or not.

import { place } from "./dom.js";

/** The choices, and when dark.css is in force for each. */
const MEDIA = /** @type {const} */ ({ system: "(prefers-color-scheme: dark)", light: "not all", dark: "all" });

/** @typedef {keyof typeof MEDIA} Scheme */

export const schemes = /** @type {Scheme[]} */ (Object.keys(MEDIA));

/** @param {Scheme} scheme */
export function showScheme(scheme) {
  const dark = place("dark");
  if (dark.getAttribute("media") === MEDIA[scheme]) return;
  dark.setAttribute("media", MEDIA[scheme]);
  dispatchEvent(new Event("schemechange"));
}
