//! The one micro-kernel that every matrix product on the CPU goes through, and how operands are packed for it.
//!
//! Both operands are cut into panels, each of some lines, with the inner axis outermost: the micro-kernel then walks both from end to
//! end and keeps a tile of results in registers (Goto and van de Geijn 2008). On WebAssembly a tile of 4 × 8 fills eight 128-bit
//! sums; more of them spill in V8. Natively 6 × 16 fill twelve of 256 bits, of sixteen that there are.

/// Rows of a tile: lines of a panel of the left operand.
pub const ROWS: usize = if cfg!(target_arch = "wasm32") { 4 } else { 6 };
/// Columns of a tile: lines of a panel of the right operand.
pub const COLUMNS: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };

/// Results in registers, [row][column].
pub type Tile = [[f32; COLUMNS]; ROWS];

/// An operand as lines by inner indices: rows of the left one, columns of the right one.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    words: &'a [f32],
    stride: usize,
    across: bool,
}

impl<'a> Lines<'a> {
    /// Line `l`'s element `k` stands at `l · stride + k`.
    pub fn along(words: &'a [f32], stride: usize) -> Self {
        Self { words, stride, across: false }
    }

    /// Line `l`'s element `k` stands at `k · stride + l`.
    pub fn across(words: &'a [f32], stride: usize) -> Self {
        Self { words, stride, across: true }
    }

    /// Packs lines `first`.. and inner indices `from`.. of these extents as panels of N lines, [panel][inner][N] each; lines
    /// that are not there are 0.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub fn pack<const N: usize>(self, to: &mut [f32], (first, lines): (usize, usize), (from, inner): (usize, usize)) {
        for (panel, to) in to.chunks_exact_mut(N * inner).take(lines.div_ceil(N)).enumerate() {
            let line = first + panel * N;
            let count = N.min(lines - panel * N);
            let (to, _) = to.as_chunks_mut::<N>();
            match (self.across, count == N) {
                (true, true) => {
                    for (k, to) in to.iter_mut().enumerate() {
                        if let Some(words) = self.words[(from + k) * self.stride + line..].first_chunk::<N>() {
                            *to = *words;
                        }
                    }
                }
                (true, false) => {
                    for (k, to) in to.iter_mut().enumerate() {
                        *to = [0.0; N];
                        to[..count].copy_from_slice(&self.words[(from + k) * self.stride + line..][..count]);
                    }
                }
                (false, true) => {
                    let lines: [&[f32]; N] =
                        std::array::from_fn(|n| &self.words[(line + n) * self.stride + from..][..inner]);
                    // Four inner indices at a time, so that words move in vectors.
                    let fours: [&[[f32; 4]]; N] = lines.map(|line| line.as_chunks().0);
                    for (i, to) in to.chunks_exact_mut(4).enumerate() {
                        let words: [[f32; 4]; N] = std::array::from_fn(|n| fours[n][i]);
                        for (k, to) in to.iter_mut().enumerate() {
                            *to = std::array::from_fn(|n| words[n][k]);
                        }
                    }
                    for (k, to) in to.iter_mut().enumerate().skip(inner / 4 * 4) {
                        *to = std::array::from_fn(|n| lines[n][k]);
                    }
                }
                (false, false) => {
                    to.fill([0.0; N]);
                    for n in 0..count {
                        let words = &self.words[(line + n) * self.stride + from..][..inner];
                        to.iter_mut().zip(words).for_each(|(to, word)| to[n] = *word);
                    }
                }
            }
        }
    }
}

/// Words that `lines` lines of `inner` take when packed by N.
pub fn packed<const N: usize>(lines: usize, inner: usize) -> usize {
    lines.div_ceil(N) * N * inner
}

/// The tile of one panel of the left operand by one of the right, [inner][ROWS] and [inner][COLUMNS]; FUSED where the machine
/// multiplies and adds in one instruction.
#[inline(always)]
pub fn tile<const FUSED: bool>(left: &[f32], right: &[f32]) -> Tile {
    let mut tile = [[0.0; COLUMNS]; ROWS];
    let ((left, _), (right, _)) = (left.as_chunks::<ROWS>(), right.as_chunks::<COLUMNS>());
    for (a, b) in left.iter().zip(right) {
        for r in 0..ROWS {
            for c in 0..COLUMNS {
                tile[r][c] = if FUSED { a[r].mul_add(b[c], tile[r][c]) } else { tile[r][c] + a[r] * b[c] };
            }
        }
    }
    tile
}
