// @ts-check
/** @import { Config, Event, Executor } from "../core/protocol" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { Kept } from "../state/files.js" */
/** @import { News } from "../state/notices.js" */
/** @import { Place } from "../state/problems.js" */
/** @import { View } from "../state/run.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Workers } from "../state/worker.js" */
// What a person can do, as commands to the worker and changes of the state; and what each event sets going.

import { words } from "../i18n/words.js";
import { UNSAVED } from "../state/files.js";
import { withProblem, withoutProblems } from "../state/problems.js";
import { ended } from "../state/run.js";
import { resumed } from "../state/runs.js";
import { canPrepare, countsOnly, differences, isAtEnd, isWorthKeeping, memory, unsaved } from "../state/selectors.js";
import { reduce } from "../state/state.js";
import { FileActions } from "./file_actions.js";
import { LinkActions } from "./link_actions.js";
import { ReadingActions } from "./reading_actions.js";
import { RecipeActions } from "./recipe_actions.js";
import { RunActions } from "./run_actions.js";
import { SessionActions } from "./session_actions.js";
import { TextActions } from "./text_actions.js";

// 100 ms: the pause after which a setting counts as typed; its cost is computed at once.
const SETTING_PAUSE = 100;
// Most memory of the GPU that is taken for a validation loss which nobody asked for.
const UNASKED_BYTES = 2 ** 30;

export class Actions extends ReadingActions {
  #store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #setting;
  /** What each export under way is for: a file for the person, or going on with this. @type {("save" | "share" | (() => void))[]} */
  #exports = [];
  /** Whether a model is being made that is wanted no more. */
  #abandoned = false;
  /** Whether the worker has yet to hear how many should compute. */
  #workersUnsent = false;
  /** Saves a file. @type {(name: string, content: Uint8Array<ArrayBuffer> | Blob) => void} */
  #save;

  /**
   * @param {Store<State>} store
   * @param {(name: string, content: Uint8Array<ArrayBuffer> | Blob) => void} save
   */
  constructor(store, save) {
    super(store);
    this.#store = store;
    this.#save = save;
    const post = this.post.bind(this);
    this.text = new TextActions(store, post);
    this.recipes = new RecipeActions(store, this);
    this.link = new LinkActions(store, this);
    this.runs = new RunActions(store, save);
    this.sessions = new SessionActions(store, this, post);
    this.files = new FileActions(store, this, post, save);
    const vocabulary = store.computed(({ text }) => text.description);
    const team = store.computed(({ workers }) => workers?.workers);
    store.watch(({ worker, form, mistyped }) => {
      clearTimeout(this.#setting);
      // The same form comes to another cost with another vocabulary, or with others who compute.
      vocabulary.value;
      team.value;
      if (canEstimate({ worker, form, mistyped })) this.#setting = setTimeout(() => this.#estimate(), SETTING_PAUSE);
    });
  }

  get #state() {
    return this.#store.state;
  }

