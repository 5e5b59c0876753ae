// @ts-check
/** Why what a model writes is poor: the sentence that its numbers bear out, and no other. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { advice as adviceOf } from "../../web/state/advice.js";
import { LossHistory } from "../../web/state/loss_history.js";
import { after, built, config, description, stateWithText, trained, validated } from "./fixtures.mjs";

/** @import { State } from "../../web/state/state.js" */

/**
 * The state of a healthy run with these training losses, a step each, and validations.
 * @param {number[]} losses @param {[step: number, loss: number][]} validations
 */
function run(losses, validations) {
  const history = new LossHistory().with(losses.map((loss, i) => trained(i + 1, loss)), validations.map(([step, loss]) => validated(step, loss)));
  const [step, loss] = validations.reduce((best, one) => (one[1] < best[1] ? one : best), [0, Infinity]);
  const model = built({ estimate: { ...built().estimate, parameters: 100_000 }, config: config({ model: { context: 32 } }) });
  const state = after(stateWithText("some text"), model);
  return {
    ...state,
    sample: { request: 1, prompt: "once", text: "some text", tokens: [], pieces: [], running: false },
    form: config({ sampling: { prompt: "once" } }),
    text: { ...state.text, description: { ...description, training_tokens: 90_000, tokens: 100_000 } },
    history,
    uniformLoss: 4,
    best: validations.length > 0 ? { step, loss } : null,
    step: losses.length,
    steps: 1000,
    run: /** @type {const} */ ("training"),
  };
}

/** With this many parameters. @param {State} state @param {number} parameters */
const larger = ({ model }, parameters) => ({ model: model && { ...model, estimate: { ...model.estimate, parameters } } });

test("advice is given where its numbers are, and nowhere else", () => {
  /** @param {State} state @param {Partial<State>} [change] */
  const keys = (state, change = {}) => adviceOf({ ...state, ...change }).map(({ key }) => key);
  const falling = (/** @type {number} */ from, /** @type {number} */ to, steps = 200) => Array.from({ length: steps }, (_, i) => from + ((to - from) * i) / (steps - 1));
  const well = run(falling(4, 1.5), [[100, 2.3], [200, 1.6]]);
  assert.deepEqual(keys(well), []);
  assert.deepEqual(keys(well, { sample: null }), []);

  assert.deepEqual(keys(run(falling(4.5, 4.6), [])), ["diverged", "stuck"]);
  assert.match(adviceOf(run(falling(4.5, 4.6), []))[0].sentence, /above the 4\.000 of knowing nothing, with a gradient norm of 0\.500.*below 0\.00300/);
  // Down from far above: the initial weights' doing.
  assert.ok(!keys(run(falling(40, 6), [])).includes("diverged"));
  assert.deepEqual(keys(run(falling(3.2, 3.2), [])), ["stuck", "unigram"]);
  assert.deepEqual(keys(run(falling(3.2, 3.2), []), { run: "finished" }), ["unigram"]);
  assert.deepEqual(keys(run(falling(4, 2.5), [[200, 2.6]])), ["bigram"]);
  assert.match(adviceOf(run(falling(4, 2.5), [[200, 2.6]]))[0].sentence, /2\.600 nats at step 200, counting pairs reaches 2\.400.*800 steps are left/);
  const bigram = run(falling(4, 2.5), [[200, 2.6]]);
  const { model } = bigram;
  assert.deepEqual(keys(bigram, { model: model && { ...model, config: config({ model: { layers: 0 } }) } }), [], "a model of one token cannot beat the pairs");

  const heart = run(falling(4, 1), [[50, 2], [200, 2.2]]);
  assert.deepEqual(keys(heart), ["rising", "gap"]);
  assert.deepEqual(keys(heart, larger(heart, 1_000_000)), ["rising", "small"]);
  assert.ok(!keys(well, larger(well, 1_000_000)).includes("small"), "no harm done yet");

  const answer = { event: /** @type {const} */ ("heads_looked_at"), request: 1, step: 200, tokens: ["once", "<unk>"], heads: [] };
  assert.deepEqual(keys(well, { looks: { ...well.looks, heads: { ...well.looks.heads, answer, of: "once" } } }), ["unknown"]);
  const at = (/** @type {number} */ temperature) => config({ sampling: { temperature, prompt: "once" } });
  assert.deepEqual(keys(well, { form: at(2) }), ["hot"]);
  const loop = { ...well.sample, text: "and then it was so ".repeat(6) };
  assert.deepEqual(keys(well, { sample: loop }), [], "at a usual temperature a refrain is the text's");
  assert.deepEqual(keys(well, { sample: loop, form: at(0) }), ["repeats"]);
  const lossy = { ...well.text, description: { ...well.text.description, lossless: false, unknown_tokens: 12 } };
  assert.deepEqual(keys(well, { text: lossy }), ["lossy"]);
  assert.match(adviceOf({ ...well, text: lossy })[0].sentence, /^12 of the text's 100,000 tokens became <unk>/);
  assert.deepEqual(keys(run([], [])), ["untrained"]);
  assert.deepEqual(keys(well, { promptTouched: true, form: config({ sampling: { prompt: "a".repeat(40) } }) }), ["prompt"]);
  assert.deepEqual(keys(heart, { source: "counts" }), []);
  assert.deepEqual(keys(heart, { comparison: { trials: [], current: 0 } }), [], "the model in memory is not the one that wrote");
});
