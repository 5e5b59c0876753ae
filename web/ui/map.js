// @ts-check
// Attention weights as cells of a picture.

import { element } from "./dom.js";

/**
 * A weight's place among 256 colours. The root spreads the small weights, which are most of them; the scale beside the map
 * says so.
 * @param {number} weight
 */
export const shade = (weight) => Math.round(255 * Math.sqrt(Math.max(0, Math.min(1, weight))));

/**
 * One pixel a cell, then enlarged without blur; where there are more cells than pixels, made smaller with it.
 * @param {CanvasRenderingContext2D} context
 * @param {ArrayLike<number>} weights row-major [n, n]
 * @param {number} n
 * @param {Uint8ClampedArray} table 256 colours
 * @param {{ left: number, top: number, extent: number }} place
 */
export function paintMap(context, weights, n, table, { left, top, extent }) {
  const image = new ImageData(n, n);
  const { data } = image;
  for (let i = 0; i < n * n; i += 1) {
    const from = 3 * shade(weights[i]);
    data[4 * i] = table[from];
    data[4 * i + 1] = table[from + 1];
    data[4 * i + 2] = table[from + 2];
    data[4 * i + 3] = 255;
  }
  const small = element("canvas", { width: n, height: n });
  small.getContext("2d")?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = extent * context.getTransform().a < n;
  context.drawImage(small, left, top, extent, extent);
}
