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

pageTest("a token's weights shade the text, and can be taken away", async ({ page, screenshot }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 60);
  await play.finish();
  const prompt = "The old fox ";
  const n = prompt.length;
  // Typed where one looks; it is the same sentence everywhere.
  const sentence = page.getByRole("textbox", { name: "Sentence", exact: true });
  await sentence.fill(prompt);
  assert.equal(await play.prompt.inputValue(), prompt);
  await page.getByRole("img", { name: new RegExp(`^Attention of layer 0, head 0 at step 60, over ${n} tokens: T h e ␣`) }).waitFor();

  const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
  const session = await startSession(page);
  await session.ask({ command: "import", name: "model", bytes: new Uint8Array(readFileSync(await download.path())) }, "model_built");
  const { weights } = await session.ask({ command: "attention", request: 1, prompt, layer: 0, head: 0 }, "attention_computed");
  const row = (/** @type {number} */ query) => Array.from({ length: n }, (_, key) => Number(weights[query * n + key]));
  const column = (/** @type {number} */ key) => Array.from({ length: n }, (_, query) => Number(weights[query * n + key]));

  const tokens = page.getByRole("group", { name: "Tokens of the sentence" }).getByRole("button");
  const readout = () => page.locator("#attention-panel .readout").innerText();
  /** What shades the tokens, and how well they can be read on it. */
  const shades = () =>
    tokens.evaluateAll((all) => {
      const light = (/** @type {string} */ colour) => {
        const [r, g, b] = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => {
          const value = Number(part) / 255;
          return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      return all.map((token) => {
        const { backgroundColor, color } = getComputedStyle(token);
        const [a, b] = [light(backgroundColor), light(color)];
        return {
          weight: token.dataset.weight === undefined ? null : Number(token.dataset.weight),
          light: a,
          contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05),
          pressed: token.getAttribute("aria-pressed") === "true",
        };
      });
    });
  const shadedBy = async (/** @type {number[]} */ expected, /** @type {string} */ what) => {
    const now = await shades();
    for (const [i, { weight, contrast }] of now.entries()) {
      assert.ok(weight !== null && Math.abs(weight - expected[i]) < 1e-4, `${what}: token ${i} has ${weight}, the core says ${expected[i]}`);
      assert.ok(contrast >= 4.5, `${what}: token ${i} has a contrast of ${contrast}`);
    }
    return now;
  };
  const strongest = (/** @type {number[]} */ list) =>
    list
      .map((value, i) => ({ value, i }))
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.value - a.value || a.i - b.i)
      .slice(0, 3)
      .map(({ value, i }) => `“${prompt[i].replace(" ", "␣")}” at ${i + 1} (${value.toFixed(3)})`)
      .join(", ");
  const away = () => page.getByRole("heading", { name: "Loss" }).hover();
  const map = () => play.map.evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());

  assert.equal(await tokens.count(), n);
  await away();
  const unmarked = await map();
  assert.ok((await shades()).every(({ weight }) => weight === null), "nothing is shaded before a token is pointed at");
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    for (const query of [0, 4, 8, n - 1]) {
      await tokens.nth(query).hover();
      const now = await shadedBy(row(query), `token ${query}`);
      const sum = now.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
      assert.ok(Math.abs(sum - 1) < 1e-4, `the shades of token ${query} sum to ${sum}`);
      assert.equal(await readout(), `“${prompt[query].replace(" ", "␣")}” at ${query + 1} looks most at ${strongest(row(query))}`);
    }
    const order = (await shades()).sort((a, b) => (a.weight ?? 0) - (b.weight ?? 0)).map(({ light }) => light);
    const sign = colorScheme === "light" ? -1 : 1;
    for (let i = 1; i < n; i += 1) assert.ok(sign * (order[i] - order[i - 1]) >= -1e-6, "the more weight, the farther from the ground");
  }
  await page.emulateMedia({ colorScheme: "light" });

  // The other way round.
  await page.getByRole("combobox", { name: "Shade" }).selectOption({ label: "what looks at a token" });
  await tokens.nth(2).hover();
  await shadedBy(column(2), "what looks at token 2");
  assert.equal(await readout(), `“e” at 3 is looked at most by ${strongest(column(2))}`);
  await page.getByRole("combobox", { name: "Shade" }).selectOption({ label: "what a token looks at" });

  // Locked: the shades stay, the map marks the row, and another token says what it gets.
  await tokens.nth(8).click();
  await away();
  assert.deepEqual((await shadedBy(row(8), "locked")).map(({ pressed }) => pressed), Array.from({ length: n }, (_, i) => i === 8));
  assert.notEqual(await map(), unmarked);
  await tokens.nth(1).hover();
  await shadedBy(row(8), "locked, another one pointed at");
  assert.equal(await readout(), `“f” at 9 looks at “h” at 2: ${row(8)[1].toFixed(3)}`);
  await screenshot("shaded");

  // To the clipboard.
  const copied = async (/** @type {string} */ what) => {
    await page.getByRole("button", { name: `Copy as ${what}` }).click();
    await play.says(/Copied/, "#attention-panel");
  };
  await copied("JSON");
  const json = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  assert.deepEqual({ ...json, weights: undefined }, { step: 60, layer: 0, head: 0, tokens: [...prompt], weights: undefined });
  assert.equal(json.weights.length, n);
  for (let query = 0; query < n; query += 1) {
    row(query).forEach((value, key) => assert.ok(Math.abs(json.weights[query][key] - value) < 1e-6, `${query}, ${key}`));
  }
  await page.waitForFunction(() => !document.querySelector("#attention-panel")?.textContent?.includes("Copied"));
  await copied("PNG");
  const picture = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const image = await createImageBitmap(await item.getType("image/png"));
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context?.drawImage(image, 0, 0);
    const { data } = /** @type {ImageData} */ (context?.getImageData(0, 0, width, height));
    return { width, height, colours: new Set(new Uint32Array(data.buffer)).size };
  });
  const shown = await play.map.boundingBox();
  assert.deepEqual([picture.width, picture.height], [2 * ((shown?.width ?? 0) + 32), 2 * ((shown?.height ?? 0) + 28 + 32)]);
  assert.ok(picture.colours > 20, `${picture.colours} colours`);

  // A clipboard that takes no pictures: a file instead.
  await page.evaluate(() => (navigator.clipboard.write = () => Promise.reject(new DOMException("no", "NotAllowedError"))));
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Copy as PNG" }).click()]);
  assert.equal(file.suggestedFilename(), "fledgling-attention-layer-0-head-0-step-60.png");
  assert.equal(readFileSync(await file.path()).readUInt32BE(16), picture.width);
  await play.says(/The clipboard takes no picture here: saved as a file/, "#attention-panel");

  // By keys alone: one stop for Tab, arrows from there, Enter and Space lock and unlock, Escape unlocks.
  await tokens.nth(8).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  assert.deepEqual((await shadedBy(row(1), "by keys")).map(({ pressed }) => pressed), Array.from({ length: n }, (_, i) => i === 1));
  await page.keyboard.press("Space");
  assert.ok((await shades()).every(({ pressed }) => !pressed), "Space unlocks");
  await page.keyboard.press("End");
  await page.keyboard.press("Space");
  await shadedBy(row(n - 1), "by Space");
  await page.keyboard.press("Escape");
  assert.ok((await shades()).every(({ pressed }) => !pressed), "Escape unlocks");
  assert.equal(await tokens.evaluateAll((all) => all.filter((token) => token.tabIndex === 0).length), 1);
  assert.match((await play.status()).text, /Time left done/);

  // A sentence that the model cannot read is refused where it was typed.
  await sentence.fill("The fox 漢✓");
  await play.says(/2 characters are not in the vocabulary: '✓' '漢'/, "#looking");
  await sentence.fill("The fox");
  await page.getByRole("img", { name: /over 7 tokens/ }).waitFor();
  await play.noLongerSays(/not in the vocabulary/);
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
  assert.deepEqual([refused.code, refused.values, refused.request], ["no_such_head", { layer: 2, head: 0, layers: 2, heads: 4 }, 9]);

  // Further training changes the map.
  await session.ask({ command: "step" }, "progressed");
  for (;;) if ((await session.next("state_changed")).state !== "training") break;
  assert.notEqual(JSON.stringify((await ask(0, 0)).weights), maps[0]);
});
