// @ts-check
// The pointer over a plot: what it points at, and the part of the steps that it is drawn across.

import { element } from "./dom.js";

// Pixels: a press that moves less is a click.
const LEAST = 6;

/**
 * @param {HTMLElement} area
 * @param {object} plot
 * @param {() => { left: number, right: number } | null} plot.edges of the plotting area, in pixels from the area's left edge
 * @param {(place: number | null) => void} plot.point pixels from the left edge
 * @param {(from: number, to: number) => void} plot.choose pixels from the left edge
 * @param {() => void} plot.all
 */
export function plotPointer(area, { edges, point, choose, all }) {
  const mark = element("div", { class: "marked", hidden: true });
  area.append(mark);
  /** Where the press began. @type {number | null} */
  let from = null;
  let drawn = false;

  /** @param {PointerEvent} event */
  function placeOf(event) {
    const ends = edges();
    return ends && { at: event.clientX - area.getBoundingClientRect().left, ...ends };
  }

  function end() {
    from = null;
    drawn = false;
    mark.hidden = true;
  }

  area.addEventListener("pointerdown", (event) => {
    const place = placeOf(event);
    if (event.button !== 0 || !place || place.at < place.left || place.at > place.right) return;
    from = place.at;
    point(place.at);
  });
  area.addEventListener("pointermove", (event) => {
    const place = placeOf(event);
    if (!place) return;
    const { left, right } = place;
    point(place.at >= left && place.at <= right ? place.at : null);
    if (from === null) return;
    const at = Math.max(left, Math.min(right, place.at));
    if (!drawn && Math.abs(at - from) >= LEAST) {
      drawn = true;
      area.setPointerCapture(event.pointerId);
    }
    mark.hidden = !drawn;
    mark.style.left = `${Math.min(from, at)}px`;
    mark.style.width = `${Math.abs(at - from)}px`;
  });
  area.addEventListener("pointerup", (event) => {
    const place = placeOf(event);
    const [began, was] = [from, drawn];
    end();
    if (!place || began === null || !was) return;
    const at = Math.max(place.left, Math.min(place.right, place.at));
    choose(Math.min(began, at), Math.max(began, at));
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
