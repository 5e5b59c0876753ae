// @ts-check
/** Numbers and foreign text as a reader sees them, in both languages alike. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, compact, directed, duration, limit, listed, loss, parameters, percent, quoted, significant, visible, weight, whole } from "../../web/i18n/format.js";
import { languages } from "../../web/i18n/words.js";

/** @template T @param {(value: T) => string} format @param {[T, string][]} cases */
const each = (format, cases) => assert.deepEqual(cases.map(([value]) => format(value)), cases.map(([, said]) => said));

test("numbers are grouped, in sensible digits, with a unit", () => {
  each(whole, [[0, "0"], [1240, "1,240"], [1e9, "1,000,000,000"]]);
  each(loss, [[1.23456, "1.235"], [999.9999, "1000.000"], [123_456, "1.23e5"], [NaN, "NaN"], [Infinity, "∞"]]);
  each(weight, [[0.12345, "0.123"], [1, "1.000"]]);
  each(percent, [[0, "0.00 %"], [0.00001, "< 0.01 %"], [0.00042, "0.04 %"], [0.1234, "12.3 %"], [0.09995, "10.0 %"], [0.9996, "100 %"], [1, "100 %"]]);
  each(significant, [[0, "0"], [0.003, "0.00300"], [2.1e-5, "2.10e-5"], [153, "153"], [15_300, "15.3 k"], [NaN, "NaN"]]);
  each(compact, [[7, "7.00"], [99.95, "100"], [14_200, "14.2 k"], [999_400, "999 k"], [999_600, "1.00 M"], [2e9, "2.00 G"]]);
  each(limit, [[65_536, "65,536"], [0.0001, "0.0001"], [1e-8, "1e-8"], [0, "0"]]);
  each(parameters, [[25_000, "25,000"], [100_000, "0.10 M"], [124_000_000, "124 M"], [2e9, "2.00 G"]]);
  each(bytes, [[0, "0 B"], [999, "999 B"], [41_234_567, "41.2 MB"]]);
  each(duration, [[0.2, "1 s"], [99, "99 s"], [180, "3 min"], [4800, "80 min"], [6000, "1 h 40 min"], [7200, "2 h 0 min"]]);
});

test("a token is seen, and none of its marks does anything", () => {
  each(visible, [["a b", "a␣b"], ["\n\t", "↵⇥"], ["\0\x1b\x7f", "␀␛␡"], ["\x85\u200b\ufeff", "U+0085U+200BU+FEFF"], ["猫", "猫"]]);
  each(directed, [["a\u202eb\u2069", "aU+202EbU+2069"], ["\u061c\u200e", "U+061CU+200E"]]);
  assert.equal(quoted(" \u202e"), "“␣U+202E”");
  assert.equal(listed(["a ", "\n"]), "a␣ ↵");
});

test("sentences with numbers have them in every language", () => {
  for (const [tag, { words }] of Object.entries(languages)) {
    const has = (/** @type {string} */ sentence, /** @type {string[]} */ ...parts) => {
      for (const part of parts) assert.ok(sentence.includes(part), `${tag}: ${part} in ${sentence}`);
    };
    has(words.withNats("1.235"), "1.235");
    has(words.text.documents(1200, 34), "1,200", "34");
    has(words.text.example("a b", "\u202e", 5), "a␣b", "U+202E", "5");
    has(words.text.unknown(["é", " "]), "é", "␣");
    const { link_too_long, link_number } = words.problems.messages;
    has(link_too_long({ size: 9030, limit: 8000 }), "9.03 kB", "8.00 kB");
    has(link_number({ label: "Width", field: "model.width", typed: "1.5", low: 1, high: 4096, whole: true }), "Width", "1.5", "1", "4,096");
    has(words.runs.dropped(4, 20), "20", "4");
    has(words.runs.name({ base: "Tiny", trial: "no MLP", file: null, text: "Stories", fineTuned: true, settings: ["a", "b", "c", "d"], again: 1 }), "Tiny", "no MLP", "Stories", "a", "b", "…", "2");
    has(words.files.sized("GGUF", 41_234_567), "GGUF", "41.2 MB");
  }
});
