// @ts-check
/** Which Chromium the tests use, and with which flags. Run by itself it prints the browser's name and version. */

import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";

const CANDIDATES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** A name that the browser does not trust, served from here. */
export const INSECURE_HOST = "fledgling.test";

const HEADLESS = [
  "--headless=new",
  "--no-sandbox", // root in a container has no user namespaces
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browsers that a visitor may come with. */
const WEBGPU = {
  /** WebGPU on SwiftShader, a software adapter that is the same on every machine; the page itself is not drawn by it. */
  software: ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--disable-gpu-rasterization", "--disable-gpu-compositing"],
  /** The machine's own GPU, for benchmarks. */
  hardware: ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--ignore-gpu-blocklist"],
  /** `navigator.gpu` is there, `requestAdapter` answers null. */
  noAdapter: ["--disable-gpu"],
  /** No `navigator.gpu`. No flag of Chromium's does this: the harness deletes it. */
  absent: ["--disable-gpu"],
  /** No `navigator.gpu` because the address is neither https nor this machine's own. */
  insecure: [`--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`],
};

/** @typedef {keyof typeof WEBGPU} WebGpu */

/** @param {WebGpu} webgpu */
export function flags(webgpu) {
  return [...HEADLESS, ...WEBGPU[webgpu]];
}

/** The first Chromium that runs, or an error that says what to install. CHROMIUM=<path> chooses another. */
export function findChromium() {
  for (const name of process.env.CHROMIUM ? [process.env.CHROMIUM] : CANDIDATES) {
    try {
      const version = execFileSync(name, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
      const path = name.includes("/") ? name : execFileSync("which", [name], { encoding: "utf8" }).trim();
      return { path, version };
    } catch {
      // The next one.
    }
  }
  throw new Error(
    process.env.CHROMIUM
      ? `CHROMIUM=${process.env.CHROMIUM} does not run`
      : "no Chromium found: run `make test-browser`, which installs it, or set CHROMIUM to the path of one",
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(findChromium().version);
  } catch (error) {
    console.error(`Fledgling: ${/** @type {Error} */ (error).message}`);
    process.exitCode = 1;
  }
}
