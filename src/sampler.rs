//! Logits → next token: temperature, top-k, seeded draws.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Why no token can be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SamplerError {
    /// The model's output is not a number.
    #[error("{count} of {vocab} logits are not finite numbers")]
    NotFinite {
        /// How many.
        count: usize,
        /// Of how many.
        vocab: usize,
    },
    /// A temperature below zero or not a number.
    #[error("temperature is {0}; it must be 0 (greedy) or above")]
    Temperature(f32),
}

/// Draws tokens.
#[derive(Clone, Debug)]
pub struct Sampler {
    temperature: f32,
    top_k: usize,
    generator: ChaCha8Rng,
}

impl Sampler {
    /// `temperature` divides the logits, 0 takes the likeliest; `top_k` keeps the k likeliest, 0 keeps all; the seed fixes
    /// the draws.
    ///
    /// # Errors
    /// [`SamplerError::Temperature`].
    pub fn new(temperature: f32, top_k: u32, seed: u32) -> Result<Self, SamplerError> {
        if !(temperature >= 0.0 && temperature.is_finite()) {
            return Err(SamplerError::Temperature(temperature));
        }
        Ok(Self { temperature, top_k: top_k as usize, generator: ChaCha8Rng::seed_from_u64(seed.into()) })
    }

    /// The next token for logits [vocab]: softmax(logits / temperature) over the top k, one draw. Ties go to the smaller id.
    ///
    /// # Errors
    /// [`SamplerError::NotFinite`].
    pub fn draw(&mut self, logits: &[f32]) -> Result<u32, SamplerError> {
        let count = logits.iter().filter(|z| !z.is_finite()).count();
        if count > 0 {
            return Err(SamplerError::NotFinite { count, vocab: logits.len() });
        }
        let mut ids: Vec<u32> = (0..logits.len() as u32).collect();
        let by_logit = |a: &u32, b: &u32| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b));
        if self.temperature == 0.0 {
            return Ok(ids.into_iter().min_by(by_logit).unwrap_or(0));
        }
        if self.top_k > 0 && self.top_k < ids.len() {
            ids.select_nth_unstable_by(self.top_k - 1, by_logit);
            ids.truncate(self.top_k);
            // selection leaves an order of its own: the draw must not depend on it
            ids.sort_unstable();
        }
        let highest = ids.iter().map(|&i| logits[i as usize]).fold(f32::NEG_INFINITY, f32::max);
        let weight = |i: u32| f64::from((logits[i as usize] - highest) / self.temperature).exp();
        let total: f64 = ids.iter().map(|&i| weight(i)).sum();
        // 53 bits: what an f64 holds
        let mut left = (self.generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64 * total;
        for &i in &ids {
            left -= weight(i);
            if left < 0.0 {
                return Ok(i);
            }
        }
        // rounding may leave a hair
        Ok(*ids.last().unwrap_or(&0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greedy_takes_the_likeliest_and_the_smaller_id_of_a_tie() {
        let mut sampler = Sampler::new(0.0, 0, 1).unwrap();
        assert_eq!(sampler.draw(&[0.0, 3.0, 1.0, 3.0]), Ok(1));
    }

    #[test]
    fn draws_follow_the_softmax_of_the_top_k() {
        let logits = [0.0, 1.0, 2.0, -1.0];
        for (temperature, top_k, allowed) in
            [(1.0, 0, vec![0, 1, 2, 3]), (0.5, 2, vec![1, 2]), (2.0, 9, vec![0, 1, 2, 3])]
        {
            let mut sampler = Sampler::new(temperature, top_k, 3).unwrap();
            let draws = 20_000;
            let mut counts = [0usize; 4];
            for _ in 0..draws {
                counts[sampler.draw(&logits).unwrap() as usize] += 1;
            }
            let weights: Vec<f64> = (0..4)
                .map(|i| if allowed.contains(&i) { f64::from(logits[i] / temperature).exp() } else { 0.0 })
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
            let mut sampler = Sampler::new(1.0, 0, seed).unwrap();
            (0..40).map(|_| sampler.draw(&[0.0; 50]).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let mut sampler = Sampler::new(1.0, 0, 1).unwrap();
        assert_eq!(sampler.draw(&[0.0, f32::NAN, f32::INFINITY]), Err(SamplerError::NotFinite { count: 2, vocab: 3 }));
        assert!(Sampler::new(-0.5, 0, 1).is_err());
        assert!(Sampler::new(f32::NAN, 0, 1).is_err());
    }
}
