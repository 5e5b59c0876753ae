// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// The adapter that does the work, and what made the page.

import { CPU } from "./browser.js";
import { button, element, put, write } from "./dom.js";
import { words } from "./words.js";

/**
 * @param {Store<State>} store @param {Actions} actions
 * @param {{ keys: () => void, glossary: () => void }} show
 * @param {() => void} reload
 */
export function footer(store, actions, show, reload) {
  const adapter = element("span");
  const software = element("span", { class: "caution", hidden: true });
  const version = element("span");
  const newer = element("span", { "aria-live": "polite" });
  const reloading = button(words.footer.reload, reload, "plain");
  const copied = element("span", { "aria-live": "polite" });
  const copy = button(words.link.copy, () => actions.link.copy(), "plain");
  copy.title = words.link.copyHelp;
  put(
    "footer",
    adapter,
    software,
    element("span", { class: "grow" }),
    newer,
    reloading,
    copied,
    version,
    copy,
    button(words.glossary.title, show.glossary, "plain"),
    button(words.footer.keys, show.keys, "plain"),
  );

  store.watch(
    (state) => [state.newer],
    (state) => {
      write(newer, state.newer ? words.footer.newer : "");
      reloading.hidden = !state.newer;
    },
  );

  store.watch(
    (state) => [state.adapter, state.version, state.worker, state.problems.gpu],
    ({ adapter: used, version: number, worker, problems }) => {
      write(
        adapter,
        used ? words.footer.adapter(used.name, used.backend) : worker === "starting" && !problems.gpu ? words.footer.starting : "",
      );
      software.hidden = !used?.software;
      write(software, used?.name === CPU ? words.footer.cpu : words.footer.software);
      write(version, number ? words.footer.version(number) : "");
    },
  );

  store.watch(
    ({ link, form }) => [link.copied, form === null],
    ({ link, form }) => {
      copy.disabled = form === null;
      write(copied, link.copied ? words.link.copied : "");
    },
  );
}
