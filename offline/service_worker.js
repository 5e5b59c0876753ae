// @ts-check
// Serves one whole version of the page from this computer, so that it opens without a network. write.mjs puts the list of
// its files above this: it is small enough to need no library.

/** @typedef {{ version: string, files: Record<string, string> }} Build each file's path and the SHA-256 of its content */
/** @type {Build | null} */
const build = /** @type {any} */ (globalThis).BUILD;
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const { scope } = worker.registration;
// Other pages of the same host, and other copies of this one, have caches of their own.
const FAMILY = `fledgling ${scope} `;
const CACHE = FAMILY + build?.version;

/** Where a file's content is kept: a version finds in the last one's cache what has not changed. @param {string} path @param {string} hash */
const keyOf = (path, hash) => new URL(`${path}?${hash}`, scope).href;

worker.addEventListener("install", (event) => {
  // The whole version or none of it: a file that is missing or another one's fails the installation.
  if (build) event.waitUntil(install(build.files));
  else worker.skipWaiting();
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(build ? forgetOthers().then(() => worker.clients.claim()) : retire());
});

// The page asks for it, when a person does.
worker.addEventListener("message", ({ data }) => {
  if (data === "take over") worker.skipWaiting();
});

// A notification that the page could only show through here: pressed, it brings the page back.
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(worker.clients.matchAll({ type: "window" }).then(([page]) => page?.focus()));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const hash = build?.files[pathOf(request)];
  if (request.method !== "GET" || !hash) return;
  const kept = caches.match(keyOf(pathOf(request), hash), { cacheName: CACHE });
  event.respondWith(kept.then((response) => response ?? fetch(request)));
});

/** A request's path in the list; the page itself under each address that it has. @param {Request} request */
function pathOf({ url, mode }) {
  const { origin, pathname, search } = new URL(url);
  const path = origin + pathname;
  if (!path.startsWith(scope) || (search && mode !== "navigate")) return "";
  return decodeURI(path.slice(scope.length)) || "index.html";
}

/** Keeps every file, once all are there. @param {Build["files"]} files */
async function install(files) {
  const all = Object.entries(files);
  const responses = await Promise.all(all.map(([path, hash]) => get(path, hash)));
  const cache = await caches.open(CACHE);
  await Promise.all(all.map(([path, hash], i) => cache.put(keyOf(path, hash), responses[i])));
}

/** A file from another version where it was the same, else from the host. @param {string} path @param {string} hash */
async function get(path, hash) {
  for (const cacheName of await caches.keys()) {
    const kept = cacheName.startsWith(FAMILY) && (await caches.match(keyOf(path, hash), { cacheName }));
    if (kept) return kept;
  }
  const response = await fetch(new URL(path, scope), { cache: "no-cache" });
  // A host in the middle of an upload gives some files of the old version: they must not stay.
  if (!response.ok || (await sha256(await response.clone().arrayBuffer())) !== hash) throw new Error(`${path} is not this version's`);
  // A page may not be answered with a redirected response, which "/index.html" is on some hosts.
  return response.redirected ? new Response(response.body, response) : response;
}

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function forgetOthers() {
  const old = (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** A build without a list takes back what another one installed under its address. */
async function retire() {
  await forgetOthers();
  await worker.registration.unregister();
}
