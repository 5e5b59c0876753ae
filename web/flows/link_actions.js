// @ts-check
/** @import { Found } from "../i18n/problems.js" */
/** @import { Link, Setup } from "../state/link.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Actions } from "./actions.js" */
// Sharing a setup by its link, and opening one. A link sets what the form shows; it never trains, samples or loads anything, and
// a person's own text stays.

import { decode, encode, noLink } from "../state/link.js";
import { withoutProblems } from "../state/problems.js";
import { ended } from "../state/run.js";
import { ownText } from "../state/selectors.js";
import { promptFrom } from "../state/settings.js";

// 4000 ms: how long "copied" stands.
const COPIED = 4000;

export class LinkActions {
  #store;
  #actions;
  /** The fragment that was seen last, so that a worker which starts anew does not open it again. */
  #seen = "";
  /** The setup that the address stands for, as a fragment; null: for none. @type {string | null} */
  #standing = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Store<State>} store @param {Actions} actions */
  constructor(store, actions) {
    this.#store = store;
    this.#actions = actions;
    // An address that no longer says what stands here would bring back something else.
    const setup = store.computed(setupOf);
    store.watch(() => {
      const now = setup.value;
      if (this.#standing === null || now === this.#standing) return;
      this.#standing = null;
      this.#address("");
    });
  }

  get #state() {
    return this.#store.state;
  }

  /** @param {Partial<Link>} change */
  #update(change) {
    this.#store.update({ link: { ...this.#state.link, ...change } });
  }

  /** Puts a fragment into the address, without a new entry in the history. @param {string} fragment */
  #address(fragment) {
    this.#seen = fragment;
    history.replaceState(history.state, "", fragment ? `#${fragment}` : location.pathname + location.search);
  }

  /** The link to what stands here, into the address and the clipboard. */
  async copy() {
    const setup = setupOf(this.#state);
    if (setup === null) return;
    this.#address(setup);
    this.#standing = setup;
    const link = location.href;
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      return this.#update({ copied: false, byHand: link });
    }
    this.#update({ copied: true, byHand: null });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#update({ copied: false }), COPIED);
  }

  /** Opens the address's setup where there is a new one and the settings are known. */
  open() {
    const fragment = location.hash.slice(1);
    if (this.#state.worker !== "ready" || fragment === this.#seen) return;
    this.#seen = fragment;
    this.#standing = null;
    const read = decode(fragment, this.#state);
    if (read?.setup) this.#fill(read.setup, read.problems);
    else if (read) this.#store.update({ link: { ...noLink(), problems: read.problems, opened: false } });
  }

  /** @param {Setup} setup @param {Found[]} problems */
  #fill({ recipe: key, config, text }, problems) {
    const { form, recipes, comparison, tokenizerFile } = this.#state;
    const recipe = recipes.find((recipe) => recipe.key === key);
    const noFile = config.tokenizer.kind === "file" && !tokenizerFile.given;
    if (noFile) config.tokenizer.kind = form?.tokenizer.kind ?? "characters";
    const { prompt, stop } = (recipe?.config ?? form ?? config).sampling;
    const wanted = text ?? (recipe ? { key: recipe.text, seed: 1 } : null);
    const own = ownText(this.#state) !== null;
    const next = { ...config, sampling: { ...config.sampling, prompt, stop } };
    const promptTouched = recipe ? prompt !== "" : this.#state.promptTouched;
    this.#store.update({
      form: next,
      recipe: recipe?.key ?? null,
      source: recipe?.counts ? "counts" : "model",
      promptTouched,
      mistyped: {},
      // What waited for its text would train these settings.
      intent: null,
      comparison: ended(comparison),
      problems: withoutProblems(this.#state, "configuration", "text", "prompt", "tokenizer"),
      ...promptFrom({ ...this.#state, promptTouched, form: next }),
      link: {
        ...noLink(),
        problems: noFile ? [...problems, { code: "link_tokenizer_file", field: "tokenizer.kind" }] : problems,
        text: own && text ? text : null,
      },
    });
    if (wanted && !own) this.#actions.text.make(wanted.key, wanted.seed);
    this.#actions.text.settle();
    this.#standing = setupOf(this.#state);
  }

  /** The link's text takes the place of the person's own, which is kept. */
  useText() {
    const { text } = this.#state.link;
    this.dismiss();
    if (text) this.#actions.text.make(text.key, text.seed);
  }

  dismiss() {
    this.#store.update({ link: noLink() });
  }
}

/** What stands here, as a fragment. @param {Readonly<State>} state */
function setupOf(state) {
  const { form, recipe, text } = state;
  return form ? encode({ recipe, config: form, text: text.reading ? text.reading.made : text.made }, state) : null;
}
