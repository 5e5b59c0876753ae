"""The project's own golden cases: small models trained by PyTorch in float64, from PyTorch's own layers and optimizers.

    python generate.py [CASES.json [FOLDER]]      (needs torch, numpy and safetensors; default: here, from cases.json)

For each case of CASES.json, FOLDER/<name>/ gets
    case.json            {"model": ..., "training": ...}
    weights.safetensors  f32: the initial weights
    batches.safetensors  tokens i32 [steps, batch, context + 1]; inputs are [..., :-1], targets [..., 1:]
    expected.safetensors f32: logits [batch, context, vocab] of the first batch before any update,
                         losses [steps] in nats, each before its update,
                         grad.<name> of the first step before clipping, after.<name> at the end

Shapes are outermost first. Linear weights are [in, out], as y = x @ W + b has them.
"""
import json
import math
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
ACTIVATIONS = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "relu_squared": lambda x: F.relu(x) ** 2,
}


class Model:
    """A language model out of the options of one case."""

    def __init__(self, options, random):
        self.o = options
        self.head = options["width"] // options["heads"]
        self.weights = {}
        for name, shape in self.shapes():
            # Gains around 1, biases off 0: no term of the model may hide.
            values = torch.randn(shape, generator=random) * (0.1 if len(shape) == 2 else 0.05)
            values = values + 1.0 if name.endswith(".gain") else values
            self.weights[name] = values.float().double().requires_grad_()  # exact in the file's float32

    def shapes(self):
        """(name, shape) of every parameter, in the order of files."""
        o = self.o
        width, hidden = o["width"], o["hidden"]

        def norm(name):
            yield f"{name}.gain", [width]
            if o["norm_bias"] and o["norm"] == "layer":
                yield f"{name}.bias", [width]

        def linear(name, inputs, outputs, bias):
            yield f"{name}.weight", [inputs, outputs]
            if bias:
                yield f"{name}.bias", [outputs]

        yield "embedding.token.weight", [o["vocab"], width]
        if o["positions"] == "learned":
            yield "embedding.position.weight", [o["context"], width]
        for block in (f"block.{i}" for i in range(o["layers"])):
            yield from norm(f"{block}.attention_norm")
            columns = (o["heads"] + 2 * o["kv_heads"]) * self.head
            yield from linear(f"{block}.attention.qkv", width, columns, o["attention_bias"])
            if o["attention_output"]:
                yield from linear(f"{block}.attention.output", width, width, o["attention_bias"])
            yield from norm(f"{block}.mlp_norm")
            yield from linear(f"{block}.mlp.up", width, hidden, o["mlp_bias"])
            if o["activation"] == "swiglu":
                yield from linear(f"{block}.mlp.gate", width, hidden, o["mlp_bias"])
            yield from linear(f"{block}.mlp.down", hidden, width, o["mlp_bias"])
        if o["final_norm"]:
            yield from norm("final_norm")
        if not o["tied"]:
            yield "head.weight", [o["vocab"], width]
        if o["head_bias"]:
            yield "head.bias", [o["vocab"]]

    def linear(self, name, x):
        return F.linear(x, self.weights[f"{name}.weight"].T, self.weights.get(f"{name}.bias"))

    def norm(self, name, x):
        gain, width, epsilon = self.weights[f"{name}.gain"], [self.o["width"]], self.o["norm_epsilon"]
        if self.o["norm"] == "rms":
            return F.rms_norm(x, width, gain, epsilon)
        return F.layer_norm(x, width, gain, self.weights.get(f"{name}.bias"), epsilon)

    def positions(self, seq):
        """What is added to the embeddings [seq, width]."""
        width = self.o["width"]
        if self.o["positions"] == "learned":
            return self.weights["embedding.position.weight"][:seq]
        if self.o["positions"] == "sinusoidal":
            # sin and cos of position / 10000^(2i / width), in turn.
            angles = torch.outer(torch.arange(seq).double(), 10000.0 ** (-torch.arange(0, width, 2) / width))
            return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
        return torch.zeros(seq, width)

    def rotated(self, x):
        """x [batch, heads, seq, head]: columns i and i + head/2 as one complex number, turned."""
        half = self.head // 2
        rates = self.o["rotary_base"] ** (-torch.arange(0, self.head, 2) / self.head)
        angles = torch.outer(torch.arange(x.shape[2]).double(), rates)
        turned = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angles), angles)
        return torch.cat([turned.real, turned.imag], dim=-1)

    def attention(self, block, x):
        o, (batch, seq, width) = self.o, x.shape
        counts = [o["heads"], o["kv_heads"], o["kv_heads"]]
        joined = self.linear(f"{block}.attention.qkv", x).view(batch, seq, sum(counts), self.head)
        q, k, v = joined.transpose(1, 2).split(counts, dim=1)
        if o["positions"] == "rotary":
            q, k = self.rotated(q), self.rotated(k)
        # Neighbouring query heads share a key/value head.
        k, v = (t.repeat_interleave(o["heads"] // o["kv_heads"], dim=1) for t in (k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=o["causal"])
        y = y.transpose(1, 2).reshape(batch, seq, width)
        return self.linear(f"{block}.attention.output", y) if o["attention_output"] else y

    def mlp(self, block, x):
        up = self.linear(f"{block}.mlp.up", x)
        if self.o["activation"] == "swiglu":
            up = F.silu(self.linear(f"{block}.mlp.gate", x)) * up
        else:
            up = ACTIVATIONS[self.o["activation"]](up)
        return self.linear(f"{block}.mlp.down", up)

    def logits(self, tokens):
        """tokens [batch, seq] -> [batch, seq, vocab]"""
        o = self.o
        x = F.embedding(tokens, self.weights["embedding.token.weight"]) + self.positions(tokens.shape[1])
        for block in (f"block.{i}" for i in range(o["layers"])):
            for branch in (self.attention, self.mlp):
                norm = f"{block}.{branch.__name__}_norm"
                if o["norm_place"] == "pre":
                    x = x + branch(block, self.norm(norm, x))
                else:
                    x = self.norm(norm, x + branch(block, x))
        if o["final_norm"]:
            x = self.norm("final_norm", x)
        head = self.weights["embedding.token.weight" if o["tied"] else "head.weight"]
        return F.linear(x, head, self.weights.get("head.bias"))


class Training:
    """The updates of one case."""

    def __init__(self, options, weights):
        self.o, self.weights = options, weights
        decayed = lambda x: options["decay"] == "all" or x.dim() == 2
        groups = [
            {"params": [x for x in weights.values() if decayed(x) == on], "weight_decay": options["weight_decay"] * on}
            for on in (True, False)
        ]
        groups = [group for group in groups if group["params"]]
        if options["optimizer"] == "sgd":
            self.optimizer = torch.optim.SGD(groups, lr=0.0)
        else:
            rule = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}[options["optimizer"]]
            self.optimizer = rule(groups, lr=0.0, betas=(options["beta1"], options["beta2"]), eps=options["epsilon"])

    def rate(self, step):
        """step counts from 1."""
        high, low, warmup = self.o["learning_rate"], self.o["min_learning_rate"], self.o["warmup_steps"]
        if self.o["schedule"] == "constant":
            return high
        if step <= warmup:
            return high * step / warmup
        share = min(1.0, (step - warmup) / max(1, self.o["total_steps"] - warmup))
        return low + (high - low) * (1.0 + math.cos(math.pi * share)) / 2.0

    def loss(self, logits, targets):
        if self.o["objective"] == "last_position":
            logits, targets = logits[:, -1:], targets[:, -1:]
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def update(self, step):
        if self.o["clip"] > 0:
            torch.nn.utils.clip_grad_norm_(self.weights.values(), self.o["clip"])
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate(step)
        self.optimizer.step()


def as_file(tensors):
    return {name: x.detach().numpy().astype(np.float32) for name, x in tensors.items()}


def windows(options, training, random):
    """Tokens [steps, batch, context + 1]. Four in five of every later batch repeat the first: there is something to learn."""
    shape = (training["steps"], training["batch"], options["context"] + 1)
    tokens = torch.randint(options["vocab"], shape, generator=random)
    repeated = torch.rand(tokens[1:].shape, generator=random) < 0.8
    tokens[1:] = torch.where(repeated, tokens[:1], tokens[1:])
    return tokens


def write(case, folder):
    random = torch.Generator().manual_seed(case["seed"])
    model = Model(case["model"], random)
    training = Training(case["training"], model.weights)
    initial = as_file(model.weights)
    tokens = windows(case["model"], case["training"], random)
    expected, losses = {}, []
    for step, batch in enumerate(tokens, start=1):
        logits = model.logits(batch[:, :-1])
        loss = training.loss(logits, batch[:, 1:])
        for weight in model.weights.values():
            weight.grad = torch.zeros_like(weight)  # not None: decay acts on an unused weight too
        loss.backward()
        if step == 1:
            gradients = {f"grad.{name}": x.grad for name, x in model.weights.items()}
            expected = as_file({"logits": logits, **gradients})
        losses.append(loss.detach())
        training.update(step)
    expected |= as_file({"losses": torch.stack(losses), **{f"after.{n}": x for n, x in model.weights.items()}})
    folder.mkdir(parents=True, exist_ok=True)
    choices = {"model": case["model"], "training": case["training"]}
    (folder / "case.json").write_text(json.dumps(choices, indent=1) + "\n")
    save_file(initial, folder / "weights.safetensors")
    save_file({"tokens": tokens.numpy().astype(np.int32)}, folder / "batches.safetensors")
    save_file(expected, folder / "expected.safetensors")
    print(f"{case['name']:20} loss {losses[0]:.6f} -> {losses[-1]:.6f}")


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    arguments = dict(enumerate(sys.argv))
    cases, out = pathlib.Path(arguments.get(1, HERE / "cases.json")), pathlib.Path(arguments.get(2, HERE))
    for case in json.loads(cases.read_text()):
        write(case, out / case["name"])
