// @ts-check
/** @import { Attention } from "../../core/protocol" */
// One head's weights for taking away: to the clipboard, or into a file where the clipboard does not take them.

import { saveFile } from "../../storage/file_save.js";

/** @typedef {"copied" | "saved"} Taken */

/**
 * The weights as numbers, equal to the model's to seven digits.
 * @param {Attention} attention
 */
export function attentionJson({ step, layer, head, tokens, weights }) {
  const n = tokens.length;
  const rows = Array.from({ length: n }, (_, row) => Array.from({ length: n }, (_, column) => Number(weights[row * n + column].toPrecision(7))));
  return JSON.stringify({ step, layer, head, tokens, weights: rows });
}

/** What a file of this map is called. @param {Attention} attention @param {"png" | "json"} kind */
const nameOf = ({ step, layer, head }, kind) => `fledgling-attention-layer-${layer}-head-${head}-step-${step}.${kind}`;

/** @param {Attention} attention @param {HTMLCanvasElement} picture @returns {Promise<Taken>} */
export async function takePicture(attention, picture) {
  /** @type {Promise<Blob>} */
  const png = new Promise((done, fail) => picture.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"));
  try {
    // The promise itself: Safari asks for it while the press of the button still counts.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
    return "copied";
  } catch {
    saveFile(nameOf(attention, "png"), new Uint8Array(await (await png).arrayBuffer()));
    return "saved";
  }
}

/** @param {Attention} attention @returns {Promise<Taken>} */
export async function takeNumbers(attention) {
  const json = attentionJson(attention);
  try {
    await navigator.clipboard.writeText(json);
    return "copied";
  } catch {
    saveFile(nameOf(attention, "json"), new TextEncoder().encode(json));
    return "saved";
  }
}
