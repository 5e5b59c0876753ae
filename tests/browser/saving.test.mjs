// @ts-check
/** When a run is saved by itself, and what is offered of it: after a tab, a worker or another tab is gone. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { bytes } from "../../web/i18n/format.js";
import { pageTest } from "./harness.mjs";
import { eventually, file, hide, playground } from "./playground.mjs";
import { split } from "./safetensors.mjs";
import { begin, saved, saves } from "./saves.mjs";

/** @typedef {import("playwright-core").Page} Page */

const ENDLESS = 100_000;

/** @param {Page} page */
const unfold = (page) => page.locator("#files-panel summary").filter({ hasText: "Saved sessions" }).click();

/** Makes files and folders of the page's own storage. @param {Page} page @param {string[]} paths in the folder of sessions; "*" is any session */
const leave = (page, ...paths) =>
  page.evaluate(async (paths) => {
    const sessions = await (await navigator.storage.getDirectory()).getDirectoryHandle("sessions");
    for (const path of paths) {
      const [id, name] = path.split("/");
      const first = (await sessions.keys().next()).value ?? "";
      const stream = await (await (await sessions.getDirectoryHandle(id === "*" ? first : id, { create: true })).getFileHandle(name, { create: true })).createWritable();
      await stream.write(new Uint8Array(1000));
      await stream.close();
    }
  }, paths);

/** Every file of every session. @param {Page} page */
const kept = (page) =>
  page.evaluate(async () => {
    const sessions = await (await navigator.storage.getDirectory()).getDirectoryHandle("sessions");
    const found = [];
    for await (const folder of sessions.values()) for await (const name of /** @type {FileSystemDirectoryHandle} */ (folder).keys()) found.push(name);
    return found.sort();
  });

pageTest("a run is saved when its tab is hidden, and at rests that suit the disk", async ({ page }) => {
  const play = playground(page);
  await begin(play, ENDLESS);
  for (const more of [3, 3]) {
    const { step } = await play.reach(((await play.status()).step ?? 0) + more);
    const show = await hide(page);
    // The interval is longer than this, and the second save follows the first.
    await eventually("a save of a hidden tab", () => saves(page), ([newest]) => newest >= (step ?? Infinity), 20_000);
    await show();
  }
  await unfold(page);
  // 30 s, or longer beside whatever else the disk and the processor do.
  await play.says(/Saved by itself every [3-9]0 s of training/, "#files-panel");
  await play.says(/Saved sessions \(1\)/, "#files-panel");
  const used = () => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await eventually("the storage used", async () => (await page.locator("#files-panel").innerText()).includes(`Storage: ${bytes(await used())} used`), Boolean);

  // Persistence is asked for with the first copy that a person wants, and one that is wanted amid a save comes after it.
  await page.evaluate(() => {
    const noted = /** @type {any} */ (globalThis);
    noted.asked = 0;
    navigator.storage.persist = async () => ((noted.asked += 1), true);
    const { write } = FileSystemWritableFileStream.prototype;
    FileSystemWritableFileStream.prototype.write = async function (data) {
      await new Promise((next) => setTimeout(next, 500));
      return write.call(this, data);
    };
  });
  await page.getByRole("textbox", { name: "Name for a copy" }).fill("hens");
  const copy = play.button("Save as");
  await page.evaluate(() => {
    for (const button of document.querySelectorAll("button")) if (button.textContent === "Save as") button.click();
    const hidden = Object.getOwnPropertyDescriptor(document, "hidden");
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    Object.defineProperty(document, "hidden", hidden ?? { value: false, configurable: true });
  });
  await play.says(/Saved sessions \(2\)/, "#files-panel");
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).asked), 1);
  await eventually("the end of saving", () => copy.isEnabled(), Boolean);
  await play.says(/Saved by itself every [2-9] min of training/, "#files-panel");
  await play.pauseTraining();
  const { step } = await play.status();
  await saved(page, step);
  await eventually("the end of saving", () => copy.isEnabled(), Boolean);

  // What a crash leaves behind is cleared away, and nothing else.
  await leave(page, "*/a.core.crswap", "automatic-1/a.core", "automatic-1/a.core.1.crswap", `named-${Date.now()}/a.core`);
  const before = await kept(page);
  page.once("dialog", (dialog) => dialog.accept()); // the model has not been exported
  await page.reload();
  await play.says(/A session is saved in this browser/, "#notices");
  assert.deepEqual(
    await kept(page),
    before.filter((name) => !name.includes("crswap")).toSpliced(before.indexOf("a.core"), 1),
    "but for a copy that another tab may be writing",
  );
});

