// @ts-check
/** The list of runs: what each is called, which stay, how they look, and what sets them apart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, broughtBack, compared, curvesTable, differing, historyOf, joined, nameOf, overlays, renamed, resumed, stepOf, tidy, withShown, without } from "../../web/state/runs.js";
import { after, built, config, fields, progressed, readyState, trained } from "./fixtures.mjs";

/** @import { State } from "../../web/state/state.js" */

/** A run of one step of each of these models, one after the other. @param {State} state @param {...Parameters<typeof built>[0]} models */
const ran = (state, ...models) => models.reduce((now, model) => after(now, built(model), progressed(1)), state);
const names = (/** @type {State} */ state) => state.runs.list.map((run) => nameOf(run, state));
const ids = (/** @type {State} */ state) => state.runs.list.map(({ id }) => id);

test("a run is called after its size, what sets it apart from the first such, and its text", () => {
  const state = ran(
    readyState(),
    {},
    { config: config({ model: { vocab: 30, layers: 3 } }) },
    { config: config({ model: { vocab: 30, layers: 3 } }) },
    { config: config({ tokenizer: { kind: "bpe" }, model: { vocab: 30 }, training: { learning_rate: 0.01 } }) },
    { config: config({ model: { vocab: 30, width: 256, hidden: 1024 } }) },
    { origin: "fine_tuned" },
  );
  assert.deepEqual(names(state), [
    "Tiny · Your own",
    "Tiny · Layers 3 · Your own",
    "Tiny · Layers 3 · Your own · no. 2",
    "Tiny · Tokens BPE, Vocabulary 512, Learning rate 0.01 · Your own",
    "Wide · Your own",
    "Tiny · fine-tuned · Your own",
  ]);
  assert.deepEqual(ids(state), [1, 2, 3, 4, 5, 6]);
  assert.equal(state.runs.current, 6);
});

test("a recipe, a built-in text and a file give a run their names", () => {
  const state = readyState({ recipe: "bigram" });
  const { text } = state;
  const made = (/** @type {string} */ key) => ({ text: { ...text, made: { key, seed: 1 } } });
  const own = config({ model: { layers: 0, vocab: 30 }, training: { steps: 3000 } });
  assert.deepEqual(names(ran({ ...state, ...made("stories") }, { config: own })), ["Bigram"], "its name says which text it has");
  assert.deepEqual(names(ran(state, { config: own })), ["Bigram · Your own"]);
  assert.deepEqual(names(ran({ ...state, recipe: null, ...made("sums") }, {})), ["Tiny · Sums"]);
  assert.deepEqual(names(ran({ ...state, importing: "gpt\u202e.zip" }, { origin: "imported" })), ["gptU+202E.zip"]);
  const trials = [{ label: "", config: own, result: null }, { label: "no MLP", config: own, result: null }];
  const compared = ran({ ...state, comparison: { trials, current: 1 } }, { config: own });
  assert.deepEqual(names(compared), ["no MLP · Bigram · Your own"]);
  assert.ok(compared.runs.list[0].shown, "a comparison is made to be seen");
});

test("a run without a step goes with its model, a trained one stays where it stood", () => {
  const state = after(ran(readyState(), {}), progressed(7), built(), built());
  assert.deepEqual(ids(state), [1, 3]);
  const [first, last] = state.runs.list;
  assert.deepEqual([stepOf(first, state), stepOf(last, state)], [7, 0]);
  assert.deepEqual([stepOf(last, after(state, progressed(9)))], [9]);
});

test("the list holds twenty, and the oldest that are hidden go first", () => {
  let state = readyState();
  for (let run = 1; run <= 24; run += 1) {
    state = ran(state, {});
    if (run === 3) state = { ...state, runs: withShown(state.runs, 2, true) };
  }
  assert.equal(MOST, 20);
  assert.deepEqual(ids(state), [2, ...Array.from({ length: 19 }, (_, i) => i + 6)]);
  assert.equal(state.runs.dropped, 4);
  assert.equal(new Set(names(state)).size, 20, names(state).join(" | "));
  // Where all are shown the oldest of all goes, but never the one in memory.
  for (const id of ids(state)) state = { ...state, runs: withShown(state.runs, id, true) };
  assert.deepEqual(ids(ran(state, {})), [...ids(state).slice(1), 25]);
});

test("a run keeps its colour and dash unless another has taken it", () => {
  let { runs } = ran(readyState(), {}, {}, {}, {});
  const look = (/** @type {number} */ id) => runs.list.find((run) => run.id === id)?.look;
  runs = withShown(withShown(runs, 1, true), 2, true);
  assert.deepEqual([look(1), look(2)], [0, 1]);
  runs = withShown(withShown(runs, 1, false), 1, true);
  assert.equal(look(1), 0);
  runs = withShown(withShown(withShown(runs, 1, false), 3, true), 1, true);
  assert.deepEqual([look(3), look(1)], [0, 2]);
});

