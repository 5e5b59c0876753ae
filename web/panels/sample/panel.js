// @ts-check
/** @import { Candidate, SampledToken, Source } from "../../core/protocol" */
/** @import { ReadingActions } from "../../flows/reading_actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// How to draw, the text that is written, and what else each of its tokens could have been.

import { percent, visible } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { adviceDisplay } from "../../ui/advice_display.js";
import { bar } from "../../ui/bars.js";
import { button, element, labelled, panel, write } from "../../ui/dom.js";
import { problemDisplay } from "../../ui/problem_display.js";
import { settingFields } from "../../ui/setting_fields.js";
import { runningText } from "../../ui/token_text.js";

const { sample: said } = words;

/** @param {Store<State>} store @param {ReadingActions & { restoreBest?: () => void }} actions @param {boolean} [counted] whether there may be counts to draw from */
export function samplePanel(store, actions, counted = true) {
  const { shown, hidden, problems } = settingFields(store, actions, "sampling");
  const source = element("select", {}, ...Object.entries(said.sources).map(([value, label]) => element("option", { value }, label)));
  const from = labelled(said.source, source);
  from.hidden = !counted;
  const sample = button(said.sample, () => actions.sample());
  const stop = button(said.stop, () => actions.stopSampling());
  const problem = problemDisplay();
  const hint = element("p", { class: "empty" });
  const echo = element("span", { class: "echo" });
  const written = element("div", { class: "written mono" }, hint, echo);
  const output = runningText(written, said.output, (index, walking) => look(index, walking));
  const drawn = element("p", { class: "muted" });
  const candidates = element("ol", { class: "candidates", "aria-label": said.candidates });
  const spoken = element("p", { class: "unseen", "aria-live": "polite" });
  const fold = panel(
    "sample-panel",
    said.title,
    element(
      "div",
      { class: "asking" },
      shown,
      element("div", { class: "pressing" }, from, element("div", { class: "buttons" }, sample, stop)),
    ),
    hidden,
    ...problems,
    problem.node,
    element("div", { class: "drawing" }, written, element("div", { class: "next" }, drawn, candidates, spoken)),
    adviceDisplay(store, actions),
  );

  source.addEventListener("change", () => actions.drawFrom(/** @type {Source} */ (source.value)));
  fold.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || sample.disabled) return;
    if (!(event.target instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    actions.sample();
  });

  /** Shows what else could have been drawn. @param {number | null} index @param {boolean} walking */
  function look(index, walking) {
    const token = index === null ? undefined : store.state.sample?.tokens[index];
    write(drawn, token ? said.drawn(token.text, token.probability) : store.state.sample ? said.walk : "");
    const listed = token ? withDrawn(token) : [];
    const most = Math.max(...listed.map(({ probability }) => probability), 0);
    candidates.replaceChildren(
      ...listed.map(({ id, text, probability }) =>
        element(
          "li",
          { class: id === token?.id ? "drawn" : undefined },
          element("span", { class: "mono text" }, visible(text)),
          bar(probability / most),
          element("span", { class: "share" }, percent(probability)),
        ),
      ),
    );
    const all = [drawn.textContent, ...listed.map(({ text, probability }) => said.candidate(text, probability))];
    write(spoken, walking && token ? all.join(words.punctuation.comma) : "");
  }

  store.watch((state) => (source.value = state.source));
  store.watch(({ sample: current, model, worker, source, text, preparation }) => {
    const possible = source === "model" ? model !== null : text.description !== null;
    const preparing = preparation.progress !== null;
    sample.disabled = worker !== "ready" || !possible || preparing;
    sample.title = preparing ? said.preparing : "";
    stop.disabled = !current?.running;
    hint.hidden = current !== null;
    write(
      hint,
      source === "model" ? (possible ? said.ready : said.noModel) : possible ? said.readyCounts : said.noText,
    );
  });

  /** Request whose text is shown. @type {number | undefined} */
  let request;
  store.watch(({ sample: current }) => {
    const follows = written.scrollTop + written.clientHeight >= written.scrollHeight - 8;
    write(echo, current?.prompt ?? "");
    if (request !== current?.request) {
      request = current?.request;
      output.clear();
      look(null, false);
    }
    const [tokens, pieces] = [current?.tokens ?? [], current?.pieces ?? []];
    output.append(tokens.slice(output.length).map((token, i, fresh) => shownToken(token, pieces[tokens.length - fresh.length + i])));
    if (follows) written.scrollTop = written.scrollHeight;
  });
  store.watch(({ problems, fields }) => problem.show(problems.prompt, false, fields));
}

/** The likeliest tokens and, where it is not among them, the one that was drawn. @param {SampledToken} token @returns {Candidate[]} */
const withDrawn = (token) =>
  token.candidates.some(({ id }) => id === token.id) ? token.candidates : [...token.candidates, token];

/**
 * A token's part of the text. One that brings no whole character is for the eye only: a copy of the text is the text.
 * @param {SampledToken} token @param {string} piece
 */
const shownToken = ({ text }, piece) => piece || element("span", { class: "token fragment", "data-shown": visible(text) });
