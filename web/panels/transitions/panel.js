// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// What follows what in the training text, counted: the table that the first tutorial draws from.

import { loss, percent, visible, whole } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { quoted } from "../../state/csv.js";
import { countsOnly } from "../../state/selectors.js";
import { bar } from "../../ui/bars.js";
import { csvButton } from "../../ui/csv_button.js";
import { element, labelled, numberUnder, panel, write } from "../../ui/dom.js";
import { problemDisplay } from "../../ui/problem_display.js";

const { transitions: said } = words;
// 200 ms: the pause after which a text counts as typed.
const TYPING_PAUSE = 200;

/** @param {Store<State>} store @param {Actions} actions */
export function transitionsPanel(store, actions) {
  const asked = element("input", { class: "mono", placeholder: said.placeholder, spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
  const problem = problemDisplay();
  const empty = element("p", { class: "empty" }, said.none);
  const summary = element("p", { class: "muted", "aria-live": "polite" });
  const numbers = {
    entropy: numberUnder(said.entropy, "entropy"),
    conditional: numberUnder(said.conditional, "bigram"),
    pairs: numberUnder(said.pairs),
  };
  numbers.conditional.node.title = said.conditionalHelp;
  const list = element("dl", { class: "numbers" }, ...Object.values(numbers).map(({ node }) => node));
  const baselines = element("p", { class: "muted" });
  const body = element("tbody");
  const { previous, next, count, share } = said.columns;
  const head = [previous, next, count, share].map((name) => element("th", { scope: "col" }, name));
  const table = element(
    "table",
    { class: "transitions", "aria-label": said.title },
    element("thead", {}, element("tr", {}, ...head)),
    body,
  );
  const frame = element("div", { class: "scrolled", tabindex: 0, role: "region", "aria-label": said.title }, table);
  const save = csvButton(() => saved(store.state));
  const beneath = element("div", { class: "beneath" }, summary, save);
  const fold = panel("transitions-panel", said.title, labelled(said.follows, asked), problem.node, empty, beneath, frame, list, baselines);
  fold.open = false;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  /** What the table stands for. @type {State["text"]["description"]} */
  let counted = null;
  asked.addEventListener("input", () => {
    counted = null;
    schedule();
  });
  fold.addEventListener("toggle", schedule);

  function schedule() {
    clearTimeout(typing);
    typing = setTimeout(look, TYPING_PAUSE);
  }

  function look() {
    const { text, worker } = store.state;
    // The worker would finish the tokens first, deaf to Cancel.
    if (!fold.open || worker !== "ready" || text.pending || !text.description || text.description === counted) return;
    counted = text.description;
    actions.lookUp(asked.value);
  }

  const described = store.computed(({ text }) => text.description);
  const isPending = store.computed(({ text }) => text.pending);
  store.watch(({ worker }) => {
    const { value: description } = described;
    for (const node of [beneath, list, baselines]) node.hidden = !description;
    empty.hidden = description !== null;
    if (worker === "ready" && !isPending.value) schedule();
    if (!description) return;
    const { entropy, conditional_entropy, pairs, baselines: losses, add_k } = description.counts;
    numbers.entropy.show(words.withNats(loss(entropy)));
    numbers.conditional.show(words.withNats(loss(conditional_entropy)));
    numbers.pairs.show(whole(pairs));
    write(baselines, said.baselines(losses.unigram, losses.bigram, add_k));
  });

  // A recipe that ends with counting shows its table.
  const counting = store.computed((state) => (countsOnly(state) ? state.recipe : null));
  store.watch(() => {
    if (counting.value !== null) fold.open = true;
  });

  const found = store.computed(({ lookup }) => lookup.answer);
  const refused = store.computed(({ problems }) => problems.lookup);
  store.watch(() => {
    const [{ value: answer }, { value: refusal }] = [found, refused];
    problem.show(refusal);
    write(summary, answer ? (store.state.lookup.text ? said.after : said.all)(answer.total, answer.different) : "");
    save.hidden = !answer?.transitions.length;
    frame.hidden = described.value === null || save.hidden;
    frame.scrollTop = 0;
    const most = Math.max(...(answer?.transitions ?? []).map(({ count }) => count), 1);
    body.replaceChildren(
      ...(answer?.transitions ?? []).map(({ previous, next, count, probability }) =>
        element(
          "tr",
          {},
          element("td", { class: "mono" }, visible(previous)),
          element("td", { class: "mono" }, visible(next)),
          element("td", {}, bar(count / most), whole(count)),
          element("td", {}, percent(probability)),
        ),
      ),
    );
  });
}

/** What is listed. @param {Readonly<State>} state */
function saved({ lookup }) {
  const { answer } = lookup;
  if (!answer) return null;
  const rows = answer.transitions.map(({ previous, next, count, probability }) => [quoted(previous), quoted(next), count, probability]);
  return { name: "transitions", rows: [["token", "next token", "count", "probability"], ...rows] };
}
