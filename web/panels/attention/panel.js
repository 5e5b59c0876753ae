// @ts-check
/** @import { Attention } from "../../core/protocol" */
/** @import { ReadingActions } from "../../flows/reading_actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
/** @import { Taken } from "./copy.js" */
/** @import { Layout, Marks } from "./drawing.js" */
// Where each token of the sentence looks: one head's weights as shades of the text and as a map.

import { words } from "../../i18n/words.js";
import { countsOnly, promptOf } from "../../state/selectors.js";
import { onSchemeChange } from "../../ui/colour.js";
import { button, element, labelled, panel, write } from "../../ui/dom.js";
import { follow } from "../../ui/follow.js";
import { takeNumbers, takePicture } from "./copy.js";
import { layOut, mapColours, paintCells, paintMarks, picture } from "./drawing.js";
import { headGrid, headSentence } from "./head_grid.js";
import { attentionText } from "./text.js";

const { attention: said } = words;
// Pixels: as wide as the map of a short sentence gets, so that what follows stays in sight; from so many tokens on it takes all.
const [COMFORTABLE, MANY] = [256, 32];
// Tokens that are named beside the shades.
const STRONGEST = 3;
// Pixels of the copied picture for each of the map's.
const COPY_SCALE = 2;
// 4000 ms: how long a confirmation stands.
const CONFIRMED = 4000;

