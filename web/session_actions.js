// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { Command, Event } from "./protocol" */
/** @import { Entry, Saving, Summary } from "./saved_sessions.js" */
/** @import { LossHistory } from "./loss_history.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// Sessions kept in this browser: saved by themselves while one trains, taken up again only when a person asks for it.

import { withProblem, withoutProblems } from "./problems.js";
import { tidy } from "./runs.js";
import { SavedSessions } from "./saved_sessions.js";
import { pageOf, putBack, takeUp } from "./session_page.js";
import { words } from "./words.js";

/**
 * @typedef {{ saving: Saving, id: string, name: string, began: number, at: number, of: LossHistory }} Underway a save, and up to where
 *
 * @typedef {object} Sessions
 * @property {readonly Entry[] | null} list newest first; null where this browser keeps none
 * @property {Entry | null} offered to go on with
 * @property {boolean} saving
 * @property {boolean} elsewhere whether another tab saves by itself, and so this one does not
 * @property {{ used: number, left: number } | null} storage bytes
 */

// 30,000 ms between two saves of a run, and a tenth of its time at most.
const [EVERY, SHARE] = [30_000, 10];
// 1000 ms: how often it is looked whether one is due.
const LOOK = 1000;
// Sessions that were saved by themselves: what their ids begin with, and how many stay.
const [AUTOMATIC, MOST] = ["automatic-", 3];
// Milliseconds; no save takes as long.
const DAY = 86_400_000;
const LOCK = "fledgling saves by itself";

export class SessionActions {
  #store;
  #actions;
  #post;
  /** @type {SavedSessions | null} */
  #saved = null;
  /** The session that is saved by itself: another one for each model. */
  #id = "";
  #locked = false;
  /** @type {Underway | null} */
  #current = null;
  /** A save is being prepared or finished, whatever the worker does. */
  #busy = false;
  /** Whether another one is wanted as soon as that is over. */
  #again = false;
  /** Run, by its curves, and step that are saved by themselves. @type {[LossHistory | null, number]} */
  #done = [null, 0];
  #last = 0;
  #took = 0;
  /** What the page itself held, until the model is there. @type {{ page: unknown, id: string, before: Partial<State> } | null} */
  #resuming = null;

  /** @param {Store<State>} store @param {Actions} actions @param {(command: Command, transfer?: Transferable[]) => void} post */
  constructor(store, actions, post) {
    this.#store = store;
    this.#actions = actions;
    this.#post = post;
    let { run } = store.state;
    store.watch(
      ({ run }) => [run],
      (state) => {
        if (run === "training" && (state.run === "paused" || state.run === "finished")) this.#look(0);
        run = state.run;
      },
    );
  }

