// @ts-check
/** @import { Adapter, Attention, Config, Estimate, Event, Field, Preset, Problem, ProblemKind, Run, TextDescription, Value } from "./protocol" */
// All that the page knows, and how each event of the worker changes it.

import { LossHistory } from "./loss_history.js";

/**
 * @typedef {object} Text
 * @property {string} value the whole text, also where the box shows only its beginning
 * @property {number} revision counts changes
 * @property {boolean} unsent whether the worker has yet to be given it
 * @property {number} unanswered how often the worker has been given one and has not said so yet
 * @property {{ name: string, size: number } | null} reading the file under way
 * @property {boolean} replacing whether the box is open for another text than `value`
 * @property {TextDescription | null} description
 *
 * @typedef {object} Model
 * @property {Config} config
 * @property {Estimate} estimate
 * @property {boolean} imported
 * @property {string | null} file where it came from
 * @property {boolean} fitsText
 * @property {number} textRevision text that its vocabulary was made from
 *
 * @typedef {object} Sample
 * @property {number} request
 * @property {string} prompt
 * @property {string} text
 * @property {number} tokens
 * @property {boolean} running
 *
 * @typedef {object} Kept a model that was replaced, and can come back
 * @property {string} name
 * @property {Uint8Array<ArrayBuffer>} bytes
 * @property {number} step
 * @property {LossHistory} history
 *
 * @typedef {object} State
 * @property {"starting" | "ready" | "crashed" | "impossible"} worker
 * @property {string} crash what the worker said last
 * @property {string} version
 * @property {Adapter | null} adapter
 * @property {readonly Field[]} fields
 * @property {readonly Preset[]} presets
 * @property {Text} text
 * @property {Config | null} form the settings as typed
 * @property {Readonly<Record<string, string>>} mistyped sentence for each field that holds no value, by "group.key"
 * @property {Estimate | null} estimate of the form
 * @property {Problem | null} estimateProblem
 * @property {Model | null} model
 * @property {Run} run
 * @property {"train" | "step" | null} intent what to do once text and model are in place
 * @property {boolean} building whether the worker makes a model
 * @property {number} asked counts presses of Train that the model in memory could not follow
 * @property {number} step
 * @property {number} steps
 * @property {number} speed tokens a second
 * @property {number | null} secondsLeft
 * @property {number | null} uniformLoss
 * @property {LossHistory} history
 * @property {number} historyRevision
 * @property {string} prompt
 * @property {boolean} promptTouched
 * @property {Sample | null} sample
 * @property {{ layer: number, head: number }} look
 * @property {Attention | null} attention
 * @property {number | null} attentionRequest the one under way
 * @property {Readonly<Partial<Record<ProblemKind, Problem>>>} problems
 * @property {boolean} exporting
 * @property {string | null} importing name of the file
 * @property {{ name: string, size: number } | null} exported
 * @property {number} exportedStep
 * @property {Kept | null} leaving kept in case that the next model takes its place
 * @property {Kept | null} undo
 */

/** @returns {State} */
export const initialState = () => ({
  worker: "starting",
  crash: "",
  version: "",
  adapter: null,
  fields: [],
  presets: [],
  text: { value: "", revision: 0, unsent: false, unanswered: 0, reading: null, replacing: false, description: null },
  form: null,
  mistyped: {},
  ...withoutModel(),
  prompt: "",
  promptTouched: false,
  look: { layer: 0, head: 0 },
  problems: {},
  undo: null,
});

/** What is true of a worker that holds no model. */
const withoutModel = () => ({
  estimate: null,
  estimateProblem: null,
  model: null,
  run: /** @type {Run} */ ("empty"),
  intent: null,
  building: false,
  asked: 0,
  step: 0,
  steps: 0,
  speed: 0,
  secondsLeft: null,
  uniformLoss: null,
  history: new LossHistory(),
  historyRevision: 0,
  sample: null,
  attention: null,
  attentionRequest: null,
  exporting: false,
  importing: null,
  exported: null,
  exportedStep: 0,
  leaving: null,
});

/**
 * Without some kinds of problem.
 * @param {Readonly<State>} state
 * @param {...ProblemKind} kinds
 */
export function withoutProblems(state, ...kinds) {
  if (!kinds.some((kind) => state.problems[kind])) return state.problems;
  return Object.fromEntries(
    Object.entries(state.problems).filter(([kind]) => !kinds.includes(/** @type {ProblemKind} */ (kind))),
  );
}

/**
 * The state after an event, as a change to it.
 * @param {Readonly<State>} state
 * @param {Event} event
 * @returns {Partial<State>}
 */
