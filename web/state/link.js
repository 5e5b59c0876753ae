// @ts-check
/** @import { BuiltIn, Config, Field, Preset, Recipe, Value } from "../core/protocol" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { Made } from "./text.js" */
// A setup as the fragment of an address, and back: the recipe, the built-in text, and every setting that differs from the
// recipe's, or from the first preset's. What comes in is anybody's: nothing of it is believed that the fields do not allow.

import { directed } from "../i18n/format.js";

const VERSION = 1;
// Bytes, decimal: a setup with every setting changed takes less than 3000.
const LONGEST = 8000;
// Characters of a foreign name or value that are shown.
const SHOWN = 40;
// 2³² − 1: seeds of texts have 32 bits.
const SEED_LIMIT = 4_294_967_295;

/**
 * @typedef {object} Known what the page has, and the worker named
 * @property {readonly Field[]} fields
 * @property {readonly Preset[]} presets
 * @property {readonly Recipe[]} recipes
 * @property {readonly BuiltIn[]} texts
 *
 * @typedef {object} Setup
 * @property {string | null} recipe
 * @property {Config} config
 * @property {Made | null} text null where a person's own stood in the box
 *
 * @typedef {object} Link what the page shows about links
 * @property {boolean} copied whether one was just copied
 * @property {string | null} byHand one that the browser did not let be copied
 * @property {readonly Found[]} problems of the one that was opened
 * @property {boolean} opened whether anything of it was
 * @property {Made | null} text its text, which a person's own kept out of the box
 */

/** @returns {Link} */
export const noLink = () => ({ copied: false, byHand: null, problems: [], opened: true, text: null });

/** Whether a setting travels: what a person wrote does not. @param {Field} field */
const travels = ({ kind }) => kind !== "text";

/** What the settings of a link are counted from. @param {Known} known @param {string | null} recipe @returns {Config | undefined} */
const baseOf = ({ recipes, presets }, recipe) => (recipes.find(({ key }) => key === recipe) ?? presets[0])?.config;

/**
 * A setup as a fragment, without its "#": the same for the same setup.
 * @param {Setup} setup @param {Known} known
 */
export function encode({ recipe, config, text }, known) {
  const base = baseOf(known, recipe);
  /** @type {[string, Value][]} */
  const parts = [["v", VERSION]];
  if (recipe) parts.push(["recipe", recipe]);
  if (text) parts.push(["text", text.key]);
  if (text && text.seed !== 1) parts.push(["text.seed", text.seed]);
  for (const field of known.fields.filter(travels)) {
    const { group, key } = field;
    if (config[group][key] !== base?.[group][key]) parts.push([`${group}.${key}`, config[group][key]]);
  }
  return parts.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join("&");
}

/**
 * A fragment as a setup: what could be read of it, and what is wrong with each part that could not. Null where it is no link at
 * all; without a setup where it is too long to be read.
 * @param {string} fragment without its "#" @param {Known} known
 * @returns {{ setup: Setup | null, problems: Found[] } | null}
 */
export function decode(fragment, known) {
  if (!fragment.includes("=")) return null;
  const size = new TextEncoder().encode(fragment).length;
  if (size > LONGEST) return { setup: null, problems: [{ code: "link_too_long", values: { size, limit: LONGEST } }] };
  /** @type {Found[]} */
  const problems = [];
  const parts = partsOf(fragment, problems);
  /** Takes a part out, so that what is left is unknown. @param {string} key */
  const take = (key) => {
    const value = parts.get(key);
    parts.delete(key);
    return value;
  };

  const version = take("v");
  if (version === undefined) problems.push({ code: "link_without_version", values: { known: VERSION } });
  else if (version !== String(VERSION)) problems.push({ code: "link_version", values: { found: shown(version), known: VERSION } });

  const recipe = take("recipe");
  const isRecipe = known.recipes.some(({ key }) => key === recipe);
  if (recipe !== undefined && !isRecipe) problems.push({ code: "link_recipe", values: { key: shown(recipe) } });

  const text = textOf(take("text"), take("text.seed"), known, problems);

  const config = structuredClone(/** @type {Config} */ (baseOf(known, recipe ?? null)));
  for (const field of known.fields) {
    const { group, key } = field;
    const typed = take(`${group}.${key}`);
    if (typed === undefined) continue;
    const value = valueOf(field, typed);
    if (!travels(field)) problems.push({ code: "link_text", field: `${group}.${key}` });
    else if (value === undefined) problems.push(allowed(field, typed));
    else config[group][key] = value;
  }
  for (const key of parts.keys()) problems.push({ code: "link_unknown", values: { key: shown(key) } });
  return { setup: { recipe: isRecipe ? (recipe ?? null) : null, config, text }, problems };
}

