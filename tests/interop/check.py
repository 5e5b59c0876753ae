"""Fledgling's files in transformers, PyTorch and llama.cpp, and theirs in Fledgling. Prints what was measured; ends at once where
something differs: check.py [PROGRAM]
"""

import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
from headless import PROGRAM, continued, logits, look, of, session, tokens
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    OpenAIGPTConfig,
    OpenAIGPTLMHeadModel,
)

HERE = Path(__file__).resolve().parent
LARGEST = 2e-4  # logits
STRINGS = 1000
NEW = 30  # tokens drawn greedily
ABOUT = {"text_name": "Stories", "date": "2026-01-31"}

program = Path(sys.argv[1]) if len(sys.argv) > 1 else PROGRAM
work = Path(tempfile.mkdtemp(prefix="fledgling-interop-"))


def run(commands):
    return session(commands, program)


TEXT = of(run([{"command": "set_built_in", "key": "stories", "seed": 1}]), "text_decoded")[0]["text"]
PROMPT = TEXT[:65]
prompts = [PROMPT[:length] for length in range(1, 65)]


def strings():
    """Texts out of what tokenizers stumble over, all made of characters that the stories have."""
    number = random.Random(1)
    parts = ["the", "bird", " ", "  ", "\n", " sang", "'s", "don", "'t", ",", ".", "Once", " upon", "x", "a", "tree"]
    parts = [part for part in parts if set(part) <= set(TEXT)]
    return ["".join(number.choices(parts, k=number.randint(1, 8))) for _ in range(STRINGS)]


def any_strings():
    """The same with characters that only bytes know."""
    number = random.Random(2)
    parts = ["é", "中文", "🧑🏽‍🚀", "½", "\r\n", "\t", "\u00a0", " 12", "'ll", "naïve", "…", "\u2028", " ", "a"]
    return [text + "".join(number.choices(parts, k=3)) for text in strings()]


def same(what, ours, theirs):
    if ours != theirs:
        raise SystemExit(f"{what}: ours {ours!r}, theirs {theirs!r}")


def near(what, ours, theirs):
    """The largest difference between logits."""
    off = (torch.tensor(ours) - torch.stack(theirs)).abs().max().item()
    if not off <= LARGEST:
        raise SystemExit(f"{what}: logits differ by {off:.2e}, at most {LARGEST:.0e} is allowed")
    return off


def theirs_of(model, tokenizer):
    with torch.no_grad():
        return [model(torch.tensor([tokenizer(text)["input_ids"]])).logits[0, -1].float() for text in prompts]


TRAINING = {"steps": 40, "warmup_steps": 5, "batch": 8, "learning_rate": 3e-3}
MODEL = {"context": 64, "width": 48, "layers": 2, "heads": 4, "kv_heads": 4, "hidden": 96, "dropout": 0}
GPT2 = MODEL | {
    "positions": "learned", "norm": "layer", "norm_place": "pre", "final_norm": True, "norm_bias": True,
    "activation": "gelu_tanh", "attention_bias": True, "mlp_bias": True, "tied": True, "head_bias": False,
}  # fmt: skip
LLAMA = MODEL | {
    "positions": "rotary", "norm": "rms", "norm_place": "pre", "final_norm": True, "norm_bias": False, "kv_heads": 2,
    "activation": "swiglu", "attention_bias": False, "mlp_bias": False, "tied": False, "head_bias": False,
}  # fmt: skip
OPENAI = GPT2 | {"norm_place": "post", "final_norm": False, "hidden": 192}
CASES = {
    # name: class or none, tokenizer, model
    "gpt2-bpe": ("GPT2LMHeadModel", {"kind": "bpe", "vocabulary": 400}, GPT2),
    "gpt2-bytes-bare": (
        "GPT2LMHeadModel",
        {"kind": "bytes"},
        GPT2 | {"attention_bias": False, "mlp_bias": False, "norm_bias": False, "tied": False},
    ),
    "gpt2-characters-relu": ("GPT2LMHeadModel", {"kind": "characters"}, GPT2 | {"activation": "relu"}),
    "llama-bytes": ("LlamaForCausalLM", {"kind": "bytes"}, LLAMA),
    "llama-bpe-biases-tied": (
        "LlamaForCausalLM",
        {"kind": "bpe", "vocabulary": 300},
        LLAMA | {"attention_bias": True, "mlp_bias": True, "tied": True, "kv_heads": 4, "rotary_base": 500},
    ),
    "openai-words": ("OpenAIGPTLMHeadModel", {"kind": "words", "vocabulary": 500}, OPENAI),
    "openai-sinusoidal-untied": (
        "OpenAIGPTLMHeadModel",
        {"kind": "characters"},
        OPENAI | {"positions": "sinusoidal", "tied": False, "activation": "silu"},
    ),
    "odd-swiglu": (None, {"kind": "bytes"}, GPT2 | {"activation": "swiglu", "kv_heads": 2, "head_bias": True}),
    "odd-rotary-post": (None, {"kind": "characters"}, LLAMA | {"norm_place": "post", "activation": "relu_squared"}),
    "odd-sinusoidal-none": (
        None,
        {"kind": "bytes"},
        GPT2 | {"positions": "sinusoidal", "norm": "none", "final_norm": False, "attention_output": False},
    ),
}


