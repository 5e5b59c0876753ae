//! What is inside a trained model, as few numbers as an eye can take in: heads, tensors, embeddings. Pure arithmetic on the
//! host; the trainer reads what it works on.

use serde::Serialize;

/// Bars of a histogram.
const BARS: usize = 40;
/// Turns of the power iteration: what is left of a direction of 0.9 times the strength is 0.9^100, below 1e-4.
const TURNS: usize = 100;

/// One attention head over one window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeadLook {
    /// Block, from 0.
    pub layer: usize,
    /// Query head, from 0.
    pub head: usize,
    /// Mean entropy of its rows, nats: 0 looks at one token, ln of the length at all alike.
    pub entropy: f32,
    /// Mean weight on the token before, from the second row on.
    pub previous: f32,
    /// Mean weight on the first token, from the second row on.
    pub first: f32,
    /// Mean weight on what followed earlier occurrences of the same token (Olsson et al. 2022), over the rows that have such;
    /// None where no token repeats.
    pub induction: Option<f32>,
    /// The map in small: [side, side], each the largest weight of its square.
    pub thumbnail: Vec<f32>,
    /// Rows and columns of the thumbnail.
    pub side: usize,
}

/// Looks at a head's weights [seq, seq] over these tokens; the thumbnail has at most `size` rows.
pub fn look_at_head(layer: usize, head: usize, weights: &[f32], tokens: &[u32], size: usize) -> HeadLook {
    let seq = tokens.len().max(1);
    let rows = || weights.chunks_exact(seq).enumerate();
    let mean = |values: &mut dyn Iterator<Item = f32>| {
        let (sum, count) = values.fold((0.0, 0u32), |(sum, count), v| (sum + f64::from(v), count + 1));
        (sum / f64::from(count.max(1))) as f32
    };
    let row_entropy = |row: &[f32]| row.iter().filter(|w| **w > 0.0).map(|w| -w * w.ln()).sum::<f32>();
    let after_same = |i: usize, row: &[f32]| -> Option<f32> {
        let places: Vec<usize> = (0..i).filter(|&j| tokens[j] == tokens[i]).map(|j| j + 1).collect();
        (!places.is_empty()).then(|| places.iter().map(|&j| row[j]).sum())
    };
    let followed: Vec<f32> = rows().filter_map(|(i, row)| after_same(i, row)).collect();
    let side = seq.min(size.max(1));
    let mut thumbnail = vec![0.0f32; side * side];
    for (i, row) in rows() {
        for (j, &weight) in row.iter().enumerate() {
            let at = &mut thumbnail[i * side / seq * side + j * side / seq];
            *at = at.max(weight);
        }
    }
    HeadLook {
        layer,
        head,
        entropy: mean(&mut rows().map(|(_, row)| row_entropy(row))),
        previous: mean(&mut rows().skip(1).map(|(i, row)| row[i - 1])),
        first: mean(&mut rows().skip(1).map(|(_, row)| row[0])),
        induction: (!followed.is_empty()).then(|| mean(&mut followed.iter().copied())),
        thumbnail,
        side,
    }
}

/// A tensor's values in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f32,
    /// Standard deviation.
    pub deviation: f32,
    /// Smallest.
    pub low: f32,
    /// Largest.
    pub high: f32,
    /// Values in each of 40 equal bars from smallest to largest.
    pub bars: Vec<u32>,
    /// Values that are no finite number, which count nowhere else.
    pub not_finite: u32,
}

/// The spread of values.
pub fn spread(values: &[f32]) -> Spread {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let count = finite().count();
    let share = 1.0 / count.max(1) as f64;
    let mean = finite().map(f64::from).sum::<f64>() * share;
    let variance = finite().map(|v| (f64::from(v) - mean).powi(2)).sum::<f64>() * share;
    let low = finite().fold(f32::INFINITY, f32::min);
    let high = finite().fold(f32::NEG_INFINITY, f32::max);
    let (low, high) = if count == 0 { (0.0, 0.0) } else { (low, high) };
    let mut bars = vec![0; BARS];
    let scale = if high > low { BARS as f64 / f64::from(high - low) } else { 0.0 };
    for value in finite() {
        bars[((f64::from(value - low) * scale) as usize).min(BARS - 1)] += 1;
    }
    let not_finite = (values.len() - count) as u32;
    Spread { mean: mean as f32, deviation: variance.sqrt() as f32, low, high, bars, not_finite }
}

