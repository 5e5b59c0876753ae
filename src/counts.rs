//! Count models: how often each token stands in the training text, and behind which other.
//!
//! They are the honest baselines of a small network: a model that has learned anything beats the unigram's loss, and one
//! that reads more than one token beats the bigram's. Losses are means of −ln p in nats per token; probabilities are
//! smoothed by adding k to every count (Lidstone 1920; Jurafsky and Martin, Speech and Language Processing, chapter 3).

use crate::dataset::sort_by_token;

/// Counts of tokens and of pairs of neighbours, stored sparsely: pairs that never occur take no place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often each token occurs [vocab].
    tokens: Vec<u32>,
    /// Where the pairs of each first token begin in `next` [vocab + 1].
    starts: Vec<usize>,
    /// (second token, count) of each first token, the commonest first, ties by token [transitions].
    next: Vec<(u32, u32)>,
}

/// −(count / total) · ln(count / total), in nats.
fn surprise(count: u32, total: f64) -> f64 {
    let share = f64::from(count) / total;
    -share * share.ln()
}

/// −ln of the smoothed probability (count + k) / (total + k · vocab), in nats; infinite where that is 0 or 0 / 0.
fn loss(count: u32, total: f64, k: f64, vocab: usize) -> f64 {
    let weight = f64::from(count) + k;
    if weight > 0.0 { ((total + k * vocab as f64) / weight).ln() } else { f64::INFINITY }
}

