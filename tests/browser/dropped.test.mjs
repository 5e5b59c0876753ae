// @ts-check
/** Files and folders let fall on the page, as the browser itself hands them over. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";
import { entries } from "./zip.mjs";

/** @typedef {import("playwright-core").Page} Page */

const text = story(5000);

/** Drags files or folders of this machine over the page and lets them fall. @param {Page} page @param {string[]} paths */
async function drop(page, ...paths) {
  const browser = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const dragged = () => page.evaluate(() => document.documentElement.classList.contains("dragging"));
  const point = { x: 300, y: 300, data };
  await browser.send("Input.dispatchDragEvent", { type: "dragEnter", ...point });
  await browser.send("Input.dispatchDragEvent", { type: "dragOver", ...point });
  await eventually("the page's readiness for a file", dragged, Boolean);
  await browser.send("Input.dispatchDragEvent", { type: "drop", ...point });
  await eventually("the end of that", dragged, (still) => !still);
  await browser.detach();
}

pageTest("folders and files that are dropped are told apart", async ({ page, url }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Tokens", "Bytes");
  await play.set("Activation", "GELU (tanh)");
  await play.set("Steps", 60);
  await play.finish();
  await play.prompt.fill("The ");
  const greedy = await play.draw({ temperature: 0, length: 20 });
  const { validation } = await play.status();
  assert.ok(validation !== null);
  await play.chooseFormat("transformers zip");
  const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
  const whole = entries(readFileSync(await download.path()));

  const folder = mkdtempSync(join(tmpdir(), "fledgling-"));
  const at = (/** @type {string[]} */ ...path) => join(folder, ...path);
  try {
    mkdirSync(at("hen", "checkpoint-10"), { recursive: true });
    for (const [name, bytes] of whole) writeFileSync(at("hen", name), bytes);
    writeFileSync(at("hen", "checkpoint-10", "model.safetensors"), "older");
    mkdirSync(at("notes", "more"), { recursive: true });
    // More than the browser lists at a time.
    for (let i = 0; i < 120; i += 1) writeFileSync(at("notes", "more", `${i}.txt`), "text");
    writeFileSync(at("notes", ".hidden"), "");
    mkdirSync(at("nothing"));
    writeFileSync(at("hen.txt"), text.slice(0, 3000));

    /** @type {[RegExp, string[]][]} */
    const ways = [
      [/from hen\b/, [at("hen")]],
      [/from config\.json \+ model\.safetensors \+ tokenizer\.json/, ["config.json", "model.safetensors", "tokenizer.json"].map((name) => at("hen", name))],
    ];
    for (const [from, paths] of ways) {
      await play.reset.click();
      await play.statusWhere("a fresh model", (now) => now.step === 0);
      await drop(page, ...paths);
      await play.says(from, "#files-panel");
      assert.equal((await play.statusWhere("the validation loss", (now) => now.validation !== null)).validation, validation);
      await play.prompt.fill("The ");
      assert.equal(await play.draw({ temperature: 0, length: 20 }), greedy, String(from));
    }

    await drop(page, at("notes"));
    await play.says(/folder notes holds 120 files and no model among them/, "#files-panel .problem:not([hidden])");
    await drop(page, at("nothing"));
    await play.says(/folder nothing holds 0 files and no model among them/, "#files-panel .problem:not([hidden])");
    await drop(page, at("hen", "config.json"), at("hen", "tokenizer.json"));
    await play.says(/tokenizer\.json: 25\d tokens/, "#tokens-panel");
    await drop(page, at("hen.txt"));
    await eventually("the text in the box", () => play.text.inputValue(), (value) => value === text.slice(0, 3000));
    assert.equal(page.url(), url, "the browser opened nothing itself");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
