// @ts-check
/** @import { ReadingActions } from "../flows/reading_actions.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// Light or dark, and which language: at the end of the bar, on a phone at the top.

import { languages, words } from "../i18n/words.js";
import { atUnmount, whileMounted } from "../state/mount.js";
import { SCHEMES } from "../state/page.js";
import { button, element, place } from "./dom.js";

const { appearance: said } = words;

/** @param {Store<State>} store @param {ReadingActions} actions @param {string} [home] id of where it stands, on every screen */
export function appearance(store, actions, home) {
  const scheme = button("", () => actions.prefer({ scheme: after(store.state.preferences.scheme) }), "plain scheme-switch");
  scheme.id = "scheme-switch";
  scheme.append(element("span", { class: "disc" }));

  const language = element("select", { id: "language", "aria-label": said.language, title: said.language });
  for (const [tag, { name }] of Object.entries(languages)) {
    language.append(element("option", { value: tag, lang: tag }, name));
  }
  language.value = document.documentElement.lang;
  language.addEventListener("change", () => actions.prefer({ language: language.value }));
  const sign = element("span", { class: "language", hidden: language.options.length < 2 }, element("span", { "aria-hidden": "true" }, "文"), language);
  const node = element("div", { class: "appearance" }, scheme, sign);
  atUnmount(() => node.remove());

  store.watch(({ preferences }) => {
    const name = said.scheme(said.schemes[preferences.scheme]);
    scheme.setAttribute("aria-label", name);
    scheme.title = name;
    scheme.dataset.scheme = preferences.scheme;
  });

  if (home) return place(home).append(node);
  // On a phone the bar is at the lower edge, for what is pressed often.
  const phone = matchMedia("(max-width: 759px)");
  const settle = () => (phone.matches ? place("recipe").after(node) : place("training-controls").append(node));
  phone.addEventListener("change", settle, { signal: whileMounted() });
  settle();
}

/** The choice that follows another. @param {State["preferences"]["scheme"]} scheme */
const after = (scheme) => SCHEMES[(SCHEMES.indexOf(scheme) + 1) % SCHEMES.length];
