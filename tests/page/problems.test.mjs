// @ts-check
/** Every problem, the core's and the page's own, has its sentences in every language, with all its values and in no other's words. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ADVICE, alike, sentence } from "../../web/i18n/problems.js";
import { languages } from "../../web/i18n/words.js";
import { NAMES } from "./names.mjs";

/** @typedef {import("../../web/i18n/problems.js").AnyProblem} AnyProblem */

/** What the core gave, each code at least once: tests/native wrote it. @type {AnyProblem[]} */
const ofCore = JSON.parse(readFileSync(new URL("../native/codes.json", import.meta.url), "utf8"));

/** What the page finds. @type {import("../../web/i18n/problems.js").Found[]} */
const ofPage = [
  { code: "worker_stopped" },
  { code: "worker_crashed", values: { reason: "RuntimeError: unreachable" }, advice: "restart_from_file" },
  ...["chrome", "edge", "safari", "safari_ios", "firefox", "firefox_android", "other"].flatMap((name) => {
    const values = { browser: /** @type {import("../../web/core/browser.js").Browser} */ (name) };
    return /** @type {import("../../web/i18n/problems.js").Found[]} */ ([
      { code: "no_web_assembly", values },
      { code: "no_simd", values },
      { code: "no_module_workers", values },
    ]);
  }),
  { code: "helpers_failing" },
  { code: "nothing_typed" },
  { code: "tokenizer_file_awaited" },
  { code: "setting_mistyped", field: "training.steps", values: { low: 1, high: 1_000_000, whole: true } },
  { code: "setting_mistyped", field: "sampling.temperature", values: { low: 0, high: 10, whole: false }, advice: "correct_for_sample" },
  { code: "unreadable", values: { name: "notes.txt", reason: "NotReadableError: gone" }, advice: "choose_again" },
  { code: "no_address" },
  { code: "not_an_address", values: { typed: "ht^tp" } },
  { code: "address_protocol", values: { url: "ftp://a.example/", protocol: "ftp:" } },
  { code: "address_insecure", values: { url: "http://a.example/" } },
  { code: "address_unreachable", values: { url: "https://a.example/" } },
  { code: "address_silent", values: { url: "https://a.example/", seconds: 20 } },
  { code: "address_broken", values: { url: "https://a.example/", reason: "TypeError: network error" } },
  { code: "address_refused", values: { url: "https://a.example/", status: 404, reason: "Not Found" } },
  { code: "address_refused", values: { url: "https://a.example/", status: 404, reason: "" } },
  { code: "address_not_allowed", values: { url: "https://a.example/", host: "a.example" } },
  { code: "address_too_large", values: { url: "https://a.example/", size: 200_000_000, limit: 100_000_000 } },
  { code: "link_too_long", values: { size: 9000, limit: 8000 } },
  { code: "link_unknown", values: { key: "model.colour" } },
  { code: "link_without_value", values: { part: "colour" } },
  { code: "link_encoding", values: { part: "a=%zz" } },
  { code: "link_version", values: { found: "7", known: 1 } },
  { code: "link_without_version", values: { known: 1 } },
  { code: "link_number", field: "text.seed", values: { typed: "many", low: 0, high: 4_294_967_295, whole: true } },
  { code: "link_number", field: "training.learning_rate", values: { typed: "-3", low: 0, high: 10, whole: false } },
  { code: "link_choice", field: "model.norm", values: { typed: "batch", choices: ["layer", "rms"] } },
  { code: "link_text", field: "sampling.prompt" },
  { code: "link_tokenizer_file", field: "tokenizer.kind" },
  { code: "link_recipe", values: { key: "soup" } },
  { code: "link_built_in", values: { key: "novel" } },
  { code: "link_twice", values: { key: "model.width", count: 3 } },
  { code: "template_absent" },
  { code: "template_unreachable", values: { name: "model_page.html", reason: "503 Busy" } },
  { code: "template_foreign", values: { name: "model_page.html" } },
  { code: "not_shared", values: { name: "a.html", reason: "DataError: refused" } },
  { code: "folder_without_model", values: { folder: "notes", count: 1 } },
  { code: "folder_without_model", values: { folder: "notes", count: 120 } },
  { code: "page_without_model" },
  { code: "page_damaged", values: { reason: "InvalidCharacterError: no base64" }, advice: "get_again" },
  { code: "storage_full", values: { size: 5_000_000, left: 1_000_000 } },
  { code: "storage_full", values: { size: null, left: null } },
  { code: "not_saved", values: { reason: "InvalidStateError: locked" } },
  { code: "session_damaged", values: { name: "Tuesday" } },
  { code: "session_damaged", values: { name: "" } },
];

/** Steps that may have been kept: none, one, more. @type {AnyProblem[]} */
const kept = [[], [0], [0, 50, 100]].map((kept) => ({ code: "step_not_kept", values: { step: 7, kept } }));

