// @ts-check
/** A long run behind another tab: it goes on, the browser is asked to leave it alone, and its end is told if that is wanted. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, hide, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */

/**
 * What the page asks of the browser, noted; the browser's own answers depend on the machine.
 * @param {Page} page
 */
async function observed(page) {
  await page.addInitScript(() => {
    const noted = { asked: 0, shown: /** @type {any[]} */ ([]), screen: 0, focused: 0 };
    class Noted extends EventTarget {
      static permission = "default";
      static async requestPermission() {
        noted.asked += 1;
        return (Noted.permission = "granted");
      }
      constructor(/** @type {string} */ title, /** @type {any} */ { body }) {
        super();
        noted.shown.push({ title, body, click: () => this.dispatchEvent(new Event("click")) });
      }
      close() {}
    }
    class Sentinel {
      released = false;
      async release() {
        if (!this.released) noted.screen -= 1;
        this.released = true;
      }
    }
    /** @type {Sentinel[]} */
    const sentinels = [];
    const wakeLock = {
      async request() {
        noted.screen += 1;
        sentinels.push(new Sentinel());
        return sentinels.at(-1);
      },
    };
    // The browser takes the screen's lock away from a tab that is hidden.
    document.addEventListener("visibilitychange", () => document.hidden && sentinels.forEach((sentinel) => sentinel.release()), true);
    Object.defineProperty(navigator, "wakeLock", { value: wakeLock });
    Object.assign(globalThis, { Notification: Noted, noted, focus: () => (noted.focused += 1) });
  });
  await page.reload();
}

/** @param {Page} page */
const noted = (page) => page.evaluate(() => /** @type {{ asked: number, shown: { title: string, body: string, click(): void }[], screen: number, focused: number }} */ (/** @type {any} */ (globalThis).noted));
/** Locks but those that tell two tabs which of them saves what. @param {Page} page */
const locks = (page) =>
  page.evaluate(async () => ((await navigator.locks.query()).held ?? []).map(({ name }) => name).filter((name) => !name?.startsWith("fledgling saves")));

pageTest("a run goes on behind another tab, and its end is told to who asked for it", async ({ page }) => {
  await observed(page);
  const play = playground(page);
  await play.ready();
  await play.paste(story(5000));
  await play.set("Steps", 100_000);
  assert.deepEqual(await locks(page), [], "nothing is held before");

  // Wanted by a click, and asked for by nothing else.
  assert.equal((await noted(page)).asked, 0);
  await page.getByText("While training", { exact: true }).click();
  await page.getByRole("checkbox", { name: "Keep the screen on" }).check();
  await page.getByRole("checkbox", { name: "Notify me at the end" }).check();
  assert.equal((await noted(page)).asked, 1);
  assert.equal((await noted(page)).screen, 0);

  await play.train.click();
  await play.reach(2);
  await eventually("the lock of one that trains", () => locks(page), (held) => held.join() === "fledgling is training");
  await eventually("the screen's lock", () => noted(page), ({ screen }) => screen === 1);
  let show = await hide(page);
  const before = (await play.status()).step ?? NaN;
  await play.reach(before + 5);
  await eventually("the screen's lock taken away", () => noted(page), ({ screen }) => screen === 0);
  await show();
  await eventually("the screen's lock again", () => noted(page), ({ screen }) => screen === 1);
  await play.pauseTraining();
  await eventually("both released", async () => [(await locks(page)).length, (await noted(page)).screen], ([held, screen]) => held === 0 && screen === 0);
  assert.deepEqual((await noted(page)).shown, [], "a pause is no end");

  // In sight nothing is announced; behind another tab the end is, and a click on it brings the tab back.
  await play.set("Steps", 60);
  await play.button("Start afresh").click();
  await play.finished();
  assert.deepEqual((await noted(page)).shown, []);
  await play.set("Steps", 61);
  await play.button("Start afresh").click();
  await play.statusWhere("the next run", (now) => now.step !== null && now.step < 60 && now.steps === 61);
  show = await hide(page);
  await play.finished();
  const { shown } = await noted(page);
  assert.deepEqual(shown.map(({ title, body }) => [title, body.replace(/\d\.\d{3}/, "#")]), [["Training is done", "Step 61, validation loss # nats."]]);
  await page.evaluate(() => /** @type {any} */ (globalThis).noted.shown[0].click());
  assert.equal((await noted(page)).focused, 1);
  await show();

  // Remembered, and with the permission taken back not pretended.
  assert.deepEqual(
    await page.evaluate(() => JSON.parse(localStorage.getItem("fledgling.preferences") ?? "{}")),
    { scheme: "system", language: null, keepScreenOn: true, notify: true, executor: null, workers: null, knowsWhyCpu: false },
  );
  page.once("dialog", (dialog) => dialog.accept()); // the model has not been exported
  await page.reload();
  await play.ready();
  await page.getByText("While training", { exact: true }).click();
  assert.equal(await page.getByRole("checkbox", { name: "Keep the screen on" }).isChecked(), true);
  assert.equal(await page.getByRole("checkbox", { name: "Notify me at the end" }).isChecked(), false);
});

pageTest("leaving asks while a model is in no file, and not afterwards", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(story(5000));
  /** Whether leaving asks. */
  const asks = () =>
    page.evaluate(() => {
      const event = new Event("beforeunload", { cancelable: true });
      dispatchEvent(event);
      return event.defaultPrevented;
    });
  assert.equal(await asks(), false, "there is no model");
  await play.step.click();
  await play.statusWhere("the first step", (now) => now.step === 1 && now.training !== null);
  assert.equal(await asks(), true);
  const saving = page.waitForEvent("download");
  await play.export.click();
  await saving;
  await play.says(/Saved fledgling-step-1\./, "#files-panel");
  assert.equal(await asks(), false, "it is in a file");
  await play.step.click();
  await play.statusWhere("the second step", (now) => now.step === 2);
  assert.equal(await asks(), true, "that one is not");
  await play.reset.click();
  await play.statusWhere("a fresh model", (now) => now.step === 0);
  assert.equal(await asks(), false, "a seed brings it back");
  await play.button("Undo").click();
  await play.statusWhere("the model that was undone", (now) => now.step === 2);
  assert.equal(await asks(), true);
  await play.button("Fine-tune").click();
  await play.statusWhere("its weights, trained further", (now) => (now.step ?? 0) > 0 && (now.steps ?? 0) === 500);
  assert.equal(await asks(), true);
});
