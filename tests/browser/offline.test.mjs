// @ts-check
/** After the first visit the page opens without a network, as one whole version, and says when there is a newer one. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */
const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
/** @type {string[]} */
const made = [];
after(() => made.forEach((folder) => rmSync(folder, { recursive: true })));

/** A build of its own, with the list of what is in it. */
function copyOfBuild() {
  const folder = mkdtempSync(join(tmpdir(), "fledgling-"));
  made.push(folder);
  cpSync(path("../../dist"), folder, { recursive: true });
  list(folder);
  return folder;
}

/** What trunk does at the end of a build. @param {string} folder @param {Record<string, string>} [variables] */
const list = (folder, variables) => execFileSync(process.execPath, [path("../../web/offline/write.mjs"), folder], { env: { ...process.env, ...variables } });

/** A build in which the page bears another name. @param {string} folder @param {string} name */
function release(folder, name) {
  const file = join(folder, "index.html");
  writeFileSync(file, readFileSync(file, "utf8").replace(/<h1>.*<\/h1>/, `<h1>${name}</h1>`));
  list(folder);
}

/** Waits until the whole page is kept. @param {Page} page */
const kept = (page) =>
  eventually("the service worker", () => page.evaluate(() => navigator.serviceWorker.controller?.state), (state) => state === "activated");

const name = (/** @type {Page} */ page) => page.locator("h1").innerText();
const caches = (/** @type {Page} */ page) => page.evaluate(() => globalThis.caches.keys());
const notice = /A newer version of this page is here/;

const folder = copyOfBuild();
const hosted = { folder, prefix: "/people/ada/fledgling/", serviceWorker: true };

// What is not the page's is asked of the network, which is not there.
const asksOthers = { ...hosted, expected: [/nothing\.txt/, /main\.js\?other/] };

pageTest("after the first visit the page opens and trains without a network", asksOthers, async ({ page, url, host, newTab }) => {
  await playground(page).ready();
  await kept(page);
  await host.close();
  const play = playground(await newTab());
  await play.ready();
  await play.paste(story(5000));
  await play.step.click();
  await play.statusWhere("the first step", (now) => now.step === 1 && now.training !== null);
  // Under each address that leads to it, and nothing else is answered for.
  for (const address of ["index.html", "?from=a-link", "#place"]) {
    await page.goto(url + address);
    await playground(page).ready();
  }
  const answers = await page.evaluate(() =>
    Promise.all(["nothing.txt", "web/main.js?other"].map((path) => fetch(path).then(() => "an answer", () => "nothing"))),
  ).catch(() => null);
  assert.deepEqual(answers, ["nothing", "nothing"]);
});

pageTest("a newer version waits until it is asked for, and asks where a model would be lost", hosted, async ({ page, newTab }) => {
  const play = playground(page);
  await play.ready();
  await kept(page);
  const old = await name(page);
  const [cache] = await caches(page);
  await play.saysNothingOf(notice);
  release(folder, "Fledgling, newer");
  await page.reload();
  assert.equal(await name(page), old, "one version as a whole, until it is left");
  await play.says(notice, "#footer");
  await play.ready();
  await play.paste(story(5000));
  await play.step.click();
  await play.statusWhere("the first step", (now) => now.step === 1 && now.training !== null);
  const other = await newTab();
  await playground(other).ready();

  page.once("dialog", (dialog) => dialog.dismiss());
  await play.button("Reload").click();
  assert.equal((await play.status()).step, 1, "asked first");
  const asked = new Promise((resolve) => page.once("dialog", (dialog) => dialog.accept().then(() => resolve(dialog.message()))));
  await play.button("Reload").click();
  assert.match(String(await asked), /has not been exported/);
  await eventually("the newer version", () => name(page).catch(() => ""), (now) => now === "Fledgling, newer");
  await play.ready();
  await play.saysNothingOf(notice);
  await eventually("nothing left of the old version", () => caches(page), (now) => now.length === 1 && now[0] !== cache);
  // The other tab is the old page still, and is told.
  assert.equal(await name(other), old);
  await playground(other).says(notice, "#footer");
});

pageTest("half an upload is not kept, and a service worker can be taken back", hosted, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await kept(page);
  const before = await name(page);
  // The list is the new version's, a file is not.
  release(folder, "Fledgling, uploaded in half");
  appendFileSync(join(folder, "index.html"), "\n");
  const refused = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
      const worker = registration.installing;
      while (worker?.state === "installing") await new Promise((wait) => setTimeout(wait, 20));
      return { state: worker?.state, waiting: registration.waiting !== null };
    });
  assert.deepEqual(await refused(), { state: "redundant", waiting: false });
  assert.equal((await caches(page)).length, 1);
  await page.reload();
  await play.ready();
  assert.equal(await name(page), before);
  await play.saysNothingOf(notice);

  // As `make serve` has it: the page comes from the host again, at the second visit at the latest.
  list(folder, { OFFLINE: "no" });
  await page.reload();
  await eventually("its end", () => caches(page).catch(() => [""]), (names) => names.length === 0);
  await page.reload();
  assert.equal(await name(page), "Fledgling, uploaded in half");
  await play.ready();
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
});

pageTest("without service workers all is as ever", { folder, prefix: hosted.prefix }, async ({ page }) => {
  list(folder);
  await page.reload();
  const play = playground(page);
  await play.ready();
  assert.equal(await page.locator("meta[name=service-worker]").count(), 1);
  assert.equal(await page.evaluate(() => "serviceWorker" in navigator), false);
});

pageTest("an insecure address registers nothing", { ...hosted, webgpu: "insecure" }, async ({ page }) => {
  await playground(page).says(/not a secure address/, "#notices");
});

const bare = copyOfBuild();
rmSync(join(bare, "service_worker.js"));
const lost = { ...hosted, folder: bare, expected: [/bad HTTP response code \(404\)/] };
pageTest("a host that has lost the service worker serves the page all the same", lost, async ({ page }) => {
  await playground(page).ready();
});
