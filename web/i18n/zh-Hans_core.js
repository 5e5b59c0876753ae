// @ts-check
// What the core says in English, in simplified Chinese: what there is to set and to choose, and what it reports.

import { translatedMessage } from "./core_problems.js";

/** @type {import("./words.js").Words["core"]} */
export const core = {
  fields: {
    "tokenizer.kind": {
      label: "词元",
      help: "词元是什么：模型读写的最小文本单位。以字符为词元，词表最小；子词和单词更长，同样的上下文就能看得更远。",
      options: { characters: "字符", words: "单词", bytes: "字节", bpe: "子词（BPE）", file: "来自文件" },
    },
    "tokenizer.vocabulary": {
      label: "词表大小",
      unit: "词元",
      help: "不同词元的个数：子词会一直合并到这么多个（至少 257 个），单词则保留最常见的。词表越大，文本的词元越少，嵌入也越大。",
      formula: "嵌入：词表大小 × 宽度 个参数",
    },
    "tokenizer.splitting": {
      label: "文本切分",
      help: "在寻找词元之前先从哪里切开文本；词元不会跨过切口。GPT-2 的规则保留所有空白，按空白切分则会丢失空白的个数。",
      options: { gpt2: "同 GPT-2（无损）", whitespace: "按空白（有损）" },
    },
    "tokenizer.bos_eos": {
      label: "<bos> 和 <eos>",
      help: "文档能否置于词元 <bos> 与 <eos> 之间。若关闭，则像 GPT-2 那样以 <|endoftext|> 结束文档。",
    },
    "data.normalise_newlines": {
      label: "统一换行符",
      help: "把 CR LF 和单独的 CR 变成 LF。来自 Windows 的文本由此少了一个什么也教不了的词元。",
    },
    "data.collapse_whitespace": {
      label: "合并空白",
      help: "连续的空白变成一个空格，连续的空行变成一个空行。版式会丢失，但节省词元。",
    },
    "data.ascii_only": {
      label: "仅 ASCII",
      help: "去掉变音符号，弯引号变成直引号，其余 ASCII 之外的字符一律删除。词表最多只剩 98 个字符。",
    },
    "data.lower_case": {
      label: "转为小写",
      help: "大写字母变成小写。模型要学的词元更少，但也写不出大写字母。",
    },
    "data.division": {
      label: "留出方式",
      help: "为计算验证损失留出什么：文本的末尾，或均匀分布在全文中的整篇文档或整行。每题只有一个答案的习题应按行留出。",
      options: { position: "按位置", document: "按文档（空行）", line: "按行" },
    },
    "data.validation_share": {
      label: "留出比例",
      help: "为计算验证损失而留出、绝不用于训练的文本比例。比例越大，验证损失越可靠，可学的内容则越少；0 表示全部用于训练，没有验证损失。",
    },
    "data.mark_documents": {
      label: "标记文档",
      help: "在每篇文档两端加上 <bos> 和 <eos>，或在末尾加上 <|endoftext|>，让模型学会文档在哪里结束。需要字节或子词词元。",
    },
    "data.windows": {
      label: "窗口",
      help: "一批中的各个窗口从哪里开始：随机位置；按步幅排列、每轮打乱顺序；或每行的每个前缀，一次一个。随机窗口无需划分轮；按步幅则每个词元出现的次数相同。",
      options: { random: "随机", stride: "按步幅，打乱", prefixes: "每个前缀" },
    },
    "data.stride": {
      label: "步幅",
      unit: "词元",
      help: "从一个窗口的开头到下一个窗口的开头相隔多少词元；0 表示等于上下文长度，窗口互不重叠。步幅越小，同一文本产生的窗口越多。",
    },
    "data.add_k": {
      label: "加 k 平滑",
      help: "给一元和二元基线的每个计数都加上的数，使没见过的词元对也有概率。越大，各概率越趋于相同；0 则只抽取见过的，而没见过的词元对会使损失变为无穷大。",
      formula: "p(b | a) = (count(a b) + k) / (count(a) + k · 词表大小)",
    },
    "model.layers": {
      label: "层数",
      help: "依次相连的 Transformer 块，每块由注意力和前馈网络组成。层数越多，能组合的计算步骤越多，耗时也成比例增加；0 层只剩嵌入和输出头，即二元模型。",
    },
    "model.width": {
      label: "宽度",
      help: "每个词元在各层之间传递时，代表它的向量的维数 d。模型越宽，容量越大，参数量大致随宽度的平方增长。",
      formula: "L 层、前馈宽度为 4d 时约有 12 · L · d² 个权重",
    },
    "model.heads": {
      label: "头数",
      help: "每层的注意力头数，每个头用自己的“宽度 / 头数”列来看。头越多，同时能看的东西越多，但每个头看得越窄；头数必须整除宽度。",
      formula: "headᵢ = softmax(QᵢKᵢᵀ / √(d / h) + M) · Vᵢ",
    },
    "model.context": {
      label: "上下文",
      unit: "词元",
      help: "模型一次能看到的最长词元序列 T；更早的内容不起作用。上下文越长，越能利用远处的内容，而注意力的计算量随其平方增长。",
      formula: "因果掩码下，每个头有 T · (T + 1) / 2 个词元对",
    },
    "model.dropout": {
      label: "Dropout",
      help: "训练时把数值置零的概率 p，作用于嵌入、注意力权重和两个残差分支。越大，越能减缓小文本上的过拟合，学习也越慢。",
      formula: "y = x · m / (1 − p)，m 以概率 p 为 0，否则为 1",
    },
    "model.kv_heads": {
      label: "键/值头数",
      help: "键和值的头数；少于头数即为分组查询注意力，几个查询头共用一个键/值头。越少越节省参数和内存；它必须整除头数。",
      formula: "h 个查询头中的第 i 个读取第 ⌊i · h_kv / h⌋ 个键/值头",
    },
    "model.hidden": {
      label: "前馈宽度",
      help: "升维投影与降维投影之间那一层的宽度。越大容量越大，开销也成比例增加；通常取宽度的四倍。",
      formula: "W_up：宽度 × 前馈宽度，W_down：前馈宽度 × 宽度",
    },
    "model.attention": {
      label: "注意力",
      help: "各块是否带有注意力，这是唯一能让词元看到其他词元的部件。没有它，模型再深也只是二元模型。",
      formula: "softmax(QKᵀ / √(d / h) + M) · V",
    },
    "model.mlp": {
      label: "前馈网络",
      help: "各块是否带有前馈网络，它单独处理每个位置。没有它，块只能在词元之间搬运信息。",
    },
    "model.positions": {
      label: "位置编码",
      help: "词元的位置 t 如何传给模型：在它的嵌入上加可学习的向量或固定的正弦值，在查询和键中按角度旋转，或者完全不传。不传时，只有因果掩码能体现顺序。",
      options: { learned: "可学习", sinusoidal: "正弦", rotary: "旋转 RoPE", none: "无" },
      formulas: { rotary: "(a, b) ← (a cos φ − b sin φ, b cos φ + a sin φ)，φ = t · base^(−2i / 头宽度)" },
    },
    "model.norm": {
      label: "归一化",
      help: "在处理之前把每个向量恢复到同样的大小。层归一化减去均值再除以标准差，RMS 归一化只除以均方根；选“无”则残差流保持原样。",
      options: { layer: "层归一化", rms: "RMS 归一化", none: "无" },
    },
    "model.norm_place": {
      label: "归一化位置",
      help: "归一化放在每个分支 f 的哪里：分支之前，如 GPT-2；或求和之后，如最早的 Transformer。前置归一化训练更平稳，后置归一化需要预热。",
      options: { pre: "前置（pre-norm）", post: "后置（post-norm）" },
    },
    "model.final_norm": {
      label: "输出头前归一化",
      help: "计算 logits 之前的最后一次归一化。pre-norm 模型需要它，post-norm 模型则刚刚做过一次。",
    },
    "model.norm_bias": {
      label: "归一化偏置",
      help: "层归一化在增益之后是否再加偏置。RMS 归一化从不加。",
    },
    "model.activation": {
      label: "激活函数",
      help: "前馈网络的非线性函数 f；没有它，两个矩阵就等于一个。SwiGLU 多加了第三个矩阵，即门控。",
      options: {
        relu: "ReLU",
        gelu: "GELU",
        gelu_tanh: "GELU（tanh）",
        silu: "SiLU",
        relu_squared: "ReLU²",
        swiglu: "SwiGLU",
      },
    },
    "model.attention_bias": {
      label: "注意力偏置",
      help: "查询、键、值和输出投影上的偏置。GPT-2 有，nanoGPT 和 Llama 没有。",
      formula: "Q = x · W_Q + b_Q，K、V 和输出同理",
    },
    "model.attention_output": {
      label: "注意力输出投影",
      help: "各个头拼接之后的矩阵，用来混合它们各自找到的内容。有两篇教程省去了它。",
    },
    "model.mlp_bias": {
      label: "前馈偏置",
      help: "前馈网络各投影上的偏置。GPT-2 有，nanoGPT 和 Llama 没有。",
    },
    "model.head_bias": {
      label: "输出头偏置",
      help: "在 logits 上为每个词元加一个偏置。它可以记住各词元的总体频率。",
    },
    "model.tied": {
      label: "权重绑定",
      help: "输出头复用词元嵌入 E 作为自己的矩阵。可以节省“词表大小 × 宽度”个参数。",
    },
    "model.causal": {
      label: "因果掩码",
      help: "位置 i 只能看到不晚于 i 的位置 j。没有它，要预测每个下一词元的模型只要偷看答案就行了。",
      formula: "M[i, j] 在 j ≤ i 时为 0，否则为 −∞",
    },
    "model.norm_epsilon": {
      label: "归一化 ε",
      help: "加在根号下的方差上，使全为常数的行不会除以零。通常取 1e-5；取得太大会削弱归一化。",
    },
    "model.rotary_base": {
      label: "旋转基数",
      help: "旋转位置编码的波长从 2π 个词元到将近 2π 乘以此数。基数越大，越能在更长的上下文中区分位置；论文中取 10,000。",
      formula: "φ = t · base^(−2i / 头宽度)",
    },
    "training.steps": {
      label: "步数",
      unit: "步",
      help: "一次训练更新权重的次数（未指定轮数时）；每步看一批数据。步数越多学得越多，直到验证损失不再下降。",
      formula: "已见词元 = 步数 × 批大小 × 上下文 × 微批数",
    },
    "training.batch": {
      label: "批大小",
      unit: "窗口",
      help: "每步所用的、长度等于上下文的窗口数。越多，梯度越稳定，每步也越慢。",
      formula: "g = 一批中 ∇loss 的平均",
    },
    "training.learning_rate": {
      label: "学习率",
      help: "一步把权重移动多远。太大，损失会乱跳；太小，损失几乎不降。",
      formula: "w ← w − η · 方向",
    },
    "training.epochs": {
      label: "轮数",
      unit: "轮",
      help: "一次训练遍历训练文本的遍数；0 表示由步数决定。使用随机窗口时，一轮所见的词元数等于文本的词元数。",
    },
    "training.accumulation": {
      label: "微批数",
      help: "每步对多少批的梯度取平均。越多，相当于用一批的内存得到大若干倍的批的梯度，耗时也增加同样的倍数。",
    },
    "training.initial_weights": {
      label: "初始权重",
      help: "第一步之前的权重：像 GPT-2 那样的小正态随机数，或 PyTorch 各层的默认初值，具体数值由种子决定。初值越小，起点越接近一无所知。",
      options: { gpt2: "GPT-2 残差缩放", normal: "正态（0.02）", pytorch: "PyTorch 默认" },
      formulas: { pytorch: "线性层：U(−1/√n_in, 1/√n_in)；嵌入：N(0, 1)" },
    },
    "training.schedule": {
      label: "学习率调度",
      help: "学习率如何变化：恒定不变；或先线性预热 w 步，再沿半个余弦到第 n 步降至最小值。末尾学习率低，损失更稳定。",
      options: { constant: "恒定", cosine: "预热 + 余弦" },
      formulas: { cosine: "t ≤ w 时 η_t = η · t/w，之后 η_t = η_min + ½ (η − η_min) (1 + cos(π (t − w)/(n − w)))" },
    },
    "training.min_learning_rate": {
      label: "最小学习率",
      help: "余弦衰减的终点。通常取学习率的十分之一；高一些能一直学到最后，低一些则更稳定。",
    },
    "training.warmup_steps": {
      label: "预热",
      unit: "步",
      help: "学习率从零升上来所用的步数 w（若调度中有预热）。它避免 Adam 最初嘈杂的估计造成损害；训练总长的十分之一就绰绰有余。",
    },
    "training.total_steps": {
      label: "调度长度",
      unit: "步",
      help: "余弦降到最小值的那一步；0 表示最后一步。超过之后，训练以最小学习率继续。",
    },
    "training.objective": {
      label: "损失范围",
      help: "对窗口中每个位置的交叉熵取平均，或只算最后一个位置。每个位置都算，每步的信号就是后者的“上下文长度”倍。",
      options: { every_position: "每个位置", last_position: "最后位置" },
      formulas: {
        every_position: "损失 = −ln p(x_{t+1} | x₁ … x_t) 对各 t 的平均",
        last_position: "损失 = −ln p(x_{T+1} | x₁ … x_T)",
      },
    },
    "training.optimizer": {
      label: "优化器",
      help: "一步如何利用梯度 g：AdamW 和 Adam 按每个权重各自的历史缩放它，AdamW 的权重衰减独立于梯度。SGD 直接使用梯度，因此需要不同的学习率。",
      options: { adamw: "AdamW", adam: "Adam", sgd: "SGD" },
    },
    "training.beta1": {
      label: "β₁",
      help: "梯度滑动平均的衰减系数。越接近 1，平均的步数越多；0.9 大约平均 10 步。",
    },
    "training.beta2": {
      label: "β₂",
      help: "梯度平方滑动平均的衰减系数。越接近 1，平均的步数越多，这对小批有利。",
    },
    "training.epsilon": {
      label: "Adam ε",
      help: "加在二阶矩的平方根上，使几乎不动的权重不会突然爆炸。取得很大时，Adam 会更像 SGD。",
    },
    "training.weight_decay": {
      label: "权重衰减",
      help: "每步把权重拉向零；使用 AdamW 时，拉动的幅度是“学习率 × 衰减”。越大，模型越简单；0 表示关闭。",
      formula: "AdamW：w ← (1 − η λ) w；Adam、SGD：g ← g + λ w",
    },
    "training.decay": {
      label: "衰减对象",
      help: "哪些权重被拉向零：像 GPT-2 的做法那样只有矩阵，或者增益和偏置也包括在内。增益被拉向零会削弱归一化。",
      options: { matrices: "仅矩阵", all: "全部" },
    },
    "training.clip": {
      label: "梯度裁剪",
      help: "梯度的全局范数超过 c 时，按比例缩小到 c。越小，越能防范个别异常的批，学习也越慢；0 表示关闭。",
    },
    "training.interval_unit": {
      label: "间隔单位",
      help: "验证和采样的间隔按什么计：步或轮。",
      options: { steps: "步", epochs: "轮" },
    },
    "training.validation_interval": {
      label: "验证间隔",
      help: "两次验证损失之间相隔的步数（或轮数），每次都用验证集中相同的批。间隔越小，曲线越细、最佳检查点越好，也越费时间。",
    },
    "training.validation_batches": {
      label: "验证批数",
      unit: "批",
      help: "一次验证损失对多少批取平均。越多越准确，也越费时间。",
    },
    "training.patience": {
      label: "耐心值",
      unit: "次",
      help: "早停：连续这么多次验证都没有改进时，训练结束。0 表示关闭。",
    },
    "training.min_improvement": {
      label: "最小改进",
      unit: "纳特",
      help: "验证损失须比迄今最佳低多少才算改进。越大，停得越早。",
    },
    "training.sample_interval": {
      label: "采样间隔",
      help: "训练期间两次续写提示词之间相隔的步数（或轮数）；样本保存在列表中，可以看着模型学习。0 表示不采样。",
    },
    "training.seed": {
      label: "种子",
      help: "决定初始权重、批的顺序和 dropout：同一种子在同一适配器上给出逐比特相同的训练。",
    },
    "sampling.prompt": {
      label: "提示词",
      help: "由模型续写的文本。留空则表示文档的开头，或一个新行。",
    },
    "sampling.tokens": {
      label: "长度",
      unit: "词元",
      help: "要抽取的词元数。在上下文之内，每个词元沿用此前各词元留下的键和值。超出上下文之后，模型会忘记文本是怎么开头的；此时，以及没有因果掩码时，每个词元都要把整个上下文重新算一遍，因而更慢。",
    },
    "sampling.temperature": {
      label: "温度",
      help: "抽取词元之前，先用它去除 logits z。低则谨慎，高则大胆，0 总取最可能的词元。",
    },
    "sampling.top_k": {
      label: "Top-k",
      unit: "词元",
      help: "只在最可能的 k 个词元中抽取。越少越谨慎；0 表示全部保留。",
      formula: "zᵢ 不在最大的 k 个之中时 pᵢ = 0",
    },
    "sampling.top_p": {
      label: "Top-p",
      help: "从最可能的词元算起，只在概率之和刚好达到 p 的那些词元中抽取。越低越谨慎；1 表示全部保留。",
      formula: "最可能者组成的最小集合 S：Σ_{i ∈ S} pᵢ ≥ p",
    },
    "sampling.repetition_penalty": {
      label: "重复惩罚",
      help: "降低上下文中已有词元的可能性，每个词元只计一次。大于 1 会避开说过的内容，小于 1 则倾向于重复，1 表示关闭。",
      formula: "对上下文中的词元 i：zᵢ > 0 时 zᵢ ← zᵢ / θ，否则 zᵢ ← zᵢ · θ",
    },
    "sampling.stop": {
      label: "停止文本",
      help: "一旦出现这段文本，采样就结束。留空则永不因此结束。",
    },
    "sampling.seed": {
      label: "种子",
      help: "决定抽取结果：相同的种子、提示词和权重给出相同的文本。",
    },
  },

  presets: {
    micro: { label: "微型", help: "即使在软件适配器上，一分钟内也能学会拼写。" },
    S: { label: "S", help: "nanoGPT 的小型莎士比亚模型：在笔记本电脑的 GPU 上，几分钟后就能写出单词和诗行的样子。" },
    M: { label: "M", help: "nanoGPT 的莎士比亚模型（10.6 M 参数）：需要真正的 GPU 和一些耐心。" },
  },

  texts: {
    stories: { label: "小故事", help: "写给小孩子的英文故事，用词浅显：小模型一两分钟后就能自己写出几篇。" },
    letters: { label: "小书信", help: "故事中的人物和动物之间的书信：给学过这些故事的模型的第二份文本。" },
    addition: { label: "加法", help: "两个小于 100 的数的全部加法，如 12+34=46：留出的算式能说明模型是在计算还是在背诵。" },
    sorting: { label: "数字排序", help: "三到六个数字及其排序结果，如 3142=1234：注意力学会计数。" },
    reversal: { label: "单词反转", help: "由随机字母组成的单词及其倒写，如 planet=tenalp：注意力学会指向。" },
    brackets: { label: "括号匹配", help: "一串括号以及它们是否匹配，如 ([]{})=yes：一半匹配，其余只差一处。" },
    poems: { label: "中文诗", help: "每行五字或七字的短诗，由古典诗歌的常用词写成：字多，行短。" },
    sentences: { label: "两个句子", help: "由同样五个单词组成的两个句子：小到每个数都能手算验证。" },
  },

  recipes: {
    counting_bigrams: {
      label: "二元计数",
      help: "统计哪个字符后面跟着哪个字符，再按比例抽取下一个。这是最简单的语言模型，什么也不用训练。",
      notes: ["如果某个字符后面从未出现过别的字符，下一个字符就只按各字符的频率抽取。"],
    },
    bigram_network: {
      label: "二元神经网络",
      help: "用 32 维的嵌入和一个线性输出头，学会计数一下子就能知道的东西。训练损失会降到文本的条件熵，不会更低；点线是计数在留出文本上达到的损失。",
      notes: ["学习率沿余弦下降，使损失稳定在条件熵上，而不是在它周围跳动。"],
    },
    first_transformer: {
      label: "第一个 Transformer",
      help: "单词词元、一个头、两层、两个句子：小到能看清每一个数。它读入每个前缀，预测下一个单词。",
      notes: [
        "注意力和前馈网络外面都有残差求和与归一化，与论文一致，即使某篇教程的代码省去了其中之一。",
        "输出头的结果直接作为 logits 进入交叉熵，之前不做 softmax。",
      ],
    },
    tiny_gpt: {
      label: "TinyGPT",
      help: "子词，六层，每层四个头，宽度 128：最初样式的小型 GPT。每个故事都置于 <bos> 与 <eos> 之间。",
      notes: [
        "8,000 的词表需要很长的文本；当没有词元对再出现两次时，BPE 会提前停止合并。",
        "文本在空白处切开，空白随后被丢弃：模型写出的单词之间都只有一个空格。",
        "参数量是所有张量的总和，包括输出头，不论教程报出的是多少。",
      ],
    },
    gpt_from_scratch: {
      label: "从零训练 GPT",
      help: "一套完整的现代训练：子词、pre-norm、GELU、dropout、预热加余弦、梯度裁剪、带最佳检查点的早停。之后再用第二份文本微调。",
      notes: ["子词是在这份文本上训练的；想用 GPT-2 的分词器，把它拖到页面上即可。", "耐心值按验证次数计，每轮验证一次。"],
    },
    character_gpt: {
      label: "字符 GPT，逐件拆解",
      help: "以字符为词元的 GPT，各个部件可以逐一关闭。先训练完整的，再训练每个缺一件的，看看每个部件值多少纳特。",
      notes: ["每次训练都从同一种子开始，看到相同的批，因此差别只在那个部件。"],
      pieces: {
        "Without positions": "无位置编码",
        "Without attention": "无注意力",
        "Without norms": "无归一化",
        "Without feed-forward layer": "无前馈网络",
      },
    },
    shakespeare_small: {
      label: "nanoGPT 莎士比亚（小）",
      help: "nanoGPT 的小型字符模型，设置与其完全一致。它在 tinyshakespeare 上的最佳验证损失是 1.88 纳特；请以文件形式提供该文本。",
      notes: ["页面中没有莎士比亚的文本：如果不提供自己的文本，它学的就是内置的故事。"],
    },
  },

  problems: {
    messages: [
      // config.rs
      { pattern: String.raw`(\w+) is (\S+); it must lie between (\S+) and (\S+)`, say: (key, value, low, high) => `“${labelOf(key)}”是 ${value}，须在 ${low} 与 ${high} 之间` },
      { pattern: String.raw`width (\d+) is not a multiple of heads (\d+): every head needs the same whole number of columns`, say: (width, heads) => `宽度 ${width} 不是头数 ${heads} 的整数倍：每个头须有同样的整数列` },
      { pattern: String.raw`heads (\d+) is not a multiple of key/value heads (\d+): every group needs the same number of query heads`, say: (heads, kv) => `头数 ${heads} 不是键/值头数 ${kv} 的整数倍：每组的查询头数须相同` },
      { pattern: String.raw`rotary positions turn pairs of columns, but a head has (\d+) columns, an odd number`, say: (columns) => `旋转位置编码成对地旋转各列，而每个头有 ${columns} 列，是奇数` },
      { pattern: String.raw`sinusoidal positions alternate sine and cosine, but width (\d+) is odd`, say: (width) => `正弦位置编码交替使用正弦和余弦，而宽度 ${width} 是奇数` },
      { pattern: String.raw`this model would have (\d+) parameters; at most (\d+) fit`, say: (count, limit) => `这个模型会有 ${count} 个参数；最多只能有 ${limit} 个` },
      { pattern: String.raw`warm-up lasts (\d+) steps, longer than the schedule's (\d+) steps`, say: (warmup, total) => `预热长达 ${warmup} 步，超过了调度的 ${total} 步` },
      { pattern: String.raw`every prefix is a step of its own: batch is (\d+) and must be 1`, say: (batch) => `每个前缀单独占一步：批大小是 ${batch}，须为 1` },
      { pattern: String.raw`every prefix predicts the token after it: the loss must be over the last position, not every position`, say: () => "每个前缀只预测它后面的词元：损失须只算最后位置，而不是每个位置" },
      { pattern: String.raw`top-k keeps (\d+) tokens, but the vocabulary has (?:only )?(\d+)`, say: (k, vocab) => `top-k 保留 ${k} 个词元，而词表只有 ${vocab} 个` },
      { pattern: String.raw`documents cannot be marked where tokens are (.+): only byte and sub-word vocabularies have marks`, say: (kind) => `词元是${{ Characters: "字符", Words: "单词" }[kind] ?? ` ${kind} `}时无法标记文档：只有字节和子词词表才有标记` },
      { pattern: String.raw`the minimum learning rate (\S+) is above the learning rate (\S+)`, say: (least, rate) => `最小学习率 ${least} 高于学习率 ${rate}` },
      // dataset.rs
      { pattern: String.raw`the (training|validation) split of the text has (\d+) tokens; one window needs (\d+) \(context \+ 1\)`, say: (split, tokens, needed) => `文本的${part(split)}有 ${tokens} 个词元；一个窗口需要 ${needed} 个（上下文 + 1）` },
      { pattern: String.raw`the stride is (\d+) tokens, but the training split has only (\d+)`, say: (stride, tokens) => `步幅是 ${stride} 个词元，而训练部分只有 ${tokens} 个` },
      { pattern: String.raw`the training split has (\d+) windows at this stride; one step needs (\d+)`, say: (windows, needed) => `按此步幅，训练部分有 ${windows} 个窗口；一步需要 ${needed} 个` },
      { pattern: String.raw`nothing is held out for validation: the share is (\S+) and the text has (\d+) documents`, say: (share, documents) => `没有为验证留出任何内容：留出比例是 ${share}，而文本有 ${documents} 个文档` },
      { pattern: String.raw`prefixes have different lengths, so a batch holds 1 of them, not (\d+)`, say: (batch) => `各前缀长度不同，因此一批只能有 1 个，而不是 ${batch} 个` },
      { pattern: String.raw`the (training|validation) split has (\d+) documents and (\d+) tokens, but no document with 2 tokens`, say: (split, documents, tokens) => `${part(split)}有 ${documents} 个文档、${tokens} 个词元，但没有一个文档达到 2 个词元` },
      { pattern: String.raw`(.+): no validation loss will be drawn`, say: (why) => `${inner(why)}；因此不会画出验证损失` },
      // tokenizer.rs
      { pattern: String.raw`the text is empty`, say: () => "文本是空的" },
      { pattern: String.raw`a vocabulary of (\d+) tokens is asked for; it must lie between (\d+) and (\d+)`, say: (asked, low, high) => `要求的词表有 ${asked} 个词元，须在 ${low} 与 ${high} 之间` },
      { pattern: String.raw`the tokenizer is to come from a file, and none was given`, say: () => "分词器要由文件给出，但没有提供文件" },
      { pattern: String.raw`(\d+) characters are not in the vocabulary: (.+)`, say: (count, characters) => `有 ${count} 个字符不在词表中：${characters}` },
      { pattern: String.raw`(.+) is not text: (.+)`, say: (name, reason) => `${name} 不是文本：${inner(reason)}` },
      { pattern: String.raw`UTF-16 of (\d+) bytes, an odd number`, say: (count) => `UTF-16 编码，但长度 ${count} 字节是奇数` },
      { pattern: String.raw`broken UTF-16, (.+)`, say: (reason) => `UTF-16 编码损坏，${reason}` },
      { pattern: String.raw`it looks binary, with a zero byte at (\d+)`, say: (at) => `它像是二进制文件，第 ${at} 字节处为零` },
      { pattern: String.raw`byte (\d+) is not UTF-8; save it as UTF-8 first`, say: (at) => `第 ${at} 字节不是 UTF-8；请先另存为 UTF-8` },
      { pattern: String.raw`the tokenizer is not one that can be read here: (.+)`, say: (reason) => `这里读不了这个分词器：${inner(reason)}` },
      { pattern: String.raw`the tokenizer cannot be written: (.+)`, say: (reason) => `无法写出分词器：${reason}` },
      // tokenizer/file.rs
      { pattern: String.raw`it is (\d+) bytes long, at most (\d+) are read`, say: (count, limit) => `它长 ${count} 字节，最多读取 ${limit} 字节` },
      { pattern: String.raw`its (\w+) is set; a model without it is read`, say: (key) => `它设置了 ${key}；只能读取没有此项的模型` },
      { pattern: String.raw`its (\w+) is (.+); (.+) is read`, say: (key, found, read) => `它的 ${key} 是 ${found}；只能读取${behind(inChinese(read.replace(/,$/, "")))}` },
      { pattern: String.raw`its vocabulary is empty`, say: () => "它的词表是空的" },
      { pattern: String.raw`its vocabulary has (\d+) tokens, at most (\d+) are read`, say: (tokens, limit) => `它的词表有 ${tokens} 个词元，最多读取 ${limit} 个` },
      { pattern: String.raw`the id (\d+) of (.+) is outside 0 to (\d+), and so another id of its (\d+) tokens is missing`, say: (id, token, last, tokens) => `${token} 的 ID ${id} 不在 0 到 ${last} 之间，因此它的 ${tokens} 个词元中缺少另一个 ID` },
      { pattern: String.raw`the id (\d+) stands twice, for (.+) and for (.+)`, say: (id, first, second) => `ID ${id} 出现两次：${first} 和 ${second}` },
      { pattern: String.raw`the token (.+) stands twice, with the ids (\d+) and (\d+)`, say: (token, first, second) => `词元 ${token} 出现两次：ID ${first} 和 ${second}` },
      { pattern: String.raw`the token of id (\d+) is empty`, say: (id) => `ID 为 ${id} 的词元是空的` },
      { pattern: String.raw`its added token (.+) of id (\d+) is not a special one; only special ones are read`, say: (token, id) => `附加词元 ${token}（ID ${id}）不是特殊词元；只能读取特殊词元` },
      { pattern: String.raw`the token (.+) of id (\d+) is not one character`, say: (token, id) => `词元 ${token}（ID ${id}）不是单个字符` },
      { pattern: String.raw`the token (.+) of id (\d+) is not spelled in the byte-level alphabet`, say: (token, id) => `词元 ${token}（ID ${id}）不是用字节级字母表拼写的` },
      { pattern: String.raw`its alphabet lacks (\d+) of (\d+) bytes`, say: (missing, all) => `它的字母表缺少 ${all} 个字节中的 ${missing} 个` },
      { pattern: String.raw`its unknown token (.+) is none of its (\d+) tokens`, say: (token, tokens) => `它的未知词元 ${token} 不在其 ${tokens} 个词元之中` },
      { pattern: String.raw`merge (\d+), (.+), is not two tokens with one space between`, say: (number, merge) => `第 ${number} 条合并规则 ${merge} 不是以一个空格隔开的两个词元` },
      { pattern: String.raw`merge (\d+), (.+), needs the token (.+), which is none of its (\d+) tokens`, say: (number, merge, token, tokens) => `第 ${number} 条合并规则 ${merge} 需要词元 ${token}，而它不在其 ${tokens} 个词元之中` },
      { pattern: String.raw`merge (\d+), (.+), has to do with the special token (.+) of id (\d+)`, say: (number, merge, token, id) => `第 ${number} 条合并规则 ${merge} 涉及特殊词元 ${token}（ID ${id}）` },
      { pattern: String.raw`merge (\d+), (.+), stands before, as merge (\d+)`, say: (number, merge, first) => `第 ${number} 条合并规则 ${merge} 与第 ${first} 条重复` },
      { pattern: String.raw`(.+) needs its merges\.txt beside it`, say: (name) => `${name} 还需要与它配套的 merges.txt` },
      { pattern: String.raw`(\d+) files were given`, say: (count) => `给出了 ${count} 个文件` },
      // gpu.rs
      { pattern: String.raw`no WebGPU adapter was found: (.+)`, say: (reason) => `找不到 WebGPU 适配器：${reason}` },
      { pattern: String.raw`the adapter (.+) refused a device: (.+)`, say: (adapter, reason) => `适配器 ${adapter} 拒绝提供设备：${reason}` },
      {
        pattern: String.raw`(.+): tensor (\S+) (\[.*\]) would need (\d+) bytes in one piece; this adapter has at most (\d+)`,
        say: (name, tensor, shape, asked, limit) => `${name}：张量 ${tensor} ${shape} 需要 ${asked} 字节的连续空间；此适配器最多只有 ${limit} 字节`,
      },
      {
        pattern: String.raw`(.+): its (\d+) parameters would need (\d+) bytes in one piece; this adapter has at most (\d+)`,
        say: (name, count, asked, limit) => `${name}：它的 ${count} 个参数需要 ${asked} 字节的连续空间；此适配器最多只有 ${limit} 字节`,
      },
      { pattern: String.raw`(.+) would need (\d+) bytes in one piece; this adapter has at most (\d+)`, say: (name, asked, limit) => `${name} 需要 ${asked} 字节的连续空间；此适配器最多只有 ${limit} 字节` },
      { pattern: String.raw`memory ran out: (\d+) bytes were asked for`, say: (asked) => `内存不足：请求了 ${asked} 字节` },
      { pattern: String.raw`(\d+) bytes of memory would be needed; (\d+) are left here`, say: (asked, left) => `需要 ${asked} 字节内存；这里只剩 ${left} 字节` },
      { pattern: String.raw`the GPU was lost: (.+)`, say: (reason) => `与 GPU 的连接已丢失：${reason}` },
      { pattern: String.raw`the GPU refused our work: (.+)`, say: (reason) => `GPU 拒绝了我们的任务：${reason}` },
      { pattern: String.raw`the GPU is busy`, say: () => "GPU 正忙" },
      // trainer.rs, tape.rs
      { pattern: String.raw`the (loss|gradient norm|validation loss) of step (\d+) is not a finite number; the weights are those of step (\d+), the last that were checked`, say: (what, step, last) => `第 ${step} 步的${{ loss: "损失", "gradient norm": "梯度范数" }[what] ?? "验证损失"}不是有限数；权重已退回第 ${last} 步，即最后一次检查无误时` },
      {
        pattern: String.raw`training this model would need (\d+) bytes of memory, where the model alone takes (\d+): (.+)`,
        say: (asked, held, error) => `训练这个模型需要 ${asked} 字节内存，而模型本身只占 ${held} 字节：${inner(error)}`,
      },
      { pattern: String.raw`there is no parameter (.+)`, say: (name) => `没有参数 ${name}` },
      { pattern: String.raw`(.+) has (\d+) values, (\d+) were given`, say: (name, expected, found) => `${name} 有 ${expected} 个值，却给出了 ${found} 个` },
      { pattern: String.raw`token (\d+) is outside the vocabulary of (\d+)`, say: (token, vocab) => `词元 ${token} 超出了大小为 ${vocab} 的词表` },
      { pattern: String.raw`(.+) reads (.+), which needs a gradient, but .+ has no adjoint`, say: (op, value) => `${op} 读取 ${value}，它需要梯度，但 ${op} 没有反向计算` },
      { pattern: String.raw`the adjoint of (.+) gives (.+) no gradient`, say: (op, value) => `${op} 的反向计算没有给出 ${value} 的梯度` },
      { pattern: String.raw`the gradient of (.+) is added to while (.+), which shares its place, is still to be read`, say: (value, other) => `正在累加 ${value} 的梯度，而与它共用空间的 ${other} 还没有读完` },
      { pattern: String.raw`parameter (.+) receives no gradient`, say: (name) => `参数 ${name} 没有得到梯度` },
      // sampler.rs
      { pattern: String.raw`(\d+) of (\d+) logits are not finite numbers`, say: (count, vocab) => `${vocab} 个 logits 中有 ${count} 个不是有限数` },
      { pattern: String.raw`there are 0 logits; one draw needs at least 1`, say: () => "logits 有 0 个；抽取一次至少需要 1 个" },
      { pattern: String.raw`temperature is (\S+); it must be 0 \(greedy\) or above`, say: (value) => `温度是 ${value}，须为 0（贪心）或更高` },
      { pattern: String.raw`top-p is (\S+); it must be above 0 and at most 1`, say: (value) => `top-p 是 ${value}，须大于 0 且不超过 1` },
      { pattern: String.raw`the repetition penalty is (\S+); it must be a finite number above 0`, say: (value) => `重复惩罚是 ${value}，须是大于 0 的有限数` },
      // session
      { pattern: String.raw`there is no text to train on`, say: () => "没有可供训练的文本" },
      { pattern: String.raw`there is no model yet`, say: () => "还没有模型" },
      { pattern: String.raw`this model has no attention layers`, say: () => "这个模型没有注意力层" },
      { pattern: String.raw`layer (\d+), head (\d+) is not there: the model has (\d+) layers of (\d+) heads`, say: (layer, head, layers, heads) => `没有第 ${layer} 层第 ${head} 头：模型有 ${layers} 层，每层 ${heads} 个头` },
      { pattern: String.raw`the weights of step (\d+) were not kept`, say: (step) => `第 ${step} 步的权重没有保存` },
      { pattern: String.raw`Only those of step (\d+) are: look at these\.`, say: (step) => `只保存了第 ${step} 步的：请看那一步。` },
      { pattern: String.raw`(\d+) checkpoints are, from step (\d+) to (\d+): choose one of these\.`, say: (count, first, last) => `保存了 ${count} 个检查点，从第 ${first} 步到第 ${last} 步：请选择其中一个。` },
      { pattern: String.raw`cleaning leaves nothing of the text's (\d+) characters`, say: (count) => `文本的 ${count} 个字符在清洗之后一个也不剩` },
      { pattern: String.raw`the session cannot be saved: (.+)`, say: (reason) => `无法保存会话：${reason}` },
      { pattern: String.raw`the saved session`, say: () => "保存的会话" },
      {
        pattern: String.raw`(.+): where the session stood cannot be read: (.+)`,
        say: (name, reason) => `${name === "the saved session" ? inner(name) : name}：无法读取会话的进度：${inner(reason)}`,
      },
      { pattern: String.raw`no tokenizer file was given yet`, say: () => "还没有提供分词器文件" },
      { pattern: String.raw`the tokenizer has no token that ends a document: documents stay unmarked`, say: () => "分词器没有表示文档结束的词元：文档将不作标记" },
      { pattern: String.raw`validation rises while training falls: (\S+) nats at step (\d+), (\S+) at step (\d+); the model learns the text by heart`, say: (now, step, best, at) => `训练损失下降而验证损失上升：第 ${step} 步为 ${now} 纳特，第 ${at} 步为 ${best} 纳特；模型正在死记文本（过拟合）` },
      { pattern: String.raw`(\d+) of the text's (\d+) tokens are not in the model's vocabulary, (\d+) different ones: (.+)`, say: (count, all, different, tokens) => `文本的 ${all} 个词元中有 ${count} 个不在模型的词表中，其中不同的有 ${different} 种：${tokens}` },
      { pattern: String.raw`the text supports (\d+) sub-words of the (\d+) asked: no further pair of tokens stands in it twice`, say: (vocab, asked) => `要求 ${asked} 个子词，而文本只够 ${vocab} 个：再没有词元对出现两次` },
      { pattern: String.raw`there is no best checkpoint yet: it is kept at the first validation`, say: () => "还没有最佳检查点：第一次验证时才会保存" },
      { pattern: String.raw`the model has no token for (\d+) of the text's (\d+), (\d+) different ones: (.+)`, say: (count, all, different, tokens) => `文本的 ${all} 个词元中有 ${count} 个在模型中没有对应，其中不同的有 ${different} 种：${tokens}` },
      { pattern: String.raw`all (\d+) steps of this run are done`, say: (steps) => `这次训练的全部 ${steps} 步已完成` },
      { pattern: String.raw`there is no preset (.+)`, say: (key) => `没有预设 ${key}` },
      { pattern: String.raw`there is no built-in text (.+)`, say: (key) => `没有内置文本 ${key}` },
      { pattern: String.raw`Choose among (.+)\.`, say: (keys) => `请从 ${keys} 中选择。` },
      { pattern: String.raw`not a command: (.+)`, say: (reason) => `无法识别的命令：${reason}` },
      // weights.rs
      { pattern: String.raw`(.+) is not a whole safetensors file: (.+)`, say: (name, reason) => `${name} 不是完整的 safetensors 文件：${reason}` },
      { pattern: String.raw`(.+) could not be read: (.+)`, say: (name, reason) => `${name} 读取失败：${reason}` },
      {
        pattern: String.raw`(.+) lacks (\S+): (\S+\.index\.json) names it`,
        say: (name, file, index) => `${name} 缺少 ${file}：${index} 提到了它`,
      },
      { pattern: String.raw`it says which of the files holds which tensor`, say: () => "它说明每个张量在哪个文件中" },
      {
        pattern: String.raw`(.+): (\S+\.index\.json) puts tensor (\S+) into (\S+), which does not hold it`,
        say: (name, index, tensor, file) => `${name}：${index} 说张量 ${tensor} 在 ${file} 中，而其中没有它`,
      },
      { pattern: String.raw`(.+): the header claims (\d+) bytes, at most (\d+) are read`, say: (name, count, limit) => `${name}：文件头声称有 ${count} 字节，最多读取 ${limit} 字节` },
      { pattern: String.raw`(.+) lacks (\w+) in its metadata: it was not exported by Fledgling`, say: (name, key) => `${name} 的元数据缺少 ${key}：它不是由 Fledgling 导出的` },
      { pattern: String.raw`(.+): the (\w+) in its metadata cannot be read: (.+)`, say: (name, key, reason) => `${name}：无法读取元数据中的 ${key}：${inner(reason)}` },
      { pattern: String.raw`(.+): the tokenizer has (\d+) tokens, the configuration a vocabulary of (\d+)`, say: (name, tokens, vocab) => `${name}：分词器有 ${tokens} 个词元，而配置中的词表大小是 ${vocab}` },
      { pattern: String.raw`(.+): tensor (\S+) (\[.*\]) is missing`, say: (name, tensor, shape) => `${name}：缺少张量 ${tensor} ${shape}` },
      { pattern: String.raw`(.+): tensor (\S+) (\[.*\]) does not belong to this configuration`, say: (name, tensor, shape) => `${name}：张量 ${tensor} ${shape} 不属于此配置` },
      { pattern: String.raw`(.+): tensor (\S+) is (\[.*\]), the configuration needs (\[.*\])`, say: (name, tensor, found, expected) => `${name}：张量 ${tensor} 是 ${found}，而配置需要 ${expected}` },
      { pattern: String.raw`(.+): tensor (\S+) holds (\S+); F32, F16 and BF16 are read`, say: (name, tensor, found) => `${name}：张量 ${tensor} 是 ${found} 类型；只能读取 F32、F16 和 BF16` },
      { pattern: String.raw`(.+): (\d+) of (\d+) weights in tensor (\S+) are not finite numbers`, say: (name, count, total, tensor) => `${name}：张量 ${tensor} 的 ${total} 个权重中有 ${count} 个不是有限数` },
      { pattern: String.raw`(.+) is not a whole zip: (.+)`, say: (name, reason) => `${name} 不是完整的 zip 文件：${reason}` },
      { pattern: String.raw`(.+) has (\d+) entries, at most (\d+) are read`, say: (name, count, limit) => `${name} 有 ${count} 个条目，最多读取 ${limit} 个` },
      { pattern: String.raw`(.+): the entry (.+) is none of the files of a model; (.+) are read`, say: (name, entry, read) => `${name}：条目 ${entry} 不是模型的文件；可读取的是 ${read}` },
      { pattern: String.raw`(.+): (.+) stands there twice`, say: (name, entry) => `${name}：${entry} 出现了两次` },
      { pattern: String.raw`(.+): (.+) comes to (\d+) bytes, at most (\d+) are read`, say: (name, entry, size, limit) => `${name}：${entry} 达 ${size} 字节，最多读取 ${limit} 字节` },
      { pattern: String.raw`(.+): (.+) would unpack from (\d+) bytes to (\d+), more than (\d+) times as much`, say: (name, entry, packed, unpacked, limit) => `${name}：${entry} 将从 ${packed} 字节解压为 ${unpacked} 字节，超过 ${limit} 倍` },
      { pattern: String.raw`(.+) lacks (\S+): it holds the weights; pickled ones, \.bin and \.pt, are never read, as they may hold programs`, say: (name, file) => `${name} 缺少 ${file}：它存放权重；.bin 和 .pt 等 pickle 文件可能含有程序，因此从不读取` },
      { pattern: String.raw`(.+) lacks (\S+): (.+)`, say: (name, file, why) => `${name} 缺少 ${file}：${inner(why)}` },
      { pattern: String.raw`(.+): config\.json is of a model that is not computed here: (.+)`, say: (name, error) => `${name}：config.json 属于这里不能计算的模型：${inner(error)}` },
      { pattern: String.raw`(.+): (\S+) cannot be read: (.+)`, say: (name, file, reason) => `${name}：无法读取 ${file}：${inner(reason)}` },
      { pattern: String.raw`this model cannot be a (\S+) file: (.+)`, say: (format, reason) => `此模型无法存为 ${format} 文件：${inner(reason)}` },
      { pattern: String.raw`llama\.cpp reads bytes and sub-words cut as GPT-2 cuts, and this model's tokens are: (.+)`, say: (kind) => `llama.cpp 只读取字节，以及按 GPT-2 方式切分的子词，而此模型的词元是：${tokenKinds[kind] ?? kind}` },
      { pattern: String.raw`llama\.cpp computes GPT-2 with tanh GELU only, and this model has (.+)`, say: (activation) => `llama.cpp 只能计算采用 tanh GELU 的 GPT-2，而此模型采用 ${activation}` },
      { pattern: String.raw`llama\.cpp knows no (\S+), the class of this model`, say: (name) => `llama.cpp 不支持此模型的类 ${name}` },
      { pattern: String.raw`it would have (\d+) bytes, and at most (\d+) are read back`, say: (size, limit) => `它将有 ${size} 字节，而最多读回 ${limit} 字节` },
      { pattern: String.raw`(\S+) comes closest among the classes of transformers, but it has (.+)`, say: (name, pieces) => `transformers 的类中 ${name} 最接近，但它采用${pieces.split(/, (?!ReLU or SiLU)/).map((piece) => classPieces[piece] ?? ` ${piece}`).join("、")}` },
      { pattern: String.raw`it has no (\S+)`, say: (key) => `它没有 ${key}` },
      { pattern: String.raw`its (\S+) is (.+); (.+) is read`, say: (key, found, read) => `它的 ${key} 是 ${found}；只能读取 ${read}` },
      { pattern: String.raw`the model cannot be written: (.+)`, say: (reason) => `无法写出模型：${reason}` },
      { pattern: String.raw`(.+) is not a whole zip: (.+)`, say: (name, reason) => `${name} 不是完整的 zip 文件：${inner(reason)}` },
      { pattern: String.raw`two entries lie over each other`, say: () => "有两个条目相互重叠" },
      { pattern: String.raw`a loss in it is not a finite number`, say: () => "其中有损失值不是有限数" },
      { pattern: String.raw`(.+) is encrypted`, say: (entry) => `${entry} 已加密` },
      { pattern: String.raw`(.+) is packed by (.+); stored and deflated are read`, say: (entry, method) => `${entry} 的压缩方式是 ${method}；只能读取 stored 和 deflated` },
      { pattern: String.raw`(.+) has (\d+) bytes, and claims (\d+)`, say: (file, found, claimed) => `${file} 有 ${found} 字节，却声称有 ${claimed} 字节` },
      { pattern: String.raw`(.+) has (\d+) entries, at most (\d+) are read`, say: (name, count, limit) => `${name} 有 ${count} 个条目，最多读取 ${limit} 个` },
      { pattern: String.raw`(.+): the entry (.+) is none of the files of a model; (.+) are read`, say: (name, entry, read) => `${name}：条目 ${entry} 不是模型的文件；只能读取 ${listed(read)}` },
      { pattern: String.raw`(.+): (.+) stands there twice`, say: (name, entry) => `${name}：${before(inChinese(entry))}出现了两次` },
      { pattern: String.raw`(.+): (.+) comes to (\d+) bytes, at most (\d+) are read`, say: (name, entry, count, limit) => `${name}：${before(inChinese(entry))}共 ${count} 字节，最多读取 ${limit} 字节` },
      {
        pattern: String.raw`(.+): (.+) would unpack from (\d+) bytes to (\d+), more than (\d+) times as much`,
        say: (name, entry, packed, unpacked, limit) => `${name}：${entry} 会从 ${packed} 字节解压成 ${unpacked} 字节，超过 ${limit} 倍`,
      },
      { pattern: String.raw`(.+) lacks (\S+): (.+)`, say: (name, file, why) => `${name} 缺少 ${file}：${inChinese(why)}` },
      { pattern: String.raw`(.+): config\.json is of a model that is not computed here: (.+)`, say: (name, reason) => `${name}：config.json 所描述的模型不能在这里计算：${inner(reason)}` },
      { pattern: String.raw`it has no (\w+)`, say: (key) => `它没有 ${key}` },
      { pattern: String.raw`(.+): (.+) cannot be read: (.+)`, say: (name, file, reason) => `${name}：无法读取 ${file.replace(" and ", " 和 ")}：${inner(reason)}` },
      { pattern: String.raw`this model cannot be a (.+) file: (.+)`, say: (format, reason) => `这个模型不能存为 ${format} 文件：${inner(reason)}` },
      { pattern: String.raw`(.*) comes closest among the classes of transformers, but it has (.*)`, say: (nearest, lacking) => `transformers 中最接近的类是 ${nearest}，但它有：${lackingOf(lacking)}` },
      { pattern: String.raw`llama\.cpp computes GPT-2 with tanh GELU only, and this model has (.+)`, say: (activation) => `llama.cpp 计算 GPT-2 时只用 tanh GELU，而这个模型用的是 ${activation}` },
      { pattern: String.raw`llama\.cpp knows no (\S+), the class of this model`, say: (name) => `llama.cpp 不支持这个模型的类 ${name}` },
      { pattern: String.raw`llama\.cpp reads bytes and sub-words cut as GPT-2 cuts, and this model's tokens are: (.+)`, say: (kind) => `llama.cpp 只读取字节词元和按 GPT-2 方式切分的子词，而这个模型的词元是：${inChinese(kind)}` },
      // What the reader of JSON says
      { pattern: String.raw`(.+) at line (\d+) column (\d+)`, say: (what, line, column) => `第 ${line} 行第 ${column} 列，${inner(what)}` },
      { pattern: "missing field (`.+`)", say: (field) => `缺少字段 ${field}` },
      { pattern: "duplicate field (`.+`)", say: (field) => `字段 ${field} 重复` },
      { pattern: "unknown (field|variant) (`.+`), expected .+", say: (what, name) => `${what === "field" ? "字段" : "取值"} ${name} 不在此列` },
      { pattern: String.raw`invalid (?:type|value): (.+), expected (.+)`, say: (found, expected) => `是 ${found}，而应为 ${expected}` },
      { pattern: "expected (value|ident)", say: () => "不是有效的 JSON" },
      { pattern: "EOF while parsing .+", say: () => "文件在此中断" },
      // A file with a problem that has a sentence of its own; last, as any colon would do.
      {
        pattern: String.raw`(.+?): (.+)`,
        say: (name, reason) => (inner(reason) === reason ? `${name}: ${reason}` : `${name}：${inner(reason)}`),
      },
    ],
    advice: {
      "Choose a smaller model, batch or context.": "请选择更小的模型、批或上下文。",
      "Choose a smaller model, batch or context, or a browser on a larger GPU.": "请选择更小的模型、批或上下文，或换用 GPU 更大的电脑上的浏览器。",
      "Close other tabs that use the GPU, or choose a smaller model or batch.": "请关闭其他使用 GPU 的标签页，或选择更小的模型或批。",
      "Restart below: the text stays. Weights that were not exported are gone.": "请在下面重新启动：文本会保留，未导出的权重已经丢失。",
      "Turn on hardware acceleration in the browser's settings, update the graphics driver, or try another browser.":
        "请在浏览器设置中开启硬件加速，更新显卡驱动，或换一个浏览器。",
      "This is a mistake of ours: please report it with your browser's and GPU's names.": "这是我们的错误：请报告此问题，并注明浏览器和 GPU 的名称。",
      "Lower the learning rate or set a gradient clip, and start afresh; or export this model first.": "请降低学习率或设置梯度裁剪，再从头开始；也可以先导出这个模型。",
      "The model stays where it is. Turn on hardware acceleration in the browser's settings, update the graphics driver, or try another browser.":
        "模型留在原处。请在浏览器设置中开启硬件加速、更新显卡驱动，或换用其他浏览器。",
      "The model stays and can be sampled and looked into. Fine-tune it with a smaller batch, or choose a smaller model to train.":
        "模型保留不变，仍可采样和查看内部。请用更小的批微调它，或选择更小的模型来训练。",
      "This is a mistake of ours: please report it.": "这是我们的错误：请报告此问题。",
      "Hold out a larger share, or give a text of more documents or lines.": "请提高留出比例，或提供文档或行更多的文本。",
      "Choose a shorter stride, or give a longer text.": "请选择更小的步幅，或提供更长的文本。",
      "Choose a smaller batch or a shorter stride, or give a longer text.": "请选择更小的批或步幅，或提供更长的文本。",
      "Set the batch to 1, or choose other windows.": "请将批大小设为 1，或选择其他窗口。",
      "Give a longer text or choose a shorter context.": "请提供更长的文本，或选择更短的上下文。",
      "Paste some text or drop a file; some pages of prose are enough to begin.": "请粘贴文本或拖入文件；几页散文就足以开始。",
      "Choose a tokenizer that knows them, or byte or sub-word tokens, which know every text.": "请选择认识它们的分词器，或能表示任何文本的字节或子词词元。",
      "Choose a plain text file, saved as UTF-8.": "请选择以 UTF-8 保存的纯文本文件。",
      "The tokenizer in use stays. Choose another file.": "仍使用当前的分词器。请另选一个文件。",
      "Change that setting; text and model in memory are untouched.": "请更改该设置；文本和内存中的模型没有变动。",
      "The weights are broken: reset, or import an earlier file.": "权重已损坏：请重置，或导入较早的文件。",
      "Correct that setting and sample again.": "请改正该设置，再重新采样。",
      "Paste some text or drop a file first.": "请先粘贴文本或拖入文件。",
      "Press Train to make one from the text, or import a file.": "按“训练”从文本建立一个模型，或导入文件。",
      "The model in memory is untouched.": "内存中的模型没有变动。",
      "The model in memory is untouched. Choose a smaller model, or open this one in a browser on a larger GPU.":
        "内存中的模型没有改变。请选择更小的模型，或在 GPU 更大的浏览器中打开它。",
      "The model in memory is untouched. Choose a file that Fledgling exported, or a folder that transformers saved: config.json, model.safetensors and tokenizer.json.":
        "内存中的模型没有变动。请选择由 Fledgling 导出的文件，或由 transformers 保存的文件夹：config.json、model.safetensors 和 tokenizer.json。",
      "Export it in another format: safetensors holds every model.": "请导出为其他格式：任何模型都能存为 safetensors。",
      "Export the model instead.": "请改为导出模型。",
      "Import it as a model instead: its weights may be whole.": "请改为把它作为模型导入：其中的权重可能完好。",
      "Choose at least one layer with attention and reset.": "请选择至少一个带注意力的层，然后重置。",
      "Choose another layer or head.": "请选择另一个层或头。",
      "Choose a token of the vocabulary.": "请选择词表中的词元。",
      "No checkpoints of this model are kept: look at the weights of this moment.": "这个模型没有保存检查点：请看当前的权重。",
      "Change that setting; the model in memory is untouched.": "请更改该设置；内存中的模型没有变动。",
      "Change that setting.": "请更改该设置。",
      "They are read as <unk>. A model of its own for this text would know them.": "它们将读作 <unk>。专为这份文本另建的模型会认识它们。",
      "Training goes on with these; a longer text gives more.": "训练将用这些子词继续；文本更长，子词会更多。",
      "Train until the first validation loss is drawn.": "请训练到画出第一个验证损失。",
      "Switch off “ASCII only” for texts in other scripts.": "文本使用其他文字时，请关闭“仅 ASCII”。",
      "Drop a tokenizer.json, or vocab.json with merges.txt, or choose another kind of tokens.": "请拖入 tokenizer.json，或 vocab.json 加 merges.txt，也可改选其他词元。",
      "Switch “Mark documents” off, or choose another tokenizer.": "请关闭“标记文档”，或选择另一个分词器。",
      "Stop here and restore the best checkpoint; or begin afresh with a longer text, a smaller model or more dropout.":
        "请在此停止并恢复最佳检查点；或换用更长的文本、更小的模型或更大的 dropout 从头开始。",
      "Leave those characters out of the prompt: the model has never seen them.": "请从提示词中去掉这些字符：模型从未见过它们。",
      "Look up something that the text holds.": "请查找文本中有的内容。",
      "Pause training and sampling first.": "请先暂停训练和采样。",
      "Give one tokenizer.json, or vocab.json and merges.txt together. The tokenizer in use stays.": "请提供一个 tokenizer.json，或同时提供 vocab.json 和 merges.txt。仍使用当前的分词器。",
      "This combination cannot be trained: change one of its parts.": "这种组合无法训练：请更改其中一项。",
      "Reset for a fresh model with this text's vocabulary, or give a text that the model knows.": "请重置，以这份文本的词表建立新模型；或提供模型认识的文本。",
      "Reset with more steps, or press Step for single ones.": "请增加步数后重置，或按“单步”逐步训练。",
      "Reload the page: it may be older than its worker.": "请重新加载页面：它可能比后台线程的版本旧。",
    },
  },
};

