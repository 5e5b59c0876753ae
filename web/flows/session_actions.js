// @ts-check
/** @import { Command, Event } from "../core/protocol" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { Sessions } from "../state/page.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Saving, Summary } from "../storage/saved_sessions.js" */
/** @import { Actions } from "./actions.js" */
// Sessions kept in this browser: saved by themselves while one trains, taken up again only when a person asks for it.

import { words } from "../i18n/words.js";
import { withProblem, withoutProblems } from "../state/problems.js";
import { tidy } from "../state/runs.js";
import { rest, shortRest } from "../state/session_pace.js";
import { SavedSessions } from "../storage/saved_sessions.js";
import { pageOf, putBack, takeUp } from "../storage/session_page.js";

/** @typedef {{ saving: Saving, id: string, name: string, began: number, at: number, run: number | null }} Underway a save of a run, and up to where */

// 1000 ms: how often it is looked whether one is due.
const LOOK = 1000;
// Sessions that were saved by themselves: what their ids begin with, and how many stay.
const [AUTOMATIC, MOST] = ["automatic-", 3];
// Milliseconds; no save takes as long.
const DAY = 86_400_000;
// Held by the tab that saves by itself; and with a session's id behind it, by the tab that goes on with that one.
const LOCK = "fledgling saves by itself";
const TAKEN = "fledgling saves ";

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
  /** The last look at what is saved. @type {Promise<void>} */
  #listed = Promise.resolve();
  /** A save is being prepared or finished, whatever the worker does. */
  #busy = false;
  /** Whether one is wanted as soon as may be. */
  #soon = false;
  /** The name of one that a person wants as soon as that is over. @type {string | null} */
  #named = null;
  /** Run, by its id, and step that are saved by themselves. @type {[number | null, number]} */
  #done = [null, 0];
  #last = 0;
  #size = 0;
  /** Where this run, or the one before it, was saved last. */
  #kept = "";
  /** Lets go of the session that other tabs are told of. */
  #release = () => {};
  /** The session that a worker which starts anew goes on with. */
  #next = "";
  /** What the page itself held, until the model is there. @type {{ page: unknown, id: string, before: Partial<State> } | null} */
  #resuming = null;

  /** @param {Store<State>} store @param {Actions} actions @param {(command: Command, transfer?: Transferable[]) => void} post */
  constructor(store, actions, post) {
    this.#store = store;
    this.#actions = actions;
    this.#post = post;
    let { run } = store.state;
    store.watch(({ run: now }) => {
      if (run === "training" && (now === "paused" || now === "finished")) this.#look(true);
      run = now;
    });
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
    if (!this.#saved) return this.#update({ none: true });
    // Freed when the tab goes, however it goes.
    const held = async () => {
      await this.#saved?.sweep((id) => id.startsWith(AUTOMATIC) || Date.now() - Number(id.split("-")[1]) > DAY).catch(() => {});
      await this.#list();
      this.#locked = true;
      const { importing, sessions } = this.#state;
      this.#update({ elsewhere: false, offered: (importing === null && sessions.list?.find(({ elsewhere }) => !elsewhere)) || null });
      return new Promise(() => {});
    };
    navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      if (lock) return held();
      // What the other tab holds is not offered here, until that is closed.
      this.#update({ elsewhere: true });
      navigator.locks.request(LOCK, held);
      return this.#list();
    });
    setInterval(() => this.#look(false), LOOK);
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#look(true) : this.#list()));
  }

  /** The session that is saved by itself from now on, of which other tabs hear. @param {string} id */
  #take(id) {
    if (id === this.#id) return;
    this.#id = id;
    this.#release();
    const released = new Promise((release) => (this.#release = () => release(undefined)));
    navigator.locks.request(TAKEN + id, () => released);
  }

  /** All sessions, and which of them another tab goes on with. */
  async #entries() {
    const [list, locks] = await Promise.all([this.#saved?.list() ?? [], navigator.locks.query()]);
    const taken = new Set(locks.held?.map(({ name }) => name));
    return list.map((entry) => ({ ...entry, elsewhere: entry.id !== this.#id && taken.has(TAKEN + entry.id) }));
  }

  /** One after the other: what an earlier look found must not stand over what a later one did. */
  #list() {
    this.#listed = this.#listed.catch(() => {}).then(() => this.#readList());
    return this.#listed;
  }

  async #readList() {
    const [list, estimate] = await Promise.all([this.#entries(), navigator.storage.estimate().catch(() => null)]);
    const { usage, quota } = estimate ?? {};
    this.#update({ list, storage: usage !== undefined && quota !== undefined ? { used: usage, left: Math.max(0, quota - usage) } : null });
  }

  // Saving

  /** Saves by itself where something changed and it is time. @param {boolean} soon whether this may be the last chance */
  #look(soon) {
    const { model, step, worker, text, runs, comparison, sessions } = this.#state;
    if (this.#named !== null && !this.#busy) {
      this.#save(`named-${Date.now()}`, this.#named);
      this.#named = null;
      return;
    }
    // The models of a comparison follow one another, and would push out what a person trained.
    if (!this.#locked || worker !== "ready" || !model || step === 0 || text.pending || this.#resuming || comparison?.current != null) return;
    const [other, same] = [this.#done[0] !== runs.current, this.#done[1] === step];
    if (!other && same) return;
    // Not a part of the save that may be the last chance. What is in its way, that save says.
    this.#saved?.prepare().catch(() => {});
    this.#soon ||= soon;
    // What another model took says nothing of this one.
    const [size, every] = other ? [0, rest(0, 0)] : [this.#size, sessions.every];
    const pause = this.#soon ? shortRest(size) : every;
    if (this.#busy || performance.now() - this.#last < pause) return;
    this.#soon = false;
    if (other) this.#take(`${AUTOMATIC}${Date.now()}`);
    this.#save(this.#id, "");
  }

  /** The present state under a name of its own. @param {string} typed */
  async saveAs(typed) {
    await navigator.storage.persist?.().catch(() => false);
    this.#named = tidy(typed);
    this.#look(false);
  }

  /** @param {string} id @param {string} name */
  async #save(id, name) {
    if (!this.#saved || this.#busy) return;
    this.#busy = true;
    this.#update({ saving: true });
    const { current: run } = this.#state.runs;
    try {
      const saving = await this.#saved.begin(id);
      this.#current = { saving, id, name, began: performance.now(), at: 0, run };
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
  async #finish({ saving, id, name, began, run }, step, size) {
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
      this.#last = performance.now();
      this.#size = size;
      this.#kept = id;
      this.#update({ every: rest(this.#last - began, size) });
      if (id === this.#id) this.#done = [run, step];
      await this.#prune();
      this.#busy = false;
      await this.#list();
      this.#store.update({ problems: withoutProblems(this.#state, "session") });
    } catch (error) {
      await saving.abort();
      this.#failed(error, size);
    }
    this.#update({ saving: false });
    if (this.#soon || this.#named !== null) this.#look(this.#soon);
  }

  /** Of the sessions that were saved by themselves the newest stay, and any that is in use, here or in another tab. */
  async #prune() {
    const used = [this.#id, this.#kept, this.#resuming?.id, this.#state.sessions.offered?.id];
    const automatic = (await this.#entries()).filter(({ id, name }) => id.startsWith(AUTOMATIC) && !name);
    for (const { id, elsewhere } of automatic.slice(MOST)) {
      if (elsewhere || used.includes(id)) continue;
      // Another tab may take it just now: whoever has the lock has the session.
      await navigator.locks.request(TAKEN + id, { ifAvailable: true }, (lock) => lock && this.#saved?.remove(id)).catch(() => {});
    }
  }

  /** @param {Found} found */
  #report(found) {
    this.#store.update({ problems: withProblem(this.#state, "session", found) });
  }

  /** @param {unknown} error @param {number} [size] bytes of the core's file */
  async #failed(error, size) {
    this.#busy = false;
    this.#last = performance.now();
    await this.#list().catch(() => {});
    const { storage } = this.#state.sessions;
    const full = /** @type {Partial<DOMException>} */ (error).name === "QuotaExceededError";
    this.#report(
      full
        ? { code: "storage_full", values: { size: size ?? null, left: storage?.left ?? null } }
        : { code: "not_saved", values: { reason: String(error) } },
    );
    this.#update({ saving: false });
  }

  // Going on

  /** @param {string} id */
  async goOn(id) {
    this.dismiss();
    if (this.#state.worker === "crashed") {
      this.#next = id;
      return this.#actions.start();
    }
    // Another tab may have taken it since.
    await this.#list();
    const entry = this.#state.sessions.list?.find((entry) => entry.id === id);
    if (!this.#saved || !entry || entry.elsewhere || this.#resuming || this.#state.importing !== null) return;
    const { sessions: said } = words;
    this.#store.update({ problems: withoutProblems(this.#state, "session"), importing: said.name(entry), intent: null });
    const session = await this.#saved.read(id).catch(() => null);
    if (!session) {
      this.#store.update({ importing: null });
      this.#report({ code: "session_damaged", values: { name: entry.name || entry.summary.text } });
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
        this.#take(resuming.id.startsWith(AUTOMATIC) ? resuming.id : `${AUTOMATIC}${Date.now()}`);
        this.#kept = resuming.id;
        this.#done = [this.#state.runs.current, event.step];
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
          this.#last = performance.now();
          this.#update({ saving: false });
          saving.abort();
        }
        // A worker that is gone, or starts anew, holds nothing; what was saved of it is there.
        if (event.event !== "failed" && this.#done[0] !== null) {
          this.#done = [null, 0];
          this.#update({ offered: this.#state.sessions.list?.find(({ id }) => id === this.#kept) ?? null });
        }
        if (event.event === "ready" && this.#next) this.goOn(this.#next);
        if (event.event !== "failed") this.#next = "";
    }
  }
}
