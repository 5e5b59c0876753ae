//! Problems as they cross: codes with values.

use serde::Serialize;
use serde_json::Value;

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