/** @param {string} message of the core @returns {string} */
const inner = (message) => translatedMessage(core.problems.messages, message);

/** What the core puts into its sentences about files, by its own words. @type {Readonly<Record<string, string>>} */
const parts = {
  "a whole number": "整数",
  "a number": "数",
  "true or false": "true 或 false",
  "a model without it": "没有此项的模型",
  "attention over the whole context": "对整个上下文的注意力",
  "rope_type default without scaling": "不带缩放的 rope_type default",
  "gpt2, llama or openai-gpt": "gpt2、llama 或 openai-gpt",
  "an entry": "某个条目",
  "the zip": "整个 zip 文件",
  "what it unpacks to": "解压后的内容",
  "what was given": "所提供的文件",
  "it holds the weights; pickled ones, .bin and .pt, are never read, as they may hold programs": "其中是权重；pickle 格式的 .bin 和 .pt 可能含有程序，一律不读取",
  "it says what the model computes": "它说明模型如何计算",
  "vocab.json needs it beside it": "vocab.json 需要与它配套",
  "it, or vocab.json and merges.txt, says how text becomes tokens": "由它（或 vocab.json 和 merges.txt）说明文本如何变成词元",
  Characters: "字符",
  Words: "单词",
  "Sub-words cut at blanks": "按空白切分的子词",
};

