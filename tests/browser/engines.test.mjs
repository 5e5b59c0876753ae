// @ts-check
/** The same way through the page in every engine, with and without WebGPU: from a text to a model that is taken away, and back. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "./engines/chromium.mjs";
import { firefox } from "./engines/firefox.mjs";
import { person } from "./engines/person.mjs";
import { webkit } from "./engines/webkit.mjs";
import { story } from "./grammar.mjs";
import { DIST } from "./harness.mjs";
import { eventually } from "./playground.mjs";
import { serve } from "./static_server.mjs";

/** @typedef {import("./engines/person.mjs").Engine} Engine */

const SCREENSHOTS = fileURLToPath(new URL("screenshots", import.meta.url));
const STEPS = 40;
const text = story(20_000);
// A model that a software adapter trains in seconds.
const SETTINGS = { Layers: 1, Width: 32, Context: 32, Steps: STEPS, Batch: 8, "Learning rate": 0.01, "Warm-up": 10, "Validate every": 20, "Validation batches": 2, "Sample every": 20 };

/**
 * A test whose body gets an engine and the page's address. It fails on any message on the console.
 * @param {string} name
 * @param {(downloads: string) => Promise<Engine>} launch
 * @param {(engine: Engine, url: string) => Promise<void>} body
 */
function engineTest(name, launch, body) {
  test(name, { timeout: 300_000 }, async (t) => {
    const downloads = mkdtempSync(join(tmpdir(), "fledgling-downloads-"));
    const host = await serve(DIST);
    const engine = await launch(downloads).catch(async (error) => {
      await host.close();
      throw error;
    });
    t.diagnostic(engine.version);
    try {
      await body(engine, host.url);
      assert.deepEqual(engine.messages, [], "the console has messages");
    } catch (error) {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await engine.screenshot(join(SCREENSHOTS, `failed ${name}.png`.replace(/[^\w.-]+/g, "_"))).catch(() => {}); // it may be gone
      for (const message of engine.messages) console.error(`${name}, on the console: ${message}`);
      throw error;
    } finally {
      await engine.close();
      await host.close();
      rmSync(downloads, { recursive: true });
    }
  });
}

