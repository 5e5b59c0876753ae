// @ts-check
/** The curves of a run: thinned, smoothed, taken back, saved, and as a table. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, quoted } from "../../web/state/csv.js";
import { COLUMNS, LossHistory } from "../../web/state/loss_history.js";
import { trained, validated } from "./fixtures.mjs";

/** @param {number} steps @param {(step: number) => number} loss */
const run = (steps, loss) => new LossHistory().with(Array.from({ length: steps }, (_, i) => trained(i + 1, loss(i + 1))), []);

test("a table of the curves ends where the run does, and goes on from what was saved", () => {
  let history = new LossHistory();
  for (let step = 1; step <= 20_003; step += 1) {
    const loss = 1 / step;
    history = history.with([{ ...trained(step, loss), tokens_seen: 8 * step }], []);
    // As a session does that is saved and taken up again.
    if (step === 17_001) history = LossHistory.from(JSON.parse(JSON.stringify(history)));
    if ([100, 8191, 8193, 16_387, 17_001, 20_003].includes(step)) {
      const rows = history.rows();
      assert.equal(rows.at(-1)?.[0], step);
      assert.equal(rows.at(-1)?.[1], 8 * step);
      assert.ok(rows.length <= 8192, `${rows.length} rows`);
      // A row is the mean of the steps from the row before it on.
      const [from, to] = [Number(rows.at(-2)?.[0]), step];
      const mean = Array.from({ length: to - from }, (_, i) => 1 / (from + 1 + i)).reduce((sum, loss) => sum + loss, 0) / (to - from);
      assert.ok(Math.abs(Number(rows.at(-1)?.[2]) - mean) < 1e-12);
    }
  }
});

test("a million steps keep at most 8192 points, whose mean is the run's", () => {
  const history = run(1_000_000, (step) => 2 + Math.sin(step));
  const { training } = history;
  assert.ok(training.length >= 3900 && training.length < 8192, `${training.length} points`);
  const stride = training[0].step;
  assert.ok(training.every(({ step }, i) => step === (i + 1) * stride), "each stands at the last of its steps, all for as many");
  const mean = training.reduce((sum, { loss }) => sum + loss, 0) / training.length;
  let exact = 0;
  for (let step = 1; step <= stride * training.length; step += 1) exact += (2 + Math.sin(step)) / (stride * training.length);
  assert.ok(Math.abs(mean - exact) < 1e-9, `${mean}, ${exact}`);
  // The exponent of the mean loss, not the mean of the exponents.
  assert.equal(training[7].perplexity, Math.exp(training[7].loss));
  assert.deepEqual([history.latest?.step, history.end], [1_000_000, 1_000_000]);
});

test("a run that goes back takes its curves back, and one that breaks down leaves a gap", () => {
  const whole = run(100, (step) => 5 - step / 100).with([], [validated(50, 3), validated(100, 4)]);
  const history = whole.with([trained(80, 9)], []);
  assert.deepEqual([history.training.at(-1)?.step, history.training.length], [80, 80]);
  assert.equal(history.training.at(-1)?.loss, 9);
  const half = history.upTo(50);
  assert.deepEqual([half.end, half.latest?.step, half.latestValidation?.step], [50, 50, 50]);
  const broken = half.with([trained(51, NaN)], []);
  assert.deepEqual([broken.end, broken.training.length], [51, 50], "it is the last step all the same");
  const none = broken.upTo(0);
  assert.deepEqual([none.isEmpty, none.latest, none.end], [true, null, 0]);
  assert.deepEqual([whole.end, whole.training.length, history.end, half.end], [100, 100, 100, 50], "the curves of before are what they were");
});

test("the best validation is the lowest that is a number, the first of equals", () => {
  const history = new LossHistory().with([], [[10, NaN], [20, 3], [30, 2], [40, 2], [50, Infinity]].map(([step, loss]) => validated(step, loss)));
  assert.deepEqual([history.best?.step, history.latestValidation?.step], [30, 50]);
  assert.equal(new LossHistory().best, null);
  assert.ok(!history.isScored);
  assert.ok(history.with([], [{ ...validated(60, 1), score: { exact: 3, of: 8 } }]).isScored);
});

test("a smoothed curve begins where the run does, and does not lag", () => {
  const line = run(1000, (step) => 3 - step / 1000).smoothed();
  assert.equal(line[0], 3 - 1 / 1000);
  // Of a straight line the mean around a point is the point.
  assert.ok(line.slice(0, 980).every((loss, i) => Math.abs(loss - (3 - (i + 1) / 1000)) < 1e-9));
  assert.deepEqual(run(1, () => 7).smoothed(), [7]);
  assert.deepEqual(new LossHistory().smoothed(), []);
});

test("the table has a row a step, and a cell stays empty where there is no number", () => {
  const history = run(2, () => 1).with([], [{ ...validated(2, 3), score: { exact: 1, of: 4 } }, validated(5, 2)]);
  const [head, ...lines] = history.csv().trimEnd().split("\n").map((line) => line.split(","));
  assert.deepEqual(head, COLUMNS);
  assert.ok(lines.every((cells) => cells.length === COLUMNS.length));
  const cell = (/** @type {number} */ row, /** @type {string} */ column) => lines[row][COLUMNS.indexOf(column)];
  assert.deepEqual(lines.map(([step]) => step), ["1", "2", "5"]);
  assert.deepEqual([cell(0, "training loss (nats)"), cell(0, "validation loss (nats)"), cell(0, "problems asked")], ["1", "", ""]);
  assert.deepEqual([cell(1, "validation loss (nats)"), cell(1, "exact answers"), cell(1, "problems asked")], ["3", "1", "4"]);
  assert.deepEqual([cell(2, "training loss (nats)"), cell(2, "tokens seen")], ["", "320"]);
});

test("a cell of any text is one cell, and no formula", () => {
  assert.equal(quoted('a "b", c'), '"a ""b"", c"');
  for (const sign of "=+-@") assert.equal(quoted(`${sign}1`), `"'${sign}1"`);
  assert.equal(quoted("1=1"), '"1=1"');
  assert.equal(csv([["a", undefined, 0], [quoted("x\ny")]]), 'a,,0\n"x\ny"\n');
});
