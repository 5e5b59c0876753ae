// @ts-check
// Every English sentence of the page. What the worker says (labels, helps, problems) comes from there.

import { bytes, directed, loss, parameters, visible, weight, whole } from "./format.js";

export const words = {
  name: "Fledgling",
  /** Where a number will be. */
  none: "–",

  browsers: {
    chrome: "Chrome",
    edge: "Edge",
    safari: "Safari",
    safari_ios: "Safari on iPhone and iPad",
    firefox: "Firefox",
    firefox_android: "Firefox for Android",
    other: "This browser",
  },
  webgpu: {
    missing: (/** @type {string} */ browser) =>
      `${browser} offers no WebGPU here. Fledgling trains on the graphics processor through WebGPU and cannot work without it.`,
    insecure: (/** @type {string} */ address) =>
      `This page was opened from ${address}, which is not a secure address. Browsers offer WebGPU, which Fledgling trains on, only over https and from localhost.`,
    secureAdvice: "Open it over https, or serve it on this machine and open http://127.0.0.1.",
    advice: {
      chrome:
        "Update Chrome to version 113 or later (Android: 121), and see that “Use graphics acceleration when available” is on in chrome://settings/system. On Linux, also enable chrome://flags/#enable-unsafe-webgpu and relaunch.",
      edge: "Update Edge to version 113 or later, and see that “Use graphics acceleration when available” is on in edge://settings/system.",
      safari:
        "Update to Safari 26 on macOS 26. On an older macOS, use a current Chrome or Edge.",
      safari_ios: "Update to iOS 26 or iPadOS 26. Every browser on these devices uses the system's WebGPU.",
      firefox:
        "Update Firefox: it has WebGPU on Windows since version 141 and on Macs with Apple silicon since 147. Elsewhere, set dom.webgpu.enabled to true in about:config, or use a current Chrome or Edge.",
      firefox_android: "Use a current Chrome on this device, or Firefox, Chrome or Edge on a computer.",
      other: "Use a current Chrome, Edge, Firefox or Safari.",
    },
  },

  crash: {
    happened: "The worker stopped.",
    said: (/** @type {string} */ message) => `The worker stopped: ${message}`,
    advice: "The model in memory is gone; the text and the settings are still here.",
    restart: "Restart",
    ask: "A restart takes the model in memory away, and it has not been exported. Restart all the same?",
  },

  text: {
    title: "Text",
    label: "Text",
    placeholder: "Paste a text or drop a file, then press Train.\n\nA few hundred kilobytes of plain text work well: plays, songs, recipes, code.",
    open: "Open a file…",
    reading: (/** @type {string} */ name, /** @type {number} */ size) => `Reading ${directed(name)} (${bytes(size)}) …`,
    counting: "Counting …",
    none: "Plain text, UTF-8 or UTF-16. It stays on this computer.",
    characters: "Characters",
    tokens: "Tokens",
    vocabulary: "Vocabulary",
    split: (/** @type {number} */ training, /** @type {number} */ validation) =>
      `${whole(training)} tokens to train on, ${whole(validation)} held out`,
    beginning: (/** @type {number} */ shown, /** @type {number} */ all) =>
      `The box shows the first ${whole(shown)} of ${whole(all)} characters; training uses them all.`,
    replacing: "The old text stays in use until you type, paste or drop a new one.",
    replace: "Replace text",
    keep: "Keep the old text",
    empty: "There is no text to train on yet.",
    emptyAdvice: "Paste one into the box, or drop a file here.",
    unreadable: (/** @type {string} */ name, /** @type {string} */ reason) => `${name} could not be read: ${reason}`,
    unreadableAdvice: "Choose the file again, or another one.",
    unknown: (/** @type {string[]} */ characters) =>
      `The model in memory does not know ${list(characters)}. It still samples, but training on this text takes a fresh model.`,
  },

  model: {
    title: "Model",
    training: "Training",
    preset: "Preset",
    custom: "Custom",
    waiting: "The settings come from the worker, which has not started.",
    customHelp: "Settings of your own. Choose a preset to go back to one.",
    moreModel: "More model settings",
    moreTraining: "More training settings",
    parameters: "Parameters",
    memory: "GPU memory",
    perStep: "Tokens a step",
    noText: "The cost depends on the text's vocabulary; until there is a text, one of printable ASCII stands for it.",
    seed: "Training seed",
    withUnit: (/** @type {string} */ label, /** @type {string} */ unit) =>
      unit && unit !== label.toLowerCase() ? `${label} (${unit})` : label,
    notNumber: (/** @type {string} */ label, /** @type {string} */ low, /** @type {string} */ high, /** @type {boolean} */ whole) =>
      `${label} needs a ${whole ? "whole number" : "number"} from ${low} to ${high}.`,
    correct: "Correct it, or choose a preset.",
    on: "On",
    off: "Off",
  },

  controls: {
    train: "Train",
    pause: "Pause",
    step: "Step",
    reset: "Reset",
    progress: "Progress",
    figures: {
      step: "Step",
      training: "Training loss",
      validation: "Validation loss",
      speed: "Speed",
      left: "Time left",
    },
    nats: "nats",
    ofSteps: (/** @type {number} */ steps) => `of ${whole(steps)}`,
    speedUnit: "tok/s",
    done: "done",
    building: "building …",
    announce: {
      starting: "Starting.",
      empty: "Ready.",
      training: "Training.",
      paused: (/** @type {number} */ step, /** @type {number | null} */ value) =>
        `Paused at step ${whole(step)}${value === null ? "" : `, training loss ${loss(value)} nats`}.`,
      finished: (/** @type {number} */ step) => `Finished after ${whole(step)} steps.`,
    },
    title: (/** @type {number} */ step, /** @type {number} */ value) => `${whole(step)} · ${loss(value)} – Fledgling`,
    differs: (/** @type {string[]} */ differences) =>
      `The settings differ from the model in memory: ${few(differences)}. They take effect with a fresh model.`,
    difference: (/** @type {string} */ label, /** @type {string} */ wanted, /** @type {string} */ had) =>
      `${label} ${wanted} (model: ${had})`,
    unfit: "The text has characters that the model in memory does not know. Training on it takes a fresh model.",
    finished: (/** @type {number} */ steps) =>
      `All ${whole(steps)} steps are done. Sample from the model or export it; for a longer run, change Steps and start afresh.`,
    afresh: "Start afresh",
    resume: "Continue this model",
    replaced: (/** @type {number} */ step) => `The model at step ${whole(step)} was replaced.`,
    undo: "Undo",
    dismiss: "Dismiss",
  },

  plot: {
    title: "Loss",
    first: "Paste a text or drop a file, then press Train.",
    next: "Press Train.",
    building: "Building the model …",
    begun: "The first steps are under way …",
    empty: "The loss is drawn here, a point a step: how surprised the model is by the next token.",
    legend: {
      training: "Training",
      smoothed: "smoothed",
      validation: "Validation",
      uniform: "ln(vocabulary)",
    },
    axis: "step",
    help: "Cross-entropy in nats. ln(vocabulary) is the loss of knowing nothing, guessing every token with the same probability.",
    alternative: (
      /** @type {number} */ step,
      /** @type {number | null} */ training,
      /** @type {number | null} */ validation,
      /** @type {number | null} */ uniform,
    ) =>
      [
        `Loss in nats at step ${whole(step)}`,
        training === null ? null : `training ${loss(training)}`,
        validation === null ? null : `validation ${loss(validation)}`,
        uniform === null ? null : `knowing nothing ${loss(uniform)}`,
      ]
        .filter(Boolean)
        .join(", "),
    atStep: (/** @type {number} */ step) => `step ${whole(step)}`,
  },

  sample: {
    title: "Samples",
    prompt: "Prompt",
    promptPlaceholder: "Text to continue",
    temperature: "Temperature",
    temperatureHelp: "Divides the logits before a token is drawn. Low is careful, high is daring, 0 always takes the likeliest token.",
    topK: "Top-k",
    topKHelp: "Draws among the k likeliest tokens only. 0 keeps them all.",
    seed: "Seed",
    seedHelp: "Fixes the draws: the same seed, prompt and weights give the same text.",
    length: "Length",
    lengthHelp: "Tokens to draw.",
    sample: "Sample",
    stop: "Stop",
    output: "Sampled text",
    noModel: "Text that the model writes appears here. There is no model yet: press Train first.",
    ready: "Press Sample: the model continues the prompt, while training goes on if it does.",
    drawn: (/** @type {number} */ tokens) => `${whole(tokens)} tokens`,
    notNumber: (/** @type {string} */ label, /** @type {number} */ low, /** @type {number} */ high) =>
      `${label} needs a number from ${whole(low)} to ${whole(high)}.`,
    correct: "Correct it and press Sample again.",
  },

  attention: {
    title: "Attention",
    layer: "Layer",
    head: "Head",
    noModel: "A map of where each token of the prompt looks appears here. There is no model yet: press Train first.",
    noLayers: "A model without layers has no attention.",
    noPrompt: "Type a prompt: the map shows where each of its tokens looks.",
    caption: (/** @type {number} */ step) => `at step ${whole(step)}`,
    rows: "Row: the token that looks. Column: the token looked at.",
    walk: "Point at a cell, or walk with the arrow keys.",
    cell: (/** @type {string} */ query, /** @type {number} */ row, /** @type {string} */ key, /** @type {number} */ column, /** @type {number} */ value) =>
      `${quoted(query)} at ${row + 1} looks at ${quoted(key)} at ${column + 1}: ${weight(value)}`,
    alternative: (/** @type {number} */ layer, /** @type {number} */ head, /** @type {number} */ step, /** @type {string[]} */ tokens, /** @type {string} */ last) =>
      `Attention of layer ${layer}, head ${head} at step ${whole(step)}, over ${tokens.length} tokens: ${tokens.map(visible).join(" ")}. ${last}`,
    strongest: (/** @type {string} */ query, /** @type {string} */ key, /** @type {number} */ column, /** @type {number} */ value) =>
      `The last token, ${quoted(query)}, looks most at ${quoted(key)} at ${column + 1}: ${weight(value)}.`,
    scale: "weight",
  },

  files: {
    title: "Files",
    export: "Export",
    import: "Import",
    noModel: "Export saves the trained model as a .safetensors file. Import brings one back: press it, or drop the file here.",
    model: (/** @type {number} */ count, /** @type {number} */ step) => `In memory: ${parameters(count)} parameters at step ${whole(step)}`,
    from: (/** @type {string} */ name) => `from ${directed(name)}`,
    exporting: "Exporting …",
    importing: (/** @type {string} */ name) => `Importing ${directed(name)} …`,
    exported: (/** @type {string} */ name, /** @type {number} */ size) => `Saved ${name} (${bytes(size)})`,
    unreadable: (/** @type {string} */ name, /** @type {string} */ reason) => `${name} could not be read: ${reason}`,
    unreadableAdvice: "Choose the file again, or another one.",
  },

  footer: {
    starting: "Starting …",
    adapter: (/** @type {string} */ name, /** @type {string} */ backend) => (backend && backend !== name ? `${name} · ${backend}` : name),
    software: "Software adapter: correct, and many times slower than a GPU.",
    version: (/** @type {string} */ version) => `version ${version}`,
    keys: "Keys",
  },

  keys: {
    title: "Keys",
    close: "Close",
    list: /** @type {[string, string][]} */ ([
      ["Space", "Train or pause, outside text fields"],
      ["Tab", "To the next control"],
      ["Arrow keys", "Walk the plot and the attention map"],
      ["Ctrl Enter", "In the prompt: sample"],
      ["Escape", "Close what is open"],
      ["?", "This list"],
    ]),
  },
};

/** @param {string} token */
function quoted(token) {
  return `“${visible(token)}”`;
}

/** @param {string[]} items */
function list(items) {
  return items.map(quoted).join(", ");
}

/** The first three of several, and how many more there are. @param {string[]} items */
function few(items) {
  const [shown, more] = [items.slice(0, 3).join(", "), items.length - 3];
  return more > 0 ? `${shown} and ${more} more` : shown;
}
