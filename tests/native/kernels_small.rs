//! embed, cross_entropy, elementwise, rotary and optimizer against plain loops.
#![allow(clippy::needless_range_loop)] // plain loops over rows and columns are the point of a reference

use crate::harness::{Data, close, on_each, random, run};
use fledgling::dataset::sort_by_token;
use fledgling::kernels::{
    self as k, AdamParams, ColumnsParams, CrossEntropyParams, ElementwiseParams, EmbedParams, OptimizerParams,
    RotaryParams, SgdParams, Step,
};
use fledgling::tape::grid;

fn f64s(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// PCG's output function, as shaders/dropout.wgsl documents it.
fn pcg(value: u32) -> u32 {
    let state = value.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}

/// What element `index` is multiplied by.
fn dropout(step: &Step, site: u32, index: usize, rate: f32) -> f64 {
    if step.training == 0 {
        return 1.0;
    }
    let key = pcg(site.wrapping_add(pcg(step.step.wrapping_add(pcg(step.seed)))));
    let draw = (pcg(index as u32 ^ key) >> 8) as f32 / 16_777_216.0;
    if draw < rate { 0.0 } else { 1.0 / (1.0 - f64::from(rate)) }
}

fn step_data(step: &Step) -> Data {
    Data::U32(bytemuck::cast_slice(bytemuck::bytes_of(step)).to_vec())
}

const STEP: Step = Step {
    step: 5,
    seed: 9,
    training: 1,
    slot: 3,
    learning_rate: 0.01,
    correction1: 0.4,
    correction2: 0.2,
    part: 0,
    share: 1.0,
    first_row: 7,
    unused1: 0,
    unused2: 0,
};

pub fn embed_forward_and_backward() {
    for (batch, seq, width, vocab, positions, training) in
        [(1, 1, 1, 1, false, 1), (2, 7, 3, 5, true, 1), (3, 43, 36, 67, true, 0), (1, 257, 9, 300, false, 1)]
    {
        let (rows, step) = (batch * seq, Step { training, ..STEP });
        let params = EmbedParams {
            rows: rows as u32,
            seq: seq as u32,
            width: width as u32,
            vocab: vocab as u32,
            site: 4,
            dropout: 0.3,
        };
        let ids: Vec<u32> = random(1, rows).iter().map(|x| ((x + 1.0) * 0.5 * vocab as f32) as u32).collect();
        let (token, position) = (random(2, vocab * width), random(3, seq * width));
        let scale = |at| dropout(&step, 4, 7 * width + at, 0.3);
        let mut want = vec![0.0; rows * width];
        for r in 0..rows {
            for c in 0..width {
                let mut x = f64::from(token[ids[r] as usize * width + c]);
                if positions {
                    x += f64::from(position[r % seq * width + c]);
                }
                want[r * width + c] = x * scale(r * width + c);
            }
        }
        let position_data = if positions { Data::F32(position) } else { Data::Nothing };
        let out = Data::Out(rows * width);
        let data = [step_data(&step), Data::U32(ids.clone()), Data::F32(token), position_data, out, Data::Nothing];
        let flags = [("DROPOUT", 1.0), ("POSITIONS", f64::from(u8::from(positions)))];
        let out = run(&k::EMBED_FORWARD, &flags, &params, grid(rows * width, 64), &data);
        close("embed", &out[4], &want, 1e-6, 1e-6);

        let grad = random(5, rows * width);
        let (order, starts) = sort_by_token(&ids, vocab);
        for accumulate in [false, true] {
            let before = random(6, vocab * width);
            let mut want = if accumulate { f64s(&before) } else { vec![0.0; vocab * width] };
            let mut want_position = if accumulate { f64s(&random(7, seq * width)) } else { vec![0.0; seq * width] };
            for r in 0..rows {
                for c in 0..width {
                    let g = f64::from(grad[r * width + c]) * scale(r * width + c);
                    want[ids[r] as usize * width + c] += g;
                    want_position[r % seq * width + c] += g;
                }
            }
            let start = |values: Vec<f32>| if accumulate { Data::F32(values) } else { Data::Out(values.len()) };
            let flag = |yes| f64::from(u8::from(yes));
            let flags = [
                ("DROPOUT", 1.0),
                ("POSITIONS", flag(positions)),
                ("ACCUMULATE_TOKEN", flag(accumulate)),
                ("ACCUMULATE_POSITION", flag(accumulate)),
            ];
            let (order, starts) = (Data::U32(order.clone()), Data::U32(starts.clone()));
            let to_position = if positions { start(random(7, seq * width)) } else { Data::Nothing };
            let data = [step_data(&step), Data::F32(grad.clone()), order, starts, start(before), to_position];
            let items = (vocab + if positions { seq } else { 0 }) * width;
            let out = run(&k::EMBED_BACKWARD, &flags, &params, grid(items, 64), &data);
            close("grad_token", &out[4], &want, 1e-5, 1e-5);
            if positions {
                close("grad_position", &out[5], &want_position, 1e-5, 1e-5);
            }
        }
    }
}

pub fn cross_entropy_and_its_gradient_in_place() {
    for (rows, vocab, seq, last_only) in [(1, 1, 1, false), (3, 7, 3, true), (66, 65, 11, true), (9, 257, 3, false)] {
        let stride = (vocab as usize).next_multiple_of(4);
        let counted = if last_only { rows / seq } else { rows };
        let params = CrossEntropyParams {
            rows: rows as u32,
            vocab,
            stride: stride as u32,
            seq: seq as u32,
            first: 0,
            scale: 1.0 / counted as f32,
        };
        // Large enough to overflow without the subtraction of the maximum; NaN in the padding.
        let mut logits: Vec<f32> = random(1, rows * stride).iter().map(|x| 120.0 * x).collect();
        let targets: Vec<u32> = (0..rows as u32).map(|r| r * 31 % vocab).collect();
        let (mut losses, mut gradient) = (Vec::new(), vec![0.0; rows * stride]);
        for r in 0..rows {
            let row = f64s(&logits[r * stride..r * stride + vocab as usize]);
            let highest = row.iter().copied().fold(f64::MIN, f64::max);
            let sum: f64 = row.iter().map(|z| (z - highest).exp()).sum();
            let counts = !last_only || (r + 1) % seq == 0;
            losses.push(if counts { highest + sum.ln() - row[targets[r] as usize] } else { 0.0 });
            for v in 0..vocab as usize {
                let p = (row[v] - highest).exp() / sum - f64::from(u8::from(v as u32 == targets[r]));
                gradient[r * stride + v] = if counts { 0.25 * p / counted as f64 } else { 0.0 };
            }
            logits[r * stride + vocab as usize..(r + 1) * stride].fill(f32::NAN);
        }
        let flag = [("LAST_ONLY", f64::from(u8::from(last_only)))];
        // A quarter of the step.
        let share = |part| step_data(&Step { part, share: 0.25, ..STEP });
        let data = [share(0), Data::F32(logits), Data::U32(targets), Data::Out(rows)];
        let out = run(&k::CROSS_ENTROPY_FORWARD, &flag, &params, grid(rows, 1), &data);
        close("gradient", &out[1], &gradient, 1e-4, 1e-6);
        close("losses", &out[3], &losses, 1e-5, 2e-5);
        let mine = 0.25 * losses.iter().sum::<f64>() / counted as f64;
        let losses = Data::F32(losses.iter().map(|&l| l as f32).collect());
        for (part, before) in [(0, 0.0), (1, f64::from(random(8, 20)[13]))] {
            let ring = random(8, 20);
            let data = [share(part), losses.clone(), Data::F32(ring.clone()), Data::Out(1)];
            let out = run(&k::CROSS_ENTROPY_MEAN, &[], &params, [1, 1, 1], &data);
            let mut want = f64s(&ring);
            (want[12], want[13]) = (5.0, before + mine); // slot 3: step, loss
            close("ring", &out[2], &want, 1e-5, 1e-5);
            close("loss", &out[3], &[mine], 1e-5, 1e-5);
        }
    }
}

pub fn elementwise_kernels() {
    for count in [1, 3, 7, 129, 257, 1025] {
        let params = ElementwiseParams { count: count as u32, site: 2, dropout: 0.4, width: 11 };
        let (a, b, g) = (random(1, count), random(2, count), random(3, count));
        let scale = |i| dropout(&STEP, 2, 7 * 11 + i, 0.4);
        let with = |f: &dyn Fn(usize) -> f64| (0..count).map(f).collect::<Vec<f64>>();
        let grid = grid(count, 256);
        let (fa, fb, fg) = (f64s(&a), f64s(&b), f64s(&g));
        let (a, b, g) = (Data::F32(a), Data::F32(b), Data::F32(g));

        let data = [step_data(&STEP), a.clone(), b.clone(), Data::Out(count)];
        let out = run(&k::SUM, &[("DROPOUT", 1.0)], &params, grid, &data);
        close("sum", &out[3], &with(&|i| fa[i] + fb[i] * scale(i)), 1e-6, 1e-6);
        let out = run(&k::SUM, &[], &params, grid, &[Data::Nothing, a.clone(), b.clone(), Data::Out(count)]);
        close("sum", &out[3], &with(&|i| fa[i] + fb[i]), 1e-6, 1e-6);
        let out = run(&k::ADD, &[], &params, grid, &[a.clone(), b.clone()]);
        close("add", &out[1], &with(&|i| fa[i] + fb[i]), 1e-6, 1e-6);
        let out = run(&k::COPY, &[], &params, grid, &[a.clone(), Data::Out(count)]);
        close("copy", &out[1], &fa, 0.0, 0.0);
        let out = run(&k::DROPOUT_BACKWARD, &[], &params, grid, &[step_data(&STEP), a.clone(), Data::Out(count)]);
        close("dropout_backward", &out[2], &with(&|i| fa[i] * scale(i)), 1e-6, 1e-6);

        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let silu = |x: f64| x * sigmoid(x);
        let out = run(&k::SWIGLU, &[], &params, grid, &[a.clone(), b.clone(), Data::Out(count)]);
        close("swiglu", &out[2], &with(&|i| silu(fa[i]) * fb[i]), 1e-5, 1e-6);
        let slope = |x: f64| (silu(x + 1e-5) - silu(x - 1e-5)) / 2e-5;
        for accumulate in [false, true] {
            let before = random(4, count);
            let add = |i: usize| if accumulate { f64::from(before[i]) } else { 0.0 };
            let start = if accumulate { Data::F32(before.clone()) } else { Data::Out(count) };
            let flag = f64::from(u8::from(accumulate));
            let data = [a.clone(), b.clone(), g.clone(), start.clone(), start];
            let flags = [("ACCUMULATE_A", flag), ("ACCUMULATE_B", flag)];
            let out = run(&k::SWIGLU_BACKWARD, &flags, &params, grid, &data);
            close("grad_gate", &out[3], &with(&|i| fg[i] * fb[i] * slope(fa[i]) + add(i)), 1e-4, 1e-5);
            close("grad_up", &out[4], &with(&|i| fg[i] * silu(fa[i]) + add(i)), 1e-4, 1e-5);
        }
    }
}

pub fn rotary_turns_and_turns_back() {
    for (batch, seq, heads, half, values) in [(1, 1, 2, 1, 2), (2, 7, 3, 5, 4), (1, 65, 5, 16, 32)] {
        let (rows, stride) = (batch * seq, heads * 2 * half + values);
        let params = RotaryParams {
            rows: rows as u32,
            seq: seq as u32,
            heads: heads as u32,
            half: half as u32,
            stride: stride as u32,
            ..Default::default()
        };
        let angle = |p: usize, i: usize| p as f64 * 10_000f64.powf(-(i as f64) / half as f64);
        let table: Vec<f32> = (0..seq)
            .flat_map(|p| (0..half).flat_map(move |i| [angle(p, i).cos() as f32, angle(p, i).sin() as f32]))
            .collect();
        let qkv = random(1, rows * stride);
        let mut want = f64s(&qkv);
        for r in 0..rows {
            for h in 0..heads {
                for i in 0..half {
                    let at = r * stride + h * 2 * half + i;
                    let (a, b) = (f64::from(qkv[at]), f64::from(qkv[at + half]));
                    let (sin, cos) = angle(r % seq, i).sin_cos();
                    (want[at], want[at + half]) = (a * cos - b * sin, b * cos + a * sin);
                }
            }
        }
        let grid = grid(rows * heads * half, 64);
        let data = [Data::F32(table.clone()), Data::F32(qkv.clone()), Data::Nothing];
        let out = run(&k::ROTARY_TURN, &[], &params, grid, &data);
        close("rotary", &out[1], &want, 1e-5, 1e-5);
        let data = [Data::F32(table), Data::F32(out[1].clone()), Data::Nothing];
        let back = run(&k::ROTARY_TURN, &[("INVERSE", 1.0)], &params, grid, &data);
        close("back", &back[1], &f64s(&qkv), 1e-5, 1e-5);
    }
}

/// A single token's row is that of the same token at its place in a window.
pub fn a_single_token_stands_where_the_host_says() {
    let (seq, heads, half, width) = (9, 3, 5, 33);
    let stride = 2 * heads * half + 4;
    let params = |rows: usize| RotaryParams {
        rows: rows as u32,
        seq: seq as u32,
        heads: heads as u32,
        half: half as u32,
        stride: stride as u32,
        ..Default::default()
    };
    let embed = |rows: usize| EmbedParams {
        rows: rows as u32,
        seq: seq as u32,
        width: width as u32,
        vocab: 7,
        site: 0,
        dropout: 0.0,
    };
    let (table, qkv) = (Data::F32(random(1, seq * 2 * half)), random(2, seq * stride));
    let (token, position) = (Data::F32(random(3, 7 * width)), Data::F32(random(4, seq * width)));
    let ids: Vec<u32> = (0..seq as u32).map(|i| i * 5 % 7).collect();
    let data = [table.clone(), Data::F32(qkv.clone()), Data::Nothing];
    let turned = run(&k::ROTARY_TURN, &[], &params(seq), grid(seq * heads * half, 64), &data);
    let flags = [("POSITIONS", 1.0)];
    let out = Data::Out(seq * width);
    let data = [Data::Nothing, Data::U32(ids.clone()), token.clone(), position.clone(), out, Data::Nothing];
    let embedded = run(&k::EMBED_FORWARD, &flags, &embed(seq), grid(seq * width, 64), &data);
    for at in [0, 4, 8] {
        let place = Data::U32(vec![at as u32]);
        let data = [table.clone(), Data::F32(qkv[at * stride..][..stride].to_vec()), place.clone()];
        let out = run(&k::ROTARY_TURN, &[("SINGLE", 1.0)], &params(1), grid(heads * half, 64), &data);
        assert_eq!(out[1], turned[1][at * stride..][..stride], "{at}");
        let out = Data::Out(width);
        let data = [Data::Nothing, Data::U32(vec![ids[at]]), token.clone(), position.clone(), out, place];
        let flags = [("POSITIONS", 1.0), ("SINGLE", 1.0)];
        let out = run(&k::EMBED_FORWARD, &flags, &embed(1), grid(width, 64), &data);
        assert_eq!(out[4], embedded[4][at * width..][..width], "{at}");
    }
}

pub fn optimizer_sums_settles_and_updates() {
    for (words, parts) in [(4usize, 3usize), (8, 2), (132, 8), (5000, 64)] {
        let gradients = random(1, words);
        let params = OptimizerParams { words: words as u32, parts: parts as u32, ..Default::default() };
        let total: f64 = gradients.iter().map(|&g| f64::from(g).powi(2)).sum();
        let data = [Data::F32(gradients.clone()), Data::Out(parts)];
        let sums = run(&k::OPTIMIZER_SQUARE_SUMS, &[], &params, [parts as u32, 1, 1], &data)[1].clone();
        let sum: f64 = sums.iter().map(|&s| f64::from(s)).sum();
        assert!((sum - total).abs() <= 1e-4 * total, "{sum} for {total}");
        let norm = total.sqrt();
        for (clip, loss, halts) in
            [(0.0, 1.0, 0u32), (0.5 * norm as f32, 1.0, 0), (9.0, f32::NAN, 5), (9.0, f32::INFINITY, 5)]
        {
            let (ring, losses) = (Data::F32(random(2, 20)), Data::F32(vec![loss]));
            let params = OptimizerParams { clip, ..params };
            let data = [step_data(&STEP), Data::F32(sums.clone()), losses, Data::U32(vec![7, 0]), ring];
            let out = run(&k::OPTIMIZER_SETTLE, &[], &params, [1, 1, 1], &data);
            let factor = if clip > 0.0 { (f64::from(clip) / (norm + 1e-6)).min(1.0) } else { 1.0 };
            close("factor", &out[3][..1], &[factor], 1e-4, 1e-6);
            assert_eq!(out[3][1].to_bits(), halts, "a loss of {loss}");
            assert_eq!(out[4][13].to_bits(), loss.to_bits());
            close("ring", &out[4][14..16], &[norm, 0.01], 1e-4, 1e-6);
        }
        // One update of each rule, and none after a halt.
        let decayed = words / 8 * 4;
        let (words32, decayed32) = (words as u32, decayed as u32);
        let adam = AdamParams {
            words: words32,
            decayed: decayed32,
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            weight_decay: 0.1,
            ..Default::default()
        };
        let sgd = SgdParams { words: words32, decayed: decayed32, weight_decay: 0.1, ..Default::default() };
        let (w, m, v) =
            (random(3, words), random(4, words), random(5, words).iter().map(|x| x.abs()).collect::<Vec<_>>());
        for (rule, halt) in ["adamw", "adam", "sgd"].into_iter().flat_map(|rule| [(rule, 0u32), (rule, 4)]) {
            let state = Data::U32(vec![0.25f32.to_bits(), halt]);
            let mut data = vec![step_data(&STEP), Data::F32(gradients.clone()), state, Data::F32(w.clone())];
            let groups = grid(words, 256);
            let out = if rule == "sgd" {
                run(&k::SGD_UPDATE, &[], &sgd, groups, &data)
            } else {
                data.extend([Data::F32(m.clone()), Data::F32(v.clone())]);
                run(&k::ADAM_UPDATE, &[("DECOUPLED", f64::from(u8::from(rule == "adamw")))], &adam, groups, &data)
            };
            let (mut ww, mut wm, mut wv) = (f64s(&w), f64s(&m), f64s(&v));
            for i in (0..words).filter(|_| halt == 0) {
                let decay = if i < decayed { 0.1 } else { 0.0 };
                let mut g = f64::from(gradients[i]) * 0.25;
                if rule == "adamw" {
                    ww[i] *= 1.0 - 0.01 * decay;
                } else {
                    g += decay * ww[i];
                }
                if rule == "sgd" {
                    ww[i] -= 0.01 * g;
                    continue;
                }
                wm[i] = 0.9 * wm[i] + 0.1 * g;
                wv[i] = 0.95 * wv[i] + 0.05 * g * g;
                ww[i] -= 0.01 * (wm[i] / 0.4) / ((wv[i] / 0.2).sqrt() + 1e-8);
            }
            close("weights", &out[3], &ww, 1e-4, 1e-6);
            if rule != "sgd" {
                close("first", &out[4], &wm, 1e-4, 1e-6);
                close("second", &out[5], &wv, 1e-4, 1e-6);
            }
        }
    }
}

pub fn columns_are_cleared() {
    for (rows, stride, first, count) in [(1, 1, 0, 1), (3, 7, 2, 4), (129, 9, 8, 1), (33, 64, 16, 32)] {
        let params =
            ColumnsParams { rows: rows as u32, stride: stride as u32, first: first as u32, count: count as u32 };
        let x = random(1, rows * stride);
        let out = run(&k::COLUMNS_CLEAR, &[], &params, grid(rows * count, 64), &[Data::F32(x.clone())]);
        let cleared = |i: usize| (first..first + count).contains(&(i % stride));
        let want: Vec<f64> = x.iter().enumerate().map(|(i, &x)| if cleared(i) { 0.0 } else { f64::from(x) }).collect();
        close("x", &out[0], &want, 0.0, 0.0);
    }
}

on_each!(
    columns_are_cleared,
    embed_forward_and_backward,
    cross_entropy_and_its_gradient_in_place,
    elementwise_kernels,
    rotary_turns_and_turns_back,
    a_single_token_stands_where_the_host_says,
    optimizer_sums_settles_and_updates
);
