//! A model as a file: what leaves comes back with the same logits, and a stranger's file is refused by name.

use crate::harness::Model;
use fledgling::config::Config;
use fledgling::model::{self, Layout};
use fledgling::tokenizer::Tokenizer;
use fledgling::weights::{About, FileError, Format, History, ModelFile, export, from_safetensors};
use pollster::block_on;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;

fn model_file() -> ModelFile {
    let tokenizer = Tokenizer::of_text("a small bird sings\n").unwrap();
    let mut config = Config::default();
    (config.model.vocab, config.model.width, config.model.hidden) = (tokenizer.vocab(), 16, 40);
    (config.model.context, config.model.norm_bias) = (8, true);
    let checked = config.check().unwrap();
    let layout = Layout::new(&checked.architecture);
    let flat = model::initial(&checked.architecture, &layout, checked.training.initial_weights, 3);
    let history =
        History { step: 7, training_loss: Some(2.5), validation_loss: None, text_characters: 19, text_crc32: None };
    ModelFile { checked, config, tokenizer, history, flat }
}

fn to_safetensors(file: &ModelFile) -> Result<Vec<u8>, FileError> {
    export(file, Format::Safetensors, &About::default())
}

/// The file taken apart, changed, and put together again.
fn changed(
    metadata: impl FnOnce(&mut HashMap<String, String>),
    tensors: impl FnOnce(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>),
) -> Vec<u8> {
    let bytes = to_safetensors(&model_file()).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let mut meta = header.metadata().clone().unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut list: Vec<_> =
        file.iter().map(|(n, v)| (n.to_owned(), v.dtype(), v.shape().to_vec(), v.data().to_vec())).collect();
    metadata(&mut meta);
    tensors(&mut list);
    let views = list.iter().map(|(n, d, s, b)| (n.clone(), TensorView::new(*d, s.clone(), b).unwrap()));
    safetensors::serialize(views, Some(meta)).unwrap()
}

#[test]
fn files_round_trip_with_the_same_logits() {
    let file = model_file();
    let back = from_safetensors("bird.safetensors", &to_safetensors(&file).unwrap()).unwrap();
    assert_eq!((&back.config, &back.tokenizer, &back.history), (&file.config, &file.tokenizer, &file.history));
    let logits = |file: &ModelFile| {
        block_on(async {
            let mut model = Model::of_weights(&file.checked, &file.flat).await.unwrap();
            model.logits(&[0, 3, 1, 2]).await.unwrap()
        })
    };
    assert!(logits(&file) == logits(&back));
}

#[test]
fn files_with_half_precision_weights_are_read() {
    for (dtype, one_and_a_half, tolerance) in [(Dtype::F16, 0x3e00u16, 1e-3f32), (Dtype::BF16, 0x3fc0, 1e-2)] {
        let bytes = changed(
            |_| {},
            |list| {
                for (name, d, _, data) in list.iter_mut().filter(|t| t.0.ends_with(".gain")) {
                    *d = dtype;
                    *data = data.chunks(4).flat_map(|_| one_and_a_half.to_le_bytes()).collect();
                    assert!(name.ends_with(".gain"));
                }
            },
        );
        let file = from_safetensors("half", &bytes).unwrap();
        let (at, words) = Layout::new(&file.checked.architecture).find("final_norm.gain").unwrap();
        assert!(file.flat[at..at + words].iter().all(|v| (v - 1.5).abs() < tolerance), "{dtype:?}");
    }
}

#[test]
fn files_of_strangers_are_refused_with_their_reason() {
    let refused = |bytes: &[u8]| from_safetensors("x.safetensors", bytes).map(|_| ()).unwrap_err();
    let config =
        |from: &str, to: &str| changed(|m| *m.get_mut("config").unwrap() = m["config"].replace(from, to), |_| {});
    assert!(matches!(refused(b""), FileError::NotSafetensors { .. }));
    assert!(matches!(refused(b"not a file of weights"), FileError::HeaderTooLong { .. }));
    assert!(matches!(refused(&u64::MAX.to_le_bytes()), FileError::HeaderTooLong { bytes: u64::MAX, .. }));
    assert!(matches!(
        refused(&changed(|m| drop(m.remove("config")), |_| {})),
        FileError::MissingMetadata { key: "config", .. }
    ));
    assert!(matches!(
        refused(&config("\"heads\":2", "\"heads\":\"two\"")),
        FileError::BadMetadata { key: "config", .. }
    ));
    assert!(matches!(refused(&config("\"heads\":2", "\"heads\":3")), FileError::BadConfig { .. }));
    assert!(matches!(refused(&config("\"width\":16", "\"width\":4000000")), FileError::BadConfig { .. }));
    assert!(matches!(refused(&config("\"seed\":1", "\"sead\":1")), FileError::BadMetadata { key: "config", .. }));
    assert!(matches!(
        refused(&config(&format!("\"vocab\":{}", model_file().tokenizer.vocab()), "\"vocab\":99")),
        FileError::VocabularyMismatch { vocab: 99, .. }
    ));
    assert!(matches!(
        refused(&changed(|m| drop(m.insert("tokenizer".into(), "{}".into())), |_| {})),
        FileError::BadTokenizer { .. }
    ));
    let loss = |m: &mut HashMap<String, String>| drop(m.insert("training".into(), "{\"training_loss\":1e300}".into()));
    assert!(matches!(refused(&changed(loss, |_| {})), FileError::BadMetadata { key: "training", .. }));
    assert!(matches!(refused(&changed(|_| {}, |t| drop(t.pop()))), FileError::MissingTensor { .. }));
    assert!(matches!(
        refused(&changed(|_| {}, |t| t[0].0 = "surprise".into())),
        FileError::UnknownTensor { tensor, .. } if tensor == "surprise"
    ));
    let reshaped = changed(|_| {}, |t| t.iter_mut().for_each(|t| t.2.reverse()));
    let FileError::WrongShape { found, expected, .. } = refused(&reshaped) else { panic!("{:?}", refused(&reshaped)) };
    assert!(found != expected && found.iter().rev().eq(&expected));
    assert!(matches!(
        refused(&changed(|_| {}, |t| t.iter_mut().for_each(|t| t.1 = Dtype::I32))),
        FileError::WrongType { found, .. } if found == "I32"
    ));
    for bad in [f32::NAN, f32::INFINITY] {
        let bytes = changed(|_| {}, |t| t[0].3[..4].copy_from_slice(&bad.to_le_bytes()));
        assert!(matches!(refused(&bytes), FileError::WeightsNotFinite { count: 1, .. }));
    }
}

#[test]
fn files_keep_every_digit_of_a_setting() {
    let mut file = model_file();
    for i in 1..200 {
        file.config.training.min_improvement = f64::from(i).sqrt() / 7.0; // mostly 17 digits, which are easily read off by one
        let back = from_safetensors("bird.safetensors", &to_safetensors(&file).unwrap()).unwrap();
        assert_eq!(back.config, file.config);
    }
}

#[test]
fn files_cut_short_or_with_flipped_bits_never_panic() {
    let bytes = to_safetensors(&model_file()).unwrap();
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for length in (0..header).step_by(7).chain([header, header + 1, bytes.len() - 1]) {
        assert!(from_safetensors("cut", &bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
    let mut state = 1u64;
    for _ in 0..3000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut flipped = bytes.clone();
        // Mostly the header: a flipped weight is a weight.
        let at = (state >> 20) as usize % header;
        flipped[at] ^= 1 << (state >> 60 & 7);
        let _ = from_safetensors("flipped", &flipped);
    }
}
