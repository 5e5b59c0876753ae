// @ts-check
/** @import { Exports, Files, Found, NoClass, Tokenizers, Wanted } from "./en_problems_files.js" */
// What the core reports of files, tokenizers and models alike, in simplified Chinese, by code.

/** @type {Record<NoClass["lacking"][number], string>} */
const lackings = {
  one_block: "至少一个块",
  attention_in_blocks: "每块都有的注意力",
  mlp_in_blocks: "每块都有的前馈层",
  attention_output: "注意力之后的输出投影",
  causal_attention: "因果注意力",
  head_without_bias: "无偏置的输出头",
  layer_norm: "层归一化",
  every_head_its_keys: "与头数相等的键/值头",
  norms_before: "置于各分支之前的归一化",
  norm_before_head: "输出头之前的归一化",
  learned_positions: "可学习的位置编码",
  gelu_or_relu: "GELU 或 ReLU",
  rms_norm: "RMS 归一化",
  rotary_positions: "旋转位置编码",
  swiglu: "SwiGLU",
  norms_after: "置于各分支之后的归一化",
  no_norm_before_head: "输出头之前没有归一化的结构",
  added_positions: "可学习或正弦的位置编码",
  gelu_tanh_relu_or_silu: "tanh GELU、ReLU 或 SiLU",
  fourfold_hidden: "四倍宽度的前馈层",
};
const activations = { relu: "ReLU", gelu: "GELU", gelu_tanh: "GELU（tanh）", silu: "SiLU", relu_squared: "ReLU²", swiglu: "SwiGLU" };
const tokenKinds = { characters: "字符", words: "单词", bytes: "字节", bpe: "子词（BPE）", file: "来自文件" };

const founds = { not_named: "没有名称", untyped: "没有类型", nothing: "是空的", set: "已设置" };
const readables = {
  version1: "1.0",
  bpe_or_word_level: "BPE 或 WordLevel",
  nothing: "留空的",
  nothing_or_byte_level: "留空的或 ByteLevel",
  without: "没有此项的模型",
  byte_level: "ByteLevel",
  fuse: "Fuse",
  byte_level_plain: "add_prefix_space 为 false 且 use_regex 为 true 的 ByteLevel",
  sequence_with_prefix: "由 WhitespaceSplit 和 ByteLevel（有 add_prefix_space，无 use_regex）组成的 Sequence",
  byte_level_or_sequence: "ByteLevel，或由 WhitespaceSplit 和 ByteLevel 组成的 Sequence",
  split_as_written: "采用这里所写的正则表达式的 Split",
  whitespace_split_or_split: "WhitespaceSplit 或 Split",
};
const wanted = {
  without: "没有此项的模型",
  whole_context: "对整个上下文的注意力",
  whole_number: "整数",
  number: "数",
  plain_rotary: "不带缩放的 rope_type default",
};

/** @param {Wanted} read */
function instead(read) {
  if (typeof read === "string") return wanted[read];
  return "one_of" in read ? either(read.one_of) : `hidden_size / num_attention_heads，即 ${read.columns_of_head}`;
}

/** @param {string[]} words */
const either = (words) => [words.slice(0, -1).join("、"), words[words.length - 1]].filter(Boolean).join(" 或 ");

/** @param {Found} found */
const stands = (found) => (typeof found === "string" ? founds[found] : `是 ${found.named}`);

/** Behind Chinese: a blank before a Latin letter, a figure or a sign. @param {string} text */
const behind = (text) => (/^\p{Script=Han}/u.test(text) ? text : ` ${text}`);

/** @param {number[]} sizes of a tensor */
const shape = (sizes) => `[${sizes.join(", ")}]`;

/** @param {string} why */
const noTokenizer = (why) => `这里读不了这个分词器：${why}`;

