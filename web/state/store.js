// @ts-check
// One table of state and who looks at it. Data flows one way: events and actions update, panels render.

import { atUnmount } from "../ui/mount.js";

/**
 * @template {object} S
 */
export class Store {
  /** @type {S} */
  #state;
  /** @type {Set<() => void>} */
  #watchers = new Set();
  #scheduled = false;

  /** @param {S} state */
  constructor(state) {
    this.#state = state;
  }

  /** @returns {Readonly<S>} */
  get state() {
    return this.#state;
  }

  /**
   * Replaces some entries. Watchers run once, after the code that is running now.
   * @param {Partial<S>} change
   */
  update(change) {
    this.#state = { ...this.#state, ...change };
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const watcher of this.#watchers) watcher();
    });
  }

  /**
   * Renders now, and again whenever one of the selected values is another one, until the page is built anew.
   * @param {(state: Readonly<S>) => readonly unknown[]} select
   * @param {(state: Readonly<S>) => void} render
   */
  watch(select, render) {
    let seen = select(this.#state);
    const look = () => {
      const now = select(this.#state);
      if (now.every((value, i) => Object.is(value, seen[i]))) return;
      seen = now;
      render(this.#state);
    };
    this.#watchers.add(look);
    atUnmount(() => this.#watchers.delete(look));
    render(this.#state);
  }
}
