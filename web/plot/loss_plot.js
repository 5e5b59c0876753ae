// @ts-check
/** @import { Actions } from "../flows/actions.js" */
/** @import { RunRecord } from "../state/runs.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Curves, Sheet } from "./curves.js" */
// The loss over the steps: training faint and smoothed, validation with its best point, what counting and guessing come to,
// other runs laid over it, and beside it the share of held-out problems that were answered exactly. Below, over the same
// steps, learning rate and gradient norm.

import { compact, loss, percent, significant, whole } from "../i18n/format.js";
import { words } from "../i18n/words.js";
import { nameOf, overlays } from "../state/runs.js";
import { countsOnly } from "../state/selectors.js";
import { colour, onSchemeChange } from "../ui/colour.js";
import { button, element, numberUnder, panel, write } from "../ui/dom.js";
import { runSwatch, styleOf } from "../ui/run_swatch.js";
import { LINEAR, LOGARITHMIC, STEPS } from "./axes.js";
import { curvesOf, dotCurve, indexAt, merged, strokeCurve, valueAt } from "./curves.js";
import { pane } from "./pane.js";
import { plotPointer } from "./pointer.js";
import { baselinesOf, lossSpan, reach } from "./span.js";
import { plotStrips } from "./strips.js";

const { plot: said } = words;
// Each baseline has a dash of its own, here and in the legend.
const DASHES = { uniform: [6, 4], unigram: [3, 3], bigram: [1, 3] };
// Pixels below which two baselines' names would run into one another.
const NAMES_APART = 14;
// Pixels: from this width on the names of baselines and strips stand at the right; what they take there; what is free elsewhere.
const [WIDE, GUTTER, EDGE] = [560, 96, 12];
// Pixels that the shares' own axis takes.
const SHARES = 48;

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
  const others = element("span", { class: "others", title: said.runHelp });
  const figures = {
    perplexity: numberUnder(said.figures.perplexity, "perplexity"),
    bits: numberUnder(said.figures.bits, "bits_per_character"),
    tokens: numberUnder(said.figures.tokens),
    epochs: numberUnder(said.figures.epochs, "epoch"),
  };
  const at = element("span", { class: "at" });
  const todo = element("strong");
  const explanation = element("span", {}, said.empty);
  const empty = element("p", { class: "empty" }, todo, explanation);
  const described = element("p", { hidden: true, id: "loss-plot-axes" });
  const frame = element("div", { class: "plot", role: "img", tabindex: 0, "aria-describedby": described.id }, empty);
  const cursor = element("div", { class: "cursor", hidden: true });
  const strips = plotStrips(() => ({ curves: own, span: span() }), () => schedule());
  const area = element("div", { class: "plots" }, frame, strips.node, cursor);
  const spoken = element("p", { class: "unseen", "aria-live": "polite" });
  const restore = button(words.controls.restoreBest, () => actions.restoreBest(), "plain");
  const save = button(words.saveAsCsv, () => actions.saveCurve(), "plain");
  const logSteps = toggle(said.logSteps, said.logStepsHelp, () => actions.view({ logSteps: !store.state.view.logSteps }));
  const logLoss = toggle(said.logLoss, said.logLossHelp, () => actions.view({ logLoss: !store.state.view.logLoss }));
  const zoomed = element("span", { class: "muted" });
  const all = button(said.all, () => actions.view({ zoom: null }), "plain");
  all.title = said.allHelp;
  panel(
    "loss-plot",
    said.title,
    element("div", { class: "view" }, zoomed, all, restore, save, logSteps, logLoss),
    element("div", { class: "legend", title: said.help }, ...Object.values(legend).map(({ node }) => node), others, at),
    area,
    element("dl", { class: "numbers beside" }, ...Object.values(figures).map(({ node }) => node)),
    described,
    spoken,
  );

  // What is drawn is read of this: it is drawn again when that changes.
  const { view: state } = store;
  /** @type {ReturnType<typeof pane> | null} */
  let plot = null;
  /** What the plot there is was made for: anything else takes another one. */
  let made = "";
  let own = curvesOf(store.state.history);
  /** @type {{ run: RunRecord, curves: Curves, item: ReturnType<typeof runItem> }[]} */
  let laid = [];
  /** What the legend's entries of other runs were made for. */
  let listed = "";
  /** Steps that the cursor stops at. */
  let stops = new Float64Array();
  /** Step under the cursor. @type {number | null} */
  let pointed = null;
  let walking = false;
  /** What a key did to the part that is seen, for the ear. */
  let zooming = "";

  /** The steps that are shown. @returns {[number, number]} */
  function span() {
    const { zoom } = state.view;
    return zoom ? [zoom.from, zoom.to] : [0, lastStep()];
  }
  const lastStep = () => reach(state, Math.max(0, ...laid.map(({ run }) => run.history.end)));
  const range = () => lossSpan(state, own, laid.map(({ curves }) => curves), span());

  const hasText = store.computed(({ text }) => text.value !== "");
  const schedule = store.draw(draw);

  function draw() {
    const { history, building, run, best, step, worker, view } = state;
    own = curvesOf(history);
    const runs = overlays(state);
    const entries = runs.map((run) => [run.id, run.look, nameOf(run, state)].join()).join("\n");
    const same = entries === listed;
    listed = entries;
    laid = runs.map((run, i) => ({ run, curves: curvesOf(run.history), item: same ? laid[i].item : runItem(run, nameOf(run, state)) }));
    if (!same) others.replaceChildren(...laid.map(({ item }) => item.node));
    const nothing = history.isEmpty && laid.length === 0;
    empty.hidden = !nothing;
    const counts = countsOnly(state);
    write(
      todo,
      counts ? said.counts : building ? said.building : run === "training" ? said.begun : hasText.value ? said.next : said.first,
    );
    explanation.hidden = counts;
    restore.disabled = worker !== "ready" || !best || best.step === step;
    restore.title = best ? said.restoreHelp : said.noBest;
    save.disabled = history.isEmpty;
    logSteps.setAttribute("aria-pressed", String(view.logSteps));
    logLoss.setAttribute("aria-pressed", String(view.logLoss));
    all.hidden = zoomed.hidden = !view.zoom;
    write(zoomed, view.zoom ? said.zoomed(view.zoom.from, view.zoom.to) : "");
    strips.node.hidden = nothing;

    const scored = history.isScored;
    const wide = frame.clientWidth >= WIDE;
    const wanted = [scored, wide, view.logSteps, view.logLoss].join();
    if (nothing || wanted !== made) discard();
    made = wanted;
    if (!nothing && frame.clientWidth >= 80 && frame.clientHeight >= 80) {
      stops = merged([own.steps, own.validated, ...laid.flatMap(({ curves }) => [curves.steps, curves.validated])]);
      const right = Math.max(wide ? GUTTER : EDGE, scored ? SHARES : 0);
      if (plot) plot.redraw();
      else {
        plot = pane(frame, {
          span,
          range,
          right,
          logSteps: view.logSteps,
          axis: view.logLoss ? LOGARITHMIC : LINEAR,
          shares: scored,
          small: false,
          draw: drawCurves,
          drawn: (sheet) => {
            if (wide && !scored) nameBaselines(true);
            const { best } = state;
            if (best && best.step >= sheet.span[0] && best.step <= sheet.span[1]) markBest(sheet, best);
          },
        });
      }
      strips.draw(view.logSteps, right);
    }
    write(described, nothing ? "" : `${said.axes(span(), range(), view.logSteps, view.logLoss)} ${said.keys}`);
    read();
  }

  function discard() {
    plot?.destroy();
    plot = null;
    strips.discard();
  }

  /** The numbers of legend, figures and strips: under the cursor, or the last ones. */
  function read() {
    const { history, uniformLoss, baselines, best, step, model } = state;
    // Another run may go on where this one has ended.
    const beyond = pointed !== null && pointed > Math.max(history.end, step);
    const of = (/** @type {Float64Array} */ steps) => (pointed === null ? steps.length - 1 : beyond ? -1 : indexAt(steps, pointed));
    const training = pointed === null ? history.latest : history.training[of(own.steps)];
    const validation = history.validation[of(own.validated)];
    const { score } = validation ?? {};
    const exact = score ? score.exact / score.of : null;
    const where = pointed ?? step;
    legend.training.show(training?.loss);
    legend.smoothed.show(own.smoothed[of(own.steps)]);
    legend.validation.show(validation?.loss);
    legend.best.show(best?.loss, best ? said.at(best.step) : "");
    legend.exact.show(exact, score ? `${whole(score.exact)}/${whole(score.of)}` : "", percent);
    legend.uniform.show(uniformLoss);
    legend.unigram.show(baselines?.unigram);
    legend.bigram.show(baselines?.bigram);
    for (const item of [legend.best, legend.exact, legend.unigram, legend.bigram]) item.hideEmpty();
    write(at, model || laid.length > 0 ? said.atStep(where) : "");

    // Of held-out text, where there is any.
    const measured = validation ?? training;
    figures.perplexity.show(measured && significant(measured.perplexity));
    figures.bits.show(measured && significant(measured.bits_per_character));
    figures.tokens.show(training && compact(training.tokens_seen));
    const { epochs } = state;
    figures.epochs.show(model && epochs > 0 && !beyond ? significant((epochs * where) / Math.max(1, step)) : null);
    const [rate, norm] = [training?.learning_rate ?? null, training?.gradient_norm ?? null];
    strips.read({ rate, norm });

    const losses = { training: training?.loss, validation: validation?.loss, uniform: uniformLoss, ...baselines };
    const runs = laid.map(({ run, curves, item }) => {
      const over = pointed !== null && pointed > run.history.end;
      const smoothed = over ? null : valueAt(curves.steps, curves.smoothed, pointed);
      const validated = over ? null : valueAt(curves.validated, curves.validation, pointed);
      item.show(smoothed, validated);
      return /** @type {[string, number | null, number | null]} */ ([nameOf(run, state), smoothed, validated]);
    });
    const text = said.alternative(
      where,
      Object.entries(said.spoken).map(([key, name]) => [name, losses[/** @type {keyof typeof losses} */ (key)]]),
      exact,
      rate,
      norm,
      runs,
    );
    frame.setAttribute("aria-label", model || laid.length > 0 ? text : said.empty);
    write(spoken, walking && pointed !== null ? text : zooming);
    const place = pointed === null || !plot ? NaN : frame.offsetLeft + plot.placeOf(pointed);
    const seen = pointed !== null && pointed >= span()[0] && pointed <= span()[1] && Number.isFinite(place);
    cursor.hidden = !seen;
    if (seen) cursor.style.left = `${Math.round(place)}px`;
  }

  /** @param {Sheet} sheet @param {(share: number) => number} shareY */
  function drawCurves(sheet, shareY) {
    const { history } = state;
    const [baseline, ground] = [colour("--baseline"), colour("--ground")];
    for (const [key, value] of baselinesOf(state)) {
      const ends = Float64Array.from(span());
      strokeCurve(sheet, ends, Float64Array.from([value, value]), { colour: baseline, width: 1, dash: DASHES[key] });
    }
    for (const { run, curves } of laid) {
      const { name, dash } = styleOf(run);
      const stroke = colour(name);
      strokeCurve(sheet, curves.steps, curves.smoothed, { colour: stroke, width: 1, dash });
      strokeCurve(sheet, curves.validated, curves.validation, { colour: stroke, width: 2, dash });
      dotCurve(sheet, curves.validated, curves.validation, { colour: stroke, fill: ground, size: 5, apart: 10 });
    }
    strokeCurve(sheet, own.steps, own.loss, { colour: colour("--training-faint"), width: 1 });
    strokeCurve(sheet, own.steps, own.smoothed, { colour: colour("--training"), width: 2 });
    const validation = colour("--validation");
    strokeCurve(sheet, own.validated, own.validation, { colour: validation, width: 2 });
    dotCurve(sheet, own.validated, own.validation, { colour: validation, fill: validation, size: 5, apart: 10 });
    if (history.isScored) {
      const shares = { ...sheet, y: shareY };
      const exact = colour("--exact");
      strokeCurve(shares, own.validated, own.exact, { colour: exact, width: 1.5 });
      dotCurve(shares, own.validated, own.exact, { colour: exact, fill: ground, size: 5, apart: 10 });
    }
    if (made.startsWith("true") || frame.clientWidth < WIDE) nameBaselines(false);
  }

  /** A ring around the best checkpoint. @param {Sheet} sheet @param {{ step: number, loss: number }} best */
  function markBest({ ctx, x, y, ratio }, best) {
    ctx.strokeStyle = colour("--validation");
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(x(best.step), y(best.loss), 6 * ratio, 0, 2 * Math.PI);
    ctx.stroke();
  }

  /** The baselines' names at their right ends, as far as there is room. @param {boolean} outside beside the plot, where it is free */
  function nameBaselines(outside) {
    if (!plot) return;
    const { ctx, bbox } = plot.plot;
    const ratio = devicePixelRatio;
    let above = -Infinity;
    ctx.save();
    ctx.font = `${12 * ratio}px ${colour("--sans")}`;
    ctx.fillStyle = colour("--muted");
    // A curve that passes under a name stays apart from it.
    ctx.strokeStyle = colour("--ground");
    ctx.lineWidth = 4 * ratio;
    ctx.lineJoin = "round";
    ctx.setLineDash([]);
    ctx.textAlign = outside ? "left" : "right";
    ctx.textBaseline = outside ? "middle" : "bottom";
    const lines = baselinesOf(state).sort(([, a], [, b]) => b - a);
    for (const [key, value] of lines) {
      const y = plot.heightOf(value);
      if (y - above < NAMES_APART * ratio || y < bbox.top || y > bbox.top + bbox.height) continue;
      const x = bbox.left + bbox.width + (outside ? 8 : -4) * ratio;
      if (!outside) ctx.strokeText(said.lines[key], x, y - 2 * ratio);
      ctx.fillText(said.lines[key], x, outside ? y : y - 2 * ratio);
      above = y;
    }
    ctx.restore();
  }

  // The cursor and the zoom

  /** @param {number | null} step */
  function point(step) {
    if (step === pointed) return;
    pointed = step;
    read();
  }

  /** The stop that is nearest; none beyond the last. @param {number} step */
  function nearest(step) {
    const i = indexAt(stops, step);
    if (stops.length === 0 || (i === stops.length - 1 && step > stops[i] + 0.5)) return null;
    if (i < 0) return stops[0];
    return i + 1 < stops.length && stops[i + 1] - step < step - stops[i] ? stops[i + 1] : stops[i];
  }

  /** @param {number} from @param {number} to steps, at any place between two */
  function zoom(from, to) {
    const last = lastStep();
    let [low, high] = [Math.max(0, Math.round(from)), Math.min(last, Math.round(to))];
    if (high - low < 2) [low, high] = [Math.max(0, Math.min(last, high) - 2), Math.max(2, Math.min(last, low + 2))];
    const next = low <= 0 && high >= last ? null : { from: low, to: high };
    actions.view({ zoom: next });
    return next;
  }

  plotPointer(area, {
    edges() {
      if (!plot || !frame.checkVisibility()) return null;
      const left = frame.offsetLeft + plot.area.left;
      return { left, right: left + plot.area.width };
    },
    point(place) {
      walking = false;
      zooming = "";
      point(place === null || !plot ? null : nearest(plot.stepAt(place - frame.offsetLeft)));
    },
    stepAt: (place) => plot?.stepAt(place - frame.offsetLeft) ?? 0,
    placeOf: (step) => (plot?.placeOf(step) ?? 0) + frame.offsetLeft,
    choose: zoom,
    all: () => actions.view({ zoom: null }),
  });

  /** Nearer or farther, about the step under the cursor. @param {number} factor of the width that is seen */
  function scale(factor) {
    const { fwd, bwd } = store.state.view.logSteps ? STEPS : LINEAR;
    const [from, to] = span().map(fwd);
    const about = pointed === null ? (from + to) / 2 : fwd(pointed);
    return zoom(bwd(about - (about - from) * factor), bwd(about + (to - about) * factor));
  }

  // Arrow keys walk the points; by ten with Shift. Plus, minus and 0 zoom.
  frame.addEventListener("keydown", (event) => {
    if (!plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const factor = { "+": 0.5, "=": 0.5, "-": 2, _: 2, 0: Infinity }[event.key];
    if (factor !== undefined) {
      event.preventDefault();
      const now = factor === Infinity ? zoom(0, Infinity) : scale(factor);
      const [from, to] = now ? [now.from, now.to] : [0, lastStep()];
      walking = false;
      zooming = said.zoomed(from, to);
      return;
    }
    const stride = event.shiftKey ? 10 : 1;
    const last = indexAt(stops, laid.length > 0 ? Infinity : store.state.step);
    const index = pointed === null ? last : indexAt(stops, pointed);
    const next = { ArrowLeft: index - stride, ArrowRight: index + stride, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    walking = true;
    zooming = "";
    const step = stops[Math.max(0, Math.min(last, next))];
    const { zoom: part } = store.state.view;
    // What is walked to comes into sight.
    if (part && step < part.from) zoom(step, step + part.to - part.from);
    if (part && step > part.to) zoom(step - (part.to - part.from), step);
    point(step);
  });
  frame.addEventListener("blur", () => {
    walking = false;
    zooming = "";
    point(null);
  });

  new ResizeObserver(() => {
    if (plot && frame.clientWidth >= 80 && frame.clientHeight >= 80) plot.resize();
    schedule();
  }).observe(frame);
  onSchemeChange(() => {
    discard();
    schedule();
  });
}

/** A button that stays pressed. @param {string} label @param {string} help @param {() => void} press */
function toggle(label, help, press) {
  const made = button(label, press, "plain toggle");
  made.title = help;
  return made;
}

/** Another run's entry in the legend. @param {RunRecord} run @param {string} name */
function runItem(run, name) {
  const value = element("span", { class: "value" });
  return {
    node: element("span", { class: "item" }, runSwatch(run), element("bdi", { class: "name", title: name }, name), " ", value),
    /** @param {number | null} training @param {number | null} validation */
    show: (training, validation) => write(value, said.run(training, validation)),
  };
}

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
