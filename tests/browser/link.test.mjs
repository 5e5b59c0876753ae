// @ts-check
/** A setup by its link: the same configuration in another tab, and whatever a stranger writes into one is named and does nothing. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Notes every command that a page gives its worker. @param {Page} page */
const listen = (page) =>
  page.context().addInitScript(() => {
    const commands = /** @type {any[]} */ ([]);
    Object.assign(window, { commands });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      commands.push(structuredClone(message));
      return post.call(this, message, transfer);
    };
  });

/** The commands of some kinds that were given so far. @param {Page} page @param {string[]} kinds @returns {Promise<any[]>} */
const given = (page, ...kinds) =>
  page.evaluate((kinds) => /** @type {any} */ (window).commands.filter((/** @type {any} */ one) => kinds.includes(one.command)), kinds);

/** The configuration that the page would train. @param {Page} page */
async function configuration(page) {
  // The cost follows the form.
  let last = "";
  await eventually("the last estimate", async () => JSON.stringify((await given(page, "estimate")).at(-1)?.config ?? null), (now) => {
    const same = now !== "null" && now === last;
    last = now;
    return same;
  });
  await page.waitForTimeout(300);
  return (await given(page, "estimate")).at(-1).config;
}

/** Opens a link in another tab of the same visitor. @param {Page} page @param {string} url */
async function tabAt(page, url) {
  const tab = await page.context().newPage();
  await listen(tab);
  await tab.goto(url);
  const play = playground(tab);
  await play.ready();
  return { tab, play };
}

/** Whether nothing was made, trained, sampled or loaded. @param {Page} page */
async function nothingRan(page) {
  const kinds = [...new Set((await page.evaluate(() => /** @type {any} */ (window).commands.map((/** @type {any} */ one) => one.command))))];
  const harmless = ["set_built_in", "set_text", "prepare", "estimate"];
  assert.deepEqual(kinds.filter((kind) => !harmless.includes(kind)), []);
}

/** Sentences about the link. @param {Page} page */
const named = (page) => page.locator(".notice.link li").allInnerTexts();

/** Presses Copy link; the link. @param {Page} page */
async function copied(page) {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy link", exact: true }).click();
  await playground(page).says(/Link copied:/, "#footer");
  return page.evaluate(() => navigator.clipboard.readText());
}

pageTest("a changed configuration is the same by its link, and the link says only what differs", async ({ page, url }) => {
  const play = playground(page);
  await play.ready();
  assert.equal((await copied(page)).replace(url, ""), "#v=1&text=stories");
  for (const [label, value] of Object.entries({ Layers: 3, Width: 48, Heads: 3, "Learning rate": 0.0025, Optimizer: "Adam", Positions: "Rotary", Causal: "Off", "Lower case": "On", "Held-out share": 0.2, Tokens: "Words" })) {
    await play.set(label, value);
  }
  await play.temperature.fill("0.6");
  await play.prompt.fill("A secret");
  await play.madeText.selectOption({ label: "Small letters" });
  await page.getByRole("spinbutton", { name: "Text seed", exact: true }).fill("7");
  await page.getByRole("spinbutton", { name: "Text seed", exact: true }).press("Tab");
  await eventually("the text", () => play.counts(), (counts) => !counts.some(Number.isNaN));
  const link = await copied(page);
  assert.equal(
    link.slice(link.indexOf("#")),
    "#v=1&text=letters&text.seed=7&tokenizer.kind=words&data.lower_case=true&data.validation_share=0.2&model.layers=3&model.width=48&model.heads=3" +
      "&model.kv_heads=3&model.hidden=192&model.positions=rotary&model.causal=false&training.learning_rate=0.0025&training.optimizer=adam&sampling.temperature=0.6",
  );
  assert.equal(page.url(), link, "the address is the link");

  await listen(page);
  const { tab, play: other } = await tabAt(page, link);
  assert.deepEqual(await named(tab), []);
  assert.equal(await other.text.inputValue(), await play.text.inputValue(), "the same built-in text");
  assert.notEqual(await other.prompt.inputValue(), "A secret", "what was typed stays at home");
  await nothingRan(tab);
  const opened = await configuration(tab);

  // What the first page would train, but for the prompt.
  await page.reload();
  await play.ready();
  assert.deepEqual(await configuration(page), opened);
  assert.equal(opened.model.positions, "rotary");
  assert.equal(opened.model.causal, false);
  assert.equal(opened.training.learning_rate, 0.0025);
  assert.equal(opened.data.validation_share, 0.2);

  // And its own link is the same again; a changed setting takes the address away.
  assert.equal(await copied(tab), link);
  await other.set("Layers", 2);
  await eventually("no fragment", async () => tab.url(), (now) => !now.includes("#"));

  // A recipe's settings come first, then what differs from them.
  await other.recipe.selectOption({ label: "Bigram as a network" });
  await other.set("Batch", 16);
  const recipe = await copied(tab);
  assert.equal(recipe.slice(recipe.indexOf("#")), "#v=1&recipe=bigram_network&text=stories&training.batch=16");
  const { tab: third } = await tabAt(page, recipe);
  assert.equal(await third.locator("#recipe select").inputValue(), "bigram_network");
  const config = await configuration(third);
  assert.deepEqual([config.model.layers, config.training.batch, config.training.steps], [0, 16, 3000]);
  assert.deepEqual(config, { ...(await configuration(tab)), sampling: config.sampling });
  await nothingRan(third);
});

