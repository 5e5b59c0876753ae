// @ts-check
/**
 * Notes in the page the day of its build, which its footer shows: SOURCE_DATE_EPOCH (seconds) where that is set, so that a build can
 * be repeated to the byte (reproducible-builds.org/specs/source-date-epoch), else today, UTC.
 *
 *     node web/offline/date.mjs [folder]    trunk's staging folder unless told
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? process.env.TRUNK_STAGING_DIR;
if (!folder) throw new Error("which folder? node web/offline/date.mjs FOLDER");

const { SOURCE_DATE_EPOCH: epoch } = process.env;
const day = new Date(epoch ? Number(epoch) * 1000 : Date.now()).toISOString().slice(0, 10);
const page = join(folder, "index.html");
const html = readFileSync(page, "utf8").replace(/<meta name="built" [^>]*>/, "");
writeFileSync(page, html.replace("</head>", `<meta name="built" content="${day}" /></head>`));
