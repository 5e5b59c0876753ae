// @ts-check
/** All cores on the CPU: helpers compute the same numbers, and one that dies costs time and nothing else. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { story } from "./grammar.mjs";
import { DIST, pageTest } from "./harness.mjs";
import { playground } from "./playground.mjs";
import { startSession } from "./session.mjs";

const text = story(20_000);

/** The page on a browser of so many cores, with something before the session's worker and before its helpers. @param {number} cores @param {{ worker?: string, helper?: string }} [before] */
function hosted(cores, { worker = "", helper = "" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "fledgling-"));
  cpSync(DIST, folder, { recursive: true });
  const put = (/** @type {string} */ name, /** @type {string} */ code) => writeFileSync(join(folder, name), code + readFileSync(join(folder, name), "utf8"));
  put("worker_loader.js", `Object.defineProperty(WorkerNavigator.prototype, "hardwareConcurrency", { get: () => ${cores} }); ${worker};\n`);
  put("web/core/shard_loader.js", `${helper};\n`);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A helper that dies when it is told to, with an error or without a word. */
const mortal = `new BroadcastChannel("helpers").onmessage = ({ data }) => { if (data === "close") close(); else throw new Error(data); }`;
/** @param {import("playwright-core").Page} page @param {string} word */
const tell = (page, word) => page.evaluate((word) => new BroadcastChannel("helpers").postMessage(word), word);

const hash = (/** @type {ArrayBufferView} */ bytes) => createHash("sha256").update(/** @type {Uint8Array} */ (bytes)).digest("hex");

/** A fresh model trained to its last step: a hash of its file, and its losses. @param {Awaited<ReturnType<typeof startSession>>} session @param {Record<string, unknown>} config */
async function trained(session, config) {
  const reports = await session.train(config, text);
  const losses = reports.flatMap(({ training, validation }) => [...training, ...validation].map(({ step, loss }) => [step, loss]));
  const { bytes } = await session.ask({ command: "export" }, "exported");
  return { file: hash(bytes), losses: JSON.stringify(losses) };
}

pageTest("one, two and four workers train to the same bytes", { folder: hosted(4) }, async ({ page }) => {
  const session = await startSession(page);
  assert.deepEqual(await session.next("workers_set"), { event: "workers_set", workers: 4, most: 4, lack: null });
  const { config } = session.ready.presets.find((/** @type {any} */ { key }) => key === "S");
  const training = { ...config.training, steps: 20, epochs: 0, warmup_steps: 5, clip: 0.5, validation_interval: 10, validation_batches: 3 };
  const asked = { ...config, model: { ...config.model, dropout: 0.1 }, training };
  const runs = [];
  for (const workers of [1, 2, 4]) {
    assert.equal((await session.ask({ command: "set_workers", workers }, "workers_set")).workers, workers);
    runs.push(await trained(session, asked));
    const { estimate } = await session.ask({ command: "estimate", config: asked }, "estimated");
    assert.equal(estimate.workers, workers);
    const helper = estimate.helper_bytes / estimate.training_bytes;
    assert.ok(workers === 1 ? helper === 0 : helper > 0.3 && helper < 1, `a helper has ${helper} of what the owner has`);
  }
  assert.equal(JSON.parse(runs[0].losses).length, 23);
  assert.deepEqual(runs[1], runs[0]);
  assert.deepEqual(runs[2], runs[0]);
  assert.equal((await session.ask({ command: "set_workers", workers: 99 }, "workers_set")).workers, 4);
});

pageTest("a helper that dies is said and replaced, and the numbers are the same", { folder: hosted(3, { helper: mortal }) }, async ({ page }) => {
  const session = await startSession(page);
  await session.next("workers_set");
  const config = { training: { steps: 400, warmup_steps: 5, validation_interval: 50, validation_batches: 4 } };
  const undisturbed = await trained(session, config);

  const disturbed = trained(session, config);
  await session.reached(50); // its helpers are at work
  await tell(page, "a bad day");
  const lost = await session.next("worker_lost");
  assert.ok(lost.message.includes("a bad day") && !lost.silent && lost.step > 0, JSON.stringify(lost));
  await session.next("worker_lost"); // both heard it
  await tell(page, "close");
  assert.deepEqual(await disturbed, undisturbed);

  // Whoever says nothing is waited for, but not forever.
  await session.ask({ command: "reset", config: { training: { ...config.training, steps: 100_000 } } }, "model_built");
  await session.post({ command: "train" });
  await session.reached(50);
  await tell(page, "close");
  const silent = await session.next("worker_lost");
  assert.ok(silent.silent, JSON.stringify(silent));
  const { step } = await session.next("progressed");
  for (let now = step; now < step + 50; now = (await session.next("progressed")).step);
  await session.ask({ command: "pause" }, "state_changed");
});

pageTest("helpers that die one after the other leave one worker, and the page says so", { folder: hosted(3, { helper: `throw new Error("no helpers today")` }) }, async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 60);
  await play.finish();
  await play.says(/Helpers failed three times in a row, so one worker computes from now on/, "#notices");
  await screenshot("failing helpers");
  assert.ok(await page.getByRole("spinbutton", { name: "Workers", exact: true }).isDisabled());
  await play.button("Keep to one").click();
  await play.noLongerSays(/so one worker computes from now on/);
});

pageTest("a person chooses how many workers compute, sees what they take, and the browser remembers it", { folder: hosted(3) }, async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();
  const workers = page.getByRole("spinbutton", { name: "Workers", exact: true });
  assert.equal(await workers.inputValue(), "3");
  await play.says(/of 3/, "#footer");
  await play.paste(text);
  await play.set("Batch", 12);
  await play.says(/in the worker, [\d.]+ .B in each of its 2 helpers/, "#model-panel");
  await play.set("Steps", 3000);
  await play.train.click();
  await play.reach(5);
  await workers.fill("2");
  await workers.blur();
  await play.says(/in its helper/, "#model-panel");
  const { step } = await play.status();
  await play.reach((step ?? 0) + 20);
  await screenshot("workers");
  await play.pauseTraining();
  await page.reload();
  await play.ready();
  await play.says(/of 3/, "#footer");
  assert.equal(await workers.inputValue(), "2");
  await workers.fill("7");
  await workers.blur();
  assert.equal(await workers.inputValue(), "3");
});

pageTest("where a browser makes no workers inside of workers one computes, and the page says why", { folder: hosted(3, { worker: "delete self.Worker" }) }, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.says(/This browser makes no workers inside workers, so one computes/, "#footer");
  await play.paste(text);
  await play.set("Steps", 60);
  await play.finish();
});
