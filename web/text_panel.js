// @ts-check
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */
// The text to train on: typed, pasted or from a file, and its size in numbers.

import { button, element, numberUnder, panel, write } from "./dom.js";
import { whole } from "./format.js";
import { problemDisplay } from "./problem_display.js";
import { words } from "./words.js";

// 2 million characters: a text box takes about a second to lay out as many; a longer text shows its beginning.
const BOX_LIMIT = 2_000_000;
const BEGINNING = 20_000;
// Characters from which an insertion bypasses the browser's editor, and with it Undo. 1.1 million pasted natively take 2 s,
// 50,000 inserted by dictation or automation 5 s.
const LONG_PASTE = 200_000;
const LONG_INSERTION = 2000;

/** @param {Store<State>} store @param {Actions} actions */
export function textPanel(store, actions) {
  const box = element("textarea", {
    id: "text",
    class: "mono",
    "aria-label": words.text.label,
    placeholder: words.text.placeholder,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
  });
  const part = element("span", { class: "muted grow" });
  const replace = button(words.text.replace, () => {
    actions.replaceText(true);
    box.focus();
  });
  const keep = button(words.text.keep, () => actions.replaceText(false));
  const partial = element("p", { class: "row" }, part, replace, keep);
  const counts = {
    characters: numberUnder(words.text.characters),
    tokens: numberUnder(words.text.tokens),
    vocabulary: numberUnder(words.text.vocabulary),
  };
  const numbers = element("dl", { class: "numbers" }, ...Object.values(counts).map(({ node }) => node));
  const note = element("p", { class: "muted grow" });
  const unknown = element("p", { class: "caution" });
  const problem = problemDisplay();
  const picker = element("input", { type: "file", hidden: true, "aria-label": words.text.open, accept: ".txt,.md,.csv,.json,text/*" });
  const open = button(words.text.open, () => picker.click());
  panel(
    "text-panel",
    words.text.title,
    box,
    partial,
    problem.node,
    numbers,
    element("div", { class: "row" }, note, open, picker),
    unknown,
  );

  box.addEventListener("input", () => {
    if (!box.readOnly) actions.setText(box.value);
  });
  // Chromium inserts a long text line by line, in a time that grows with its square; set as a whole it takes half a second.
  box.addEventListener("beforeinput", (event) => {
    const inserted = event.data ?? "";
    if (inserted.length < (event.inputType === "insertFromPaste" ? LONG_PASTE : LONG_INSERTION)) return;
    event.preventDefault();
    const { selectionStart, selectionEnd, value } = box;
    actions.setText(value.slice(0, selectionStart) + inserted + value.slice(selectionEnd));
  });
  picker.addEventListener("change", () => {
    const [file] = picker.files ?? [];
    if (file) actions.openText(file);
    picker.value = "";
  });

  // A browser that restores forms has restored the box before this runs.
  if (box.value) actions.setText(box.value);

  store.watch(
    ({ text }) => [text.value, text.replacing],
    ({ text }) => {
      const long = text.value.length > BOX_LIMIT;
      box.readOnly = long && !text.replacing;
      const shown = text.replacing ? "" : long ? text.value.slice(0, BEGINNING) : text.value;
      if (box.value !== shown) box.value = shown;
      partial.hidden = !long;
      replace.hidden = text.replacing;
      keep.hidden = !text.replacing;
      write(part, text.replacing ? words.text.replacing : words.text.beginning(BEGINNING, text.value.length));
    },
  );

  store.watch(
    ({ text, worker }) => [text, worker],
    ({ text }) => {
      const { description, reading, unsent, unanswered } = text;
      counts.characters.show(description && whole(description.characters));
      counts.tokens.show(description && whole(description.tokens));
      counts.vocabulary.show(description && whole(description.vocab));
      write(
        note,
        reading
          ? words.text.reading(reading.name, reading.size)
          : unsent || unanswered > 0
            ? words.text.counting
            : description
              ? words.text.split(description.training_tokens, description.validation_tokens)
              : words.text.none,
      );
    },
  );

  store.watch(
    ({ text, model }) => [text.description, model],
    ({ text, model }) => {
      const characters = model?.fitsText === false ? (text.description?.unknown_to_model ?? []) : [];
      unknown.hidden = characters.length === 0;
      write(unknown, characters.length ? words.text.unknown(characters) : "");
    },
  );

  store.watch(
    ({ problems }) => [problems.text],
    ({ problems }) => problem.show(problems.text),
  );
}
