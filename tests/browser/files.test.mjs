// @ts-check
/** The model as a file: out of one tab, into a fresh one. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, file, playground } from "./playground.mjs";
import { join, split } from "./safetensors.mjs";
import { startSession } from "./session.mjs";
import { entries } from "./zip.mjs";

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

/** Decimal bytes in three digits, as a person reads them. @param {number} n */
const size = (n) => `${(n / 1000).toPrecision(3)} kB`;

pageTest("each format is downloaded with the size that was said, and a zip, files and a folder come back", async ({ page, newTab }) => {
  const play = playground(page);
  await play.ready();
  await play.openFile(file("rules of the hen.txt", text));
  await eventually("the file in the box", () => play.text.inputValue(), (value) => value === text);
  await play.set("Tokens", "Bytes");
  await play.set("Activation", "GELU (tanh)");
  await play.set("Steps", 60);
  await play.finish();
  await play.prompt.fill("The ");
  const greedy = await play.draw({ temperature: 0, length: 40 });
  const { validation } = await play.status();
  assert.ok(validation !== null);

  /** @param {string} format */
  const downloaded = async (format) => {
    const said = await play.chooseFormat(format);
    const [download] = await Promise.all([page.waitForEvent("download"), play.export.click()]);
    const bytes = readFileSync(await download.path());
    assert.equal(size(bytes.length), said, `${format}: the size said is the size got`);
    await play.says(new RegExp(`Saved ${download.suggestedFilename()} \\(${said}\\)`), "#files-panel");
    return { name: download.suggestedFilename(), bytes };
  };
  const gguf = await downloaded("GGUF");
  assert.equal(gguf.name, "fledgling-step-60.gguf");
  assert.equal(gguf.bytes.toString("latin1", 0, 4), "GGUF");
  await play.says(/Opens in llama\.cpp/, "#files-panel");
  const zip = await downloaded("transformers zip");
  assert.equal(zip.name, "fledgling-step-60.zip");
  await play.says(/Opens in Hugging Face transformers as GPT2LMHeadModel, and here/, "#files-panel");
  const whole = entries(zip.bytes);
  const card = whole.get("README.md")?.toString() ?? "";
  assert.match(card, /rules of the hen\.txt/, "the card says which text");
  assert.ok(card.includes(new Date().toISOString().slice(0, 4)), "the card has a date");
  assert.equal(JSON.parse(String(whole.get("config.json"))).model_type, "gpt2");
  const own = await downloaded("safetensors");
  assert.equal(own.name, "fledgling-step-60.safetensors");

  const fresh = playground(await newTab());
  await fresh.ready();
  await fresh.paste(text);
  const parts = ["config.json", "model.safetensors", "tokenizer.json"].map((name) => file(name, whole.get(name) ?? ""));
  const folder = mkdtempSync(path(tmpdir(), "fledgling-"));
  try {
    mkdirSync(path(folder, "hen", "checkpoint-10"), { recursive: true });
    for (const [name, bytes] of whole) writeFileSync(path(folder, "hen", name), bytes);
    // What a training leaves beside it.
    writeFileSync(path(folder, "hen", "checkpoint-10", "model.safetensors"), "older");
    writeFileSync(path(folder, "hen", "training_args.bin"), "pickled");
    /** @type {[RegExp, () => Promise<void>][]} */
    const ways = [
      [/from mine\.zip/, () => fresh.importFile(file("mine.zip", zip.bytes))],
      [/from config\.json \+ model\.safetensors \+ tokenizer\.json/, () => fresh.drop(...parts)],
      [/from hen/, () => fresh.page.locator("#files-panel input[webkitdirectory]").setInputFiles(path(folder, "hen"))],
    ];
    for (const [from, come] of ways) {
      await come();
      await fresh.says(from, "#files-panel");
      const back = await fresh.statusWhere("the file's validation loss", (now) => now.validation !== null);
      assert.equal(back.validation, validation, String(from));
      await fresh.prompt.fill("The ");
      assert.equal(await fresh.draw({ temperature: 0, length: 40 }), greedy, String(from));
    }

    writeFileSync(path(folder, "hen", "config.json"), "");
    mkdirSync(path(folder, "notes"));
    for (const name of ["a.txt", "b.txt"]) writeFileSync(path(folder, "notes", name), "text");
    await fresh.page.locator("#files-panel input[webkitdirectory]").setInputFiles(path(folder, "notes"));
    await fresh.says(/folder notes holds 2 files and no model among them/, "#files-panel .problem:not([hidden])");
  } finally {
    rmSync(folder, { recursive: true });
  }
  await fresh.importFiles(...parts.slice(0, 1), ...parts.slice(2));
  await fresh.says(/lacks model\.safetensors/, "#files-panel .problem:not([hidden])");
});

pageTest("a format without a place for the model says why, and a system's sheet gets the file", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await page.evaluate(() => {
    const taken = /** @type {any} */ (window);
    taken.shared = [];
    navigator.canShare = (data) => data?.files?.[0].name.endsWith(".safetensors") ?? false;
    // A press counts for a few seconds only: the first time it has run out.
    navigator.share = async (data) => {
      if ((taken.tries = (taken.tries ?? 0) + 1) === 1) throw new DOMException("no press", "NotAllowedError");
      const [file] = data?.files ?? [];
      taken.shared.push([file.name, file.size]);
    };
  });
  await play.paste(text);
  await play.set("Activation", "GELU (tanh)");
  await play.step.click();
  await play.reach(1);
  assert.equal(await play.chooseFormat("GGUF"), "not possible");
  await play.says(/This model cannot be a GGUF file: llama\.cpp reads bytes and sub-words .* tokens are: Characters/, "#files-panel");
  assert.ok(await play.export.isDisabled());
  assert.equal(await play.button("Share").count(), 0, "the sheet takes no GGUF here");
  const said = await play.chooseFormat("safetensors");
  await play.saysNothingOf(/cannot be a GGUF file/, "#files-panel");
  await play.button("Share").click();
  await play.says(/fledgling-step-1\.safetensors \([\d.]+ kB\) is ready: press Share again/, "#files-panel");
  await play.button("Share").click();
  await play.says(/Shared fledgling-step-1\.safetensors/, "#files-panel");
  const [[name, bytes]] = await page.evaluate(() => /** @type {any} */ (window).shared);
  assert.equal(name, "fledgling-step-1.safetensors");
  assert.equal(size(bytes), said);
});
