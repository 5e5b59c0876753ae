// @ts-check
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// The loss over the steps: training faint and smoothed, validation, and the loss of knowing nothing.

import uPlot from "../vendor/uPlot.esm.js";
import { colour, onSchemeChange } from "./colour.js";
import { element, panel, write } from "./dom.js";
import { compact, loss, whole } from "./format.js";
import { words } from "./words.js";

/** @param {Store<State>} store */
export function lossPlot(store) {
  const legend = {
    training: legendItem(words.plot.legend.training, "training-faint"),
    smoothed: legendItem(words.plot.legend.smoothed, "training"),
    validation: legendItem(words.plot.legend.validation, "validation"),
    uniform: legendItem(words.plot.legend.uniform, "baseline"),
  };
  const at = element("span", { class: "at" });
  const todo = element("strong");
  const empty = element("p", { class: "empty" }, todo, element("span", {}, words.plot.empty));
  const frame = element("div", { class: "plot", role: "img", tabindex: 0 }, empty);
  const spoken = element("p", { class: "unseen", "aria-live": "polite" });
  panel(
    "loss-plot",
    words.plot.title,
    element("div", { class: "legend", title: words.plot.help }, ...Object.values(legend).map(({ node }) => node), at),
    frame,
    spoken,
  );

  /** @type {uPlot | null} */
  let plot = null;
  let smoothed = store.state.history.smoothed();
  /** Step under the cursor. @type {number | null} */
  let pointed = null;
  let walking = false;

  function draw() {
    const { history, text, building, run } = store.state;
    smoothed = history.smoothed();
    const some = history.steps.length > 0 || history.validationSteps.length > 0;
    empty.hidden = some;
    const { first, next, building: made, begun } = words.plot;
    write(todo, building ? made : run === "training" ? begun : text.value ? next : first);
    if (!some || frame.clientWidth < 80 || frame.clientHeight < 80) {
      if (!some) discard();
      return read();
    }
    const data = dataOf(store.state, smoothed);
    if (plot) plot.setData(data);
    else plot = new uPlot(options(), data, frame);
    read();
  }

  function discard() {
    plot?.destroy();
    plot = null;
    pointed = null;
  }

  /** The legend's numbers: under the cursor, or the last ones. */
  function read() {
    const { history, uniformLoss, step, model } = store.state;
    const training = valueAt(history.steps, history.losses, pointed);
    const validation = valueAt(history.validationSteps, history.validationLosses, pointed);
    legend.training.show(pointed === null ? history.latest : training);
    legend.smoothed.show(valueAt(history.steps, smoothed, pointed));
    legend.validation.show(validation);
    legend.uniform.show(uniformLoss);
    const where = pointed ?? step;
    write(at, model ? words.plot.atStep(where) : "");
    const text = words.plot.alternative(where, pointed === null ? history.latest : training, validation, uniformLoss);
    frame.setAttribute("aria-label", model ? text : words.plot.empty);
    write(spoken, walking && pointed !== null ? text : "");
  }

  /** @returns {uPlot.Options} */
  function options() {
    const line = colour("--line");
    const font = `12px ${colour("--sans")}`;
    /** @type {uPlot.Axis} */
    const axis = {
      stroke: colour("--muted"),
      font,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
      gap: 8,
    };
    return {
      width: frame.clientWidth,
      height: frame.clientHeight,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: () => [0, reach(store.state)] },
        y: { range: () => span(store.state, smoothed) },
      },
      axes: [
        {
          ...axis,
          size: 28,
          incrs: [1, 2, 5].flatMap((digit) => Array.from({ length: 8 }, (_, i) => digit * 10 ** i)).sort((a, b) => a - b),
          values: (_, steps) => steps.map((step) => (step < 10_000 ? whole(step) : compact(step))),
        },
        // The grid's finest distance is a tenth of a nat.
        { ...axis, size: 40, values: (_, losses) => losses.map((value) => value.toFixed(1)), incrs: [0.1, 0.2, 0.5, 1, 2, 5, 10] },
      ],
      series: [
        {},
        { stroke: colour("--training-faint"), width: 1, points: { show: false } },
        { stroke: colour("--training"), width: 2, points: { show: false } },
        { stroke: colour("--validation"), width: 2, points: { show: true, size: 5, fill: colour("--validation") } },
        { stroke: colour("--baseline"), width: 1, dash: [6, 4], points: { show: false } },
      ],
      hooks: {
        setCursor: [
          ({ cursor, data }) => {
            const step = cursor.idx == null || (cursor.left ?? -1) < 0 ? null : data[0][cursor.idx];
            // The baseline runs ahead of the run.
            const next = step !== null && step > store.state.step ? null : step;
            if (next === pointed) return;
            pointed = next;
            read();
          },
        ],
      },
    };
  }

  // Arrow keys walk the points; by ten with Shift.
  frame.addEventListener("keydown", (event) => {
    if (!plot) return;
    const steps = plot.data[0];
    const stride = event.shiftKey ? 10 : 1;
    const last = plot.valToIdx(store.state.step);
    const from = pointed === null ? last : plot.valToIdx(pointed);
    const to = { ArrowLeft: from - stride, ArrowRight: from + stride, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    walking = true;
    const step = steps[Math.max(0, Math.min(last, to))];
    plot.setCursor({ left: plot.valToPos(step, "x"), top: 0 });
  });
  frame.addEventListener("blur", () => {
    walking = false;
    plot?.setCursor({ left: -10, top: -10 });
  });
  frame.addEventListener("pointermove", () => (walking = false));

  new ResizeObserver(() => {
    if (plot && frame.clientWidth >= 80 && frame.clientHeight >= 80) {
      plot.setSize({ width: frame.clientWidth, height: frame.clientHeight });
    } else draw();
  }).observe(frame);
  onSchemeChange(() => {
    discard();
    draw();
  });
  store.watch(
    ({ history, historyRevision, step, model, text, building, run }) => [
      history,
      historyRevision,
      step,
      model,
      text.value,
      building,
      run,
    ],
    draw,
  );
}

