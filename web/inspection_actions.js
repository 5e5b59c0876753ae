// @ts-check
/** @import { LookName } from "./looks.js" */
/** @import { Command, Off } from "./protocol" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// What can be asked about the inside of the model.

import { promptOf } from "./selectors.js";

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

  /**
   * Asks with the weights of this moment.
   * @param {LookName} name @param {string} asked what about
   */
  ask(name, asked) {
    const request = this.#number();
    const { looks } = this.#state;
    this.#store.update({ looks: { ...looks, [name]: { ...looks[name], request, asked } } });
    this.#post(this.#command(name, request, asked));
  }

  /** @param {LookName} name @param {number} request @param {string} asked @returns {Command} */
  #command(name, request, asked) {
    const { look, off, token } = this.#state;
    const prompt = promptOf(this.#state);
    switch (name) {
      case "attention":
        return { command: "attention", request, prompt, ...look };
      case "heads":
        return { command: "look_at_heads", request, prompt, size: THUMBNAIL };
      case "prediction":
        return { command: "predict", request, prompt, off: {} };
      case "lens":
        return { command: "look_through_lens", request, prompt, guesses: 1 };
      case "worth":
        return { command: "switch_off", request, off };
      case "without":
        return { command: "predict", request, prompt, off };
      case "tensors":
        return { command: "look_at_tensors", request };
      case "embeddings":
        return { command: "project_embeddings", request, tokens: POINTS };
      case "neighbours":
        return { command: "find_neighbours", request, token: token ?? 0 };
      case "tokenizers":
        return { command: "compare_tokenizers", request, text: asked };
    }
  }
}
