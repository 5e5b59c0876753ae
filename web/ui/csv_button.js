// @ts-check
/** @import { Row } from "../state/csv.js" */

import { words } from "../i18n/words.js";
import { csv } from "../state/csv.js";
import { saveFile } from "../storage/file_save.js";
import { button } from "./dom.js";

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