/**
 * The curves over one common list of steps.
 * @param {Readonly<State>} state
 * @param {number[]} smoothed
 * @returns {uPlot.AlignedData}
 */
function dataOf(state, smoothed) {
  const { history, uniformLoss } = state;
  /** @type {uPlot.AlignedData[]} */
  const tables = [
    [history.steps, history.losses, smoothed],
    [history.validationSteps, history.validationLosses],
  ];
  if (uniformLoss !== null) tables.push([[0, reach(state)], [uniformLoss, uniformLoss]]);
  else tables.push([[], []]);
  return uPlot.join(tables);
}

/** The last step that the plot has room for: it grows in few strides, so that the curve seldom moves. @param {Readonly<State>} state */
function reach({ step, steps, history }) {
  const last = Math.max(step, history.steps.at(-1) ?? 0);
  let stride = 50;
  while (stride < last) stride *= 2;
  return last > steps ? stride : Math.min(stride, steps);
}

/**
 * From the half nat below the lowest loss to the half nat above the curves; single batches may stick out, and so does a
 * run beyond three times the loss of knowing nothing.
 * @param {Readonly<State>} state
 * @param {number[]} smoothed
 * @returns {[number, number]}
 */
function span({ history, uniformLoss }, smoothed) {
  const all = [...smoothed, ...history.validationLosses];
  if (uniformLoss !== null) all.push(uniformLoss);
  let [low, high] = [Infinity, 0];
  for (const value of all) [low, high] = [Math.min(low, value), Math.max(high, value)];
  for (const value of history.losses) low = Math.min(low, value);
  if (!Number.isFinite(low)) return [0, 1];
  const most = Math.max(3, 3 * (uniformLoss ?? high));
  return [Math.max(0, Math.floor(Math.min(low, most - 1) * 2 - 0.2) / 2), Math.ceil(Math.min(high, most) * 2 + 0.2) / 2];
}

/**
 * The value at a step, or at the last one before it; the last of all without a step.
 * @param {number[]} steps @param {number[]} values @param {number | null} step
 * @returns {number | null}
 */
function valueAt(steps, values, step) {
  const index = step === null ? steps.length - 1 : steps.findLastIndex((other) => other <= step);
  return index < 0 ? null : values[index];
}

/** @param {string} name @param {string} style */
function legendItem(name, style) {
  const value = element("span", { class: "value" });
  return {
    node: element("span", { class: "item" }, element("span", { class: `swatch ${style}` }), `${name} `, value),
    /** @param {number | null} number */
    show: (number) => write(value, number === null ? words.none : loss(number)),
  };
}
