// @ts-check
/** @import { About, Points } from "../storage/page_file.js" */
// What this file holds beside the page: the core, the model, and how that was trained. Whoever sent it may have changed it: the
// core judges the model, and of the rest nothing is believed that has not the right type.

import { visible } from "../i18n/format.js";
import { ABOUT, WEIGHTS, decoded } from "../storage/page_file.js";

// Bytes: what the core takes for a header, and the length before it.
const [HEADER_LIMIT, LENGTH] = [16 * 2 ** 20, 8];
// Characters of a name that are shown.
const NAME_LIMIT = 200;

/** @param {string} id */
const textOf = (id) => document.getElementById(id)?.textContent ?? "";

/** The address of the core's code, which waits in this file with its WebAssembly before it. */
export function coreAddress() {
  return URL.createObjectURL(new Blob([`globalThis.CORE="${textOf("core")}";`, textOf("core-code")], { type: "text/javascript" }));
}

/** What the export wrote down. @returns {About} */
export function aboutHere() {
  const { name, address, sampling, curve } = parsed(textOf(ABOUT));
  const points = (/** @type {any} */ list) => (Array.isArray(list) ? list.filter(isPoint) : []);
  return {
    name: typeof name === "string" ? name : "model.safetensors",
    address: typeof address === "string" && URL.canParse(address) && new URL(address).protocol === "https:" ? address : null,
    sampling: sampling !== null && typeof sampling === "object" ? sampling : {},
    curve: { training: points(curve?.training), validation: points(curve?.validation) },
  };
}

/** @param {any} point @returns {point is Points[number]} */
const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);

/** An object from a JSON text; an empty one from any other. @param {string} text @returns {Record<string, any>} */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

/**
 * The model's file. It takes itself out of the page, which needs its room no more.
 * @param {(done: number, of: number) => void} progress hears of slices
 * @returns {Promise<Blob | null>} null where there is none
 * @throws {Error} where it is no base64
 */
export async function modelHere(progress) {
  const slices = [...document.getElementsByClassName(WEIGHTS)];
  /** @type {Blob[]} */
  const parts = [];
  for (const [i, slice] of slices.entries()) {
    progress(i, slices.length);
    parts.push(new Blob([decoded((slice.textContent ?? "").trim())]));
    slice.remove();
    // A large model leaves the page time to draw.
    await new Promise((next) => setTimeout(next));
  }
  return parts.length > 0 ? new Blob(parts) : null;
}

/**
 * @typedef {object} Training how the model came about, as far as its file says
 * @property {string | null} text name of what it was trained on
 * @property {number | null} characters of that
 * @property {number | null} step
 * @property {number | null} trainingLoss nats
 * @property {number | null} validationLoss nats
 * @property {string | null} date
 * @property {string | null} version of Fledgling
 */

/** What a safetensors file says of its training. @param {Blob} file @returns {Promise<Training>} */
export async function trainingOf(file) {
  const length = file.size < LENGTH ? 0 : Number(new DataView(await file.slice(0, LENGTH).arrayBuffer()).getBigUint64(0, true));
  const header = length <= HEADER_LIMIT ? parsed(await file.slice(LENGTH, LENGTH + length).text()) : {};
  const metadata = header.__metadata__ ?? {};
  const training = typeof metadata.training === "string" ? parsed(metadata.training) : {};
  const number = (/** @type {any} */ value) => (Number.isFinite(value) ? Number(value) : null);
  return {
    text: named(training.text_name),
    characters: number(training.text_characters),
    step: number(training.step),
    trainingLoss: number(training.training_loss),
    validationLoss: number(training.validation_loss),
    date: named(training.date),
    version: named(metadata.fledgling),
  };
}

/** A foreign name on one line, with what cannot be seen made visible; null for none. @param {unknown} name */
function named(name) {
  if (typeof name !== "string" || name.trim() === "") return null;
  const shown = Array.from(name.trim()).map((sign) => (sign === " " ? sign : visible(sign)));
  return shown.length > NAME_LIMIT ? `${shown.slice(0, NAME_LIMIT).join("")}…` : shown.join("");
}