pageTest("a session with a tokenizer from a file goes on in another tab, and by another worker", async ({ page, newTab }) => {
  const first = playground(page);
  await first.ready();
  await first.set("Tokens", "Sub-words (BPE)");
  await first.set("Vocabulary", 300);
  await eventually("sub-words", () => first.counts(), ([, , vocabulary]) => vocabulary === 300);
  await first.step.click();
  await first.statusWhere("a model", (now) => now.step === 1);
  const [download] = await Promise.all([page.waitForEvent("download"), first.export.click()]);
  const { tokenizer } = /** @type {Record<string, string>} */ (split(readFileSync(await download.path())).header.__metadata__);
  await first.reset.click();
  await first.statusWhere("a fresh model", (now) => now.step === 0);
  await first.drop(file("my tokenizer.json", tokenizer));
  await first.says(/my tokenizer\.json: 300 tokens/, "#tokens-panel");
  await begin(first, ENDLESS);
  await first.reach(8);
  await first.pauseTraining();
  const paused = await first.status();
  await saved(page, paused.step);
  const counts = await first.counts();
  await first.prompt.fill("The ");
  const drawn = await first.draw({ temperature: 0.8, seed: 3, length: 20 });
  await page.close();

  const tab = await newTab();
  const second = playground(tab);
  await second.says(new RegExp(`A session is saved in this browser: Your own text, step ${paused.step}`), "#notices");
  const goOn = second.notices.getByRole("button", { name: "Go on", exact: true });
  /** The session as it was. */
  const intact = async () => {
    await second.statusWhere("the saved step", (now) => now.step === paused.step && now.validation === paused.validation);
    await second.says(/my tokenizer\.json: 300 tokens/, "#tokens-panel");
    await eventually("the same tokens", () => second.counts(), (now) => JSON.stringify(now) === JSON.stringify(counts));
    await second.prompt.fill("The ");
    assert.equal(await second.draw({ temperature: 0.8, seed: 3, length: 20 }), drawn);
  };
  await goOn.click();
  await intact();
  await second.train.click();
  await second.reach((paused.step ?? 0) + 2);
  await tab.workers()[0].evaluate(() => {
    Performance.prototype.now = () => {
      throw new Error("the clock is gone");
    };
  });
  await second.says(/The worker stopped.*the clock is gone/, "#notices");
  await second.says(new RegExp(`A session is saved in this browser: Your own text, step ${paused.step}`), "#notices");
  await goOn.click();
  await intact();
  await second.noLongerSays(/The worker stopped/);
  await second.train.click();
  await second.reach((paused.step ?? 0) + 2);
});

pageTest("a second tab says which session the first one has, and goes on with it when that is closed", async ({ page, newTab }) => {
  const first = playground(page);
  await begin(first, ENDLESS);
  await first.reach(3);
  await hide(page);
  const [step] = await eventually("a save", () => saves(page), ([newest]) => newest >= 3);

  const tab = await newTab();
  const second = playground(tab);
  await second.ready();
  await unfold(tab);
  await second.says(/Another tab of this page has this session: go on there, or close that tab/, "#files-panel");
  await second.says(/Another tab of this page saves by itself/, "#files-panel");
  for (const name of ["Go on", "Delete"]) {
    assert.ok(await tab.locator("#files-panel").getByRole("button", { name, exact: true }).isDisabled(), name);
  }
  await second.saysNothingOf(/A session is saved in this browser/);
  await page.close();

  await second.says(/A session is saved in this browser/, "#notices");
  await second.noLongerSays(/Another tab of this page/);
  await tab.locator("#files-panel").getByRole("button", { name: "Go on", exact: true }).click();
  const back = await second.statusWhere("the saved step", (now) => now.step !== null);
  assert.ok((back.step ?? 0) >= step);
  await second.train.click();
  await second.reach((back.step ?? 0) + 2);
  await second.pauseTraining();
  await saved(tab, (await second.status()).step);
  await second.says(/Saved sessions \(1\)/, "#files-panel");
});

