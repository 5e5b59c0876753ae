// @ts-check
// The curves of one run, thinned so that a million steps draw as fast as a thousand.

// 4096: about four points a pixel of the plot; twice that is merged back to it.
const POINTS = 4096;
// A smoothed point averages a fiftieth of the curve before and after it, but no fewer than 4 points and no more than 100.
const [SMOOTHING, FEWEST, MOST] = [1 / 50, 4, 100];

export class LossHistory {
  /** @type {number[]} */
  steps = [];
  /** Mean loss of the steps that a point stands for. @type {number[]} */
  losses = [];
  /** @type {number[]} */
  validationSteps = [];
  /** @type {number[]} */
  validationLosses = [];
  /** The last step's own loss. @type {number | null} */
  latest = null;

  // Steps that one point stands for; doubles when points are merged.
  #stride = 1;
  #bucketSum = 0;
  #bucketCount = 0;

  /** @param {number} step @param {number} loss */
  addTraining(step, loss) {
    // A run that went back to its last good weights takes its curve back with it.
    cut(step, this.steps, this.losses);
    this.latest = loss;
    if (!Number.isFinite(loss)) return;
    this.#bucketSum += loss;
    this.#bucketCount += 1;
    if (this.#bucketCount < this.#stride) return;
    this.steps.push(step);
    this.losses.push(this.#bucketSum / this.#bucketCount);
    this.#bucketSum = 0;
    this.#bucketCount = 0;
    if (this.steps.length >= 2 * POINTS) this.#merge();
  }

  /** Each two points become one. */
  #merge() {
    const second = (/** @type {number[]} */ values) => values.filter((_, i) => i % 2 === 1);
    this.losses = second(this.losses.map((loss, i, all) => (i ? (loss + all[i - 1]) / 2 : loss)));
    this.steps = second(this.steps);
    this.#stride *= 2;
  }

  /** @param {number} step @param {number} loss */
  addValidation(step, loss) {
    cut(step, this.validationSteps, this.validationLosses);
    this.validationSteps.push(step);
    this.validationLosses.push(loss);
  }

  /**
   * The losses averaged over a window around each: a curve that does not lag. The window closes towards the first point,
   * so that the curve begins where the run did, and is cut off at the last.
   * @returns {number[]}
   */
  smoothed() {
    const n = this.losses.length;
    const half = Math.max(FEWEST, Math.min(MOST, Math.round(n * SMOOTHING)));
    const sums = [0];
    for (const loss of this.losses) sums.push(sums[sums.length - 1] + loss);
    return this.losses.map((_, i) => {
      const [from, to] = [Math.max(0, i - half), Math.min(n, i + Math.min(half, i) + 1)];
      return (sums[to] - sums[from]) / (to - from);
    });
  }

  /** @returns {number | null} */
  get latestValidation() {
    return this.validationLosses.at(-1) ?? null;
  }
}

/** Drops what stands at a step or after it. @param {number} step @param {number[]} steps @param {number[]} values */
function cut(step, steps, values) {
  while (steps.length > 0 && steps[steps.length - 1] >= step) {
    steps.pop();
    values.pop();
  }
}
