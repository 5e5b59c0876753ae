// @ts-check
/** What the page looks like, on a laptop and on a phone, in light and dark; and that a keyboard is enough. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */
const LAPTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const text = story(100_000);

/** A page in the middle of its training, with a sample and a map. @param {Page} page @param {number} step */
async function busy(page, step) {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 1000);
  await play.train.click();
  await play.reach(step);
  await play.prompt.fill("The old fox near the ");
  await play.draw({ length: 2 * step });
  await play.map.waitFor();
  return play;
}

/** Where an element stands, in the window's coordinates. @param {import("playwright-core").Locator} found */
async function box(found) {
  const place = await found.boundingBox();
  assert.ok(place, `${found} is on the page`);
  return place;
}

/** @param {Page} page */
async function neverWiderThanTheWindow(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `the page is ${content} pixels wide, the window ${window}`);
}

pageTest("a laptop shows all the essentials at once", { viewport: LAPTOP }, async ({ page, screenshot }) => {
  const play = await busy(page, 150);
  const essentials = {
    Text: play.text,
    Train: play.pause,
    status: page.getByRole("status"),
    "loss plot": page.locator(".plot canvas"),
    Prompt: play.prompt,
    Sample: play.sample,
    "sampled text": play.sampled,
    "attention map": play.map,
    Export: play.export,
    adapter: page.locator("#footer"),
  };
  await page.evaluate(() => {
    scrollTo(0, 0);
    for (const column of document.querySelectorAll(".column")) column.scrollTop = 0;
  });
  for (const [name, locator] of Object.entries(essentials)) {
    const { x, y, width, height } = await box(locator);
    const inside = x >= 0 && y >= 0 && x + width <= LAPTOP.width && (name === "sampled text" ? y : y + height) <= LAPTOP.height;
    assert.ok(inside, `${name} stands at ${x}, ${y} with ${width} × ${height}`);
  }
  await neverWiderThanTheWindow(page);
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(300);
    await screenshot(`laptop-${colorScheme}`);
  }
});

pageTest("a phone keeps Train and the figures at its lower edge", { viewport: PHONE }, async ({ page, screenshot }) => {
  const play = await busy(page, 70);
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    for (const [place, top] of [["top", 0], ["middle", 700], ["bottom", 1e6]]) {
      await page.evaluate((top) => scrollTo(0, Number(top)), top);
      await page.waitForTimeout(150);
      await neverWiderThanTheWindow(page);
      for (const [name, locator] of Object.entries({ Train: play.pause, status: page.getByRole("status") })) {
        const { y, height } = await box(locator);
        assert.ok(y > PHONE.height / 2 && y + height <= PHONE.height, `${name} at ${y} with ${height} (${place})`);
      }
      await screenshot(`phone-${colorScheme}-${place}`);
    }
  }
  // Nor with every setting open.
  for (const fold of await page.locator("details.more > summary:visible").all()) await fold.click();
  await neverWiderThanTheWindow(page);
});

pageTest("between, the right column folds under the middle", { viewport: { width: 1024, height: 768 } }, async ({ page, screenshot }) => {
  const play = await busy(page, 70);
  await neverWiderThanTheWindow(page);
  const [sample, map] = [await box(play.sample), await box(play.map)];
  assert.ok(map.y > sample.y && map.x > 300, "the map stands under the samples");
  await screenshot("between");
});

pageTest("a keyboard reaches everything", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await page.evaluate(() => /** @type {HTMLElement | null} */ (document.activeElement)?.blur());

  // Space trains and pauses outside of text fields.
  await page.keyboard.press("Space");
  await play.reach(5);
  await page.keyboard.press("Space");
  await eventually("a pause", () => play.train.isVisible(), Boolean);
  await play.map.waitFor();
  assert.ok(await play.sample.isEnabled());
  // What the worker was asked brings controls of its own.
  await eventually("the heads", () => page.locator(".heads canvas").last().getAttribute("aria-label"), (name) => /Entropy/.test(name ?? ""));
  await eventually("the next token", () => page.getByRole("list", { name: "Next token", exact: true }).locator("li").count(), (count) => count > 0);

  // Tab meets every control that can be seen and pressed, in the order of reading, each with a focus that shows.
  const wanted = await page.evaluate(() => {
    // Within a group of radio buttons the arrow keys lead on.
    const seen = [...document.querySelectorAll("button, input:not([type=radio]:not(:checked)), select, textarea, summary, [tabindex='0']")].filter(
      (node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches(":disabled"),
    );
    seen.forEach((node, i) => node.setAttribute("data-order", String(i)));
    return seen.map((node) => node.getAttribute("aria-label") ?? node.textContent ?? node.id);
  });
  assert.ok(wanted.length > 25, `${wanted.length} controls`);
  await page.locator("[data-order='0']").focus();
  const met = [];
  for (let i = 0; i < wanted.length; i += 1) {
    if (i > 0) await page.keyboard.press("Tab");
    // The explanation of the setting that was passed last has links of its own.
    while (await page.evaluate(() => document.activeElement?.closest("#setting-help") != null)) await page.keyboard.press("Tab");
    met.push(
      await page.evaluate(() => {
        const node = document.activeElement;
        const style = node && getComputedStyle(node);
        const place = node?.getBoundingClientRect();
        return {
          order: Number(node?.getAttribute("data-order") ?? -1),
          outline: style?.outlineStyle !== "none" && parseFloat(style?.outlineWidth ?? "0") > 0,
          seen: place !== undefined && place.top >= 0 && place.bottom <= innerHeight,
        };
      }),
    );
  }
  const orders = met.map(({ order }) => order);
  assert.deepEqual(orders, wanted.map((_, i) => i), `in the order of ${wanted.join(" | ")}`);
  met.forEach(({ outline, seen }, i) => assert.ok(outline && seen, `${wanted[i]}: outline ${outline}, in the window ${seen}`));

  // Ctrl Enter samples from the prompt, Space on a button presses it, ? lists the keys and Escape closes the list.
  await play.prompt.focus();
  await page.keyboard.press("Control+Enter");
  await eventually("a sample", play.sampledText, (sampled) => sampled.length > 0);
  await play.step.focus();
  const { step } = await play.status();
  await page.keyboard.press("Space");
  await play.statusWhere("one step by Space", (now) => now.step === (step ?? 0) + 1);
  await page.evaluate(() => /** @type {HTMLElement | null} */ (document.activeElement)?.blur());
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  // The plot and the map speak as the arrow keys walk them.
  await page.locator(".plot").focus();
  await page.keyboard.press("ArrowLeft");
  await eventually("a spoken loss", () => page.locator("#loss-plot .unseen").innerText(), (said) => /Loss in nats at step \d+, training [\d.]+/.test(said));
});
