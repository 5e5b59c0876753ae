// @ts-check
/** The shares of the next token under the sampling settings, and a text cut along its tokens. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { chances, likeliest, softmax } from "../../web/state/next_token.js";
import { pieces } from "../../web/state/token_pieces.js";

const plain = { temperature: 1, top_k: 0, top_p: 1, repetition_penalty: 1 };
const near = (/** @type {number[]} */ got, /** @type {number[]} */ want) => got.forEach((share, i) => assert.ok(Math.abs(share - want[i]) < 1e-6, `${got} for ${want}`));
const logits = [0.1, 0.2, 0.3, 0.4].map(Math.log);

test("shares are the softmax of the logits by the temperature", () => {
  const all = chances(logits, plain, new Set(), 4);
  assert.deepEqual(all.map(({ id }) => id), [3, 2, 1, 0]);
  near(all.map(({ share }) => share), [0.4, 0.3, 0.2, 0.1]);
  const cold = chances(logits, { ...plain, temperature: 0.5 }, new Set(), 4);
  near(cold.map(({ share }) => share), [16 / 30, 9 / 30, 4 / 30, 1 / 30]);
  near(chances(logits, { ...plain, temperature: 0 }, new Set(), 4).map(({ share }) => share), [0.4, 0.3, 0.2, 0.1]);
  near(Array.from(softmax(logits)), [0.1, 0.2, 0.3, 0.4]);
  near(Array.from(softmax([1000, 1000])), [0.5, 0.5]);
});

test("what is cut away has no share, and the rest has all of it", () => {
  const topK = chances(logits, { ...plain, top_k: 2 }, new Set(), 4);
  assert.deepEqual(topK.map(({ kept }) => kept), [true, true, false, false]);
  near(topK.map(({ share }) => share), [4 / 7, 3 / 7, 0, 0]);
  near(topK.map(({ before }) => before), [0.4, 0.3, 0.2, 0.1]);
  const topP = chances(logits, { ...plain, top_p: 0.65 }, new Set(), 4);
  near(topP.map(({ share }) => share), [4 / 7, 3 / 7, 0, 0]);
  // Both: of what top-k has left.
  near(chances(logits, { ...plain, top_k: 2, top_p: 0.5 }, new Set(), 4).map(({ share }) => share), [1, 0, 0, 0]);
  near(chances(logits, { ...plain, top_p: 1e-6 }, new Set(), 1).map(({ share }) => share), [1]);
});

test("the penalty falls on what was seen, whatever the sign of its logit", () => {
  const [first, second] = chances([2, -2, 0], { ...plain, repetition_penalty: 2 }, new Set([0, 1]), 3);
  assert.deepEqual([first.id, second.id], [0, 2]);
  const [, , last] = chances([2, -2, 0], { ...plain, repetition_penalty: 2 }, new Set([0, 1]), 3);
  const sum = Math.exp(1) + Math.exp(-4) + 1;
  near([first.share, second.share, last.share], [Math.exp(1) / sum, 1 / sum, Math.exp(-4) / sum]);
});

test("equals stand by their numbers, and a model that has run away says nothing", () => {
  assert.deepEqual(likeliest([1, 3, 3, 2], 3), [1, 2, 3]);
  assert.deepEqual(likeliest([], 3), []);
  assert.deepEqual(chances([NaN, NaN], plain, new Set(), 2), []);
  assert.deepEqual(chances([-Infinity, -Infinity], plain, new Set(), 2), []);
});

test("a text is cut along its tokens, and the pieces join to it", () => {
  /** @type {[string, string[], string[]][]} */
  const cases = [
    ["the hens", ["the", " hens"], ["the", " hens"]],
    // A tokenizer that forgets blanks: what lies between belongs to the token behind it.
    ["the hens", ["the", "hens"], ["the", " hens"]],
    // A character broken into tokens comes with the one that ends it, or with the next that is whole.
    ["é!", ["", "é", "!"], ["", "é", "!"]],
    ["a猫b", ["a", "\ufffd", "\ufffd", "b"], ["a", "", "猫", "b"]],
    ["abab", ["ab", "ab"], ["ab", "ab"]],
    // What looks alike further on is another token's.
    ["xxxxxxxab", ["ab", "x"], ["", "xxxxxxxab"]],
    ["tail", ["t"], ["tail"]],
    ["", [], []],
  ];
  for (const [text, tokens, want] of cases) {
    const got = pieces(text, tokens.map((text) => ({ text })));
    assert.equal(got.join(""), text);
    assert.deepEqual(got, want, text);
  }
});
