// @ts-check
/** @import { Actions } from "../flows/actions.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
// What does the work, with the choice of it, and what made the page.

import { CPU, built, webgpu } from "../core/browser.js";
import { words } from "../i18n/words.js";
import { button, element, put, write } from "./dom.js";

const { workers: said } = words;

/**
 * @param {Store<State>} store @param {Actions} actions
 * @param {{ keys: () => void, glossary: () => void }} show
 * @param {() => void} reload
 */
export function footer(store, actions, show, reload) {
  const executors = /** @type {const} */ (["cpu", "gpu"]).map((executor) => {
    const input = element("input", { type: "radio", name: "executor", value: executor });
    input.addEventListener("change", () => actions.computeOn(executor));
    return { executor, input, node: element("label", {}, input, words.footer.executors[executor]) };
  });
  const choice = element("span", { class: "executors", role: "radiogroup", "aria-label": words.footer.computeOn }, ...executors.map(({ node }) => node));
  const count = element("input", { id: "workers", type: "number", min: 1, step: 1, inputmode: "numeric", autocomplete: "off", "aria-describedby": "workers-lack", title: said.help });
  count.addEventListener("change", () => {
    const { workers, workersAsked } = store.state;
    if (!workers) return;
    const before = workersAsked ?? workers.workers;
    const wanted = Number.isNaN(count.valueAsNumber) ? before : Math.round(count.valueAsNumber);
    const chosen = Math.max(1, Math.min(wanted, workers.most));
    count.value = String(chosen);
    if (chosen !== before) actions.setWorkers(chosen);
  });
  const most = element("span");
  const lack = element("span", { id: "workers-lack" });
  const workers = element("span", { class: "workers", title: said.help }, element("label", { for: count.id }, said.label), count, most, lack);
  const adapter = element("span", { class: "adapter", "aria-live": "polite" });
  const software = element("span", { class: "caution", hidden: true });
  const version = element("span");
  const newer = element("span", { "aria-live": "polite" });
  const reloading = button(words.footer.reload, reload, "plain");
  const copied = element("span", { "aria-live": "polite" });
  const copy = button(words.link.copy, () => actions.link.copy(), "plain");
  copy.title = words.link.copyHelp;
  put(
    "footer",
    choice,
    workers,
    adapter,
    software,
    element("span", { class: "grow" }),
    newer,
    reloading,
    copied,
    version,
    copy,
    button(words.glossary.title, show.glossary, "plain"),
    button(words.footer.keys, show.keys, "plain"),
  );

  store.watch((state) => {
    write(newer, state.newer ? words.footer.newer : "");
    reloading.hidden = !state.newer;
  });

  store.watch(({ adapter: used, moving, version: number, worker }) => {
    const onCpu = used?.name === CPU;
    for (const { executor, input, node } of executors) {
      input.checked = used !== null && (moving ?? (onCpu ? "cpu" : "gpu")) === executor;
      const missing = executor === "gpu" && webgpu() !== "yes";
      input.disabled = worker !== "ready" || moving !== null || missing;
      node.title = missing ? words.footer.noWebGpu : words.footer.moves[executor];
    }
    const name = onCpu ? "" : used && words.footer.adapter(used.name, used.backend);
    write(adapter, moving ? words.footer.moving[moving] : (name ?? (worker === "starting" ? words.footer.starting : "")));
    software.hidden = !used?.software || moving !== null;
    write(software, used?.name === CPU ? words.footer.cpu : words.footer.software);
    write(version, number ? words.footer.version(number, built()) : "");
  });

  store.watch(({ adapter: used, moving, worker, workers: now, workersAsked }) => {
    workers.hidden = used?.name !== CPU || now === null;
    if (!now) return;
    count.max = String(now.most);
    count.value = String(workersAsked ?? now.workers);
    count.disabled = worker !== "ready" || moving !== null || now.lack !== null || now.most === 1;
    write(most, said.of(now.most));
    // The page that lacks them has no footer like this one.
    write(lack, now.lack && now.lack !== "page" ? said.lacks[now.lack] : "");
    most.hidden = now.lack !== null;
    lack.hidden = now.lack === null;
  });

  store.watch(({ link, form }) => {
    copy.disabled = form === null;
    write(copied, link.copied ? words.link.copied : "");
  });
}
