// @ts-check
/** The page is a folder for any static host, and nothing leaves the computer that opened it. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { playground } from "./playground.mjs";

pageTest("the page works under a path and asks nobody else", { prefix: "/people/ada/fledgling/" }, async ({ page, url, newTab }) => {
  /** @type {string[]} */
  const asked = [];
  page.context().on("request", (request) => asked.push(request.url()));
  /** @type {string[]} */
  const missing = [];
  page.context().on("response", (response) => {
    if (response.status() >= 400) missing.push(response.url());
  });
  const play = playground(await newTab());
  await play.ready();
  await play.paste(story(5000));
  await play.step.click();
  await play.statusWhere("the first step", (now) => now.step === 1 && now.training !== null);
  await play.draw({ length: 20 });

  assert.ok(asked.includes(`${url}worker_bg.wasm`), `the worker's program is among ${asked.join(" ")}`);
  const elsewhere = asked.filter((address) => !address.startsWith(url) && !address.startsWith("data:"));
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(missing, []);
  // And what a page may ask for is written into it.
  const policy = await play.page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.match(policy ?? "", /default-src 'none'.*connect-src 'self'/);
});
