// @ts-check
/** The list of runs: what stays when another model takes a trained one's place, laid over the plot and compared. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */

const TINY = /** @type {[string, number][]} */ ([
  ["Steps", 12], ["Width", 16], ["Heads", 2], ["Context", 16], ["Batch", 4], ["Warm-up", 0], ["Validate every", 4], ["Validation batches", 1], ["Sample every", 0],
]);

/** A run's line: its name and what stands beside it, the newest first. @param {Page} page */
const lines = (page) =>
  page.locator("#runs-panel .runs-list tbody tr").evaluateAll((rows) =>
    rows.map((row) => ({
      name: row.querySelector("input")?.value ?? "",
      cells: [...row.querySelectorAll("td:not([hidden])")].slice(1).map((cell) => (cell.textContent ?? "").trim()),
    })),
  );

/** The table of differences: settings by name with a value for each run. @param {Page} page */
const differences = (page) =>
  page.locator("#runs-panel .differing tr[data-setting]").evaluateAll((rows) =>
    rows.map((row) => ({ setting: row.getAttribute("data-setting") ?? "", cells: [...row.children].map((cell) => cell.textContent ?? "") })),
  );

/** What the worker said of each model it made. @param {Page} page @returns {Promise<Record<string, any>[]>} */
const built = (page) => page.evaluate(() => /** @type {any} */ (globalThis).built);

/** Saves a file by a button and reads it. @param {Page} page @param {import("playwright-core").Locator} button */
async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

/** Notes every `model_built` that the page gets. @param {Page} page */
async function listen(page) {
  await page.addInitScript(() => {
    const said = /** @type {any} */ (globalThis);
    said.built = [];
    const { Worker: Real } = globalThis;
    globalThis.Worker = class extends Real {
      /** @param {ConstructorParameters<typeof Worker>} args */
      constructor(...args) {
        super(...args);
        this.addEventListener("message", ({ data }) => data?.event === "model_built" && said.built.push(structuredClone(data)));
      }
    };
  });
  await page.reload();
}

