// @ts-check
/** @import { Command, Event, Executor, Group, Source, Value } from "../core/protocol" */
/** @import { Preferences } from "../state/page.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What a person can do with a model that is there, whether it can be trained here or not: sample, look inside, choose how the
// page looks. The page of one model has no more than this.

import { WorkerClient } from "../core/worker_client.js";
import { withProblem, withoutProblems } from "../state/problems.js";
import { ended } from "../state/run.js";
import { promptOf } from "../state/selectors.js";
import { reduce } from "../state/state.js";
import { savePreferences } from "../storage/preferences.js";
import { InspectionActions } from "./inspection_actions.js";

export class ReadingActions {
  #store;
  #client;
  #requests = 0;

  /** @param {Store<State>} store */
  constructor(store) {
    this.#store = store;
    this.#client = new WorkerClient((event) => this.hear(event));
    this.inspection = new InspectionActions(store, (command) => this.post(command), () => this.nextRequest());
  }

  get #state() {
    return this.#store.state;
  }

  // The worker

  /** @param {string | URL} [address] of its code @param {WorkerOptions} [options] */
  start(address, options) {
    this.#store.update({ worker: "starting", crash: "" });
    this.#client.start(address, options);
  }

  /** @param {Event} event */
  hear(event) {
    this.#store.update(reduce(this.#state, event));
  }

  /** @param {Command} command @param {Transferable[]} [transfer] buffers that move instead of being copied */
  post(command, transfer) {
    this.#client.post(command, transfer);
  }

  /** A number that no other question has. */
  nextRequest() {
    return (this.#requests += 1);
  }

  /** With the model in memory and whatever it is doing. @param {Executor} executor */
  computeOn(executor) {
    this.#store.update({ moving: executor, problems: withoutProblems(this.#state, "command") });
    this.post({ command: "compute_on", executor });
  }

  // The page

  /** What a person wants of the page itself, from now on. @param {Partial<Preferences>} change */
  prefer(change) {
    const preferences = { ...this.#state.preferences, ...change };
    savePreferences(preferences);
    this.#store.update({ preferences });
  }

  /** @param {Group} group @param {string} key @param {Value} value */
  set(group, key, value) {
    const { form, mistyped, comparison, promptTouched } = this.#state;
    if (!form) return;
    const sampling = group === "sampling";
    this.#store.update({
      form: { ...form, [group]: { ...form[group], [key]: value } },
      mistyped: without(mistyped, `${group}.${key}`),
      problems: withoutProblems(this.#state, "configuration", sampling ? "prompt" : "tokenizer"),
      promptTouched: promptTouched || (sampling && key === "prompt"),
      // Its models would no longer be alike but for the piece.
      ...(sampling ? {} : { comparison: ended(comparison) }),
    });
  }

  /** @param {Group} group @param {string} key @param {{ low: number, high: number, whole: boolean }} values what the field takes */
  mistype(group, key, values) {
    const field = `${group}.${key}`;
    this.#store.update({
      mistyped: { ...this.#state.mistyped, [field]: { code: "setting_mistyped", field, values } },
      problems: withoutProblems(this.#state, "configuration"),
    });
  }

  // Sampling

  /** @param {Source} source */
  drawFrom(source) {
    this.#store.update({ source });
  }

  sample() {
    const { form, source, mistyped } = this.#state;
    if (!form) return;
    const [, wrong] = Object.entries(mistyped).find(([key]) => key.startsWith("sampling.")) ?? [];
    if (wrong) return this.#store.update({ problems: withProblem(this.#state, "prompt", { ...wrong, advice: "correct_for_sample" }) });
    const request = this.nextRequest();
    const prompt = promptOf(this.#state);
    this.#store.update({
      sample: { request, prompt, text: "", tokens: [], pieces: [], running: true },
      problems: withoutProblems(this.#state, "prompt"),
    });
    this.post({ command: "sample", request, source, sampling: form.sampling });
  }

  stopSampling() {
    this.post({ command: "stop_sampling" });
  }
}

/** @template T @param {Readonly<Record<string, T>>} record @param {string} key @returns {Record<string, T>} */
const without = (record, key) => Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