  /** @param {...Place} places */
  #forget(...places) {
    this.#store.update({ problems: withoutProblems(this.#state, ...places) });
  }

  /** @param {Place} place @param {Found} found */
  #report(place, found) {
    this.#store.update({ problems: withProblem(this.#state, place, found) });
  }

  // The worker

  start() {
    this.#exports = [];
    super.start(undefined, { type: "module", name: this.#state.preferences.executor ?? "" });
  }

  /** A new worker for one that still runs, or half: asks where a model would be lost. */
  restart() {
    if (this.unsaved && !confirm(words.crash.ask)) return;
    this.start();
  }

  /** From now on and at the next visit. @param {Executor} executor */
  computeOn(executor) {
    this.prefer({ executor });
    super.computeOn(executor);
  }

  /** On the CPU, from now on and at the next visit. @param {number} workers */
  setWorkers(workers) {
    this.prefer({ workers });
    this.#askForWorkers(workers);
  }

  /** @param {number} workers */
  #askForWorkers(workers) {
    this.#store.update({ workersAsked: workers, problems: withoutProblems(this.#state, "command") });
    this.post({ command: "set_workers", workers });
  }

  /** @param {Event} event */
  hear(event) {
    const before = this.#state;
    if (event.event === "model_built" || (event.event === "failed" && event.request == null)) {
      const abandoned = this.#abandoned;
      this.#abandoned = false;
      // Why there is no model that nobody waits for says nothing of the one in memory.
      if (abandoned && event.event === "failed" && event.kind === "configuration") return;
    }
    this.#store.update(reduce(before, event));
    switch (event.event) {
      case "ready":
        this.#workersUnsent = true;
        this.link.open();
        this.text.begin(before.text.revision === 0);
        break;
      case "text_set":
        this.#resume();
        this.#evaluateImported();
        break;
      case "model_built":
        if (this.#restored) {
          const { history, run } = this.#restored;
          const { runs } = this.#state;
          this.#store.update({ history, exportedStep: UNSAVED, runs: run ? resumed(runs, run) : runs });
          this.#restored = null;
        }
        this.#begin();
        this.#evaluateImported();
        break;
      case "moved":
        this.#workersUnsent = true;
        // What is too large for one may not be for the other.
        this.#estimate();
        break;
      case "workers_set":
        this.#remindOfWorkers(event);
        break;
      case "exported":
        this.#exported(event.name, new Uint8Array(event.bytes));
        break;
      case "failed":
        // A question's number: no file and no model was asked for.
        if (event.request != null) break;
        if (event.kind !== "text" && event.kind !== "configuration" && event.kind !== "prompt") {
          this.#restored = null;
          // A model that cannot be kept must not stand in the way of a new one.
          const purpose = this.#exports.shift();
          if (typeof purpose === "function") purpose();
        }
        break;
      case "crashed":
        this.#exports = [];
        break;
    }
    this.sessions.hear(event);
    this.recipes.hear(event, before.run);
  }

  /** Asks once for as many as a person chose at some time, or what there is of them. @param {Workers} now */
  #remindOfWorkers({ workers, most, lack }) {
    const { preferences } = this.#state;
    const wanted = Math.min(preferences.workers ?? workers, most);
    if (this.#workersUnsent && !lack && wanted !== workers) this.#askForWorkers(wanted);
    this.#workersUnsent = false;
  }

  /** An imported model says what it is worth as soon as there is a text for it, unless that takes much that nobody asked for. */
  #evaluateImported() {
    const { model, history, run } = this.#state;
    const small = model !== null && memory(model.estimate) <= UNASKED_BYTES;
    if (small && model.origin === "imported" && model.fitsText && history.latestValidation === null && run !== "training") {
      this.post({ command: "evaluate" });
    }
  }

  // Settings

  /** @param {string} key */
  choosePreset(key) {
    const preset = this.#state.presets.find((preset) => preset.key === key);
    const { form, mistyped, comparison } = this.#state;
    if (!preset || !form) return;
    const { model, training } = structuredClone(preset.config);
    this.#store.update({
      // A size: text, tokens and prompt stay what they are.
      form: { ...form, model, training },
      mistyped: Object.fromEntries(Object.entries(mistyped).filter(([key]) => !/^(model|training)\./.test(key))),
      recipe: null,
      source: "model",
      comparison: ended(comparison),
      problems: withoutProblems(this.#state, "configuration"),
    });
  }

  #estimate() {
    const { form } = this.#state;
    if (form && canEstimate(this.#state)) this.post({ command: "estimate", config: form });
  }

  // Training

  train() {
    this.#go("train");
  }

  step() {
    this.#go("step");
  }

  /** The weights in memory, trained further on the text in the box with the form's settings. */
  fineTune() {
    this.#go("fine_tune");
  }

  pause() {
    this.#store.update({ intent: null, comparison: ended(this.#state.comparison) });
    this.post({ command: "pause" });
  }

  /** Train from Space: one key for both ways. */
  toggle() {
    if (this.#state.run === "training") this.pause();
    else if (this.#state.worker === "ready" && !countsOnly(this.#state)) this.train();
  }

  /**
   * Trains or steps once a text and the model that the form asks for are there.
   * @param {"train" | "step" | "fine_tune"} intent
   */
  #go(intent) {
    if (!this.settled()) return;
    const { model, step, text } = this.#state;
    if (text.pending || text.reading) return this.#store.update({ intent });
    if (intent === "fine_tune") {
      this.#store.update({ intent: null });
      return this.keep(() => this.#build("fine_tune"));
    }
    const wrong = differences(this.#state).length > 0 || model?.fitsText === false;
    const finished = isAtEnd(this.#state) && intent === "train";
    if (isWorthKeeping(this.#state) && (wrong || finished)) {
      return this.#store.update({ asked: this.#state.asked + 1, endSeen: false, intent: null });
    }
    const stale = step === 0 && model?.origin === "fresh" && model.textRevision !== text.revision;
    if (!model || wrong || stale) {
      this.#build("reset", intent);
    } else {
      this.#store.update({ intent: null });
      this.post({ command: intent });
    }
  }

  /** Goes on with what waited for the text. */
  #resume() {
    const { intent, building } = this.#state;
    // A model that is being made has been asked for with this text.
    if (intent && !building) this.#go(intent);
  }

  /** Goes on with what waited for the model: whatever the core makes of it, it is not reset again. */
  #begin() {
    const { intent } = this.#state;
    if (intent !== "train" && intent !== "step") return;
    this.#store.update({ intent: null });
    this.post({ command: intent });
  }

  reset() {
    this.#store.update({ intent: null });
    if (this.settled()) this.keep(() => this.#build("reset", null));
  }

  /** A fresh model with the form's settings, and off it goes. */
  startAfresh() {
    if (this.settled()) this.keep(() => this.#build("reset"));
  }

  /** A fresh model with these settings, which become the form's; the one in memory goes. @param {Config} config */
  trainWith(config) {
    this.#store.update({ form: config, mistyped: {} });
    this.#build("reset");
  }

  /** The form takes the model's settings back, and training goes on. */
  resumeModel() {
    const { model, run, form } = this.#state;
    if (!model || !form) return;
    // What was asked for in its place is wanted no more, whether it is on its way or waits for the export.
    this.#abandoned ||= this.#state.building;
    this.#exports = this.#exports.map((purpose) => (typeof purpose === "function" ? () => this.#store.update({ leaving: null }) : purpose));
    this.#store.update({
      form: { ...model.config, sampling: form.sampling },
      mistyped: {},
      building: false,
      leaving: null,
      intent: null,
    });
    this.#forget("configuration", "gpu", "command");
    if (run !== "training") this.train();
  }

  restoreBest() {
    this.#forget("command");
    this.#store.update({ intent: null, comparison: ended(this.#state.comparison) });
    this.post({ command: "restore_best" });
  }

  /** @param {"reset" | "fine_tune"} command @param {"train" | "step" | null} intent what follows */
  #build(command, intent = "train") {
    const { form } = this.#state;
    if (!form) return;
    this.#store.update({ building: true, intent });
    this.post({ command, config: form });
  }

  /** Whether there is a text and the form is typed, of which the worker now knows; what is missing is said. */
  settled() {
    this.#forget("gpu", "training", "command", "text");
    this.#store.update({ comparison: ended(this.#state.comparison) });
    if (!this.#textIsThere() || !this.#formIsTyped()) return false;
    this.text.settle();
    return true;
  }

  #textIsThere() {
    const { text } = this.#state;
    if (text.value || text.reading || text.pending) return true;
    this.#report("text", { code: "nothing_typed" });
    return false;
  }

  #formIsTyped() {
    const wrong = mistypedSetting(this.#state);
    if (wrong) this.#report("configuration", wrong);
    else if (!canPrepare(this.#state)) this.#report("tokenizer", { code: "tokenizer_file_awaited" });
    else return true;
    return false;
  }

  // Keeping a trained model that another one replaces

  /** Exports a trained model before it is replaced, so that a click can be undone. @param {() => void} next */
  keep(next) {
    if (!isWorthKeeping(this.#state)) return next();
    this.#exports.push(next);
    this.post({ command: "export" });
  }

  /** @param {string} name @param {Uint8Array<ArrayBuffer>} bytes */
  #exported(name, bytes) {
    const purpose = this.#exports.shift();
    const { step, history, runs } = this.#state;
    // Nobody waits any more for what comes after a failure.
    if (purpose === undefined) return;
    if (typeof purpose === "string") {
      this.files.written(purpose, name, bytes);
    } else {
      const run = runs.list.find(({ id }) => id === runs.current) ?? null;
      this.#store.update({ leaving: { name, bytes, step, history, run } });
      purpose();
    }
  }

  /** The model that comes back, with its curve and its run. @type {Kept | null} */
  #restored = null;

  undo() {
    const { undo } = this.#state;
    if (!undo) return;
    this.#restored = undo;
    this.#store.update({ importing: undo.name, intent: null });
    this.post({ command: "import", name: undo.name, bytes: undo.bytes });
  }

  dismissUndo() {
    this.#store.update({ undo: null });
  }

  dismissEnd() {
    this.#store.update({ endSeen: true });
  }

  /** @param {News} news */
  dismiss(news) {
    this.#store.update({ news: this.#state.news.filter((other) => other !== news) });
  }

  // Looking up

  /** What follows a text's last token; the commonest pairs for an empty one. @param {string} text */
  lookUp(text) {
    const request = this.nextRequest();
    this.#store.update({ lookup: { ...this.#state.lookup, text, request }, problems: withoutProblems(this.#state, "lookup") });
    this.post({ command: "count_transitions", request, text });
  }

  // Files

  /** The model in the chosen format. @param {"save" | "share"} purpose */
  exportModel(purpose) {
    const { exportFormat } = this.#state;
    const format = exportFormat === "page" ? "safetensors" : exportFormat;
    this.#forget("file");
    this.#exports.push(purpose);
    this.#store.update({ exporting: true, exported: null });
    this.post({ command: "export", format, about: this.files.about });
  }

  /** How the curves are looked at. @param {Partial<View>} change */
  view(change) {
    this.#store.update({ view: { ...this.#state.view, ...change } });
  }

  /** The run's curves as a table. */
  saveCurve() {
    const { history, step } = this.#state;
    this.#save(`fledgling-curve-step-${step}.csv`, new TextEncoder().encode(history.csv()));
  }

  get unsaved() {
    return unsaved(this.#state);
  }
}

/** What the first field needs that holds no value; those of sampling stand in nobody's way. @param {Readonly<Pick<State, "mistyped">>} state */
const mistypedSetting = ({ mistyped }) => Object.entries(mistyped).find(([key]) => !key.startsWith("sampling."))?.[1];

/** @param {Readonly<Pick<State, "worker" | "form" | "mistyped">>} state */
const canEstimate = ({ worker, form, mistyped }) => worker === "ready" && form !== null && mistypedSetting({ mistyped }) === undefined;
