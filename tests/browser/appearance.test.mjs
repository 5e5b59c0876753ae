// @ts-check
/** Light or dark as chosen, and the page in another language: at once, for good, and with nothing else lost. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */
const LIGHT = "rgb(251, 251, 250)";
const DARK = "rgb(22, 24, 27)";
const ground = (/** @type {Page} */ page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
/** What a head's thumbnail is drawn with where no token looks. @param {Page} page */
const drawn = (page) =>
  page.locator(".heads canvas").first().evaluate((node) => {
    const canvas = /** @type {HTMLCanvasElement} */ (node);
    const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    pixel?.drawImage(canvas, 1 - canvas.width, 0);
    const [r, g, b] = pixel?.getImageData(0, 0, 1, 1).data ?? [];
    return `rgb(${r}, ${g}, ${b})`;
  });

pageTest("light or dark follows the system until one is chosen, and the choice stays", async ({ page, newTab }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  const play = playground(page);
  await play.ready();
  await play.paste(story(5000));
  await play.step.click();
  await eventually("the heads in the dark", () => drawn(page).catch(() => ""), (colour) => colour === DARK);
  const scheme = page.getByRole("button", { name: /^Scheme: / });
  const chosen = () => scheme.getAttribute("aria-label");
  assert.deepEqual([await chosen(), await ground(page)], ["Scheme: system", DARK]);
  await page.emulateMedia({ colorScheme: "light" });
  await eventually("the light ground", () => ground(page), (colour) => colour === LIGHT);
  await page.emulateMedia({ colorScheme: "dark" });

  await scheme.focus();
  await page.keyboard.press("Enter");
  assert.deepEqual([await chosen(), await ground(page)], ["Scheme: light", LIGHT]);
  await eventually("the heads in the light", () => drawn(page), (colour) => colour === LIGHT);
  await page.keyboard.press("Enter");
  assert.deepEqual([await chosen(), await ground(page)], ["Scheme: dark", DARK]);
  await eventually("the heads in the dark", () => drawn(page), (colour) => colour === DARK);

  // On a light system too, from the first paint on, in every tab.
  const other = await newTab();
  await other.emulateMedia({ colorScheme: "light" });
  assert.equal(await ground(other), DARK);
  assert.equal(await other.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
  await other.route("**/web/main.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await other.reload({ waitUntil: "commit" });
  await eventually("the dark before any module", () => ground(other).catch(() => ""), (colour) => colour === DARK);
  await other.close();
  await page.keyboard.press("Enter");
  assert.equal(await chosen(), "Scheme: system");
});

pageTest("a browser that keeps nothing takes the choices all the same", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, "localStorage", { get: () => { throw new DOMException("no storage here", "SecurityError"); } });
  });
  await page.emulateMedia({ colorScheme: "light" });
  await page.reload();
  await playground(page).ready();
  const scheme = page.getByRole("button", { name: /^Scheme: / });
  await scheme.click();
  await scheme.click();
  assert.equal(await ground(page), DARK);
});

/** A language that is English in brackets, and some words of its own for what the core offers. @param {Page} page */
const withAnotherLanguage = (page) =>
  page.route("**/web/i18n/words.js", async (route) => {
    const response = await route.fetch();
    const body = `${await response.text()}
      const bracketed = (value, inner = false) =>
        typeof value === "string" ? \`⟦\${value}⟧\`
        : typeof value === "function" ? (...all) => { const said = value(...all); return typeof said === "string" ? \`⟦\${said}⟧\` : said; }
        : Array.isArray(value) ? value.map((item) => bracketed(item))
        : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bracketed(item)]));
      languages.eo = { name: "Esperanto", words: { ...bracketed(english), core: {
        fields: { "training.steps": { label: "Paŝoj", help: "Kiom da paŝoj." }, "tokenizer.kind": { options: { characters: "Signoj", char: "Signoj" } } },
        presets: {}, texts: { stories: { label: "Rakontoj" } }, recipes: {},
      } } };`;
    await route.fulfill({ response, body });
  });

pageTest("another language takes the place of every word, and the model trains on", async ({ page, newTab }) => {
  const play = playground(page);
  await play.ready();
  assert.equal(await page.locator("#language").isVisible(), (await page.locator("#language option").count()) > 1);

  await withAnotherLanguage(page);
  await page.reload();
  await play.ready();
  await play.paste(story(20_000));
  await play.set("Steps", 5000);
  await play.train.click();
  await play.reach(3);
  const language = page.locator("#language");
  await language.focus();
  await language.selectOption({ label: "Esperanto" });
  assert.equal(await page.evaluate(() => document.documentElement.lang), "eo");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "language", "the focus stays");
  assert.equal(await language.inputValue(), "eo");
  await page.getByRole("button", { name: "⟦Pause⟧", exact: true }).waitFor();
  // What the core offers has the language's words where it has any, and the core's own elsewhere.
  const steps = page.getByRole("spinbutton", { name: "Paŝoj", exact: true });
  assert.equal(await steps.inputValue(), "5000");
  assert.equal(await page.getByRole("spinbutton", { name: "Layers", exact: true }).count(), 1);
  assert.equal((await page.locator("#text").inputValue()).length, 20_000, "the text is there");
  const { step } = await reading(page);
  await eventually("the run going on", () => reading(page), (now) => now.step > step);
  // Everything else that is written comes from the table of words.
  const unsaid = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      const text = node.textContent ?? "";
      if (!/\p{L}{3}/u.test(text) || /⟦/.test(text) || /⟦/.test(parent?.closest("p, label, button, span, dt, dd, th, td, h2, h3, summary, option")?.textContent ?? "")) continue;
      if (/^\d+ (s|min|h)( \d+ min)?$/.test(text)) continue; // units have one sign everywhere
      // Texts, tokens and samples are the person's and the model's; names are names; settings and formulas are the core's.
      if (parent?.closest("h1, noscript, script, .mono, .beginning, .strip, .candidates, #language, #recipe, select, .fields, #footer, #setting-help, .formula, [data-setting]")) continue;
      found.push(text);
    }
    return found;
  });
  assert.deepEqual(unsaid, []);

  // It is remembered, and the way back loses nothing either.
  await language.selectOption({ label: "English" });
  await play.says(/Steps/, "#settings-panel");
  await play.saysNothingOf(/⟦|Paŝoj/);
  assert.equal((await play.status()).steps, 5000);
  await language.selectOption({ label: "Esperanto" });
  const other = await newTab();
  await withAnotherLanguage(other);
  await other.reload();
  await other.getByRole("button", { name: "⟦Train⟧", exact: true }).waitFor();
});

/** The step in the bar, whatever the language. @param {Page} page */
async function reading(page) {
  const text = await page.locator(".figure .value").first().innerText();
  return { step: Number(text.replaceAll(/[^\d]/g, "")) };
}

pageTest("the browser's language is the page's where it is spoken", async ({ page }) => {
  await withAnotherLanguage(page);
  await page.addInitScript(() => Object.defineProperty(navigator, "languages", { value: ["tlh", "eo-XX", "en"] }));
  await page.reload();
  await page.getByRole("button", { name: "⟦Train⟧", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "eo");
});
