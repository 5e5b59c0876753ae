// @ts-check
// The pointer over a plot: what it points at, and the part of the steps that it is drawn across.

import { element } from "../ui/dom.js";

// Pixels: a press that moves less is a click.
const LEAST = 6;

/**
 * @param {HTMLElement} area
 * @param {object} plot
 * @param {() => { left: number, right: number } | null} plot.edges of the plotting area, in pixels from the area's left edge
 * @param {(place: number | null) => void} plot.point pixels from the left edge
 * @param {(place: number) => number} plot.stepAt what stands at so many pixels from the left edge
 * @param {(step: number) => number} plot.placeOf the reverse
 * @param {(from: number, to: number) => void} plot.choose steps
 * @param {() => void} plot.all
 */
export function plotPointer(area, { edges, point, stepAt, placeOf, choose, all }) {
  const mark = element("div", { class: "marked", hidden: true });
  area.append(mark);
  /** The step that was pressed on: the axis may grow under the pointer. @type {number | null} */
  let from = null;
  let drawn = false;

  /** @param {PointerEvent} event */
  function under(event) {
    const ends = edges();
    return ends && { at: event.clientX - area.getBoundingClientRect().left, ...ends };
  }

  function end() {
    from = null;
    drawn = false;
    mark.hidden = true;
  }

  area.addEventListener("pointerdown", (event) => {
    const place = under(event);
    if (event.button !== 0 || !place || place.at < place.left || place.at > place.right) return;
    from = stepAt(place.at);
    point(place.at);
  });
  area.addEventListener("pointermove", (event) => {
    const place = under(event);
    if (!place) return;
    const { left, right } = place;
    point(place.at >= left && place.at <= right ? place.at : null);
    if (from === null) return;
    const at = Math.max(left, Math.min(right, place.at));
    const began = Math.max(left, Math.min(right, placeOf(from)));
    if (!drawn && Math.abs(at - began) >= LEAST) {
      drawn = true;
      area.setPointerCapture(event.pointerId);
    }
    mark.hidden = !drawn;
    mark.style.left = `${Math.min(began, at)}px`;
    mark.style.width = `${Math.abs(at - began)}px`;
  });
  area.addEventListener("pointerup", (event) => {
    const place = under(event);
    const [began, was] = [from, drawn];
    end();
    if (!place || began === null || !was) return;
    const ended = stepAt(Math.max(place.left, Math.min(place.right, place.at)));
    choose(Math.min(began, ended), Math.max(began, ended));
  });
  area.addEventListener("pointercancel", end);
  area.addEventListener("pointerleave", () => {
    if (from === null) point(null);
  });
  area.addEventListener("dblclick", (event) => {
    const ends = edges();
    const at = event.clientX - area.getBoundingClientRect().left;
    if (ends && at >= ends.left && at <= ends.right) all();
  });
}
