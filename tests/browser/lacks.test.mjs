// @ts-check
/** Bad days: a browser without something that the page needs says so, by its name, and does what it can all the same. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */

const needs = /Update the browser, or use another: Chrome and Edge have all that is needed from version 91 on, Firefox from 114 and Safari from 16\.4/;

/** @param {Page} page @param {RegExp} sentence */
async function cannotTrain(page, sentence) {
  const play = playground(page);
  await play.says(sentence, "#notices");
  await play.says(needs, "#notices");
  assert.ok(await play.train.isDisabled());
  assert.ok(await play.sample.isDisabled());
  assert.equal(await play.button("Restart").isVisible(), false, "another worker would find no more");
  assert.deepEqual(page.workers(), []);
}

pageTest("a browser without SIMD in WebAssembly says so", { simd: false }, async ({ page }) => {
  await cannotTrain(page, /Chrome offers WebAssembly without SIMD here, and the models are computed in its vector instructions/);
  await page.locator("#language").selectOption("zh-Hans");
  await playground(page).says(/Chrome 在这里提供的 WebAssembly 没有 SIMD/, "#notices");
});

pageTest("a browser without WebAssembly says so", async ({ page }) => {
  await page.addInitScript("delete globalThis.WebAssembly");
  await page.reload();
  await cannotTrain(page, /Chrome offers no WebAssembly here, and the models are computed in it/);
});

pageTest("a browser without module workers says so", async ({ page }) => {
  // One that never asks what type a worker is of, and takes every one for a classic script.
  await page.addInitScript(() => {
    const Modern = Worker;
    globalThis.Worker = class extends Modern {
      /** @param {string | URL} address @param {WorkerOptions} [options] */
      constructor(address, options) {
        super(address, { name: options?.name });
      }
    };
  });
  await page.reload();
  await cannotTrain(page, /Chrome offers no module workers here, and the models are computed in one/);
});

for (const [name, remove] of Object.entries({
  "a way to write to the private file system": "delete FileSystemFileHandle.prototype.createWritable",
  "the right to the private file system": "StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('Security error', 'SecurityError'))",
})) {
  pageTest(`without ${name} a model is trained and not saved`, async ({ page }) => {
    await page.addInitScript(remove);
    await page.reload();
    const play = playground(page);
    await play.ready();
    await play.says(/This browser gives the page no private file system to write to \(OPFS\), so that no session is saved: export a model to keep it/, "#files-panel");
    assert.equal(await page.getByText("Saved sessions").isVisible(), false);
    await play.paste(story(20_000));
    await play.set("Steps", 60);
    await play.finish();
    assert.equal(Array.from(await play.draw({ length: 20 })).length, 20);
    assert.deepEqual((await play.status()).problems, []);
  });
}
