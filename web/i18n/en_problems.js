// @ts-check
// Every problem in English: what happened by its code, and what to do by the advice that problems.js has for the code.

import { device, model, session, settings, text } from "./en_problems_core.js";
import { exports, files, tokenizers } from "./en_problems_files.js";
import { page } from "./en_problems_page.js";

export const problems = {
  messages: { ...settings, ...text, ...device, ...model, ...session, ...tokenizers, ...files, ...exports, ...page },

  advice: {
    // A setting
    change_setting: "Change that setting; text and model in memory are untouched.",
    drop_tokenizer: "Drop a tokenizer.json, or vocab.json with merges.txt, or choose another kind of tokens.",
    open_tokenizer: "Open or drop a tokenizer.json, or vocab.json with merges.txt, or choose other tokens.",
    correct: "Correct it, or choose a preset.",
    correct_for_sample: "Correct it and press Sample again.",
    sample_again: "Correct that setting and sample again.",

    // The text
    longer_text: "Give a longer text or choose a shorter context.",
    shorter_stride: "Choose a shorter stride, or give a longer text.",
    smaller_batch: "Choose a smaller batch or a shorter stride, or give a longer text.",
    hold_out_more: "Hold out a larger share, or give a text of more documents or lines.",
    batch_of_one: "Set the batch to 1, or choose other windows.",
    some_pages: "Paste some text or drop a file; some pages of prose are enough to begin.",
    paste_first: "Paste some text or drop a file first.",
    paste_here: "Paste one into the box, or drop a file here.",
    know_every_text: "Choose a tokenizer that knows them, or byte or sub-word tokens, which know every text.",
    plain_text: "Choose a plain text file, saved as UTF-8.",
    choose_again: "Choose the file again, or another one.",
    not_ascii_only: "Switch off “ASCII only” for texts in other scripts.",
    choose_among: (/** @type {{ known: string[] }} */ { known }) => `Choose among ${known.join(", ")}.`,
    text_it_knows: "Reset for a fresh model with this text's vocabulary, or give a text that the model knows.",
    model_of_its_own: "They are read as <unk>. A model of its own for this text would know them.",
    goes_on_with_these: "Training goes on with these; a longer text gives more.",
    not_marked: "Switch “Mark documents” off, or choose another tokenizer.",

    // An address
    give_address: "Give one that begins with https:// and leads to a plain text.",
    try_https: "Try the same address with https://, or save the text and drop the file here.",
    check_address: "See that the address is right and this computer is online. The text in the box is unchanged.",
    check_password: "See that the address is right and needs no password. The text in the box is unchanged.",
    save_from_tab: "Open the address in a tab of its own, save the text, and drop the file here.",
    shorter_text: "Give a shorter text. The one in the box is unchanged.",

    // The device
    smaller: "Choose a smaller model, batch or context.",
    smaller_or_larger_gpu: "Choose a smaller model, batch or context, or a browser on a larger GPU.",
    close_tabs: "Close other tabs that use the GPU, or choose a smaller model or batch.",
    restart_below: "Restart below: the text stays. Weights that were not exported are gone.",
    turn_on_gpu: "Turn on hardware acceleration in the browser's settings, update the graphics driver, or try another browser.",
    stays_here:
      "The model stays where it is. Turn on hardware acceleration in the browser's settings, update the graphics driver, or try another browser.",
    report_with_names: "This is a mistake of ours: please report it with your browser's and GPU's names.",
    restart: "The model in memory is gone; the text and the settings are still here.",
    restart_from_file: "Restart it: the model is in this file.",
    another_browser:
      "Update the browser, or use another: Chrome and Edge have all that is needed from version 91 on, Firefox from 114 and Safari from 16.4, unless a protection like Apple's Lockdown Mode takes it away.",
    one_is_slower:
      "The numbers are the same, and each step takes longer. Reload the page to try again, or keep to one worker at later visits too.",

    // The model and its run
    train_smaller: "The model stays and can be sampled and looked into. Fine-tune it with a smaller batch, or choose a smaller model to train.",
    lower_rate: "Lower the learning rate or set a gradient clip, and start afresh; or export this model first.",
    change_a_part: "This combination cannot be trained: change one of its parts. It is a mistake of ours: please report it.",
    report: "This is a mistake of ours: please report it.",
    broken_weights: "The weights are broken: reset, or import an earlier file.",
    attention_layer: "Choose at least one layer with attention and reset.",
    another_head: "Choose another layer or head.",
    choose_token: "Choose a token of the vocabulary.",
    leave_out_of_prompt: "Leave those characters out of the prompt: the model has never seen them.",
    look_up_in_text: "Look up something that the text holds.",
    press_train: "Press Train to make one from the text, or import a file.",
    pause_first: "Pause training and sampling first.",
    more_steps: "Reset with more steps, or press Step for single ones.",
    first_validation: "Train until the first validation loss is drawn.",
    restore_best: "Stop here and restore the best checkpoint; or begin afresh with a longer text, a smaller model or more dropout.",
    look_at_kept: (/** @type {{ kept: number[] }} */ { kept }) =>
      kept.length === 0
        ? "No checkpoints of this model are kept: look at the weights of this moment."
        : kept.length === 1
          ? `Only those of step ${kept[0]} are: look at these.`
          : `${kept.length} checkpoints are, from step ${kept[0]} to ${kept[kept.length - 1]}: choose one of these.`,
    reload: "Reload the page: it may be older than its worker.",

    // A file
    untouched: "The model in memory is untouched.",
    choose_file:
      "The model in memory is untouched. Choose a file that Fledgling exported, or a folder that transformers saved: config.json, model.safetensors and tokenizer.json.",
    smaller_file: "The model in memory is untouched. Choose a smaller model, or open this one in a browser on a larger GPU.",
    give_tokenizer: "Give one tokenizer.json, or vocab.json and merges.txt together. The tokenizer in use stays.",
    folder_with_weights: "Choose one with a .safetensors file in it.",
    another_format: "Export it in another format: safetensors holds every model.",
    reload_or_another_format: "Reload the page, or export in another format.",
    export_instead: "Export the model instead.",
    export_and_send: "Export it instead, and send the file.",
    import_instead: "Import it as a model instead: its weights may be whole.",
    export_as_page: "In Fledgling, export one as a web page: that file has this page and the model in it.",
    get_again: "Get the file again from whoever sent it.",
    delete_a_session: "Delete a saved session, or export the model.",
    delete_it: "Delete it, or go on with another one.",
  },
};
