// @ts-check
/** @import { Off } from "../../core/protocol" */
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// Heads and layers switched off: what that costs in loss, and what the model then says.

import { loss, percent, visible } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { likeliest, softmax } from "../../state/next_token.js";
import { promptOf, tokenName } from "../../state/selectors.js";
import { bar } from "../../ui/bars.js";
import { button, element, numberUnder, write } from "../../ui/dom.js";
import { follow } from "../../ui/follow.js";
import { problemDisplay } from "../../ui/problem_display.js";

const { off: said } = words.inside;
// Tokens whose shares are compared.
const SHOWN = 8;
// 3000 ms: the held-out text is read twice for each answer.
const REFRESH = 3000;

/** @param {Store<State>} store @param {Actions} actions */
export function switches(store, actions) {
  const node = element("div", { class: "inner" });
  const explained = element("p", { class: "muted" }, said.help);
  const board = element("table", { class: "switches", "aria-label": said.title });
  const frame = element("div", { class: "scrolled" }, board);
  const restore = button(said.restore, () => actions.inspection.switchOff({}), "plain");
  const numbers = { whole: numberUnder(said.whole), without: numberUnder(said.without), difference: numberUnder(said.difference) };
  const list = element("dl", { class: "numbers" }, ...Object.values(numbers).map(({ node }) => node));
  const problem = problemDisplay();
  const note = element("p", { class: "muted", "aria-live": "polite" });
  const body = element("tbody");
  const columns = [said.columns.token, said.columns.whole, said.columns.without].map((name) => element("th", { scope: "col" }, name));
  const compared = element("table", { class: "compared", "aria-label": said.compared }, element("thead", {}, element("tr", {}, ...columns)), body);

  const asked = (/** @type {Readonly<State>} */ { off }) => (count(off) === 0 ? null : JSON.stringify(off));
  follow(store, actions, node, "worth", (state) => (measurable(state) ? asked(state) : null), REFRESH);
  follow(store, actions, node, "prediction", (state) => (asked(state) === null ? null : promptOf(state)));
  follow(store, actions, node, "without", (state) => (asked(state) === null ? null : JSON.stringify([promptOf(state), state.off])));

  // What to switch

  /** @type {{ box: HTMLInputElement, isOff: (off: Off) => boolean }[]} */
  let boxes = [];

  /** @param {string} label @param {(off: Off) => boolean} isOff @param {(off: Off, gone: boolean) => Off} toggled */
  function box(label, isOff, toggled) {
    const made = element("input", { type: "checkbox", "aria-label": label, title: label });
    made.addEventListener("change", () => actions.inspection.switchOff(toggled(store.state.off, made.checked)));
    boxes.push({ box: made, isOff });
    return made;
  }

  const shape = store.computed(({ model }) => model?.config.model);
  store.watch(() => {
    boxes = [];
    const { value: settings } = shape;
    const attention = settings?.attention !== false;
    const heads = attention ? Number(settings?.heads ?? 0) : 0;
    const rows = Array.from({ length: Number(settings?.layers ?? 0) }, (_, layer) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, String(layer)),
        ...Array.from({ length: heads }, (_, head) =>
          element(
            "td",
            {},
            box(
              said.head(layer, head),
              (off) => has(off.heads, layer, head),
              (off, gone) => ({ ...off, heads: [...(off.heads ?? []).filter(([l, h]) => l !== layer || h !== head), ...(gone ? [pair(layer, head)] : [])] }),
            ),
          ),
        ),
        ...(attention ? [element("td", {}, box(said.attention(layer), ...whole("attention", layer)))] : []),
        element("td", {}, box(said.mlp(layer), ...whole("mlp", layer))),
      ),
    );
    const { layer, attention: all, mlp } = said.pieces;
    const names = [layer, ...Array.from({ length: heads }, (_, head) => said.pieces.head(head)), ...(attention ? [all] : []), mlp];
    board.replaceChildren(
      element("thead", {}, element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, ...rows),
    );
    check(store.state.off);
  });
  store.watch(({ off }) => check(off));
  /** @param {Off} off */
  function check(off) {
    for (const { box, isOff } of boxes) box.checked = isOff(off);
    restore.disabled = count(off) === 0;
  }

  // What it does

  store.watch((state) => {
    const { looks, off } = state;
    const { answer, of, problem: refused } = looks.worth;
    const now = answer && of === asked(state) ? answer : null;
    list.hidden = count(off) === 0 || !measurable(state);
    numbers.whole.show(now && words.withNats(loss(now.whole)));
    numbers.without.show(now && words.withNats(loss(now.without)));
    numbers.difference.show(now && words.withNats(signed(now.without - now.whole)));
    write(note, count(off) === 0 ? said.choose : !measurable(state) ? said.noText : now ? said.over(now.tokens, heldOut(state), now.step) : said.measuring);
    problem.show(refused?.kind === "prompt" ? null : refused, false);
  });
  const [all, some] = [store.computed(({ looks }) => looks.prediction.answer?.logits), store.computed(({ looks }) => looks.without.answer?.logits)];
  store.watch((state) => {
    const { off } = state;
    const [{ value: whole }, { value: rest }] = [all, some];
    // A prompt that is being typed leaves the table until its own answers are there.
    const without = store.state.looks.without.of === JSON.stringify([promptOf(store.state), off]) ? rest : undefined;
    compared.hidden = count(off) === 0 || !whole || !without;
    if (!whole || !without) return body.replaceChildren();
    const shares = [softmax(whole), softmax(without)];
    const first = Math.ceil(SHOWN / 2);
    const ids = new Set([...likeliest(whole, first), ...likeliest(without, first)]);
    const rows = [...ids].sort((a, b) => whole[b] - whole[a] || a - b);
    const most = Math.max(...rows.flatMap((id) => shares.map((share) => share[id])));
    body.replaceChildren(
      ...rows.map((id) =>
        element(
          "tr",
          {},
          element("td", { class: "mono" }, visible(tokenName(state, id))),
          ...shares.map((share) => element("td", {}, bar(share[id] / most), element("span", { class: "share" }, percent(share[id])))),
        ),
      ),
    );
  });
  node.append(explained, frame, element("div", { class: "row" }, note, restore), problem.node, list, compared);
  return node;
}

/** @param {"attention" | "mlp"} kind @param {number} layer @returns {[(off: Off) => boolean, (off: Off, gone: boolean) => Off]} */
const whole = (kind, layer) => [
  (off) => off[kind]?.includes(layer) ?? false,
  (off, gone) => ({ ...off, [kind]: [...(off[kind] ?? []).filter((other) => other !== layer), ...(gone ? [layer] : [])] }),
];

/** @param {number} layer @param {number} head @returns {[number, number]} */
const pair = (layer, head) => [layer, head];

/** @param {[number, number][] | undefined} heads @param {number} layer @param {number} head */
const has = (heads, layer, head) => heads?.some(([l, h]) => l === layer && h === head) ?? false;

/** How many pieces are off. @param {Off} off */
const count = ({ heads = [], attention = [], mlp = [] }) => heads.length + attention.length + mlp.length;

/** Whether there is a text to measure on. @param {Readonly<State>} state */
const measurable = ({ text, model }) => text.description !== null && model?.fitsText === true;

/** Whether the held-out text is long enough to measure on. @param {Readonly<State>} state */
const heldOut = ({ text, model }) => (text.description?.validation_tokens ?? 0) > Number(model?.config.model.context ?? 0);

/** @param {number} difference */
const signed = (difference) => (difference < 0 ? "−" : "+") + loss(Math.abs(difference));