/** What the classes of transformers have that a model may lack, the longer before what is within them. @type {readonly (readonly [string, string])[]} */
const traits = [
  ["a feed-forward layer of four times the width", "四倍于宽度的前馈网络"],
  ["a feed-forward layer in every block", "每块中的前馈网络"],
  ["as many key/value heads as heads", "与头数相等的键/值头数"],
  ["an output projection behind attention", "注意力之后的输出投影"],
  ["learned or sinusoidal positions", "可学习或正弦的位置编码"],
  ["tanh GELU, ReLU or SiLU", "tanh GELU、ReLU 或 SiLU"],
  ["attention in every block", "每块中的注意力"],
  ["norms before each branch", "各分支前的归一化"],
  ["norms after each branch", "各分支后的归一化"],
  ["no norm before the head", "不带归一化的输出头"],
  ["a norm before the head", "输出头前的归一化"],
  ["a head without bias", "无偏置的输出头"],
  ["one block at least", "至少一块"],
  ["learned positions", "可学习的位置编码"],
  ["rotary positions", "旋转位置编码"],
  ["causal attention", "因果注意力"],
  ["GELU or ReLU", "GELU 或 ReLU"],
  ["layer norm", "层归一化"],
  ["RMS norm", "RMS 归一化"],
];

/** @param {string} part of a sentence of the core */
const inChinese = (part) => (Object.hasOwn(parts, part) ? parts[part] : part.startsWith("one of ") ? listed(part.slice(7)) : part);

