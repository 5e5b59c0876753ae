// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// The loss over the steps: training faint and smoothed, validation with its best point, what counting and guessing come to,
// and beside it the share of held-out problems that were answered exactly.

import uPlot from "../vendor/uPlot.esm.js";
import { colour, onSchemeChange } from "./colour.js";
import { button, element, numberUnder, panel, write } from "./dom.js";
import { compact, loss, percent, significant, whole } from "./format.js";
import { countsOnly } from "./selectors.js";
import { words } from "./words.js";

const { plot: said } = words;
// Each baseline has a dash of its own, here and in the legend.
const DASHES = { uniform: [6, 4], unigram: [3, 3], bigram: [1, 3] };
// Pixels below which two baselines' names would run into one another.
const NAMES_APART = 14;

/** @param {Store<State>} store @param {Actions} actions */
export function lossPlot(store, actions) {
  const { legend: names } = said;
  const legend = {
    training: legendItem(names.training, "training-faint"),
    smoothed: legendItem(names.smoothed, "training"),
    validation: legendItem(names.validation, "validation"),
    best: legendItem(names.best, "best"),
    exact: legendItem(names.exact, "exact"),
    uniform: legendItem(names.uniform, "baseline uniform"),
    unigram: legendItem(names.unigram, "baseline unigram"),
    bigram: legendItem(names.bigram, "baseline bigram"),
  };
  const figures = {
    rate: numberUnder(said.figures.rate, "learning_rate"),
    norm: numberUnder(said.figures.norm, "gradient_norm"),
    perplexity: numberUnder(said.figures.perplexity, "perplexity"),
    bits: numberUnder(said.figures.bits, "bits_per_character"),
    tokens: numberUnder(said.figures.tokens),
    epochs: numberUnder(said.figures.epochs, "epoch"),
  };
  const at = element("span", { class: "at" });
  const todo = element("strong");
  const explanation = element("span", {}, said.empty);
  const empty = element("p", { class: "empty" }, todo, explanation);
  const frame = element("div", { class: "plot", role: "img", tabindex: 0 }, empty);
  const spoken = element("p", { class: "unseen", "aria-live": "polite" });
  const restore = button(words.controls.restoreBest, () => actions.restoreBest(), "plain");
  const save = button(said.save, () => actions.saveCurve(), "plain");
  panel(
    "loss-plot",
    said.title,
    element("div", { class: "legend", title: said.help }, ...Object.values(legend).map(({ node }) => node), at),
    frame,
    element(
      "div",
      { class: "beside" },
      element("dl", { class: "numbers" }, ...Object.values(figures).map(({ node }) => node)),
      element("div", { class: "buttons" }, restore, save),
    ),
    spoken,
  );

  /** @type {uPlot | null} */
  let plot = null;
  let smoothed = store.state.history.smoothed();
  /** Whether the plot there is has an axis for exact answers. */
  let scored = false;
  /** Step under the cursor. @type {number | null} */
  let pointed = null;
  let walking = false;

  function draw() {
    const { history, text, building, run, best, step, worker } = store.state;
    smoothed = history.smoothed();
    empty.hidden = !history.isEmpty;
    const counts = countsOnly(store.state);
    write(
      todo,
      counts ? said.counts : building ? said.building : run === "training" ? said.begun : text.value ? said.next : said.first,
    );
    explanation.hidden = counts;
    restore.disabled = worker !== "ready" || !best || best.step === step;
    restore.title = best ? said.restoreHelp : said.noBest;
    save.disabled = history.isEmpty;
    if (history.isEmpty || scored !== history.isScored) discard();
    scored = history.isScored;
    if (!history.isEmpty && frame.clientWidth >= 80 && frame.clientHeight >= 80) {
      const data = dataOf(store.state, smoothed);
      if (plot) plot.setData(data);
      else plot = new uPlot(options(), data, frame);
    }
    read();
  }

  function discard() {
    plot?.destroy();
    plot = null;
    pointed = null;
  }

  /** The numbers of legend and figures: under the cursor, or the last ones. */
  function read() {
    const { history, uniformLoss, baselines, best, step, model } = store.state;
    const training = pointed === null ? history.latest : history.training[indexAt(history.training, pointed)];
    const validation = history.validation[indexAt(history.validation, pointed)];
    const { score } = validation ?? {};
    const exact = score ? score.exact / score.of : null;
    const where = pointed ?? step;
    legend.training.show(training?.loss);
    legend.smoothed.show(smoothed[indexAt(history.training, pointed)]);
    legend.validation.show(validation?.loss);
    legend.best.show(best?.loss, best ? said.at(best.step) : "");
    legend.exact.show(exact, score ? `${whole(score.exact)}/${whole(score.of)}` : "", percent);
    legend.uniform.show(uniformLoss);
    legend.unigram.show(baselines?.unigram);
    legend.bigram.show(baselines?.bigram);
    for (const item of [legend.best, legend.exact, legend.unigram, legend.bigram]) item.hideEmpty();
    write(at, model ? said.atStep(where) : "");

    figures.rate.show(training && significant(training.learning_rate));
    figures.norm.show(training && significant(training.gradient_norm));
    // Of held-out text, where there is any.
    const measured = validation ?? training;
    figures.perplexity.show(measured && significant(measured.perplexity));
    figures.bits.show(measured && significant(measured.bits_per_character));
    figures.tokens.show(training && compact(training.tokens_seen));
    const { epochs } = store.state;
    figures.epochs.show(model && epochs > 0 ? significant((epochs * where) / Math.max(1, step)) : null);

    const losses = { training: training?.loss, validation: validation?.loss, uniform: uniformLoss, ...baselines };
    const text = said.alternative(
      where,
      Object.entries(said.spoken).map(([key, name]) => [name, losses[/** @type {keyof typeof losses} */ (key)]]),
      exact,
    );
    frame.setAttribute("aria-label", model ? text : said.empty);
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
    const baseline = { stroke: colour("--baseline"), width: 1, points: { show: false } };
    return {
      width: frame.clientWidth,
      height: frame.clientHeight,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: () => [0, reach(store.state)] },
        y: { range: () => span(store.state, smoothed) },
        share: { range: () => [0, 1] },
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
        {
          ...axis,
          show: scored,
          side: 1,
          scale: "share",
          stroke: colour("--exact"),
          size: 48,
          grid: { show: false },
          values: (_, shares) => shares.map((share) => `${Math.round(100 * share)} %`),
          incrs: [0.25, 0.5],
        },
      ],
      series: [
        {},
        { stroke: colour("--training-faint"), width: 1, points: { show: false } },
        { stroke: colour("--training"), width: 2, points: { show: false } },
        { stroke: colour("--validation"), width: 2, points: { show: true, size: 5, fill: colour("--validation") } },
        { stroke: colour("--exact"), width: 1.5, scale: "share", points: { show: true, size: 5, fill: colour("--ground") } },
        ...Object.values(DASHES).map((dash) => ({ ...baseline, dash })),
      ],
      hooks: {
        draw: [nameBaselines, markBest],
        setCursor: [
          ({ cursor, data }) => {
            const step = cursor.idx == null || (cursor.left ?? -1) < 0 ? null : data[0][cursor.idx];
            // The baselines run ahead of the run.
            const next = step !== null && step > store.state.step ? null : step;
            if (next === pointed) return;
            pointed = next;
            read();
          },
        ],
      },
    };
  }

  /** The baselines' names at their right ends, as far as there is room. @param {uPlot} plot */
  function nameBaselines({ ctx, bbox, valToPos }) {
    const ratio = devicePixelRatio;
    let above = -Infinity;
    ctx.save();
    ctx.font = `${11 * ratio}px ${colour("--sans")}`;
    ctx.fillStyle = colour("--muted");
    // A curve that passes under a name stays apart from it.
    ctx.strokeStyle = colour("--ground");
    ctx.lineWidth = 4 * ratio;
    ctx.lineJoin = "round";
    ctx.setLineDash([]);
    ctx.textAlign = "right";
    ctx.textBaseline = "bottom";
    const lines = baselinesOf(store.state).sort(([, a], [, b]) => b - a);
    for (const [key, value] of lines) {
      const y = valToPos(value, "y", true);
      if (y - above < NAMES_APART * ratio || y < bbox.top || y > bbox.top + bbox.height) continue;
      /** @type {[string, number, number]} */
      const name = [said.lines[key], bbox.left + bbox.width - 4 * ratio, y - 2 * ratio];
      ctx.strokeText(...name);
      ctx.fillText(...name);
      above = y;
    }
    ctx.restore();
  }

  /** A ring around the best checkpoint. @param {uPlot} plot */
  function markBest({ ctx, valToPos }) {
    const { best } = store.state;
    if (!best) return;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = colour("--validation");
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(valToPos(best.step, "x", true), valToPos(best.loss, "y", true), 6 * ratio, 0, 2 * Math.PI);
    ctx.stroke();
    ctx.restore();
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
    ({ history, historyRevision, step, model, best, text, building, run, worker, recipe }) => [
      history,
      historyRevision,
      step,
      model,
      best,
      text.value,
      building,
      run,
      worker,
      recipe,
    ],
    draw,
  );
}

