// @ts-check
/** @import { Field, Group, Problem, ProblemKind } from "../core/protocol" */
/** @import { State } from "./state.js" */
// Which problems are known, each under the place where its cause stands.

/**
 * Where a problem is shown: at what the worker names, or where the page alone knows its cause.
 * @typedef {ProblemKind | "tokenizer" | "address" | "lookup" | "session"} Place
 * @typedef {Readonly<Partial<Record<Place, Problem>>>} Problems
 */

/**
 * Without those of some places.
 * @param {Readonly<State>} state
 * @param {...Place} places
 * @returns {Problems}
 */
export function withoutProblems({ problems }, ...places) {
  if (!places.some((place) => problems[place])) return problems;
  return Object.fromEntries(Object.entries(problems).filter(([place]) => !places.includes(/** @type {Place} */ (place))));
}

/**
 * With one that the page itself has found.
 * @param {Readonly<State>} state @param {Place} place @param {string} message @param {string} advice
 * @returns {Problems}
 */
export const withProblem = ({ problems }, place, message, advice) => ({
  ...problems,
  [place]: { kind: "command", message, advice },
});

/**
 * The place of a problem from the worker: a refused file may be a model or a tokenizer, a refused text may be a prompt.
 * @param {Readonly<State>} state
 * @param {Problem} problem
 * @returns {Place}
 */
export function placeOf({ tokenizerFile, lookup }, problem) {
  if (problem.request != null && problem.request === lookup.request) return "lookup";
  // A tokenizer's file may also be refused as no text.
  if (tokenizerFile.reading && (problem.kind === "file" || problem.kind === "text")) return "tokenizer";
  return problem.kind;
}

/**
 * The group of the setting that a sentence about settings names first; the model's where it names none.
 * @param {readonly Field[]} fields
 * @param {string} message
 * @returns {Group}
 */
export function groupNamed(fields, message) {
  const said = plain(message);
  let [first, length, group] = [Infinity, 0, /** @type {Group} */ ("model")];
  for (const field of fields) {
    for (const name of [plain(field.label), plain(field.key)]) {
      const at = said.indexOf(name);
      // At the same place the longer name is meant: "minimum learning rate", not "learning rate".
      if (at >= 0 && (at < first || (at === first && name.length > length))) {
        [first, length, group] = [at, name.length, field.group];
      }
    }
  }
  return group;
}

/** Words between single blanks, to be found whole. @param {string} text */
const plain = (text) => ` ${text.toLowerCase().replace(/[^\p{L}\p{N}_-]+/gu, " ").trim()} `;
