// @ts-check
/** @import { ReadingActions } from "../flows/reading_actions.js" */
/** @import { LookName, Looks } from "../state/looks.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// Asks the worker about the model again and again: when the question is another, when another step is looked back at, and
// while the weights change. Only while someone looks, and never before the last answer has come.

import { whileMounted } from "../state/mount.js";

// 1000 ms: how often an answer follows the weights while they are trained.
const REFRESH = 1000;
// A tenth of the worker's time for each question at most, but never longer than 5000 ms without an answer.
const [SHARE, LONGEST] = [10, 5000];
// What comes into sight when a page is scrolled a little further has its answer already.
const NEAR = "200px 0px";
// 200 ms: the pause after which a question counts as typed.
const TYPING_PAUSE = 200;

/**
 * @param {Store<State>} store @param {ReadingActions} actions
 * @param {Element} node what must be on the screen
 * @param {LookName} name
 * @param {(state: Readonly<State>) => string | null} question what is looked at, the weights apart; null: nothing to ask
 * @param {number} [every] milliseconds between two answers to the same question
 */
export function follow(store, actions, node, name, question, every = REFRESH) {
  let seen = false;
  /** The last one that came. @type {Looks[LookName]["answer"]} */
  let known = null;
  let lastAnswer = -Infinity;
  let [began, took] = [0, 0];
  let waitingFor = "";
  /** @type {number | null} */
  let waitingAt = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** What can be asked now. @param {Readonly<State>} state */
  function open(state) {
    // While text becomes tokens the worker would finish these first, deaf to Cancel.
    if (state.worker !== "ready" || !state.model || state.text.pending || state.looks[name].request !== null) return null;
    return question(state);
  }

  function schedule(/** @type {Readonly<State>} */ state = store.state) {
    // The state is read before anything else can end this: what was not read is not watched.
    const { at, step, looks, problems } = state;
    const now = open(state);
    const { answer, ...last } = looks[name];
    if (answer !== known && answer) {
      lastAnswer = performance.now();
      if (began > 0) [took, began] = [lastAnswer - began, 0];
    }
    known = answer;
    // A wait for this very question goes on, however often the weights change under it.
    if (timer !== undefined && now === waitingFor && at === waitingAt) return;
    clearTimeout(timer);
    timer = undefined;
    if (!seen || document.hidden || now === null) return;
    if (last.problem && last.asked === now && last.at === at && (last.problem.kind !== "prompt" || problems.prompt)) return;
    const same = last.of === now && answer !== null;
    // Weights that are kept change no more.
    if (same && (!("step" in answer) || answer.step === (at ?? step))) return;
    [waitingFor, waitingAt] = [now, at];
    const ask = () => {
      timer = undefined;
      if (!seen || open(store.state) !== now) return;
      began = performance.now();
      actions.inspection.ask(name, now);
    };
    // Another step of the same is asked for as soon as the last answer is there: the slider is under someone's hand.
    if (same && last.at !== at) return ask();
    timer = setTimeout(
      ask,
      same ? Math.max(0, lastAnswer + Math.max(every, Math.min(LONGEST, SHARE * took)) - performance.now()) : TYPING_PAUSE,
    );
  }

  const sight = new IntersectionObserver(
    (entries) => {
      seen = entries[entries.length - 1].isIntersecting;
      schedule();
    },
    // The page scrolls where it is narrow; where it is wide its columns do, which the root's margin does not reach.
    /** @type {IntersectionObserverInit & { scrollMargin: string }} */ ({ rootMargin: NEAR, scrollMargin: NEAR }),
  );
  sight.observe(node);
  document.addEventListener("visibilitychange", () => schedule(), { signal: whileMounted() });
  store.watch(schedule);
}
