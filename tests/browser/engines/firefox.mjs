// @ts-check
/** Firefox over WebDriver BiDi, as puppeteer speaks it: Playwright asks this Firefox for commands that it does not know. */

import puppeteer from "puppeteer-core";
import { findFirefox } from "./found.mjs";

/** WebGPU on the machine's Vulkan adapter, which is a software one where there is no other (mesa's lavapipe). */
const WEBGPU = { "dom.webgpu.enabled": true, "dom.webgpu.workers.enabled": true, "gfx.webgpu.ignore-blocklist": true };

/** @param {{ gpu: boolean, downloads: string }} options @returns {Promise<import("./person.mjs").Engine>} */
export async function firefox({ gpu, downloads }) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: findFirefox(),
    headless: true,
    extraPrefsFirefox: { "browser.download.folderList": 2, "browser.download.dir": downloads, ...(gpu ? WEBGPU : {}) },
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  page.setDefaultTimeout(120_000);
  /** @type {string[]} */
  const messages = [];
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) messages.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => messages.push(`uncaught: ${error}`));
  const element = async (/** @type {string} */ script) => /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (await page.evaluateHandle(script));
  return {
    version: await browser.version(),
    downloads,
    messages,
    open: async (address) => void (await page.goto(address)),
    reload: async () => void (await page.reload()),
    evaluate: (script) => page.evaluate(script),
    click: async (script) => (await element(script)).click(),
    choose: async (script, path) => (await element(script)).uploadFile(path),
    screenshot: async (path) => void (await page.screenshot({ path: /** @type {`${string}.png`} */ (path) })),
    close: () => browser.close(),
  };
}
