// @ts-check
/** @import { Event } from "../core/protocol" */
/** @import { FilesState } from "./files.js" */
/** @import { LooksState } from "./looks.js" */
/** @import { ModelState } from "./model.js" */
/** @import { NoticesState } from "./notices.js" */
/** @import { PageState, Preferences } from "./page.js" */
/** @import { RunState } from "./run.js" */
/** @import { SamplingState } from "./sampling.js" */
/** @import { SettingsState } from "./settings.js" */
/** @import { TextState } from "./text.js" */
/** @import { WorkerState } from "./worker.js" */
// All that the page knows, put together of slices: each has its own entries, what they are at first, and how an event of the
// worker changes them, which may depend on all the others.

import { initialFiles, reduceFiles } from "./files.js";
import { initialLooks, reduceLooks } from "./looks.js";
import { initialModel, reduceModel } from "./model.js";
import { initialNotices, reduceNotices } from "./notices.js";
import { initialPage } from "./page.js";
import { initialRun, reduceRun } from "./run.js";
import { initialSampling, reduceSampling } from "./sampling.js";
import { initialSettings, reduceSettings } from "./settings.js";
import { initialText, reduceText } from "./text.js";
import { initialWorker, reduceWorker } from "./worker.js";

/** @typedef {WorkerState & TextState & SettingsState & ModelState & FilesState & RunState & SamplingState & LooksState & NoticesState & PageState} State */

/** @param {Preferences} [preferences] @returns {State} */
export const initialState = (preferences) => ({
  ...initialWorker(),
  ...initialText(),
  ...initialSettings(),
  ...initialModel(),
  ...initialFiles(),
  ...initialRun(),
  ...initialSampling(),
  ...initialLooks(),
  ...initialNotices(),
  ...initialPage(preferences),
});

const SLICES = [reduceWorker, reduceText, reduceSettings, reduceModel, reduceFiles, reduceRun, reduceSampling, reduceLooks, reduceNotices];

/**
 * The state after an event, as a change to it.
 * @param {Readonly<State>} state @param {Event} event
 * @returns {Partial<State>}
 */
export const reduce = (state, event) => Object.assign({}, ...SLICES.map((slice) => slice(state, event)));
