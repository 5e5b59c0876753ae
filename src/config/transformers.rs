//! The classes of Hugging Face transformers that compute one of our architectures, and their config.json, out and in.

use super::{Activation, ModelConfig, Norm, NormPlace, Positions};
use serde_json::{Map, Value, json};

mod refusal;

pub use refusal::{ClassError, NoClass, NoGguf};
use refusal::{Lacking, Wanted};

/// A class that `from_pretrained` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Radford et al. 2019.
    Gpt2,
    /// Touvron et al. 2023.
    Llama,
    /// Radford et al. 2018.
    OpenAiGpt,
}

/// Characters of a stranger's value that a message repeats.
const SHOWN: usize = 100;

/// Multiple of the width that OpenAI's GPT gives its feed-forward layer: no key of its configuration says it.
const OPENAI_HIDDEN: usize = 4;

/// Words of config.json for our activations; the first of ours is the one that is written.
const GPT2_ACTIVATIONS: [(&str, Activation); 4] = [
    ("gelu_new", Activation::GeluTanh),
    ("gelu_pytorch_tanh", Activation::GeluTanh),
    ("gelu", Activation::Gelu),
    ("relu", Activation::Relu),
];
/// OpenAI's GPT says "gelu" and computes the tanh approximation.
const OPENAI_ACTIVATIONS: [(&str, Activation); 4] = [
    ("gelu", Activation::GeluTanh),
    ("relu", Activation::Relu),
    ("silu", Activation::Silu),
    ("swish", Activation::Silu),
];

