// @ts-check
/** @import { Settings } from "../../core/protocol" */
/** @import { ReadingActions } from "../../flows/reading_actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// What may follow the prompt, and what the sampling settings make of it.

import { percent, visible } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { quoted } from "../../state/csv.js";
import { chances } from "../../state/next_token.js";
import { promptOf, promptTokens, tokenName } from "../../state/selectors.js";
import { bar } from "../../ui/bars.js";
import { csvButton } from "../../ui/csv_button.js";
import { element, panel, write } from "../../ui/dom.js";
import { follow } from "../../ui/follow.js";

const { nextToken: said } = words;
// Rows.
const SHOWN = 12;

/** @param {Store<State>} store @param {ReadingActions} actions */
export function nextTokenPanel(store, actions) {
  const caption = element("p", { class: "caption" });
  const empty = element("p", { class: "empty" }, said.noModel);
  const list = element("ol", { class: "candidates", "aria-label": said.title });
  const note = element("p", { class: "muted" });
  const save = csvButton(() => table(store.state));
  const body = element("div", { class: "likeliest headed" }, caption, empty, list, element("div", { class: "beneath" }, note, save));
  panel("next-token-panel", said.title, body);

  follow(store, actions, body, "prediction", promptOf);
  // The penalty falls on the prompt's tokens, which come with answers to other questions.
  follow(store, actions, body, "lens", (state) => (penalised(state.form?.sampling) && !promptTokens(state) ? promptOf(state) : null));

  // What is listed is of another sentence until its own answer is there.
  store.watch((state) => list.setAttribute("aria-busy", String(state.looks.prediction.answer !== null && state.looks.prediction.of !== promptOf(state))));
  const predicted = store.computed(({ looks }) => looks.prediction.answer);
  const settings = store.computed(({ form }) => form?.sampling);
  const prompt = store.computed(promptTokens);
  store.watch((state) => {
    const [{ value: answer }, { value: sampling }] = [predicted, settings];
    empty.hidden = state.model !== null;
    write(caption, answer ? words.attention.caption(answer.step) : "");
    const rows = answer && sampling ? chances(answer.logits, sampling, seenIds(state, sampling, prompt.value), SHOWN) : [];
    const most = Math.max(...rows.map(({ share, before }) => Math.max(share, before)), 0);
    list.replaceChildren(
      ...rows.map(({ id, share, before, kept }) =>
        element(
          "li",
          { class: kept ? undefined : "cut" },
          element("span", { class: "mono text" }, visible(tokenName(state, id))),
          bar((kept ? share : before) / most),
          element("span", { class: "share" }, percent(kept ? share : before)),
        ),
      ),
    );
    save.hidden = rows.length === 0;
    const greedy = Number(sampling?.temperature) === 0;
    const cut = rows.some(({ kept }) => !kept);
    write(note, rows.length === 0 ? "" : [greedy ? said.greedy : "", cut ? said.cut : ""].join(words.punctuation.between).trim());
    note.hidden = note.textContent === "";
  });
}

/** Every token of the vocabulary, the likeliest first. @param {Readonly<State>} state */
function table(state) {
  const { answer } = state.looks.prediction;
  const sampling = state.form?.sampling;
  if (!answer || !sampling) return null;
  const rows = chances(answer.logits, sampling, seenIds(state, sampling, promptTokens(state)), answer.logits.length).map(({ id, share, before }) => [
    id,
    quoted(tokenName(state, id)),
    answer.logits[id],
    before,
    share,
  ]);
  return { name: `next-token-step-${answer.step}`, rows: [["id", "token", "logit", "probability before top-k and top-p", "probability"], ...rows] };
}

/** @param {Settings | undefined} sampling */
const penalised = (sampling) => Number(sampling?.repetition_penalty ?? 1) !== 1;

/**
 * Ids of the prompt's tokens, as far as the page knows them.
 * @param {Readonly<State>} state @param {Settings} sampling @param {readonly string[]} [texts] the prompt's tokens
 * @returns {Set<number>}
 */
function seenIds({ model }, sampling, texts = []) {
  const vocabulary = model?.vocabulary;
  if (!vocabulary || !penalised(sampling)) return new Set();
  return new Set(texts.map((text) => vocabulary.indexOf(text)).filter((id) => id >= 0));
}
