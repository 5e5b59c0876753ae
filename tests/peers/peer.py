"""The task in PyTorch on the CPU: a line on standard input asks for a run, a line of JSON answers it.

    python peer.py FOLDER    config.json, weights.safetensors and batches.safetensors, as benchmark.mjs wrote them
"""

import json
import struct
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F


def tensors(path):
    """Every tensor of a safetensors file."""
    content = bytearray(path.read_bytes())
    (length,) = struct.unpack("<Q", content[:8])
    kinds = {"F32": torch.float32, "I32": torch.int32}
    header = {name: entry for name, entry in json.loads(content[8 : 8 + length]).items() if name != "__metadata__"}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        yield name, torch.frombuffer(content[begin:end], dtype=kinds[entry["dtype"]]).reshape(entry["shape"])


class Peer:
    def __init__(self, folder):
        config = json.loads((folder / "config.json").read_text())
        self.model, self.training = config["model"], config["training"]
        self.weights = dict(tensors(folder / "weights.safetensors"))
        self.batches = dict(tensors(folder / "batches.safetensors"))["tokens"].long()

    def loss(self, w, windows):
        model = self.model
        tokens, targets = windows[:, :-1], windows[:, 1:]

        def norm(x, name):
            return F.layer_norm(x, (model["width"],), w[f"{name}.gain"], None, model["norm_epsilon"])

        def split(x):
            return x.unflatten(-1, (model["heads"], -1)).transpose(1, 2)

        x = F.embedding(tokens, w["embedding.token.weight"]) + w["embedding.position.weight"]
        for i in range(model["layers"]):
            block = f"block.{i}"
            q, k, v = (norm(x, f"{block}.attention_norm") @ w[f"{block}.attention.qkv.weight"]).chunk(3, -1)
            joined = F.scaled_dot_product_attention(split(q), split(k), split(v), is_causal=True)
            x = x + joined.transpose(1, 2).flatten(-2) @ w[f"{block}.attention.output.weight"]
            up = norm(x, f"{block}.mlp_norm") @ w[f"{block}.mlp.up.weight"]
            x = x + F.gelu(up) @ w[f"{block}.mlp.down.weight"]
        logits = norm(x, "final_norm") @ w["embedding.token.weight"].T
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def train(self):
        t = self.training
        w = {name: values.clone().requires_grad_() for name, values in self.weights.items()}
        groups = [
            {"params": [x for x in w.values() if x.ndim == 2], "weight_decay": t["weight_decay"]},
            {"params": [x for x in w.values() if x.ndim == 1], "weight_decay": 0.0},
        ]
        betas = (t["beta1"], t["beta2"])
        optimizer = torch.optim.AdamW(groups, lr=t["learning_rate"], betas=betas, eps=t["epsilon"], fused=True)
        losses, milliseconds = [], []
        for windows in self.batches:
            began = time.perf_counter()
            optimizer.zero_grad()
            loss = self.loss(w, windows)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(w.values(), t["clip"])
            optimizer.step()
            losses.append(loss.item())
            milliseconds.append((time.perf_counter() - began) * 1000)
        return {"losses": losses, "milliseconds": milliseconds}


peer = Peer(Path(sys.argv[1]))
version = torch.__version__.split("+")[0]
print(json.dumps({"name": f"PyTorch {version}, without a browser, {torch.get_num_threads()} threads"}), flush=True)
for _ in sys.stdin:
    print(json.dumps(peer.train()), flush=True)
