// @ts-check
/** @import { Executor } from "../core/protocol" */
/** @import { Entry } from "../storage/saved_sessions.js" */
/** @import { Link } from "./link.js" */
// The page itself: what the worker knows nothing of.

import { noLink } from "./link.js";
import { rest } from "./session_pace.js";

export const SCHEMES = /** @type {const} */ (["system", "light", "dark"]);

/**
 * @typedef {typeof SCHEMES[number]} Scheme
 *
 * @typedef {object} Preferences what a person chose about the page itself
 * @property {Scheme} scheme
 * @property {string | null} language its tag; null: as the browser wants it
 * @property {boolean} keepScreenOn while a model trains
 * @property {boolean} notify when training ends behind another tab or window
 * @property {Executor | null} executor where models are computed; null: where that is fastest
 * @property {number | null} workers how many compute on the CPU; null: as many as the worker takes by itself
 * @property {boolean} knowsWhyCpu why models train on the CPU was read, and need not be said again
 *
 * @typedef {object} Sessions
 * @property {readonly (Entry & { elsewhere: boolean })[] | null} list newest first, and which of them another tab goes on with; null
 *   until that is known, and where this browser keeps none
 * @property {boolean} none whether this browser keeps none
 * @property {Entry | null} offered to go on with
 * @property {boolean} saving
 * @property {number} every milliseconds from one save to the next
 * @property {boolean} elsewhere whether another tab saves by itself, and so this one does not
 * @property {{ used: number, left: number } | null} storage bytes
 *
 * @typedef {object} PageState
 * @property {Preferences} preferences
 * @property {boolean} newer whether a newer version of the page is there
 * @property {Link} link
 * @property {Sessions} sessions
 */

/** Of a person who has chosen nothing. @type {Preferences} */
const NO_PREFERENCES = { scheme: "system", language: null, keepScreenOn: false, notify: false, executor: null, workers: null, knowsWhyCpu: false };

/** @param {Preferences} [preferences] @returns {PageState} */
export const initialPage = (preferences = NO_PREFERENCES) => ({
  preferences,
  newer: false,
  link: noLink(),
  sessions: { list: null, none: false, offered: null, saving: false, every: rest(0, 0), elsewhere: false, storage: null },
});
