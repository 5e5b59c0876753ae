// @ts-check
// The page put together: one store, one set of actions, and the panels between them.

import { Actions } from "./actions.js";
import { attentionPanel } from "./attention_panel.js";
import { webgpu } from "./browser.js";
import { acceptDrops } from "./file_drop.js";
import { saveFile } from "./file_save.js";
import { filesPanel } from "./files_panel.js";
import { footer } from "./footer.js";
import { insidePanel } from "./inside_panel.js";
import { keyboard } from "./keyboard.js";
import { lossPlot } from "./loss_plot.js";
import { modelPanel } from "./model_panel.js";
import { mount } from "./mount.js";
import { nextTokenPanel } from "./next_token_panel.js";
import { notices } from "./notices.js";
import { recipePanel } from "./recipe_panel.js";
import { runsPanel } from "./runs_panel.js";
import { samplePanel } from "./sample_panel.js";
import { initialState } from "./state.js";
import { Store } from "./store.js";
import { textPanel } from "./text_panel.js";
import { throughTimePanel } from "./through_time_panel.js";
import { tokensPanel } from "./tokens_panel.js";
import { trainingControls } from "./training_controls.js";
import { trainingPanel } from "./training_panel.js";
import { transitionsPanel } from "./transitions_panel.js";

const store = new Store(initialState());
const actions = new Actions(store, saveFile);

mount(() => {
  trainingControls(store, actions);
  notices(store, actions);
  recipePanel(store, actions);
  textPanel(store, actions);
  tokensPanel(store, actions);
  modelPanel(store, actions);
  trainingPanel(store, actions);
  lossPlot(store, actions);
  throughTimePanel(store);
  samplePanel(store, actions);
  runsPanel(store, actions);
  attentionPanel(store, actions);
  nextTokenPanel(store, actions);
  insidePanel(store, actions);
  transitionsPanel(store, actions);
  filesPanel(store, actions);
  footer(store, keyboard(actions).show);
});
acceptDrops(actions);

addEventListener("beforeunload", (event) => {
  if (actions.unsaved) event.preventDefault();
});

if (webgpu() === "yes") actions.start();
else store.update({ worker: "impossible" });
