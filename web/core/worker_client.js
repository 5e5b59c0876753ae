// @ts-check
/** @import { Command, Event } from "./protocol" */
// The only way to the worker. What is posted before it is ready waits here; what a dead worker says is not heard.

import { lacking } from "./browser.js";

export class WorkerClient {
  /** @type {Worker | null} */
  #worker = null;
  #ready = false;
  /** @type {[Command, Transferable[]][]} */
  #waiting = [];
  #hear;

  /** @param {(event: Event) => void} hear */
  constructor(hear) {
    this.#hear = hear;
  }

  /**
   * A new worker in place of any old one.
   * @param {string | URL} [address] of its code @param {WorkerOptions} [options]
   */
  start(address = new URL("../../worker_loader.js", import.meta.url), options = { type: "module" }) {
    this.stop();
    const feature = lacking();
    if (feature) return this.#hear({ event: "lacking", feature });
    // A browser that knows of modules in workers asks for the type; another would run this one as something else.
    let asked = false;
    const { type } = options;
    const worker = new Worker(address, {
      ...options,
      get type() {
        asked = true;
        return type;
      },
    });
    if (type === "module" && !asked) {
      worker.terminate();
      return this.#hear({ event: "lacking", feature: "moduleWorkers" });
    }
    this.#worker = worker;
    worker.addEventListener("message", ({ data }) => {
      if (worker !== this.#worker) return;
      if (data.event === "crashed") return this.#crash(data.message);
      if (data.event === "ready") {
        this.#ready = true;
        // The answer to `ready` comes first: it may post what must precede the commands that waited.
        this.#hear(data);
        for (const [command, transfer] of this.#waiting.splice(0)) this.post(command, transfer);
        return;
      }
      this.#hear(data);
    });
    worker.addEventListener("error", (error) => {
      error.preventDefault();
      if (worker === this.#worker) this.#crash((error.message ?? "").replace(/^Uncaught /, ""));
    });
    worker.addEventListener("messageerror", () => {
      if (worker === this.#worker) this.#crash("");
    });
  }

  stop() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#ready = false;
    this.#waiting = [];
  }

  /** @param {string} message */
  #crash(message) {
    this.stop();
    this.#hear({ event: "crashed", message });
  }

  /**
   * @param {Command} command
   * @param {Transferable[]} [transfer] buffers that move instead of being copied
   */
  post(command, transfer = []) {
    if (!this.#worker) return;
    if (this.#ready) this.#worker.postMessage(command, transfer);
    else this.#waiting.push([command, transfer]);
  }
}

/** Tells a newer version's service worker, which waits for the present one's pages, to take their place. @param {ServiceWorker} waiting */
export const takeOver = (waiting) => waiting.postMessage("take over");
