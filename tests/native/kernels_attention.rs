//! attention.wgsl and ops::attention against plain loops in f64: the definition forwards, the textbook gradient of the
//! softmax backwards (itself held against central differences).

use crate::harness::{Data, close, device, on_each, random, run};
use fledgling::device::Plan;
use fledgling::kernels::Step;
use fledgling::ops::attention::Attention;
use fledgling::tape::{Dispatch, Life, Region, Tape};

const STEP_WORDS: usize = size_of::<Step>() / 4;
const STEP: Step = Step {
    step: 7,
    seed: 1234,
    training: 1,
    slot: 0,
    learning_rate: 0.0,
    correction1: 0.0,
    correction2: 0.0,
    part: 1,
    share: 1.0,
    first_row: 0,
    unused1: 0,
    unused2: 0,
};
/// Window of the step where its part begins.
const FIRST_WINDOW: usize = 3;
const SITE: u32 = 5;
const RATE: f32 = 0.2;

#[derive(Clone, Copy, Debug)]
struct Case {
    batch: usize,
    seq: usize,
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
    causal: bool,
    dropout: bool,
}

/// Every value of every axis, and each next to several of the others.
const CASES: &[Case] = &[
    Case { batch: 3, seq: 1, heads: 1, kv_heads: 1, head_dim: 1, causal: true, dropout: false },
    Case { batch: 2, seq: 3, heads: 4, kv_heads: 4, head_dim: 9, causal: true, dropout: true },
    Case { batch: 2, seq: 7, heads: 4, kv_heads: 2, head_dim: 12, causal: false, dropout: true },
    Case { batch: 2, seq: 33, heads: 4, kv_heads: 1, head_dim: 16, causal: true, dropout: false },
    Case { batch: 1, seq: 65, heads: 3, kv_heads: 3, head_dim: 64, causal: true, dropout: true },
    Case { batch: 1, seq: 129, heads: 4, kv_heads: 2, head_dim: 128, causal: true, dropout: false },
    Case { batch: 1, seq: 129, heads: 4, kv_heads: 2, head_dim: 9, causal: false, dropout: false },
    Case { batch: 5, seq: 7, heads: 1, kv_heads: 1, head_dim: 16, causal: true, dropout: false },
    Case { batch: 2, seq: 65, heads: 1, kv_heads: 1, head_dim: 16, causal: false, dropout: false },
    Case { batch: 2, seq: 33, heads: 3, kv_heads: 3, head_dim: 9, causal: true, dropout: true },
    Case { batch: 1, seq: 65, heads: 4, kv_heads: 1, head_dim: 12, causal: false, dropout: true },
    Case { batch: 1, seq: 3, heads: 4, kv_heads: 4, head_dim: 64, causal: true, dropout: true },
    Case { batch: 1, seq: 33, heads: 4, kv_heads: 4, head_dim: 128, causal: true, dropout: false },
    Case { batch: 2, seq: 33, heads: 2, kv_heads: 1, head_dim: 32, causal: true, dropout: true },
    Case { batch: 1, seq: 33, heads: 2, kv_heads: 2, head_dim: 36, causal: true, dropout: true },
];

/// What attention means, and its gradients, for `grad_out` coming in.
struct Reference {
    out: Vec<f64>,
    log_sum_exp: Vec<f64>,
    /// [batch, heads, seq, seq], before dropout.
    weights: Vec<f64>,
    delta: Vec<f64>,
    grad_qkv: Vec<f64>,
}

/// PCG's output function, as shaders/dropout.wgsl documents it.
fn pcg(value: u32) -> u32 {
    let state = value.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}

/// Of an element of a part that begins at window [`FIRST_WINDOW`] of its step.
fn kept(index: usize) -> f64 {
    let key = pcg(SITE.wrapping_add(pcg(STEP.step.wrapping_add(pcg(STEP.seed)))));
    let draw = (pcg(index as u32 ^ key) >> 8) as f32 / 16_777_216.0;
    if draw < RATE { 0.0 } else { 1.0 / (1.0 - f64::from(RATE)) }
}

impl Case {
    fn stride(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.head_dim
    }
    fn rows(&self) -> usize {
        self.batch * self.seq
    }
    fn width(&self) -> usize {
        self.heads * self.head_dim
    }
    fn statistics(&self) -> usize {
        self.batch * self.heads * self.seq
    }

