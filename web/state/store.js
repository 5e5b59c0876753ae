// @ts-check
/** @import { ReadonlySignal, Signal } from "@preact/signals-core" */
// One table of state and who looks at it. Data flows one way: events and actions update, panels render.

import { batch, computed, effect, signal, untracked } from "../../vendor/signals-core.module.js";
import { atUnmount, whileMounted } from "./mount.js";

export { untracked };

/**
 * @template {object} S
 */
export class Store {
  /** @type {S} */
  #state;
  /** One for each entry. @type {Map<PropertyKey, Signal<unknown>>} */
  #signals = new Map();
  /** The state for whoever renders: an entry that is read of it is one that is rendered again for. @type {Readonly<S>} */
  view;
  #scheduled = false;

  /** @param {S} state */
  constructor(state) {
    this.#state = state;
    const view = {};
    for (const [key, value] of Object.entries(state)) {
      const entry = signal(value);
      this.#signals.set(key, entry);
      Object.defineProperty(view, key, { enumerable: true, get: () => entry.value });
    }
    this.view = /** @type {S} */ (view);
  }

  /** The state of this moment, for whoever does not render. @returns {Readonly<S>} */
  get state() {
    return this.#state;
  }

  /**
   * Replaces some entries. Renderers run once, after the code that is running now.
   * @param {Partial<S>} change
   */
  update(change) {
    this.#state = { ...this.#state, ...change };
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#publish());
  }

  #publish() {
    this.#scheduled = false;
    batch(() => {
      for (const [key, value] of Object.entries(this.#state)) {
        const entry = this.#signals.get(key);
        if (entry) entry.value = value;
      }
    });
  }

  /**
   * What follows from the state: another value only where it comes to one. A renderer that reads it does not run for whatever
   * else happens to the entries that it follows from.
   * @template T
   * @param {(state: Readonly<S>) => T} select
   * @returns {ReadonlySignal<T>}
   */
  computed(select) {
    return computed(() => select(this.view));
  }

  /**
   * Renders now, and again whenever something that was read while rendering is another value, until the page is built anew.
   * @param {(state: Readonly<S>) => void} render
   */
  watch(render) {
    if (this.#scheduled) this.#publish();
    // Asked for first: what is rendered may be the page, which then ends only what was there before.
    const life = whileMounted();
    const stop = effect(() => void render(this.view));
    life?.addEventListener("abort", stop, { once: true });
  }

  /**
   * Draws in the next frame of the screen, and again in one whenever something that was read while drawing is another value: not
   * more often than the screen is drawn, and not at all while nobody looks.
   * @param {() => void} render reads the state from `view`
   * @returns {() => void} has it drawn anew for any other reason
   */
  draw(render) {
    /** @type {number | null} */
    let request = null;
    let stop = () => {};
    const schedule = () => (request ??= requestAnimationFrame(draw));
    const draw = () => {
      request = null;
      stop();
      let drawn = false;
      stop = effect(() => {
        if (drawn) return void schedule();
        drawn = true;
        render();
      });
    };
    schedule();
    atUnmount(() => {
      cancelAnimationFrame(request ?? 0);
      stop();
    });
    return schedule;
  }
}
