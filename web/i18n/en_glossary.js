// @ts-check
/** @import { TermKey } from "../ui/glossary_terms.js" */
// The glossary in English: one or two sentences a term. What is computed, and what belongs together, stands in glossary_terms.js.

export const glossary = {
  title: "Glossary",
  find: "Find a term",
  close: "Close",
  /** The name of a word that leads here. */
  link: (/** @type {string} */ term) => `${term} (glossary)`,
  see: "See also",
  settings: "Settings",
  none: (/** @type {string} */ typed) => `No term has “${typed}” in it.`,
  found: (/** @type {number} */ count) => (count === 1 ? "1 term" : `${count} terms`),
  terms: /** @type {Record<TermKey, { name: string, text: string, formula?: string }>} a formula where the one for all languages has words in it */ ({
    attention: {
      name: "Attention",
      text: "The part of a layer in which each token looks at the tokens before it and takes over what it finds there. How much it takes from each is a weight between 0 and 1.",
    },
    adamw: {
      name: "AdamW",
      text: "The usual way to turn gradients into steps: each weight's gradient is averaged and divided by its usual size, and weights shrink a little apart from that.",
    },
    baseline: {
      name: "Baseline",
      text: "A loss that something much simpler reaches: knowing nothing, counting tokens (unigram), counting pairs (bigram). A model that stays above one has not learned what the count knows.",
    },
    batch: {
      name: "Batch",
      text: "The windows of text that one step looks at together. The step follows the mean of what they ask for.",
    },
    bigram: {
      name: "Unigram and bigram",
      text: "Counts of single tokens, and of pairs of neighbours, as models of the next token. The loss of the bigram is what one token of memory is worth.",
    },
    bits_per_character: {
      name: "Bits per character",
      text: "The loss in bits, spread over characters instead of tokens. It can be compared between models with different tokens.",
    },
    bpe: {
      name: "Byte-pair encoding (BPE)",
      text: "Tokens learned from the text: beginning with bytes, the commonest pair of neighbours becomes a token of its own, again and again. Common words end up as one token, rare ones as several.",
    },
    checkpoint: {
      name: "Checkpoint",
      text: "The weights as they were at a step. The best one, at the lowest validation loss, is kept and can be restored.",
    },
    clipping: {
      name: "Gradient clipping",
      text: "A gradient longer than a limit is shortened to it, in the same direction. One odd batch then cannot throw the model off.",
    },
    context: {
      name: "Context",
      text: "The window of tokens that the model sees at once. What stands before it does not exist for the model.",
    },
    cosine_decay: {
      name: "Cosine decay",
      text: "A learning rate that falls along half a cosine: slowly at first, fast in the middle, slowly at the end.",
    },
    cosine_similarity: {
      name: "Cosine similarity",
      text: "How much two vectors point the same way: 1 the same, 0 at right angles, −1 opposite. Tokens used alike have embeddings with a high one.",
    },
    cross_entropy: {
      name: "Cross-entropy",
      text: "The mean surprise at the next token: the negative logarithm of the probability that the model gave it. A model that is sure and right pays 0.",
    },
    dropout: {
      name: "Dropout",
      text: "In training some values are set to zero at random, others each time. The model cannot lean on any single one, and learns a text by heart less easily.",
    },
    early_stopping: {
      name: "Early stopping",
      text: "Training ends when the validation loss has not improved for a while. What comes later would only fit the training text better.",
    },
    embedding: {
      name: "Embedding",
      text: "The vector that stands for a token inside the model: a row of a table, learned like every other weight.",
    },
    entropy: {
      name: "Entropy",
      text: "How uncertain a distribution is: 0 when one outcome is sure, ln n when n are equally likely. Of a text it is the least loss that a model of that kind can reach.",
    },
    epoch: {
      name: "Epoch",
      text: "One pass over the training text. With random windows, as many tokens as the text has.",
    },
    feed_forward: {
      name: "Feed-forward layer (MLP)",
      text: "The part of a layer that works on each position alone: up to a wider vector, through a nonlinearity, and down again. Much of what a model knows is held here.",
    },
    fine_tuning: {
      name: "Fine-tuning",
      text: "Training a trained model further on another text, mostly with a lower learning rate. It keeps much of what it knew, and takes on the new text's manner.",
    },
    flop: {
      name: "FLOP",
      text: "A floating-point operation, one addition or multiplication. Training takes about six of them for each parameter and token.",
    },
    gradient: {
      name: "Gradient",
      text: "For each weight, how the loss would change if the weight grew a little. Steps go against it.",
    },
    gradient_norm: {
      name: "Gradient norm",
      text: "The length of the gradient over all weights together. It is steady in a calm run; leaps tell of a learning rate that is too high.",
    },
    greedy: {
      name: "Greedy sampling",
      text: "Always taking the likeliest token: temperature 0. Right for problems with one answer; texts soon go round in circles.",
    },
    head: {
      name: "Head",
      text: "One of several attentions that a layer runs side by side, each with queries, keys and values of its own. Heads learn to look at different things.",
    },
    induction_head: {
      name: "Induction head",
      text: "A head that finds where the present token stood before and looks at what followed it there. It takes two layers, and lets a model repeat what it has only just read.",
    },
    layer: {
      name: "Layer (block)",
      text: "Attention and a feed-forward layer, each added to what flows through. A model is a stack of them.",
    },
    layer_norm: {
      name: "Layer norm",
      text: "Shifts and scales each vector to mean 0 and variance 1, then by a learned gain. It keeps numbers in a range where training is stable.",
    },
    learning_rate: {
      name: "Learning rate",
      text: "How far a step moves the weights. The setting that matters most: too high and the loss leaps, too low and nothing happens.",
    },
    logit_lens: {
      name: "Logit lens",
      text: "The model's head applied to what flows between the layers: which next token it would guess if it ended there.",
    },
    logits: {
      name: "Logits",
      text: "The model's raw scores for the next token, one for each of the vocabulary. Softmax makes probabilities of them.",
    },
    loss: {
      name: "Loss",
      text: "The number that training makes smaller: how surprised the model is by the next token, on average. Here it is the cross-entropy in nats.",
    },
    nat: {
      name: "Nat",
      text: "The unit of surprise with natural logarithms. A surprise of 1 nat is a probability of 1/e, about 37 %.",
    },
    overfitting: {
      name: "Overfitting",
      text: "Learning the training text by heart instead of what holds for others: training loss falls while the validation loss rises.",
    },
    parameters: {
      name: "Parameters (weights)",
      text: "The numbers that training changes: the model is nothing else. Their count is its size.",
    },
    pca: {
      name: "PCA",
      text: "Principal component analysis: the directions in which points differ most. The first two make a flat map of embeddings.",
    },
    perplexity: {
      name: "Perplexity",
      text: "The loss as a number of choices: a perplexity of 8 is as uncertain as a fair choice among 8 tokens.",
    },
    positions: {
      name: "Positions",
      text: "How the model learns where in the window a token stands. Attention alone does not see the order.",
    },
    query_key_value: {
      name: "Query, key and value",
      text: "Three vectors that attention makes of each token: what it looks for, what it offers to be found by, and what it hands over.",
    },
    repetition_penalty: {
      name: "Repetition penalty",
      text: "Lowers the scores of tokens that the context already holds, so that a text does not go round in circles.",
    },
    residual: {
      name: "Residual stream",
      text: "What flows from layer to layer. Each part reads it and adds to it, so that nothing has to pass through every part.",
    },
    seed: {
      name: "Seed",
      text: "The number from which all chance follows. The same seed, settings and text give the same run again.",
    },
    softmax: {
      name: "Softmax",
      text: "Turns scores into probabilities: all positive, together 1, larger scores much more than smaller ones.",
    },
    step: {
      name: "Step",
      text: "One update of the weights: a batch is read, the gradient computed, every weight moved a little.",
    },
    temperature: {
      name: "Temperature",
      text: "What logits are divided by before a token is drawn. Below 1 likely tokens gain, above 1 unlikely ones; 0 always takes the likeliest.",
    },
    token: {
      name: "Token",
      text: "A piece of text that the model reads and writes as one: a character, a byte, a part of a word, a word.",
    },
    top_k: {
      name: "Top-k",
      text: "Only the k likeliest tokens can be drawn. It cuts off the long tail of unlikely ones, wherever the model stands.",
    },
    top_p: {
      name: "Top-p (nucleus)",
      text: "Only the likeliest tokens that together reach probability p can be drawn: few where the model is sure, many where it is not.",
    },
    validation: {
      name: "Validation (held-out text)",
      text: "A part of the text that is never trained on. The loss on it says whether the model learned something that holds beyond what it has read.",
    },
    vocabulary: {
      name: "Vocabulary",
      text: "All the different tokens. The model gives each of them a probability at every place.",
    },
    warm_up: {
      name: "Warm-up",
      text: "The first steps, in which the learning rate climbs from zero. The optimizer's estimates are still poor then.",
    },
    weight_decay: {
      name: "Weight decay",
      text: "Each step pulls weights a little towards zero. What a weight is not needed for is forgotten.",
    },
    weight_tying: {
      name: "Tied weights",
      text: "One table serves as embedding and as head: a token is written by the same vector that it is read by.",
    },
    width: {
      name: "Width",
      text: "How many numbers stand for a token inside the model, the same in every layer.",
    },
  }),
};
