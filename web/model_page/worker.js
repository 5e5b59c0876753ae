// @ts-check
// The core in a worker that has nothing to load: its WebAssembly stands before this code, as `CORE`, gzipped, in base64.

import init from "core";

async function start() {
  const zipped = Uint8Array.from(atob(/** @type {any} */ (globalThis).CORE), (byte) => byte.charCodeAt(0));
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  await init({ module_or_path: await new Response(stream).arrayBuffer() });
}

// Outside of the promise, so that the page hears of it.
start().catch((error) => setTimeout(() => { throw error; }));
