// @ts-check
/**
 * A record that a kill tore in the browser's own list of files: what is saved after it is there at every later start. The kill
 * that hits the moment is rare (once in 198), so that the header without a body is written here.
 */

import assert from "node:assert/strict";
import { appendFileSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { story } from "./grammar.mjs";
import { found, newest, visitorTest } from "./killable.mjs";
import { eventually, hide, playground } from "./playground.mjs";

// Of LevelDB's log, in bytes.
const [BLOCK, HEADER] = [32_768, 7];
const SAVES = 5;
// Milliseconds.
const TIMEOUT = 300_000;

/**
 * Appends the header of a record of 180 bytes to the log of a browser that is gone.
 * @param {string} profile
 * @returns {() => void} holds afterwards that the browser has gone on behind it; otherwise this test has tested nothing
 */
function tear(profile) {
  const folder = join(profile, "Default", "File System", "000", "t", "Paths");
  const logs = readdirSync(folder).filter((name) => name.endsWith(".log"));
  const log = join(folder, logs.sort((a, b) => parseInt(a, 10) - parseInt(b, 10)).at(-1) ?? "");
  const at = statSync(log).size;
  assert.ok(BLOCK - (at % BLOCK) > HEADER, "a header fits in the block");
  // Checksum, length, type: a record in one piece.
  const header = Buffer.from([0xde, 0xad, 0xbe, 0xef, 180, 0, 1]);
  appendFileSync(log, header);
  return () => {
    const now = readFileSync(log);
    assert.deepEqual(now.subarray(at, at + HEADER), header);
    assert.ok(now.length > at + HEADER, "something was written behind it");
  };
}

/** A small model, trained without an end. @param {import("playwright-core").Page} page @param {string} url */
async function begin(page, url) {
  const play = playground(page);
  await page.goto(url);
  await play.ready();
  await play.paste(story(3000));
  for (const [label, value] of Object.entries({ Width: 16, Layers: 1, Heads: 1, Context: 32, Batch: 64, Steps: 10_000_000, "Warm-up": 10 })) await play.set(label, value);
  await play.train.click();
  return play;
}

/** Saves several times in a row; the last step that was saved. @param {ReturnType<typeof playground>} play */
async function saveOften(play) {
  let step = (await play.status()).step ?? 0;
  for (let save = 0; save < SAVES; save += 1) {
    await play.reach(step + 1);
    const show = await hide(play.page);
    step = await eventually("a save", () => newest(play.page), (saved) => saved > step);
    await show();
  }
  return step;
}

visitorTest("a torn record costs no save that comes after it", TIMEOUT, async ({ profile, url, aside, start, kill }) => {
  await saveOften(await begin(await start(), url));
  await kill();
  const wentOn = tear(profile);

  const play = playground(await start());
  await play.page.goto(url);
  await play.says(/A session is saved in this browser/, "#notices");
  await play.notices.getByRole("button", { name: "Go on", exact: true }).click();
  await play.statusWhere("the saved step", (now) => now.step !== null);
  await play.train.click();
  const step = await saveOften(play);
  await kill();
  wentOn();

  const after = await start();
  await after.goto(aside);
  assert.ok((await newest(after)) >= step, `the save of step ${step} was whole, this is left: ${JSON.stringify(await found(after))}`);
});

visitorTest("a torn record costs no copy that a tab saves which does not save by itself", TIMEOUT, async ({ profile, url, start, kill }) => {
  await saveOften(await begin(await start(), url));
  await kill();
  const wentOn = tear(profile);

  // The first tab holds what is saved by itself, and saves nothing.
  const first = playground(await start());
  await first.page.goto(url);
  await first.ready();
  const second = await begin(await first.page.context().newPage(), url);
  await second.reach(3);
  await second.pauseTraining();
  const { step } = await second.status();
  const files = second.page.locator("#files-panel");
  await files.locator("summary").filter({ hasText: "Saved sessions" }).click();
  await second.says(/Another tab of this page saves by itself/, "#files-panel");
  await files.getByRole("textbox", { name: "Name for a copy" }).fill("hens");
  await files.getByRole("button", { name: "Save as", exact: true }).click();
  await second.says(/Saved sessions \(2\)/, "#files-panel");
  await kill();
  wentOn();

  const after = playground(await start());
  await after.page.goto(url);
  await after.says(new RegExp(`A session is saved in this browser: hens, step ${step}\\b`), "#notices");
  await after.notices.getByRole("button", { name: "Go on", exact: true }).click();
  await after.statusWhere("the saved step", (now) => now.step === step);
});
