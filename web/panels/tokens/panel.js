// @ts-check
/** @import { Actions } from "../../flows/actions.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Store } from "../../state/store.js" */
// How the text becomes tokens, how far that is, and what they look like.

import { significant, visible, whole } from "../../i18n/format.js";
import { sentence, together } from "../../i18n/problems.js";
import { words } from "../../i18n/words.js";
import { button, element, filePicker, numberUnder, panel, write } from "../../ui/dom.js";
import { problemDisplay } from "../../ui/problem_display.js";
import { settingFields } from "../../ui/setting_fields.js";
import { TOKEN_COLOURS, tokenText } from "../../ui/token_text.js";
import { tokenizerComparison } from "./comparison.js";
import { vocabularyTable } from "./vocabulary_table.js";

const { tokens: said } = words;

/** @param {Store<State>} store @param {Actions} actions */
export function tokensPanel(store, actions) {
  const { shown, hidden, problems } = settingFields(store, actions, "tokenizer");
  const file = element("p", { class: "muted" });
  const open = filePicker(said.open, ".json,.txt", (files) => actions.text.openTokenizer(files), true);
  open.button.title = said.fileHelp;
  const refused = problemDisplay();

  const stage = element("p", { class: "muted", id: "preparing" });
  const bar = element("progress", { "aria-label": said.progress });
  const cancel = button(said.cancel, () => actions.text.cancelPreparation());
  const preparing = element("div", { class: "row" }, element("div", { class: "grow" }, stage, bar), cancel);
  const cancelled = element(
    "p",
    { class: "row" },
    element("span", { class: "muted grow" }, said.cancelled),
    button(said.prepare, () => actions.text.settle()),
  );

  const counts = {
    tokens: numberUnder(said.tokens, "token"),
    vocabulary: numberUnder(said.size, "vocabulary"),
    length: numberUnder(said.length),
  };
  const numbers = element("dl", { class: "numbers" }, ...Object.values(counts).map(({ node }) => node));
  const loss = element("p", { class: "muted" });
  const readout = element("p", { class: "readout" });
  const frame = element("div", { class: "beginning mono" });
  const beginning = tokenText(frame, said.beginning, (index, walking) => {
    const { description } = store.state.text;
    const id = index === null ? undefined : description?.beginning[index];
    readout.setAttribute("aria-live", walking ? "polite" : "off");
    write(readout, id === undefined || index === null ? said.walk : said.token(description?.vocabulary[id] ?? "", id, index));
  });
  const empty = element("p", { class: "empty" }, said.none);
  panel(
    "tokens-panel",
    said.title,
    shown,
    ...problems,
    element("div", { class: "behind" }, hidden, open.button, open.picker),
    file,
    refused.node,
    preparing,
    cancelled,
    numbers,
    loss,
    empty,
    frame,
    readout,
    vocabularyTable(store),
    tokenizerComparison(store, actions),
  );

  store.watch(({ tokenizerFile, problems, form }) => {
    const { reading, given } = tokenizerFile;
    const missing = form?.tokenizer.kind === "file" && !given;
    const now = reading ? said.reading(reading.name) : given ? said.file(given.name, given.vocab) : missing ? together(sentence({ code: "tokenizer_file_awaited" })) : "";
    write(file, now);
    file.hidden = now === "";
    refused.show(problems.tokenizer);
  });

  store.watch(({ preparation }) => {
    const { progress } = preparation;
    preparing.hidden = progress === null;
    cancelled.hidden = !preparation.cancelled;
    if (!progress) return;
    write(stage, said.stages[progress.stage](progress.done, progress.of));
    bar.max = Math.max(1, progress.of);
    bar.value = progress.done;
  });

  const described = store.computed(({ text }) => text.description);
  store.watch(() => {
    const { value: description } = described;
    counts.tokens.show(description && whole(description.tokens));
    counts.vocabulary.show(description && whole(description.vocab));
    counts.length.show(description && significant(description.cleaned_characters / Math.max(1, description.tokens)));
    loss.hidden = !description;
    const unknown = description?.unknown_tokens ?? 0;
    const lossless = description?.lossless === true && unknown === 0;
    loss.className = lossless ? "muted" : "caution";
    write(loss, [lossless ? said.lossless : said.lossy, unknown > 0 ? said.unknown(unknown) : ""].join(words.punctuation.between).trim());
    for (const node of [frame, readout]) node.hidden = !description;
    empty.hidden = description !== null;
    beginning.clear();
    write(readout, said.walk);
    if (!description) return;
    beginning.append(
      description.beginning.map((id, i) =>
        element("span", { class: `token t${i % TOKEN_COLOURS}`, title: said.hint(id) }, shownToken(description.vocabulary[id] ?? "")),
      ),
    );
  });
}

/** Blanks are seen, and lines still break. @param {string} token */
const shownToken = (token) => visible(token).replaceAll("↵", "↵\n");
