// @ts-check
/** @import { Problem } from "../core/protocol" */
/** @import { Place } from "./problems.js" */
/** @import { State } from "./state.js" */
// What a failure is a failure of.

import { isAwaited } from "./looks.js";
import { placeOf } from "./problems.js";

/**
 * The place where a failure is shown. Null where nobody waits any more for what was asked of another model; and for what was
 * looked at, of which only a prompt's fault or the GPU's stands anywhere but in its own place.
 * @param {Readonly<State>} state @param {Problem} problem
 * @returns {Place | null}
 */
export function failedPlace(state, problem) {
  const { looks, sample, lookup } = state;
  const { request, kind } = problem;
  if (isAwaited(looks, request)) return kind === "prompt" || kind === "gpu" ? placeOf(state, problem) : null;
  return request == null || request === sample?.request || request === lookup.request ? placeOf(state, problem) : null;
}

/**
 * Whether a failure ends what was on its way: no model, no file and no comparison was asked for with a question.
 * @param {Readonly<State>} state @param {Problem} problem
 */
export function endsAll(state, problem) {
  const place = failedPlace(state, problem);
  return place !== null && place !== "prompt" && place !== "lookup";
}
