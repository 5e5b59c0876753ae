// @ts-check
/** @import { Device, Model, Session, Settings, Text } from "./en_problems_core.js" */
// What the core reports of settings, text, device, model and session, in simplified Chinese, by code.

import { core } from "./zh-Hans_core.js";

/** What is no number is sent as null. @param {number | null} n */
const real = (n) => (n === null ? "不是数" : `是 ${n}`);

const splits = { training: "训练部分", validation: "验证部分" };
const watched = { loss: "损失", gradient_norm: "梯度范数", validation_loss: "验证损失" };
const tokenKinds = { characters: "字符", words: "单词" };
const replayFiles = { weights: "权重", batches: "批", result: "结果" };

/** A setting's name. The size of a vocabulary is the text's, and no setting. @param {string} group @param {string} key */
const labelOf = (group, key) => (key === "vocab" ? "词表大小" : (core.fields[`${group}.${key}`]?.label ?? key));

/** @type {Settings} */
export const settings = {
  out_of_range: ({ group, key, value, low, high }) => `“${labelOf(group, key)}”${real(value)}，须在 ${low} 与 ${high} 之间`,
  heads_do_not_divide_width: ({ width, heads }) => `宽度 ${width} 不是头数 ${heads} 的整数倍：每个头须有同样的整数列`,
  kv_heads_do_not_divide_heads: ({ heads, kv_heads }) => `头数 ${heads} 不是键/值头数 ${kv_heads} 的整数倍：每组的查询头数须相同`,
  rotary_needs_even_head: ({ head_dim }) => `旋转位置编码成对地旋转各列，而每个头有 ${head_dim} 列，是奇数`,
  sinusoidal_needs_even_width: ({ width }) => `正弦位置编码交替使用正弦和余弦，而宽度 ${width} 是奇数`,
  too_many_parameters: ({ parameters, limit }) => `这个模型会有 ${parameters} 个参数；最多只能有 ${limit} 个`,
  warmup_longer_than_schedule: ({ warmup_steps, total_steps }) => `预热长达 ${warmup_steps} 步，超过了调度的 ${total_steps} 步`,
  prefixes_need_batch_one: ({ batch }) => `每个前缀单独占一步：批大小是 ${batch}，须为 1`,
  prefixes_need_last_position: "每个前缀只预测它后面的词元：损失须只算最后位置，而不是每个位置",
  top_k_above_vocabulary: ({ top_k, vocab }) => `top-k 保留 ${top_k} 个词元，而词表只有 ${vocab} 个`,
  nothing_to_mark_with: ({ kind }) => `词元是${tokenKinds[kind]}时无法标记文档：只有字节和子词词表才有标记`,
  rates_cross: ({ min_learning_rate, learning_rate }) => `最小学习率 ${min_learning_rate} 高于学习率 ${learning_rate}`,
  vocabulary_out_of_range: ({ vocabulary, low, high }) => `要求的词表有 ${vocabulary} 个词元，须在 ${low} 与 ${high} 之间`,
  no_tokenizer_file: "分词器要由文件给出，但没有提供文件",
  temperature_below_zero: ({ temperature }) => `温度${real(temperature)}，须为 0（贪心）或更高`,
  top_k_above_logits: ({ top_k, vocab }) => `top-k 保留 ${top_k} 个词元，而词表只有 ${vocab} 个`,
  top_p_out_of_range: ({ top_p }) => `top-p ${real(top_p)}，须大于 0 且不超过 1`,
  repetition_penalty_not_positive: ({ repetition_penalty }) => `重复惩罚${real(repetition_penalty)}，须是大于 0 的有限数`,
};

/** @type {Text} */
export const text = {
  too_short: ({ split, tokens, needed }) => `文本的${splits[split]}有 ${tokens} 个词元；一个窗口需要 ${needed} 个（上下文 + 1）`,
  stride_too_long: ({ stride, tokens }) => `步幅是 ${stride} 个词元，而训练部分只有 ${tokens} 个`,
  no_whole_batch: ({ windows, needed }) => `按此步幅，训练部分有 ${windows} 个窗口；一步需要 ${needed} 个`,
  no_validation: ({ share, documents }) => `没有为验证留出任何内容：留出比例是 ${share}，而文本有 ${documents} 个文档`,
  prefixes_of_one_length: ({ batch }) => `各前缀长度不同，因此一批只能有 1 个，而不是 ${batch} 个`,
  no_prefix: ({ split, documents, tokens }) => `${splits[split]}有 ${documents} 个文档、${tokens} 个词元，但没有一个文档达到 2 个词元`,
  empty_text: "文本是空的",
  unknown_characters: ({ characters, count }) => `有 ${count} 个字符不在词表中：${characters.join(" ")}`,
  odd_utf16: ({ name, bytes }) => `${name} 不是文本：UTF-16 编码，但长度 ${bytes} 字节是奇数`,
  broken_utf16: ({ name, surrogate }) => `${name} 不是文本：UTF-16 编码损坏，有不成对的代理项 ${surrogate}`,
  binary_file: ({ name, at }) => `${name} 不是文本：它像是二进制文件，第 ${at} 字节处为零`,
  not_utf8: ({ name, at }) => `${name} 不是文本：第 ${at} 字节不是 UTF-8；请先另存为 UTF-8`,
  no_text: "没有可供训练的文本",
  no_such_text: ({ key }) => `没有内置文本 ${key}`,
  nothing_left: ({ characters }) => `文本的 ${characters} 个字符在清洗之后一个也不剩`,
  unknown_to_model: ({ occurrences, all, different, tokens }) =>
    `文本的 ${all} 个词元中有 ${occurrences} 个在模型中没有对应，其中不同的有 ${different} 种：${tokens.join(" ")}`,
  read_as_unknown: ({ occurrences, all, different, tokens }) =>
    `文本的 ${all} 个词元中有 ${occurrences} 个不在模型的词表中，其中不同的有 ${different} 种：${tokens.join(" ")}`,
  small_vocabulary: ({ vocab, asked }) => `要求 ${asked} 个子词，而文本只够 ${vocab} 个：再没有词元对出现两次`,
  documents_unmarked: "分词器没有表示文档结束的词元：文档将不作标记",
  no_validation_loss: ({ error }) => `${error}；因此不会画出验证损失`,
};

