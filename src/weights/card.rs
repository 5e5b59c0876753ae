//! The model card: what a model is, in the words of whoever finds its file.

use super::{About, ModelFile};
use crate::config::{Class, NoClass};
use serde_json::Value;
use std::fmt::Write;

/// Characters of the text's name that are kept.
const NAME_LIMIT: usize = 200;

/// A name as a line of Markdown shows it: one line, in a code span that it cannot end.
fn code(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control() && *c != '`').take(NAME_LIMIT).collect();
    if plain.trim().is_empty() { "not named".to_owned() } else { format!("`{}`", plain.trim()) }
}

/// What a card stands in, and so how its reader loads the model.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The folder of a class of transformers.
    Class(Class),
    /// A folder with a module of its own, and why there is no class.
    Module(&'a NoClass),
    /// The header of a safetensors file.
    Safetensors,
    /// The keys of a GGUF file.
    Gguf,
}

/// What a model is and how to load it, in Markdown.
pub(super) fn card(file: &ModelFile, place: Place<'_>, about: &About) -> String {
    let (history, architecture) = (&file.history, &file.checked.architecture);
    let library = match place {
        Place::Class(_) => Some("transformers"),
        Place::Module(_) => Some("pytorch"),
        Place::Safetensors | Place::Gguf => None,
    };
    // What the Hub reads of a folder's card.
    let mut card = library.map_or_else(String::new, |library| {
        format!("---\nlibrary_name: {library}\npipeline_tag: text-generation\ntags:\n- fledgling\n---\n\n")
    });
    card += "# A small language model\n\n";
    let parameters = crate::config::parameter_count(architecture);
    let mut line = |text: String| {
        card += &text;
        card.push('\n');
    };
    line(format!(
        "Trained with Fledgling {} in a browser tab: {parameters} parameters, {} tokens, windows of {} tokens.",
        env!("CARGO_PKG_VERSION"),
        architecture.vocab,
        architecture.context
    ));
    line(String::new());
    let sum = history.text_crc32.map_or(String::new(), |sum| format!(", CRC-32 {sum:08x}"));
    line(format!("- Text: {}, {} characters{sum}", code(&about.text_name), history.text_characters));
    line(format!("- Steps: {}", history.step));
    let loss = |loss: Option<f32>| loss.map_or("not measured".to_owned(), |loss| format!("{loss:.4} nats a token"));
    line(format!("- Training loss: {}", loss(history.training_loss)));
    line(format!("- Validation loss: {}", loss(history.validation_loss)));
    line(format!("- Date: {}", code(&about.date)));
    line("\n## How to load it\n".to_owned());
    match place {
        Place::Class(class) => {
            line(format!("The folder is one of `{}`; what it computes is what the tab computed.\n", class.name()));
            line(LOAD.to_owned());
        }
        Place::Module(NoClass { nearest, lacking }) => {
            let lacking: Vec<_> = lacking.iter().map(|lacking| lacking.words()).collect();
            line(format!(
                "No class of Hugging Face transformers computes this architecture: {nearest} comes closest among the \
                 classes of transformers, but it has {}. `model.py` is a plain PyTorch module that does; it needs `torch`, `safetensors` and `tokenizers`.\n",
                lacking.join(", ")
            ));
            line("```\npython model.py \"Once upon a time\"\n```".to_owned());
        }
        Place::Safetensors => line(SAFETENSORS.to_owned()),
        Place::Gguf => line(GGUF.to_owned()),
    }
    match place {
        Place::Class(_) | Place::Module(_) => {
            line("\nFledgling itself opens the zip as it is, and goes on training.".to_owned());
        }
        Place::Safetensors | Place::Gguf => {}
    }
    line("\n## Settings\n".to_owned());
    line("| setting | value |\n|---|---|".to_owned());
    let settings = serde_json::to_value(&file.config).unwrap_or_default();
    for (group, settings) in settings.as_object().into_iter().flatten() {
        for (key, value) in settings.as_object().into_iter().flatten() {
            let shown = match value {
                Value::String(text) if text.is_empty() => "none".to_owned(),
                Value::String(text) => code(&text.replace('|', "¦")), // which would end the cell
                value => value.to_string(),
            };
            line(format!("| {group}.{key} | {shown} |"));
        }
    }
    let _ = write!(
        card,
        "\n## Licence\n\nNone is stated here: it is for the owner of the model, and of the text that it learned from, to say.\n"
    );
    card
}

const LOAD: &str = "```python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained(\".\")
tokenizer = AutoTokenizer.from_pretrained(\".\")
prompt = tokenizer(\"Once upon a time\", return_tensors=\"pt\")
print(tokenizer.decode(model.generate(**prompt, max_new_tokens=100, do_sample=True)[0]))
```

To go on training it on any number of GPUs: `torchrun --nproc_per_node 8 run_clm.py --model_name_or_path . …`, with
`run_clm.py` from transformers' examples. The folder that it writes opens in Fledgling again.";

const SAFETENSORS: &str = "Fledgling opens this file as it is, and goes on training. Elsewhere `safetensors.safe_open(path, \"pt\")` gives its
tensors; settings and tokenizer are JSON texts in its metadata: `config`, `tokenizer` (a tokenizer.json), `tokenizer_config`,
`training`.";

const GGUF: &str = "```
llama-completion -m model.gguf -no-cnv -n 60 -p \"Once upon a time\"
```";
