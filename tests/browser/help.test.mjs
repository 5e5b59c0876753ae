// @ts-check
/** Help where it is needed: each setting explains itself, the glossary leads on, and poor samples say why. */

import assert from "node:assert/strict";
import { terms } from "../../web/ui/glossary_terms.js";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Opens every fold of settings. @param {Page} page */
const unfold = (page) => page.locator("details.more").evaluateAll((folds) => folds.forEach((fold) => fold.setAttribute("open", "")));

/** The element with the focus. @param {Page} page */
const focused = (page) =>
  page.evaluate(() => {
    const node = document.activeElement;
    return { id: node?.id ?? "", tag: node?.tagName ?? "", inHelp: node?.closest("#setting-help") !== null, term: node?.getAttribute("data-term") };
  });

/** Sentences of advice. @param {Page} page */
const advice = (page) => page.locator(".advice li > span").allInnerTexts();

pageTest("every setting explains itself, with its formula and links, and nothing jumps", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await unfold(page);
  const help = page.locator("#setting-help");
  const height = async () => (await help.boundingBox())?.height;
  const before = await height();
  const controls = await page.locator(".field:has(> .explain) > :is(input, select, textarea):visible").all();
  assert.ok(controls.length > 50, `${controls.length} settings`);
  let [formulas, sources] = [0, 0];
  for (const control of controls) {
    const [id, described] = await control.evaluate((node) => [
      node.id,
      document.getElementById(node.getAttribute("aria-describedby") ?? "")?.textContent ?? "",
    ]);
    await control.focus();
    assert.ok(described.length > 40, `${id} is described as “${described}”`);
    const shown = await help.evaluate((node) => ({
      text: node.querySelector("p")?.textContent,
      formula: node.querySelector(".formula")?.textContent ?? "",
      links: [...node.querySelectorAll("a")].map((a) => ({ url: a.href, target: a.target, rel: a.rel, title: a.textContent ?? "" })),
      wide: node.scrollWidth > node.clientWidth,
    }));
    assert.equal(shown.text, described, id);
    assert.ok(!shown.formula.includes("\n") && !shown.wide, `${id}: ${shown.formula}`);
    for (const link of shown.links) {
      assert.match(link.url, /^https:\/\//, id);
      assert.ok(link.target === "_blank" && /noopener/.test(link.rel) && link.title.length > 5, `${id}: ${JSON.stringify(link)}`);
    }
    formulas += Number(shown.formula !== "");
    sources += Number(shown.links.length > 0);
    assert.equal(await height(), before, `the place of help keeps its height at ${id}`);
  }
  assert.ok(formulas > 35 && sources > 35, `${formulas} formulas and ${sources} settings with sources`);

  // A choice says what it computes, not what the others do.
  await page.locator("#model-activation").selectOption("relu_squared");
  assert.equal(await help.locator(".formula").innerText(), "max(0, x)²");
  await page.locator("#training-optimizer").focus();
  await page.locator("#training-optimizer").selectOption("sgd");
  assert.match(await help.locator(".formula").innerText(), /^w ← w − η · \(g \+ λ w\)$/);
});

pageTest("help is reached by keyboard and by pointer, and stays while it is read", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const help = page.locator("#setting-help");
  await page.locator("#model-dropout").focus();
  await page.keyboard.press("?");
  assert.ok((await focused(page)).inHelp, "? leads into the help");
  assert.equal(await page.locator("#model-dropout").inputValue(), "0", "and types nothing");
  assert.match(await help.innerText(), /Srivastava et al\. 2014/);
  await page.keyboard.press("Tab");
  assert.deepEqual(await focused(page), { id: "", tag: "BUTTON", inHelp: true, term: "dropout" });
  assert.match(await help.innerText(), /set to zero in training/);
  await page.keyboard.press("Escape");
  assert.equal((await focused(page)).id, "model-dropout", "Escape leads back");
  // In a text box ? is a sign; F1 asks.
  await play.prompt.fill("who");
  await play.prompt.press("?");
  assert.equal(await play.prompt.inputValue(), "who?");
  await page.locator("#sampling-temperature").focus();
  await page.keyboard.press("F1");
  assert.ok((await focused(page)).inHelp);
  assert.match(await help.innerText(), /Divides the logits/);

  // A pointer that rests asks; one that crosses other settings on its way to the links does not.
  await page.locator("#model-width").hover();
  await eventually("the help of Width", () => help.innerText(), (text) => /stands for each token on its way/.test(text));
  const link = await help.locator("a").first().boundingBox();
  assert.ok(link);
  await page.mouse.move(link.x + 8, link.y + 8, { steps: 8 });
  await page.waitForTimeout(300);
  assert.match(await help.innerText(), /stands for each token on its way/);
});

