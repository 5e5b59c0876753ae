// @ts-check
/** What training offers beyond steps: stopping early, the best checkpoint, a second text. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

pageTest("a run that gets worse stops early, and the best checkpoint comes back", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.paste(story(20_000));
  // The first steps help, the rate is far too high for the later ones.
  for (const [label, value] of /** @type {[string, number | string][]} */ ([
    ["Steps", 400], ["Learning rate", 0.5], ["Schedule", "Constant"], ["Validate every", 5], ["Validation batches", 2], ["Patience", 2], ["Least improvement", 0.5], ["Sample every", 0],
  ])) {
    await play.set(label, value);
  }
  await play.train.click();
  await play.says(/Stopped early at step \d+: 2 validations in a row were no better than [\d.]+ nats at step \d+/, "#notices");
  const { step } = await play.status();
  const said = /no better than ([\d.]+) nats at step (\d+)/.exec(await play.notices.innerText());
  const [loss, best] = [Number(said?.[1]), Number(said?.[2])];
  assert.ok(best < (step ?? 0), `best at ${best}, stopped at ${step}`);
  assert.match(await play.legend("Best"), new RegExp(`^Best ${said?.[1]} at ${best}$`));
  await page.locator("#loss-plot").getByRole("button", { name: "Restore best" }).click();
  const back = await play.statusWhere("the best step", (now) => now.step === best);
  assert.equal(back.validation, loss, "the curve ends there");
  await play.says(/The best checkpoint is back: step \d+, [\d.]+ nats/, "#notices");
  await play.notices.locator(".notice", { hasText: "The best checkpoint is back" }).getByRole("button", { name: "Dismiss" }).click();
  await play.noLongerSays(/The best checkpoint is back/);
  // And training goes on from there.
  await play.step.click();
  await play.statusWhere("one step more", (now) => now.step === best + 1 && now.training !== null);
});

pageTest("a model in memory is fine-tuned on another text, if it knows its characters", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  assert.ok(await play.button("Fine-tune").isDisabled());
  await play.says(/train or import one first/, "#settings-panel");
  await play.paste(story(20_000));
  await play.set("Steps", 30);
  await play.set("Warm-up", 0);
  await play.finish();
  const { validation } = await play.status();
  await play.paste("The old fox sees the river.\n".repeat(300));
  await play.set("Steps", 12);
  await play.set("Learning rate", 0.001);
  await play.button("Fine-tune").click();
  await play.says(/The model at step 30 was replaced/, "#notices");
  await play.statusWhere("the end of a second run", (now) => now.steps === 12 && now.step === 12 && / Time left done/.test(now.text));
  const after = await play.status();
  assert.ok((after.validation ?? Infinity) < (validation ?? 0), `${validation} before, ${after.validation} after`);

  await play.paste("Виктор читает книгу.\n".repeat(300));
  await play.says(/does not fit the model in memory, which has no token for .*В/, "#settings-panel");
  assert.ok(await play.button("Fine-tune").isDisabled());
  await eventually("the offer of a fresh model", () => play.button("Start afresh").isVisible(), Boolean);
});
