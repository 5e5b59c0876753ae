// @ts-check
// Numbers as a table of comma-separated values (RFC 4180), for spreadsheets and programs.

/** @typedef {readonly (string | number | undefined)[]} Row cells as they are written; one that is not there stays empty */

/** A line a row. @param {readonly Row[]} rows */
export const csv = (rows) => rows.map((cells) => `${cells.map((cell) => cell ?? "").join(",")}\n`).join("");

/** A cell of any text; one that a spreadsheet would take for a formula gets an apostrophe. @param {string} text */
export const quoted = (text) => `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
