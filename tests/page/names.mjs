// @ts-check
/** What stands in Latin letters in every language. */

/** Names that Chinese leaves as they are, of software, files and methods. */
export const NAMES = /\b(chrome:\/\/[\w/#-]+|Chrome|Android|Linux|CPU|OPFS|Fledgling|UTF|ID|CSV|URL|ASCII|GELU|SiLU|RMS|CORS|BPE|GPU|SwiftShader|Vulkan|WebGPU|Subzero|Google|LLVM|safetensors|tokenizer|vocab|json|merges|txt|https|logit|ln|top|unk|bos|eos|endoftext|MB|kB|GB|min|nats?|GPT|TinyGPT|nanoGPT|Transformers?|PyTorch|Dropout|RoPE|ReLU|SwiGLU|AdamW|Adam|SGD|pre-norm|post-norm|PNG|JSON|CR|LF|Windows|Llama|logits|tanh|softmax|PCA|MLP|[kMGTP]?FLOP|GGUF|GPT2LMHeadModel|Hugging|Face|zip|py|llama|cpp)\b/gi;
