// @ts-check
/** @import { Actions } from "../flows/actions.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// A session that was saved here is offered, and goes on only when a person wants it to.

import { words } from "../i18n/words.js";
import { button, element, put, write } from "./dom.js";

// Seconds. What was saved further ahead than this was saved under another clock, and its date says nothing.
const AHEAD = 60;

/** @param {Store<State>} store @param {Actions} actions */
export function sessionNotice(store, actions) {
  const { sessions: said } = words;
  const what = element("p", { dir: "auto" });
  const goOn = button(said.goOn, () => {
    const { offered } = store.state.sessions;
    if (offered) actions.sessions.goOn(offered.id);
  });
  const node = element("div", { class: "notice", role: "group", "aria-label": said.title }, what, goOn, button(said.notNow, () => actions.sessions.dismiss()));
  put("notices", node);
  const offer = store.computed(({ sessions }) => sessions.offered);
  store.watch(({ worker, model }) => {
    const { value: offered } = offer;
    // Whoever has begun something else finds it in the list.
    node.hidden = !offered || (worker !== "ready" && worker !== "crashed") || model !== null;
    if (!offered) return;
    const age = (Date.now() - Date.parse(offered.summary.saved)) / 1000;
    write(what, said.offered(said.name(offered), offered.summary, age > -AHEAD ? age : null));
  });
}
