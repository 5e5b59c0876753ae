// @ts-check
/** The plot of losses: a part of the steps, logarithmic axes, the strips below, and a run of 100,000 steps. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** What the plot says of its axes, as numbers. @param {Page} page */
async function axes(page) {
  const said = (await page.locator("#loss-plot-axes").textContent()) ?? "";
  const found = /steps ([\d,]+) to ([\d,]+)(, logarithmic)?; losses ([\d.]+) to ([\d.]+) nats(, logarithmic)?/.exec(said);
  const [from, to, low, high] = [1, 2, 4, 5].map((group) => Number(found?.[group].replaceAll(",", "")));
  return { from, to, low, high, logSteps: Boolean(found?.[3]), logLoss: Boolean(found?.[6]), said };
}

/** The rows of the curve's table: every number of the run. @param {Page} page */
async function table(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#loss-plot").getByRole("button", { name: "Save as CSV" }).click()]);
  const stream = await download.createReadStream();
  let text = "";
  for await (const chunk of stream) text += chunk;
  const [head, ...lines] = text.trim().split("\n").map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries(cells.map((cell, i) => [head[i], cell === "" ? null : Number(cell)])));
}

/** How many pixels of each pane are not the ground's. @param {Page} page */
const inked = (page) =>
  page.locator("#loss-plot canvas").evaluateAll((canvases) =>
    canvases.map((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement)) return 0;
      const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 3; i < data.length; i += 4) count += data[i] > 0 ? 1 : 0;
      return count;
    }),
  );

