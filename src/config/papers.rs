//! Where the form's choices come from, so that a reader can look them up.

use serde::Serialize;

/// A paper, a chapter or a program.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Paper {
    /// Authors, year, title.
    pub title: &'static str,
    /// Where it can be read.
    pub url: &'static str,
}

macro_rules! papers {
    ($($name:ident = $title:literal, $url:literal;)+) => {
        $(pub(super) const $name: Paper = Paper { title: $title, url: $url };)+
    };
}

papers! {
    AINSLIE = "Ainslie et al. 2023, GQA: Training Generalized Multi-Query Transformer Models", "https://arxiv.org/abs/2305.13245";
    BA = "Ba et al. 2016, Layer Normalization", "https://arxiv.org/abs/1607.06450";
    ELFWING = "Elfwing et al. 2017, Sigmoid-Weighted Linear Units", "https://arxiv.org/abs/1702.03118";
    FAN = "Fan et al. 2018, Hierarchical Neural Story Generation", "https://arxiv.org/abs/1805.04833";
    GEVA = "Geva et al. 2021, Transformer Feed-Forward Layers Are Key-Value Memories", "https://arxiv.org/abs/2012.14913";
    GOYAL = "Goyal et al. 2017, Accurate, Large Minibatch SGD", "https://arxiv.org/abs/1706.02677";
    GPT2 = "Radford et al. 2019, Language Models are Unsupervised Multitask Learners (GPT-2)", "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf";
    HAVIV = "Haviv et al. 2022, Transformer Language Models without Positional Encodings", "https://arxiv.org/abs/2203.16634";
    HENDRYCKS = "Hendrycks and Gimpel 2016, Gaussian Error Linear Units", "https://arxiv.org/abs/1606.08415";
    HINTON = "Hinton et al. 2015, Distilling the Knowledge in a Neural Network", "https://arxiv.org/abs/1503.02531";
    HOLTZMAN = "Holtzman et al. 2020, The Curious Case of Neural Text Degeneration", "https://arxiv.org/abs/1904.09751";
    JURAFSKY = "Jurafsky and Martin, Speech and Language Processing, chapter 3", "https://web.stanford.edu/~jurafsky/slp3/";
    KESKAR = "Keskar et al. 2019, CTRL: A Conditional Transformer Language Model", "https://arxiv.org/abs/1909.05858";
    KINGMA = "Kingma and Ba 2015, Adam: A Method for Stochastic Optimization", "https://arxiv.org/abs/1412.6980";
    LOSHCHILOV_ADAMW = "Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization", "https://arxiv.org/abs/1711.05101";
    LOSHCHILOV_SGDR = "Loshchilov and Hutter 2017, SGDR: Stochastic Gradient Descent with Warm Restarts", "https://arxiv.org/abs/1608.03983";
    NANOGPT = "Karpathy, nanoGPT", "https://github.com/karpathy/nanoGPT";
    PASCANU = "Pascanu et al. 2013, On the Difficulty of Training Recurrent Neural Networks", "https://arxiv.org/abs/1211.5063";
    PRECHELT = "Prechelt 1998, Early Stopping – But When?", "https://doi.org/10.1007/3-540-49430-8_3";
    PRESS = "Press and Wolf 2017, Using the Output Embedding to Improve Language Models", "https://arxiv.org/abs/1608.05859";
    PYTORCH_LINEAR = "PyTorch, torch.nn.Linear", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html";
    SENNRICH = "Sennrich et al. 2016, Neural Machine Translation of Rare Words with Subword Units", "https://arxiv.org/abs/1508.07909";
    SHAZEER = "Shazeer 2020, GLU Variants Improve Transformer", "https://arxiv.org/abs/2002.05202";
    SO = "So et al. 2021, Primer: Searching for Efficient Transformers", "https://arxiv.org/abs/2109.08668";
    SRIVASTAVA = "Srivastava et al. 2014, Dropout: A Simple Way to Prevent Neural Networks from Overfitting", "https://jmlr.org/papers/v15/srivastava14a.html";
    SU = "Su et al. 2021, RoFormer: Enhanced Transformer with Rotary Position Embedding", "https://arxiv.org/abs/2104.09864";
    VASWANI = "Vaswani et al. 2017, Attention Is All You Need", "https://arxiv.org/abs/1706.03762";
    XIONG = "Xiong et al. 2020, On Layer Normalization in the Transformer Architecture", "https://arxiv.org/abs/2002.04745";
    ZHANG = "Zhang and Sennrich 2019, Root Mean Square Layer Normalization", "https://arxiv.org/abs/1910.07467";
}
