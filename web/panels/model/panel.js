// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The model's settings, and what it would cost.

import { bytes, parameters, whole } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { memory, presetOfForm } from "../../state/selectors.js";
import { element, labelled, numberUnder, panel, place, write } from "../../ui/dom.js";
import { explain, settingFields } from "../../ui/setting_fields.js";

/** @param {Store<State>} store @param {Actions} actions */
export function modelPanel(store, actions) {
  const preset = element("select");
  const cost = {
    parameters: numberUnder(words.model.parameters, "parameters"),
    memory: numberUnder(words.model.memory),
    perStep: numberUnder(words.model.perStep),
  };
  const costs = element("dl", { class: "numbers" }, ...Object.values(cost).map(({ node }) => node));
  const shares = element("p", { class: "muted" });
  const waiting = element("p", { class: "muted" }, words.model.waiting);
  const choice = labelled(words.model.preset, preset, "inline");
  const { shown, hidden, problems } = settingFields(store, actions, "model");
  panel("model-panel", words.model.title, waiting, choice, shown, costs, shares, ...problems, hidden);

  preset.addEventListener("change", () => actions.choosePreset(preset.value));
  explain(preset, () => presetOfForm(store.state)?.help ?? words.model.customHelp);

  store.watch(({ presets }) => {
    preset.replaceChildren(
      ...presets.map(({ key, label }) => element("option", { value: key }, label)),
      element("option", { value: "", hidden: true }, words.model.custom),
    );
    const here = presets.length > 0;
    waiting.hidden = here;
    for (const node of [choice, costs]) node.hidden = !here;
    // Until the worker has said what there is to set, nothing stands in the other panels.
    for (const id of ["tokens-panel", "settings-panel"]) place(id).hidden = !here;
  });
  store.watch((state) => (preset.value = presetOfForm(state)?.key ?? ""));
  store.watch(({ estimate, text, mistyped }) => {
    const known = Object.keys(mistyped).some((key) => !key.startsWith("sampling.")) ? null : estimate;
    cost.parameters.show(known && parameters(known.parameters));
    const helpers = known ? known.workers - 1 : 0;
    cost.memory.show(known && bytes(memory(known)));
    shares.hidden = helpers === 0;
    if (known) write(shares, words.model.shares(bytes(known.training_bytes), helpers, bytes(known.helper_bytes)));
    cost.perStep.show(known && whole(known.tokens_per_step));
    costs.title = text.description ? "" : words.model.noText;
  });
}
