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
    const complaints = [];
    for (const { name, entry, wgsl, overrides } of all) {
      device.pushErrorScope("validation");
      const module = device.createShaderModule({ code: wgsl });
      const { messages } = await module.getCompilationInfo();
      for (const { type, lineNum, message } of messages) complaints.push(`${name} ${type}, line ${lineNum}: ${message}`);
      const compute = { module, entryPoint: entry, constants: overrides };
      await device.createComputePipelineAsync({ layout: "auto", compute }).catch((/** @type {Error} */ error) => {
        complaints.push(`${name} with ${JSON.stringify(overrides)}: ${error.message}`);
      });
      const error = await device.popErrorScope();
      if (error) complaints.push(`${name}: ${error.message}`);
    }
    return complaints;
  }, all);
  assert.equal(complaints.join("\n"), "");
});
