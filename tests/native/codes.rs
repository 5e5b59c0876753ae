//! Problems as they cross: codes with values. Every code there is occurs here, and codes.json beside this file has what each
//! looked like, for the page's tests to show in every language. FLEDGLING_WRITE_CODES=1 writes it anew.

mod below;
mod files;
mod session;

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// A problem as it crosses: its code, and its values.
pub fn said(problem: &impl Serialize) -> Value {
    serde_json::to_value(problem).unwrap()
}

/// Whether a problem has this code, and these among its values.
pub fn has(problem: &Value, code: &str, values: &Value) -> bool {
    problem["code"] == code && holds(&problem["values"], values)
}

/// Fails where a problem has not this code, or not these among its values.
#[track_caller]
pub fn expect(problem: &Value, code: &str, values: &Value) {
    assert!(has(problem, code, values), "{problem} is not {code} with {values}");
}

fn holds(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => wanted.iter().all(|(key, value)| match found.get(key) {
            // Somebody else's sentence: a part of it is enough.
            Some(Value::String(reason)) if key == "reason" => value.as_str().is_some_and(|part| reason.contains(part)),
            Some(found) => holds(found, value),
            None => false,
        }),
        (Value::Number(found), Value::Number(wanted)) => found.as_f64() == wanted.as_f64(),
        // A code without values.
        (Value::Null, Value::Object(wanted)) => wanted.is_empty(),
        (found, wanted) => found == wanted,
    }
}

/// As serde writes a variant's name.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The codes of enums. A variant that is not listed here does not compile; those behind a semicolon only hold another problem.
macro_rules! codes {
    ($($problem:ty { $($variant:ident)* $(; $($inner:ident)*)? })*) => {{
        $({
            type P = $problem;
            let _: fn(&P) = |problem| match problem {
                $(P::$variant { .. } => {})*
                $($(P::$inner(_) => {})*)?
            };
        })*
        [$($(snake(stringify!($variant)),)*)*]
    }};
}

/// Every code there is.
fn all() -> Vec<String> {
    codes! {
        fledgling::config::ConfigError {
            OutOfRange HeadsDoNotDivideWidth KvHeadsDoNotDivideHeads RotaryNeedsEvenHead SinusoidalNeedsEvenWidth
            TooManyParameters WarmupLongerThanSchedule PrefixesNeedBatchOne PrefixesNeedLastPosition TopKAboveVocabulary
            NothingToMarkWith RatesCross
        }
        fledgling::config::ClassError { KeyMissing KeyUnsupported }
        fledgling::config::NoGguf { GgufActivation GgufClass }
        fledgling::tokenizer::TokenizerError {
            EmptyText VocabularyOutOfRange NoTokenizerFile UnknownCharacters OddUtf16 BrokenUtf16 BinaryFile NotUtf8
            VocabularyAlone WrongNumberOfFiles TokenizerUnwritable
            ; File
        }
        fledgling::tokenizer::FileProblem {
            TokenizerTooLong TokenizerForm TokenizerPart VocabularyEmpty VocabularyTooLarge IdOutside IdTwice TokenTwice
            EmptyToken AddedWord NotOneCharacter NotSpelled AlphabetIncomplete UnknownTokenMissing MergeForm
            MergeWithoutToken SpecialMerge MergeTwice
        }
        fledgling::dataset::DatasetError {
            TooShort StrideTooLong NoWholeBatch NoValidation PrefixesOfOneLength NoPrefix
        }
        fledgling::gpu::GpuError {
            NoAdapter NoDevice BufferTooLarge OutOfMemory NoMemory DeviceLost Validation UnknownBuffer OtherDevice
        }
        fledgling::tape::TapeError { NoAdjoint AdjointForgets SharedGradientOverwritten ParameterWithoutGradient }
        fledgling::weights::FileError {
            NotSafetensors Unreadable NoRoom NoRoomForTensor HeaderTooLong MissingMetadata BadMetadata
            MetadataLossNotFinite BadTokenizer BadConfig VocabularyMismatch MissingTensor UnknownTensor WrongShape
            WrongType WeightsNotFinite TensorTwice TextNotUtf8 NotZip EntriesAlike EntriesOverlap EntryEncrypted
            EntryPacked EntryBroken EntryLength TooManyEntries UnknownEntry EntryTwice ZipTooLong UnpackedTooLong
            FilesTooLong FileTooLong RatioTooHigh MissingWeights MissingIndex MissingConfig MissingTokenizer
            MissingMerges MissingShard WrongShard BadJson BadFile BadClass ExportTooLong GgufNoClass GgufTokens
            GgufBlanks Unwritable HeaderTooLongToWrite
            ; Gguf Tokenizer
        }
        fledgling::parameters::ModelError {
            StepNotFinite NoRoomToTrain UnknownParameter WrongLength UnknownToken
            ; Gpu Tape
        }
        fledgling::replay::ReplayError { ReplayFile ReplayTensor; Config Model }
        fledgling::sampler::SamplerError {
            LogitsNotFinite NoLogits TemperatureBelowZero TopKAboveLogits TopPOutOfRange RepetitionPenaltyNotPositive
        }
        fledgling::protocol::SessionProblem {
            NoText NoModel NothingLeft NoSuchText NoSuchPreset Busy StepsDone NoBestCheckpoint StepNotKept
            UnknownToModel ReadAsUnknown SmallVocabulary DocumentsUnmarked NoValidationLoss ValidationRises NoAttention
            NoSuchHead RecordUnreadable SavedTokenizerUnreadable NotACommand
        }
        fledgling::protocol::Unfit { NoClass; File }
    }
    .to_vec()
}

