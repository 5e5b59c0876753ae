// @ts-check
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// The page without a network: its service worker keeps a whole version here, and says when there is a newer one.

import { takeOver } from "../core/worker_client.js";
import { words } from "../i18n/words.js";
import { unsaved } from "../state/selectors.js";

// An hour in milliseconds: how often a tab that stays open looks for a newer version.
const LOOK_EVERY = 3_600_000;

export class Offline {
  #store;
  /** @type {ServiceWorkerRegistration | null} */
  #registration = null;
  /** Whether the page is about to go, as was asked for. */
  leaving = false;

  /** @param {Store<State>} store */
  constructor(store) {
    this.#store = store;
  }

  /** Registers the service worker where there is one: web/offline/write.mjs notes it in the page. Insecure addresses have none. */
  async start() {
    const name = document.querySelector("meta[name=service-worker]")?.getAttribute("content");
    const { serviceWorker } = navigator;
    if (!name || !serviceWorker) return;
    let controlled = serviceWorker.controller !== null;
    serviceWorker.addEventListener("controllerchange", () => {
      if (this.leaving) location.reload();
      // Another tab took the newer version; the first one of all is this page's own.
      else if (controlled) this.#store.update({ newer: true });
      controlled = true;
    });
    try {
      const registration = await serviceWorker.register(name, { updateViaCache: "none" });
      this.#registration = registration;
      const look = () => {
        if (registration.waiting && serviceWorker.controller) this.#store.update({ newer: true });
      };
      look();
      registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
    } catch {
      return; // some browsers' private windows refuse: the page then needs its network
    }
    let looked = Date.now();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden || !navigator.onLine || Date.now() < looked + LOOK_EVERY) return;
      looked = Date.now();
      this.#registration?.update().catch(() => {}); // the next time, then
    });
  }

  /** The newer version in place of this one: asks where a model would be lost. */
  reload() {
    if (unsaved(this.#store.state) && !confirm(words.footer.askReload)) return;
    this.leaving = true;
    const waiting = this.#registration?.waiting;
    if (waiting) takeOver(waiting);
    else location.reload();
  }
}
