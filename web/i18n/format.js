// @ts-check
// Numbers as a reader wants them: grouped, with sensible digits and a unit.

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1240 → "1,240". @param {number} n */
export const whole = (n) => grouped.format(n);

/** A loss in nats, three decimals; one that has run away, three digits; "NaN" or "∞" are the same in every language. @param {number} x */
export const loss = (x) =>
  Number.isNaN(x) ? "NaN" : x === Infinity ? "∞" : x < 1000 ? x.toFixed(3) : x.toExponential(2).replace("+", "");

/** An attention weight or probability, three decimals. @param {number} x */
export const weight = (x) => x.toFixed(3);

/** A probability or share in hundredths: 0.1234 → "12.3 %", 0.00042 → "0.04 %". @param {number} share */
export function percent(share) {
  const hundredths = 100 * share;
  if (hundredths > 0 && hundredths < 0.005) return "< 0.01 %";
  return `${hundredths.toFixed(hundredths >= 99.95 ? 0 : hundredths >= 9.995 ? 1 : 2)} %`;
}

/** A number of any size in three significant digits: "0.00300", "2.10e-5", "153". @param {number} x */
export function significant(x) {
  if (x === 0 || !Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (size >= 1000) return compact(x);
  return size < 1e-3 ? x.toExponential(2) : x.toPrecision(3);
}

/** Three significant digits before a unit letter: 14200 → "14.2 k". @param {number} n */
export function compact(n) {
  /** @type {[number, string][]} */
  const units = [
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ];
  for (const [size, letter] of units) {
    // 0.9995: what would round up to 1,000 of the smaller unit is 1.00 of this one.
    if (n >= size * 0.9995) return threeDigits(n / size) + letter;
  }
  return n >= 100 ? grouped.format(n) : threeDigits(n);
}

/** @param {number} n below 1000 */
const threeDigits = (n) => n.toFixed(n < 9.995 ? 2 : n < 99.95 ? 1 : 0);

/** A limit in a sentence: plain where it is short. @param {number} n */
export const limit = (n) => (n !== 0 && Math.abs(n) < 1e-3 ? String(n) : n.toLocaleString("en-US", { maximumFractionDigits: 6 }));

/** A count of parameters: millions from 100,000 on, as models are named by. @param {number} n */
export const parameters = (n) => (n < 100_000 ? grouped.format(n) : n < 1e9 ? `${threeDigits(n / 1e6)} M` : compact(n));

/** Decimal bytes: 41234567 → "41.2 MB". @param {number} n */
export const bytes = (n) => (n < 1000 ? `${grouped.format(n)} B` : `${compact(n)}B`);

/** Seconds in the largest units that matter: "42 s", "3 min", "1 h 20 min". @param {number} seconds */
export function duration(seconds) {
  if (seconds < 99.5) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A token that can be seen: blanks and control characters get their signs. @param {string} token */
export const visible = (token) =>
  directed(token)
    .replace(/ /g, "␣")
    .replace(/\n/g, "↵")
    .replace(/\t/g, "⇥")
    // Unicode has a picture for each of the other control characters, and none for what has no width.
    .replace(/[\0-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace(/\x7f/g, "␡")
    .replace(/[\x80-\x9f\u200b\u2060\ufeff]/g, numbered);

/** Marks that would turn the words around them by their numbers: \u202e → "U+202E". @param {string} text */
export const directed = (text) =>
  text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, numbered);

/** @param {string} mark */
const numbered = (mark) => `U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/** A token in quotation marks. @param {string} token */
export const quoted = (token) => `“${visible(token)}”`;

/** Tokens that the worker has put in quotation marks itself. @param {string[]} items */
export const listed = (items) => items.map(visible).join(" ");
