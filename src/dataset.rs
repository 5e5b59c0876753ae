//! Text → documents → tokens → training and validation split → seeded batches of (tokens, targets).
//!
//! A batch is a function of seed and number alone, so that the data cursor of a run is its step.

use crate::config::{DataConfig, Windows};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::Serialize;
use std::cell::RefCell;

mod documents;

pub use documents::{Parts, Stream, divide};

/// Why a text cannot be trained on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum DatasetError {
    /// A split that does not hold one window and its next token.
    TooShort {
        /// Which one.
        split: Split,
        /// What is there.
        tokens: usize,
        /// What one window takes.
        needed: usize,
    },
    /// A stride that leaves the text with its first step.
    StrideTooLong {
        /// data.stride
        stride: usize,
        /// What is there.
        tokens: usize,
    },
    /// Fewer windows than one step takes: the last, smaller batch would be the only one, and it is dropped.
    NoWholeBatch {
        /// What is there.
        windows: usize,
        /// What one step takes.
        needed: usize,
    },
    /// Nothing to validate on.
    NoValidation {
        /// data.validation_share
        share: f64,
        /// Documents of the text, all of them in training.
        documents: usize,
    },
    /// Prefixes of different lengths do not stand in one batch.
    PrefixesOfOneLength {
        /// training.batch
        batch: usize,
    },
    /// No document has a token that follows another.
    NoPrefix {
        /// Which one.
        split: Split,
        /// Documents that are there.
        documents: usize,
        /// Tokens of all of them.
        tokens: usize,
    },
}

/// Windows of a batch, row-major [batch, seq].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Inputs.
    pub tokens: Vec<u32>,
    /// The token after each.
    pub targets: Vec<u32>,
    /// Positions of each window: the context, or fewer for a prefix.
    pub seq: usize,
}

/// Which split a batch comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// What is trained on.
    Training,
    /// What is held out.
    Validation,
}

/// Where the windows of one epoch begin, in their shuffled order.
#[derive(Clone, Debug)]
struct Epoch {
    seed: u32,
    number: u32,
    /// Which window of the text stands at each place; as many as there are windows.
    order: Vec<u32>,
}

impl Epoch {
    /// A Fisher–Yates shuffle of `windows`.
    fn shuffle(seed: u32, number: u32, windows: usize) -> Self {
        // The seed's high half keeps it apart from the random windows (1) and the initial weights (0).
        let mut generator = ChaCha8Rng::seed_from_u64(u64::from(seed) | 2 << 32);
        generator.set_stream(u64::from(number));
        let mut order: Vec<u32> = (0..windows as u32).collect();
        for last in (1..windows).rev() {
            order.swap(last, below(&mut generator, last + 1));
        }
        Self { seed, number, order }
    }
}

/// A number below `end`, by multiply-shift (Lemire 2019): the bias is below end / 2^64.
fn below(generator: &mut ChaCha8Rng, end: usize) -> usize {
    ((u128::from(generator.next_u64()) * end as u128) >> 64) as usize
}

/// One split, and how many prefixes its documents have.
#[derive(Clone, Debug)]
struct Part {
    stream: Stream,
    /// Prefixes of the documents before each one, and of all at the end [documents + 1]; empty unless windows are prefixes.
    prefixes: Vec<usize>,
}

impl Part {
    fn new(stream: Stream, windows: Windows) -> Self {
        let mut prefixes = Vec::new();
        if windows == Windows::Prefixes {
            let mut sum = 0;
            prefixes.push(0);
            prefixes.extend(stream.documents().map(|d| {
                sum += d.len().saturating_sub(1);
                sum
            }));
        }
        Self { stream, prefixes }
    }
    fn prefixes(&self) -> usize {
        self.prefixes.last().copied().unwrap_or(0)
    }
}

/// A text as tokens, in two splits.
#[derive(Clone, Debug)]
pub struct Dataset {
    training: Part,
    validation: Part,
    windows: Windows,
    stride: usize,
    share: f64,
    /// The last epoch that was shuffled: batches are mostly asked for in order, and a batch stays a function of its number.
    epoch: RefCell<Option<Epoch>>,
}

impl Dataset {
    /// The tokens of both splits, and how windows are cut from them.
    pub fn new(training: Stream, validation: Stream, config: &DataConfig) -> Self {
        Self {
            training: Part::new(training, config.windows),
            validation: Part::new(validation, config.windows),
            windows: config.windows,
            stride: config.stride,
            share: config.validation_share,
            epoch: RefCell::new(None),
        }
    }

