// @ts-check
/**
 * How soon the page is there, and whether it stays at hand while a model trains. Machines that test are busy with more than
 * this. By the clock, the best of some visits counts, and the first step, which the software adapter makes of processor time
 * alone, may take longer by as much as the processors were sought after before. Tasks are measured by the processor time of
 * the page's main thread (tdur of Chromium's trace), which other programs do not lengthen.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { playground, seen } from "./playground.mjs";

// How much less of the machine there is than all of it.
const BUSY = Math.max(1, loadavg()[0] / availableParallelism());
// Milliseconds.
const FIRST_PAINT = 1000 * BUSY;
const FIRST_STEP = 10_000 * BUSY;
const TASK = 50;

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "fledgling-"));
cpSync(path("../../dist"), folder, { recursive: true });
execFileSync(process.execPath, [path("../../web/offline/write.mjs"), folder]);
after(() => rmSync(folder, { recursive: true }));

pageTest("the second visit paints within a second and trains within ten", { folder, serviceWorker: true }, async ({ page, newTab }) => {
  await playground(page).ready();
  // What a plain host sends without a word on caching is kept by the service worker.
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  await page.close();
  const visits = [];
  for (let visit = 0; visit < 3; visit += 1) {
    const tab = await newTab();
    const train = playground(tab).train;
    await train.click();
    await tab.waitForFunction(() => /^[1-9]/.test(document.querySelector(".figure .value")?.textContent ?? ""), null, { polling: 20 });
    visits.push(
      await tab.evaluate(() => ({ step: performance.now(), paint: performance.getEntriesByName("first-paint")[0]?.startTime ?? Infinity })),
    );
    await tab.close({ runBeforeUnload: false });
    if (visit > 0 && visits.some(({ paint, step }) => paint < FIRST_PAINT && step < FIRST_STEP)) break;
  }
  const [paint, step] = [Math.min(...visits.map(({ paint }) => paint)), Math.min(...visits.map(({ step }) => step))];
  console.log(`first paint after ${paint.toFixed(0)} ms, first trained step after ${(step / 1000).toFixed(1)} s (of ${(FIRST_STEP / 1000).toFixed(0)})`);
  assert.ok(paint < FIRST_PAINT, `first paint after ${paint} ms`);
  assert.ok(step < FIRST_STEP, `first trained step after ${step} ms`);
});

pageTest("while a model trains no task of the page's takes more than 50 ms", { viewport: { width: 1440, height: 1400 } }, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(story(50_000));
  await play.set("Steps", 100_000);
  await play.set("Sample every", 10);
  await play.train.click();
  await play.reach(5);
  await play.prompt.fill("The old fox near the ");
  await page.evaluate(() => document.querySelectorAll("#inside-panel details").forEach((fold) => fold.setAttribute("open", "")));
  for (const part of [".lens", ".tensors", ".plane"]) {
    await seen(page.locator("details.part", { has: page.locator(part) }), part);
  }
  await play.length.fill("2000");
  await play.sample.click();

  const browser = page.context().browser();
  assert.ok(browser);
  const begun = (await play.status()).step ?? 0;
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata"] });
  // Some hundred steps, samples of the run among them, and each look inside again and again. Asked for seldom: asking is a task too.
  const there = (/** @type {number} */ step) => Number(document.querySelector(".figure .value")?.textContent?.replaceAll(",", "")) >= step;
  await page.waitForFunction(there, begun + 200, { polling: 1000, timeout: 120_000 });
  /** @type {{ traceEvents: { name: string, ph: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args: any }[] }} */
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));

  const mains = new Set(traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ name, pid, tid, tdur }) => /RunTask$/.test(name) && mains.has(`${pid} ${tid}`) && tdur !== undefined);
  assert.ok(tasks.length > 100, `${tasks.length} tasks were seen`);
  const longest = [...tasks].sort((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0));
  console.log(`the longest of ${tasks.length} tasks took ${longest.slice(0, 5).map(({ tdur }) => ((tdur ?? 0) / 1000).toFixed(1)).join(", ")} ms`);
  const [most] = longest;
  if ((most.tdur ?? 0) >= 1000 * TASK || process.env.TASKS) {
    for (const task of longest.slice(0, 5)) {
      const within = traceEvents.filter((event) => event.pid === task.pid && event.tid === task.tid && event.ph === "X" && event.ts >= task.ts && event.ts < task.ts + (task.dur ?? 0) && (event.tdur ?? 0) > 3000);
      console.log(within.map(({ name, tdur, args }) => `${name} ${((tdur ?? 0) / 1000).toFixed(1)} ${args?.data?.functionName ?? args?.data?.url ?? ""}`).join("; "));
    }
  }
  assert.ok((most.tdur ?? Infinity) < 1000 * TASK, `a task took ${most.tdur} µs`);
});
