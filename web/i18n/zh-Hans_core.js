// @ts-check
// What the core offers in English, in simplified Chinese: what there is to set and to choose.

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
        without_positions: "无位置编码",
        without_attention: "无注意力",
        without_norms: "无归一化",
        without_mlp: "无前馈网络",
      },
    },
    shakespeare_small: {
      label: "nanoGPT 莎士比亚（小）",
      help: "nanoGPT 的小型字符模型，设置与其完全一致。它在 tinyshakespeare 上的最佳验证损失是 1.88 纳特；请以文件形式提供该文本。",
      notes: ["页面中没有莎士比亚的文本：如果不提供自己的文本，它学的就是内置的故事。"],
    },
  },
};
