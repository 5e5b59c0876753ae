// @ts-check
/** The recipes: one choice sets everything, and what each tutorial shows is seen to happen. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

pageTest("counting bigrams: 春江 is followed by 100 characters, each with its candidates", async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();
  await play.recipe.selectOption({ label: "Counting bigrams" });
  await play.says(/Counts which character follows which/, "#recipe-panel");
  await play.says(/counts and trains nothing/, "#notices");
  assert.ok(await play.train.isDisabled());
  await eventually("the prompt", () => play.prompt.inputValue(), (prompt) => prompt === "春江");
  await eventually("the poems", () => play.text.inputValue(), (text) => text.includes("春江"));

  // The table of transitions is there; what follows 春 is looked up.
  const rows = page.locator("#transitions-panel tbody tr");
  await eventually("the commonest pairs", () => rows.count(), (n) => n > 10);
  await page.getByRole("textbox", { name: "What follows", exact: true }).fill("春");
  await eventually("what follows 春", () => rows.first().innerText(), (row) => row.startsWith("春"));
  const shares = await rows.evaluateAll((all) => all.map((row) => parseFloat(row.lastElementChild?.textContent ?? "")));
  assert.ok(shares.every((share, i) => share > 0 && (i === 0 || share <= shares[i - 1])), `descending shares: ${shares}`);

  await play.button("Sample from counts").click();
  await eventually("the end of the sample", () => play.stop.isDisabled(), Boolean);
  const drawn = await play.sampledText();
  assert.equal(Array.from(drawn).length, 100, drawn);
  assert.equal(await page.locator("#sample-panel .written").evaluate((node) => node.querySelector(".echo")?.textContent), "春江");

  // Every token tells what else could have been drawn, to pointer and keys.
  await page.getByRole("group", { name: "Sampled text" }).focus();
  const listed = page.locator("#sample-panel .candidates li");
  for (let i = 0; i < 5; i += 1) {
    await page.keyboard.press("ArrowRight");
    const token = await page.evaluate(chosen);
    assert.equal(token, Array.from(drawn)[i], "the token that is marked");
    const candidates = await listed.evaluateAll((all) =>
      all.map((row) => ({ text: row.firstElementChild?.textContent, share: parseFloat(row.lastElementChild?.textContent ?? ""), drawn: row.matches(".drawn") })),
    );
    const sum = candidates.reduce((sum, { share }) => sum + share, 0);
    // Percentages are rounded to a hundredth.
    assert.ok(sum > 0 && sum <= 100 + 0.005 * candidates.length, `candidates sum to ${sum}`);
    const said = await page.locator("#sample-panel .next p").first().innerText();
    assert.match(said, /was drawn with [\d.<]/);
    assert.ok(candidates.some(({ drawn }) => drawn), `${token} is among ${JSON.stringify(candidates)}`);
  }
  // The left and the right half of a character are the same token.
  const written = page.getByRole("region", { name: "Sampled text" });
  const seen = Array.from(drawn, (_, place) => place).filter((place) => drawn[place] !== "\n");
  for (const [place, share] of [[seen[7], 0.2], [seen[7], 0.8], [seen[8], 0.2], [seen[61], 0.5]]) {
    const [x, y] = await written.evaluate(placeOf, [place, share]);
    await page.mouse.move(x, y);
    await eventually(`token ${place} under the pointer`, () => page.evaluate(chosen), (token) => token === Array.from(drawn)[place]);
  }
  await page.mouse.move(0, 0);
  await eventually("none under the pointer", () => page.evaluate(chosen), (token) => token === "");
  await screenshot("counting");

  // A text of one's own stays where a recipe is chosen, until one asks for the recipe's.
  const own = story(5000);
  await play.paste(own);
  await play.recipe.selectOption({ label: "Bigram as a network" });
  await play.says(/Your own text stays in the box/, "#recipe-panel");
  assert.equal(await play.text.inputValue(), own);
  assert.ok(await play.train.isEnabled());
  await play.button("Use the recipe's text").click();
  await eventually("the stories", () => play.text.inputValue(), (text) => text.length > 100_000);
  await play.button("Bring it back").click();
  assert.equal(await play.text.inputValue(), own);
});

pageTest("the first transformer learns that “hello world how” is followed by “are”", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.recipe.selectOption({ label: "First transformer" });
  await eventually("its text", () => play.text.inputValue(), (text) => text.startsWith("hello world how are you"));
  await play.finish();
  await eventually("samples through time", () => page.locator("#through-time-panel li").count(), (n) => n >= 10);
  assert.equal(await play.prompt.inputValue(), "hello world how");
  assert.match(await play.draw(), /^\s?are\b/);
});

pageTest("the pieces of a model are compared side by side", async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();
  await play.recipe.selectOption({ label: "Character GPT, piece by piece" });
  for (const [label, value] of /** @type {[string, number][]} */ ([
    ["Steps", 12], ["Width", 16], ["Heads", 2], ["Context", 16], ["Batch", 4], ["Warm-up", 0], ["Validation batches", 1], ["Sample every", 0],
  ])) {
    await play.set(label, value);
  }
  await play.button("Compare the pieces").click();
  await play.says(/Training model \d of 5/, "#recipe-panel");
  const table = () => page.locator("#recipe-panel tbody tr").evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
  const rows = await eventually("five losses", table, (rows) => rows.length === 5 && rows.every(([, loss]) => /^\d\.\d{3}$/.test(loss)));
  assert.deepEqual(rows.map(([label]) => label), ["The whole", "Without positions", "Without attention", "Without norms", "Without feed-forward layer"]);
  for (const [label, loss, difference, best] of rows.slice(1)) {
    const expected = Number(loss) - Number(rows[0][1]);
    assert.ok(Math.abs(Number(difference.replace("−", "-")) - expected) < 0.0015, `${label}: ${difference} for ${expected}`);
    assert.match(best, /^\d+$/);
  }
  // Each model's run is kept, and those before the last lie over the plot.
  const runs = await page.locator("#runs-panel .runs-list input[type=text]").evaluateAll((names) => names.map((name) => /** @type {HTMLInputElement} */ (name).value));
  assert.deepEqual(runs.reverse(), rows.map(([label]) => `${label} · Character GPT, piece by piece`));
  await eventually("the runs before it", () => page.locator("#loss-plot .others .item").count(), (count) => count === 4);
  await screenshot("pieces");
});

