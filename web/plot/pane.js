// @ts-check
/** @import { Axis } from "./axes.js" */
/** @import { Sheet } from "./curves.js" */
// A plot over the steps: uPlot makes the axes and the grid, the curves are drawn into it here.

import "../i18n/browser_language.js";
import { colour } from "../ui/colour.js";
import uPlot from "../../vendor/uPlot.esm.js";
import { LINEAR, STEPS, linearTicks, logTicks, stepName, valueNames } from "./axes.js";

// Pixels: what the numbers of the values take, those of the shares, those of the steps.
const [VALUES, SHARES, STEP_NAMES] = [48, 48, 24];
// Pixels that curves may reach beyond the sides.
const EDGE = 4;
// Pixels between two numbers along the steps, and along the values.
const [ACROSS, UP] = [56, 22];

/**
 * @typedef {object} PaneOptions
 * @property {() => [number, number]} span the steps that are shown
 * @property {() => [number, number]} range the values that are shown
 * @property {boolean} logSteps
 * @property {Axis} axis of the values
 * @property {boolean} shares whether shares have an axis of their own at the right
 * @property {boolean} small a strip: two numbers at its side, none below
 * @property {number} right pixels kept free at the right, the numbers of the shares among them
 * @property {(sheet: Sheet, shares: (share: number) => number) => void} draw
 * @property {() => boolean} [isEmpty] whether there is nothing that its values could be read for
 * @property {(sheet: Sheet) => void} [drawn] after that, also beyond the plotting area
 */

/** @param {HTMLElement} frame @param {PaneOptions} options */
export function pane(frame, options) {
  const { span, range, axis, shares, small, right } = options;
  const across = options.logSteps ? STEPS : LINEAR;
  const look = {
    stroke: colour("--muted"),
    font: `12px ${colour("--sans")}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    gap: 8,
    // Every number there is: uPlot would leave some of a logarithmic axis out.
    filter: (/** @type {uPlot} */ _, /** @type {number[]} */ places) => places,
  };

  const plot = new uPlot(
    {
      width: frame.clientWidth,
      height: frame.clientHeight,
      padding: [8, right - (shares ? SHARES : 0), small ? 8 : 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, distr: 100, ...across, range: span },
        y: { distr: 100, ...axis, range },
        share: { range: [0, 1] },
      },
      axes: [
        {
          ...look,
          size: small ? 0 : STEP_NAMES,
          gap: 6,
          splits: ({ width }, __, low, high) => {
            const most = Math.max(1, (width - VALUES - right) / ACROSS);
            return options.logSteps ? logTicks(low, high, most, STEPS, 1) : linearTicks(low, high, most, 1);
          },
          values: (_, steps) => steps.map((step) => (small ? "" : stepName(step))),
        },
        {
          ...look,
          size: VALUES,
          splits: ({ height }, __, low, high) => {
            if (small) return [low, high];
            const most = Math.max(1, (height - 8 - STEP_NAMES) / UP);
            // The grid's finest distance is a thousandth of a nat.
            return axis === LINEAR ? linearTicks(low, high, most, 1e-3) : logTicks(low, high, most, axis);
          },
          values: (_, values) => (options.isEmpty?.() ? values.map(() => "") : valueNames(values, !small && isEven(values))),
        },
        {
          ...look,
          show: shares,
          side: 1,
          scale: "share",
          stroke: colour("--exact"),
          size: SHARES,
          grid: { show: false },
          values: (_, values) => values.map((share) => `${Math.round(100 * share)} %`),
          incrs: [0.25, 0.5],
        },
      ],
      series: [{}],
      hooks: { draw: [draw] },
    },
    // The scales have their own ranges: uPlot is given no curve.
    [[0, 1]],
    frame,
  );

  /** @param {uPlot} plot */
  function draw({ ctx, bbox, scales }) {
    const { left, top, width, height } = bbox;
    /** @param {Axis} axis @param {uPlot.Scale} scale */
    const along = ({ fwd }, { min = 0, max = 1 }) => {
      const [low, high] = [fwd(min), fwd(max)];
      return (/** @type {number} */ value) => (fwd(value) - low) / (high - low);
    };
    const [x, y] = [along(across, scales.x), along(axis, scales.y)];
    ctx.save();
    ctx.beginPath();
    // Dots at the sides are whole, and so is a line along a strip's edge.
    const [more, above] = [EDGE * devicePixelRatio, small ? devicePixelRatio : 0];
    ctx.rect(left - more, top - above, width + 2 * more, height + 2 * above);
    ctx.clip();
    /** @type {Sheet} */
    const sheet = {
      ctx,
      span: [scales.x.min ?? 0, scales.x.max ?? 1],
      x: (step) => left + width * x(step),
      y: (value) => top + height * (1 - y(value)),
      ratio: devicePixelRatio,
    };
    options.draw(sheet, (share) => top + height * (1 - share));
    ctx.restore();
    if (!options.drawn) return;
    // uPlot counts on finding its own colours again.
    ctx.save();
    options.drawn(sheet);
    ctx.restore();
  }

  return {
    redraw: () => plot.redraw(true, true),
    resize: () => plot.setSize({ width: frame.clientWidth, height: frame.clientHeight }),
    destroy: () => plot.destroy(),
    /** Where the plotting area lies in the frame, in pixels. */
    get area() {
      const { left, top, width, height } = plot.bbox;
      return { left: left / devicePixelRatio, top: top / devicePixelRatio, width: width / devicePixelRatio, height: height / devicePixelRatio };
    },
    /** Pixels from the frame's left edge. @param {number} step */
    placeOf(step) {
      const { left, width } = this.area;
      const [low, high] = span().map(across.fwd);
      return left + (width * (across.fwd(step) - low)) / (high - low);
    },
    /** The step at a place; it may lie between two. @param {number} place pixels from the frame's left edge */
    stepAt(place) {
      const { left, width } = this.area;
      const [low, high] = span().map(across.fwd);
      return across.bwd(low + ((high - low) * (place - left)) / width);
    },
    /** Device pixels from the top. @param {number} value */
    heightOf(value) {
      const { min = 0, max = 1 } = plot.scales.y;
      const [low, high] = [axis.fwd(min), axis.fwd(max)];
      return plot.bbox.top + plot.bbox.height * (1 - (axis.fwd(value) - low) / (high - low));
    },
    plot,
  };
}

/** Whether numbers stand at one distance from each other. @param {readonly number[]} values */
const isEven = (values) => values.length < 3 || Math.abs(values[2] - values[1] - (values[1] - values[0])) < 1e-9 * Math.abs(values[2]);
