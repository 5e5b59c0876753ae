// @ts-check
/** The page as a person uses it: its controls by their names, and what it says. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ name: string, mimeType: string, buffer: Buffer }} Upload */

/** Settings of a model that a software adapter trains at many steps a second. */
export const QUICK = { Layers: 1, Width: 32, Context: 16, Batch: 4, "Validation batches": 1, "Sample every": 0 };

/** @param {Page} page */
export function playground(page) {
  const button = (/** @type {string} */ name) => page.getByRole("button", { name, exact: true });
  const number = (/** @type {string} */ name) => page.getByRole("spinbutton", { name, exact: true });
  const controls = {
    text: page.getByRole("textbox", { name: "Text", exact: true }),
    train: button("Train"),
    pause: button("Pause"),
    step: button("Step"),
    reset: button("Reset"),
    prompt: page.getByRole("textbox", { name: "Prompt", exact: true }),
    temperature: number("Temperature"),
    topK: number("Top-k"),
    seed: number("Seed"),
    length: number("Length"),
    sample: button("Sample"),
    stop: button("Stop"),
    sampled: page.getByRole("region", { name: "Sampled text" }),
    layer: page.getByRole("combobox", { name: "Layer", exact: true }),
    head: page.getByRole("combobox", { name: "Head", exact: true }),
    map: page.getByRole("img", { name: /^Attention of layer/ }),
    export: button("Export"),
    notices: page.locator("#notices"),
    plot: page.locator("#loss-plot"),
    recipe: page.getByRole("combobox", { name: "Recipe", exact: true }),
    madeText: page.getByRole("combobox", { name: "Built-in text", exact: true }),
  };

  /** What the status line says; null where it has no number. */
  async function status() {
    const text = (await page.getByRole("status").innerText()).replace(/\s+/g, " ");
    const figure = (/** @type {RegExp} */ pattern) => {
      const found = pattern.exec(text);
      return found ? Number(found[1].replaceAll(",", "")) : null;
    };
    return {
      text,
      step: figure(/Step ([\d,]+) of/),
      steps: figure(/Step [\d,]+ of ([\d,]+)/),
      training: figure(/Training loss ([\d.]+) nats/),
      validation: figure(/Validation loss ([\d.]+) nats/),
      speed: figure(/Speed ([\d.,]+)/),
      problems: await page.locator(".problem:not([hidden])").allInnerTexts(),
    };
  }

  /**
   * Waits until the status line is as told.
   * @param {string} what
   * @param {(now: Awaited<ReturnType<typeof status>>) => boolean} holds
   */
  const statusWhere = (what, holds) => eventually(what, status, holds);

  const reach = (/** @type {number} */ step) => statusWhere(`step ${step}`, (now) => (now.step ?? 0) >= step);

  /** Whether this button can be pressed now. @param {"train" | "sample" | "stop" | "step" | "export"} name */
  const canPress = async (name) => (await controls[name].count()) === 1 && (await controls[name].isEnabled());

  return {
    page,
    ...controls,
    button,
    status,
    statusWhere,
    reach,

    /** Waits for the worker, and for the built-in text that it puts into an empty box. */
    async ready() {
      await eventually("the worker's readiness", () => canPress("train"), Boolean);
      await eventually("a text at first sight", () => this.counts(), (counts) => !counts.some(Number.isNaN));
    },

    /** A number under its name in one of the panels, as shown. @param {string} name */
    count: async (name) =>
      (await page.locator(".numbers > div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd").innerText()).trim(),

    /** The text in the box, and the page's counts of it. @param {string} text */
    async paste(text) {
      await controls.text.fill(text);
      const [count] = await eventually("the count of characters", () => this.counts(), ([count]) => count === Array.from(text).length);
      assert.equal(count, Array.from(text).length);
    },

    /** A legend's entry as shown, like "Unigram 3.021". @param {string} name */
    legend: async (name) => (await page.locator("#loss-plot .legend .item").filter({ hasText: name }).first().innerText()).trim(),

    /** Files let fall anywhere on the page. @param {Upload[]} files */
    async drop(...files) {
      const transfer = await page.evaluateHandle((files) => {
        const transfer = new DataTransfer();
        for (const { name, bytes } of files) transfer.items.add(new File([Uint8Array.from(bytes)], name));
        return transfer;
      }, files.map(({ name, buffer }) => ({ name, bytes: [...buffer] })));
      await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
    },

    /** Characters, tokens and vocabulary as the page counts them; NaN where it does not. */
    async counts() {
      // All at one moment.
      const shown = await page.locator(".numbers > div").evaluateAll((all) =>
        ["Characters", "Tokens", "Vocabulary"].map((name) => {
          const row = all.find((row) => Array.from(row.querySelectorAll("*"), (node) => node.textContent?.trim()).includes(name));
          return row?.querySelector("dd")?.textContent?.trim() ?? "–";
        }),
      );
      return shown.map((number) => Number(number.replaceAll(",", "").replace("–", "NaN")));
    },

    /** @param {Upload} file */
    openFile: (file) => page.locator("#text-panel input[type=file]").setInputFiles(file),

    /** @param {Upload} file */
    importFile: (file) => page.locator("#files-panel input[type=file]:not([webkitdirectory])").setInputFiles(file),

    /** Several files of a model. @param {Upload[]} files */
    importFiles: (...files) => page.locator("#files-panel input[type=file]:not([webkitdirectory])").setInputFiles(files),

    /** @param {string} format as named */
    async chooseFormat(format) {
      const select = page.getByRole("combobox", { name: "Format", exact: true });
      const label = await eventually("the formats' sizes", async () => (await select.locator("option").allInnerTexts()).find((option) => option.startsWith(`${format} ·`)), Boolean);
      await select.selectOption({ label: String(label) });
      return String(label).split(" · ")[1];
    },

    /** A setting of text, tokens, model or training. @param {string} label @param {string | number} value */
    async set(label, value) {
      const field = page.locator(".decide .fields").getByLabel(label, { exact: true });
      // Most settings hide under "More".
      if (!(await field.isVisible())) {
        await page.locator("details.more:not(#files-panel *)").evaluateAll((folds) => folds.forEach((fold) => fold.setAttribute("open", "")));
      }
      if ((await field.evaluate((node) => node.tagName)) === "SELECT") await field.selectOption({ label: String(value) });
      else await field.fill(String(value));
    },

    /** Trains to the last step. */
    async finish() {
      await controls.train.click();
      await this.finished();
    },

    finished: () => eventually("the last step", status, (now) => / Time left done/.test(now.text)),

    async pauseTraining() {
      await controls.pause.click();
      await eventually("Train in place of Pause", () => canPress("train"), Boolean);
    },

    /** Draws and waits for the end; the text without its prompt. @param {{ temperature?: number, topK?: number, seed?: number, length?: number }} [dials] */
    async draw(dials) {
      for (const [name, value] of Object.entries(dials ?? {})) {
        await controls[/** @type {"temperature"} */ (name)].fill(String(value));
      }
      await controls.sample.click();
      await eventually("the end of the sample", () => canPress("stop"), (running) => !running);
      return controls.sampled.innerText();
    },

    sampledText: () => controls.sampled.evaluate((node) => node.textContent ?? ""),

    /** Waits for a sentence in the page or a part of it. @param {RegExp} sentence @param {string} [within] selector */
    says: (sentence, within = "body") =>
      eventually(`the words ${sentence}`, () => page.locator(within).innerText(), (text) => sentence.test(text)),

    /** Waits until a sentence is gone. @param {RegExp} sentence */
    noLongerSays: (sentence) =>
      eventually(`the end of ${sentence}`, () => page.locator("body").innerText(), (text) => !sentence.test(text)),

    /** @param {RegExp} sentence @param {string} [within] selector */
    async saysNothingOf(sentence, within = "body") {
      const text = await page.locator(within).innerText();
      const found = sentence.exec(text);
      assert.ok(!found, `the page says: ${text.slice(Math.max(0, (found?.index ?? 0) - 100), (found?.index ?? 0) + 200)}`);
    },
  };
}

