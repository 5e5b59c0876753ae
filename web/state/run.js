// @ts-check
/** @import { Baselines, Best, Config, Event, Run } from "../core/protocol" */
/** @import { Runs } from "./runs.js" */
/** @import { State } from "./state.js" */
// The run in memory as it goes, those before it, and how their curves are looked at.

import { endsAll } from "./failures.js";
import { LossHistory } from "./loss_history.js";
import { left, noRuns, withRun } from "./runs.js";

/**
 * @typedef {object} Trial a model of the comparison
 * @property {string} label empty for the whole
 * @property {Config} config
 * @property {{ validation: number | null, best: Best | null } | null} result
 *
 * @typedef {object} View how the curves are looked at
 * @property {{ from: number, to: number } | null} zoom steps; null: all of them
 * @property {boolean} logSteps
 * @property {boolean} logLoss
 *
 * @typedef {object} RunState
 * @property {Run} run
 * @property {number} step
 * @property {number} steps
 * @property {number} epochs
 * @property {number} speed tokens a second
 * @property {number | null} secondsLeft
 * @property {number | null} uniformLoss
 * @property {Baselines | null} baselines
 * @property {Best | null} best
 * @property {Extract<Event, { event: "stopped_early" }> | null} stoppedEarly
 * @property {boolean} endSeen whether the notice at a run's end was dismissed
 * @property {LossHistory} history
 * @property {readonly Extract<Event, { event: "sample_taken" }>[]} samples
 * @property {{ trials: readonly Trial[], current: number | null } | null} comparison
 * @property {Runs} runs
 * @property {View} view
 */

// 1000 rows: beyond, every second sample of a run goes.
const SAMPLES = 1000;

/** Of a run that has not begun. */
const BEGINNING = { speed: 0, secondsLeft: null, best: null, stoppedEarly: null, endSeen: false };

/** What is true of a worker that holds no model. @returns {Omit<RunState, "runs" | "view">} */
const noRun = () => ({
  run: "empty",
  step: 0,
  steps: 0,
  epochs: 0,
  ...BEGINNING,
  uniformLoss: null,
  baselines: null,
  history: new LossHistory(),
  samples: [],
  comparison: null,
});

/** @returns {RunState} */
export const initialRun = () => ({ ...noRun(), runs: noRuns(), view: { zoom: null, logSteps: false, logLoss: false } });

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<RunState>} */
export function reduceRun(state, event) {
  const { history, samples, comparison } = state;
  switch (event.event) {
    case "ready":
      return { ...noRun(), runs: left(state) };
    case "crashed":
      // What was seen stays to be looked at.
      return { ...noRun(), runs: left(state), samples, history, comparison: ended(comparison) };
    case "preparation_cancelled":
      return { comparison: ended(comparison) };
    case "model_built":
      return begun(state, event);
    case "state_changed":
      return { run: event.state, ...(event.state === "training" ? { stoppedEarly: null, endSeen: false } : {}) };
    case "progressed":
      return {
        history: history.with(event.training, event.validation),
        step: event.step,
        steps: event.steps,
        epochs: event.epochs,
        speed: event.tokens_per_second,
        secondsLeft: Number.isFinite(event.seconds_left) ? event.seconds_left : null,
        uniformLoss: event.uniform_loss,
        best: event.best ?? null,
      };
    case "sample_taken": {
      const before = samples.filter(({ step }) => step < event.step);
      const kept = before.length < SAMPLES ? before : before.filter((_, i) => i % 2 === 0);
      return { samples: [...kept, event] };
    }
    case "stopped_early":
      return { stoppedEarly: event };
    case "best_restored": {
      const { step } = event.best;
      return { history: history.upTo(step), step, samples: samples.filter((sample) => sample.step <= step), stoppedEarly: null, endSeen: false };
    }
    case "evaluated":
      return { history: history.with([], [event.point]) };
    case "failed":
      return endsAll(state, event) ? { comparison: ended(comparison) } : {};
    default:
      return {};
  }
}

/** The run of a model that was just made. @param {Readonly<State>} state @param {Extract<Event, { event: "model_built" }>} event @returns {Partial<RunState>} */
function begun(state, event) {
  const { step, steps, steps_per_epoch, config, baselines } = event;
  const runs = withRun(state, event);
  return {
    step,
    steps,
    epochs: steps_per_epoch ? step / steps_per_epoch : 0,
    ...BEGINNING,
    uniformLoss: Math.log(Number(config.model.vocab)),
    baselines: baselines ?? null,
    history: new LossHistory(),
    samples: [],
    runs,
    // Steps of another run, unless one that had them is still shown.
    view: runs.list.some(({ id, shown }) => shown && id !== runs.current) ? state.view : { ...state.view, zoom: null },
  };
}

/** A comparison that goes no further; what it found stays. @param {RunState["comparison"]} comparison */
export const ended = (comparison) => comparison && { ...comparison, current: null };
