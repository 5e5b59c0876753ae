// @ts-check
/** @import { Event, Field } from "../core/protocol" */
// What the core offers, in the language that is spoken. The core speaks English; another language lays its words over it.

import { words } from "./words.js";

/** @typedef {Pick<Extract<Event, { event: "ready" }>, "fields" | "presets" | "texts" | "recipes">} Catalogue */

/** A setting's name. Texts and samples have seeds too. @param {Field} field */
export const settingName = ({ group, key, label }) => (group === "training" && key === "seed" ? words.settings.seed : label);

/** @param {Catalogue} catalogue as the core gave it @returns {Catalogue} */
export const translated = ({ fields, presets, texts, recipes }) => ({
  fields: fields.map(translatedField),
  presets: presets.map((preset) => ({ ...preset, ...words.core.presets[preset.key] })),
  texts: texts.map((text) => ({ ...text, ...words.core.texts[text.key] })),
  recipes: recipes.map((recipe) => {
    const { pieces = {}, ...own } = words.core.recipes[recipe.key] ?? {};
    return { ...recipe, ...own, pieces: recipe.pieces.map((piece) => ({ ...piece, label: pieces[piece.key] ?? piece.label })) };
  }),
});

/** @param {Field} field @returns {Field} */
function translatedField(field) {
  const { options = {}, formulas = {}, ...own } = words.core.fields[`${field.group}.${field.key}`] ?? {};
  if (field.kind !== "choice") return { ...field, ...own };
  return { ...field, ...own, options: field.options.map(({ value, label, formula }) => ({ value, label: options[value] ?? label, formula: formulas[value] ?? formula })) };
}
