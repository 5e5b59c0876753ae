// @ts-check
/** @import { Group } from "../core/protocol" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// The glossary: each term in a sentence or two, with what to look up beside it and the settings that it is about. Any element
// with `data-term` opens it there.

import { words } from "../i18n/words.js";
import { atUnmount, whileMounted } from "../state/mount.js";
import { button, element, labelled, termLink, write } from "./dom.js";
import { formula as set } from "./formula.js";
import { terms } from "./glossary_terms.js";

const { glossary: said } = words;
/** @typedef {import("./glossary_terms.js").Term} Term */
/** @typedef {import("./glossary_terms.js").TermKey} TermKey */

/**
 * @param {Store<State>} store
 * @returns {{ show: (term?: string) => void }}
 */
export function glossary(store) {
  const find = element("input", { type: "text", autocomplete: "off", spellcheck: "false" });
  const count = element("p", { class: "muted", "aria-live": "polite" });
  const list = element("div", { class: "entries", tabindex: 0, role: "region", "aria-label": said.title });
  const dialog = element(
    "dialog",
    { class: "glossary", "aria-labelledby": "glossary-title" },
    element("div", { class: "row" }, element("h2", { id: "glossary-title", class: "grow" }, said.title), button(said.close, () => dialog.close())),
    labelled(said.find, find),
    count,
    list,
  );
  document.body.append(dialog);
  atUnmount(() => dialog.remove());

  /** @type {Map<string, { node: HTMLElement, text: string }>} */
  const entries = new Map();
  store.watch((state) => {
    entries.clear();
    for (const key of /** @type {TermKey[]} */ (Object.keys(terms))) {
      const { name, text } = said.terms[key];
      entries.set(key, { node: entry(key, state), text: plain(`${name} ${key.replaceAll("_", " ")} ${text}`) });
    }
    const nameOf = (/** @type {string} */ key) => said.terms[/** @type {TermKey} */ (key)].name;
    const sorted = [...entries].sort(([a], [b]) => nameOf(a).localeCompare(nameOf(b), document.documentElement.lang));
    list.replaceChildren(...sorted.map(([, { node }]) => node));
    filter();
  });

  find.addEventListener("input", filter);
  function filter() {
    const typed = plain(find.value.trim());
    let shown = 0;
    for (const { node, text } of entries.values()) {
      node.hidden = !text.includes(typed);
      if (!node.hidden) shown += 1;
    }
    write(count, shown === 0 ? said.none(find.value.trim()) : said.found(shown));
  }

  /** @param {string} [term] key of the one to go to */
  function show(term) {
    find.value = "";
    filter();
    if (!dialog.open) dialog.showModal();
    list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const found = term === undefined ? undefined : entries.get(term);
    if (!found) {
      list.scrollTop = 0;
      return find.focus();
    }
    found.node.setAttribute("aria-current", "true");
    found.node.scrollIntoView({ block: "start" });
    found.node.focus({ preventScroll: true });
  }

  document.addEventListener(
    "click",
    ({ target }) => {
      const link = target instanceof Element ? target.closest("[data-term], [data-setting]") : null;
      const { term, setting } = link instanceof HTMLElement ? link.dataset : {};
      if (term) show(term);
      if (!setting) return;
      dialog.close();
      reveal(store.state, setting);
    },
    { signal: whileMounted() },
  );
  return { show };
}

/** @param {TermKey} key @param {Readonly<State>} state */
function entry(key, { fields }) {
  const { formula, see, settings = [] } = /** @type {Term} */ (terms[key]);
  const { name, text, formula: own = formula } = said.terms[key];
  const about = fields.filter((field) => settings.includes(`${field.group}.${field.key}`));
  const line = (/** @type {string} */ title, /** @type {HTMLElement[]} */ links) => element("p", { class: "links" }, element("span", {}, title), ...links);
  return element(
    "section",
    { tabindex: -1 },
    element("h3", {}, name),
    element("p", {}, text),
    ...(own ? [set(own)] : []),
    line(said.see, see.map((other) => termLink(other, said.terms[/** @type {TermKey} */ (other)].name))),
    ...(about.length > 0
      ? [
          line(
            said.settings,
            about.map(({ group, key, label }) =>
              element(
                "button",
                { type: "button", class: "term", "data-setting": `${group}.${key}` },
                group === "training" && key === "seed" ? words.settings.seed : label,
              ),
            ),
          ),
        ]
      : []),
  );
}

/** Opens what a setting is folded under, and gives it the focus; one that has no effect now, the one that it hangs on. @param {Readonly<State>} state @param {string} setting */
function reveal(state, setting) {
  const [group, key] = /** @type {[Group, string]} */ (setting.split("."));
  const field = state.fields.find((field) => field.group === group && field.key === key);
  const control = document.getElementById(`${group}-${key}`);
  if (!field || !control) return;
  if (control.closest(".field")?.matches("[hidden]") && field.when) return reveal(state, `${group}.${field.when.key}`);
  for (let fold = control.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
  control.scrollIntoView({ block: "center" });
  control.focus();
}

/** To be searched: small letters, no accents. @param {string} text */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
