// @ts-check
/**
 * One model, from the same weights on the same batches, trained by Fledgling and by others in one browser: who is how
 * fast, and whether all come to the same losses. Exit status 1 where they do not.
 *
 *     node tests/peers/benchmark.mjs [--rounds 3] [preset …]
 */

import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { findChromium } from "../browser/chromium.mjs";
import { random } from "../browser/grammar.mjs";
import { openPage } from "../browser/harness.mjs";
import { floats, join as safetensors } from "../browser/safetensors.mjs";
import { startSession } from "../browser/session.mjs";
import { serve } from "../browser/static_server.mjs";

const USAGE = "usage: node tests/peers/benchmark.mjs [--rounds 3] [preset …]";
const HERE = fileURLToPath(new URL(".", import.meta.url));
const VERSIONS = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8")).dependencies;
const JAX = `jax-js ${VERSIONS["@jax-js/jax"]}`;
const TENSORFLOW = `TensorFlow.js ${VERSIONS["@tensorflow/tfjs-core"]}`;
/** As `make bench-peers` builds it. */
const HEADLESS = join(process.env.CARGO_TARGET_DIR ?? join(HERE, "../../target"), "release/headless");
const THREADS = availableParallelism();
/** Of a run; every run begins with the initial weights. */
const STEPS = 20;
const VOCABULARY = 65; // that of tinyshakespeare, as in the other speed tables
/** Steps whose losses are compared. */
const COMPARED = [1, 10, 20];
const TOLERANCE = 1e-3; // nats
/** Threads in WebAssembly share memory, which a browser allows to isolated pages alone. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/**
 * @typedef {import("./task.mjs").Run} Run
 * @typedef {{ name: string, onGpu: boolean, run: () => Promise<Run>, close: () => Promise<void> }} Peer
 * @typedef {{ name: string, onGpu: boolean, losses: number[], median: number }} Row
 */

let rounds = 3;
const presets = /** @type {string[]} */ ([]);
const words = process.argv.slice(2);
for (let word = words.shift(); word !== undefined; word = words.shift()) {
  if (word === "--rounds") rounds = Number(words.shift());
  else if (word.startsWith("-")) throw new Error(`${word}? ${USAGE}`);
  else presets.push(word);
}
if (!(rounds >= 1)) throw new Error(USAGE);
if (presets.length === 0) presets.push("micro", "S");

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Ids of which each allows four others behind it: something to learn within some steps. @param {number} length */
function sequence(length) {
  const draw = random(1);
  let id = 0;
  return Int32Array.from({ length }, () => (id = (7 * id + Math.floor(4 * draw())) % VOCABULARY));
}

/**
 * The files of a preset's task. Its initial weights are those of a fresh model of ours.
 * @param {import("../browser/session.mjs").Session} session @param {string} preset @param {string} folder
 */
async function makeTask(session, preset, folder) {
  const found = session.ready.presets.find((/** @type {any} */ { key }) => key === preset);
  if (!found) throw new Error(`there is no preset ${preset}`);
  const model = { ...found.config.model, vocab: VOCABULARY };
  const training = { ...found.config.training, steps: STEPS, schedule: "constant" };
  const ids = sequence(STEPS * training.batch * (model.context + 1));
  const text = Array.from(ids, (id) => String.fromCodePoint(0x30 + id)).join("");
  const { vocab } = await session.ask({ command: "set_text", text }, "text_set");
  if (vocab !== VOCABULARY) throw new Error(`the text has ${vocab} tokens, not ${VOCABULARY}`);
  await session.ask({ command: "reset", config: { model: found.config.model, training } }, "model_built");
  const { bytes: weights } = await session.ask({ command: "export", format: "safetensors" }, "exported");
  const shape = [STEPS, training.batch, model.context + 1];
  const batches = safetensors(
    { tokens: { dtype: "I32", shape, data_offsets: [0, ids.byteLength] } },
    new Uint8Array(ids.buffer),
  );
  mkdirSync(folder);
  writeFileSync(join(folder, "config.json"), JSON.stringify({ model, training }));
  writeFileSync(join(folder, "weights.safetensors"), weights);
  writeFileSync(join(folder, "batches.safetensors"), batches);
  return { command: "replay", config: { model, training }, weights, batches };
}

