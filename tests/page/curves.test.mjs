// @ts-check
/** The plot's arithmetic: columns of numbers, the part that is seen, axes and their names. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LINEAR, LOGARITHMIC, STEPS, linearTicks, logTicks, stepName, valueNames } from "../../web/plot/axes.js";
import { curvesOf, indexAt, merged, strokeCurve, valueAt, within } from "../../web/plot/curves.js";
import { baselinesOf, lossSpan, reach, stripSpan } from "../../web/plot/span.js";
import { LossHistory } from "../../web/state/loss_history.js";
import { readyState, trained, validated } from "./fixtures.mjs";

/** @param {readonly [step: number, loss: number][]} training @param {readonly [step: number, loss: number][]} [validation] */
const history = (training, validation = []) =>
  new LossHistory().with(training.map(([step, loss]) => trained(step, loss)), validation.map(([step, loss]) => validated(step, loss)));

test("a step's value is found at it or before it", () => {
  const steps = [2, 4, 8];
  assert.deepEqual([1, 2, 3, 8, 9].map((step) => indexAt(steps, step)), [-1, 0, 0, 2, 2]);
  assert.deepEqual([valueAt(steps, [20, 40, 80], 5), valueAt(steps, [20, 40, 80], null), valueAt(steps, [20, 40, 80], 1), valueAt([], [], null)], [40, 80, null, null]);
  assert.deepEqual([...merged([Float64Array.of(1, 3), Float64Array.of(2, 3, 5)])], [1, 2, 3, 5]);
  /** @type {number[]} */
  const seen = [];
  within(Float64Array.of(1, 2, 3, 4), Float64Array.of(10, NaN, 30, 40), [1, 3], (value) => seen.push(value));
  assert.deepEqual(seen, [10, 30]);
});

test("columns are made anew only when the history is another", () => {
  const curve = history([[1, 3], [2, 2]], [[2, 2.5]]).with([], [{ ...validated(3, 2), score: { exact: 1, of: 4 } }]);
  const columns = curvesOf(curve);
  assert.equal(curvesOf(curve), columns);
  assert.deepEqual([[...columns.steps], [...columns.loss], [...columns.validated], [...columns.validation], [...columns.exact]], [[1, 2], [3, 2], [2, 3], [2.5, 2], [NaN, 0.25]]);
  assert.deepEqual([...curvesOf(curve.with([trained(3, 1)], [])).steps], [1, 2, 3]);
});

/** What is stroked between these points on a sheet of ten steps to a pixel. @param {number[]} values @param {[number, number]} [span] */
function stroked(values, span = [1, values.length]) {
  /** @type {string[]} */
  const said = [];
  const to = (/** @type {string} */ what) => (/** @type {number} */ x, /** @type {number} */ y) => void said.push(`${what} ${x},${y}`);
  const ctx = /** @type {any} */ ({ setLineDash: () => {}, beginPath: () => {}, stroke: () => {}, moveTo: to("move"), lineTo: to("line") });
  const steps = Float64Array.from(values, (_, i) => i + 1);
  strokeCurve({ ctx, span, x: (step) => step / 10, y: (value) => value, ratio: 1 }, steps, Float64Array.from(values), { colour: "", width: 1 });
  return said;
}

test("of the points that share a column of pixels the first, the lowest, the highest and the last are drawn, and a gap stays one", () => {
  assert.deepEqual(stroked([5, 1, 9, 3]), ["move 0,5", "line 0,9", "line 0,1", "line 0,3"]);
  assert.deepEqual(stroked([5, NaN, 7]), ["move 0,5", "line 0,5", "move 0,7", "line 0,7"]);
  const many = stroked(Array.from({ length: 10_000 }, (_, i) => Math.sin(i)));
  assert.ok(many.length <= 4 * 1001, `${many.length} strokes for 1001 columns`);
});

