//! Byte-pair encoding's training (Sennrich et al. 2016): again and again, the most frequent pair of symbols becomes one.
//!
//! The library's trainer can neither tell how far it is nor be stopped. This one gives the same vocabulary and merges, to the
//! letter, and takes slices. Where two pairs are equally frequent, the one with the smaller ids goes first, as there.

use super::alphabet;
use super::hash::Map;
use std::collections::BinaryHeap;

/// A pair seen less often teaches nothing.
const FREQUENT: i64 = 2;

/// Bytes that all tokens may have together: their tokenizer.json, in which each stands about twice, then stays below what is
/// read again. Prose never comes near; a text that repeats long runs without a blank may.
const BYTES_LIMIT: usize = 2 << 20;

/// What counting beside a merge costs, or telling the queue of a pair, in symbols visited.
const MERGED: usize = 10;

/// A pair in the queue, with its count when it was put there.
#[derive(Debug, PartialEq, Eq)]
struct Candidate {
    count: i64,
    pair: (u32, u32),
    /// The words that hold it, by number.
    words: Vec<u32>,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.count.cmp(&other.count).then_with(|| other.pair.cmp(&self.pair))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What a training gives.
#[derive(Debug)]
pub(super) struct Trained {
    /// Every token's bytes, by id; nothing for the special ones.
    pub(super) tokens: Vec<Vec<u8>>,
    /// Pairs in the order of their merging.
    pub(super) pairs: Vec<(u32, u32)>,
    /// What each becomes.
    pub(super) results: Vec<u32>,
}

/// A training on its way.
#[derive(Debug)]
pub(super) struct Trainer {
    special: Vec<String>,
    vocabulary: usize,
    tokens: Vec<Vec<u8>>,
    ids: Map<Vec<u8>, u32>,
    bytes: usize,
    /// The different pieces as symbols, one behind the other.
    symbols: Vec<u32>,
    /// Where each begins, how many symbols it has left, how often it was seen.
    words: Vec<(usize, usize, i64)>,
    /// Words whose pairs are counted.
    counted: usize,
    counts: Map<(u32, u32), i64>,
    /// Words in which a pair is new since the queue last heard of it.
    fresh: Map<(u32, u32), Vec<u32>>,
    queue: BinaryHeap<Candidate>,
    pairs: Vec<((u32, u32), u32)>,
}

impl Trainer {
    /// From pieces and how often each was seen, to `vocabulary` tokens: the special ones, the bytes, one for each merge.
    pub(super) fn new(special: &[&str], vocabulary: usize, pieces: &Map<Box<[u8]>, u64>) -> Self {
        let mut tokens = vec![Vec::new(); special.len()];
        tokens.extend(alphabet::in_order().map(|byte| vec![byte]));
        let ids: Map<Vec<u8>, u32> = tokens.iter().cloned().zip(0..).skip(special.len()).collect();
        let mut of_byte = [0; alphabet::BYTES];
        for (token, &id) in &ids {
            of_byte[usize::from(token[0])] = id;
        }
        let mut symbols = Vec::with_capacity(pieces.keys().map(|piece| piece.len()).sum());
        let mut words = Vec::with_capacity(pieces.len());
        for (piece, &count) in pieces {
            words.push((symbols.len(), piece.len(), count as i64));
            symbols.extend(piece.iter().map(|&byte| of_byte[usize::from(byte)]));
        }
        Self {
            special: special.iter().map(|&name| name.to_owned()).collect(),
            vocabulary,
            bytes: alphabet::BYTES,
            tokens,
            ids,
            symbols,
            words,
            counted: 0,
            counts: Map::default(),
            fresh: Map::default(),
            queue: BinaryHeap::new(),
            pairs: Vec::new(),
        }
    }

    /// Tokens made so far beyond the special ones and the bytes, and how many are wanted.
    pub(super) fn progress(&self) -> (usize, usize) {
        let first = self.special.len() + alphabet::BYTES;
        (self.tokens.len() - first, self.vocabulary.saturating_sub(first))
    }

