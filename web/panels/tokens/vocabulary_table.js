// @ts-check
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// Every token of the vocabulary with how often the training text holds it: to be searched and sorted. Only the rows in
// sight are in the page, so that 32,768 tokens scroll like thirty.

import { percent, visible, whole } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { button, element, labelled, more, write } from "../../ui/dom.js";

const { vocabulary: said } = words.tokens;
// Pixels: as style.css has it.
const ROW = 24;
// Rows beyond those in sight, above and below.
const SPARE = 8;

/** @typedef {"id" | "token" | "count"} Order */

/** @param {Store<State>} store */
export function vocabularyTable(store) {
  const find = element("input", { class: "mono", placeholder: said.placeholder, spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
  const found = element("p", { class: "muted", "aria-live": "polite" });
  const [above, below] = [gap(), gap()];
  const body = element("tbody");
  /** @type {Record<Order, HTMLTableCellElement>} */
  const heads = { id: headOf("id"), token: headOf("token"), count: headOf("count") };
  const table = element(
    "table",
    { class: "vocabulary", "aria-label": said.title },
    element("thead", {}, element("tr", {}, heads.id, heads.token, heads.count, element("th", { scope: "col" }, said.columns.share))),
    body,
  );
  const frame = element("div", { class: "scrolled", tabindex: 0, role: "region", "aria-label": said.title }, table);
  const node = more(said.title, labelled(said.find, find), found, frame);

  /** @type {Order} */
  let order = "count";
  let backwards = true;
  /** Ids of the rows, in order. @type {number[]} */
  let rows = [];

  /** @param {Order} by */
  function headOf(by) {
    return element("th", { scope: "col" }, button(said.columns[by], () => sortBy(by), "plain"));
  }

  /** @param {Order} by */
  function sortBy(by) {
    // What is read first: the commonest; the lowest id; the first letter.
    backwards = by === order ? !backwards : by === "count";
    order = by;
    choose();
  }

  /** Which rows there are, and in which order. */
  function choose() {
    const { description } = store.state.text;
    if (!description || !node.open) return;
    const { vocabulary, frequencies } = description;
    const wanted = typed(find.value);
    const id = /^#\d+$/.test(wanted) ? Number(wanted.slice(1)) : null;
    const close = wanted.toLowerCase();
    rows = vocabulary.flatMap((token, i) => (id !== null ? i === id : token.toLowerCase().includes(close)) ? [i] : []);
    if (order === "count") rows.sort((a, b) => frequencies[a] - frequencies[b] || b - a);
    if (order === "token") rows.sort((a, b) => (vocabulary[a] < vocabulary[b] ? -1 : vocabulary[a] > vocabulary[b] ? 1 : a - b));
    if (backwards) rows.reverse();
    for (const [by, head] of Object.entries(heads)) {
      if (by === order) head.setAttribute("aria-sort", backwards ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    const unseen = rows.filter((id) => frequencies[id] === 0).length;
    write(found, wanted || rows.length === 0 ? said.found(rows.length, vocabulary.length) : said.all(vocabulary.length, unseen));
    frame.hidden = rows.length === 0;
    table.setAttribute("aria-rowcount", String(rows.length + 1));
    frame.scrollTop = 0;
    render();
  }

  function render() {
    const { description } = store.state.text;
    if (!description || !node.open) return;
    const { vocabulary, frequencies, training_tokens } = description;
    const first = Math.max(0, Math.min(rows.length - 1, Math.floor(frame.scrollTop / ROW)) - SPARE);
    const last = Math.min(rows.length, first + Math.ceil(frame.clientHeight / ROW) + 2 * SPARE);
    above.size(first);
    below.size(rows.length - last);
    body.replaceChildren(
      above.node,
      ...rows.slice(first, last).map((id, i) =>
        element(
          "tr",
          { "aria-rowindex": first + i + 2 },
          element("td", {}, whole(id)),
          element("td", { class: "mono", title: visible(vocabulary[id]) }, visible(vocabulary[id])),
          element("td", {}, whole(frequencies[id])),
          element("td", {}, percent(frequencies[id] / Math.max(1, training_tokens))),
        ),
      ),
      below.node,
    );
  }

  find.addEventListener("input", choose);
  frame.addEventListener("scroll", render);
  node.addEventListener("toggle", choose);
  const description = store.computed(({ text }) => text.description);
  store.watch(() => {
    node.hidden = !description.value;
    choose();
  });
  return node;
}

/** The height of the rows that are out of sight. */
function gap() {
  const cell = element("td", { colspan: 4 });
  const node = element("tr", { class: "gap", "aria-hidden": "true" }, cell);
  return {
    node,
    /** @param {number} rows */
    size(rows) {
      node.hidden = rows === 0;
      cell.style.height = `${rows * ROW}px`;
    },
  };
}

/** What was typed, with the signs for blanks taken as the blanks. @param {string} text */
const typed = (text) => text.replaceAll("␣", " ").replaceAll("↵", "\n").replaceAll("⇥", "\t").replaceAll("␍", "\r");
