// @ts-check
// The page of one model: the panels that sample and look inside, and how it was trained.

import { appearance } from "../appearance.js";
import { attentionPanel } from "../attention_panel.js";
import { translated } from "../catalogue.js";
import { element, place, put, write } from "../dom.js";
import { glossary } from "../glossary.js";
import { mount } from "../mount.js";
import { nextTokenPanel } from "../next_token_panel.js";
import { samplePanel } from "../sample_panel.js";
import { showScheme } from "../scheme.js";
import { sentenceField } from "../sentence_field.js";
import { initialState } from "../state.js";
import { Store } from "../store.js";
import { languageFor, speak, words } from "../words.js";
import { Reader } from "./reader.js";
import { trainedPanel } from "./trained_panel.js";
import { where } from "./where.js";

const store = new Store(initialState());
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
  const name = () => {
    const { training } = reader.here.state;
    const { model } = store.state;
    const text = training?.text ?? null;
    document.title = words.modelPage.title(text);
    write(place("title"), words.modelPage.heading);
    write(place("what"), words.modelPage.what(model?.estimate.parameters ?? null, training?.step ?? null, text));
  };
  reader.here.watch(({ training }) => [training], name);
  store.watch(({ model }) => [model], name);
}

store.watch(
  ({ preferences }) => [preferences.scheme],
  ({ preferences }) => showScheme(preferences.scheme),
);

// Built here, and again in every language that is chosen; the focus stays where it was.
store.watch(
  ({ preferences }) => [preferences.language],
  ({ preferences, catalogue }) => {
    speak(languageFor([preferences.language, ...navigator.languages]));
    // There is nothing to train here, and so nothing to press Train for.
    for (const panel of /** @type {const} */ (["sample", "attention", "nextToken"])) Object.assign(words[panel], words.modelPage.instead[panel]);
    if (catalogue) store.update(translated(catalogue));
    const focused = document.activeElement?.id;
    mount(build);
    if (focused) document.getElementById(focused)?.focus();
  },
);
reader.open();