  get #state() {
    return this.#store.state;
  }

  /** @param {Partial<Sessions>} change */
  #update(change) {
    this.#store.update({ sessions: { ...this.#state.sessions, ...change } });
  }

  /** Looks for what was saved, and begins to save. */
  async start() {
    this.#saved = await SavedSessions.open();
    if (!this.#saved) return;
    // Freed when the tab goes, however it goes.
    const held = async () => {
      await this.#saved?.sweep((id) => id.startsWith(AUTOMATIC) || Date.now() - Number(id.split("-")[1]) > DAY).catch(() => {});
      await this.#list();
      this.#locked = true;
      const { importing, sessions } = this.#state;
      this.#update({ elsewhere: false, offered: importing === null ? (sessions.list?.[0] ?? null) : null });
      return new Promise(() => {});
    };
    navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      if (lock) return held();
      // What the other tab holds is not offered here, until that is closed.
      this.#update({ elsewhere: true });
      navigator.locks.request(LOCK, held);
      return this.#list();
    });
    setInterval(() => this.#look(EVERY), LOOK);
    document.addEventListener("visibilitychange", () => document.hidden && this.#look(0));
  }

  async #list() {
    const [list, estimate] = await Promise.all([this.#saved?.list(), navigator.storage.estimate().catch(() => null)]);
    const { usage, quota } = estimate ?? {};
    this.#update({
      list: list ?? null,
      storage: usage !== undefined && quota !== undefined ? { used: usage, left: Math.max(0, quota - usage) } : null,
    });
  }

  // Saving

  /** Saves by itself where something changed and this long has passed. @param {number} every milliseconds */
  #look(every) {
    const { model, step, worker, text, history, comparison } = this.#state;
    // The models of a comparison follow one another, and would push out what a person trained.
    if (!this.#locked || worker !== "ready" || !model || step === 0 || text.pending || this.#resuming || comparison?.current != null) return;
    if (this.#done[0] === history && this.#done[1] === step) return;
    if (this.#busy) {
      this.#again ||= every === 0;
      return;
    }
    if (every > 0 && performance.now() - this.#last < Math.max(every, SHARE * this.#took)) return;
    if (this.#done[0] !== history) this.#id = `${AUTOMATIC}${Date.now()}`;
    this.#save(this.#id, "");
  }

  /** The present state under a name of its own. @param {string} typed */
  async saveAs(typed) {
    await navigator.storage.persist?.().catch(() => false);
    await this.#save(`named-${Date.now()}`, tidy(typed));
  }

  /** @param {string} id @param {string} name */
  async #save(id, name) {
    if (!this.#saved || this.#busy) return;
    this.#busy = true;
    this.#update({ saving: true });
    const { history: of } = this.#state;
    try {
      const saving = await this.#saved.begin(id);
      this.#current = { saving, id, name, began: performance.now(), at: 0, of };
      this.#post({ command: "save" });
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {Extract<Event, { event: "saved_part" }>} part */
  #part({ offset, size, step, bytes }) {
    const current = this.#current;
    // Of a save that was given up.
    if (!current || offset !== current.at) return;
    const whole = new Uint8Array(bytes);
    current.saving.add(whole);
    current.at += whole.length;
    if (current.at < size) return;
    this.#current = null;
    this.#finish(current, step, size);
  }

  /** @param {Underway} current @param {number} step @param {number} size */
  async #finish({ saving, id, name, began, of }, step, size) {
    const { state } = this.#store;
    // As of this moment: the next report of the worker changes it.
    const page = pageOf(state);
    /** @type {Summary} */
    const summary = {
      saved: new Date().toISOString(),
      step,
      loss: state.history.latestValidation?.loss ?? null,
      parameters: state.model?.estimate.parameters ?? 0,
      text: state.model?.textName ?? "",
    };
    try {
      await saving.finish(page, summary);
      if (name) await this.#saved?.rename(id, name);
      this.#took = performance.now() - began;
      if (id === this.#id) this.#done = [of, step];
      await this.#prune();
      this.#busy = false;
      this.#last = performance.now();
      await this.#list();
      this.#store.update({ problems: withoutProblems(this.#state, "session") });
    } catch (error) {
      await saving.abort();
      this.#failed(error, size);
    }
    this.#update({ saving: false });
    if (this.#again) {
      this.#again = false;
      this.#look(0);
    }
  }

  async #prune() {
    const automatic = ((await this.#saved?.list()) ?? []).filter(({ id, name }) => id.startsWith(AUTOMATIC) && !name);
    for (const { id } of automatic.slice(MOST)) await this.#saved?.remove(id);
  }

  /** @param {unknown} error @param {number} [size] bytes of the core's file */
  async #failed(error, size) {
    this.#busy = false;
    this.#last = performance.now();
    await this.#list().catch(() => {});
    const { storage } = this.#state.sessions;
    const full = /** @type {Partial<DOMException>} */ (error).name === "QuotaExceededError";
    const { sessions: said } = words;
    const message = full ? said.full(size ?? null, storage?.left ?? null) : said.unsaved(String(error));
    this.#store.update({ problems: withProblem(this.#state, "session", message, said.unsavedAdvice) });
    this.#update({ saving: false });
  }

  // Going on

  /** @param {string} id */
  async goOn(id) {
    this.dismiss();
    const entry = this.#state.sessions.list?.find((entry) => entry.id === id);
    if (!this.#saved || !entry || this.#resuming) return;
    const { sessions: said } = words;
    this.#store.update({ problems: withoutProblems(this.#state, "session"), importing: said.name(entry), intent: null });
    const session = await this.#saved.read(id).catch(() => null);
    if (!session) {
      this.#store.update({ importing: null, problems: withProblem(this.#state, "session", said.damaged(said.name(entry)), said.damagedAdvice) });
      return this.#list();
    }
    this.#actions.keep(() => {
      const { change, before, name } = takeUp(this.#state, session.page);
      this.#resuming = { page: session.page, id, before };
      this.#store.update(change);
      this.#post({ command: "resume", name, bytes: session.core }, [session.core.buffer]);
    });
  }

  dismiss() {
    this.#update({ offered: null });
  }

  /** @param {string} id @param {string} typed */
  async rename(id, typed) {
    await this.#saved?.rename(id, tidy(typed));
    await this.#list();
  }

  /** @param {string} id */
  async remove(id) {
    const entry = this.#state.sessions.list?.find((entry) => entry.id === id);
    if (!entry || !confirm(words.sessions.askRemove(words.sessions.name(entry)))) return;
    await this.#saved?.remove(id);
    if (this.#state.sessions.offered?.id === id) this.dismiss();
    await this.#list();
  }

  /** @param {Event} event */
  hear(event) {
    switch (event.event) {
      case "saved_part":
        return this.#part(event);
      case "model_built": {
        const resuming = this.#resuming;
        if (!resuming || event.origin !== "resumed") return;
        this.#resuming = null;
        this.#store.update(putBack(this.#state, resuming.page));
        // It goes on in its own place; a copy under a name stays as it was.
        this.#id = resuming.id.startsWith(AUTOMATIC) ? resuming.id : `${AUTOMATIC}${Date.now()}`;
        this.#done = [this.#state.history, event.step];
        return;
      }
      case "failed":
      case "crashed":
      case "ready":
        if (event.event === "failed" && (event.request != null || event.kind === "prompt")) return;
        if (this.#resuming) {
          if (event.event !== "ready") this.#store.update(this.#resuming.before);
          this.#resuming = null;
        }
        if (this.#current) {
          const { saving } = this.#current;
          this.#current = null;
          this.#busy = false;
          this.#update({ saving: false });
          saving.abort();
        }
        // A worker that starts anew holds nothing; what was saved of the old one is there.
        if (event.event === "ready" && this.#done[0] !== null) {
          this.#done = [null, 0];
          this.#update({ offered: this.#state.sessions.list?.find(({ id }) => id === this.#id) ?? null });
        }
    }
  }
}
