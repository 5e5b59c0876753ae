// @ts-check
/** The languages of the page have the same words, and each says them itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { languageFor, languages, words } from "../../web/i18n/words.js";
import { terms } from "../../web/ui/glossary_terms.js";

/** What the core offers is said by the core in English, so that only another language has words for it. */
const OF_THE_CORE = ["core"];

/** Every word of a table by its path: a sentence as it is, a function by how many values it takes. @param {object} table @param {string} path @returns {[path: string, kind: string][]} */
const leaves = (table, path = "") =>
  Object.entries(table).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    if (OF_THE_CORE.includes(here)) return [];
    if (typeof value === "function") return [[here, `a function of ${value.length}`]];
    return typeof value === "object" ? leaves(value, here) : [[here, typeof value]];
  });

const [english, ...others] = Object.entries(languages);

test("every language has the words of English, of the same kind", () => {
  assert.equal(english[0], "en");
  const wanted = Object.fromEntries(leaves(english[1].words));
  assert.ok(Object.keys(wanted).length > 500, `only ${Object.keys(wanted).length} words were found`);
  assert.ok(others.length > 0);
  for (const [tag, { words }] of others) {
    // A formula stands beside its term in no language, unless there are words in it.
    const own = leaves(words).filter(([path]) => !/^glossary\.terms\.\w+\.formula$/.test(path));
    assert.deepEqual(Object.fromEntries(own), wanted, tag);
  }
});

/** @param {object} table @param {string} path @returns {[path: string, sentence: string][]} */
const sentences = (table, path = "") =>
  Object.entries(table).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    return typeof value === "string" ? [[here, value]] : typeof value === "object" ? sentences(value, here) : [];
  });

test("no sentence has a blank at its end or stays in English", () => {
  const said = sentences(english[1].words);
  for (const [tag, { words }] of others) {
    const own = new Map(sentences(words));
    // Three words in small letters are more than a name.
    assert.deepEqual(said.filter(([path, sentence]) => own.get(path) === sentence && /\p{Ll} \p{Ll}+ \p{Ll}/u.test(sentence)), [], tag);
    // What stands between two sentences may be a blank.
    for (const [path, sentence] of own) if (!path.startsWith("punctuation.")) assert.equal(sentence, sentence.trim(), `${tag}: ${path}`);
  }
});

test("every term of the glossary has its name and sentences, and what it names is there", () => {
  for (const [tag, { words }] of Object.entries(languages)) {
    assert.deepEqual(Object.keys(words.glossary.terms).sort(), Object.keys(terms).sort(), tag);
  }
  for (const [key, { see }] of Object.entries(terms)) for (const other of see) assert.ok(other in terms && other !== key, `${key} names ${other}`);
});

test("the language is the first that is wanted and spoken", () => {
  assert.equal(languageFor(["de", "zh-TW", "en"]), "zh-Hans");
  assert.equal(languageFor([null, "EN-gb"]), "en");
  assert.equal(languageFor(["de"]), "en");
  assert.equal(languageFor([]), "en");
  assert.equal(words.name, english[1].words.name);
});
