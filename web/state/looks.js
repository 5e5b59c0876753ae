// @ts-check
/** @import { Event, Off, Problem } from "../core/protocol" */
/** @import { State } from "./state.js" */
// What is looked at inside the model: what the worker was asked, one question of each kind at a time, and what it said.

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
 *
 * @typedef {object} LooksState
 * @property {{ layer: number, head: number }} look the head whose map is large
 * @property {Looks} looks
 * @property {Off} off pieces of the model that are switched off for a look
 * @property {number | null} token whose nearest are listed
 * @property {readonly number[]} checkpoints steps whose weights are kept to be looked at, in order
 * @property {number | null} at the kept step that is looked at; null: the weights of now
 */

const none = () => ({ request: null, asked: "", at: null, of: "", answer: null, problem: null });

/** @returns {Looks} */
const noLooks = () => ({
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

/** What is true of a worker that holds no model. @returns {Omit<LooksState, "look">} */
const nothing = () => ({ looks: noLooks(), off: {}, token: null, checkpoints: [], at: null });

/** @returns {LooksState} */
export const initialLooks = () => ({ look: { layer: 0, head: 0 }, ...nothing() });

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<LooksState>} */
export function reduceLooks({ look, looks, checkpoints, at }, event) {
  switch (event.event) {
    case "ready":
    case "crashed":
      return nothing();
    case "model_built": {
      const { layers, heads } = event.config.model;
      const [layer, head] = [Math.max(0, Math.min(look.layer, Number(layers) - 1)), Math.min(look.head, Number(heads) - 1)];
      return { ...nothing(), looks: { ...noLooks(), tokenizers: looks.tokenizers }, look: { layer, head } };
    }
    case "best_restored":
      return kept(at, checkpoints.filter((step) => step <= event.best.step));
    case "checkpoints_kept":
      return kept(at, event.steps);
    case "attention_computed":
    case "heads_looked_at":
    case "predicted":
    case "lens_looked":
    case "switched_off":
    case "tensors_looked_at":
    case "embeddings_projected":
    case "neighbours_found":
    case "tokenizers_compared":
      return answered(looks, event);
    case "failed":
      return refused(looks, event);
    default:
      return {};
  }
}

/** @param {Looks} looks @param {number | null | undefined} request */
const nameOf = (looks, request) =>
  request == null ? undefined : /** @type {LookName[]} */ (Object.keys(looks)).find((name) => looks[name].request === request);

/** Whether somebody waits for the answer. @param {Looks} looks @param {number | null | undefined} request */
export const isAwaited = (looks, request) => nameOf(looks, request) !== undefined;

/** @param {Looks} looks @param {Event & { request: number }} event @returns {Partial<LooksState>} */
function answered(looks, event) {
  const name = nameOf(looks, event.request);
  if (!name) return {};
  return { looks: { ...looks, [name]: { ...looks[name], request: null, of: looks[name].asked, answer: event, problem: null } } };
}

/** @param {Looks} looks @param {Problem} problem @returns {Partial<LooksState>} */
function refused(looks, problem) {
  const name = nameOf(looks, problem.request);
  return name ? { looks: { ...looks, [name]: { ...looks[name], request: null, problem } } } : {};
}

/** The steps that can be looked at. @param {number | null} at @param {readonly number[]} checkpoints */
const kept = (at, checkpoints) => ({ checkpoints, at: nearestKept(at, checkpoints) });

/**
 * The kept step that is looked at when others are kept: the nearest, the earlier of two; none where none is.
 * @param {number | null} at @param {readonly number[]} steps in order
 */
const nearestKept = (at, steps) =>
  at === null || steps.length === 0 ? null : steps.reduce((best, step) => (Math.abs(step - at) < Math.abs(best - at) ? step : best));
