// @ts-check
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Reader } from "./reader.js" */
// Where the model runs, and a way to have it elsewhere; and what stands in its way.

import { CPU, webgpu } from "../core/browser.js";
import { words } from "../i18n/words.js";
import { button, element, put, write } from "../ui/dom.js";
import { crashOf, lackOf, problemDisplay } from "../ui/problem_display.js";

const { modelPage: said, crash } = words;

/** @param {Store<State>} store @param {Reader} reader */
export function where(store, reader) {
  const line = element("span", { role: "status" });
  const move = button("", () => reader.computeOn(onCpu(store.state) ? "gpu" : "cpu"), "plain");
  const bar = element("progress", { "aria-label": said.progress, hidden: true });
  const problem = problemDisplay();
  const again = button(crash.restart, () => reader.restart());
  put("where", element("div", { class: "row muted" }, line, move), bar, problem.node, again);

  const { here } = reader;
  const progress = here.computed(({ reading }) => reading);
  const there = here.computed(({ file }) => file !== null);
  store.watch((state) => {
    const { value: reading } = progress;
    const { adapter, moving, worker, crash: message, lacks, problems, model } = state;
    write(line, reading ? said.reading : adapter && model ? placeOf(state) : worker === "crashed" || lacks || problemHere(problems) ? "" : said.starting);
    bar.hidden = reading === null;
    [bar.max, bar.value] = [reading?.of ?? 1, reading?.done ?? 0];
    move.hidden = !there.value || webgpu() !== "yes" || worker !== "ready" || !model;
    move.disabled = moving !== null;
    write(move, onCpu(state) ? said.toGpu : said.toCpu);
    const crashed = worker === "crashed";
    again.hidden = !crashed && !problems.gpu;
    problem.show(crashed ? { ...crashOf(message), advice: "restart_from_file" } : (lackOf(lacks) ?? problemHere(problems)));
  });
}

/** The problem that keeps the model from running, with what can be done about it here. @param {State["problems"]} problems */
function problemHere({ file, gpu, configuration, training, command }) {
  // The core's advice on a file is about another one to choose.
  if (file?.kind === "file") return { ...file, advice: "get_again" };
  return file ?? gpu ?? configuration ?? training ?? command;
}

/** @param {Readonly<State>} state */
const onCpu = ({ adapter }) => adapter?.name === CPU;

/** @param {Readonly<State>} state */
function placeOf(state) {
  if (onCpu(state)) return webgpu() === "yes" ? said.onCpu : said.noWebGpu;
  const { name, software } = /** @type {NonNullable<State["adapter"]>} */ (state.adapter);
  return software ? said.onSoftware(name) : said.onGpu(name);
}
