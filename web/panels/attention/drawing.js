// @ts-check
// One head's weights as a picture: where everything stands, the cells with their labels, and what is marked.

import { visible } from "../../i18n/format.js";
import { colour, ramp, writingOn } from "../../ui/colour.js";
import { element } from "../../ui/dom.js";
import { paintMap } from "../../ui/map.js";

// Pixels: a cell is never larger, and a token's label never longer.
const [LARGEST_CELL, LONGEST_LABEL] = [40, 72];
// Pixels: sizes of a label. Where cells are smaller, every few of them keep theirs.
const [SMALLEST_TYPE, LARGEST_TYPE] = [9, 12];
// Pixels of the screen: cells at least so large get whole ones, which keeps their edges sharp.
const SHARP = 4;
// Where not every token has a label: from one to the next, in sizes of the type; of places, and the steps they are counted in.
const AIR = 1.4;
const [PLACE_TYPES, PLACES] = [3, [10, 20, 50, 100, 200, 500, 1000]];
// Pixels around the picture that is copied, and the height of its caption.
const [BORDER, CAPTION] = [16, 28];

// From a marked token's label to the next one, in sizes of the type.
const FREE = 1.4;

/** @typedef {ReturnType<typeof mapColours>} MapColours */
/** @typedef {ReturnType<typeof layOut>} Layout */
/**
 * What is marked: a cell, and a whole row or column of cells.
 * @typedef {object} Marks
 * @property {{ row: number, column: number } | null} cell
 * @property {number | null} row
 * @property {number | null} column
 */

/** The colours that maps are drawn with, in the scheme of this moment. */
export function mapColours() {
  const [ground, ink] = [colour("--map-low"), colour("--ink")];
  const table = ramp(ground, colour("--map-high"));
  return { table, pens: writingOn(table, [ink, ground]), ground, ink, muted: colour("--muted"), line: colour("--line"), mono: colour("--mono"), sans: colour("--sans") };
}

/**
 * @param {readonly string[]} tokens
 * @param {number} room pixels across
 * @param {number} ratio pixels of the screen for each
 * @param {MapColours} colours
 */
export function layOut(tokens, room, ratio, colours) {
  const n = tokens.length;
  const labels = tokens.map(visible);
  const narrow = labels.every((label) => Array.from(label).length === 1);
  const pen = element("canvas").getContext("2d");
  if (pen) pen.font = `${LARGEST_TYPE}px ${colours.mono}`;
  const longest = labels.reduce((most, label) => Math.max(most, pen?.measureText(label).width ?? 0), 0);
  // Single characters take little room, the places in their stead some more.
  const margin = !narrow ? Math.min(LONGEST_LABEL, Math.ceil(longest)) + 8 : room < n * SMALLEST_TYPE ? 28 : 20;
  // One pixel is left for the frame.
  let side = Math.min(LARGEST_CELL, (room - margin - 1) / n);
  if (side * ratio >= SHARP) side = Math.floor(side * ratio) / ratio;
  const type = Math.max(SMALLEST_TYPE, Math.min(LARGEST_TYPE, Math.floor(side)));
  return {
    n,
    labels,
    narrow,
    side,
    type,
    ticks: labelled(n, side, type, narrow),
    left: margin,
    top: margin,
    width: Math.ceil(margin + n * side) + 1,
    height: Math.ceil(margin + n * side) + 1,
  };
}

/**
 * The labels that fit, by their cells: every token's, or else every few tokens'. Of single characters that would read like
 * a word that stands nowhere: their places are counted instead.
 * @param {number} n @param {number} side @param {number} type @param {boolean} narrow
 * @returns {{ i: number, place: string | null }[]}
 */
function labelled(n, side, type, narrow) {
  if (type <= side) return Array.from({ length: n }, (_, i) => ({ i, place: null }));
  const every = narrow ? (PLACES.find((step) => step * side >= PLACE_TYPES * type) ?? n) : Math.ceil((AIR * type) / side);
  const first = narrow ? every - 1 : 0;
  return Array.from({ length: Math.ceil((n - first) / every) }, (_, k) => first + k * every).map((i) => ({ i, place: narrow ? String(i + 1) : null }));
}

/**
 * Cells, labels and frame.
 * @param {CanvasRenderingContext2D} context @param {ArrayLike<number>} weights @param {Layout} layout @param {MapColours} colours
 */