/** @param {Store<State>} store @param {ReadingActions} actions */
export function attentionPanel(store, actions) {
  const layer = element("select");
  const head = element("select");
  const way = element("select", {}, ...Object.entries(said.ways).map(([value, label]) => element("option", { value }, label)));
  const caption = element("p", { class: "caption" });
  const text = attentionText(point, lock);
  const canvas = element("canvas", { tabindex: 0, role: "img" });
  const frame = element("div", { class: "map" }, canvas);
  const empty = element("p", { class: "empty" });
  const readout = element("p", { class: "readout two-lines", "aria-live": "off" });
  const key = element("p", { class: "muted rows" }, said.rows);
  const scale = scaleBar();
  scale.node.title = said.rows;
  const grid = headGrid(store, actions);
  const character = element("p", { class: "character", title: said.entropyHelp });
  const shading = labelled(said.way, way, "inline wide");
  const choice = element(
    "div",
    { class: "choice" },
    grid,
    element("div", {}, element("div", { class: "pair" }, labelled(said.layer, layer, "inline"), labelled(said.head, head, "inline")), shading, character),
  );
  const taken = element("p", { class: "muted", "aria-live": "polite" });
  const copies = [
    button(said.copy.picture, () => take((attention) => takePicture(attention, pictureOf(attention)), said.savedPicture), "plain"),
    button(said.copy.numbers, () => take(takeNumbers, said.savedNumbers), "plain"),
  ];
  for (const copy of copies) copy.setAttribute("aria-label", `${said.copyAs} ${copy.textContent}`);
  const under = element("div", {}, key, taken);
  const beneath = element("div", { class: "beneath" }, scale.node, element("div", { class: "copying" }, said.copyAs, ...copies));
  const fold = panel("attention-panel", said.title, element("div", { class: "headed" }, caption, choice), empty, text.node, frame, readout, beneath, under);

  /** Why there is no map to show, if so. @param {Readonly<State>} state */
  function missing(state) {
    const { model } = state;
    if (!model) return countsOnly(state) ? said.counts : said.noModel;
    if (Number(model.config.model.layers) === 0 || model.config.model.attention === false) return said.noLayers;
    return promptOf(state) === "" ? said.noPrompt : null;
  }

  const body = /** @type {Element} */ (empty.parentElement);
  follow(store, actions, body, "heads", (state) => (missing(state) ? null : promptOf(state)));
  follow(store, actions, body, "attention", (state) => (missing(state) ? null : JSON.stringify([promptOf(state), state.look])));

  // What to choose

  layer.addEventListener("change", look);
  head.addEventListener("change", look);
  way.addEventListener("change", paint);
  function look() {
    actions.inspection.lookAt({ layer: Number(layer.value), head: Number(head.value) });
  }
  store.watch(({ model, look }) => {
    fill(layer, model?.config.model.attention === false ? 0 : Number(model?.config.model.layers ?? 0), look.layer);
    fill(head, Number(model?.config.model.heads ?? 0), look.head);
  });

  // What to see

  /** Cell of the map under the pointer or the keys. @type {{ row: number, column: number } | null} */
  let cell = null;
  /** Token of the text under the pointer or the keys. @type {number | null} */
  let pointed = null;
  /** Token whose shades stay. @type {number | null} */
  let locked = null;
  /** @type {readonly string[]} */
  let tokens = [];
  /** @type {Layout | null} */
  let layout = null;
  let colours = mapColours();
  /** Cells and labels without marks: what is pointed at changes far more often than they. */
  const unmarked = element("canvas");

  const answer = store.computed(({ looks }) => looks.attention.answer);
  const reason = store.computed(missing);
  store.watch(() => {
    const { value: why } = reason;
    write(empty, why ?? "");
    empty.hidden = why === null;
    for (const node of [grid, shading, text.node, frame, character, readout, under, beneath]) node.hidden = why !== null;
    draw(answer.value);
  });
  store.watch(({ looks, look }) => {
    const chosen = looks.heads.answer?.heads.find(({ layer, head }) => layer === look.layer && head === look.head);
    write(character, chosen ? headSentence(chosen) : "");
  });
  onSchemeChange(() => {
    colours = mapColours();
    draw();
  });
  new ResizeObserver(() => draw()).observe(frame);
  fold.addEventListener("toggle", () => draw());

  /** The answer that is shown. */
  function shown() {
    return store.state.looks.attention.answer;
  }

  /** Everything anew: the weights, the room or the colours are others. */
  function draw(attention = shown()) {
    write(caption, attention ? said.caption(attention.step) : "");
    const now = attention?.tokens ?? [];
    if (now.length !== tokens.length || now.some((token, i) => token !== tokens[i])) {
      tokens = now;
      cell = pointed = locked = null;
      text.show(tokens);
    }
    canvas.hidden = !attention;
    if (!attention) {
      layout = null;
      return write(readout, "");
    }
    readout.setAttribute("aria-live", "off");
    scale.paint(colours.table);
    canvas.setAttribute("aria-label", alternative(attention));
    const width = frame.clientWidth;
    const context = unmarked.getContext("2d");
    if (!context || width === 0) return;
    const ratio = devicePixelRatio;
    layout = layOut(tokens, tokens.length > MANY ? width : Math.min(width, COMFORTABLE), ratio, colours);
    for (const each of [unmarked, canvas]) {
      each.width = Math.round(layout.width * ratio);
      each.height = Math.round(layout.height * ratio);
    }
    canvas.style.width = `${layout.width}px`;
    canvas.style.height = `${layout.height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintCells(context, attention.weights, layout, colours);
    paint();
  }

  /** What is pointed at, in the map, the text and words. */
  function paint() {
    const attention = shown();
    const context = canvas.getContext("2d");
    if (!attention || !context || !layout) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(unmarked, 0, 0);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paintMarks(context, marks(), layout, colours);
    const chosen = chosenToken();
    text.shade(chosen === null ? null : (i) => weightBetween(attention, chosen, i), chosen, locked, colours);
    write(readout, sentence(attention));
  }

  /** Whether the shades are of what is looked at, not of what looks. */
  function looksOut() {
    return way.value === "out";
  }

  /** The token whose weights shade the text. */
  function chosenToken() {
    return locked ?? pointed ?? (cell && (looksOut() ? cell.row : cell.column));
  }

  /** How much the chosen token looks at another, or is looked at by it. @param {Attention} attention @param {number} chosen @param {number} other */
  function weightBetween({ weights }, chosen, other) {
    return looksOut() ? weights[chosen * tokens.length + other] : weights[other * tokens.length + chosen];
  }

  /** @returns {Marks} */
  function marks() {
    const line = locked ?? pointed;
    return { cell: pair(), row: looksOut() ? line : null, column: looksOut() ? null : line };
  }

  /** The cell that is spoken of: of the map, or between a locked token and another one. */
  function pair() {
    if (cell || locked === null || pointed === null || pointed === locked) return cell;
    return looksOut() ? { row: locked, column: pointed } : { row: pointed, column: locked };
  }

  /** @param {Attention} attention */
  function sentence(attention) {
    const { weights } = attention;
    const n = tokens.length;
    const [of, chosen] = [pair(), chosenToken()];
    if (of) return said.cell(tokens[of.row], of.row, tokens[of.column], of.column, weights[of.row * n + of.column]);
    if (chosen === null) return said.walk;
    const strongest = tokens
      .map((token, i) => ({ token, i, value: weightBetween(attention, chosen, i) }))
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.value - a.value || a.i - b.i)
      .slice(0, STRONGEST);
    return (looksOut() ? said.looksMost : said.isLookedAtMost)(tokens[chosen], chosen, strongest);
  }

  /** @param {Attention} attention */
  function alternative({ layer, head, step, tokens, weights }) {
    const n = tokens.length;
    const last = n - 1;
    let most = 0;
    for (let column = 1; column < n; column += 1) {
      if (weights[last * n + column] > weights[last * n + most]) most = column;
    }
    return said.alternative(layer, head, step, tokens, said.strongest(tokens[last], tokens[most], most, weights[last * n + most]));
  }

  /** @param {number | null} index @param {boolean} walking */
  function point(index, walking) {
    readout.setAttribute("aria-live", walking ? "polite" : "off");
    if (index === pointed) return;
    pointed = index;
    paint();
  }

  /** Locks a token, or unlocks it; null: unlocks. @param {number | null} index */
  function lock(index) {
    locked = index === locked ? null : index;
    paint();
  }

  /** @param {PointerEvent | MouseEvent} event */
  function cellUnder({ offsetX, offsetY }) {
    if (!layout) return null;
    const { left, top, side, n } = layout;
    const [row, column] = [Math.floor((offsetY - top) / side), Math.floor((offsetX - left) / side)];
    return row >= 0 && row < n && column >= 0 && column < n ? { row, column } : null;
  }
  canvas.addEventListener("pointermove", (event) => choose(cellUnder(event), false));
  canvas.addEventListener("pointerleave", () => choose(null, false));
  canvas.addEventListener("blur", () => choose(null, false));
  canvas.addEventListener("click", (event) => {
    const under = cellUnder(event);
    if (under) lock(looksOut() ? under.row : under.column);
  });
  canvas.addEventListener("keydown", (event) => {
    const n = tokens.length;
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (event.key === "Escape") return lock(null);
    if (event.key === "Enter" && cell) return lock(looksOut() ? cell.row : cell.column);
    if (!move || n === 0) return;
    event.preventDefault();
    const within = (/** @type {number} */ i) => Math.max(0, Math.min(n - 1, i));
    choose(cell ? { row: within(cell.row + move[0]), column: within(cell.column + move[1]) } : { row: n - 1, column: 0 }, true);
  });

  /** @param {{ row: number, column: number } | null} next @param {boolean} walking */
  function choose(next, walking) {
    readout.setAttribute("aria-live", walking ? "polite" : "off");
    if (next?.row === cell?.row && next?.column === cell?.column) return;
    cell = next;
    paint();
  }

  // What to take away

  /** @param {Attention} attention */
  function pictureOf(attention) {
    const { layer, head, step, weights } = attention;
    const now = layout ?? layOut(tokens, COMFORTABLE, COPY_SCALE, colours);
    return picture(weights, marks(), now, colours, said.pictured(layer, head, step), COPY_SCALE);
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let confirmed;
  /** @param {(attention: Attention) => Promise<Taken>} way @param {string} saved */
  async function take(way, saved) {
    const attention = shown();
    if (!attention) return;
    tell("");
    try {
      tell((await way(attention)) === "copied" ? said.copied : saved);
    } catch {
      tell(said.notTaken);
    }
  }

  /** Says what became of it, for a while in place of how to read the map. @param {string} sentence */
  function tell(sentence) {
    clearTimeout(confirmed);
    write(taken, sentence);
    key.hidden = sentence !== "";
    if (sentence !== "") confirmed = setTimeout(() => tell(""), CONFIRMED);
  }
}

/** The ramp with its weights, as the map uses it. */
function scaleBar() {
  const [width, height] = [144, 8];
  const canvas = element("canvas", { width, height, "aria-hidden": "true" });
  const marks = [0, 0.1, 0.25, 0.5, 1].map((weight) => {
    const mark = element("span", {}, String(weight));
    mark.style.left = `${Math.sqrt(weight) * width}px`;
    return mark;
  });
  return {
    node: element(
      "div",
      { class: "scale" },
      element("span", { class: "name" }, words.attention.scale),
      element("div", { class: "bar" }, canvas, element("div", { class: "marks", "aria-hidden": "true" }, ...marks)),
    ),
    /** @param {Uint8ClampedArray} table */
    paint(table) {
      const context = canvas.getContext("2d");
      for (let x = 0; context && x < width; x += 1) {
        const at = 3 * Math.round((255 * x) / (width - 1));
        context.fillStyle = `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
        context.fillRect(x, 0, 1, height);
      }
    },
  };
}

/** @param {HTMLSelectElement} select @param {number} count @param {number} chosen */
function fill(select, count, chosen) {
  if (select.options.length !== count) {
    select.replaceChildren(...Array.from({ length: count }, (_, i) => element("option", { value: i }, String(i))));
  }
  select.disabled = count === 0;
  if (count > 0) select.value = String(chosen);
}
