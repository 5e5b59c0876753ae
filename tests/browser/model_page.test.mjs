// @ts-check
/** The self-contained page: one file with the model in it, which opens by itself, without a server and without a network. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, file, playground } from "./playground.mjs";
import { split } from "./safetensors.mjs";

/** @typedef {import("playwright-core").Page} Page */
const folder = mkdtempSync(join(tmpdir(), "fledgling-"));
after(() => rmSync(folder, { recursive: true }));

// What would run, or turn the words around it, where it were taken for more than text.
const MARKUP = `</script><script>document.title="ran"</script>`;
const NAME = `${MARKUP}<img src=x onerror="document.title='ran'">\u202e\u0007\u2066.txt`;
const text = story(30_000) + `\n${MARKUP} `.repeat(20);

/** What the first test exported, for those that follow. @type {{ path: string, greedy: string, next: string[], attention: any } | null} */
let exported = null;
function theExported() {
  assert.ok(exported, "the first test of this file exports the page");
  return exported;
}

/** A file of the folder with this content, as an address. @param {string} name @param {string | Buffer} content */
function written(name, content) {
  writeFileSync(join(folder, name), content);
  return pathToFileURL(join(folder, name)).href;
}

/** Opens a file in a tab of its own, as a double click does. @param {Page} page @param {string} address */
async function open(page, address) {
  const tab = await page.context().newPage();
  /** @type {string[]} */
  const requests = [];
  tab.on("request", (request) => requests.push(request.url()));
  await tab.goto(address);
  return { tab, requests, model: playground(tab) };
}

/** @param {Page} tab */
const runs = (tab) => eventually("the model's place", () => tab.locator("#where").innerText(), (said) => /Runs on/.test(said));

/** The next tokens of the sentence that stands there and their shares, as listed. @param {Page} tab */
async function nextTokens(tab) {
  const panel = tab.locator("#next-token-panel");
  await panel.locator("[aria-busy=false]").waitFor();
  await eventually("the caption", () => panel.locator(".caption").innerText(), (caption) => caption === "at step 60");
  return eventually("the next tokens", async () => (await panel.getByRole("list").innerText()).split("\n").filter(Boolean), (rows) => rows.length > 3);
}

/** The weights of the head that is shown, as copied. @param {Page} tab */
async function attention(tab) {
  await tab.evaluate(() => {
    navigator.clipboard.writeText = async (text) => {
      /** @type {any} */ (window).copied = text;
    };
  });
  await tab.getByRole("img", { name: /^Attention of layer 0, head 0 at step 60, over 4 tokens/ }).waitFor();
  await tab.getByRole("button", { name: "Copy as JSON" }).click();
  return JSON.parse(String(await eventually("the copy", () => tab.evaluate(() => /** @type {any} */ (window).copied), Boolean)));
}

// What the test makes to see it refused.
const refusals = { expected: [/status of 404/, /Content Security Policy.*connect-src|Refused to connect|violates.*connect-src/i, /violates.*script-src|Refused to execute/i] };

