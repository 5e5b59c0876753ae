// @ts-check
/** A visitor whose browser is killed, and who comes back with the same profile; and what stands in its storage then. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { findChromium, flags } from "./chromium.mjs";
import { DIST, listen } from "./harness.mjs";
import { serve } from "./static_server.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ step: number | null, whole: boolean }} Slot step of the manifest; null where there is none, or half of one */

/**
 * @typedef {object} Visitor
 * @property {string} profile folder
 * @property {string} url the page's address
 * @property {string} aside an address of the same origin, from which the page's storage is seen before the page has touched it
 * @property {() => Promise<Page>} start a browser with this profile, and its empty page
 * @property {() => Promise<void>} kill that browser, with all of its processes, at once
 */

/**
 * A test whose body gets a visitor, and fails on any warning or error.
 * @param {string} name
 * @param {number} timeout milliseconds
 * @param {(visitor: Visitor, t: import("node:test").TestContext) => Promise<void>} body
 */
export function visitorTest(name, timeout, body) {
  test(name, { timeout }, async (t) => {
    const profile = mkdtempSync(join(tmpdir(), "fledgling-"));
    const host = await serve(DIST);
    /** @type {string[]} */
    const messages = [];
    let kill = async () => {};
    const start = async () => {
      const browser = await launch(profile, messages);
      ({ kill } = browser);
      return browser.page;
    };
    try {
      await body({ profile, url: host.url, aside: `${host.url}worker_loader.js`, start, kill: () => kill() }, t);
      // A script opened by itself has no icon.
      assert.deepEqual(messages.filter((message) => !message.includes("/favicon.ico")), []);
    } finally {
      await kill();
      await host.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  });
}

/**
 * A Chromium of its own process group, so that nothing of it outlives a kill.
 * @param {string} profile @param {string[]} messages
 */
async function launch(profile, messages) {
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
export const found = (page) =>
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
export const newest = async (page) => Math.max(...(await found(page)).slots.map(({ step, whole }) => (whole ? (step ?? 0) : 0)));
