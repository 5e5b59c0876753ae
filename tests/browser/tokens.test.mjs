// @ts-check
/** How text becomes tokens: learned here with a progress and Cancel, lossless or not, or from a file. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { random, story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, file, playground } from "./playground.mjs";
import { split } from "./safetensors.mjs";

/** Words of random letters: pairs without end for byte-pair encoding. @param {number} length */
function noise(length) {
  const next = random(7);
  let text = "";
  while (text.length < length) {
    for (let letters = 3 + next() * 6; letters > 0; letters -= 1) text += String.fromCharCode(97 + next() * 26);
    text += next() < 0.1 ? "\n" : " ";
  }
  return text;
}

pageTest("sub-words are learned with a progress, cancelled, and learned after all", async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();
  const text = noise(1_900_000);
  await play.paste(text);
  const [, characters, alphabet] = await play.counts();
  await play.set("Tokens", "Sub-words (BPE)");
  await play.set("Vocabulary", 32_768);
  await play.says(/Learning merges: [\d,]+ of [\d,]+|Counting words: .* of .* MB/, "#tokens-panel");
  await play.button("Cancel").click();
  await play.says(/Cancelled: the tokens below are still those of before/, "#tokens-panel");
  assert.deepEqual(await play.counts(), [text.length, characters, alphabet]);
  assert.equal(await play.text.inputValue(), text);

  await play.paste(story(60_000));
  await play.set("Vocabulary", 400);
  const [, tokens] = await eventually("400 tokens or as many as there are", () => play.counts(), ([, , vocabulary]) => vocabulary > 256 && vocabulary <= 400);
  assert.ok(tokens < 30_000, `${tokens} sub-words`);
  await play.says(/Lossless/, "#tokens-panel");

  // Each of the first tokens tells its id, to the keys as to the pointer.
  const beginning = page.getByRole("group", { name: "The training text's first tokens" });
  await beginning.focus();
  await page.keyboard.press("ArrowRight");
  await play.says(/“.+”, id \d+, token 1 of the text/, "#tokens-panel");
  await screenshot("tokens");

  // Cut at blanks these are forgotten, and it says so.
  await play.set("Text is cut", "At blanks (lossy)");
  await play.says(/Lossy: not every text comes back/, "#tokens-panel");
  await play.set("Steps", 3);
  await play.set("Warm-up", 0);
  await play.finish();
  await play.prompt.fill("The old");
  assert.notEqual((await play.draw({ length: 5 })).trim(), "");
});

pageTest("a tokenizer from a file is used, another kind refused with the old one in place", async ({ page, newTab }) => {
  const play = playground(page);
  const text = story(20_000);
  await play.ready();
  await play.paste(text);
  await play.set("Tokens", "Sub-words (BPE)");
  await play.set("Vocabulary", 300);
  await eventually("sub-words", () => play.counts(), ([, , vocabulary]) => vocabulary === 300);
  const [, tokens] = await play.counts();
  await play.step.click();
  await play.statusWhere("a model", (now) => now.step === 1);
  const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
  const { header } = split(readFileSync(await download.path()));
  const { tokenizer } = /** @type {Record<string, string>} */ (header.__metadata__);

  const other = playground(await newTab());
  await other.ready();
  await other.paste(text);
  await other.set("Tokens", "From a file");
  await other.says(/none was given yet/, "#tokens-panel");
  await other.set("Tokens", "Characters");
  await other.drop(file("tokenizer.json", tokenizer));
  await eventually("the same tokens", () => other.counts(), ([, now, vocabulary]) => now === tokens && vocabulary === 300);
  await other.says(/tokenizer\.json: 300 tokens/, "#tokens-panel");

  const broken = JSON.parse(tokenizer);
  broken.model.type = "Unigram";
  await other.drop(file("tokenizer.json", JSON.stringify(broken)));
  await eventually("a refusal", () => other.page.locator("#tokens-panel .problem:not([hidden])").innerText(), (said) => /Unigram/.test(said));
  assert.deepEqual((await other.counts()).slice(1), [tokens, 300]);
  await other.step.click();
  await other.statusWhere("a step with the old one", (now) => now.step === 1 && now.training !== null);
});