    fn op(&self) -> (Attention, Region) {
        let step = Tape::default().buffer("step", STEP_WORDS, Life::Kept);
        let &Case { batch, seq, heads, kv_heads, head_dim, causal, dropout } = self;
        (
            Attention { batch, seq, heads, kv_heads, head_dim, causal, dropout: dropout.then_some((SITE, RATE, step)) },
            step,
        )
    }

    fn reference(&self, qkv: &[f64], grad_out: &[f64]) -> Reference {
        let Case { batch, seq, heads, kv_heads, head_dim, causal, dropout } = *self;
        let scale = 1.0 / (head_dim as f64).sqrt();
        let mut r = Reference {
            out: vec![0.0; self.rows() * self.width()],
            log_sum_exp: vec![0.0; self.statistics()],
            weights: vec![0.0; self.statistics() * seq],
            delta: vec![0.0; self.statistics()],
            grad_qkv: vec![0.0; qkv.len()],
        };
        for b in 0..batch {
            for h in 0..heads {
                let series = b * heads + h;
                let group = h / (heads / kv_heads);
                let query = |i: usize| (b * seq + i) * self.stride() + h * head_dim;
                let key = |j: usize| (b * seq + j) * self.stride() + (heads + group) * head_dim;
                let value = |j: usize| key(j) + kv_heads * head_dim;
                for i in 0..seq {
                    let seen = if causal { i + 1 } else { seq };
                    let dot = |x: &[f64], a: usize, y: &[f64], b: usize| {
                        (0..head_dim).map(|d| x[a + d] * y[b + d]).sum::<f64>()
                    };
                    let scores: Vec<f64> = (0..seen).map(|j| dot(qkv, query(i), qkv, key(j)) * scale).collect();
                    let top = scores.iter().copied().fold(f64::MIN, f64::max);
                    let sum: f64 = scores.iter().map(|s| (s - top).exp()).sum();
                    r.log_sum_exp[series * seq + i] = top + sum.ln();
                    let p: Vec<f64> = scores.iter().map(|s| (s - top).exp() / sum).collect();
                    let mask: Vec<f64> = (0..seen)
                        .map(
                            |j| if dropout { kept(((FIRST_WINDOW * heads + series) * seq + i) * seq + j) } else { 1.0 },
                        )
                        .collect();
                    let out = (b * seq + i) * self.width() + h * head_dim;
                    for j in 0..seen {
                        r.weights[(series * seq + i) * seq + j] = p[j];
                        for d in 0..head_dim {
                            r.out[out + d] += p[j] * mask[j] * qkv[value(j) + d];
                        }
                    }
                    // The softmax's gradient as textbooks have it: dS_j = P_j (dP_j − Σ_k P_k dP_k).
                    let grad_p: Vec<f64> = (0..seen).map(|j| mask[j] * dot(grad_out, out, qkv, value(j))).collect();
                    let mean: f64 = p.iter().zip(&grad_p).map(|(p, g)| p * g).sum();
                    r.delta[series * seq + i] = mean;
                    for j in 0..seen {
                        let grad_score = p[j] * (grad_p[j] - mean) * scale;
                        for d in 0..head_dim {
                            r.grad_qkv[query(i) + d] += grad_score * qkv[key(j) + d];
                            r.grad_qkv[key(j) + d] += grad_score * qkv[query(i) + d];
                            r.grad_qkv[value(j) + d] += p[j] * mask[j] * grad_out[out + d];
                        }
                    }
                }
            }
        }
        r
    }
}

fn step(case: &Case) -> Step {
    Step { first_row: (FIRST_WINDOW * case.seq) as u32, ..STEP }
}

fn f64s(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}
fn f32s(values: &[f64]) -> Data {
    Data::F32(values.iter().map(|&v| v as f32).collect())
}

fn run_dispatch(dispatch: &Dispatch, data: &[Data]) -> Vec<Vec<f32>> {
    let params: [u32; 8] = bytemuck::pod_read_unaligned(&dispatch.params);
    run(dispatch.kernel, &dispatch.overrides, &params, dispatch.grid, data)
}

