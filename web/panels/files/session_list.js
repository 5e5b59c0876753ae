// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The sessions that are kept in this browser, and what is done with them.

import { words } from "../../i18n/words.js";
import { button, element, more, write } from "../../ui/dom.js";
import { problemDisplay } from "../../ui/problem_display.js";

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
  const none = element("p", { class: "muted" }, said.none);
  const node = element("div", {}, problem.node, fold, none);
  const summary = /** @type {HTMLElement} */ (fold.firstElementChild);

  /** By id: a save must not take away the field that is being typed into. @type {Map<string, ReturnType<typeof row>>} */
  const rows = new Map();
  /** @param {string} id */
  function row(id) {
    const field = element("input", { type: "text", dir: "auto", class: "grow", autocomplete: "off", "aria-label": said.nameLabel });
    field.addEventListener("change", async () => {
      await actions.sessions.rename(id, field.value);
      const entry = store.state.sessions.list?.find((entry) => entry.id === id);
      if (entry) field.value = said.name(entry);
    });
    const goOn = button(said.goOn, () => actions.sessions.goOn(id));
    const remove = button(said.remove, () => actions.sessions.remove(id));
    const [about, taken] = [element("p", { class: "muted" }), element("p", {}, said.taken)];
    const node = element("li", {}, element("div", { class: "buttons" }, field, goOn, remove), about, taken);
    return { node, field, goOn, remove, about, taken };
  }
  const kept = store.computed(({ sessions }) => sessions.list);
  const keepsNone = store.computed(({ sessions }) => sessions.none);
  store.watch(({ worker, importing }) => {
    fold.hidden = kept.value === null;
    none.hidden = !keepsNone.value;
    const entries = kept.value ?? [];
    write(summary, said.count(entries.length));
    for (const id of rows.keys()) if (!entries.some((entry) => entry.id === id)) rows.delete(id);
    const nodes = entries.map((entry) => {
      const shown = rows.get(entry.id) ?? row(entry.id);
      const { node, field, goOn, remove, about, taken } = shown;
      rows.set(entry.id, shown);
      if (field !== document.activeElement) field.value = said.name(entry);
      goOn.disabled = worker !== "ready" || importing !== null || entry.elsewhere;
      write(about, said.about(new Date(entry.summary.saved), entry.summary, entry.size));
      remove.disabled = entry.elsewhere;
      taken.hidden = !entry.elsewhere;
      return node;
    });
    // Moving a field takes its focus away.
    if (nodes.some((node, i) => node !== list.children[i]) || nodes.length !== list.children.length) list.replaceChildren(...nodes);
  });
  store.watch(({ sessions, model, worker }) => {
    save.disabled = worker !== "ready" || model === null || sessions.saving;
    const { storage, elsewhere, saving, every } = sessions;
    write(about, [elsewhere ? said.elsewhere : saving ? said.saving : said.byItself(every / 1000), storage && said.storage(storage.used, storage.left)].filter(Boolean).join(words.punctuation.between));
  });
  store.watch(({ problems }) => problem.show(problems.session));
  return node;
}
