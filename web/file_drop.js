// @ts-check
/** @import { Actions } from "./actions.js" */
// Files may be dropped anywhere: the browser must not leave the page for them, and their names say what they are.

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
  addEventListener("drop", (event) => {
    classList.remove("dragging");
    if (!carriesFile(event)) return;
    event.preventDefault();
    const files = Array.from(event.dataTransfer?.files ?? []);
    if (files.length > 0) actions.open(files);
  });
}
