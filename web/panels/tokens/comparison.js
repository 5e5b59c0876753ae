// @ts-check
/** @import { TokenizerLook } from "../../core/protocol" */
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// One sentence under every tokenizer, one below the other.

import { significant, visible } from "../../i18n/format.js";
import { sentence, together } from "../../i18n/problems.js";
import { words } from "../../i18n/words.js";
import { promptOf } from "../../state/selectors.js";
import { element, labelled, more, write } from "../../ui/dom.js";
import { TOKEN_COLOURS, tokenText } from "../../ui/token_text.js";

const { comparison: said } = words.tokens;
// 200 ms: the pause after which a sentence counts as typed.
const TYPING_PAUSE = 200;

/** @param {Store<State>} store @param {Actions} actions */
export function tokenizerComparison(store, actions) {
  const field = element("input", { class: "mono", placeholder: said.placeholder, spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
  const waiting = element("p", { class: "muted" });
  const list = element("div", { class: "comparison" });
  const readout = element("p", { class: "readout" });
  const node = more(said.title, labelled(said.sentence, field), waiting, list, readout);

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  /** The text whose tokenizers the list shows, or is to show. @type {State["text"]["description"]} */
  let of = null;
  field.addEventListener("input", schedule);
  node.addEventListener("toggle", schedule);

  const asked = () => field.value || promptOf(store.state);

  function schedule() {
    clearTimeout(typing);
    typing = setTimeout(ask, TYPING_PAUSE);
  }

  function ask() {
    const { text, worker, looks } = store.state;
    const { request, of: last, answer } = looks.tokenizers;
    if (!node.open || worker !== "ready" || text.pending || !text.description || request !== null || !asked()) return;
    if (answer && last === asked() && of === text.description) return;
    of = text.description;
    actions.inspection.ask("tokenizers", asked());
  }

  const description = store.computed(({ text }) => text.description);
  const isFree = store.computed(({ worker, text, looks }) => worker === "ready" && !text.pending && looks.tokenizers.request === null);
  const prompt = store.computed(promptOf);
  store.watch(() => {
    node.hidden = !description.value;
    if (isFree.value && (prompt.value || field.value)) schedule();
  });

  const look = store.computed(({ looks }) => looks.tokenizers);
  store.watch(() => {
    const { answer, problem, request } = look.value;
    write(waiting, problem ? together(sentence(problem)) : request !== null && !answer ? said.waiting : answer ? "" : said.none);
    waiting.hidden = waiting.textContent === "";
    readout.hidden = !answer;
    write(readout, said.walk);
    list.replaceChildren(...(answer?.looks ?? []).map((look) => row(look, look.kind === description.value?.tokenizer.kind)));
  });

  /** @param {TokenizerLook} look @param {boolean} used */
  function row(look, used) {
    const { kind, ids, tokens } = look;
    const options = store.state.fields.find(({ group, key }) => group === "tokenizer" && key === "kind");
    const label = options?.kind === "choice" ? options.options.find(({ value }) => value === kind)?.label : undefined;
    const name = label ?? kind;
    const frame = element("div", { class: "mono tokens" });
    const text = tokenText(frame, name, (index, walking) => {
      readout.setAttribute("aria-live", walking ? "polite" : "off");
      write(readout, index === null ? said.walk : words.tokens.token(tokens[index], ids[index], index, true));
    });
    text.clear();
    text.append(
      tokens.map((token, i) => element("span", { class: `token t${i % TOKEN_COLOURS}`, title: words.tokens.hint(ids[i]) }, visible(token))),
    );
    const characters = Array.from(store.state.looks.tokenizers.of).length;
    return element(
      "div",
      {},
      element("h3", {}, name, used ? element("span", { class: "muted" }, ` ${said.used}`) : ""),
      element("p", { class: "muted" }, said.numbers(tokens.length, significant(characters / Math.max(1, tokens.length)), look.vocab)),
      frame,
      ...(look.unknown > 0 ? [element("p", { class: "caution" }, said.unknown(look.unknown, kind === "words"))] : []),
    );
  }
  return node;
}

