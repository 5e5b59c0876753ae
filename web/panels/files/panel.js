// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { AnyProblem } from "../../i18n/problems.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The model as a file: out of the tab and back into it.

import { canShare, picked } from "../../flows/file_actions.js";
import { sentence } from "../../i18n/problems.js";
import { words } from "../../i18n/words.js";
import { atUnmount } from "../../state/mount.js";
import { aboutModel, pageSize, templateSize } from "../../storage/page_file.js";
import { button, element, filePicker, panel, write } from "../../ui/dom.js";
import { problemDisplay } from "../../ui/problem_display.js";
import { sessionList } from "./session_list.js";

const { files: said } = words;
/** @typedef {State["exportFormat"]} Format */
/** @type {Record<Format, string>} */
const EXTENSIONS = { safetensors: "safetensors", transformers: "zip", gguf: "gguf", page: "html" };
const FORMATS = /** @type {Format[]} */ (Object.keys(EXTENSIONS));

/**
 * What each format comes to, as far as that was measured; without bytes it cannot be written, and there is a reason.
 * @param {Readonly<State>} state
 */
function measuredSizes(state) {
  /** @type {Map<Format, { bytes?: number | null, class?: string | null, reason?: AnyProblem | null }>} */
  const sizes = new Map((state.exportSizes ?? []).map((size) => [size.format, size]));
  const [template, model] = [templateSize(), sizes.get("safetensors")?.bytes];
  if (model != null) sizes.set("page", template === null ? { reason: { code: "template_absent" } } : { bytes: pageSize(template, aboutModel(state, modelName(state.step)), model) });
  return sizes;
}

/** What the core calls a model's file. @param {number} step */
const modelName = (step) => `fledgling-step-${step}.safetensors`;

/** @param {Store<State>} store @param {Actions} actions */
export function filesPanel(store, actions) {
  const format = element("select", { id: "export-format", "aria-label": said.format, class: "grow" });
  const options = new Map(FORMATS.map((key) => [key, element("option", { value: key }, said.formats[key])]));
  format.append(...options.values());
  format.addEventListener("change", () => actions.files.choose(/** @type {Format} */ (format.value)));
  const save = button(said.export, () => actions.files.save());
  const share = button(said.share, () => actions.files.share());
  const opensIn = element("p", { class: "muted" });
  // The system's own pickers show one kind or the other.
  const open = filePicker(said.import, ".safetensors,.zip,.html,.json,.txt", (files) => actions.files.import(picked(files)), true, "plain");
  const folder = filePicker(said.folder, "", (files) => actions.files.import(picked(files)), "folder", "plain");
  folder.button.hidden = !("webkitdirectory" in folder.picker);
  const about = element("p", { class: "muted grow", "aria-live": "polite" });
  const bar = element("progress", { "aria-label": said.page.progress, hidden: true });
  const problem = problemDisplay();
  const fold = panel(
    "files-panel",
    said.title,
    element("div", { class: "buttons" }, format, save, share),
    opensIn,
    bar,
    element("div", { class: "buttons" }, about, open.button, open.picker, folder.button, folder.picker),
    problem.node,
    sessionList(store, actions),
  );

  let seen = false;
  /** Model and moment that the sizes are of. */
  let measured = "";
  const measure = (/** @type {Readonly<State>} */ state = store.state) => {
    const { worker, model, text, run, exportSizes } = state;
    const { step } = store.state;
    if (!seen || worker !== "ready" || !model || text.pending) return;
    const of = run === "training" ? measured : String(step);
    if (exportSizes && of === measured) return;
    if (measuring === model && exportSizes === null) return;
    [measured, measuring] = [of, model];
    actions.files.measure();
  };
  /** @type {State["model"]} */
  let measuring = null;
  const sight = new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    measure();
  });
  sight.observe(fold);
  atUnmount(() => sight.disconnect());
  store.watch(measure);

  const sampling = store.computed(({ form }) => form?.sampling);
  const isWriting = store.computed(({ writing }) => writing !== null);
  store.watch(({ model, exportSizes, exportFormat, exporting, worker }) => {
    // Of the page's own size only the settings are followed: the curve grows with every step, and hardly in length.
    sampling.value;
    const sizes = measuredSizes({ ...store.state, model, exportSizes });
    const busy = exporting || isWriting.value;
    for (const [key, option] of options) {
      const size = sizes.get(key);
      write(option, size ? said.sized(said.formats[key], size.bytes ?? null) : said.formats[key]);
    }
    format.value = exportFormat;
    const chosen = sizes.get(exportFormat);
    const impossible = chosen !== undefined && chosen.bytes == null;
    save.disabled = worker !== "ready" || model === null || busy || impossible;
    save.setAttribute("aria-busy", String(busy));
    save.title = share.title = model === null ? said.noModel : "";
    share.hidden = !canShare(EXTENSIONS[exportFormat]);
    share.disabled = save.disabled;
    const reason = chosen?.reason ? sentence(chosen.reason).message : "";
    const opens = exportFormat === "transformers" ? said.opensIn.transformers(chosen?.class ?? null, reason) : said.opensIn[exportFormat];
    format.title = opens;
    opensIn.hidden = !model;
    // Of the format that opens everywhere here there is nothing to warn of.
    write(opensIn, impossible ? reason : exportFormat === "safetensors" ? said.send : opens);
  });

  store.watch((state) => {
    const { model, step, exporting, writing, exportFormat, importing, exported, worker, problems } = state;
    open.button.disabled = folder.button.disabled = worker !== "ready" || importing !== null;
    problem.show(problems.file);
    bar.hidden = writing === null;
    [bar.max, bar.value] = [writing?.of ?? 1, writing?.done ?? 0];
    write(
      about,
      importing
        ? said.importing(importing)
        : exporting
          ? said.exporting(said.formats[exportFormat], measuredSizes({ ...store.state, exportSizes: state.exportSizes }).get(exportFormat)?.bytes ?? null)
          : writing
            ? said.page.writing(writing.done, writing.of)
            : exported
              ? said.exported[exported.how](exported.name, exported.size)
              : model
                ? [said.model(model.estimate.parameters, step), model.file && said.from(model.file)]
                    .filter(Boolean)
                    .join(words.punctuation.comma)
                : said.noModel,
    );
    // A step count would be spoken four times a second.
    about.setAttribute("aria-live", importing || exporting || exported ? "polite" : "off");
  });
}
