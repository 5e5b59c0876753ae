// @ts-check
/** A model as large as GPT-2, in OpenAI's own layout: read from its file a stretch at a time, sampled, and not trained. */

import assert from "node:assert/strict";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { pageTest } from "./harness.mjs";
import { playground } from "./playground.mjs";

const [vocab, layers, width, context] = [50257, 12, 768, 1024];

/** Names and shapes of OpenAI's file, masks among them. @returns {[string, number[]][]} */
function tensors() {
  /** @type {(i: number) => [string, number[]][]} */
  const block = (i) => [
    [`h.${i}.attn.bias`, [1, 1, context, context]],
    [`h.${i}.ln_1.weight`, [width]],
    [`h.${i}.ln_1.bias`, [width]],
    [`h.${i}.attn.c_attn.weight`, [width, 3 * width]],
    [`h.${i}.attn.c_attn.bias`, [3 * width]],
    [`h.${i}.attn.c_proj.weight`, [width, width]],
    [`h.${i}.attn.c_proj.bias`, [width]],
    [`h.${i}.ln_2.weight`, [width]],
    [`h.${i}.ln_2.bias`, [width]],
    [`h.${i}.mlp.c_fc.weight`, [width, 4 * width]],
    [`h.${i}.mlp.c_fc.bias`, [4 * width]],
    [`h.${i}.mlp.c_proj.weight`, [4 * width, width]],
    [`h.${i}.mlp.c_proj.bias`, [width]],
  ];
  return [
    ["wte.weight", [vocab, width]],
    ["wpe.weight", [context, width]],
    ...Array.from({ length: layers }, (_, i) => block(i)).flat(),
    ["ln_f.weight", [width]],
    ["ln_f.bias", [width]],
  ];
}

/** The folder of such a model, its numbers F16 and drawn at random. @param {string} folder */
function write(folder) {
  mkdirSync(folder);
  /** @type {Record<string, object>} */
  const header = {};
  let end = 0;
  for (const [name, shape] of tensors()) {
    const start = end;
    end += 2 * shape.reduce((all, n) => all * n, 1);
    header[name] = { dtype: "F16", shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(path(folder, "model.safetensors"), "w");
  writeSync(file, Buffer.concat([length, text]));
  // Of either sign and between 2^-7 and 2^-4: exponents 8 to 10.
  let state = 1;
  const draw = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
  const numbers = Uint16Array.from({ length: 1 << 19 }, () => ((draw() & 1) << 15) | ((8 + (draw() % 3)) << 10) | (draw() & 0x3ff));
  for (let left = end; left > 0; left -= numbers.byteLength) {
    writeSync(file, new Uint8Array(numbers.buffer, 0, Math.min(left, numbers.byteLength)));
  }
  closeSync(file);
  const config = { model_type: "gpt2", activation_function: "gelu_new", n_embd: width, n_head: 12, n_layer: layers, n_positions: context };
  writeFileSync(path(folder, "config.json"), JSON.stringify({ ...config, n_ctx: context, vocab_size: vocab, layer_norm_epsilon: 1e-5 }));
  // Byte-level sub-words: the bytes as GPT-2 writes them, then what grows by a byte each.
  const printed = (/** @type {number} */ byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const bytes = [...all.filter(printed), ...all.filter((byte) => !printed(byte)).map((_, i) => 256 + i)].map((c) => String.fromCharCode(c));
  const [tokens, merges] = [[...bytes], /** @type {string[]} */ ([])];
  for (let i = 0; tokens.length < vocab - 1; i += 1) {
    for (const byte of bytes.slice(0, vocab - 1 - tokens.length)) {
      tokens.push(tokens[i] + byte);
      merges.push(`${tokens[i]} ${byte}`);
    }
  }
  tokens.push("<|endoftext|>");
  writeFileSync(path(folder, "vocab.json"), JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id]))));
  writeFileSync(path(folder, "merges.txt"), `#version: 0.2\n${merges.join("\n")}\n`);
  return end;
}

pageTest("GPT-2 of 124 million parameters is opened from its folder and sampled", async ({ page, screenshot }) => {
  const folder = mkdtempSync(path(tmpdir(), "fledgling-large-"));
  try {
    assert.equal(write(path(folder, "gpt2")), 274045440);
    const play = playground(page);
    await play.ready();
    // What the page itself takes of the file: nothing. The worker has it a stretch at a time.
    await page.locator("#files-panel input[webkitdirectory]").setInputFiles(path(folder, "gpt2"));
    await play.says(/from gpt2/, "#files-panel");
    await play.says(/124/, "#files-panel");
    await play.prompt.fill("A small bird");
    const greedy = await play.draw({ temperature: 0, length: 2 });
    assert.ok(greedy.trim().length > 0, greedy);
    await screenshot("large");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
