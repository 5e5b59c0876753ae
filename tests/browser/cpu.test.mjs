// @ts-check
/** The CPU in place of the GPU: why, a word on where it would be faster, and how a model moves from one to the other. */

import assert from "node:assert/strict";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { QUICK, curves, playground } from "./playground.mjs";

const text = story(20_000);

pageTest("without WebGPU the page says why it computes on the CPU, until that is read", { webgpu: "absent" }, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await play.says(/Chrome offers no WebGPU here, so models train on the CPU: all of it works, and takes longer/, "#notices");
  await play.notices.getByText("For the speed of a GPU").click();
  await play.says(/Update Chrome to version 113 or later/, "#notices");
  assert.ok(await page.getByRole("radio", { name: "CPU", exact: true }).isChecked());
  assert.ok(await page.getByRole("radio", { name: "GPU", exact: true }).isDisabled());
  await play.says(/^CPU\s+GPU\s+Workers\s+of \d+\s+No GPU is in use/, "footer");

  await play.button("Dismiss").click();
  await play.noLongerSays(/offers no WebGPU/);
  await page.reload();
  await play.ready();
  await play.saysNothingOf(/offers no WebGPU/);
});

pageTest("where WebGPU opens no adapter the CPU trains, and the page says why", { webgpu: "noAdapter" }, async ({ page }) => {
  const play = playground(page);
  await play.says(/Chrome opens no GPU here, so models train on the CPU/, "#notices");
  await play.notices.getByText("For the speed of a GPU").click();
  await play.says(/graphics acceleration.*chrome:\/\/settings\/system/, "#notices");
  await play.ready();
  await play.paste(text);
  await play.set("Steps", 60);
  await play.finish();
});

pageTest("a software adapter is not chosen by itself, and a person's choice is kept", async ({ page }) => {
  const play = playground(page);
  const [cpu, gpu] = ["CPU", "GPU"].map((name) => page.getByRole("radio", { name, exact: true }));
  await play.ready();
  assert.ok(await cpu.isChecked());
  await play.says(/Chrome opens no GPU here, so models train on the CPU/, "#notices");
  await gpu.check();
  await play.says(/Software adapter/, "#footer");
  await play.noLongerSays(/models train on the CPU/);
  await page.reload();
  await play.ready();
  assert.ok(await gpu.isChecked());
  await cpu.check();
  await play.says(/No GPU is in use/, "#footer");
  await page.reload();
  await play.ready();
  assert.ok(await cpu.isChecked());
  await play.saysNothingOf(/so models train on the CPU/);
});

pageTest("a model that trains moves from the GPU to the CPU and back, and nothing of it is lost", { gpu: true }, async ({ page, screenshot }) => {
  const play = playground(page);
  const [cpu, gpu] = ["CPU", "GPU"].map((name) => page.getByRole("radio", { name, exact: true }));
  await play.ready();
  assert.ok(await gpu.isChecked());
  await play.paste(text);
  for (const [label, value] of Object.entries({ ...QUICK, Steps: 5000, "Warm-up": 10, "Validate every": 20, "Validation batches": 2, "Sample every": 25 })) {
    await play.set(label, value);
  }
  await play.train.click();
  await play.reach(10);
  // Without a pause, and without a question.
  for (const [there, at] of /** @type {const} */ ([[cpu, "No GPU is in use"], [gpu, "Software adapter"], [cpu, "No GPU is in use"]])) {
    await there.check();
    await play.says(new RegExp(at), "#footer");
    assert.ok(await there.isChecked());
    const { step } = await play.status();
    await play.reach((step ?? 0) + 15);
  }
  assert.equal(await play.notices.getByText("models train on the CPU").isVisible(), false, "whoever chose it knows why");
  await play.pauseTraining();
  await screenshot("moved");
  const { step } = await play.status();
  const lines = (await curves(page)).trim().split("\n").slice(1);
  assert.deepEqual(lines.map((line) => parseInt(line, 10)), Array.from({ length: Number(step) + 1 }, (_, i) => i), "a line for every step");
  // A model that stands still moves too, and says the same there.
  await play.prompt.fill("The old fox ");
  const there = await play.draw({ temperature: 0, length: 30 });
  await gpu.check();
  await play.says(/Software adapter/, "#footer");
  assert.equal(await play.draw({ temperature: 0, length: 30 }), there);
  assert.deepEqual((await play.status()).problems, []);
});

pageTest("where no GPU opens the model stays on the CPU, and the page says so", { webgpu: "noAdapter" }, async ({ page }) => {
  const play = playground(page);
  await play.ready();
  await page.getByRole("radio", { name: "GPU", exact: true }).click();
  await play.says(/No WebGPU adapter was found.*The model stays where it is\. Turn on hardware acceleration/, "#notices");
  assert.ok(await page.getByRole("radio", { name: "CPU", exact: true }).isChecked());
  assert.ok(await page.getByRole("radio", { name: "GPU", exact: true }).isEnabled());
});
