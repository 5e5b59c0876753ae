// @ts-check
/** A browser that dies in the middle of a save, again and again: whatever the moment, what it left behind goes on. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { random, story } from "./grammar.mjs";
import { found, newest, visitorTest } from "./killable.mjs";
import { curves, eventually, hide, playground } from "./playground.mjs";

const KILLS = Number(process.env.KILLS ?? 20);
// Beyond these, a point of the curves stands for several steps.
const WHOLE = 8191;
const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1e9);

/** When to kill, as parts of a time in which a save begins and ends: one in each twentieth, in any order. */
function moments() {
  const draw = random(SEED);
  const all = Array.from({ length: KILLS }, (_, i) => (i + draw()) / KILLS);
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(draw() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

// 45 s for each kill: five times what it takes here.
visitorTest(`a browser that is killed in the middle of a save, ${KILLS} times over, goes on each time`, KILLS * 45_000, async ({ url, aside, start, kill }, t) => {
  t.diagnostic(`KILL_SEED=${SEED}`);
  const began = Date.now();
  /** What the kills met. */
  const met = { before: 0, half: 0, after: 0, strangers: 0 };
  /** Step of the last save known to be whole. */
  let whole = 0;
  /** The curves as far as they are known, a line a step. @type {Map<number, string>} */
  const known = new Map();

  /** The page again, in the session that the killed browser left. */
  async function goOn() {
    const page = await start();
    await page.goto(aside);
    const { slots, strangers } = await found(page);
    const steps = slots.filter(({ whole }) => whole).map(({ step }) => step ?? 0);
    if (steps.length < 2) met.half += 1;
    else if (Math.max(...steps) > whole) met.after += 1;
    else met.before += 1;
    if (strangers.length > 0) met.strangers += 1;
    const left = Math.max(...steps);
    assert.ok(left >= whole, `the save of step ${whole} was whole, step ${left} is left`);
    whole = left;

    await page.goto(url);
    const play = playground(page);
    await play.says(/A session is saved in this browser: Your own text, step [\d,]+/, "#notices");
    const offered = Number(/, step ([\d,]+)/.exec(await play.notices.innerText())?.[1].replaceAll(",", ""));
    assert.equal(offered, left, "the newest whole save is offered");
    assert.deepEqual((await found(page)).strangers, [], "what was half written is cleared away");
    await play.notices.getByRole("button", { name: "Go on", exact: true }).click();
    const { step } = await play.statusWhere("the saved step", (now) => now.step !== null);
    assert.equal(step, left);
    const lines = (await curves(page)).trim().split("\n").slice(1);
    assert.equal(Number(lines.at(-1)?.split(",")[0]), step, "the curve ends where the weights stand");
    for (const line of lines) known.set(parseInt(line, 10), line);
    return play;
  }

  for (const moment of moments()) {
    let play;
    if (whole === 0) {
      play = playground(await start());
      await play.page.goto(url);
      await play.ready();
      await play.paste(story(3000));
      for (const [label, value] of Object.entries({ Width: 16, Layers: 1, Heads: 1, Context: 32, Batch: 64, Steps: 10_000_000, "Warm-up": 10, "Validate every": 10, "Validation batches": 1 })) {
        await play.set(label, value);
      }
    } else {
      play = await goOn();
    }
    const { page } = play;
    await play.train.click();
    await play.reach(whole + 2);
    // One save to its end, so that both slots are whole, and it is known how long one takes.
    const asked = performance.now();
    const show = await hide(page);
    whole = await eventually("a whole save", () => newest(page), (step) => step > whole);
    const took = performance.now() - asked;
    await show();
    await play.reach(whole + 1);
    await hide(page);
    // The first save after a start, seen from outside, takes more than twice as long as the next.
    await pause(moment * 0.6 * took);
    await kill();
  }
  const play = await goOn();
  t.diagnostic(`${JSON.stringify(met)} in ${Math.round((Date.now() - began) / 1000)} s, step ${whole}`);
  assert.ok(met.half >= 3, `kills that left a slot half written: ${met.half}`);
  const last = (await play.status()).step ?? 0;

  // The same run without a stop.
  await play.reset.click();
  await play.statusWhere("a fresh model", (now) => now.step === 0);
  await play.train.click();
  // After 200 kills they are some minutes.
  for (let step = 5000; step < last; step += 5000) await play.reach(step);
  await play.reach(last);
  await play.pauseTraining();
  const lines = (await curves(play.page)).trim().split("\n").slice(1);
  // The last step's validation may have been under way as it was saved.
  const unbroken = lines.filter((line) => parseInt(line, 10) < last);
  if (last <= WHOLE) assert.equal(unbroken.length, last, "a line a step");
  for (const line of unbroken) assert.equal(known.get(parseInt(line, 10)), line);
});
