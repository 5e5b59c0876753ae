// @ts-check
/** What the page itself keeps of a session, how often, and that a torn record of the browser's costs nothing of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { UNSAVED } from "../../web/state/files.js";
import { historyOf } from "../../web/state/runs.js";
import { rest, shortRest } from "../../web/state/session_pace.js";
import { pageOf, parsePage, putBack, takeUp } from "../../web/storage/session_page.js";
import { passTornRecord } from "../../web/storage/torn_record.js";
import { after, built, progressed, readyState, stateWithText, trained, validated } from "./fixtures.mjs";

test("saving takes a thirtieth of the time and two megabytes a second at most", () => {
  assert.equal(rest(0, 0), 30_000);
  assert.equal(rest(900, 10e6), 30_000, "a small model");
  assert.equal(rest(1500, 258e6), 130_000, "six copies of 43 MB");
  assert.equal(rest(8000, 258e6), 240_000, "on a slow disk");
  assert.ok(shortRest(1e6) < 100 && shortRest(258e6) > 10_000, "a tab that is hidden again and again");
});

test("what the page knew of a session is there again, numbers that are none too", () => {
  const text = stateWithText("the hens");
  const then = {
    ...after(text, built(), progressed(1, { training: [trained(1, 3)], validation: [validated(1, 3)] }), progressed(2, { training: [trained(2, Infinity)], validation: [validated(2, NaN)] })),
    recipe: "bigram", exportedStep: 1, promptTouched: true, view: { zoom: { from: 0, to: 2 }, logSteps: true, logLoss: false },
    tokenizerFile: { reading: null, given: { event: /** @type {const} */ ("tokenizer_read"), name: "t.json", vocab: 9, lossless: true }, files: [{ name: "t.json", bytes: new TextEncoder().encode('{"é": 1}') }] },
  };
  const page = parsePage(pageOf(then));
  const fresh = readyState();

  const { change, before, name } = takeUp(fresh, page);
  assert.equal(name, "text");
  const waiting = { ...fresh, ...change };
  assert.deepEqual([waiting.building, waiting.recipe, waiting.form, waiting.text.reading?.name], [true, "bigram", then.form, "text"]);
  assert.deepEqual(waiting.tokenizerFile.files.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes)]), [["t.json", '{"é": 1}']]);
  // A file that the worker refuses leaves the page as it was.
  assert.deepEqual({ ...waiting, ...before }, { ...fresh, text: { ...fresh.text, reading: null, pending: false } });

  const resumed = after({ ...waiting, text: { ...waiting.text, value: "the hens", revision: 4 } }, built({ origin: "resumed", step: 2 }));
  const now = { ...resumed, ...putBack(resumed, page) };
  assert.deepEqual([now.model?.origin, now.model?.textRevision, now.exportedStep, now.promptTouched, now.view], ["fresh", 4, 1, true, then.view]);
  assert.deepEqual([now.history.latest?.loss, now.history.latestValidation?.loss], [Infinity, NaN]);
  assert.deepEqual(now.history.rows(), then.history.rows());
  assert.deepEqual(now.runs.list.map((run) => [historyOf(run, now).latest?.step, run.step]), [[2, 0]]);
  assert.equal(historyOf(now.runs.list[0], now), now.history, "the present run's curves are the page's");
  // A model that was made of another text than the box had.
  const other = parsePage(pageOf({ ...then, text: { ...then.text, revision: 9 } }));
  assert.equal(putBack(resumed, other).model?.textRevision, UNSAVED);
});

test("text that looks like a number that is none stays what it is", () => {
  const page = parsePage(pageOf({ ...readyState(), source: /** @type {any} */ ({ number: "NaN", more: 1 }) }));
  assert.deepEqual(page.source, { number: "NaN", more: 1 });
});

/** A private file system's folder, in which others may be at work too. @param {(round: number) => void} remove */
function folder(remove) {
  const seen = { made: 0, removed: 0, bytes: 0 };
  const root = {
    async getDirectoryHandle(/** @type {string} */ name) {
      seen.made += 1;
      seen.bytes += 3 * name.length;
    },
    async removeEntry() {
      remove(seen.made);
      seen.removed += 1;
    },
  };
  return { root: /** @type {FileSystemDirectoryHandle} */ (/** @type {unknown} */ (root)), seen };
}

/** @param {string[]} brands @param {() => Promise<void>} body */
async function inBrowser(brands, body) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { userAgentData: { brands: brands.map((brand) => ({ brand })) } }, configurable: true });
  try {
    await body();
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
}

test("a torn record lies behind more than a block of Chromium's log, other browsers write nothing", async () => {
  const { root, seen } = folder(() => {});
  await inBrowser(["Firefox"], () => passTornRecord(root));
  assert.equal(seen.made, 0);
  await inBrowser(["Not A;Brand", "Chromium"], () => passTornRecord(root));
  assert.equal(seen.made, seen.removed);
  assert.ok(seen.bytes > 32 * 1024, `${seen.bytes} bytes`);
});

test("another tab may remove the folder, a full disk is said", async () => {
  const elsewhere = folder((round) => {
    if (round % 2 === 0) throw new DOMException("gone", round % 4 === 0 ? "NotFoundError" : "NoModificationAllowedError");
  });
  await inBrowser(["Chromium"], () => passTornRecord(elsewhere.root));
  assert.ok(3 * 200 * elsewhere.seen.removed > 0 && elsewhere.seen.made > elsewhere.seen.removed);
  const full = folder(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  await inBrowser(["Chromium"], () => assert.rejects(passTornRecord(full.root), { name: "QuotaExceededError" }));
});