/// The advice that a code does not imply.
fn advice() -> Vec<String> {
    codes! { fledgling::protocol::Advice { StaysHere LeaveOutOfPrompt LookUpInText ChooseToken ExportInstead } }
        .to_vec()
}

/// Codes of a problem and of those inside it.
fn codes_in(problem: &Value, into: &mut BTreeSet<String>) {
    if let Some(code) = problem["code"].as_str() {
        into.insert(code.to_owned());
        codes_in(&problem["values"]["error"], into);
    }
}

/// What is shown of a problem: no event, no request.
fn shown(problem: &Value) -> Value {
    let keys = ["kind", "code", "values", "advice", "field"];
    let found = keys.into_iter().filter(|key| !problem[key].is_null());
    found.map(|key| (key.to_owned(), problem[key].clone())).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn every_code_occurs_and_stands_in_codes_json() {
    let mut problems: Vec<Value> = [below::problems(), files::problems(), session::problems()].concat();
    problems = problems.iter().map(shown).collect();
    problems.sort_by_cached_key(|problem| (problem["code"].to_string(), problem.to_string()));
    problems.dedup();
    let (mut found, wanted) = (BTreeSet::new(), all());
    problems.iter().for_each(|problem| codes_in(problem, &mut found));
    let once: BTreeSet<String> = wanted.iter().cloned().collect();
    assert_eq!(once.len(), wanted.len(), "a code stands for two problems");
    assert_eq!(found, once, "codes that occur, and codes that there are");
    let advised: BTreeSet<String> = problems.iter().filter_map(|p| Some(p["advice"].as_str()?.to_owned())).collect();
    assert_eq!(advised, advice().into_iter().collect(), "advice that occurs, and advice that there is");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/native/codes.json");
    let lines: Vec<String> = problems.iter().map(Value::to_string).collect();
    let written = format!("[\n  {}\n]\n", lines.join(",\n  "));
    if std::env::var_os("FLEDGLING_WRITE_CODES").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, now) in committed.lines().zip(written.lines()) {
        assert_eq!(line, now, "FLEDGLING_WRITE_CODES=1 writes codes.json anew");
    }
    assert_eq!(committed, written, "FLEDGLING_WRITE_CODES=1 writes codes.json anew");
}
