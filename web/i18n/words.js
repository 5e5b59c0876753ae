// @ts-check
// What the page says, in the language that is spoken.

import { english } from "./en.js";
import { chinese } from "./zh-Hans.js";

/** @typedef {typeof english} Words */

/** The words of each language, by its tag (BCP 47). @type {Record<string, { name: string, words: Words }>} */
export const languages = {
  en: { name: "English", words: english },
  "zh-Hans": { name: "简体中文", words: chinese },
};

/** The table that everything on the page reads: the same objects in every language, filled anew by `speak`. */
export const words = /** @type {Words} */ (fill({}, english));

/**
 * Fills the table with another language's words. What is on the page keeps its own until it is mounted again.
 * @param {string} tag one of `languages`
 */
export function speak(tag) {
  fill(words, languages[tag].words);
  document.documentElement.lang = tag;
}

/** The first of the wanted languages that is spoken here, by its tag or by what it is a kind of; English failing them. @param {readonly (string | null)[]} wanted */
export function languageFor(wanted) {
  const tags = Object.keys(languages);
  const base = (/** @type {string} */ tag) => tag.toLowerCase().split("-")[0];
  for (const tag of wanted) {
    const found = tag && (tags.find((known) => known.toLowerCase() === tag.toLowerCase()) ?? tags.find((known) => base(known) === base(tag)));
    if (found) return found;
  }
  return "en";
}

/** @param {Record<string, any>} table @param {Record<string, any>} values */
function fill(table, values) {
  // What only the last language has, of what the core offers.
  for (const key of Object.keys(table)) if (!(key in values)) delete table[key];
  for (const [key, value] of Object.entries(values)) {
    table[key] = Object.getPrototypeOf(value) === Object.prototype ? fill(table[key] ?? {}, value) : value;
  }
  return table;
}
