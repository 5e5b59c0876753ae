//! Byte-pair encoding of one piece: the pairs that are merged, in their order.

use super::TokenizerError;
use super::alphabet;
use super::hash::Map;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use tokenizers::Model;
use tokenizers::models::bpe::{BPE, Vocab};

/// A symbol that was merged into the one before it, and the neighbour of an end.
const NONE: u32 = u32::MAX;

/// Longest piece that the library encodes, bytes. It takes 58 bytes of memory for each byte of a piece and cannot be
/// interrupted: a line of 5 MB without a break took 3.2 s natively. [`Merging`] takes a quarter of the memory and a fifth of
/// the time, and can pause.
pub(super) const LONG: usize = 1024;

/// The merges of a vocabulary, best first.
#[derive(Debug)]
pub(super) struct Merges {
    /// Pairs in their order.
    pub(super) pairs: Vec<(u32, u32)>,
    /// What each pair becomes, in the same order.
    results: Vec<u32>,
    ranks: Map<(u32, u32), u32>,
    library: BPE,
}

impl Merges {
    /// `tokens` are the vocabulary, spelled in the alphabet; `pairs` and their `results` are ids in it.
    ///
    /// # Errors
    /// [`TokenizerError::TokenizerUnwritable`] where the library refuses it.
    pub(super) fn new(tokens: &[String], pairs: Vec<(u32, u32)>, results: Vec<u32>) -> Result<Self, TokenizerError> {
        let library = library(tokens, &pairs)?;
        let ranks = pairs.iter().copied().zip(0..).collect();
        Ok(Self { pairs, results, ranks, library })
    }

    /// The ids of a short piece.
    ///
    /// # Errors
    /// [`TokenizerError::TokenizerUnwritable`] where the library fails: it has no reason to, the alphabet being whole.
    pub(super) fn encode(&self, piece: &[u8], ids: &mut Vec<u32>) -> Result<(), TokenizerError> {
        let tokens = self
            .library
            .tokenize(&alphabet::spell(piece))
            .map_err(|e| TokenizerError::TokenizerUnwritable { reason: e.to_string() })?;
        ids.extend(tokens.iter().map(|token| token.id));
        Ok(())
    }

    /// The library's model of it.
    pub(super) fn library(&self) -> BPE {
        self.library.clone()
    }

    fn rank(&self, left: u32, right: u32) -> Option<u32> {
        self.ranks.get(&(left, right)).copied()
    }
}

fn library(tokens: &[String], pairs: &[(u32, u32)]) -> Result<BPE, TokenizerError> {
    let vocab: Vocab = tokens.iter().cloned().zip(0..).collect();
    let spelled = |id: u32| tokens.get(id as usize).cloned().unwrap_or_default();
    let merges = pairs.iter().map(|&(left, right)| (spelled(left), spelled(right))).collect();
    // No cache: the library keeps its own per thread and never lets go of one.
    let bpe = BPE::builder().vocab_and_merges(vocab, merges).cache_capacity(0).build();
    bpe.map_err(|e| TokenizerError::TokenizerUnwritable { reason: e.to_string() })
}

/// A long piece on its way: its symbols in a doubly linked list, and the places of pairs, by rank.
///
/// Places of one rank are merged from left to right, as the library does. One heap of all pairs, as it has, spends its time
/// waiting for memory: with a list for each rank and a heap of ranks alone, a line of 5 MB takes a quarter of the time.
#[derive(Debug)]
pub(super) struct Merging {
    symbols: Vec<u32>,
    left: Vec<u32>,
    right: Vec<u32>,
    /// Places of left symbols, by the rank that their pair had.
    places: Vec<Vec<u32>>,
    /// Ranks that have places.
    ranks: BinaryHeap<Reverse<u32>>,
}

impl Merging {
    /// Begins with one symbol per byte.
    pub(super) fn new(merges: &Merges, symbols: Vec<u32>) -> Self {
        let length = symbols.len() as u32;
        let left = (0..length).map(|at| at.checked_sub(1).unwrap_or(NONE)).collect();
        let right = (1..=length).map(|at| if at == length { NONE } else { at }).collect();
        let places = vec![Vec::new(); merges.pairs.len()];
        let mut merging = Self { symbols, left, right, places, ranks: BinaryHeap::new() };
        for at in 1..merging.symbols.len() {
            merging.note(merges, at - 1, at);
        }
        merging
    }

