// @ts-check
/** @import { Field } from "../core/protocol" */
/** @import { AnyProblem, Found } from "../i18n/problems.js" */
/** @import { State } from "../state/state.js" */
// What went wrong and what to do next, at the place where the cause is.

import { browserOf } from "../core/browser.js";
import { sentence } from "../i18n/problems.js";
import { words } from "../i18n/words.js";
import { element, write } from "./dom.js";

/** A place for a problem, empty until it is shown one. */
export function problemDisplay() {
  const message = element("strong");
  const advice = element("span");
  const node = element("p", { class: "problem", role: "alert", hidden: true }, message, words.punctuation.between, advice);
  /** @type {AnyProblem | null | undefined} */
  let shown = null;
  return {
    node,
    /**
     * @param {AnyProblem | null | undefined} problem null takes it away
     * @param {boolean} [reveal] whether the page moves to it where it cannot be seen
     * @param {readonly Field[]} [fields] for the sentence of one that the page found in a setting
     */
    show(problem, reveal = true, fields) {
      const said = problem && sentence(problem, fields);
      write(message, said?.message ?? "");
      write(advice, said?.advice ?? "");
      node.hidden = !problem;
      if (problem && reveal && problem !== shown) {
        const fold = node.closest("details");
        if (fold) fold.open = true;
        node.scrollIntoView({ block: "nearest" });
      }
      shown = problem;
    },
  };
}

/** What there is no worker for want of. @type {Record<NonNullable<State["lacks"]>, "no_web_assembly" | "no_simd" | "no_module_workers">} */
const LACKS = { webAssembly: "no_web_assembly", simd: "no_simd", moduleWorkers: "no_module_workers" };

/** What a browser without something can be told. @param {State["lacks"]} lacks @returns {Found | null} */
export const lackOf = (lacks) => lacks && { code: LACKS[lacks], values: { browser: browserOf(navigator.userAgent) } };

/** Why there is no worker any more. @param {string} reason what it said last @returns {Found} */
export const crashOf = (reason) => (reason ? { code: "worker_crashed", values: { reason } } : { code: "worker_stopped" });
