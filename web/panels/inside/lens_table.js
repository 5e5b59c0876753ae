// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// Logit lens: what the head would say after each layer, at each of the prompt's last tokens.

import { percent, visible } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { quoted } from "../../state/csv.js";
import { promptOf } from "../../state/selectors.js";
import { csvButton } from "../../ui/csv_button.js";
import { element, write } from "../../ui/dom.js";
import { follow } from "../../ui/follow.js";

const { lens: said } = words.inside;
// Columns: what fits beside one another.
const COLUMNS = 12;

/** @param {Store<State>} store @param {Actions} actions */
export function lensTable(store, actions) {
  const table = element("table", { class: "lens", "aria-label": said.title });
  const frame = element("div", { class: "scrolled", tabindex: 0, role: "region", "aria-label": said.title }, table);
  const readout = element("p", { class: "readout" }, said.walk);
  const node = element("div", { class: "inner" });
  const explained = element("p", { class: "muted" }, said.help);
  const caption = element("p", { class: "caption" });
  const beneath = element("div", { class: "beneath" }, caption, csvButton(() => saved(store.state)));
  follow(store, actions, node, "lens", promptOf);

  /** The cell under the pointer or the keys. @type {{ row: number, column: number } | null} */
  let cell = null;

  /** @param {{ row: number, column: number } | null} next @param {boolean} walking */
  function choose(next, walking) {
    cell = next;
    readout.setAttribute("aria-live", walking ? "polite" : "off");
    show();
  }

  function show() {
    const { answer } = store.state.looks.lens;
    for (const other of table.querySelectorAll(".chosen")) other.classList.remove("chosen");
    const first = answer ? Math.max(0, answer.tokens.length - COLUMNS) : 0;
    const guess = cell && answer?.guesses[cell.row]?.[first + cell.column]?.[0];
    if (!cell || !answer || !guess) return write(readout, said.walk);
    const chosen = table.tBodies[0].rows[cell.row].cells[cell.column + 1];
    chosen.classList.add("chosen");
    chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
    write(readout, said.cell(cell.row, answer.tokens[first + cell.column], guess.text, guess.probability));
  }

  table.addEventListener("pointerover", ({ target }) => {
    const found = target instanceof Element ? target.closest("td") : null;
    const row = found?.parentElement;
    choose(found && row instanceof HTMLTableRowElement ? { row: row.sectionRowIndex, column: found.cellIndex - 1 } : null, false);
  });
  table.addEventListener("pointerleave", () => choose(null, false));
  frame.addEventListener("blur", () => choose(null, false));
  frame.addEventListener("keydown", (event) => {
    const { answer } = store.state.looks.lens;
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move || !answer) return;
    event.preventDefault();
    const last = { row: answer.guesses.length - 1, column: Math.min(COLUMNS, answer.tokens.length) - 1 };
    const within = (/** @type {number} */ i, /** @type {number} */ high) => Math.max(0, Math.min(high, i));
    choose(cell ? { row: within(cell.row + move[0], last.row), column: within(cell.column + move[1], last.column) } : last, true);
  });

  const lens = store.computed(({ looks }) => looks.lens.answer);
  store.watch(() => {
    const { value: answer } = lens;
    for (const node of [frame, readout, beneath]) node.hidden = !answer;
    write(caption, answer ? words.attention.caption(answer.step) : "");
    if (!answer) return table.replaceChildren();
    const heads = answer.tokens.slice(-COLUMNS).map((token) => element("th", { scope: "col", class: "mono" }, visible(token)));
    const rows = answer.guesses.map((places, layer) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, said.layer(layer)),
        ...places.slice(-COLUMNS).map(([{ text, probability }]) => {
          const made = element("td", { class: "mono" }, visible(text), element("span", { class: "unseen" }, ` ${percent(probability)}`));
          made.style.setProperty("--share", String(probability));
          return made;
        }),
      ),
    );
    table.replaceChildren(
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, said.after), ...heads)),
      element("tbody", {}, ...rows),
    );
    show();
  });
  node.append(explained, frame, readout, beneath);
  return node;
}

/** Every guess at every place. @param {Readonly<State>} state */
function saved({ looks }) {
  const { answer } = looks.lens;
  if (!answer) return null;
  const rows = answer.guesses.flatMap((places, layer) =>
    places.flatMap((guesses, i) =>
      guesses.map(({ id, text, probability }, rank) => [layer, i, quoted(answer.tokens[i]), rank + 1, id, quoted(text), probability]),
    ),
  );
  return { name: `lens-step-${answer.step}`, rows: [["layers", "position", "token", "rank", "guess id", "guess", "probability"], ...rows] };
}