/** @type {Device} */
export const device = {
  no_adapter: ({ reason }) => `找不到 WebGPU 适配器：${reason}`,
  no_device: ({ adapter, reason }) => `适配器 ${adapter} 拒绝提供设备：${reason}`,
  buffer_too_large: ({ name, asked, limit }) => `${name} 需要 ${asked} 字节的连续空间；此适配器最多只有 ${limit} 字节`,
  out_of_memory: ({ asked }) => `内存不足${asked > 0 ? `：请求了 ${asked} 字节` : ""}`,
  no_memory: ({ asked, left }) => `需要 ${asked} 字节内存；这里只剩 ${left} 字节`,
  device_lost: ({ reason }) => `与 GPU 的连接已丢失：${reason}`,
  validation: ({ reason }) => `GPU 拒绝了我们的任务：${reason}`,
  unknown_buffer: ({ name }) => `GPU 拒绝了我们的任务：没有共享缓冲区 ${name}`,
  other_device: "GPU 拒绝了我们的任务：有缓冲区属于另一个设备",
};

/** @type {Model} */
export const model = {
  no_adjoint: ({ op, value }) => `${op} 读取 ${value}，它需要梯度，但 ${op} 没有反向计算`,
  adjoint_forgets: ({ op, value }) => `${op} 的反向计算没有给出 ${value} 的梯度`,
  shared_gradient_overwritten: ({ value, other }) => `正在累加 ${value} 的梯度，而与它共用空间的 ${other} 还没有读完`,
  parameter_without_gradient: ({ name }) => `参数 ${name} 没有得到梯度`,
  step_not_finite: ({ what, step, last_good }) =>
    `第 ${step} 步的${watched[what]}不是有限数；权重已退回第 ${last_good} 步，即最后一次检查无误时`,
  no_room_to_train: ({ asked, held, error }) => `训练这个模型需要 ${asked} 字节内存，而模型本身只占 ${held} 字节：${error}`,
  unknown_parameter: ({ name }) => `没有参数 ${name}`,
  wrong_length: ({ name, expected, found }) => `${name} 有 ${expected} 个值，却给出了 ${found} 个`,
  unknown_token: ({ token, vocab }) => `词元 ${token} 超出了大小为 ${vocab} 的词表`,
  logits_not_finite: ({ count, vocab }) => `${vocab} 个 logits 中有 ${count} 个不是有限数`,
  no_logits: "logits 有 0 个；抽取一次至少需要 1 个",
  no_attention: "这个模型没有注意力层",
  no_such_head: ({ layer, head, layers, heads }) => `没有第 ${layer} 层第 ${head} 头：模型有 ${layers} 层，每层 ${heads} 个头`,
};

/** @type {Session} */
export const session = {
  no_model: "还没有模型",
  no_such_preset: ({ key }) => `没有预设 ${key}`,
  busy: "这台设备正忙",
  steps_done: ({ steps }) => `这次训练的全部 ${steps} 步已完成`,
  no_best_checkpoint: "还没有最佳检查点：第一次验证时才会保存",
  step_not_kept: ({ step }) => `第 ${step} 步的权重没有保存`,
  validation_rises: ({ loss, step, best_loss, best_step }) =>
    `训练损失下降而验证损失上升：第 ${step} 步为 ${loss.toFixed(3)} 纳特，第 ${best_step} 步为 ${best_loss.toFixed(3)} 纳特；模型正在死记文本（过拟合）`,
  record_unreadable: ({ name, reason }) => `${name}：无法读取会话的进度：${reason}`,
  saved_tokenizer_unreadable: ({ name, error }) => `${name}：无法读取会话的进度：${error}`,
  not_a_command: ({ reason }) => `无法识别的命令：${reason}`,
  replay_file: ({ file, reason }) => `${replayFiles[file]}：${reason}`,
  replay_tensor: ({ file, tensor, found, shape, expected, numbers }) =>
    `${replayFiles[file]}：张量 ${tensor} 是 ${found} [${shape.join(", ")}]，而应为 ${numbers} 个 ${expected}`,
};