    /// Looks at about so many pairs; whether none is left.
    pub(super) fn advance(&mut self, merges: &Merges, mut pairs: usize) -> bool {
        while let Some(Reverse(rank)) = self.ranks.pop() {
            let mut places = std::mem::take(&mut self.places[rank as usize]);
            places.sort_by_key(|&at| Reverse(at));
            while let Some(at) = places.pop() {
                self.merge(merges, rank, at as usize);
                pairs = pairs.saturating_sub(1);
                // A token that comes about in two ways may bring a pair that goes before the rest of this rank.
                let sooner = self.ranks.peek().is_some_and(|&Reverse(next)| next < rank);
                if !places.is_empty() && (sooner || pairs == 0) {
                    self.places[rank as usize].append(&mut places);
                    self.ranks.push(Reverse(rank));
                }
            }
            if pairs == 0 {
                break;
            }
        }
        self.ranks.is_empty()
    }

    fn merge(&mut self, merges: &Merges, rank: u32, at: usize) {
        let next = self.right[at];
        if self.symbols[at] == NONE || next == NONE {
            return; // merged away meanwhile
        }
        // As the library: an entry is out of date unless the symbols that stand there now become the same token.
        let now = merges.rank(self.symbols[at], self.symbols[next as usize]);
        let result = merges.results[rank as usize];
        if now.is_none_or(|now| merges.results[now as usize] != result) {
            return;
        }
        let behind = self.right[next as usize];
        self.symbols[at] = result;
        self.symbols[next as usize] = NONE;
        self.right[at] = behind;
        let before = self.left[at];
        if behind != NONE {
            self.left[behind as usize] = at as u32;
            self.note(merges, at, behind as usize);
        }
        if before != NONE {
            self.note(merges, before as usize, at);
        }
    }

    fn note(&mut self, merges: &Merges, at: usize, next: usize) {
        if let Some(rank) = merges.rank(self.symbols[at], self.symbols[next]) {
            let places = &mut self.places[rank as usize];
            if places.is_empty() {
                self.ranks.push(Reverse(rank));
            }
            places.push(at as u32);
        }
    }

    /// The symbols that are left.
    pub(super) fn symbols(&self) -> impl Iterator<Item = u32> {
        self.symbols.iter().copied().filter(|&symbol| symbol != NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{TokenizerConfig, TokenizerKind};
    use crate::tokenizer::{Scheme, Tokenizer};

    #[test]
    fn long_pieces_are_merged_as_the_library_merges() {
        let mut state = 5_u32;
        let mut number = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        let runs: String =
            (0..2000).map(|_| ["a", "b", "-"][number(3) as usize].repeat(1 + number(20) as usize)).collect();
        let source = include_str!("merges.rs");
        for text in [source, &runs, &format!("{source}{runs}")] {
            let config = TokenizerConfig { kind: TokenizerKind::Bpe, vocabulary: 1000, ..TokenizerConfig::default() };
            let tokenizer = Tokenizer::from_text(&config, text).unwrap();
            let Scheme::Bytes(bytes) = tokenizer.scheme() else { panic!() };
            for step in [1, 3, 1000, usize::MAX] {
                for length in [1, 2, 3, 50, 5000] {
                    let start = number(2000) as usize;
                    let piece = text.as_bytes().iter().cycle().skip(start).take(length).copied().collect::<Vec<u8>>();
                    let mut library = Vec::new();
                    bytes.merges.encode(&piece, &mut library).unwrap();
                    let symbols = piece.iter().map(|&byte| bytes.ids[usize::from(byte)]).collect();
                    let mut merging = Merging::new(&bytes.merges, symbols);
                    while !merging.advance(&bytes.merges, step) {}
                    assert_eq!(merging.symbols().collect::<Vec<_>>(), library);
                }
            }
        }
    }
}
