// @ts-check
/** @import { Config, Event, Field, Group, Value } from "../core/protocol" */
/** @import { State } from "./state.js" */
// The runs of this visit: what each was made of and how it went. A run stays when another model takes its place.

import { settingName } from "../i18n/catalogue.js";
import { words } from "../i18n/words.js";
import { csv, quoted } from "./csv.js";
import { COLUMNS, LossHistory } from "./loss_history.js";
import { matters, recipeOf } from "./selectors.js";
import { isLed, settingValue } from "./setting_names.js";

/**
 * @typedef {object} Title what a run is called until a person names it
 * @property {string | null} recipe key
 * @property {string | null} preset key of the one that is nearest
 * @property {string | null} trial of a comparison: the piece that is missing, empty for the whole
 * @property {string | null} text key of a built-in one; null: a person's own
 * @property {"fresh" | "imported" | "fine_tuned" | "resumed"} origin
 * @property {string | null} file where it came from
 * @property {readonly string[]} differs settings ("group.key") that set it apart from the first such run, or from recipe or preset
 * @property {number} again how many runs were called the same
 *
 * @typedef {object} RunRecord
 * @property {number} id rises from run to run
 * @property {string | null} name as a person typed it
 * @property {Title} title
 * @property {Config} config
 * @property {number} parameters
 * @property {number | null} characters of the text
 * @property {LossHistory} history as it was when another took its place
 * @property {number} step where it stood then
 * @property {Date} begun
 * @property {boolean} shown whether its curves are laid over the present one's
 * @property {number | null} look number of its colour and dash; null before it was ever shown
 *
 * @typedef {object} Runs
 * @property {readonly RunRecord[]} list oldest first
 * @property {number | null} current id of the one in memory
 * @property {number} next
 * @property {readonly RunRecord[]} removed the last one last
 * @property {number} dropped runs that went because there were too many
 */

// 20: a run's curves take about a megabyte.
export const MOST = 20;
/** Colours, and dashes in pixels: a look is a colour of its own, then the same colours with the next dash. */
export const [COLOURS, DASHES] = [5, /** @type {number[][]} */ ([[], [6, 3], [2, 3], [8, 3, 2, 3]])];
// Characters of a name.
const LONGEST = 80;
const KINSHIP = /** @type {const} */ (["recipe", "preset", "trial", "text", "origin", "file"]);

/** @returns {Runs} */
export const noRuns = () => ({ list: [], current: null, next: 1, removed: [], dropped: 0 });

/**
 * The run of a model that was just made joins; that of the model before stays, if it took a step.
 * @param {Readonly<State>} state before the event
 * @param {Extract<Event, { event: "model_built" }>} event
 * @returns {Runs}
 */
export function withRun(state, event) {
  const runs = left(state);
  const comparison = state.comparison?.current;
  const trial = comparison == null ? null : (state.comparison?.trials[comparison].label ?? null);
  const record = {
    id: runs.next,
    name: null,
    title: titleOf(state, event, trial, runs.list),
    config: event.config,
    parameters: event.estimate.parameters,
    characters: state.text.description?.characters ?? null,
    history: new LossHistory(),
    step: event.step,
    begun: new Date(),
    // A comparison is made to be seen.
    shown: trial !== null,
    look: trial !== null ? freeLook(runs.list) : null,
  };
  return pruned({ ...runs, list: [...runs.list, record], current: record.id, next: runs.next + 1 });
}

/** The present run becomes a past one; without a step it goes. @param {Readonly<State>} state @returns {Runs} */
export function left({ runs, step, history }) {
  const list = runs.list
    .filter(({ id }) => id !== runs.current || history.latest !== null)
    .map((run) => (run.id === runs.current ? { ...run, step, history } : run));
  return { ...runs, list, current: null };
}

/** A run goes on whose model came back, in place of the one that was begun for it. @param {Runs} runs @param {RunRecord} run @returns {Runs} */
export function resumed(runs, run) {
  const others = runs.list.filter(({ id }) => id !== runs.current && id !== run.id);
  const kept = runs.list.find(({ id }) => id === run.id) ?? run;
  return {
    ...runs,
    list: [...others, kept].sort((a, b) => a.id - b.id),
    current: kept.id,
    removed: runs.removed.filter(({ id }) => id !== run.id),
  };
}

/**
 * The runs of a saved session join those of this visit, in place of the one that was begun for its model.
 * @param {Runs} runs
 * @param {any} saved as JSON has them
 * @returns {Runs}
 */
