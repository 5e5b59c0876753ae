//! The nonlinearities of activation.wgsl and their derivatives, over slices.

use super::lanes::{exp, sigmoid};

/// By its number, [`crate::config::Activation::code`]: f(x), and y · f'(x).
macro_rules! activations {
    ($($code:literal: $value:expr, $slope:expr;)+) => {
        /// The nonlinearity of a number, in place.
        #[inline(always)]
        pub fn activate(code: usize, x: &mut [f32]) {
            match code {
                $($code => each(x, $value),)+
                _ => {}
            }
        }

        /// y ∘= activation'(x)
        #[inline(always)]
        pub fn times_slope(code: usize, y: &mut [f32], x: &[f32]) {
            match code {
                $($code => each_with(y, x, $slope),)+
                _ => {}
            }
        }
    };
}

activations! {
    1: |x| if x < 0.0 { 0.0 } else { x }, |y, x| if x > 0.0 { y } else { 0.0 };
    2: |x| x * normal(x).0, |y, x| y * gelu_slope(x);
    3: |x| x * (0.5 * (1.0 + tanh(0.797_884_6 * (x + 0.044_715 * x * x * x)))), |y, x| y * gelu_tanh_slope(x);
    4: |x| x * sigmoid(x), |y, x| y * silu_slope(x, sigmoid(x));
    5: |x| x * if x < 0.0 { 0.0 } else { x }, |y, x| y * if x < 0.0 { 0.0 } else { 2.0 * x };
}

#[inline(always)]
fn each(x: &mut [f32], value: impl Fn(f32) -> f32) {
    x.iter_mut().for_each(|x| *x = value(*x));
}

#[inline(always)]
fn each_with(y: &mut [f32], x: &[f32], slope: impl Fn(f32, f32) -> f32) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y = slope(*y, x));
}

/// tanh x = 1 − 2 / (e^2x + 1)
#[inline(always)]
fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

/// Φ(x), the distribution function of a normal variable, and e^(−x²/2), which both Φ and its derivative are made of:
/// Φ(x) = ½ (1 + erf(x / √2)), |error| < 3e-7 (Abramowitz and Stegun, 7.1.26).
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
    let bell = exp(-0.5 * x * x);
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let poly = t * (0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4))));
    (0.5 + 0.5 * (1.0 - poly * bell).copysign(x), bell)
}

/// Φ(x) + x φ(x)
#[inline(always)]
fn gelu_slope(x: f32) -> f32 {
    let (below, bell) = normal(x);
    below + x * 0.398_942_3 * bell
}

#[inline(always)]
fn gelu_tanh_slope(x: f32) -> f32 {
    let t = tanh(0.797_884_6 * (x + 0.044_715 * x * x * x));
    0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.797_884_6 * (1.0 + 0.134_145 * x * x)
}

/// The derivative of x σ(x).
#[inline(always)]
pub fn silu_slope(x: f32, sigmoid: f32) -> f32 {
    sigmoid * (1.0 + x * (1.0 - sigmoid))
}
