// @ts-check
/**
 * Writes service_worker.js into the folder of a finished build, with the list of its files, and tells the page of it.
 *
 *     node web/offline/write.mjs [folder]    trunk's staging folder unless told
 *
 * With OFFLINE=no, as `make serve` has it, the page is left alone and the service worker takes itself away: it would stand
 * between an edit and its reload, and the next program on that port would get Fledgling's page.
 */

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const WORKER = "service_worker.js";
const MARK = `<meta name="service-worker" content="${WORKER}" />`;

const folder = process.argv[2] ?? process.env.TRUNK_STAGING_DIR;
if (!folder) throw new Error("which folder? node web/offline/write.mjs FOLDER");

// It came along with the page's modules, and is none of them.
rmSync(join(folder, "web/offline"), { recursive: true, force: true });

const page = join(folder, "index.html");
const html = readFileSync(page, "utf8").replace(MARK, "");
const offline = process.env.OFFLINE !== "no";
writeFileSync(page, offline ? html.replace("</head>", `${MARK}</head>`) : html);

const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => statSync(join(folder, path)).isFile())
  .map((path) => relative(folder, join(folder, path)).split(sep).join("/"))
  // Types and maps of sources are for whoever edits the page.
  .filter((path) => path !== WORKER && !/\.d\.ts$|\.map$|tsconfig\.json$/.test(path))
  .sort();
const sha256 = (/** @type {string | Buffer} */ content) => createHash("sha256").update(content).digest("hex");
const files = Object.fromEntries(paths.map((path) => [path, sha256(readFileSync(join(folder, path)))]));
const code = readFileSync(new URL(WORKER, import.meta.url), "utf8");
const version = sha256(JSON.stringify(files) + code).slice(0, 16);
const build = offline ? { version, files } : null;
writeFileSync(join(folder, WORKER), `globalThis.BUILD = ${JSON.stringify(build, null, 1)};\n\n${code}`);
