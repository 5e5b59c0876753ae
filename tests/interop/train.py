"""Goes on training a folder with transformers' Trainer, as torchrun starts it: train.py FOLDER TEXT OUT [STEPS]"""

import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

folder, text, out = sys.argv[1:4]
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 20
model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
ids = tokenizer(open(text, encoding="utf-8").read())["input_ids"]
length = min(tokenizer.model_max_length, 256)  # the model's context
windows = [torch.tensor(ids[i : i + length]) for i in range(0, len(ids) - length, length)]
settings = TrainingArguments(
    output_dir=out,
    max_steps=steps,
    per_device_train_batch_size=4,
    learning_rate=1e-3,
    save_strategy="no",
    report_to=[],
    use_cpu=not torch.cuda.is_available(),
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
