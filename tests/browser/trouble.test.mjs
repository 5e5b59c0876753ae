// @ts-check
/** When things go wrong: the page says what happened, with its numbers, and what to do next; nothing is lost. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { QUICK, eventually, file, playground, seen } from "./playground.mjs";

const text = story(20_000);
const PHONE = { width: 390, height: 844 };
const HOSTILE = `<img src=x onerror="document.title='broken'"> \u202egnp.exe\u202c <b>bold</b> & "quoted"`;
// A file name has no slash; what turns the reading direction is spelled out in messages.
const HOSTILE_NAME = HOSTILE.replaceAll("/", "∕");
const HOSTILE_SAID = HOSTILE_NAME.replace("\u202e", "U+202E").replace("\u202c", "U+202C");

pageTest("an insecure address is named, with the one to use, and models train there", { webgpu: "insecure" }, async ({ page, url }) => {
  const play = playground(page);
  await play.says(new RegExp(`opened from ${new URL(url).origin}, which is not a secure address`), "#notices");
  await play.says(/Models train on the CPU, and no session is saved\./, "#notices");
  await play.notices.getByText("For the speed of a GPU").click();
  await play.says(/Open it over https, or serve it on this machine/, "#notices");
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 60);
  await play.finish();
  await play.says(/no private file system to write to \(OPFS\), so that no session is saved: export a model to keep it/, "#files-panel");
});

pageTest("texts that cannot be trained on are refused with their numbers", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.text.fill("");
  await play.train.click();
  await play.says(/There is no text to train on yet\. Paste one into the box, or drop a file here\./, "#text-panel");

  await play.paste("too short");
  await play.train.click();
  await play.says(/training split of the text has 8 tokens; one window needs 33/, "#text-panel");
  await play.says(/Give a longer text or choose a shorter context/, "#text-panel");
  // Its last tenth is one character, no window: trained all the same, and said.
  await play.set("Context", 4);
  await play.train.click();
  await play.says(/validation split of the text has 1 tokens; one window needs 5.*no validation loss will be drawn/, "#notices");
  await play.reach(5);
});

pageTest("one repeated character is learned at once", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste("a".repeat(3000));
  await play.set("Steps", 50);
  await play.finish();
  const { training, validation } = await play.status();
  assert.ok((training ?? 1) < 0.001 && (validation ?? 1) < 0.001, `${training} and ${validation}`);
  assert.equal(await play.draw({ length: 12 }), "a".repeat(12));
});

pageTest("files of several kinds are read, others refused by name", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const content = `${text.slice(0, 3000)} – naïve 漢字 🦊\n`;
  const characters = Array.from(content).length;
  const arrives = async (/** @type {string} */ what) => {
    await eventually(`${what} in the box`, () => play.text.inputValue(), (value) => value === content);
    await eventually(`the count of ${what}`, () => play.counts(), ([count]) => count === characters);
  };
  const utf16 = (/** @type {boolean} */ big) => {
    const bytes = Buffer.from(`\ufeff${content}`, "utf16le");
    return big ? bytes.swap16() : bytes;
  };
  /** @type {[string, Uint8Array][]} */
  const readable = [
    ["utf8.txt", Buffer.from(content)],
    ["utf8-bom.txt", Buffer.from(`\ufeff${content}`)],
    ["utf16-little.txt", utf16(false)],
    ["utf16-big.txt", utf16(true)],
  ];
  for (const [name, bytes] of readable) {
    await play.text.fill("");
    await play.openFile(file(name, bytes));
    await arrives(name);
    await play.saysNothingOf(/is not text/);
  }
  const binary = Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 7919) >>> 3);
  /** @type {[string, Uint8Array][]} */
  const refused = [
    ["latin1.txt", Buffer.from("Caf\u00e9 cr\u00e8me\n".repeat(100), "latin1")],
    ["picture.png", Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), binary])],
    [`${HOSTILE_NAME}.bin`, binary],
  ];
  for (const [name, bytes] of refused) {
    await play.openFile(file(name, bytes));
    await eventually(`a refusal of ${name}`, () => page.locator("#text-panel .problem:not([hidden])").innerText(), (said) => said.startsWith(`${name.replace(HOSTILE_NAME, HOSTILE_SAID)} is not text`));
    await play.says(/Choose a plain text file, saved as UTF-8/, "#text-panel");
    await arrives("the old text");
  }
  // An empty file leaves the text in place too.
  await play.openFile(file("empty.txt", ""));
  await play.says(/The text is empty/, "#text-panel");
  await arrives("the old text");
  await play.step.click();
  await play.statusWhere("a step on the text that stayed", (now) => now.step === 1 && now.training !== null);
});

