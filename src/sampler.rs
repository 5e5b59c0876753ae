//! Logits → next token: repetition penalty, temperature, top-k, top-p, seeded draws.

use crate::config::SamplingConfig;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::Serialize;

/// How many of the likeliest tokens [`Drawn`] names.
pub const CANDIDATES: usize = 10;

/// Why no token can be drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum SamplerError {
    /// The model's output is not a number.
    LogitsNotFinite {
        /// How many.
        count: usize,
        /// Of how many.
        vocab: usize,
    },
    /// Nothing to draw from.
    NoLogits,
    /// A temperature below zero or not a number.
    TemperatureBelowZero {
        /// sampling.temperature
        temperature: f64,
    },
    /// More tokens to keep than there are.
    TopKAboveLogits {
        /// sampling.top_k
        top_k: u32,
        /// Different tokens.
        vocab: usize,
    },
    /// A sum that no probabilities reach, or that none is needed for.
    TopPOutOfRange {
        /// sampling.top_p
        top_p: f64,
    },
    /// A penalty that would turn logits around or lose them.
    RepetitionPenaltyNotPositive {
        /// sampling.repetition_penalty
        repetition_penalty: f64,
    },
}

/// A token and how likely it was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The token.
    pub token: u32,
    /// Its share of the distribution that was drawn from.
    pub probability: f32,
}

/// One draw.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawn {
    /// The token.
    pub token: u32,
    /// Its share of the distribution that was drawn from; at temperature 0, of the softmax at temperature 1.
    pub probability: f32,
    /// The [`CANDIDATES`] likeliest tokens of that distribution, the likeliest first, ties by token.
    pub candidates: Vec<Candidate>,
}

/// A token that may be drawn.
#[derive(Clone, Copy, Debug)]
struct Entry {
    token: u32,
    logit: f32,
    /// exp((logit − highest) / temperature): probability up to a common factor.
    weight: f64,
}

impl Entry {
    fn new(token: u32, logit: f32) -> Self {
        Self { token, logit, weight: 0.0 }
    }
}

/// The likelier first, ties by token.
fn likelier(a: &Entry, b: &Entry) -> std::cmp::Ordering {
    b.logit.total_cmp(&a.logit).then(a.token.cmp(&b.token))
}

/// Keeps the `n` likeliest, in no particular order.
fn keep(entries: &mut Vec<Entry>, n: usize) {
    if n > 0 && n < entries.len() {
        entries.select_nth_unstable_by(n - 1, likelier);
        entries.truncate(n);
    }
}

/// Keeps the likeliest entries whose weights first reach `p` of the `total`, at least one, in no particular order.
fn keep_nucleus(entries: &mut Vec<Entry>, p: f64, total: f64) {
    let (mut sorted, mut sum) = (0, 0.0);
    // The nucleus is mostly a few hundred tokens of many thousands: as many are sorted as turn out to be needed, and each
    // turn takes four times as many as the last, so that all turns cost about as much as the last one.
    let mut want = 64;
    while sorted < entries.len() {
        let end = want.min(entries.len());
        if end < entries.len() {
            entries[sorted..].select_nth_unstable_by(end - sorted, likelier);
        }
        entries[sorted..end].sort_unstable_by(likelier);
        for at in sorted..end {
            sum += entries[at].weight;
            if sum >= p * total {
                entries.truncate(at + 1);
                return;
            }
        }
        sorted = end;
        want = end * 4;
    }
}

/// Draws tokens.
#[derive(Clone, Debug)]
pub struct Sampler {
    temperature: f32,
    top_k: usize,
    top_p: f64,
    penalty: f64,
    generator: ChaCha8Rng,
}

impl Sampler {
    /// Draws as `config` says from `vocab` tokens; the seed fixes the draws.
    ///
    /// # Errors
    /// Every [`SamplerError`] that names a setting.
    pub fn new(config: &SamplingConfig, vocab: usize) -> Result<Self, SamplerError> {
        let temperature = config.temperature as f32;
        if !(config.temperature >= 0.0 && temperature.is_finite()) {
            return Err(SamplerError::TemperatureBelowZero { temperature: config.temperature });
        }
        let top_k = config.top_k as usize;
        if top_k > vocab {
            return Err(SamplerError::TopKAboveLogits { top_k: config.top_k, vocab });
        }
        let (top_p, penalty) = (config.top_p, config.repetition_penalty);
        if !(top_p > 0.0 && top_p <= 1.0) {
            return Err(SamplerError::TopPOutOfRange { top_p });
        }
        if !(penalty > 0.0 && penalty.is_finite()) {
            return Err(SamplerError::RepetitionPenaltyNotPositive { repetition_penalty: penalty });
        }
        Ok(Self { temperature, top_k, top_p, penalty, generator: ChaCha8Rng::seed_from_u64(config.seed.into()) })
    }

