// @ts-check
// Text of which each token can be pointed at, and walked with the arrow keys.

import { element } from "./dom.js";

/** Soft colours that follow one another; as many as style.css has. */
export const TOKEN_COLOURS = 6;
/** The name under which style.css has the look of the chosen token of a running text. */
const CHOSEN = "chosen-token";
/** Characters of one text node: the browser breaks a node's lines anew whenever it grows. */
const STRETCH = 4096;

/** @typedef {(index: number | null, walking: boolean) => void} Choose hears of the token under the pointer or the keys */

/**
 * Some hundred tokens, each an element with a look of its own.
 * @param {HTMLElement} frame takes the focus
 * @param {string} label @param {Choose} choose
 */
export function tokenText(frame, label, choose) {
  const node = element("span", { role: "region", "aria-label": label });
  /** @type {Map<EventTarget | null, number>} */
  const places = new Map();
  /** @type {Element | undefined} */
  let marked;
  const { pick, filled } = choosing(frame, node, label, choose, {
    event: "pointerover",
    length: () => node.childElementCount,
    at: ({ target }) => places.get(target),
    mark(index) {
      marked?.classList.remove("chosen");
      marked = index === null ? undefined : node.children[index];
      marked?.classList.add("chosen");
    },
    reveal: () => marked?.scrollIntoView({ block: "nearest" }),
  });
  return {
    clear() {
      pick(null);
      places.clear();
      node.replaceChildren();
      filled();
    },
    /** @param {readonly HTMLElement[]} tokens */
    append(tokens) {
      tokens.forEach((token, i) => places.set(token, node.childElementCount + i));
      node.append(...tokens);
      filled();
    },
  };
}

/**
 * Tokens that are written one behind the other, any number of them. They are plain text: an element for each would make
 * every further token cost as much as all that are there. The chosen one is a highlight (CSS Custom Highlight API); where a
 * browser has none, what else could have been drawn is shown all the same.
 * @param {HTMLElement} frame takes the focus, and scrolls
 * @param {string} label @param {Choose} choose
 */
export function runningText(frame, label, choose) {
  const node = element("span", { role: "region", "aria-label": label });
  /** What shows each token, and where in that it ends. @type {{ within: Text | HTMLElement, end: number }[]} */
  const places = [];
  /** The first token in each. @type {Map<unknown, number>} */
  const firsts = new Map();
  /** @type {HTMLElement | null} */
  let marked = null;

  /** @param {number} index */
  function rangeOf(index) {
    const { within, end } = places[index];
    const range = new Range();
    if (within instanceof HTMLElement) range.selectNode(within);
    else {
      range.setStart(within, index > (firsts.get(within) ?? 0) ? places[index - 1].end : 0);
      range.setEnd(within, end);
    }
    return range;
  }

  /** @param {PointerEvent} event */
  function at({ target, clientX: x, clientY: y }) {
    if (target !== node) return firsts.get(target);
    const caret = caretAt(x, y);
    const first = firsts.get(caret?.node);
    if (!caret || first === undefined) return undefined;
    let index = first;
    while (places[index + 1]?.within === caret.node && places[index].end <= caret.offset) index += 1;
    // A caret stands between two characters: it is the token behind it or the one before.
    return [index, index - 1].find(
      (token) =>
        token >= first &&
        Array.from(rangeOf(token).getClientRects()).some(({ left, right, top, bottom }) => left <= x && x < right && top <= y && y < bottom),
    );
  }

  const { pick, filled } = choosing(frame, node, label, choose, {
    event: "pointermove",
    length: () => places.length,
    at,
    mark(index) {
      marked?.classList.remove("chosen");
      const within = index === null ? null : places[index].within;
      marked = within instanceof HTMLElement ? within : null;
      marked?.classList.add("chosen");
      if (!("highlights" in CSS)) return;
      if (index === null) CSS.highlights.delete(CHOSEN);
      else CSS.highlights.set(CHOSEN, new Highlight(rangeOf(index)));
    },
    reveal(index) {
      const [token, seen] = [rangeOf(index).getBoundingClientRect(), frame.getBoundingClientRect()];
      frame.scrollTop += Math.min(0, token.top - seen.top) + Math.max(0, token.bottom - seen.bottom);
    },
  });
  return {
    /** How many tokens there are. */
    get length() {
      return places.length;
    },
    clear() {
      pick(null);
      places.length = 0;
      firsts.clear();
      node.replaceChildren();
      filled();
    },
    /** @param {readonly (string | HTMLElement)[]} tokens text; or an element, for what is for the eye only */
    append(tokens) {
      // One change for all of them.
      let [within, fresh] = [node.lastChild, ""];
      const put = () => within instanceof Text && within.appendData(fresh);
      for (const token of tokens) {
        if (typeof token !== "string") {
          put();
          [within, fresh] = [token, ""];
        } else if (!(within instanceof Text) || within.length + fresh.length > STRETCH) {
          put();
          [within, fresh] = [new Text(), ""];
        }
        if (within !== node.lastChild) node.append(within);
        if (!firsts.has(within)) firsts.set(within, places.length);
        if (typeof token === "string") fresh += token;
        const end = within instanceof Text ? within.length + fresh.length : 0;
        places.push({ within: /** @type {Text | HTMLElement} */ (within), end });
      }
      put();
      filled();
    },
  };
}

/**
 * Pointer and keys over a text.
 * @param {HTMLElement} frame @param {HTMLElement} node @param {string} label @param {Choose} choose
 * @param {object} text
 * @param {"pointerover" | "pointermove"} text.event after which another token may be under the pointer
 * @param {() => number} text.length tokens
 * @param {(event: PointerEvent) => number | undefined} text.at the token under the pointer
 * @param {(index: number | null) => void} text.mark
 * @param {(index: number) => void} text.reveal scrolls to a token
 */
function choosing(frame, node, label, choose, text) {
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", label);
  /** @type {number | null} */
  let chosen = null;

  /** @param {number | null} index @param {boolean} [walking] */
  function pick(index, walking = false) {
    if (index === chosen) return;
    chosen = index;
    text.mark(index);
    if (walking && index !== null) text.reveal(index);
    choose(index, walking);
  }

  node.addEventListener(text.event, (event) => {
    const index = text.at(event);
    if (index !== undefined) pick(index);
  });
  node.addEventListener("pointerleave", () => pick(null));
  frame.addEventListener("blur", () => pick(null));
  frame.addEventListener("keydown", (event) => {
    const last = text.length() - 1;
    const from = chosen ?? -1;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    pick(Math.max(0, Math.min(last, to)), true);
  });

  frame.append(node);
  return {
    pick,
    /** Nothing to walk, nothing to stop at. */
    filled: () => (frame.tabIndex = text.length() > 0 ? 0 : -1),
  };
}

/** The text node and the place in it at a point of the window. @param {number} x @param {number} y pixels */
function caretAt(x, y) {
  const position = document.caretPositionFromPoint?.(x, y);
  if (position) return { node: position.offsetNode, offset: position.offset };
  // Safari before 18.4.
  const range = document.caretRangeFromPoint?.(x, y);
  return range && { node: range.startContainer, offset: range.startOffset };
}
