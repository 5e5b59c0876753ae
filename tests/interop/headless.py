"""Fledgling's own program as a function: commands in, events out."""

import json
import subprocess
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "target" / "release" / "headless"


def session(commands, program=PROGRAM):
    """Runs a session; its events. A command that fails ends everything."""
    lines = "\n".join(json.dumps(command) for command in commands)
    run = subprocess.run([program], input=lines, capture_output=True, text=True, encoding="utf-8")
    events = [json.loads(line) for line in run.stdout.splitlines()]
    failed = [event for event in events if event["event"] == "failed"]
    if failed or run.returncode:
        raise SystemExit(f"headless failed: {failed[:1] or run.stderr}")
    return events


def of(events, kind):
    return [event for event in events if event["event"] == kind]


def look(prompts, strings=(), greedy=None, tokens=0):
    """Commands: the next token's logits of each prompt, each string's tokens, and the likeliest continuation."""
    commands = [{"command": "predict", "request": i, "prompt": prompt, "off": {}} for i, prompt in enumerate(prompts)]
    commands += [
        {"command": "attention", "request": i, "prompt": string, "layer": 0, "head": 0}
        for i, string in enumerate(strings)
    ]
    if greedy is not None:
        sampling = {"prompt": greedy, "tokens": tokens, "temperature": 0}
        commands += [{"command": "sample", "request": 0, "source": "model", "sampling": sampling}, {"command": "wait"}]
    return commands


def logits(events):
    return [event["logits"] for event in of(events, "predicted")]


def tokens(events):
    return [event["tokens"] for event in of(events, "attention_computed")]


def continued(events):
    return [token["id"] for event in of(events, "sampled") for token in event["tokens"]]
