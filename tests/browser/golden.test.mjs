// @ts-check
/** Two golden cases through the real worker, on the GPU: what PyTorch computed in float64, computed here. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pageTest } from "./harness.mjs";
import { story } from "./grammar.mjs";
import { floats } from "./safetensors.mjs";
import { startSession } from "./session.mjs";

/** @param {string} name */
const read = (name) => readFileSync(new URL(`../native/golden/${name}`, import.meta.url));
/** @typedef {Float32Array | undefined} Values */

/** ‖a − b‖; without b ‖a‖. @param {Float32Array} a @param {Float32Array} [b] */
const distance = (a, b) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b ? b[i] : 0)) ** 2, 0));

for (const name of ["gpt2", "llama_grouped"]) {
  pageTest(`golden case ${name}`, async ({ page }) => {
    const session = await startSession(page, "gpu");
    const { model, training } = JSON.parse(read(`${name}/case.json`).toString());
    const weights = read(`${name}/weights.safetensors`);
    const command = {
      command: "replay",
      config: { model, training },
      weights: new Uint8Array(weights),
      batches: new Uint8Array(read(`${name}/batches.safetensors`)),
    };
    const { bytes } = await session.ask(command, "replayed");
    const [got, want, start] = [floats(bytes), floats(read(`${name}/expected.safetensors`)), floats(weights)];
    assert.deepEqual([...got.keys()].sort(), [...want.keys(), "milliseconds"].sort());
    const times = /** @type {Float32Array} */ (got.get("milliseconds"));
    assert.equal(times.length, training.steps);
    assert.ok(times.every((time) => time > 0), `${times}`);
    for (const [tensor, expected] of want) {
      const values = /** @type {Float32Array} */ (got.get(tensor));
      assert.equal(values.length, expected.length, tensor);
      const within = (/** @type {number} */ off, /** @type {number} */ limit) =>
        assert.ok(off <= limit, `${tensor} is off by ${off}, the tolerance is ${limit}`);
      if (tensor === "logits") {
        expected.forEach((value, i) => within(Math.abs(values[i] - value), 2e-4));
      } else if (tensor === "losses") {
        expected.forEach((value, i) => within(Math.abs(values[i] - value), 1e-3 * Math.abs(value)));
      } else if (tensor.startsWith("grad.")) {
        const size = distance(expected);
        within(distance(values, expected), size < 1e-6 ? 1e-6 : 1e-3 * size);
      } else {
        const before = /** @type {Float32Array} */ (start.get(tensor.replace("after.", "")));
        within(distance(values, expected), 2e-2 * distance(expected, before));
      }
    }
  });
}

pageTest("a seed repeats a run bit for bit, another does not", async ({ page }) => {
  const text = story(20_000);
  const session = await startSession(page, "gpu");
  // Of many workgroups, and a few steps a second on a software adapter.
  const model = { layers: 1, width: 48, heads: 3, kv_heads: 3, hidden: 192, context: 32, dropout: 0.1 };
  const losses = async (/** @type {number} */ seed) => {
    const training = { steps: 12, batch: 8, warmup_steps: 5, seed, validation_interval: 5, validation_batches: 2 };
    const reports = await session.train({ model, training }, text);
    return {
      training: reports.flatMap((report) => report.training.map((/** @type {any} */ point) => [point.loss, point.gradient_norm])),
      validation: reports.flatMap((report) => report.validation.map((/** @type {any} */ point) => [point.step, point.loss])),
    };
  };
  const first = await losses(3);
  assert.equal(first.training.length, 12);
  assert.deepEqual(first.validation.map(([step]) => step), [0, 5, 10, 12]);
  assert.deepEqual(await losses(3), first);
  assert.notDeepEqual(await losses(4), first);
});
