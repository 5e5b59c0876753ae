// @ts-check
/** @import { Adapter, Baselines, Best, BuiltIn, Config, Estimate, Event, Executor, ExportFormat, ExportSize, Field, NamedFile, Off, Preset, Problem, Recipe, Run, SampledToken, Settings, Source, TextDescription } from "../core/protocol" */
/** @import { Sessions } from "../flows/session_actions.js" */
/** @import { Catalogue } from "../i18n/catalogue.js" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { Preferences } from "../storage/preferences.js" */
/** @import { Link } from "./link.js" */
/** @import { Looks } from "./looks.js" */
/** @import { Problems } from "./problems.js" */
/** @import { RunRecord, Runs } from "./runs.js" */
// All that the page knows, and how each event of the worker changes it.

import { translated } from "../i18n/catalogue.js";
import { alike } from "../i18n/problems.js";
import { loadPreferences } from "../storage/preferences.js";
import { noLink } from "./link.js";
import { answered, nearestKept, noLooks, refused } from "./looks.js";
import { LossHistory } from "./loss_history.js";
import { placeOf, withoutProblems } from "./problems.js";
import { left, noRuns, withRun } from "./runs.js";
import { ownText, unsaved } from "./selectors.js";
import { rest } from "./session_pace.js";
import { pieces } from "./token_pieces.js";