export function reduce(state, event) {
  switch (event.event) {
    case "ready":
      return {
        ...withoutModel(),
        worker: "ready",
        version: event.version,
        adapter: event.adapter,
        fields: event.fields,
        presets: event.presets,
        form: state.form ?? structuredClone(event.presets[0].config),
        problems: {},
      };
    case "text_decoded":
      return {
        text: {
          ...state.text,
          value: event.text,
          revision: state.text.revision + 1,
          unsent: false,
          reading: null,
          replacing: false,
        },
      };
    case "text_set": {
      const unanswered = Math.max(0, state.text.unanswered - 1);
      const fits = event.fits_model;
      return {
        text: { ...state.text, unanswered, reading: null, description: event },
        model: state.model && { ...state.model, fitsText: fits ?? state.model.fitsText },
        problems: withoutProblems(state, "text"),
        ...(state.model && fits === false ? {} : promptFrom(state)),
      };
    }
    case "estimated":
      return { estimate: event.estimate ?? null, estimateProblem: event.problem ?? null };
    case "model_built":
      return {
        model: {
          config: event.config,
          estimate: event.estimate,
          imported: event.imported,
          file: event.imported ? state.importing : null,
          fitsText: event.fits_text,
          textRevision: state.text.revision,
        },
        ...(event.imported ? { form: event.config, mistyped: {} } : {}),
        ...(event.fits_text ? promptFrom(state) : {}),
        step: event.step,
        steps: Number(event.config.training.steps),
        speed: 0,
        secondsLeft: null,
        uniformLoss: Math.log(Number(event.config.model.vocab)),
        history: new LossHistory(),
        historyRevision: state.historyRevision + 1,
        sample: stopped(state.sample),
        attention: null,
        attentionRequest: null,
        look: {
          layer: Math.max(0, Math.min(state.look.layer, Number(event.config.model.layers) - 1)),
          head: Math.min(state.look.head, Number(event.config.model.heads) - 1),
        },
        problems: withoutProblems(state, "configuration", "file", "gpu", "training", "prompt", "command"),
        building: false,
        importing: null,
        exported: null,
        exportedStep: event.imported ? event.step : 0,
        undo: state.leaving,
        leaving: null,
      };
    case "state_changed":
      return {
        run: event.state,
        ...(event.state === "training" ? { problems: withoutProblems(state, "training", "command") } : {}),
      };
    case "progressed": {
      for (const point of event.training) state.history.addTraining(point.step, point.loss);
      for (const point of event.validation) state.history.addValidation(point.step, point.loss);
      return {
        step: event.step,
        steps: event.steps,
        speed: event.tokens_per_second,
        secondsLeft: Number.isFinite(event.seconds_left) ? event.seconds_left : null,
        uniformLoss: event.uniform_loss,
        historyRevision: state.historyRevision + 1,
      };
    }
    case "evaluated":
      state.history.addValidation(event.step, event.validation_loss);
      return { historyRevision: state.historyRevision + 1 };
    case "sampled":
      if (!state.sample?.running || event.request !== state.sample.request) return {};
      return {
        sample: {
          ...state.sample,
          text: state.sample.text + event.text,
          tokens: state.sample.tokens + event.tokens,
        },
      };
    case "sampling_finished":
      if (event.request !== state.sample?.request) return {};
      return { sample: stopped(state.sample) };
    case "attention_computed":
      if (event.request !== state.attentionRequest) return {};
      return { attention: event, attentionRequest: null, problems: withoutProblems(state, "prompt") };
    case "exported":
      return { exporting: false };
    case "failed":
      return {
        problems: { ...state.problems, [event.kind]: event },
        ...(event.request != null && event.request === state.sample?.request
          ? { sample: stopped(state.sample) }
          : {}),
        ...(event.request === state.attentionRequest ? { attentionRequest: null } : {}),
        ...(event.kind === "text"
          ? {
              // A file that was refused leaves the text in place, and its numbers.
              text: { ...state.text, reading: null, unanswered: Math.max(0, state.text.unanswered - 1) },
            }
          : {}),
        ...(event.kind === "prompt" ? {} : { intent: null, building: false, leaving: null, importing: null, exporting: false }),
      };
    case "replayed":
    case "benchmarked":
      // For scripts: the page asks for neither.
      return {};
    case "crashed":
      return {
        ...withoutModel(),
        worker: "crashed",
        crash: event.message,
        // What was seen stays to be looked at.
        sample: stopped(state.sample),
        history: state.history,
        historyRevision: state.historyRevision,
        text: { ...state.text, reading: null, unanswered: 0 },
        problems: {},
      };
  }
}

/** @param {Sample | null} sample */
const stopped = (sample) => sample && { ...sample, running: false };

/**
 * Until a person types a prompt, the beginning of the text's first line: the vocabulary surely holds it.
 * @param {Readonly<State>} state
 */
function promptFrom({ promptTouched, text }) {
  if (promptTouched) return {};
  const line = text.value.slice(0, 1000).split(/\r?\n/).find((line) => line.trim()) ?? "";
  return { prompt: Array.from(line).slice(0, 24).join("") };
}

/**
 * Where the form asks for another model than the one in memory.
 * @param {Readonly<State>} state
 * @returns {{ field: Field, wanted: Value, had: Value }[]}
 */
export function differences(state) {
  const { form, model } = state;
  if (!form || !model) return [];
  return state.fields
    .map((field) => ({ field, wanted: form[field.group][field.key], had: model.config[field.group][field.key] }))
    .filter(({ wanted, had }) => wanted !== had);
}

/**
 * The preset whose settings are the form's.
 * @param {Readonly<State>} state
 */
export function presetOfForm(state) {
  const { form, fields, presets } = state;
  return presets.find((preset) =>
    fields.every(({ group, key }) => form?.[group][key] === preset.config[group][key]),
  );
}

/** Whether the model in memory is more than a seed can bring back. @param {Readonly<State>} state */
export const isWorthKeeping = (state) => state.model !== null && (state.step > 0 || state.model.imported);

/** Whether a trained model would be lost with the page. @param {Readonly<State>} state */
export const unsaved = (state) => state.model !== null && state.step > state.exportedStep;
