// @ts-check
/** @import { Command, Off } from "../core/protocol" */
/** @import { LookName } from "../state/looks.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What can be asked about the inside of the model.

import { promptOf } from "../state/selectors.js";

// Rows of a thumbnail; it is drawn no larger.
const THUMBNAIL = 32;
// Points of the map of embeddings: more could not be told apart.
const POINTS = 300;

export class InspectionActions {
  #store;
  #post;
  #number;

  /**
   * @param {Store<State>} store
   * @param {(command: Command) => void} post
   * @param {() => number} number of the next request
   */
  constructor(store, post, number) {
    this.#store = store;
    this.#post = post;
    this.#number = number;
  }

  get #state() {
    return this.#store.state;
  }

  /** The head whose map is large. @param {{ layer: number, head: number }} look */
  lookAt(look) {
    this.#store.update({ look });
  }

  /** @param {Off} off what is switched off for a look */
  switchOff(off) {
    this.#store.update({ off });
  }

  /** The token whose nearest are listed. @param {number} token */
  choose(token) {
    this.#store.update({ token });
  }

  /** The step whose weights are looked at: one of those kept, or null for now. @param {number | null} at */
  lookBack(at) {
    this.#store.update({ at });
  }

  /**
   * Asks with the weights of the step that is looked back at, or of this moment.
   * @param {LookName} name @param {string} asked what about
   */
  ask(name, asked) {
    const request = this.#number();
    const { looks, at } = this.#state;
    this.#store.update({ looks: { ...looks, [name]: { ...looks[name], request, asked, at } } });
    this.#post(this.#command(name, request, asked));
  }

  /** @param {LookName} name @param {number} request @param {string} asked @returns {Command} */
  #command(name, request, asked) {
    const { look, off, token, at } = this.#state;
    const prompt = promptOf(this.#state);
    const weights = at === null ? {} : { at };
    switch (name) {
      case "attention":
        return { command: "attention", request, prompt, ...look, ...weights };
      case "heads":
        return { command: "look_at_heads", request, prompt, size: THUMBNAIL, ...weights };
      case "prediction":
        return { command: "predict", request, prompt, off: {}, ...weights };
      case "lens":
        return { command: "look_through_lens", request, prompt, guesses: 1, ...weights };
      case "worth":
        return { command: "switch_off", request, off, ...weights };
      case "without":
        return { command: "predict", request, prompt, off, ...weights };
      case "tensors":
        return { command: "look_at_tensors", request, ...weights };
      case "embeddings":
        return { command: "project_embeddings", request, tokens: POINTS, ...weights };
      case "neighbours":
        return { command: "find_neighbours", request, token: token ?? 0, ...weights };
      case "tokenizers":
        return { command: "compare_tokenizers", request, text: asked };
    }
  }
}