/**
 * @typedef {{ key: string, seed: number }} Made a text that the project makes itself
 *
 * @typedef {object} Text
 * @property {string} value the whole text, also where the box shows only its beginning
 * @property {number} revision counts changes
 * @property {boolean} unsent whether the worker has yet to be given it
 * @property {boolean} pending whether the worker has been given a text or settings for it, and has not answered yet
 * @property {{ name: string, size: number | null, made: Made | null } | null} reading the text under way
 * @property {boolean} replacing whether the box is open for another text than `value`
 * @property {Made | null} made what the box holds, where the project made it
 * @property {string | null} name of the file or address it came from, or the core's label of a built-in one; null: typed
 * @property {string | null} previous a person's own text that another took the place of
 * @property {TextDescription | null} description
 *
 * @typedef {object} Preparation how text becomes tokens
 * @property {{ tokenizer: Settings, data: Settings } | null} asked the settings that the worker was given last
 * @property {Extract<Event, { event: "preparing" }> | null} progress
 * @property {boolean} cancelled whether the last one was cancelled, and none has begun since
 *
 * @typedef {object} TokenizerFile
 * @property {{ name: string, files: NamedFile[] } | null} reading the files under way
 * @property {Extract<Event, { event: "tokenizer_read" }> | null} given
 * @property {NamedFile[]} files kept for a worker that starts anew
 *
 * @typedef {object} Model
 * @property {Config} config
 * @property {Estimate} estimate
 * @property {"fresh" | "imported" | "fine_tuned" | "resumed"} origin
 * @property {string | null} file where it came from
 * @property {boolean} fitsText
 * @property {number} textRevision text that its vocabulary was made from
 * @property {string | null} textName what that text is called, where it has a name and is known
 * @property {readonly string[]} vocabulary texts of its tokens, by id
 *
 * @typedef {object} Sample
 * @property {number} request
 * @property {string} prompt
 * @property {string} text
 * @property {SampledToken[]} tokens grows in place: a long text is not copied for each token
 * @property {string[]} pieces the text cut along the tokens; grows in place
 * @property {boolean} running
 *
 * @typedef {object} Lookup what follows a token in the text
 * @property {string} text
 * @property {number | null} request the one under way
 * @property {Extract<Event, { event: "transitions_counted" }> | null} answer
 *
 * @typedef {object} Trial a model of the comparison
 * @property {string} label empty for the whole
 * @property {Config} config
 * @property {{ validation: number | null, best: Best | null } | null} result
 *
 * @typedef {object} Kept a model that was replaced, and can come back
 * @property {string} name
 * @property {Uint8Array<ArrayBuffer>} bytes
 * @property {number} step
 * @property {LossHistory} history
 * @property {RunRecord | null} run
 *
 * @typedef {object} View how the curves are looked at
 * @property {{ from: number, to: number } | null} zoom steps; null: all of them
 * @property {boolean} logSteps
 * @property {boolean} logLoss
 *
 * @typedef {Extract<Event, { event: "workers_set" }>} Workers
 *
 * @typedef {Extract<Event, { event: "best_restored" | "warned" | "worker_lost" }> | Workers} News
 *
 * @typedef {object} State
 * @property {"starting" | "ready" | "crashed" | "lacking"} worker
 * @property {Extract<Event, { event: "lacking" }>["feature"] | null} lacks what there is no worker for want of
 * @property {string} crash what the worker said last
 * @property {string} version
 * @property {boolean} newer whether a newer version of the page is there
 * @property {Preferences} preferences
 * @property {Adapter | null} adapter
 * @property {Executor | null} moving where the worker was asked to compute from now on
 * @property {Workers | null} workers how many compute on the CPU; null where a GPU does, and until that is known
 * @property {number | null} workersAsked how many were asked for, until they are there
 * @property {Catalogue | null} catalogue what the core offers, in its own words; the four below in the page's
 * @property {readonly Field[]} fields
 * @property {readonly Preset[]} presets
 * @property {readonly BuiltIn[]} texts
 * @property {readonly Recipe[]} recipes
 * @property {string | null} recipe key of the chosen one
 * @property {Text} text
 * @property {Preparation} preparation
 * @property {TokenizerFile} tokenizerFile
 * @property {Config | null} form the settings as typed
 * @property {boolean} promptTouched whether the prompt was typed, or chosen by a recipe
 * @property {Readonly<Record<string, Found>>} mistyped what is wrong with each field that holds no value, by "group.key"
 * @property {Estimate | null} estimate of the form
 * @property {Problem | null} estimateProblem
 * @property {Model | null} model
 * @property {Run} run
 * @property {"train" | "step" | "fine_tune" | null} intent what to do once text and model are in place
 * @property {boolean} building whether the worker makes a model
 * @property {number} asked counts presses of Train that the model in memory could not follow
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
 * @property {Runs} runs
 * @property {View} view
 * @property {readonly Extract<Event, { event: "sample_taken" }>[]} samples
 * @property {readonly number[]} checkpoints steps whose weights are kept to be looked at, in order
 * @property {number | null} at the kept step that is looked at; null: the weights of now
 * @property {Source} source what samples are drawn from
 * @property {Sample | null} sample
 * @property {Lookup} lookup
 * @property {{ trials: readonly Trial[], current: number | null } | null} comparison
 * @property {{ layer: number, head: number }} look
 * @property {Looks} looks what the worker was asked about the inside, and what it said
 * @property {Off} off pieces of the model that are switched off for a look
 * @property {number | null} token whose nearest are listed
 * @property {Problems} problems
 * @property {readonly News[]} news
 * @property {Link} link
 * @property {Sessions} sessions
 * @property {boolean} exporting
 * @property {{ done: number, of: number } | null} writing a web page under way, with the bytes of the model that are in it
 * @property {ExportFormat | "page"} exportFormat the chosen one; a web page is written here, of the core's safetensors
 * @property {readonly ExportSize[] | null} exportSizes of the model in memory; null: not measured yet
 * @property {string | null} importing name of the file
 * @property {{ name: string, size: number, how: "saved" | "shared" | "ready" } | null} exported
 * @property {number} exportedStep step whose weights are in a file, or can be made again from the seed
 * @property {Kept | null} leaving kept in case that the next model takes its place
 * @property {Kept | null} undo
 */

// 1000 rows: beyond, every second sample of a run goes.
const SAMPLES = 1000;
// No step is this one.
export const UNSAVED = -1;

/** @returns {State} */
export const initialState = () => ({
  worker: "starting",
  lacks: null,
  crash: "",
  version: "",
  newer: false,
  preferences: loadPreferences(),
  adapter: null,
  moving: null,
  workers: null,
  workersAsked: null,
  catalogue: null,
  fields: [],
  presets: [],
  texts: [],
  recipes: [],
  recipe: null,
  text: {
    value: "",
    revision: 0,
    unsent: false,
    pending: false,
    reading: null,
    replacing: false,
    made: null,
    name: null,
    previous: null,
    description: null,
  },
  preparation: unprepared(),
  tokenizerFile: { reading: null, given: null, files: [] },
  form: null,
  promptTouched: false,
  mistyped: {},
  ...withoutModel(),
  source: "model",
  look: { layer: 0, head: 0 },
  problems: {},
  news: [],
  link: noLink(),
  writing: null,
  exportFormat: "safetensors",
  sessions: { list: null, none: false, offered: null, saving: false, every: rest(0, 0), elsewhere: false, storage: null },
  undo: null,
  runs: noRuns(),
  view: { zoom: null, logSteps: false, logLoss: false },
});

