// @ts-check
// Sessions in the origin's private file system. Each has a folder with two slots that take turns; what is in a slot counts
// only once its manifest is there, which is written last and names every part's SHA-256. So a crash at any moment leaves
// the other slot whole, and a slot that was damaged is seen.

/**
 * @typedef {object} Summary what a list of sessions shows
 * @property {string} saved moment, ISO 8601
 * @property {number} step
 * @property {number | null} loss validation loss, nats
 * @property {number} parameters
 * @property {string} text what it was trained on
 *
 * @typedef {object} Manifest
 * @property {1} version
 * @property {number} number counts the saves of a session; the higher one is the newer
 * @property {Summary} summary
 * @property {[size: number, digest: string][]} parts of the core's file, in order
 * @property {[size: number, digest: string]} page of the page's own file
 *
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} name
 * @property {Summary} summary
 * @property {number} size bytes of both slots
 *
 * @typedef {{ core: Uint8Array<ArrayBuffer>, page: unknown, summary: Summary }} Session
 */

import { parsePage } from "./session_page.js";

const SLOTS = ["a", "b"];
const FILES = new Set(["name", ...SLOTS.flatMap((slot) => [`${slot}.core`, `${slot}.page`, `${slot}.json`])]);
// Characters of a name that are kept.
const NAME = 200;

export class SavedSessions {
  #folder;

  /** @param {FileSystemDirectoryHandle} folder */
  constructor(folder) {
    this.#folder = folder;
  }

  /** Those of this origin; null where the browser has no private file system, or a person has forbidden it. */
  static async open() {
    try {
      const root = await navigator.storage.getDirectory();
      return new SavedSessions(await root.getDirectoryHandle("sessions", { create: true }));
    } catch {
      return null;
    }
  }

  /** All sessions with a whole manifest, the newest first. @returns {Promise<Entry[]>} */
  async list() {
    /** @type {Entry[]} */
    const entries = [];
    for await (const [id, handle] of this.#folder.entries()) {
      if (handle.kind !== "directory") continue;
      const folder = /** @type {FileSystemDirectoryHandle} */ (handle);
      const newest = (await manifests(folder))[0];
      if (newest) entries.push({ id, name: await nameOf(folder), summary: newest.manifest.summary, size: await sizeOf(folder) });
    }
    return entries.sort((a, b) => (a.summary.saved < b.summary.saved ? 1 : -1));
  }

  /**
   * Begins to save a session into the slot that holds the older of its saves.
   * @param {string} id
   * @returns {Promise<Saving>}
   */
  async begin(id) {
    const folder = await this.#folder.getDirectoryHandle(id, { create: true });
    const newest = (await manifests(folder))[0];
    const slot = newest?.slot === "a" ? "b" : "a";
    // What is about to be half written must not count.
    await discard(folder, `${slot}.json`);
    const file = await folder.getFileHandle(`${slot}.core`, { create: true });
    return new Saving(folder, slot, (newest?.manifest.number ?? 0) + 1, await file.createWritable());
  }

  /**
   * The newest whole save of a session. A damaged slot is given up, so that the next save takes its place.
   * @param {string} id
   * @returns {Promise<Session | null>} null where no slot is whole
   */
  async read(id) {
    const folder = await this.#folder.getDirectoryHandle(id);
    for (const { slot, manifest } of await manifests(folder)) {
      const session = await readSlot(folder, slot, manifest);
      if (session) return session;
      await discard(folder, `${slot}.json`);
    }
    return null;
  }

  /**
   * Clears away what a crash left: the browser's own files for what was being written, which it neither uses again nor
   * removes, and sessions without a whole save.
   * @param {(id: string) => boolean} abandoned whether nobody saves a session for the first time now
   */
  async sweep(abandoned) {
    for await (const [id, handle] of this.#folder.entries()) {
      if (handle.kind !== "directory") continue;
      const folder = /** @type {FileSystemDirectoryHandle} */ (handle);
      if (abandoned(id) && (await manifests(folder)).length === 0) {
        await this.remove(id).catch(() => {});
        continue;
      }
      // What another tab is writing is not given away.
      for await (const name of folder.keys()) if (!FILES.has(name)) await discard(folder, name);
    }
  }

  /** @param {string} id @param {string} name */
  async rename(id, name) {
    await write(await this.#folder.getDirectoryHandle(id), "name", Array.from(name).slice(0, NAME).join(""));
  }

  /** @param {string} id */
  async remove(id) {
    await this.#folder.removeEntry(id, { recursive: true });
  }
}

/** A session on its way into a slot: the parts of the core's file in order, then the page's own, then the manifest. */
export class Saving {
  #folder;
  #slot;
  #number;
  #stream;
  /** @type {[number, string][]} */
  #parts = [];
  /** The parts are written one behind the other. @type {Promise<void>} */
  #written = Promise.resolve();

