// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The commonest tokens' embeddings in the plane, and the nearest of a chosen one.

import { visible, weight } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { quoted } from "../../state/csv.js";
import { bar } from "../../ui/bars.js";
import { colour, onSchemeChange } from "../../ui/colour.js";
import { csvButton } from "../../ui/csv_button.js";
import { element, write } from "../../ui/dom.js";
import { follow } from "../../ui/follow.js";
import { problemDisplay } from "../../ui/problem_display.js";

const { embeddings: said } = words.inside;
// 3000 ms: the plane is sought anew for each answer.
const REFRESH = 3000;
// Pixels: height, what stays free at the edges, a label's type, how near the pointer has to be.
const [HEIGHT, EDGE, TYPE, REACH] = [280, 20, 12, 16];

/** @param {Store<State>} store @param {Actions} actions */
export function embeddingScatter(store, actions) {
  const node = element("div", { class: "inner" });
  const explained = element("p", { class: "muted" }, said.help);
  const problem = problemDisplay();
  const canvas = element("canvas", { tabindex: 0, role: "img" });
  const frame = element("div", { class: "plane" }, canvas);
  const axes = element("p", { class: "muted" });
  const beneath = element("div", { class: "beneath" }, axes, csvButton(() => saved(store.state)));
  const readout = element("p", { class: "readout" });
  const nearest = element("p", { class: "muted" });
  const list = element("ol", { class: "candidates near", "aria-label": said.nearestList });

  follow(store, actions, node, "embeddings", () => "", REFRESH);
  follow(store, actions, node, "neighbours", ({ token, looks }) => (token === null ? null : `${token} at ${looks.embeddings.answer?.step}`));

  /** Index of the token under the pointer or the keys. @type {number | null} */
  let at = null;
  /** Where each token stands, in pixels. @type {[number, number][]} */
  let places = [];

  function draw(token = store.state.token) {
    const { answer } = store.state.looks.embeddings;
    const width = frame.clientWidth;
    const context = canvas.getContext("2d");
    if (!context || width === 0 || !answer) return;
    const { points } = answer.projection;
    if (at !== null && at >= points.length) at = null;
    const ratio = devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${HEIGHT}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [across, down] = [0, 1].map((axis) => spanOf(points.map((point) => point[axis])));
    places = points.map(([x, y]) => [
      EDGE + ((x - across.low) / across.length) * (width - 2 * EDGE),
      HEIGHT - EDGE - ((y - down.low) / down.length) * (HEIGHT - 2 * EDGE),
    ]);
    const [ink, muted, line] = [colour("--ink"), colour("--muted"), colour("--line")];
    context.strokeStyle = line;
    context.strokeRect(0.5, 0.5, width - 1, HEIGHT - 1);
    context.font = `${TYPE}px ${colour("--mono")}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    /** Boxes with a label in them; the commonest come first. @type {[number, number, number][]} */
    const taken = [];
    const chosen = answer.ids.indexOf(token ?? -1);
    const order = [at, chosen, ...places.keys()].filter((i) => i !== null && i >= 0);
    for (const i of new Set(/** @type {number[]} */ (order))) {
      const [x, y] = places[i];
      const label = visible(answer.tokens[i]);
      const half = context.measureText(label).width / 2 + 1;
      context.fillStyle = i === at || i === chosen ? ink : muted;
      const free = taken.every(([left, top, far]) => Math.abs(top - y) >= TYPE || x - half >= far || x + half <= left);
      if (free) {
        context.fillText(label, Math.max(half, Math.min(width - half, x)), y);
        taken.push([x - half, y, x + half]);
      } else {
        context.fillRect(x - 1, y - 1, 2, 2);
      }
      if (i === at || i === chosen) {
        context.strokeStyle = i === at ? ink : muted;
        context.strokeRect(x - half - 2.5, y - TYPE / 2 - 2.5, 2 * half + 5, TYPE + 5);
      }
    }
    canvas.setAttribute("aria-label", said.alternative(answer.step, points.length, answer.projection.explained));
    write(readout, at === null ? said.walk : said.token(answer.tokens[at], answer.ids[at]));
  }

  /** @param {number | null} next @param {boolean} walking */
  function point(next, walking) {
    readout.setAttribute("aria-live", walking ? "polite" : "off");
    if (next === at) return;
    at = next;
    draw();
  }

  function choose() {
    const id = at === null ? undefined : store.state.looks.embeddings.answer?.ids[at];
    if (id !== undefined) actions.inspection.choose(id);
  }

  /** The place nearest to here, if any counts. @param {(x: number, y: number, i: number) => number} distance */
  function best(distance) {
    const far = places.map(([x, y], i) => distance(x, y, i));
    const least = Math.min(...far);
    return Number.isFinite(least) ? far.indexOf(least) : null;
  }

  /** @param {PointerEvent | MouseEvent} event */
  const under = ({ offsetX, offsetY }) =>
    best((x, y) => {
      const distance = Math.hypot(x - offsetX, y - offsetY);
      return distance <= REACH ? distance : Infinity;
    });
  canvas.addEventListener("pointermove", (event) => point(under(event), false));
  canvas.addEventListener("pointerleave", () => point(null, false));
  canvas.addEventListener("blur", () => point(null, false));
  canvas.addEventListener("click", (event) => {
    point(under(event), false);
    choose();
  });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter") choose();
    if (!move || places.length === 0) return;
    event.preventDefault();
    if (at === null) return point(0, true);
    const [fromX, fromY] = places[at];
    // Straight ahead counts for more than aside.
    const next = best((x, y, i) => {
      const ahead = (x - fromX) * move[0] + (y - fromY) * move[1];
      const aside = Math.abs((x - fromX) * move[1]) + Math.abs((y - fromY) * move[0]);
      return i !== at && ahead > 0 && ahead >= aside / 2 ? ahead + 2 * aside : Infinity;
    });
    if (next !== null) point(next, true);
  });

  const embeddings = store.computed(({ looks }) => looks.embeddings);
  store.watch(({ token }) => {
    const { answer, problem: refused } = embeddings.value;
    problem.show(refused, false);
    for (const node of [frame, beneath, readout]) node.hidden = !answer;
    write(axes, answer ? said.axes(answer.projection.explained, answer.step) : "");
    draw(token);
  });
  const near = store.computed(({ looks: { neighbours: { answer, of } }, token }) => (answer && token !== null && of.startsWith(`${token} `) ? answer : null));
  store.watch(() => {
    const { value: now } = near;
    write(nearest, now ? said.nearest(now.token) : "");
    nearest.hidden = !now;
    list.replaceChildren(
      ...(now?.neighbours ?? []).map(({ text, cosine }) =>
        element("li", {}, element("span", { class: "mono text" }, visible(text)), bar(cosine), element("span", { class: "share" }, weight(cosine))),
      ),
    );
  });
  onSchemeChange(() => draw());
  new ResizeObserver(() => draw()).observe(frame);
  node.append(explained, problem.node, frame, readout, beneath, nearest, list);
  return node;
}

/** Where every token stands. @param {Readonly<State>} state */
function saved({ looks }) {
  const { answer } = looks.embeddings;
  if (!answer) return null;
  const rows = answer.projection.points.map(([x, y], i) => [answer.ids[i], quoted(answer.tokens[i]), x, y]);
  return { name: `embeddings-step-${answer.step}`, rows: [["id", "token", "first component", "second component"], ...rows] };
}

/** @param {number[]} values */
function spanOf(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { low, length: high - low || 1 };
}