/** Ours on the CPU. @param {import("../browser/session.mjs").Session} session @param {number} workers @param {Record<string, unknown>} replay @returns {Peer} */
const ours = (session, workers, replay) => ({
  name: `Fledgling, WebAssembly, ${workers} worker${workers === 1 ? "" : "s"}`,
  onGpu: false,
  async run() {
    const set = await session.ask({ command: "set_workers", workers }, "workers_set");
    if (set.workers !== workers) throw new Error(`${set.workers} workers compute, not ${workers}`);
    return replayed(session, replay);
  },
  close: async () => {},
});

/** Ours on the GPU. @param {import("../browser/session.mjs").Session} session @param {Record<string, unknown>} replay @returns {Peer} */
const oursOnGpu = (session, replay) => ({ name: "Fledgling, WebGPU", onGpu: true, run: () => replayed(session, replay), close: async () => {} });

/** @param {import("../browser/session.mjs").Session} session @param {Record<string, unknown>} replay @returns {Promise<Run>} */
async function replayed(session, replay) {
  return timed((await session.ask(replay, "replayed")).bytes);
}

/** What a replay's file says. @param {Uint8Array} file @returns {Run} */
function timed(file) {
  const tensors = floats(file);
  const [losses, milliseconds] = ["losses", "milliseconds"].map((name) => [.../** @type {Float32Array} */ (tensors.get(name))]);
  return { losses, milliseconds };
}

/**
 * A page of the same browser that trains with a module of `prepare(preset, device)`.
 * @param {import("playwright-core").BrowserContext} context @param {string} url
 * @param {string} name @param {string} module @param {string} preset @param {"wasm" | "webgpu"} device
 * @returns {Promise<Peer>}
 */
async function inPage(context, url, name, module, preset, device) {
  const page = await context.newPage();
  await page.goto(`${url}page.html`);
  const train = await page.evaluateHandle(
    async ({ module, preset, device }) => (await import(module)).prepare(preset, device),
    { module: `${url}${module}.js`, preset, device },
  );
  return { name, onGpu: device === "webgpu", run: () => train.evaluate((train) => train()), close: () => page.close() };
}

/** Ours without a browser, in as many threads. @param {string} folder @returns {Peer} */
function natively(folder) {
  const [config, out] = ["config.json", "replayed.safetensors"].map((name) => join(folder, name));
  const paths = { weights: join(folder, "weights.safetensors"), batches: join(folder, "batches.safetensors"), path: out };
  const line = JSON.stringify({ command: "replay", config: JSON.parse(readFileSync(config, "utf8")), ...paths });
  return {
    name: `Fledgling, without a browser, ${THREADS} threads`,
    onGpu: false,
    async run() {
      execFileSync(HEADLESS, ["--cpu"], { input: `${line}\n` });
      return timed(readFileSync(out));
    },
    close: async () => {},
  };
}

