//! The whole model in plain loops, in f64, forwards only. It shares no code with `src/` but the names of the choices, so
//! that a mistake there is not repeated here; dropout is left out. The golden cases say that it is right, and central
//! differences of it are what the WGSL gradients are held against.

use crate::golden::cases;
use fledgling::config::{Activation, ModelConfig, Norm, NormPlace, Objective, Positions};
use std::collections::BTreeMap;
use std::f64::consts::PI;

/// Parameters by dotted path, each flat and row-major.
pub type Weights = BTreeMap<String, Vec<f64>>;

/// tokens [batch, seq] → logits [batch, seq, vocab].
pub fn logits(m: &ModelConfig, w: &Weights, tokens: &[u32], batch: usize) -> Vec<f64> {
    tokens
        .chunks(tokens.len() / batch)
        .flat_map(|window| Reference { m, w, seq: window.len() }.forward(window))
        .collect()
}

/// Mean cross-entropy in nats; tokens and targets [batch, seq].
pub fn loss(m: &ModelConfig, objective: Objective, w: &Weights, tokens: &[u32], targets: &[u32], batch: usize) -> f64 {
    let (logits, seq) = (logits(m, w, tokens, batch), tokens.len() / batch);
    let (mut sum, mut count) = (0.0, 0.0);
    for (position, (row, &target)) in logits.chunks(m.vocab).zip(targets).enumerate() {
        if objective == Objective::LastPosition && position % seq != seq - 1 {
            continue;
        }
        let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = row.iter().map(|x| (x - top).exp()).sum();
        sum += top + total.ln() - row[target as usize];
        count += 1.0;
    }
    sum / count
}

/// One window's pass. Activations are [seq, columns], flat.
struct Reference<'a> {
    m: &'a ModelConfig,
    w: &'a Weights,
    seq: usize,
}

impl Reference<'_> {
    fn forward(&self, tokens: &[u32]) -> Vec<f64> {
        let (m, width) = (self.m, self.m.width);
        let embedding = &self.w["embedding.token.weight"];
        let mut x = Vec::new();
        for (t, &token) in tokens.iter().enumerate() {
            for c in 0..width {
                let place = match m.positions {
                    Positions::Learned => self.w["embedding.position.weight"][t * width + c],
                    Positions::Sinusoidal => {
                        let angle = t as f64 * (-(10_000f64.ln()) * (c - c % 2) as f64 / width as f64).exp();
                        if c % 2 == 0 { angle.sin() } else { angle.cos() }
                    }
                    Positions::Rotary | Positions::None => 0.0,
                };
                x.push(embedding[token as usize * width + c] + place);
            }
        }
        for i in 0..m.layers {
            if m.attention {
                x = self.residual(&format!("block.{i}.attention_norm"), x, |x| self.attention(i, x));
            }
            if m.mlp {
                x = self.residual(&format!("block.{i}.mlp_norm"), x, |x| self.mlp(i, x));
            }
        }
        if m.final_norm {
            x = self.norm("final_norm", &x);
        }
        let head = if m.tied { embedding } else { &self.w["head.weight"] };
        let mut y = Vec::new();
        for row in x.chunks(width) {
            for v in 0..m.vocab {
                let dot: f64 = (0..width).map(|c| row[c] * head[v * width + c]).sum();
                y.push(if m.head_bias { dot + self.w["head.bias"][v] } else { dot });
            }
        }
        y
    }

    fn residual(&self, norm: &str, x: Vec<f64>, branch: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
        match self.m.norm_place {
            NormPlace::Pre => sum(&x, &branch(&self.norm(norm, &x))),
            NormPlace::Post => self.norm(norm, &sum(&x, &branch(&x))),
        }
    }

    fn norm(&self, name: &str, x: &[f64]) -> Vec<f64> {
        if self.m.norm == Norm::None {
            return x.to_vec();
        }
        let width = self.m.width as f64;
        let gain = &self.w[&format!("{name}.gain")];
        let bias = self.w.get(&format!("{name}.bias"));
        let mut y = Vec::new();
        for row in x.chunks(self.m.width) {
            let mean = match self.m.norm {
                Norm::None => unreachable!(),
                Norm::Layer => row.iter().sum::<f64>() / width,
                Norm::Rms => 0.0,
            };
            let variance = row.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / width;
            let deviation = (variance + self.m.norm_epsilon).sqrt();
            for (c, v) in row.iter().enumerate() {
                y.push((v - mean) / deviation * gain[c] + bias.map_or(0.0, |b| b[c]));
            }
        }
        y
    }

    /// y = x · W + b; W is [in, out].
    fn linear(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let weight = &self.w[&format!("{name}.weight")];
        let bias = self.w.get(&format!("{name}.bias"));
        let rows = x.len() / self.seq;
        let columns = weight.len() / rows;
        let mut y = Vec::new();
        for row in x.chunks(rows) {
            for c in 0..columns {
                let dot: f64 = (0..rows).map(|r| row[r] * weight[r * columns + c]).sum();
                y.push(dot + bias.map_or(0.0, |b| b[c]));
            }
        }
        y
    }

    fn attention(&self, i: usize, x: &[f64]) -> Vec<f64> {
        let m = self.m;
        let head = m.width / m.heads;
        let columns = (m.heads + 2 * m.kv_heads) * head;
        let qkv = self.linear(&format!("block.{i}.attention.qkv"), x);
        // One head's vector at one position; `number` counts through all q, all k, all v heads.
        let vector = |t: usize, number: usize| &qkv[t * columns + number * head..][..head];
        let turned = |t: usize, number: usize| match m.positions {
            Positions::Rotary => rotate(vector(t, number), t, m.rotary_base),
            _ => vector(t, number).to_vec(),
        };
        let mut joined = vec![0.0; self.seq * m.width];
        for h in 0..m.heads {
            let group = h / (m.heads / m.kv_heads);
            for t in 0..self.seq {
                let query = turned(t, h);
                let seen = if m.causal { t + 1 } else { self.seq };
                let scores: Vec<f64> = (0..seen)
                    .map(|s| {
                        let key = turned(s, m.heads + group);
                        query.iter().zip(&key).map(|(a, b)| a * b).sum::<f64>() / (head as f64).sqrt()
                    })
                    .collect();
                let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = scores.iter().map(|s| (s - top).exp()).sum();
                for (s, score) in scores.iter().enumerate() {
                    let value = vector(s, m.heads + m.kv_heads + group);
                    for c in 0..head {
                        joined[t * m.width + h * head + c] += (score - top).exp() / total * value[c];
                    }
                }
            }
        }
        if m.attention_output { self.linear(&format!("block.{i}.attention.output"), &joined) } else { joined }
    }

    fn mlp(&self, i: usize, x: &[f64]) -> Vec<f64> {
        let up = self.linear(&format!("block.{i}.mlp.up"), x);
        let f = |x: &f64| nonlinearity(self.m.activation, *x);
        let hidden: Vec<f64> = if self.m.activation == Activation::Swiglu {
            self.linear(&format!("block.{i}.mlp.gate"), x).iter().zip(&up).map(|(gate, up)| f(gate) * up).collect()
        } else {
            up.iter().map(f).collect()
        };
        self.linear(&format!("block.{i}.mlp.down"), &hidden)
    }
}

