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

pageTest("the vocabulary is searched and sorted, and a sentence stands under each tokenizer", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const text = story(20_000);
  await play.paste(text);
  await play.counts();
  await page.getByText("The whole vocabulary").click();
  const table = page.getByRole("table", { name: "The whole vocabulary" });
  const rows = () => table.locator("tbody tr:not(.gap)").evaluateAll((all) => all.map((row) => Array.from(row.children, (cell) => cell.textContent ?? "")));
  // Nine tenths are trained on: counted here in another way.
  const counted = new Map();
  for (const c of text.slice(0, Math.floor(text.length * 0.9))) counted.set(c, (counted.get(c) ?? 0) + 1);
  const commonest = [...counted.values()].sort((a, b) => b - a).slice(0, 5);
  const shown = await eventually("the table", rows, (found) => found.length > 5);
  assert.deepEqual(shown.slice(0, 5).map(([, , count]) => Number(count.replace(",", ""))), commonest);
  await page.getByLabel("Find", { exact: true }).fill("␣");
  assert.equal(Number((await eventually("the blank", rows, (found) => found.length === 1))[0][2].replace(",", "")), counted.get(" "));
  await page.getByLabel("Find", { exact: true }).fill("#0");
  assert.deepEqual((await eventually("id 0", rows, (found) => found.length === 1 && found[0][0] === "0"))[0].slice(0, 2), ["0", "↵"]);
  await page.getByLabel("Find", { exact: true }).fill("☃");
  await play.says(/None of \d+ tokens/, "#tokens-panel");
  await page.getByLabel("Find", { exact: true }).fill("");
  await table.getByRole("button", { name: "Id" }).click();
  assert.equal((await eventually("by id", rows, (found) => found.length > 5 && found[0][0] === "0"))[1][0], "1");

  await page.getByText("A sentence under each tokenizer").click();
  // What the text has no character for, and what would be markup.
  const sentence = "<b>the</b> old ☃ \u202Ebird";
  await page.getByLabel("Sentence to cut", { exact: true }).fill(sentence);
  const list = page.locator("#tokens-panel .comparison");
  const looks = () =>
    list.locator("> div").evaluateAll((all) =>
      all.map((row) => ({ name: row.querySelector("h3")?.textContent, tokens: Array.from(row.querySelectorAll(".token"), (token) => token.textContent), text: row.textContent ?? "" })),
    );
  const found = await eventually("four tokenizers", looks, (all) => all.length === 4 && all[2].tokens.length >= new TextEncoder().encode(sentence).length);
  assert.deepEqual(found.map(({ name }) => name), ["Characters in use", "Words", "Bytes", "Sub-words (BPE)"]);
  assert.match(found[0].text, /characters are not in the vocabulary, and left out/);
  assert.equal(found[2].tokens.length, new TextEncoder().encode(sentence).length);
  assert.ok(found[3].tokens.length < found[2].tokens.length, "sub-words are longer than bytes");
  assert.equal(await list.locator("b").count(), 0, "markup is shown, not made");
  // A new text makes them anew.
  await play.paste("the cat sat on the mat. ".repeat(400));
  await eventually("the words of the new text", looks, (all) => all.length === 4 && /vocabulary \d\b/.test(all[1].text));
});