export function joined(runs, saved) {
  const visit = runs.list.filter(({ id }) => id !== runs.current);
  // Gone on with twice, a session brings the same runs twice.
  const begun = new Set(visit.map((run) => run.begun.getTime()));
  /** @type {RunRecord[]} */
  const own = saved.list.map((/** @type {any} */ run) => ({
    ...run,
    id: runs.next + run.id,
    begun: new Date(run.begun),
    history: LossHistory.from(run.history),
  }));
  const current = saved.current === null ? null : runs.next + saved.current;
  const fresh = own.filter((run) => run.id === current || !begun.has(run.begun.getTime()));
  return pruned({ ...runs, list: [...visit, ...fresh], current, next: Math.max(runs.next, ...fresh.map(({ id }) => id)) + 1 });
}

/** @param {Runs} runs @param {number} id @param {string} typed @returns {Runs} */
export function renamed(runs, id, typed) {
  const name = tidy(typed) || null;
  return changed(runs, id, (run) => ({ ...run, name }));
}

/** @param {Runs} runs @param {number} id @param {boolean} shown @returns {Runs} */
export function withShown(runs, id, shown) {
  const others = runs.list.filter((run) => run.id !== id && run.shown && run.id !== runs.current);
  return changed(runs, id, (run) => ({
    ...run,
    shown,
    // It keeps its colour unless another has taken it.
    look: shown && (run.look === null || others.some(({ look }) => look === run.look)) ? freeLook(others) : run.look,
  }));
}

/** @param {Runs} runs @param {number} id @returns {Runs} */
export function without(runs, id) {
  const run = runs.list.find((run) => run.id === id);
  if (!run || id === runs.current) return runs;
  return { ...runs, list: runs.list.filter((other) => other !== run), removed: [...runs.removed, run] };
}

/** The run that was removed last comes back. @param {Runs} runs @returns {Runs} */
export function broughtBack(runs) {
  const run = runs.removed.at(-1);
  if (!run) return runs;
  const list = [...runs.list, run].sort((a, b) => a.id - b.id);
  const back = { ...runs, list, removed: runs.removed.slice(0, -1) };
  return pruned(run.shown ? withShown(back, run.id, true) : back);
}

/** @param {Runs} runs @param {number} id @param {(run: RunRecord) => RunRecord} change @returns {Runs} */
const changed = (runs, id, change) => ({ ...runs, list: runs.list.map((run) => (run.id === id ? change(run) : run)) });

/** The oldest that are hidden go while there are too many; then the oldest of all. @param {Runs} runs @returns {Runs} */
function pruned(runs) {
  let { list, dropped } = runs;
  while (list.length > MOST) {
    const past = list.filter(({ id }) => id !== runs.current);
    const gone = past.find(({ shown }) => !shown) ?? past[0];
    list = list.filter((run) => run !== gone);
    dropped += 1;
  }
  return { ...runs, list, dropped };
}

/** The first look that none of these has. @param {readonly RunRecord[]} runs */
function freeLook(runs) {
  let look = 0;
  while (runs.some((run) => run.shown && run.look === look)) look += 1;
  return look % (COLOURS * DASHES.length);
}

/**
 * A name as it can be shown anywhere: on one line, without what would turn or hide the words around it, and not too long.
 * @param {string} typed
 */
export function tidy(typed) {
  const plain = typed
    .slice(0, 100 * LONGEST)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "")
    // No more than four marks on a letter.
    .replace(/(\p{M}{4})\p{M}+/gu, "$1")
    // Halves of a character.
    .replace(/\p{Cs}/gu, "")
    .trim();
  return cut(plain);
}

