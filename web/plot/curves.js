// @ts-check
/** @import { LossHistory } from "../state/loss_history.js" */
// A run's curves as columns of numbers, and the strokes that draw them: no more of them than there are pixels.

/**
 * @typedef {object} Curves columns over the steps; the steps rise
 * @property {Float64Array} steps of the training points
 * @property {Float64Array} loss
 * @property {Float64Array} smoothed
 * @property {Float64Array} rate
 * @property {Float64Array} norm
 * @property {Float64Array} validated steps of the validations
 * @property {Float64Array} validation
 * @property {Float64Array} exact shares of problems; NaN where none were asked
 */

/** @type {WeakMap<LossHistory, Curves>} */
const known = new WeakMap();

/** @param {LossHistory} history @returns {Curves} */
export function curvesOf(history) {
  const { training, validation } = history;
  const before = known.get(history);
  if (before) return before;
  const curves = {
    steps: Float64Array.from(training, ({ step }) => step),
    loss: Float64Array.from(training, ({ loss }) => loss),
    smoothed: Float64Array.from(history.smoothed()),
    rate: Float64Array.from(training, ({ learning_rate }) => learning_rate),
    norm: Float64Array.from(training, ({ gradient_norm }) => gradient_norm),
    validated: Float64Array.from(validation, ({ step }) => step),
    validation: Float64Array.from(validation, ({ loss }) => loss),
    exact: Float64Array.from(validation, ({ score }) => (score ? score.exact / score.of : NaN)),
  };
  known.set(history, curves);
  return curves;
}

/** Index of the last step that is not beyond another one; -1 where all are. @param {ArrayLike<number>} steps @param {number} step */
export function indexAt(steps, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The value at a step, or the last one before it; the last of all without a step. @param {ArrayLike<number>} steps @param {ArrayLike<number>} values @param {number | null} step */
export function valueAt(steps, values, step) {
  const i = step === null ? steps.length - 1 : indexAt(steps, step);
  return i < 0 ? null : values[i];
}

/** All steps of several lists, in order, each once. @param {Float64Array[]} lists */
export function merged(lists) {
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let length = 0;
  for (const list of lists) {
    all.set(list, length);
    length += list.length;
  }
  all.sort();
  return all.filter((step, i) => i === 0 || step !== all[i - 1]);
}

/**
 * Calls back with each finite value from one step to another.
 * @param {Float64Array} steps @param {Float64Array} values @param {[number, number]} span steps
 * @param {(value: number) => void} look
 */
export function within(steps, values, [from, to], look) {
  const last = indexAt(steps, to);
  for (let i = indexAt(steps, from - 0.5) + 1; i <= last; i += 1) {
    if (Number.isFinite(values[i])) look(values[i]);
  }
}

/**
 * @typedef {object} Sheet where numbers stand on a canvas
 * @property {CanvasRenderingContext2D} ctx
 * @property {[number, number]} span the steps that are shown
 * @property {(step: number) => number} x device pixels
 * @property {(value: number) => number} y device pixels
 * @property {number} ratio device pixels to a pixel
 */

/**
 * A line through the points. Of those that share a column of pixels it goes through the first, the lowest, the highest and
 * the last: what is seen is the same. A value that is not finite is a gap.
 * @param {Sheet} sheet @param {Float64Array} steps @param {Float64Array} values
 * @param {{ colour: string, width: number, dash?: number[] }} style
 */
export function strokeCurve({ ctx, span, x, y, ratio }, steps, values, { colour, width, dash = [] }) {
  // One point beyond each edge: the line goes on to it.
  const first = Math.max(0, indexAt(steps, span[0]) - 1);
  const last = Math.min(steps.length - 1, indexAt(steps, span[1]) + 1);
  ctx.strokeStyle = colour;
  ctx.lineWidth = width * ratio;
  ctx.lineJoin = "round";
  ctx.setLineDash(dash.map((length) => length * ratio));
  ctx.beginPath();
  let [column, low, high, end] = [NaN, 0, 0, 0];
  const close = () => {
    if (Number.isNaN(column)) return;
    if (low !== high) {
      ctx.lineTo(column, low);
      ctx.lineTo(column, high);
    }
    ctx.lineTo(column, end);
  };
  for (let i = first; i <= last; i += 1) {
    const at = y(values[i]);
    if (!Number.isFinite(at)) {
      close();
      column = NaN;
      continue;
    }
    const place = Math.round(x(steps[i]));
    if (place === column) {
      [low, high, end] = [Math.max(low, at), Math.min(high, at), at];
      continue;
    }
    close();
    if (Number.isNaN(column)) ctx.moveTo(place, at);
    else ctx.lineTo(place, at);
    [column, low, high, end] = [place, at, at, at];
  }
  close();
  ctx.stroke();
}

/**
 * Dots on the points, as long as these stand apart.
 * @param {Sheet} sheet @param {Float64Array} steps @param {Float64Array} values
 * @param {{ colour: string, fill: string, size: number, apart: number }} style pixels
 */
export function dotCurve({ ctx, span, x, y, ratio }, steps, values, { colour, fill, size, apart }) {
  const [first, last] = [indexAt(steps, span[0] - 0.5) + 1, indexAt(steps, span[1])];
  if (last < first) return;
  // A single point is no line: without its dot it would not be seen.
  if (last > first && (x(steps[last]) - x(steps[first])) / (last - first) < apart * ratio) return;
  ctx.strokeStyle = colour;
  ctx.fillStyle = fill;
  ctx.lineWidth = ratio;
  ctx.setLineDash([]);
  for (let i = first; i <= last; i += 1) {
    if (!Number.isFinite(y(values[i]))) continue;
    ctx.beginPath();
    ctx.arc(x(steps[i]), y(values[i]), (size / 2) * ratio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }
}
