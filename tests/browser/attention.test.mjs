// @ts-check
/** The attention map: the model's own weights, right at any moment. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";
import { startSession } from "./session.mjs";

const text = story(30_000);

pageTest("the map shows what the model in memory looks at", async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 60);
  await play.finish();
  const prompt = "The old fox ";
  await play.prompt.fill(prompt);
  const name = (/** @type {number} */ layer, /** @type {number} */ head) =>
    new RegExp(`^Attention of layer ${layer}, head ${head} at step 60, over ${prompt.length} tokens: T h e ␣`);
  await page.getByRole("img", { name: name(0, 0) }).waitFor();
  assert.deepEqual(await play.layer.locator("option").allInnerTexts(), ["0", "1"]);
  assert.deepEqual(await play.head.locator("option").allInnerTexts(), ["0", "1"]);
  const picture = () => play.map.evaluate((map) => /** @type {HTMLCanvasElement} */ (map).toDataURL());
  const first = await picture();
  await play.layer.selectOption("1");
  await play.head.selectOption("1");
  await page.getByRole("img", { name: name(1, 1) }).waitFor();
  assert.notEqual(await picture(), first, "another head, another map");
  await screenshot("attention");

  // The same model in another session: the cells that the map speaks are its weights.
  const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
  const bytes = readFileSync(await download.path());
  const session = await startSession(page);
  await session.ask({ command: "import", name: "model", bytes: new Uint8Array(bytes) }, "model_built");
  const { weights } = await session.ask({ command: "attention", request: 1, prompt, layer: 1, head: 1 }, "attention_computed");
  const n = prompt.length;
  await play.map.focus();
  await page.keyboard.press("ArrowUp"); // onto the last row's first cell
  for (let column = 0; column < n; column += 1) {
    if (column > 0) await page.keyboard.press("ArrowRight");
    const said = await page.locator("#attention-panel .readout").innerText();
    const key = prompt[column].replace(" ", "␣");
    assert.equal(said, `“␣” at ${n} looks at “${key}” at ${column + 1}: ${weights[(n - 1) * n + column].toFixed(3)}`);
  }

  // Another prompt, another map, without a press.
  await play.prompt.fill("A red bird");
  await page.getByRole("img", { name: /over 10 tokens: A ␣ r e d/ }).waitFor();
});

pageTest("the map follows the training", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.train.click();
  const step = async () => Number(/at step (\d+)/.exec((await play.map.getAttribute("aria-label").catch(() => "")) ?? "")?.[1] ?? -1);
  const first = await eventually("a map while training", step, (n) => n >= 0);
  await eventually("a later map", step, (n) => n > first);
  await play.pauseTraining();
  const { step: last } = await play.status();
  await eventually("the map of the last step", step, (n) => n === last);
});

pageTest("attention rows are distributions over the past", async ({ page }) => {
  const session = await startSession(page);
  const config = { model: { layers: 2, heads: 4, kv_heads: 2 }, training: { steps: 40, warmup_steps: 5, validation_batches: 1 } };
  await session.train(config, text);
  const prompt = "Every bird sees the moon"
    .split("")
    .filter((character) => text.includes(character))
    .join("");
  const ask = async (/** @type {number} */ layer, /** @type {number} */ head, prompt_ = prompt) =>
    session.ask({ command: "attention", request: 1, prompt: prompt_, layer, head }, "attention_computed");
  const maps = [];
  for (const [layer, head] of [[0, 0], [0, 3], [1, 1], [1, 2]]) {
    const answer = await ask(layer, head);
    const { weights, tokens } = answer;
    const n = tokens.length;
    assert.equal(tokens.join(""), prompt);
    assert.equal(weights.length, n * n);
    for (let row = 0; row < n; row += 1) {
      let sum = 0;
      for (let column = 0; column < n; column += 1) {
        const weight = weights[row * n + column];
        assert.ok(weight >= 0 && weight <= 1 + 1e-6, `weight ${weight}`);
        if (column > row) assert.equal(weight, 0, `row ${row} looks ahead at ${column}`);
        sum += weight;
      }
      assert.ok(Math.abs(sum - 1) < 1e-5, `row ${row} of layer ${layer}, head ${head} sums to ${sum}`);
    }
    assert.deepEqual((await ask(layer, head)).weights, weights, "the same question, the same answer");
    maps.push(JSON.stringify(weights));
  }
  assert.equal(new Set(maps).size, maps.length, "every head has a map of its own");

  // A prompt longer than the context: its last tokens.
  const long = await ask(0, 0, text.slice(0, 100));
  assert.equal(long.tokens.join(""), text.slice(68, 100));
  const refused = await session.refused({ command: "attention", request: 9, prompt, layer: 2, head: 0 });
  assert.match(refused.message, /layer 2.*2 layers of 4 heads/);
  assert.equal(refused.request, 9);

  // Further training changes the map.
  await session.ask({ command: "step" }, "progressed");
  for (;;) if ((await session.next("state_changed")).state !== "training") break;
  assert.notEqual(JSON.stringify((await ask(0, 0)).weights), maps[0]);
});
