// @ts-check
/** What is inside a really trained model: the panels show what the core says. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";
import { startSession } from "./session.mjs";

const text = story(30_000);
const prompt = "The old fox ";

/** A trained page with a prompt. @param {import("playwright-core").Page} page */
async function trained(page) {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 60);
  await play.finish();
  await play.prompt.fill(prompt);
  return play;
}

/** The page's model in a session of the test's own. @param {import("playwright-core").Page} page @param {ReturnType<typeof playground>} play */
async function sameModel(page, play) {
  const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
  const bytes = readFileSync(await download.path());
  const session = await startSession(page);
  await session.ask({ command: "set_text", text }, "text_set");
  await session.ask({ command: "import", name: "model", bytes: new Uint8Array(bytes) }, "model_built");
  return session;
}

/** As the page writes shares. @param {number} share */
function percent(share) {
  const hundredths = 100 * share;
  return hundredths < 0.005 ? "< 0.01 %" : `${hundredths.toFixed(hundredths >= 99.95 ? 0 : hundredths >= 9.995 ? 1 : 2)} %`;
}

/** @param {ArrayLike<number>} logits @param {number} [temperature] */
function softmax(logits, temperature = 1) {
  const all = Array.from(logits);
  const highest = Math.max(...all);
  const weights = all.map((logit) => Math.exp((logit - highest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The rows of a list of tokens. @param {import("playwright-core").Locator} list */
const rows = (list) =>
  list.locator("li").evaluateAll((all) =>
    all.map((row) => ({
      text: row.querySelector(".text")?.textContent,
      share: row.querySelector(".share")?.textContent,
      cut: row.classList.contains("cut"),
    })),
  );

/** The table that a part of the page saves: its rows by the head's names, text cells as they are quoted. @param {import("playwright-core").Page} page @param {import("playwright-core").Locator} of */
async function table(page, of) {
  const [download] = await Promise.all([page.waitForEvent("download"), of.getByRole("button", { name: "Save as CSV" }).click()]);
  // No cell of these has a comma or a line end outside quotation marks.
  const lines = readFileSync(await download.path(), "utf8").trimEnd().match(/(?:"(?:[^"]|"")*"|[^"\n])+/g) ?? [];
  const [head, ...cells] = lines.map((line) => line.match(/"(?:[^"]|"")*"|[^,]+/g) ?? []);
  return cells.map((row) => Object.fromEntries(row.map((cell, i) => [head[i], cell])));
}

/** A text as it stands in a table. @param {string} text */
const cellOf = (text) => `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

pageTest("every head in small, one of them large", async ({ page, screenshot }) => {
  const play = await trained(page);
  const grid = page.getByRole("radiogroup", { name: /^Heads/ });
  const thumbnails = grid.getByRole("radio");
  await eventually("thumbnails", () => thumbnails.first().getAttribute("aria-label"), (name) => /Entropy/.test(name ?? ""));
  const session = await sameModel(page, play);
  const { heads } = await session.ask({ command: "look_at_heads", request: 1, prompt, size: 32 }, "heads_looked_at");
  assert.equal(await thumbnails.count(), heads.length);
  // Only what is on the screen is asked for.
  await grid.scrollIntoViewIfNeeded();
  for (const [i, head] of heads.entries()) {
    const expected = `Layer ${head.layer}, head ${head.head}. Entropy ${head.entropy.toPrecision(3)} nats`;
    const name = await eventually(expected, () => thumbnails.nth(i).getAttribute("aria-label"), (name) => name?.startsWith(expected) ?? false);
    for (const [pattern, from, said] of /** @type {[string, number, string][]} */ ([["previous", 0.5, "previous token"], ["first", 0.5, "first token"], ["induction", 0.3, "induction"]])) {
      assert.equal((name ?? "").includes(said), (head[pattern] ?? 0) >= from, `${said} of ${name}: ${head[pattern]}`);
      if ((head[pattern] ?? 0) >= from) assert.ok((name ?? "").includes(`${said} ${head[pattern].toFixed(3)}`), name ?? "");
    }
    const colours = await thumbnails.nth(i).evaluate((canvas) => {
      const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
      const { data } = /** @type {any} */ (canvas).getContext("2d").getImageData(0, 0, width, height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok(colours > 2, `thumbnail ${i} has ${colours} colours`);
  }

  // Arrow keys and clicks open one.
  await grid.locator("[aria-checked=true]").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("img", { name: /^Attention of layer 1, head 1/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-checked")), "true");
  const character = await page.locator("#attention-panel .character").innerText();
  assert.ok(character.startsWith(`Entropy ${heads[3].entropy.toPrecision(3)} nats`), character);
  await thumbnails.nth(2).click();
  await page.getByRole("img", { name: /^Attention of layer 1, head 0/ }).waitFor();

  // Each row of the large map, cell by cell as it speaks, is a distribution.
  await play.map.focus();
  await page.keyboard.press("ArrowUp");
  const n = prompt.length;
  for (const row of [n, n - 1]) {
    let sum = 0;
    for (let column = 0; column < n; column += 1) {
      if (column > 0) await page.keyboard.press("ArrowRight");
      sum += Number(/: ([\d.]+)$/.exec(await page.locator("#attention-panel .readout").innerText())?.[1]);
    }
    assert.ok(Math.abs(sum - 1) < 0.0005 * n + 1e-4, `row ${row} sums to ${sum}`);
    for (let column = 1; column < n; column += 1) await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowUp");
  }
  await screenshot("heads");
});

pageTest("the next token's bars are the softmax of the logits under the sampling settings", async ({ page, screenshot }) => {
  const play = await trained(page);
  for (const [label, value] of [["Temperature", 1], ["Top-k", 0], ["Top-p", 1]]) {
    await page.locator("#sample-panel").getByLabel(String(label), { exact: true }).fill(String(value));
  }
  const list = page.getByRole("list", { name: "Next token", exact: true });
  const session = await sameModel(page, play);
  const { logits } = await session.ask({ command: "predict", request: 1, prompt, off: {} }, "predicted");
  const { vocabulary } = await session.ask({ command: "set_text", text }, "text_set");
  const order = Array.from(logits).map((_, id) => id).sort((a, b) => logits[b] - logits[a] || a - b);
  const expected = (/** @type {number} */ temperature) =>
    order.slice(0, 12).map((id) => ({ text: vocabulary[id].replace(" ", "␣").replace("\n", "↵"), share: percent(softmax(logits, temperature)[id]), cut: false }));
  const shown = await eventually("the bars", () => rows(list), (now) => JSON.stringify(now) === JSON.stringify(expected(1)));
  assert.deepEqual(shown, expected(1));

  // All tokens, not only those that have a bar.
  const all = await table(page, page.locator("#next-token-panel"));
  assert.deepEqual(all.map(({ id }) => Number(id)), order);
  for (const { id, token, logit, probability } of all) {
    assert.equal(token, cellOf(vocabulary[Number(id)]));
    assert.ok(Math.abs(Number(logit) - logits[Number(id)]) < 1e-5 && Math.abs(Number(probability) - softmax(logits)[Number(id)]) < 1e-6, `${token}: ${logit}, ${probability}`);
  }

  // The settings count at once, without a question to the worker.
  await play.temperature.fill("0.5");
  assert.deepEqual(await eventually("colder bars", () => rows(list), (now) => now[0].share !== shown[0].share), expected(0.5));
  await play.temperature.fill("1");
  await play.topK.fill("3");
  const top = order.slice(0, 3).reduce((sum, id) => sum + softmax(logits)[id], 0);
  const ofThree = expected(1).map((row, i) => (i < 3 ? { ...row, share: percent(softmax(logits)[order[i]] / top) } : { ...row, cut: true }));
  assert.deepEqual(await eventually("three bars", () => rows(list), (now) => now[3].cut), ofThree);
  await screenshot("next-token");
  // The sampler draws from just these.
  const sampled = await session.ask({ command: "sample", request: 2, source: "model", sampling: { prompt, tokens: 1, temperature: 1, top_k: 3, seed: 1 } }, "sampled");
  assert.deepEqual(
    sampled.tokens[0].candidates.map((/** @type {any} */ { probability }) => percent(probability)),
    ofThree.slice(0, 3).map(({ share }) => share),
  );
  await play.topK.fill("0");
  await page.locator("#sample-panel").getByLabel("Top-p", { exact: true }).fill("0.5");
  let sum = 0;
  const nucleus = order.findIndex((id) => (sum += softmax(logits)[id]) >= 0.5) + 1;
  await eventually("the nucleus", () => rows(list), (now) => now.filter(({ cut }) => !cut).length === Math.min(12, nucleus));
  await play.temperature.fill("0");
  await play.says(/Temperature 0 always takes the first/, "#next-token-panel");
  // The penalty falls on the prompt's tokens.
  await play.temperature.fill("1");
  await page.locator("#sample-panel").getByLabel("Top-p", { exact: true }).fill("1");
  await page.locator("#sample-panel details.more > summary").click();
  await page.locator("#sample-panel").getByLabel("Repetition penalty", { exact: true }).fill("2");
  const drawn = await session.ask({ command: "sample", request: 3, source: "model", sampling: { prompt, tokens: 1, temperature: 1, repetition_penalty: 2, seed: 1 } }, "sampled");
  const penalised = drawn.tokens[0].candidates.map((/** @type {any} */ { probability }) => percent(probability));
  await eventually("penalised bars", () => rows(list), (now) => JSON.stringify(now.slice(0, 10).map(({ share }) => share)) === JSON.stringify(penalised));
});

pageTest("the lens, the switches, the tensors and the embeddings show what the core says", async ({ page, screenshot }) => {
  const play = await trained(page);
  for (const [label, value] of [["Temperature", 1], ["Top-k", 0], ["Top-p", 1]]) {
    await page.locator("#sample-panel").getByLabel(String(label), { exact: true }).fill(String(value));
  }
  const inside = page.locator("#inside-panel");
  const open = (/** @type {string} */ title) => inside.locator("summary").filter({ hasText: title }).click();
  assert.equal(await inside.locator(".lens tbody tr").count(), 0, "nothing is asked while the panel is closed");
  await open("Inside");
  const session = await sameModel(page, play);

  // Logit lens: the last layer at the last token says what the next token's bars say.
  const lens = await session.ask({ command: "look_through_lens", request: 1, prompt, guesses: 1 }, "lens_looked");
  const cells = async () =>
    inside.locator(".lens tbody tr").evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")));
  const shown = (/** @type {string} */ token) => token.replace(" ", "␣").replace("\n", "↵");
  const expected = lens.guesses.map((/** @type {any[]} */ places) => places.slice(-12).map(([{ text, probability }]) => `${shown(text)} ${percent(probability)}`));
  await eventually("the lens", cells, (now) => JSON.stringify(now) === JSON.stringify(expected));
  const list = page.getByRole("list", { name: "Next token", exact: true });
  const [first] = await eventually("the bars", () => rows(list), (now) => now.length > 0);
  assert.equal(expected.at(-1)?.at(-1), `${first.text} ${first.share}`);
  await inside.getByRole("region", { name: "Logit lens" }).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await play.says(new RegExp(`After block 1, “␣” is followed by “.+”: [\\d.]+ %`), "#inside-panel");
  await screenshot("lens");
  const guesses = await table(page, inside.locator("details.part", { hasText: "Logit lens" }));
  const last = guesses.filter(({ layers, position, rank }) => Number(layers) === lens.guesses.length - 1 && Number(position) === lens.tokens.length - 1 && rank === "1");
  assert.deepEqual(last.map(({ guess }) => guess), [cellOf(lens.guesses.at(-1).at(-1)[0].text)]);

  // A head and a layer off: the loss is the core's.
  await open("Switch off");
  for (const [label, off] of /** @type {const} */ ([
    ["Switch off head 1 of layer 0", { heads: [[0, 1]] }],
    ["Switch off feed-forward of layer 1", { heads: [[0, 1]], mlp: [1] }],
  ])) {
    await inside.getByRole("checkbox", { name: label, exact: true }).check();
    const said = await session.ask({ command: "switch_off", request: 2, off }, "switched_off");
    await eventually("the loss without", () => play.count("Loss without"), (now) => now === `${said.without.toFixed(3)} nats`);
    assert.equal(await play.count("Loss, whole"), `${said.whole.toFixed(3)} nats`);
    const difference = said.without - said.whole;
    assert.equal(await play.count("Difference"), `${difference < 0 ? "−" : "+"}${Math.abs(difference).toFixed(3)} nats`);
    await play.says(new RegExp(`Over ${said.tokens.toLocaleString("en-US")} held-out tokens at step 60`), "#inside-panel");
    const { logits } = await session.ask({ command: "predict", request: 3, prompt, off }, "predicted");
    const whole = await session.ask({ command: "predict", request: 4, prompt, off: {} }, "predicted");
    const best = whole.logits.indexOf(Math.max(...whole.logits));
    const row = async () => (await inside.locator(".compared tbody tr").first().locator("td").allInnerTexts()).map((text) => text.trim());
    const wanted = [first.text, percent(softmax(whole.logits)[best]), percent(softmax(logits)[best])];
    await eventually("the bars with and without", row, (now) => JSON.stringify(now) === JSON.stringify(wanted));
  }
  await screenshot("switched-off");
  await inside.getByRole("button", { name: "Switch all on" }).click();
  await play.says(/Tick what is to be switched off/, "#inside-panel");

  // Tensors.
  await open("Weights and gradients");
  const { tensors } = await session.ask({ command: "look_at_tensors", request: 5 }, "tensors_looked_at");
  const listed = inside.locator(".tensors tbody tr");
  await eventually("a row a tensor", () => listed.count(), (count) => count === tensors.length);
  const names = await listed.locator("th .mono").allInnerTexts();
  assert.deepEqual(names, tensors.map((/** @type {any} */ { name }) => name));
  const [texts] = [await listed.first().innerText()];
  const { shape, weights } = tensors[0];
  assert.ok(texts.includes(shape.join(" × ")), texts);
  const digits = (/** @type {number} */ x) => (Math.abs(x) < 1e-3 ? x.toExponential(2) : x.toPrecision(3));
  assert.ok(texts.includes(`${digits(weights.mean)} ± ${digits(weights.deviation)}`), texts);
  assert.equal(await listed.first().locator("canvas").count(), 2, "of weights and of gradients");
  await screenshot("tensors");
  const spreads = await table(page, inside.locator("details.part", { hasText: "Weights and gradients" }));
  assert.equal(spreads.length, 2 * tensors.length, "weights and gradients");
  assert.deepEqual([spreads[0].tensor, spreads[0].of, spreads[0]["bar 7"]], [`"${tensors[0].name}"`, "weights", String(weights.bars[6])]);

  // Embeddings: the keys name a token, Enter lists its nearest.
  await open("Embeddings");
  const plane = inside.getByRole("img", { name: /^Embeddings of \d+ tokens at step 60/ });
  await plane.waitFor();
  const map = await session.ask({ command: "project_embeddings", request: 6, tokens: 300 }, "embeddings_projected");
  await play.says(new RegExp(`Across ${percent(map.projection.explained[0])} of the variance, up ${percent(map.projection.explained[1])}`), "#inside-panel");
  await plane.focus();
  await page.keyboard.press("ArrowRight");
  await play.says(new RegExp(`“${shown(map.tokens[0])}”, id ${map.ids[0]}`), "#inside-panel");
  await page.keyboard.press("Enter");
  const { neighbours } = await session.ask({ command: "find_neighbours", request: 7, token: map.ids[0] }, "neighbours_found");
  const near = page.getByRole("list", { name: "Nearest tokens" });
  const wanted = neighbours.map((/** @type {any} */ { text, cosine }) => ({ text: shown(text), share: cosine.toFixed(3), cut: false }));
  await eventually("the nearest", () => rows(near), (now) => JSON.stringify(now) === JSON.stringify(wanted));
  await page.keyboard.press("ArrowLeft");
  await screenshot("embeddings");
  const places = await table(page, inside.locator("details.part", { hasText: "Embeddings" }));
  assert.deepEqual(places.map(({ id }) => Number(id)), map.ids);
  assert.ok(Math.abs(Number(places[0]["first component"]) - map.projection.points[0][0]) < 1e-4);

  // Transitions: what is listed.
  await page.locator("#transitions-panel summary").click();
  const listedPairs = page.locator("#transitions-panel tbody tr");
  await eventually("pairs", () => listedPairs.count(), (count) => count > 0);
  const pairs = await table(page, page.locator("#transitions-panel"));
  assert.equal(pairs.length, await listedPairs.count());
  const counts = await listedPairs.evaluateAll((all) => all.map((row) => Number(/** @type {HTMLTableRowElement} */ (row).cells[2].textContent?.replaceAll(",", ""))));
  assert.deepEqual(pairs.map(({ count }) => Number(count)), counts);
});
