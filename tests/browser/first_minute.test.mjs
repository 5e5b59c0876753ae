// @ts-check
/** What someone sees and does in the first minutes: paste a text, train, pause, sample, change the model. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { entropies, story, vocabulary } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

const text = story();
const known = entropies(text);

pageTest("a pasted text is trained to the last step", async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();

  // There is a text at first sight; empty places say what will be there and what to press.
  await eventually("a built-in text", () => play.text.inputValue(), (value) => value.length > 100_000);
  await play.says(/Press Train/, "#loss-plot");
  await play.text.fill("");
  assert.match((await play.text.getAttribute("placeholder")) ?? "", /Paste a text or drop a file, then press Train/);
  await play.says(/Paste a text or drop a file, then press Train/, "#loss-plot");
  await play.says(/press Train first/, "#sample-panel");
  await play.says(/press Train first/, "#attention-panel");
  await play.says(/Export saves the trained model as a file\. Import brings one back/, "#files-panel");
  assert.ok(await play.sample.isDisabled());
  assert.ok(await play.export.isDisabled());
  await play.says(/No GPU is in use/, "#footer");
  await play.says(/version \d+\.\d+\.\d+, built 20\d\d-\d\d-\d\d/, "#footer");

  // A paste as a person does it.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await play.text.focus();
  await page.keyboard.press("ControlOrMeta+V");
  const counts = [text.length, text.length, known.vocab];
  await eventually("the counts of the text", () => play.counts(), (now) => now.join() === counts.join());
  assert.equal(await play.text.inputValue(), text);
  await play.says(/Press Train/, "#loss-plot");
  assert.match(await play.count("Parameters"), /^0\.\d+ M$|^[\d,]+$/);
  assert.match(await play.count("Memory"), /^[\d.]+ MB$/);

  // One step shows the first loss: that of a model that knows nothing.
  await play.step.click();
  const first = await play.statusWhere("the first step", (now) => now.step === 1 && now.training !== null);
  assert.equal(first.steps, 500);
  const off = Math.abs((first.training ?? NaN) / known.uniform - 1);
  assert.ok(off < 0.05, `the first loss is ${first.training}, ln(${known.vocab}) is ${known.uniform}`);

  // Train goes on from there; samples stream while it does.
  await play.train.click();
  await play.reach(40);
  await play.length.fill("3000");
  await play.sample.click();
  const begun = await eventually("sampled text", play.sampledText, (sampled) => sampled.length > 0);
  const there = await play.status();
  const longer = await eventually("more of it", play.sampledText, (sampled) => sampled.length > begun.length + 5);
  assert.ok(longer.startsWith(begun), "what was sampled stays");
  await play.statusWhere("training beside the sampling", (now) => (now.step ?? 0) > (there.step ?? 0));
  await play.stop.click();
  await eventually("the end of the sample", () => play.stop.isDisabled(), Boolean);
  const stopped = await play.sampledText();
  assert.ok(stopped.length < 3000, "Stop ends the sample early");

  // Pause holds the counter; Step adds one; Train goes on.
  await play.pauseTraining();
  const held = (await play.status()).step ?? NaN;
  await pause(700);
  assert.equal((await play.status()).step, held, "a paused run stands still");
  assert.equal(await play.sampledText(), stopped, "a stopped sample stands still");
  await play.step.click();
  await play.statusWhere("one step more", (now) => now.step === held + 1);
  await pause(700);
  assert.equal((await play.status()).step, held + 1, "Step adds exactly one");
  await play.train.click();
  await play.finished();
  await screenshot("trained");

  const last = await play.status();
  assert.equal(last.step, 500);
  await play.says(/All 500 steps are done/, "#notices");
  for (const loss of [last.training, last.validation]) {
    assert.ok(loss !== null && loss < known.unigram, `${loss} is not below the unigram entropy ${known.unigram}`);
  }
  // 0.43 of the bigram entropy where this was written: no model of pairs alone comes below it.
  assert.ok((last.validation ?? NaN) < 0.7 * known.bigram, `${last.validation}: the bigram entropy is ${known.bigram}`);

  // It reads like the text: most words are the grammar's.
  const sampled = await play.draw({ temperature: 0.5, topK: 10, seed: 1, length: 300 });
  const words = sampled.toLowerCase().match(/[a-z]+/g) ?? [];
  const real = words.filter((word) => vocabulary.has(word)).length;
  assert.ok(real > 0.5 * words.length, `of ${words.length} sampled words ${real} are the text's: ${sampled}`);
});

pageTest("reset can be undone, and the model's size changed at any time", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text.slice(0, 30_000));
  await play.train.click();
  await play.reach(20);
  await play.pauseTraining();
  const trained = await play.status();
  const drawn = await play.draw({ temperature: 0, length: 40 });

  await play.reset.click();
  await play.statusWhere("a fresh model", (now) => now.step === 0 && now.training === null);
  await play.says(new RegExp(`model at step ${trained.step} was replaced`), "#notices");
  await play.button("Undo").click();
  await play.statusWhere("the old model", (now) => now.step === trained.step && now.training === trained.training);
  assert.equal(await play.draw({ temperature: 0, length: 40 }), drawn, "the weights came back");
  await play.train.click();
  await play.reach((trained.step ?? 0) + 5);

  // Another size while training: the page asks, the run goes on meanwhile.
  await play.set("Layers", 1);
  await play.says(/Layers 1 \(model: 2\)/, "#notices");
  const meanwhile = (await play.status()).step ?? 0;
  await play.reach(meanwhile + 5);
  await play.button("Continue this model").click();
  await eventually("the settings of the running model", () => page.getByLabel("Layers", { exact: true }).inputValue(), (n) => n === "2");
  await play.noLongerSays(/take effect with a fresh model/);
  await play.set("Layers", 1);
  await play.set("Width", 32);
  await play.button("Start afresh").click();
  await play.says(/was replaced/, "#notices");
  await eventually("a model of one layer", () => play.layer.locator("option").count(), (n) => n === 1);
  await play.statusWhere("the new run", (now) => now.training !== null && (now.step ?? Infinity) > 0);
  await play.noLongerSays(/take effect with a fresh model/);
  await play.finished();
});

pageTest("the same settings sample the same text", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text.slice(0, 30_000));
  await play.set("Steps", 50);
  await play.finish();
  await play.prompt.fill("The ");
  const greedy = await play.draw({ temperature: 0, length: 60, seed: 1 });
  assert.equal(Array.from(greedy).length, 60);
  assert.equal(await play.draw({ temperature: 0, seed: 2 }), greedy, "temperature 0 takes the likeliest, whatever the seed");
  const drawn = await play.draw({ temperature: 1, seed: 7 });
  assert.equal(await play.draw({ temperature: 1, seed: 7 }), drawn, "a seed repeats its draws");
  assert.notEqual(await play.draw({ temperature: 1, seed: 8 }), drawn, "another seed draws otherwise");
  assert.equal(await play.draw({ temperature: 1, seed: 8, topK: 1 }), greedy, "one candidate is the likeliest");
});
