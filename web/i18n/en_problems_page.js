// @ts-check
// What the page itself finds wrong, in English, by code.

import { bytes, limit, quoted, whole } from "./format.js";

export const browsers = {
  chrome: "Chrome",
  edge: "Edge",
  safari: "Safari",
  safari_ios: "Safari on iPhone and iPad",
  firefox: "Firefox",
  firefox_android: "Firefox for Android",
  other: "This browser",
};

/** @typedef {{ browser: keyof typeof browsers }} InBrowser */
/** @typedef {{ label: string, field: string }} OfSetting its name in the language that is spoken, and its key */

export const page = {
  worker_stopped: "The worker stopped.",
  worker_crashed: (/** @type {{ reason: string }} */ { reason }) => `The worker stopped: ${reason}`,
  no_web_assembly: (/** @type {InBrowser} */ { browser }) => `${browsers[browser]} offers no WebAssembly here, and the models are computed in it.`,
  no_simd: (/** @type {InBrowser} */ { browser }) =>
    `${browsers[browser]} offers WebAssembly without SIMD here, and the models are computed in its vector instructions.`,
  no_module_workers: (/** @type {InBrowser} */ { browser }) =>
    `${browsers[browser]} offers no module workers here, and the models are computed in one.`,
  helpers_failing: "Helpers failed three times in a row, so one worker computes from now on.",

  nothing_typed: "There is no text to train on yet.",
  tokenizer_file_awaited: "The tokens are to come from a file, and none was given yet.",
  setting_mistyped: (/** @type {OfSetting & { low: number, high: number, whole: boolean }} */ { label, low, high, whole }) =>
    `${label} needs a ${whole ? "whole number" : "number"} from ${limit(low)} to ${limit(high)}.`,

  no_address: "There is no address to load from.",
  not_an_address: (/** @type {{ typed: string }} */ { typed }) => `${quoted(typed)} is not an address.`,
  address_protocol: (/** @type {{ url: string, protocol: string }} */ { url, protocol }) =>
    `${url} begins with ${protocol}, which is not read here.`,
  address_insecure: (/** @type {{ url: string }} */ { url }) =>
    `${url} is not secure, and a browser lets a page that came over https read only https.`,
  address_unreachable: (/** @type {{ url: string }} */ { url }) => `${url} cannot be reached: no server answers there.`,
  address_silent: (/** @type {{ url: string, seconds: number }} */ { url, seconds }) => `${url} has not answered for ${seconds} seconds.`,
  address_broken: (/** @type {{ url: string, reason: string }} */ { url, reason }) => `${url} broke off: ${reason}.`,
  address_refused: (/** @type {{ url: string, status: number, reason: string }} */ { url, status, reason }) =>
    `${url} was refused with status ${status}${reason ? ` (${reason})` : ""}.`,
  address_not_allowed: (/** @type {{ url: string, host: string }} */ { url, host }) =>
    `${url} answers, but ${host} does not allow other pages to read it (no CORS header).`,
  address_too_large: (/** @type {{ url: string, size: number, limit: number }} */ { url, size, limit: most }) =>
    `${url} has ${bytes(size)} or more; at most ${bytes(most)} are read here.`,

  link_too_long: (/** @type {{ size: number, limit: number }} */ { size, limit: most }) =>
    `The link has ${bytes(size)}, more than the ${bytes(most)} that are read. Nothing of it was opened.`,
  link_unknown: (/** @type {{ key: string }} */ { key }) => `“${key}” is no setting of this page.`,
  link_without_value: (/** @type {{ part: string }} */ { part }) => `“${part}” has no value: a setting is written as name=value.`,
  link_encoding: (/** @type {{ part: string }} */ { part }) => `“${part}” is not properly percent-encoded.`,
  link_version: (/** @type {{ found: string, known: number }} */ { found, known }) =>
    `The link is of version “${found}”; this page reads version ${known}.`,
  link_without_version: (/** @type {{ known: number }} */ { known }) => `The link names no version; it was read as version ${known}.`,
  link_number: (
    /** @type {OfSetting & { typed: string, low: number, high: number, whole: boolean }} */ { label, field, typed, low, high, whole },
  ) => `${label} (${field}) is “${typed}”; it takes a ${whole ? "whole number" : "number"} from ${limit(low)} to ${limit(high)}.`,
  link_choice: (/** @type {OfSetting & { typed: string, choices: string[] }} */ { label, field, typed, choices }) =>
    `${label} (${field}) is “${typed}”; it takes one of ${choices.join(", ")}.`,
  link_text: (/** @type {OfSetting} */ { label, field }) => `${label} (${field}) is text, which no link carries.`,
  link_tokenizer_file: (/** @type {OfSetting} */ { label, field }) =>
    `${label} (${field}) is to come from a file, which no link carries: open the file here.`,
  link_recipe: (/** @type {{ key: string }} */ { key }) => `“${key}” is no recipe of this page.`,
  link_built_in: (/** @type {{ key: string }} */ { key }) => `“${key}” is no built-in text of this page.`,
  link_twice: (/** @type {{ key: string, count: number }} */ { key, count }) => `“${key}” stands ${whole(count)} times; the first is used.`,

  template_absent: "model_page.html is missing beside this page, so that no web page can be written",
  template_unreachable: (/** @type {{ name: string, reason: string }} */ { name, reason }) =>
    `${name}, which the web page is made from, could not be loaded: ${reason}`,
  template_foreign: (/** @type {{ name: string }} */ { name }) => `${name} is not the one that belongs to this page`,
  not_shared: (/** @type {{ name: string, reason: string }} */ { name, reason }) => `${name} could not be shared: ${reason}`,
  folder_without_model: (/** @type {{ folder: string, count: number }} */ { folder, count }) =>
    `the folder ${folder} holds ${whole(count)} ${count === 1 ? "file" : "files"} and no model among them`,
  page_without_model: "There is no model in this page.",
  page_damaged: (/** @type {{ reason: string }} */ { reason }) => `the model in this file is damaged: ${reason}`,

  storage_full: (/** @type {{ size: number | null, left: number | null }} */ { size, left }) =>
    `the session could not be saved: ${size === null ? "it does not fit" : `it takes ${bytes(size)}`}${left === null ? "" : ` and ${bytes(left)} of storage are left`}; the last save stays`,
  not_saved: (/** @type {{ reason: string }} */ { reason }) => `the session could not be saved: ${reason}; the last save stays`,
  session_damaged: (/** @type {{ name: string }} */ { name }) =>
    `the saved session ${name || "Your own text"} is damaged: none of its saves is whole`,
};

/** @typedef {typeof page} Page @typedef {typeof browsers} Browsers */