/** @param {string} name */
function cut(name) {
  const characters = Array.from(name);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("").trimEnd()}…` : name;
}

// What it is called

/**
 * @param {Readonly<State>} state @param {Extract<Event, { event: "model_built" }>} event @param {string | null} trial
 * @param {readonly RunRecord[]} before
 * @returns {Title}
 */
function titleOf(state, { config, origin }, trial, before) {
  const recipe = origin === "imported" ? undefined : recipeOf(state);
  const preset = nearestPreset(state, config);
  const title = {
    recipe: recipe?.key ?? null,
    preset: recipe ? null : (preset?.key ?? null),
    trial,
    text: state.text.made?.key ?? null,
    origin,
    file: origin === "imported" ? state.importing : null,
    differs: /** @type {string[]} */ ([]),
    again: 0,
  };
  // Of runs that share all this the first is the one that the others are told apart from.
  const first = before.find((run) => KINSHIP.every((key) => run.title[key] === title[key]));
  const groups = recipe ? [] : ["tokenizer", "data"];
  const reference = first?.config ?? (origin === "fine_tuned" ? recipe?.fine_tuning?.config : recipe?.config) ?? preset?.config;
  // A missing piece and a file have names of their own.
  const differs = state.fields
    .filter(({ group }) => trial === null && title.file === null && group !== "sampling" && (first || !groups.includes(group)))
    .filter((field) => reference && valueIn(reference, field) !== valueIn(config, field) && !(isLed(reference, field) && isLed(config, field)))
    .map(({ group, key }) => `${group}.${key}`);
  const named = { ...title, differs };
  const names = new Set(before.map((run) => defaultName(run, state)));
  while (names.has(defaultName({ title: named, config }, state))) named.again += 1;
  return named;
}

/** The size from which the fewest settings differ. @param {Readonly<State>} state @param {Config} config */
function nearestPreset({ presets, fields }, config) {
  const away = (/** @type {Config} */ other) =>
    fields.filter((field) => (field.group === "model" || field.group === "training") && valueIn(other, field) !== valueIn(config, field)).length;
  return presets.reduce((/** @type {typeof presets[number] | null} */ best, preset) => (best === null || away(preset.config) < away(best.config) ? preset : best), null);
}

/** A setting's value where it matters; null elsewhere. @param {Config} config @param {Field} field @returns {Value | null} */
const valueIn = (config, field) => (matters(field, config) ? (config[field.group][field.key] ?? null) : null);

/** What a run is called. @param {RunRecord} run @param {Readonly<State>} state */
export const nameOf = (run, state) => run.name ?? defaultName(run, state);

/** @param {Pick<RunRecord, "title" | "config">} run @param {Readonly<State>} state */
export function defaultName({ title, config }, { recipes, presets, texts, fields }) {
  const settings = title.differs.flatMap((name) => {
    const field = fields.find(({ group, key }) => `${group}.${key}` === name);
    return field && matters(field, config) ? [words.runs.setting(settingName(field), settingValue(field, config[field.group][field.key]))] : [];
  });
  const recipe = recipes.find(({ key }) => key === title.recipe);
  // A recipe's name says which text it has.
  const plain = recipe && title.text !== null && [recipe.text, recipe.fine_tuning?.text].includes(title.text);
  const name = words.runs.name({
    base: recipe?.label ?? presets.find(({ key }) => key === title.preset)?.label ?? "",
    trial: title.trial === null ? null : title.trial || words.recipe.whole,
    file: title.file,
    text: plain ? null : (texts.find(({ key }) => key === title.text)?.label ?? words.text.own),
    fineTuned: title.origin === "fine_tuned",
    settings,
    again: title.again,
  });
  return cut(name);
}

// What is shown

/** Runs that are laid over the present one. @param {Readonly<State>} state */
export const overlays = ({ runs }) => runs.list.filter(({ id, shown }) => shown && id !== runs.current);

/** Those, and the present one, oldest first. @param {Readonly<State>} state */
export const compared = ({ runs }) => runs.list.filter(({ id, shown }) => shown || id === runs.current);

/** Where a run stands. @param {RunRecord} run @param {Readonly<State>} state */
export const stepOf = (run, state) => (run.id === state.runs.current ? state.step : run.step);

/** A run's curves. @param {RunRecord} run @param {Readonly<Pick<State, "runs" | "history">>} state */
export const historyOf = (run, { runs, history }) => (run.id === runs.current ? history : run.history);

/**
 * The settings whose values differ, in the form's order; null where one has no effect.
 * @param {readonly RunRecord[]} runs @param {readonly Field[]} fields
 * @returns {{ group: Group, rows: { field: Field, values: (Value | null)[] }[] }[]}
 */
export function differing(runs, fields) {
  const rows = fields
    .filter(({ group }) => group !== "sampling")
    .map((field) => ({ field, values: runs.map(({ config }) => valueIn(config, field)) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
  const groups = [...new Set(rows.map(({ field }) => field.group))];
  return groups.map((group) => ({ group, rows: rows.filter(({ field }) => field.group === group) }));
}

/** The curves of the shown runs one below the other, each row with its run's name. @param {Readonly<State>} state */
export function curvesTable(state) {
  const rows = compared(state).flatMap((run) => historyOf(run, state).rows().map((cells) => [quoted(nameOf(run, state)), ...cells]));
  return csv([["run", ...COLUMNS], ...rows]);
}
