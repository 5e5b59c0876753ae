// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { Picked } from "./file_actions.js" */
// Files and folders may be dropped anywhere: the browser must not leave the page for them, and their names say what they are.

// A folder of a model has a dozen files, one of a training some hundreds.
const MOST = 2000;

/** @param {Actions} actions */
export function acceptDrops(actions) {
  const { classList } = document.documentElement;
  const carriesFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    classList.add("dragging");
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) classList.remove("dragging");
  });
  addEventListener("drop", async (event) => {
    classList.remove("dragging");
    if (!carriesFile(event) || !event.dataTransfer) return;
    event.preventDefault();
    // Both are gone once this handler has returned.
    const entries = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry?.() ?? null);
    const files = Array.from(event.dataTransfer.files, (file) => ({ file, path: file.name }));
    const folder = entries.find((entry) => entry?.isDirectory);
    actions.files.open(folder ? await within(entries) : files, folder?.name);
  });
}

/** All files of these and the folders among them, by their paths. @param {readonly (FileSystemEntry | null)[]} entries */
async function within(entries) {
  /** @type {Picked[]} */
  const found = [];
  const waiting = entries.filter((entry) => entry !== null);
  for (let entry = waiting.shift(); entry && found.length < MOST; entry = waiting.shift()) {
    const path = entry.fullPath.replace(/^\//, "");
    // What cannot be read is as good as not there: the core says what is missing.
    if (entry.isDirectory) waiting.push(...(await children(/** @type {FileSystemDirectoryEntry} */ (entry))));
    else await new Promise((next) => /** @type {FileSystemFileEntry} */ (entry).file((file) => next(found.push({ file, path })), next));
  }
  return found;
}

/** @param {FileSystemDirectoryEntry} folder */
async function children(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    // A hundred at a time in Chromium; none left is the end.
    const some = await new Promise((/** @type {(entries: FileSystemEntry[]) => void} */ next) => reader.readEntries(next, () => next([])));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
