// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { Attention } from "./protocol" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// Where each token of the prompt looks: one head's weights as a map.

import { colour, onSchemeChange, ramp } from "./colour.js";
import { element, labelled, panel, write } from "./dom.js";
import { follow } from "./follow.js";
import { visible } from "./format.js";
import { headGrid, headSentence } from "./head_grid.js";
import { paintMap } from "./map.js";
import { countsOnly, promptOf } from "./selectors.js";
import { words } from "./words.js";

// Pixels: a cell never larger, a token's label never longer, and below the smallest size it is left out.
const LARGEST_CELL = 40;
// Pixels: as wide as the map of a short prompt gets, so that what follows stays in sight; from so many tokens on it takes all.
const [COMFORTABLE, MANY] = [304, 32];
const LONGEST_LABEL = 72;
const SMALLEST_LABEL = 7;
const LARGEST_LABEL = 12;

/** @param {Store<State>} store @param {Actions} actions */
export function attentionPanel(store, actions) {
  const layer = element("select");
  const head = element("select");
  const caption = element("p", { class: "caption" });
  const canvas = element("canvas", { tabindex: 0, role: "img" });
  const frame = element("div", { class: "map" }, canvas);
  const empty = element("p", { class: "empty" });
  const readout = element("p", { class: "readout", "aria-live": "off" });
  const key = element("p", { class: "muted" }, words.attention.rows);
  const scale = scaleBar();
  const grid = headGrid(store, actions);
  const character = element("p", { class: "character", title: words.attention.entropyHelp });
  const choice = element(
    "div",
    { class: "choice" },
    grid,
    element("div", {}, labelled(words.attention.layer, layer, "inline"), labelled(words.attention.head, head, "inline"), character, caption),
  );
  const fold = panel("attention-panel", words.attention.title, choice, empty, frame, readout, scale.node, key);

  /** Why there is no map to show, if so. @param {Readonly<State>} state */
  function missing(state) {
    const { model } = state;
    if (!model) return countsOnly(state) ? words.attention.counts : words.attention.noModel;
    if (Number(model.config.model.layers) === 0 || model.config.model.attention === false) return words.attention.noLayers;
    return promptOf(state) === "" ? words.attention.noPrompt : null;
  }

  const body = /** @type {Element} */ (choice.parentElement);
  follow(store, actions, body, "heads", (state) => (missing(state) ? null : promptOf(state)));
  follow(store, actions, body, "attention", (state) => (missing(state) ? null : JSON.stringify([promptOf(state), state.look])));

  // What to choose

  layer.addEventListener("change", look);
  head.addEventListener("change", look);
  function look() {
    actions.inspection.lookAt({ layer: Number(layer.value), head: Number(head.value) });
  }
  store.watch(
    ({ model, look }) => [model?.config, look],
    ({ model, look }) => {
      fill(layer, model?.config.model.attention === false ? 0 : Number(model?.config.model.layers ?? 0), look.layer);
      fill(head, Number(model?.config.model.heads ?? 0), look.head);
    },
  );

  // What to see

  /** Cell under the pointer or the keys. @type {{ row: number, column: number } | null} */
  let cell = null;
  let side = 0;
  let [left, top] = [0, 0];
  let colours = palette();

  store.watch(
    (state) => [state.looks.attention.answer, state.model, state.recipe, promptOf(state) === ""],
    (state) => {
      const why = missing(state);
      write(empty, why ?? "");
      empty.hidden = why === null;
      for (const node of [grid, frame, character, readout, key, scale.node]) node.hidden = why !== null;
      draw();
    },
  );
  store.watch(
    ({ looks, look }) => [looks.heads.answer, look],
    ({ looks, look }) => {
      const chosen = looks.heads.answer?.heads.find(({ layer, head }) => layer === look.layer && head === look.head);
      write(character, chosen ? headSentence(chosen) : "");
    },
  );
  onSchemeChange(() => {
    colours = palette();
    draw();
  });
  new ResizeObserver(draw).observe(frame);
  fold.addEventListener("toggle", draw);

  function draw() {
    const attention = store.state.looks.attention.answer;
    const width = frame.clientWidth;
    write(caption, attention ? words.attention.caption(attention.step) : "");
    const context = canvas.getContext("2d");
    if (!context || width === 0) return;
    if (!attention) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      canvas.setAttribute("aria-label", words.attention.noModel);
      return write(readout, "");
    }
    scale.paint(colours.table);
    const { tokens } = attention;
    const n = tokens.length;
    if (cell && (cell.row >= n || cell.column >= n)) cell = null;
    const labels = tokens.map(visible);
    const narrow = labels.every((label) => Array.from(label).length === 1);

    context.font = `${LARGEST_LABEL}px ${colours.mono}`;
    const longest = Math.max(...labels.map((label) => context.measureText(label).width));
    const margin = narrow ? 20 : Math.min(LONGEST_LABEL, Math.ceil(longest)) + 8;
    // One pixel is left for the frame.
    const room = n > MANY ? width : Math.min(width, COMFORTABLE);
    side = Math.min(LARGEST_CELL, (room - margin - 1) / n);
    // Whole device pixels keep the cells' edges sharp while they are large enough for it.
    const ratio = devicePixelRatio;
    if (side * ratio >= 4) side = Math.floor(side * ratio) / ratio;
    [left, top] = [margin, margin];
    const height = Math.ceil(top + n * side) + 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);

    paintMap(context, attention.weights, n, colours.table, { left, top, extent: n * side });
    paintLabels(context, labels, narrow);
    outline(context, n);
    describe(attention);
  }

  /** @param {CanvasRenderingContext2D} context @param {string[]} labels @param {boolean} narrow */
  function paintLabels(context, labels, narrow) {
    const size = Math.max(SMALLEST_LABEL, Math.min(LARGEST_LABEL, Math.floor(side)));
    // Where cells are smaller than a label, every few of them keep theirs.
    const every = Math.ceil(size / side);
    context.font = `${size}px ${colours.mono}`;
    labels.forEach((label, i) => {
      const chosenRow = cell?.row === i;
      const chosenColumn = cell?.column === i;
      const middle = (i + 0.5) * side;
      if (i % every === 0 || chosenRow) {
        context.fillStyle = chosenRow ? colours.ink : colours.muted;
        context.textAlign = "right";
        context.textBaseline = "middle";
        context.fillText(label, left - 6, top + middle, left - 8);
      }
      if (i % every === 0 || chosenColumn) {
        context.fillStyle = chosenColumn ? colours.ink : colours.muted;
        context.save();
        context.translate(left + middle, top - 6);
        if (narrow) {
          context.textAlign = "center";
          context.textBaseline = "alphabetic";
        } else {
          context.rotate(-Math.PI / 2);
          context.textAlign = "left";
          context.textBaseline = "middle";
        }
        context.fillText(label, 0, 0, narrow ? undefined : top - 8);
        context.restore();
      }
    });
  }

  /** @param {CanvasRenderingContext2D} context @param {number} n */
  function outline(context, n) {
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, top - 0.5, n * side + 1, n * side + 1);
    if (!cell) return;
    context.strokeStyle = colours.ink;
    context.strokeRect(left + cell.column * side - 0.5, top + cell.row * side - 0.5, side + 1, side + 1);
  }

  /** @param {Attention} attention */
  function describe({ layer, head, step, tokens, weights }) {
    const n = tokens.length;
    const last = n - 1;
    let most = 0;
    for (let column = 1; column < n; column += 1) {
      if (weights[last * n + column] > weights[last * n + most]) most = column;
    }
    const { alternative, strongest, walk, cell: sentence } = words.attention;
    const here = cell && sentence(tokens[cell.row], cell.row, tokens[cell.column], cell.column, weights[cell.row * n + cell.column]);
    write(readout, here ?? walk);
    canvas.setAttribute(
      "aria-label",
      alternative(layer, head, step, tokens, strongest(tokens[last], tokens[most], most, weights[last * n + most])),
    );
  }

  canvas.addEventListener("pointermove", (event) => {
    const n = store.state.looks.attention.answer?.tokens.length ?? 0;
    const column = Math.floor((event.offsetX - left) / side);
    const row = Math.floor((event.offsetY - top) / side);
    readout.setAttribute("aria-live", "off");
    choose(row >= 0 && row < n && column >= 0 && column < n ? { row, column } : null);
  });
  canvas.addEventListener("pointerleave", () => choose(null));
  canvas.addEventListener("blur", () => choose(null));
  canvas.addEventListener("keydown", (event) => {
    const n = store.state.looks.attention.answer?.tokens.length ?? 0;
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move || n === 0) return;
    event.preventDefault();
    readout.setAttribute("aria-live", "polite");
    const within = (/** @type {number} */ i) => Math.max(0, Math.min(n - 1, i));
    choose(cell ? { row: within(cell.row + move[0]), column: within(cell.column + move[1]) } : { row: n - 1, column: 0 });
  });

  /** @param {{ row: number, column: number } | null} next */
  function choose(next) {
    if (next?.row === cell?.row && next?.column === cell?.column) return;
    cell = next;
    draw();
  }
}

/** The colours that the map is drawn with, in the scheme of this moment. */
function palette() {
  return {
    table: ramp(colour("--map-low"), colour("--map-high")),
    ink: colour("--ink"),
    muted: colour("--muted"),
    line: colour("--line"),
    mono: colour("--mono"),
  };
}

/** The ramp with its weights, as the map uses it. */
function scaleBar() {
  const [width, height] = [240, 8];
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