pageTest("on a phone a question mark explains the setting beneath it", { viewport: { width: 390, height: 844 } }, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const help = page.locator("#setting-help");
  assert.ok(!(await help.isVisible()));
  const ask = page.getByRole("button", { name: "Explain Heads", exact: true });
  const { width, height } = (await ask.boundingBox()) ?? { width: 0, height: 0 };
  assert.ok(width >= 24 && height >= 24, `${width} × ${height}`);
  await ask.click();
  assert.equal(await ask.getAttribute("aria-expanded"), "true");
  assert.match(await help.innerText(), /Attention heads per layer/);
  const [field, place] = [await page.locator("#model-heads").boundingBox(), await help.boundingBox()];
  assert.ok(field && place && place.y >= field.y + field.height && place.y < field.y + 120, "under the setting");
  await page.getByRole("button", { name: "Explain Layers", exact: true }).click();
  assert.equal(await ask.getAttribute("aria-expanded"), "false");
  await page.getByRole("button", { name: "Explain Layers", exact: true }).click();
  assert.ok(!(await help.isVisible()), "a second press takes it away");
});

pageTest("the glossary leads from term to term and to the settings, and back, by keyboard", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const dialog = page.getByRole("dialog");
  await page.evaluate(() => /** @type {HTMLElement | null} */ (document.activeElement)?.blur());
  await page.keyboard.press("g");
  await dialog.waitFor();
  // Every term is there, and every setting that one names.
  const ids = new Set(await page.locator(".field:has(> .explain) > [id]").evaluateAll((nodes) => nodes.map((node) => node.id)));
  assert.equal(await dialog.locator("section").count(), Object.keys(terms).length);
  for (const [key, { settings = [] }] of Object.entries(/** @type {Record<string, { settings?: string[] }>} */ (terms))) {
    for (const setting of settings) assert.ok(ids.has(setting.replace(".", "-")), `${key} names the setting ${setting}`);
  }
  const names = await dialog.locator("h3").allInnerTexts();
  assert.deepEqual(names, [...names].sort((a, b) => a.localeCompare(b, "en")));

  await page.keyboard.type("warm");
  await eventually("what was found", () => dialog.locator("section:visible h3").allInnerTexts(), (found) => found.includes("Warm-up") && found.length < 5);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });

  // From a setting's help to its term, to another term, to that one's setting, which a fold hides.
  await page.locator("#training-learning_rate").focus();
  await page.keyboard.press("?");
  await page.locator("#setting-help [data-term='learning_rate']").focus();
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  assert.equal(await dialog.locator("[aria-current] h3").innerText(), "Learning rate");
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).term, "warm_up", "the next stop is what to see also");
  await page.keyboard.press("Enter");
  assert.equal(await dialog.locator("[aria-current] h3").innerText(), "Warm-up");
  await dialog.locator("[aria-current] [data-setting]").focus();
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  assert.equal((await focused(page)).id, "training-warmup_steps");
  assert.ok(await page.locator("#training-warmup_steps").isVisible());
  assert.match(await page.locator("#setting-help").innerText(), /climbs from zero/);
  assert.ok((await page.locator("#setting-help [data-term='warm_up']").count()) === 1, "and back");

  // A setting without an effect leads to the one that it hangs on.
  await page.getByRole("button", { name: "Glossary", exact: true }).click();
  await dialog.locator("section", { has: page.getByRole("heading", { name: "Vocabulary", exact: true }) }).locator("[data-setting='tokenizer.vocabulary']").click();
  assert.equal((await focused(page)).id, "tokenizer-kind");

  // A figure's name leads to its term.
  await page.getByRole("button", { name: "Perplexity (glossary)", exact: true }).first().click();
  assert.equal(await dialog.locator("[aria-current] h3").innerText(), "Perplexity");
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
});