    /// Visits about so many symbols; whether the training is over.
    pub(super) fn advance(&mut self, visits: usize) -> bool {
        let mut left = visits;
        while self.counted < self.words.len() {
            let (start, length, count) = self.words[self.counted];
            for pair in self.symbols[start..start + length].windows(2) {
                let pair = (pair[0], pair[1]);
                *self.counts.entry(pair).or_default() += count;
                note(&mut self.fresh, pair, self.counted as u32);
            }
            self.counted += 1;
            if self.counted == self.words.len() {
                self.enqueue();
            }
            match left.checked_sub(length + 1) {
                Some(less) => left = less,
                None => return false,
            }
        }
        loop {
            match self.merge_next() {
                None => return true,
                Some(cost) => match left.checked_sub(cost) {
                    Some(less) => left = less,
                    None => return false,
                },
            }
        }
    }

    /// One merge, or one look at the queue; the symbols visited, none when nothing is left to merge.
    fn merge_next(&mut self) -> Option<usize> {
        if self.tokens.len() >= self.vocabulary || self.bytes > BYTES_LIMIT {
            return None;
        }
        let mut top = self.queue.pop()?;
        let count = self.counts.get(&top.pair).copied().unwrap_or(0);
        if top.count != count {
            top.count = count;
            self.queue.push(top);
            return Some(1);
        }
        if count < FREQUENT {
            return None;
        }
        let (first, second) = top.pair;
        let token = [self.tokens[first as usize].as_slice(), &self.tokens[second as usize]].concat();
        // No text becomes a special token, however often it spells one.
        if self.special.iter().any(|name| name.as_bytes() == token) {
            return Some(1);
        }
        let result = match self.ids.get(&token) {
            Some(&id) => id,
            None => {
                let id = self.tokens.len() as u32;
                self.bytes += token.len();
                self.ids.insert(token.clone(), id);
                self.tokens.push(token);
                id
            }
        };
        self.pairs.push((top.pair, result));
        let visited = top.words.iter().map(|&word| self.merge_in(word, top.pair, result)).sum::<usize>();
        Some(visited + self.enqueue())
    }

    /// Merges a pair in one word, counting what comes and goes beside it; the symbols visited. The count of the pair itself
    /// stays, as in the library: in the rare token that comes about in two ways it decides about the order.
    fn merge_in(&mut self, number: u32, pair: (u32, u32), result: u32) -> usize {
        let Some((start, length, count)) = self.words.get(number as usize).copied() else { return 0 };
        let word = &mut self.symbols[start..start + length];
        let (mut read, mut write, mut merged) = (0, 0, 0);
        while read < length {
            if word[read] != pair.0 || read + 1 == length || word[read + 1] != pair.1 {
                word[write] = word[read];
                (read, write) = (read + 1, write + 1);
                continue;
            }
            if write > 0 {
                let before = word[write - 1];
                *self.counts.entry((before, pair.0)).or_default() -= count;
                *self.counts.entry((before, result)).or_default() += count;
                note(&mut self.fresh, (before, result), number);
            }
            if read + 2 < length {
                let behind = word[read + 2];
                *self.counts.entry((pair.1, behind)).or_default() -= count;
                *self.counts.entry((result, behind)).or_default() += count;
                note(&mut self.fresh, (result, behind), number);
            }
            word[write] = result;
            (read, write, merged) = (read + 2, write + 1, merged + 1);
        }
        self.words[number as usize].1 = write;
        length + MERGED * merged
    }

    /// Tells the queue what is new; what that costs, in symbols visited.
    fn enqueue(&mut self) -> usize {
        let new = self.fresh.len();
        for (pair, words) in self.fresh.drain() {
            let count = self.counts.get(&pair).copied().unwrap_or(0);
            if count > 0 {
                self.queue.push(Candidate { count, pair, words });
            }
        }
        1 + MERGED * new
    }

    /// What was learnt.
    pub(super) fn finish(self) -> Trained {
        // A pair that was merged twice stands where it was merged last, as in the library.
        let last: Map<(u32, u32), usize> = self.pairs.iter().enumerate().map(|(at, &(pair, _))| (pair, at)).collect();
        let kept = self.pairs.iter().enumerate().filter(|(at, (pair, _))| last.get(pair) == Some(at));
        let (pairs, results) = kept.map(|(_, &merge)| merge).unzip();
        Trained { tokens: self.tokens, pairs, results }
    }
}

fn note(fresh: &mut Map<(u32, u32), Vec<u32>>, pair: (u32, u32), word: u32) {
    let words = fresh.entry(pair).or_default();
    if words.last() != Some(&word) {
        words.push(word);
    }
}