/// Rows in the plane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Projection {
    /// Place of each row along the two directions of largest variance.
    pub points: Vec<[f32; 2]>,
    /// Share of the variance that lies along each.
    pub explained: [f32; 2],
}

/// Principal components (Pearson 1901): rows [_, width], centred, along their two directions of largest variance, found by
/// power iteration with deflation. Deterministic; a direction's sign is such that its largest entry is positive.
pub fn project(rows: &[f32], width: usize) -> Projection {
    let count = (rows.len() / width.max(1)).max(1) as f64;
    let mut centre = vec![0.0f64; width];
    for row in rows.chunks_exact(width) {
        centre.iter_mut().zip(row).for_each(|(c, &v)| *c += f64::from(v) / count);
    }
    let centred = || rows.chunks_exact(width).map(|row| row.iter().zip(&centre).map(|(&v, c)| f64::from(v) - c));
    let total: f64 = centred().flatten().map(|v| v * v).sum();
    let along =
        |direction: &[f64]| -> Vec<f64> { centred().map(|row| row.zip(direction).map(|(v, d)| v * d).sum()).collect() };
    let mut found: Vec<Vec<f64>> = Vec::new();
    for number in 0..2usize.min(width) {
        // Any beginning that is not at right angles to what is looked for; a sine's values never repeat.
        let mut direction: Vec<f64> = (0..width).map(|i| ((i + 1) as f64 * (number + 1) as f64).sin()).collect();
        for _ in 0..TURNS {
            let places = along(&direction);
            let mut next = vec![0.0; width];
            for (row, place) in centred().zip(&places) {
                next.iter_mut().zip(row).for_each(|(n, v)| *n += place * v);
            }
            for other in &found {
                let shared: f64 = next.iter().zip(other).map(|(n, o)| n * o).sum();
                next.iter_mut().zip(other).for_each(|(n, o)| *n -= shared * o);
            }
            let length = next.iter().map(|n| n * n).sum::<f64>().sqrt();
            if length < 1e-12 * (1.0 + total) {
                next.fill(0.0);
                direction = next;
                break;
            }
            next.iter_mut().for_each(|n| *n /= length);
            direction = next;
        }
        let largest = direction.iter().copied().fold(0.0, |a: f64, d| if d.abs() > a.abs() { d } else { a });
        if largest < 0.0 {
            direction.iter_mut().for_each(|d| *d = -*d);
        }
        found.push(direction);
    }
    let places: Vec<Vec<f64>> = found.iter().map(|direction| along(direction)).collect();
    let place = |axis: usize, row: usize| places.get(axis).map_or(0.0, |p| p[row]) as f32;
    let explained = |axis: usize| {
        let variance: f64 = places.get(axis).map_or(0.0, |p| p.iter().map(|v| v * v).sum());
        if total > 0.0 { (variance / total) as f32 } else { 0.0 }
    };
    Projection {
        points: (0..rows.len() / width.max(1)).map(|row| [place(0, row), place(1, row)]).collect(),
        explained: [explained(0), explained(1)],
    }
}

