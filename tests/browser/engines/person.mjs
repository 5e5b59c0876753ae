// @ts-check
/** A person at the page in any engine: its controls by role and name, and what it says. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../playground.mjs";

/**
 * @typedef {object} Engine a browser with one tab, as its driver hands it over
 * @property {string} version
 * @property {(address: string) => Promise<void>} open in the tab
 * @property {() => Promise<void>} reload
 * @property {(script: string) => Promise<any>} evaluate an expression in the page
 * @property {(script: string) => Promise<void>} click the element that an expression is, as a mouse does it
 * @property {(script: string, path: string) => Promise<void>} choose a file for it
 * @property {string} downloads the folder that they arrive in
 * @property {string[]} messages warnings and errors on the console so far; always empty where the driver hears of none
 * @property {(path: string) => Promise<void>} screenshot
 * @property {() => Promise<void>} close
 */

/** @typedef {"button" | "textbox" | "number" | "choice" | "radio"} Role */

/** Runs in the page. @param {Role} role @param {string} name @returns {HTMLInputElement | null} that can be seen */
function named(role, name) {
  const kinds = { button: "button", textbox: "textarea, input[type=text]", number: "input[type=number]", choice: "select", radio: "input[type=radio]" };
  /** @type {NodeListOf<HTMLInputElement>} */
  const all = document.querySelectorAll(kinds[role]);
  const nameOf = (/** @type {HTMLInputElement} */ node) =>
    node.getAttribute("aria-label") ?? (Array.from(node.labels ?? [], (label) => label.textContent).join(" ") || node.textContent);
  return Array.from(all).find((node) => node.checkVisibility() && nameOf(node)?.trim() === name) ?? null;
}

/** As an expression; it may call `named`. @param {(...given: any[]) => unknown} ask @param {unknown[]} given */
const script = (ask, ...given) => `(() => { const named = ${named}; return (${ask})(...${JSON.stringify(given)}); })()`;

/** @param {Engine} engine */
export function person(engine) {
  /** @template T @param {(...given: any[]) => T} ask runs in the page @param {unknown[]} given @returns {Promise<Awaited<T>>} */
  const ask = (ask, ...given) => engine.evaluate(script(ask, ...given));

  /** @param {string} what @param {Role} role @param {string} name @param {(node: HTMLInputElement) => boolean} holds */
  const holds = (what, role, name, holds) =>
    eventually(
      `${what}: ${role} ${name}`,
      () => engine.evaluate(script(named, role, name).replace(/^/, `(${holds})(`).concat(" ?? { disabled: true })")),
      Boolean,
    );

  const hands = {
    ask,

    /** What can be read of parts of the page. @param {string} [selector] */
    read: (selector = "body") =>
      ask((selector) => Array.from(document.querySelectorAll(selector), (node) => node.innerText).join("\n"), selector),

    /** Waits for a sentence. @param {RegExp} sentence @param {string} [selector] */
    says: (sentence, selector) => eventually(`the words ${sentence}`, () => hands.read(selector), (text) => sentence.test(text)),

    /** Waits until a control is there and takes what is done to it. @param {Role} role @param {string} name */
    usable: (role, name) => holds("usable", role, name, (node) => !node.disabled),

    /** @param {string} name @param {"button" | "radio"} [role] */
    async press(name, role = "button") {
      await hands.usable(role, name);
      await engine.click(script(named, role, name));
    },

    /** Types over what is in a field, or chooses what begins so. @param {Role} role @param {string} name @param {string | number} value */
    async fill(role, name, value) {
      await hands.usable(role, name);
      await ask(
        (role, name, value) => {
          const node = /** @type {HTMLInputElement | HTMLSelectElement} */ (named(role, name));
          const option = node instanceof HTMLSelectElement && Array.from(node.options).find(({ text }) => text.startsWith(value));
          node.value = option ? option.value : value;
          for (const event of ["input", "change"]) node.dispatchEvent(new Event(event, { bubbles: true }));
        },
        role,
        name,
        String(value),
      );
    },

    /** The step on the counter; null where there is none. */
    async step() {
      const found = /Step\s+([\d,]+)/.exec(await hands.read("[role=status]"));
      return found && Number(found[1].replaceAll(",", ""));
    },

    /** A text of so many characters, drawn greedily. @param {string} prompt @param {number} length */
    async draw(prompt, length) {
      await hands.fill("textbox", "Prompt", prompt);
      await hands.fill("number", "Temperature", 0);
      await hands.fill("number", "Length", length);
      await hands.press("Sample");
      await holds("the end of the sample", "button", "Stop", (node) => node.disabled);
      const written = await ask(() => document.querySelector("[role=region][aria-label='Sampled text']")?.textContent ?? "");
      assert.equal(Array.from(written).length, length, written);
      return written;
    },

    /** Presses Export and waits for the file. @returns {Promise<{ path: string, bytes: Buffer }>} */
    async export() {
      const before = new Set(readdirSync(engine.downloads));
      await hands.press("Export");
      const arrived = async () => readdirSync(engine.downloads).filter((name) => !before.has(name));
      // What is under way has another name, or lies beside its place, which is empty.
      const [name] = await eventually("the file", arrived, (files) => files.length === 1 && /\.(safetensors|html)$/.test(files[0]) && statSync(join(engine.downloads, files[0])).size > 0);
      const path = join(engine.downloads, name);
      return { path, bytes: readFileSync(path) };
    },

    /** @param {string} path */
    import: (path) => engine.choose(script(() => document.querySelector("#files-panel input[type=file]:not([webkitdirectory])")), path),
  };
  return hands;
}
