// @ts-check
/** What the page keeps in the origin's private file system, seen from outside, and a run that is worth keeping. */

import { story } from "./grammar.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */

export const text = story(20_000);
export const STEPS = 300;
/** Steps from one sample to the next: they take longer than a sample, or every pause would fall into one. */
export const SAMPLED = 20;

/** A model of the settings that all of these tests train. @param {ReturnType<typeof playground>} play @param {number} [steps] */
export async function begin(play, steps = STEPS) {
  await play.ready();
  await play.paste(text);
  await play.set("Steps", steps);
  for (const [label, value] of Object.entries({ Batch: 8, "Warm-up": 10, "Validate every": 10, "Validation batches": 2, "Sample every": SAMPLED })) {
    await play.set(label, value);
  }
  await play.train.click();
}

/** The steps of all slots of all sessions, the newest first. @param {Page} page @returns {Promise<number[]>} */
export const saves = (page) =>
  page.evaluate(async () => {
    const sessions = await (await navigator.storage.getDirectory()).getDirectoryHandle("sessions", { create: true });
    const found = [];
    for await (const folder of sessions.values()) {
      for await (const file of /** @type {FileSystemDirectoryHandle} */ (folder).values()) {
        if (!file.name.endsWith(".json")) continue;
        // It is gone as soon as its slot is written to, and there and empty from when its own writing begins.
        const manifest = await /** @type {FileSystemFileHandle} */ (file).getFile().then((file) => file.text(), () => "");
        if (manifest) found.push(JSON.parse(manifest));
      }
    }
    // A test may have damaged one.
    const order = (/** @type {{ order: unknown }} */ { order }) => (Number.isSafeInteger(order) ? Number(order) : 0);
    return found.sort((a, b) => order(b) - order(a)).map(({ summary }) => summary.step);
  });

/** Waits until a step stands in the newest slot. @param {Page} page @param {number | null} step */
export const saved = (page, step) => eventually(`a save of step ${step}`, () => saves(page), ([newest]) => newest === step);
