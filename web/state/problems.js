// @ts-check
/** @import { Problem, ProblemKind } from "../core/protocol" */
/** @import { AnyProblem, Found } from "../i18n/problems.js" */
/** @import { State } from "./state.js" */
// Which problems are known, each under the place where its cause stands.

/**
 * Where a problem is shown: at what the worker names, or where the page alone knows its cause.
 * @typedef {ProblemKind | "tokenizer" | "address" | "lookup" | "session"} Place
 * @typedef {Readonly<Partial<Record<Place, AnyProblem & { kind: ProblemKind }>>>} Problems
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
 * @param {Readonly<State>} state @param {Place} place @param {Found} found
 * @returns {Problems}
 */
export const withProblem = ({ problems }, place, found) => ({ ...problems, [place]: { kind: "command", ...found } });

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

/** The group of the setting at fault; the model's where there is none. @param {AnyProblem} problem */
export const groupOf = ({ field }) => field?.split(".")[0] ?? "model";