/** Each a bad part, and what is said about it. @type {[string, RegExp][]} */
const BAD = [
  ["colour=red", /“colour” is no setting of this page/],
  ["model.colour=1", /“model\.colour” is no setting/],
  ["__proto__.polluted=1", /“__proto__\.polluted” is no setting/],
  ["model.heads=99", /Heads \(model\.heads\) is “99”; it takes a whole number from 1 to 64/],
  ["model.width=1.5", /Width \(model\.width\) is “1\.5”; it takes a whole number from 1 to 4,096/],
  ["model.context=many", /Context \(model\.context\) is “many”; it takes a whole number from 1 to 8,192/],
  ["training.learning_rate=1e999", /Learning rate \(training\.learning_rate\) is “1e999”; it takes a number from 0 to 10/],
  ["training.clip=NaN", /Gradient clip \(training\.clip\) is “NaN”; it takes a number from 0 to 1,000,000/],
  ["training.batch=0x10", /Batch \(training\.batch\) is “0x10”/],
  ["training.beta1=", /Beta 1 \(training\.beta1\) is “”/],
  ["training.optimizer=lion", /Optimizer \(training\.optimizer\) is “lion”; it takes one of adamw, adam, sgd/],
  ["model.causal=maybe", /Causal \(model\.causal\) is “maybe”; it takes one of true, false/],
  ["sampling.prompt=hello", /Prompt \(sampling\.prompt\) is text, which no link carries/],
  ["tokenizer.kind=file", /Tokens \(tokenizer\.kind\) is to come from a file/],
  ["recipe=soup", /“soup” is no recipe/],
  ["text=novel", /“novel” is no built-in text/],
  ["text.seed=-1", /Text seed \(text\.seed\) is “-1”; it takes a whole number from 0 to 4,294,967,295/],
  ["training.steps=10&training.steps=20", /“training\.steps” stands 2 times; the first is used/],
  ["model.dropout=%E0%A4%A", /“model\.dropout=%E0%A4%A” is not properly percent-encoded/],
  ["sentence", /“sentence” has no value/],
];

pageTest("each bad part of a link is named, and the rest opens; nothing trains", async ({ page, url }) => {
  await listen(page);
  const play = playground(page);
  await page.goto("about:blank");
  await page.goto(`${url}#v=1&model.layers=1&sampling.top_k=5`);
  await play.ready();
  assert.deepEqual(await named(page), []);
  let layers = 1;
  for (const [part, sentence] of BAD) {
    layers = 1 + (layers % 5);
    await page.evaluate((hash) => (location.hash = hash), `v=1&${part}&model.layers=${layers}`);
    await eventually(part, () => named(page), (all) => all.length === 1 && sentence.test(all[0]));
    await eventually("the rest", () => page.locator("#model-layers").inputValue(), (value) => value === String(layers));
    assert.equal(await page.locator("#model-heads").inputValue(), "2");
  }
  assert.equal(await page.locator("#training-steps").inputValue(), "500", "the last link has nothing of the one before");
  // All at once: the first eight, and how many more.
  await page.evaluate((hash) => (location.hash = hash), `v=1&${BAD.map(([part]) => part).join("&")}`);
  await eventually("eight and the rest", () => named(page), (all) => all.length === 9 && /^And \d+ more\.$/.test(all[8]));
  await page.evaluate(() => (location.hash = "v=2&model.layers=4"));
  await eventually("another version", () => named(page), ([one]) => /version “2”; this page reads version 1/.test(one ?? ""));
  assert.equal(await page.locator("#model-layers").inputValue(), "4");
  await page.evaluate(() => (location.hash = "model.layers=5"));
  await eventually("no version", () => named(page), ([one]) => /names no version/.test(one ?? ""));
  await page.evaluate(() => (location.hash = `v=1&model.layers=2&model.width=${"1".repeat(9000)}`));
  await eventually("a link too long", () => named(page), ([one]) => /The link has 9\.03 kB, more than the 8\.00 kB that are read/.test(one ?? ""));
  assert.equal(await page.locator("#model-layers").inputValue(), "5", "nothing of it is opened");
  await page.locator(".notice.link").getByRole("button", { name: "Dismiss" }).click();
  assert.ok(!(await page.locator(".notice.link").isVisible()));
  // An anchor is no link.
  await page.evaluate(() => (location.hash = "files-panel"));
  await page.waitForTimeout(300);
  assert.ok(!(await page.locator(".notice.link").isVisible()));
  await nothingRan(page);
});

