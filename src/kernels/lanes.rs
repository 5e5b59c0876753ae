//! Arithmetic over slices in loops that a compiler turns into vectors: sums by lanes, exp and what is made of it, dropout.

use super::Step;

/// Partial sums of a sum.
const LANES: usize = 16;

/// Σ x·y.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let ((xs, x), (ys, y)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (x, y) in xs.iter().zip(ys) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    total(sums) + x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>()
}

/// Σ x.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub fn sum(x: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (xs, x) = x.as_chunks::<LANES>();
    for x in xs {
        for lane in 0..LANES {
            sums[lane] += x[lane];
        }
    }
    total(sums) + x.iter().sum::<f32>()
}

#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn total(mut sums: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    sums[0]
}

/// The largest, or NaN where one is not a number.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub fn largest(x: &[f32]) -> f32 {
    // A comparison passes over a NaN: it is counted apart.
    let (mut highest, mut nans) = ([f32::NEG_INFINITY; LANES], [0u32; LANES]);
    let (xs, rest) = x.as_chunks::<LANES>();
    for x in xs {
        for lane in 0..LANES {
            highest[lane] = if x[lane] > highest[lane] { x[lane] } else { highest[lane] };
            nans[lane] |= u32::from(x[lane].is_nan());
        }
    }
    let all = highest.iter().chain(rest).copied();
    let nan = nans.iter().any(|&n| n != 0) || rest.iter().any(|x| x.is_nan());
    if nan { f32::NAN } else { all.fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a }) }
}

/// y += x · factor
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub fn add_scaled(y: &mut [f32], x: &[f32], factor: f32) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += x * factor);
}

/// y += x
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub fn add(y: &mut [f32], x: &[f32]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += x);
}

/// eˣ, relative error below 2e-7; 0 below −87.3, +∞ above 88.3, NaN for NaN. Without a branch or a call, so that a loop of it
/// becomes vectors: 2ⁿ · e^r with n = ⌊x / ln 2⌉ and a polynomial for e^r (Cephes, `expf`).
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0; // 1.5 · 2²³: adding it rounds, and leaves the whole number in the low bits
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let n = shifted - MAGIC;
    // ln 2 in two parts, the first of which times n is exact.
    let r = x - n * (355.0 / 512.0) + n * 2.121_944_4e-4;
    let p = 1.987_569_2e-4;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let e = p * r * r + r + 1.0;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0f32.to_bits()));
    let value = e * power;
    let value = if x < -87.3 { 0.0 } else { value };
    if x > 88.3 { f32::INFINITY } else { value }
}

/// 1 / (1 + e^−x)
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The masks of one place in the model; shaders/dropout.wgsl says where they come from.
#[derive(Clone, Copy, Debug)]
pub struct Mask {
    key: u32,
    rate: f32,
    kept: f32,
}

impl Mask {
    /// None where nothing is dropped: outside training, or where the dispatch has no dropout.
    pub fn new(drops: bool, step: &Step, site: u32, rate: f32) -> Option<Self> {
        let key = pcg(site.wrapping_add(pcg(step.step.wrapping_add(pcg(step.seed)))));
        (drops && step.training != 0).then_some(Self { key, rate, kept: 1.0 / (1.0 - rate) })
    }

    /// What element `index` is multiplied by.
    #[inline(always)]
    pub fn scale(self, index: u32) -> f32 {
        let draw = (pcg(index ^ self.key) >> 8) as f32 / 16_777_216.0;
        if draw < self.rate { 0.0 } else { self.kept }
    }

    /// x[i] ·= scale of element `first` + i.
    #[inline(always)]
    pub fn apply(self, x: &mut [f32], first: usize) {
        for (x, index) in x.iter_mut().zip(first as u32..) {
            *x *= self.scale(index);
        }
    }
}

#[inline(always)]
fn pcg(value: u32) -> u32 {
    let state = value.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_exp() {
        for i in -8730..8830 {
            let x = i as f32 / 100.0 + 0.003;
            let want = f64::from(x).exp();
            let off = (f64::from(exp(x)) - want).abs() / want;
            assert!(off < 2e-7, "exp({x}) is off by {off:e}");
        }
        assert_eq!(exp(-88.0), 0.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(89.0), f32::INFINITY);
        assert_eq!(exp(f32::INFINITY), f32::INFINITY);
        assert!(exp(f32::NAN).is_nan());
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn sums_are_sums() {
        for count in [0, 1, 15, 16, 17, 100] {
            let x: Vec<f32> = (0..count).map(|i| i as f32).collect();
            assert_eq!(sum(&x), x.iter().sum::<f32>());
            assert_eq!(dot(&x, &x), x.iter().map(|x| x * x).sum::<f32>());
        }
        assert_eq!(largest(&[1.0, 3.0, 2.0]), 3.0);
        for count in 1..40 {
            let mut x: Vec<f32> = (0..count).map(|i| -2.0 - (i as f32)).collect();
            for at in 0..count {
                let old = std::mem::replace(&mut x[at], -1.0);
                assert_eq!(largest(&x), -1.0, "{count} {at}");
                x[at] = f32::NAN;
                assert!(largest(&x).is_nan(), "{count} {at}");
                x[at] = old;
            }
        }
    }
}
