// @ts-check
/** @import { Config, Field, Group } from "../core/protocol" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Points } from "../storage/page_file.js" */
/** @import { Reader } from "./reader.js" */
// How the model was trained: the text, the losses and their curve, every setting; and the model as a file, to go on with.

import { settingName } from "../i18n/catalogue.js";
import { loss, parameters, whole } from "../i18n/format.js";
import { words } from "../i18n/words.js";
import { matters } from "../state/selectors.js";
import { settingValue } from "../state/setting_names.js";
import { saveFile } from "../storage/file_save.js";
import { button, element, more, numberUnder, panel, write } from "../ui/dom.js";

const { modelPage: said } = words;
const GROUPS = /** @type {const} */ (["tokenizer", "data", "model", "training"]);
// Units of the drawing, which is stretched to its place.
const [WIDTH, HEIGHT] = [600, 120];

/** @param {Store<State>} store @param {Reader} reader */
export function trainedPanel(store, reader) {
  const text = element("p");
  const numbers = {
    parameters: numberUnder(said.numbers.parameters),
    vocabulary: numberUnder(said.numbers.vocabulary),
    steps: numberUnder(said.numbers.steps),
    training: numberUnder(said.numbers.training),
    validation: numberUnder(said.numbers.validation),
    characters: numberUnder(said.numbers.characters),
  };
  const { training, validation } = reader.here.state.about.curve;
  const settings = element("div", { class: "settings" });
  const save = button(said.save, () => {
    const { file, about } = reader.here.state;
    if (file) saveFile(about.name, file);
  });
  const { address } = reader.here.state.about;
  panel(
    "trained-panel",
    said.trained,
    text,
    element("dl", { class: "numbers" }, ...Object.values(numbers).map(({ node }) => node)),
    ...(training.length > 1 ? [curve(training, validation)] : []),
    more(said.settings, settings),
    element("div", { class: "row" }, save, element("p", { class: "muted grow" }, said.saveHelp)),
    ...(address ? [element("p", { class: "muted" }, element("a", { href: address, rel: "noopener noreferrer" }, said.madeWith))] : []),
  );

  const file = reader.here.computed((here) => here.file);
  const facts = reader.here.computed((here) => here.training);
  store.watch(({ model }) => {
    const { value: training } = facts;
    write(text, training ? said.trainedOn(training.text, training.date, training.version) : "");
    numbers.parameters.show(model && parameters(model.estimate.parameters));
    numbers.vocabulary.show(model && whole(model.vocabulary.length));
    numbers.steps.show(training?.step == null ? null : whole(training.step));
    numbers.training.show(training?.trainingLoss == null ? null : words.withNats(loss(training.trainingLoss)));
    numbers.validation.show(training?.validationLoss == null ? null : words.withNats(loss(training.validationLoss)));
    numbers.characters.show(training?.characters ? whole(training.characters) : null);
    save.disabled = file.value === null;
  });
  store.watch(({ model, fields }) => {
    settings.replaceChildren(...(model ? GROUPS.map((group) => settingsOf(group, fields, model.config)) : []));
  });
}

/** @param {Group} group @param {readonly Field[]} fields @param {Config} config */
function settingsOf(group, fields, config) {
  const rows = fields.filter((field) => field.group === group && field.key in config[group] && matters(field, config));
  return element(
    "table",
    {},
    element("caption", {}, words.runs.groups[group]),
    element(
      "tbody",
      {},
      ...rows.map((field) =>
        element("tr", {}, element("th", { scope: "row" }, words.settings.withUnit(settingName(field), field.unit)), element("td", {}, settingValue(field, config[group][field.key]))),
      ),
    ),
  );
}

/** Losses over steps. @param {Points} training @param {Points} validation */
function curve(training, validation) {
  const losses = [...training, ...validation].map(([, loss]) => loss);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const last = Math.max(...[...training, ...validation].map(([step]) => step));
  const across = (/** @type {number} */ step) => ((WIDTH * step) / (last || 1)).toFixed(1);
  const down = (/** @type {number} */ loss) => ((HEIGHT * (high - loss)) / (high - low || 1)).toFixed(1);
  const line = (/** @type {Points} */ points, /** @type {string} */ name) =>
    svg("polyline", { class: name, points: points.map(([step, loss]) => `${across(step)},${down(loss)}`).join(" ") });
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": said.curve(last, training, validation) });
  drawing.append(line(training, "training"), ...(validation.length > 1 ? [line(validation, "validation")] : []));
  const legend = (/** @type {"training" | "validation"} */ name) =>
    element("span", { class: "item" }, element("span", { class: `swatch ${name}` }), words.plot.legend[name]);
  return element(
    "figure",
    { class: "curve" },
    element("div", { class: "levels", "aria-hidden": "true" }, element("span", {}, loss(high)), element("span", {}, loss(low))),
    drawing,
    element(
      "figcaption",
      { class: "legend" },
      legend("training"),
      ...(validation.length > 1 ? [legend("validation")] : []),
      element("span", { class: "at" }, said.steps(last)),
    ),
  );
}

/** @param {string} tag @param {Record<string, string>} attributes */
function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
