// @ts-check
/** @import { State } from "./state.js" */
// Why what the model writes is poor, from the numbers at hand: only what they say, the worst first, nothing while all is well.

import { words } from "../i18n/words.js";
import { promptOf, promptTokens } from "./selectors.js";

const { advice: said } = words;

/**
 * @typedef {object} Advice
 * @property {string} key which one
 * @property {string} sentence with its numbers
 * @property {boolean} [restores] whether the best checkpoint would help
 */

// Sentences at once.
const MOST = 2;
// Points whose mean is the training loss of now.
const RECENT = 20;
// Steps before which a loss above that of knowing nothing may be the initial weights', not the learning rate's.
const PATIENCE = 50;
// Points of the curve in which the loss must have fallen, and by how many nats.
const [STUCK, FALLEN] = [100, 0.01];
// Nats that a validation loss must be above its best, and above the training loss, before it means anything.
const [RISEN, APART] = [0.05, 0.3];
// Parameters for each training token from which on a text is learned by heart.
const CROWDED = 10;
// A temperature that is high, and one that is low enough for loops; the characters of a loop and how often they must stand there.
const [HOT, COLD, LOOP, ROUNDS] = [1.5, 0.5, 16, 3];

/**
 * What may help, the worst first.
 * @param {Readonly<State>} state
 * @returns {Advice[]}
 */
export function advice(state) {
  const { model, sample, samples, source, comparison } = state;
  // Nothing was written yet, or what is written is not one trained model's.
  if (source !== "model" || !model || comparison?.current != null || (!sample && samples.length === 0)) return [];
  const rules = [untrained, diverged, unknown, rising, hot, repeats, stuck, aboveBaseline, byHeart, longPrompt, lossy];
  return rules.flatMap((rule) => rule(state) || []).slice(0, MOST);
}

/** Mean of a run of numbers; NaN of none. @param {{ loss: number }[]} points */
const meanLoss = (points) => points.reduce((sum, { loss }) => sum + loss, 0) / points.length;

/** The training loss of now, nats: the mean of the last steps. @param {Readonly<State>} state */
const trainingNow = ({ history }) => (history.training.length > 0 ? meanLoss(history.training.slice(-RECENT)) : null);

/** The training loss about a step, nats. @param {Readonly<State>} state @param {number} step */
function trainingAt({ history }, step) {
  const before = history.training.filter((point) => point.step <= step);
  return before.length > 0 ? meanLoss(before.slice(-RECENT)) : null;
}

/** The loss that tells most, and its step: on held-out text where there is some. @param {Readonly<State>} state */
function lossNow(state) {
  const training = trainingNow(state);
  return state.history.latestValidation ?? (training === null ? null : { loss: training, step: state.step });
}

/** @typedef {(state: Readonly<State>) => Advice | null | false | undefined} Rule */

/** @type {Rule} */
const untrained = ({ model, step }) =>
  model?.origin === "fresh" && step === 0 && { key: "untrained", sentence: said.untrained(Number(model.config.training.seed)) };

/** @type {Rule} */
function diverged(state) {
  const { uniformLoss, history, step } = state;
  const [now, { latest }] = [trainingNow(state), history];
  if (now === null || uniformLoss === null || !latest || step < PATIENCE || now <= uniformLoss + RISEN) return null;
  // From PyTorch's initial weights the loss comes down from far above.
  const earlier = trainingAt(state, step - PATIENCE / 2);
  if (earlier !== null && now < earlier - FALLEN) return null;
  return { key: "diverged", sentence: said.diverged(now, uniformLoss, latest.learning_rate, latest.gradient_norm) };
}

/** @type {Rule} */
function unknown(state) {
  const tokens = promptTokens(state) ?? [];
  const count = tokens.filter((token) => token === "<unk>").length;
  return count > 0 && { key: "unknown", sentence: said.unknown(count, tokens.length) };
}

