//! Models at the limits of an adapter: what can be read and not trained, and what is refused before anything is allocated.

use crate::formats::{gpt2, model_file, tokenizer, zip_of};
use crate::playground::{Playground, of};
use fledgling::config::{ModelConfig, TokenizerKind};
use serde_json::{Value, json};

/// What a sentence of the core says, where something failed.
fn said(events: &[Value]) -> String {
    of(events, "failed").iter().map(|e| e["message"].as_str().unwrap()).collect()
}

#[test]
fn large_models_are_sampled_where_they_cannot_be_trained() {
    // No tensor above 1 MiB, all together above: the update binds them in one stretch.
    let model = ModelConfig { width: 256, heads: 4, kv_heads: 4, hidden: 1000, ..gpt2() };
    let file = model_file(model, &tokenizer(TokenizerKind::Bytes));
    let import = json!({"command": "import", "name": "bird.zip", "bytes": zip_of(&file)});
    let text = json!({"command": "set_text", "text": crate::training::text(3000)});
    let sampling = json!({"prompt": "a small", "tokens": 12, "temperature": 0});
    let train = json!({"command": "train"});

    let mut wide = Playground::new();
    wide.settle(text.clone());
    wide.settle(import.clone());
    let sample = wide.sample("model", sampling.clone());
    assert_eq!(said(&wide.settle(json!({"command": "step"}))), "");
    assert_eq!(wide.all("progressed").last().unwrap()["step"], 8, "one step behind the file's seven");

    let mut narrow = Playground::within(1 << 20);
    narrow.settle(text);
    let built = narrow.settle(import.clone());
    assert_eq!((said(&built), of(&built, "model_built").len()), (String::new(), 1));
    assert_eq!(narrow.sample("model", sampling.clone()), sample);
    let estimate = &of(&built, "model_built")[0]["estimate"];
    let held = 4 * file.flat.len();
    let sentence = format!(
        "training this model would need {} bytes of GPU memory, where the model alone takes {held}: \
         optimizer.second would need {held} bytes in one piece; this adapter has at most 1048576",
        estimate["training_bytes"]
    );
    for command in [train, json!({"command": "step"}), json!({"command": "evaluate"})] {
        let refused = narrow.settle(command.clone());
        assert_eq!(said(&refused), sentence, "{command}");
        let advice = of(&refused, "failed")[0]["advice"].as_str().unwrap();
        assert!(advice.starts_with("The model stays"), "{advice}");
        assert!(!narrow.busy(), "{command}");
    }
    // It goes on being read: samples, heads, tensors (their gradients are nobody's yet), and as a file.
    assert_eq!(narrow.sample("model", sampling.clone()), sample);
    let heads = narrow.settle(json!({"command": "look_at_heads", "request": 2, "prompt": "a small", "size": 8}));
    assert_eq!(of(&heads, "heads_looked_at")[0]["heads"].as_array().unwrap().len(), 8);
    let tensors = narrow.settle(json!({"command": "look_at_tensors", "request": 3}));
    assert!(of(&tensors, "tensors_looked_at")[0]["tensors"][0]["gradient"].is_null());
    let session = narrow.settle(json!({"command": "save"}));
    let parts = of(&session, "saved_part").into_iter();
    let saved: Vec<Value> = parts.flat_map(|part| part["bytes"].as_array().unwrap().clone()).collect();
    let mut again = Playground::within(1 << 20);
    let resumed = again.settle(json!({"command": "resume", "name": "saved", "bytes": saved}));
    assert_eq!(said(&resumed), "");
    assert_eq!(again.sample("model", sampling), sample);
}
