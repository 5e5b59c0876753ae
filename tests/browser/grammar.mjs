// @ts-check
/** A text to train on: sentences of a small grammar, the same for the same seed, and what is known of it without a network. */

const WORDS = {
  determiner: ["the", "a", "every", "no", "one", "this"],
  adjective: ["old", "small", "quiet", "red", "hungry", "wooden", "bright", "lost", "kind", "early"],
  noun: ["fox", "bird", "river", "miller", "garden", "lantern", "child", "bridge", "wolf", "song", "window", "queen"],
  verb: ["sees", "follows", "finds", "loves", "carries", "forgets", "wakes", "paints"],
  preposition: ["near", "under", "behind", "with", "beyond"],
  adverb: ["slowly", "again", "at night", "in the rain", "twice"],
};
/** @typedef {keyof typeof WORDS} Kind */
/** @type {Kind[][]} */
const SENTENCES = [
  ["determiner", "noun", "verb", "determiner", "noun"],
  ["determiner", "adjective", "noun", "verb", "determiner", "noun"],
  ["determiner", "noun", "verb", "determiner", "adjective", "noun", "adverb"],
  ["determiner", "noun", "preposition", "determiner", "noun", "verb", "determiner", "noun"],
  ["determiner", "adjective", "noun", "verb", "determiner", "noun", "preposition", "determiner", "noun"],
];

/** Every word that the text has. */
export const vocabulary = new Set(Object.values(WORDS).flat().flatMap((words) => words.split(" ")));

/** Numbers from 0 to 1 (mulberry32). @param {number} seed */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Sentences, each on its line, up to a length.
 * @param {number} [length] characters
 * @param {number} [seed]
 */
export function story(length = 300_000, seed = 1) {
  const next = random(seed);
  const one = (/** @type {readonly any[]} */ list) => list[Math.floor(next() * list.length)];
  const lines = [];
  for (let written = 0; written < length; written += lines[lines.length - 1].length + 1) {
    const sentence = one(SENTENCES).map((/** @type {Kind} */ kind) => one(WORDS[kind])).join(" ");
    lines.push(sentence[0].toUpperCase() + sentence.slice(1) + (next() < 0.2 ? "!" : "."));
  }
  return lines.join("\n").slice(0, length);
}

/**
 * Nats per character for whoever knows how often each character stands there (unigram), and how often after each other
 * one (bigram).
 * @param {string} text
 */
export function entropies(text) {
  const characters = Array.from(text);
  const single = count(characters);
  const pairs = count(characters.slice(1).map((character, i) => characters[i] + character));
  const unigram = entropy(single, characters.length);
  // H(pair) − H(first): the first of a pair is every character but the last.
  const first = count(characters.slice(0, -1));
  const bigram = entropy(pairs, characters.length - 1) - entropy(first, characters.length - 1);
  return { vocab: single.size, uniform: Math.log(single.size), unigram, bigram };
}

/** @param {string[]} items */
function count(items) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** @param {Map<string, number>} counts @param {number} total */
function entropy(counts, total) {
  let sum = 0;
  for (const n of counts.values()) sum -= (n / total) * Math.log(n / total);
  return sum;
}