    /// The next token for logits [vocab] behind the tokens of `context`.
    ///
    /// In this order: logits of tokens in the context are divided by the penalty where positive and multiplied where
    /// negative, each token once (Keskar et al. 2019); all are divided by the temperature; the top k stay; of these the
    /// smallest set whose probabilities reach top-p, at least one (Holtzman et al. 2020); one draw from what is left. At
    /// temperature 0 the likeliest is taken, and no draw is spent. Ties go to the smaller id.
    ///
    /// # Errors
    /// [`SamplerError::LogitsNotFinite`], [`SamplerError::NoLogits`].
    pub fn draw(&mut self, logits: &[f32], context: &[u32]) -> Result<Drawn, SamplerError> {
        let count = logits.iter().filter(|z| !z.is_finite()).count();
        if count > 0 {
            return Err(SamplerError::LogitsNotFinite { count, vocab: logits.len() });
        }
        let entries = logits.iter().enumerate().map(|(token, &logit)| Entry::new(token as u32, logit)).collect();
        self.choose(entries, context).ok_or(SamplerError::NoLogits)
    }

    /// The next token for `counts`, (token, count) of each different one: what a count model saw follow. Weights are in
    /// proportion to the counts, which stand for e^logit, and all settings apply as in [`Self::draw`]. None where nothing
    /// was counted.
    pub fn draw_counts(&mut self, counts: impl Iterator<Item = (u32, u32)>, context: &[u32]) -> Option<Drawn> {
        let seen = counts.filter(|&(_, count)| count > 0);
        let mut entries: Vec<Entry> =
            seen.map(|(token, count)| Entry::new(token, f64::from(count).ln() as f32)).collect();
        entries.sort_unstable_by_key(|entry| entry.token);
        self.choose(entries, context)
    }

    /// Divides or multiplies the logits of tokens in the context; `entries` are in the order of tokens.
    fn penalise(&self, entries: &mut [Entry], context: &[u32]) {
        if self.penalty == 1.0 {
            return;
        }
        let mut seen = context.to_vec();
        seen.sort_unstable();
        seen.dedup();
        for token in seen {
            if let Ok(at) = entries.binary_search_by_key(&token, |entry| entry.token) {
                let logit = f64::from(entries[at].logit);
                let moved = if logit > 0.0 { logit / self.penalty } else { logit * self.penalty };
                // a strong penalty must not make infinities, whose differences are no numbers
                entries[at].logit = moved.clamp(f32::MIN.into(), f32::MAX.into()) as f32;
            }
        }
    }

    /// One draw from entries in the order of tokens; None from none.
    fn choose(&mut self, mut entries: Vec<Entry>, context: &[u32]) -> Option<Drawn> {
        self.penalise(&mut entries, context);
        let likeliest = *entries.iter().min_by(|a, b| likelier(a, b))?;
        if self.top_k > 0 && self.top_k < entries.len() {
            keep(&mut entries, self.top_k);
            // selection leaves an order of its own: the draw must not depend on it
            entries.sort_unstable_by_key(|entry| entry.token);
        }
        let greedy = self.temperature == 0.0;
        let temperature = if greedy { 1.0 } else { self.temperature };
        for entry in &mut entries {
            entry.weight = f64::from((entry.logit - likeliest.logit) / temperature).exp();
        }
        let sum = |entries: &[Entry]| entries.iter().map(|entry| entry.weight).sum::<f64>();
        let mut total = sum(&entries);
        if self.top_p < 1.0 {
            keep_nucleus(&mut entries, self.top_p, total);
            entries.sort_unstable_by_key(|entry| entry.token);
            total = sum(&entries);
        }
        let probability = |entry: &Entry| (entry.weight / total) as f32;
        let drawn = if greedy { *entries.iter().min_by(|a, b| likelier(a, b))? } else { self.pick(&entries, total)? };
        keep(&mut entries, CANDIDATES);
        entries.sort_unstable_by(likelier);
        let candidate = |entry: &Entry| Candidate { token: entry.token, probability: probability(entry) };
        let candidates = entries.iter().map(candidate).collect();
        Some(Drawn { token: drawn.token, probability: probability(&drawn), candidates })
    }

