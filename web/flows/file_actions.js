// @ts-check
/** @import { About, Command } from "../core/protocol" */
/** @import { Found } from "../i18n/problems.js" */
/** @import { State } from "../state/state.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Actions } from "./actions.js" */
// The model as a file of one format or another, out of the tab and back into it.

import { withProblem, withoutProblems } from "../state/problems.js";
import { ended } from "../state/run.js";
import { TemplateError, aboutModel, isModelPage, modelIn, writePage } from "../storage/page_file.js";

/** @typedef {{ file: File, path: string }} Picked a file, by its path where it came with a folder */

// What a file is called that holds a tokenizer, or half of one.
const TOKENIZER_FILE = /(tokenizer|vocab)[^/]*\.json$|merges[^/]*\.txt$/i;
const MODEL_FILE = /\.(safetensors|zip)$/i;
// What an exported page is called, and many another.
const PAGE_FILE = /\.html?$/i;
// What the core reads of a folder; the rest, a training's checkpoints above all, is not even loaded.
const FOLDER_FILE = /(^|\/)(config\.json|tokenizer\.json|vocab\.json|merges\.txt|[^/]+\.safetensors)$/;

export class FileActions {
  #store;
  #actions;
  #post;
  #save;
  /** A file that is written and waits for a press: a system's sheet opens for nothing else. @type {{ file: File, of: readonly unknown[] } | null} */
  #ready = null;

  /**
   * @param {Store<State>} store @param {Actions} actions
   * @param {(command: Command, transfer?: Transferable[]) => void} post
   * @param {(name: string, content: Uint8Array<ArrayBuffer> | Blob) => void} save
   */
  constructor(store, actions, post, save) {
    this.#store = store;
    this.#actions = actions;
    this.#post = post;
    this.#save = save;
  }