/** @type {Rule} */
function rising(state) {
  const { best, history } = state;
  const [validation, now] = [history.latestValidation, trainingNow(state)];
  if (!best || best.step === 0 || !validation || now === null || validation.loss <= best.loss + RISEN) return null;
  const then = trainingAt(state, best.step);
  if (then === null || now >= Math.min(then, validation.loss)) return null;
  return { key: "rising", sentence: said.rising(validation.loss, best, now), restores: true };
}

/** @type {Rule} */
function hot({ form }) {
  const temperature = Number(form?.sampling.temperature);
  return temperature >= HOT && { key: "hot", sentence: said.hot(temperature) };
}

/** @type {Rule} */
function repeats({ sample, form, text }) {
  const temperature = Number(form?.sampling.temperature);
  // A problem has one right answer, which temperature 0 gives.
  if (!sample || sample.running || text.description?.task || !(temperature < COLD)) return null;
  const loop = sample.text.slice(-LOOP);
  if (loop.length < LOOP) return null;
  const rounds = sample.text.split(loop).length - 1;
  return rounds >= ROUNDS && { key: "repeats", sentence: said.repeats(LOOP, rounds, temperature) };
}

/** @type {Rule} */
function stuck(state) {
  const { history, run, baselines } = state;
  const points = history.training.slice(-STUCK);
  const now = trainingNow(state);
  // At its end a run has settled; below the pairs it has learned what they know.
  if (points.length < STUCK || run === "finished" || now === null || !history.latest) return null;
  if (baselines?.bigram != null && now <= baselines.bigram) return null;
  const half = STUCK / 2;
  if (meanLoss(points.slice(half)) < meanLoss(points.slice(0, half)) - FALLEN) return null;
  return { key: "stuck", sentence: said.stuck(points[STUCK - 1].step - points[0].step, now, history.latest.learning_rate) };
}

/** @type {Rule} */
function aboveBaseline(state) {
  const { model, baselines, step, steps, run } = state;
  const last = lossNow(state);
  if (!model || !baselines || !last || step === 0) return null;
  const { loss: now, step: at } = last;
  const next = run === "finished" || step >= steps ? said.longer(steps) : said.goOn(steps - step);
  const { unigram, bigram } = baselines;
  if (unigram != null && now > unigram) return { key: "unigram", sentence: said.aboveUnigram(now, unigram, at) + words.punctuation.between + next };
  // Without attention a model sees one token, and cannot beat the pairs.
  const { layers, attention } = model.config.model;
  if (Number(layers) === 0 || !attention || bigram == null || now <= bigram) return null;
  return { key: "bigram", sentence: said.aboveBigram(now, bigram, at) + words.punctuation.between + next };
}

/** @type {Rule} */
function byHeart(state) {
  const { model, history, text, step } = state;
  const [validation, now, tokens] = [history.latestValidation, trainingNow(state), text.description?.training_tokens];
  if (!model || now === null || step === 0) return null;
  // Validated long ago, it is held against what training was then.
  const then = validation && trainingAt(state, validation.step);
  const apart = validation && then != null ? validation.loss - then : null;
  if (apart !== null && apart < APART) return null;
  const { parameters } = model.estimate;
  if (tokens && parameters >= CROWDED * tokens) return { key: "small", sentence: said.smallText(parameters, tokens) };
  return apart !== null && validation && then != null && { key: "gap", sentence: said.gap(validation.loss, then) };
}

/** @type {Rule} */
function longPrompt(state) {
  const { model, promptTouched } = state;
  // The text's own beginning was nobody's choice.
  if (!promptTouched) return null;
  const { kind } = model?.config.tokenizer ?? {};
  const [prompt, context] = [promptOf(state), Number(model?.config.model.context)];
  const tokens = kind === "characters" ? Array.from(prompt).length : kind === "bytes" ? new TextEncoder().encode(prompt).length : 0;
  return tokens > context && { key: "prompt", sentence: said.longPrompt(tokens, context) };
}

/** @type {Rule} */
function lossy({ text, model }) {
  const { description } = text;
  if (!description || description.lossless || model?.fitsText === false) return null;
  return { key: "lossy", sentence: said.lossy(description.unknown_tokens, description.tokens) };
}
