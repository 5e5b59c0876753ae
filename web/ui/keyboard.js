// @ts-check
/** @import { Actions } from "../flows/actions.js" */
// Keys that work anywhere on the page, and the list of them.

import { words } from "../i18n/words.js";
import { atUnmount, whileMounted } from "../state/mount.js";
import { button, element } from "./dom.js";

// Elements that have a use for Space or a letter themselves.
const TAKES_KEYS = "input, textarea, select, button, summary, a[href], dialog, [contenteditable]";

/**
 * @param {Actions} actions
 * @param {() => void} showGlossary
 * @returns {{ show: () => void }} the list
 */
export function keyboard(actions, showGlossary) {
  const dialog = element(
    "dialog",
    { class: "keys" },
    element("h2", {}, words.keys.title),
    element("dl", {}, ...words.keys.list.flatMap(([key, use]) => [element("dt", {}, key), element("dd", {}, use)])),
    button(words.keys.close, () => dialog.close()),
  );
  document.body.append(dialog);
  atUnmount(() => dialog.remove());

  const options = { signal: whileMounted() };
  /** @param {KeyboardEvent} event */
  const press = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest(TAKES_KEYS)) return;
    if (event.key === " " && !event.repeat) {
      event.preventDefault();
      actions.toggle();
    } else if (event.key === "?") {
      dialog.showModal();
    } else if (event.key === "g") {
      event.preventDefault();
      showGlossary();
    }
  };
  addEventListener("keydown", press, options);
  return { show: () => dialog.showModal() };
}
