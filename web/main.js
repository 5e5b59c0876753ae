// @ts-check
// The page put together: one store, one set of actions, and the panels between them.
//
// The map. The rooms stand in the order in which one builds on another; a module imports from its own room and from those
// above it, and nobody from this file.
//
// core      the worker's client, what it is told and what it says, what the browser can do
// i18n      words by language, numbers as text, what the core offers in the language that is spoken
// state     all that the page knows: slices with a pure reducer each, what follows from them, and the store on signals
// storage   what stays when the tab goes: preferences, sessions, files, the page without a network
// flows     what a person does and what an event sets going: commands to the worker, changes of the state
// ui        what any panel is made of: elements, settings, problems, help; and what stands around the panels
// plot      the loss over the steps
// panels    a folder each; a panel imports neither another nor the core
//
//   a person → flows ─commands→ core/worker_client.js ⇄ [postMessage] ⇄ the worker (src/lib.rs has its map)
//                │                     │ events
//                └──── changes ────→ state ─signals→ ui, plot, panels → the page
//
// model_page and offline are programs of their own: the page of one model that a person takes away, made of these rooms; and
// the service worker.

import { Actions } from "./flows/actions.js";
import { acceptDrops } from "./flows/file_drop.js";
import { whileTraining } from "./flows/while_training.js";
import { translated } from "./i18n/catalogue.js";
import { languageFor, speak } from "./i18n/words.js";
import { attentionPanel } from "./panels/attention/panel.js";
import { filesPanel } from "./panels/files/panel.js";
import { insidePanel } from "./panels/inside/panel.js";
import { lookBack } from "./panels/looking/look_back.js";
import { sentenceField } from "./panels/looking/sentence_field.js";
import { modelPanel } from "./panels/model/panel.js";
import { nextTokenPanel } from "./panels/next_token/panel.js";
import { recipePanel } from "./panels/recipe/panel.js";
import { runsPanel } from "./panels/runs/panel.js";
import { samplePanel } from "./panels/sample/panel.js";
import { textPanel } from "./panels/text/panel.js";
import { throughTimePanel } from "./panels/through_time/panel.js";
import { tokensPanel } from "./panels/tokens/panel.js";
import { trainingControls } from "./panels/training/controls.js";
import { trainingPanel } from "./panels/training/panel.js";
import { transitionsPanel } from "./panels/transitions/panel.js";
import { lossPlot } from "./plot/loss_plot.js";
import { mount } from "./state/mount.js";
import { initialState } from "./state/state.js";
import { Store, untracked } from "./state/store.js";
import { saveFile } from "./storage/file_save.js";
import { Offline } from "./storage/offline.js";
import { loadPreferences } from "./storage/preferences.js";
import { appearance } from "./ui/appearance.js";
import { put } from "./ui/dom.js";
import { footer } from "./ui/footer.js";
import { glossary } from "./ui/glossary.js";
import { keyboard } from "./ui/keyboard.js";
import { linkNotice } from "./ui/link_notice.js";
import { notices } from "./ui/notices.js";
import { showScheme } from "./ui/scheme.js";
import { sessionNotice } from "./ui/session_notice.js";
import { steps } from "./ui/steps.js";

const store = new Store(initialState(loadPreferences()));
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
const scheme = store.computed(({ preferences }) => preferences.scheme);
store.watch(() => showScheme(scheme.value));
whileTraining(store);

// Built here, and again in every language that is chosen; the focus stays where it was.
const language = store.computed(({ preferences }) => preferences.language);
store.watch(() => {
  speak(languageFor([language.value, ...navigator.languages]));
  const { catalogue } = store.state;
  if (catalogue) store.update(translated(catalogue));
  const focused = document.activeElement?.id;
  // What is read only to build it has it not built again.
  untracked(() => mount(build));
  if (focused) document.getElementById(focused)?.focus();
});
acceptDrops(actions);
addEventListener("hashchange", () => actions.link.open());

addEventListener("beforeunload", (event) => {
  if (actions.unsaved && !offline.leaving) event.preventDefault();
});

actions.start();
actions.sessions.start();
offline.start();
