// @ts-check
/** @import { AnyProblem } from "../i18n/problems.js" */
/** @import { Actions } from "../flows/actions.js" */
/** @import { News } from "../state/notices.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What a person must know or decide before training goes on, beside the buttons.

import { CPU, browserOf, webgpu } from "../core/browser.js";
import { directed } from "../i18n/format.js";
import { sentence } from "../i18n/problems.js";
import { words } from "../i18n/words.js";
import { countsOnly, differences, isAtEnd, isWorthKeeping } from "../state/selectors.js";
import { settingValue } from "../state/setting_names.js";
import { button, element, put, write } from "./dom.js";
import { crashOf, lackOf, problemDisplay } from "./problem_display.js";

const { controls, crash } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function notices(store, actions) {
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
  const best = button(controls.restoreBest, () => actions.restoreBest());
  const seen = button(controls.dismiss, () => actions.dismissEnd());
  const questionNotice = element("div", { class: "notice", role: "group" }, question, best, afresh, resume, seen);

  const counts = button(controls.sampleCounts, () => actions.sample(), "primary");
  const countsNotice = element("div", { class: "notice", role: "group" }, element("p", {}, controls.counts), counts);
  const news = element("div", { "aria-live": "polite", class: "news" });

  const why = element("p");
  const faster = element("p");
  const invitation = element(
    "div",
    { class: "notice", role: "group" },
    element("div", {}, why, element("details", { class: "more" }, element("summary", {}, words.webgpu.faster), faster)),
    button(controls.dismiss, () => actions.prefer({ knowsWhyCpu: true })),
  );

  const replaced = element("p");
  const undoNotice = element(
    "div",
    { class: "notice", role: "group" },
    replaced,
    button(controls.undo, () => actions.undo()),
    button(controls.dismiss, () => actions.dismissUndo()),
  );

  put(
    "notices",
    crashNotice,
    gpuNotice,
    training.node,
    command.node,
    countsNotice,
    questionNotice,
    invitation,
    news,
    undoNotice,
  );

  store.watch(({ worker, crash: message, lacks, problems }) => {
    crashNotice.hidden = worker !== "crashed" && !lacks;
    restart.hidden = worker !== "crashed";
    crashed.show(worker === "crashed" ? crashOf(message) : lackOf(lacks));
    gpuNotice.hidden = !problems.gpu;
    gpu.show(problems.gpu);
    training.show(problems.training);
    command.show(problems.command);
  });

  let asked = 0;
  store.watch((state) => {
    const different = differences(state);
    const { model, run, stoppedEarly } = state;
    const unfit = model?.fitsText === false && state.text.description !== null;
    const ended = !state.endSeen && (isAtEnd(state) || stoppedEarly !== null);
    // While models are compared, the next one is on its way.
    const asks = isWorthKeeping(state) && state.comparison?.current == null && (different.length > 0 || unfit || ended);
    questionNotice.hidden = !asks;
    const pressed = state.asked > asked;
    asked = state.asked;
    if (!asks || !model) return;
    const asksForModel = different.length > 0 || unfit;
    resume.hidden = unfit || run === "finished";
    best.hidden = asksForModel || !stoppedEarly || stoppedEarly.best.step === state.step;
    seen.hidden = asksForModel;
    write(
      question,
      different.length > 0
        ? controls.differs(
            different.map(({ field, wanted, had }) =>
              controls.difference(field.label, settingValue(field, wanted), settingValue(field, had)),
            ),
          )
        : unfit
          ? controls.unfit
          : stoppedEarly
            ? controls.stoppedEarly(stoppedEarly.step, stoppedEarly.patience, stoppedEarly.best)
            : controls.finished(state.steps),
    );
    // Train was pressed and cannot choose for the person: the choice takes the focus.
    if (pressed) (resume.hidden ? afresh : resume).focus();
  });

  store.watch((state) => {
    const { text, worker, preparation } = state;
    countsNotice.hidden = !countsOnly(state);
    counts.disabled = worker !== "ready" || text.description === null || preparation.progress !== null;
  });

  store.watch(({ adapter, preferences }) => {
    invitation.hidden = adapter?.name !== CPU || preferences.executor === "cpu" || preferences.knowsWhyCpu;
    if (invitation.hidden) return;
    const { reason, advice } = whyCpu();
    write(why, reason);
    write(faster, advice);
  });

  const lack = store.computed(({ workers }) => workers?.lack);
  store.watch((state) => {
    const fails = lack.value === "failing";
    news.replaceChildren(
      ...state.news.map((told) =>
        element(
          "div",
          { class: "notice" },
          ...said(told, fails),
          button(controls.dismiss, () => actions.dismiss(told)),
        ),
      ),
    );
  });

  /** @param {News} told @param {boolean} fails whether no other worker can be had @returns {HTMLElement[]} */
  function said(told, fails) {
    switch (told.event) {
      case "warned":
        return [warning(told)];
      case "best_restored":
        return [element("p", {}, controls.bestRestored(told.best))];
      case "worker_lost":
        return [element("p", {}, words.workers.lost(told.step, told.silent, directed(told.message), !fails))];
      case "workers_set":
        return [
          warning({ code: "helpers_failing" }),
          button(words.workers.keepToOne, () => {
            actions.prefer({ workers: 1 });
            actions.dismiss(told);
          }),
        ];
    }
  }

  store.watch(({ undo, worker }) => {
    undoNotice.hidden = !undo || worker !== "ready";
    write(replaced, undo ? controls.replaced(undo.step) : "");
  });
}

/** @param {AnyProblem} problem */
function warning(problem) {
  const { message, advice } = sentence(problem);
  return element("p", {}, element("strong", {}, message), words.punctuation.between, advice);
}

/** Why models train on the CPU, and where they would train faster. */
function whyCpu() {
  const { missing, noAdapter, insecure, secureAdvice, advice } = words.webgpu;
  const there = webgpu();
  if (there === "insecure") return { reason: insecure(location.origin), advice: secureAdvice };
  const kind = browserOf(navigator.userAgent);
  return { reason: (there === "yes" ? noAdapter : missing)(words.browsers[kind]), advice: advice[kind] };
}
