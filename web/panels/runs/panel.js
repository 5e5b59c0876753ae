// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { RunRecord } from "../../state/runs.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The runs of this visit: their names and numbers, which of them lie over the plot, and what differs between these.

import { settingName } from "../../i18n/catalogue.js";
import { loss, parameters, whole } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { MOST, compared, defaultName, differing, historyOf, nameOf, overlays, stepOf } from "../../state/runs.js";
import { settingValue } from "../../state/setting_names.js";
import { button, element, panel, write } from "../../ui/dom.js";
import { runSwatch } from "../../ui/run_swatch.js";

const { runs: said } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function runsPanel(store, actions) {
  const { runs: acts } = actions;
  const empty = element("p", { class: "empty" }, said.none);
  const body = element("tbody");
  const { columns } = said;
  const list = element(
    "table",
    { "aria-label": said.title },
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("td"),
        ...Object.entries(columns).map(([key, name]) => element("th", { scope: "col", class: key === "remove" && "nameless" }, element("span", {}, name))),
      ),
    ),
    body,
  );
  const listFrame = element("div", { class: "runs-list" }, list);
  const removed = element("p", { class: "muted grow", "aria-live": "polite" });
  const undo = button(said.undo, () => acts.bringBack(), "plain");
  const undoRow = element("div", { class: "row" }, removed, undo);
  const dropped = element("p", { class: "muted" });
  const save = button(said.save, () => acts.save(), "plain");
  save.title = said.saveHelp;
  const alike = element("p", { class: "muted grow" });
  const table = element("table", { "aria-label": said.differences });
  const tableFrame = element("div", { class: "differing" }, table);
  const fold = panel("runs-panel", said.title, empty, listFrame, undoRow, dropped, element("div", { class: "row" }, alike, save), tableFrame);
  fold.open = false;
  const count = element("span", { class: "count" });
  fold.querySelector("summary")?.append(count);

  /** @type {Map<number, ReturnType<typeof runRow>>} */
  const rows = new Map();
  store.watch((state) => {
    const { runs } = state;
    // The newest stands at the top.
    const newest = runs.list.toReversed();
    empty.hidden = newest.length > 0;
    listFrame.hidden = newest.length === 0;
    for (const [id, { node }] of rows) {
      if (newest.some((run) => run.id === id)) continue;
      node.remove();
      rows.delete(id);
    }
    newest.forEach((run, i) => {
      const row = rows.get(run.id) ?? runRow(run.id, actions);
      rows.set(run.id, row);
      if (body.children[i] !== row.node) body.insertBefore(row.node, body.children[i] ?? null);
      row.show(run, state);
    });
    write(count, newest.length > 0 ? ` ${said.count(newest.length, overlays(state).length)}` : "");
    const last = runs.removed.at(-1);
    undoRow.hidden = !last;
    write(removed, last ? said.removed(nameOf(last, state)) : "");
    dropped.hidden = runs.dropped === 0;
    write(dropped, said.dropped(runs.dropped, MOST));
    save.disabled = compared(state).every((run) => historyOf(run, state).isEmpty);
    save.hidden = newest.length === 0;
  });

  /** Cells of the table whose numbers follow the training. @type {((state: Pick<State, "runs" | "history">) => void)[]} */
  let live = [];
  store.watch((state) => {
    const shown = compared(state).toReversed();
    const groups = differing(shown, state.fields);
    const several = shown.length > 1;
    tableFrame.hidden = !several;
    alike.hidden = shown.length === 0;
    write(alike, !several ? said.one : groups.length === 0 ? said.noDifferences : "");
    live = [];
    if (several) table.replaceChildren(...differencesTable(shown, groups, state));
    live.forEach((write) => write(store.state));
  });
  store.watch(({ runs, history }) => live.forEach((write) => write({ runs, history })));

  /** @param {RunRecord[]} shown @param {ReturnType<typeof differing>} groups @param {Readonly<State>} state */
  function differencesTable(shown, groups, state) {
    const head = element(
      "tr",
      {},
      element("th", { scope: "col" }, said.columnSetting),
      ...shown.map((run) => {
        const name = nameOf(run, state);
        return element("th", { scope: "col", title: name }, swatchOf(run, state), element("bdi", { class: "name" }, name));
      }),
    );
    /** @param {string} name @param {(run: RunRecord) => string} value */
    const line = (name, value) => element("tr", {}, element("th", { scope: "row" }, name), ...shown.map((run) => element("td", {}, value(run))));
    const best = line(said.validation, () => "");
    live.push((state) =>
      shown.forEach((run, i) => {
        const { best: lowest } = historyOf(run, state);
        write(best.children[i + 1], lowest ? loss(lowest.loss) : words.none);
      }),
    );
    return [
      element("caption", { class: "muted" }, said.differences),
      element("thead", {}, head),
      ...groups.map(({ group, rows }) =>
        element(
          "tbody",
          { "data-group": group },
          groupHead(said.groups[group], shown.length),
          ...rows.map(({ field, values }) => {
            const cells = values.map((value) => element("td", {}, value === null ? words.none : settingValue(field, value)));
            return element("tr", { "data-setting": `${field.group}.${field.key}` }, element("th", { scope: "row" }, settingName(field)), ...cells);
          }),
        ),
      ),
      element(
        "tbody",
        {},
        groupHead(said.groups.outcome, shown.length),
        line(said.text, (run) => textOf(run, state)),
        line(said.characters, ({ characters }) => (characters === null ? words.none : whole(characters))),
        line(said.parameters, (run) => parameters(run.parameters)),
        best,
      ),
    ];
  }
}