/** What is true of a worker that was given nothing. @returns {Preparation} */
const unprepared = () => ({ asked: null, progress: null, cancelled: false });

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
  epochs: 0,
  speed: 0,
  secondsLeft: null,
  uniformLoss: null,
  baselines: null,
  best: null,
  stoppedEarly: null,
  endSeen: false,
  history: new LossHistory(),
  samples: [],
  checkpoints: [],
  at: null,
  sample: null,
  lookup: { text: "", request: null, answer: null },
  comparison: null,
  looks: noLooks(),
  off: {},
  token: null,
  exporting: false,
  exportSizes: null,
  importing: null,
  exported: null,
  exportedStep: 0,
  leaving: null,
});

/**
 * The state after an event, as a change to it.
 * @param {Readonly<State>} state
 * @param {Event} event
 * @returns {Partial<State>}
 */
export function reduce(state, event) {
  switch (event.event) {
    case "ready": {
      const { fields, presets, texts, recipes } = event;
      const catalogue = { fields, presets, texts, recipes };
      return {
        ...withoutModel(),
        runs: left(state),
        worker: "ready",
        version: event.version,
        adapter: event.adapter,
        moving: null,
        ...withoutWorkers(state),
        catalogue,
        ...translated(catalogue),
        text: { ...state.text, pending: false },
        preparation: unprepared(),
        form: state.form ?? structuredClone(presets[0].config),
        problems: {},
      };
    }
    case "moved":
      return { adapter: event.adapter, moving: null, ...withoutWorkers(state), problems: withoutProblems(state, "command", "gpu") };
    case "workers_set": {
      const { workers, workersAsked, news } = state;
      const told = event.lack === "failing" && workers?.lack !== "failing";
      return {
        workers: event,
        workersAsked: event.lack || event.workers === workersAsked ? null : workersAsked,
        ...(told ? { news: [...news, event] } : {}),
      };
    }
    case "worker_lost":
      return { news: [...state.news.filter((news) => news.event !== "worker_lost"), event] };
    case "text_decoded": {
      const { text } = state;
      // Typed over in the meantime: the box has the last word.
      if (text.reading?.name !== event.name) return {};
      return {
        text: {
          ...text,
          value: event.text,
          revision: text.revision + 1,
          unsent: false,
          reading: null,
          replacing: false,
          made: text.reading.made,
          name: text.reading.name,
          previous: ownText(state) ?? text.previous,
        },
      };
    }
    case "tokenizer_read":
      return {
        tokenizerFile: { reading: null, given: event, files: state.tokenizerFile.reading?.files ?? state.tokenizerFile.files },
        form: state.form && { ...state.form, tokenizer: { ...state.form.tokenizer, kind: "file" } },
        preparation: { ...state.preparation, asked: null },
        problems: withoutProblems(state, "tokenizer"),
      };
    case "preparing":
      return { preparation: { ...state.preparation, progress: event, cancelled: false } };
    case "preparation_cancelled":
      return {
        // Box and form keep what they hold: the worker gets both again before anything else is done with them.
        text: { ...state.text, pending: false, reading: null, unsent: state.text.value !== "" },
        preparation: { asked: null, progress: null, cancelled: true },
        intent: null,
        building: false,
        leaving: null,
        comparison: ended(state.comparison),
      };
    case "text_set": {
      const fits = event.fits_model;
      const after = {
        ...state,
        // An empty box is a person between two texts, whatever the worker still holds.
        text: { ...state.text, pending: false, description: state.text.value ? event : null },
        model: state.model && { ...state.model, fitsText: fits ?? state.model.fitsText },
        preparation: { ...state.preparation, progress: null, cancelled: false },
        problems: withoutProblems(state, "text"),
      };
      const { text, model, preparation, problems } = after;
      return { text, model, preparation, problems, ...(state.model && fits === false ? {} : promptFrom(after)) };
    }
    case "estimated":
      return { estimate: event.estimate ?? null, estimateProblem: event.problem ?? null };
    case "model_built": {
      const imported = event.origin === "imported";
      const runs = withRun(state, event);
      // What one samples with is the person's, not the file's.
      const form = imported ? { ...event.config, sampling: state.form?.sampling ?? event.config.sampling } : state.form;
      return {
        model: {
          config: event.config,
          estimate: event.estimate,
          origin: event.origin,
          file: imported ? state.importing : null,
          fitsText: event.fits_text,
          textRevision: state.text.revision,
          textName: imported ? null : state.text.name,
          vocabulary: event.vocabulary,
        },
        form,
        ...(imported ? { mistyped: {}, recipe: null } : {}),
        ...(event.fits_text ? promptFrom({ ...state, form }) : {}),
        step: event.step,
        steps: event.steps,
        epochs: event.steps_per_epoch ? event.step / event.steps_per_epoch : 0,
        speed: 0,
        secondsLeft: null,
        uniformLoss: Math.log(Number(event.config.model.vocab)),
        baselines: event.baselines ?? null,
        best: null,
        stoppedEarly: null,
        endSeen: false,
        history: new LossHistory(),
        runs,
        // Steps of another run, unless one that had them is still shown.
        view: runs.list.some(({ id, shown }) => shown && id !== runs.current) ? state.view : { ...state.view, zoom: null },
        samples: [],
        checkpoints: [],
        at: null,
        sample: stopped(state.sample),
        looks: { ...noLooks(), tokenizers: state.looks.tokenizers },
        off: {},
        token: null,
        look: {
          layer: Math.max(0, Math.min(state.look.layer, Number(event.config.model.layers) - 1)),
          head: Math.min(state.look.head, Number(event.config.model.heads) - 1),
        },
        problems: withoutProblems(state, "configuration", "file", "gpu", "training", "prompt", "command"),
        news: state.news.filter((news) => aboutText(news) || news.event === "workers_set"),
        building: false,
        exportSizes: null,
        importing: null,
        exported: null,
        // Weights that are trained further are as safe as they were.
        exportedStep: event.origin === "fine_tuned" && unsaved(state) ? UNSAVED : event.step,
        // A comparison makes models of its own; the one before them stays the one to go back to.
        undo: state.leaving ?? (state.comparison?.current == null ? null : state.undo),
        leaving: null,
      };
    }
    case "state_changed":
      return {
        run: event.state,
        ...(event.state === "training"
          ? { problems: withoutProblems(state, "training", "command"), stoppedEarly: null, endSeen: false }
          : {}),
      };
    case "progressed": {
      return {
        history: state.history.with(event.training, event.validation),
        step: event.step,
        steps: event.steps,
        epochs: event.epochs,
        speed: event.tokens_per_second,
        secondsLeft: Number.isFinite(event.seconds_left) ? event.seconds_left : null,
        uniformLoss: event.uniform_loss,
        best: event.best ?? null,
      };
    }
    case "sample_taken": {
      const before = state.samples.filter(({ step }) => step < event.step);
      const kept = before.length < SAMPLES ? before : before.filter((_, i) => i % 2 === 0);
      return { samples: [...kept, event] };
    }
    case "stopped_early":
      return { stoppedEarly: event };
    case "best_restored":
      return {
        history: state.history.upTo(event.best.step),
        step: event.best.step,
        samples: state.samples.filter(({ step }) => step <= event.best.step),
        ...upTo(state, event.best.step),
        stoppedEarly: null,
        endSeen: false,
        news: [...state.news.filter(({ event }) => event !== "best_restored"), event],
      };
    case "warned":
      return { news: [...state.news.filter((news) => news.event !== "warned" || !alike(news, event)), event] };
    case "evaluated":
      return { history: state.history.with([], [event.point]) };
    case "sampled": {
      const { sample } = state;
      if (!sample?.running || event.request !== sample.request) return {};
      sample.tokens.push(...event.tokens);
      sample.pieces.push(...pieces(event.text, event.tokens));
      return { sample: { ...sample, text: sample.text + event.text } };
    }
    case "sampling_finished":
      if (event.request !== state.sample?.request) return {};
      return { sample: stopped(state.sample) };
    case "transitions_counted":
      if (event.request !== state.lookup.request) return {};
      return { lookup: { ...state.lookup, request: null, answer: event } };
    case "checkpoints_kept":
      return { checkpoints: event.steps, at: nearestKept(state.at, event.steps) };
    case "attention_computed":
    case "heads_looked_at":
    case "predicted":
    case "lens_looked": {
      const looks = answered(state.looks, event);
      return looks === state.looks ? {} : { looks, problems: withoutProblems(state, "prompt") };
    }
    case "switched_off":
    case "tensors_looked_at":
    case "embeddings_projected":
    case "neighbours_found":
    case "tokenizers_compared":
      return { looks: answered(state.looks, event) };
    case "exported":
      return { exporting: false };
    case "exports_measured":
      return { exportSizes: event.formats };
    case "failed": {
      const { sample, lookup } = state;
      const looks = refused(state.looks, event);
      const looked = looks !== state.looks;
      // Nobody waits any more for what was asked of another model.
      if (event.request != null && !looked && ![sample?.request, lookup.request].includes(event.request)) return {};
      // Of what was looked at, only a prompt's fault or the GPU's stands anywhere but in its own place.
      if (looked && event.kind !== "prompt" && event.kind !== "gpu") return { looks };
      const place = placeOf(state, event);
      const asked = place === "prompt" || place === "lookup";
      return {
        problems: { ...state.problems, [place]: event },
        ...(event.request == null ? { moving: null, workersAsked: null } : {}),
        ...(event.request != null && event.request === sample?.request ? { sample: stopped(sample) } : {}),
        looks,
        ...(place === "lookup" ? { lookup: { ...lookup, request: null, answer: null } } : {}),
        ...(place === "tokenizer" ? { tokenizerFile: { ...state.tokenizerFile, reading: null } } : {}),
        ...(place === "text" || place === "configuration"
          ? {
              // A file that was refused leaves the text in place, and its numbers.
              text: { ...state.text, reading: null, pending: false },
              preparation: { ...state.preparation, progress: null },
            }
          : {}),
        ...(asked
          ? {}
          : {
              intent: null,
              building: false,
              leaving: null,
              importing: null,
              exporting: false,
              comparison: ended(state.comparison),
            }),
      };
    }
    case "replayed":
    case "benchmarked":
    case "saved_part":
      // For scripts, or not for the state.
      return {};
    case "lacking":
      return { worker: "lacking", lacks: event.feature };
    case "crashed":
      return {
        ...withoutModel(),
        worker: "crashed",
        moving: null,
        workersAsked: null,
        crash: event.message,
        runs: left(state),
        // What was seen stays to be looked at.
        sample: stopped(state.sample),
        samples: state.samples,
        history: state.history,
        comparison: ended(state.comparison),
        text: { ...state.text, reading: null, pending: false },
        preparation: unprepared(),
        problems: {},
      };
  }
}

