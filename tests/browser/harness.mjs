// @ts-check
/**
 * A test of the real page: `dist/` on a static server, a browser context of its own (storage, cache and permissions as in a
 * fresh profile), and no message on the console that the test did not announce. The tests of a file share a Chromium.
 *
 *     pageTest("a text is trained", async ({ page, screenshot }) => {
 *       await page.getByLabel("Text").fill("to be or not to be");
 *       await screenshot("filled");
 *     });
 */

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { INSECURE_HOST, findChromium, flags } from "./chromium.mjs";
import { serve } from "./static_server.mjs";

export const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const SCREENSHOTS = fileURLToPath(new URL("screenshots", import.meta.url));

/**
 * @typedef {object} Options
 * @property {import("./chromium.mjs").WebGpu} [webgpu] which browser the visitor has; "software" unless told
 * @property {boolean} [gpu] whether the visitor chose the GPU at an earlier visit; not unless told: by itself the page computes on
 *   the CPU rather than on a software adapter, and is quicker by far
 * @property {boolean} [simd] whether WebAssembly has vectors; unless told it has
 * @property {string} [prefix] the path that the page is hosted under; "/" unless told
 * @property {string} [folder] what is hosted; dist/ unless told
 * @property {boolean} [serviceWorker] whether the browser has service workers; not unless told, so that what a test changes on
 *   its way from the host arrives
 * @property {string} [query] what follows the address, with its "?" or "#"
 * @property {{ width: number, height: number }} [viewport] 1440 × 900 unless told
 * @property {RegExp[]} [expected] warnings and errors that belong to this test, each of which must then occur
 * @property {number} [timeout] milliseconds for the whole test; 5 minutes unless told
 */

/**
 * @typedef {object} Opened
 * @property {import("playwright-core").Page} page
 * @property {string} url the page's address
 * @property {string[]} messages every warning, error and uncaught exception of page and worker so far
 * @property {(name: string) => Promise<void>} screenshot into tests/browser/screenshots/, which git ignores
 * @property {() => Promise<import("playwright-core").Page>} newTab another tab of the same visitor, watched alike
 * @property {Awaited<ReturnType<typeof serve>>} host
 */

/**
 * Opens the page for something other than a test, in a browser of its own. `close` it in a `finally`.
 * @param {Options} [options]
 * @returns {Promise<Opened & { close: () => Promise<void> }>}
 */
export async function openPage(options = {}) {
  const browser = await launch(options);
  const opened = await openIn(browser, options).catch(async (error) => {
    await browser.close();
    throw error;
  });
  const close = async () => {
    await opened.close();
    await browser.close();
  };
  return { ...opened, close };
}

/** The browser that a visitor has. @param {Options} options */
function launch({ webgpu = "software", simd = true }) {
  // A processor without SSE 4.1 has none of WebAssembly's vectors; those of ARM have them always.
  const args = [...flags(webgpu), ...(simd ? [] : ["--js-flags=--no-enable-sse4-1"])];
  return chromium.launch({ executablePath: findChromium().path, args });
}

/** Those of this file's tests, one of each kind. @type {Map<string, ReturnType<typeof launch>>} */
const browsers = new Map();

/** A browser that the tests of a file share; one that is gone is launched anew. @param {Options} options */
async function shared(options) {
  const kind = JSON.stringify([options.webgpu, options.simd]);
  const launched = browsers.get(kind) ?? launch(options);
  browsers.set(kind, launched);
  const browser = await launched;
  if (browser.isConnected()) return browser;
  browsers.delete(kind);
  return shared(options);
}

/**
 * @param {import("playwright-core").Browser} browser @param {Options} options
 * @returns {Promise<Opened & { close: () => Promise<void> }>}
 */
