// @ts-check
// The page put together: one store, one set of actions, and the panels between them.

import { Actions } from "./actions.js";
import { appearance } from "./appearance.js";
import { attentionPanel } from "./attention_panel.js";
import { translated } from "./catalogue.js";
import { put } from "./dom.js";
import { acceptDrops } from "./file_drop.js";
import { saveFile } from "./file_save.js";
import { filesPanel } from "./files_panel.js";
import { footer } from "./footer.js";
import { glossary } from "./glossary.js";
import { insidePanel } from "./inside_panel.js";
import { keyboard } from "./keyboard.js";
import { linkNotice } from "./link_notice.js";
import { lookBack } from "./look_back.js";
import { lossPlot } from "./loss_plot.js";
import { modelPanel } from "./model_panel.js";
import { mount } from "./mount.js";
import { nextTokenPanel } from "./next_token_panel.js";
import { notices } from "./notices.js";
import { Offline } from "./offline.js";
import { recipePanel } from "./recipe_panel.js";
import { runsPanel } from "./runs_panel.js";
import { samplePanel } from "./sample_panel.js";
import { sessionNotice } from "./session_notice.js";
import { showScheme } from "./scheme.js";
import { sentenceField } from "./sentence_field.js";
import { initialState } from "./state.js";
import { steps } from "./steps.js";
import { Store } from "./store.js";
import { textPanel } from "./text_panel.js";
import { throughTimePanel } from "./through_time_panel.js";
import { tokensPanel } from "./tokens_panel.js";
import { trainingControls } from "./training_controls.js";
import { trainingPanel } from "./training_panel.js";
import { transitionsPanel } from "./transitions_panel.js";
import { whileTraining } from "./while_training.js";
import { languageFor, speak } from "./words.js";

const store = new Store(initialState());
const actions = new Actions(store, saveFile);
const offline = new Offline(store);

function build() {
  trainingControls(store, actions);
  appearance(store, actions);
  notices(store, actions);
  linkNotice(store, actions);
  sessionNotice(store, actions);
  steps(store);
  recipePanel(store, actions);
  textPanel(store, actions);
  tokensPanel(store, actions);
  modelPanel(store, actions);
  trainingPanel(store, actions);
  lossPlot(store, actions);
  throughTimePanel(store);
  samplePanel(store, actions);
  runsPanel(store, actions);
  put("looking", sentenceField(store, actions), lookBack(store, actions));
  attentionPanel(store, actions);
  nextTokenPanel(store, actions);
  insidePanel(store, actions);
  transitionsPanel(store, actions);
  filesPanel(store, actions);
  const terms = glossary(store);
  const keys = keyboard(actions, terms.show);
  footer(store, actions, { keys: keys.show, glossary: terms.show }, () => offline.reload());
}

// What outlives a building is listened to before the first.
store.watch(
  ({ preferences }) => [preferences.scheme],
  ({ preferences }) => showScheme(preferences.scheme),
);
whileTraining(store);

// Built here, and again in every language that is chosen; the focus stays where it was.
store.watch(
  ({ preferences }) => [preferences.language],
  ({ preferences, catalogue }) => {
    speak(languageFor([preferences.language, ...navigator.languages]));
    if (catalogue) store.update(translated(catalogue));
    const focused = document.activeElement?.id;
    mount(build);
    if (focused) document.getElementById(focused)?.focus();
  },
);
acceptDrops(actions);
addEventListener("hashchange", () => actions.link.open());

addEventListener("beforeunload", (event) => {
  if (actions.unsaved && !offline.leaving) event.preventDefault();
});

actions.start();
actions.sessions.start();
offline.start();
