// @ts-check
/**
 * The speed tables in Chromium: of the machine's own GPU where it has one, and of the CPU.
 *
 *     node tests/browser/benchmark.mjs [--software | --cpu] [--workers 1,2] [--seconds 10] [preset …]
 */

import { findChromium } from "./chromium.mjs";
import { openPage } from "./harness.mjs";
import { startSession } from "./session.mjs";

const USAGE = "usage: node tests/browser/benchmark.mjs [--software | --cpu] [--workers 1,2] [--seconds 10] [preset …]";
const COLUMNS = /** @type {const} */ ([
  ["preset", "preset", 7, 0],
  ["ms/step", "milliseconds", 10, 2],
  ["tokens/s", "tokens_per_second", 10, 0],
  ["GFLOP/s", "gflops", 9, 2],
  ["of cal.", "of_calibration", 8, 2],
  ["dispatches", "dispatches", 10, 0],
  ["passes", "passes", 7, 0],
  ["submits", "submits", 8, 0],
  ["groups+", "bind_groups_created", 8, 0],
  ["buffers+", "buffers_created", 8, 0],
  ["bytes up", "bytes_uploaded", 8, 0],
  ["readbacks", "readbacks", 9, 0],
]);
const DECODING = /** @type {const} */ ([
  ["preset", "preset", 7, 0],
  ["ms/token", "milliseconds", 10, 2],
  ["tokens/s", "tokens_per_second", 10, 0],
  ["full pass, ms", "full_pass", 14, 2],
]);

/**
 * @param {readonly (readonly [string, string, number, number])[]} columns title, key, width, digits
 * @param {Record<string, string | number>[]} rows
 */
function print(columns, rows) {
  console.log(columns.map(([title, , width]) => title.padStart(width)).join(" "));
  for (const row of rows) {
    const cells = columns.map(([, key, width, digits]) => {
      const value = row[key];
      return (typeof value === "number" ? value.toFixed(digits) : value).padStart(width);
    });
    console.log(cells.join(" "));
  }
}

let seconds = 10;
let executors = ["gpu", "cpu"];
/** Numbers of workers on the CPU; where there are none, as many as the page has. @type {(number | null)[]} */
let workers = [null];
let webgpu = /** @type {import("./chromium.mjs").WebGpu} */ ("hardware");
const presets = [];
const words = process.argv.slice(2);
for (let word = words.shift(); word !== undefined; word = words.shift()) {
  if (word === "--software") webgpu = "software";
  else if (word === "--cpu") executors = ["cpu"];
  else if (word === "--workers") workers = (words.shift() ?? "").split(",").map(Number);
  else if (word === "--seconds") seconds = Number(words.shift());
  else if (word.startsWith("-")) throw new Error(`${word}? ${USAGE}`);
  else presets.push(word);
}
if (!(seconds > 0)) throw new Error(USAGE);
if (presets.length === 0) presets.push("micro", "S", "M");

const opened = await openPage({ webgpu });
try {
  const session = await startSession(opened.page);
  console.log(findChromium().version);
  for (const executor of executors) {
    const moved = await session.ask({ command: "compute_on", executor }, "moved").catch(({ message }) => console.log(message));
    if (!moved) continue;
    for (const number of executor === "cpu" ? workers : [null]) {
      console.log(`\n${moved.adapter.name} (${moved.adapter.backend})`);
      if (number !== null) {
        const set = await session.ask({ command: "set_workers", workers: number }, "workers_set");
        console.log(`workers: ${set.workers} of ${set.most}`);
      }
      const { rows, decoding, calibration_gflops } = await session.ask({ command: "benchmark", presets, seconds }, "benchmarked");
      console.log(`calibration product 1024×384×384: ${calibration_gflops.toFixed(1)} GFLOP/s`);
      print(COLUMNS, rows);
      print(DECODING, decoding);
    }
  }
} finally {
  await opened.close();
}
