// @ts-check
/** The task in jax-js: loss, gradient, clipping and update in one `jit`, so that it fuses what it can across them. */

import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { decays, fetchTask } from "./task.mjs";

/** @typedef {np.Array} Array */
/** @typedef {Record<string, Array>} Weights */

/** A step of this model. Arrays are owned: each use but the last takes a `ref`. @param {import("./task.mjs").Task} task */
function stepOf({ model: { vocab, context, width, layers, heads, norm_epsilon }, training }) {
  const { batch, learning_rate, beta1, beta2, epsilon, weight_decay, clip } = training;
  const norm = (/** @type {Array} */ x, /** @type {Array} */ gain) => nn.standardize(x, -1, { epsilon: norm_epsilon }).mul(gain);
  const split = (/** @type {Array} */ x) => x.reshape([batch, context, heads, width / heads]);

  const loss = (/** @type {Weights} */ w, /** @type {Array} */ tokens, /** @type {Array} */ targets) => {
    let x = np.take(w["embedding.token.weight"].ref, tokens, 0).add(w["embedding.position.weight"]);
    for (let i = 0; i < layers; i++) {
      const of = (/** @type {string} */ name) => w[`block.${i}.${name}`];
      const qkv = np.matmul(norm(x.ref, of("attention_norm.gain")), of("attention.qkv.weight"));
      const [q, k, v] = np.split(qkv, 3, -1).map(split);
      const joined = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([batch, context, width]);
      x = x.add(np.matmul(joined, of("attention.output.weight")));
      const up = np.matmul(norm(x.ref, of("mlp_norm.gain")), of("mlp.up.weight"));
      x = x.add(np.matmul(nn.gelu(up, { approximate: false }), of("mlp.down.weight")));
    }
    const logits = np.matmul(norm(x, w["final_norm.gain"]), np.matrixTranspose(w["embedding.token.weight"]));
    // One-hot: the gradient of np.takeAlongAxis does not compile inside a jit.
    return nn.logSoftmax(logits).mul(nn.oneHot(targets, vocab)).sum().mul(-1 / (batch * context));
  };

  return jit(
    /**
     * @param {Weights} weights @param {Weights} first @param {Weights} second
     * @param {Array} correction1 @param {Array} correction2 scalars: numbers would compile a program for each step
     * @param {Array} tokens @param {Array} targets
     */
    (weights, first, second, correction1, correction2, tokens, targets) => {
      const [value, gradient] = valueAndGrad(loss)(tree.ref(weights), tokens, targets);
      const squares = Object.values(gradient).map((g) => np.square(g.ref).sum());
      const size = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
      const factor = np.minimum(np.trueDivide(clip, size.add(1e-6)), 1);
      const updated = /** @type {[Weights, Weights, Weights]} */ ([{}, {}, {}]);
      for (const name of Object.keys(weights)) {
        const g = gradient[name].mul(factor.ref);
        const m = first[name].mul(beta1).add(g.ref.mul(1 - beta1));
        const v = second[name].mul(beta2).add(np.square(g).mul(1 - beta2));
        const kept = weights[name].mul(decays(name) ? 1 - learning_rate * weight_decay : 1);
        const move = m.ref.div(correction1.ref).div(np.sqrt(v.ref.div(correction2.ref)).add(epsilon));
        updated[0][name] = kept.sub(move.mul(learning_rate));
        updated[1][name] = m;
        updated[2][name] = v;
      }
      for (const spent of [factor, correction1, correction2]) spent.dispose();
      return /** @type {[Array, Weights, Weights, Weights]} */ ([value, ...updated]);
    },
  );
}

/**
 * The loss, once the step is done. What is awaited in WebAssembly is computed in worker threads, each kernel handed over by
 * a message; what is read at once is computed here, which is faster where there is one thread.
 * @param {[Array, Weights, Weights, Weights]} results
 */
async function settled(results) {
  if (defaultDevice() === "wasm" && !crossOriginIsolated) return results[0].js();
  // Steps that queue up are slower.
  await blockUntilReady(results);
  return results[0].jsAsync();
}

/** @param {string} preset @param {"wasm" | "webgpu"} device @returns {Promise<() => Promise<import("./task.mjs").Run>>} */
export async function prepare(preset, device) {
  const there = await init(device);
  if (!there.includes(device)) throw new Error(`jax-js has no ${device} here`);
  defaultDevice(device);
  const task = await fetchTask(preset);
  const step = stepOf(task);
  const { batch, beta1, beta2 } = task.training;
  const ids = (/** @type {Int32Array} */ values) => np.array(/** @type {Int32Array<ArrayBuffer>} */ (values)).reshape([batch, task.model.context]);
  const fill = (/** @type {(tensor: Float32Array) => Float32Array} */ of) =>
    Object.fromEntries(task.weights.map(({ name, shape, values }) => [name, np.array(/** @type {any} */ (of(values))).reshape(shape)]));

  return async () => {
    let weights = fill((values) => values);
    let [first, second] = [0, 1].map(() => fill((values) => new Float32Array(values.length)));
    const run = /** @type {import("./task.mjs").Run} */ ({ losses: [], milliseconds: [] });
    for (const [at, { tokens, targets }] of task.batches.entries()) {
      const began = performance.now();
      const corrections = [beta1, beta2].map((beta) => np.array(1 - beta ** (at + 1)));
      let value;
      [value, weights, first, second] = step(weights, first, second, corrections[0], corrections[1], ids(tokens), ids(targets));
      run.losses.push(/** @type {number} */ (await settled([value, weights, first, second])));
      run.milliseconds.push(performance.now() - began);
    }
    tree.dispose([weights, first, second]);
    return run;
  };
}
