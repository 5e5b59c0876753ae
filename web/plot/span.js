// @ts-check
/** @import { State } from "../state/state.js" */
/** @import { Curves } from "./curves.js" */
// How far the plot of losses reaches: over the steps, and up and down.

import { within } from "./curves.js";

/** From knowing least. */
const BASELINES = /** @type {const} */ (["uniform", "unigram", "bigram"]);
/** @typedef {typeof BASELINES[number]} Baseline */

/** The baselines that are known. @param {Readonly<State>} state @returns {[Baseline, number][]} */
export function baselinesOf({ uniformLoss, baselines }) {
  const all = { uniform: uniformLoss, unigram: baselines?.unigram, bigram: baselines?.bigram };
  return BASELINES.flatMap((key) => {
    const value = all[key];
    return value == null ? [] : [/** @type {[Baseline, number]} */ ([key, value])];
  });
}

/**
 * The last step that the plot has room for: it grows in few strides, so that the curve seldom moves.
 * @param {Readonly<State>} state @param {number} farthest the last step of another run that is shown
 */
export function reach({ step, steps, history }, farthest) {
  const last = Math.max(step, history.end, farthest);
  let stride = 50;
  while (stride < last) stride *= 2;
  return last > steps ? stride : Math.max(last, Math.min(stride, steps));
}

/**
 * The losses that the plot has room for. Of all steps: from the half nat below the lowest to the half nat above the curves;
 * of a part: what is seen of it. Single batches may stick out, and so does a run beyond three times the loss of knowing
 * nothing.
 * @param {Readonly<State>} state
 * @param {Curves} own
 * @param {readonly Curves[]} others
 * @param {[number, number]} span steps
 * @returns {[number, number]}
 */
export function lossSpan(state, own, others, span) {
  const { zoom, logLoss } = state.view;
  let [low, high] = [Infinity, -Infinity];
  const look = (/** @type {number} */ value) => {
    if (logLoss && value <= 0) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const curves of [own, ...others]) {
    within(curves.steps, curves.smoothed, span, look);
    within(curves.validated, curves.validation, span, look);
  }
  if (!zoom) for (const [, value] of baselinesOf(state)) look(value);
  const most = Math.max(3, 3 * (state.uniformLoss ?? high));
  high = Math.min(high, most);
  // Below, single batches have their place.
  within(own.steps, own.loss, span, (value) => {
    if (value < low && (!logLoss || value > 0)) low = value;
  });
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [logLoss ? 0.1 : 0, 1];
  low = Math.min(low, most - 1);
  if (logLoss) {
    const room = Math.max(1.02, (high / low) ** 0.06);
    return [low / room, high * room];
  }
  if (!zoom) return [Math.max(0, Math.floor(low * 2 - 0.2) / 2), Math.ceil(high * 2 + 0.2) / 2];
  const room = Math.max(0.005, 0.06 * (high - low));
  return [Math.max(0, low - room), high + room];
}

/**
 * From 0 to the next handy number above all that is seen.
 * @param {Curves} curves @param {"rate" | "norm"} name @param {[number, number]} span steps
 * @returns {[number, number]}
 */
export function stripSpan(curves, name, span) {
  let high = 0;
  within(curves.steps, curves[name], span, (value) => (high = Math.max(high, value)));
  if (high === 0) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(high));
  return [0, Number(([1, 1.5, 2, 3, 5, 7, 10].find((digit) => digit * power >= high * 0.999) ?? 10).toPrecision(2)) * power];
}
