// @ts-check
/**
 * Hands a file to the browser's downloads.
 * @param {string} name
 * @param {Uint8Array<ArrayBuffer> | Blob} content
 */
export function saveFile(name, content) {
  const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  // A minute: the download has begun by then, and the memory goes back.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
