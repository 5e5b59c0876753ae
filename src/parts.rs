//! A step as a list of parts: some windows of its batch each. Their gradients are added in a fixed tree, so that the numbers
//! depend on the configuration alone and never on who computed which part: ((g0 + g1) + (g2 + g3)) + (g4 + g5).
//!
//! The tree is that of a binary counter. A sum of 2ˡ parts waits at level l until its neighbour of the same size is there; what
//! waits when the last part is done is added from the lowest level on. Gradient accumulation and the CPU's cut of a batch are this.

use std::ops::Range;

/// Parts that the CPU cuts a batch into at most.
const MOST: usize = 8;
/// Rows, windows · length, of a part at least: below that its products spend their time on packing weights.
const FEWEST_ROWS: usize = 96;

/// Windows of one part where the CPU cuts a batch of `batch` windows of `seq` tokens: the batch by its largest divisor of at most
/// 8 that leaves every part 96 rows.
pub fn windows(batch: usize, seq: usize) -> usize {
    let fits = |parts: &usize| batch.is_multiple_of(*parts) && batch / parts * seq >= FEWEST_ROWS;
    batch / (1..=MOST).rev().find(fits).unwrap_or(1)
}

/// What is done with the gradient of a part, or the sum that it has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// Adds what waits at this level.
    Add(usize),
    /// Waits at this level.
    Wait(usize),
}

/// What follows the gradient of part `part` of `parts`, both counted from 0. After the last one it is the whole step's.
pub fn sums(part: usize, parts: usize) -> Vec<Sum> {
    let waiting = |level: &usize| part >> level & 1 == 1;
    if part + 1 == parts {
        return (0..levels(parts)).filter(waiting).map(Sum::Add).collect();
    }
    let level = part.trailing_ones() as usize;
    (0..level).map(Sum::Add).chain([Sum::Wait(level)]).collect()
}

/// Part numbers of a range cut into whole subtrees of the sum: stretches of 2ˡ parts that begin at a multiple of 2ˡ.
pub fn trees(range: Range<usize>) -> Vec<Range<usize>> {
    let mut trees = Vec::new();
    let mut first = range.start;
    while first < range.end {
        let aligned = if first == 0 { usize::MAX } else { 1 << first.trailing_zeros() };
        let size = aligned.min(1 << (range.end - first).ilog2());
        trees.push(first..first + size);
        first += size;
    }
    trees
}

/// What follows inside of a whole subtree after its part `part`, and what follows the subtree after its last one.
pub fn sums_of(tree: &Range<usize>, part: usize, parts: usize) -> (Vec<Sum>, Vec<Sum>) {
    let mut inside = sums(part, parts);
    let level = tree.len().ilog2() as usize;
    let outside = if part + 1 == tree.end { inside.split_off(level) } else { Vec::new() };
    (inside, outside)
}

/// Parts as `workers` neighbouring ranges of about the same number, the first one's the fewest: it also adds and updates.
pub fn shares(parts: usize, workers: usize) -> Vec<Range<usize>> {
    (0..workers).map(|worker| parts * worker / workers..parts * (worker + 1) / workers).collect()
}

/// Levels at which sums wait.
pub fn levels(parts: usize) -> usize {
    parts.saturating_sub(1).checked_ilog2().map_or(0, |level| level as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The sum of parts in words.
    fn tree(parts: usize) -> String {
        let mut levels = BTreeMap::new();
        let mut sum = String::new();
        for part in 0..parts {
            sum = part.to_string();
            for what in sums(part, parts) {
                match what {
                    Sum::Add(level) => sum = format!("({}+{sum})", levels.remove(&level).unwrap()),
                    Sum::Wait(level) => assert_eq!(levels.insert(level, std::mem::take(&mut sum)), None),
                }
            }
        }
        assert!(levels.is_empty(), "{levels:?} were left out");
        sum
    }

    #[test]
    fn every_part_is_added_once_in_one_tree() {
        assert_eq!(tree(1), "0");
        assert_eq!(tree(2), "(0+1)");
        assert_eq!(tree(3), "((0+1)+2)");
        assert_eq!(tree(4), "((0+1)+(2+3))");
        assert_eq!(tree(6), "(((0+1)+(2+3))+(4+5))");
        assert_eq!(tree(7), "(((0+1)+(2+3))+((4+5)+6))");
        for parts in 1..70 {
            let tree = tree(parts);
            for part in 0..parts {
                let found = tree.split(|c: char| !c.is_ascii_digit()).filter(|word| *word == part.to_string()).count();
                assert_eq!(found, 1, "part {part} of {parts} in {tree}");
            }
            let deepest = (0..parts).flat_map(|part| sums(part, parts)).filter_map(|sum| match sum {
                Sum::Wait(level) => Some(level + 1),
                Sum::Add(_) => None,
            });
            assert_eq!(deepest.max().unwrap_or(0), levels(parts), "{parts} parts");
        }
    }

    #[test]
    fn subtrees_come_to_the_same_tree() {
        assert_eq!(trees(3..6), [3..4, 4..6]);
        assert_eq!(trees(0..6), [0..4, 4..6]);
        for parts in 1..40 {
            let whole: Vec<Sum> = (0..parts).flat_map(|part| sums(part, parts)).collect();
            for workers in 1..=parts.min(8) {
                let shares = shares(parts, workers);
                assert!(shares[0].start == 0 && shares[workers - 1].end == parts);
                assert!(
                    shares.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].len() <= pair[1].len() + 1)
                );
                let mut all = Vec::new();
                for tree in shares.into_iter().flat_map(trees) {
                    for part in tree.clone() {
                        let (inside, outside) = sums_of(&tree, part, parts);
                        let level = tree.len().ilog2() as usize;
                        // A subtree leaves nothing behind at any level, and touches none above its own.
                        assert!(inside.iter().all(|&(Sum::Add(l) | Sum::Wait(l))| l < level), "{tree:?}");
                        assert!(outside.is_empty() || part + 1 == tree.end);
                        all.extend(inside.into_iter().chain(outside));
                    }
                }
                assert_eq!(all, whole, "{parts} parts, {workers} workers");
            }
        }
    }

    #[test]
    fn a_batch_is_cut_into_parts_that_are_worth_their_packing() {
        // micro, S, M of the presets
        assert_eq!(12 / windows(12, 32), 4);
        assert_eq!(12 / windows(12, 64), 6);
        assert_eq!(windows(1, 64), 1);
        assert_eq!(windows(7, 16), 7);
        assert_eq!(windows(64, 1024), 8);
        for (batch, seq) in [(12, 32), (16, 32), (5, 1000), (33, 8), (48, 64)] {
            let windows = windows(batch, seq);
            assert!(
                batch % windows == 0 && batch / windows <= MOST && (windows == batch || windows * seq >= FEWEST_ROWS)
            );
        }
    }
}