/** PyTorch, where a Python has it. @param {string} folder @returns {Promise<Peer | null>} */
async function pytorch(folder) {
  const python = [join(HERE, "../../.tools/interop/bin/python"), "python3"].find((python) => {
    try {
      execFileSync(python, ["-c", "import torch"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
  if (!python) return null;
  const child = spawn(python, [join(HERE, "peer.py"), folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("PyTorch ended early");
    return JSON.parse(value);
  };
  const { name } = await answer();
  return {
    name,
    onGpu: false,
    run() {
      child.stdin.write("\n");
      return answer();
    },
    close: async () => void child.stdin.end(),
  };
}

/** What the peers' pages load. @param {string} folder */
async function bundle(folder) {
  await build({
    entryPoints: ["jax.mjs", "tensorflow.mjs"].map((name) => join(HERE, name)),
    outdir: folder,
    bundle: true,
    format: "esm",
    logLevel: "error",
  });
  copyFileSync(join(HERE, "page.html"), join(folder, "page.html"));
  const wasm = join(HERE, "node_modules/@tensorflow/tfjs-backend-wasm/dist");
  for (const name of readdirSync(wasm).filter((name) => name.endsWith(".wasm"))) copyFileSync(join(wasm, name), join(folder, name));
}

/** Rounds of all, one after the other, so that a slower minute of the machine is everyone's. @param {Peer[]} peers @returns {Promise<Row[]>} */
async function measure(peers) {
  const times = peers.map(() => /** @type {number[]} */ ([]));
  const losses = peers.map(() => /** @type {number[]} */ ([]));
  // The first round compiles.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, peer] of peers.entries()) {
      const run = await peer.run();
      losses[i] = run.losses;
      if (round > 0) times[i].push(median(run.milliseconds));
    }
  }
  return peers.map(({ name, onGpu }, i) => ({ name, onGpu, losses: losses[i], median: median(times[i]) }));
}

/** Sentences about losses that are not ours. @param {Row[]} rows */
const disagreements = ([first, ...others]) =>
  others.flatMap(({ name, losses }) =>
    COMPARED.filter((step) => !(Math.abs(losses[step - 1] - first.losses[step - 1]) <= TOLERANCE)).map(
      (step) => `${name}: the loss at step ${step} is ${losses[step - 1]}, that of ${first.name} ${first.losses[step - 1]}`,
    ),
  );

/** As Markdown: milliseconds a step, and how often Fledgling's on the same processor they are. @param {Row[][]} tables */
function table(tables) {
  const cell = (/** @type {Row[]} */ rows, /** @type {string} */ name) => {
    const row = rows.find((row) => row.name === name);
    if (!row) return "";
    const time = row.median.toFixed(row.median < 100 ? 1 : 0);
    const first = /** @type {Row} */ (rows.find(({ onGpu }) => onGpu === row.onGpu));
    return row === first ? time : `${time} (${(row.median / first.median).toFixed(1)} ×)`;
  };
  const names = [...new Set(tables.flat().map(({ name }) => name))];
  const lines = names.map((name) => [name, ...tables.map((rows) => cell(rows, name))]);
  return [["ms a step", ...presets], ["---", ...presets.map(() => "---:")], ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const folder = mkdtempSync(join(tmpdir(), "peers-"));
const opened = await openPage({ webgpu: "hardware" });
const [plain, isolated] = await Promise.all([serve(folder), serve(folder, "/", ISOLATED)]);
try {
  const onCpu = await startSession(opened.page);
  const { most } = await onCpu.next("workers_set");
  const onGpu = await startSession(opened.page, "gpu").catch((error) => console.log(`no WebGPU: ${error.message}`));
  await bundle(folder);
  const context = opened.page.context();
  const tables = [];
  for (const preset of presets) {
    const replay = await makeTask(onCpu, preset, join(folder, preset));
    const peers = [
      ours(onCpu, most, replay),
      ...(most > 1 ? [ours(onCpu, 1, replay)] : []),
      await inPage(context, plain.url, `${JAX}, WebAssembly, 1 thread`, "jax", preset, "wasm"),
      await inPage(context, isolated.url, `${JAX}, WebAssembly, ${THREADS} threads`, "jax", preset, "wasm"),
      await inPage(context, isolated.url, `${TENSORFLOW}, WebAssembly, ${THREADS} threads`, "tensorflow", preset, "wasm"),
    ];
    peers.push(natively(join(folder, preset)));
    const torch = await pytorch(join(folder, preset));
    if (torch) peers.push(torch);
    else console.log("no PyTorch: neither `make interop` nor a python3 has it");
    // On a software adapter, where the page would not train by itself, a step of what is larger takes half a minute.
    if (onGpu && !(onGpu.ready.adapter.software && preset !== "micro")) {
      peers.push(oursOnGpu(onGpu, replay));
      peers.push(await inPage(context, isolated.url, `${JAX}, WebGPU`, "jax", preset, "webgpu"));
    }
    const rows = await measure(peers);
    for (const { name, losses } of rows) {
      console.log(`${preset}: loss at steps ${COMPARED.join(", ")}: ${COMPARED.map((step) => losses[step - 1].toFixed(5)).join(", ")} ${name}`);
    }
    for (const line of disagreements(rows)) {
      console.error(line);
      process.exitCode = 1;
    }
    for (const peer of peers) await peer.close();
    tables.push(rows);
  }
  const machine = [findChromium().version, `${THREADS} cores of ${cpus()[0].model.trim()}`];
  if (onGpu) machine.push(onGpu.ready.adapter.name);
  console.log(`\n${table(tables)}\n\n${new Date().toISOString().slice(0, 10)}: ${machine.join(", ")}`);
} finally {
  await opened.close();
  await Promise.all([plain.close(), isolated.close()]);
  rmSync(folder, { recursive: true });
}