pageTest("a link leaves a person's text in the box, and a run as it is", async ({ page }) => {
  await listen(page);
  await page.reload();
  const play = playground(page);
  await play.ready();
  const text = story(8000);
  await play.paste(text);
  for (const [label, value] of Object.entries({ Layers: 1, Width: 16, Heads: 1, Context: 8, Steps: 100_000 })) await play.set(label, value);
  await play.train.click();
  await play.reach(10);
  await page.evaluate(() => (location.hash = "v=1&text=poems&model.layers=3"));
  await play.says(/Your own text stays in the box\. The link was made with “Chinese verse”/, "#notices");
  assert.equal(await play.text.inputValue(), text);
  await play.says(/Layers 3 \(model: 1\)/, "#notices");
  assert.equal((await given(page, "reset", "train", "step")).length, 2, "the run's own reset and train");
  const { step } = await play.status();
  await play.reach((step ?? 0) + 10);
  await play.pauseTraining();
  await play.button("Use the link's text").click();
  await eventually("the link's text", () => play.text.inputValue(), (value) => value !== text && value !== "");
  await play.says(/The text that was here is kept/, "#text-panel");
});

pageTest("what a stranger writes into a link is shown as text, cut, and runs nothing", async ({ page, url }) => {
  await listen(page);
  const hostile = [
    `<img src=x onerror="document.title='broken'">=1`,
    `model.layers=<script>document.title="broken"</script>`,
    `training.optimizer=\u202egnp.exe\u202c`,
    `model.width=12\u00003\u0007`,
    `${"x".repeat(900)}=1`,
    `text=javascript:alert(1)`,
    `recipe=constructor`,
    `constructor.prototype.a=1`,
  ];
  const encoded = hostile.map((part) => {
    const at = part.lastIndexOf("=") === part.length - 2 ? part.length - 2 : part.indexOf("=");
    return `${encodeURIComponent(part.slice(0, at))}=${encodeURIComponent(part.slice(at + 1))}`;
  });
  await page.goto("about:blank");
  await page.goto(`${url}#v=1&${encoded.join("&")}`);
  const play = playground(page);
  await play.ready();
  const all = await named(page);
  assert.equal(all.length, hostile.length, all.join("\n"));
  const has = (/** @type {string} */ part) => assert.ok(all.some((one) => one.includes(part)), `${part} in\n${all.join("\n")}`);
  has(`“<img src=x onerror="document.title='brok…” is no setting`);
  has(`is “<script>document.title="broken"</script>”`);
  has("U+202Egnp.exeU+202C");
  has("12U+00003U+0007");
  has(`“${"x".repeat(40)}…”`);
  has("“constructor” is no recipe");
  assert.ok(all.every((one) => one.length < 200 && !/[\u0000-\u001f\u202a-\u202e]/.test(one)));
  assert.equal(await page.title(), "Fledgling");
  assert.equal(await page.locator(".notice.link :is(img, script)").count(), 0);
  await nothingRan(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.ok(!wide);
});

pageTest("a link that may not be copied stands to be copied by hand", async ({ page, url }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new DOMException("refused", "NotAllowedError")) } });
  });
  await page.reload();
  const play = playground(page);
  await play.ready();
  await play.set("Layers", 4);
  await page.getByRole("button", { name: "Copy link", exact: true }).click();
  const field = page.getByRole("textbox", { name: "Link", exact: true });
  await field.waitFor();
  assert.equal(await field.inputValue(), `${url}#v=1&text=stories&model.layers=4`);
  const selected = await field.evaluate((node) => {
    const input = /** @type {HTMLInputElement} */ (node);
    return document.activeElement === input && input.selectionStart === 0 && input.selectionEnd === input.value.length;
  });
  assert.ok(selected, "all of it is selected");
  await page.locator(".notice", { has: field }).getByRole("button", { name: "Dismiss" }).click();
  assert.ok(!(await field.isVisible()));
});
