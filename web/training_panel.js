// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// How the model is trained, and trained further.

import { button, element, panel, write } from "./dom.js";
import { settingFields } from "./setting_fields.js";
import { words } from "./words.js";

const { training } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function trainingPanel(store, actions) {
  const { shown, hidden, problems } = settingFields(store, actions, "training");
  const why = element("p", { class: "muted grow", id: "fine-tune-help" });
  const tune = button(training.fineTune, () => actions.fineTune());
  tune.setAttribute("aria-describedby", why.id);
  panel("settings-panel", training.title, shown, ...problems, hidden, element("div", { class: "row" }, why, tune));

  store.watch(
    ({ worker, model, text }) => [worker, model, text],
    ({ worker, model, text }) => {
      const reason = !model
        ? training.noModel
        : !text.value
          ? training.noText
          : !model.fitsText && text.description
            ? training.unfit(text.description.unknown_to_model)
            : null;
      tune.disabled = worker !== "ready" || reason !== null;
      write(why, reason ?? training.fineTuneHelp);
    },
  );
}