    fn part(&self, split: Split) -> &Part {
        match split {
            Split::Training => &self.training,
            Split::Validation => &self.validation,
        }
    }

    /// All tokens of a split.
    pub fn tokens(&self, split: Split) -> &[u32] {
        self.part(split).stream.tokens()
    }

    /// The tokens of each document of a split.
    pub fn documents(&self, split: Split) -> impl ExactSizeIterator<Item = &[u32]> {
        let stream = &self.part(split).stream;
        stream.documents().map(|range| &stream.tokens()[range])
    }

    /// Steps until every token was seen about once (random windows), every window once but for the dropped rest (stride),
    /// or every prefix once; at least 1.
    ///
    /// # Errors
    /// With a stride [`DatasetError::StrideTooLong`], [`DatasetError::TooShort`], [`DatasetError::NoWholeBatch`]; with
    /// prefixes [`DatasetError::NoPrefix`].
    pub fn steps_per_epoch(&self, windows_per_step: usize, context: usize) -> Result<u32, DatasetError> {
        let windows_per_step = windows_per_step.max(1);
        let steps = match self.windows {
            Windows::Random => self.tokens(Split::Training).len() / (windows_per_step * context.max(1)),
            Windows::Stride => self.whole_batches(windows_per_step, context)?,
            Windows::Prefixes => self.count_prefixes(Split::Training)? / windows_per_step,
        };
        Ok(u32::try_from(steps).unwrap_or(u32::MAX).max(1))
    }

    /// Whether [`Self::batch`] gives batches of this shape.
    ///
    /// # Errors
    /// Those of [`Self::batch`].
    pub fn check(&self, split: Split, batch: usize, context: usize) -> Result<(), DatasetError> {
        if split == Split::Validation && self.tokens(split).is_empty() {
            let documents = self.training.stream.documents().len();
            return Err(DatasetError::NoValidation { share: self.share, documents });
        }
        match (self.windows, split) {
            (Windows::Prefixes, _) if batch != 1 => Err(DatasetError::PrefixesOfOneLength { batch }),
            (Windows::Prefixes, _) => self.count_prefixes(split).map(|_| ()),
            (Windows::Stride, Split::Training) => self.whole_batches(batch, context).map(|_| ()),
            _ => self.count_starts(split, context).map(|_| ()),
        }
    }

    /// `batch` windows of a split, the same for the same seed and number.
    ///
    /// Numbers of the training split count from 1, of validation from 0. Random windows take the number as their stream;
    /// with a stride, an epoch is all whole batches of its shuffled windows, and the number runs on through the epochs;
    /// prefixes come in order, again and again. Validation knows no stride: it draws random windows then.
    ///
    /// # Errors
    /// [`DatasetError::NoValidation`], [`DatasetError::TooShort`]; with a stride [`DatasetError::StrideTooLong`] and
    /// [`DatasetError::NoWholeBatch`]; with prefixes [`DatasetError::PrefixesOfOneLength`] and
    /// [`DatasetError::NoPrefix`].
    pub fn batch(
        &self,
        split: Split,
        seed: u32,
        number: u32,
        batch: usize,
        context: usize,
    ) -> Result<Batch, DatasetError> {
        self.check(split, batch, context)?;
        match (self.windows, split) {
            (Windows::Prefixes, _) => self.prefix(split, number, context),
            (Windows::Stride, Split::Training) => self.strided(seed, number, batch, context),
            _ => self.random(split, seed, number, batch, context),
        }
    }

    /// Number of places at which a window and its next token fit.
    fn count_starts(&self, split: Split, context: usize) -> Result<usize, DatasetError> {
        let (tokens, needed) = (self.tokens(split).len(), context + 1);
        let short = DatasetError::TooShort { split, tokens, needed };
        Ok(tokens.checked_sub(needed).ok_or(short)? + 1)
    }

    fn stride(&self, context: usize) -> usize {
        if self.stride == 0 { context.max(1) } else { self.stride }
    }

    /// Number of whole batches at the stride, at least 1.
    fn whole_batches(&self, batch: usize, context: usize) -> Result<usize, DatasetError> {
        let (starts, stride) = (self.count_starts(Split::Training, context)?, self.stride(context));
        let tokens = self.tokens(Split::Training).len();
        if stride > tokens {
            return Err(DatasetError::StrideTooLong { stride, tokens });
        }
        let (windows, needed) = (starts.div_ceil(stride), batch.max(1));
        if windows < needed { Err(DatasetError::NoWholeBatch { windows, needed }) } else { Ok(windows / needed) }
    }

