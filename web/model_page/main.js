// @ts-check
// The page of one model: the panels that sample and look inside, and how it was trained.

import { translated } from "../i18n/catalogue.js";
import { languageFor, speak, words } from "../i18n/words.js";
import { attentionPanel } from "../panels/attention/panel.js";
import { sentenceField } from "../panels/looking/sentence_field.js";
import { nextTokenPanel } from "../panels/next_token/panel.js";
import { samplePanel } from "../panels/sample/panel.js";
import { mount } from "../state/mount.js";
import { initialState } from "../state/state.js";
import { Store, untracked } from "../state/store.js";
import { loadPreferences } from "../storage/preferences.js";
import { appearance } from "../ui/appearance.js";
import { element, place, put, write } from "../ui/dom.js";
import { glossary } from "../ui/glossary.js";
import { showScheme } from "../ui/scheme.js";
import { Reader } from "./reader.js";
import { trainedPanel } from "./trained_panel.js";
import { where } from "./where.js";

const store = new Store(initialState(loadPreferences()));
const reader = new Reader(store);

function build() {
  appearance(store, reader, "appearance");
  where(store, reader);
  samplePanel(store, reader, false);
  put("looking", sentenceField(store, reader));
  nextTokenPanel(store, reader);
  attentionPanel(store, reader);
  trainedPanel(store, reader);
  glossary(store);
  put("footer", element("span", {}, words.modelPage.footer));
  const trained = reader.here.computed(({ training }) => training);
  store.watch(({ model }) => {
    const { value: training } = trained;
    const text = training?.text ?? null;
    document.title = words.modelPage.title(text);
    write(place("title"), words.modelPage.heading);
    write(place("what"), words.modelPage.what(model?.estimate.parameters ?? null, training?.step ?? null, text));
  });
}

const scheme = store.computed(({ preferences }) => preferences.scheme);
store.watch(() => showScheme(scheme.value));

// Built here, and again in every language that is chosen; the focus stays where it was.
const language = store.computed(({ preferences }) => preferences.language);
store.watch(() => {
  speak(languageFor([language.value, ...navigator.languages]));
  // There is nothing to train here, and so nothing to press Train for.
  for (const panel of /** @type {const} */ (["sample", "attention", "nextToken"])) Object.assign(words[panel], words.modelPage.instead[panel]);
  const { catalogue } = store.state;
  if (catalogue) store.update(translated(catalogue));
  const focused = document.activeElement?.id;
  // What is read only to build it has it not built again.
  untracked(() => mount(build));
  if (focused) document.getElementById(focused)?.focus();
});
reader.open();
