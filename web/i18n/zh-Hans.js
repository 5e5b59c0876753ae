// @ts-check
// Every sentence of the page in simplified Chinese.
// Between Chinese and Latin letters or figures stands a blank; marks of Chinese sentences are full-width.

import { bytes, directed, duration, listed, loss, parameters, percent, quoted, significant, visible, weight, whole } from "./format.js";
import { core } from "./zh-Hans_core.js";
import { glossary } from "./zh-Hans_glossary.js";
import { problems } from "./zh-Hans_problems.js";
import { browsers } from "./zh-Hans_problems_page.js";

/** @type {import("./words.js").Words} */
export const chinese = {
  name: "Fledgling",
  none: "–",
  saveAsCsv: "存为 CSV",
  withNats: (number) => `${number} 纳特`,
  punctuation: { stop: "。", between: "", comma: "，" },

  browsers,
  webgpu: {
    missing: (browser) => `${before(browser)}在这里不提供 WebGPU，因此模型在 CPU 上训练：功能齐全，只是更慢。`,
    noAdapter: (browser) => `${before(browser)}在这里没有打开 GPU，因此模型在 CPU 上训练：功能齐全，只是更慢。`,
    insecure: (address) =>
      `本页是从 ${address} 打开的，这不是安全地址：浏览器只在 https 和 localhost 下提供 WebGPU 和保存会话的存储空间。模型在 CPU 上训练，会话不会保存。`,
    faster: "如何用上 GPU 的速度",
    secureAdvice: "请通过 https 打开，或在本机架设服务后打开 http://127.0.0.1。",
    advice: {
      chrome:
        "请将 Chrome 更新到 113 或更高版本（Android 上为 121），并在 chrome://settings/system 中确认“使用图形加速功能（如果可用）”已开启。在 Linux 上，还要启用 chrome://flags/#enable-unsafe-webgpu 并重新启动浏览器。",
      edge: "请将 Edge 更新到 113 或更高版本，并在 edge://settings/system 中确认“在可用时使用图形加速”已开启。",
      safari: "请更新到 macOS 26 上的 Safari 26。macOS 较旧时，请使用新版 Chrome 或 Edge。",
      safari_ios: "请更新到 iOS 26 或 iPadOS 26。这些设备上的所有浏览器都使用系统自带的 WebGPU。",
      firefox:
        "请更新 Firefox：Windows 上自 141 版、搭载 Apple 芯片的 Mac 上自 147 版起支持 WebGPU。在其他系统上，请在 about:config 中将 dom.webgpu.enabled 设为 true，或使用新版 Chrome 或 Edge。",
      firefox_android: "请在此设备上使用新版 Chrome，或在电脑上使用 Firefox、Chrome 或 Edge。",
      other: "请使用新版 Chrome、Edge、Firefox 或 Safari。",
    },
  },

  crash: {
    restart: "重新启动",
    ask: "重新启动会丢失内存中的模型，而它尚未导出。仍要重新启动吗？",
  },

  recipe: {
    title: "配方",
    choose: "选择配方…",
    none: "配方会按某篇教程的做法设定文本、词元、模型和训练。可在此选择一个，也可在下面随意更改。",
    notes: "与教程的不同之处",
    changed: "有些设置已与配方不同。",
    restore: "恢复配方设置",
    ownText: "框中保留的是你自己的文本。",
    useText: "使用配方的文本",
    fineTune: "在第二份文本上微调",
    fineTuneHelp: (text) => `载入“${text}”，按配方自带的设置在其上继续训练内存中的权重。`,
    fineTuneFirst: "还没有可以微调的模型：请先训练。",
    fineTuneRunning: "请先暂停：正在训练的就是要微调的模型。",
    compare: "逐件比较",
    compareHelp: (models) => `依次训练 ${whole(models)} 个模型：完整模型，以及每次去掉一个部件的模型。按“暂停”或“重置”可结束。`,
    comparing: (number, of) => `正在训练第 ${whole(number)} 个模型，共 ${whole(of)} 个。按“暂停”或“重置”可结束比较。`,
    whole: "完整模型",
    columns: { model: "模型", validation: "验证损失（纳特）", difference: "差值", best: "最佳步" },
    training: "训练中…",
    compared: "验证损失对照",
  },

  steps: {
    title: "要决定的",
    characters: (/** @type {string} */ count) => `${count} 字符`,
    vocabulary: (/** @type {string} */ count) => `${count} 种`,
    parameters: (/** @type {string} */ count) => `${count} 参数`,
    steps: (/** @type {string} */ count) => `${count} 步`,
  },

  text: {
    title: "文本",
    label: "文本",
    placeholder: "粘贴文本或拖入文件，然后按“训练”。\n\n几百 KB 的纯文本效果就很好：剧本、歌词、菜谱、代码。",
    open: "打开文件…",
    made: "内置文本",
    own: "自己的文本",
    seed: "文本种子",
    seedHelp: "决定文本内容：同一种子总是生成同一份文本。",
    reading: (name, size) => `正在读取 ${directed(name)}${size === null ? "" : `（${bytes(size)}）`}…`,
    counting: "正在统计…",
    none: "纯文本，UTF-8 或 UTF-16 编码。文本不会离开这台电脑。",
    characters: "字符",
    training: "训练词元",
    heldOut: "留出词元",
    documents: (training, validation) => `${whole(training)} 个文档（或行）用于训练，${whole(validation)} 个留出`,
    previous: "之前的文本仍保留着。",
    bringBack: "恢复原文本",
    changes: "清洗改动了什么",
    change: (label, characters) => (characters === 0 ? `${label}：无需改动。` : `${label}：改动了 ${whole(characters)} 个字符。`),
    example: (before, after, count) => `${visible(before)} ${after ? `→ ${visible(after)}` : "已删除"} × ${whole(count)}`,
    cleaned: (before, after) => `${whole(before)} 个字符中还剩 ${whole(after)} 个。`,
    beginning: (shown, all) => `框中只显示全部 ${whole(all)} 个字符中的前 ${whole(shown)} 个；训练会用到全部。`,
    replacing: "在你键入、粘贴或拖入新文本之前，仍使用旧文本。",
    replace: "替换文本",
    keep: "保留旧文本",
    unknown: (characters) => `内存中的模型不认识 ${listed(characters)}。它仍能采样，但要在这份文本上训练，就需要一个新模型。`,
  },

  address: {
    title: "来自网址",
    label: "地址",
    placeholder: "https://",
    load: "载入",
    cancel: "取消",
  },

  tokens: {
    title: "词元",
    open: "分词器文件…",
    file: (name, vocab) => `${directed(name)}：${whole(vocab)} 个词元`,
    fileHelp: "tokenizer.json，或 vocab.json 加 merges.txt。也可以直接拖入。",
    reading: (name) => `正在读取 ${directed(name)}…`,
    stages: {
      counting: (done, of) => `统计单词：${bytes(done)} / ${bytes(of)}`,
      merging: (done, of) => `学习合并规则：${whole(done)} / ${whole(of)}`,
      encoding: (done, of) => `切分词元：${bytes(done)} / ${bytes(of)}`,
    },
    progress: "正在把文本变成词元",
    cancel: "取消",
    cancelled: "已取消：下面仍是之前的词元。",
    prepare: "现在切分",
    tokens: "词元数",
    size: "词表大小",
    length: "字符/词元",
    lossless: "无损：任何文本都能由词元原样还原。",
    lossy: "有损：并非任何文本都能由词元原样还原。",
    unknown: (tokens) => `文本中有 ${whole(tokens)} 个单词变成了 <unk>。`,
    beginning: "训练文本开头的词元",
    walk: "指向词元，或用方向键逐个查看。",
    token: (text, id, place, sentence = false) => `${quoted(text)}，ID ${whole(id)}，${sentence ? "句子" : "文本"}中第 ${whole(place + 1)} 个词元`,
    hint: (id) => `ID ${id}`,
    none: "一有文本，它的词元就会显示在这里。",
    vocabulary: {
      title: "完整词表",
      find: "查找",
      placeholder: "词元的一部分，或 #ID",
      columns: { id: "ID", token: "词元", count: "次数", share: "占比" },
      all: (tokens, unseen) => `共 ${whole(tokens)} 个词元${unseen === 0 ? "" : `，其中 ${whole(unseen)} 个从未出现在训练文本中`}。`,
      found: (found, of) => `${whole(of)} 个词元中找到 ${whole(found)} 个。`,
    },
    comparison: {
      title: "同一句子，不同分词器",
      sentence: "要切分的句子",
      placeholder: "任意文本；留空则用提示词",
      none: "输入一个句子：这里会显示用框中文本训练的各个分词器如何切分它。",
      waiting: "正在用文本训练各个分词器…",
      used: "使用中",
      numbers: (tokens, length, vocab) => `${whole(tokens)} 个词元，平均每个 ${length} 个字符；词表大小 ${whole(vocab)}`,
      unknown: (count, word) =>
        word ? `有 ${whole(count)} 个单词不在词表中：<unk>。` : `有 ${whole(count)} 个字符不在词表中，已略去。`,
      walk: "指向词元，或用方向键逐个查看。",
    },
  },

  settings: {
    seed: "训练种子",
    withUnit: (label, unit) => (unit && !label.includes(unit) ? `${label}（${unit}）` : label),
    on: "开",
    off: "关",
    explained: "指向某项设置，这里会说明它是什么、有什么作用，并给出公式和出处。键盘：在设置中按 ? 到这里，按 Esc 返回。",
    explain: (label) => `说明“${label}”`,
    more: {
      tokenizer: "更多词元设置",
      data: "清洗、留出部分与窗口",
      model: "更多模型设置",
      training: "更多训练设置",
      sampling: "更多采样设置",
    },
  },

  training: {
    title: "训练",
    fineTune: "微调",
    fineTuneHelp: "按上面的训练设置，在框中文本上继续训练内存中的权重。步数从 0 计起；模型和词元保持不变。",
    noModel: "微调是继续训练已有的模型：请先训练或导入一个。",
    noText: "微调需要文本：请粘贴一份，或选择内置文本。",
    unfit: (tokens) => `文本与内存中的模型不相容，模型中没有 ${listed(tokens)} 的词元。请换一份模型认识的文本。`,
    meanwhile: "训练期间",
    keepScreenOn: "保持屏幕常亮",
    notifyMe: "结束时通知我",
    notifyHelp: "训练结束而此标签页不在眼前时通知。",
    notAllowed: "浏览器不允许本页发送通知。可在浏览器的网站设置中允许。",
    notify: {
      finished: "训练已完成",
      stopped: "训练已停止",
      crashed: "后台线程已停止运行",
      at: (step, validation) => `第 ${whole(step)} 步${validation === null ? "" : `，验证损失 ${loss(validation)} 纳特`}。`,
    },
  },

  model: {
    title: "模型",
    preset: "预设",
    custom: "自定义",
    waiting: "设置由后台线程提供，而它尚未启动。",
    customHelp: "这是你自己的设置。选择一个预设即可恢复为该预设。",
    parameters: "参数量",
    memory: "内存",
    perStep: "词元/步",
    shares: (own, helpers, each) => `内存：后台线程 ${own}，${helpers === 1 ? "辅助线程" : `${whole(helpers)} 个辅助线程各`} ${each}。`,
    noText: "开销取决于文本的词表；在有文本之前，以可打印 ASCII 字符的词表代替。",
  },

  controls: {
    train: "训练",
    pause: "暂停",
    step: "单步",
    reset: "重置",
    progress: "进度",
    figures: {
      step: "步",
      training: "训练损失",
      validation: "验证损失",
      speed: "速度",
      left: "剩余时间",
    },
    nats: "纳特",
    ofSteps: (steps) => `/ ${whole(steps)}`,
    speedUnit: "词元/秒",
    flops: (/** @type {string} */ number) => `${number}FLOP/s`,
    done: "已完成",
    building: "构建中…",
    preparing: "准备中…",
    counts: "这个配方只计数，不训练：一有文本，计数表就有了。",
    sampleCounts: "按计数采样",
    restoreBest: "恢复最佳",
    announce: {
      starting: "正在启动。",
      empty: "就绪。",
      training: "正在训练。",
      paused: (step, value) => `已在第 ${whole(step)} 步暂停${value === null ? "" : `，训练损失 ${loss(value)} 纳特`}。`,
      finished: (step) => `训练了 ${whole(step)} 步，已完成。`,
    },
    title: (step, value) => `${whole(step)} · ${loss(value)} – Fledgling`,
    differs: (differences) => `当前设置与内存中的模型不同：${few(differences)}。新设置要用新模型才能生效。`,
    difference: (label, wanted, had) => `${before(label)}为${behind(wanted)}（模型中为${behind(had)}）`,
    unfit: "文本中有内存中的模型不认识的字符。要在这份文本上训练，需要一个新模型。",
    finished: (steps) => `全部 ${whole(steps)} 步已完成。可以用模型采样或将它导出；想训练更久，请更改步数并从头开始。`,
    stoppedEarly: (step, patience, best) =>
      `已在第 ${whole(step)} 步早停：连续 ${whole(patience)} 次验证都没有优于第 ${whole(best.step)} 步的 ${loss(best.loss)} 纳特。按“训练”仍可继续。`,
    bestRestored: (best) => `已恢复最佳检查点：第 ${whole(best.step)} 步，${loss(best.loss)} 纳特。`,
    afresh: "从头开始",
    resume: "继续训练此模型",
    replaced: (step) => `训练到第 ${whole(step)} 步的模型已被替换。`,
    undo: "撤销",
    dismiss: "知道了",
  },

  plot: {
    title: "损失",
    first: "请粘贴文本或拖入文件，然后按“训练”。",
    next: "请按“训练”。",
    counts: "没有损失可画：这个配方不训练任何东西。",
    building: "正在构建模型…",
    begun: "最初几步正在进行…",
    empty: "损失曲线画在这里，每步一个点：它表示模型对下一个词元有多意外。",
    legend: {
      training: "训练",
      smoothed: "平滑",
      validation: "验证",
      best: "最佳",
      uniform: "ln(词表)",
      unigram: "一元",
      bigram: "二元",
      exact: "完全答对",
    },
    lines: { uniform: "ln V", unigram: "一元", bigram: "二元" },
    help: "以纳特计的交叉熵。ln(词表)，即词表大小的自然对数，是一无所知时的损失；一元和二元则是靠计数得到的损失：分别数每个词元在文本中出现多少次，以及出现在哪个词元之后。",
    figures: {
      perplexity: "困惑度",
      bits: "比特/字符",
      tokens: "已见词元",
      epochs: "轮数",
    },
    strips: { rate: "学习率", norm: "梯度范数" },
    stripsHelp: "与损失共用同一步数轴。梯度范数是所有梯度合在一起、裁剪之前的范数。",
    restoreHelp: "恢复验证损失最低时的权重，并截去其后的曲线。",
    noBest: "第一次验证时才会保存最佳检查点。",
    logSteps: "对数步数",
    logStepsHelp: "步数用对数轴。第 1 步之前是线性的，使第 0 步也有位置。",
    logLoss: "对数损失",
    logLossHelp: "损失用对数轴。",
    all: "显示全部",
    allHelp: "重新显示所有步；双击，或在曲线图获得焦点时按 0，效果相同。",
    zoomed: (from, to) => `第 ${whole(from)}–${whole(to)} 步`,
    at: (step) => `第 ${whole(step)} 步`,
    keys: "方向键逐步查看，加号和减号放大、缩小，0 显示全部。",
    axes: ([from, to], [low, high], logSteps, logLoss) =>
      `显示范围：第 ${whole(from)} 到 ${whole(to)} 步${logSteps ? "（对数轴）" : ""}；损失 ${loss(low)} 到 ${loss(high)} 纳特${logLoss ? "（对数轴）" : ""}。`,
    run: (training, validation) => `${training === null ? "–" : loss(training)} / ${validation === null ? "–" : loss(validation)}`,
    runHelp: "平滑后的训练损失 / 验证损失",
    alternative: (step, losses, exact, rate, norm, runs) =>
      [
        `第 ${whole(step)} 步的损失（纳特）`,
        ...losses.filter(([, value]) => value != null).map(([name, value]) => `${name} ${loss(value ?? 0)}`),
        ...(exact === null ? [] : [`完全答对 ${percent(exact)}`]),
        ...(rate === null ? [] : [`学习率 ${significant(rate)}`]),
        ...(norm === null ? [] : [`梯度范数 ${significant(norm)}`]),
        ...runs.map(
          ([name, training, validation]) =>
            `${name}：${[training === null ? "" : `训练 ${loss(training)}`, validation === null ? "" : `验证 ${loss(validation)}`].filter(Boolean).join("、")}`,
        ),
      ].join("，"),
    spoken: {
      training: "训练",
      validation: "验证",
      uniform: "一无所知",
      unigram: "一元",
      bigram: "二元",
    },
    atStep: (step) => `第 ${whole(step)} 步`,
  },

  runs: {
    title: "训练记录",
    count: (runs, shown) => `${whole(runs)}${shown > 0 ? ` · 图中叠加 ${whole(shown)} 次` : ""}`,
    none: "每次训练都列在这里。新模型取代训练过的模型时，那次训练的记录会保留，可与下一次叠在一起比较。",
    columns: {
      name: "记录",
      step: "步数",
      parameters: "参数量",
      validation: "最佳验证（纳特）",
      training: "训练（纳特）",
      show: "显示",
      remove: "移除",
    },
    nameLabel: (id) => `记录 ${id} 的名称`,
    showLabel: (name) => `显示“${name}”`,
    removeLabel: (name) => `移除“${name}”`,
    current: "内存中",
    begun: (time, text) => `开始于 ${time}，${text}`,
    bestAt: (step) => `第 ${whole(step)} 步`,
    remove: "移除",
    removed: (name) => `已移除“${name}”。`,
    undo: "撤销",
    dropped: (dropped, most) => `最多保留 ${whole(most)} 次训练：最早的 ${whole(dropped)} 次已移除。`,
    save: "记录存为 CSV",
    saveHelp: "所有显示的训练和内存中那次训练的曲线，每步一行。",
    setting: (label, value) => `${label} ${value}`,
    name: ({ base, trial, file, text, fineTuned, settings, again }) =>
      [
        file === null ? base : directed(file),
        ...(trial === null ? [] : [trial]),
        ...(settings.length > 0 ? [settings.length > 2 ? `${settings.slice(0, 2).join("、")}…` : settings.join("、")] : []),
        ...(fineTuned ? ["微调"] : []),
        ...(text === null || file !== null ? [] : [text]),
        ...(again > 0 ? [`第 ${whole(again + 1)} 次`] : []),
      ].join(" · "),
    differences: "不同之处",
    noDifferences: "显示的各次训练设置相同。",
    one: "在内存中的训练旁再显示一次训练：两者的不同之处会列在这里。",
    columnSetting: "设置",
    groups: { tokenizer: "词元", data: "数据", model: "模型", training: "训练", sampling: "采样", outcome: "结果" },
    text: "文本",
    characters: "文本（字符）",
    parameters: "参数量",
    validation: "最佳验证（纳特）",
  },

  throughTime: {
    title: "训练中的样本",
    none: "每隔若干步，模型会续写一次提示词；写出的内容汇集在这里，每次一行。",
    off: "“采样间隔”为 0：训练期间不采样。",
    step: (step) => `第 ${whole(step)} 步`,
  },

  sample: {
    title: "采样",
    source: "来源",
    sources: { model: "模型", counts: "计数" },
    sample: "采样",
    stop: "停止",
    output: "采样文本",
    noModel: "模型写出的文本会显示在这里。还没有模型：请先按“训练”。",
    noText: "按计数抽取的文本会显示在这里。还没有可以计数的文本。",
    ready: "按“采样”：模型会续写提示词；如果正在训练，训练照常进行。",
    readyCounts: "按“采样”：每个词元按它在前一词元之后出现的次数成比例抽取。",
    preparing: "文本正在变成词元；采样要等它完成。",
    walk: "指向词元，或用方向键逐个查看：这里显示还可能抽到什么。",
    drawn: (token, probability) => `抽到${quoted(token)}的概率是 ${percent(probability)}`,
    candidates: "最可能的词元",
    candidate: (token, probability) => `${quoted(token)} ${percent(probability)}`,
  },

  transitions: {
    title: "转移计数",
    follows: "后面是什么",
    placeholder: "任意文本；留空则列出最常见的词元对",
    none: "一有文本，就会在这里统计每个词元后面跟着什么。",
    after: (total, different) =>
      total === 0 ? "在训练文本中，它后面从未出现过任何词元。" : `它后面共有 ${whole(total)} 次跟着词元，其中不同的有 ${whole(different)} 种。`,
    all: (total, different) => `共 ${whole(total)} 个相邻词元对，其中不同的有 ${whole(different)} 种。最常见的是：`,
    columns: { previous: "词元", next: "下一个", count: "次数", share: "占比" },
    entropy: "熵",
    conditional: "条件熵",
    conditionalHelp: "已知前一词元时下一词元的熵，以纳特计：任何只看词元对的模型，训练损失都不会比它更低。",
    pairs: "不同的词元对",
    baselines: (unigram, bigram, k) =>
      unigram == null && bigram == null
        ? `留出文本上的损失是无穷大（加 k 平滑，k\u00a0=\u00a0${significant(k)}）。`
        : `留出文本上：一元 ${nats(unigram)}，二元 ${nats(bigram)}（加 k 平滑，k\u00a0=\u00a0${significant(k)}）。`,
  },

  sentence: {
    label: "句子",
    help: "注意力、下一个词元和 logit 透镜所看的句子。它就是采样的提示词：在这里或那里输入都一样。",
  },

  lookBack: {
    label: "步",
    now: "现在",
    step: (step) => `第 ${whole(step)} 步`,
    nowAt: (step) => `现在，第 ${whole(step)} 步`,
    back: (step) => `现在，第 ${whole(step)} 步。拖动可回看。`,
    past: (at, now) => `正在回看：第 ${whole(at)} 步，共 ${whole(now)} 步。`,
    none: "可以回看的步会汇集在这里。",
    notYet: "随着训练，可以回看的步会汇集在这里。",
    tooLarge: "只能看现在：模型太大，无法保存之前的步。",
  },

  attention: {
    title: "注意力",
    layer: "层",
    head: "头",
    noModel: "这里会显示句子的每个词元关注哪里。还没有模型：请先按“训练”。",
    counts: "没有注意力可看：这个配方只计数，每次只看一个词元。",
    noLayers: "这个模型没有注意力可看：它没有层，或层中没有注意力。",
    noPrompt: "在上面输入句子：图中会显示它的每个词元关注哪里。",
    caption: (step) => `第 ${whole(step)} 步`,
    rows: "行：发出关注的词元。列：被关注的词元。",
    walk: "指向词元或格子，或用方向键；点击或按回车可锁定。",
    tokens: "句子的词元",
    token: (token, place) => `第 ${place + 1} 位的${quoted(token)}`,
    way: "着色",
    ways: { out: "词元关注谁", in: "谁关注词元" },
    looksMost: (query, place, strongest) => `第 ${place + 1} 位的${quoted(query)}最关注${weighed(strongest)}`,
    isLookedAtMost: (key, place, strongest) => `最关注第 ${place + 1} 位的${quoted(key)}的是${weighed(strongest)}`,
    copyAs: "复制为",
    copy: { picture: "PNG", numbers: "JSON" },
    copied: "已复制",
    savedPicture: "这里的剪贴板不接受图片：已存为文件。",
    savedNumbers: "这里无法使用剪贴板：已存为文件。",
    notTaken: "未能生成图片：请换用较短的句子，或复制为 JSON。",
    pictured: (layer, head, step) => `注意力，第 ${layer} 层第 ${head} 头，第 ${whole(step)} 步`,
    cell: (query, row, key, column, value) =>
      `第 ${row + 1} 位的${quoted(query)}关注第 ${column + 1} 位的${quoted(key)}：${weight(value)}`,
    alternative: (layer, head, step, tokens, last) =>
      `第 ${layer} 层第 ${head} 头在第 ${whole(step)} 步的注意力，共 ${tokens.length} 个词元：${tokens.map(visible).join(" ")}。${last}`,
    strongest: (query, key, column, value) =>
      `最后一个词元${quoted(query)}最关注第 ${column + 1} 位的${quoted(key)}：${weight(value)}。`,
    scale: "权重",
    grid: "注意力头：每层一行",
    entropy: (value) => `熵 ${significant(value)} 纳特`,
    entropyHelp: "它的词元平均关注得有多分散：只关注一个词元时为 0，对所有词元一视同仁时为词元个数的对数。",
    patterns: { previous: "前一词元", first: "首个词元", induction: "归纳" },
    pattern: (name, value) => `${name} ${weight(value)}`,
    thumbnail: (layer, head, character) => `第 ${layer} 层第 ${head} 头。${character}`,
  },

  nextToken: {
    title: "下一个词元",
    noModel: "这里会显示模型认为句子后面是什么。还没有模型：请先按“训练”。",
    greedy: "温度为 0 时总取第一个；图中是温度为 1 时的占比。",
    cut: "淡色：被 top-k 或 top-p 截去的词元，所示为截去前的占比。",
  },

  inside: {
    title: "模型内部",
    noModel: "这里会显示每一层的猜测、一个头值多少、权重的分布和词元嵌入图。还没有模型：请先按“训练”。",
    lens: {
      title: "logit 透镜",
      help: "假如模型到该层就结束，它在句子最后几个词元之后最可能猜的下一个词元。颜色越浓，把握越大。",
      after: "层",
      layer: (layer) => (layer === 0 ? "嵌入" : `第 ${layer} 块`),
      walk: "指向格子，或用方向键逐个查看。",
      cell: (layer, token, guess, probability) =>
        `${layer === 0 ? "第一块之前" : `第 ${layer} 块之后`}，${quoted(token)}后面是${quoted(guess)}：${percent(probability)}`,
    },
    off: {
      title: "关闭部件",
      help: "被关闭的头或层不再向模型中的残差流添加任何东西。损失的变化说明它值多少。",
      pieces: {
        layer: "层",
        head: (head) => `头 ${head}`,
        attention: "注意力",
        mlp: "前馈",
      },
      head: (layer, head) => `关闭第 ${layer} 层的第 ${head} 头`,
      attention: (layer) => `关闭第 ${layer} 层的注意力`,
      mlp: (layer) => `关闭第 ${layer} 层的前馈网络`,
      restore: "全部打开",
      choose: "勾选要关闭的部件。",
      noText: "计算损失需要一份模型认识的文本：请粘贴一份，或选择内置文本。",
      measuring: "正在测量…",
      over: (tokens, heldOut, step) => `第 ${whole(step)} 步，在 ${whole(tokens)} 个${heldOut ? "留出" : "训练"}词元上。`,
      whole: "完整的损失",
      without: "关闭后的损失",
      difference: "差值",
      compared: "关闭部件前后的下一个词元",
      columns: { token: "下一个词元", whole: "完整", without: "关闭后" },
    },
    tensors: {
      title: "权重与梯度",
      help: "每个张量中数值的分布，附平均值 ± 标准差。梯度是最近一步在裁剪之前的梯度。",
      columns: { tensor: "张量", weights: "权重", gradients: "梯度" },
      shape: (shape) => shape.map(whole).join(" × "),
      spread: (mean, deviation) => `${significant(mean)} ± ${significant(deviation)}`,
      range: (low, high) => `从 ${significant(low)} 到 ${significant(high)}`,
      notFinite: (count) => `${whole(count)} 个不是有限数`,
    },
    embeddings: {
      title: "词元嵌入",
      help: "最常见的词元，沿其嵌入差别最大的两个方向铺成平面。点击某个词元，或在其上按回车，可查看与它最接近的词元。",
      walk: "指向词元，或用方向键逐个查看。",
      token: (text, id) => `${quoted(text)}，ID ${whole(id)}`,
      axes: ([across, up], step) => `第 ${whole(step)} 步：横轴占方差的 ${percent(across)}，纵轴占 ${percent(up)}`,
      alternative: (step, tokens, [across, up]) =>
        `第 ${whole(step)} 步时 ${whole(tokens)} 个词元的嵌入在平面上的投影，保留了方差的 ${percent(across + up)}。`,
      nearest: (token) => `按余弦与${quoted(token)}最接近的`,
      nearestList: "最接近的词元",
    },
  },

  glossary,
  problems,

  advice: {
    title: "不妨一试",
    untrained: (seed) => `模型训练了 0 步：它写出的只是种子 ${seed} 的随机权重对提示词的反应。请按“训练”。`,
    diverged: (now, uniform, rate, norm) =>
      `训练损失是 ${loss(now)} 纳特，高于一无所知时的 ${loss(uniform)}，梯度范数是 ${significant(norm)}。请用低于 ${significant(rate)} 的学习率从头开始。`,
    unknown: (unknown, tokens) => `提示词的 ${whole(tokens)} 个词元中有 ${whole(unknown)} 个是模型不认识的（<unk>）。请使用训练文本中的词。`,
    rising: (now, best, training) =>
      `验证损失是 ${loss(now)} 纳特，比第 ${whole(best.step)} 步的最佳值高 ${loss(now - best.loss)}，而训练损失已降到 ${loss(training)}。请恢复最佳检查点。`,
    hot: (temperature) => `温度是 ${significant(temperature)}：不太可能的词元被抽到的次数远多于模型的预期。通常取 0.8。`,
    repeats: (length, times, temperature) =>
      `样本最后的 ${whole(length)} 个字符在其中出现了 ${whole(times)} 次：温度为 ${significant(temperature)} 时，几乎总是最可能的词元胜出。请把温度往 0.8 调高。`,
    aboveUnigram: (now, unigram, step) =>
      `第 ${whole(step)} 步的损失是 ${loss(now)} 纳特，而对单个词元计数就能达到 ${loss(unigram)}：模型还不知道哪些词元常见。`,
    aboveBigram: (now, bigram, step) =>
      `第 ${whole(step)} 步的损失是 ${loss(now)} 纳特，而对词元对计数就能达到 ${loss(bigram)}：模型还胜不过二元计数。`,
    goOn: (left) => `请继续训练：还剩 ${whole(left)} 步。`,
    longer: (steps) => `全部 ${whole(steps)} 步已完成：想训练更久，请增加步数。`,
    stuck: (steps, now, rate) => `训练损失已有 ${whole(steps)} 步没有下降（${loss(now)} 纳特）。请换一个学习率试试；现在是 ${significant(rate)}。`,
    gap: (validation, training) =>
      `验证损失是 ${loss(validation)} 纳特，训练损失是 ${loss(training)}：文本的一部分被背了下来。更多文本、更小的模型或 dropout 会有帮助。`,
    smallText: (count, tokens) => `模型有 ${parameters(count)} 个参数，而训练词元只有 ${whole(tokens)} 个，足以把它们背下来。更多文本或更小的模型会有帮助。`,
    longPrompt: (tokens, context) => `提示词有 ${whole(tokens)} 个词元，而上下文是 ${whole(context)}：模型只看得到最后 ${whole(context)} 个。`,
    lossy: (unknown, tokens) =>
      unknown > 0
        ? `文本的 ${whole(tokens)} 个词元中有 ${whole(unknown)} 个变成了 <unk>，模型也会学着写它。更大的词表或子词会有帮助。`
        : `这 ${whole(tokens)} 个词元丢失了空白和换行的个数：模型写不出它们。`,
  },

  link: {
    copy: "复制链接",
    copyHelp: "链接中有设置、配方和内置文本，没有你自己的文本、提示词和模型权重：它们以文件形式导出。",
    copied: "链接已复制：其中只有设置，权重放不进网址。",
    refused: "浏览器不允许复制链接；链接显示在这里，可手动复制。",
    label: "链接",
    dismiss: "知道了",
    opened: (problems) => `链接中有 ${whole(problems)} 处无法使用；其余已打开。`,
    more: (count) => `还有 ${whole(count)} 处。`,
    ownText: (label) => `框中保留的是你自己的文本。这个链接是用“${label}”制作的。`,
    useText: "使用链接的文本",
  },

  files: {
    title: "文件",
    export: "导出",
    import: "导入",
    noModel: "“导出”把训练好的模型存为文件。“导入”把它读回来：按下该按钮，或将文件或文件夹拖到这里。",
    folder: "文件夹",
    format: "格式",
    formats: { safetensors: "safetensors", transformers: "transformers zip", gguf: "GGUF", page: "网页" },
    sized: (format, size) => `${format} · ${size === null ? "无法导出" : bytes(size)}`,
    opensIn: {
      safetensors: "可以在这里重新打开，也可用任何能读取 safetensors 的软件打开。",
      transformers: (known, reason) =>
        known
          ? `可用 Hugging Face transformers 作为 ${known} 打开，也可以在这里打开。`
          : reason
            ? `内含 model.py（用于此模型的 PyTorch 模块），也可以在这里打开。${reason}`
            : "在 Hugging Face transformers 有对应类的情况下可用它打开，也可以在这里打开。",
      gguf: "可用 llama.cpp 及基于它的软件打开；不能在这里打开。",
      page: "一个文件，双击即可在任何浏览器中离线打开：可以采样，并显示概率和注意力。要发给别人，就发这个；链接只含设置，绝不含权重。",
    },
    send: "要发给别人，请导出为网页：链接装不下权重。",
    page: {
      writing: (done, of) => `正在写出网页：${bytes(done)} / ${bytes(of)}…`,
      progress: "正在写出网页",
    },
    share: "分享",
    model: (count, step) => `${parameters(count)} 个参数，第 ${whole(step)} 步`,
    from: (name) => `来自 ${directed(name)}`,
    exporting: (format, size) => `正在导出为 ${format}${size === null ? "" : `（${bytes(size)}）`}：正在读取权重…`,
    importing: (name) => `正在导入 ${directed(name)}…`,
    exported: {
      saved: (name, size) => `已保存 ${name}（${bytes(size)}）`,
      shared: (name, size) => `已分享 ${name}（${bytes(size)}）`,
      ready: (name, size) => `${name}（${bytes(size)}）已就绪：请再按一次“分享”`,
    },
  },

  sessions: {
    title: "已保存的会话",
    count: (count) => (count === 0 ? "已保存的会话" : `已保存的会话（${whole(count)}）`),
    name: ({ name, summary }) => directed(name || summary.text || "你自己的文本"),
    none: "此浏览器不给本页可写入的私有文件系统（OPFS），因此会话不会保存：要保留模型，请导出它。",
    offered: (name, { step, loss: nats }, age) =>
      `此浏览器中保存了一个会话：${name}，第 ${whole(step)} 步${nats === null ? "" : `，验证损失 ${loss(nats)} 纳特`}${age === null ? "" : age < 5 ? "，刚刚保存" : `，保存于 ${duration(age)} 前`}。`,
    goOn: "继续",
    notNow: "暂不",
    newName: "副本的名称",
    nameLabel: "会话的名称",
    saveAs: "另存为",
    remove: "删除",
    askRemove: (name) => `已保存的会话 ${name} 将永久删除。要删除吗？`,
    about: (saved, { step, loss: nats }, size) =>
      `${new Intl.DateTimeFormat("zh-Hans", { dateStyle: "short", timeStyle: "short" }).format(saved)} · 第 ${whole(step)} 步${nats === null ? "" : ` · ${loss(nats)} 纳特`} · ${bytes(size)}`,
    byItself: (every) => `训练时每 ${duration(every)} 自动保存一次，暂停时和标签页隐藏时也会保存；保留最近三次运行。`,
    saving: "正在保存…",
    elsewhere: "本页的另一个标签页正在自动保存；在它关闭之前，这个标签页不会自动保存。",
    taken: "本页的另一个标签页已打开此会话：请在那里继续，或关闭那个标签页。",
    storage: (used, left) => `存储空间：已用 ${bytes(used)}，剩余 ${bytes(left)}。`,
  },

  footer: {
    starting: "正在启动…",
    adapter: (name, backend) => (backend && backend.toLowerCase() !== name.toLowerCase() ? `${name} · ${backend}` : name),
    software: "软件适配器：结果正确，但比 GPU 慢许多倍。",
    cpu: "未使用 GPU：功能齐全，只是更慢。",
    computeOn: "计算设备",
    executors: { cpu: "CPU", gpu: "GPU" },
    moves: { cpu: "改在 CPU 上继续计算，模型不变", gpu: "改在 GPU 上继续计算，模型不变" },
    moving: { cpu: "正在移到 CPU…", gpu: "正在移到 GPU…" },
    noWebGpu: "此浏览器在这里不提供 WebGPU",
    version: (version, day) => (day === null ? `版本 ${version}` : `版本 ${version}，构建于 ${day}`),
    keys: "快捷键",
    newer: "本页有新版本。",
    reload: "重新加载",
    askReload: "重新加载会丢失内存中的模型，而它尚未导出。仍要重新加载吗？",
  },

  workers: {
    label: "线程数",
    of: (most) => `最多 ${whole(most)}`,
    help: "同时计算的线程数，每个线程算每一步的一部分；结果与线程数无关。",
    lacks: {
      nested_workers: "此浏览器不能在后台线程中再建线程，因此只有一个线程在计算。",
      failing: "辅助线程连续三次出错，因此只有一个线程在计算。",
    },
    lost: (step, silent, message, replaced) =>
      `第 ${whole(step)} 步时，一个辅助线程${silent ? "没有回应" : "停止了"}${message ? `（浏览器提示：${message}）` : ""}。它的那一部分已重新计算${replaced ? "，并已换上新的线程" : ""}：没有丢失任何内容。`,
    keepToOne: "只用一个",
  },

  appearance: {
    scheme: (chosen) => `配色：${chosen}`,
    schemes: { system: "跟随系统", light: "浅色", dark: "深色" },
    language: "语言",
  },

  keys: {
    title: "快捷键",
    close: "关闭",
    list: [
      ["空格", "训练或暂停（文本框之外）"],
      ["Tab", "到下一个控件"],
      ["方向键", "在曲线、图、注意力头和词元中逐个查看"],
      ["+ − 0", "在曲线图上：放大、缩小、显示全部"],
      ["Enter", "在注意力的词元或格子上：锁定"],
      ["Ctrl Enter", "在提示词中：采样"],
      ["Esc", "关闭打开的内容，松开锁定的内容"],
      ["g", "术语表"],
      ["?", "显示此列表；在设置中（提示词中按 F1）：说明它是什么，并附链接"],
    ],
  },

  modelPage: {
    heading: "一个小型语言模型",
    title: (text) => (text === null ? "一个小型语言模型" : `${text} – 一个小型语言模型`),
    what: (count, step, text) =>
      `${count === null || step === null ? "" : `${parameters(count)} 个参数，在浏览器标签页中${text === null ? "" : `从“${text}”`}学习了 ${whole(step)} 步。`}它会续写你输入的内容，就在本页中、在你自己的设备上运行：不会向任何人发送任何内容。`,
    starting: "正在启动模型…",
    reading: "正在从本文件中取出模型…",
    progress: "正在从本文件中取出模型",
    onGpu: (name) => `在你的 GPU 上运行：${name}`,
    onSoftware: (name) => `在软件适配器上运行：${name}`,
    onCpu: "在 CPU 上运行",
    noWebGpu: "在 CPU 上运行：此浏览器在这里不提供 WebGPU",
    toCpu: "改用 CPU",
    toGpu: "改用 GPU",
    trained: "它是怎样训练的",
    trainedOn: (text, date, version) =>
      `它从${text === null ? "一份没有名称的文本" : `“${text}”`}中学习${version === null ? "" : `，由 Fledgling ${version} 训练`}${date === null ? "" : `，于 ${date} 导出`}。`,
    numbers: {
      parameters: "参数",
      vocabulary: "词表",
      steps: "步数",
      training: "训练损失",
      validation: "验证损失",
      characters: "文本字符数",
    },
    curve: (steps, training, validation) =>
      `${whole(steps)} 步中的损失（纳特）：训练损失从 ${loss(training[0][1])} 到 ${loss(training[training.length - 1][1])}${validation.length > 1 ? `，验证损失从 ${loss(validation[0][1])} 到 ${loss(validation[validation.length - 1][1])}` : ""}。`,
    steps: (steps) => `纳特，至第 ${whole(steps)} 步`,
    settings: "全部设置",
    save: "保存模型",
    saveHelp: "保存为 .safetensors 文件，可用于 PyTorch，也可接着训练：在 Fledgling 中按“导入”，选择该文件，继续训练。",
    madeWith: "由 Fledgling 制作：训练一个你自己的模型",
    footer: "本页是一个单独的文件。它不需要网络，也不向任何人索取任何内容。",
    instead: {
      sample: { noModel: "模型写出的文本会出现在这里。", ready: "按“采样”：模型会接着提示词写下去。" },
      attention: { noModel: "这里会显示句子中每个词元关注何处的图。" },
      nextToken: { noModel: "这里会显示模型认为句子之后会出现什么。" },
    },
  },

  core,
};

/** In front of Chinese: a blank after a Latin letter or a figure. @param {string} text */
const before = (text) => (/[\p{Script=Latin}\p{Script=Greek}\p{N}.]$/u.test(text) ? `${text} ` : text);

/** Behind Chinese: a blank before a Latin letter or a figure. @param {string} text */
const behind = (text) => (/^[\p{Script=Latin}\p{Script=Greek}\p{N}−-]/u.test(text) ? ` ${text}` : text);

/** @param {import("./en.js").Weighed[]} tokens */
const weighed = (tokens) => tokens.map(({ token, i, value }) => `第 ${i + 1} 位的${quoted(token)}（${weight(value)}）`).join("、");

/** The first three of several, and how many more there are. @param {string[]} items */
function few(items) {
  const [shown, more] = [items.slice(0, 3).join("、"), items.length - 3];
  return more > 0 ? `${shown}，另有 ${more} 项` : shown;
}

/** @param {number | null | undefined} value */
const nats = (value) => (value == null ? "无穷大" : chinese.withNats(loss(value)));
