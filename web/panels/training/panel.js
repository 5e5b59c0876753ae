// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// How the model is trained, and trained further.

import { canNotify } from "../../flows/while_training.js";
import { words } from "../../i18n/words.js";
import { button, element, more, panel, write } from "../../ui/dom.js";
import { settingFields } from "../../ui/setting_fields.js";

const { training } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function trainingPanel(store, actions) {
  const { shown, hidden, problems } = settingFields(store, actions, "training");
  const why = element("p", { class: "muted grow", id: "fine-tune-help" });
  const tune = button(training.fineTune, () => actions.fineTune());
  tune.setAttribute("aria-describedby", why.id);
  panel("settings-panel", training.title, shown, ...problems, hidden, element("div", { class: "row" }, why, tune), meanwhile(store, actions));

  store.watch(({ worker, model, text }) => {
    const reason = !model
      ? training.noModel
      : !text.value
        ? training.noText
        : !model.fitsText && text.description
          ? training.unfit(text.description.unknown_to_model)
          : null;
    tune.disabled = worker !== "ready" || reason !== null;
    write(why, reason ?? training.fineTuneHelp);
  });
}

/** What the browser may do during a long run, as far as this one can. @param {Store<State>} store @param {Actions} actions */
function meanwhile(store, actions) {
  const screen = element("input", { type: "checkbox" });
  screen.addEventListener("change", () => actions.prefer({ keepScreenOn: screen.checked }));
  const notify = element("input", { type: "checkbox", "aria-describedby": "notify-help" });
  const help = element("p", { class: "muted", id: "notify-help", "aria-live": "polite" }, training.notifyHelp);
  // Asked for when it is wanted, and never before.
  notify.addEventListener("change", async () => {
    const granted = notify.checked && (await Notification.requestPermission()) === "granted";
    write(help, notify.checked && !granted ? training.notAllowed : training.notifyHelp);
    notify.checked = granted;
    actions.prefer({ notify: granted });
  });

  const keepsScreen = "wakeLock" in navigator;
  const notifies = canNotify();
  const fold = more(
    training.meanwhile,
    element(
      "div",
      { class: "inner" },
      ...(keepsScreen ? [element("label", { class: "tick" }, screen, training.keepScreenOn)] : []),
      ...(notifies ? [element("label", { class: "tick" }, notify, training.notifyMe), help] : []),
    ),
  );
  fold.hidden = !keepsScreen && !notifies;

  store.watch(({ preferences }) => {
    screen.checked = preferences.keepScreenOn;
    // The permission may have been taken back since.
    notify.checked = preferences.notify && notifies && Notification.permission === "granted";
  });
  return fold;
}
