// @ts-check
// Linear and logarithmic axes: where a number stands, and which ones are named.

import { compact, whole } from "../i18n/format.js";

/**
 * @typedef {object} Axis how numbers stand along it
 * @property {(value: number) => number} fwd
 * @property {(place: number) => number} bwd
 */

/** @type {Axis} */
export const LINEAR = { fwd: (value) => value, bwd: (place) => place };

/** Losses: what is not above 0 has no place on it. @type {Axis} */
export const LOGARITHMIC = { fwd: (value) => (value > 0 ? Math.log10(value) : NaN), bwd: (place) => 10 ** place };

// A third of a decade: the room from step 0 to step 1.
const BEFORE_ONE = 1 / 3;
/** Steps: logarithmic from 1 on and linear before, so that step 0 has its place. @type {Axis} */
export const STEPS = {
  fwd: (step) => (step >= 1 ? Math.log10(step) : BEFORE_ONE * (step - 1)),
  bwd: (place) => (place >= 0 ? 10 ** place : 1 + place / BEFORE_ONE),
};

/**
 * Round numbers from one to another, at most as many as told, and no nearer to each other than the least distance.
 * @param {number} low @param {number} high @param {number} most @param {number} [least]
 */
export function linearTicks(low, high, most, least = 0) {
  const raw = Math.max((high - low) / Math.max(1, most), least, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(raw) + 1e-9);
  const stride = [1, 2, 5, 10].map((digit) => digit * power).find((stride) => stride >= raw * (1 - 1e-9)) ?? 10 * power;
  const ticks = [];
  // + 0: no number is -0.
  for (let i = Math.ceil(low / stride - 1e-6); i * stride <= high + stride * 1e-6; i += 1) ticks.push(i * stride + 0);
  return ticks;
}

/**
 * Powers of ten first, then their halves and fifths and so on, as far as each has room.
 * @param {number} low @param {number} high @param {number} most as many as would fit side by side
 * @param {Axis} axis @param {number} [least]
 */
export function logTicks(low, high, most, axis, least = 0) {
  const from = Math.max(low, axis === STEPS ? 1 : Number.MIN_VALUE);
  if (high / from < 3) return linearTicks(low, high, most, least);
  const room = (axis.fwd(high) - axis.fwd(low)) / Math.max(1, most);
  /** @type {number[]} */
  const ticks = [];
  /** @param {number} value */
  const offer = (value) => {
    if (value < low || value > high || value < least) return;
    if (ticks.every((other) => Math.abs(axis.fwd(other) - axis.fwd(value)) >= room)) ticks.push(value);
  };
  if (low <= 0 && axis === STEPS) ticks.push(0);
  const powers = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(high); power += 1) powers.push(power);
  for (const digits of [[1], [2, 5], [3], [4, 6, 8], [1.5, 2.5, 3.5, 4.5]]) {
    for (const power of powers) for (const digit of digits) offer(Number((digit * 10 ** power).toPrecision(3)));
  }
  return ticks.sort((a, b) => a - b);
}

/** Steps by name: 5,000 and 20 k. @param {number} step */
export const stepName = (step) => (step < 10_000 ? whole(step) : Number.isInteger(step / 1000) ? `${whole(step / 1000)} k` : compact(step));

/** Values by name, all with the digits that tell them apart. @param {readonly number[]} ticks @param {boolean} even whether they stand at one distance */
export function valueNames(ticks, even) {
  const plain = (/** @type {number} */ value) => (value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(3))));
  if (!even || ticks.length < 2) return ticks.map(plain);
  const digits = Math.max(1, Math.min(6, Math.ceil(-Math.log10(ticks[1] - ticks[0]) - 1e-6)));
  return ticks.map((value) => value.toFixed(digits));
}
