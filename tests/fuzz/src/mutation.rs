//! Mutations that keep JSON whole, as most random ones break it at once.

use crate::readers::SEPARATOR;
use serde_json::{Map, Value, json};

/// Numbers that look random, the same for each seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

/// libFuzzer's custom mutator: the first `size` bytes of `data` are changed; returns how many there are then.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut numbers = Numbers(u64::from(seed));
    let plain = |data: &mut [u8]| libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    if numbers.below(3) == 0 || size == 0 {
        return plain(data);
    }
    let mut parts: Vec<Vec<u8>> = data[..size].split(|&byte| byte == SEPARATOR).map(<[u8]>::to_vec).collect();
    let at = numbers.below(parts.len());
    let mode = usize::from(at == 0 && !parts[0].starts_with(b"{"));
    let Some(Ok(mut value)) = parts[at].get(mode..).map(serde_json::from_slice::<Value>) else { return plain(data) };
    for _ in 0..=numbers.below(3) {
        change(&mut value, &mut numbers);
    }
    parts[at].truncate(mode);
    parts[at].extend(value.to_string().into_bytes());
    let whole = parts.join(&SEPARATOR);
    if whole.len() > max_size {
        return plain(data);
    }
    data[..whole.len()].copy_from_slice(&whole);
    whole.len()
}

/// Values at which programs stumble.
fn odd(numbers: &mut Numbers) -> Value {
    let list = [
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(4),
        json!(-1),
        json!(255),
        json!(65_536),
        json!(i32::MAX),
        json!(u32::MAX),
        json!(1_u64 << 32),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(0.5),
        json!(1.0),
        json!(1e-45),
        json!(1e300),
        json!(-1e300),
        json!(""),
        json!("a"),
        json!("<unk>"),
        json!("\u{0}"),
        json!("\u{10ffff}"),
        json!([]),
        json!({}),
    ];
    numbers.of(&list)
}

fn change(value: &mut Value, numbers: &mut Numbers) {
    let deeper = numbers.below(8) > 0;
    match value {
        Value::Object(map) if !map.is_empty() => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = numbers.of(&keys);
            if deeper {
                map.get_mut(&key).into_iter().for_each(|value| change(value, numbers));
            } else {
                change_map(map, &key, &keys, numbers);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            let at = numbers.below(list.len());
            let other = numbers.below(list.len());
            match numbers.below(4) {
                _ if deeper => change(&mut list[at], numbers),
                0 => _ = list.remove(at),
                1 => list.swap(at, other),
                2 => list.push(list[at].clone()),
                _ => list.insert(at, odd(numbers)),
            }
        }
        Value::Number(number) if deeper => {
            let (whole, real) = (number.as_i64(), number.as_f64().unwrap_or(0.0));
            *value = match (numbers.below(6), whole) {
                (0, Some(whole)) => json!(whole.wrapping_add(1)),
                (1, Some(whole)) => json!(whole.wrapping_sub(1)),
                (2, Some(whole)) => json!(whole.wrapping_mul(2)),
                (3, Some(whole)) => json!(whole / 2),
                (4, _) => json!(real * (1.0 + numbers.below(1000) as f64 / 997.0)),
                _ => odd(numbers),
            };
        }
        Value::Bool(flag) if deeper => *flag = !*flag,
        Value::String(text) if deeper => {
            // JSON in a string, as in the metadata of safetensors.
            if let Ok(mut inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                change(&mut inner, numbers);
                *text = inner.to_string();
            } else {
                let mut bytes = text.clone().into_bytes();
                let length = bytes.len();
                bytes.resize(length + 8, 0);
                let length = libfuzzer_sys::fuzzer_mutate(&mut bytes, length, length + 8);
                *text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            }
        }
        _ => *value = odd(numbers),
    }
}

fn change_map(map: &mut Map<String, Value>, key: &str, keys: &[String], numbers: &mut Numbers) {
    let other = numbers.of(keys);
    match numbers.below(5) {
        0 => _ = map.remove(key),
        1 => {
            let value = map.get(&other).cloned().unwrap_or_default();
            map.insert(key.to_owned(), value);
        }
        2 => {
            let value = map.remove(key).unwrap_or_default();
            map.insert(format!("{key}{}", numbers.below(10)), value);
        }
        3 => {
            let value = map.get(key).cloned().unwrap_or_default();
            map.insert(format!("{key}{other}"), value);
        }
        _ => _ = map.insert(key.to_owned(), odd(numbers)),
    }
}
