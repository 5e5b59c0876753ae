// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { Trial } from "../../state/run.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The tutorials' systems: chosen at the top, explained here, with what there is to do beyond training.

import { loss, whole } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { differences, isWorthKeeping, ownText, recipeChanged, recipeOf } from "../../state/selectors.js";
import { button, element, more, panel, place, put, write } from "../../ui/dom.js";

const { recipe: said } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function recipePanel(store, actions) {
  const { recipes } = actions;
  const choice = element("select", { disabled: true, "aria-label": said.title });
  put("recipe", choice);

  const help = element("p", { class: "muted" });
  const list = element("ul", { class: "notes muted" });
  const notes = more(said.notes, list);
  const ownRow = row(said.ownText, button(said.useText, () => recipes.useText()));
  const changedRow = row(said.changed, button(said.restore, () => recipes.restore()));
  const tuneHelp = element("p", { class: "muted grow", id: "second-text-help" });
  const tune = button(said.fineTune, () => recipes.fineTune());
  tune.setAttribute("aria-describedby", tuneHelp.id);
  const tuneRow = element("div", { class: "offer" }, tuneHelp, tune);
  const compareHelp = element("p", { class: "muted grow", id: "compare-help", "aria-live": "polite" });
  const compare = button(said.compare, () => recipes.compare());
  compare.setAttribute("aria-describedby", compareHelp.id);
  const compareRow = element("div", { class: "offer" }, compareHelp, compare);
  const body = element("tbody");
  const table = element(
    "table",
    { "aria-label": said.compared },
    element("thead", {}, element("tr", {}, ...Object.values(said.columns).map((name) => element("th", { scope: "col" }, name)))),
    body,
  );
  const fold = panel("recipe-panel", said.title, help, notes, ownRow, changedRow, tuneRow, compareRow, table);

  choice.addEventListener("change", () => {
    recipes.choose(choice.value);
    fold.open = true;
    fold.scrollIntoView({ block: "nearest" });
  });

  store.watch((state) => {
    if (choice.options.length !== state.recipes.length + 1) {
      choice.replaceChildren(
        element("option", { value: "", hidden: true }, said.choose),
        ...state.recipes.map(({ key, label }) => element("option", { value: key }, label)),
      );
    }
    choice.disabled = state.worker !== "ready";
    choice.value = state.recipe ?? "";
    const recipe = recipeOf(state);
    place("recipe-panel").hidden = !recipe;
    choice.title = recipe ? "" : said.none;
    write(help, recipe?.help ?? "");
    notes.hidden = !recipe?.notes.length;
    list.replaceChildren(...(recipe?.notes ?? []).map((note) => element("li", {}, note)));
  });

  store.watch((state) => {
    const recipe = recipeOf(state);
    ownRow.hidden = !recipe || ownText(state) === null;
    // The second text's settings are the recipe's too.
    const { fine_tuning } = recipe ?? {};
    const second = fine_tuning && state.text.made?.key === fine_tuning.text;
    changedRow.hidden = !recipe || Boolean(second) || state.comparison !== null || !recipeChanged(state);
  });

  store.watch((state) => {
    const { fine_tuning } = recipeOf(state) ?? {};
    tuneRow.hidden = !fine_tuning;
    const name = state.texts.find(({ key }) => key === fine_tuning?.text)?.label ?? "";
    const running = state.run === "training";
    // Trained, and the model of the settings that stand here.
    const another = differences(state).some(({ field }) => field.group === "model" || field.group === "tokenizer");
    const ready = isWorthKeeping(state) && !another;
    tune.disabled = state.worker !== "ready" || running || !ready;
    write(tuneHelp, running ? said.fineTuneRunning : ready ? said.fineTuneHelp(name) : said.fineTuneFirst);
  });

  store.watch((state) => {
    const { comparison, worker } = state;
    const recipe = recipeOf(state);
    compareRow.hidden = !recipe?.pieces.length;
    const current = comparison?.current ?? null;
    compare.disabled = worker !== "ready" || current !== null;
    const models = (recipe?.pieces.length ?? 0) + 1;
    write(compareHelp, current === null ? said.compareHelp(models) : said.comparing(current + 1, models));
    table.hidden = !comparison;
    body.replaceChildren(...(comparison?.trials ?? []).map((trial, i, all) => trialRow(trial, all[0], i === current)));
  });
}

/** A model's line. @param {Trial} trial @param {Trial} whole_ @param {boolean} current */
function trialRow({ label, result }, whole_, current) {
  const [mine, first] = [result?.validation, whole_.result?.validation];
  const difference = mine != null && first != null && label ? signed(mine - first) : words.none;
  const cells = [
    mine != null ? loss(mine) : current ? said.training : words.none,
    difference,
    result?.best ? whole(result.best.step) : words.none,
  ];
  return element(
    "tr",
    current ? { "aria-current": "step" } : {},
    element("th", { scope: "row" }, label || said.whole),
    ...cells.map((cell) => element("td", {}, cell)),
  );
}

/** A difference with its sign, a true minus. @param {number} x */
const signed = (x) => `${x < 0 ? "−" : "+"}${loss(Math.abs(x))}`;

/** A sentence and what it offers. @param {string} text @param {HTMLElement} offer */
const row = (text, offer) => element("div", { class: "row" }, element("p", { class: "muted grow" }, text), offer);
