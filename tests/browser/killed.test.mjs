// @ts-check
/** A browser that dies in the middle of a save, again and again: whatever the moment, what it left behind goes on. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { findChromium, flags } from "./chromium.mjs";
import { random, story } from "./grammar.mjs";
import { DIST, listen } from "./harness.mjs";
import { curves, eventually, hide, playground } from "./playground.mjs";
import { serve } from "./static_server.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ step: number | null, whole: boolean }} Slot step of the manifest; null where there is none, or half of one */

const KILLS = 20;
const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1e9);

/** When to kill, as parts of the time that a save is seen to take, and so a little longer than it does: one in each twentieth, in any order. */
function moments() {
  const draw = random(SEED);
  const all = Array.from({ length: KILLS }, (_, i) => (i + draw()) / KILLS);
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(draw() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

/**
 * A Chromium of its own process group, so that nothing of it outlives a kill.
 * @param {string} profile @param {string[]} messages
 */
async function start(profile, messages) {
  const args = [...flags("software"), `--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"];
  const browser = spawn(findChromium().path, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const gone = new Promise((gone) => browser.once("exit", gone));
  const kill = async () => {
    if (browser.exitCode !== null || browser.signalCode !== null) return;
    process.kill(-Number(browser.pid), "SIGKILL");
    await gone;
  };
  try {
    const address = await new Promise((/** @type {(address: string) => void} */ found, fail) => {
      let said = "";
      browser.stderr.on("data", (part) => {
        const [, address] = /DevTools listening on (\S+)/.exec((said += part)) ?? [];
        if (address) found(address);
      });
      browser.once("exit", () => fail(new Error(`Chromium does not start: ${said}`)));
    });
    const [context] = (await chromium.connectOverCDP(address)).contexts();
    context.setDefaultTimeout(120_000);
    listen(context, messages);
    await context.addInitScript("delete Navigator.prototype.serviceWorker");
    const page = context.pages()[0] ?? (await context.newPage());
    return { page, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** What stands in the one session's slots, and how many files that belong to none. @param {Page} page */
const found = (page) =>
  page.evaluate(async () => {
    const sessions = await (await navigator.storage.getDirectory()).getDirectoryHandle("sessions", { create: true });
    /** @type {Map<string, File>} */
    const files = new Map();
    for await (const folder of sessions.values()) {
      for await (const handle of /** @type {FileSystemDirectoryHandle} */ (folder).values()) {
        const file = await /** @type {FileSystemFileHandle} */ (handle).getFile().catch(() => null); // gone since it was listed
        if (file) files.set(handle.name, file);
      }
    }
    /** @type {Slot[]} */
    const slots = [];
    for (const slot of ["a", "b"]) {
      const text = (await files.get(`${slot}.json`)?.text().catch(() => "")) || "null"; // or another one in its place
      const manifest = JSON.parse(text);
      const size = manifest?.parts.reduce((/** @type {number} */ sum, /** @type {[number]} */ [size]) => sum + size, 0);
      const whole = manifest && files.get(`${slot}.core`)?.size === size && files.get(`${slot}.page`)?.size === manifest.page[0];
      slots.push({ step: manifest?.summary.step ?? null, whole: Boolean(whole) });
    }
    const strangers = [...files.keys()].filter((name) => !/^([ab]\.(core|page|json)|name)$/.test(name));
    return { slots, strangers };
  });

/** The newest step that is whole. @param {Page} page */
const newest = async (page) => Math.max(...(await found(page)).slots.map(({ step, whole }) => (whole ? (step ?? 0) : 0)));

test(`a browser that is killed in the middle of a save, ${KILLS} times over, goes on each time`, { timeout: 900_000 }, async (t) => {
  t.diagnostic(`KILL_SEED=${SEED}`);
  const began = Date.now();
  const profile = mkdtempSync(join(tmpdir(), "fledgling-"));
  const host = await serve(DIST);
  /** @type {string[]} */
  const messages = [];
  /** What the kills met. */
  const met = { before: 0, half: 0, after: 0, strangers: 0 };
  /** @type {Awaited<ReturnType<typeof start>> | null} */
  let browser = null;
  /** Step of the last save known to be whole. */
  let whole = 0;
  /** The curves as far as they are known, a line a step. @type {Map<number, string>} */
  const known = new Map();

  /** The page again, in the session that the killed browser left. */
  async function goOn() {
    browser = await start(profile, messages);
    const { page } = browser;
    // A file of the same origin, from which the page's storage is seen before the page has touched it.
    await page.goto(`${host.url}worker_loader.js`);
    const { slots, strangers } = await found(page);
    const steps = slots.filter(({ whole }) => whole).map(({ step }) => step ?? 0);
    if (steps.length < 2) met.half += 1;
    else if (Math.max(...steps) > whole) met.after += 1;
    else met.before += 1;
    if (strangers.length > 0) met.strangers += 1;
    const left = Math.max(...steps);
    assert.ok(left >= whole, `the save of step ${whole} was whole, step ${left} is left`);
    whole = left;

    await page.goto(host.url);
    const play = playground(page);
    await play.says(/A session is saved in this browser: Your own text, step [\d,]+/, "#notices");
    const offered = Number(/, step ([\d,]+)/.exec(await play.notices.innerText())?.[1].replaceAll(",", ""));
    assert.equal(offered, left, "the newest whole save is offered");
    assert.deepEqual((await found(page)).strangers, [], "what was half written is cleared away");
    await play.notices.getByRole("button", { name: "Go on", exact: true }).click();
    const { step } = await play.statusWhere("the saved step", (now) => now.step !== null);
    assert.equal(step, left);
    const lines = (await curves(page)).trim().split("\n").slice(1);
    assert.equal(Number(lines.at(-1)?.split(",")[0]), step, "the curve ends where the weights stand");
    for (const line of lines) known.set(parseInt(line, 10), line);
    return play;
  }

  try {
    for (const moment of moments()) {
      let play;
      if (whole === 0) {
        browser = await start(profile, messages);
        play = playground(browser.page);
        await play.page.goto(host.url);
        await play.ready();
        await play.paste(story(3000));
        for (const [label, value] of Object.entries({ Width: 16, Layers: 1, Heads: 1, Context: 16, Batch: 1, Steps: 100_000, "Warm-up": 10, "Validate every": 10, "Validation batches": 1 })) {
          await play.set(label, value);
        }
      } else {
        play = await goOn();
      }
      const { page } = play;
      await play.train.click();
      await play.reach(whole + 2);
      // One save to its end, so that both slots are whole, and it is known how long one takes.
      const asked = performance.now();
      const show = await hide(page);
      whole = await eventually("a whole save", () => newest(page), (step) => step > whole);
      const took = performance.now() - asked;
      await show();
      await play.reach(whole + 1);
      await hide(page);
      await pause(moment * took);
      await browser?.kill();
    }
    const play = await goOn();
    t.diagnostic(`${JSON.stringify(met)} in ${Math.round((Date.now() - began) / 1000)} s, step ${whole}`);
    assert.ok(met.half >= 3, `kills that left a slot half written: ${met.half}`);
    const last = (await play.status()).step ?? 0;

    // The same run without a stop.
    await play.reset.click();
    await play.statusWhere("a fresh model", (now) => now.step === 0);
    await play.train.click();
    await play.reach(last);
    await play.pauseTraining();
    const lines = (await curves(play.page)).trim().split("\n").slice(1);
    // The last step's validation may have been under way as it was saved.
    const unbroken = lines.filter((line) => parseInt(line, 10) < last);
    assert.equal(unbroken.length, last, "a line a step");
    for (const line of unbroken) assert.equal(known.get(parseInt(line, 10)), line);
    // A script opened by itself has no icon.
    assert.deepEqual(messages.filter((message) => !message.includes("/favicon.ico")), []);
  } finally {
    await browser?.kill();
    await host.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});