/// The feed-forward layer's nonlinearity; of SwiGLU, the gate's.
pub fn nonlinearity(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Relu => x.max(0.0),
        Activation::ReluSquared => x.max(0.0) * x.max(0.0),
        Activation::Silu | Activation::Swiglu => x / (1.0 + (-x).exp()),
        Activation::Gelu => 0.5 * x * (1.0 + erf(x / 2f64.sqrt())),
        Activation::GeluTanh => 0.5 * x * (1.0 + ((2.0 / PI).sqrt() * (x + 0.044_715 * x * x * x)).tanh()),
    }
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// Pair i with i + head/2, turned by position · base^(−2i/head).
fn rotate(x: &[f64], position: usize, base: f64) -> Vec<f64> {
    let half = x.len() / 2;
    let mut y = x.to_vec();
    for i in 0..half {
        let (sin, cos) = (position as f64 * base.powf(-2.0 * i as f64 / x.len() as f64)).sin_cos();
        y[i] = x[i] * cos - x[i + half] * sin;
        y[i + half] = x[i + half] * cos + x[i] * sin;
    }
    y
}

/// erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!! (Abramowitz and Stegun 7.1.6): every term has x's sign, none cancels.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum(); // 1 − erf(6) is 2e-17
    }
    let (mut term, mut total, mut n) = (x, 0.0, 0.0);
    while total + term != total {
        total += term;
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
    }
    2.0 / PI.sqrt() * (-x * x).exp() * total
}

#[test]
fn erf_is_the_error_function() {
    let table =
        [(0.0, 0.0), (0.1, 0.112_462_916_018_284_9), (-0.5, -0.520_499_877_813_046_5), (1.0, 0.842_700_792_949_714_9)];
    for (x, want) in table.into_iter().chain([(3.5, 0.999_999_256_901_627_7), (-7.0, -1.0)]) {
        assert!((erf(x) - want).abs() < 1e-14, "erf({x}) = {}, want {want}", erf(x));
    }
}

#[test]
fn reference_computes_the_golden_logits_and_losses() {
    for case in cases() {
        let (m, objective) = (&case.config.model, case.config.training.objective);
        let (tokens, targets) = &case.batches[0];
        let got = logits(m, &case.reference_weights(), tokens, case.config.training.batch);
        let want = &case.expected["logits"];
        assert_eq!(got.len(), want.len(), "{}: logits", case.name);
        for (i, (g, &w)) in got.iter().zip(want).enumerate() {
            let w = f64::from(w);
            assert!((g - w).abs() <= 1e-6 + 1e-6 * w.abs(), "{}: logits[{i}]: got {g}, want {w}", case.name);
        }
        let got = loss(m, objective, &case.reference_weights(), tokens, targets, case.config.training.batch);
        let want = f64::from(case.expected["losses"][0]);
        assert!((got - want).abs() <= 1e-6 * want, "{}: loss: got {got}, want {want}", case.name);
    }
}

/// The step of the chain between forward and gradient: differences along one direction per tensor.
#[test]
fn differences_of_the_reference_are_the_golden_gradients() {
    for case in cases() {
        let t = &case.config.training;
        let (tokens, targets) = &case.batches[0];
        let start = case.reference_weights();
        for (seed, name) in start.keys().enumerate() {
            let gradient = &case.expected[&format!("grad.{name}")];
            let direction = crate::harness::random(seed as u64, gradient.len());
            let moved = |by: f64| {
                let mut w = start.clone();
                w.get_mut(name).unwrap().iter_mut().zip(&direction).for_each(|(w, &d)| *w += by * f64::from(d));
                loss(&case.config.model, t.objective, &w, tokens, targets, t.batch)
            };
            // 1e-5: the difference's own error, h² and 1e-16 / h, stays below 1e-9.
            let got = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            let want: f64 = gradient.iter().zip(&direction).map(|(&g, &d)| f64::from(g) * f64::from(d)).sum();
            let size: f64 = gradient.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>().sqrt();
            assert!((got - want).abs() <= 1e-5 * size + 1e-8, "{}: {name}: slope {got}, want {want}", case.name);
        }
    }
}
