// @ts-check
/** @import { Scheme } from "../state/page.js" */
// Light, dark, or as the system has it: dark.css is in force or not.

import { place } from "./dom.js";

/** When dark.css is in force. @type {Record<Scheme, string>} */
const MEDIA = { system: "(prefers-color-scheme: dark)", light: "not all", dark: "all" };

/** @param {Scheme} scheme */
export function showScheme(scheme) {
  const dark = place("dark");
  if (dark.getAttribute("media") === MEDIA[scheme]) return;
  dark.setAttribute("media", MEDIA[scheme]);
  dispatchEvent(new Event("schemechange"));
}
