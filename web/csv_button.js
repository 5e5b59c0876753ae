// @ts-check
/** @import { Row } from "./csv.js" */

import { csv } from "./csv.js";
import { button } from "./dom.js";
import { saveFile } from "./file_save.js";
import { words } from "./words.js";

/**
 * A button that saves what a plot shows, and what it leaves out for want of room.
 * @param {() => { name: string, rows: readonly Row[] } | null} table
 */
export function csvButton(table) {
  const save = () => {
    const made = table();
    if (made) saveFile(`fledgling-${made.name}.csv`, new TextEncoder().encode(csv(made.rows)));
  };
  return button(words.saveAsCsv, save, "plain");
}