/** A model trained anew for some steps, and saved as that pauses. @param {ReturnType<typeof playground>} play @param {number} steps */
async function run(play, steps) {
  if ((await play.status()).step === null) {
    await begin(play, ENDLESS);
  } else {
    await play.reset.click();
    await play.statusWhere("a fresh model", (now) => now.step === 0);
    await play.train.click();
  }
  await play.reach(steps);
  await play.pauseTraining();
  const { step } = await play.status();
  await saved(play.page, step);
  return step;
}

/** The steps of the listed sessions, as they are listed. @param {ReturnType<typeof playground>} play */
const listed = async (play) =>
  (await play.page.locator("#files-panel ul.sessions > li").allTextContents()).map((about) => Number(/step ([\d,]+)/.exec(about)?.[1].replaceAll(",", "")));

pageTest("a clock set back costs no save, and a session in use is never the one too many", async ({ page, newTab }) => {
  // A clock that goes as far ahead as the page's own storage says.
  await page.context().addInitScript(() => {
    if (location.protocol === "about:") return; // a tab that is not there yet
    const { now } = Date;
    const ahead = Number(localStorage.getItem("ahead"));
    Date.now = () => now() + ahead;
    globalThis.Date = /** @type {DateConstructor} */ (
      class extends Date {
        /** @param {any[]} given */
        constructor(...given) {
          super(...(given.length > 0 ? /** @type {[number]} */ (given) : /** @type {[number]} */ ([Date.now()])));
        }
      }
    );
  });
  const setClock = (/** @type {number} */ days) => page.evaluate((ahead) => localStorage.setItem("ahead", String(ahead)), days * 86_400_000);
  await setClock(400);
  await page.reload();
  const before = playground(page);
  const first = [await run(before, 3), await run(before, 6), await run(before, 9)].reverse();
  await unfold(page);
  await eventually("three sessions", () => listed(before), (steps) => JSON.stringify(steps) === JSON.stringify(first));
  await setClock(0);
  // Their order is damaged, so that they stand by their dates.
  await page.evaluate(async () => {
    const sessions = await (await navigator.storage.getDirectory()).getDirectoryHandle("sessions");
    /** @type {FileSystemFileHandle[]} */
    const manifests = [];
    for await (const folder of sessions.values()) {
      for await (const handle of /** @type {FileSystemDirectoryHandle} */ (folder).values()) {
        if (handle.name.endsWith(".json")) manifests.push(/** @type {FileSystemFileHandle} */ (handle));
      }
    }
    const read = async (/** @type {FileSystemFileHandle} */ handle) => JSON.parse(await (await handle.getFile()).text());
    const orders = await Promise.all(manifests.map(async (handle) => (await read(handle)).order));
    for (const handle of manifests) {
      const stream = await handle.createWritable();
      const manifest = await read(handle);
      await stream.write(JSON.stringify({ ...manifest, order: ["many", 1e308, -1, null][orders.indexOf(manifest.order)] }));
      await stream.close();
    }
  });
  await page.close();

  const tab = await newTab();
  const play = playground(tab);
  await play.says(new RegExp(`A session is saved in this browser: Your own text, step ${first[0]}, validation loss [\\d.]+ nats\\.`), "#notices");
  await unfold(tab);
  // The oldest one goes on in another tab.
  const beside = playground(await newTab());
  await beside.ready();
  await unfold(beside.page);
  await beside.page.locator("#files-panel ul.sessions > li").last().getByRole("button", { name: "Go on", exact: true }).click();
  await beside.statusWhere("the saved step", (now) => now.step === first[2]);
  await tab.bringToFront();
  const second = await run(play, 12);
  await eventually("the newest three and the one in use", () => listed(play), (steps) => JSON.stringify(steps) === JSON.stringify([second, ...first]));
  const third = await run(play, 15);
  await eventually("the newest three and the one in use", () => listed(play), (steps) => JSON.stringify(steps) === JSON.stringify([third, second, first[0], first[2]]));
  await beside.page.close();
  await tab.close();

  const last = playground(await newTab());
  await last.says(new RegExp(`step ${third}, validation loss [\\d.]+ nats, saved (just now|\\d+ (s|min) ago)`), "#notices");
});
