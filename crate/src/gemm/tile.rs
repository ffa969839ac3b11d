//! The tile of C that a microkernel keeps in registers, and columns of such tiles.

use super::operand::Operand;
use crate::number::element::Element;
use crate::number::simd::{Fuses, TILE, Vector};

/// Rows of a tile.
pub const MR: usize = TILE.rows;

/// Vectors across a tile.
pub const NR_VECTORS: usize = TILE.vectors;

/// Elements in a vector.
pub const fn lanes<T: Element>() -> usize {
    <T::Vector as Vector<T>>::LANES
}

/// NR: columns of a tile.
pub const fn nr<T: Element>() -> usize {
    NR_VECTORS * lanes::<T>()
}

/// A column of tiles of C, one below the other, and the A and B they are the product of.
#[derive(Clone, Copy)]
pub struct Tiles<T> {
    /// Element (0, 0) of the first tile; rows of C are `c_stride` apart.
    pub c: *mut T,
    pub c_stride: usize,
    /// From one column of tiles of C to the next.
    pub c_panel: usize,
    /// The rows of A that belong to the first tile.
    pub a: Operand<T>,
    /// From one tile to the next each row of A goes on by `a_step` elements: `a.across` where A lies as
    /// the caller has it, k where it is packed.
    pub a_step: usize,
    /// A packed panel of B.
    pub b: *const T,
    /// From one panel to the next.
    pub b_panel: usize,
    /// Rows of C and of A.
    pub m: usize,
    /// Columns of A and rows of B; at least 1.
    pub k: usize,
    /// Whether a product and its sum are rounded together.
    pub fused: bool,
    /// Whether this is the first block of k, so that C's old values do not count.
    pub first: bool,
}

impl<T: Copy> Tiles<T> {
    /// Whether they are fused: known to the compiler where there is no choice.
    #[inline(always)]
    pub fn fuses(&self) -> bool {
        match TILE.fuses {
            Fuses::Never => false,
            Fuses::WhereAsked => self.fused,
            Fuses::Always => true,
        }
    }

    /// Where row `i` of A begins.
    #[inline(always)]
    pub fn a_row(&self, i: usize) -> *const T {
        let in_panel = i % MR;
        self.a.start.wrapping_add((i - in_panel) * self.a_step + in_panel * self.a.across)
    }

    /// The tiles of the first `m` rows, a multiple of MR, and of the others.
    pub fn split(&self, m: usize) -> (Self, Self) {
        let a = self.a.start.wrapping_add(m * self.a_step);
        let rest = Self {
            c: self.c.wrapping_add(m * self.c_stride),
            a: Operand { start: a, ..self.a },
            m: self.m - m,
            ..*self
        };
        (Self { m, ..*self }, rest)
    }
}
