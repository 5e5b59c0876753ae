// @ts-check
/** @import { Command } from "../core/protocol" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Made } from "../state/text.js" */
// What a person can do with the text and its tokens, as commands to the worker and changes of the state.

import { aboutText } from "../state/notices.js";
import { withProblem, withoutProblems } from "../state/problems.js";
import { ended } from "../state/run.js";
import { canPrepare, isAsked } from "../state/selectors.js";
import { AddressError, fetchBytes } from "../storage/address.js";

// 300 ms: the pause after which typing counts as finished.
const TYPING_PAUSE = 300;
// 400 ms: the same for a setting, after which the whole text becomes tokens anew.
const SETTING_PAUSE = 400;

export class TextActions {
  #store;
  #post;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #setting;
  /** Ends the loading from an address. */
  #loading = new AbortController();

  /**
   * @param {Store<State>} store
   * @param {(command: Command, transfer?: Transferable[]) => void} post
   */
  constructor(store, post) {
    this.#store = store;
    this.#post = post;
    // The tokens follow the settings as they change; after Cancel they wait to be asked.
    const whole = store.computed(canPrepare);
    const tokenizer = store.computed(({ form }) => form?.tokenizer);
    const data = store.computed(({ form }) => form?.data);
    store.watch(() => {
      clearTimeout(this.#setting);
      if (whole.value && tokenizer.value && data.value) this.#setting = setTimeout(() => this.#prepare(), SETTING_PAUSE);
    });
  }

  get #state() {
    return this.#store.state;
  }

  /** @param {Partial<State["text"]>} change */
  #update(change) {
    this.#store.update({ text: { ...this.#state.text, ...change } });
  }

  // The text

  /** @param {string} value */
  set(value) {
    const { text } = this.#state;
    if (value === text.value && !text.replacing) return;
    this.#loading.abort();
    this.#store.update({
      text: {
        ...text,
        value,
        revision: text.revision + 1,
        // An empty box is a person between two texts, not a text.
        unsent: value !== "",
        reading: null,
        replacing: false,
        made: null,
        name: null,
        previous: null,
        description: value ? text.description : null,
      },
      problems: withoutProblems(this.#state, "text", "address", "prompt"),
      comparison: ended(this.#state.comparison),
    });
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#send(), TYPING_PAUSE);
  }

  #send() {
    const { text, worker } = this.#state;
    if (worker !== "ready" || !text.value) return;
    this.#give({ command: "set_text", text: text.value });
  }

  /** Gives the worker a text. @param {Command} command @param {Transferable[]} [transfer] */
  #give(command, transfer) {
    clearTimeout(this.#typing);
    const { text, news, comparison } = this.#state;
    this.#store.update({
      text: { ...text, unsent: false, pending: true },
      news: news.filter((news) => !aboutText(news)),
      comparison: ended(comparison),
    });
    this.#post(command, transfer);
    // Settings under way would be dropped with the text that they were for.
    if (text.pending || !isAsked(this.#state)) this.#prepare(true);
  }

  /** @param {boolean} replacing */
  replace(replacing) {
    this.#update({ replacing });
  }

  /** Another text comes in place of the one in the box. @param {string} name @param {number | null} size @param {Made | null} made */
  #read(name, size, made) {
    this.#loading.abort();
    this.#store.update({
      text: { ...this.#state.text, reading: { name, size, made } },
      problems: withoutProblems(this.#state, "text", "address", "prompt"),
    });
  }

  /** @param {File} file */
  async open(file) {
    this.#read(file.name, file.size, null);
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      this.#give({ command: "set_text_bytes", name: file.name, bytes }, [bytes.buffer]);
    } catch (error) {
      this.#update({ reading: null });
      this.#report("text", unreadable(file.name, error));
    }
  }

  /** A text that the project makes. @param {string} key @param {number} seed */
  make(key, seed) {
    const { catalogue, text } = this.#state;
    // By the core's own label: its answer comes under that.
    const known = catalogue?.texts.find((text) => text.key === key);
    if (!known || (text.made?.key === key && text.made.seed === seed && !text.reading)) return;
    this.#read(known.label, null, { key, seed });
    this.#give({ command: "set_built_in", key, seed });
  }

  /** @param {string} address */
  async load(address) {
    this.#read(address, null, null);
    const loading = (this.#loading = new AbortController());
    try {
      const bytes = await fetchBytes(address, loading.signal, (size) => {
        if (!loading.signal.aborted) this.#update({ reading: { name: address, size, made: null } });
      });
      if (!loading.signal.aborted) this.#give({ command: "set_text_bytes", name: address, bytes }, [bytes.buffer]);
    } catch (error) {
      // Cancelled, or another text has come instead.
      if (loading.signal.aborted) return;
      this.#update({ reading: null });
      if (!(error instanceof AddressError)) throw error;
      this.#report("address", error.found);
    }
  }

  cancelLoading() {
    this.#loading.abort();
    this.#update({ reading: null });
  }

  /** A person's own text takes the place back that another took. */
  bringBack() {
    const { previous } = this.#state.text;
    if (previous !== null) this.set(previous);
  }

  // The tokens

  /** @param {boolean} [again] also where the worker knows the settings */
  #prepare(again = false) {
    clearTimeout(this.#setting);
    const { worker, form, text, preparation } = this.#state;
    if (worker !== "ready" || !form || !canPrepare(this.#state) || (isAsked(this.#state) && !again)) return;
    const { tokenizer, data } = form;
    this.#store.update({
      preparation: { ...preparation, asked: { tokenizer, data }, cancelled: false },
      // Without a text there is nothing to answer.
      text: { ...text, pending: text.pending || text.description !== null },
      news: this.#state.news.filter((news) => !aboutText(news)),
    });
    this.#post({ command: "prepare", tokenizer, data });
  }

  /** Gives the worker what it lacks of text and settings. */
  settle() {
    if (this.#state.text.unsent) this.#send();
    this.#prepare();
  }

  cancelPreparation() {
    this.#post({ command: "cancel_preparation" });
  }

  /** @param {File[]} files tokenizer.json, or vocab.json and merges.txt */
  async openTokenizer(files) {
    const name = files.map((file) => file.name).join(" + ");
    this.#store.update({ problems: withoutProblems(this.#state, "tokenizer") });
    try {
      const named = await Promise.all(
        files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
      );
      this.#store.update({ tokenizerFile: { ...this.#state.tokenizerFile, reading: { name, files: named } } });
      this.#post({ command: "set_tokenizer", files: named });
    } catch (error) {
      this.#report("tokenizer", unreadable(name, error));
    }
  }

  /** All that a worker which has just started must know. @param {boolean} first whether it is the page's first one */
  begin(first) {
    const { text, tokenizerFile, texts } = this.#state;
    if (tokenizerFile.given) this.#post({ command: "set_tokenizer", files: tokenizerFile.files });
    this.#prepare();
    if (text.value) this.#send();
    // Useful at first sight: there is a text to train on.
    else if (first && !text.reading && texts.length > 0) this.make(texts[0].key, 1);
  }

  /** @param {"text" | "address" | "tokenizer"} place @param {Found} found */
  #report(place, found) {
    this.#store.update({ problems: withProblem(this.#state, place, found) });
  }
}

/** @param {string} name @param {unknown} error @returns {Found} */
const unreadable = (name, error) => ({ code: "unreadable", values: { name, reason: String(error) }, advice: "choose_again" });
