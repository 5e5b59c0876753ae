// @ts-check
// What the page says, in the language that is spoken.

import { english } from "./words/en.js";

/** @typedef {typeof english} Words */

/** The words of each language, by its tag (BCP 47). @type {Record<string, { name: string, words: Words }>} */
export const languages = {
  en: { name: "English", words: english },
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

/** @param {Record<string, any>} table @param {Record<string, any>} values */
function fill(table, values) {
  for (const [key, value] of Object.entries(values)) {
    table[key] = Object.getPrototypeOf(value) === Object.prototype ? fill(table[key] ?? {}, value) : value;
  }
  return table;
}
