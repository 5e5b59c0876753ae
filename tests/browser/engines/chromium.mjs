// @ts-check
/** Chromium, as the other tests have it. */

import { join } from "node:path";
import { openPage } from "../harness.mjs";

/** @param {{ gpu: boolean, downloads: string }} options @returns {Promise<import("./person.mjs").Engine>} */
export async function chromium({ gpu, downloads }) {
  const { page, messages, close } = await openPage({ webgpu: gpu ? "software" : "absent" });
  page.on("download", async (download) => download.saveAs(join(downloads, download.suggestedFilename())));
  const element = async (/** @type {string} */ script) => /** @type {import("playwright-core").ElementHandle} */ ((await page.evaluateHandle(script)).asElement());
  return {
    version: `Chromium ${page.context().browser()?.version()}`,
    downloads,
    messages,
    open: async (address) => void (await page.goto(address)),
    reload: async () => void (await page.reload()),
    evaluate: (script) => page.evaluate(script),
    click: async (script) => (await element(script)).click(),
    choose: async (script, path) => (await element(script)).setInputFiles(path),
    screenshot: async (path) => void (await page.screenshot({ path })),
    close,
  };
}
