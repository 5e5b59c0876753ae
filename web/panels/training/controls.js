// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// Train, Step, Reset, and the figures of the run beside them.

import { compact, duration, loss, whole } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { countsOnly } from "../../state/selectors.js";
import { button, element, put, write } from "../../ui/dom.js";

const { controls } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function trainingControls(store, actions) {
  const train = button(controls.train, () => actions.toggle(), "primary");
  const step = button(controls.step, () => actions.step());
  const reset = button(controls.reset, () => actions.reset());
  const bar = element("progress", { "aria-label": controls.progress, max: 1, value: 0 });

  const figures = {
    step: figure(controls.figures.step),
    training: figure(controls.figures.training, "training"),
    validation: figure(controls.figures.validation, "validation"),
    speed: figure(controls.figures.speed, "speed"),
    left: figure(controls.figures.left),
  };
  // Off: four changes a second are for the eye; `announcement` tells the turns.
  const status = element(
    "div",
    { role: "status", "aria-live": "off", class: "figures" },
    ...Object.values(figures).map((figure) => figure.node),
  );
  const announcement = element("p", { "aria-live": "polite", class: "unseen" });
  put("training-controls", element("div", { class: "buttons" }, train, step, reset), status, announcement, bar);

  store.watch((state) => {
    const { worker, run } = state;
    const counts = countsOnly(state);
    write(train, run === "training" ? controls.pause : controls.train);
    train.disabled = worker !== "ready" || (counts && run !== "training");
    step.disabled = worker !== "ready" || run === "training" || counts;
    for (const button of [train, step]) button.title = counts ? controls.counts : "";
    reset.disabled = worker !== "ready";
    announce();
  });

  store.watch((state) => {
    const { history, model } = state;
    const [training, validation] = [history.latest?.loss ?? null, history.latestValidation?.loss ?? null];
    figures.step.show(model ? whole(state.step) : words.none, model ? controls.ofSteps(state.steps) : "");
    figures.training.show(...nats(training));
    figures.validation.show(...nats(validation));
    const flops = model && state.speed > 0 ? model.estimate.flops_per_token * state.speed : null;
    figures.speed.show(state.speed > 0 ? compact(state.speed) : words.none, flops === null ? "" : controls.speedUnit);
    figures.speed.call(controls.figures.speed, flops === null ? "" : controls.flops(compact(flops)));
    figures.left.show(timeLeft(state), "");
    bar.max = Math.max(1, state.steps);
    bar.value = state.step;
    document.title =
      state.run === "training" && training !== null ? controls.title(state.step, training) : words.name;
  });

  function announce() {
    const { worker, run, step, history } = store.state;
    const { announce } = controls;
    if (worker !== "ready") return write(announcement, worker === "starting" ? announce.starting : "");
    if (run === "empty") return write(announcement, announce.empty);
    if (run === "training") return write(announcement, announce.training);
    write(announcement, run === "paused" ? announce.paused(step, history.latest?.loss ?? null) : announce.finished(step));
  }
}

/** @param {Readonly<State>} state */
function timeLeft({ run, secondsLeft, speed, model, building, preparation }) {
  if (preparation.progress) return controls.preparing;
  if (building) return controls.building;
  if (run === "finished") return controls.done;
  return model && run === "training" && secondsLeft !== null && speed > 0 ? duration(secondsLeft) : words.none;
}

/** @param {number | null} value @returns {[string, string]} */
const nats = (value) => (value === null ? [words.none, ""] : [loss(value), controls.nats]);

/**
 * A number with its name above and its unit behind; its width does not follow the number.
 * @param {string} name
 * @param {string} [style]
 */
function figure(name, style = "") {
  const value = element("span", { class: "value" });
  const unit = element("span", { class: "unit" });
  const called = element("span", { class: "name" }, name);
  const node = element(
    "span",
    { class: `figure ${style}`.trim() },
    called,
    " ",
    element("span", { class: "reading" }, value, " ", unit),
    " ",
  );
  return {
    node,
    /** @param {string} number @param {string} [of] */
    show(number, of = "") {
      write(value, number);
      write(unit, of);
    },
    /** What comes behind the name, in small. @param {string} name @param {string} more */
    call: (name, more) => write(called, [name, more].filter(Boolean).join(" · ")),
  };
}