/** The baselines that are known. @param {Readonly<State>} state @returns {[keyof typeof DASHES, number][]} */
function baselinesOf({ uniformLoss, baselines }) {
  const all = { uniform: uniformLoss, unigram: baselines?.unigram, bigram: baselines?.bigram };
  return Object.keys(DASHES).flatMap((name) => {
    const key = /** @type {keyof typeof DASHES} */ (name);
    const value = all[key];
    return value == null ? [] : [/** @type {[keyof typeof DASHES, number]} */ ([key, value])];
  });
}

/**
 * The curves over one common list of steps.
 * @param {Readonly<State>} state
 * @param {number[]} smoothed
 * @returns {uPlot.AlignedData}
 */
function dataOf(state, smoothed) {
  const { training, validation } = state.history;
  const known = new Map(baselinesOf(state));
  const share = validation.map(({ score }) => (score ? score.exact / score.of : null));
  return uPlot.join([
    [training.map(({ step }) => step), training.map(({ loss }) => loss), smoothed],
    [validation.map(({ step }) => step), validation.map(({ loss }) => loss), share],
    .../** @type {(keyof typeof DASHES)[]} */ (Object.keys(DASHES)).map((key) => {
      const value = known.get(key) ?? null;
      return /** @type {uPlot.AlignedData} */ ([[0, reach(state)], [value, value]]);
    }),
  ]);
}