fn word(words: &[(&'static str, Activation)], activation: Activation) -> Option<&'static str> {
    words.iter().find(|(_, ours)| *ours == activation).map(|(word, _)| *word)
}

impl Class {
    const ALL: [Self; 3] = [Self::Gpt2, Self::Llama, Self::OpenAiGpt];

    /// Its name in `architectures`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gpt2 => "GPT2LMHeadModel",
            Self::Llama => "LlamaForCausalLM",
            Self::OpenAiGpt => "OpenAIGPTLMHeadModel",
        }
    }

    fn model_type(self) -> &'static str {
        match self {
            Self::Gpt2 => "gpt2",
            Self::Llama => "llama",
            Self::OpenAiGpt => "openai-gpt",
        }
    }

    /// The class that computes a model, bit for bit but for rounding.
    ///
    /// # Errors
    /// [`NoClass`] with what the nearest one has instead.
    pub fn of(m: &ModelConfig) -> Result<Self, NoClass> {
        let lacking = Self::ALL.map(|class| (class.lacking(m), class));
        let nearest = lacking.into_iter().min_by_key(|(lacking, _)| lacking.len());
        match nearest {
            Some((lacking, class)) if lacking.is_empty() => Ok(class),
            Some((lacking, class)) => Err(NoClass { nearest: class.name(), lacking }),
            None => Err(NoClass { nearest: "", lacking: Vec::new() }),
        }
    }

    /// What the class has and a model has not.
    fn lacking(self, m: &ModelConfig) -> Vec<Lacking> {
        let mut all = vec![
            (m.layers > 0, Lacking::OneBlock),
            (m.attention, Lacking::AttentionInBlocks),
            (m.mlp, Lacking::MlpInBlocks),
            (m.attention_output, Lacking::AttentionOutput),
            (m.causal, Lacking::CausalAttention),
            (!m.head_bias, Lacking::HeadWithoutBias),
        ];
        let whole = [(m.norm == Norm::Layer, Lacking::LayerNorm), (m.kv_heads == m.heads, Lacking::EveryHeadItsKeys)];
        match self {
            Self::Gpt2 => {
                all.extend(whole);
                all.extend([
                    (m.norm_place == NormPlace::Pre, Lacking::NormsBefore),
                    (m.final_norm, Lacking::NormBeforeHead),
                    (m.positions == Positions::Learned, Lacking::LearnedPositions),
                    (word(&GPT2_ACTIVATIONS, m.activation).is_some(), Lacking::GeluOrRelu),
                ]);
            }
            Self::Llama => all.extend([
                (m.norm == Norm::Rms, Lacking::RmsNorm),
                (m.norm_place == NormPlace::Pre, Lacking::NormsBefore),
                (m.final_norm, Lacking::NormBeforeHead),
                (m.positions == Positions::Rotary, Lacking::RotaryPositions),
                (m.activation == Activation::Swiglu, Lacking::Swiglu),
            ]),
            Self::OpenAiGpt => {
                all.extend(whole);
                let added = matches!(m.positions, Positions::Learned | Positions::Sinusoidal);
                all.extend([
                    (m.norm_place == NormPlace::Post, Lacking::NormsAfter),
                    (!m.final_norm, Lacking::NoNormBeforeHead),
                    (added, Lacking::AddedPositions),
                    (word(&OPENAI_ACTIVATIONS, m.activation).is_some(), Lacking::GeluTanhReluOrSilu),
                    (m.hidden == OPENAI_HIDDEN * m.width, Lacking::FourfoldHidden),
                ]);
            }
        }
        all.into_iter().filter(|(has, _)| !has).map(|(_, lacking)| lacking).collect()
    }

    /// The architecture's name in llama.cpp.
    ///
    /// # Errors
    /// [`NoGguf`] with what llama.cpp does not compute.
    pub fn gguf(self, m: &ModelConfig) -> Result<&'static str, NoGguf> {
        match self {
            Self::Gpt2 if m.activation == Activation::GeluTanh => Ok("gpt2"),
            Self::Gpt2 => Err(NoGguf::GgufActivation { activation: m.activation }),
            Self::Llama => Ok("llama"),
            Self::OpenAiGpt => Err(NoGguf::GgufClass { class: self.name() }),
        }
    }

    /// The config.json of a model that the class computes; `begin` and `end` are ids of special tokens.
    pub fn config_json(self, m: &ModelConfig, begin: Option<u32>, end: Option<u32>) -> Value {
        let mut config = json!({
            "architectures": [self.name()],
            "model_type": self.model_type(),
            "vocab_size": m.vocab,
            "initializer_range": 0.02,
            "tie_word_embeddings": m.tied,
            "bos_token_id": begin,
            "eos_token_id": end,
            "pad_token_id": null,
            // Its key in transformers 5, and before.
            "dtype": "float32",
            "torch_dtype": "float32",
        });
        let gpt = json!({
            "n_positions": m.context,
            "n_ctx": m.context, // for llama.cpp's converter
            "n_embd": m.width,
            "n_layer": m.layers,
            "n_head": m.heads,
            "resid_pdrop": 0.0,
            "embd_pdrop": 0.0,
            "attn_pdrop": 0.0,
            "layer_norm_epsilon": m.norm_epsilon,
        });
        let own = match self {
            Self::Gpt2 => json!({
                "n_inner": m.hidden,
                "activation_function": word(&GPT2_ACTIVATIONS, m.activation),
                "use_cache": true,
            }),
            Self::OpenAiGpt => json!({ "afn": word(&OPENAI_ACTIVATIONS, m.activation) }),
            Self::Llama => json!({
                "hidden_size": m.width,
                "intermediate_size": m.hidden,
                "num_hidden_layers": m.layers,
                "num_attention_heads": m.heads,
                "num_key_value_heads": m.kv_heads,
                "head_dim": m.width / m.heads,
                "hidden_act": "silu",
                "max_position_embeddings": m.context,
                "rms_norm_eps": m.norm_epsilon,
                "attention_bias": m.attention_bias,
                "attention_dropout": 0.0,
                "mlp_bias": m.mlp_bias,
                "use_cache": true,
                "rope_theta": m.rotary_base,
                "rope_parameters": { "rope_type": "default", "rope_theta": m.rotary_base },
            }),
        };
        let parts = if self == Self::Llama { vec![own] } else { vec![gpt, own] };
        for part in parts {
            if let (Some(config), Value::Object(part)) = (config.as_object_mut(), part) {
                config.extend(part);
            }
        }
        config
    }

    /// Reads a config.json: its class, and the model with everything that the class has (biases, above all).
    ///
    /// # Errors
    /// [`ClassError`] with the key.
    pub fn read(config: &Value) -> Result<(Self, ModelConfig), ClassError> {
        let empty = Map::new();
        let keys = Keys(config.as_object().unwrap_or(&empty));
        let kind = keys.0.get("model_type").ok_or(ClassError::KeyMissing { key: "model_type" })?;
        let class = Self::ALL.into_iter().find(|class| *kind == class.model_type());
        let class = class.ok_or_else(|| unsupported("model_type", kind, one_of(Self::ALL.map(Self::model_type))))?;
        if let Some(list) = keys.0.get("architectures").filter(|list| !list.is_null()) {
            // The name of the model without its head too: OpenAI's own file has it.
            let bare = class.name().trim_end_matches("LMHeadModel").trim_end_matches("ForCausalLM");
            let known = [class.name().to_owned(), format!("{bare}Model")];
            if !list.as_array().is_some_and(|list| list.iter().all(|name| known.iter().any(|known| name == known))) {
                return Err(unsupported("architectures", list, one_of([class.name()])));
            }
        }
        for key in ["quantization_config", "compression_config"] {
            if let Some(found) = keys.0.get(key).filter(|found| !found.is_null()) {
                return Err(unsupported(key, found, Wanted::Without));
            }
        }
        for (key, usual) in [
            ("is_encoder_decoder", false),
            ("add_cross_attention", false),
            ("scale_attn_weights", true),
            ("scale_attn_by_inverse_layer_idx", false),
            ("use_sliding_window", false),
        ] {
            if keys.flag(key, usual)? != usual {
                return Err(unsupported(key, &json!(!usual), one_of([usual])));
            }
        }
        let sliding = keys.0.get("sliding_window").filter(|window| !window.is_null());
        if let Some(window) = sliding {
            return Err(unsupported("sliding_window", window, Wanted::WholeContext));
        }
        let model = if class == Self::Llama { keys.llama()? } else { keys.gpt(class)? };
        Ok((class, model))
    }
}