pageTest("a model leaves as a page that samples, looks inside and asks nobody", refusals, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.drop(file(NAME, text));
  await eventually("the file in the box", () => play.text.inputValue(), (value) => value === text);
  await play.set("Steps", 60);
  await play.finish();
  await play.prompt.fill("The ");
  const greedy = await play.draw({ temperature: 0, length: 60 });
  const next = await nextTokens(page);
  const weights = await attention(page);
  await play.prompt.fill(MARKUP);

  const said = await play.chooseFormat("web page");
  await play.says(/opens in any browser by a double click.*a link holds settings, never weights/s, "#files-panel");
  await page.route("**/model_page.html", (route) => route.fulfill({ status: 404 }));
  await play.export.click();
  await play.says(/model_page\.html, which the web page is made from, could not be loaded: 404/, "#files-panel .problem:not([hidden])");
  await page.unroute("**/model_page.html");
  const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
  assert.equal(download.suggestedFilename(), "fledgling-step-60.html");
  const html = readFileSync(await download.path());
  assert.equal(`${(html.length / 1e6).toPrecision(3)} MB`, said, "the size said is the size got");
  await play.says(new RegExp(`Saved fledgling-step-60\\.html \\(${said}\\)`), "#files-panel");
  const address = written("model.html", html);
  exported = { path: address, greedy, next, attention: weights };
  await play.chooseFormat("safetensors");
  const [own] = await Promise.all([page.waitForEvent("download"), play.export.click()]);

  await page.context().setOffline(true);
  const { tab, requests, model } = await open(page, address);
  await runs(tab);
  await model.says(/Runs on the CPU/, "#where"); // a software adapter is not chosen by itself
  // It has written at once, with the prompt that was in the page; then as asked.
  await eventually("the first sample", () => model.sampledText(), Boolean);
  assert.equal(await model.prompt.inputValue(), MARKUP);
  await agrees(tab);

  // How it was trained; the name is text.
  const trained = tab.locator("#trained-panel");
  const sentence = await trained.locator("p").first().innerText();
  assert.ok(sentence.includes(MARKUP) && sentence.includes("U+202E␇U+2066.txt"), sentence);
  assert.ok(!/[\u202e\u2066\u0007]/.test(sentence));
  assert.notEqual(await tab.title(), "ran");
  const characters = Array.from(text);
  for (const [name, number] of [["Steps", 60], ["Characters of text", characters.length], ["Vocabulary", new Set(characters).size]]) {
    const shown = await trained.locator(".numbers > div").filter({ hasText: String(name) }).locator("dd").innerText();
    assert.equal(shown, number.toLocaleString("en-US"), String(name));
  }
  await trained.getByText("All settings").click();
  await model.says(/Width\s+64/, "#trained-panel");
  assert.equal(await trained.getByRole("img", { name: /^Loss in nats over 60 steps/ }).count(), 1);

  // Its file is the model's own, which opens in Fledgling.
  const [saved] = await Promise.all([tab.waitForEvent("download"), trained.getByRole("button", { name: "Save the model" }).click()]);
  assert.equal(saved.suggestedFilename(), "fledgling-step-60.safetensors");
  const bytes = readFileSync(await saved.path());
  assert.deepEqual(split(bytes), split(readFileSync(await own.path())));
  await play.importFile(file("back.safetensors", bytes));
  await play.says(/from back\.safetensors/, "#files-panel");

  // So does the page itself; a damaged one says so, and another page is a text.
  await play.importFile(file("page.html", html));
  await play.says(/from page\.html/, "#files-panel");
  const beginning = html.toString().slice(0, 4096);
  await play.drop(file("damaged.html", `${beginning}<script type="text/plain" class="weights">*</script>`));
  await play.says(/the model in this file is damaged/i, "#files-panel .problem:not([hidden])");
  await play.drop(file("none.html", beginning));
  await play.says(/There is no model in this page/, "#files-panel .problem:not([hidden])");
  await play.says(/from page\.html/, "#files-panel");

  // In the other language, with all that it says.
  await tab.locator("#language").selectOption("zh-Hans");
  await eventually("Chinese", () => tab.locator("#trained-panel h2").innerText(), (title) => title === "它是怎样训练的");
  assert.equal(await tab.locator("html").getAttribute("lang"), "zh-Hans");
  await tab.locator("#language").selectOption("en");

  // Nothing was asked of anybody, and nothing can be.
  const asked = requests.filter((url) => !url.startsWith("blob:"));
  assert.deepEqual(asked, [address]);
  const answers = await tab.evaluate(async () => {
    const reached = await fetch("https://example.com/").then(() => "reached", () => "refused");
    document.body.append(Object.assign(document.createElement("script"), { textContent: "document.title = 'ran'" }));
    return [reached, document.title === "ran" ? "ran" : "did not run"];
  });
  assert.deepEqual(answers, ["refused", "did not run"]);
});

pageTest("a page is as large as was said, and holds every byte of a file of many slices", { webgpu: "absent" }, async ({ page }) => {
  const { said, got, same, progress } = await page.evaluate(async () => {
    const path = "./web/storage/page_file.js";
    const { pageSize, templateSize, writePage } = await import(path);
    const about = { name: "x", address: null, sampling: { prompt: "<\u2028é" }, curve: { training: [], validation: [] } };
    const file = Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * i) >> 7);
    /** @type {number[]} */
    const progress = [];
    const page = await writePage(file, about, (/** @type {number} */ done) => progress.push(done));
    const slices = (await page.text()).matchAll(/class="weights">([^<]*)</g);
    const bytes = Array.from(slices, ([, slice]) => atob(slice)).join("");
    const same = bytes.length === file.length && file.every((byte, i) => byte === bytes.charCodeAt(i));
    return { said: pageSize(templateSize() ?? NaN, about, file.length), got: page.size, same, progress };
  });
  assert.equal(said, got);
  assert.ok(same);
  assert.deepEqual(progress, [0, 786_432, 1_572_864, 2_000_000]);
});

