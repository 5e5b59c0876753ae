// @ts-check
/** @import { RunRecord } from "../state/runs.js" */
// The colour and dash that a run has wherever it is shown.

import { COLOURS, DASHES } from "../state/runs.js";
import { element } from "./dom.js";

/** Name of the custom property, and dash in pixels. @param {RunRecord} run */
export function styleOf({ look }) {
  const number = look ?? 0;
  return { name: `--run-${number % COLOURS}`, dash: DASHES[Math.floor(number / COLOURS) % DASHES.length] };
}

/** @param {RunRecord} run */
export function runSwatch(run) {
  const number = run.look ?? 0;
  return element("span", { class: `swatch of-run c${number % COLOURS} d${Math.floor(number / COLOURS) % DASHES.length}` });
}