    /// Number of prefixes of a split, at least 1.
    fn count_prefixes(&self, split: Split) -> Result<usize, DatasetError> {
        let part = self.part(split);
        let (documents, tokens) = (part.stream.documents().len(), part.stream.tokens().len());
        let none = DatasetError::NoPrefix { split, documents, tokens };
        if part.prefixes() == 0 { Err(none) } else { Ok(part.prefixes()) }
    }

    fn random(
        &self,
        split: Split,
        seed: u32,
        number: u32,
        batch: usize,
        context: usize,
    ) -> Result<Batch, DatasetError> {
        let starts = self.count_starts(split, context)?;
        // Streams: even for training, odd for validation, apart from those of the initial weights by the seed's high half.
        let mut generator = ChaCha8Rng::seed_from_u64(u64::from(seed) | 1 << 32);
        generator.set_stream(2 * u64::from(number) + u64::from(split == Split::Validation));
        Ok(self.windows(split, (0..batch).map(|_| below(&mut generator, starts)), context))
    }

    fn strided(&self, seed: u32, number: u32, batch: usize, context: usize) -> Result<Batch, DatasetError> {
        let whole = self.whole_batches(batch, context)?;
        let stride = self.stride(context);
        let windows = self.count_starts(Split::Training, context)?.div_ceil(stride);
        let index = number.saturating_sub(1) as usize;
        let (number, first) = ((index / whole) as u32, index % whole * batch);
        let mut epoch = self.epoch.borrow_mut();
        let is_it = |e: &Epoch| e.seed == seed && e.number == number && e.order.len() == windows;
        let epoch = match epoch.take().filter(is_it) {
            Some(last) => epoch.insert(last),
            None => epoch.insert(Epoch::shuffle(seed, number, windows)),
        };
        let starts = epoch.order[first..first + batch].iter().map(|&window| window as usize * stride);
        Ok(self.windows(Split::Training, starts, context))
    }

    fn windows(&self, split: Split, starts: impl Iterator<Item = usize>, context: usize) -> Batch {
        let tokens = self.tokens(split);
        let mut out = Batch { tokens: Vec::new(), targets: Vec::new(), seq: context };
        for start in starts {
            out.tokens.extend_from_slice(&tokens[start..start + context]);
            out.targets.extend_from_slice(&tokens[start + 1..start + context + 1]);
        }
        out
    }

