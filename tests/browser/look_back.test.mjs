// @ts-check
/** Looking back: everything inside with the weights of a step that is kept. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */
const text = story(30_000);
const prompt = "The old fox ";

/** @param {Page} page @param {number} steps */
async function prepared(page, steps) {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Steps", steps);
  await play.set("Validate every", 10);
  const slider = page.getByRole("slider", { name: "Step", exact: true });
  const at = () => slider.getAttribute("aria-valuetext");
  /** Waits until the map is of this step. @param {number} step */
  const mapAt = (step) => page.getByRole("img", { name: new RegExp(`^Attention of layer 0, head 0 at step ${step}, over ${prompt.length} tokens`) }).waitFor();
  /** The weights that are shown. */
  const weights = async () => {
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await page.getByRole("button", { name: "Copy as JSON" }).click();
    return JSON.parse(await eventually("numbers on the clipboard", () => page.evaluate(() => navigator.clipboard.readText()), (json) => json !== ""));
  };
  const bars = () => page.getByRole("list", { name: "Next token", exact: true }).innerText();
  return { play, slider, at, mapAt, weights, bars };
}

pageTest("a kept step shows what was there at that step", async ({ page, screenshot }) => {
  const { play, slider, at, mapAt, weights, bars } = await prepared(page, 60);
  await play.says(/Earlier steps to look back at gather here/, "#looking");
  await play.reset.click();
  await play.prompt.fill(prompt);
  await mapAt(0);
  await play.says(/Steps to look back at gather as it trains/, "#looking");
  assert.equal(await slider.count(), 0, "no slider before there is a step to go back to");
  const before = await weights();
  const barsBefore = await eventually("the bars", bars, (now) => now !== "");
  assert.equal(before.step, 0);

  await play.finish();
  await mapAt(60);
  const after = await weights();
  assert.notDeepEqual(after.weights, before.weights);
  assert.equal(await at(), "now, step 60");

  // By keys: Home is the first kept step, End is now; each arrow is one kept step.
  await slider.focus();
  await page.keyboard.press("Home");
  assert.equal(await at(), "step 0");
  await mapAt(0);
  assert.deepEqual(await weights(), before, "the same weights as before the training");
  await eventually("the bars of step 0", bars, (now) => now === barsBefore);
  for (const panel of ["attention-panel", "next-token-panel"]) {
    await eventually(`the caption of ${panel}`, () => page.locator(`#${panel} .caption`).innerText(), (caption) => caption === "at step 0");
  }
  await play.says(/Looking back: step 0 of 60/, "#looking");
  await screenshot("looking-back");
  await slider.focus();
  const kept = [];
  for (let i = 0; i < 6; i += 1) {
    kept.push(Number(/^step (\d+)$/.exec((await at()) ?? "")?.[1]));
    await page.keyboard.press("ArrowRight");
  }
  assert.deepEqual(kept, [0, 10, 20, 30, 40, 50]);
  assert.equal(await at(), "now, step 60");
  await mapAt(60);
  assert.deepEqual(await weights(), after);

  // Everything inside.
  await slider.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  const inside = page.locator("#inside-panel");
  for (const title of ["Inside", "Switch off", "Weights and gradients", "Embeddings"]) await inside.locator("summary").filter({ hasText: title }).click();
  await inside.getByRole("checkbox", { name: "Switch off head 0 of layer 0", exact: true }).check();
  // What is in sight is asked for.
  const partOf = (/** @type {string} */ title) => inside.locator(".part").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
  // Whatever answers above it grows, and pushes it out of sight again.
  const read = async (/** @type {string} */ title) => {
    await partOf(title).locator(".inner").evaluate((node) => node.scrollIntoView({ block: "center" }));
    return partOf(title).innerText();
  };
  const says = (/** @type {string} */ title, /** @type {RegExp} */ said) => eventually(title, () => read(title), (words) => said.test(words));
  for (const [title, said] of /** @type {const} */ ([
    ["Logit lens", /^at step 10$/m],
    ["Switch off", /held-out tokens at step 10\./],
    ["Weights and gradients", /^at step 10$/m],
    ["Embeddings", /up [\d.]+ %, at step 10/],
  ])) await says(title, said);
  await page.getByRole("button", { name: "Now", exact: true }).click();
  assert.equal(await at(), "now, step 60");
  await says("Embeddings", /at step 60/);
  await play.says(/Now, step 60/, "#looking");
});

pageTest("the training goes on under someone who looks back, and a fresh model is of now", async ({ page }) => {
  const { play, slider, at, mapAt, weights } = await prepared(page, 5000);
  await play.train.click();
  await play.prompt.fill(prompt);
  await eventually("two kept steps", () => slider.getAttribute("max").catch(() => null), (max) => Number(max) >= 2);
  await slider.focus();
  await page.keyboard.press("Home");
  await mapAt(0);
  const then = await weights();
  const { step } = await play.status();
  await play.reach((step ?? 0) + 15);
  assert.equal(await at(), "step 0");
  assert.deepEqual(await weights(), then, "still the first weights");
  await play.says(/Looking back: step 0 of [1-9]/, "#looking");
  const [ticks, max] = await slider.evaluate((node) => [document.querySelectorAll(".ticks span").length, Number(node.getAttribute("max"))]);
  assert.equal(ticks, max + 1, "a tick for each kept step and now");

  await play.reset.click();
  await play.says(/Steps to look back at gather as it trains/, "#looking");
  await mapAt(0);
  assert.equal(await slider.count(), 0);
  await play.step.click();
  await mapAt(1);
  assert.equal(await at(), "now, step 1");
});