pageTest("a text of 20 MB is dropped, trained on and replaced", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const size = 20_000_000;
  const drop = await page.evaluateHandle(
    ({ part, size }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([part.repeat(Math.ceil(size / part.length)).slice(0, size)], "long.txt"));
      return transfer;
    },
    { part: story(100_000), size },
  );
  await page.dispatchEvent("body", "drop", { dataTransfer: drop });
  await eventually("its count", () => play.counts(), ([count]) => count === size);
  await play.says(/The box shows the first 20,000 of 20,000,000 characters; training uses them all/, "#text-panel");
  assert.equal((await play.text.inputValue()).length, 20_000);
  await play.train.click();
  await play.reach(5);
  await play.prompt.fill("The fox");
  await play.pauseTraining();
  await play.button("Replace text").click();
  await play.text.fill(text);
  await eventually("the new text's count", () => play.counts(), ([count]) => count === text.length);
});

pageTest("a prompt with unknown characters is refused with the characters", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.step.click();
  await play.statusWhere("a model", (now) => now.step === 1 && now.training !== null);
  await play.prompt.fill("The fox 漢 & ✓");
  await play.sample.click();
  await play.says(/3 characters are not in the vocabulary: '&' '✓' '漢'\. Leave those characters out of the prompt/, "#sample-panel");
  assert.equal(await play.sampledText(), "");
  assert.ok(await play.stop.isDisabled());
  await play.prompt.fill("The fox ");
  await play.noLongerSays(/not in the vocabulary/);
  assert.equal(Array.from(await play.draw({ length: 10 })).length, 10);
});

pageTest("a configuration that cannot be is refused with its numbers", { gpu: true }, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  for (const [label, value] of Object.entries({ ...QUICK, Width: 64, Steps: 100_000 })) await play.set(label, value);
  await play.train.click();
  await play.reach(3);
  await play.set("Heads", 3);
  await play.says(/Width 64 is not a multiple of heads 3/, "#model-panel");
  await play.button("Start afresh").click();
  const goesOn = async () => {
    const { step } = await play.status();
    await play.reach((step ?? 0) + 3);
    assert.ok(await play.pause.isVisible(), "the old model trains on");
    await play.saysNothingOf(/was replaced/);
  };
  await goesOn();
  await play.set("Heads", "");
  await play.says(/Heads needs a whole number from 1 to 64/, "#model-panel");
  await play.set("Heads", 2);

  // Over every limit: the parameters alone.
  await play.set("Width", 4096);
  await play.set("Layers", 64);
  await play.set("Context", 8192);
  await play.says(/This model would have 12,?9\d\d,?\d{3},?\d{3} parameters; at most 1,?000,?000,?000 fit/, "#model-panel");
  await play.button("Start afresh").click();
  await goesOn();

  // Below that limit and over the adapter's.
  await play.set("Width", 2048);
  await play.set("Layers", 12);
  await play.set("Context", 4096);
  await play.set("Batch", 64);
  await play.says(/would need 8,?589,?934,?592 bytes in one piece; this adapter has at most [\d,]+/, "#model-panel");
  await play.button("Start afresh").click();
  await goesOn();
  await play.button("Continue this model").click();
  await play.noLongerSays(/this adapter has at most/);
  await goesOn();
});

pageTest("a loss that is no number stops training and keeps the last good weights", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  await play.set("Optimizer", "SGD");
  await play.set("Schedule", "Constant");
  await play.set("Learning rate", 10);
  await play.set("Gradient clip", 0);
  await play.set("Normalisation", "RMS norm");
  await play.train.click();
  await play.says(/of step \d+ is not a finite number; the weights are those of step \d+/, "#notices");
  await play.says(/Lower the learning rate or set a gradient clip/, "#notices");
  await eventually("the end of training", () => play.train.isVisible(), Boolean);
  const said = /of step (\d+) is not.*of step (\d+)/.exec(await play.notices.innerText());
  const { step } = await play.statusWhere("the weights' step on the counter", (now) => now.step === Number(said?.[2]));
  assert.ok(Number(said?.[1]) > Number(said?.[2]), "which comes before the step that failed");
  assert.equal(Array.from(await play.draw({ length: 20, temperature: 1 })).length, 20, "the weights still write");
  assert.equal(step, 0, "no validation came between the start and the leap");
  // With a lower rate Train begins afresh: nothing was learned that could be lost.
  await play.set("Learning rate", 0.01);
  await play.train.click();
  await play.statusWhere("a new run", (now) => (now.step ?? 0) > 3 && now.training !== null);
  await play.noLongerSays(/not a finite number/);
});

