// @ts-check
/** @import { Browsers, Page } from "./en_problems_page.js" */
// What the page itself finds wrong, in simplified Chinese, by code.

import { bytes, limit, quoted, whole } from "./format.js";

/** @type {Browsers} */
export const browsers = {
  chrome: "Chrome",
  edge: "Edge",
  safari: "Safari",
  safari_ios: "iPhone 和 iPad 上的 Safari",
  firefox: "Firefox",
  firefox_android: "安卓版 Firefox",
  other: "此浏览器",
};

/** In front of Chinese: a blank after a Latin letter or a figure. @param {string} text */
const before = (text) => (/[\p{Script=Latin}\p{Script=Greek}\p{N}.]$/u.test(text) ? `${text} ` : text);

/** @param {boolean} isWhole */
const number = (isWhole) => (isWhole ? "整数" : "数");

/** @type {Page} */
export const page = {
  worker_stopped: "后台线程已停止运行。",
  worker_crashed: ({ reason }) => `后台线程已停止运行：${reason}`,
  no_web_assembly: ({ browser }) => `${before(browsers[browser])}在这里不提供 WebAssembly，而模型要在其中计算。`,
  no_simd: ({ browser }) => `${before(browsers[browser])}在这里提供的 WebAssembly 没有 SIMD，而模型要用这些向量指令计算。`,
  no_module_workers: ({ browser }) => `${before(browsers[browser])}在这里不提供模块 Worker（module workers），而模型要在其中计算。`,
  helpers_failing: "辅助线程连续三次出错，因此从现在起只用一个线程计算。",

  nothing_typed: "还没有可供训练的文本。",
  tokenizer_file_awaited: "词元要由文件给出，但还没有提供文件。",
  setting_mistyped: ({ label, low, high, whole: isWhole }) => `${before(label)}须是 ${limit(low)} 到 ${limit(high)} 之间的${number(isWhole)}。`,

  no_address: "没有可以载入的地址。",
  not_an_address: ({ typed }) => `${quoted(typed)}不是有效的地址。`,
  address_protocol: ({ url, protocol }) => `${url} 以 ${protocol} 开头，这里不读取这类地址。`,
  address_insecure: ({ url }) => `${url} 不是安全地址，而通过 https 打开的页面只能读取 https 内容。`,
  address_unreachable: ({ url }) => `无法访问 ${url}：没有服务器应答。`,
  address_silent: ({ url, seconds }) => `${url} 已有 ${seconds} 秒没有应答。`,
  address_broken: ({ url, reason }) => `${url} 传输中断：${reason}。`,
  address_refused: ({ url, status, reason }) => `${url} 被拒绝，状态码 ${status}${reason ? `（${reason}）` : ""}。`,
  address_not_allowed: ({ url, host }) => `${url} 有应答，但 ${host} 不允许其他页面读取它（没有 CORS 标头）。`,
  address_too_large: ({ url, size, limit: most }) => `${url} 至少有 ${bytes(size)}；这里最多读取 ${bytes(most)}。`,

  link_too_long: ({ size, limit: most }) => `链接有 ${bytes(size)}，超过最多读取的 ${bytes(most)}。没有打开其中任何内容。`,
  link_unknown: ({ key }) => `“${key}”不是本页的设置。`,
  link_without_value: ({ part }) => `“${part}”没有值：设置应写作“名称=值”。`,
  link_encoding: ({ part }) => `“${part}”不是正确的百分号编码。`,
  link_version: ({ found, known }) => `链接的版本是“${found}”；本页读取版本 ${known}。`,
  link_without_version: ({ known }) => `链接没有注明版本；已按版本 ${known} 读取。`,
  link_number: ({ label, field, typed, low, high, whole: isWhole }) =>
    `${label}（${field}）是“${typed}”；它须是 ${limit(low)} 到 ${limit(high)} 之间的${number(isWhole)}。`,
  link_choice: ({ label, field, typed, choices }) => `${label}（${field}）是“${typed}”；它须是 ${choices.join("、")} 之一。`,
  link_text: ({ label, field }) => `${label}（${field}）是文本，链接不携带文本。`,
  link_tokenizer_file: ({ label, field }) => `${label}（${field}）要由文件给出，链接不携带文件：请在这里打开文件。`,
  link_recipe: ({ key }) => `“${key}”不是本页的配方。`,
  link_built_in: ({ key }) => `“${key}”不是本页的内置文本。`,
  link_twice: ({ key, count }) => `“${key}”出现了 ${whole(count)} 次；使用第一个。`,

  template_absent: "本页旁边缺少 model_page.html，因此无法写出网页",
  template_unreachable: ({ name, reason }) => `无法加载用来制作网页的 ${name}：${reason}`,
  template_foreign: ({ name }) => `${name} 不是与本页配套的文件`,
  not_shared: ({ name, reason }) => `无法分享 ${name}：${reason}`,
  folder_without_model: ({ folder, count }) => `文件夹 ${folder} 有 ${whole(count)} 个文件，其中没有模型`,
  page_without_model: "本页中没有模型。",
  page_damaged: ({ reason }) => `本文件中的模型已损坏：${reason}`,

  storage_full: ({ size, left }) =>
    `无法保存会话：${size === null ? "空间不足" : `需要 ${bytes(size)}`}${left === null ? "" : `，存储空间剩余 ${bytes(left)}`}；上一次保存仍在`,
  not_saved: ({ reason }) => `无法保存会话：${reason}；上一次保存仍在`,
  session_damaged: ({ name }) => `已保存的会话${name ? ` ${name} ` : "“你自己的文本”"}已损坏：没有一份保存是完整的`,
};
