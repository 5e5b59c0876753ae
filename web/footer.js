// @ts-check
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// The adapter that does the work, and what made the page.

import { button, element, put, write } from "./dom.js";
import { words } from "./words.js";

/** @param {Store<State>} store @param {() => void} showKeys @param {() => void} reload */
export function footer(store, showKeys, reload) {
  const adapter = element("span");
  const software = element("span", { class: "caution", hidden: true }, words.footer.software);
  const version = element("span");
  const newer = element("span", { "aria-live": "polite" });
  const reloading = button(words.footer.reload, reload, "plain");
  const keys = button(words.footer.keys, showKeys, "plain");
  put("footer", adapter, software, element("span", { class: "grow" }), newer, reloading, version, keys);

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
      write(version, number ? words.footer.version(number) : "");
    },
  );
}
