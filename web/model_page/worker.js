// @ts-check
// The core in a worker that has nothing to load: its WebAssembly stands before this code, as `CORE`, gzipped, in base64.

import init from "core";

async function start() {
  const zipped = Uint8Array.from(atob(/** @type {any} */ (globalThis).CORE), (byte) => byte.charCodeAt(0));
  const { readable, writable } = new DecompressionStream("gzip");
  // Not by way of a Blob: WebKit reads none in a worker of a page that was opened from a file.
  const writer = writable.getWriter();
  const written = writer.write(zipped).then(() => writer.close());
  const [core] = await Promise.all([new Response(readable).arrayBuffer(), written]);
  await init({ module_or_path: core });
}

// Outside of the promise, so that the page hears of it.
start().catch((error) => setTimeout(() => { throw error; }));
