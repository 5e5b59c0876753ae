// @ts-check
// Colours for canvases, from the custom properties in style.css.

import { whileMounted } from "../state/mount.js";

/** The value of a custom property now. @param {string} name */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Calls back whenever the light or dark scheme comes on, by the system or by choice. @param {() => void} react */
export function onSchemeChange(react) {
  const options = { signal: whileMounted() };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", react, options);
  addEventListener("schemechange", react, options);
}

/**
 * 256 RGB triples from one colour to another, even to the eye: a straight line in OKLab (Ottosson 2020).
 * @param {string} low #rrggbb
 * @param {string} high #rrggbb
 */
export function ramp(low, high) {
  const [from, to] = [oklab(low), oklab(high)];
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i += 1) {
    const t = i / 255;
    table.set(srgb(from.map((value, channel) => value + t * (to[channel] - value))), 3 * i);
  }
  return table;
}

/**
 * For each colour of a table the one to write on it with: of those given the first that WCAG's AA (4.5 : 1) allows, else
 * the better of black and white, which always is.
 * @param {Uint8ClampedArray} table RGB triples
 * @param {readonly string[]} wished #rrggbb
 */
export function writingOn(table, wished) {
  const pens = wished.map((pen) => /** @type {const} */ ([pen, luminance(channels(pen))]));
  return Array.from({ length: table.length / 3 }, (_, i) => {
    const ground = luminance(Array.from(table.subarray(3 * i, 3 * i + 3), (value) => value / 255));
    const [pen] = pens.find(([, light]) => contrast(light, ground) >= 4.5) ?? [contrast(1, ground) > contrast(0, ground) ? "#ffffff" : "#000000"];
    return pen;
  });
}

/** @param {number} a @param {number} b luminances */
const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

/** @param {string} hex @returns {number[]} from 0 to 1 */
const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);

/** @param {number} value of a channel, as sRGB stores it */
const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** @param {number[]} colour sRGB channels from 0 to 1 */
function luminance(colour) {
  const [r, g, b] = colour.map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} hex */
function oklab(hex) {
  const [r, g, b] = channels(hex).map(linear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** @param {number[]} lab */
function srgb([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((value) => 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * Math.max(value, 0) ** (1 / 2.4) - 0.055));
}