pageTest("poor samples say why, with the model's own numbers, and no longer once it is mended", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  assert.deepEqual(await advice(page), []);
  await play.paste(story(12_000));
  for (const [label, value] of Object.entries({ Layers: 1, Width: 24, Heads: 1, Context: 16, Batch: 8, Steps: 400, "Validate every": 20, "Validation batches": 2, "Learning rate": 0.01, "Sample every": 0 })) {
    await play.set(label, value);
  }
  await play.reset.click();
  await play.statusWhere("an untrained model", (now) => now.step === 0);
  assert.deepEqual(await advice(page), [], "nothing was written yet");
  await play.draw({ length: 40 });
  await eventually("untrained", () => advice(page), ([first]) => /trained for 0 steps.*seed 1 .*Press Train/.test(first ?? ""));

  // A few steps: worse than counting, with the two losses as the page has them.
  for (let step = 1; step <= 20; step += 1) {
    await play.step.click();
    await play.statusWhere(`step ${step}`, (now) => now.step === step);
  }
  const [early] = await eventually("a baseline", () => advice(page), ([first]) => /counting (pairs|single tokens)/.test(first ?? ""));
  const [, loss, step, kind, count] = /** @type {RegExpExecArray} */ (/loss is ([\d.]+) nats at step ([\d,]+), counting (pairs|single tokens) reaches ([\d.]+)/.exec(early));
  const now = await play.status();
  assert.equal(Number(loss), now.validation);
  assert.ok(Number(step) <= (now.step ?? 0) && Number(loss) > Number(count));
  assert.match(await play.legend(kind === "pairs" ? "Bigram" : "Unigram"), new RegExp(count.replace(".", "\\.")));
  assert.match(early, new RegExp(`Train on: ${400 - (now.step ?? 0)} steps are left`));

  // An extreme temperature stands first, and goes with its cause.
  await play.temperature.fill("2.5");
  await eventually("hot", () => advice(page), (all) => all.length === 2 && /temperature is 2\.50/.test(all[0]));
  // Sixteen tokens of context always lead to the same next one: sooner or later round in a circle.
  await play.draw({ temperature: 0, length: 500 });
  await eventually("a loop", () => advice(page), ([first]) => /last 16 characters stand in it \d+ times: at temperature 0/.test(first ?? ""));
  await play.temperature.fill("0.8");
  await eventually("only the loss", () => advice(page), (all) => all.length === 1 && /counting/.test(all[0]));
  // A prompt beyond the context.
  await play.prompt.fill("a".repeat(40));
  await eventually("a long prompt", () => advice(page), (all) => all.some((one) => /prompt has 40 tokens and the context 16/.test(one)));
  await play.prompt.fill("The ");

  // Trained: the causes are gone.
  await play.train.click();
  await play.finished();
  const bigram = Number((await play.legend("Bigram")).replace(/\D*/, ""));
  assert.ok(((await play.status()).validation ?? Infinity) < bigram, "the model beats the pairs");
  await eventually("silence", () => advice(page), (all) => all.length === 0);
});

pageTest("a text learned by heart is said so, and restoring the best mends it", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  // What is held out has the letters of the rest, and their order backwards: what is learned of that does harm.
  await play.paste(`defghijklmnopqrstuvwxyz${"aaabbc".repeat(90)}${"cbbaaa".repeat(10)}`);
  for (const [label, value] of Object.entries({ Layers: 1, Width: 16, Heads: 1, Context: 8, Batch: 8, Steps: 80, "Validate every": 5, "Validation batches": 2, "Learning rate": 0.01, "Warm-up": 5, "Sample every": 0 })) {
    await play.set(label, value);
  }
  await play.train.click();
  await play.finished();
  await play.draw({ length: 20 });
  const all = await eventually("a rising validation", () => advice(page), (all) => all.some((one) => /above its best at step/.test(one)));
  const [, validation, step, training] = /** @type {RegExpExecArray} */ (/Validation is ([\d.]+) nats, [\d.]+ above its best at step (\d+), while training has fallen to (\d+\.\d+)/.exec(all[0]));
  assert.equal(Number(validation), (await play.status()).validation);
  assert.ok(Number(training) < Number(validation));
  await page.locator(".advice").getByRole("button", { name: "Restore best", exact: true }).click();
  await play.statusWhere("the best step", (now) => now.step === Number(step));
  await eventually("the end of that advice", () => advice(page), (all) => !all.some((one) => /above its best/.test(one)));
});
