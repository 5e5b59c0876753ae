// @ts-check
/** Who is told of which change of the state, and when. */

import "./vendor.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

const { Store } = await import("../../web/state/store.js");
const { mount } = await import("../../web/state/mount.js");

/** After what renders, and what these renderers set. */
const rendered = () => new Promise((resolve) => setTimeout(resolve));

test("a renderer runs once, after the code that runs, and only for another value of what it read", async () => {
  const store = new Store({ a: 1, b: 1 });
  /** @type {number[]} */
  const seen = [];
  store.watch(({ a }) => void seen.push(a));
  store.update({ a: 2 });
  store.update({ a: 3, b: 2 });
  assert.deepEqual([seen, store.state], [[1], { a: 3, b: 2 }]);
  await rendered();
  assert.deepEqual(seen, [1, 3]);
  store.update({ b: 3 });
  store.update({ a: 4 });
  store.update({ a: 3 });
  await rendered();
  assert.deepEqual(seen, [1, 3]);
});

test("a renderer follows what it reads now, not what it once read", async () => {
  const store = new Store({ open: true, inside: 1 });
  let runs = 0;
  store.watch((state) => {
    runs += 1;
    if (state.open) state.inside;
  });
  store.update({ inside: 2 });
  await rendered();
  assert.equal(runs, 2);
  store.update({ open: false });
  await rendered();
  store.update({ inside: 3 });
  await rendered();
  assert.equal(runs, 3);
});

test("what follows from an entry spares its reader the rest of it", async () => {
  const store = new Store({ text: { value: "", tokens: 1 } });
  const tokens = store.computed(({ text }) => text.tokens);
  /** @type {number[]} */
  const seen = [];
  store.watch(() => void seen.push(tokens.value));
  store.update({ text: { value: "typed", tokens: 1 } });
  await rendered();
  store.update({ text: { value: "typed", tokens: 2 } });
  await rendered();
  assert.deepEqual(seen, [1, 2]);
});

test("whoever begins to look in the middle sees what has just been set, once", async () => {
  const store = new Store({ a: 1 });
  /** @type {[string, number][]} */
  const seen = [];
  store.watch(({ a }) => {
    seen.push(["first", a]);
    if (a === 2) store.update({ a: 3 });
  });
  store.update({ a: 2 });
  store.watch(({ a }) => void seen.push(["second", a]));
  await rendered();
  assert.deepEqual(seen, [["first", 1], ["first", 2], ["second", 2], ["first", 3], ["second", 3]]);
});

test("a page that is built anew renders no more for the one before", async () => {
  const store = new Store({ a: 1 });
  /** @type {string[]} */
  const seen = [];
  mount(() => store.watch(({ a }) => void seen.push(`old ${a}`)));
  mount(() => store.watch(({ a }) => void seen.push(`new ${a}`)));
  store.update({ a: 2 });
  await rendered();
  assert.deepEqual(seen, ["old 1", "new 1", "new 2"]);
});

test("whoever builds the page is told of the next change too", async () => {
  const store = new Store({ language: "en", a: 1 });
  /** @type {string[]} */
  const seen = [];
  store.watch(({ language }) => mount(() => store.watch(({ a }) => void seen.push(`${language} ${a}`))));
  for (const language of ["eo", "en"]) {
    store.update({ language });
    await rendered();
  }
  assert.deepEqual(seen, ["en 1", "eo 1", "en 1"]);
});
