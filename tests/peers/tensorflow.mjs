// @ts-check
/** The task in TensorFlow.js on WebAssembly: its own Adam, with the decay before it and the clipping that it lacks. */

import "@tensorflow/tfjs-core/dist/register_all_gradients.js"; // the core differentiates nothing by itself
import * as tf from "@tensorflow/tfjs-core";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { decays, fetchTask } from "./task.mjs";

/** @typedef {tf.Tensor} Tensor */

/**
 * x · w. The gradient of tf.matMul asks for products with transposed matrices, which WebAssembly's fast kernel does not
 * take: here they are transposed before.
 */
const product = tf.customGrad((x, w, save) => {
  /** @type {(tensors: Tensor[]) => void} */ (save)([/** @type {Tensor} */ (x), /** @type {Tensor} */ (w)]);
  const gradFunc = (/** @type {Tensor} */ dy, /** @type {Tensor[]} */ [x, w]) => [
    tf.matMul(dy, tf.transpose(w)),
    tf.matMul(tf.transpose(x), dy),
  ];
  return { value: tf.matMul(/** @type {Tensor} */ (x), /** @type {Tensor} */ (w)), gradFunc };
});

/** The mean loss of a batch. @param {import("./task.mjs").Task} task @param {Record<string, tf.Variable>} w */
function lossOf({ model: { vocab, context, width, layers, heads, norm_epsilon }, training: { batch } }, w) {
  const rows = batch * context;
  const headDim = width / heads;
  const seen = tf.linalg.bandPart(tf.ones([context, context]), -1, 0);
  const mask = /** @type {Tensor} */ (tf.keep(tf.mul(tf.sub(1, seen), -1e30)));

  const norm = (/** @type {Tensor} */ x, /** @type {Tensor} */ gain) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, norm_epsilon))), gain);
  };
  const gelu = (/** @type {Tensor} */ x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  const split = (/** @type {Tensor} */ x) => tf.transpose(tf.reshape(x, [batch, context, heads, headDim]), [0, 2, 1, 3]);

  return (/** @type {Int32Array} */ tokens, /** @type {Int32Array} */ targets) => {
    // WebAssembly's one-hot writes integers whatever it is asked for.
    const oneHot = (/** @type {Int32Array} */ ids) => tf.cast(tf.oneHot(tf.tensor1d(ids, "int32"), vocab), "float32");
    // The gradient of a gather has no kernel in WebAssembly: the embedding is a product with a one-hot matrix.
    const embedded = tf.reshape(product(oneHot(tokens), w["embedding.token.weight"]), [batch, context, width]);
    let x = tf.reshape(tf.add(embedded, w["embedding.position.weight"]), [rows, width]);
    for (let i = 0; i < layers; i++) {
      const of = (/** @type {string} */ name) => w[`block.${i}.${name}`];
      const qkv = product(norm(x, of("attention_norm.gain")), of("attention.qkv.weight"));
      const [q, k, v] = tf.split(qkv, 3, -1).map(split);
      const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(headDim)), mask);
      const joined = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]), [rows, width]);
      x = tf.add(x, product(joined, of("attention.output.weight")));
      const up = product(norm(x, of("mlp_norm.gain")), of("mlp.up.weight"));
      x = tf.add(x, product(gelu(up), of("mlp.down.weight")));
    }
    const logits = product(norm(x, w["final_norm.gain"]), tf.transpose(w["embedding.token.weight"]));
    return /** @type {tf.Scalar} */ (tf.losses.softmaxCrossEntropy(oneHot(targets), logits));
  };
}

/** @param {string} preset @returns {Promise<() => Promise<import("./task.mjs").Run>>} */
export async function prepare(preset) {
  setWasmPaths("./");
  setThreadsCount(navigator.hardwareConcurrency); // half of them unless told
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js has no WebAssembly here");
  const task = await fetchTask(preset);
  const { learning_rate, beta1, beta2, epsilon, weight_decay, clip } = task.training;
  const names = task.weights.map(({ name }) => name);
  const w = Object.fromEntries(task.weights.map(({ name, shape, values }) => [name, tf.variable(tf.tensor(values, shape), true, name)]));
  const loss = lossOf(task, w);

  return async () => {
    for (const { name, shape, values } of task.weights) tf.tidy(() => w[name].assign(tf.tensor(values, shape)));
    const adam = tf.train.adam(learning_rate, beta1, beta2, epsilon);
    const run = /** @type {import("./task.mjs").Run} */ ({ losses: [], milliseconds: [] });
    for (const { tokens, targets } of task.batches) {
      const began = performance.now();
      const value = tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => loss(tokens, targets));
        const size = tf.sqrt(tf.addN(names.map((name) => tf.sum(tf.square(grads[name])))));
        const factor = tf.minimum(tf.div(clip, tf.add(size, 1e-6)), 1);
        for (const name of names.filter(decays)) w[name].assign(tf.mul(w[name], 1 - learning_rate * weight_decay));
        adam.applyGradients(Object.fromEntries(names.map((name) => [name, tf.mul(grads[name], factor)])));
        return value;
      });
      run.losses.push((await value.data())[0]);
      run.milliseconds.push(performance.now() - began);
      value.dispose();
    }
    adam.dispose();
    return run;
  };
}
