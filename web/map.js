// @ts-check
// Attention weights as cells of a picture.

import { element } from "./dom.js";

/**
 * A weight's place in the ramp. The root spreads the small weights, which are most of them; the scale beside the map says so.
 * @param {number} weight
 */
const shade = (weight) => 3 * Math.round(255 * Math.sqrt(Math.max(0, Math.min(1, weight))));

/**
 * One pixel a cell, then enlarged without blur.
 * @param {CanvasRenderingContext2D} context
 * @param {ArrayLike<number>} weights row-major [n, n]
 * @param {number} n
 * @param {Uint8ClampedArray} table 256 colours
 * @param {{ left: number, top: number, extent: number }} place
 */
export function paintMap(context, weights, n, table, { left, top, extent }) {
  const image = new ImageData(n, n);
  for (let i = 0; i < n * n; i += 1) {
    const at = shade(weights[i]);
    image.data.set([table[at], table[at + 1], table[at + 2], 255], 4 * i);
  }
  const small = element("canvas", { width: n, height: n });
  small.getContext("2d")?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, left, top, extent, extent);
}
