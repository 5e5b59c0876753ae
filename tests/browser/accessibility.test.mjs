// @ts-check
/**
 * The page for whoever does not see it, sees it poorly, or has no mouse: axe-core finds nothing wrong with it in any of its
 * states, and the keyboard alone leads from opening it to a trained model in a file.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground, seen } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Every rule that axe has, the experimental ones apart; in the dark, those that know colours. @param {Page} page @param {string} state for the message */
async function nothingWrong(page, state) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => "axe" in globalThis) || await page.evaluate(AXE);
    const found = await page.evaluate(async (colorScheme) => {
      const { axe } = /** @type {any} */ (globalThis);
      const rules = colorScheme === "dark" ? { runOnly: ["cat.color"] } : {};
      const { violations, passes } = await axe.run(document, { resultTypes: ["violations"], ...rules });
      if (passes.length === 0) return ["nothing was looked at"];
      return violations.map((/** @type {any} */ { id, help, nodes }) =>
        `${id}: ${help}\n${nodes.map((/** @type {any} */ { target, any, all, none }) => `  ${target.join(" ")}: ${[...any, ...all, ...none].map(({ message }) => message).join("; ")}`).join("\n")}`,
      );
    }, colorScheme);
    assert.equal(found.join("\n"), "", `${state}, ${colorScheme}`);
  }
}

/** Opens every fold. @param {Page} page */
const unfold = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));

for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
  pageTest(`axe finds nothing wrong at a width of ${viewport.width}`, { viewport }, async ({ page }) => {
    const play = playground(page);
    await play.ready();
    await nothingWrong(page, "at first sight");
    await play.text.fill("");
    await play.train.click();
    await play.says(/There is no text to train on yet/, "#text-panel");
    await nothingWrong(page, "without a text, and with a problem");

    await play.paste(story(20_000));
    await play.set("Steps", 60);
    await play.finish();
    await play.prompt.fill("The old fox");
    await play.draw({ length: 30 });
    await unfold(page);
    // What is inside is asked for as soon as it is seen.
    for (const part of [".lens td", ".switches input", ".tensors canvas", ".plane canvas"]) {
      await seen(page.locator("details.part", { has: page.locator(part.split(" ")[0]) }), part);
    }
    await nothingWrong(page, "with a trained model and every fold open");

    await play.set("Layers", 1);
    await play.set("Batch", "");
    await play.prompt.fill("The old 漢");
    await play.sample.click();
    await play.says(/not in the vocabulary/, "#sample-panel");
    await nothingWrong(page, "with questions and problems");

    await play.button("Keys").click();
    await page.getByRole("dialog").waitFor();
    await nothingWrong(page, "with a dialog open");
  });
}

pageTest("axe finds nothing wrong where there is no WebGPU", { webgpu: "absent" }, async ({ page }) => {
  await playground(page).says(/offers no WebGPU here/, "#notices");
  await nothingWrong(page, "without WebGPU");
});

pageTest("the keyboard alone leads from opening the page to a model in a file", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const focused = () =>
    page.evaluate(() => {
      const node = document.activeElement;
      if (node?.matches("summary")) return `the fold ${node.textContent}`;
      const label = node?.id ? document.querySelector(`label[for="${node.id}"]`) : null;
      return (node?.getAttribute("aria-label") ?? label?.textContent ?? node?.textContent ?? "").trim();
    });
  /** Tab, and nothing but Tab, to a control by its name. @param {string} name @param {"Tab" | "Shift+Tab"} [key] */
  async function tabTo(name, key = "Tab") {
    for (let i = 0; i < 120; i += 1) {
      if ((await focused()) === name) return;
      await page.keyboard.press(key);
    }
    assert.fail(`no ${name} within 120 presses of ${key}`);
  }

  // A text of its own, over the one that is there.
  await tabTo("Text");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(story(1500));
  await eventually("its count", () => play.counts(), ([count]) => count === 1500);
  await tabTo("Steps");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("60");
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.getByLabel("Steps", { exact: true }).inputValue(), "61");
  await tabTo("Train", "Shift+Tab");
  await page.keyboard.press("Enter");
  await play.finished();
  assert.equal((await play.status()).step, 61);

  await tabTo("Prompt");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("The ");
  await tabTo("Sample");
  await page.keyboard.press("Space");
  await eventually("a sample", () => play.sampledText(), (text) => text.length > 0);
  // The heads are walked with the arrow keys.
  await eventually("the heads", () => page.locator(".heads canvas").count(), (count) => count === 4);
  await eventually("what they look at", () => page.locator(".heads canvas").first().getAttribute("aria-label"), (name) => /Entropy/.test(name ?? ""));
  for (let i = 0; i < 80 && !/^Layer 0, head 0/.test(await focused()); i += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(), /^Layer 0, head 1/);
  const saving = page.waitForEvent("download");
  await tabTo("Export");
  await page.keyboard.press("Enter");
  assert.match((await saving).suggestedFilename(), /\.safetensors$/);
  await play.says(/Saved .*\.safetensors/, "#files-panel");
});
