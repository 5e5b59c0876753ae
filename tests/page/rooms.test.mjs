// @ts-check
/**
 * The rooms of web/: what each may import, and how long a function may be. Imports are what esbuild finds, as it would bundle
 * them; functions are what acorn parses, a small parser with no dependencies of its own.
 */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { buildSync } from "esbuild";

/** The rooms in the order in which one builds on another: a module imports from its own and from those before it. */
const ROOMS = ["core", "i18n", "state", "storage", "flows", "ui", "plot", "panels"];
/** What a page begins with; `offline` and `model_page` are programs of their own, of which nobody imports anything. */
const ENTRIES = ["main.js", "core/shard_loader.js", "model_page/main.js", "model_page/worker.js", "offline/service_worker.js", "ui/scheme_at_once.js"];
// Lines.
const LONGEST = 80;
/** Functions that are longer. */
const LONG = [
  "panels/attention/head_grid.js headGrid",
  "panels/attention/panel.js attentionPanel",
  "panels/attention/text.js attentionText",
  "panels/files/panel.js filesPanel",
  "panels/inside/embedding_scatter.js embeddingScatter",
  "panels/inside/switches.js switches",
  "panels/recipe/panel.js recipePanel",
  "panels/runs/panel.js runsPanel",
  "panels/sample/panel.js samplePanel",
  "panels/text/panel.js textPanel",
  "panels/tokens/panel.js tokensPanel",
  "panels/tokens/vocabulary_table.js vocabularyTable",
  "panels/transitions/panel.js transitionsPanel",
  "plot/loss_plot.js lossPlot",
  "plot/pane.js pane",
  "ui/footer.js footer",
  "ui/notices.js notices",
  "ui/setting_fields.js settingFields",
  "ui/token_text.js runningText",
];

const WEB = fileURLToPath(new URL("../../web/", import.meta.url));
const modules = readdirSync(WEB, { recursive: true }).map((path) => String(path).replaceAll("\\", "/")).filter((path) => path.endsWith(".js"));
const room = (/** @type {string} */ path) => path.split("/")[0];

const { metafile } = buildSync({
  absWorkingDir: WEB,
  entryPoints: modules,
  outdir: "nowhere",
  write: false,
  bundle: true,
  format: "esm",
  metafile: true,
  logLevel: "error",
  // What the build puts beside the page's modules.
  external: ["../../vendor/*", "../../worker.js", "core"],
});
/** What each module imports of the others. */
const graph = new Map(Object.entries(metafile.inputs).map(([path, { imports }]) => [path, imports.filter(({ external }) => !external).map(({ path }) => path)]));

/** Every import of one module by another. */
const imports = Array.from(graph, ([from, all]) => all.map((to) => ({ from, to, said: `${from} imports ${to}` }))).flat();

test("a room builds on those before it, and on none behind it", () => {
  assert.ok(imports.length > 300, `only ${imports.length} imports were found`);
  const ordered = imports.filter(({ from, to }) => [from, to].every((path) => path.includes("/") && ROOMS.includes(room(path))));
  const upwards = ordered.filter(({ from, to }) => ROOMS.indexOf(room(to)) > ROOMS.indexOf(room(from)));
  assert.deepEqual(upwards.map(({ said }) => said), []);
  const rooms = new Set(modules.filter((path) => path.includes("/")).map(room));
  assert.deepEqual([...rooms].sort(), [...ROOMS, "model_page", "offline"].sort());
  const backwards = imports.filter(({ from, to }) => (ENTRIES.includes(to) || ["model_page", "offline"].includes(room(to))) && room(from) !== room(to));
  assert.deepEqual(backwards.map(({ said }) => said), []);
});

test("panels import neither each other nor the core", () => {
  const panel = (/** @type {string} */ path) => path.split("/").slice(0, 2).join("/");
  const wrong = imports.filter(({ from, to }) => room(from) === "panels" && (room(to) === "core" || (room(to) === "panels" && panel(from) !== panel(to))));
  assert.deepEqual(wrong.map(({ said }) => said), []);
});

test("no module imports itself by way of others", () => {
  /** @type {Set<string>} */
  const done = new Set();
  const visit = (/** @type {string} */ path, /** @type {string[]} */ way) => {
    assert.ok(!way.includes(path), [...way.slice(way.indexOf(path)), path].join(" imports "));
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of modules) visit(path, []);
});

test("every module is imported, or begins a page", () => {
  const imported = new Set(imports.map(({ to }) => to));
  assert.deepEqual(modules.filter((path) => !imported.has(path)).sort(), [...ENTRIES].sort());
});

/** @typedef {import("acorn").Node & Record<string, any>} Node */

/** Every node of a module, with the name of what it stands in. @param {string} path @returns {Generator<{ node: Node, name: string }>} */
function* nodes(path) {
  /** @param {any} node @param {string} name @returns {Generator<{ node: Node, name: string }>} */
  function* walk(node, name) {
    if (Array.isArray(node)) for (const one of node) yield* walk(one, name);
    if (typeof node?.type !== "string") return;
    yield { node, name: node.id?.name ?? name };
    const inner = node.id?.name ?? node.key?.name ?? name;
    for (const child of Object.values(node)) if (child && typeof child === "object") yield* walk(child, inner);
  }
  yield* walk(parse(readFileSync(WEB + path, "utf8"), { ecmaVersion: "latest", sourceType: "module", locations: true }), path);
}

test("the page speaks to workers in one module", () => {
  const speaking = modules.filter((path) =>
    Array.from(nodes(path)).some(
      ({ node }) =>
        (node.type === "MemberExpression" && !node.computed && node.property.name === "postMessage") ||
        (node.type === "NewExpression" && ["Worker", "SharedWorker"].includes(node.callee.name)),
    ),
  );
  assert.deepEqual(speaking, ["core/worker_client.js"]);
});

test(`no function has more than ${LONGEST} lines`, () => {
  const long = modules.flatMap((path) =>
    Array.from(nodes(path))
      .filter(({ node: { type, loc } }) => /Function/.test(type) && loc && loc.end.line - loc.start.line + 1 > LONGEST)
      .map(({ name }) => `${path} ${name}`),
  );
  assert.deepEqual(long.sort(), LONG);
});