/** @type {Tokenizers} */
export const tokenizers = {
  vocabulary_alone: ({ name }) => noTokenizer(`${name} 还需要与它配套的 merges.txt`),
  wrong_number_of_files: ({ count }) => noTokenizer(`给出了 ${count} 个文件`),
  tokenizer_unwritable: ({ reason }) => `无法写出分词器：${reason}`,
  tokenizer_too_long: ({ bytes, limit }) => noTokenizer(`它长 ${bytes} 字节，最多读取 ${limit} 字节`),
  tokenizer_form: ({ reason }) => noTokenizer(reason),
  tokenizer_part: ({ part, found, read }) => noTokenizer(`它的 ${part} ${stands(found)}；只能读取${behind(readables[read])}`),
  vocabulary_empty: noTokenizer("它的词表是空的"),
  vocabulary_too_large: ({ tokens, limit }) => noTokenizer(`它的词表有 ${tokens} 个词元，最多读取 ${limit} 个`),
  id_outside: ({ id, token, last }) =>
    noTokenizer(`${token} 的 ID ${id} 不在 0 到 ${last} 之间，因此它的 ${last + 1} 个词元中缺少另一个 ID`),
  id_twice: ({ id, first, second }) => noTokenizer(`ID ${id} 出现两次：${first} 和 ${second}`),
  token_twice: ({ token, first, second }) => noTokenizer(`词元 ${token} 出现两次：ID ${first} 和 ${second}`),
  empty_token: ({ id }) => noTokenizer(`ID 为 ${id} 的词元是空的`),
  added_word: ({ token, id }) => noTokenizer(`附加词元 ${token}（ID ${id}）不是特殊词元；只能读取特殊词元`),
  not_one_character: ({ token, id }) => noTokenizer(`词元 ${token}（ID ${id}）不是单个字符`),
  not_spelled: ({ token, id }) => noTokenizer(`词元 ${token}（ID ${id}）不是用字节级字母表拼写的`),
  alphabet_incomplete: ({ missing }) => noTokenizer(`它的字母表缺少 256 个字节中的 ${missing} 个`),
  unknown_token_missing: ({ token, tokens }) => noTokenizer(`它的未知词元 ${token} 不在其 ${tokens} 个词元之中`),
  merge_form: ({ number, merge }) => noTokenizer(`第 ${number} 条合并规则 ${merge} 不是以一个空格隔开的两个词元`),
  merge_without_token: ({ number, merge, token, tokens }) =>
    noTokenizer(`第 ${number} 条合并规则 ${merge} 需要词元 ${token}，而它不在其 ${tokens} 个词元之中`),
  special_merge: ({ number, merge, token, id }) => noTokenizer(`第 ${number} 条合并规则 ${merge} 涉及特殊词元 ${token}（ID ${id}）`),
  merge_twice: ({ number, merge, first }) => noTokenizer(`第 ${number} 条合并规则 ${merge} 与第 ${first} 条重复`),
};

