// @ts-check
/** @import { HeadLook } from "../../core/protocol" */
/** @import { ReadingActions } from "../../flows/reading_actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// Every head in small, a row for each layer; one of them is the chosen one.

import { words } from "../../i18n/words.js";
import { colour, onSchemeChange, ramp } from "../../ui/colour.js";
import { element } from "../../ui/dom.js";
import { paintMap } from "../../ui/map.js";

const { attention: said } = words;
// Pixels: a thumbnail, unless many have to share the room.
const [LARGEST, SMALLEST, GAP] = [40, 16, 4];
const [ROOM_ACROSS, ROOM_DOWN] = [208, 176];

/** From which mean weight on a head shows a pattern. */
const PATTERNS = /** @type {const} */ ([
  ["previous", 0.5],
  ["first", 0.5],
  ["induction", 0.3],
]);

/** A head's entropy, and the usual patterns that it shows. @param {HeadLook} head */
export function headSentence(head) {
  const shown = PATTERNS.filter(([pattern, from]) => (head[pattern] ?? 0) >= from);
  return [said.entropy(head.entropy), ...shown.map(([pattern]) => said.pattern(said.patterns[pattern], head[pattern] ?? 0))].join(" · ");
}

/** @param {Store<State>} store @param {ReadingActions} actions */
export function headGrid(store, actions) {
  const node = element("div", { class: "heads", role: "radiogroup", "aria-label": said.grid });
  /** @type {HTMLCanvasElement[]} */
  let thumbnails = [];
  let table = ramp(colour("--map-low"), colour("--map-high"));

  /** Layers and heads of the model in memory. @param {Readonly<State>} state */
  const shape = ({ model }) => ({ layers: Number(model?.config.model.layers ?? 0), heads: Number(model?.config.model.heads ?? 0) });

  /** @param {number} layers @param {number} heads */
  function build(layers, heads) {
    const fits = Math.min(LARGEST, Math.floor(ROOM_ACROSS / heads) - GAP, Math.floor(ROOM_DOWN / layers) - GAP);
    const side = Math.max(SMALLEST, fits);
    thumbnails = Array.from({ length: layers * heads }, () => {
      const canvas = element("canvas", { role: "radio" });
      canvas.style.width = canvas.style.height = `${side}px`;
      return canvas;
    });
    node.style.gridTemplateColumns = `repeat(${heads}, ${side}px)`;
    node.replaceChildren(...thumbnails);
  }

  /** @param {Readonly<State>} state */
  function mark(state) {
    const { heads } = shape(state);
    const { look } = state;
    thumbnails.forEach((canvas, i) => {
      const chosen = i === look.layer * heads + look.head;
      canvas.setAttribute("aria-checked", String(chosen));
      // One stop for Tab, arrow keys from there.
      canvas.tabIndex = chosen ? 0 : -1;
    });
  }

  function draw(answer = store.state.looks.heads.answer) {
    const { heads } = shape(store.state);
    const looks = answer?.heads ?? [];
    const byPlace = new Map(looks.map((look) => [look.layer * heads + look.head, look]));
    const pixels = Math.round((parseFloat(thumbnails[0]?.style.width ?? "") || LARGEST) * devicePixelRatio);
    thumbnails.forEach((canvas, i) => {
      const look = byPlace.get(i);
      canvas.width = canvas.height = pixels;
      const name = said.thumbnail(Math.floor(i / heads), i % heads, look ? headSentence(look) : "").trim();
      canvas.setAttribute("aria-label", name);
      canvas.title = name;
      const context = canvas.getContext("2d");
      if (context && look) paintMap(context, look.thumbnail, look.side, table, { left: 0, top: 0, extent: pixels });
    });
  }

  /** @param {number} index */
  function choose(index) {
    const { heads } = shape(store.state);
    actions.inspection.lookAt({ layer: Math.floor(index / heads), head: index % heads });
    thumbnails[index].focus();
  }

  node.addEventListener("click", (event) => {
    const index = thumbnails.findIndex((canvas) => canvas === event.target);
    if (index >= 0) choose(index);
  });
  node.addEventListener("keydown", (event) => {
    const { layers, heads } = shape(store.state);
    const { layer, head } = store.state.look;
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move) return;
    event.preventDefault();
    const within = (/** @type {number} */ i, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, i));
    choose(within(layer + move[0], layers) * heads + within(head + move[1], heads));
  });
  onSchemeChange(() => {
    table = ramp(colour("--map-low"), colour("--map-high"));
    draw();
  });

  const layers = store.computed((state) => shape(state).layers);
  const heads = store.computed((state) => shape(state).heads);
  store.watch(() => {
    build(layers.value, heads.value);
    mark(store.state);
    draw();
  });
  store.watch(mark);
  const answer = store.computed(({ looks }) => looks.heads.answer);
  store.watch(() => draw(answer.value));
  return node;
}
