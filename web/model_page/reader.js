// @ts-check
/** @import { Event, Settings } from "../core/protocol" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { State } from "../state/state.js" */
/** @import { About } from "../storage/page_file.js" */
/** @import { Training } from "./embedded.js" */
// The model of this file in a worker: it chooses the GPU or the CPU itself, until somebody chooses here.

import { ReadingActions } from "../flows/reading_actions.js";
import { withProblem } from "../state/problems.js";
import { promptOf } from "../state/selectors.js";
import { Store } from "../state/store.js";
import { aboutHere, coreAddress, modelHere, trainingOf } from "./embedded.js";

/**
 * @typedef {object} Here what is known of this file
 * @property {About} about
 * @property {{ done: number, of: number } | null} reading slices of the model that are out of the page
 * @property {Blob | null} file the model's
 * @property {Training | null} training
 */

/** Code of one piece, which imports nothing. @type {WorkerOptions} */
const CLASSIC = { type: "classic" };

export class Reader extends ReadingActions {
  #store;
  /** @type {Store<Here>} */
  here = new Store({ about: aboutHere(), reading: null, file: null, training: null });
  #core = "";
  /** Whether it has shown what it can. */
  #shown = false;

  /** @param {Store<State>} store */
  constructor(store) {
    super(store);
    this.#store = store;
  }

  /** Takes the model out of this file and starts the core for it. */
  async open() {
    this.#core = coreAddress();
    this.start(this.#core, CLASSIC);
    try {
      const file = await modelHere((done, of) => this.here.update({ reading: { done, of } }));
      this.here.update({ reading: null, file, training: file && (await trainingOf(file)) });
      if (file) this.#give();
      else this.#report({ code: "page_without_model" });
    } catch (error) {
      this.here.update({ reading: null });
      this.#report({ code: "page_damaged", values: { reason: String(error) } });
    }
  }

  /** @param {Found} found */
  #report(found) {
    this.#store.update({ problems: withProblem(this.#store.state, "file", found) });
  }

  /** A new worker for one that is no more. */
  restart() {
    this.#store.update({ model: null, adapter: null });
    this.start(this.#core, CLASSIC);
    if (this.here.state.file) this.#give();
  }

  /** The worker gets a copy of the file: another one may need it. */
  async #give() {
    const { file, about } = this.here.state;
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.#store.update({ importing: about.name });
    this.post({ command: "import", name: about.name, bytes }, [bytes.buffer]);
  }

  /** @param {Event} event */
  hear(event) {
    const { form: before } = this.#store.state;
    super.hear(event);
    const { form } = this.#store.state;
    // One samples as whoever wrote the file did, as far as that is of the right kind.
    if (event.event === "ready" && !before && form) this.#store.update({ form: { ...form, sampling: merged(form.sampling, this.here.state.about.sampling) } });
    if (event.event !== "model_built" || this.#shown) return;
    this.#shown = true;
    if (promptOf(this.#store.state) !== "") this.sample();
  }
}

/** @param {Settings} own @param {Settings} foreign */
const merged = (own, foreign) =>
  Object.fromEntries(Object.entries(own).map(([key, value]) => [key, typeof foreign[key] === typeof value ? foreign[key] : value]));