/// What a case's kernels give, each fed with the reference's statistics: out, log_sum_exp, delta, grad_qkv. Fails where a
/// backward pass writes the other's part of grad_qkv or leaves a hole in its own.
fn run_case(case: &Case, qkv: &[f32], grad_out: &[f32], reference: &Reference) -> [Vec<f32>; 4] {
    let (op, any) = case.op();
    let step = if case.dropout {
        Data::U32(bytemuck::cast::<Step, [u32; STEP_WORDS]>(step(case)).to_vec())
    } else {
        Data::Nothing
    };
    let qkv_data = Data::F32(qkv.to_vec());
    let forward = op.forward(any, any, any);
    assert_eq!(forward.len(), 1);
    let made = run_dispatch(
        &forward[0],
        &[
            step.clone(),
            qkv_data.clone(),
            Data::Out(case.rows() * case.width()),
            Data::Out(case.statistics()),
            Data::Nothing,
        ],
    );
    let backward = op.backward(any, any, any, any, any, any);
    assert_eq!(backward.len(), 2);
    let lse = f32s(&reference.log_sum_exp);
    let grad = Data::F32(grad_out.to_vec());
    let made_q = run_dispatch(
        &backward[0],
        &[
            step.clone(),
            qkv_data.clone(),
            f32s(&reference.out),
            lse.clone(),
            grad.clone(),
            Data::Out(case.statistics()),
            Data::Out(qkv.len()),
        ],
    );
    let made_kv =
        run_dispatch(&backward[1], &[step, qkv_data, lse, grad, f32s(&reference.delta), Data::Out(qkv.len())]);
    let mut grad_qkv = Vec::new();
    for (at, (q, kv)) in made_q[6].iter().zip(&made_kv[5]).enumerate() {
        let (mine, other) = if at % case.stride() < case.width() { (q, kv) } else { (kv, q) };
        assert!(other.is_nan(), "{case:?}: word {at} of grad_qkv belongs to the other pass");
        grad_qkv.push(*mine);
    }
    [made[2].clone(), made[3].clone(), made_q[5].clone(), grad_qkv]
}

pub fn attention_forward_and_backward() {
    for case in CASES {
        let (qkv, grad_out) = (random(1, case.rows() * case.stride()), random(2, case.rows() * case.width()));
        let reference = case.reference(&f64s(&qkv), &f64s(&grad_out));
        let [out, log_sum_exp, delta, grad_qkv] = run_case(case, &qkv, &grad_out, &reference);
        let name = |what: &str| format!("{what} of {case:?}");
        close(&name("out"), &out, &reference.out, 1e-4, 1e-5);
        close(&name("log_sum_exp"), &log_sum_exp, &reference.log_sum_exp, 1e-4, 1e-5);
        close(&name("delta"), &delta, &reference.delta, 1e-3, 1e-5);
        close(&name("grad_qkv"), &grad_qkv, &reference.grad_qkv, 1e-3, 1e-5);
    }
}

#[test]
fn attention_reference_gradient_is_the_difference_quotient() {
    let case = Case { batch: 2, seq: 5, heads: 4, kv_heads: 2, head_dim: 3, causal: true, dropout: true };
    let qkv = f64s(&random(1, case.rows() * case.stride()));
    let r = f64s(&random(2, case.rows() * case.width()));
    let loss = |qkv: &[f64]| -> f64 { case.reference(qkv, &r).out.iter().zip(&r).map(|(a, b)| a * b).sum() };
    let want: Vec<f64> = (0..qkv.len())
        .map(|at| {
            let (mut up, mut down) = (qkv.clone(), qkv.clone());
            up[at] += 1e-5;
            down[at] -= 1e-5;
            (loss(&up) - loss(&down)) / 2e-5
        })
        .collect();
    let got: Vec<f32> = case.reference(&qkv, &r).grad_qkv.iter().map(|&g| g as f32).collect();
    close("grad_qkv", &got, &want, 1e-5, 1e-7);
}