pageTest("a worker that dies is said, and restarted with the text still there", { gpu: true }, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(text);
  for (const [label, value] of Object.entries(QUICK)) await play.set(label, value);
  await play.train.click();
  await play.reach(3);
  // What the core calls throws into it, as a broken driver would.
  const [worker] = page.workers();
  await worker.evaluate(() => {
    /** @type {any} */ (globalThis).GPUQueue.prototype.submit = () => {
      throw new Error("the driver is gone");
    };
  });
  await play.says(/The worker stopped.*the driver is gone/, "#notices");
  await play.says(/The model in memory is gone; the text and the settings are still here/, "#notices");
  assert.equal(await play.text.inputValue(), text);
  assert.ok(await play.train.isDisabled());
  await play.button("Restart").click();
  await play.ready();
  await play.noLongerSays(/The worker stopped/);
  await eventually("the text's count", () => play.counts(), ([count]) => count === text.length);
  await play.train.click();
  await play.reach(3);
});

pageTest("markup and marks of direction are shown as text", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(`${HOSTILE}\n`.repeat(60));
  await play.set("Steps", 50);
  await play.finish();
  await play.prompt.fill(HOSTILE);
  const drawn = await play.draw({ length: 100, temperature: 1 });
  assert.equal(Array.from(await play.sampledText()).length, 100, drawn);
  assert.equal(await page.locator("#sample-panel .echo").evaluate((node) => node.textContent), HOSTILE);
  await play.map.waitFor();

  await play.importFile(file(`${HOSTILE_NAME}.safetensors`, "no model"));
  await eventually("a refusal by name", () => page.locator("#files-panel .problem:not([hidden])").innerText(), (said) => said.startsWith(`${HOSTILE_SAID}.safetensors: the header claims`));
  assert.equal(await page.locator("#sample-panel img, #files-panel img, #text-panel img, b").count(), 0);
  assert.doesNotMatch(await page.title(), /broken/);
});

pageTest("no text breaks the page out of a phone, or runs", { viewport: PHONE }, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const unfold = () => page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
  const intact = async (/** @type {string} */ after) => {
    await unfold();
    const { content, window, ran, inside } = await page.evaluate(() => ({
      content: document.documentElement.scrollWidth,
      window: innerWidth,
      ran: document.title.includes("broken") || "broken" in globalThis,
      inside: document.querySelectorAll("body :is(img, b, iframe, svg, object, style)").length + document.querySelectorAll("body script").length,
    }));
    assert.ok(content <= window, `${after}: the page is ${content} pixels wide, the window ${window}`);
    assert.deepEqual({ ran, inside }, { ran: false, inside: 0 }, after);
  };
  const markup = `${HOSTILE} </textarea><script>broken=1</script><svg onload="broken=1"><style>*{display:none}</style>`;
  const long = "x".repeat(10_000);
  const lines = [markup, long, "\0\x01\x7f\u200b\ufeff", "\u202eback to front \u2066", "שלום עולם مرحبا", `a${"\u0301".repeat(200)}`, "漢字 🦊 👩‍👩‍👧"];
  const hostile = `${lines.join("\n")}\n${`${markup}\n`.repeat(30)}`;
  await play.paste(hostile);
  assert.equal(await play.text.inputValue(), hostile, "as it was pasted");
  await intact("a text of all kinds");
  const first = page.locator("#tokens-panel .beginning");
  await play.set("Tokens", "Words");
  await eventually("words as tokens", () => first.innerText(), (text) => text.includes("onerror"));
  await intact("words of markup");
  await play.set("Steps", 50);
  await play.finish();
  await play.draw({ length: 60, temperature: 1 });
  await intact("a model of it");
  for (const part of [".lens td", ".switches input", ".tensors canvas", ".plane canvas"]) {
    await seen(page.locator("details.part", { has: page.locator(part.split(" ")[0]) }), part);
  }
  await intact("a look inside it");

  for (const prompt of [markup, long, "\0", lines[3]]) {
    await play.prompt.fill(prompt);
    await play.sample.click();
    await eventually("an answer", () => play.stop.isDisabled(), Boolean);
    await intact(`the prompt ${prompt.slice(0, 20)}`);
  }
  const name = `${long.slice(0, 180)}\u202e${HOSTILE_NAME.slice(0, 40)}`;
  await play.importFile(file(`${name}.safetensors`, "no model"));
  await eventually("a refused model", () => page.locator("#files-panel .problem:not([hidden])").innerText(), (said) => /the header claims/.test(said));
  await play.openFile(file(`${name}.bin`, Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 7919) >>> 3)));
  await eventually("a refused text", () => page.locator("#text-panel .problem:not([hidden])").innerText(), (said) => /is not text/.test(said));
  await play.drop(file(`${name} tokenizer.json`, "{}"));
  await eventually("a refused tokenizer", () => page.locator("#tokens-panel .problem:not([hidden])").innerText(), (said) => said.length > 100);
  await intact("names of files");
});
