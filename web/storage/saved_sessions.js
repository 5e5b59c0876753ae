// @ts-check
// Sessions in the origin's private file system. Each has a folder with two slots that take turns; what is in a slot counts
// only once its manifest is there, which is written last and names every part's SHA-256. So a crash at any moment leaves
// the other slot whole, and a slot that was damaged is seen. What a crash did to the browser's own list of the files is
// left behind before the first save (torn_record.js).

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
 * @property {number} [order] counts the saves of all sessions: the higher one is the newer, whatever the clock said; saves of
 *   earlier versions of this page have none
 * @property {Summary} summary
 * @property {[size: number, digest: string][]} parts of the core's file, in order
 * @property {[size: number, digest: string]} page of the page's own file
 *
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} name
 * @property {Summary} summary
 * @property {number} order that of its newest save, 0 where that has none
 * @property {number} size bytes of both slots
 *
 * @typedef {{ core: Uint8Array<ArrayBuffer>, page: unknown, summary: Summary }} Session
 */

import { parsePage } from "./session_page.js";
import { passTornRecord } from "./torn_record.js";

const FOLDER = "sessions";
const SLOTS = ["a", "b"];
const FILES = new Set(["name", ...SLOTS.flatMap((slot) => [`${slot}.core`, `${slot}.page`, `${slot}.json`])]);
// Characters of a name that are kept.
const NAME = 200;

export class SavedSessions {
  #root;
  /** The way past what a crash left in the browser's list of files. @type {Promise<void> | null} */
  #passed = null;

  /** @param {FileSystemDirectoryHandle} root of the private file system */
  constructor(root) {
    this.#root = root;
  }

  /** Those of this origin; null where the browser has no private file system to write to, or a person has forbidden it. */
  static async open() {
    // Safari before 26 has one whose files only a worker writes.
    if (typeof FileSystemFileHandle === "undefined" || !("createWritable" in FileSystemFileHandle.prototype)) return null;
    try {
      return new SavedSessions(await navigator.storage.getDirectory());
    } catch {
      return null;
    }
  }

  /** The folder of a session. @param {string} id @param {boolean} [create] whether it is made where there is none */
  async #session(id, create = false) {
    return (await this.#root.getDirectoryHandle(FOLDER, { create })).getDirectoryHandle(id, { create });
  }

  /** Every session's id and folder. @returns {AsyncGenerator<[id: string, folder: FileSystemDirectoryHandle]>} */
  async *#sessions() {
    const folder = await this.#root.getDirectoryHandle(FOLDER).catch(() => null);
    for await (const [id, handle] of folder?.entries() ?? []) {
      if (handle.kind === "directory") yield [id, /** @type {FileSystemDirectoryHandle} */ (handle)];
    }
  }

  /** All sessions with a whole manifest, the newest first. @returns {Promise<Entry[]>} */
  async list() {
    /** @type {Entry[]} */
    const entries = [];
    for await (const [id, folder] of this.#sessions()) {
      const newest = (await manifests(folder))[0]?.manifest;
      if (newest) entries.push({ id, name: await nameOf(folder), summary: newest.summary, order: orderOf(newest), size: await sizeOf(folder) });
    }
    return entries.sort((a, b) => b.order - a.order || (a.summary.saved < b.summary.saved ? 1 : -1));
  }

  /**
   * What must come before anything is written; whoever calls it before there is something to save has it behind him then.
   * What is removed needs it not: an entry that a crash brings back has no file behind it, and counts for nothing.
   * @throws what the file system says, QuotaExceededError where it is full
   */
  async prepare() {
    this.#passed ??= passTornRecord(this.#root);
    try {
      await this.#passed;
    } catch (error) {
      this.#passed = null;
      throw error;
    }
  }

  /**
   * Begins to save a session into the slot that holds the older of its saves.
   * @param {string} id
   * @returns {Promise<Saving>}
   */
  async begin(id) {
    await this.prepare();
    const order = Math.max(0, ...(await this.list()).map(({ order }) => order)) + 1;
    const folder = await this.#session(id, true);
    const newest = (await manifests(folder))[0];
    const slot = newest?.slot === "a" ? "b" : "a";
    // What is about to be half written must not count.
    await discard(folder, `${slot}.json`);
    const file = await folder.getFileHandle(`${slot}.core`, { create: true });
    return new Saving(folder, slot, { number: (newest?.manifest.number ?? 0) + 1, order }, await file.createWritable());
  }

  /**
   * The newest whole save of a session. A damaged slot is given up, so that the next save takes its place.
   * @param {string} id
   * @returns {Promise<Session | null>} null where no slot is whole
   */
  async read(id) {
    const folder = await this.#session(id);
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
    for await (const [id, folder] of this.#sessions()) {
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
    await this.prepare();
    await write(await this.#session(id), "name", Array.from(name).slice(0, NAME).join(""));
  }

  /** @param {string} id */
  async remove(id) {
    await (await this.#root.getDirectoryHandle(FOLDER)).removeEntry(id, { recursive: true });
  }
}

/** A session on its way into a slot: the parts of the core's file in order, then the page's own, then the manifest. */
export class Saving {
  #folder;
  #slot;
  #counts;
  #stream;
  /** @type {[number, string][]} */
  #parts = [];
  /** The parts are written one behind the other. @type {Promise<void>} */
  #written = Promise.resolve();

  /** @param {FileSystemDirectoryHandle} folder @param {string} slot @param {{ number: number, order: number }} counts @param {FileSystemWritableFileStream} stream */
  constructor(folder, slot, counts, stream) {
    this.#folder = folder;
    this.#slot = slot;
    this.#counts = counts;
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
    const manifest = { version: 1, ...this.#counts, summary, parts: this.#parts, page: [bytes.length, await digest(bytes)] };
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

/** A damaged number must not keep a session first for ever. @param {Manifest} manifest */
const orderOf = ({ order = 0 }) => (Number.isSafeInteger(order) && order > 0 ? order : 0);

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
