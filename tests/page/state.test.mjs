// @ts-check
/** @import { Event } from "../../web/core/protocol" */
/** @import { State } from "../../web/state/state.js" */
/** How each event of the worker changes what the page knows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LossHistory } from "../../web/state/loss_history.js";
import { UNSAVED } from "../../web/state/files.js";
import { promptFrom } from "../../web/state/settings.js";
import { initialState, reduce } from "../../web/state/state.js";
import { after, built, config, description, progressed, ready, readyState, stateWithText, trained, validated } from "./fixtures.mjs";

const problem = { kind: /** @type {const} */ ("configuration"), code: /** @type {const} */ ("prefixes_need_last_position") };
const token = { id: 0, text: "a", probability: 1, candidates: [] };

/** One of each: an event without an example is a type error. @type {{ [Name in Event["event"]]: Extract<Event, { event: Name }> }} */
const examples = {
  ready,
  moved: { event: "moved", adapter: { name: "A GPU", backend: "vulkan", software: false } },
  workers_set: { event: "workers_set", workers: 2, most: 4, lack: null },
  worker_lost: { event: "worker_lost", step: 3, silent: true, message: "" },
  text_decoded: { event: "text_decoded", name: "hens.txt", text: "hens" },
  tokenizer_read: { event: "tokenizer_read", name: "tokenizer.json", vocab: 300, lossless: true },
  preparing: { event: "preparing", stage: "counting", done: 1, of: 2 },
  preparation_cancelled: { event: "preparation_cancelled" },
  text_set: { event: "text_set", ...description },
  estimated: { event: "estimated", estimate: built().estimate },
  model_built: built(),
  state_changed: { event: "state_changed", state: "training" },
  progressed: progressed(1),
  checkpoints_kept: { event: "checkpoints_kept", steps: [0, 100] },
  sample_taken: { event: "sample_taken", step: 1, prompt: "a", text: "b", tokens: 1 },
  stopped_early: { event: "stopped_early", step: 9, patience: 3, best: { step: 6, loss: 2 } },
  best_restored: { event: "best_restored", best: { step: 6, loss: 2 } },
  warned: { event: "warned", ...problem },
  evaluated: { event: "evaluated", point: validated(1), batches: 2 },
  sampled: { event: "sampled", request: 1, text: "a", tokens: [token] },
  sampling_finished: { event: "sampling_finished", request: 1, stopped: false },
  transitions_counted: { event: "transitions_counted", request: 1, total: 0, different: 0, transitions: [] },
  tokenizers_compared: { event: "tokenizers_compared", request: 1, looks: [] },
  attention_computed: { event: "attention_computed", request: 1, step: 0, layer: 0, head: 0, tokens: [], weights: [] },
  heads_looked_at: { event: "heads_looked_at", request: 1, step: 0, tokens: ["a", "b"], heads: [] },
  predicted: { event: "predicted", request: 1, step: 0, logits: [] },
  lens_looked: { event: "lens_looked", request: 1, step: 0, tokens: [], guesses: [] },
  switched_off: { event: "switched_off", request: 1, step: 0, whole: 1, without: 2, tokens: 9 },
  tensors_looked_at: { event: "tensors_looked_at", request: 1, step: 0, tensors: [] },
  embeddings_projected: { event: "embeddings_projected", request: 1, step: 0, ids: [], tokens: [], projection: { points: [], explained: [0, 0] } },
  neighbours_found: { event: "neighbours_found", request: 1, token: "a", neighbours: [] },
  saved_part: { event: "saved_part", offset: 0, size: 1, step: 1, bytes: new Uint8Array(1) },
  exported: { event: "exported", name: "a.gguf", bytes: new Uint8Array(1) },
  exports_measured: { event: "exports_measured", formats: [] },
  replayed: { event: "replayed", bytes: new Uint8Array(0) },
  benchmarked: { event: "benchmarked", rows: [], decoding: [], calibration_gflops: 1 },
  failed: { event: "failed", ...problem },
  crashed: { event: "crashed", message: "gone" },
  lacking: { event: "lacking", feature: "simd" },
};

