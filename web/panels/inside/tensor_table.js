// @ts-check
/** @import { Spread } from "../../core/protocol" */
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// Every tensor of the model: how its weights and its last gradient are spread.

import { words } from "../../i18n/words.js";
import { quoted } from "../../state/csv.js";
import { colour, onSchemeChange } from "../../ui/colour.js";
import { csvButton } from "../../ui/csv_button.js";
import { element, write } from "../../ui/dom.js";
import { follow } from "../../ui/follow.js";
import { problemDisplay } from "../../ui/problem_display.js";

const { tensors: said } = words.inside;
// 3000 ms: all weights and gradients are read for each answer.
const REFRESH = 3000;
// Pixels of a histogram.
const [WIDTH, HEIGHT] = [80, 24];

/** @param {Store<State>} store @param {Actions} actions */
export function tensorTable(store, actions) {
  const node = element("div", { class: "inner" });
  const explained = element("p", { class: "muted" }, said.help);
  const caption = element("p", { class: "caption" });
  const beneath = element("div", { class: "beneath" }, caption, csvButton(() => saved(store.state)));
  const problem = problemDisplay();
  const body = element("tbody");
  const columns = [said.columns.tensor, said.columns.weights, said.columns.gradients].map((name) => element("th", { scope: "col" }, name));
  const table = element("table", { class: "tensors", "aria-label": said.title }, element("thead", {}, element("tr", {}, ...columns)), body);
  const frame = element("div", { class: "scrolled", tabindex: 0, role: "region", "aria-label": said.title }, table);
  follow(store, actions, node, "tensors", () => "", REFRESH);

  function render({ answer, problem: refused } = store.state.looks.tensors) {
    problem.show(refused, false);
    frame.hidden = beneath.hidden = !answer;
    write(caption, answer ? words.attention.caption(answer.step) : "");
    const filled = colour("--map-high");
    body.replaceChildren(
      ...(answer?.tensors ?? []).map(({ name, shape, weights, gradient }) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, element("span", { class: "mono" }, ...breakable(name)), element("span", { class: "muted" }, said.shape(shape))),
          element("td", {}, ...spreadNodes(weights, filled)),
          element("td", {}, ...(gradient ? spreadNodes(gradient, filled) : [words.none])),
        ),
      ),
    );
  }
  const tensors = store.computed(({ looks }) => looks.tensors);
  store.watch(() => render(tensors.value));
  onSchemeChange(() => render());
  node.append(explained, problem.node, frame, beneath);
  return node;
}

/** Every histogram, a row each. @param {Readonly<State>} state */
function saved({ looks }) {
  const { answer } = looks.tensors;
  if (!answer) return null;
  const row = (/** @type {string} */ name, /** @type {readonly number[]} */ shape, /** @type {string} */ of, /** @type {Spread | null | undefined} */ spread) =>
    spread ? [[quoted(name), quoted(shape.join("×")), of, spread.mean, spread.deviation, spread.low, spread.high, spread.not_finite, ...spread.bars]] : [];
  const rows = answer.tensors.flatMap(({ name, shape, weights, gradient }) => [...row(name, shape, "weights", weights), ...row(name, shape, "gradient", gradient)]);
  const bars = Array.from(answer.tensors[0]?.weights.bars ?? [], (_, i) => `bar ${i + 1}`);
  const head = ["tensor", "shape", "of", "mean", "standard deviation", "lowest", "highest", "not finite", ...bars];
  return { name: `tensors-step-${answer.step}`, rows: [head, ...rows] };
}

/** @param {Spread} spread @param {string} filled */
function spreadNodes({ mean, deviation, low, high, bars, not_finite }, filled) {
  const sentence = said.range(low, high);
  const canvas = element("canvas", { width: WIDTH * devicePixelRatio, height: HEIGHT * devicePixelRatio, role: "img", "aria-label": sentence, title: sentence });
  const context = canvas.getContext("2d");
  const most = Math.max(...bars, 1);
  if (context) {
    context.fillStyle = filled;
    const width = canvas.width / bars.length;
    bars.forEach((count, i) => {
      const height = (canvas.height * count) / most;
      context.fillRect(i * width, canvas.height - height, width, height);
    });
  }
  const figures = element("span", {}, said.spread(mean, deviation));
  return not_finite > 0 ? [canvas, figures, element("span", { class: "caution" }, said.notFinite(not_finite))] : [canvas, figures];
}

/** A dotted path that may break behind its dots and strokes. @param {string} name */
const breakable = (name) => name.split(/(?<=[._])/).flatMap((part) => [part, element("wbr")]);