/** @type {AnyProblem[]} */
const all = [...ofCore, ...ofPage, ...kept];
/** A problem as each language says it. @param {AnyProblem} problem @param {string} tag */
const said = (problem, tag) => sentence(problem, FIELDS, languages[tag].words);
const tags = Object.keys(languages);

/** A field as the core describes it, in a language that has a word for it. */
const FIELDS = /** @type {any[]} */ ([
  { group: "training", key: "steps", label: "步数" },
  { group: "training", key: "learning_rate", label: "学习率" },
  { group: "sampling", key: "temperature", label: "温度" },
  { group: "sampling", key: "prompt", label: "提示词" },
  { group: "tokenizer", key: "kind", label: "词元" },
  { group: "model", key: "norm", label: "归一化" },
]);

/** Values that are words of ours, each with a sentence's own word for it; other texts are quoted as they are. @type {Record<string, string[]>} */
const OURS = {
  "*": ["kind", "split", "what", "activation", "lacking", "browser", "group"],
  out_of_range: ["key"],
  tokenizer_part: ["found", "read"],
  key_unsupported: ["read"],
  replay_file: ["file"],
  replay_tensor: ["file"],
};

/** What a problem quotes, the longest first. @param {AnyProblem} problem @returns {string[]} */
function quoted({ code, field, values = {} }) {
  const ours = [...OURS["*"], ...(OURS[code] ?? [])];
  /** @param {any} value @param {boolean} own @returns {string[]} */
  const texts = (value, own) =>
    typeof value === "string" ? (own ? [] : [value])
    : value && typeof value === "object" ? Object.values(value).flatMap((inner) => texts(inner, own && Array.isArray(value)))
    : [];
  const found = Object.entries(values).flatMap(([key, value]) => (key === "error" ? quoted(value) : texts(value, ours.includes(key))));
  // A part of a link has the setting's key beside its name.
  return [...found, ...(field && code.startsWith("link_") ? [field] : [])].filter(Boolean).sort((a, b) => b.length - a.length);
}

/** A sentence with … for what it quotes. @param {string} text @param {AnyProblem} problem */
function own(text, problem) {
  const escaped = quoted(problem).map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return escaped.reduce((left, part) => left.replace(new RegExp(`(?<![A-Za-z0-9])${part}(?![A-Za-z0-9])`, "gi"), "…"), text);
}

/** A problem's code, and that of the one in it. @param {AnyProblem} problem @returns {string[]} */
const inside = ({ code, values }) => [code, ...(values?.error ? inside(values.error) : [])];

test("every code that is said occurs, and every one that occurs is said, with what to do", () => {
  const codes = new Set(all.flatMap(inside));
  for (const tag of tags) {
    const { messages, advice } = languages[tag].words.problems;
    assert.deepEqual([...codes].sort(), Object.keys(messages).sort(), tag);
    const given = new Set([...Object.values(ADVICE), ...all.map(({ advice }) => advice)].filter(Boolean));
    assert.deepEqual([...given].sort(), Object.keys(advice).sort(), tag);
  }
  assert.deepEqual([...codes].sort(), Object.keys(ADVICE).sort());
});

