//! One product: its factors and where it goes.

use super::destination::Destination;
use super::factor::Factor;
use super::sizes::packed_len;
use super::tile::nr;
use crate::number::element::Element;
use ndarray::ArrayViewMut2;

/// C ← A·B. A: (m, k), B: (k, n), C: (m, n).
pub struct Product<'c, 'a, 'b, T> {
    pub c: Destination<'c, T>,
    pub k: usize,
    pub a: Factor<'a, T>,
    pub b: Factor<'b, T>,
    /// Whether a product and its sum are rounded together, where the instruction set can.
    pub fused: bool,
}

/// What is called for every finished block of C, with the row and the column where it begins.
pub type BlockEpilogue<'a, T> = dyn FnMut(ArrayViewMut2<T>, usize, usize) + 'a;

impl<T: Element> Product<'_, '_, '_, T> {
    /// Whether A and B have the shapes that C and k ask for, and a packed one its length and alignment.
    pub fn fits(&self) -> bool {
        let ((m, n), k) = (self.c.dim(), self.k);
        let a_fits = match self.a {
            Factor::Plain(a) => a.dim() == (m, k),
            Factor::Packed(a) => a.len() >= packed_len(m, k),
            Factor::Panels(_) => false,
        };
        let b_fits = match self.b {
            Factor::Plain(b) => b.dim() == (k, n),
            Factor::Packed(b) => b.len() >= packed_len(n, k) && is_aligned(b),
            Factor::Panels(b) => {
                n.is_multiple_of(nr::<T>()) && b.len() == n.saturating_mul(k) && is_aligned(b)
            }
        };
        a_fits && b_fits
    }
}

/// Whether a slice begins at a multiple of a vector's alignment.
pub fn is_aligned<T: Element>(slice: &[T]) -> bool {
    slice.as_ptr().cast::<T::Vector>().is_aligned()
}