fn unsupported(key: &'static str, found: &Value, read: Wanted) -> ClassError {
    ClassError::KeyUnsupported { key, found: found.to_string().chars().take(SHOWN).collect(), read }
}

fn one_of<T: ToString>(values: impl IntoIterator<Item = T>) -> Wanted {
    Wanted::OneOf(values.into_iter().map(|value| value.to_string()).collect())
}

/// A config.json, key by key. A null is a key that is not there.
struct Keys<'a>(&'a Map<String, Value>);

impl Keys<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    fn whole(&self, key: &'static str, usual: Option<usize>) -> Result<usize, ClassError> {
        match (self.get(key), usual) {
            (None, Some(usual)) => Ok(usual),
            (None, None) => Err(ClassError::KeyMissing { key }),
            (Some(value), _) => {
                let whole = value.as_u64().and_then(|whole| usize::try_from(whole).ok());
                whole.ok_or_else(|| unsupported(key, value, Wanted::WholeNumber))
            }
        }
    }

    fn real(&self, key: &'static str, usual: f64) -> Result<f64, ClassError> {
        let number = |value: &Value| value.as_f64().ok_or_else(|| unsupported(key, value, Wanted::Number));
        self.get(key).map_or(Ok(usual), number)
    }

    fn flag(&self, key: &'static str, usual: bool) -> Result<bool, ClassError> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| unsupported(key, value, one_of([true, false])));
        self.get(key).map_or(Ok(usual), flag)
    }

    fn activation(
        &self,
        key: &'static str,
        usual: &str,
        words: &[(&'static str, Activation)],
    ) -> Result<Activation, ClassError> {
        let usual = json!(usual);
        let found = self.get(key).unwrap_or(&usual);
        let known = words.iter().find(|(word, _)| found == word).map(|(_, activation)| *activation);
        known.ok_or_else(|| unsupported(key, found, one_of(words.iter().map(|(word, _)| *word))))
    }

    /// What every class has.
    fn plain(&self) -> Result<ModelConfig, ClassError> {
        Ok(ModelConfig {
            vocab: self.whole("vocab_size", None)?,
            attention: true,
            mlp: true,
            attention_output: true,
            causal: true,
            head_bias: false,
            dropout: 0.0,
            ..ModelConfig::default()
        })
    }

    fn gpt(&self, class: Class) -> Result<ModelConfig, ClassError> {
        let (width, heads) = (self.whole("n_embd", None)?, self.whole("n_head", None)?);
        let hidden = OPENAI_HIDDEN.saturating_mul(width);
        let second = class == Class::Gpt2;
        let activation = if second {
            self.activation("activation_function", "gelu_new", &GPT2_ACTIVATIONS)?
        } else {
            self.activation("afn", "gelu", &OPENAI_ACTIVATIONS)?
        };
        Ok(ModelConfig {
            context: self.whole("n_positions", None)?,
            width,
            layers: self.whole("n_layer", None)?,
            heads,
            kv_heads: heads,
            hidden: if second { self.whole("n_inner", Some(hidden))? } else { hidden },
            positions: Positions::Learned,
            norm: Norm::Layer,
            norm_place: if second { NormPlace::Pre } else { NormPlace::Post },
            final_norm: second,
            norm_epsilon: self.real("layer_norm_epsilon", 1e-5)?,
            norm_bias: true,
            activation,
            attention_bias: true,
            mlp_bias: true,
            tied: self.flag("tie_word_embeddings", true)?,
            ..self.plain()?
        })
    }

    fn llama(&self) -> Result<ModelConfig, ClassError> {
        let (width, heads) = (self.whole("hidden_size", None)?, self.whole("num_attention_heads", None)?);
        let head_dim = width.checked_div(heads).unwrap_or(width);
        if self.whole("head_dim", Some(head_dim))? != head_dim {
            let found = self.0.get("head_dim").unwrap_or(&Value::Null);
            return Err(unsupported("head_dim", found, Wanted::ColumnsOfHead(head_dim)));
        }
        self.activation("hidden_act", "silu", &[("silu", Activation::Swiglu), ("swish", Activation::Swiglu)])?;
        Ok(ModelConfig {
            context: self.whole("max_position_embeddings", None)?,
            width,
            layers: self.whole("num_hidden_layers", None)?,
            heads,
            kv_heads: self.whole("num_key_value_heads", Some(heads))?,
            hidden: self.whole("intermediate_size", None)?,
            positions: Positions::Rotary,
            norm: Norm::Rms,
            norm_place: NormPlace::Pre,
            final_norm: true,
            norm_epsilon: self.real("rms_norm_eps", 1e-6)?,
            norm_bias: false,
            activation: Activation::Swiglu,
            attention_bias: self.flag("attention_bias", false)?,
            mlp_bias: self.flag("mlp_bias", false)?,
            tied: self.flag("tie_word_embeddings", false)?,
            rotary_base: self.rotary_base()?,
            ..self.plain()?
        })
    }

    /// In `rope_parameters` (transformers 5) or beside it; frequencies that are stretched in some way are refused.
    fn rotary_base(&self) -> Result<f64, ClassError> {
        let empty = Map::new();
        let mut inner = &empty;
        for key in ["rope_scaling", "rope_parameters"] {
            let Some(found) = self.get(key) else { continue };
            let plain = ["rope_theta", "rope_type", "type", "partial_rotary_factor"];
            let table = found.as_object().filter(|table| table.keys().all(|key| plain.contains(&key.as_str())));
            let usual = |key: &str, usual: Value| table.and_then(|t| t.get(key)).is_none_or(|found| *found == usual);
            let default = usual("rope_type", json!("default")) && usual("type", json!("default"));
            let Some(table) = table.filter(|_| default && usual("partial_rotary_factor", json!(1.0))) else {
                return Err(unsupported(key, found, Wanted::PlainRotary));
            };
            inner = table;
        }
        if self.real("partial_rotary_factor", 1.0)? != 1.0 {
            return Err(unsupported("partial_rotary_factor", &self.0["partial_rotary_factor"], one_of(["1.0"])));
        }
        let outer = self.real("rope_theta", 10_000.0)?;
        Keys(inner).real("rope_theta", outer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpt2() -> ModelConfig {
        let (kv_heads, norm_bias) = (ModelConfig::default().heads, true);
        ModelConfig {
            vocab: 300,
            kv_heads,
            norm_bias,
            norm: Norm::Layer,
            norm_place: NormPlace::Pre,
            final_norm: true,
            positions: Positions::Learned,
            activation: Activation::GeluTanh,
            attention_bias: true,
            mlp_bias: true,
            head_bias: false,
            attention_output: true,
            tied: true,
            dropout: 0.0,
            ..ModelConfig::default()
        }
    }

    fn llama() -> ModelConfig {
        ModelConfig {
            norm: Norm::Rms,
            norm_bias: false,
            positions: Positions::Rotary,
            activation: Activation::Swiglu,
            attention_bias: false,
            mlp_bias: true,
            tied: false,
            rotary_base: 5000.0,
            ..gpt2()
        }
    }

    fn openai() -> ModelConfig {
        let hidden = 4 * gpt2().width;
        ModelConfig { norm_place: NormPlace::Post, final_norm: false, activation: Activation::Silu, hidden, ..gpt2() }
    }

    #[test]
    fn every_class_reads_what_it_writes() {
        for (class, model) in [(Class::Gpt2, gpt2()), (Class::Llama, llama()), (Class::OpenAiGpt, openai())] {
            assert_eq!(Class::of(&model), Ok(class));
            let config = class.config_json(&model, None, Some(0));
            assert_eq!(Class::read(&config), Ok((class, model)));
        }
        for activation in [Activation::Gelu, Activation::Relu] {
            let model = ModelConfig { activation, tied: false, ..gpt2() };
            assert_eq!(Class::read(&Class::Gpt2.config_json(&model, None, None)), Ok((Class::Gpt2, model)));
        }
    }

    #[test]
    fn what_no_class_computes_is_said() {
        let said = |model: ModelConfig| Class::of(&model).unwrap_err();
        let one = |nearest, lacking| NoClass { nearest, lacking: vec![lacking] };
        let silu = said(ModelConfig { activation: Activation::Silu, ..gpt2() });
        assert_eq!(silu, one("GPT2LMHeadModel", Lacking::GeluOrRelu));
        let biased = said(ModelConfig { head_bias: true, ..llama() });
        assert_eq!(biased, one("LlamaForCausalLM", Lacking::HeadWithoutBias));
        let narrow = said(ModelConfig { hidden: 30, ..openai() });
        assert_eq!(narrow, one("OpenAIGPTLMHeadModel", Lacking::FourfoldHidden));
        assert_eq!(said(ModelConfig { layers: 0, ..gpt2() }), one("GPT2LMHeadModel", Lacking::OneBlock));
        let refused = Class::Gpt2.gguf(&ModelConfig { activation: Activation::Relu, ..gpt2() });
        assert_eq!(refused, Err(NoGguf::GgufActivation { activation: Activation::Relu }));
        let refused = Class::OpenAiGpt.gguf(&openai());
        assert_eq!(refused, Err(NoGguf::GgufClass { class: "OpenAIGPTLMHeadModel" }));
        assert_eq!(Class::Llama.gguf(&llama()), Ok("llama"));
    }

    #[test]
    fn a_strangers_keys_are_checked() {
        let refused = |config: &Value, changes: Value| {
            let mut config = config.clone();
            config.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            Class::read(&config).unwrap_err()
        };
        let (gpt2, llama) =
            (Class::Gpt2.config_json(&gpt2(), None, None), Class::Llama.config_json(&llama(), None, None));
        assert_eq!(refused(&gpt2, json!({"n_embd": null})), ClassError::KeyMissing { key: "n_embd" });
        let types = || one_of(["gpt2", "llama", "openai-gpt"]);
        let activations = one_of(["gelu_new", "gelu_pytorch_tanh", "gelu", "relu"]);
        for (config, key, found, read) in [
            (&gpt2, "model_type", json!("bert"), types()),
            (&gpt2, "model_type", json!(7), types()),
            (&gpt2, "architectures", json!(["GPT2ForSequenceClassification"]), one_of(["GPT2LMHeadModel"])),
            (&gpt2, "activation_function", json!("silu"), activations),
            (&gpt2, "n_embd", json!(1.5), Wanted::WholeNumber),
            (&gpt2, "n_layer", json!(-1), Wanted::WholeNumber),
            (&gpt2, "layer_norm_epsilon", json!("small"), Wanted::Number),
            (&gpt2, "scale_attn_weights", json!(false), one_of([true])),
            (&gpt2, "scale_attn_by_inverse_layer_idx", json!(true), one_of([false])),
            (&gpt2, "add_cross_attention", json!(true), one_of([false])),
            (&gpt2, "quantization_config", json!({"bits": 4}), Wanted::Without),
            (&llama, "hidden_act", json!("gelu"), one_of(["silu", "swish"])),
            (&llama, "rope_scaling", json!({"type": "linear", "factor": 2.0}), Wanted::PlainRotary),
            (&llama, "rope_parameters", json!({"rope_type": "yarn", "rope_theta": 1e4}), Wanted::PlainRotary),
            (&llama, "partial_rotary_factor", json!(0.5), one_of(["1.0"])),
            (&llama, "sliding_window", json!(128), Wanted::WholeContext),
            (&llama, "head_dim", json!(3), Wanted::ColumnsOfHead(32)),
            (&llama, "attention_bias", json!("yes"), one_of([true, false])),
        ] {
            let error = refused(config, json!({ key: found }));
            assert_eq!(error, ClassError::KeyUnsupported { key, found: found.to_string(), read });
        }
        let long = refused(&gpt2, json!({"model_type": "x".repeat(1000)}));
        assert!(matches!(long, ClassError::KeyUnsupported { found, .. } if found.len() == SHOWN));
        assert!(Class::read(&json!([])).is_err());
        let mut old = llama.clone();
        old.as_object_mut().unwrap().remove("rope_parameters");
        assert_eq!(Class::read(&old).unwrap().1.rotary_base, 5000.0);
        old.as_object_mut().unwrap().remove("rope_theta");
        assert_eq!(Class::read(&old).unwrap().1.rotary_base, 10_000.0);
    }
}