/** @param {string} names with commas between */
const listed = (names) => names.replaceAll(", ", "、");

/** @param {string} text */
const lackingOf = (text) => listed(traits.reduce((said, [trait, chinese]) => said.replaceAll(trait, chinese), text));

/** Behind Chinese: a blank before a Latin letter, a figure or a sign. @param {string} text */
const behind = (text) => (/^\p{Script=Han}/u.test(text) ? text : ` ${text}`);

/** In front of Chinese: a blank after a Latin letter, a figure or a sign. @param {string} text */
const before = (text) => (/\p{Script=Han}$/u.test(text) ? text : `${text} `);

/** A split of the text. @param {string} split */
const part = (split) => (split === "training" ? "训练部分" : "验证部分");

/** A setting's name for its key in files. @param {string} key */
function labelOf(key) {
  if (key === "vocab") return "词表大小";
  const [, field] = Object.entries(core.fields).find(([name]) => name.split(".")[1] === key) ?? [];
  return field?.label ?? key;
}

/** Kinds of tokens that GGUF has no place for. @type {Record<string, string>} */
const tokenKinds = { Characters: "字符", Words: "单词", "Sub-words cut at blanks": "按空白切分的子词", "From a file": "来自文件" };

/** What a class of transformers has and a model has not. @type {Record<string, string>} */
const classPieces = {
  "one block at least": "至少一个块",
  "attention in every block": "每块都有的注意力",
  "a feed-forward layer in every block": "每块都有的前馈层",
  "an output projection behind attention": "注意力之后的输出投影",
  "causal attention": "因果注意力",
  "a head without bias": "无偏置的输出头",
  "layer norm": "层归一化",
  "as many key/value heads as heads": "与头数相等的键/值头",
  "norms before each branch": "置于各分支之前的归一化",
  "a norm before the head": "输出头之前的归一化",
  "learned positions": "可学习的位置编码",
  "GELU or ReLU": " GELU 或 ReLU",
  "RMS norm": " RMS 归一化",
  "rotary positions": "旋转位置编码",
  SwiGLU: " SwiGLU",
  "norms after each branch": "置于各分支之后的归一化",
  "no norm before the head": "输出头之前没有归一化的结构",
  "learned or sinusoidal positions": "可学习或正弦的位置编码",
  "tanh GELU, ReLU or SiLU": " tanh GELU、ReLU 或 SiLU",
  "a feed-forward layer of four times the width": "四倍宽度的前馈层",
};
