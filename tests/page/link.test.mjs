// @ts-check
/** A setup as a link and back, and every way in which a link can be wrong. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sentence } from "../../web/i18n/problems.js";
import { decode, encode } from "../../web/state/link.js";
import { config, ready } from "./fixtures.mjs";

/** @param {string} fragment */
function opened(fragment) {
  const read = decode(fragment, ready);
  assert.ok(read, `${fragment} is a link`);
  return { setup: read.setup, problems: read.problems.map((problem) => sentence(problem, ready.fields).message) };
}

test("a setup is the same by its link, and the link says only what differs", () => {
  /** @type {[import("../../web/state/link.js").Setup, string][]} */
  const setups = [
    [{ recipe: null, config: config(), text: null }, "v=1"],
    [{ recipe: null, config: config(), text: { key: "stories", seed: 1 } }, "v=1&text=stories"],
    [{ recipe: null, config: config(), text: { key: "sums", seed: 7 } }, "v=1&text=sums&text.seed=7"],
    [
      { recipe: null, config: config({ tokenizer: { kind: "bpe" }, data: { lower_case: true }, model: { layers: 0 }, training: { learning_rate: 2.5e-7 } }), text: null },
      "v=1&tokenizer.kind=bpe&data.lower_case=true&model.layers=0&training.learning_rate=2.5e-7",
    ],
    // Counted from the recipe's settings, not from the first size's.
    [{ recipe: "bigram", config: ready.recipes[0].config, text: { key: "stories", seed: 1 } }, "v=1&recipe=bigram&text=stories"],
    [{ recipe: "bigram", config: config({ model: { layers: 2 }, training: { steps: 3000 } }), text: null }, "v=1&recipe=bigram&model.layers=2"],
  ];
  for (const [setup, link] of setups) {
    assert.equal(encode(setup, ready), link);
    assert.deepEqual(opened(link), { setup, problems: [] });
  }
});

test("what a person wrote stays at home", () => {
  const setup = { recipe: null, config: config({ sampling: { prompt: "A secret", temperature: 0.5 } }), text: null };
  assert.equal(encode(setup, ready), "v=1&sampling.temperature=0.5");
});

test("opening changes neither the sizes nor the recipes that it counts from", () => {
  opened("v=1&recipe=bigram&model.layers=9").setup?.config;
  opened("v=1&model.width=9");
  assert.equal(ready.recipes[0].config.model.layers, 0);
  assert.equal(ready.presets[0].config.model.width, 32);
});

/** Each a bad part, and what is said about it. @type {[string, RegExp][]} */
const BAD = [
  ["colour=red", /“colour” is no setting of this page/],
  ["model.colour=1", /“model\.colour” is no setting/],
  ["__proto__.polluted=1", /“__proto__\.polluted” is no setting/],
  ["model.layers=65", /Layers \(model\.layers\) is “65”; it takes a whole number from 0 to 64/],
  ["model.layers=-1", /Layers \(model\.layers\) is “-1”/],
  ["model.width=1.5", /Width \(model\.width\) is “1\.5”; it takes a whole number from 1 to 4,096/],
  ["model.width=many", /Width \(model\.width\) is “many”/],
  ["training.learning_rate=1e999", /Learning rate \(training\.learning_rate\) is “1e999”; it takes a number from 0 to 10/],
  ["training.learning_rate=NaN", /“NaN”/],
  ["training.learning_rate=Infinity", /“Infinity”/],
  ["training.steps=0x10", /Steps \(training\.steps\) is “0x10”/],
  ["training.steps=", /Steps \(training\.steps\) is “”/],
  ["training.steps= 10", /Steps \(training\.steps\) is “ 10”/],
  ["training.weight_decay=0", /Weight decay .* it takes a number from 0\.0001 to 1/],
  ["tokenizer.kind=lion", /Tokens \(tokenizer\.kind\) is “lion”; it takes one of characters, bpe, file/],
  ["data.lower_case=maybe", /Lower case \(data\.lower_case\) is “maybe”; it takes one of true, false/],
  ["sampling.prompt=hello", /Prompt \(sampling\.prompt\) is text, which no link carries/],
  ["recipe=soup", /“soup” is no recipe/],
  ["recipe=constructor", /“constructor” is no recipe/],
  ["text=novel", /“novel” is no built-in text/],
  ["text.seed=-1", /Text seed \(text\.seed\) is “-1”; it takes a whole number from 0 to 4,294,967,295/],
  ["training.steps=10&training.steps=20", /“training\.steps” stands 2 times; the first is used/],
  ["model.dropout=%E0%A4%A", /“model\.dropout=%E0%A4%A” is not properly percent-encoded/],
  ["sentence", /“sentence” has no value/],
];

test("each bad part of a link is named, and the rest opens", () => {
  for (const [part, sentence] of BAD) {
    const { setup, problems } = opened(`v=1&${part}&model.hidden=7`);
    assert.equal(problems.length, 1, `${part}: ${problems.join("\n")}`);
    assert.match(problems[0], sentence);
    const steps = part.startsWith("training.steps=10") ? 10 : 500;
    assert.deepEqual(setup, { recipe: null, config: config({ model: { hidden: 7 }, training: { steps } }), text: null }, part);
  }
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
});

test("another version, none, and a link that is too long are said", () => {
  assert.match(opened("v=2&model.layers=4").problems[0], /version “2”; this page reads version 1/);
  assert.equal(opened("v=2&model.layers=4").setup?.config.model.layers, 4);
  assert.match(opened("model.layers=5").problems[0], /names no version/);
  assert.equal(opened("model.layers=5").setup?.config.model.layers, 5);
  const long = opened(`v=1&model.layers=2&model.width=${"1".repeat(9000)}`);
  assert.equal(long.setup, null, "nothing of it is opened");
  assert.deepEqual(long.problems, ["The link has 9.03 kB, more than the 8.00 kB that are read. Nothing of it was opened."]);
  assert.equal(opened(`v=1&text=${"漢".repeat(3000)}`).setup, null, "bytes count, not characters");
});

test("an anchor is no link", () => {
  assert.deepEqual(["", "files-panel", "%"].map((fragment) => decode(fragment, ready)), [null, null, null]);
});

test("what a stranger writes is cut, and its marks do nothing", () => {
  const say = (/** @type {string} */ name, value = "1") => opened(`v=1&${encodeURIComponent(name)}=${encodeURIComponent(value)}`).problems[0];
  assert.equal(say(`<img src=x onerror="document.title='broken'">`), `“<img src=x onerror="document.title='brok…” is no setting of this page.`);
  assert.match(say("tokenizer.kind", "\u202egnp.exe\u202c"), /“U\+202Egnp\.exeU\+202C”/);
  assert.match(say("model.width", "12\u00003\u0007\u2028"), /“12U\+00003U\+0007U\+2028”/);
  assert.match(say("x".repeat(900)), /^“x{40}…”/);
  assert.match(say("😀".repeat(50)), /^“(😀){40}…”/u, "whole characters");
});