/// The rows of [_, width] whose direction is nearest to that of one of them: (row, cosine of the angle), nearest first,
/// itself left out.
pub fn nearest(rows: &[f32], width: usize, of: usize, count: usize) -> Vec<(usize, f32)> {
    let row = |i: usize| rows.get(i * width..(i + 1) * width).unwrap_or_default();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    let length = |i: usize| dot(row(i), row(i)).sqrt().max(f64::MIN_POSITIVE);
    let own = length(of);
    let cosine = |i: usize| (dot(row(i), row(of)) / (length(i) * own)) as f32;
    let mut all: Vec<(usize, f32)> =
        (0..rows.len() / width.max(1)).filter(|&i| i != of).map(|i| (i, cosine(i))).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(count);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_told_by_their_patterns() {
        // "abcabc": previous token, first token, and induction, each alone
        let tokens = [0, 1, 2, 0, 1, 2];
        let map = |place: fn(usize) -> usize| -> Vec<f32> {
            (0..6).flat_map(|i| (0..6).map(move |j| if j == place(i) { 1.0 } else { 0.0 })).collect()
        };
        let previous = look_at_head(0, 1, &map(|i| i.saturating_sub(1)), &tokens, 3);
        assert_eq!((previous.previous, previous.entropy, previous.layer, previous.head), (1.0, 0.0, 0, 1));
        let first = look_at_head(0, 0, &map(|_| 0), &tokens, 99);
        assert_eq!((first.first, first.side), (1.0, 6));
        // at 3 the same stood at 0: what followed is at 1
        let induction = look_at_head(0, 0, &map(|i| i.saturating_sub(2)), &tokens, 6);
        assert_eq!(induction.induction, Some(1.0));
        assert_eq!(look_at_head(0, 0, &map(|_| 0), &[0, 1, 2, 3, 4, 5], 6).induction, None);
        let even = vec![1.0 / 6.0; 36];
        assert!((look_at_head(0, 0, &even, &tokens, 2).entropy - 6f32.ln()).abs() < 1e-6);
        assert_eq!(previous.thumbnail, [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn spreads_count_every_value_once() {
        let values: Vec<f32> = (0..1000).map(|i| i as f32 / 999.0).collect();
        let spread = spread(&values);
        assert!((spread.mean - 0.5).abs() < 1e-6 && (spread.deviation - 0.288_96).abs() < 1e-3);
        assert_eq!((spread.low, spread.high, spread.bars.iter().sum::<u32>()), (0.0, 1.0, 1000));
        assert!(spread.bars.iter().all(|&n| (24..=26).contains(&n)));
        let odd = super::spread(&[1.0, 1.0, f32::NAN]);
        assert_eq!((odd.not_finite, odd.bars[0], odd.mean, odd.deviation), (1, 2, 1.0, 0.0));
        assert_eq!(super::spread(&[]).bars.iter().sum::<u32>(), 0);
    }

    #[test]
    fn projections_find_the_plane_of_largest_variance() {
        // Points in a plane of five dimensions, three times as wide one way as the other, and a little beside it.
        let rows: Vec<f32> = (0..200)
            .flat_map(|i| {
                let (a, b) = (3.0 * (i as f32 * 0.7).sin(), (i as f32 * 1.3).cos());
                [a * 0.6 + 1.0, a * 0.8, b, 0.01 * (i as f32).sin(), -2.0]
            })
            .collect();
        let Projection { points, explained } = project(&rows, 5);
        assert_eq!(points.len(), 200);
        assert!(explained[0] > 0.85 && explained[1] > 0.05 && explained[0] + explained[1] > 0.999, "{explained:?}");
        let mean = points.iter().map(|p| p[0]).sum::<f32>() / 200.0;
        for (i, point) in points.iter().enumerate() {
            assert!((point[0] - 3.0 * (i as f32 * 0.7).sin()).abs() < 0.2, "{i}: {point:?}");
        }
        assert!(mean.abs() < 1e-3, "centred");
        assert_eq!(project(&[1.0, 1.0, 1.0, 1.0], 2).explained, [0.0, 0.0]);
        assert_eq!(project(&[1.0, 2.0, 3.0], 1).points.len(), 3);
    }

    #[test]
    fn neighbours_are_those_of_the_smallest_angle() {
        let rows = [1.0, 0.0, 5.0, 0.1, 0.0, 1.0, -1.0, 0.0];
        let near = nearest(&rows, 2, 0, 2);
        assert_eq!((near[0].0, near[1].0), (1, 2));
        assert!(near[0].1 > 0.999 && near[1].1.abs() < 1e-6);
    }
}
