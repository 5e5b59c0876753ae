//! Hash maps for counting: the standard library's hasher resists collisions made on purpose, which a user would only make
//! against his own tab, and costs most of the time of a loop that counts pairs.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hash map with the short hasher.
pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

/// Multiplies and folds, eight bytes at a time.
#[derive(Default)]
pub(super) struct Mixer(u64);

impl Mixer {
    fn mix(&mut self, value: u64) {
        // The odd constant nearest to 2⁶⁴ divided by the golden ratio.
        self.0 = (self.0.rotate_left(23) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (rest.len() as u64) << 56);
    }
    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }
    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }
    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }
    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }
    fn finish(&self) -> u64 {
        // The product's high bits are the mixed ones; a table looks at the low ones too.
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    #[test]
    fn pairs_spread_over_low_and_high_bits() {
        let hasher = BuildHasherDefault::<Mixer>::default();
        let hashes: Vec<u64> =
            (0..256_u32).flat_map(|a| (0..256_u32).map(move |b| (a, b))).map(|p| hasher.hash_one(p)).collect();
        for bits in [|h: &u64| h & 0xffff, |h: &u64| h >> 48] {
            let different: HashSet<u64> = hashes.iter().map(bits).collect();
            assert!(different.len() > 35_000, "{}", different.len()); // of 65,536; chance alone gives 41,427
        }
    }
}
