// @ts-check
/** @import { Actions } from "./actions.js" */
// A file may be dropped anywhere: the browser must not leave the page for it, and its name says what it is.

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
    const [file] = event.dataTransfer?.files ?? [];
    if (file) actions.open(file);
  });
}
