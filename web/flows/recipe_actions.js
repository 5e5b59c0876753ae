// @ts-check
/** @import { Config, Event, Group, Recipe } from "../core/protocol" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Actions } from "./actions.js" */
// Recipes: everything set at once, what comes after the training, and the comparison of a model with its lesser ones.

import { withoutProblems } from "../state/problems.js";
import { ownText, recipeOf } from "../state/selectors.js";
import { promptFrom } from "../state/settings.js";

export class RecipeActions {
  #store;
  #actions;

  /** @param {Store<State>} store @param {Actions} actions */
  constructor(store, actions) {
    this.#store = store;
    this.#actions = actions;
  }

  get #state() {
    return this.#store.state;
  }

  /** Sets all that the recipe has; a text of the person's own stays. @param {string} key */
  choose(key) {
    const recipe = this.#state.recipes.find((recipe) => recipe.key === key);
    if (!recipe) return;
    this.#store.update({
      recipe: key,
      source: recipe.counts ? "counts" : "model",
      promptTouched: recipe.config.sampling.prompt !== "",
      comparison: null,
    });
    this.#fill(recipe.config);
    if (ownText(this.#state) === null) this.useText();
    this.#actions.text.settle();
  }

  /** The recipe's settings in the form. @param {Config} config */
  #fill(config) {
    const form = structuredClone(config);
    this.#store.update({
      form,
      mistyped: {},
      problems: withoutProblems(this.#state, "configuration", "text", "prompt"),
      ...promptFrom({ ...this.#state, form }),
    });
  }

  /** The settings of the chosen recipe once more. */
  restore() {
    const recipe = recipeOf(this.#state);
    if (recipe) this.choose(recipe.key);
  }

  useText() {
    const recipe = recipeOf(this.#state);
    if (recipe) this.#actions.text.make(recipe.text, 1);
  }

  /** The second text with its settings, on the weights in memory. */
  fineTune() {
    const { fine_tuning } = recipeOf(this.#state) ?? {};
    const { model, form } = this.#state;
    if (!fine_tuning || !model || !form) return;
    const { data, training, model: second } = fine_tuning.config;
    // The model is the one in memory; how it is sampled is the person's.
    this.#fill({ ...form, data, training, model: { ...model.config.model, dropout: second.dropout } });
    this.#actions.text.make(fine_tuning.text, 1);
    this.#actions.fineTune();
  }

  // The comparison: the whole and each lesser model, trained one after the other

  compare() {
    const { form } = this.#state;
    const recipe = recipeOf(this.#state);
    if (!recipe || !form || !this.#actions.settled()) return;
    const whole = withPieces(recipe, form, recipe.config);
    const trials = [
      { label: "", config: whole, result: null },
      ...recipe.pieces.map(({ label, config }) => ({ label, config: withPieces(recipe, form, config), result: null })),
    ];
    this.#actions.keep(() => {
      this.#store.update({ comparison: { trials, current: 0 } });
      this.#actions.trainWith(whole);
    });
  }

  /** Notes what a model came to, and begins the next. @param {Event} event @param {State["run"]} before */
  hear(event, before) {
    const { comparison, history, best } = this.#state;
    if (event.event !== "state_changed" || event.state !== "finished" || before !== "training") return;
    if (comparison?.current == null) return;
    const result = { validation: history.latestValidation?.loss ?? null, best };
    const trials = comparison.trials.map((trial, i) => (i === comparison.current ? { ...trial, result } : trial));
    const next = comparison.current + 1;
    this.#store.update({ comparison: { trials, current: next < trials.length ? next : null } });
    if (next < trials.length) this.#actions.trainWith(trials[next].config);
  }
}

/**
 * The form's settings with the pieces of one of the recipe's models: what the person changed holds for all of them, so
 * that only the piece differs.
 * @param {Recipe} recipe @param {Config} form @param {Config} of
 * @returns {Config}
 */
function withPieces({ config, pieces }, form, of) {
  const made = structuredClone(form);
  for (const group of /** @type {Group[]} */ (Object.keys(config))) {
    for (const key of Object.keys(config[group])) {
      if (pieces.some((piece) => piece.config[group][key] !== config[group][key])) made[group][key] = of[group][key];
    }
  }
  return made;
}
