// @ts-check
// The page can be built anew, in another language: what one building listens to and put on the page ends with it.

/** What ends with the building there is now; before the first, nothing does. @type {AbortController | null} */
let life = null;

/** Ends with what is built now: for listeners on what outlives it. */
export const whileMounted = () => life?.signal;

/** Calls back when what is built now goes. @param {() => void} end */
export const atUnmount = (end) => life?.signal.addEventListener("abort", end, { once: true });

/**
 * Builds the page, in place of what the last call built.
 * @param {() => void} build
 */
export function mount(build) {
  life?.abort();
  life = new AbortController();
  build();
}
