// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// What a person must know or decide before training goes on, beside the buttons.

import { browserOf, webgpu } from "./browser.js";
import { button, element, place, write } from "./dom.js";
import { problemDisplay } from "./problem_display.js";
import { differences, isWorthKeeping } from "./state.js";
import { words } from "./words.js";

const { controls, crash } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function notices(store, actions) {
  const impossible = problemDisplay();
  const gpu = problemDisplay();
  const gpuNotice = element(
    "div",
    { class: "notice" },
    gpu.node,
    button(crash.restart, () => actions.restart()),
  );
  const training = problemDisplay();
  const command = problemDisplay();

  const crashed = problemDisplay();
  const restart = button(crash.restart, () => actions.start());
  const crashNotice = element("div", { class: "notice" }, crashed.node, restart);

  const question = element("p");
  const afresh = button(controls.afresh, () => actions.startAfresh());
  const resume = button(controls.resume, () => actions.resumeModel());
  const questionNotice = element("div", { class: "notice", role: "group" }, question, afresh, resume);

  const replaced = element("p");
  const undoNotice = element(
    "div",
    { class: "notice", role: "group" },
    replaced,
    button(controls.undo, () => actions.undo()),
    button(controls.dismiss, () => actions.dismissUndo()),
  );

  place("notices").append(
    impossible.node,
    crashNotice,
    gpuNotice,
    training.node,
    command.node,
    questionNotice,
    undoNotice,
  );

  store.watch(
    ({ worker, crash, problems }) => [worker, crash, problems],
    ({ worker, crash: message, problems }) => {
      impossible.show(worker === "impossible" ? whyImpossible() : null);
      crashNotice.hidden = worker !== "crashed";
      crashed.show(
        worker === "crashed" ? { message: message ? crash.said(message) : crash.happened, advice: crash.advice } : null,
      );
      // Before the worker is ready a GPU problem means that there is no adapter: advice for this very browser helps.
      gpuNotice.hidden = !problems.gpu;
      gpu.show(
        problems.gpu && worker === "starting" ? { ...problems.gpu, advice: adviceHere() } : problems.gpu,
      );
      training.show(problems.training);
      command.show(problems.command);
    },
  );

  store.watch(
    ({ model, form, run, step, steps, asked, fields }) => [model, form, run, step > 0, steps, asked, fields],
    (state) => {
      const different = differences(state);
      const { model, run } = state;
      const unfit = model?.fitsText === false && state.text.description !== null;
      const asks = isWorthKeeping(state) && (different.length > 0 || unfit || run === "finished");
      questionNotice.hidden = !asks;
      if (!asks || !model) return;
      resume.hidden = unfit || run === "finished";
      write(
        question,
        different.length > 0
          ? controls.differs(
              different.map(({ field, wanted, had }) => controls.difference(field.label, String(wanted), String(had))),
            )
          : unfit
            ? controls.unfit
            : controls.finished(state.steps),
      );
    },
  );

  // Train was pressed and cannot choose for the person: the choice takes the focus.
  let asked = 0;
  store.watch(
    (state) => [state.asked],
    (state) => {
      if (state.asked > asked && !questionNotice.hidden) (resume.hidden ? afresh : resume).focus();
      asked = state.asked;
    },
  );

  store.watch(
    ({ undo, worker }) => [undo, worker],
    ({ undo, worker }) => {
      undoNotice.hidden = !undo || worker !== "ready";
      write(replaced, undo ? controls.replaced(undo.step) : "");
    },
  );
}

/** What to do about WebGPU in the browser that this is. */
const adviceHere = () => words.webgpu.advice[browserOf(navigator.userAgent)];

function whyImpossible() {
  const browser = words.browsers[browserOf(navigator.userAgent)];
  return webgpu() === "insecure"
    ? { message: words.webgpu.insecure(location.origin), advice: words.webgpu.secureAdvice }
    : { message: words.webgpu.missing(browser), advice: adviceHere() };
}