test("what is removed comes back, the last first and in its place", () => {
  const state = ran(readyState(), {}, {}, {});
  let runs = without(without(withShown(state.runs, 1, true), 1), 2);
  assert.deepEqual(runs.list.map(({ id }) => id), [3]);
  assert.equal(without(runs, 3), runs, "the one in memory stays");
  assert.equal(without(runs, 99), runs);
  runs = broughtBack(broughtBack(runs));
  assert.deepEqual(runs.list.map(({ id, shown }) => [id, shown]), [[1, true], [2, false], [3, false]]);
  assert.equal(broughtBack(runs), runs);
});

test("a name is text on one line, without marks that turn it, and not too long", () => {
  const hostile = `<img src=x onerror="document.title='run'">\u202e\u0000\t=1+1\ud800 ${"long ".repeat(2000)}`;
  assert.match(tidy(hostile), /^<img src=x onerror="document\.title='run'"> =1\+1 long .*…$/);
  assert.equal(Array.from(tidy(hostile)).length, 80);
  assert.equal(tidy(" \u200e\ufeff\n"), "");
  assert.equal(tidy(`e${"\u0301".repeat(50)}`), `e${"\u0301".repeat(4)}`);
  assert.equal(Array.from(tidy("😀".repeat(100))).length, 80);
  const state = ran(readyState(), {});
  const [{ name }] = renamed(state.runs, 1, " mine ").list;
  assert.equal(name, "mine");
  assert.equal(renamed(renamed(state.runs, 1, "mine"), 1, "  ").list[0].name, null, "nothing is the first name again");
});

test("a model that comes back goes on with its run", () => {
  const state = ran(readyState(), {});
  const [run] = state.runs.list;
  const begun = after(state, built());
  const runs = resumed(begun.runs, run);
  assert.deepEqual([runs.list.map(({ id }) => id), runs.current], [[1], 1]);
  // Removed in the meantime, it comes back all the same, once.
  const removed = resumed(without(begun.runs, 1), run);
  assert.deepEqual([removed.list.map(({ id }) => id), removed.removed], [[1], []]);
});

test("the runs of a saved session join those of this visit, and only once", () => {
  const then = ran(readyState(), {}, {});
  const saved = JSON.parse(JSON.stringify({ list: then.runs.list, current: then.runs.current }));
  const now = after(ran(readyState(), {}), built());
  // Begun in another millisecond than the saved ones.
  now.runs.list[0].begun = new Date(0);
  const runs = joined(now.runs, saved);
  assert.deepEqual(runs.list.map(({ begun }) => begun instanceof Date), [true, true, true]);
  assert.deepEqual(runs.list.filter(({ id }) => id !== runs.current).map(({ history }) => history.latest?.step), [1, 1]);
  assert.ok(runs.next > Math.max(...runs.list.map(({ id }) => id)));
  const twice = joined(runs, saved);
  assert.equal(twice.list.length, 3);
});

test("shown runs lie over the present one, with what differs and a table of all their curves", () => {
  const other = config({ tokenizer: { kind: "bpe", vocabulary: 300 }, model: { vocab: 30, layers: 3 }, sampling: { temperature: 2 } });
  let state = ran(readyState(), {}, { config: other });
  assert.deepEqual(overlays(state), []);
  assert.deepEqual(compared(state).map(({ id }) => id), [2]);
  state = { ...state, runs: renamed(withShown(state.runs, 1, true), 1, '=a "b"') };
  assert.deepEqual(overlays(state).map(({ id }) => id), [1]);
  assert.deepEqual(
    differing(compared(state), fields).map(({ group, rows }) => [group, rows.map(({ field, values }) => [field.key, values])]),
    [
      ["tokenizer", [["kind", ["characters", "bpe"]], ["vocabulary", [null, 300]]]],
      ["model", [["layers", [2, 3]]]],
    ],
    "a setting without an effect has no value, and how one samples sets no run apart",
  );
  const table = curvesTable(state).split("\n");
  assert.match(table[0], /^run,step,tokens seen,/);
  assert.match(table[1], /^"'=a ""b""",1,64,1,/);
  assert.match(table[2], /^"Tiny · Tokens BPE, Vocabulary 300, Layers 3 · Your own",1,/);
});

test("what a run learned stays its own when the next begins", () => {
  const state = ran(readyState(), {});
  const next = after(state, built(), progressed(1, { training: [trained(1, 5)] }));
  assert.deepEqual(next.runs.list.map((run) => historyOf(run, next).training[0].loss), [1, 5]);
  assert.equal(historyOf(state.runs.list[0], state), state.history);
});
