// @ts-check
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// The adapter that does the work, and what made the page.

import { button, element, put, write } from "./dom.js";
import { words } from "./words.js";

/** @param {Store<State>} store @param {() => void} showKeys */
export function footer(store, showKeys) {
  const adapter = element("span");
  const software = element("span", { class: "caution", hidden: true }, words.footer.software);
  const version = element("span");
  put("footer", adapter, software, element("span", { class: "grow" }), version, button(words.footer.keys, showKeys, "plain"));

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
