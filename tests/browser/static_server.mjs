// @ts-check
/** A static host as plain as they come, so that what passes here works anywhere. */

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".json", "application/json"],
  [".wasm", "application/wasm"],
  [".svg", "image/svg+xml"],
]);

/**
 * Serves `folder` under `prefix` ("/", "/some/path/") on a free port of this machine.
 * @param {string} folder
 * @param {string} [prefix]
 * @param {Record<string, string>} [headers] with every file
 * @returns {Promise<{ url: string, close: () => Promise<void>, reopen: () => Promise<unknown> }>} reopen: at the same address
 */
export async function serve(folder, prefix = "/", headers = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname);
    const inside = path.startsWith(prefix) ? normalize("/" + path.slice(prefix.length)) : null;
    const file = inside === null ? "" : join(folder, inside.endsWith("/") ? inside + "index.html" : inside);
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { ...headers, "content-type": TYPES.get(extname(file)) ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  const listen = (/** @type {number} */ port) =>
    new Promise((listening) => server.listen(port, "127.0.0.1", () => listening(undefined)));
  await listen(0);
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    reopen: () => listen(port),
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
