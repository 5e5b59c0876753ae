// @ts-check
/** @import { Problem } from "../core/protocol" */
/** @import { State } from "../state/state.js" */
// What went wrong and what to do next, at the place where the cause is.

import { browserOf } from "../core/browser.js";
import { translated } from "../i18n/core_problems.js";
import { directed } from "../i18n/format.js";
import { words } from "../i18n/words.js";
import { element, write } from "./dom.js";

/** A place for a problem, empty until it is shown one. */
export function problemDisplay() {
  const message = element("strong");
  const advice = element("span");
  const node = element("p", { class: "problem", role: "alert", hidden: true }, message, words.punctuation.between, advice);
  /** @type {Pick<Problem, "message" | "advice"> | null | undefined} */
  let shown = null;
  return {
    node,
    /**
     * @param {Pick<Problem, "message" | "advice"> | null | undefined} problem null takes it away
     * @param {boolean} [reveal] whether the page moves to it where it cannot be seen
     */
    show(problem, reveal = true) {
      const said = problem && translated(words.core.problems, problem);
      write(message, said ? sentence(said.message) : "");
      write(advice, said ? sentence(said.advice) : "");
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

/** What a browser without something can be told. @param {State["lacks"]} lacks */
export const lackOf = (lacks) => lacks && { message: words.lacks[lacks](words.browsers[browserOf(navigator.userAgent)]), advice: words.lacks.advice };

/** As a sentence: a capital first, unless it begins with a name like a file's, and a full stop last. @param {string} text */
export function sentence(text) {
  if (!text) return "";
  const plain = directed(text);
  const begun = /^[a-z][a-z-]*[\s,]/.test(plain) ? plain[0].toUpperCase() + plain.slice(1) : plain;
  return /[.!?…。！？]$/.test(begun) ? begun : `${begun}${words.punctuation.stop}`;
}