pageTest("a page that someone has changed says what is wrong with it", async ({ page }) => {
  const html = readFileSync(new URL(theExported().path), "utf8");
  const slice = /(<script type="text\/plain" class="weights">)([^<]*)/;
  const about = /(<script type="application\/json" id="about-model">)([^<]*)/;
  /** @type {[string, string, RegExp][]} */
  const changed = [
    ["half.html", html.replace(slice, (_, begin, data) => begin + data.slice(0, 40_000)), /fledgling-step-60\.safetensors is not a whole safetensors file.*Get the file again from whoever sent it/],
    ["letters.html", html.replace(slice, "$1not base64!"), /The model in this file is damaged.*Get the file again/],
    ["none.html", html.replace(slice, '<script type="text/plain">'), /There is no model in this page/],
    ["config.html", html.replace(slice, (_, begin, data) => begin + Buffer.from(Buffer.from(data, "base64").toString("latin1").replace('\\"heads\\":2', '\\"heads\\":3'), "latin1").toString("base64")), /width 64 is not a multiple of heads 3/],
  ];
  for (const [name, content, sentence] of changed) {
    assert.notEqual(content, html, name);
    const { tab, model } = await open(page, written(name, content));
    await model.says(sentence, "#where .problem:not([hidden])");
    assert.ok(await model.sample.isDisabled(), name);
    await tab.close();
  }
  // What the export wrote down is believed where it has the right type.
  const strange = JSON.stringify({ name: 7, address: "javascript:alert(1)", sampling: { temperature: "hot", prompt: "The ", length: 20 }, curve: { training: [[0, "x"], 3], validation: null } });
  for (const json of [strange, "{"]) {
    const { tab, model } = await open(page, written("about.html", html.replace(about, `$1${json}`)));
    await runs(tab);
    await model.prompt.fill("The ");
    assert.ok((await model.draw({ temperature: 0, length: 60 })) === theExported().greedy);
    assert.equal(await tab.locator("#trained-panel a, #trained-panel svg").count(), 0);
    await tab.close();
  }
});

/** Shares by token, in hundredths. @param {string[]} rows as `nextTokens` has them */
const shares = (rows) => new Map(Array.from({ length: rows.length / 2 }, (_, i) => [rows[2 * i], parseFloat(rows[2 * i + 1])]));

/** Whether a tab says of the model on the GPU what the CPU said, but for the last digits. @param {Page} tab */
async function agrees(tab) {
  const { greedy, next, attention: weights } = theExported();
  const model = playground(tab);
  await model.prompt.fill("The ");
  assert.equal(await model.draw({ temperature: 0, length: 60 }), greedy);
  const near = (/** @type {Map<string, number>} */ here) => Array.from(shares(next)).every(([token, share]) => Math.abs((here.get(token) ?? NaN) - share) < 0.02 + 0.01 * share);
  await eventually("the same next tokens", async () => shares(await nextTokens(tab)), near);
  const copied = await attention(tab);
  assert.deepEqual(copied.tokens, weights.tokens);
  copied.weights.flat().forEach((/** @type {number} */ weight, /** @type {number} */ i) => assert.ok(Math.abs(weight - weights.weights.flat()[i]) < 1e-4));
}

/** Whether a tab says of the model on the CPU what was said there before the export. @param {Page} tab */
async function saysTheSame(tab) {
  const model = playground(tab);
  await model.prompt.fill("The ");
  assert.equal(await model.draw({ temperature: 0, length: 60 }), theExported().greedy);
  // Those of the last prompt and settings stand until these are there.
  await eventually("the same next tokens", () => nextTokens(tab), (rows) => rows.join() === theExported().next.join());
  assert.deepEqual(await attention(tab), theExported().attention);
}

pageTest("the page of one model runs on the GPU where that is chosen, and on the CPU again, with what was sampled", async ({ page }) => {
  const { tab, model } = await open(page, theExported().path);
  await runs(tab);
  await saysTheSame(tab);
  await model.button("Use the GPU").click();
  await model.says(/Runs on a software adapter/, "#where");
  assert.equal(await model.draw({ temperature: 0, length: 60 }), theExported().greedy);
  await model.button("Use the CPU").click();
  await model.says(/Runs on the CPU/, "#where");
  assert.equal(await model.sampledText(), theExported().greedy, "nothing was lost on the way");
  await saysTheSame(tab);
});

pageTest("without WebGPU the page of one model runs on the CPU, to the same greedy text", { webgpu: "noAdapter" }, async ({ page }) => {
  const { path } = theExported();
  const { tab, model } = await open(page, path);
  await model.says(/Runs on the CPU/, "#where");
  await model.button("Use the GPU").click();
  await model.says(/No WebGPU adapter.*The model stays where it is/is, "#where");
  await model.says(/Runs on the CPU/, "#where");
  await saysTheSame(tab);
  await tab.close();

  // No flag of Chromium's takes navigator.gpu away, neither from the page nor from its worker.
  const bare = readFileSync(new URL(path), "utf8").replace(/id="core-code">/, "$&delete WorkerNavigator.prototype.gpu;");
  await page.context().addInitScript("delete Navigator.prototype.gpu");
  const without = await open(page, written("bare.html", bare));
  await without.model.says(/Runs on the CPU: this browser offers no WebGPU here/, "#where");
  assert.equal(await without.model.button("Use the GPU").count() + (await without.model.button("Use the CPU").count()), 0);
  await saysTheSame(without.tab);
});

pageTest("where WebAssembly has no SIMD the page of one model says so", { simd: false }, async ({ page }) => {
  const { model } = await open(page, theExported().path);
  await model.says(/Chrome offers WebAssembly without SIMD here/, "#where .problem:not([hidden])");
  assert.ok(await model.sample.isDisabled());
  assert.equal(await model.button("Restart").isVisible(), false);
});
