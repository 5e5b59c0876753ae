// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// A prompt, how to draw, and the text that the model writes.

import { button, element, labelled, panel, write } from "./dom.js";
import { problemDisplay } from "./problem_display.js";
import { words } from "./words.js";

// 2³² − 1: the worker takes seeds of 32 bits.
const SEED_LIMIT = 4_294_967_295;

/** @param {Store<State>} store @param {Actions} actions */
export function samplePanel(store, actions) {
  const prompt = element("textarea", {
    class: "mono",
    rows: 2,
    placeholder: words.sample.promptPlaceholder,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
  });
  const temperature = dial(words.sample.temperature, words.sample.temperatureHelp, { low: 0, high: 10, step: 0.1, start: 0.8 });
  const topK = dial(words.sample.topK, words.sample.topKHelp, { low: 0, high: 1_000_000, step: 1, start: 0 });
  const seed = dial(words.sample.seed, words.sample.seedHelp, { low: 0, high: SEED_LIMIT, step: 1, start: 1 });
  const length = dial(words.sample.length, words.sample.lengthHelp, { low: 1, high: 100_000, step: 1, start: 300 });
  const sample = button(words.sample.sample, draw);
  const stop = button(words.sample.stop, () => actions.stopSampling());
  const problem = problemDisplay();
  const hint = element("p", { class: "empty" });
  const echo = element("span", { class: "echo" });
  const output = element("span", { role: "region", "aria-label": words.sample.output });
  const written = element("div", { class: "written mono" }, hint, echo, output);
  panel(
    "sample-panel",
    words.sample.title,
    element(
      "div",
      { class: "asking" },
      labelled(words.sample.prompt, prompt, "prompt"),
      element("div", { class: "dials" }, temperature.node, topK.node, seed.node, length.node),
      element("div", { class: "buttons" }, sample, stop),
    ),
    problem.node,
    written,
  );

  function draw() {
    const wrong = [temperature, topK, seed, length].find((dial) => dial.value === null);
    if (wrong) return actions.refusePrompt(wrong.needs, words.sample.correct);
    actions.sample({
      temperature: temperature.value ?? 0,
      top_k: topK.value ?? 0,
      seed: seed.value ?? 0,
      tokens: length.value ?? 0,
    });
  }

  prompt.addEventListener("input", () => actions.setPrompt(prompt.value));
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || sample.disabled) return;
    event.preventDefault();
    draw();
  });

  store.watch(
    (state) => [state.prompt],
    (state) => {
      if (prompt.value !== state.prompt) prompt.value = state.prompt;
    },
  );
  store.watch(
    ({ sample, model, worker }) => [sample, model === null, worker],
    ({ sample: current, model, worker }) => {
      sample.disabled = worker !== "ready" || model === null;
      stop.disabled = !current?.running;
      hint.hidden = current !== null;
      write(hint, model ? words.sample.ready : words.sample.noModel);
      const follows = written.scrollTop + written.clientHeight >= written.scrollHeight - 8;
      write(echo, current?.prompt ?? "");
      write(output, current?.text ?? "");
      if (follows) written.scrollTop = written.scrollHeight;
    },
  );
  store.watch(
    ({ problems }) => [problems.prompt],
    ({ problems }) => problem.show(problems.prompt, false),
  );
}

/**
 * A number to draw with.
 * @param {string} label
 * @param {string} help
 * @param {{ low: number, high: number, step: number, start: number }} range
 */
function dial(label, help, { low, high, step, start }) {
  const input = element("input", {
    type: "number",
    min: low,
    max: high,
    step,
    value: start,
    title: help,
    inputmode: step === 1 ? "numeric" : "decimal",
    autocomplete: "off",
  });
  return {
    node: labelled(label, input),
    needs: words.sample.notNumber(label, low, high),
    get value() {
      const number = input.valueAsNumber;
      const fits = number >= low && number <= high && (step !== 1 || Number.isInteger(number));
      input.setAttribute("aria-invalid", String(!fits));
      return fits ? number : null;
    },
  };
}
