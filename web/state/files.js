// @ts-check
/** @import { Event, ExportFormat, ExportSize } from "../core/protocol" */
/** @import { LossHistory } from "./loss_history.js" */
/** @import { RunRecord } from "./runs.js" */
/** @import { State } from "./state.js" */
// Models as files: on their way out of the tab and into it, and the one that can come back.

import { endsAll } from "./failures.js";
import { unsaved } from "./selectors.js";

/**
 * @typedef {object} Kept a model that was replaced, and can come back
 * @property {string} name
 * @property {Uint8Array<ArrayBuffer>} bytes
 * @property {number} step
 * @property {LossHistory} history
 * @property {RunRecord | null} run
 *
 * @typedef {object} FilesState
 * @property {boolean} exporting
 * @property {{ done: number, of: number } | null} writing a web page under way, with the bytes of the model that are in it
 * @property {ExportFormat | "page"} exportFormat the chosen one; a web page is written here, of the core's safetensors
 * @property {readonly ExportSize[] | null} exportSizes of the model in memory; null: not measured yet
 * @property {string | null} importing name of the file
 * @property {{ name: string, size: number, how: "saved" | "shared" | "ready" } | null} exported
 * @property {number} exportedStep step whose weights are in a file, or can be made again from the seed
 * @property {Kept | null} leaving kept in case that the next model takes its place
 * @property {Kept | null} undo
 */

// No step is this one.
export const UNSAVED = -1;

/** What is true of a worker that holds no model. */
const NONE = { exporting: false, exportSizes: null, importing: null, exported: null, exportedStep: 0, leaving: null };

/** @returns {FilesState} */
export const initialFiles = () => ({ ...NONE, writing: null, exportFormat: "safetensors", undo: null });

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<FilesState>} */
export function reduceFiles(state, event) {
  switch (event.event) {
    case "ready":
    case "crashed":
      return NONE;
    case "preparation_cancelled":
      return { leaving: null };
    case "model_built":
      return {
        exportSizes: null,
        importing: null,
        exported: null,
        // Weights that are trained further are as safe as they were.
        exportedStep: event.origin === "fine_tuned" && unsaved(state) ? UNSAVED : event.step,
        // A comparison makes models of its own; the one before them stays the one to go back to.
        undo: state.leaving ?? (state.comparison?.current == null ? null : state.undo),
        leaving: null,
      };
    case "exported":
      return { exporting: false };
    case "exports_measured":
      return { exportSizes: event.formats };
    case "failed":
      return endsAll(state, event) ? { leaving: null, importing: null, exporting: false } : {};
    default:
      return {};
  }
}
