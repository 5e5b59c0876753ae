// @ts-check
// Elements without markup strings: text goes in as text nodes only.

import { words } from "../i18n/words.js";
import { atUnmount } from "../state/mount.js";

/**
 * An element with attributes and children. An attribute that is false or undefined is left out, true is set empty.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | undefined>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * A button that does one thing.
 * @param {string} label
 * @param {() => void} press
 * @param {string} [style] class names
 */
export function button(label, press, style) {
  const made = element("button", { type: "button", class: style }, label);
  made.addEventListener("click", press);
  return made;
}

/**
 * A place of the page that index.html promises.
 * @param {string} id
 */
export function place(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element with id ${id}`);
  return found;
}

/**
 * Puts nodes into a place, until the page is built anew.
 * @param {string} id of the element in index.html
 * @param {...Node} nodes
 */
export function put(id, ...nodes) {
  const found = place(id);
  found.append(...nodes);
  atUnmount(() => found.replaceChildren());
}

/**
 * A panel: a heading that folds what is under it.
 * @param {string} id of the section in index.html
 * @param {string} title
 * @param {...(Node | string)} children
 */
export function panel(id, title, ...children) {
  const fold = element("details", { class: "panel", open: true });
  fold.append(element("summary", {}, element("h2", {}, title)), element("div", { class: "body" }, ...children));
  put(id, fold);
  return fold;
}

/**
 * What is not always needed, under a line that opens it.
 * @param {string} title
 * @param {...(Node | string)} children
 */
export const more = (title, ...children) => element("details", { class: "more" }, element("summary", {}, title), ...children);

/**
 * A button that opens files. The picker itself is hidden; it carries the same name for tools that fill file inputs.
 * @param {string} label
 * @param {string} accept
 * @param {(files: File[]) => void} open
 * @param {boolean | "folder"} [several] a folder's files come with their paths
 * @param {string} [style] class names
 */
export function filePicker(label, accept, open, several = false, style) {
  const folder = several === "folder";
  const picker = element("input", { type: "file", hidden: true, "aria-label": label, accept, multiple: several !== false, webkitdirectory: folder });
  const opener = button(label, () => picker.click(), style);
  picker.addEventListener("change", () => {
    const files = Array.from(picker.files ?? []);
    if (files.length > 0) open(files);
    picker.value = "";
  });
  return { button: opener, picker };
}

/**
 * A label above its control.
 * @param {string} text
 * @param {HTMLElement} control gets an id where it has none
 * @param {string} [style] class names
 */
export function labelled(text, control, style = "") {
  control.id ||= `control-${(counter += 1)}`;
  return element("div", { class: `field ${style}`.trim() }, element("label", { for: control.id }, text), control);
}
let counter = 0;

/**
 * A number under its name, in a list of such.
 * @param {string} name
 * @param {string} [term] key in the glossary
 */
export function numberUnder(name, term) {
  const value = element("dd");
  return {
    node: element("div", {}, element("dt", {}, term ? termLink(term, name) : name), value),
    /** @param {string | null | undefined} number */
    show: (number) => write(value, number ?? words.none),
  };
}

/**
 * A word that the glossary explains; the glossary itself listens for its press.
 * @param {string} term key in the glossary
 * @param {string} text
 */
export const termLink = (term, text) =>
  element("button", { type: "button", class: "term", "data-term": term, "aria-label": words.glossary.link(text) }, text);

/**
 * Sets text only where it differs, so that a selection in it survives.
 * @param {Node} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