    fn prefix(&self, split: Split, number: u32, context: usize) -> Result<Batch, DatasetError> {
        let first = if split == Split::Training { 1 } else { 0 };
        let index = number.saturating_sub(first) as usize % self.count_prefixes(split)?;
        let (part, context) = (self.part(split), context.max(1));
        // The last document with no more prefixes before it than this; documents without prefixes share their place with
        // the next one, which stands behind them.
        let document = part.prefixes.partition_point(|&before| before <= index) - 1;
        let start = part.stream.starts[document];
        let end = start + index - part.prefixes[document] + 1;
        let seq = (end - start).min(context);
        Ok(self.windows(split, std::iter::once(end - seq), seq))
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
    use std::collections::BTreeSet;

    /// `tokens` numbers, the last tenth held out.
    fn numbers(tokens: u32, config: &DataConfig) -> Dataset {
        let cut = tokens * 9 / 10;
        Dataset::new((0..cut).collect::<Vec<_>>().into(), (cut..tokens).collect::<Vec<_>>().into(), config)
    }

    fn config(windows: Windows, stride: usize) -> DataConfig {
        DataConfig { windows, stride, ..DataConfig::default() }
    }

    /// First token of every window.
    fn starts(batch: &Batch) -> Vec<u32> {
        batch.tokens.chunks(batch.seq).map(|w| w[0]).collect()
    }

    #[test]
    fn documents_are_told_apart() {
        let mut stream = Stream::new();
        stream.push(&[1, 2]);
        stream.push(&[]);
        stream.push(&[3, 4]);
        let data = Dataset::new(stream, vec![5].into(), &DataConfig::default());
        assert_eq!(data.documents(Split::Training).collect::<Vec<_>>(), [&[1, 2][..], &[], &[3, 4]]);
        assert_eq!(data.documents(Split::Validation).collect::<Vec<_>>(), [[5]]);
    }

    #[test]
    fn batches_are_windows_of_their_split() {
        let data = numbers(1000, &DataConfig::default());
        assert_eq!(data.tokens(Split::Training).len(), 900);
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

    /// Recorded before there was anything but random windows: a seed's run is its own for ever.
    #[test]
    fn random_windows_are_those_of_the_first_version() {
        let recorded = [
            (Split::Training, 1, [695, 183, 881, 523]),
            (Split::Training, 2, [631, 569, 319, 358]),
            (Split::Validation, 0, [920, 953, 925, 945]),
            (Split::Validation, 1, [918, 982, 941, 961]),
            (Split::Training, 4_000_000_000, [613, 733, 611, 571]),
        ];
        let (random, stride) = (numbers(1000, &DataConfig::default()), numbers(1000, &config(Windows::Stride, 3)));
        for (split, number, want) in recorded {
            assert_eq!(starts(&random.batch(split, 7, number, 4, 16).unwrap()), want);
            let strided = starts(&stride.batch(split, 7, number, 4, 16).unwrap());
            assert_eq!(strided == want, split == Split::Validation, "validation knows no stride");
        }
    }

    #[test]
    fn every_window_is_drawn_up_to_the_last() {
        let data = numbers(100, &DataConfig::default());
        let mut seen = BTreeSet::new();
        for number in 0..200 {
            seen.extend(starts(&data.batch(Split::Training, 1, number, 4, 80).unwrap()));
        }
        assert_eq!(seen, (0..10).collect(), "90 tokens hold 10 windows of 80 + 1");
    }

    #[test]
    fn a_stride_visits_every_window_once_an_epoch() {
        for (stride, context, batch) in [(0, 16, 4), (1, 16, 3), (5, 16, 1), (40, 16, 2), (0, 89, 1), (90, 80, 1)] {
            let data = numbers(100, &config(Windows::Stride, stride));
            let step = if stride == 0 { context } else { stride };
            let all: BTreeSet<u32> =
                (0..90).step_by(step).filter(|start| start + context < 90).map(|s| s as u32).collect();
            let whole = all.len() / batch;
            assert_eq!(data.steps_per_epoch(batch, context), Ok(whole as u32));
            let epoch = |seed: u32, epoch: usize| -> Vec<u32> {
                (epoch * whole..(epoch + 1) * whole)
                    .flat_map(|i| starts(&data.batch(Split::Training, seed, i as u32 + 1, batch, context).unwrap()))
                    .collect()
            };
            for number in 0..3 {
                let seen = epoch(9, number);
                let set: BTreeSet<u32> = seen.iter().copied().collect();
                assert_eq!((set.len(), seen.len()), (whole * batch, whole * batch), "each once");
                assert!(set.is_subset(&all));
            }
            if all.len() > 8 {
                assert_ne!(epoch(9, 0), epoch(9, 1), "epochs differ");
                assert_ne!(epoch(9, 0), epoch(8, 0), "seeds differ");
            }
            assert_eq!(epoch(9, 0), epoch(9, 0), "going back gives the same again");
        }
    }

    #[test]
    fn a_strided_batch_is_whole() {
        let data = numbers(100, &config(Windows::Stride, 0));
        let batch = data.batch(Split::Training, 1, 1, 5, 16).unwrap();
        assert_eq!((batch.tokens.len(), batch.targets.len(), batch.seq), (80, 80, 16));
        assert!(batch.tokens.iter().zip(&batch.targets).all(|(token, target)| token + 1 == *target));
    }

    #[test]
    fn too_little_text_is_refused_with_both_numbers() {
        let data = numbers(40, &DataConfig::default());
        let error = data.batch(Split::Training, 1, 0, 1, 36).unwrap_err();
        assert_eq!(error, DatasetError::TooShort { split: Split::Training, tokens: 36, needed: 37 });
        assert!(data.batch(Split::Training, 1, 0, 1, 35).is_ok());
        assert!(data.batch(Split::Validation, 1, 0, 1, 35).is_err());
        assert!(data.check(Split::Training, 1, 35).is_ok() && data.check(Split::Validation, 1, 3).is_ok());

        let stride = |stride| numbers(40, &config(Windows::Stride, stride));
        assert_eq!(
            stride(37).check(Split::Training, 1, 8),
            Err(DatasetError::StrideTooLong { stride: 37, tokens: 36 })
        );
        assert_eq!(stride(36).steps_per_epoch(1, 8), Ok(1));
        assert_eq!(stride(0).check(Split::Training, 1, 35), Ok(()));
        let short = DatasetError::TooShort { split: Split::Training, tokens: 36, needed: 37 };
        assert_eq!(stride(0).steps_per_epoch(1, 36), Err(short));
        let few = DatasetError::NoWholeBatch { windows: 4, needed: 5 };
        assert_eq!(stride(0).batch(Split::Training, 1, 1, 5, 8), Err(few.clone()));
        assert_eq!(stride(0).steps_per_epoch(5, 8), Err(few));

        let all = Dataset::new(
            vec![1, 2, 3].into(),
            Stream::new(),
            &DataConfig { validation_share: 0.0, ..DataConfig::default() },
        );
        assert_eq!(
            all.batch(Split::Validation, 1, 0, 1, 1),
            Err(DatasetError::NoValidation { share: 0.0, documents: 1 })
        );
    }

    #[test]
    fn an_epoch_of_random_windows_is_as_many_tokens() {
        let data = numbers(1000, &DataConfig::default());
        assert_eq!(data.steps_per_epoch(4, 16), Ok(14));
        assert_eq!(data.steps_per_epoch(400, 16), Ok(1));
    }

    /// "hello world how are you" and "how are you hello world" as words.
    fn sentences() -> Dataset {
        let mut stream = Stream::new();
        stream.push(&[0, 1, 2, 3, 4]);
        stream.push(&[2, 3, 4, 0, 1]);
        Dataset::new(stream.clone(), stream, &config(Windows::Prefixes, 0))
    }

    #[test]
    fn two_sentences_have_eight_prefixes() {
        let data = sentences();
        assert_eq!((data.steps_per_epoch(1, 5), data.steps_per_epoch(3, 5)), (Ok(8), Ok(2)));
        let want: [(&[u32], u32); 8] = [
            (&[0], 1),
            (&[0, 1], 2),
            (&[0, 1, 2], 3),
            (&[0, 1, 2, 3], 4),
            (&[2], 3),
            (&[2, 3], 4),
            (&[2, 3, 4], 0),
            (&[2, 3, 4, 0], 1),
        ];
        for number in 1..=24 {
            let batch = data.batch(Split::Training, 1, number, 1, 5).unwrap();
            let (tokens, target) = want[(number as usize - 1) % 8];
            assert_eq!((&batch.tokens[..], batch.targets.last(), batch.seq), (tokens, Some(&target), tokens.len()));
            assert_eq!(batch.targets[..batch.seq - 1], tokens[1..], "each target is the next token");
            assert_eq!(batch, data.batch(Split::Validation, 9, number - 1, 1, 5).unwrap());
        }
        let long = data.batch(Split::Training, 1, 4, 1, 3).unwrap();
        assert_eq!((&long.tokens[..], &long.targets[..], long.seq), (&[1, 2, 3][..], &[2, 3, 4][..], 3));
    }

    #[test]
    fn prefixes_need_documents_of_two_tokens_and_batches_of_one() {
        let refused = DatasetError::PrefixesOfOneLength { batch: 4 };
        assert_eq!(sentences().batch(Split::Training, 1, 1, 4, 5), Err(refused));
        let stream = |documents: &[&[u32]]| {
            let mut stream = Stream::new();
            documents.iter().for_each(|d| stream.push(d));
            stream
        };
        let data = Dataset::new(
            stream(&[&[7], &[], &[8]]),
            stream(&[&[], &[5], &[1, 2], &[3], &[6, 4]]),
            &config(Windows::Prefixes, 0),
        );
        let none = DatasetError::NoPrefix { split: Split::Training, documents: 3, tokens: 2 };
        assert_eq!(data.check(Split::Training, 1, 8), Err(none.clone()));
        assert_eq!(data.steps_per_epoch(1, 8), Err(none));
        for (number, token) in [(0, 1), (1, 6), (2, 1)] {
            assert_eq!(data.batch(Split::Validation, 1, number, 1, 8).unwrap().tokens, [token]);
        }
    }

    #[test]
    fn sorting_groups_rows_by_token() {
        let (order, starts) = sort_by_token(&[2, 0, 2, 3, 0, 2], 5);
        assert_eq!(starts, [0, 2, 2, 5, 6, 6]);
        assert_eq!(order, [1, 4, 0, 2, 5, 3]);
    }
}
