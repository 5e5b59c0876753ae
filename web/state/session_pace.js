// @ts-check
// How often a run is saved by itself.

// Milliseconds from one save to the next at least; the part of the time that saving takes at most; bytes a millisecond on average.
const [EVERY, SHARE, RATE] = [30_000, 1 / 30, 2000];
// Long rests in steps that can be read.
const STEP = 10_000;

/**
 * Milliseconds from the end of a save to the next while one trains. A model with many parameters rests longer: its disk
 * would be written to without a pause.
 * @param {number} took milliseconds for the last save
 * @param {number} size bytes of it
 */
export const rest = (took, size) => Math.ceil(Math.max(EVERY, took / SHARE, size / RATE) / STEP) * STEP;

/** The same where training pauses or the tab goes out of sight, which may be the last chance. @param {number} size bytes */
export const shortRest = (size) => size / RATE / 10;
