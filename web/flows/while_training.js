// @ts-check
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What a long run asks of the browser: to leave the tab running, to keep the screen on, to say when it is over.

import { sentence } from "../i18n/problems.js";
import { words } from "../i18n/words.js";

const LOCK = "fledgling is training";

/** @param {Store<State>} store */
export function whileTraining(store) {
  /** @type {(() => void) | null} */
  let release = null;
  store.watch(({ run, building, preparation }) => {
    const busy = run === "training" || building || preparation.progress !== null;
    if (busy && !release) release = hold();
    if (busy || !release) return;
    release();
    release = null;
  });

  /** @type {WakeLockSentinel | null} */
  let screen = null;
  const wanted = store.computed(({ run, preferences }) => run === "training" && preferences.keepScreenOn);
  const keepScreen = async () => {
    if (!wanted.value) {
      await screen?.release();
      screen = null;
    } else if (!document.hidden && (!screen || screen.released)) {
      try {
        const sentinel = await navigator.wakeLock.request("screen");
        // Asked for twice, one is enough.
        if (wanted.value && !document.hidden && (!screen || screen.released)) screen = sentinel;
        else await sentinel.release();
      } catch {
        // A nearly empty battery, or the tab went: the next time that it is seen.
      }
    }
  };
  if ("wakeLock" in navigator) {
    store.watch(() => void keepScreen());
    // The browser takes it away with the tab.
    document.addEventListener("visibilitychange", keepScreen);
  }

  let { run: before, problems: { training: told } } = store.state;
  store.watch((state) => {
    const { run, worker } = state;
    const { training: problem } = state.problems;
    const [trained, news] = [before === "training", problem !== told];
    [before, told] = [run, problem];
    const { notify } = words.training;
    // The run may be known to stand still before it is known why.
    if (problem && news) announce(store, notify.stopped, sentence(problem).message);
    if (!trained || problem) return;
    const validation = state.history.latestValidation?.loss ?? null;
    // The models of a comparison follow one another; the last one ends it.
    const last = state.comparison?.current == null;
    if (worker === "crashed") announce(store, notify.crashed, state.crash);
    else if (run === "finished" && last) announce(store, notify.finished, notify.at(state.step, validation));
  });
}

/**
 * Holds a lock until told otherwise. Chromium freezes no page that holds one: "Holds a Web Lock" is among the exceptions of
 * its freezing of busy tabs that were hidden for 5 minutes (blink-dev, Intent to Ship: Freezing on Energy Saver,
 * https://groups.google.com/a/chromium.org/g/blink-dev/c/Xu1C7WhoGm4). Firefox and Safari promise nothing of the kind; there
 * it is the worker alone, which draws no frames and sets no timers, that a hidden tab does not slow down.
 */
function hold() {
  let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  // Shared: several tabs may train. Insecure addresses have no locks.
  navigator.locks?.request(LOCK, { mode: "shared" }, () => held).catch(() => {});
  return release;
}

/** Whether this browser can show notifications at all. */
export const canNotify = () => "Notification" in globalThis && isSecureContext;

/** Says something to whoever looks elsewhere. @param {Store<State>} store @param {string} title @param {string} body */
function announce(store, title, body) {
  if (!document.hidden || !store.state.preferences.notify || !canNotify() || Notification.permission !== "granted") return;
  // One at a time: the next takes its place.
  const options = { body, tag: LOCK };
  try {
    const shown = new Notification(title, options);
    shown.addEventListener("click", () => {
      focus();
      shown.close();
    });
  } catch {
    // Android leaves them to the service worker, which brings the page back when one is pressed.
    navigator.serviceWorker?.ready.then((registration) => registration.showNotification(title, options)).catch(() => {});
  }
}
