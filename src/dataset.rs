//! Tokens → training and validation split → seeded batches of (tokens, targets).
//!
//! A batch is a function of seed and step alone, so that the data cursor of a run is its step.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Share of the text, from its beginning, that is trained on; the rest is held out.
const TRAINING_SHARE: f64 = 0.9;

/// Why a text cannot be trained on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatasetError {
    /// A split that does not hold one window and its next token.
    #[error("the {split} split of the text has {tokens} tokens; one window needs {needed} (context + 1)")]
    TooShort {
        /// training or validation.
        split: &'static str,
        /// What is there.
        tokens: usize,
        /// What one window takes.
        needed: usize,
    },
}

/// Windows of a batch, row-major [batch, context].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Inputs.
    pub tokens: Vec<u32>,
    /// The token after each.
    pub targets: Vec<u32>,
}

/// Which split a batch comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The first 90 %.
    Training,
    /// The rest.
    Validation,
}

/// A text as tokens, split by position.
#[derive(Clone, Debug)]
pub struct Dataset {
    tokens: Vec<u32>,
    training: usize,
}

impl Dataset {
    /// Splits tokens 90/10 by position.
    pub fn new(tokens: Vec<u32>) -> Self {
        let (training, _) = Self::sizes(tokens.len());
        Self { tokens, training }
    }

    /// Tokens that a text of so many gives to (training, validation).
    pub fn sizes(tokens: usize) -> (usize, usize) {
        let training = (tokens as f64 * TRAINING_SHARE) as usize;
        (training, tokens - training)
    }

    /// The tokens of a split.
    pub fn split(&self, split: Split) -> &[u32] {
        match split {
            Split::Training => &self.tokens[..self.training],
            Split::Validation => &self.tokens[self.training..],
        }
    }

    /// `batch` windows at random places of a split, the same for the same seed and number.
    ///
    /// # Errors
    /// [`DatasetError::TooShort`].
    pub fn batch(
        &self,
        split: Split,
        seed: u32,
        number: u32,
        batch: usize,
        context: usize,
    ) -> Result<Batch, DatasetError> {
        let tokens = self.split(split);
        let needed = context + 1;
        let name = match split {
            Split::Training => "training",
            Split::Validation => "validation",
        };
        let starts = tokens.len().checked_sub(needed).ok_or(DatasetError::TooShort {
            split: name,
            tokens: tokens.len(),
            needed,
        })? + 1;
        // Streams: even for training, odd for validation, apart from those of the initial weights by the seed's high half.
        let mut generator = ChaCha8Rng::seed_from_u64(u64::from(seed) | 1 << 32);
        generator.set_stream(2 * u64::from(number) + u64::from(split == Split::Validation));
        let mut out =
            Batch { tokens: Vec::with_capacity(batch * context), targets: Vec::with_capacity(batch * context) };
        for _ in 0..batch {
            // Multiply-shift (Lemire 2019): the bias is below starts / 2^64.
            let start = ((u128::from(generator.next_u64()) * starts as u128) >> 64) as usize;
            out.tokens.extend_from_slice(&tokens[start..start + context]);
            out.targets.extend_from_slice(&tokens[start + 1..start + needed]);
        }
        Ok(out)
    }
}

/// Rows of a batch sorted by token, stably (a counting sort): (order [rows], starts [vocab + 1]).
pub fn sort_by_token(tokens: &[u32], vocab: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; vocab + 1];
    for &token in tokens {
        starts[token as usize + 1] += 1;
    }
    for v in 0..vocab {
        starts[v + 1] += starts[v];
    }
    let mut next = starts.clone();
    let mut order = vec![0u32; tokens.len()];
    for (row, &token) in tokens.iter().enumerate() {
        let at = &mut next[token as usize];
        order[*at as usize] = row as u32;
        *at += 1;
    }
    (order, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_windows_of_their_split() {
        let data = Dataset::new((0..1000).collect());
        assert_eq!(data.split(Split::Training).len(), 900);
        for (split, low, high) in [(Split::Training, 0, 899), (Split::Validation, 900, 999)] {
            for number in 0..50 {
                let batch = data.batch(split, 7, number, 4, 16).unwrap();
                assert_eq!(batch, data.batch(split, 7, number, 4, 16).unwrap(), "the same seed and number");
                for (window, targets) in batch.tokens.chunks(16).zip(batch.targets.chunks(16)) {
                    assert!(window.iter().zip(targets).all(|(t, n)| t + 1 == *n));
                    assert!(window[0] >= low && targets[15] <= high);
                }
            }
        }
    }

    #[test]
    fn every_window_is_drawn_up_to_the_last() {
        let data = Dataset::new((0..100).collect());
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..200 {
            let batch = data.batch(Split::Training, 1, number, 4, 80).unwrap();
            seen.extend(batch.tokens.chunks(80).map(|w| w[0]));
        }
        assert_eq!(seen, (0..10).collect(), "90 tokens hold 10 windows of 80 + 1");
    }

    #[test]
    fn a_short_split_is_refused_with_both_numbers() {
        let data = Dataset::new((0..40).collect());
        let error = data.batch(Split::Training, 1, 0, 1, 36).unwrap_err();
        assert_eq!(error, DatasetError::TooShort { split: "training", tokens: 36, needed: 37 });
        assert!(data.batch(Split::Training, 1, 0, 1, 35).is_ok());
        assert!(data.batch(Split::Validation, 1, 0, 1, 35).is_err());
    }

    #[test]
    fn sorting_groups_rows_by_token() {
        let (order, starts) = sort_by_token(&[2, 0, 2, 3, 0, 2], 5);
        assert_eq!(starts, [0, 2, 2, 5, 6, 6]);
        assert_eq!(order, [1, 4, 0, 2, 5, 3]);
    }
}
