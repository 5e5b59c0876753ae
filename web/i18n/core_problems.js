// @ts-check
/** @import { Problem } from "../core/protocol" */
// What the core reports, in another language: it speaks English, and its sentences are known by their form.

/**
 * @typedef {{ pattern: string, say: (...groups: string[]) => string }} Form
 * a sentence of the core as a regular expression for the whole of it, and what is said instead of its groups
 *
 * @typedef {{ messages: readonly Form[], advice: Readonly<Record<string, string>> }} ProblemWords
 * the forms of messages, the first that fits, without full stop; advice by the core's own
 */

/**
 * A message, in the core's own words where no form fits.
 * @param {ProblemWords["messages"]} forms @param {string} message
 */
export function translatedMessage(forms, message) {
  for (const { pattern, say } of forms) {
    const found = new RegExp(`^(?:${pattern})$`, "su").exec(message);
    if (found) return say(...found.slice(1));
  }
  return message;
}

/**
 * A problem in the words of a language. One that is in them already stays as it is.
 * @template {Pick<Problem, "message" | "advice">} P
 * @param {ProblemWords} words @param {P} problem
 * @returns {P}
 */
export const translated = ({ messages, advice }, problem) => ({
  ...problem,
  message: translatedMessage(messages, problem.message),
  advice: Object.hasOwn(advice, problem.advice) ? advice[problem.advice] : translatedMessage(messages, problem.advice),
});