/** @type {Files} */
export const files = {
  not_safetensors: ({ name, reason }) => `${name} 不是完整的 safetensors 文件：${reason}`,
  text_not_utf8: ({ name, tensor, at }) => `${name} 不是完整的 safetensors 文件：张量 ${tensor} 从第 ${at} 字节起不是 UTF-8`,
  unreadable: ({ name, reason }) => `${name} 读取失败：${reason}`,
  no_room: ({ name, parameters, asked, limit }) =>
    `${name}：它的 ${parameters} 个参数需要 ${asked} 字节的连续空间；此适配器最多只有 ${limit} 字节`,
  no_room_for_tensor: ({ name, tensor, shape: sizes, asked, limit }) =>
    `${name}：张量 ${tensor} ${shape(sizes)} 需要 ${asked} 字节的连续空间；此适配器最多只有 ${limit} 字节`,
  header_too_long: ({ name, bytes, limit }) => `${name}：文件头声称有 ${bytes} 字节，最多读取 ${limit} 字节`,
  missing_metadata: ({ name, key }) => `${name} 的元数据缺少 ${key}：它不是由 Fledgling 导出的`,
  bad_metadata: ({ name, key, reason }) => `${name}：无法读取元数据中的 ${key}：${reason}`,
  metadata_loss_not_finite: ({ name }) => `${name}：无法读取元数据中的训练记录：其中有损失值不是有限数`,
  bad_tokenizer: ({ name, error }) => `${name}：无法读取元数据中的分词器：${error}`,
  bad_config: ({ name, error }) => `${name}：${error}`,
  vocabulary_mismatch: ({ name, tokens, vocab }) => `${name}：分词器有 ${tokens} 个词元，而配置中的词表大小是 ${vocab}`,
  missing_tensor: ({ name, tensor, expected }) => `${name}：缺少张量 ${tensor} ${shape(expected)}`,
  unknown_tensor: ({ name, tensor, found }) => `${name}：张量 ${tensor} ${shape(found)} 不属于此配置`,
  wrong_shape: ({ name, tensor, found, expected }) => `${name}：张量 ${tensor} 是 ${shape(found)}，而配置需要 ${shape(expected)}`,
  wrong_type: ({ name, tensor, found }) => `${name}：张量 ${tensor} 是 ${found} 类型；只能读取 F32、F16 和 BF16`,
  weights_not_finite: ({ name, tensor, count, total }) => `${name}：张量 ${tensor} 的 ${total} 个权重中有 ${count} 个不是有限数`,
  tensor_twice: ({ name, tensor }) => `${name}：张量 ${tensor} 出现了两次`,
  not_zip: ({ name, reason }) => `${name} 不是完整的 zip 文件：${reason}`,
  entries_alike: ({ name }) => `${name}：某个条目出现了两次`,
  entries_overlap: ({ name }) => `${name} 不是完整的 zip 文件：有两个条目相互重叠`,
  entry_encrypted: ({ name, entry }) => `${name} 不是完整的 zip 文件：${entry} 已加密`,
  entry_packed: ({ name, entry, by }) => `${name} 不是完整的 zip 文件：${entry} 的压缩方式是 ${by}；只能读取 stored 和 deflated`,
  entry_broken: ({ name, entry, reason }) => `${name} 不是完整的 zip 文件：${entry}：${reason}`,
  entry_length: ({ name, entry, found, claimed }) => `${name} 不是完整的 zip 文件：${entry} 有 ${found} 字节，却声称有 ${claimed} 字节`,
  too_many_entries: ({ name, count, limit }) => `${name} 有 ${count} 个条目，最多读取 ${limit} 个`,
  unknown_entry: ({ name, entry, read }) => `${name}：条目 ${entry} 不是模型的文件；只能读取 ${read.join("、")}`,
  entry_twice: ({ name, entry }) => `${name}：${entry} 出现了两次`,
  zip_too_long: ({ name, bytes, limit }) => `${name}：整个 zip 文件共 ${bytes} 字节，最多读取 ${limit} 字节`,
  unpacked_too_long: ({ name, bytes, limit }) => `${name}：解压后的内容共 ${bytes} 字节，最多读取 ${limit} 字节`,
  files_too_long: ({ name, bytes, limit }) => `${name}：所提供的文件共 ${bytes} 字节，最多读取 ${limit} 字节`,
  file_too_long: ({ name, file, bytes, limit }) => `${name}：${file} 共 ${bytes} 字节，最多读取 ${limit} 字节`,
  ratio_too_high: ({ name, entry, packed, unpacked, limit }) =>
    `${name}：${entry} 会从 ${packed} 字节解压成 ${unpacked} 字节，超过 ${limit} 倍`,
  missing_weights: ({ name }) =>
    `${name} 缺少 model.safetensors：它存放权重；.bin 和 .pt 等 pickle 文件可能含有程序，因此从不读取`,
  missing_index: ({ name }) => `${name} 缺少 model.safetensors.index.json：它说明每个张量在哪个文件中`,
  missing_config: ({ name }) => `${name} 缺少 config.json：它说明模型如何计算`,
  missing_tokenizer: ({ name }) => `${name} 缺少 tokenizer.json：由它（或 vocab.json 和 merges.txt）说明文本如何变成词元`,
  missing_merges: ({ name }) => `${name} 缺少 merges.txt：vocab.json 需要与它配套`,
  missing_shard: ({ name, file }) => `${name} 缺少 ${file}：model.safetensors.index.json 提到了它`,
  wrong_shard: ({ name, tensor, file }) => `${name}：model.safetensors.index.json 说张量 ${tensor} 在 ${file} 中，而其中没有它`,
  bad_json: ({ name, file, reason }) => `${name}：无法读取 ${file}：${reason}`,
  bad_file: ({ name, file, error }) => `${name}：无法读取 ${file.replace(" and ", " 和 ")}：${error}`,
  bad_class: ({ name, error }) => `${name}：config.json 所描述的模型不能在这里计算：${error}`,
  key_missing: ({ key }) => `它没有 ${key}`,
  key_unsupported: ({ key, found, read }) => `它的 ${key} 是 ${found}；只能读取${behind(instead(read))}`,
};

/** @param {NoClass} _ */
const noClass = ({ nearest, lacking }) =>
  `transformers 的类中 ${nearest} 最接近，但它采用${behind(lacking.map((word) => lackings[word]).join("、"))}`;

/** @param {string} why */
const noGguf = (why) => `此模型无法存为 GGUF 文件：${why}`;

const ggufTokens = (/** @type {string} */ kind) => noGguf(`llama.cpp 只读取字节，以及按 GPT-2 方式切分的子词，而此模型的词元是：${kind}`);

/** @type {Exports} */
export const exports = {
  export_too_long: ({ bytes, limit }) => `此模型无法存为 zip 文件：它将有 ${bytes} 字节，而最多读回 ${limit} 字节`,
  no_class: noClass,
  gguf_no_class: (values) => noGguf(noClass(values)),
  gguf_activation: ({ activation }) => noGguf(`llama.cpp 只能计算采用 tanh GELU 的 GPT-2，而此模型采用 ${activations[activation]}`),
  gguf_class: ({ class: name }) => noGguf(`llama.cpp 不支持此模型的类 ${name}`),
  gguf_tokens: ({ kind }) => ggufTokens(tokenKinds[kind]),
  gguf_blanks: ggufTokens("按空白切分的子词"),
  unwritable: ({ reason }) => `无法写出模型：${reason}`,
  header_too_long_to_write: ({ bytes, limit }) => `无法写出模型：它的文件头将有 ${bytes} 字节，而最多读取 ${limit} 字节`,
};
