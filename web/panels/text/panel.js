// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// The text to train on: typed, pasted, made here, from a file or from the web; how it is cleaned, and its size in numbers.

import { whole } from "../../i18n/format.js";
import { words } from "../../i18n/words.js";
import { button, element, filePicker, labelled, more, numberUnder, panel, write } from "../../ui/dom.js";
import { problemDisplay } from "../../ui/problem_display.js";
import { explain, settingFields } from "../../ui/setting_fields.js";

// 2 million characters: a text box takes about a second to lay out as many; a longer text shows its beginning.
const BOX_LIMIT = 2_000_000;
const BEGINNING = 20_000;
// Characters from which an insertion bypasses the browser's editor, and with it Undo. 1.1 million pasted natively take 2 s,
// 50,000 inserted by dictation or automation 5 s.
const LONG_PASTE = 200_000;
const LONG_INSERTION = 2000;
// 2³² − 1: the worker takes seeds of 32 bits.
const SEED_LIMIT = 4_294_967_295;

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
    actions.text.replace(true);
    box.focus();
  });
  const keep = button(words.text.keep, () => actions.text.replace(false));
  const partial = element("p", { class: "row" }, part, replace, keep);
  const previous = element(
    "p",
    { class: "row" },
    element("span", { class: "muted grow" }, words.text.previous),
    button(words.text.bringBack, () => actions.text.bringBack()),
  );
  const made = element("select");
  const seed = element("input", { type: "number", min: 0, max: SEED_LIMIT, step: 1, value: 1, inputmode: "numeric", autocomplete: "off" });
  const counts = {
    characters: numberUnder(words.text.characters),
    training: numberUnder(words.text.training),
    heldOut: numberUnder(words.text.heldOut, "validation"),
  };
  const numbers = element("dl", { class: "numbers" }, ...Object.values(counts).map(({ node }) => node));
  const note = element("p", { class: "muted grow" });
  const report = element("ul", { class: "report muted", "aria-label": words.text.changes });
  const unknown = element("p", { class: "caution" });
  const problem = problemDisplay();
  const open = filePicker(words.text.open, ".txt,.md,.csv,.json,text/*", ([file]) => actions.text.open(file));
  const data = settingFields(store, actions, "data");
  panel(
    "text-panel",
    words.text.title,
    box,
    partial,
    previous,
    element("div", { class: "making" }, labelled(words.text.made, made), labelled(words.text.seed, seed)),
    element("div", { class: "behind" }, more(words.address.title, addressForm()), open.button, open.picker),
    problem.node,
    numbers,
    note,
    ...data.problems,
    report,
    unknown,
    data.hidden,
  );

  box.addEventListener("input", () => {
    if (!box.readOnly) actions.text.set(box.value);
  });
  box.addEventListener("beforeinput", (event) => {
    const inserted = event.data ?? "";
    const pasted = event.inputType === "insertFromPaste";
    const { selectionStart, selectionEnd, value } = box;
    // A built-in text can be made again at any time: it makes room for a pasted one.
    const makesRoom = pasted && store.state.text.made !== null && selectionStart === selectionEnd;
    // Chromium inserts a long text line by line, in a time that grows with its square; set as a whole it takes half a second.
    if (!inserted || (!makesRoom && inserted.length < (pasted ? LONG_PASTE : LONG_INSERTION))) return;
    event.preventDefault();
    actions.text.set(makesRoom ? inserted : value.slice(0, selectionStart) + inserted + value.slice(selectionEnd));
  });
  made.addEventListener("change", make);
  seed.addEventListener("change", () => made.value && make());
  function make() {
    const number = seed.valueAsNumber;
    seed.setAttribute("aria-invalid", String(!seed.checkValidity() || Number.isNaN(number)));
    if (seed.checkValidity() && !Number.isNaN(number)) actions.text.make(made.value, number);
  }
  explain(made, () => store.state.texts.find(({ key }) => key === made.value)?.help ?? words.text.none);
  explain(seed, () => words.text.seedHelp);

  function addressForm() {
    const address = element("input", {
      type: "text",
      inputmode: "url",
      placeholder: words.address.placeholder,
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
    });
    const load = element("button", {}, words.address.load);
    const cancel = button(words.address.cancel, () => actions.text.cancelLoading());
    const refused = problemDisplay();
    const form = element("form", { class: "row" }, labelled(words.address.label, address, "inline grow"), load, cancel);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      actions.text.load(address.value);
    });
    const underWay = store.computed(({ text }) => text.reading);
    store.watch(({ problems }) => {
      const { value: reading } = underWay;
      const loading = reading !== null && reading.name === address.value && reading.made === null;
      load.hidden = loading;
      cancel.hidden = !loading;
      refused.show(problems.address);
    });
    return element("div", { class: "inner" }, form, refused.node);
  }

  // A browser that restores forms has restored the box before this runs.
  if (box.value) actions.text.set(box.value);

  const content = store.computed(({ text }) => text.value);
  const isReplacing = store.computed(({ text }) => text.replacing);
  store.watch(() => {
    const [{ value }, { value: replacing }] = [content, isReplacing];
    const long = value.length > BOX_LIMIT;
    box.readOnly = long && !replacing;
    const shown = replacing ? "" : long ? value.slice(0, BEGINNING) : value;
    if (box.value !== shown) box.value = shown;
    partial.hidden = !long;
    replace.hidden = replacing;
    keep.hidden = !replacing;
    write(part, replacing ? words.text.replacing : words.text.beginning(BEGINNING, value.length));
  });

  store.watch(({ texts }) => {
    made.replaceChildren(
      element("option", { value: "", hidden: true }, words.text.own),
      ...texts.map(({ key, label }) => element("option", { value: key }, label)),
    );
  });
  const chosen = store.computed(({ text }) => text.reading?.made ?? text.made);
  store.watch(({ texts }) => {
    const { value: now } = chosen;
    made.disabled = texts.length === 0;
    made.value = now?.key ?? "";
    if (now && document.activeElement !== seed) seed.value = String(now.seed);
  });

  const isCancelled = store.computed(({ preparation }) => preparation.cancelled);
  store.watch(({ text, texts, fields }) => {
    const { value: cancelled } = isCancelled;
    const { description, reading, unsent, pending } = text;
    counts.characters.show(description && whole(description.characters));
    counts.training.show(description && whole(description.training_tokens));
    counts.heldOut.show(description && whole(description.validation_tokens));
    const said = reading
      ? words.text.reading(texts.find(({ key }) => key === reading.made?.key)?.label ?? reading.name, reading.size)
      : pending || (unsent && !cancelled)
        ? words.text.counting
        : !description
          ? words.text.none
          : description.documents
            ? words.text.documents(...description.documents)
            : "";
    write(note, said);
    note.hidden = said === "";
    previous.hidden = text.previous === null;
    const changes = description?.changes ?? [];
    report.hidden = changes.length === 0;
    report.replaceChildren(
      ...changes.map(({ what, characters, examples }) => {
        const label = fields.find(({ group, key }) => group === "data" && key === what)?.label ?? what;
        const shown = examples.map(({ before, after, count }) => words.text.example(before, after, count)).join(words.punctuation.comma);
        return element("li", {}, `${words.text.change(label, characters)}${words.punctuation.between}${shown}`);
      }),
      ...(description && description.cleaned_characters !== description.characters
        ? [element("li", {}, words.text.cleaned(description.characters, description.cleaned_characters))]
        : []),
    );
  });

  store.watch(({ text, model }) => {
    const characters = model?.fitsText === false ? (text.description?.unknown_to_model ?? []) : [];
    unknown.hidden = characters.length === 0;
    write(unknown, characters.length ? words.text.unknown(characters) : "");
  });

  store.watch(({ problems }) => problem.show(problems.text));
}
