// @ts-check
/** @import { Settings } from "../core/protocol" */
// What the next token may be under the sampling settings: the arithmetic of src/sampler.rs, without the draw.

/**
 * @typedef {object} Chance
 * @property {number} id
 * @property {number} share of what is drawn from; 0 where it is cut away
 * @property {number} before its share before anything was cut away
 * @property {boolean} kept
 */

/**
 * The likeliest tokens, the likeliest first, ties by id. As in the sampler, the shares at temperature 0 are those at 1.
 * @param {ArrayLike<number>} logits
 * @param {Settings} sampling
 * @param {ReadonlySet<number>} seen ids that the penalty falls on
 * @param {number} count
 * @returns {Chance[]}
 */
export function chances(logits, sampling, seen, count) {
  const penalty = Number(sampling.repetition_penalty);
  const moved = Float32Array.from(logits);
  if (penalty !== 1) {
    for (const id of seen) moved[id] = moved[id] > 0 ? moved[id] / penalty : moved[id] * penalty;
  }
  const temperature = Math.fround(Number(sampling.temperature)) || 1;
  let highest = -Infinity;
  for (const logit of moved) highest = Math.max(highest, logit);
  // A model that has run away says nothing.
  if (!Number.isFinite(highest)) return [];
  const weights = Float64Array.from(moved, (logit) => Math.exp((logit - highest) / temperature));
  // Typed arrays sort by number, ascending.
  const descending = weights.slice().sort().reverse();
  const all = descending.reduce((sum, weight) => sum + weight, 0);
  const topK = Number(sampling.top_k);
  let kept = topK > 0 && topK < weights.length ? topK : weights.length;
  let total = kept < weights.length ? descending.subarray(0, kept).reduce((sum, weight) => sum + weight, 0) : all;
  const topP = Number(sampling.top_p);
  if (topP < 1) {
    let [sum, n] = [0, 0];
    while (n < kept && sum < topP * total) sum += descending[n++];
    [kept, total] = [Math.max(1, n), sum];
  }
  return likeliest(moved, count).map((id, i) => ({
    id,
    share: i < kept ? weights[id] / total : 0,
    before: weights[id] / all,
    kept: i < kept,
  }));
}

/** @param {ArrayLike<number>} logits */
export function softmax(logits) {
  let highest = -Infinity;
  for (let i = 0; i < logits.length; i += 1) highest = Math.max(highest, logits[i]);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Ids of the largest, the largest first, ties by id. @param {ArrayLike<number>} logits @param {number} count */
export function likeliest(logits, count) {
  /** @type {number[]} */
  const found = [];
  for (let id = 0; id < logits.length; id += 1) {
    let at = found.length;
    while (at > 0 && logits[found[at - 1]] < logits[id]) at -= 1;
    if (at >= count) continue;
    found.splice(at, 0, id);
    if (found.length > count) found.pop();
  }
  return found;
}
