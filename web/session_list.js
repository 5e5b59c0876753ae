// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// The sessions that are kept in this browser, and what is done with them.

import { button, element, more, write } from "./dom.js";
import { problemDisplay } from "./problem_display.js";
import { words } from "./words.js";

/** @param {Store<State>} store @param {Actions} actions */
export function sessionList(store, actions) {
  const { sessions: said } = words;
  const list = element("ul", { class: "sessions" });
  const name = element("input", { type: "text", dir: "auto", class: "grow", autocomplete: "off", "aria-label": said.newName, placeholder: said.newName });
  const save = button(said.saveAs, () => {
    actions.sessions.saveAs(name.value);
    name.value = "";
  });
  name.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !save.disabled) save.click();
  });
  const about = element("p", { class: "muted" });
  const problem = problemDisplay();
  const fold = more(said.title, element("div", { class: "buttons" }, name, save), list, about);
  const node = element("div", {}, problem.node, fold);
  const summary = /** @type {HTMLElement} */ (fold.firstElementChild);

  store.watch(
    ({ sessions, worker, importing }) => [sessions.list, worker, importing],
    ({ sessions, worker, importing }) => {
      node.hidden = sessions.list === null;
      write(summary, said.count(sessions.list?.length ?? 0));
      list.replaceChildren(
        ...(sessions.list ?? []).map((entry) => {
          const called = said.name(entry);
          const field = element("input", { type: "text", dir: "auto", class: "grow", autocomplete: "off", "aria-label": said.nameLabel });
          field.value = called;
          field.addEventListener("change", () => actions.sessions.rename(entry.id, field.value));
          const goOn = button(said.goOn, () => actions.sessions.goOn(entry.id));
          goOn.disabled = worker !== "ready" || importing !== null;
          return element(
            "li",
            {},
            element("div", { class: "buttons" }, field, goOn, button(said.remove, () => actions.sessions.remove(entry.id))),
            element("p", { class: "muted" }, said.about(new Date(entry.summary.saved), entry.summary, entry.size)),
          );
        }),
      );
    },
  );
  store.watch(
    ({ sessions, model, worker, step }) => [sessions, model, worker, step > 0],
    ({ sessions, model, worker }) => {
      save.disabled = worker !== "ready" || model === null || sessions.saving;
      const { storage, elsewhere, saving } = sessions;
      write(about, [elsewhere ? said.elsewhere : saving ? said.saving : said.byItself, storage && said.storage(storage.used, storage.left)].filter(Boolean).join(words.punctuation.between));
    },
  );
  store.watch(
    ({ problems }) => [problems.session],
    ({ problems }) => problem.show(problems.session),
  );
  return node;
}
