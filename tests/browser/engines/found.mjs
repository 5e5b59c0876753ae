// @ts-check
/** Where the engines beside Chromium are, or what to install. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The path of a program, or null. @param {string} name */
function program(name) {
  try {
    return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}

/** The first Firefox that is there, or an error that says what to install. */
export function findFirefox() {
  for (const name of ["firefox-esr", "firefox"]) {
    const path = program(name);
    if (path) return path;
  }
  throw new Error("no Firefox found: run `make test-browser`, which installs it (apt: firefox-esr)");
}

/** WebKitGTK's small browser, and the program that drives it; or an error that says what to install. */
export function findWebKit() {
  const driver = program("WebKitWebDriver");
  const folders = existsSync("/usr/lib") ? ["/usr/lib", "/usr/libexec", ...readdirSync("/usr/lib").map((name) => join("/usr/lib", name))] : [];
  // Which folder of the system's libraries it is in differs from one processor and one distribution to the next.
  const browser = folders.map((folder) => join(folder, "webkit2gtk-4.1", "MiniBrowser")).find((path) => existsSync(path));
  if (driver && browser && program("Xvfb")) return { driver, browser };
  throw new Error("no WebKitGTK found, or no Xvfb: run `make test-browser`, which installs them (apt: webkit2gtk-driver, xvfb)");
}
