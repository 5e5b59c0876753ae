// @ts-check
/** @import { Event, NamedFile, Settings, TextDescription } from "../core/protocol" */
/** @import { State } from "./state.js" */
// The text, and how it becomes tokens.

import { failedPlace } from "./failures.js";
import { ownText } from "./selectors.js";

/**
 * @typedef {{ key: string, seed: number }} Made a text that the project makes itself
 *
 * @typedef {object} Text
 * @property {string} value the whole text, also where the box shows only its beginning
 * @property {number} revision counts changes
 * @property {boolean} unsent whether the worker has yet to be given it
 * @property {boolean} pending whether the worker has been given a text or settings for it, and has not answered yet
 * @property {{ name: string, size: number | null, made: Made | null } | null} reading the text under way
 * @property {boolean} replacing whether the box is open for another text than `value`
 * @property {Made | null} made what the box holds, where the project made it
 * @property {string | null} name of the file or address it came from, or the core's label of a built-in one; null: typed
 * @property {string | null} previous a person's own text that another took the place of
 * @property {TextDescription | null} description
 *
 * @typedef {object} Preparation how text becomes tokens
 * @property {{ tokenizer: Settings, data: Settings } | null} asked the settings that the worker was given last
 * @property {Extract<Event, { event: "preparing" }> | null} progress
 * @property {boolean} cancelled whether the last one was cancelled, and none has begun since
 *
 * @typedef {object} TokenizerFile
 * @property {{ name: string, files: NamedFile[] } | null} reading the files under way
 * @property {Extract<Event, { event: "tokenizer_read" }> | null} given
 * @property {NamedFile[]} files kept for a worker that starts anew
 *
 * @typedef {object} TextState
 * @property {Text} text
 * @property {Preparation} preparation
 * @property {TokenizerFile} tokenizerFile
 */

/** @returns {TextState} */
export const initialText = () => ({
  text: {
    value: "",
    revision: 0,
    unsent: false,
    pending: false,
    reading: null,
    replacing: false,
    made: null,
    name: null,
    previous: null,
    description: null,
  },
  preparation: unprepared(),
  tokenizerFile: { reading: null, given: null, files: [] },
});

/** What is true of a worker that was given nothing. @returns {Preparation} */
const unprepared = () => ({ asked: null, progress: null, cancelled: false });

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<TextState>} */
export function reduceText(state, event) {
  const { text, preparation, tokenizerFile } = state;
  switch (event.event) {
    case "ready":
      return { text: { ...text, pending: false }, preparation: unprepared() };
    case "text_decoded":
      // Typed over in the meantime: the box has the last word.
      return text.reading?.name === event.name ? { text: decoded(state, text.reading, event.text) } : {};
    case "tokenizer_read":
      return {
        tokenizerFile: { reading: null, given: event, files: tokenizerFile.reading?.files ?? tokenizerFile.files },
        preparation: { ...preparation, asked: null },
      };
    case "preparing":
      return { preparation: { ...preparation, progress: event, cancelled: false } };
    case "preparation_cancelled":
      return {
        // Box and form keep what they hold: the worker gets both again before anything else is done with them.
        text: { ...text, pending: false, reading: null, unsent: text.value !== "" },
        preparation: { asked: null, progress: null, cancelled: true },
      };
    case "text_set":
      return { text: described(text, event), preparation: { ...preparation, progress: null, cancelled: false } };
    case "failed": {
      const place = failedPlace(state, event);
      if (place === "tokenizer") return { tokenizerFile: { ...tokenizerFile, reading: null } };
      if (place !== "text" && place !== "configuration") return {};
      // A file that was refused leaves the text in place, and its numbers.
      return { text: { ...text, reading: null, pending: false }, preparation: { ...preparation, progress: null } };
    }
    case "crashed":
      return { text: { ...text, reading: null, pending: false }, preparation: unprepared() };
    default:
      return {};
  }
}

/** @param {Readonly<State>} state @param {NonNullable<Text["reading"]>} reading @param {string} value @returns {Text} */
const decoded = (state, { made, name }, value) => ({
  ...state.text,
  value,
  revision: state.text.revision + 1,
  unsent: false,
  reading: null,
  replacing: false,
  made,
  name,
  previous: ownText(state) ?? state.text.previous,
});

/**
 * The text once the worker has described it. An empty box is a person between two texts, whatever the worker still holds.
 * @param {Text} text @param {TextDescription} description
 * @returns {Text}
 */
export const described = (text, description) => ({ ...text, pending: false, description: text.value ? description : null });