async function openIn(browser, { webgpu = "software", gpu = false, simd = true, prefix = "/", folder = DIST, serviceWorker, query = "", viewport }) {
  assert.ok(existsSync(join(folder, "index.html")), `${folder} has no page in it: run \`make build\` first`);
  const server = await serve(folder, prefix);
  const context = await browser.newContext({ viewport: viewport ?? { width: 1440, height: 900 } }).catch(async (error) => {
    await server.close();
    throw error;
  });
  const close = async () => {
    await context.close();
    await server.close();
  };
  try {
    // As patient as the tests' own waiting: a machine that does more than one thing needs some.
    context.setDefaultTimeout(120_000);
    /** @type {string[]} */
    const messages = [];
    listen(context, messages);
    if (webgpu === "absent") await withoutWebGpu(context);
    if (gpu) await chooseGpu(context);
    if (!simd && process.arch !== "x64") await context.addInitScript("WebAssembly.validate = () => false");
    if (!serviceWorker) await context.addInitScript("delete Navigator.prototype.serviceWorker");
    const url = (webgpu === "insecure" ? server.url.replace("127.0.0.1", INSECURE_HOST) : server.url) + query;
    const newTab = async () => {
      const tab = await context.newPage();
      await tab.goto(url);
      return tab;
    };
    const page = await newTab();
    const screenshot = async (/** @type {string} */ name) => {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    };
    return { page, url, messages, screenshot, newTab, close, host: server };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Notes what page and worker complain of. @param {import("playwright-core").BrowserContext} context @param {string[]} messages */
export function listen(context, messages) {
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      const { url } = message.location();
      messages.push(`${message.type()}: ${message.text()}${url ? ` (${url})` : ""}`);
    }
  });
  context.on("weberror", (error) => messages.push(`uncaught: ${error.error().stack ?? error.error()}`));
}

/** The GPU, as if its button had been pressed at an earlier visit. @param {import("playwright-core").BrowserContext} context */
const chooseGpu = (context) =>
  context.addInitScript(() => {
    try {
      const key = "fledgling.preferences";
      if (localStorage.getItem(key) === null) localStorage.setItem(key, JSON.stringify({ executor: "gpu" }));
    } catch {
      // An address without storage.
    }
  });

/** @param {import("playwright-core").BrowserContext} context */
async function withoutWebGpu(context) {
  await context.addInitScript("delete Navigator.prototype.gpu");
  await context.route("**/worker_loader.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `delete WorkerNavigator.prototype.gpu; ${await response.text()}` });
  });
}

let first = true;

/**
 * A test whose body gets the opened page. It fails on any warning or error that `expected` does not name, and leaves a
 * screenshot named after itself when it fails.
 * @param {string} name
 * @param {Options | ((opened: Opened) => Promise<void>)} options or the body
 * @param {(opened: Opened) => Promise<void>} [body]
 */
export function pageTest(name, options, body) {
  const { run, settings } =
    typeof options === "function" ? { run: options, settings: {} } : { run: body, settings: options };
  assert.ok(run, `${name}: a test needs a body`);
  const { expected = [], timeout = 300_000 } = settings;
  if (first) after(async () => void (await Promise.all(Array.from(browsers.values(), async (browser) => (await browser).close()))));
  first = false;
  test(name, { timeout }, async () => {
    const opened = await openIn(await shared(settings), settings);
    const { messages, screenshot } = opened;
    try {
      await run(opened);
      const unexpected = messages.filter((message) => !expected.some((pattern) => pattern.test(message)));
      if (unexpected.length > 0) assert.fail("the console has messages that the test does not expect");
      const absent = expected.find((pattern) => !messages.some((message) => pattern.test(message)));
      if (absent) assert.fail(`the console has no message like ${absent}, which the test expects`);
    } catch (error) {
      await screenshot(`failed ${name}`.replace(/[^\w-]+/g, "_")).catch(() => {}); // the page may be gone
      for (const message of messages) console.error(`${name}, on the console: ${message}`);
      throw error;
    } finally {
      await opened.close();
    }
  });
}