/// Scores near ±80 and weights near 0 and 1: exp of a score alone would overflow.
pub fn attention_large_scores() {
    let case = Case { batch: 1, seq: 33, heads: 4, kv_heads: 2, head_dim: 16, causal: true, dropout: false };
    let mut qkv = random(1, case.rows() * case.stride());
    for row in qkv.chunks_mut(case.stride()) {
        row[..96].iter_mut().for_each(|x| *x *= 12.0);
    }
    let grad_out = random(2, case.rows() * case.width());
    let reference = case.reference(&f64s(&qkv), &f64s(&grad_out));
    let largest = reference.log_sum_exp.iter().copied().fold(f64::MIN, f64::max);
    assert!(largest > 80.0, "largest {largest}");
    let [out, log_sum_exp, _, grad_qkv] = run_case(&case, &qkv, &grad_out, &reference);
    // A score of 80 carries an error of 80 · 2^-24 · a few, and its weight the same error relatively.
    close("out", &out, &reference.out, 1e-3, 1e-4);
    close("log_sum_exp", &log_sum_exp, &reference.log_sum_exp, 1e-4, 1e-4);
    close("grad_qkv", &grad_qkv, &reference.grad_qkv, 1e-3, 1e-3);
}

pub fn attention_weights() {
    for (case, head) in [
        (Case { batch: 1, seq: 33, heads: 4, kv_heads: 2, head_dim: 16, causal: true, dropout: false }, 3),
        (Case { batch: 2, seq: 7, heads: 4, kv_heads: 1, head_dim: 9, causal: false, dropout: false }, 2),
        (Case { batch: 1, seq: 1, heads: 1, kv_heads: 1, head_dim: 16, causal: true, dropout: true }, 0),
    ] {
        let qkv = random(1, case.rows() * case.stride());
        let reference = case.reference(&f64s(&qkv), &vec![0.0; case.rows() * case.width()]);
        let (op, any) = case.op();
        let dispatch = op.weights(any, any, head, any);
        let data = [Data::F32(qkv), f32s(&reference.log_sum_exp), Data::Out(case.seq * case.seq)];
        let got = run_dispatch(&dispatch, &data)[2].clone();
        let square = case.seq * case.seq;
        close(&format!("weights of {case:?}"), &got, &reference.weights[head * square..][..square], 1e-4, 1e-6);
        for row in got.chunks(case.seq) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }
}

/// All of a layer in one recording: forward's statistics are what backward and the view read.
pub fn attention_layer() {
    let device = device();
    let case = Case { batch: 2, seq: 33, heads: 4, kv_heads: 2, head_dim: 16, causal: true, dropout: true };
    let (qkv, grad_out) = (random(1, case.rows() * case.stride()), random(2, case.rows() * case.width()));
    let reference = case.reference(&f64s(&qkv), &f64s(&grad_out));
    let mut tape = Tape::default();
    let mut buffer = |name: &str, words| tape.buffer(name, words, Life::Kept);
    let op = Attention { dropout: Some((SITE, RATE, buffer("step", STEP_WORDS))), ..case.op().0 };
    let (x, g) = (buffer("qkv", qkv.len()), buffer("grad_out", grad_out.len()));
    let (out, lse) = (buffer("out", grad_out.len()), buffer("log_sum_exp", case.statistics()));
    let (delta, grad_qkv) = (buffer("delta", case.statistics()), buffer("grad_qkv", qkv.len()));
    let weights = buffer("weights", case.seq * case.seq);
    let mut dispatches = op.forward(x, out, lse);
    dispatches.push(op.weights(x, lse, 1, weights));
    dispatches.extend(op.backward(x, out, lse, g, delta, grad_qkv));
    dispatches.into_iter().for_each(|d| tape.dispatch(d));
    let mut store = device.store();
    let plan = pollster::block_on(Plan::new(device, &mut store, &tape.finish_forward())).unwrap();
    plan.write(device, "step", 0, &[step(&case)]).unwrap();
    plan.write(device, "qkv", 0, &qkv).unwrap();
    plan.write(device, "grad_out", 0, &grad_out).unwrap();
    plan.replay(device, &[plan.all()], 1);
    let read = |name: &str, words| pollster::block_on(plan.read::<f32>(device, name, 0..words)).unwrap();
    close("out", &read("out", grad_out.len()), &reference.out, 1e-4, 1e-5);
    close("grad_qkv", &read("grad_qkv", qkv.len()), &reference.grad_qkv, 1e-3, 1e-5);
    let square = case.seq * case.seq;
    close("weights", &read("weights", square), &reference.weights[square..2 * square], 1e-4, 1e-5);
}

on_each!(attention_forward_and_backward, attention_large_scores, attention_weights, attention_layer);
