// @ts-check
/** Every kernel in the browser's own compiler. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pageTest } from "./harness.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** @typedef {{ name: string, entry: string, wgsl: string, overrides: Record<string, number> }} Kernel */

/** What the core would hand to a browser. */
async function kernels() {
  const run = promisify(execFile);
  await run("cargo", ["build", "--locked", "--release", "--bin", "headless"], { cwd: ROOT });
  const { stdout } = await run("target/release/headless", ["shaders", "all"], { cwd: ROOT, maxBuffer: 2 ** 27 });
  return /** @type {Kernel[]} */ (JSON.parse(stdout));
}

pageTest("every kernel compiles without a message", { timeout: 900_000 }, async ({ page }) => {
  const all = await kernels();
  assert.ok(all.length > 0);
  const complaints = await page.evaluate(async (/** @type {Kernel[]} */ all) => {
    const gpu = /** @type {any} */ (navigator).gpu;
    const adapter = await gpu.requestAdapter();
    const device = await adapter.requestDevice();
    /** @type {string[]} */
    const complaints = [];
    // All are asked for before the first is there: the browser compiles as many at once as it has threads for.
    const compile = async (/** @type {Kernel} */ { name, entry, wgsl, overrides }) => {
      device.pushErrorScope("validation");
      const module = device.createShaderModule({ code: wgsl });
      const faults = device.popErrorScope();
      const compute = { module, entryPoint: entry, constants: overrides };
      const pipeline = device.createComputePipelineAsync({ layout: "auto", compute }).catch((/** @type {Error} */ error) => {
        complaints.push(`${name} with ${JSON.stringify(overrides)}: ${error.message}`);
      });
      const { messages } = await module.getCompilationInfo();
      for (const { type, lineNum, message } of messages) complaints.push(`${name} ${type}, line ${lineNum}: ${message}`);
      const error = await faults;
      if (error) complaints.push(`${name}: ${error.message}`);
      await pipeline;
    };
    await Promise.all(all.map(compile));
    return complaints;
  }, all);
  assert.equal(complaints.join("\n"), "");
});
