// @ts-check
/** @import { Best } from "../core/protocol" */
// Every English sentence of the page. What the worker offers (labels, helps) comes from there.

import { glossary } from "./en_glossary.js";
import { problems } from "./en_problems.js";
import { browsers } from "./en_problems_page.js";
import { bytes, directed, duration, listed, loss, parameters, percent, quoted, significant, visible, weight, whole } from "./format.js";

export const english = {
  name: "Fledgling",
  /** Where a number will be. */
  none: "–",
  /** A plot's numbers, as a file. */
  saveAsCsv: "Save as CSV",
  withNats: (/** @type {string} */ number) => `${number} nats`,
  /** How a sentence ends, what stands between two, and between the parts of a list. */
  punctuation: { stop: ".", between: " ", comma: ", " },

  browsers,
  webgpu: {
    missing: (/** @type {string} */ browser) => `${browser} offers no WebGPU here, so models train on the CPU: all of it works, and takes longer.`,
    noAdapter: (/** @type {string} */ browser) => `${browser} opens no GPU here, so models train on the CPU: all of it works, and takes longer.`,
    insecure: (/** @type {string} */ address) =>
      `This page was opened from ${address}, which is not a secure address: browsers offer WebGPU and their storage for sessions only over https and from localhost. Models train on the CPU, and no session is saved.`,
    faster: "For the speed of a GPU",
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
    restart: "Restart",
    ask: "A restart takes the model in memory away, and it has not been exported. Restart all the same?",
  },

  recipe: {
    title: "Recipe",
    choose: "Choose a recipe …",
    none: "A recipe sets text, tokens, model and training as one of the tutorials has them. Choose one here, or change what you like below.",
    notes: "Where it differs from the tutorial",
    changed: "Some settings are no longer the recipe's.",
    restore: "Set them again",
    ownText: "Your own text stays in the box.",
    useText: "Use the recipe's text",
    fineTune: "Fine-tune on the second text",
    fineTuneHelp: (/** @type {string} */ text) =>
      `Loads “${text}” and trains the weights in memory further on it, with the recipe's own settings.`,
    fineTuneFirst: "There is nothing to fine-tune yet: train the model first.",
    fineTuneRunning: "Pause first: the run under way is the one to fine-tune.",
    compare: "Compare the pieces",
    compareHelp: (/** @type {number} */ models) =>
      `Trains ${whole(models)} models one after the other, the whole and one without each piece. Pause and Reset end it.`,
    comparing: (/** @type {number} */ number, /** @type {number} */ of) => `Training model ${whole(number)} of ${whole(of)}. Pause and Reset end the comparison.`,
    whole: "The whole",
    columns: { model: "Model", validation: "Validation (nats)", difference: "Difference", best: "Best step" },
    training: "training …",
    compared: "Validation losses side by side",
  },

  steps: {
    title: "What to decide",
    characters: (/** @type {string} */ count) => `${count} chars`,
    vocabulary: (/** @type {string} */ count) => `${count} different`,
    parameters: (/** @type {string} */ count) => `${count} params`,
    steps: (/** @type {string} */ count) => `${count} steps`,
  },

  text: {
    title: "Text",
    label: "Text",
    placeholder: "Paste a text or drop a file, then press Train.\n\nA few hundred kilobytes of plain text work well: plays, songs, recipes, code.",
    open: "Open a file…",
    made: "Built-in text",
    own: "Your own",
    seed: "Text seed",
    seedHelp: "Fixes the text: the same seed makes the same one.",
    reading: (/** @type {string} */ name, /** @type {number | null} */ size) =>
      `Reading ${directed(name)}${size === null ? "" : ` (${bytes(size)})`} …`,
    counting: "Counting …",
    none: "Plain text, UTF-8 or UTF-16. It stays on this computer.",
    characters: "Characters",
    training: "Training tokens",
    heldOut: "Held-out tokens",
    documents: (/** @type {number} */ training, /** @type {number} */ validation) =>
      `${whole(training)} documents or lines to train on, ${whole(validation)} held out`,
    previous: "The text that was here is kept.",
    bringBack: "Bring it back",
    changes: "What cleaning changed",
    change: (/** @type {string} */ label, /** @type {number} */ characters) =>
      characters === 0 ? `${label}: nothing to change.` : `${label}: ${whole(characters)} ${characters === 1 ? "character" : "characters"} changed.`,
    example: (/** @type {string} */ before, /** @type {string} */ after, /** @type {number} */ count) =>
      `${visible(before)} ${after ? `→ ${visible(after)}` : "removed"} × ${whole(count)}`,
    cleaned: (/** @type {number} */ before, /** @type {number} */ after) => `${whole(after)} of ${whole(before)} characters are left.`,
    beginning: (/** @type {number} */ shown, /** @type {number} */ all) =>
      `The box shows the first ${whole(shown)} of ${whole(all)} characters; training uses them all.`,
    replacing: "The old text stays in use until you type, paste or drop a new one.",
    replace: "Replace text",
    keep: "Keep the old text",
    unknown: (/** @type {string[]} */ characters) =>
      `The model in memory does not know ${listed(characters)}. It still samples, but training on this text takes a fresh model.`,
  },

  address: {
    title: "From a URL",
    label: "Address",
    placeholder: "https://",
    load: "Load",
    cancel: "Cancel",
  },

  tokens: {
    title: "Tokens",
    open: "Tokenizer file…",
    file: (/** @type {string} */ name, /** @type {number} */ vocab) => `${directed(name)}: ${whole(vocab)} tokens`,
    fileHelp: "tokenizer.json, or vocab.json with merges.txt. They can be dropped too.",
    reading: (/** @type {string} */ name) => `Reading ${directed(name)} …`,
    stages: {
      counting: (/** @type {number} */ done, /** @type {number} */ of) => `Counting words: ${bytes(done)} of ${bytes(of)}`,
      merging: (/** @type {number} */ done, /** @type {number} */ of) => `Learning merges: ${whole(done)} of ${whole(of)}`,
      encoding: (/** @type {number} */ done, /** @type {number} */ of) => `Making tokens: ${bytes(done)} of ${bytes(of)}`,
    },
    progress: "Text becomes tokens",
    cancel: "Cancel",
    cancelled: "Cancelled: the tokens below are still those of before.",
    prepare: "Make them now",
    tokens: "Tokens",
    size: "Vocabulary",
    length: "Chars per token",
    lossless: "Lossless: the tokens give back every text as it was.",
    lossy: "Lossy: not every text comes back from its tokens as it was.",
    unknown: (/** @type {number} */ tokens) =>
      tokens === 1 ? "1 word of this text became <unk>." : `${whole(tokens)} words of this text became <unk>.`,
    beginning: "The training text's first tokens",
    walk: "Point at a token, or walk with the arrow keys.",
    token: (/** @type {string} */ text, /** @type {number} */ id, /** @type {number} */ place, /** @type {boolean} */ sentence = false) =>
      `${quoted(text)}, id ${whole(id)}, token ${whole(place + 1)} of the ${sentence ? "sentence" : "text"}`,
    hint: (/** @type {number} */ id) => `id ${id}`,
    none: "The text's tokens appear here as soon as there is a text.",
    vocabulary: {
      title: "The whole vocabulary",
      find: "Find",
      placeholder: "Part of a token, or #id",
      columns: { id: "Id", token: "Token", count: "Count", share: "Share" },
      all: (/** @type {number} */ tokens, /** @type {number} */ unseen) =>
        `${whole(tokens)} tokens${unseen === 0 ? "" : `, ${whole(unseen)} of them never in the training text`}.`,
      found: (/** @type {number} */ found, /** @type {number} */ of) => `${found === 0 ? "None" : whole(found)} of ${whole(of)} tokens.`,
    },
    comparison: {
      title: "A sentence under each tokenizer",
      sentence: "Sentence to cut",
      placeholder: "Any text; empty: the prompt",
      none: "Type a sentence: it appears here as each tokenizer would cut it, trained on the text in the box.",
      waiting: "Training the tokenizers on the text …",
      used: "in use",
      numbers: (/** @type {number} */ tokens, /** @type {string} */ length, /** @type {number} */ vocab) =>
        `${tokens === 1 ? "1 token" : `${whole(tokens)} tokens`}, ${length} characters each; vocabulary ${whole(vocab)}`,
      unknown: (/** @type {number} */ count, /** @type {boolean} */ word) =>
        word
          ? `${count === 1 ? "1 word is" : `${whole(count)} words are`} not in the vocabulary: <unk>.`
          : `${count === 1 ? "1 character is" : `${whole(count)} characters are`} not in the vocabulary, and left out.`,
      walk: "Point at a token, or walk with the arrow keys.",
    },
  },

  settings: {
    seed: "Training seed",
    withUnit: (/** @type {string} */ label, /** @type {string} */ unit) =>
      unit && unit !== label.toLowerCase() ? `${label} (${unit})` : label,
    on: "On",
    off: "Off",
    explained: "Point at a setting: what it is and what it does is explained here, with its formula and where it comes from. From the keyboard, ? in a setting leads here, Escape back.",
    explain: (/** @type {string} */ label) => `Explain ${label}`,
    more: {
      tokenizer: "More token settings",
      data: "Cleaning, held-out part and windows",
      model: "More model settings",
      training: "More training settings",
      sampling: "More sampling settings",
    },
  },

  training: {
    title: "Training",
    fineTune: "Fine-tune",
    fineTuneHelp:
      "Trains the weights in memory further on the text in the box, with the training settings above. Steps count from 0; model and tokens stay.",
    noModel: "Fine-tuning trains a model further: train or import one first.",
    noText: "Fine-tuning needs a text: paste one, or choose a built-in one.",
    unfit: (/** @type {string[]} */ tokens) =>
      `The text does not fit the model in memory, which has no token for ${listed(tokens)}. Give a text that it knows.`,
    meanwhile: "While training",
    keepScreenOn: "Keep the screen on",
    notifyMe: "Notify me at the end",
    notifyHelp: "When a run ends while this tab is out of sight.",
    notAllowed: "The browser does not let this page notify you. Its settings for this site can allow it.",
    notify: {
      finished: "Training is done",
      stopped: "Training stopped",
      crashed: "The worker stopped",
      at: (/** @type {number} */ step, /** @type {number | null} */ validation) =>
        `Step ${whole(step)}${validation === null ? "" : `, validation loss ${loss(validation)} nats`}.`,
    },
  },

  model: {
    title: "Model",
    preset: "Preset",
    custom: "Custom",
    waiting: "The settings come from the worker, which has not started.",
    customHelp: "Settings of your own. Choose a preset to go back to one.",
    parameters: "Parameters",
    memory: "Memory",
    perStep: "Tokens a step",
    shares: (/** @type {string} */ own, /** @type {number} */ helpers, /** @type {string} */ each) =>
      `Memory: ${own} in the worker, ${each} in ${helpers === 1 ? "its helper" : `each of its ${whole(helpers)} helpers`}.`,
    noText: "The cost depends on the text's vocabulary; until there is a text, one of printable ASCII stands for it.",
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
    flops: (/** @type {string} */ number) => `${number}FLOP/s`,
    done: "done",
    building: "building …",
    preparing: "preparing …",
    counts: "This recipe counts and trains nothing: its table is there as soon as the text is.",
    sampleCounts: "Sample from counts",
    restoreBest: "Restore best",
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
    stoppedEarly: (/** @type {number} */ step, /** @type {number} */ patience, /** @type {Best} */ best) =>
      `Stopped early at step ${whole(step)}: ${whole(patience)} validations in a row were no better than ${loss(best.loss)} nats at step ${whole(best.step)}. Train goes on all the same.`,
    bestRestored: (/** @type {Best} */ best) => `The best checkpoint is back: step ${whole(best.step)}, ${loss(best.loss)} nats.`,
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
    counts: "There is no loss to draw: this recipe trains nothing.",
    building: "Building the model …",
    begun: "The first steps are under way …",
    empty: "The loss is drawn here, a point a step: how surprised the model is by the next token.",
    legend: {
      training: "Training",
      smoothed: "smoothed",
      validation: "Validation",
      best: "Best",
      uniform: "ln(vocabulary)",
      unigram: "Unigram",
      bigram: "Bigram",
      exact: "Exact answers",
    },
    lines: { uniform: "ln V", unigram: "unigram", bigram: "bigram" },
    help: "Cross-entropy in nats. ln(vocabulary) is the loss of knowing nothing; unigram and bigram are those of counting how often each token stands in the text, and behind which other.",
    figures: {
      perplexity: "Perplexity",
      bits: "Bits/character",
      tokens: "Tokens seen",
      epochs: "Epochs",
    },
    strips: { rate: "Learning rate", norm: "Gradient norm" },
    stripsHelp: "Over the same steps as the loss. The gradient norm is that of all gradients together, before clipping.",
    restoreHelp: "Puts the weights of the lowest validation loss back, and cuts the curves behind them.",
    noBest: "The best checkpoint is kept at the first validation.",
    logSteps: "Log steps",
    logStepsHelp: "A logarithmic axis for the steps. Before step 1 it is linear, so that step 0 has its place.",
    logLoss: "Log loss",
    logLossHelp: "A logarithmic axis for the loss.",
    all: "Show all",
    allHelp: "Shows all steps again, as does a double click, or 0 while the plot has the focus.",
    zoomed: (/** @type {number} */ from, /** @type {number} */ to) => `Steps ${whole(from)}–${whole(to)}`,
    at: (/** @type {number} */ step) => `at ${whole(step)}`,
    keys: "Arrow keys walk the steps, plus and minus zoom in and out, 0 shows all.",
    axes: (
      /** @type {[number, number]} */ [from, to],
      /** @type {[number, number]} */ [low, high],
      /** @type {boolean} */ logSteps,
      /** @type {boolean} */ logLoss,
    ) =>
      `Shown: steps ${whole(from)} to ${whole(to)}${logSteps ? ", logarithmic" : ""}; losses ${loss(low)} to ${loss(high)} nats${logLoss ? ", logarithmic" : ""}.`,
    run: (/** @type {number | null} */ training, /** @type {number | null} */ validation) =>
      `${training === null ? "–" : loss(training)} / ${validation === null ? "–" : loss(validation)}`,
    runHelp: "Smoothed training loss / validation loss",
    alternative: (
      /** @type {number} */ step,
      /** @type {[string, number | null | undefined][]} */ losses,
      /** @type {number | null} */ exact,
      /** @type {number | null} */ rate,
      /** @type {number | null} */ norm,
      /** @type {[string, number | null, number | null][]} */ runs,
    ) =>
      [
        `Loss in nats at step ${whole(step)}`,
        ...losses.filter(([, value]) => value != null).map(([name, value]) => `${name} ${loss(value ?? 0)}`),
        ...(exact === null ? [] : [`exact answers ${percent(exact)}`]),
        ...(rate === null ? [] : [`learning rate ${significant(rate)}`]),
        ...(norm === null ? [] : [`gradient norm ${significant(norm)}`]),
        ...runs.map(([name, training, validation]) =>
          [`${name}:`, training === null ? "" : `training ${loss(training)}`, validation === null ? "" : `validation ${loss(validation)}`].filter(Boolean).join(" "),
        ),
      ].join(", "),
    spoken: {
      training: "training",
      validation: "validation",
      uniform: "knowing nothing",
      unigram: "unigram",
      bigram: "bigram",
    },
    atStep: (/** @type {number} */ step) => `step ${whole(step)}`,
  },

  runs: {
    title: "Runs",
    count: (/** @type {number} */ runs, /** @type {number} */ shown) =>
      `${whole(runs)}${shown > 0 ? ` · ${whole(shown)} laid over the plot` : ""}`,
    none: "Each training run is listed here. When a fresh model takes the place of a trained one, its run stays, to be laid over the next.",
    columns: {
      name: "Run",
      step: "Steps",
      parameters: "Parameters",
      validation: "Best validation (nats)",
      training: "Training (nats)",
      show: "Show",
      remove: "Remove",
    },
    nameLabel: (/** @type {number} */ id) => `Name of run ${id}`,
    showLabel: (/** @type {string} */ name) => `Show ${name}`,
    removeLabel: (/** @type {string} */ name) => `Remove ${name}`,
    current: "in memory",
    begun: (/** @type {string} */ time, /** @type {string} */ text) => `Begun ${time}, ${text}`,
    bestAt: (/** @type {number} */ step) => `at ${whole(step)}`,
    remove: "Remove",
    removed: (/** @type {string} */ name) => `“${name}” was removed.`,
    undo: "Undo",
    dropped: (/** @type {number} */ dropped, /** @type {number} */ most) =>
      `At most ${whole(most)} runs are kept: ${dropped === 1 ? "the oldest one has gone" : `the ${whole(dropped)} oldest ones have gone`}.`,
    save: "Save runs as CSV",
    saveHelp: "The curves of all shown runs and of the one in memory, a row a step.",
    setting: (/** @type {string} */ label, /** @type {string} */ value) => `${label} ${value}`,
    name: (
      /** @type {{ base: string, trial: string | null, file: string | null, text: string | null, fineTuned: boolean, settings: string[], again: number }} */
      { base, trial, file, text, fineTuned, settings, again },
    ) =>
      [
        ...(trial === null ? [] : [trial]),
        file === null ? base : directed(file),
        ...(settings.length > 0 ? [settings.length > 3 ? `${settings.slice(0, 3).join(", ")} …` : settings.join(", ")] : []),
        ...(fineTuned ? ["fine-tuned"] : []),
        ...(text === null || file !== null ? [] : [text]),
        ...(again > 0 ? [`no. ${whole(again + 1)}`] : []),
      ].join(" · "),
    differences: "What differs",
    noDifferences: "The runs that are shown have the same settings.",
    one: "Show a run beside the one in memory: what differs between them is listed here.",
    columnSetting: "Setting",
    groups: { tokenizer: "Tokens", data: "Data", model: "Model", training: "Training", sampling: "Sampling", outcome: "Outcome" },
    text: "Text",
    characters: "Text (characters)",
    parameters: "Parameters",
    validation: "Best validation (nats)",
  },

  throughTime: {
    title: "Samples through time",
    none: "Every so many steps the model continues the prompt; what it writes gathers here, a row each.",
    off: "Sample every is 0: no samples are taken during training.",
    step: (/** @type {number} */ step) => `step ${whole(step)}`,
  },

  sample: {
    title: "Samples",
    source: "From",
    sources: { model: "The model", counts: "The counts" },
    sample: "Sample",
    stop: "Stop",
    output: "Sampled text",
    noModel: "Text that the model writes appears here. There is no model yet: press Train first.",
    noText: "Text drawn from the counts appears here. There is no text to count yet.",
    ready: "Press Sample: the model continues the prompt, while training goes on if it does.",
    readyCounts: "Press Sample: each token is drawn in proportion to how often it followed the one before.",
    preparing: "The text is becoming tokens; sampling waits for that.",
    walk: "Point at a token, or walk with the arrow keys: what else could have been drawn is shown here.",
    drawn: (/** @type {string} */ token, /** @type {number} */ probability) => `${quoted(token)} was drawn with ${percent(probability)}`,
    candidates: "Likeliest tokens",
    candidate: (/** @type {string} */ token, /** @type {number} */ probability) => `${quoted(token)} ${percent(probability)}`,
  },

  transitions: {
    title: "Transitions",
    follows: "What follows",
    placeholder: "Any text; empty: the commonest pairs",
    none: "How often each token follows another is counted here as soon as there is a text.",
    after: (/** @type {number} */ total, /** @type {number} */ different) =>
      total === 0 ? "Nothing ever follows it in the training text." : `Something follows ${times(total)}, ${whole(different)} different ${different === 1 ? "token" : "tokens"}.`,
    all: (/** @type {number} */ total, /** @type {number} */ different) =>
      `${whole(total)} pairs of neighbours, ${whole(different)} different ones. The commonest:`,
    columns: { previous: "Token", next: "Next", count: "Count", share: "Share" },
    entropy: "Entropy",
    conditional: "Conditional",
    conditionalHelp: "Entropy of the next token given the one before, in nats: no model of pairs has a lower training loss.",
    pairs: "Different pairs",
    baselines: (/** @type {number | null | undefined} */ unigram, /** @type {number | null | undefined} */ bigram, /** @type {number} */ k) =>
      unigram == null && bigram == null
        ? `No finite loss on the held-out text with add-k ${significant(k)}.`
        : `On the held-out text: unigram ${nats(unigram)}, bigram ${nats(bigram)}, with add-k ${significant(k)}.`,
  },

  sentence: {
    label: "Sentence",
    help: "What attention, next token and lens look at. It is the prompt of the samples: typed here or there, it is the same.",
  },

  lookBack: {
    label: "Step",
    now: "Now",
    step: (/** @type {number} */ step) => `step ${whole(step)}`,
    nowAt: (/** @type {number} */ step) => `now, step ${whole(step)}`,
    back: (/** @type {number} */ step) => `Now, step ${whole(step)}. Drag to look back.`,
    past: (/** @type {number} */ at, /** @type {number} */ now) => `Looking back: step ${whole(at)} of ${whole(now)}.`,
    none: "Earlier steps to look back at gather here.",
    notYet: "Steps to look back at gather as it trains.",
    tooLarge: "Only now: the model is too large to keep earlier steps.",
  },

  attention: {
    title: "Attention",
    layer: "Layer",
    head: "Head",
    noModel: "A map of where each token of the sentence looks appears here. There is no model yet: press Train first.",
    counts: "There is no attention to look at: this recipe counts, and looks at one token only.",
    noLayers: "This model has no attention to look at: it has no layers, or layers without it.",
    noPrompt: "Type a sentence above: the map shows where each of its tokens looks.",
    caption: (/** @type {number} */ step) => `at step ${whole(step)}`,
    rows: "Row: the token that looks. Column: the token looked at.",
    walk: "Point at a token or a cell, or walk with the arrow keys; a click or Enter holds a token.",
    tokens: "Tokens of the sentence",
    token: (/** @type {string} */ token, /** @type {number} */ place) => `${quoted(token)} at ${place + 1}`,
    way: "Shade",
    ways: { out: "what a token looks at", in: "what looks at a token" },
    looksMost: (/** @type {string} */ query, /** @type {number} */ place, /** @type {Weighed[]} */ strongest) =>
      `${quoted(query)} at ${place + 1} looks most at ${weighed(strongest)}`,
    isLookedAtMost: (/** @type {string} */ key, /** @type {number} */ place, /** @type {Weighed[]} */ strongest) =>
      `${quoted(key)} at ${place + 1} is looked at most by ${weighed(strongest)}`,
    copyAs: "Copy as",
    copy: { picture: "PNG", numbers: "JSON" },
    copied: "Copied",
    savedPicture: "The clipboard takes no picture here: saved as a file.",
    savedNumbers: "The clipboard is closed here: saved as a file.",
    notTaken: "No picture came about: try a shorter sentence, or copy as JSON.",
    pictured: (/** @type {number} */ layer, /** @type {number} */ head, /** @type {number} */ step) =>
      `Attention, layer ${layer}, head ${head}, step ${whole(step)}`,
    cell: (/** @type {string} */ query, /** @type {number} */ row, /** @type {string} */ key, /** @type {number} */ column, /** @type {number} */ value) =>
      `${quoted(query)} at ${row + 1} looks at ${quoted(key)} at ${column + 1}: ${weight(value)}`,
    alternative: (/** @type {number} */ layer, /** @type {number} */ head, /** @type {number} */ step, /** @type {string[]} */ tokens, /** @type {string} */ last) =>
      `Attention of layer ${layer}, head ${head} at step ${whole(step)}, over ${tokens.length} tokens: ${tokens.map(visible).join(" ")}. ${last}`,
    strongest: (/** @type {string} */ query, /** @type {string} */ key, /** @type {number} */ column, /** @type {number} */ value) =>
      `The last token, ${quoted(query)}, looks most at ${quoted(key)} at ${column + 1}: ${weight(value)}.`,
    scale: "weight",
    grid: "Heads: a row for each layer",
    entropy: (/** @type {number} */ value) => `Entropy ${significant(value)} nats`,
    entropyHelp: "How widely its tokens look, on average: 0 at one token only, the logarithm of the tokens' number at all alike.",
    patterns: { previous: "previous token", first: "first token", induction: "induction" },
    pattern: (/** @type {string} */ name, /** @type {number} */ value) => `${name} ${weight(value)}`,
    thumbnail: (/** @type {number} */ layer, /** @type {number} */ head, /** @type {string} */ character) =>
      `Layer ${layer}, head ${head}. ${character}`,
  },

  nextToken: {
    title: "Next token",
    noModel: "What the model thinks comes after the sentence appears here. There is no model yet: press Train first.",
    greedy: "Temperature 0 always takes the first; the shares are those at temperature 1.",
    cut: "Faint: cut away by top-k or top-p, with the share before the cut.",
  },

  inside: {
    title: "Inside",
    noModel: "Each layer's guess, what a head is worth, the spread of weights and a map of embeddings appear here. There is no model yet: press Train first.",
    lens: {
      title: "Logit lens",
      help: "The likeliest next token after each of the sentence's last tokens, if the model ended at that layer. The stronger its colour, the surer the guess.",
      after: "Layer",
      layer: (/** @type {number} */ layer) => (layer === 0 ? "Embedding" : `Block ${layer}`),
      walk: "Point at a cell, or walk with the arrow keys.",
      cell: (/** @type {number} */ layer, /** @type {string} */ token, /** @type {string} */ guess, /** @type {number} */ probability) =>
        `${layer === 0 ? "Before the first block" : `After block ${layer}`}, ${quoted(token)} is followed by ${quoted(guess)}: ${percent(probability)}`,
    },
    off: {
      title: "Switch off",
      help: "A head or a layer that is switched off adds nothing to what flows through the model. The loss says what it was worth.",
      pieces: {
        layer: "Layer",
        head: (/** @type {number} */ head) => `Head ${head}`,
        attention: "Attention",
        mlp: "Feed-forward",
      },
      head: (/** @type {number} */ layer, /** @type {number} */ head) => `Switch off head ${head} of layer ${layer}`,
      attention: (/** @type {number} */ layer) => `Switch off attention of layer ${layer}`,
      mlp: (/** @type {number} */ layer) => `Switch off feed-forward of layer ${layer}`,
      restore: "Switch all on",
      choose: "Tick what is to be switched off.",
      noText: "The loss takes a text that the model knows: paste one, or choose a built-in one.",
      measuring: "Measuring …",
      over: (/** @type {number} */ tokens, /** @type {boolean} */ heldOut, /** @type {number} */ step) =>
        `Over ${whole(tokens)} ${heldOut ? "held-out" : "training"} tokens at step ${whole(step)}.`,
      whole: "Loss, whole",
      without: "Loss without",
      difference: "Difference",
      compared: "The next token with and without the pieces",
      columns: { token: "Next token", whole: "Whole", without: "Without" },
    },
    tensors: {
      title: "Weights and gradients",
      help: "How the numbers of each tensor are spread, with mean ± standard deviation. Gradients are those of the last step, before clipping.",
      columns: { tensor: "Tensor", weights: "Weights", gradients: "Gradients" },
      shape: (/** @type {number[]} */ shape) => shape.map(whole).join(" × "),
      spread: (/** @type {number} */ mean, /** @type {number} */ deviation) => `${significant(mean)} ± ${significant(deviation)}`,
      range: (/** @type {number} */ low, /** @type {number} */ high) => `From ${significant(low)} to ${significant(high)}`,
      notFinite: (/** @type {number} */ count) => `${whole(count)} not finite`,
    },
    embeddings: {
      title: "Embeddings",
      help: "The commonest tokens, laid flat along the two directions in which their embeddings differ most. Click a token, or press Enter on it, for its nearest.",
      walk: "Point at a token, or walk with the arrow keys.",
      token: (/** @type {string} */ text, /** @type {number} */ id) => `${quoted(text)}, id ${whole(id)}`,
      axes: (/** @type {[number, number]} */ [across, up], /** @type {number} */ step) =>
        `Across ${percent(across)} of the variance, up ${percent(up)}, at step ${whole(step)}`,
      alternative: (/** @type {number} */ step, /** @type {number} */ tokens, /** @type {[number, number]} */ [across, up]) =>
        `Embeddings of ${whole(tokens)} tokens at step ${whole(step)} in the plane, which holds ${percent(across + up)} of their variance.`,
      nearest: (/** @type {string} */ token) => `Nearest to ${quoted(token)}, by cosine`,
      nearestList: "Nearest tokens",
    },
  },

  glossary,
  problems,

  advice: {
    title: "What may help",
    untrained: (/** @type {number} */ seed) => `The model has trained for 0 steps: it writes what the random weights of seed ${seed} make of the prompt. Press Train.`,
    diverged: (/** @type {number} */ now, /** @type {number} */ uniform, /** @type {number} */ rate, /** @type {number} */ norm) =>
      `The training loss is ${loss(now)} nats, above the ${loss(uniform)} of knowing nothing, with a gradient norm of ${significant(norm)}. Start afresh with a learning rate below ${significant(rate)}.`,
    unknown: (/** @type {number} */ unknown, /** @type {number} */ tokens) =>
      `${whole(unknown)} of the prompt's ${whole(tokens)} tokens ${unknown === 1 ? "is" : "are"} unknown to the model (<unk>). Use words of the training text.`,
    rising: (/** @type {number} */ now, /** @type {Best} */ best, /** @type {number} */ training) =>
      `Validation is ${loss(now)} nats, ${loss(now - best.loss)} above its best at step ${whole(best.step)}, while training has fallen to ${loss(training)}. Restore the best checkpoint.`,
    hot: (/** @type {number} */ temperature) =>
      `The temperature is ${significant(temperature)}: unlikely tokens are drawn far more often than the model expects. 0.8 is usual.`,
    repeats: (/** @type {number} */ length, /** @type {number} */ times_, /** @type {number} */ temperature) =>
      `The sample's last ${whole(length)} characters stand in it ${whole(times_)} times: at temperature ${significant(temperature)} the likeliest token nearly always wins. Raise it towards 0.8.`,
    aboveUnigram: (/** @type {number} */ now, /** @type {number} */ unigram, /** @type {number} */ step) =>
      `The loss is ${loss(now)} nats at step ${whole(step)}, counting single tokens reaches ${loss(unigram)}: the model does not yet know which tokens are common.`,
    aboveBigram: (/** @type {number} */ now, /** @type {number} */ bigram, /** @type {number} */ step) =>
      `The loss is ${loss(now)} nats at step ${whole(step)}, counting pairs reaches ${loss(bigram)}: the model does not yet beat counting pairs.`,
    goOn: (/** @type {number} */ left) => `Train on: ${whole(left)} ${left === 1 ? "step is" : "steps are"} left.`,
    longer: (/** @type {number} */ steps) => `All ${whole(steps)} steps are done: a longer run takes a larger number of Steps.`,
    stuck: (/** @type {number} */ steps, /** @type {number} */ now, /** @type {number} */ rate) =>
      `The training loss has not fallen for ${whole(steps)} steps (${loss(now)} nats). Try another learning rate; it is ${significant(rate)} now.`,
    gap: (/** @type {number} */ validation, /** @type {number} */ training) =>
      `Validation is ${loss(validation)} nats, training ${loss(training)}: part of the text is learned by heart. More text, a smaller model or dropout helps.`,
    smallText: (/** @type {number} */ count, /** @type {number} */ tokens) =>
      `The model has ${parameters(count)} parameters for ${whole(tokens)} training tokens, enough to learn them by heart. More text or a smaller model helps.`,
    longPrompt: (/** @type {number} */ tokens, /** @type {number} */ context) =>
      `The prompt has ${whole(tokens)} tokens and the context ${whole(context)}: the model sees only its last ${whole(context)}.`,
    lossy: (/** @type {number} */ unknown, /** @type {number} */ tokens) =>
      unknown > 0
        ? `${whole(unknown)} of the text's ${whole(tokens)} tokens became <unk>, which the model learns to write too. A larger vocabulary or sub-words help.`
        : `The tokens lose how many blanks and line ends there were, over all ${whole(tokens)} of them: the model cannot write any.`,
  },

  link: {
    copy: "Copy link",
    copyHelp: "A link to the settings, the recipe and the built-in text. Your own text, the prompt and the model's weights are not in it: those leave as files.",
    copied: "Link copied: it holds settings; weights do not fit into an address.",
    refused: "The browser did not let the link be copied; it stands here to be copied by hand.",
    label: "Link",
    dismiss: "Dismiss",
    opened: (/** @type {number} */ problems) =>
      problems === 1 ? "One part of the link could not be used; the rest is open." : `${whole(problems)} parts of the link could not be used; the rest is open.`,
    more: (/** @type {number} */ count) => `And ${whole(count)} more.`,
    ownText: (/** @type {string} */ label) => `Your own text stays in the box. The link was made with “${label}”.`,
    useText: "Use the link's text",
  },

  files: {
    title: "Files",
    export: "Export",
    import: "Import",
    noModel: "Export saves the trained model as a file. Import brings one back: press it, or drop the file or a folder here.",
    folder: "Folder",
    format: "Format",
    formats: { safetensors: "safetensors", transformers: "transformers zip", gguf: "GGUF", page: "web page" },
    sized: (/** @type {string} */ format, /** @type {number | null} */ size) => `${format} · ${size === null ? "not possible" : bytes(size)}`,
    opensIn: {
      safetensors: "Opens here again, and in whatever reads safetensors.",
      transformers: (/** @type {string | null} */ known, /** @type {string} */ reason) =>
        known
          ? `Opens in Hugging Face transformers as ${known}, and here.`
          : reason
            ? `Holds model.py, a PyTorch module for this model; opens here too. ${reason}`
            : "Opens in Hugging Face transformers where it has a class for the model, and here.",
      gguf: "Opens in llama.cpp and what is built on it; not here.",
      page: "One file that opens in any browser by a double click, offline: it samples and shows probabilities and attention. This is what to send; a link holds settings, never weights.",
    },
    send: "To send it, export a web page: no link holds weights.",
    page: {
      writing: (/** @type {number} */ done, /** @type {number} */ of) => `Writing the web page: ${bytes(done)} of ${bytes(of)} …`,
      progress: "Writing the web page",
    },
    share: "Share",
    model: (/** @type {number} */ count, /** @type {number} */ step) => `${parameters(count)} parameters at step ${whole(step)}`,
    from: (/** @type {string} */ name) => `from ${directed(name)}`,
    exporting: (/** @type {string} */ format, /** @type {number | null} */ size) => `Exporting as ${format}${size === null ? "" : ` (${bytes(size)})`}: reading the weights …`,
    importing: (/** @type {string} */ name) => `Importing ${directed(name)} …`,
    exported: {
      saved: (/** @type {string} */ name, /** @type {number} */ size) => `Saved ${name} (${bytes(size)})`,
      shared: (/** @type {string} */ name, /** @type {number} */ size) => `Shared ${name} (${bytes(size)})`,
      ready: (/** @type {string} */ name, /** @type {number} */ size) => `${name} (${bytes(size)}) is ready: press Share again`,
    },
  },

  sessions: {
    title: "Saved sessions",
    count: (/** @type {number} */ count) => (count === 0 ? "Saved sessions" : `Saved sessions (${whole(count)})`),
    name: (/** @type {{ name: string, summary: { text: string } }} */ { name, summary }) => directed(name || summary.text || "Your own text"),
    none: "This browser gives the page no private file system to write to (OPFS), so that no session is saved: export a model to keep it.",
    offered: (/** @type {string} */ name, /** @type {{ step: number, loss: number | null }} */ { step, loss: nats }, /** @type {number | null} */ age) =>
      `A session is saved in this browser: ${name}, step ${whole(step)}${nats === null ? "" : `, validation loss ${loss(nats)} nats`}${age === null ? "" : age < 5 ? ", saved just now" : `, saved ${duration(age)} ago`}.`,
    goOn: "Go on",
    notNow: "Not now",
    newName: "Name for a copy",
    nameLabel: "Name of the session",
    saveAs: "Save as",
    remove: "Delete",
    askRemove: (/** @type {string} */ name) => `The saved session ${name} goes for good. Delete it?`,
    about: (/** @type {Date} */ saved, /** @type {{ step: number, loss: number | null }} */ { step, loss: nats }, /** @type {number} */ size) =>
      `${new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" }).format(saved)} · step ${whole(step)}${nats === null ? "" : ` · ${loss(nats)} nats`} · ${bytes(size)}`,
    byItself: (/** @type {number} */ every) =>
      `Saved by itself every ${duration(every)} of training, when that pauses and when the tab is hidden; the last three runs stay.`,
    saving: "Saving …",
    elsewhere: "Another tab of this page saves by itself; this one does not until that is closed.",
    taken: "Another tab of this page has this session: go on there, or close that tab.",
    storage: (/** @type {number} */ used, /** @type {number} */ left) => `Storage: ${bytes(used)} used, ${bytes(left)} left.`,
  },

  footer: {
    starting: "Starting …",
    adapter: (/** @type {string} */ name, /** @type {string} */ backend) =>
      backend && backend.toLowerCase() !== name.toLowerCase() ? `${name} · ${backend}` : name,
    software: "Software adapter: correct, and many times slower than a GPU.",
    cpu: "No GPU is in use: all of it works, and takes longer.",
    computeOn: "Compute on",
    executors: { cpu: "CPU", gpu: "GPU" },
    moves: { cpu: "Goes on computing on the CPU, with the model as it is", gpu: "Goes on computing on the GPU, with the model as it is" },
    moving: { cpu: "Moving to the CPU …", gpu: "Moving to the GPU …" },
    noWebGpu: "This browser offers no WebGPU here",
    version: (/** @type {string} */ version, /** @type {string | null} */ day) => (day === null ? `version ${version}` : `version ${version}, built ${day}`),
    keys: "Keys",
    newer: "A newer version of this page is here.",
    reload: "Reload",
    askReload: "Reloading takes the model in memory away, and it has not been exported. Reload all the same?",
  },

  workers: {
    label: "Workers",
    of: (/** @type {number} */ most) => `of ${whole(most)}`,
    help: "How many compute, each a share of every step; the numbers do not depend on how many.",
    lacks: {
      nested_workers: "This browser makes no workers inside workers, so one computes.",
      failing: "Helpers failed three times in a row, so one computes.",
    },
    lost: (/** @type {number} */ step, /** @type {boolean} */ silent, /** @type {string} */ message, /** @type {boolean} */ replaced) =>
      `A helper ${silent ? "gave no answer" : "stopped"} at step ${whole(step)}${message ? ` (the browser says: ${message})` : ""}. Its share was computed again${replaced ? " and it is replaced" : ""}: nothing is lost.`,
    keepToOne: "Keep to one",
  },

  appearance: {
    scheme: (/** @type {string} */ chosen) => `Scheme: ${chosen}`,
    schemes: { system: "system", light: "light", dark: "dark" },
    language: "Language",
  },

  /** The page of one model, which is a file of its own. */
  modelPage: {
    heading: "A small language model",
    title: (/** @type {string | null} */ text) => (text === null ? "A small language model" : `${text} – a small language model`),
    what: (/** @type {number | null} */ count, /** @type {number | null} */ step, /** @type {string | null} */ text) =>
      `${count === null || step === null ? "" : `${parameters(count)} parameters that learned ${text === null ? "" : `from “${text}” `}for ${whole(step)} steps in a browser tab. `}It continues what you type, in this page and on your own machine: nothing is sent to anybody.`,
    starting: "Starting the model …",
    reading: "Taking the model out of this file …",
    progress: "Taking the model out of this file",
    onGpu: (/** @type {string} */ name) => `Runs on your GPU: ${name}`,
    onSoftware: (/** @type {string} */ name) => `Runs on a software adapter: ${name}`,
    onCpu: "Runs on the CPU",
    noWebGpu: "Runs on the CPU: this browser offers no WebGPU here",
    toCpu: "Use the CPU",
    toGpu: "Use the GPU",
    trained: "How it was trained",
    trainedOn: (/** @type {string | null} */ text, /** @type {string | null} */ date, /** @type {string | null} */ version) =>
      `It learned from ${text === null ? "a text without a name" : `“${text}”`}${version === null ? "" : `, with Fledgling ${version}`}${date === null ? "" : `, exported on ${date}`}.`,
    numbers: {
      parameters: "Parameters",
      vocabulary: "Vocabulary",
      steps: "Steps",
      training: "Training loss",
      validation: "Validation loss",
      characters: "Characters of text",
    },
    curve: (/** @type {number} */ steps, /** @type {[number, number][]} */ training, /** @type {[number, number][]} */ validation) =>
      `Loss in nats over ${whole(steps)} steps: training from ${loss(training[0][1])} to ${loss(training[training.length - 1][1])}${validation.length > 1 ? `, validation from ${loss(validation[0][1])} to ${loss(validation[validation.length - 1][1])}` : ""}.`,
    steps: (/** @type {number} */ steps) => `nats, to step ${whole(steps)}`,
    settings: "All settings",
    save: "Save the model",
    saveHelp: "As a .safetensors file, for PyTorch or to go on: in Fledgling press Import, choose it, and train it further.",
    madeWith: "Made with Fledgling: train one of your own",
    footer: "This page is one file. It works without a network, and asks nothing of anybody.",
    /** What the panels say in place of their own words. */
    instead: {
      sample: { noModel: "Text that the model writes appears here.", ready: "Press Sample: the model continues the prompt." },
      attention: { noModel: "A map of where each token of the sentence looks appears here." },
      nextToken: { noModel: "What the model thinks comes after the sentence appears here." },
    },
  },

  /** Another language's words for what the core offers, laid over the core's own by key; English is the core's own. */
  core: {
    fields: /** @type {Record<string, { label?: string, unit?: string, help?: string, formula?: string, options?: Record<string, string>, formulas?: Record<string, string> }>} by "group.key"; options and their formulas by value */ ({}),
    presets: /** @type {Record<string, { label?: string, help?: string }>} */ ({}),
    texts: /** @type {Record<string, { label?: string, help?: string }>} */ ({}),
    recipes: /** @type {Record<string, { label?: string, help?: string, notes?: string[], pieces?: Record<string, string> }>} pieces by key */ ({}),
  },

  keys: {
    title: "Keys",
    close: "Close",
    list: /** @type {[string, string][]} */ ([
      ["Space", "Train or pause, outside text fields"],
      ["Tab", "To the next control"],
      ["Arrow keys", "Walk the plot, maps, heads and tokens"],
      ["+ − 0", "On the plot: zoom in, zoom out, show all"],
      ["Enter", "On a token or cell of attention: hold it"],
      ["Ctrl Enter", "In the prompt: sample"],
      ["Escape", "Close what is open, let go of what is held"],
      ["g", "The glossary"],
      ["?", "This list; in a setting (F1 in the prompt): what it is, with links"],
    ]),
  },
};

/** @typedef {{ token: string, i: number, value: number }} Weighed a token at its place, with a weight */

/** @param {Weighed[]} tokens */
const weighed = (tokens) => tokens.map(({ token, i, value }) => `${quoted(token)} at ${i + 1} (${weight(value)})`).join(", ");

/** The first three of several, and how many more there are. @param {string[]} items */
function few(items) {
  const [shown, more] = [items.slice(0, 3).join(", "), items.length - 3];
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** @param {number} n */
const times = (n) => (n === 1 ? "once" : `${whole(n)} times`);

/** @param {number | null | undefined} value */
const nats = (value) => (value == null ? "infinite" : `${loss(value)} nats`);
