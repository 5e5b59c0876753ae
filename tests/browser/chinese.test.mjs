// @ts-check
/** The page in Chinese: the core's sentences are known by their form, and nothing on the page is left in English. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, seen } from "./playground.mjs";

/** @typedef {{ message: string, advice: string }} Problem */
const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));
const text = story(20_000);

/** The page's own translation. @returns {Promise<(problem: Problem) => Problem>} */
async function translation() {
  const [{ translated }, { core }] = await Promise.all(
    ["core_problems", "zh-Hans_core"].map((name) => import(new URL(`../../web/i18n/${name}.js`, import.meta.url).href)),
  );
  return (problem) => translated(core.problems, problem);
}

/** The core's code without comments and unit tests, by file. */
function sources() {
  const paths = readdirSync(SOURCE, { recursive: true }).map(String).filter((path) => path.endsWith(".rs"));
  return paths.map((path) => {
    const [code] = readFileSync(`${SOURCE}/${path}`, "utf8").split("#[cfg(test)]\nmod ");
    return { path: path.replaceAll("\\", "/"), code: code.replace(/^\s*\/\/.*$/gm, "") };
  });
}

/** A sentence of the core as it reads with something in each of its places. @param {string} form */
function filled(form) {
  const examples = { split: "training", what: "gradient norm", kind: "Words" };
  return form
    .replace(/\\"/g, '"')
    .replace(/\{\w+:\?\}/g, "[2, 3]")
    .replace(/\{(\w*)(?::[^}]*)?\}/g, (_, name) => examples[/** @type {keyof typeof examples} */ (name)] ?? "7");
}

const inChinese = (/** @type {string} */ sentence) => /\p{Script=Han}/u.test(sentence);

test("every error of the core has a form in Chinese", async () => {
  const translate = await translation();
  const forms = sources().flatMap(({ path, code }) =>
    Array.from(code.matchAll(/#\[error\(\s*"((?:[^"\\]|\\.)*)"/g), ([, form]) => ({ path, form })),
  );
  assert.ok(forms.length > 60, `only ${forms.length} errors were found`);
  // What is all a name, or another's sentence: nothing is its own.
  const own = forms.filter(({ form }) => /[a-z]{2}/.test(form.replace(/\{[^}]*\}/g, "")));
  const missing = own.filter(({ form }) => !inChinese(translate({ message: filled(form), advice: "" }).message));
  assert.deepEqual(missing, []);
});

test("every message of the session has a form in Chinese", async () => {
  const translate = await translation();
  const forms = sources()
    .filter(({ path }) => /^session(\/|\.rs)/.test(path))
    .flatMap(({ code }) => Array.from(code.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, form]) => form))
    // Sentences; keys and file names have no blanks.
    .filter((form) => /^[a-z{][^"]* [a-z]+ /.test(form));
  assert.ok(forms.length > 12, `only ${forms.length} messages were found`);
  assert.deepEqual(forms.filter((form) => !inChinese(translate({ message: filled(form), advice: "" }).message)), []);
});

test("numbers and names stand where they belong in Chinese", async () => {
  const translate = await translation();
  const message = (/** @type {string} */ message) => translate({ message, advice: "" }).message;
  assert.equal(message("learning_rate is 11; it must lie between 0 and 10"), "“学习率”是 11，须在 0 与 10 之间");
  assert.equal(
    message("the training split of the text has 5 tokens; one window needs 33 (context + 1): no validation loss will be drawn"),
    "文本的训练部分有 5 个词元；一个窗口需要 33 个（上下文 + 1）；因此不会画出验证损失",
  );
  assert.equal(
    message("my model.safetensors: width 130 is not a multiple of heads 4: every head needs the same whole number of columns"),
    "my model.safetensors：宽度 130 不是头数 4 的整数倍：每个头须有同样的整数列",
  );
  assert.equal(
    message("the tokenizer is not one that can be read here: its version is 2.0; 1.0 is read"),
    "这里读不了这个分词器：它的 version 是 2.0；只能读取 1.0",
  );
  assert.equal(
    message("validation rises while training falls: 2.500 nats at step 300, 2.100 at step 150; the model learns the text by heart"),
    "训练损失下降而验证损失上升：第 300 步为 2.500 纳特，第 150 步为 2.100 纳特；模型正在死记文本（过拟合）",
  );
  assert.equal(
    message("the tokenizer is not one that can be read here: missing field `model` at line 1 column 2"),
    "这里读不了这个分词器：第 1 行第 2 列，缺少字段 `model`",
  );
  const problem = { message: "there is no model yet", advice: "Press Train to make one from the text, or import a file." };
  const said = translate(problem);
  assert.deepEqual(said, { message: "还没有模型", advice: "按“训练”从文本建立一个模型，或导入文件。" });
  assert.deepEqual(translate(said), said, "what is Chinese already stays");
  const unknown = { message: "the moon is full", advice: "Wait." };
  assert.deepEqual(translate(unknown), unknown, "what is not known stays English");
});

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

  // Names that Chinese leaves as they are, of software, files and methods.
  const names = /\b(chrome:\/\/[\w/#-]+|Chrome|Android|Linux|CPU|OPFS|Fledgling|UTF|ID|CSV|URL|ASCII|GELU|SiLU|RMS|CORS|BPE|GPU|SwiftShader|Vulkan|WebGPU|Subzero|Google|LLVM|safetensors|tokenizer|vocab|json|merges|txt|https|logit|ln|top|unk|bos|eos|endoftext|MB|kB|GB|min|nats?|GPT|TinyGPT|nanoGPT|Transformers?|PyTorch|Dropout|RoPE|ReLU|SwiGLU|AdamW|Adam|SGD|pre-norm|post-norm|PNG|JSON|CR|LF|Windows|Llama|logits|tanh|softmax|PCA|MLP|[kMGTP]?FLOP|GGUF|GPT2LMHeadModel|Hugging|Face|zip|py|llama|cpp)\b/gi;
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
  const english = left.filter((said) => /[A-Za-z]{2}/.test(said.replace(names, "").replace(/“[^”]*”/g, "")));
  assert.deepEqual(english, []);
  // Full-width marks beside Chinese, and blanks between Chinese and figures.
  const body = await page.locator("body").innerText();
  const wrong = body.match(/\p{Script=Han}[,;:!?][^\n]{0,20}|[^\n]{0,10}\p{Script=Han}\d[^\n]{0,10}|[^\n]{0,10}\d\p{Script=Han}[^\n]{0,10}/gu);
  assert.deepEqual(wrong ?? [], []);
});
