// @ts-check
/** Sessions kept in the browser: nothing of a run is lost with its tab, and it goes on as if it had never stopped. */

import assert from "node:assert/strict";
import { pageTest } from "./harness.mjs";
import { curves, eventually, playground } from "./playground.mjs";
import { SAMPLED, STEPS, begin, saved, saves, text } from "./saves.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page */
const samples = (page) => page.locator("#through-time-panel li .whole").allTextContents();

/** Damages the newest slot. @param {Page} page @param {"flip" | "forget"} how */
const damage = (page, how) =>
  page.evaluate(async (how) => {
    const sessions = await (await navigator.storage.getDirectory()).getDirectoryHandle("sessions");
    for await (const handle of sessions.values()) {
      const folder = /** @type {FileSystemDirectoryHandle} */ (handle);
      const read = async (/** @type {string} */ name) => {
        try {
          return await (await folder.getFileHandle(name)).getFile();
        } catch {
          return null;
        }
      };
      const number = async (/** @type {string} */ slot) => JSON.parse((await (await read(`${slot}.json`))?.text()) || '{"number":0}').number;
      const slot = (await number("a")) > (await number("b")) ? "a" : "b";
      if (how === "forget") {
        await folder.removeEntry(`${slot}.json`);
        continue;
      }
      const core = await read(`${slot}.core`);
      const bytes = new Uint8Array(await /** @type {File} */ (core).arrayBuffer());
      bytes[bytes.length >> 1] ^= 1;
      const stream = await (await folder.getFileHandle(`${slot}.core`)).createWritable();
      await stream.write(bytes);
      await stream.close();
    }
  }, how);

/** @param {ReturnType<typeof playground>} play */
async function pauseAt(play, /** @type {number} */ step) {
  await play.reach(step);
  await play.pauseTraining();
  const status = await play.status();
  await saved(play.page, status.step);
  return status;
}

/** A tab opened anew, and its offer taken. @param {ReturnType<typeof playground>} play */
async function goOn(play) {
  await play.ready();
  await play.says(/A session is saved in this browser: Your own text, step \d+, validation loss [\d.]+ nats, saved .*(ago|just now)/, "#notices");
  await play.notices.getByRole("button", { name: "Go on", exact: true }).click();
  await eventually("the model", async () => (await play.status()).step, (step) => step !== null);
}

pageTest("a session goes on in a new tab as if it had never stopped", async ({ page, newTab }) => {
  const first = playground(page);
  await begin(first);
  let paused = await pauseAt(first, 3 * SAMPLED);
  // A sample that is under way at a pause is taken after the save, and once more when the session goes on.
  while ((paused.step ?? 0) % SAMPLED === 0) {
    await first.train.click();
    paused = await pauseAt(first, (paused.step ?? 0) + 1);
  }
  await first.prompt.fill("The ");
  const drawn = await first.draw({ temperature: 0.8, seed: 3, length: 30 });
  const [table, through] = [await curves(page), await samples(page)];
  assert.ok(through.length >= 3, `samples through time: ${through.length}`);
  await page.close();

  const second = playground(await newTab());
  await goOn(second);
  const back = await second.status();
  assert.equal(back.step, paused.step);
  assert.equal(back.validation, paused.validation);
  assert.equal(await second.text.inputValue(), text);
  assert.equal(await curves(second.page), table);
  assert.deepEqual(await samples(second.page), through);
  assert.ok(await second.train.isVisible(), "nothing trains by itself");
  await second.prompt.fill("The ");
  assert.equal(await second.draw({ temperature: 0.8, seed: 3, length: 30 }), drawn);

  // Another tab beside it, which leaves its sessions alone and trains without a stop.
  const beside = playground(await newTab());
  await beside.ready();
  await beside.saysNothingOf(/A session is saved in this browser/);
  await beside.page.locator("#files-panel summary").filter({ hasText: "Saved sessions" }).click();
  await beside.says(/Another tab of this page saves by itself/, "#files-panel");
  await second.page.bringToFront();
  await second.train.click();
  await second.finished();
  const whole = await curves(second.page);
  await beside.page.bringToFront();
  await begin(beside);
  await beside.finished();
  assert.equal(await curves(beside.page), whole, "a resumed run has the losses of one that was never stopped");
  await saved(second.page, STEPS);
});

