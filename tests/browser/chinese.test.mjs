// @ts-check
/** The page in Chinese: nothing on it is left in English, and what went wrong is said anew. */

import assert from "node:assert/strict";
import { NAMES } from "../page/names.mjs";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground, seen } from "./playground.mjs";

const text = story(20_000);

pageTest("the page in Chinese says nothing in English", async ({ page }) => {
  await page.evaluate(() => localStorage.setItem("fledgling.preferences", JSON.stringify({ language: "zh-Hans" })));
  await page.reload();
  const button = (/** @type {string} */ name) => page.getByRole("button", { name, exact: true });
  await eventually("the worker's readiness", async () => (await button("训练").count()) === 1 && button("训练").isEnabled(), Boolean);
  await page.getByRole("textbox", { name: "文本", exact: true }).fill(text);
  const status = page.getByRole("status");
  await button("单步").click();
  await eventually("a step", () => status.innerText(), (said) => /训练损失\s*\d\.\d{3}\s*纳特/.test(said));
  await button("训练").click();
  await eventually("some steps", () => status.innerText(), (said) => Number(/步\s*(\d+)\s*\/ 500/.exec(said)?.[1]) >= 20);
  await button("暂停").click();
  await button("训练").waitFor();
  await page.locator("details").evaluateAll((folds) => folds.forEach((fold) => fold.setAttribute("open", "")));
  await page.getByText(/^熵 \d/).first().waitFor();
  // Only what is on the screen is asked for.
  const inside = page.locator("#inside-panel");
  for (const title of ["logit 透镜", "权重与梯度", "词元嵌入"]) await inside.locator("summary").filter({ hasText: title }).waitFor();
  for (const answer of [".lens td", ".tensors td", ".plane canvas"]) {
    await seen(inside.locator("details.part", { has: page.locator(answer.split(" ")[0]) }), answer);
  }

  const left = await page.evaluate(() => {
    // Text, tokens and names of tensors are nobody's words.
    const skipped = ".mono, .formula, .help, .notes, textarea, .candidates, .lens, .transitions, .token, .embeddings, [role=grid], .comparison h3, .comparison [aria-label], dialog dt";
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      const said = node.textContent?.trim() ?? "";
      if (!parent || !/[A-Za-z]{2}/.test(said) || parent.closest(`${skipped}, script, style, noscript, #language, #footer`)) continue;
      found.push(said);
    }
    for (const named of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
      if (named.closest(`${skipped}, canvas, #footer`)) continue;
      for (const name of ["aria-label", "title", "placeholder"]) found.push(named.getAttribute(name) ?? "");
    }
    return found.filter((said) => /[A-Za-z]{2}/.test(said));
  });
  const english = left.filter((said) => /[A-Za-z]{2}/.test(said.replace(NAMES, "").replace(/“[^”]*”/g, "")));
  assert.deepEqual(english, []);
  // Full-width marks beside Chinese, and blanks between Chinese and figures.
  const body = await page.locator("body").innerText();
  const wrong = body.match(/\p{Script=Han}[,;:!?][^\n]{0,20}|[^\n]{0,10}\p{Script=Han}\d[^\n]{0,10}|[^\n]{0,10}\d\p{Script=Han}[^\n]{0,10}/gu);
  assert.deepEqual(wrong ?? [], []);
});

pageTest("what went wrong is said in the language that is chosen, the core's and the page's own", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const said = (/** @type {string} */ panel) => page.locator(`${panel} .problem:not([hidden])`).first().innerText();
  await play.set("Heads", 5);
  await eventually("the core's refusal", () => said("#model-panel"), (now) => /^Width \d+ is not a multiple of heads 5: .*\. Change that setting/.test(now));
  await play.set("Layers", 1000);
  await page.getByRole("textbox", { name: "Text", exact: true }).fill("");
  await play.train.click();
  await eventually("the page's own", () => said("#text-panel"), (now) => now === "There is no text to train on yet. Paste one into the box, or drop a file here.");
  const language = page.locator("#language");
  await language.selectOption({ label: "简体中文" });
  await eventually("the page's own in Chinese", () => said("#text-panel"), (now) => now === "还没有可供训练的文本。请在框中粘贴文本，或将文件拖到这里。");
  await eventually("a setting's name in Chinese", () => said("#model-panel"), (now) => /^层数须是 \d+ 到 \d+ 之间的整数。请改正，或选择一个预设。$/.test(now));
  await page.getByRole("spinbutton", { name: "层数", exact: true }).fill("2");
  await eventually("the core's refusal in Chinese", () => said("#model-panel"), (now) => /^宽度 \d+ 不是头数 5 的整数倍：/.test(now));
  await language.selectOption({ label: "English" });
  await eventually("the core's refusal in English again", () => said("#model-panel"), (now) => /^Width \d+ is not a multiple of heads 5: /.test(now));
});