/**
 * Asks again and again until the answer is as it should be.
 * @template T
 * @param {string} what for the message
 * @param {() => Promise<T>} ask
 * @param {(answer: T) => boolean} holds
 * @param {number} [patience] milliseconds; a machine that does more than one thing needs some
 * @returns {Promise<T>}
 */
export async function eventually(what, ask, holds, patience = 120_000) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > end) assert.fail(`waited ${patience / 1000} s for ${what}; now it is ${JSON.stringify(answer)}`);
    await pause(50);
  }
}

/**
 * Holds a part of the page in sight until it shows its answer: only what is in sight is asked for, and whatever above it
 * answers grows meanwhile, and pushes it out.
 * @param {import("playwright-core").Locator} part @param {string} answer a selector
 */
export const seen = (part, answer) =>
  eventually(
    `${answer} in sight`,
    async () => {
      await part.scrollIntoViewIfNeeded();
      return part.locator(answer).first().isVisible();
    },
    Boolean,
  );

/** The present run's curves, all numbers of them. @param {Page} page */
export async function curves(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#loss-plot").getByRole("button", { name: "Save as CSV" }).click()]);
  let table = "";
  for await (const chunk of await download.createReadStream()) table += chunk;
  return table;
}

/** As if another tab stood in front: Chromium without a screen hides none. @param {Page} page */
export async function hide(page) {
  const turn = (/** @type {boolean} */ hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await turn(true);
  return () => turn(false);
}

/**
 * A file to be opened.
 * @param {string} name
 * @param {string | Uint8Array} content
 * @returns {Upload}
 */
export const file = (name, content) => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(/** @type {any} */ (content)),
});
