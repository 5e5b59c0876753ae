// @ts-check
/** @import { Settings } from "../core/protocol" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { State } from "../state/state.js" */
// The self-contained page: a template that the build made (web/model_page/), with the model's safetensors file inside as base64,
// and what that file does not know of how it was trained.

import { LossHistory } from "../state/loss_history.js";

const TEMPLATE = "model_page.html";
/** Where the model goes in the template. */
export const MARK = "<!-- model -->";
/** Id of the element that holds `About`. */
export const ABOUT = "about-model";
/** Class of those that hold the file, slice by slice. */
export const WEIGHTS = "weights";
// 768 KiB: 1 MiB as base64, which is encoded within a few milliseconds and far from any engine's longest string.
const SLICE = 768 * 1024;
// Points of a curve: it is drawn no wider.
const POINTS = 200;

/**
 * @typedef {[step: number, loss: number][]} Points losses in nats
 *
 * @typedef {object} About
 * @property {string} name of the model's file
 * @property {string | null} address of the page that wrote it, where others reach it too
 * @property {Settings} sampling as they stood when it was written
 * @property {{ training: Points, validation: Points }} curve
 */

/**
 * What the page will say of the model in memory, beside what its file says.
 * @param {Readonly<State>} state @param {string} name of the model's file
 * @returns {About}
 */
export function aboutModel({ form, model, history }, name) {
  return {
    name,
    address: location.protocol === "https:" ? location.origin + location.pathname : null,
    sampling: (form ?? model?.config)?.sampling ?? {},
    curve: curveOf(history),
  };
}

/** @param {LossHistory} history */
function curveOf(history) {
  const smoothed = history.smoothed();
  return {
    training: thinned(history.training.map(({ step }, i) => [step, smoothed[i]])),
    validation: thinned(history.validation.map(({ step, loss }) => [step, loss])),
  };
}

/** Evenly chosen points, the first and the last among them. @param {Points} points @returns {Points} */
function thinned(points) {
  const finite = points.filter(([, loss]) => Number.isFinite(loss));
  const n = Math.min(finite.length, POINTS);
  return Array.from({ length: n }, (_, i) => finite[n < 2 ? 0 : Math.round((i * (finite.length - 1)) / (n - 1))]).map(([step, loss]) => [
    step,
    Number(loss.toPrecision(5)),
  ]);
}

/** The template's size in bytes, as the build noted it in the page; null where this copy of the page has none. */
export function templateSize() {
  const noted = document.querySelector("meta[name=model-page]")?.getAttribute("content");
  return noted ? Number(noted) : null;
}

/** Markup can be neither begun nor ended by what a JSON text holds. @param {About} about */
const aboutElement = (about) => `<script type="application/json" id="${ABOUT}">${JSON.stringify(about).replaceAll("<", "\\u003c")}</script>\n`;
/** What a slice of the file stands between. */
const around = () => [`<script type="text/plain" class="${WEIGHTS}">`, "</script>\n"];

/**
 * Bytes that the page will have.
 * @param {number} template bytes @param {About} about @param {number} model bytes of its file
 */
export function pageSize(template, about, model) {
  const base64 = (/** @type {number} */ bytes) => 4 * Math.ceil(bytes / 3);
  const slices = Math.floor(model / SLICE);
  const rest = model % SLICE;
  return (
    template -
    MARK.length +
    new TextEncoder().encode(aboutElement(about)).length +
    slices * base64(SLICE) +
    base64(rest) +
    (slices + (rest > 0 ? 1 : 0)) * around().join("").length
  );
}

/**
 * Writes the page. It never works for long at a time, whatever the model's size.
 * @param {Uint8Array<ArrayBuffer>} file safetensors @param {About} about
 * @param {(done: number, of: number) => void} progress hears of the file's bytes that are in the page
 * @returns {Promise<Blob>}
 */
export async function writePage(file, about, progress) {
  const [head, tail] = await template();
  const [begin, end] = around();
  /** @type {BlobPart[]} */
  const parts = [head, aboutElement(about)];
  for (let at = 0; at < file.length; at += SLICE) {
    progress(at, file.length);
    // A blob of its own each, so that the browser may put it elsewhere than into memory.
    parts.push(new Blob([begin, await base64(file.subarray(at, at + SLICE)), end]));
  }
  progress(file.length, file.length);
  return new Blob([...parts, tail], { type: "text/html" });
}

/** Why there is no template. */
export class TemplateError extends Error {
  /** @param {Found} found */
  constructor(found) {
    super(found.code);
    this.found = found;
  }
}

/** The template before and behind the model. */
async function template() {
  const unreachable = (/** @type {string} */ reason) => new TemplateError({ code: "template_unreachable", values: { name: TEMPLATE, reason } });
  const response = await fetch(TEMPLATE).catch((error) => {
    throw unreachable(String(error));
  });
  if (!response.ok) throw unreachable(`${response.status} ${response.statusText}`.trim());
  const parts = (await response.text()).split(MARK);
  if (parts.length !== 2) throw new TemplateError({ code: "template_foreign", values: { name: TEMPLATE } });
  return parts;
}

/** The browser encodes it beside the page's own work. @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<string>} */
function base64(bytes) {
  const reader = new FileReader();
  return new Promise((done, fail) => {
    reader.addEventListener("load", () => done(String(reader.result).slice(String(reader.result).indexOf(",") + 1)));
    reader.addEventListener("error", () => fail(reader.error));
    reader.readAsDataURL(new Blob([bytes]));
  });
}

// On the way back

// Bytes of a page within which it says what made it.
const BEGINNING = 4096;

/** Whether a page was written here. @param {Blob} page */
export const isModelPage = async (page) => (await page.slice(0, BEGINNING).text()).includes('<meta name="generator" content="Fledgling"');

/**
 * The model's file out of a page that was written here.
 * @param {Blob} page
 * @returns {Promise<Blob | null>} null where it holds none
 * @throws {Error} where it is no base64
 */
export async function modelIn(page) {
  const text = await page.text();
  const [begin, end] = around().map((markup) => markup.trim());
  /** @type {Blob[]} */
  const parts = [];
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at + begin.length)) {
    const close = text.indexOf(end, at);
    parts.push(new Blob([decoded(text.slice(at + begin.length, close < 0 ? undefined : close).trim())]));
    // A large model leaves the page time to draw.
    await new Promise((next) => setTimeout(next));
  }
  return parts.length > 0 ? new Blob(parts) : null;
}

/** @param {string} base64 @returns {Uint8Array<ArrayBuffer>} */
export function decoded(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}
