// @ts-check
/** Every other language names what the core has: settings with their choices, presets, texts, recipes with notes and pieces. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { languages } from "../../web/i18n/words.js";

/**
 * What there is: tests/native wrote it.
 * @type {{ fields: Record<string, { unit: boolean, options: string[] }>, presets: string[], texts: string[], recipes: Record<string, { notes: number, pieces: string[] }> }}
 */
const catalogue = JSON.parse(readFileSync(new URL("../native/catalogue.json", import.meta.url), "utf8"));

/** @typedef {{ label: string, help: string, unit?: string, options?: Record<string, string>, notes?: readonly string[], pieces?: Record<string, string> }} Entry */

/** How a language shows that a sentence is its own. @type {Record<string, RegExp>} */
const OWN = { "zh-Hans": /\p{Script=Han}/u };

const others = Object.entries(languages)
  .filter(([tag]) => tag !== "en")
  .map(([tag, { words }]) => {
    const core = /** @type {Record<"fields" | "presets" | "texts" | "recipes", Record<string, Entry>>} */ (/** @type {unknown} */ (words.core));
    return { tag, core, isOwn: (/** @type {string | undefined} */ text) => OWN[tag].test(text ?? "") };
  });

/** @param {object | undefined} table */
const keys = (table) => Object.keys(table ?? {}).sort();

test("there are other languages, and it is known how to tell them from English", () => {
  assert.deepEqual(others.map(({ tag }) => tag).sort(), keys(OWN));
});

test("every setting has its label, help, unit and choices", () => {
  for (const { tag, core, isOwn } of others) {
    assert.deepEqual(keys(core.fields), keys(catalogue.fields), tag);
    for (const [key, { unit, options }] of Object.entries(catalogue.fields)) {
      const entry = core.fields[key];
      // A label may be a name that is the same in every language.
      assert.ok(entry.label && isOwn(entry.help), `${tag}: label and help of ${key}`);
      assert.equal(Boolean(entry.unit), unit, `${tag}: unit of ${key}`);
      for (const option of options) assert.ok(entry.options?.[option], `${tag}: choice ${option} of ${key}`);
    }
  }
});

test("every preset, text and recipe has its label and help", () => {
  for (const { tag, core, isOwn } of others) {
    for (const [table, there] of /** @type {const} */ ([["presets", catalogue.presets], ["texts", catalogue.texts], ["recipes", keys(catalogue.recipes)]])) {
      assert.deepEqual(keys(core[table]), [...there].sort(), `${tag}: ${table}`);
      for (const key of there) assert.ok(core[table][key].label && isOwn(core[table][key].help), `${tag}: label and help of ${key}`);
    }
  }
});

test("every recipe has its notes and pieces", () => {
  for (const { tag, core, isOwn } of others) {
    for (const [key, { notes, pieces }] of Object.entries(catalogue.recipes)) {
      const entry = core.recipes[key];
      assert.equal(entry.notes?.length ?? 0, notes, `${tag}: notes of ${key}`);
      for (const note of entry.notes ?? []) assert.ok(isOwn(note), `${tag}: ${note}`);
      assert.deepEqual(keys(entry.pieces), [...pieces].sort(), `${tag}: pieces of ${key}`);
      for (const label of Object.values(entry.pieces ?? {})) assert.ok(isOwn(label), `${tag}: ${label}`);
    }
  }
});
