// @ts-check
/** The model as a file: out of one tab, into a fresh one. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, file, playground } from "./playground.mjs";
import { join, split } from "./safetensors.mjs";
import { startSession } from "./session.mjs";

const text = story(40_000);

pageTest("an exported model is the same in a fresh tab", async ({ page, newTab }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 60);
  await play.finish();
  await play.prompt.fill("The ");
  const greedy = await play.draw({ temperature: 0, length: 80 });
  const { validation } = await play.status();
  const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
  assert.equal(download.suggestedFilename(), "fledgling-step-60.safetensors");
  await play.says(/Saved fledgling-step-60\.safetensors/, "#files-panel");
  const bytes = readFileSync(await download.path());

  // Any software can open it.
  const { header, data } = split(bytes);
  const metadata = /** @type {Record<string, string>} */ (header.__metadata__);
  assert.equal(metadata.format, "pt");
  assert.equal(JSON.parse(metadata.config).model.width, 64);
  assert.equal(JSON.parse(metadata.training).step, 60);
  JSON.parse(metadata.tokenizer);
  assert.deepEqual(/** @type {any} */ (header)["block.1.mlp.up.weight"].shape, [64, 256]);
  assert.equal(data.length % 4, 0);

  // A fresh tab, the text there first.
  const fresh = playground(await newTab());
  await fresh.ready();
  await fresh.paste(text);
  await fresh.importFile(file("mine.safetensors", bytes));
  const imported = await fresh.statusWhere("the file's step and its validation loss", (now) => now.step === 60 && now.validation !== null);
  assert.equal(imported.validation, validation);
  await fresh.says(/from mine\.safetensors/, "#files-panel");
  await fresh.prompt.fill("The ");
  assert.equal(await fresh.draw({ temperature: 0, length: 80 }), greedy);
  await fresh.step.click();
  await fresh.statusWhere("training from there", (now) => now.step === 61 && now.training !== null);

  // A fresh tab without any text: the file has its vocabulary with it.
  const bare = playground(await newTab());
  await bare.ready();
  await eventually("the built-in text", () => bare.text.inputValue(), (value) => value !== "");
  await bare.text.fill("");
  await bare.importFile(file("mine.safetensors", bytes));
  await bare.statusWhere("the file's step", (now) => now.step === 60);
  await bare.prompt.fill("The ");
  assert.equal(await bare.draw({ temperature: 0, length: 80 }), greedy);
  await bare.train.click();
  await bare.says(/There is no text to train on yet/, "#text-panel");
});

pageTest("an exported model has the same loss to the last bit", async ({ page, newTab }) => {
  const first = await startSession(page);
  await first.train({ model: { layers: 1, tied: false, head_bias: true }, training: { steps: 30, warmup_steps: 5, validation_batches: 5 } }, text);
  const evaluated = await first.ask({ command: "evaluate" }, "evaluated");
  const greedy = await first.sample({ prompt: "A " });
  const { bytes } = await first.ask({ command: "export" }, "exported");

  const second = await startSession(await newTab());
  await second.ask({ command: "set_text", text }, "text_set");
  const built = await second.ask({ command: "import", name: "model", bytes }, "model_built");
  assert.equal(built.step, 30);
  assert.ok(built.origin === "imported" && built.fits_text);
  assert.deepEqual(await second.ask({ command: "evaluate" }, "evaluated"), evaluated);
  assert.equal(await second.sample({ prompt: "A " }), greedy);
  // Out again as it came in; the metadata's order is free.
  assert.deepEqual(split((await second.ask({ command: "export" }, "exported")).bytes), split(bytes));
});

pageTest("a broken file is refused and the model trains on", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 100000);
  await play.train.click();
  await play.reach(3);
  const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
  const whole = readFileSync(await download.path());

  /** @param {(header: any) => void} change */
  const changed = (change) => {
    const { header, data } = split(whole);
    change(header);
    return join(header, data);
  };
  const flipped = Uint8Array.from(whole);
  for (let i = 8; i < 40; i += 1) flipped[i] ^= 0x15;
  const endless = Uint8Array.from(whole);
  endless.fill(0xff, 0, 7);
  const nan = Uint8Array.from(whole);
  nan.set([0, 0, 0xc0, 0x7f], nan.length - 4);
  /** @type {[string, Uint8Array, RegExp][]} */
  const broken = [
    ["truncated", whole.subarray(0, whole.length / 2), /truncated\.safetensors is not a whole safetensors file/],
    ["empty", new Uint8Array(), /empty\.safetensors is not a whole safetensors file/],
    ["flipped", flipped, /flipped\.safetensors is not a whole safetensors file/],
    ["endless", endless, /endless\.safetensors: the header claims [\d,]+ bytes/],
    ["shape", changed((header) => header["block.0.mlp.up.weight"].shape.reverse()), /block\.0\.mlp\.up\.weight.*256, 64.*64, 256/],
    ["name", changed((header) => (header.other = header["final_norm.gain"], delete header["final_norm.gain"])), /name\.safetensors: tensor other \[64\] does not belong to this configuration/],
    ["stranger", changed((header) => delete header.__metadata__), /stranger\.safetensors lacks .* in its metadata/],
    [
      "config",
      changed((header) => (header.__metadata__.config = header.__metadata__.config.replace('"heads":2', '"heads":3'))),
      /width 64 is not a multiple of heads 3/,
    ],
    ["nan", nan, /nan\.safetensors: 1 of \d+ weights in tensor \S+ are not finite numbers/],
  ];
  for (const [name, bytes, sentence] of broken) {
    const before = (await play.status()).step ?? 0;
    await play.importFile(file(`${name}.safetensors`, bytes));
    await play.says(sentence, "#files-panel .problem:not([hidden])");
    await play.reach(before + 2);
    await play.saysNothingOf(/was replaced/);
  }
  assert.ok(await play.pause.isVisible(), "training never stopped");
});