pageTest("two runs lie over one another, and what differs is told", async ({ page, screenshot }) => {
  await listen(page);
  const play = playground(page);
  await play.ready();
  await play.says(/^Runs$/, "#runs-panel summary");
  await play.paste(story(20_000));
  for (const [label, value] of TINY) await play.set(label, value);
  await play.finish();
  const first = await saved(page, page.locator("#loss-plot").getByRole("button", { name: "Save as CSV" }));
  await play.set("Layers", 1);
  await play.set("Learning rate", 0.02);
  await play.button("Start afresh").click();
  await eventually("the second run", () => lines(page), ([run, ...others]) => others.length === 1 && run.cells[0] === "12");
  await play.finished();
  const second = await saved(page, page.locator("#loss-plot").getByRole("button", { name: "Save as CSV" }));

  // Both are listed, with the numbers of their curves.
  await page.locator("#runs-panel summary").click();
  const models = await built(page);
  assert.equal(models.length, 2);
  const list = await eventually("two runs", () => lines(page), (list) => list.length === 2);
  assert.match(list[1].name, /^\S.* · Your own$/);
  assert.match(list[0].name, /Layers 1/);
  const tables = [second, first].map(({ text }) => {
    const [head, ...rows] = text.trim().split("\n").map((line) => line.split(","));
    const column = (/** @type {string} */ name) => rows.map((row) => row[head.indexOf(name)]);
    return { head, rows, column };
  });
  tables.forEach(({ column }, i) => {
    const losses = column("validation loss (nats)").flatMap((loss, at) => (loss === "" ? [] : [{ loss: Number(loss), step: Number(column("step")[at]) }]));
    const best = losses.reduce((best, point) => (point.loss < best.loss ? point : best));
    const [steps, size, validation, training] = list[i].cells;
    assert.equal(steps, "12");
    assert.equal(size, models[1 - i].estimate.parameters.toLocaleString("en-US"));
    assert.equal(validation, `${best.loss.toFixed(3)} at ${best.step}`);
    assert.equal(training, Number(column("training loss (nats)").at(-1)).toFixed(3));
  });
  assert.equal(list[0].cells.at(-1), "in memory");
  assert.equal((await differences(page)).length, 0);

  // Shown, the first lies over the second, and the legend has its numbers.
  await page.getByRole("checkbox", { name: `Show ${list[1].name}` }).check();
  const entry = page.locator("#loss-plot .others .item");
  await eventually("its entry", () => entry.count(), (count) => count === 1);
  const last = tables[1].column("validation loss (nats)").findLast((loss) => loss !== "");
  assert.match(await entry.innerText(), new RegExp(`\\d\\.\\d{3} / ${Number(last).toFixed(3)}$`));
  const stroke = await entry.locator(".swatch").evaluate((swatch) => getComputedStyle(swatch).getPropertyValue("--run").trim());
  const there = await page.locator(".plot canvas").evaluate((canvas, stroke) => {
    if (!(canvas instanceof HTMLCanvasElement)) return 0;
    const wanted = [1, 3, 5].map((at) => parseInt(stroke.slice(at, at + 2), 16));
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) count += data[i + 3] > 200 && wanted.every((value, c) => Math.abs(data[i + c] - value) < 12) ? 1 : 0;
    return count;
  }, stroke);
  assert.ok(there > 200, `${there} pixels of ${stroke}`);

  // Under the cursor stands its value there: of both curves.
  await page.locator(".plot").focus();
  await page.keyboard.press("Home");
  const spoken = await eventually("step 0", () => page.locator("#loss-plot [aria-live]").innerText(), (said) => /at step 0,/.test(said));
  const zero = tables[1].column("validation loss (nats)")[0];
  assert.ok(spoken.includes(`${list[1].name}: validation ${Number(zero).toFixed(3)}`), spoken);

  // Exactly the settings that the core's own configurations tell apart.
  const rows = await eventually("the differences", () => differences(page), (rows) => rows.length > 0);
  const groups = /** @type {const} */ (["tokenizer", "data", "model", "training"]);
  const expected = groups.flatMap((group) =>
    Object.keys(models[0].config[group])
      .filter((key) => models[0].config[group][key] !== models[1].config[group][key])
      .map((key) => `${group}.${key}`),
  );
  assert.deepEqual(rows.map(({ setting }) => setting).sort(), expected.sort());
  assert.deepEqual(expected.sort(), ["model.layers", "training.learning_rate"]);
  assert.deepEqual(rows.map(({ cells }) => cells[0]), ["Layers", "Learning rate"]);
  for (const { setting, cells } of rows) {
    const [group, key] = setting.split(".");
    assert.deepEqual(cells.slice(1).map(Number), [models[1].config[group][key], models[0].config[group][key]]);
  }
  const outcome = await page.locator("#runs-panel .differing tr").evaluateAll((rows) => Object.fromEntries(rows.map((row) => [row.children[0].textContent, [...row.children].slice(1).map((cell) => cell.textContent)])));
  assert.deepEqual(outcome["Text (characters)"], ["20,000", "20,000"]);
  assert.deepEqual(outcome.Parameters, models.toReversed().map(({ estimate }) => estimate.parameters.toLocaleString("en-US")));
  await screenshot("runs");

  // The table of both: each run's own rows, to the last digit.
  const both = await saved(page, play.button("Save runs as CSV"));
  assert.equal(both.name, "fledgling-runs.csv");
  const [head, ...all] = both.text.trim().split("\n");
  assert.equal(head, `run,${first.text.split("\n")[0]}`);
  const of = (/** @type {number} */ i, /** @type {string} */ text) => text.trim().split("\n").slice(1).map((row) => `"${list[i].name}",${row}`);
  assert.deepEqual(all, [...of(1, first.text), ...of(0, second.text)]);
});