/** What is true until it is known who computes. @param {Readonly<State>} state */
const withoutWorkers = ({ news }) => ({
  workers: null,
  workersAsked: null,
  news: news.filter(({ event }) => event !== "worker_lost" && event !== "workers_set"),
});

/** What can be looked back at once the steps behind this one are gone. @param {Readonly<State>} state @param {number} last */
function upTo({ checkpoints, at }, last) {
  const kept = checkpoints.filter((step) => step <= last);
  return { checkpoints: kept, at: nearestKept(at, kept) };
}

/** @param {Sample | null} sample */
const stopped = (sample) => sample && { ...sample, running: false };

/** A comparison that goes no further; what it found stays. @param {State["comparison"]} comparison */
export const ended = (comparison) => comparison && { ...comparison, current: null };

/** Whether news is about the text, and so outlives a model. @param {News} news */
export const aboutText = (news) => news.event === "warned" && news.kind === "text";

/**
 * Until a person types a prompt, the beginning of the text's first line: the vocabulary surely holds it. Of a problem
 * with one right answer, what is asked.
 * @param {Readonly<State>} state
 * @returns {Partial<State>}
 */
export function promptFrom({ form, promptTouched, text }) {
  if (promptTouched || !form) return {};
  const line = text.value.slice(0, 1000).split(/\r?\n/).find((line) => line.trim()) ?? "";
  const asked = text.description?.task ? line.indexOf("=") + 1 : 0;
  const prompt = asked > 0 ? line.slice(0, asked) : Array.from(line).slice(0, 24).join("");
  return { form: { ...form, sampling: { ...form.sampling, prompt } } };
}