/** Names and values; of two with one name the first. @param {string} fragment @param {Found[]} problems */
function partsOf(fragment, problems) {
  /** @type {Map<string, string>} */
  const parts = new Map();
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const part of fragment.split("&").filter(Boolean)) {
    const at = part.indexOf("=");
    if (at < 0) {
      problems.push({ code: "link_without_value", values: { part: shown(part) } });
      continue;
    }
    try {
      const [key, value] = [part.slice(0, at), part.slice(at + 1)].map(decodeURIComponent);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (!parts.has(key)) parts.set(key, value);
    } catch {
      problems.push({ code: "link_encoding", values: { part: shown(part) } });
    }
  }
  for (const [key, count] of counts) if (count > 1) problems.push({ code: "link_twice", values: { key: shown(key), count } });
  return parts;
}

/**
 * @param {string | undefined} key @param {string | undefined} seed as typed @param {Known} known @param {Found[]} problems
 * @returns {Made | null}
 */
function textOf(key, seed, { texts }, problems) {
  const number = seed === undefined ? 1 : numberOf(seed, 0, SEED_LIMIT, true);
  if (seed !== undefined && number === undefined) {
    problems.push({ code: "link_number", field: "text.seed", values: { typed: shown(seed), low: 0, high: SEED_LIMIT, whole: true } });
  }
  if (key === undefined) return null;
  if (texts.some((text) => text.key === key)) return { key, seed: number ?? 1 };
  problems.push({ code: "link_built_in", values: { key: shown(key) } });
  return null;
}

/** What was typed as a value that the field allows. @param {Field} field @param {string} typed @returns {Value | undefined} */
function valueOf(field, typed) {
  if (field.kind === "switch") return typed === "true" ? true : typed === "false" ? false : undefined;
  if (field.kind === "choice") return field.options.find(({ value }) => value === typed)?.value;
  return field.kind === "text" ? undefined : numberOf(typed, field.low, field.high, field.kind === "whole");
}

/** @param {string} typed @param {number} low @param {number} high @param {boolean} isWhole */
function numberOf(typed, low, high, isWhole) {
  const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(typed) ? Number(typed) : NaN;
  return value >= low && value <= high && (!isWhole || Number.isInteger(value)) ? value : undefined;
}

/** What a field takes, against what it was given. @param {Field} field @param {string} text @returns {Found} */
function allowed(field, text) {
  const [name, typed] = [`${field.group}.${field.key}`, shown(text)];
  if (field.kind === "whole" || field.kind === "real") {
    const { low, high } = field;
    return { code: "link_number", field: name, values: { typed, low, high, whole: field.kind === "whole" } };
  }
  const choices = field.kind === "choice" ? field.options.map(({ value }) => value) : ["true", "false"];
  return { code: "link_choice", field: name, values: { typed, choices } };
}

/** A foreign word as it may stand in a sentence: short, and without signs that do something. @param {string} text */
function shown(text) {
  const characters = Array.from(text);
  const cut = characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")}…` : text;
  return directed(cut).replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, (sign) => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`);
}