/** @param {string} name @param {number} runs */
const groupHead = (name, runs) => element("tr", {}, element("th", { scope: "rowgroup", colspan: runs + 1 }, name));

/** @param {RunRecord} run @param {Readonly<State>} state */
const textOf = ({ title }, { texts }) => texts.find(({ key }) => key === title.text)?.label ?? words.text.own;

/** @param {RunRecord} run @param {Readonly<State>} state */
function swatchOf(run, { runs }) {
  if (run.id === runs.current) return element("span", { class: "swatch present" });
  return run.shown ? runSwatch(run) : element("span", { class: "swatch hidden-run" });
}

/** A run's line, which stays while its numbers change. @param {number} id @param {Actions} actions */
function runRow(id, { runs: acts }) {
  const swatch = element("td");
  const name = element("input", { type: "text", dir: "auto", spellcheck: "false", autocomplete: "off", "aria-label": said.nameLabel(id) });
  const { columns } = said;
  // On a phone, where the heads of the columns have no place, each number has its name beside it.
  const [step, size, training] = [columns.step, columns.parameters, columns.training].map((name) => element("td", { "data-name": name }));
  const [best, bestAt] = [element("span"), element("span", { class: "later" })];
  const show = element("input", { type: "checkbox" });
  const remove = button(said.remove, () => acts.remove(id), "plain");
  const [showCell, removeCell] = [element("td", { class: "press" }, show), element("td", { class: "press" }, remove)];
  const present = element("td", { class: "current", colspan: 2 }, said.current);
  const node = element("tr", {}, swatch, element("th", { scope: "row" }, name), step, size, element("td", { "data-name": columns.validation }, best, " ", bestAt), training, showCell, removeCell, present);

  /** What the name was before it is typed over. */
  let before = "";
  /** The name that a run has which was given none. */
  let plain = "";
  name.addEventListener("blur", () => {
    if (name.value !== before) acts.rename(id, name.value === plain ? "" : name.value);
  });
  name.addEventListener("keydown", (event) => {
    if (event.key === "Escape") name.value = before;
    if (event.key === "Enter" || event.key === "Escape") name.blur();
  });
  show.addEventListener("change", () => acts.show(id, show.checked));

  let drawn = "";
  return {
    node,
    /** @param {RunRecord} run @param {Readonly<State>} state */
    show(run, state) {
      const label = nameOf(run, state);
      plain = defaultName(run, state);
      if (document.activeElement !== name) name.value = label;
      before = label;
      name.title = label;
      const look = [run.shown, run.look, run.id === state.runs.current].join();
      if (look !== drawn) swatch.replaceChildren(swatchOf(run, state));
      drawn = look;
      const { best: lowest, latest } = historyOf(run, state);
      node.title = said.begun(clock().format(run.begun), textOf(run, state));
      write(step, whole(stepOf(run, state)));
      write(size, parameters(run.parameters));
      write(best, lowest ? loss(lowest.loss) : words.none);
      write(bestAt, lowest ? said.bestAt(lowest.step) : "");
      write(training, latest ? loss(latest.loss) : words.none);
      const current = run.id === state.runs.current;
      present.hidden = !current;
      showCell.hidden = removeCell.hidden = current;
      show.checked = run.shown;
      show.setAttribute("aria-label", said.showLabel(label));
      remove.setAttribute("aria-label", said.removeLabel(label));
    },
  };
}

const clock = () => new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