test("the plot's room grows in few strides and ends where the run does", () => {
  const state = readyState();
  const at = (/** @type {number} */ step, /** @type {number} */ steps, farthest = 0) => reach({ ...state, step, steps }, farthest);
  assert.deepEqual([at(0, 500), at(51, 500), at(201, 500), at(401, 500), at(500, 500)], [50, 100, 400, 500, 500]);
  assert.equal(at(10, 500, 700), 800, "another run is longer");
  assert.equal(new Set(Array.from({ length: 5001 }, (_, step) => at(step, 5000))).size, 8);
});

test("up and down the plot holds what is seen", () => {
  const state = readyState({ uniformLoss: 4, baselines: { unigram: 3, bigram: 2.4 }, step: 100, steps: 100 });
  assert.deepEqual(baselinesOf(state), [["uniform", 4], ["unigram", 3], ["bigram", 2.4]]);
  assert.deepEqual(baselinesOf({ ...state, baselines: null }), [["uniform", 4]]);
  const falling = curvesOf(history(Array.from({ length: 100 }, (_, i) => [i + 1, 4 - i / 50]), [[100, 2.2]]));
  const [low, high] = lossSpan(state, falling, [], [0, 100]);
  assert.ok(low <= 2.02 && low >= 1.5 && high >= 4 && high <= 5, `${low} to ${high}`);
  // A part of it: what is seen there and little more.
  const zoom = { ...state, view: { ...state.view, zoom: { from: 50, to: 60 } } };
  const part = lossSpan(zoom, falling, [], [50, 60]);
  assert.ok(part[0] > 2.7 && part[1] < 3.2, `${part}`);
  // A run that breaks out leaves the rest to be seen.
  const wild = curvesOf(history(Array.from({ length: 100 }, (_, i) => [i + 1, i === 50 ? 1e6 : 3])));
  assert.ok(lossSpan(state, wild, [], [0, 100])[1] <= 12.5);
  const log = lossSpan({ ...state, view: { ...state.view, logLoss: true } }, falling, [], [0, 100]);
  assert.ok(log[0] > 0 && log[0] < 2.02 && log[1] > 4);
  const none = curvesOf(history([]));
  assert.deepEqual(lossSpan({ ...state, uniformLoss: null, baselines: null }, none, [], [0, 100]), [0, 1]);
  assert.deepEqual(stripSpan(none, "rate", [0, 100]), [0, 1]);
  assert.deepEqual(stripSpan(falling, "norm", [0, 100]), [0, 0.5]);
  assert.deepEqual(stripSpan(falling, "rate", [0, 100]), [0, 0.003]);
});

test("each axis leads there and back, and names round numbers that have room", () => {
  for (const axis of [LINEAR, STEPS]) for (const step of [0, 0.5, 1, 7, 1e6]) assert.ok(Math.abs(axis.bwd(axis.fwd(step)) - step) < 1e-6 * Math.max(1, step));
  assert.ok(Number.isNaN(LOGARITHMIC.fwd(0)) && LOGARITHMIC.fwd(100) === 2);
  assert.ok(STEPS.fwd(0) < STEPS.fwd(1), "step 0 has its place");
  assert.deepEqual(linearTicks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(linearTicks(-0.2, 0.2, 2), [-0.2, 0, 0.2]);
  assert.deepEqual(linearTicks(0, 3, 50, 1), [0, 1, 2, 3], "steps are whole");
  const ticks = logTicks(0, 100_000, 8, STEPS, 0);
  assert.ok(ticks[0] === 0 && ticks.includes(10) && ticks.includes(100_000) && ticks.length <= 9, ticks.join(" "));
  assert.deepEqual(ticks, [...ticks].sort((a, b) => a - b));
  assert.deepEqual([0, 5000, 20_000, 123_456].map(stepName), ["0", "5,000", "20 k", "123 k"]);
  assert.deepEqual(valueNames([1, 1.05, 1.1], true), ["1.00", "1.05", "1.10"]);
  assert.deepEqual(valueNames([0, 0.0005, 1000], false), ["0", "5e-4", "1000"]);
});