  /** @param {FileSystemDirectoryHandle} folder @param {string} slot @param {number} number @param {FileSystemWritableFileStream} stream */
  constructor(folder, slot, number, stream) {
    this.#folder = folder;
    this.#slot = slot;
    this.#number = number;
    this.#stream = stream;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  add(bytes) {
    this.#written = this.#written.then(async () => {
      this.#parts.push([bytes.length, await digest(bytes)]);
      await this.#stream.write(bytes);
    });
    // Whoever finishes hears of a failure.
    this.#written.catch(() => {});
  }

  /**
   * @param {string} page what the page keeps beside the core's file
   * @param {Summary} summary
   * @throws what the file system says, QuotaExceededError where it is full; the other slot is whole then
   */
  async finish(page, summary) {
    await this.#written;
    await this.#stream.close();
    const bytes = new TextEncoder().encode(page);
    await write(this.#folder, `${this.#slot}.page`, bytes);
    /** @type {Manifest} */
    const manifest = { version: 1, number: this.#number, summary, parts: this.#parts, page: [bytes.length, await digest(bytes)] };
    await write(this.#folder, `${this.#slot}.json`, JSON.stringify(manifest));
  }

  /** Gives up: the slot stays without a manifest. */
  async abort() {
    await this.#written.catch(() => {});
    await this.#stream.abort().catch(() => {});
  }
}

/**
 * The slots that have a manifest, the newer first.
 * @param {FileSystemDirectoryHandle} folder
 */
async function manifests(folder) {
  /** @type {{ slot: string, manifest: Manifest }[]} */
  const found = [];
  for (const slot of SLOTS) {
    const manifest = parsed(await textOf(folder, `${slot}.json`));
    if (manifest) found.push({ slot, manifest });
  }
  return found.sort((a, b) => b.manifest.number - a.manifest.number);
}

/** @param {string} text @returns {Manifest | null} */
function parsed(text) {
  try {
    const manifest = JSON.parse(text);
    const whole = manifest.version === 1 && Number.isFinite(manifest.number) && Array.isArray(manifest.parts) && Array.isArray(manifest.page);
    return whole && typeof manifest.summary?.saved === "string" ? manifest : null;
  } catch {
    return null;
  }
}

/** @param {FileSystemDirectoryHandle} folder @param {string} slot @param {Manifest} manifest @returns {Promise<Session | null>} */
async function readSlot(folder, slot, manifest) {
  const [core, page] = [await file(folder, `${slot}.core`), await file(folder, `${slot}.page`)];
  const size = manifest.parts.reduce((sum, [size]) => sum + size, 0);
  if (!core || !page || core.size !== size || page.size !== manifest.page[0]) return null;
  const bytes = new Uint8Array(await core.arrayBuffer());
  let at = 0;
  for (const [length, expected] of manifest.parts) {
    if ((await digest(bytes.subarray(at, at + length))) !== expected) return null;
    at += length;
  }
  const own = new Uint8Array(await page.arrayBuffer());
  if ((await digest(own)) !== manifest.page[1]) return null;
  return { core: bytes, page: parsePage(new TextDecoder().decode(own)), summary: manifest.summary };
}

/** SHA-256, as hexadecimal digits. @param {Uint8Array<ArrayBuffer>} bytes */
async function digest(bytes) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {FileSystemDirectoryHandle} folder @param {string} name */
async function file(folder, name) {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch {
    return null;
  }
}

/** In one piece or not at all: a writable takes the file's place when it is closed. @param {FileSystemDirectoryHandle} folder @param {string} name @param {string | Uint8Array<ArrayBuffer>} data */
async function write(folder, name, data) {
  const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await stream.write(data);
  await stream.close();
}

/** @param {FileSystemDirectoryHandle} folder @param {string} name */
async function discard(folder, name) {
  await folder.removeEntry(name).catch(() => {});
}

/** What is written in a file; nothing where there is none, or another one takes its place just now. @param {FileSystemDirectoryHandle} folder @param {string} name */
const textOf = async (folder, name) => (await (await file(folder, name))?.text().catch(() => "")) ?? "";

/** @param {FileSystemDirectoryHandle} folder */
const nameOf = (folder) => textOf(folder, "name");

/** @param {FileSystemDirectoryHandle} folder */
async function sizeOf(folder) {
  let size = 0;
  // What is being written may be gone by the time it is asked for.
  for await (const name of folder.keys()) size += (await file(folder, name))?.size ?? 0;
  return size;
}
