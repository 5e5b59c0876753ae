// @ts-check
/** @import { Event, Problem } from "../core/protocol" */
// What the worker was asked about the inside of the model, and what it said: one question of each kind at a time.

/**
 * @template {Event["event"]} E
 * @typedef {object} Look
 * @property {number | null} request the one under way
 * @property {string} asked what about, of the last request; the weights apart
 * @property {number | null} at the kept step that the last request was about; null: the weights of its moment
 * @property {string} of what the answer is about
 * @property {Extract<Event, { event: E }> | null} answer
 * @property {Problem | null} problem why the last request was refused
 */

/**
 * @typedef {object} Looks
 * @property {Look<"attention_computed">} attention
 * @property {Look<"heads_looked_at">} heads
 * @property {Look<"predicted">} prediction
 * @property {Look<"lens_looked">} lens
 * @property {Look<"switched_off">} worth of what is switched off
 * @property {Look<"predicted">} without what is switched off
 * @property {Look<"tensors_looked_at">} tensors
 * @property {Look<"embeddings_projected">} embeddings
 * @property {Look<"neighbours_found">} neighbours
 * @property {Look<"tokenizers_compared">} tokenizers how each kind cuts the same text
 *
 * @typedef {keyof Looks} LookName
 */

const none = () => ({ request: null, asked: "", at: null, of: "", answer: null, problem: null });

/** @returns {Looks} */
export const noLooks = () => ({
  attention: none(),
  heads: none(),
  prediction: none(),
  lens: none(),
  worth: none(),
  without: none(),
  tensors: none(),
  embeddings: none(),
  neighbours: none(),
  tokenizers: none(),
});

/** @param {Looks} looks @param {number | null | undefined} request */
const nameOf = (looks, request) =>
  request == null ? undefined : /** @type {LookName[]} */ (Object.keys(looks)).find((name) => looks[name].request === request);

/**
 * With an answer; the same looks where nobody waits for it.
 * @param {Looks} looks @param {Event & { request: number }} event
 * @returns {Looks}
 */
export function answered(looks, event) {
  const name = nameOf(looks, event.request);
  if (!name) return looks;
  return { ...looks, [name]: { ...looks[name], request: null, of: looks[name].asked, answer: event, problem: null } };
}

/**
 * With a refusal; the same looks where it is of something else.
 * @param {Looks} looks @param {Problem} problem
 * @returns {Looks}
 */
export function refused(looks, problem) {
  const name = nameOf(looks, problem.request);
  return name ? { ...looks, [name]: { ...looks[name], request: null, problem } } : looks;
}

/**
 * The kept step that is looked at when others are kept: the nearest, the earlier of two; none where none is.
 * @param {number | null} at @param {readonly number[]} steps in order
 */
export const nearestKept = (at, steps) =>
  at === null || steps.length === 0 ? null : steps.reduce((best, step) => (Math.abs(step - at) < Math.abs(best - at) ? step : best));
