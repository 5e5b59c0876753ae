"""The model of this folder in plain PyTorch, after its config.json: python model.py "Once upon a time"

Needs torch, safetensors and tokenizers. Linear weights are [in, out]. Dropout is left out: this runs the model, it does not
train it.
"""

import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

FOLDER = Path(__file__).resolve().parent


class Linear(nn.Module):
    def __init__(self, inputs, outputs, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, x):
        x = x @ self.weight
        return x if self.bias is None else x + self.bias


class Norm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.kind, self.epsilon = c["norm"], c["norm_epsilon"]
        if self.kind != "none":
            self.gain = nn.Parameter(torch.ones(c["width"]))
        biased = self.kind == "layer" and c["norm_bias"]
        self.bias = nn.Parameter(torch.zeros(c["width"])) if biased else None

    def forward(self, x):
        if self.kind == "none":
            return x
        if self.kind == "layer":
            return F.layer_norm(x, x.shape[-1:], self.gain, self.bias, self.epsilon)
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * self.gain


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, self.head_dim = c, c["width"] // c["heads"]
        columns = (c["heads"] + 2 * c["kv_heads"]) * self.head_dim  # all q, all k, all v
        self.qkv = Linear(c["width"], columns, c["attention_bias"])
        if c["attention_output"]:
            self.output = Linear(c["width"], c["width"], c["attention_bias"])

    def rotate(self, x):  # [batch, heads, seq, head_dim], pairs (i, i + head_dim / 2)
        half = self.head_dim // 2
        rates = self.c["rotary_base"] ** (-2.0 * torch.arange(half, dtype=torch.float64) / self.head_dim)
        angles = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * rates
        cos, sin = angles.cos().to(x), angles.sin().to(x)
        a, b = x[..., :half], x[..., half:]
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    def forward(self, x):
        c, (batch, seq, width) = self.c, x.shape
        heads, kv = c["heads"], c["kv_heads"]
        q, k, v = self.qkv(x).split([heads * self.head_dim, kv * self.head_dim, kv * self.head_dim], dim=-1)
        q, k, v = (y.view(batch, seq, -1, self.head_dim).transpose(1, 2) for y in (q, k, v))
        if c["positions"] == "rotary":
            q, k = self.rotate(q), self.rotate(k)
        k, v = (y.repeat_interleave(heads // kv, dim=1) for y in (k, v))
        scores = q @ k.transpose(-1, -2) / math.sqrt(self.head_dim)
        if c["causal"]:
            later = torch.ones(seq, seq, dtype=torch.bool, device=x.device).triu(1)
            scores = scores.masked_fill(later, -math.inf)
        joined = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, seq, width)
        return self.output(joined) if c["attention_output"] else joined


ACTIVATIONS = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "relu_squared": lambda x: F.relu(x).square(),
}


class Mlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, hidden, bias = c["width"], c["hidden"], c["mlp_bias"]
        self.activation = c["activation"]
        self.up = Linear(width, hidden, bias)
        if self.activation == "swiglu":
            self.gate = Linear(width, hidden, bias)
        self.down = Linear(hidden, width, bias)

    def forward(self, x):
        if self.activation == "swiglu":
            return self.down(F.silu(self.gate(x)) * self.up(x))
        return self.down(ACTIVATIONS[self.activation](self.up(x)))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        if c["attention"]:
            self.attention_norm, self.attention = Norm(c), Attention(c)
        if c["mlp"]:
            self.mlp_norm, self.mlp = Norm(c), Mlp(c)

    def residual(self, norm, branch, x):
        if self.c["norm_place"] == "pre":
            return x + branch(norm(x))
        return norm(x + branch(x))

    def forward(self, x):
        if self.c["attention"]:
            x = self.residual(self.attention_norm, self.attention, x)
        if self.c["mlp"]:
            x = self.residual(self.mlp_norm, self.mlp, x)
        return x


class Table(nn.Module):
    def __init__(self, rows, width):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(rows, width))


class Embedding(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.token = Table(c["vocab"], c["width"])
        if c["positions"] == "learned":
            self.position = Table(c["context"], c["width"])


class Head(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.weight = None if c["tied"] else nn.Parameter(torch.zeros(c["vocab"], c["width"]))
        self.bias = nn.Parameter(torch.zeros(c["vocab"])) if c["head_bias"] else None


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embedding = Embedding(c)
        self.block = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        if c["final_norm"]:
            self.final_norm = Norm(c)
        self.head = Head(c)

    def sinusoids(self, seq):
        width = self.c["width"]
        columns = torch.arange(width, dtype=torch.float64)
        rates = 10_000.0 ** (-(columns // 2 * 2) / width)
        angles = torch.arange(seq, dtype=torch.float64)[:, None] * rates
        return torch.where(columns % 2 == 0, angles.sin(), angles.cos()).float()

    def forward(self, ids):  # [batch, seq] -> logits [batch, seq, vocab]
        c, seq = self.c, ids.shape[1]
        x = self.embedding.token.weight[ids]
        if c["positions"] == "learned":
            x = x + self.embedding.position.weight[:seq]
        elif c["positions"] == "sinusoidal":
            x = x + self.sinusoids(seq).to(x)
        for block in self.block:
            x = block(x)
        if c["final_norm"]:
            x = self.final_norm(x)
        weight = self.embedding.token.weight if c["tied"] else self.head.weight
        logits = x @ weight.T
        return logits if self.head.bias is None else logits + self.head.bias

    @torch.no_grad()
    def generate(self, ids, tokens, temperature=0.8):
        """Ids and so many more, drawn; the likeliest ones where the temperature is 0."""
        for _ in range(tokens):
            logits = self(ids[:, -self.c["context"] :])[:, -1]
            if temperature == 0:
                following = logits.argmax(-1, keepdim=True)
            else:
                following = torch.multinomial((logits / temperature).softmax(-1), 1)
            ids = torch.cat([ids, following], dim=1)
        return ids


def load(folder=FOLDER):
    """The model of a folder, ready to run."""
    model = Model(json.loads((Path(folder) / "config.json").read_text(encoding="utf-8")))
    model.load_state_dict(load_file(str(Path(folder) / "model.safetensors")))
    return model.eval()


if __name__ == "__main__":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    prompt = sys.argv[1] if len(sys.argv) > 1 else "\n"
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    print(tokenizer.decode(load().generate(torch.tensor([ids]), 200)[0].tolist()))