/** The last step that the plot has room for: it grows in few strides, so that the curve seldom moves. @param {Readonly<State>} state */
function reach({ step, steps, history }) {
  const last = Math.max(step, history.training.at(-1)?.step ?? 0);
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
function span(state, smoothed) {
  const { history, uniformLoss } = state;
  const all = [...smoothed, ...history.validation.map(({ loss }) => loss), ...baselinesOf(state).map(([, value]) => value)];
  let [low, high] = [Infinity, 0];
  for (const value of all) [low, high] = [Math.min(low, value), Math.max(high, value)];
  for (const { loss } of history.training) low = Math.min(low, loss);
  if (!Number.isFinite(low)) return [0, 1];
  const most = Math.max(3, 3 * (uniformLoss ?? high));
  return [Math.max(0, Math.floor(Math.min(low, most - 1) * 2 - 0.2) / 2), Math.ceil(Math.min(high, most) * 2 + 0.2) / 2];
}

/**
 * The point at a step, or the last one before it; the last of all without a step.
 * @param {{ step: number }[]} points @param {number | null} step
 */
const indexAt = (points, step) => (step === null ? points.length - 1 : points.findLastIndex((point) => point.step <= step));

/** @param {string} name @param {string} style */
function legendItem(name, style) {
  const value = element("span", { class: "value" });
  const behind = element("span");
  const node = element("span", { class: "item" }, element("span", { class: `swatch ${style}` }), `${name} `, value, " ", behind);
  return {
    node,
    /** @param {number | null | undefined} number @param {string} [more] @param {(number: number) => string} [format] */
    show(number, more = "", format = loss) {
      write(value, number == null ? words.none : format(number));
      write(behind, more);
    },
    hideEmpty() {
      node.hidden = value.textContent === words.none;
    },
  };
}
