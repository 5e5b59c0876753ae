"""Goes on training a folder with transformers' Trainer, as torchrun starts it: train.py FOLDER TEXT OUT"""

import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

folder, text, out = sys.argv[1:]
model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
ids = tokenizer(open(text, encoding="utf-8").read())["input_ids"]
length = 32
windows = [torch.tensor(ids[i : i + length]) for i in range(0, len(ids) - length, length)]
settings = TrainingArguments(
    output_dir=out,
    max_steps=20,
    per_device_train_batch_size=4,
    learning_rate=1e-3,
    save_strategy="no",
    report_to=[],
    use_cpu=True,
    disable_tqdm=True,
)
trainer = Trainer(
    model=model, args=settings, train_dataset=[{"input_ids": window, "labels": window} for window in windows]
)
trainer.train()
trainer.save_model(out)
if trainer.is_world_process_zero():
    tokenizer.save_pretrained(out)
    print(f"trained by {trainer.args.world_size} processes")
