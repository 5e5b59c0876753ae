// @ts-check
/** @import { TrainingPoint, ValidationPoint } from "../core/protocol" */
// The curves of one run, thinned so that a million steps draw as fast as a thousand. They do not change: a run that goes on has
// others.

import { csv } from "./csv.js";

// 4096: about four points a pixel of the plot; twice that is merged back to it.
const POINTS = 4096;
// A smoothed point averages a fiftieth of the curve before and after it, but no fewer than 4 points and no more than 100.
const [SMOOTHING, FEWEST, MOST] = [1 / 50, 4, 100];

export class LossHistory {
  /** Mean over the steps that a point stands for, at the last of them. @type {TrainingPoint[]} */
  training = [];
  /** @type {ValidationPoint[]} */
  validation = [];
  /** The last step's own point. @type {TrainingPoint | null} */
  latest = null;

  // Steps that one point stands for; doubles when points are merged.
  #stride = 1;
  /** Steps of the point that is not whole yet. @type {TrainingPoint[]} */
  #open = [];

  /** With what came since. @param {readonly TrainingPoint[]} training @param {readonly ValidationPoint[]} validation */
  with(training, validation) {
    const next = this.#copy();
    for (const point of training) next.#addTraining(point);
    for (const point of validation) next.#addValidation(point);
    return next;
  }

  /** Without what came after a step. @param {number} step */
  upTo(step) {
    const next = this.#copy();
    cut(next.training, step + 1);
    cut(next.validation, step + 1);
    next.#open = [];
    next.latest = next.training.at(-1) ?? null;
    return next;
  }

  #copy() {
    const copy = new LossHistory();
    Object.assign(copy, { training: [...this.training], validation: [...this.validation], latest: this.latest });
    [copy.#stride, copy.#open] = [this.#stride, [...this.#open]];
    return copy;
  }

  /** @param {TrainingPoint} point */
  #addTraining(point) {
    // A run that went back to earlier weights takes its curve back with it.
    cut(this.training, point.step);
    cut(this.#open, point.step);
    this.latest = point;
    if (!Number.isFinite(point.loss)) return;
    this.#open.push(point);
    if (this.#open.length < this.#stride) return;
    this.training.push(mean(this.#open));
    this.#open = [];
    if (this.training.length >= 2 * POINTS) this.#merge();
  }

  toJSON() {
    const { training, validation, latest } = this;
    return { training, validation, latest, stride: this.#stride, open: this.#open };
  }

  /** The curves that were saved. @param {any} json as `toJSON` has them */
  static from({ training, validation, latest, stride, open }) {
    const history = new LossHistory();
    Object.assign(history, { training, validation, latest });
    [history.#stride, history.#open] = [stride, open];
    return history;
  }

  /** Each two points become one. */
  #merge() {
    const all = this.training;
    this.training = all.flatMap((point, i) => (i % 2 === 1 ? [mean([all[i - 1], point])] : []));
    this.#stride *= 2;
  }

  /** @param {ValidationPoint} point */
  #addValidation(point) {
    cut(this.validation, point.step);
    this.validation.push(point);
  }

  /**
   * The losses averaged over a window around each: a curve that does not lag. The window closes towards the first point,
   * so that the curve begins where the run did, and is cut off at the last.
   * @returns {number[]}
   */
  smoothed() {
    const n = this.training.length;
    const half = Math.max(FEWEST, Math.min(MOST, Math.round(n * SMOOTHING)));
    const sums = new Float64Array(n + 1);
    for (let i = 0; i < n; i += 1) sums[i + 1] = sums[i] + this.training[i].loss;
    return this.training.map((_, i) => {
      const [from, to] = [Math.max(0, i - half), Math.min(n, i + Math.min(half, i) + 1)];
      return (sums[to] - sums[from]) / (to - from);
    });
  }

  get isEmpty() {
    return this.training.length === 0 && this.validation.length === 0;
  }

  /** @returns {ValidationPoint | null} */
  get latestValidation() {
    return this.validation.at(-1) ?? null;
  }

  /** The lowest validation loss. @returns {ValidationPoint | null} */
  get best() {
    /** @type {ValidationPoint | null} */
    let best = null;
    for (const point of this.validation) if (Number.isFinite(point.loss) && (best === null || point.loss < best.loss)) best = point;
    return best;
  }

  /** The last step that any point stands at; 0 where there is none. */
  get end() {
    return Math.max(this.latest?.step ?? 0, this.training.at(-1)?.step ?? 0, this.validation.at(-1)?.step ?? 0);
  }

  /** Whether held-out problems were asked. */
  get isScored() {
    return this.validation.some(({ score }) => score);
  }

  /** The curves as a table, a row a step: empty where a step was not validated, or stands only for a validation. */
  csv() {
    return csv([COLUMNS, ...this.rows()]);
  }

  /** The cells of that table, in the order of `COLUMNS`. */
  rows() {
    // Where a point stands for several steps, the last ones have none yet; a table ends where the run does all the same.
    const points = this.#open.length > 0 ? [...this.training, mean(this.#open)] : this.training;
    /** @type {Map<number, [TrainingPoint?, ValidationPoint?]>} */
    const rows = new Map(points.map((point) => [point.step, [point]]));
    for (const point of this.validation) rows.set(point.step, [rows.get(point.step)?.[0], point]);
    return [...rows]
      .sort(([a], [b]) => a - b)
      .map(([step, [training, validation]]) => [
        step,
        (training ?? validation)?.tokens_seen,
        training?.loss,
        training?.perplexity,
        training?.bits_per_character,
        training?.learning_rate,
        training?.gradient_norm,
        validation?.loss,
        validation?.perplexity,
        validation?.bits_per_character,
        validation?.score?.exact,
        validation?.score?.of,
      ]);
  }
}

export const COLUMNS = [
  "step",
  "tokens seen",
  "training loss (nats)",
  "training perplexity",
  "training bits per character",
  "learning rate",
  "gradient norm",
  "validation loss (nats)",
  "validation perplexity",
  "validation bits per character",
  "exact answers",
  "problems asked",
];

/** @param {TrainingPoint[]} points @returns {TrainingPoint} */
function mean(points) {
  const of = (/** @type {"loss" | "bits_per_character" | "gradient_norm" | "learning_rate"} */ key) =>
    points.reduce((sum, point) => sum + point[key], 0) / points.length;
  const { step, tokens_seen } = points[points.length - 1];
  const loss = of("loss");
  return {
    step,
    loss,
    perplexity: Math.exp(loss),
    bits_per_character: of("bits_per_character"),
    gradient_norm: of("gradient_norm"),
    learning_rate: of("learning_rate"),
    tokens_seen,
  };
}

/** Drops what stands at a step or after it. @param {{ step: number }[]} points @param {number} step */
function cut(points, step) {
  while (points.length > 0 && points[points.length - 1].step >= step) points.pop();
}
