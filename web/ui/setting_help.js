// @ts-check
/** @import { Paper } from "../core/protocol" */
// What a setting is, what is computed with it, where it comes from: in one place for the setting that is pointed at or has the
// focus; on a phone under the setting whose question mark was pressed.

import { words } from "../i18n/words.js";
import { atUnmount } from "../state/mount.js";
import { element, place, termLink } from "./dom.js";
import { formula as set } from "./formula.js";

const { settings } = words;
// 150 ms: how long the pointer rests on a setting before it is explained, so that it may cross others on its way to a link.
const REST = 150;

/**
 * @typedef {object} Help
 * @property {string} text
 * @property {string} [formula]
 * @property {readonly Paper[]} [papers]
 * @property {readonly string[]} [terms] keys in the glossary
 */

/** The explanation of the building there is now, and back to where index.html has it. @type {{ node: HTMLElement, goHome: () => void } | null} */
let built = null;

/** The control to which Escape leads back. @type {HTMLElement | null} */
let asked = null;

/** Whether the explanation stands in sight of every setting; on a phone it does not. @param {HTMLElement} node */
const isInSight = (node) => getComputedStyle(node).position === "sticky";

/**
 * Explains a setting while it is pointed at or has the focus; `?` (in a text box F1) goes to the explanation and its links.
 * @param {HTMLElement} target
 * @param {() => string | Help} help
 */
export function explain(target, help) {
  const { node } = helpPlace();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;
  const show = () => {
    if (isInSight(node) || target.nextSibling === node) fill(node, help());
  };
  target.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") rest = setTimeout(show, REST);
  });
  target.addEventListener("pointerleave", () => clearTimeout(rest));
  for (const event of ["focusin", "input"]) target.addEventListener(event, show);
  target.addEventListener("keydown", (event) => {
    const { target: control } = event;
    if (!(control instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const types = control instanceof HTMLTextAreaElement || (control instanceof HTMLInputElement && control.type === "text");
    if (event.key !== "F1" && (event.key !== "?" || types)) return;
    event.preventDefault();
    show();
    enter(control);
  });
}

/**
 * Where there is no pointer that hovers: explains the setting under itself, and takes the explanation away again.
 * @param {HTMLElement} row
 * @param {string} label
 * @param {() => Help} help
 */
export function helpButton(row, label, help) {
  const press = element("button", { type: "button", class: "explain", "aria-label": settings.explain(label), "aria-expanded": "false" }, "?");
  const { node, goHome } = helpPlace();
  // Before the first setting there is nothing to point at.
  if (!node.hasChildNodes()) fill(node, settings.explained);
  press.addEventListener("click", () => {
    const open = press.getAttribute("aria-expanded") === "true";
    if (isInSight(node)) return fill(node, help());
    goHome();
    if (open) return;
    press.setAttribute("aria-expanded", "true");
    row.after(node);
    fill(node, help());
  });
  return press;
}

/** Moves the focus into the explanation. @param {HTMLElement} from */
function enter(from) {
  const { node } = helpPlace();
  if (!isInSight(node)) return from.closest(".field")?.querySelector(/** @type {"button"} */ (".explain"))?.click();
  asked = from;
  (node.querySelector(/** @type {"a"} */ ("a, button")) ?? node).focus();
}

function helpPlace() {
  if (built) return built;
  const node = place("setting-help");
  const [parent, next] = [node.parentNode, node.nextSibling];
  const goHome = () => {
    for (const press of document.querySelectorAll(".explain[aria-expanded='true']")) press.setAttribute("aria-expanded", "false");
    if (node.parentNode !== parent) parent?.insertBefore(node, next);
  };
  node.tabIndex = -1;
  const leave = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !asked) return;
    event.preventDefault();
    asked.focus();
  };
  node.addEventListener("keydown", leave);
  // A window that grows beyond a phone's width has it in sight again.
  const observer = new ResizeObserver(() => isInSight(node) && goHome());
  observer.observe(document.documentElement);
  atUnmount(() => {
    observer.disconnect();
    node.removeEventListener("keydown", leave);
    node.replaceChildren();
    goHome();
    [built, asked] = [null, null];
  });
  return (built = { node, goHome });
}

/** @param {HTMLElement} node @param {string | Help} help */
function fill(node, help) {
  const { text, formula = "", papers = [], terms = [] } = typeof help === "string" ? { text: help } : help;
  const links = [
    ...papers.map(({ title, url }) =>
      element("a", { href: url, target: "_blank", rel: "noopener", title }, title.split(",")[0], element("span", { class: "unseen" }, title.slice(title.indexOf(",")))),
    ),
    ...terms.map((key) => termLink(key, words.glossary.terms[/** @type {"loss"} */ (key)].name)),
  ];
  const nodes = [
    element("p", {}, text),
    ...(formula ? [set(formula)] : []),
    ...(links.length > 0 ? [element("p", { class: "links" }, ...links)] : []),
  ];
  // The same explanation keeps its links, and the focus on them.
  if (nodes.length === node.childElementCount && nodes.every((made, i) => made.isEqualNode(node.children[i]))) return;
  node.replaceChildren(...nodes);
  node.scrollTop = 0;
}