export function paintCells(context, weights, layout, colours) {
  const { n, side, left, top, labels, ticks } = layout;
  paintMap(context, weights, n, colours.table, { left, top, extent: n * side });
  for (const { i, place } of ticks) {
    paintLabel(context, layout, colours.muted, colours, "row", i, place ?? labels[i]);
    paintLabel(context, layout, colours.muted, colours, "column", i, place ?? labels[i]);
  }
  frame(context, colours.line, left, top, n * side, n * side);
}

/** @param {CanvasRenderingContext2D} context @param {Marks} marks @param {Layout} layout @param {MapColours} colours */
export function paintMarks(context, { cell, row, column }, layout, colours) {
  const { n, side, left, top } = layout;
  if (row !== null) frame(context, colours.ink, left, top + row * side, n * side, side);
  if (column !== null) frame(context, colours.ink, left + column * side, top, side, n * side);
  if (cell) frame(context, colours.ink, left + cell.column * side, top + cell.row * side, side, side);
  for (const [axis, chosen] of /** @type {const} */ ([["row", cell?.row ?? row], ["column", cell?.column ?? column]])) {
    if (chosen == null) continue;
    makeRoom(context, layout, colours, axis, chosen);
    paintLabel(context, layout, colours.ink, colours, axis, chosen, layout.labels[chosen]);
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} ink @param {number} left @param {number} top @param {number} width @param {number} height */
function frame(context, ink, left, top, width, height) {
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
}

/** @param {CanvasRenderingContext2D} context @param {Layout} layout @param {string} ink @param {MapColours} colours @param {"row" | "column"} axis @param {number} i @param {string} label */
function paintLabel(context, { narrow, side, type, left, top }, ink, { mono }, axis, i, label) {
  const middle = (i + 0.5) * side;
  context.font = `${type}px ${mono}`;
  context.fillStyle = ink;
  context.textBaseline = "middle";
  if (axis === "row") {
    context.textAlign = "right";
    return context.fillText(label, left - 6, top + middle, left - 8);
  }
  context.save();
  context.translate(left + middle, top - 6);
  if (narrow) {
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillText(label, 0, 0);
  } else {
    context.rotate(-Math.PI / 2);
    context.textAlign = "left";
    context.fillText(label, 0, 0, top - 8);
  }
  context.restore();
}

/**
 * The labels of one axis again, but for those that the chosen one would stand on.
 * @param {CanvasRenderingContext2D} context @param {Layout} layout @param {MapColours} colours @param {"row" | "column"} axis @param {number} chosen
 */
function makeRoom(context, layout, colours, axis, chosen) {
  const { n, labels, ticks, side, type, left, top } = layout;
  context.fillStyle = colours.ground;
  if (axis === "row") context.fillRect(0, top - type / 2, left - 1, n * side + type);
  else context.fillRect(left - type / 2, 0, n * side + type, top - 1);
  for (const { i, place } of ticks) {
    if (i !== chosen && Math.abs(i - chosen) * side >= (type <= side ? 0 : FREE * type)) {
      paintLabel(context, layout, colours.muted, colours, axis, i, place ?? labels[i]);
    }
  }
}

/**
 * The map with its marks and a caption, for taking away.
 * @param {ArrayLike<number>} weights @param {Marks} marks @param {Layout} layout @param {MapColours} colours
 * @param {string} caption
 * @param {number} scale pixels of the picture for each of the map's
 */
export function picture(weights, marks, layout, colours, caption, scale) {
  const type = `${LARGEST_TYPE}px ${colours.sans}`;
  const made = element("canvas");
  const context = made.getContext("2d");
  if (!context) return made;
  context.font = type;
  const width = Math.max(layout.width, Math.ceil(context.measureText(caption).width)) + 2 * BORDER;
  made.width = scale * width;
  made.height = scale * (layout.height + CAPTION + 2 * BORDER);
  context.scale(scale, scale);
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, made.width, made.height);
  context.translate(BORDER, BORDER);
  paintCells(context, weights, layout, colours);
  paintMarks(context, marks, layout, colours);
  context.font = type;
  context.fillStyle = colours.ink;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillText(caption, 0, layout.height + CAPTION);
  return made;
}