  get #state() {
    return this.#store.state;
  }

  /** @param {Found} found */
  #report(found) {
    this.#store.update({ problems: withProblem(this.#state, "file", found) });
  }

  // Out

  /** What a model card says that the core does not know. @returns {About} */
  get about() {
    const text = this.#state.model?.textName;
    return { ...(text ? { text_name: text } : {}), date: new Date().toISOString().slice(0, 10) };
  }

  /** @param {State["exportFormat"]} exportFormat */
  choose(exportFormat) {
    this.#store.update({ exportFormat, exported: null, problems: withoutProblems(this.#state, "file") });
  }

  measure() {
    this.#post({ command: "measure_exports", about: this.about });
  }

  save() {
    this.#actions.exportModel("save");
  }

  /** Hands the model to the system's sheet, now or as soon as it is written. */
  share() {
    const ready = this.#waiting;
    if (ready) this.#hand(ready);
    else this.#actions.exportModel("share");
  }

  /** What a file is of: another model, step or format is another file. */
  get #subject() {
    const { model, step, exportFormat } = this.#state;
    return [model, step, exportFormat];
  }

  get #waiting() {
    const subject = this.#subject;
    return this.#ready?.of.every((value, i) => value === subject[i]) ? this.#ready.file : null;
  }

  /** @param {"save" | "share"} purpose @param {string} name @param {Uint8Array<ArrayBuffer>} bytes */
  async written(purpose, name, bytes) {
    const { exportFormat, step } = this.#state;
    if (exportFormat !== "page") {
      this.#deliver(purpose, name, new Blob([bytes], { type: "application/octet-stream" }), step);
      return;
    }
    const progress = (/** @type {number} */ done, /** @type {number} */ of) => this.#store.update({ writing: { done, of } });
    progress(0, bytes.length);
    try {
      const page = await writePage(bytes, aboutModel(this.#state, name), progress);
      this.#store.update({ writing: null });
      this.#deliver(purpose, name.replace(/\.safetensors$/, ".html"), page, step);
    } catch (error) {
      this.#store.update({ writing: null });
      if (!(error instanceof TemplateError)) throw error;
      this.#report(error.found);
    }
  }

  /** @param {"save" | "share"} purpose @param {string} name @param {Blob} content @param {number} step that it is of */
  #deliver(purpose, name, content, step) {
    if (purpose === "share") {
      this.#hand(new File([content], name, { type: content.type }), step);
    } else {
      this.#save(name, content);
      this.#out(name, content.size, "saved", step);
    }
  }

  /** @param {string} name @param {number} size @param {"saved" | "shared" | "ready"} how @param {number} step */
  #out(name, size, how, step) {
    const { exportedStep } = this.#state;
    this.#store.update({ exported: { name, size, how }, exportedStep: how === "ready" ? exportedStep : step });
  }

  /** @param {File} file @param {number} [step] that it is of */
  async #hand(file, step = this.#state.step) {
    try {
      await navigator.share({ files: [file] });
      this.#ready = null;
      this.#out(file.name, file.size, "shared", step);
    } catch (error) {
      const { name } = /** @type {DOMException} */ (error);
      if (name === "NotAllowedError" && !this.#waiting) {
        // Writing it took longer than a press counts.
        this.#ready = { file, of: this.#subject };
        this.#out(file.name, file.size, "ready", step);
      } else if (name !== "AbortError") {
        this.#report({ code: "not_shared", values: { name: file.name, reason: String(error) } });
      }
    }
  }

  // In

  /**
   * Chosen or dropped files, by their names: a model, a tokenizer or a text.
   * @param {readonly Picked[]} picked
   * @param {string} [folder] the one they came in, if it may be empty
   */
  open(picked, folder) {
    const files = picked.filter(({ path }) => !/(^|\/)\./.test(path));
    const tokenizer = files.filter(({ file }) => TOKENIZER_FILE.test(file.name));
    const [first] = files;
    if (!first) {
      if (folder !== undefined) this.#reportNoModel(folder, 0);
      return;
    }
    if (files.some(({ path }) => MODEL_FILE.test(path))) this.import(files);
    else if (tokenizer.length > 0) this.#actions.text.openTokenizer(tokenizer.map(({ file }) => file));
    else if (files.length > 1 && first.path.includes("/")) this.#reportNoModel(first.path.split("/")[0], files.length);
    else if (PAGE_FILE.test(first.file.name)) this.#openPage(first);
    else this.#actions.text.open(first.file);
  }

  /** A web page: one that was exported is a model, any other a text. @param {Picked} page */
  async #openPage(page) {
    if (await isModelPage(page.file).catch(() => false)) this.import([page]);
    else this.#actions.text.open(page.file);
  }

  /** @param {string} folder @param {number} count of its files */
  #reportNoModel(folder, count) {
    this.#report({ code: "folder_without_model", values: { folder, count } });
  }

  /** A file of a model, or the several of a folder. @param {readonly Picked[]} picked */
  async import(picked) {
    const several = picked.filter(({ path }) => FOLDER_FILE.test(path));
    const alone = picked.find(({ path }) => MODEL_FILE.test(path)) ?? picked[0];
    if (several.length === 0 && alone.path.includes("/") && !MODEL_FILE.test(alone.path)) {
      this.#reportNoModel(alone.path.split("/")[0], picked.length);
      return;
    }
    let files = picked.length > 1 && several.length > 0 ? several : [alone];
    const name = nameOf(files);
    this.#store.update({
      problems: withoutProblems(this.#state, "file"),
      importing: name,
      exported: null,
      intent: null,
      comparison: ended(this.#state.comparison),
    });
    if (files.length === 1 && PAGE_FILE.test(name) && (await isModelPage(files[0].file).catch(() => false))) {
      const model = await this.#outOfPage(files[0].file);
      if (!model) return;
      files = [{ ...files[0], file: model }];
    }
    // Not read here: a file may be larger than what a page has memory for.
    const read = files.map(({ file, path }) => ({ name: files.length > 1 ? path : name, bytes: file }));
    this.#actions.keep(() => this.#post({ command: "import_files", files: read }));
  }

  /** The model of an exported page; null, and said, where there is none that is whole. @param {File} page */
  async #outOfPage(page) {
    try {
      const model = await modelIn(page);
      if (model) return new File([model], page.name);
      this.#report({ code: "page_without_model" });
    } catch (error) {
      this.#report({ code: "page_damaged", values: { reason: String(error) } });
    }
    this.#store.update({ importing: null });
    return null;
  }
}

/** The folder's, or the files' own. @param {readonly Picked[]} files */
function nameOf(files) {
  const [folder, inside] = files[0].path.split("/");
  return files.length > 1 && inside !== undefined ? folder : files.map(({ file }) => file.name).join(" + ");
}

/** Files from a picker; those of a folder know their paths. @param {readonly File[]} files @returns {Picked[]} */
export const picked = (files) => files.map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/** Whether this system's sheet takes a file by such a name. @param {string} extension */
export const canShare = (extension) =>
  navigator.canShare?.({ files: [new File([""], `model.${extension}`, { type: extension === "html" ? "text/html" : "application/octet-stream" })] }) ?? false;