def made(name, tokenizer, model):
    """Trains a model, exports it in every format that it has, and looks at it: its folder and events."""
    folder = work / name
    (exported := work / f"{name}.zip", folder.mkdir())
    config = {"tokenizer": tokenizer, "model": model, "training": TRAINING}
    texts = any_strings() if tokenizer["kind"] in ("bytes", "bpe") else strings()
    commands = [
        {"command": "set_built_in", "key": "stories", "seed": 1},
        {"command": "wait"},
        {"command": "reset", "config": config},
        {"command": "wait"},
        {"command": "train"},
        {"command": "wait"},
        {"command": "measure_exports", "about": ABOUT},
        {"command": "export", "format": "transformers", "path": str(exported), "about": ABOUT},
    ]
    events = run(commands + look(prompts, texts, PROMPT[:20], NEW))
    sizes = {size["format"]: size.get("bytes") for size in of(events, "exports_measured")[0]["formats"]}
    same(f"{name}: size of the zip", exported.stat().st_size, sizes["transformers"])
    with zipfile.ZipFile(exported) as zipped:
        zipped.extractall(folder)
    if sizes["gguf"]:
        gguf = work / f"{name}.gguf"
        run([{"command": "import", "path": str(exported)}, {"command": "export", "format": "gguf", "path": str(gguf)}])
        same(f"{name}: size of the GGUF", gguf.stat().st_size, sizes["gguf"])
    return folder, events, texts


def check_transformers(name, kind, folder, events, texts):
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    same(f"{name}: class", kind, type(model).__name__)
    for part in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        same(f"{name}: {part}", [], list(info[part]))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    vocabulary = of(events, "model_built")[-1]["vocabulary"]
    for text, ours in zip(texts, tokens(events), strict=True):
        same(f"{name}: tokens of {text!r}", ours, [vocabulary[id] for id in tokenizer(text)["input_ids"]][-64:])
    off = near(name, logits(events), theirs_of(model, tokenizer))
    start = tokenizer(PROMPT[:20], return_tensors="pt")
    drawn = model.generate(**start, max_new_tokens=NEW, do_sample=False, eos_token_id=None, pad_token_id=0)
    same(f"{name}: greedy tokens", continued(events), drawn[0, start["input_ids"].shape[1] :].tolist())
    again = work / f"{name}-again"
    model.save_pretrained(again)
    tokenizer.save_pretrained(again)
    back = near(f"{name} saved again", logits(run([importing(again)] + look(prompts))), theirs_of(model, tokenizer))
    equal = f"{STRINGS} strings and {NEW} greedy tokens equal"
    print(f"{name}: {kind}, {equal}, logits within {off:.1e}; saved again and back {back:.1e}", flush=True)


def importing(folder):
    return {"command": "import_files", "path": str(folder)}