pageTest("a part of the steps is looked at, by mouse and by keys, and training goes on under it", async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(story(20_000));
  // Some tens of milliseconds a step: a handful of steps is a part of the plot that a mouse can mark.
  for (const [label, value] of /** @type {[string, number][]} */ ([
    ["Steps", 5000], ["Batch", 32], ["Warm-up", 10], ["Validate every", 10], ["Validation batches", 1], ["Sample every", 0],
  ])) {
    await play.set(label, value);
  }
  await play.train.click();
  await play.reach(51);
  await play.pauseTraining();
  const whole = await eventually("the axes", () => axes(page), ({ to }) => to >= 100);
  assert.equal(whole.from, 0);

  // Across a third of the plot: the axes end where the pointer began and ended.
  const plot = page.locator(".plot");
  await plot.scrollIntoViewIfNeeded();
  /** Where the plot is now: a notice above moves it. */
  const area = async () => {
    const box = await page.locator("#loss-plot .plot .u-over").boundingBox();
    assert.ok(box);
    return box;
  };
  let box = await area();
  const span = (await axes(page)).to;
  const x = (/** @type {number} */ step) => box.x + (box.width * step) / span;
  await page.mouse.move(x(5), box.y + 20);
  await page.mouse.down();
  await page.mouse.move(x(12), box.y + 25, { steps: 3 });
  await eventually("a mark", () => page.locator("#loss-plot .marked").isVisible(), Boolean);
  await page.mouse.move(x(20), box.y + 25, { steps: 3 });
  await page.mouse.up();
  const part = await eventually("a part", () => axes(page), ({ to }) => to !== span);
  assert.ok(Math.abs(part.from - 5) <= 1 && Math.abs(part.to - 20) <= 1, part.said);
  await play.says(new RegExp(`Steps ${part.from}–${part.to}`), "#loss-plot");

  // Training does not throw it away.
  const before = (await play.status()).step ?? 0;
  await play.train.click();
  await play.reach(before + 10);
  assert.deepEqual([part.from, part.to], Object.values(await axes(page)).slice(0, 2));
  await play.pauseTraining();
  await screenshot("zoomed");
  box = await area();

  // Up and down it holds what is seen, and little more.
  const rows = await table(page);
  const seen = rows.filter(({ step }) => (step ?? 0) >= part.from && (step ?? 0) <= part.to);
  const losses = seen.flatMap((row) => [row["training loss (nats)"], row["validation loss (nats)"]]).filter((loss) => loss !== null);
  const now = await axes(page);
  assert.ok(now.low <= Math.min(...losses) && now.low > Math.min(...losses) - 0.2, now.said);
  const validated = seen.map((row) => row["validation loss (nats)"]).filter((loss) => loss !== null);
  assert.ok(now.high >= Math.max(...validated) && now.high < Math.max(...losses) + 0.2, now.said);
  assert.ok(now.high - now.low < whole.high - whole.low);

  // A double click, the button and the key show all again; plus and minus are each other's reverse.
  box = await area();
  await page.mouse.dblclick(x(10), box.y + 20);
  const { to: end } = await eventually("all steps", () => axes(page), ({ from, to }) => from === 0 && to >= 100);
  await plot.focus();
  await page.keyboard.press("+");
  const half = await eventually("half of them", () => axes(page), ({ from, to }) => to - from === end / 2);
  await page.keyboard.press("+");
  await eventually("a quarter", () => axes(page), ({ from, to }) => Math.abs(to - from - end / 4) <= 1);
  await page.keyboard.press("-");
  await eventually("half again", () => axes(page), ({ from, to }) => Math.abs(from - half.from) <= 1 && Math.abs(to - half.to) <= 1);
  await eventually("the spoken part", () => page.locator("#loss-plot [aria-live]").innerText(), (said) => /Steps \d+–\d+/.test(said));
  // The keys walk beyond the edge, and the part follows them.
  await page.keyboard.press("Home");
  await eventually("the beginning", () => axes(page), ({ from }) => from === 0);
  await page.keyboard.press("End");
  const { step: last } = await play.status();
  await eventually("the end", () => axes(page), ({ from, to }) => from > 0 && to >= (last ?? Infinity));
  await page.keyboard.press("0");
  await eventually("all steps", () => axes(page), ({ from, to }) => from === 0 && to === end);
  await page.keyboard.press("+");
  await page.getByRole("button", { name: "Show all" }).click();
  await eventually("all steps", () => axes(page), ({ from, to }) => from === 0 && to === end);
  await eventually("no button", () => page.getByRole("button", { name: "Show all" }).isVisible(), (seen) => !seen);

  // The readout under the cursor is the run's own numbers, those of the strips too.
  const at = rows.find(({ step }) => step === 40);
  await plot.focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < 4; i += 1) await page.keyboard.press("Shift+ArrowRight");
  const spoken = await eventually("step 40", () => page.locator("#loss-plot [aria-live]").innerText(), (said) => /at step 40,/.test(said));
  assert.ok(at);
  assert.match(spoken, new RegExp(`training ${at["training loss (nats)"]?.toFixed(3)}, validation ${at["validation loss (nats)"]?.toFixed(3)}`));
  const [rate, norm] = ["learning rate", "gradient norm"].map((name) => Number(new RegExp(`${name} ([\\d.e+-]+)`).exec(spoken)?.[1].replace(/[,.]$/, "")));
  assert.ok(Math.abs(rate / (at["learning rate"] ?? NaN) - 1) < 0.006, `${rate} for ${at["learning rate"]}`);
  assert.ok(Math.abs(norm / (at["gradient norm"] ?? NaN) - 1) < 0.006, `${norm} for ${at["gradient norm"]}`);
  await eventually("the strips' numbers", () => page.locator("#loss-plot .thin-name .value").allInnerTexts(), (shown) => shown.map(Number).join() === [rate, norm].join());
  await eventually("the cursor", () => page.locator("#loss-plot .cursor").isVisible(), Boolean);

  // Logarithmic axes: each by its button, which stays pressed; the curves are still there.
  const [linear] = await inked(page);
  for (const [name, key] of /** @type {const} */ ([["Log steps", "logSteps"], ["Log loss", "logLoss"]])) {
    const button = page.getByRole("button", { name });
    assert.equal(await button.getAttribute("aria-pressed"), "false");
    await button.click();
    await eventually(name, () => axes(page), (now) => now[key]);
    await eventually("a pressed button", () => button.getAttribute("aria-pressed"), (pressed) => pressed === "true");
  }
  const log = await axes(page);
  assert.deepEqual([log.from, log.to], [0, end], "step 0 has its place");
  assert.ok(log.low > 0);
  const panes = await inked(page);
  assert.equal(panes.length, 3, "the losses and two strips");
  assert.ok(panes[0] > linear / 3 && panes.every((count) => count > 300), `${panes} pixels, ${linear} before`);
  // Where steps are logarithmic, the same stretch of the plot is another part.
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + 20, { steps: 3 });
  await page.mouse.up();
  const upper = await eventually("the upper part", () => axes(page), ({ from }) => from > 0);
  assert.ok(upper.from < end / 5 && upper.to >= 0.97 * end, upper.said);
  await screenshot("log");
});

