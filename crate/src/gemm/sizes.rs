//! The sizes of blocks, and of the memory that they are packed into.

use super::operand::{Operand, operand};
use super::tile::{MR, lanes, nr};
use crate::number::element::Element;
use crate::number::simd::{MAX_LANES, TILE};
use ndarray::ArrayView2;

/// KC: steps of k in a block, with 4×2 vectors of 128 bits 512 in f32 and 384 in f64.
pub const fn kc<T: Element>() -> usize {
    TILE.panel_bytes / ((MR + nr::<T>()) * size_of::<T>())
}
/// MC: rows in a block, whole tiles. Of A, 256 KiB in f32, half of a second-level cache or less.
pub const MC: usize = 128 - 128 % MR;
/// NC: columns in a block of kc steps of k, whole panels. Of B, as much as the tile says; of C, the MC rows
/// of 1024 columns at most, as much in f32, so that the epilogue finds it there. The more, the less often A is packed.
pub fn nc<T: Element>(kc: usize) -> usize {
    let step = kc * size_of::<T>();
    // No division where all fit: a small product takes little longer.
    let columns = if step * MOST_COLUMNS <= TILE.block_bytes {
        MOST_COLUMNS
    } else {
        TILE.block_bytes / step
    };
    columns - columns % nr::<T>()
}
pub const MOST_COLUMNS: usize = 1024;

/// Up to this many columns of C, A is not read often enough to be worth packing: nor for one panel of B, for which it is
/// read once. An A by rows is as good where it lies, for as many columns as the tile says.
pub const fn in_place_columns<T: Element>(by_rows: bool) -> usize {
    let columns = if by_rows { TILE.columns_in_place } else { 20 };
    if nr::<T>() > columns { nr::<T>() } else { columns }
}
/// Where the span of an A by columns that is read in place leaves fewer steps than this, A is packed.
pub const IN_PLACE_STEPS: usize = 64;

/// Up to this many rows of A, and up to k/16, a B whose columns are contiguous isn't worth packing.
pub const FEW_ROWS: usize = 16;
pub const TERMS_OF_A_ROW: usize = 16;

/// Whether `gemm` packs A for an (m, n) C and leaves B as it is.
pub fn has_few_rows<T: Element>((m, n): (usize, usize), b: ArrayView2<T>) -> bool {
    m <= FEW_ROWS && m < n && m * TERMS_OF_A_ROW <= b.nrows() && b.strides()[0] == 1
}

/// Room for a packed A of `count` rows, or of a packed B of `count` columns.
pub fn packed_len(count: usize, k: usize) -> usize {
    let longest = count.next_multiple_of(MR).max(count.next_multiple_of(MAX_LANES));
    whole_vectors(k.saturating_mul(longest))
}

/// The length of some panels of A, rounded up so that what follows them is aligned; where a tile's rows fill vectors, so
/// do panels.
fn whole_vectors(len: usize) -> usize {
    if const { MR.is_multiple_of(MAX_LANES) } {
        len
    } else {
        len.div_ceil(MAX_LANES).saturating_mul(MAX_LANES)
    }
}

/// The most of k steps in a block of an A that is read in place: none where the n columns of C make it worth packing.
pub fn in_place_steps<T: Element>(n: usize, k: usize, a: Operand<T>) -> usize {
    let step = a.along * size_of::<T>();
    match n > in_place_columns::<T>(a.along == 1) {
        true => 0,
        false if k.saturating_mul(step) <= TILE.span_in_place => k,
        false => TILE.span_in_place / step,
    }
}

/// Whether A is read in place for n columns of C, of which a thread takes up to `piece` at a time: then none needs to pack
/// all of it beforehand.
pub fn is_read_in_place<T: Element>(a: ArrayView2<T>, n: usize, piece: usize) -> bool {
    let (k, a) = (a.ncols(), operand(a));
    match a.along == 1 {
        true => n <= in_place_columns::<T>(true),
        false => in_place_steps(piece, k, a) == k,
    }
}

/// Steps of k in each block but the last of a factor packed beforehand.
pub fn even_kc<T: Element>(k: usize) -> usize {
    even_steps(k, kc::<T>())
}

/// Steps of k in each block but the last: blocks of nearly equal length, of `most` steps at most.
pub fn even_steps(k: usize, most: usize) -> usize {
    if k <= most { k.max(1) } else { k.div_ceil(k.div_ceil(most)) }
}

/// Elements of workspace for any product of at most m rows, n columns and k terms: a block of A, a block of B and a
/// ragged edge of C, a whole number of vectors. With 4×2 vectors of 128 bits
/// never more than 197,632.
#[inline(never)]
pub fn workspace_len<T: Element>(m: usize, n: usize, k: usize) -> usize {
    let blocks = |m: usize, n: usize| b_len::<T>(n, k) + a_len::<T>(m, k) + m.min(MC) * nr::<T>();
    let few = m.min(FEW_ROWS);
    blocks(m, n).max(transposed_len::<T>(few, n) + blocks(n, few))
}

/// Elements of the part of Cᵀ that `few_rows` computes at a time: whole vectors, so that what follows is aligned.
pub fn transposed_len<T: Element>(m: usize, n: usize) -> usize {
    (MC.min(n) * m).next_multiple_of(lanes::<T>())
}

/// Elements of the packed block of A.
pub fn a_len<T: Element>(m: usize, k: usize) -> usize {
    whole_vectors(k.min(kc::<T>()) * m.min(MC).next_multiple_of(MR))
}

/// The most that a block of B takes for any k up to this one: fewer steps make wider blocks.
pub fn b_len<T: Element>(n: usize, k: usize) -> usize {
    let columns = n.min(MOST_COLUMNS).next_multiple_of(lanes::<T>());
    (k.min(kc::<T>()) * columns).min(TILE.block_bytes / size_of::<T>())
}
