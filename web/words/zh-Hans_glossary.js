// @ts-check
// The glossary in simplified Chinese: one or two sentences a term. What is computed stands in glossary_terms.js.

/** @type {import("../words.js").Words["glossary"]} */
export const glossary = {
  title: "术语表",
  find: "查找术语",
  close: "关闭",
  link: (term) => `${term}（术语表）`,
  see: "另见",
  settings: "相关设置",
  none: (typed) => `没有包含“${typed}”的术语。`,
  found: (count) => `${count} 个术语`,
  terms: {
    attention: {
      name: "注意力（attention）",
      text: "层的一部分：每个词元查看它前面的词元，并取用在那里找到的内容。从每个词元取多少，由 0 到 1 之间的权重决定。",
    },
    adamw: {
      name: "AdamW",
      text: "把梯度变成更新步的常用方法：对每个权重的梯度取滑动平均，再除以它通常的大小；此外权重还会稍稍收缩。",
    },
    baseline: {
      name: "基线（baseline）",
      text: "简单得多的方法所能达到的损失：一无所知、对词元计数（一元）、对词元对计数（二元）。停留在某条基线之上的模型，还没有学到计数就能知道的东西。",
    },
    batch: {
      name: "批（batch）",
      text: "一步中一起查看的文本窗口。这一步沿着它们各自要求的平均方向更新。",
    },
    bigram: {
      name: "一元与二元（unigram、bigram）",
      text: "以单个词元的计数和相邻词元对的计数作为预测下一词元的模型。二元的损失说明一个词元的记忆值多少。",
    },
    bits_per_character: {
      name: "每字符比特数",
      text: "以比特计的损失，按字符而不是词元平摊。使用不同词元的模型可以用它来比较。",
    },
    bpe: {
      name: "字节对编码（BPE）",
      text: "从文本中学得的词元：从字节开始，反复把最常见的相邻对合并成一个新词元。常见词最终成为一个词元，罕见词则是几个。",
    },
    checkpoint: {
      name: "检查点（checkpoint）",
      text: "某一步时的权重。验证损失最低的最佳检查点会保留下来，可以恢复。",
    },
    clipping: {
      name: "梯度裁剪",
      text: "长度超过上限的梯度会缩短到上限，方向不变。这样，一个异常的批就不会把模型带偏。",
    },
    context: {
      name: "上下文（context）",
      text: "模型一次能看到的词元窗口。窗口之前的内容，对模型来说不存在。",
    },
    cosine_decay: {
      name: "余弦衰减",
      text: "沿半个余弦下降的学习率：开始慢，中间快，最后又慢。",
    },
    cosine_similarity: {
      name: "余弦相似度",
      text: "两个向量的方向有多一致：相同为 1，垂直为 0，相反为 −1。用法相近的词元，其嵌入的余弦相似度较高。",
    },
    cross_entropy: {
      name: "交叉熵（cross-entropy）",
      text: "对下一词元的平均意外程度：模型给它的概率取负对数。既有把握又正确的模型，损失为 0。",
    },
    dropout: {
      name: "Dropout",
      text: "训练时随机把一些数值置零，每次各不相同。模型无法依赖其中任何一个，也就不那么容易把文本背下来。",
    },
    early_stopping: {
      name: "早停（early stopping）",
      text: "验证损失有一段时间没有改进时，训练就结束。再往后只会更贴合训练文本。",
    },
    embedding: {
      name: "嵌入（embedding）",
      text: "在模型内部代表词元的向量：它是一张表中的一行，和其他权重一样是学出来的。",
    },
    entropy: {
      name: "熵（entropy）",
      text: "一个分布有多不确定：某个结果必然发生时为 0，n 个结果等可能时为 ln n。文本的熵是此类模型所能达到的最低损失。",
    },
    epoch: {
      name: "轮（epoch）",
      text: "遍历一次训练文本。使用随机窗口时，指见过与文本同样多的词元。",
    },
    feed_forward: {
      name: "前馈网络（MLP）",
      text: "层的一部分，单独处理每个位置：升到更宽的向量，经过非线性函数，再降回来。模型所知的许多内容都存放在这里。",
    },
    fine_tuning: {
      name: "微调（fine-tuning）",
      text: "在另一份文本上继续训练已训练好的模型，通常用较低的学习率。它保留大部分已学到的内容，并学会新文本的风格。",
    },
    flop: {
      name: "FLOP",
      text: "一次浮点运算，即一次加法或乘法。训练时，每个参数、每个词元大约需要六次。",
    },
    gradient: {
      name: "梯度（gradient）",
      text: "对每个权重而言，它稍微增大时损失会如何变化。更新沿着梯度的反方向进行。",
    },
    gradient_norm: {
      name: "梯度范数",
      text: "所有权重合在一起的梯度的长度。训练平稳时它变化不大；突然跳高说明学习率过大。",
    },
    greedy: {
      name: "贪心采样（greedy）",
      text: "总取最可能的词元，即温度为 0。适合只有一个答案的习题；写文章则很快会兜圈子。",
    },
    head: {
      name: "注意力头（head）",
      text: "一层中并行的多个注意力之一，各有自己的查询、键和值。不同的头会学着看不同的东西。",
    },
    induction_head: {
      name: "归纳头（induction head）",
      text: "找到当前词元之前出现过的位置，并看当时它后面是什么的头。它需要两层，使模型能重复刚刚读到的内容。",
    },
    layer: {
      name: "层（块）",
      text: "注意力和前馈网络，各自的结果都加到流经的内容上。模型就是许多层叠在一起。",
    },
    layer_norm: {
      name: "层归一化（layer norm）",
      text: "把每个向量平移并缩放到均值 0、方差 1，再乘以学得的增益。它使数值保持在训练稳定的范围内。",
    },
    learning_rate: {
      name: "学习率",
      text: "一步把权重移动多远。它是最重要的设置：太大，损失会乱跳；太小，什么也不会发生。",
    },
    logit_lens: {
      name: "logit 透镜",
      text: "把模型的输出头用在层与层之间的内容上：假如模型到此为止，它会猜下一个词元是什么。",
    },
    logits: {
      name: "Logits",
      text: "模型给下一词元的原始分数，词表中每个词元一个。softmax 把它们变成概率。",
    },
    loss: {
      name: "损失（loss）",
      text: "训练要减小的数：模型对下一词元平均有多意外。这里用的是以纳特计的交叉熵。",
    },
    nat: {
      name: "纳特（nat）",
      text: "用自然对数衡量意外程度的单位。1 纳特的意外程度对应的概率是 1/e，约 37 %。",
    },
    overfitting: {
      name: "过拟合（overfitting）",
      text: "背下了训练文本，而不是学到对其他文本也成立的规律：训练损失下降，验证损失却上升。",
    },
    parameters: {
      name: "参数（权重）",
      text: "训练所改变的数：模型就是由它们构成的。它们的个数就是模型的大小。",
    },
    pca: {
      name: "PCA",
      text: "主成分分析：找出各点差别最大的方向。前两个方向可以画出嵌入的平面图。",
    },
    perplexity: {
      name: "困惑度（perplexity）",
      text: "把损失换算成选项的个数：困惑度为 8，相当于在 8 个词元中均匀地选一个那样不确定。",
    },
    positions: {
      name: "位置编码",
      text: "模型如何知道词元处在窗口中的什么位置。注意力本身看不到顺序。",
    },
    query_key_value: {
      name: "查询、键和值（query、key、value）",
      text: "注意力为每个词元生成的三个向量：它要找什么，它凭什么被找到，以及它交出什么。",
    },
    repetition_penalty: {
      name: "重复惩罚",
      text: "降低上下文中已有词元的分数，使文本不至于兜圈子。",
    },
    residual: {
      name: "残差流（residual stream）",
      text: "从一层流向下一层的内容。每个部件读取它，再把结果加上去，因此没有什么内容非得穿过每个部件不可。",
    },
    seed: {
      name: "种子（seed）",
      text: "一切随机性的来源。相同的种子、设置和文本会再现同样的训练。",
    },
    softmax: {
      name: "Softmax",
      text: "把分数变成概率：全部为正，总和为 1，分数高的远多于分数低的。",
    },
    step: {
      name: "步（step）",
      text: "权重的一次更新：读入一批，计算梯度，把每个权重移动一点。",
    },
    temperature: {
      name: "温度（temperature）",
      text: "抽取词元之前，用来除 logits 的数。低于 1 时可能的词元更占优，高于 1 时不太可能的词元更占优；0 总取最可能的。",
    },
    token: {
      name: "词元（token）",
      text: "模型当作一个整体来读写的文本片段：一个字符、一个字节、词的一部分或一个词。",
    },
    top_k: {
      name: "Top-k",
      text: "只能抽到最可能的 k 个词元。它切掉不太可能的长尾，不论模型当时有多大把握。",
    },
    top_p: {
      name: "Top-p（核采样）",
      text: "只能抽到最可能的、概率之和达到 p 的那些词元：模型有把握时很少，没把握时很多。",
    },
    validation: {
      name: "验证（留出文本）",
      text: "文本中从不用于训练的一部分。在它上面的损失，说明模型学到的东西对没读过的文本是否也成立。",
    },
    vocabulary: {
      name: "词表（vocabulary）",
      text: "所有不同的词元。在每个位置，模型都给其中每一个一个概率。",
    },
    warm_up: {
      name: "预热（warm-up）",
      text: "最初的若干步，学习率从零升上来。那时优化器的估计还很差。",
    },
    weight_decay: {
      name: "权重衰减",
      text: "每一步都把权重稍稍拉向零。没有用处的权重会逐渐被忘掉。",
    },
    weight_tying: {
      name: "权重绑定（weight tying）",
      text: "同一张表既作嵌入又作输出头：写出词元和读入词元用的是同一个向量。",
    },
    width: {
      name: "宽度（width）",
      text: "在模型内部用多少个数代表一个词元，各层相同。",
    },
  },
};