pageTest("100,000 steps and 2,000 validations are added and drawn without a pause", async ({ page }) => {
  await playground(page).ready();
  const times = await page.evaluate(async () => {
    // The modules that the page itself runs.
    const load = (/** @type {string} */ name) => import(new URL(`web/${name}.js`, location.href).href);
    const [{ Store }, { initialState, reduce }, { lossPlot }, { LossHistory }] = await Promise.all(["state/store", "state/state", "plot/loss_plot", "state/loss_history"].map(load));
    document.getElementById("loss-plot")?.replaceChildren();
    const start = () => ({ ...initialState(), step: 100_000, steps: 100_000, uniformLoss: 4.2 });
    /** @type {{ training: any[], validation: any[] }[]} */
    const reports = [];
    for (let step = 1; step <= 100_000; step += 1) {
      if (step % 500 === 1) reports.push({ training: [], validation: [] });
      const loss = 1.5 + 2.7 * Math.exp(-step / 9000) + 0.2 * Math.sin(step * 12.9898);
      const point = { step, loss, perplexity: Math.exp(loss), bits_per_character: loss, tokens_seen: 64 * step };
      reports[reports.length - 1].training.push({ ...point, learning_rate: 1e-3, gradient_norm: 1 + Math.sin(step) });
      if (step % 50 === 0) reports[reports.length - 1].validation.push(point);
    }
    // What each report takes at its best of five: what else the machine does is not the history's.
    const took = reports.map(() => Infinity);
    let store = new Store(start());
    for (let i = 0; i < 5; i += 1) {
      store = new Store(start());
      reports.forEach((report, number) => {
        const began = performance.now();
        store.update(reduce(store.state, { event: "progressed", step: 100_000, steps: 100_000, epochs: 1, tokens_per_second: 1, seconds_left: 0, uniform_loss: 4.2, ...report }));
        took[number] = Math.min(took[number], performance.now() - began);
      });
    }
    const added = Math.max(...took);
    // A run as long as it lies over it.
    const worse = (/** @type {any[]} */ points) => points.map((point) => ({ ...point, loss: point.loss + 0.3 }));
    const other = reports.reduce((history, { training, validation }) => history.with(worse(training), worse(validation)), new LossHistory());
    const run = { id: 1, name: "Other", title: { differs: [] }, config: {}, parameters: 1, characters: 1, history: other, step: 100_000, begun: new Date(), shown: true, look: 0 };
    store.update({ runs: { ...store.state.runs, list: [run] } });
    lossPlot(store, { view: (/** @type {object} */ change) => store.update({ view: { ...store.state.view, ...change } }) });
    /**
     * Milliseconds that the plot's script takes in a frame, and the whole of that frame with its painting.
     * @param {() => void} change
     */
    const drawn = async (change) => {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
      let began = NaN;
      requestAnimationFrame(() => (began = performance.now()));
      change();
      // The store tells its watchers after this task's code; the plot asks for its frame then.
      await Promise.resolve();
      const script = await new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now() - began)));
      await new Promise((resolve) => setTimeout(resolve, 0));
      return [script, performance.now() - began];
    };
    const changes = {
      all: () => store.update({ history: store.state.history.with([], []) }),
      // A point more each time: nothing is kept from the last drawing.
      more: () => {
        const { history } = store.state;
        store.update({ history: history.with([{ ...history.latest, step: history.latest.step + 1 }], []) });
      },
      part: () => store.update({ view: { ...store.state.view, zoom: { from: 20_000, to: 40_000 + 100 * Math.random() } } }),
      log: () => store.update({ view: { zoom: null, logSteps: !store.state.view.logSteps, logLoss: !store.state.view.logLoss } }),
    };
    /** @type {Record<string, number[]>} */
    const best = {};
    for (const [name, change] of Object.entries({ nothing: () => {}, ...changes })) {
      best[name] = [Infinity, Infinity];
      for (let i = 0; i < 16; i += 1) best[name] = (await drawn(change)).map((time, part) => Math.min(time, best[name][part]));
    }
    const { history } = store.state;
    return { added, best, points: history.training.length, validations: history.validation.length, last: history.validation.at(-1).step };
  });
  assert.ok(times.points > 4000 && times.points <= 8192, `${times.points} points are kept`);
  assert.equal(times.validations, 2000);
  assert.equal(times.last, 100_000);
  assert.ok(times.added < 50, `a report of 500 steps takes up to ${times.added} ms`);
  // The best of sixteen, beside a frame in which nothing is drawn: what else the machine does is not the plot's.
  const idle = times.best.nothing[1];
  for (const [name, [script, frame]] of Object.entries(times.best)) {
    assert.ok(script < 50 && frame - idle < 50, `drawing (${name}) takes ${script} ms, ${frame} ms with its painting; an idle frame ${idle} ms`);
  }
  assert.ok(times.best.more[0] > times.best.nothing[0], "something was drawn");
  const panes = await inked(page);
  assert.ok(panes.length === 3 && panes.every((count) => count > 1000), `${panes} pixels`);
});