impl Counts {
    /// Counts `tokens`, which lie below `vocab`; O(n log n + vocab) time, O(n + vocab) memory.
    pub fn of(tokens: &[u32], vocab: usize) -> Self {
        let vocab = tokens.iter().map(|&t| t as usize + 1).max().unwrap_or(0).max(vocab);
        let mut counts = vec![0; vocab];
        for &token in tokens {
            counts[token as usize] += 1;
        }
        let firsts = &tokens[..tokens.len().saturating_sub(1)];
        let (order, bounds) = sort_by_token(firsts, vocab);
        let mut starts = Vec::with_capacity(vocab + 1);
        let mut next: Vec<(u32, u32)> = Vec::new();
        let mut row = Vec::new();
        for bound in bounds.windows(2) {
            starts.push(next.len());
            row.clear();
            row.extend(order[bound[0] as usize..bound[1] as usize].iter().map(|&at| tokens[at as usize + 1]));
            row.sort_unstable();
            let start = next.len();
            next.extend(row.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32)));
            next[start..].sort_unstable_by_key(|&(token, count)| (std::cmp::Reverse(count), token));
        }
        starts.push(next.len());
        Self { tokens: counts, starts, next }
    }

    /// Number of different tokens that the counts know of, seen or not.
    pub fn vocab(&self) -> usize {
        self.tokens.len()
    }

    /// How often a token occurs.
    pub fn count(&self, token: u32) -> u32 {
        self.tokens.get(token as usize).copied().unwrap_or(0)
    }

    /// Every token that occurs, as (token, count), by token.
    pub fn unigram(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.tokens.iter().enumerate().map(|(token, &count)| (token as u32, count)).filter(|&(_, count)| count > 0)
    }

    /// What follows a token, as (next, count), the commonest first, ties by token.
    pub fn next(&self, previous: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.row(previous).iter().copied()
    }

    /// Number of different pairs of neighbours.
    pub fn transitions(&self) -> usize {
        self.next.len()
    }

    /// The `n` commonest pairs, as (previous, next, count), the commonest first, ties by previous, then next.
    pub fn commonest(&self, n: usize) -> Vec<(u32, u32, u32)> {
        let mut pairs: Vec<(u32, u32, u32)> =
            self.rows().flat_map(|(first, row)| row.iter().map(move |&(token, count)| (first, token, count))).collect();
        let key = |&(first, second, count): &(u32, u32, u32)| (std::cmp::Reverse(count), first, second);
        if n == 0 {
            return Vec::new();
        }
        if n < pairs.len() {
            pairs.select_nth_unstable_by_key(n - 1, key);
            pairs.truncate(n);
        }
        pairs.sort_unstable_by_key(key);
        pairs
    }

    /// Mean −ln p of `validation` under the smoothed counts of single tokens, nats per token. Infinite with k = 0 and a
    /// token never seen, NaN for no token.
    pub fn unigram_loss(&self, validation: &[u32], k: f64) -> f64 {
        let total = self.total();
        let sum: f64 = validation.iter().map(|&token| loss(self.count(token), total, k, self.vocab())).sum();
        sum / validation.len() as f64
    }

    /// Mean −ln p of each token of `validation` after its first, given the one before, under the smoothed counts of pairs;
    /// nats per token. Infinite with k = 0 and a pair never seen, NaN for fewer than two tokens.
    pub fn bigram_loss(&self, validation: &[u32], k: f64) -> f64 {
        let asked = Self::of(validation, self.vocab());
        // One row of a dense table at a time: searching rows that are ordered by count would be slow for wide ones.
        let mut dense = vec![0u32; asked.vocab()];
        let (mut sum, mut pairs) = (0.0, 0.0);
        for (previous, row) in asked.rows().filter(|(_, row)| !row.is_empty()) {
            for (token, count) in self.next(previous) {
                dense[token as usize] = count;
            }
            let total = self.row_total(previous);
            for &(token, count) in row {
                sum += f64::from(count) * loss(dense[token as usize], total, k, self.vocab());
                pairs += f64::from(count);
            }
            for (token, _) in self.next(previous) {
                dense[token as usize] = 0;
            }
        }
        sum / pairs
    }

    /// Entropy of the tokens that were counted, in nats: what a model that knows only how often each occurs must pay.
    pub fn unigram_entropy(&self) -> f64 {
        let total = self.total();
        self.unigram().map(|(_, count)| surprise(count, total)).sum::<f64>() + 0.0 // an empty sum is −0
    }

    /// H(next | previous) of the tokens that were counted, in nats: what a model that reads one token back must pay. 0
    /// where there is no pair.
    pub fn conditional_entropy(&self) -> f64 {
        let pairs: f64 = self.next.iter().map(|&(_, count)| f64::from(count)).sum();
        let weighted = |(previous, row): (u32, &[(u32, u32)])| {
            let total = self.row_total(previous);
            total / pairs * row.iter().map(|&(_, count)| surprise(count, total)).sum::<f64>()
        };
        self.rows().filter(|(_, row)| !row.is_empty()).map(weighted).sum::<f64>() + 0.0
    }

    fn total(&self) -> f64 {
        self.tokens.iter().map(|&count| f64::from(count)).sum()
    }

    fn row(&self, previous: u32) -> &[(u32, u32)] {
        let at = previous as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&start), Some(&end)) => &self.next[start..end],
            _ => &[],
        }
    }

    fn row_total(&self, previous: u32) -> f64 {
        self.row(previous).iter().map(|&(_, count)| f64::from(count)).sum()
    }

    fn rows(&self) -> impl Iterator<Item = (u32, &[(u32, u32)])> + '_ {
        self.starts.windows(2).enumerate().map(|(token, bound)| (token as u32, &self.next[bound[0]..bound[1]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    fn tokens(seed: u64, length: usize, vocab: u32) -> Vec<u32> {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        // the product of two makes small ids the commoner ones
        (0..length).map(|_| (generator.next_u32() % vocab) * (generator.next_u32() % vocab) / vocab).collect()
    }

    #[test]
    fn counts_agree_with_a_dense_table() {
        let (vocab, training, validation) = (23usize, tokens(1, 3000, 23), tokens(2, 500, 23));
        let counts = Counts::of(&training, vocab);
        let mut dense = vec![vec![0u32; vocab]; vocab];
        for pair in training.windows(2) {
            dense[pair[0] as usize][pair[1] as usize] += 1;
        }
        assert_eq!(counts.transitions(), dense.iter().flatten().filter(|c| **c > 0).count());
        for (previous, row) in dense.iter().enumerate() {
            let found: Vec<_> = counts.next(previous as u32).collect();
            let mut want: Vec<_> =
                row.iter().enumerate().filter(|(_, c)| **c > 0).map(|(t, &c)| (t as u32, c)).collect();
            want.sort_by_key(|&(token, count)| (std::cmp::Reverse(count), token));
            assert_eq!(found, want, "after {previous}");
        }
        for token in 0..vocab as u32 {
            assert_eq!(counts.count(token) as usize, training.iter().filter(|t| **t == token).count());
        }
        assert_eq!(counts.unigram().map(|(_, c)| c as usize).sum::<usize>(), training.len());
        let mut pairs: Vec<_> = (0..vocab)
            .flat_map(|a| (0..vocab).map(move |b| (a as u32, b as u32)))
            .map(|(a, b)| (a, b, dense[a as usize][b as usize]))
            .filter(|p| p.2 > 0)
            .collect();
        pairs.sort_by_key(|&(a, b, count)| (std::cmp::Reverse(count), a, b));
        for n in [0, 1, 7, 40, pairs.len(), pairs.len() + 5] {
            assert_eq!(counts.commonest(n), pairs[..n.min(pairs.len())], "the {n} commonest");
        }
        for k in [1.0, 0.25, 1e-6] {
            let unigram = validation.iter().map(|&t| {
                let count = training.iter().filter(|s| **s == t).count() as f64;
                -((count + k) / (3000.0 + k * vocab as f64)).ln()
            });
            let want = unigram.sum::<f64>() / 500.0;
            assert!((counts.unigram_loss(&validation, k) - want).abs() < 1e-12);
            let bigram = validation.windows(2).map(|pair| {
                let row = &dense[pair[0] as usize];
                let total = f64::from(row.iter().sum::<u32>());
                -((f64::from(row[pair[1] as usize]) + k) / (total + k * vocab as f64)).ln()
            });
            let want = bigram.sum::<f64>() / 499.0;
            assert!((counts.bigram_loss(&validation, k) - want).abs() < 1e-12);
        }
    }

    #[test]
    fn a_markov_chain_has_the_entropy_of_its_rows() {
        // From 0: 0 with 3/4, 1 with 1/4; from 1: 0 with 1/2, 1 with 1/2. It stays in 0 for 2/3 of the time.
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let mut chain = vec![0u32];
        for _ in 0..400_000 {
            let drawn = generator.next_u32() % 4;
            let stays = if chain[chain.len() - 1] == 0 { drawn < 3 } else { drawn < 2 };
            chain.push(u32::from(!stays));
        }
        let counts = Counts::of(&chain, 2);
        let entropy = |p: f64| -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
        let want = 2.0 / 3.0 * entropy(0.75) + 1.0 / 3.0 * entropy(0.5);
        assert!((counts.conditional_entropy() - want).abs() < 2e-3, "{} for {want}", counts.conditional_entropy());
        assert!((counts.unigram_entropy() - entropy(1.0 / 3.0)).abs() < 2e-3);
        // Unsmoothed, the text itself costs its own entropy.
        assert!((counts.unigram_loss(&chain, 0.0) - counts.unigram_entropy()).abs() < 1e-9);
        assert!((counts.bigram_loss(&chain, 0.0) - counts.conditional_entropy()).abs() < 1e-9);
    }

    #[test]
    fn what_was_never_seen_costs_all_without_smoothing() {
        let counts = Counts::of(&[0, 1, 0, 1, 2], 5);
        assert_eq!(counts.unigram_loss(&[0, 3], 0.0), f64::INFINITY);
        assert_eq!(counts.bigram_loss(&[1, 1], 0.0), f64::INFINITY);
        assert_eq!(counts.bigram_loss(&[2, 0], 0.0), f64::INFINITY, "2 has no successor at all");
        assert_eq!(counts.bigram_loss(&[4, 9], 0.0), f64::INFINITY);
        assert!((counts.bigram_loss(&[2, 0], 1.0) - 5f64.ln()).abs() < 1e-12, "uniform");
        assert!(counts.unigram_loss(&[9], 1.0).is_finite());
        assert!(counts.unigram_loss(&[], 1.0).is_nan() && counts.bigram_loss(&[1], 1.0).is_nan());
    }

    #[test]
    fn no_token_and_one_token_have_no_pair() {
        for text in [&[][..], &[3][..]] {
            let counts = Counts::of(text, 4);
            assert_eq!((counts.transitions(), counts.commonest(3), counts.next(3).count()), (0, Vec::new(), 0));
            assert_eq!((counts.unigram_entropy(), counts.conditional_entropy()), (0.0, 0.0));
        }
        assert_eq!(Counts::of(&[], 0).count(7), 0);
        assert_eq!(Counts::of(&[], 0).next(u32::MAX).count(), 0);
    }

    #[test]
    fn a_million_tokens_of_a_wide_vocabulary_need_no_dense_table() {
        let text = tokens(5, 1_000_000, 50_000);
        let counts = Counts::of(&text, 50_000);
        let ends: usize = (0..50_000).map(|t| counts.next(t).map(|(_, c)| c as usize).sum::<usize>()).sum();
        assert_eq!(ends, 999_999);
        assert!(counts.bigram_loss(&text[..1000], 0.1) < counts.unigram_loss(&text[..1000], 0.1));
    }
}
