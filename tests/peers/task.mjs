// @ts-check
/** What a peer trains: a model by Fledgling's names, its initial weights, and the batches of every step. */

import { split } from "../browser/safetensors.mjs";

/**
 * @typedef {object} Task
 * @property {{ vocab: number, context: number, width: number, layers: number, heads: number, norm_epsilon: number }} model
 * @property {{ steps: number, batch: number, learning_rate: number, beta1: number, beta2: number, epsilon: number,
 *   weight_decay: number, clip: number }} training
 * @property {{ name: string, shape: number[], values: Float32Array }[]} weights
 * @property {{ tokens: Int32Array, targets: Int32Array }[]} batches both [batch, context], one pair a step
 *
 * @typedef {{ losses: number[], milliseconds: number[] }} Run one number a step; a time runs from the batch on the host to the
 *   loss on the host with the weights updated
 */

/** As `make bench-peers` serves it. @param {string} preset @returns {Promise<Task>} */
export async function fetchTask(preset) {
  const file = async (/** @type {string} */ name) => split(new Uint8Array(await (await fetch(`${preset}/${name}.safetensors`)).arrayBuffer()));
  const { model, training } = await (await fetch(`${preset}/config.json`)).json();
  const weights = await file("weights");
  const tensors = Object.entries(weights.header).filter(([name]) => name !== "__metadata__");
  const windows = new Int32Array((await file("batches")).data.slice().buffer);
  const words = training.batch * (model.context + 1);
  const cut = (/** @type {number} */ step, /** @type {number} */ from) => {
    const batch = windows.subarray(step * words, (step + 1) * words);
    const rows = Array.from({ length: training.batch }, (_, row) => batch.subarray(row * (model.context + 1) + from).subarray(0, model.context));
    return Int32Array.from(rows.flatMap((row) => [...row]));
  };
  return {
    model,
    training,
    weights: tensors.map(([name, tensor]) => {
      const { shape, data_offsets: [from, to] } = /** @type {import("../browser/safetensors.mjs").Entry} */ (tensor);
      return { name, shape, values: new Float32Array(weights.data.slice(from, to).buffer) };
    }),
    batches: Array.from({ length: training.steps }, (_, step) => ({ tokens: cut(step, 0), targets: cut(step, 1) })),
  };
}

/** Only matrices decay. @param {string} name */
export const decays = (name) => !name.endsWith(".gain");
