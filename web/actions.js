// @ts-check
/** @import { Event, Group, ProblemKind, Value } from "./protocol" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// What a person can do, as commands to the worker and changes of the state; and what each event sets going.

import { differences, isWorthKeeping, reduce, unsaved, withoutProblems } from "./state.js";
import { WorkerClient } from "./worker_client.js";
import { words } from "./words.js";

// 300 ms: the pause after which typing counts as finished.
const TYPING_PAUSE = 300;
// 100 ms: the same for a setting, whose cost is computed at once.
const SETTING_PAUSE = 100;

export class Actions {
  #store;
  #client;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #setting;
  #requests = 0;
  /** What each export under way is for: a file for the person, or going on with this. @type {("save" | (() => void))[]} */
  #exports = [];
  /** Saves a file. @type {(name: string, bytes: Uint8Array<ArrayBuffer>) => void} */
  #save;

  /**
   * @param {Store<State>} store
   * @param {(name: string, bytes: Uint8Array<ArrayBuffer>) => void} save
   */
  constructor(store, save) {
    this.#store = store;
    this.#save = save;
    this.#client = new WorkerClient((event) => this.#hear(event));
    // The cost follows the form and the vocabulary as they change.
    store.watch(
      (state) => [state.form, state.mistyped, state.text.description, state.worker],
      () => {
        clearTimeout(this.#setting);
        this.#setting = setTimeout(() => this.#estimate(), SETTING_PAUSE);
      },
    );
  }

  get #state() {
    return this.#store.state;
  }

  /** @param {...ProblemKind} kinds */
  #forget(...kinds) {
    this.#store.update({ problems: withoutProblems(this.#state, ...kinds) });
  }

  /** @param {ProblemKind} kind @param {string} message @param {string} advice */
  #report(kind, message, advice) {
    this.#store.update({ problems: { ...this.#state.problems, [kind]: { kind, message, advice } } });
  }

  // The worker

  start() {
    this.#exports = [];
    this.#store.update({ worker: "starting", crash: "" });
    this.#client.start();
  }

  /** A new worker for one that still runs, or half: asks where a model would be lost. */
  restart() {
    if (this.unsaved && !confirm(words.crash.ask)) return;
    this.start();
  }

  /** @param {Event} event */
  #hear(event) {
    const before = this.#state;
    this.#store.update(reduce(before, event));
    switch (event.event) {
      case "ready":
        if (before.text.value) this.#sendText();
        break;
      case "text_set":
        this.#resume();
        this.#evaluateImported();
        break;
      case "model_built":
        if (this.#restored) {
          this.#store.update({ history: this.#restored, exportedStep: 0 });
          this.#restored = null;
        }
        this.#begin();
        this.#evaluateImported();
        break;
      case "exported":
        this.#exported(event.name, new Uint8Array(event.bytes));
        break;
      case "failed":
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
  }

  /** An imported model says what it is worth as soon as there is a text for it. */
  #evaluateImported() {
    const { model, history, run } = this.#state;
    if (model?.imported && model.fitsText && history.latestValidation === null && run !== "training") {
      this.#client.post({ command: "evaluate" });
    }
  }

  // Text

  /** @param {string} value */
  setText(value) {
    const { text } = this.#state;
    if (value === text.value && !text.replacing) return;
    this.#store.update({
      text: {
        ...text,
        value,
        revision: text.revision + 1,
        // An empty box is a person between two texts, not a text.
        unsent: value !== "",
        replacing: false,
        description: value ? text.description : null,
      },
      problems: withoutProblems(this.#state, "text", "prompt"),
    });
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#sendText(), TYPING_PAUSE);
  }

  #sendText() {
    clearTimeout(this.#typing);
    const { text, worker } = this.#state;
    if (worker !== "ready") return;
    if (!text.value) return;
    this.#store.update({ text: { ...text, unsent: false, unanswered: text.unanswered + 1 } });
    this.#client.post({ command: "set_text", text: text.value });
  }

  /** @param {File} file */
  async openText(file) {
    this.#store.update({
      text: { ...this.#state.text, reading: { name: file.name, size: file.size } },
      problems: withoutProblems(this.#state, "text", "prompt"),
    });
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      clearTimeout(this.#typing);
      const { text } = this.#state;
      this.#store.update({ text: { ...text, unsent: false, unanswered: text.unanswered + 1 } });
      this.#client.post({ command: "set_text_bytes", name: file.name, bytes }, [bytes.buffer]);
    } catch (error) {
      this.#store.update({ text: { ...this.#state.text, reading: null } });
      this.#report("text", words.text.unreadable(file.name, String(error)), words.text.unreadableAdvice);
    }
  }

  /** @param {boolean} replacing */
  replaceText(replacing) {
    this.#store.update({ text: { ...this.#state.text, replacing } });
  }

  // Settings

  /** @param {Group} group @param {string} key @param {Value} value */
  set(group, key, value) {
    const { form, mistyped } = this.#state;
    if (!form) return;
    this.#store.update({
      form: { ...form, [group]: { ...form[group], [key]: value } },
      mistyped: without(mistyped, `${group}.${key}`),
      problems: withoutProblems(this.#state, "configuration"),
    });
  }

  /** @param {Group} group @param {string} key @param {string} sentence what the field needs */
  mistype(group, key, sentence) {
    this.#store.update({
      mistyped: { ...this.#state.mistyped, [`${group}.${key}`]: sentence },
      problems: withoutProblems(this.#state, "configuration"),
    });
  }

  /** @param {string} key */
  choosePreset(key) {
    const preset = this.#state.presets.find((preset) => preset.key === key);
    if (!preset) return;
    this.#store.update({
      form: structuredClone(preset.config),
      mistyped: {},
      problems: withoutProblems(this.#state, "configuration"),
    });
  }

  #estimate() {
    const { worker, form, mistyped } = this.#state;
    if (worker !== "ready" || !form || Object.keys(mistyped).length) return;
    this.#client.post({ command: "estimate", config: form });
  }

  // Training

  train() {
    this.#go("train");
  }

  step() {
    this.#go("step");
  }

  pause() {
    this.#store.update({ intent: null });
    this.#client.post({ command: "pause" });
  }

  /** Train from Space: one key for both ways. */
  toggle() {
    if (this.#state.run === "training") this.pause();
    else if (this.#state.worker === "ready") this.train();
  }

  /**
   * Trains or steps once a text and the model that the form asks for are there.
   * @param {"train" | "step"} intent
   */
  #go(intent) {
    this.#forget("gpu", "training", "command", "text");
    if (!this.#textIsThere() || !this.#formIsTyped()) return;
    const { model, step, text } = this.#state;
    if (text.unsent) this.#sendText();
    if (this.#state.text.unanswered > 0 || text.reading) return this.#store.update({ intent });
    const wrong = differences(this.#state).length > 0 || model?.fitsText === false;
    const finished = this.#state.run === "finished" && intent === "train";
    if (isWorthKeeping(this.#state) && (wrong || finished)) {
      return this.#store.update({ asked: this.#state.asked + 1, intent: null });
    }
    const stale = step === 0 && !model?.imported && model?.textRevision !== text.revision;
    if (wrong || stale) {
      this.#store.update({ intent });
      this.#reset();
    } else {
      this.#store.update({ intent: null });
      this.#client.post({ command: intent });
    }
  }

  /** Goes on with what waited for the text. */
  #resume() {
    const { intent } = this.#state;
    if (intent) this.#go(intent);
  }

  /** Goes on with what waited for the model: whatever the core makes of it, it is not reset again. */
  #begin() {
    const { intent } = this.#state;
    if (!intent) return;
    this.#store.update({ intent: null });
    this.#client.post({ command: intent });
  }

  reset() {
    this.#forget("gpu", "training", "command", "text");
    this.#store.update({ intent: null });
    if (!this.#textIsThere() || !this.#formIsTyped()) return;
    if (this.#state.text.unsent) this.#sendText();
    this.#keep(() => this.#reset());
  }

  /** A fresh model with the form's settings, and off it goes. */
  startAfresh() {
    if (!this.#textIsThere() || !this.#formIsTyped()) return;
    if (this.#state.text.unsent) this.#sendText();
    this.#keep(() => {
      this.#store.update({ intent: "train" });
      this.#reset();
    });
  }

  /** The form takes the model's settings back, and training goes on. */
  resumeModel() {
    const { model, run } = this.#state;
    if (!model) return;
    this.#store.update({ form: model.config, mistyped: {} });
    this.#forget("configuration", "gpu", "command");
    if (run !== "training") this.train();
  }

  #reset() {
    const { form } = this.#state;
    if (!form) return;
    this.#store.update({ building: true });
    this.#client.post({ command: "reset", config: form });
  }

  #textIsThere() {
    const { text } = this.#state;
    if (text.value || text.reading || text.unanswered) return true;
    this.#report("text", words.text.empty, words.text.emptyAdvice);
    return false;
  }

  #formIsTyped() {
    const [sentence] = Object.values(this.#state.mistyped);
    if (sentence) this.#report("configuration", sentence, words.model.correct);
    return !sentence;
  }

  // Keeping a trained model that another one replaces

  /** Exports a trained model before it is replaced, so that a click can be undone. @param {() => void} next */
  #keep(next) {
    if (!isWorthKeeping(this.#state)) return next();
    this.#exports.push(next);
    this.#client.post({ command: "export" });
  }

  /** @param {string} name @param {Uint8Array<ArrayBuffer>} bytes */
  #exported(name, bytes) {
    const purpose = this.#exports.shift();
    const { step, history } = this.#state;
    // Nobody waits any more for what comes after a failure.
    if (purpose === undefined) return;
    if (purpose === "save") {
      this.#save(name, bytes);
      this.#store.update({ exported: { name, size: bytes.length }, exportedStep: step });
    } else {
      this.#store.update({ leaving: { name, bytes, step, history } });
      purpose();
    }
  }

  /** The curve that comes back with the model. @type {State["history"] | null} */
  #restored = null;

  undo() {
    const { undo } = this.#state;
    if (!undo) return;
    this.#restored = undo.history;
    this.#store.update({ importing: undo.name, intent: null });
    this.#client.post({ command: "import", name: undo.name, bytes: undo.bytes });
  }

  dismissUndo() {
    this.#store.update({ undo: null });
  }

  // Sampling and attention

  /** @param {string} prompt */
  setPrompt(prompt) {
    this.#store.update({ prompt, promptTouched: true, problems: withoutProblems(this.#state, "prompt") });
  }

  /** @param {{ tokens: number, temperature: number, top_k: number, seed: number }} settings */
  sample(settings) {
    const { prompt } = this.#state;
    const request = (this.#requests += 1);
    this.#store.update({
      sample: { request, prompt, text: "", tokens: 0, running: true },
      problems: withoutProblems(this.#state, "prompt"),
    });
    this.#client.post({ command: "sample", request, prompt, ...settings });
  }

  /** @param {string} message @param {string} advice */
  refusePrompt(message, advice) {
    this.#report("prompt", message, advice);
  }

  stopSampling() {
    this.#client.post({ command: "stop_sampling" });
  }

  /** @param {{ layer: number, head: number }} look */
  lookAt(look) {
    this.#store.update({ look });
  }

  /** The map of the chosen head for the prompt, with the weights of this moment. */
  computeAttention() {
    const { prompt, look } = this.#state;
    const request = (this.#requests += 1);
    this.#store.update({ attentionRequest: request });
    this.#client.post({ command: "attention", request, prompt, ...look });
  }

  // Files

  exportModel() {
    this.#forget("file");
    this.#exports.push("save");
    this.#store.update({ exporting: true, exported: null });
    this.#client.post({ command: "export" });
  }

  /** @param {File} file */
  async importModel(file) {
    this.#store.update({
      problems: withoutProblems(this.#state, "file"),
      importing: file.name,
      exported: null,
      intent: null,
    });
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      this.#keep(() => this.#client.post({ command: "import", name: file.name, bytes }, [bytes.buffer]));
    } catch (error) {
      this.#store.update({ importing: null });
      this.#report("file", words.files.unreadable(file.name, String(error)), words.files.unreadableAdvice);
    }
  }

  /** A dropped file, by its name: a model or a text. @param {File} file */
  open(file) {
    return /\.safetensors$/i.test(file.name) ? this.importModel(file) : this.openText(file);
  }

  get unsaved() {
    return unsaved(this.#state);
  }
}

/** @param {Readonly<Record<string, string>>} record @param {string} key */
const without = (record, key) => Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
