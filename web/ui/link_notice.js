// @ts-check
/** @import { Actions } from "../flows/actions.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What of a link could not be opened, each part by its name; and a link to be copied by hand.

import { sentence } from "../i18n/problems.js";
import { words } from "../i18n/words.js";
import { button, element, labelled, put, write } from "./dom.js";

const { link: said } = words;
// Sentences; the rest are counted.
const SHOWN = 8;

/** @param {Store<State>} store @param {Actions} actions */
export function linkNotice(store, actions) {
  const summary = element("strong");
  const list = element("ul");
  const problems = element("div", { class: "notice link", role: "alert" }, element("div", { class: "grow" }, summary, list), button(said.dismiss, () => actions.link.dismiss()));

  const kept = element("p");
  const own = element(
    "div",
    { class: "notice", role: "group" },
    kept,
    button(said.useText, () => actions.link.useText()),
    button(said.dismiss, () => actions.link.dismiss()),
  );

  const field = element("input", { readonly: true, class: "mono" });
  const byHand = element(
    "div",
    { class: "notice", role: "group" },
    element("p", {}, said.refused),
    labelled(said.label, field, "inline grow"),
    button(said.dismiss, () => actions.link.dismiss()),
  );
  field.addEventListener("focus", () => field.select());
  put("notices", problems, own, byHand);

  const made = store.computed(({ text }) => text.made);
  store.watch(({ link, texts, fields }) => {
    problems.hidden = link.problems.length === 0;
    write(summary, link.opened ? said.opened(link.problems.length) : "");
    const more = link.problems.length - SHOWN;
    list.replaceChildren(
      ...link.problems.slice(0, SHOWN).map((problem) => element("li", {}, sentence(problem, fields).message)),
      ...(more > 0 ? [element("li", {}, said.more(more))] : []),
    );
    own.hidden = link.text === null || made.value !== null;
    write(kept, said.ownText(texts.find(({ key }) => key === link.text?.key)?.label ?? ""));
    byHand.hidden = link.byHand === null;
    if (link.byHand === null || field.value === link.byHand) return;
    field.value = link.byHand;
    field.focus();
    field.select();
  });
}
