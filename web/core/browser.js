// @ts-check
/** @import { Event } from "./protocol" */
// Which browser this is, so that advice can name it, and what it has.

/** What the core calls its adapter where it computes without a GPU. */
export const CPU = "CPU";

/** @typedef {"edge" | "chrome" | "safari" | "safari_ios" | "firefox" | "firefox_android" | "other"} Browser */

/**
 * By the user agent: good enough for a sentence of advice, never for a decision.
 * @param {string} agent
 * @returns {Browser}
 */
export function browserOf(agent) {
  // Every browser on an iPhone or iPad is Safari's engine; iPads may call themselves Macintosh.
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return "safari_ios";
  if (/Edg\//.test(agent)) return "edge";
  if (/Firefox\//.test(agent)) return /Android/.test(agent) ? "firefox_android" : "firefox";
  if (/Chrom(e|ium)\//.test(agent)) return "chrome";
  if (/Safari\//.test(agent)) return "safari";
  return "other";
}

// A function of no more than i8x16.popcnt(i8x16.splat(0)), an instruction that came last into what all browsers have.
const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);

/** What this browser lacks of what the core is compiled to. @returns {Extract<Event, { event: "lacking" }>["feature"] | null} */
export function lacking() {
  if (typeof WebAssembly === "undefined") return "webAssembly";
  return WebAssembly.validate(SIMD) ? null : "simd";
}

/** @returns {"yes" | "insecure" | "missing"} whether WebGPU can be asked for at all */
export function webgpu() {
  if ("gpu" in navigator && navigator.gpu) return "yes";
  return isSecureContext ? "missing" : "insecure";
}

/** The day on which this page was built (YYYY-MM-DD), where a build has noted it: web/offline/date.mjs. */
export const built = () => document.querySelector('meta[name="built"]')?.getAttribute("content") ?? null;