pageTest("GPT from scratch is fine-tuned on the second text", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.recipe.selectOption({ label: "GPT from scratch" });
  await play.says(/There is nothing to fine-tune yet/, "#recipe-panel");
  for (const [label, value] of /** @type {[string, number][]} */ ([
    ["Vocabulary", 300], ["Layers", 1], ["Heads", 2], ["Width", 16], ["Context", 16], ["Batch", 8], ["Epochs", 0], ["Steps", 6], ["Warm-up", 0], ["Validation batches", 1],
  ])) {
    await play.set(label, value);
  }
  await play.set("Intervals count", "Steps");
  await play.finish();
  const { validation } = await play.status();
  assert.ok(validation !== null);
  await play.button("Fine-tune on the second text").click();
  await eventually("the second text", () => play.text.inputValue(), (text) => /^Dear|^Hello|^Hi/.test(text));
  await play.statusWhere("a run of its own", (now) => now.steps !== 6 && now.training !== null);
  await play.button("Pause").click();
  await play.says(/The model at step 6 was replaced/, "#notices");
});

/** The text of the token that is marked in what was sampled. */
const chosen = () => Array.from(CSS.highlights.get("chosen-token") ?? [], String).join("");

/** Where in the window a part of a text's character lies, once it is seen. @param {Element} node @param {number[]} of which character, and the share of it that is left of the place */
function placeOf(node, [place, share]) {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const { length } = text.textContent ?? "";
    if (place >= length) {
      place -= length;
      continue;
    }
    const range = new Range();
    range.setStart(text, place);
    range.setEnd(text, place + 1);
    const frame = node.parentElement;
    frame?.scrollBy(0, range.getBoundingClientRect().top - frame.getBoundingClientRect().top);
    const { left, width, top, height } = range.getBoundingClientRect();
    return [left + share * width, top + height / 2];
  }
  throw new Error(`no character ${place}`);
}