pageTest("a damaged save gives way to the one before it, and a session takes any name", async ({ page, newTab }) => {
  const first = playground(page);
  await begin(first);
  const earlier = await pauseAt(first, 12);
  await first.train.click();
  await pauseAt(first, (earlier.step ?? 0) + 8);
  await damage(page, "flip");
  await page.close();

  const second = playground(await newTab());
  await goOn(second);
  assert.equal((await second.status()).step, earlier.step);
  await second.train.click();
  const later = await pauseAt(second, (earlier.step ?? 0) + 5);
  assert.ok((later.step ?? 0) > (earlier.step ?? 0));
  await damage(second.page, "forget");
  await second.page.close();

  const third = playground(await newTab());
  await goOn(third);
  assert.equal((await third.status()).step, earlier.step);

  const files = third.page.locator("#files-panel");
  await files.locator("summary").filter({ hasText: "Saved sessions" }).click();
  const hostile = `<img src=x onerror="alert(1)">\u202e nal`;
  await files.getByRole("textbox", { name: "Name for a copy" }).fill(hostile);
  await files.getByRole("button", { name: "Save as", exact: true }).click();
  await third.says(/Saved sessions \(2\)/, "#files-panel");
  const names = () => files.getByRole("textbox", { name: "Name of the session" }).evaluateAll((fields) => fields.map((field) => /** @type {HTMLInputElement} */ (field).value));
  assert.deepEqual(await names(), ['<img src=x onerror="alert(1)"> nal', "Your own text"]);
  assert.equal(await third.page.locator("#files-panel img").count(), 0);
  // What is read of the list for the new name comes late, when a session of it is gone.
  await third.page.evaluate(() => {
    const { estimate } = StorageManager.prototype;
    StorageManager.prototype.estimate = async function () {
      StorageManager.prototype.estimate = estimate;
      await new Promise((later) => setTimeout(later, 1500));
      return this.estimate();
    };
  });
  await files.getByRole("textbox", { name: "Name of the session" }).last().fill("hens");
  await files.getByRole("textbox", { name: "Name of the session" }).last().press("Enter");
  await eventually("the new name", names, (all) => all[1] === "hens");
  await third.says(/Storage: .* used, .* left/, "#files-panel");
  third.page.once("dialog", (dialog) => dialog.accept());
  await files.getByRole("button", { name: "Delete", exact: true }).first().click();
  await third.says(/Saved sessions \(1\)/, "#files-panel");
  await third.page.waitForTimeout(2000);
  await third.says(/Saved sessions \(1\)/, "#files-panel");
  assert.deepEqual(await names(), ["hens"]);
});

pageTest("a full disk is said with its numbers, and the save before it stays", async ({ page }) => {
  const play = playground(page);
  // No room even for what comes before the first save.
  const restore = await page.evaluateHandle(() => {
    const { getDirectoryHandle } = FileSystemDirectoryHandle.prototype;
    FileSystemDirectoryHandle.prototype.getDirectoryHandle = async function (name, options) {
      if (options?.create) throw new DOMException("full", "QuotaExceededError");
      return getDirectoryHandle.call(this, name, options);
    };
    return () => void (FileSystemDirectoryHandle.prototype.getDirectoryHandle = getDirectoryHandle);
  });
  await begin(play);
  await play.reach(2);
  await play.pauseTraining();
  await play.says(/The session could not be saved: it does not fit and [\d.]+ .B of storage are left; the last save stays\. Delete a saved session, or export the model\./, "#files-panel");
  await restore.evaluate((restore) => restore());
  await play.train.click();
  const { step } = await pauseAt(play, 5);
  await play.noLongerSays(/could not be saved/);
  await page.evaluate(() => {
    FileSystemWritableFileStream.prototype.write = async () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await play.train.click();
  await play.reach((step ?? 0) + 3);
  await play.pauseTraining();
  await play.says(/The session could not be saved: it takes [\d.]+ MB and [\d.]+ .B of storage are left; the last save stays\. Delete a saved session, or export the model\./, "#files-panel");
  assert.deepEqual(await saves(page), [step]);
  assert.ok(await play.export.isEnabled());
});
