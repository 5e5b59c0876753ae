// @ts-check
/** @import { Runs } from "../state/runs.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What a person does with the list of runs.

import { broughtBack, curvesTable, renamed, withShown, without } from "../state/runs.js";

export class RunActions {
  #store;
  #save;

  /** @param {Store<State>} store @param {(name: string, bytes: Uint8Array<ArrayBuffer>) => void} save */
  constructor(store, save) {
    this.#store = store;
    this.#save = save;
  }

  /** @param {Runs} runs */
  #set(runs) {
    this.#store.update({ runs });
  }

  /** An empty name is the one that it had at first. @param {number} id @param {string} name */
  rename(id, name) {
    this.#set(renamed(this.#store.state.runs, id, name));
  }

  /** @param {number} id @param {boolean} shown */
  show(id, shown) {
    this.#set(withShown(this.#store.state.runs, id, shown));
  }

  /** @param {number} id */
  remove(id) {
    this.#set(without(this.#store.state.runs, id));
  }

  bringBack() {
    this.#set(broughtBack(this.#store.state.runs));
  }

  /** The curves of all shown runs as one table. */
  save() {
    this.#save("fledgling-runs.csv", new TextEncoder().encode(curvesTable(this.#store.state)));
  }
}
