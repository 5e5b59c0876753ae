// @ts-check
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// What the model wrote as it learned: a row each sample, newest last, and never a jump under the reader.

import { visible } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { element, panel, write } from "../../ui/dom.js";

const { throughTime: said } = words;

/** @param {Store<State>} store */
export function throughTimePanel(store) {
  const empty = element("p", { class: "empty" });
  const rows = element("ol", { class: "strip", "aria-label": said.title });
  panel("through-time-panel", said.title, empty, rows);

  /** Samples that have a row, in order. @type {State["samples"]} */
  let shown = [];
  const interval = store.computed(({ form }) => form?.training.sample_interval);
  store.watch(({ samples }) => {
    empty.hidden = samples.length > 0;
    rows.hidden = samples.length === 0;
    write(empty, interval.value === 0 ? said.off : said.none);
    const follows = rows.scrollTop + rows.clientHeight >= rows.scrollHeight - 8;
    // Rows that are there stay as they are, opened or not.
    const kept = new Set(samples);
    shown.forEach((sample, i) => kept.has(sample) || rows.children[i].classList.add("gone"));
    rows.querySelectorAll(":scope > .gone").forEach((row) => row.remove());
    const known = new Set(shown);
    rows.append(...samples.filter((sample) => !known.has(sample)).map(row));
    shown = samples;
    if (follows) rows.scrollTop = rows.scrollHeight;
  });
}

/** A line of the sample, which opens into all of it. @param {State["samples"][number]} sample */
function row({ step, prompt, text }) {
  const line = [prompt, text].map((part) => visible(part).replaceAll("␣", " "));
  return element(
    "li",
    {},
    element(
      "details",
      {},
      element(
        "summary",
        {},
        element("span", { class: "at" }, said.step(step)),
        element("span", { class: "line mono" }, element("span", { class: "echo" }, line[0]), line[1]),
      ),
      element("p", { class: "whole mono" }, element("span", { class: "echo" }, prompt), text),
    ),
  );
}