    /// The entry under a uniform point of the `total` weight.
    fn pick(&mut self, entries: &[Entry], total: f64) -> Option<Entry> {
        // 53 bits: what an f64 holds
        let mut left = (self.generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64 * total;
        for &entry in entries {
            left -= entry.weight;
            if left < 0.0 {
                return Some(entry);
            }
        }
        // rounding may leave a hair
        entries.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn config(temperature: f64, top_k: u32, seed: u32) -> SamplingConfig {
        SamplingConfig { temperature, top_k, seed, ..SamplingConfig::default() }
    }

    fn token(sampler: &mut Sampler, logits: &[f32]) -> u32 {
        sampler.draw(logits, &[]).unwrap().token
    }

    /// Logits of some spread, without ties, other ones for every step.
    fn logits(step: u32) -> Vec<f32> {
        (0..24u32).map(|i| (((i * 37 + step * 101) % 53) as f32) * 0.173 - 3.1).collect()
    }

    /// Recorded before there was anything but temperature and top-k: a seed's text is its own for ever.
    #[test]
    fn draws_are_those_of_the_first_version() {
        #[rustfmt::skip]
        let recorded = [
            (1.0, 0, 1, [10, 0, 16, 6, 9, 16, 9, 5, 21, 14, 7, 10, 0, 6, 9, 3, 22, 18, 21, 1, 11, 17, 10, 0]),
            (0.8, 0, 7, [7, 7, 16, 19, 22, 9, 2, 18, 8, 21, 7, 7, 13, 6, 9, 12, 5, 5, 11, 8, 14, 20, 0, 0]),
            (0.7, 5, 3, [17, 0, 13, 6, 22, 22, 5, 8, 1, 4, 17, 20, 3, 16, 19, 2, 5, 15, 21, 21, 17, 20, 20, 13]),
            (1.5, 0, 11, [10, 0, 13, 16, 9, 22, 5, 8, 22, 2, 7, 21, 8, 1, 19, 2, 5, 0, 11, 14, 8, 11, 23, 3]),
            (0.0, 0, 1, [10, 13, 16, 19, 22, 2, 5, 8, 1, 4, 7, 0, 3, 6, 9, 2, 5, 8, 11, 14, 17, 20, 23, 3]),
        ];
        for (temperature, top_k, seed, want) in recorded {
            let mut sampler = Sampler::new(&config(temperature, top_k, seed), 24).unwrap();
            let drawn: Vec<u32> = (0..24).map(|step| token(&mut sampler, &logits(step))).collect();
            assert_eq!(drawn, want, "at {temperature}, top {top_k}, seed {seed}");
        }
    }

    #[test]
    fn greedy_takes_the_likeliest_and_the_smaller_id_of_a_tie() {
        for top_p in [1.0, 0.01] {
            let mut sampler = Sampler::new(&SamplingConfig { top_p, ..config(0.0, 0, 1) }, 4).unwrap();
            assert_eq!(token(&mut sampler, &[0.0, 3.0, 1.0, 3.0]), 1);
        }
    }

    #[test]
    fn draws_follow_the_softmax_of_the_top_k() {
        let logits = [0.0, 1.0, 2.0, -1.0];
        for (temperature, top_k, allowed) in
            [(1.0, 0, vec![0, 1, 2, 3]), (0.5, 2, vec![1, 2]), (2.0, 4, vec![0, 1, 2, 3])]
        {
            let mut sampler = Sampler::new(&config(temperature, top_k, 3), 4).unwrap();
            let draws = 20_000;
            let mut counts = [0usize; 4];
            for _ in 0..draws {
                counts[token(&mut sampler, &logits) as usize] += 1;
            }
            let weights: Vec<f64> = (0..4)
                .map(|i| if allowed.contains(&i) { (f64::from(logits[i]) / temperature).exp() } else { 0.0 })
                .collect();
            for i in 0..4 {
                let want = weights[i] / weights.iter().sum::<f64>();
                let got = counts[i] as f64 / f64::from(draws);
                assert!((got - want).abs() < 0.015, "token {i}: {got} for {want} at {temperature}, top {top_k}");
            }
        }
    }

    #[test]
    fn a_seed_repeats() {
        let draw = |seed| {
            let mut sampler = Sampler::new(&config(1.0, 0, seed), 50).unwrap();
            (0..40).map(|_| token(&mut sampler, &[0.0; 50])).collect::<Vec<_>>()
        };
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }

    /// The whole chain, written with full sorts: (token, probability) by falling probability.
    fn naive(logits: &[f32], context: &[u32], c: &SamplingConfig) -> Vec<(u32, f64)> {
        let seen: BTreeSet<u32> = context.iter().copied().collect();
        let penalised = |(i, &z): (usize, &f32)| {
            let (i, z, p) = (i as u32, f64::from(z), c.repetition_penalty);
            let moved = if z > 0.0 { z / p } else { z * p };
            (i, if seen.contains(&i) { moved } else { z } / if c.temperature == 0.0 { 1.0 } else { c.temperature })
        };
        let mut all: Vec<(u32, f64)> = logits.iter().enumerate().map(penalised).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.truncate(if c.top_k == 0 { all.len() } else { c.top_k as usize });
        let softmax = |list: &[(u32, f64)]| -> Vec<(u32, f64)> {
            let total: f64 = list.iter().map(|e| e.1.exp()).sum();
            list.iter().map(|e| (e.0, e.1.exp() / total)).collect()
        };
        let mut sum = 0.0;
        let within = |e: &(u32, f64)| {
            let short = sum < c.top_p;
            sum += e.1;
            short
        };
        let nucleus = softmax(&all).into_iter().take_while(within).count();
        softmax(&all[..nucleus])
    }

    #[test]
    fn the_distribution_is_that_of_a_naive_reference() {
        let mut wide: Vec<f32> = (0..5000u32).map(|i| ((i * 7919 % 5003) as f32) * 0.002 - 3.0).collect();
        wide[17] = 7.5;
        let flat: Vec<f32> = (0..900u32).map(|i| ((i * 389 % 907) as f32) * 1e-3).collect();
        let context = [17, 3, 3, 17, 900_000, 5, 4];
        for logits in [&logits(3), &wide, &flat] {
            for (temperature, top_k, top_p, repetition_penalty) in [
                (1.0, 0, 0.9, 1.0),
                (0.7, 0, 0.35, 1.3),
                (1.3, 7, 0.8, 1.0),
                (0.0, 12, 0.6, 2.0),
                (1.0, 0, 1e-9, 0.5),
                (2.5, 0, 0.999, 1.2),
                (0.9, 20, 1.0, 3.0),
            ] {
                let settings =
                    SamplingConfig { temperature, top_k, top_p, repetition_penalty, ..SamplingConfig::default() };
                let want = naive(logits, &context, &settings);
                let mut sampler = Sampler::new(&settings, logits.len()).unwrap();
                let allowed: BTreeMap<u32, f64> = want.iter().copied().collect();
                for _ in 0..30 {
                    let drawn = sampler.draw(logits, &context).unwrap();
                    let near = |token: u32, got: f32| {
                        let off = allowed.get(&token).map_or(f64::NAN, |want| f64::from(got) / want - 1.0);
                        assert!(off.abs() < 1e-4, "token {token} is off by {off} with {settings:?}");
                    };
                    near(drawn.token, drawn.probability);
                    assert_eq!(drawn.candidates.len(), want.len().min(CANDIDATES));
                    for (candidate, want) in drawn.candidates.iter().zip(&want) {
                        assert_eq!(candidate.token, want.0, "with {settings:?}");
                        near(candidate.token, candidate.probability);
                    }
                    assert!(temperature > 0.0 || drawn.token == want[0].0);
                }
            }
        }
    }

    #[test]
    fn draws_follow_the_nucleus() {
        let settings =
            SamplingConfig { temperature: 1.2, top_p: 0.8, repetition_penalty: 1.5, ..SamplingConfig::default() };
        let (logits, context) = (logits(5), [1, 2, 3, 4, 4, 4]);
        let mut sampler = Sampler::new(&settings, 24).unwrap();
        let mut counts = BTreeMap::new();
        for _ in 0..40_000 {
            *counts.entry(sampler.draw(&logits, &context).unwrap().token).or_insert(0u32) += 1;
        }
        let want = naive(&logits, &context, &settings);
        assert_eq!(counts.len(), want.len());
        for (token, share) in want {
            let got = f64::from(counts[&token]) / 40_000.0;
            assert!((got - share).abs() < 0.012, "token {token}: {got} for {share}");
        }
    }

    #[test]
    fn equal_logits_are_kept_by_id() {
        let settings = SamplingConfig { top_p: 0.5, ..config(1.0, 0, 1) };
        let drawn = Sampler::new(&settings, 300).unwrap().draw(&[0.25; 300], &[]).unwrap();
        assert!(drawn.token < 150 && (drawn.probability - 1.0 / 150.0).abs() < 1e-6);
        assert_eq!(drawn.candidates.iter().map(|c| c.token).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn counts_are_weights() {
        let counts = [(7, 60), (2, 30), (9, 10), (4, 0)];
        let mut sampler = Sampler::new(&config(1.0, 0, 2), 10).unwrap();
        let mut seen = BTreeMap::new();
        for _ in 0..20_000 {
            *seen.entry(sampler.draw_counts(counts.into_iter(), &[]).unwrap().token).or_insert(0u32) += 1;
        }
        for (token, share) in [(7, 0.6), (2, 0.3), (9, 0.1)] {
            assert!((f64::from(seen[&token]) / 20_000.0 - share).abs() < 0.015);
        }
        let drawn = sampler.draw_counts(counts.into_iter().rev(), &[]).unwrap();
        let shares: Vec<_> = drawn.candidates.iter().map(|c| (c.token, (c.probability * 1e5).round() as u32)).collect();
        assert_eq!(shares, [(7, 60_000), (2, 30_000), (9, 10_000)]);
        // temperature 1/2 squares the weights, and the settings apply as ever
        let mut sharp = Sampler::new(&config(0.5, 2, 2), 10).unwrap();
        let drawn = sharp.draw_counts(counts.into_iter(), &[]).unwrap();
        assert!((drawn.candidates[0].probability - 0.8).abs() < 1e-5 && drawn.candidates.len() == 2);
        let mut greedy = Sampler::new(&SamplingConfig { repetition_penalty: 2.0, ..config(0.0, 0, 2) }, 10).unwrap();
        assert_eq!(greedy.draw_counts(counts.into_iter(), &[]).unwrap().token, 7);
        assert_eq!(greedy.draw_counts(counts.into_iter(), &[7]).unwrap().token, 2, "ln 60 / 2 is below ln 30");
        assert_eq!(sampler.draw_counts(std::iter::empty(), &[]), None);
        assert_eq!(sampler.draw_counts([(3, 0)].into_iter(), &[]), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let mut sampler = Sampler::new(&config(1.0, 0, 1), 3).unwrap();
        let error = sampler.draw(&[0.0, f32::NAN, f32::INFINITY], &[]);
        assert_eq!(error, Err(SamplerError::LogitsNotFinite { count: 2, vocab: 3 }));
        assert_eq!(sampler.draw(&[], &[]), Err(SamplerError::NoLogits));
    }

    #[test]
    fn extreme_settings_still_draw() {
        for (temperature, repetition_penalty) in [(1e-44, 1e300), (1e38, 1e-300), (1.0, 1e300)] {
            let settings = SamplingConfig { repetition_penalty, top_p: 0.999, ..config(temperature, 0, 1) };
            let mut sampler = Sampler::new(&settings, 4).unwrap();
            let drawn = sampler.draw(&[f32::MAX, f32::MIN, 0.0, -1.0], &[0, 1, 2]).unwrap();
            assert!(drawn.probability > 0.0 && drawn.candidates.iter().all(|c| c.probability.is_finite()));
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let refused = |settings: SamplingConfig| Sampler::new(&settings, 50).unwrap_err();
        let settings = SamplingConfig::default;
        // Bits, because NaN is equal to nothing.
        for temperature in [-0.5, f64::NAN, 1e300] {
            let SamplerError::TemperatureBelowZero { temperature: said } =
                refused(SamplingConfig { temperature, ..settings() })
            else {
                panic!("{temperature}");
            };
            assert_eq!(said.to_bits(), temperature.to_bits());
        }
        for top_p in [0.0, -0.1, 1.01, f64::NAN] {
            let SamplerError::TopPOutOfRange { top_p: said } = refused(SamplingConfig { top_p, ..settings() }) else {
                panic!("{top_p}");
            };
            assert_eq!(said.to_bits(), top_p.to_bits());
        }
        for repetition_penalty in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            let SamplerError::RepetitionPenaltyNotPositive { repetition_penalty: said } =
                refused(SamplingConfig { repetition_penalty, ..settings() })
            else {
                panic!("{repetition_penalty}");
            };
            assert_eq!(said.to_bits(), repetition_penalty.to_bits());
        }
        assert_eq!(refused(config(1.0, 51, 1)), SamplerError::TopKAboveLogits { top_k: 51, vocab: 50 });
        assert!(Sampler::new(&config(1.0, 50, 1), 50).is_ok());
    }
}
