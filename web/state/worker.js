// @ts-check
/** @import { Adapter, BuiltIn, Event, Executor, Field, Preset, Recipe } from "../core/protocol" */
/** @import { Catalogue } from "../i18n/catalogue.js" */
/** @import { State } from "./state.js" */
// The worker, who computes in it, and what the core offers.

import { translated } from "../i18n/catalogue.js";

/**
 * @typedef {Extract<Event, { event: "workers_set" }>} Workers
 *
 * @typedef {object} WorkerState
 * @property {"starting" | "ready" | "crashed" | "lacking"} worker
 * @property {Extract<Event, { event: "lacking" }>["feature"] | null} lacks what there is no worker for want of
 * @property {string} crash what the worker said last
 * @property {string} version
 * @property {Adapter | null} adapter
 * @property {Executor | null} moving where the worker was asked to compute from now on
 * @property {Workers | null} workers how many compute on the CPU; null where a GPU does, and until that is known
 * @property {number | null} workersAsked how many were asked for, until they are there
 * @property {Catalogue | null} catalogue what the core offers, in its own words; the four below in the page's
 * @property {readonly Field[]} fields
 * @property {readonly Preset[]} presets
 * @property {readonly BuiltIn[]} texts
 * @property {readonly Recipe[]} recipes
 */

/** @returns {WorkerState} */
export const initialWorker = () => ({
  worker: "starting",
  lacks: null,
  crash: "",
  version: "",
  adapter: null,
  moving: null,
  workers: null,
  workersAsked: null,
  catalogue: null,
  fields: [],
  presets: [],
  texts: [],
  recipes: [],
});

/** What is true until it is known who computes. */
const NOBODY = { moving: null, workers: null, workersAsked: null };

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<WorkerState>} */
export function reduceWorker({ workersAsked }, event) {
  switch (event.event) {
    case "ready": {
      const { version, adapter, fields, presets, texts, recipes } = event;
      const catalogue = { fields, presets, texts, recipes };
      return { worker: "ready", version, adapter, ...NOBODY, catalogue, ...translated(catalogue) };
    }
    case "moved":
      return { adapter: event.adapter, ...NOBODY };
    case "workers_set":
      return { workers: event, workersAsked: event.lack || event.workers === workersAsked ? null : workersAsked };
    case "failed":
      return event.request == null ? { moving: null, workersAsked: null } : {};
    case "lacking":
      return { worker: "lacking", lacks: event.feature };
    case "crashed":
      return { worker: "crashed", moving: null, workersAsked: null, crash: event.message };
    default:
      return {};
  }
}