test("a sentence is whole, in every language", () => {
  for (const problem of all) {
    for (const tag of tags) {
      const { message, advice } = said(problem, tag);
      for (const part of [message, ...(advice ? [advice] : [])]) {
        assert.match(part, /[.!?。！？”…]$/u, `${tag}: ${part}`);
        assert.doesNotMatch(own(part, problem), /undefined|\[object|NaN|\bnull\b|\s$|^\s| {2}|\(\)|（）/u, `${tag}: ${part} ${JSON.stringify(problem)}`);
      }
      // Only the parts of others, what a file cannot be and a link's have none.
      if (!advice) assert.match(problem.code, /^(key_|link_|no_class$)/, problem.code);
    }
  }
});

/** The numbers of a sentence, in the order of their size. @param {string} text */
const numbers = (text) => (text.match(/\d[\d.,]*/g) ?? []).map((number) => number.replace(/[.,]+$/, "")).sort();

test("every language says the same numbers", () => {
  for (const problem of all) {
    const [english, ...others] = tags.map((tag) => said(problem, tag));
    for (const { message, advice } of others) {
      assert.deepEqual(numbers(message), numbers(english.message), `${message} ${english.message}`);
      assert.deepEqual(numbers(advice), numbers(english.advice), `${advice} ${english.advice}`);
    }
  }
});

/** Names beyond those: of browsers and files, and what stands in files and is written as it stands there. */
const MORE_NAMES = /\b(\w+(\.\w+)*\.(json|txt|safetensors|html)|Edge|Safari|Firefox|iPhone|iPad|Apple|WebAssembly|SIMD|Worker|module workers|WordLevel|ByteLevel|Fuse|Sequence|WhitespaceSplit|Split|add_prefix_space|use_regex|true|false|rope_type default|hidden_size|num_attention_heads|stored|deflated|pickle|bin|pt|BF16)\b/g;

test("nothing in Chinese stays in English", () => {
  for (const problem of all) {
    const { message, advice } = said(problem, "zh-Hans");
    const text = own(`${message}${advice}`, problem);
    assert.match(text, /\p{Script=Han}/u, `${message} ${JSON.stringify(problem)}`);
    const left = text.replace(MORE_NAMES, "").replace(NAMES, "").match(/[A-Za-z]{2,}/g) ?? [];
    assert.deepEqual(left, [], `${message} ${advice} ${JSON.stringify(problem)}`);
    // Full-width marks beside Chinese, and blanks between Chinese and figures.
    assert.doesNotMatch(text, /\p{Script=Han}[,;:!?]|\p{Script=Han}\d|\d\p{Script=Han}/u, message);
  }
});

test("what a sentence quotes stands in it as it is, in every language", () => {
  for (const problem of all) {
    for (const tag of tags) {
      const { message, advice } = said(problem, tag);
      // A sentence may begin with it, and a list may be joined by other words.
      const text = `${message}${advice}`.toLowerCase();
      for (const part of quoted(problem)) {
        if (problem.code === "bad_file" && /vocab\.json and merges\.txt/.test(part)) continue;
        assert.ok(text.includes(part.toLowerCase()), `${tag}: ${part} is not in ${message} ${advice}`);
      }
    }
  }
});

test("values stand where they belong", () => {
  const [en, zh] = ["en", "zh-Hans"].map((tag) => (/** @type {AnyProblem} */ problem) => said(problem, tag).message);
  const range = { code: "out_of_range", values: { group: "training", key: "learning_rate", value: 11, low: 0, high: 10 } };
  assert.equal(en(range), "learning_rate is 11; it must lie between 0 and 10.");
  assert.equal(zh(range), "“学习率”是 11，须在 0 与 10 之间。");
  const noNumber = { ...range, values: { ...range.values, value: null } };
  assert.equal(en(noNumber), "learning_rate is not a number; it must lie between 0 and 10.");
  assert.equal(zh(noNumber), "“学习率”不是数，须在 0 与 10 之间。");
  const unvalidated = { code: "no_validation_loss", values: { error: { code: "too_short", values: { split: "training", tokens: 5, needed: 33 } } } };
  assert.deepEqual(said(unvalidated, "en"), {
    message: "The training split of the text has 5 tokens; one window needs 33 (context + 1): no validation loss will be drawn.",
    advice: "Give a longer text or choose a shorter context.",
  });
  assert.equal(zh(unvalidated), "文本的训练部分有 5 个词元；一个窗口需要 33 个（上下文 + 1）；因此不会画出验证损失。");
  const config = { code: "bad_config", values: { name: "my model.safetensors", error: { code: "heads_do_not_divide_width", values: { width: 130, heads: 4 } } } };
  assert.equal(zh(config), "my model.safetensors：宽度 130 不是头数 4 的整数倍：每个头须有同样的整数列。");
  assert.equal(zh({ code: "tokenizer_part", values: { part: "version", found: { named: "2.0" }, read: "version1" } }), "这里读不了这个分词器：它的 version 是 2.0；只能读取 1.0。");
  const rises = { code: "validation_rises", values: { loss: 2.5, step: 300, best_loss: 2.1, best_step: 150 } };
  assert.equal(zh(rises), "训练损失下降而验证损失上升：第 300 步为 2.500 纳特，第 150 步为 2.100 纳特；模型正在死记文本（过拟合）。");
  assert.equal(en(rises), "Validation rises while training falls: 2.500 nats at step 300, 2.100 at step 150; the model learns the text by heart.");
  assert.equal(zh({ code: "tokenizer_form", values: { reason: "missing field `model` at line 1 column 2" } }), "这里读不了这个分词器：missing field `model` at line 1 column 2。");
  assert.deepEqual(said({ code: "no_model" }, "zh-Hans"), { message: "还没有模型。", advice: "按“训练”从文本建立一个模型，或导入文件。" });
  assert.equal(zh({ code: "setting_mistyped", field: "training.steps", values: { low: 1, high: 1_000_000, whole: true } }), "步数须是 1 到 1,000,000 之间的整数。");
  assert.equal(en({ code: "no_adapter", values: { reason: "a\u202eb" } }), "No WebGPU adapter was found: aU+202Eb.");
});

test("two problems are alike where they say the same", () => {
  const [one, other] = [{ code: "steps_done", values: { steps: 5 } }, { code: "steps_done", values: { steps: 6 } }];
  assert.ok(alike(one, structuredClone(one)) && !alike(one, other) && !alike(one, { code: "no_model" }));
});
