// @ts-check
// Which browser this is, so that advice about WebGPU can name it.

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

/** @returns {"yes" | "insecure" | "missing"} whether WebGPU can be asked for at all */
export function webgpu() {
  if ("gpu" in navigator && navigator.gpu) return "yes";
  return isSecureContext ? "missing" : "insecure";
}
