//! A and B: what a product reads.

use super::pack::{A_PANELS, Block, b_panels, pack};
use super::sizes::{MC, even_kc, nc};
use super::tile::{MR, lanes};
use crate::number::element::Element;
use ndarray::ArrayView2;

/// A or B: as it lies, packed beforehand by `pack_left` or `pack_right`, or in panels.
#[derive(Clone, Copy)]
pub enum Factor<'a, T> {
    Plain(ArrayView2<'a, T>),
    Packed(&'a [T]),
    /// B alone: all its rows of NR columns, then of the next NR; n is a multiple of NR.
    Panels(&'a [T]),
}

/// Packs all blocks of A: (m, k) into at least `packed_len` elements.
pub fn pack_left<T: Element>(packed: &mut [T], a: ArrayView2<T>) {
    let (m, k) = a.dim();
    for_all_blocks::<T>(m, MC, k, |block| {
        pack(&mut packed[block.start(k, MR)..], a, block, A_PANELS);
    });
}

/// Packs all blocks of B: (k, n) into at least `packed_len` elements.
pub fn pack_right<T: Element>(packed: &mut [T], b: ArrayView2<T>) {
    let (k, n) = b.dim();
    for_all_blocks::<T>(n, nc::<T>(even_kc::<T>(k)), k, |block| {
        let packed = &mut packed[block.start(k, lanes::<T>())..];
        pack(packed, b.reversed_axes(), block, b_panels::<T>());
    });
}

fn for_all_blocks<T: Element>(len: usize, most: usize, k: usize, mut f: impl FnMut(Block)) {
    for first in (0..len).step_by(most) {
        for pc in (0..k).step_by(even_kc::<T>(k)) {
            let (count, kc) = (most.min(len - first), even_kc::<T>(k).min(k - pc));
            f(Block { first, count, pc, kc });
        }
    }
}