def check_module(name, folder, events):
    """model.py of a folder that has no class."""
    specification = importlib.util.spec_from_file_location("model", folder / "model.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    from tokenizers import Tokenizer

    model, tokenizer = module.load(), Tokenizer.from_file(str(folder / "tokenizer.json"))
    encode = lambda text: torch.tensor([tokenizer.encode(text, add_special_tokens=False).ids])  # noqa: E731
    with torch.no_grad():
        off = near(name, logits(events), [model(encode(text))[0, -1] for text in prompts])
    start = encode(PROMPT[:20])
    drawn = model.generate(start, NEW, temperature=0)[0, start.shape[1] :].tolist()
    same(f"{name}: greedy tokens", continued(events), drawn)
    print(f"{name}: model.py, {NEW} greedy tokens equal, logits within {off:.1e}", flush=True)


def check_llama_cpp(name, folder, events):
    gguf = work / f"{name}.gguf"
    if not gguf.exists():
        return
    import llama_cpp

    llama = llama_cpp.Llama(
        str(gguf), n_ctx=64, logits_all=True, verbose=False, n_threads=2, type_k=0, type_v=0, flash_attn=False
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for text in any_strings():
        ids = llama.tokenize(text.encode(), add_bos=False, special=False)
        same(f"{name}: llama.cpp's tokens of {text!r}", tokenizer(text)["input_ids"], ids)
    ids = llama.tokenize(PROMPT[:20].encode(), add_bos=False)
    llama.eval(ids)
    drawn = []
    for _ in range(NEW):
        drawn.append(int(llama.scores[llama.n_tokens - 1].argmax()))
        llama.eval(drawn[-1:])
    same(f"{name}: llama.cpp's greedy tokens", continued(events), drawn)
    rows = []
    for text in prompts:
        llama.reset()
        llama.eval(llama.tokenize(text.encode(), add_bos=False))
        rows.append(torch.tensor(llama.scores[llama.n_tokens - 1]))
    off = (torch.tensor(logits(events)) - torch.stack(rows)).abs().max().item()
    print(f"{name}: llama.cpp, {STRINGS} strings and {NEW} greedy tokens equal, logits within {off:.1e}", flush=True)


def foreign(folder, model, dtype, tokenizer_files):
    """A random model, saved by transformers; the model in f32 with the weights as saved."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.normal_(1.0 if "ln_" in name or "norm" in name else 0.0, 0.1)
    model.to(dtype).save_pretrained(folder)
    for file in tokenizer_files:
        shutil.copy(file, folder)
    # Read anew: the model in memory has rounded its rotary frequencies too, which no file holds.
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def check_foreign(folder_of_tokens):
    vocab = json.loads((folder_of_tokens / "config.json").read_text())["vocab_size"]
    one = [folder_of_tokens / "tokenizer.json"]
    # The pair of files that older models have.
    table = json.loads(one[0].read_text(encoding="utf-8"))["model"]
    pair = [work / "vocab.json", work / "merges.txt"]
    pair[0].write_text(json.dumps(table["vocab"]), encoding="utf-8")
    merges = (merge if isinstance(merge, str) else " ".join(merge) for merge in table["merges"])
    pair[1].write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
    gpt = {"vocab_size": vocab, "n_positions": 80, "n_embd": 32, "n_layer": 2, "n_head": 4}
    ids = {"bos_token_id": 0, "eos_token_id": 0}
    llama = {
        "vocab_size": vocab, "hidden_size": 32, "intermediate_size": 56, "num_hidden_layers": 2,
        "num_attention_heads": 4, "max_position_embeddings": 80,
    } | ids  # fmt: skip
    rope = {"rope_type": "default", "rope_theta": 700.0}
    models = {
        "gpt2": lambda: GPT2LMHeadModel(GPT2Config(**gpt, **ids)),
        "gpt2-untied-wide": lambda: GPT2LMHeadModel(
            GPT2Config(**gpt, **ids, n_inner=72, tie_word_embeddings=False, activation_function="gelu")
        ),
        "llama": lambda: LlamaForCausalLM(LlamaConfig(**llama, num_key_value_heads=2, rope_parameters=rope)),
        "llama-biases-tied": lambda: LlamaForCausalLM(
            LlamaConfig(**llama, attention_bias=True, mlp_bias=True, tie_word_embeddings=True)
        ),
        "openai": lambda: OpenAIGPTLMHeadModel(OpenAIGPTConfig(**gpt)),
    }
    for name, make in models.items():
        for dtype in (torch.float32, torch.float16, torch.bfloat16):
            folder = work / f"foreign-{name}-{str(dtype).removeprefix('torch.')}"
            model = foreign(folder, make(), dtype, pair if dtype == torch.float16 else one)
            config = json.loads((folder / "config.json").read_text())
            if name == "llama" and dtype == torch.bfloat16:  # as transformers 4 wrote it
                config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
                (folder / "config.json").write_text(json.dumps(config))
            if name == "gpt2" and dtype == torch.bfloat16:  # OpenAI's own names, and their masks
                from safetensors.torch import load_file, save_file

                weights = load_file(folder / "model.safetensors")
                weights = {key.removeprefix("transformer."): value for key, value in weights.items()}
                weights["h.0.attn.bias"] = torch.ones(1, 1, 80, 80)
                save_file(weights, folder / "model.safetensors")
            events = run([importing(folder)] + look(prompts))
            tokenizer = AutoTokenizer.from_pretrained(folder_of_tokens)
            off = near(folder.name, logits(events), theirs_of(model, tokenizer))
            print(f"{folder.name}: comes in, logits within {off:.1e}", flush=True)


def check_trainer(folder, events):
    """Two processes go on training, and what they leave comes back."""
    text, out = work / "text.txt", work / "out"
    text.write_text(PROMPT * 200, encoding="utf-8")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", str(HERE / "train.py")]
    processors = os.environ | {"CUDA_VISIBLE_DEVICES": ""}  # two processes want two GPUs
    done = subprocess.run([*torchrun, str(folder), str(text), str(out)], capture_output=True, text=True, env=processors)
    if done.returncode:
        raise SystemExit(f"torchrun failed: {done.stderr[-2000:]}")
    same("processes", True, "trained by 2 processes" in done.stdout)
    model, tokenizer = AutoModelForCausalLM.from_pretrained(out), AutoTokenizer.from_pretrained(out)
    back = run([importing(out)] + look(prompts))
    off = near("after torchrun", logits(back), theirs_of(model.float(), tokenizer))
    moved = (torch.tensor(logits(back)) - torch.tensor(logits(events))).abs().max().item()
    same("training changed the logits", True, moved > 0.1)
    print(f"torchrun: two processes moved logits by {moved:.1f}; back in Fledgling they are within {off:.1e}", flush=True)


try:
    kept = {}
    for name, (kind, tokenizer, model) in CASES.items():
        folder, events, texts = kept[name] = made(name, tokenizer, model)
        if kind:
            check_transformers(name, kind, folder, events, texts)
            check_llama_cpp(name, folder, events)
        else:
            check_module(name, folder, events)
    check_foreign(kept["gpt2-bpe"][0])
    check_trainer(kept["gpt2-bpe"][0], kept["gpt2-bpe"][1])
finally:
    shutil.rmtree(work)
