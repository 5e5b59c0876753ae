// @ts-check
/** @import { Curves } from "./curves.js" */
// Learning rate and gradient norm: two thin plots over the same steps as the loss.

import { significant } from "../i18n/format.js";
import { words } from "../i18n/words.js";
import { whileMounted } from "../state/mount.js";
import { colour } from "../ui/colour.js";
import { element, write } from "../ui/dom.js";
import { LINEAR } from "./axes.js";
import { strokeCurve } from "./curves.js";
import { pane } from "./pane.js";
import { stripSpan } from "./span.js";

const { plot: said } = words;
const NAMES = /** @type {const} */ (["rate", "norm"]);
/** @typedef {typeof NAMES[number]} Name */

/**
 * @param {() => { curves: Curves, span: [number, number] }} shown
 * @param {() => void} unfolded
 */
export function plotStrips(shown, unfolded) {
  const strips = NAMES.map((name) => strip(name, shown));
  // On a phone they fold, and their numbers stand in the line that opens them.
  const short = element("span", { class: "muted" });
  const node = element(
    "details",
    { class: "thin", title: said.stripsHelp },
    element("summary", {}, short),
    ...strips.map(({ node }) => node),
  );
  const narrow = matchMedia("(max-width: 759px)");
  const fold = () => (node.open = !narrow.matches);
  narrow.addEventListener("change", fold, { signal: whileMounted() });
  fold();
  node.addEventListener("toggle", unfolded);
  return {
    node,
    discard: () => strips.forEach((strip) => strip.discard()),
    /** @param {boolean} logSteps @param {number} right pixels kept free */
    draw: (logSteps, right) => strips.forEach((strip) => strip.draw(logSteps, right)),
    /** @param {Record<Name, number | null>} values at the cursor */
    read(values) {
      strips.forEach((strip, i) => strip.read(values[NAMES[i]]));
      write(short, NAMES.map((name) => `${said.strips[name]} ${number(values[name])}`).join(" · "));
    },
  };
}

/** @param {Name} name @param {() => { curves: Curves, span: [number, number] }} shown */
function strip(name, shown) {
  const value = element("span", { class: "value" });
  const frame = element("div", { class: "thin-plot", "aria-hidden": "true" });
  const node = element("div", { class: "thin-row" }, frame, element("p", { class: "thin-name" }, said.strips[name], " ", value));
  /** @type {ReturnType<typeof pane> | null} */
  let plot = null;
  let key = "";

  function discard() {
    plot?.destroy();
    plot = null;
  }

  return {
    node,
    discard,
    /** @param {number | null} now */
    read: (now) => write(value, number(now)),
    /** @param {boolean} logSteps @param {number} right */
    draw(logSteps, right) {
      const wanted = [logSteps, right, frame.clientWidth].join();
      if (wanted !== key) discard();
      key = wanted;
      if (frame.clientWidth < 80) return;
      if (plot) return plot.redraw();
      plot = pane(frame, {
        logSteps,
        right,
        axis: LINEAR,
        shares: false,
        small: true,
        span: () => shown().span,
        isEmpty: () => shown().curves.steps.length === 0,
        range: () => stripSpan(shown().curves, name, shown().span),
        draw: (sheet) => strokeCurve(sheet, shown().curves.steps, shown().curves[name], { colour: colour("--training"), width: 1 }),
      });
    },
  };
}

/** @param {number | null} value */
const number = (value) => (value === null || !Number.isFinite(value) ? words.none : significant(value));