pageTest("names are text and nothing else, what is removed comes back, and a model that comes back goes on with its run", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(story(20_000));
  for (const [label, value] of TINY) await play.set(label, value);
  await play.finish();
  const { validation } = await play.status();
  await page.locator("#runs-panel summary").click();

  // A reset that is undone: the run is the one that it was.
  const [{ name: plain }] = await eventually("a run", () => lines(page), (list) => list.length === 1);
  await play.reset.click();
  await eventually("two runs", () => lines(page), (list) => list.length === 2 && list[1].name === plain);
  await play.button("Undo").click();
  await play.statusWhere("the old model", (now) => now.step === 12 && now.validation === validation);
  await eventually("one run", () => lines(page), (list) => list.length === 1 && list[0].name === plain && list[0].cells.at(-1) === "in memory");
  await play.step.click();
  await eventually("a step more of it", () => lines(page), (list) => list[0].cells[0] === "13");

  // Without a step there is no run to keep.
  await play.reset.click();
  await eventually("a second run", () => lines(page), (list) => list.length === 2);
  await play.set("Layers", 1);
  await play.step.click();
  const list = await eventually("a step of another model", () => lines(page), (list) => list[0].cells[0] === "1");
  assert.equal(list.length, 2);
  assert.match(list[0].name, /Layers 1/);

  // What is typed as a name is shown as text, on one line, and cut.
  const box = page.getByRole("textbox", { name: "Name of run 1" });
  const hostile = "<img src=x onerror=\"document.title='run'\">\u202e\u0000\t=1+1\ud800 " + "long ".repeat(2000);
  await box.evaluate((input, name) => {
    if (!(input instanceof HTMLInputElement)) return;
    input.focus();
    input.value = name;
  }, hostile);
  await page.keyboard.press("Enter");
  const tidy = (await eventually("a name", () => lines(page), ([, run]) => run.name !== plain && run.name.length < 100))[1].name;
  assert.match(tidy, /^<img src=x onerror="document\.title='run'"> =1\+1 long .*…$/);
  assert.equal(Array.from(tidy).length, 80);
  await page.getByRole("checkbox", { name: `Show ${tidy}` }).check();
  await eventually("it in the legend", () => page.locator("#loss-plot .others .name").innerText(), (text) => text === tidy);
  assert.equal(await page.locator("#runs-panel img, #loss-plot img").count(), 0);
  assert.notEqual(await page.title(), "run");
  const both = await saved(page, play.button("Save runs as CSV"));
  assert.ok(both.text.includes(`\n"${tidy.replaceAll('"', '""')}",1,`));

  // A formula is none in a spreadsheet; Escape gives up; nothing is the first name again.
  await box.fill("=HYPERLINK(1)");
  await page.keyboard.press("Enter");
  await eventually("a formula's name", () => lines(page), ([, run]) => run.name === "=HYPERLINK(1)");
  assert.match((await saved(page, play.button("Save runs as CSV"))).text, /\n"'=HYPERLINK\(1\)",/);
  await box.fill("another");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal((await lines(page))[1].name, "=HYPERLINK(1)");
  await box.fill("  \u200e ");
  await play.prompt.focus();
  await eventually("the first name", () => lines(page), ([, run]) => run.name === plain);

  // Removed and brought back: as it was, with its curves.
  await page.getByRole("button", { name: `Remove ${plain}` }).click();
  await eventually("one run", () => lines(page), (list) => list.length === 1);
  await eventually("a free legend", () => page.locator("#loss-plot .others .item").count(), (count) => count === 0);
  await play.says(/was removed/, "#runs-panel");
  await page.locator("#runs-panel").getByRole("button", { name: "Undo" }).click();
  const back = await eventually("the run", () => lines(page), (list) => list.length === 2);
  assert.deepEqual([back[1].name, back[1].cells[0]], [plain, "13"]);
  await eventually("it in the legend", () => page.locator("#loss-plot .others .item").count(), (count) => count === 1);
});
