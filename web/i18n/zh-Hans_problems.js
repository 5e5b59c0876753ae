// @ts-check
// Every problem in simplified Chinese: what happened by its code, and what to do by the advice that problems.js has for the code.

import { device, model, session, settings, text } from "./zh-Hans_problems_core.js";
import { exports, files, tokenizers } from "./zh-Hans_problems_files.js";
import { page } from "./zh-Hans_problems_page.js";

/** @type {typeof import("./en_problems.js").problems} */
export const problems = {
  messages: { ...settings, ...text, ...device, ...model, ...session, ...tokenizers, ...files, ...exports, ...page },

  advice: {
    change_setting: "请更改该设置；文本和内存中的模型没有变动。",
    drop_tokenizer: "请拖入 tokenizer.json，或 vocab.json 加 merges.txt，也可改选其他词元。",
    open_tokenizer: "请打开或拖入 tokenizer.json，或 vocab.json 加 merges.txt，也可改选其他词元。",
    correct: "请改正，或选择一个预设。",
    correct_for_sample: "请改正后再按“采样”。",
    sample_again: "请改正该设置，再重新采样。",

    longer_text: "请提供更长的文本，或选择更短的上下文。",
    shorter_stride: "请选择更小的步幅，或提供更长的文本。",
    smaller_batch: "请选择更小的批或步幅，或提供更长的文本。",
    hold_out_more: "请提高留出比例，或提供文档或行更多的文本。",
    batch_of_one: "请将批大小设为 1，或选择其他窗口。",
    some_pages: "请粘贴文本或拖入文件；几页散文就足以开始。",
    paste_first: "请先粘贴文本或拖入文件。",
    paste_here: "请在框中粘贴文本，或将文件拖到这里。",
    know_every_text: "请选择认识它们的分词器，或能表示任何文本的字节或子词词元。",
    plain_text: "请选择以 UTF-8 保存的纯文本文件。",
    choose_again: "请重新选择该文件，或另选一个。",
    not_ascii_only: "文本使用其他文字时，请关闭“仅 ASCII”。",
    choose_among: ({ known }) => `请从 ${known.join("、")} 中选择。`,
    text_it_knows: "请重置，以这份文本的词表建立新模型；或提供模型认识的文本。",
    model_of_its_own: "它们将读作 <unk>。专为这份文本另建的模型会认识它们。",
    goes_on_with_these: "训练将用这些子词继续；文本更长，子词会更多。",
    not_marked: "请关闭“标记文档”，或选择另一个分词器。",

    give_address: "请给出以 https:// 开头、指向纯文本的地址。",
    try_https: "请把同一地址换成 https:// 再试，或先保存文本，再将文件拖到这里。",
    check_address: "请检查地址是否正确、电脑是否联网。框中的文本没有改变。",
    check_password: "请检查地址是否正确、是否无需密码。框中的文本没有改变。",
    save_from_tab: "请在新标签页中打开该地址，保存文本，再将文件拖到这里。",
    shorter_text: "请提供较短的文本。框中的文本没有改变。",

    smaller: "请选择更小的模型、批或上下文。",
    smaller_or_larger_gpu: "请选择更小的模型、批或上下文，或换用 GPU 更大的电脑上的浏览器。",
    close_tabs: "请关闭其他使用 GPU 的标签页，或选择更小的模型或批。",
    restart_below: "请在下面重新启动：文本会保留，未导出的权重已经丢失。",
    turn_on_gpu: "请在浏览器设置中开启硬件加速，更新显卡驱动，或换一个浏览器。",
    stays_here: "模型留在原处。请在浏览器设置中开启硬件加速、更新显卡驱动，或换用其他浏览器。",
    report_with_names: "这是我们的错误：请报告此问题，并注明浏览器和 GPU 的名称。",
    restart: "内存中的模型已经丢失；文本和设置仍在。",
    restart_from_file: "请重新启动：模型就在本文件中。",
    another_browser:
      "请更新浏览器，或换用其他浏览器：Chrome 和 Edge 自 91 版、Firefox 自 114 版、Safari 自 16.4 版起具备所需的一切，除非被 Apple 的锁定模式之类的保护功能关闭。",
    one_is_slower: "结果相同，但每一步更慢。请重新加载页面再试，或以后都只用一个线程。",

    train_smaller: "模型保留不变，仍可采样和查看内部。请用更小的批微调它，或选择更小的模型来训练。",
    lower_rate: "请降低学习率或设置梯度裁剪，再从头开始；也可以先导出这个模型。",
    change_a_part: "这种组合无法训练：请更改其中一项。这是我们的错误：请报告此问题。",
    report: "这是我们的错误：请报告此问题。",
    broken_weights: "权重已损坏：请重置，或导入较早的文件。",
    attention_layer: "请选择至少一个带注意力的层，然后重置。",
    another_head: "请选择另一个层或头。",
    choose_token: "请选择词表中的词元。",
    leave_out_of_prompt: "请从提示词中去掉这些字符：模型从未见过它们。",
    look_up_in_text: "请查找文本中有的内容。",
    press_train: "按“训练”从文本建立一个模型，或导入文件。",
    pause_first: "请先暂停训练和采样。",
    more_steps: "请增加步数后重置，或按“单步”逐步训练。",
    first_validation: "请训练到画出第一个验证损失。",
    restore_best: "请在此停止并恢复最佳检查点；或换用更长的文本、更小的模型或更大的 dropout 从头开始。",
    look_at_kept: ({ kept }) =>
      kept.length === 0
        ? "这个模型没有保存检查点：请看当前的权重。"
        : kept.length === 1
          ? `只保存了第 ${kept[0]} 步的：请看那一步。`
          : `保存了 ${kept.length} 个检查点，从第 ${kept[0]} 步到第 ${kept[kept.length - 1]} 步：请选择其中一个。`,
    reload: "请重新加载页面：它可能比后台线程的版本旧。",

    untouched: "内存中的模型没有变动。",
    choose_file:
      "内存中的模型没有变动。请选择由 Fledgling 导出的文件，或由 transformers 保存的文件夹：config.json、model.safetensors 和 tokenizer.json。",
    smaller_file: "内存中的模型没有改变。请选择更小的模型，或在 GPU 更大的浏览器中打开它。",
    give_tokenizer: "请提供一个 tokenizer.json，或同时提供 vocab.json 和 merges.txt。仍使用当前的分词器。",
    folder_with_weights: "请选择含有 .safetensors 文件的文件夹。",
    another_format: "请导出为其他格式：任何模型都能存为 safetensors。",
    reload_or_another_format: "请重新加载本页，或以其他格式导出。",
    export_instead: "请改为导出模型。",
    export_and_send: "请改为导出，再发送文件。",
    import_instead: "请改为把它作为模型导入：其中的权重可能完好。",
    export_as_page: "请在 Fledgling 中把模型导出为网页：那个文件里有本页和其中的模型。",
    get_again: "请向发送者重新索取该文件。",
    delete_a_session: "请删除一个已保存的会话，或导出模型。",
    delete_it: "请删除它，或继续另一个会话。",
  },
};
