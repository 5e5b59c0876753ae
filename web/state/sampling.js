// @ts-check
/** @import { Event, SampledToken, Source } from "../core/protocol" */
/** @import { State } from "./state.js" */
// What is written after the prompt, and what follows what in the text.

import { failedPlace } from "./failures.js";
import { pieces } from "./token_pieces.js";

/**
 * @typedef {object} Sample
 * @property {number} request
 * @property {string} prompt
 * @property {string} text
 * @property {SampledToken[]} tokens grows in place: a long text is not copied for each token
 * @property {string[]} pieces the text cut along the tokens; grows in place
 * @property {boolean} running
 *
 * @typedef {object} Lookup what follows a token in the text
 * @property {string} text
 * @property {number | null} request the one under way
 * @property {Extract<Event, { event: "transitions_counted" }> | null} answer
 *
 * @typedef {object} SamplingState
 * @property {Source} source what samples are drawn from
 * @property {Sample | null} sample
 * @property {Lookup} lookup
 */

/** What is true of a worker that was given nothing. @returns {Pick<SamplingState, "sample" | "lookup">} */
const nothing = () => ({ sample: null, lookup: { text: "", request: null, answer: null } });

/** @returns {SamplingState} */
export const initialSampling = () => ({ source: "model", ...nothing() });

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<SamplingState>} */
export function reduceSampling(state, event) {
  const { sample, lookup } = state;
  switch (event.event) {
    case "ready":
      return nothing();
    case "model_built":
      return { sample: stopped(sample) };
    case "sampled":
      if (!sample?.running || event.request !== sample.request) return {};
      sample.tokens.push(...event.tokens);
      sample.pieces.push(...pieces(event.text, event.tokens));
      return { sample: { ...sample, text: sample.text + event.text } };
    case "sampling_finished":
      return event.request === sample?.request ? { sample: stopped(sample) } : {};
    case "transitions_counted":
      return event.request === lookup.request ? { lookup: { ...lookup, request: null, answer: event } } : {};
    case "failed":
      return {
        ...(event.request != null && event.request === sample?.request ? { sample: stopped(sample) } : {}),
        ...(failedPlace(state, event) === "lookup" ? { lookup: { ...lookup, request: null, answer: null } } : {}),
      };
    case "crashed":
      // What was seen stays to be looked at.
      return { ...nothing(), sample: stopped(sample) };
    default:
      return {};
  }
}

/** @param {Sample | null} sample */
const stopped = (sample) => sample && { ...sample, running: false };