/** Makes all of it unchangeable, but for what grows in place: a sample's tokens. @param {any} value */
function frozen(value) {
  if (value === null || typeof value !== "object" || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  for (const [key, item] of Object.entries(value)) if (key !== "sample") frozen(item);
  return Object.freeze(value);
}

const training = () => after(stateWithText("the hens"), built(), { event: "state_changed", state: "training" }, progressed(1));
/** The looks of a state in which each was asked for. @param {State} state @param {number} first request */
const asked = ({ looks }, first) =>
  /** @type {State["looks"]} */ (Object.fromEntries(Object.entries(looks).map(([name, look], i) => [name, { ...look, request: first + i, asked: name }])));

test("every event changes entries that are there, and nothing of the state before it", () => {
  const known = new Set(Object.keys(initialState()));
  for (const state of [initialState(), readyState(), training()]) {
    for (const event of Object.values(examples)) {
      const change = reduce(frozen({ ...state }), frozen(event));
      const strange = Object.keys(change).filter((key) => !known.has(key));
      assert.deepEqual(strange, [], event.event);
    }
  }
});

test("a worker that is ready brings its catalogue; form and text of before stay", () => {
  const first = readyState();
  assert.deepEqual([first.worker, first.version, first.adapter?.name, first.fields.length], ["ready", "1.2.3", "Two cores", ready.fields.length]);
  assert.deepEqual(first.form, ready.presets[0].config);
  assert.notEqual(first.form, ready.presets[0].config, "typing does not change the size");
  const form = config({ model: { layers: 5 } });
  const again = after({ ...training(), form, problems: { gpu: problem } }, { event: "crashed", message: "the driver is gone" }, ready);
  assert.deepEqual([again.form, again.text.value, again.text.pending, again.problems], [form, "the hens", false, {}]);
  assert.deepEqual([again.model, again.step, again.history.isEmpty, again.runs.current], [null, 0, true, null]);
  assert.deepEqual(again.runs.list.map(({ step }) => step), [1], "its run stays");
});

test("a worker that is gone leaves to be looked at what was seen", () => {
  const before = after({ ...training(), sample: { request: 1, prompt: "", text: "ab", tokens: [], pieces: [], running: true } }, examples.sample_taken);
  const state = after(before, { event: "crashed", message: "the driver is gone" });
  assert.deepEqual([state.worker, state.crash, state.model, state.run], ["crashed", "the driver is gone", null, "empty"]);
  assert.deepEqual([state.history, state.samples, state.sample?.text, state.sample?.running], [before.history, before.samples, "ab", false]);
  assert.deepEqual(after(initialState(), examples.lacking).lacks, "simd");
});

test("workers are as many as there are, and why there are not more is told once", () => {
  const failing = { ...examples.workers_set, workers: 1, lack: /** @type {const} */ ("failing") };
  const state = after({ ...readyState(), workersAsked: 4 }, { ...examples.workers_set, workers: 2 });
  assert.deepEqual([state.workers?.workers, state.workersAsked], [2, 4]);
  assert.equal(after(state, { ...examples.workers_set, workers: 4 }).workersAsked, null);
  const told = after(state, failing, failing, examples.worker_lost, examples.worker_lost);
  assert.deepEqual([told.workersAsked, told.news.map(({ event }) => event)], [null, ["workers_set", "worker_lost"]]);
  const moved = after({ ...told, moving: "gpu" }, examples.moved);
  assert.deepEqual([moved.adapter?.name, moved.moving, moved.workers, moved.news], ["A GPU", null, null, []]);
});

test("a file's text takes the box's place, unless it was typed over", () => {
  const reading = { name: "hens.txt", size: 4, made: null };
  const state = stateWithText("mine");
  const read = after({ ...state, text: { ...state.text, reading } }, examples.text_decoded);
  assert.deepEqual([read.text.value, read.text.name, read.text.previous, read.text.revision, read.text.reading], ["hens", "hens.txt", "mine", 2, null]);
  assert.deepEqual(reduce(state, examples.text_decoded), {});
  // What the project makes itself can be made again, and needs no keeping.
  const made = after({ ...state, text: { ...state.text, made: { key: "stories", seed: 1 }, reading } }, examples.text_decoded);
  assert.equal(made.text.previous, null);
});

test("a text that was counted has its numbers, and gives the prompt until one is typed", () => {
  const state = stateWithText("\n  the hens and the fox went out\nthen");
  assert.equal(state.text.description?.tokens, 1000);
  assert.equal(state.form?.sampling.prompt, "  the hens and the fox w");
  assert.equal(after({ ...readyState() }, examples.text_set).text.description, null, "an empty box is a person between two texts");
  assert.deepEqual(promptFrom({ ...state, promptTouched: true }), {});
  const sums = { ...state, text: { ...state.text, value: "12+3=15\n", description: { ...description, task: true } } };
  assert.equal(promptFrom(sums).form?.sampling.prompt, "12+3=");
  // The model in memory does not know the new text.
  const other = after(training(), { event: "text_set", ...description, fits_model: false });
  assert.equal(other.model?.fitsText, false);
});

test("preparing has a progress; cancelled, text and settings are sent again", () => {
  const state = after({ ...stateWithText("the hens"), building: true, intent: "train" }, examples.preparing);
  assert.equal(state.preparation.progress, examples.preparing);
  const cancelled = after(state, examples.preparation_cancelled);
  assert.deepEqual([cancelled.preparation, cancelled.text.unsent, cancelled.intent, cancelled.building], [{ asked: null, progress: null, cancelled: true }, true, null, false]);
  assert.equal(after(cancelled, examples.preparing).preparation.cancelled, false);
});

test("a tokenizer from a file is chosen in the form", () => {
  const files = [{ name: "tokenizer.json", bytes: new Uint8Array(2) }];
  const state = after({ ...readyState(), tokenizerFile: { reading: { name: "tokenizer.json", files }, given: null, files: [] } }, examples.tokenizer_read);
  assert.deepEqual([state.form?.tokenizer.kind, state.tokenizerFile.files, state.tokenizerFile.reading], ["file", files, null]);
  assert.equal(state.tokenizerFile.given?.vocab, 300);
});

test("a fresh model begins at nothing and keeps what is the page's", () => {
  const before = { ...training(), look: { layer: 9, head: 9 }, off: { mlp: [0] }, at: 3, view: { zoom: { from: 1, to: 2 }, logSteps: true, logLoss: false } };
  const state = after(before, built({ steps: 300 }));
  assert.deepEqual([state.step, state.steps, state.epochs, state.best, state.samples, state.off, state.at], [0, 300, 0, null, [], {}, null]);
  assert.deepEqual(state.look, { layer: 1, head: 1 }, "the last layer and head that it has");
  assert.equal(state.uniformLoss, Math.log(30));
  assert.ok(state.history.isEmpty && state.history !== before.history);
  assert.deepEqual(state.view, { zoom: null, logSteps: true, logLoss: false });
  assert.equal(state.exportedStep, 0, "a seed makes it again");
  assert.deepEqual([state.model?.origin, state.model?.fitsText, state.model?.textRevision], ["fresh", true, 1]);
});

test("an imported model brings its settings, but not what one samples with", () => {
  const form = config({ sampling: { temperature: 0.1, prompt: "mine" }, model: { layers: 7 } });
  const before = { ...readyState({ form, promptTouched: true, importing: "gpt.zip", recipe: "bigram", mistyped: { "model.layers": { code: "setting_mistyped", field: "model.layers", values: { low: 0, high: 1, whole: true } } } }) };
  const state = after(before, built({ origin: "imported", step: 60 }));
  assert.deepEqual([state.form?.model.layers, state.form?.sampling], [2, form.sampling]);
  assert.deepEqual([state.model?.file, state.importing, state.recipe, state.mistyped], ["gpt.zip", null, null, {}]);
  assert.deepEqual([state.step, state.exportedStep, state.epochs], [60, 60, 1.2]);
});

test("weights that are trained further are as safe as they were", () => {
  assert.equal(after(training(), built({ origin: "fine_tuned", step: 1 })).exportedStep, UNSAVED);
  assert.equal(after({ ...training(), exportedStep: 1 }, built({ origin: "fine_tuned", step: 1 })).exportedStep, 1);
});

test("the model before a comparison stays the one to go back to", () => {
  const kept = { name: "Tiny", bytes: new Uint8Array(1), step: 3, history: new LossHistory(), run: null };
  const trials = [{ label: "", config: config(), result: null }];
  assert.equal(after({ ...training(), leaving: kept }, built()).undo, kept);
  assert.equal(after({ ...training(), undo: kept }, built()).undo, null);
  assert.equal(after({ ...training(), undo: kept, comparison: { trials, current: 0 } }, built()).undo, kept);
});

test("reports grow the curves, and a time left that nobody knows is none", () => {
  const state = after(training(), progressed(2, { training: [trained(2, 1.5)], validation: [validated(2, 1.6)], seconds_left: Infinity, best: { step: 2, loss: 1.6 } }));
  assert.deepEqual([state.step, state.speed, state.secondsLeft, state.best], [2, 1000, null, { step: 2, loss: 1.6 }]);
  assert.deepEqual(state.history.training.map(({ step }) => step), [1, 2]);
  const more = after(state, { event: "evaluated", point: validated(2, 1.4), batches: 8 });
  assert.deepEqual(more.history.validation.map(({ loss }) => loss), [1.4], "another look at a step takes the place of the first");
});

test("the best weights back, nothing of what came after them is left", () => {
  const run = after(training(), ...[2, 3, 4].map((step) => progressed(step, { validation: [validated(step, 1 + step)] })), { event: "sample_taken", step: 2, prompt: "", text: "x", tokens: 1 }, { event: "sample_taken", step: 4, prompt: "", text: "y", tokens: 1 });
  const back = after({ ...run, checkpoints: [0, 2, 4], at: 4, endSeen: true }, examples.stopped_early, { event: "best_restored", best: { step: 2, loss: 3 } });
  assert.deepEqual([back.step, back.history.end, back.samples.map(({ step }) => step), back.checkpoints, back.at], [2, 2, [2], [0, 2], 2]);
  assert.deepEqual([back.stoppedEarly, back.endSeen, back.news.map(({ event }) => event)], [null, false, ["best_restored"]]);
});

test("training takes away what was said of its end", () => {
  const ended = after({ ...training(), problems: { training: problem, text: problem }, endSeen: true }, examples.stopped_early);
  assert.equal(ended.stoppedEarly, examples.stopped_early);
  const on = after(ended, { event: "state_changed", state: "training" });
  assert.deepEqual([on.run, on.stoppedEarly, on.endSeen, Object.keys(on.problems)], ["training", null, false, ["text"]]);
  assert.equal(after(ended, { event: "state_changed", state: "finished" }).stoppedEarly, ended.stoppedEarly);
});

test("samples on the way are thinned from a thousand on, and those of steps taken back go", () => {
  let state = training();
  const take = (/** @type {number} */ step) => (state = after(state, { event: "sample_taken", step, prompt: "", text: String(step), tokens: 1 }));
  for (let step = 1; step <= 1001; step += 1) take(step);
  assert.deepEqual([state.samples.length, state.samples[1].step, state.samples.at(-1)?.step], [501, 3, 1001]);
  take(3);
  assert.deepEqual(state.samples.map(({ step }) => step), [1, 3]);
});

test("a warning is told once, and one about the text outlives a model", () => {
  const text = { ...examples.warned, kind: /** @type {const} */ ("text"), code: /** @type {const} */ ("empty_text") };
  const state = after(training(), examples.warned, text, examples.warned);
  assert.deepEqual(state.news, [text, examples.warned]);
  assert.deepEqual(after(state, built()).news, [text]);
});

test("a sample grows while it runs, and another's tokens are not its own", () => {
  const sample = { request: 5, prompt: "", text: "", tokens: [], pieces: [], running: true };
  const part = (/** @type {number} */ request, /** @type {string} */ text) => ({ ...examples.sampled, request, text, tokens: [{ ...token, text }] });
  const state = after({ ...training(), sample }, part(5, "a"), part(4, "x"), part(5, "b"));
  assert.deepEqual([state.sample?.text, state.sample?.pieces, state.sample?.tokens.length], ["ab", ["a", "b"], 2]);
  assert.equal(after(state, { event: "sampling_finished", request: 4, stopped: false }).sample?.running, true);
  const done = after(state, { event: "sampling_finished", request: 5, stopped: true });
  assert.equal(done.sample?.running, false);
  assert.deepEqual(reduce(done, part(5, "late")), {});
});

test("each look is answered by its own request, and by no other", () => {
  const state = { ...training(), problems: { prompt: problem } };
  const looks = asked(state, 100);
  const wait = { ...state, looks };
  for (const [event, name] of /** @type {const} */ ([
    [examples.attention_computed, "attention"], [examples.heads_looked_at, "heads"], [examples.predicted, "prediction"], [examples.lens_looked, "lens"], [examples.switched_off, "worth"],
    [examples.predicted, "without"], [examples.tensors_looked_at, "tensors"], [examples.embeddings_projected, "embeddings"], [examples.neighbours_found, "neighbours"], [examples.tokenizers_compared, "tokenizers"],
  ])) {
    const answer = { ...event, request: Number(looks[name].request) };
    const { looks: now } = after(wait, answer);
    assert.deepEqual({ ...now[name] }, { ...looks[name], request: null, of: name, answer }, name);
    assert.deepEqual({ ...now, [name]: null }, { ...looks, [name]: null }, "the others wait on");
    assert.equal(after(wait, { ...event, request: 99 }).looks, looks, "an answer that nobody waits for");
  }
  // That the prompt was understood takes its problem away.
  assert.deepEqual(after(wait, { ...examples.predicted, request: 102 }).problems, {});
});

test("a look that is refused says so in its own place, and only a prompt's fault or the GPU's beside it", () => {
  const wait = { ...training(), looks: asked(training(), 100) };
  const quiet = after(wait, { ...examples.failed, request: 103 });
  assert.deepEqual([quiet.looks.lens.request, quiet.looks.lens.problem?.code, quiet.problems], [null, problem.code, {}]);
  const loud = after(wait, { ...examples.failed, kind: "prompt", request: 103 });
  assert.deepEqual(Object.keys(loud.problems), ["prompt"]);
});

test("a failure stands where its cause does, and ends what waited for it", () => {
  const waiting = { ...training(), intent: /** @type {const} */ ("train"), building: true, importing: "a.zip", exporting: true, moving: /** @type {const} */ ("gpu"), workersAsked: 3 };
  const state = after(waiting, examples.failed);
  assert.equal(state.problems.configuration?.code, problem.code);
  assert.deepEqual([state.intent, state.building, state.importing, state.exporting, state.moving, state.workersAsked], [null, false, null, false, null, null]);
  assert.equal(state.model, waiting.model, "the model trains on");
  // Of a request that nobody waits for any more.
  assert.deepEqual(reduce(waiting, { ...examples.failed, request: 77 }), {});
  // A prompt's fault ends nothing but its sample.
  const sample = { request: 5, prompt: "", text: "", tokens: [], pieces: [], running: true };
  const prompt = after({ ...waiting, sample }, { ...examples.failed, kind: "prompt", request: 5 });
  assert.deepEqual([prompt.sample?.running, prompt.building, Object.keys(prompt.problems)], [false, true, ["prompt"]]);
  // While a tokenizer's file is read a refused file is that one.
  const reading = { reading: { name: "t.json", files: [] }, given: null, files: [] };
  const tokenizer = after({ ...waiting, tokenizerFile: reading }, { ...examples.failed, kind: "file" });
  assert.deepEqual([Object.keys(tokenizer.problems), tokenizer.tokenizerFile.reading], [["tokenizer"], null]);
  const lookup = after({ ...waiting, lookup: { text: "a", request: 6, answer: null } }, { ...examples.failed, kind: "prompt", request: 6 });
  assert.deepEqual([Object.keys(lookup.problems), lookup.lookup.request], [["lookup"], null]);
});

test("what follows a token is the last question's answer", () => {
  const state = { ...training(), lookup: { text: "a", request: 8, answer: null } };
  const { lookup } = after(state, { ...examples.transitions_counted, request: 7 }, { ...examples.transitions_counted, request: 8, total: 3 });
  assert.deepEqual([lookup.request, lookup.answer?.total], [null, 3]);
});

test("one looks back at the nearest step that is kept", () => {
  const at = (/** @type {number | null} */ at, /** @type {number[]} */ steps) => after({ ...training(), at }, { event: "checkpoints_kept", steps }).at;
  assert.deepEqual([at(null, [0, 10]), at(10, [0, 10]), at(10, [0, 20]), at(14, [0, 10, 20]), at(10, [])], [null, 10, 0, 10, null]);
});
