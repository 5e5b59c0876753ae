// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// The model as a file: out of the tab and back into it.

import { button, element, filePicker, panel, write } from "./dom.js";
import { problemDisplay } from "./problem_display.js";
import { words } from "./words.js";

/** @param {Store<State>} store @param {Actions} actions */
export function filesPanel(store, actions) {
  const save = button(words.files.export, () => actions.exportModel());
  const { button: open, picker } = filePicker(words.files.import, ".safetensors", ([file]) => actions.importModel(file));
  const about = element("p", { class: "muted", "aria-live": "polite" });
  const problem = problemDisplay();
  panel("files-panel", words.files.title, element("div", { class: "buttons" }, save, open, picker), problem.node, about);

  store.watch(
    ({ model, step, exporting, importing, exported, worker, problems }) => [
      model,
      step,
      exporting,
      importing,
      exported,
      worker,
      problems.file,
    ],
    ({ model, step, exporting, importing, exported, worker, problems }) => {
      save.disabled = worker !== "ready" || model === null || exporting;
      open.disabled = worker !== "ready" || importing !== null;
      problem.show(problems.file);
      write(
        about,
        importing
          ? words.files.importing(importing)
          : exporting
            ? words.files.exporting
            : exported
              ? words.files.exported(exported.name, exported.size)
              : model
                ? [words.files.model(model.estimate.parameters, step), model.file && words.files.from(model.file)]
                    .filter(Boolean)
                    .join(words.punctuation.comma)
                : words.files.noModel,
      );
      // A step count would be spoken four times a second.
      about.setAttribute("aria-live", importing || exporting || exported ? "polite" : "off");
    },
  );
}
