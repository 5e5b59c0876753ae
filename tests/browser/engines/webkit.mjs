// @ts-check
/** WebKit: WebKitGTK's MiniBrowser, by WebDriver, on a screen that is nowhere. */

import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
// @ts-expect-error: it brings no types.
import { Builder, Capabilities } from "selenium-webdriver";
import { eventually } from "../playground.mjs";
import { findWebKit } from "./found.mjs";

/** A port that was free a moment ago. @returns {Promise<number>} */
const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => found(port));
    });
  });

/** A screen's name, and a way to end it. */
async function screen() {
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const end = () => server.kill();
  const name = await new Promise((/** @type {(name: string) => void} */ found, fail) => {
    server.once("error", fail);
    server.once("exit", (code) => fail(new Error(`Xvfb ends at once, with ${code}`)));
    let said = "";
    /** @type {import("node:stream").Readable} */ (server.stdio[3]).on("data", (part) => {
      said += part;
      if (said.endsWith("\n")) found(`:${said.trim()}`);
    });
  });
  return { name, end };
}

/** @param {{ downloads: string, language?: string }} options @returns {Promise<import("./person.mjs").Engine>} */
export async function webkit({ downloads, language = "en_US.UTF-8" }) {
  const { driver: program, browser: binary } = findWebKit();
  const home = mkdtempSync(join(tmpdir(), "fledgling-webkit-"));
  writeFileSync(join(home, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
  const { name, end } = await screen();
  const port = await freePort();
  const env = { ...process.env, DISPLAY: name, LANG: language, LC_ALL: "", LANGUAGE: "", XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home };
  const served = spawn(program, [`--port=${port}`], { env, stdio: "ignore" });
  const close = async () => {
    served.kill();
    end();
    // The browser's processes go when they notice.
    await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  };
  try {
    const address = `http://127.0.0.1:${port}`;
    await eventually("WebKitWebDriver's answer", () => fetch(`${address}/status`).then(({ ok }) => ok, () => false), Boolean);
    const capabilities = new Capabilities();
    capabilities.set("browserName", "MiniBrowser");
    capabilities.set("webkitgtk:browserOptions", { binary, args: ["--automation"] });
    const driver = await new Builder().usingServer(address).withCapabilities(capabilities).build();
    await driver.manage().setTimeouts({ script: 120_000, pageLoad: 120_000 });
    await driver.manage().window().setRect({ x: 0, y: 0, width: 1440, height: 900 });
    const evaluate = (/** @type {string} */ script) => driver.executeScript(`return ${script}`);
    return {
      version: `WebKitGTK ${(await driver.getCapabilities()).get("browserVersion")}`,
      downloads,
      messages: [],
      open: (address) => driver.get(address),
      reload: () => driver.navigate().refresh(),
      evaluate,
      click: async (script) => (await evaluate(script)).click(),
      choose: async (script, path) => (await evaluate(script)).sendKeys(path),
      screenshot: async (path) => writeFileSync(path, await driver.takeScreenshot(), "base64"),
      async close() {
        await driver.quit();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
