// @ts-check
/**
 * Writes model_page.html into the folder of a finished build: the page of one model, whole but for the model, with everything
 * that it needs inside. An export puts the model into it (web/storage/page_file.js). The page is told of its size.
 *
 *     node web/model_page/write.mjs [folder]    trunk's staging folder unless told
 *
 * The page itself is plain modules and needs no bundler. A file that opens by a double click can load no module, so that here
 * they become one script: that is what esbuild is for.
 */

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const NAME = "model_page.html";
const folder = process.argv[2] ?? process.env.TRUNK_STAGING_DIR;
if (!folder) throw new Error("which folder? node web/model_page/write.mjs FOLDER");

// Its sources came along with the page's modules, and are none of them.
rmSync(join(folder, "web/model_page"), { recursive: true, force: true });

const web = fileURLToPath(new URL("..", import.meta.url));
/** What index.html copies there is imported from there. @type {import("esbuild").Plugin} */
const vendor = {
  name: "vendor",
  setup: ({ onResolve }) => onResolve({ filter: /^[./]*\/vendor\// }, ({ path }) => ({ path: resolve(folder, path.replace(/^[./]*\//, "")) })),
};
/** @param {string} entry in web/ @param {Record<string, string>} [alias] */
async function bundle(entry, alias) {
  const { outputFiles } = await build({
    entryPoints: [join(web, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2022"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
    // The addresses of files that are not beside this one: each is given another.
    define: { "import.meta.url": '"about:blank"' },
    alias,
    plugins: [vendor],
  });
  return outputFiles[0].text.trim();
}

const texts = {
  style: await bundle("model_page/style.css"),
  dark: await bundle("dark.css"),
  scheme: await bundle("ui/scheme_at_once.js"),
  code: await bundle("model_page/main.js"),
  "core-code": await bundle("model_page/worker.js", { core: resolve(folder, "worker.js") }),
  core: gzipSync(readFileSync(join(folder, "worker_bg.wasm")), { level: 9 }).toString("base64"),
};
for (const [id, text] of Object.entries(texts)) {
  // What would end the element, or hide its end.
  const bad = /<\/(script|style)|<script|<!--/i.exec(text);
  if (bad) throw new Error(`${NAME}: ${id} has ${bad[0]} in it, which no element of a page can hold`);
}

const hash = (/** @type {string} */ text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(texts.scheme)} ${hash(texts.code)} 'wasm-unsafe-eval'`,
  "worker-src blob:",
  `style-src ${hash(texts.style)} ${hash(texts.dark)}`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

let page = readFileSync(new URL("page.html", import.meta.url), "utf8");
/** @param {string} place @param {string} text */
function put(place, text) {
  const parts = page.split(place);
  if (parts.length !== 2) throw new Error(`page.html has ${parts.length - 1} places like ${place}`);
  page = parts.join(text);
}
put('content=""', `content="${policy}"`);
for (const [id, text] of Object.entries(texts)) {
  const [begin] = new RegExp(`<(script|style)[^>]* id="${id}"[^>]*>`).exec(page) ?? [""];
  put(`${begin}</`, `${begin}${text}</`);
}
if (page.split("<!-- model -->").length !== 2) throw new Error("page.html has no single place for the model");
writeFileSync(join(folder, NAME), page);

const index = join(folder, "index.html");
const html = readFileSync(index, "utf8").replace(/<meta name="model-page"[^>]*>/, "");
writeFileSync(index, html.replace("</head>", `<meta name="model-page" content="${Buffer.byteLength(page)}" /></head>`));