/** @param {Engine} engine @param {string} url @param {boolean} gpu */
async function walk(engine, url, gpu) {
  const hands = person(engine);
  await engine.open(url);
  await hands.usable("button", "Train");
  assert.equal(await hands.ask(() => "gpu" in navigator), gpu);
  if (gpu) {
    // A software adapter is not chosen by itself, a machine's own is.
    await hands.press("GPU", "radio");
    await eventually("a model's place on the GPU", () => hands.read("#footer"), (said) => /WebGPU/i.test(said) && !/No GPU is in use/.test(said));
  } else {
    await hands.says(/No GPU is in use/, "#footer");
    await hands.says(/so models train on the CPU/, "#notices");
    await hands.says(new RegExp(`Workers\\s+of ${Math.min(await hands.ask(() => navigator.hardwareConcurrency), 8)}`), "#footer");
  }

  // A text is trained on; while that goes on, the page shows where the model looks.
  await hands.fill("textbox", "Text", text);
  await hands.ask(() => document.querySelectorAll("details.more").forEach((fold) => fold.setAttribute("open", "")));
  for (const [label, value] of Object.entries(SETTINGS)) await hands.fill("number", label, value);
  await hands.press("Train");
  await eventually("the first steps", hands.step, (step) => (step ?? 0) >= 2);
  await hands.fill("textbox", "Sentence", "The old fox");
  await eventually("the map of attention", () => hands.ask(() => document.querySelector("[role=img][aria-label^='Attention of layer']")?.checkVisibility()), Boolean);
  await hands.says(/Time left\s+done/, "[role=status]");
  assert.equal(await hands.step(), STEPS);
  const [, loss] = /Training loss\s+([\d.]+) nats/.exec(await hands.read("[role=status]")) ?? [];
  assert.ok(Number(loss) < 2.7, `trained to ${loss} nats, ln of the vocabulary is 3.3`);
  assert.doesNotMatch(await hands.read("#notices"), /helper/i);
  const greedy = await hands.draw("The ", 12);
  // Firefox by itself looks for what the GPU has finished only every 100 ms, once a token.
  const began = performance.now();
  await hands.draw("The ", 60);
  const each = (performance.now() - began) / 60;
  assert.ok(each < 50, `a character took ${each.toFixed(0)} ms`);

  // It is taken away, and so is a page with it.
  const saves = await hands.ask(() => typeof FileSystemFileHandle !== "undefined" && "createWritable" in FileSystemFileHandle.prototype);
  if (saves) await eventually("a save", () => savedStep(hands), (step) => step === STEPS);
  await hands.fill("choice", "Format", "safetensors");
  const model = await hands.export();
  await hands.fill("choice", "Format", "web page");
  const page = await hands.export();

  // It goes on after a reload, where the browser lets a page write to its storage.
  await engine.reload();
  await hands.usable("button", "Train");
  if (saves) {
    await hands.says(new RegExp(`A session is saved in this browser: Your own text, step ${STEPS}`), "#notices");
    await hands.press("Go on");
    await eventually("the saved step", hands.step, (step) => step === STEPS);
    assert.equal(await hands.draw("The ", 12), greedy);
    await hands.press("Reset");
    await eventually("a fresh model", hands.step, (step) => step === 0);
  } else {
    await hands.says(/no private file system to write to \(OPFS\), so that no session is saved: export a model to keep it/, "#files-panel");
  }
  await hands.import(model.path);
  await eventually("the model from the file", hands.step, (step) => step === STEPS);
  assert.equal(await hands.draw("The ", 12), greedy);

  // The page of the model opens by itself.
  await engine.open(pathToFileURL(page.path).href);
  await hands.says(/Runs on the CPU/, "#where");
  if (gpu) {
    await hands.press("Use the GPU");
    await hands.says(/Runs on (a software adapter|your GPU)/, "#where");
  }
  assert.equal(await hands.draw("The ", 12), greedy);
}

/** The newest step that is saved; null while there is none. @param {ReturnType<typeof person>} hands */
const savedStep = (hands) =>
  hands.ask(async () => {
    const sessions = await (await navigator.storage.getDirectory()).getDirectoryHandle("sessions").catch(() => null);
    let newest = null;
    for await (const folder of sessions?.values() ?? []) {
      for (const slot of ["a.json", "b.json"]) {
        // Its slot may be written to just now.
        const file = await /** @type {FileSystemDirectoryHandle} */ (folder).getFileHandle(slot).catch(() => null);
        const manifest = (await file?.getFile().then((file) => file.text()).catch(() => "")) || "null";
        newest = Math.max(newest ?? 0, JSON.parse(manifest)?.summary.step ?? 0);
      }
    }
    return newest;
  });

for (const [name, gpu, launch] of /** @type {const} */ ([
  ["Chromium on the CPU", false, chromium],
  ["Chromium on the GPU", true, chromium],
  ["Firefox on the CPU", false, firefox],
  ["Firefox on the GPU", true, firefox],
  ["WebKit on the CPU", false, webkit],
])) {
  engineTest(
    `${name}: a text becomes a model, which is kept, taken away and brought back`,
    (downloads) => launch({ gpu, downloads }),
    (engine, url) => walk(engine, url, gpu),
  );
}

engineTest(
  "WebKit in the C locale, whose name is no language's, has the page",
  (downloads) => webkit({ downloads, language: "C.UTF-8" }),
  async (engine, url) => {
    const hands = person(engine);
    await engine.open(url);
    assert.equal(await hands.ask(() => navigator.languages.join()), "C", "what this test is about");
    await hands.usable("button", "Train");
    await hands.press("Step");
    await eventually("a step", hands.step, (step) => step === 1);
  },
);
