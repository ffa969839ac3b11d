//! The loops over blocks of C, B and A.

use super::destination::stored;
use super::factor::Factor;
use super::fetch::{fetch, is_far};
use super::macrokernel::macrokernel;
use super::operand::{Operand, operand};
use super::pack::{A_PANELS, Block, b_panels, pack};
use super::product::{BlockEpilogue, Product};
use super::sizes::{IN_PLACE_STEPS, MC, a_len, b_len, even_kc, even_steps, in_place_steps, kc, nc};
use super::tile::{MR, Tiles, lanes, nr};
use crate::number::element::Element;
use crate::part::part_mut;

/// All blocks of a product, compiled once for each number type. Arguments as for `gemm`.
#[inline(never)]
pub fn by_blocks<T: Element>(
    product: Product<T>,
    workspace: &mut [T],
    epilogue: &mut BlockEpilogue<T>,
) {
    let Product { mut c, k, a, b, fused } = product;
    let (m, n) = c.dim();
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        c.matrix.fill(T::zero());
        return epilogue(c.matrix, 0, 0);
    }
    let (c_start, c_stride, c_panel) = c.layout();
    let width = nr::<T>();

    let in_place = match a {
        Factor::Plain(a) => in_place_steps(n, k, operand(a)),
        _ => 0,
    };
    // A B packed beforehand has its blocks; those of any other may be as short as reading A in place asks.
    let even_kc = match b {
        Factor::Packed(_) => even_kc::<T>(k),
        _ if in_place < k.min(IN_PLACE_STEPS) => even_kc::<T>(k),
        _ => even_steps(k, in_place.min(kc::<T>())),
    };
    let nc = nc::<T>(even_kc);
    let (b_space, rest) = workspace.split_at_mut(b_len::<T>(n, k));
    let (a_space, edge) = rest.split_at_mut(a_len::<T>(m, k));
    for (jc, nc) in cuts(n, nc) {
        for (pc, kc) in cuts(k, even_kc) {
            let block = Block { first: jc, count: nc, pc, kc };
            let (b, b_panel) = match b {
                Factor::Packed(b) => (b[block.start(k, lanes::<T>())..].as_ptr(), kc * width),
                Factor::Panels(b) => (b[jc * k + pc * width..].as_ptr(), k * width),
                Factor::Plain(b) => {
                    pack(b_space, b.reversed_axes(), block, b_panels::<T>());
                    (b_space.as_ptr(), kc * width)
                }
            };
            for (ic, mc) in cuts(m, MC) {
                let block = Block { first: ic, count: mc, pc, kc };
                let (a, a_step) = match a {
                    Factor::Packed(a) => packed_rows(&a[block.start(k, MR)..], kc),
                    Factor::Panels(_) => unreachable!("gemm: A in panels"),
                    Factor::Plain(a) if even_kc <= in_place => {
                        let rows = operand(a).at(ic, pc);
                        // By rows it is read in order anyway.
                        if rows.along != 1 && is_far(a) {
                            // SAFETY: the block lies within A.
                            unsafe { fetch(rows, mc, kc) };
                        }
                        (rows, rows.across)
                    }
                    Factor::Plain(a) => {
                        pack(a_space, a, block, A_PANELS);
                        packed_rows(a_space, kc)
                    }
                };
                let c_block = c_start.wrapping_add(ic * c_stride + jc / width * c_panel);
                let first = pc == 0;
                let tiles = Tiles {
                    c: c_block,
                    c_stride,
                    c_panel,
                    a,
                    a_step,
                    b,
                    b_panel,
                    m: mc,
                    k: kc,
                    fused,
                    first,
                };
                // SAFETY: C and A have mc rows from ic on, C nc columns from jc on, A kc from pc on,
                // and those of B are packed.
                unsafe { macrokernel(tiles, nc, edge) };
                if pc + kc == k {
                    let (rows, columns) = stored::<T>(c.in_panels, ic..ic + mc, jc..jc + nc);
                    let first = (rows.start, columns.start);
                    epilogue(part_mut(c.matrix.view_mut(), rows, columns), first.0, first.1);
                }
            }
        }
    }
}

/// Where each of the pieces of 0 … len begins, and its length, `most` or what is left. (A `step_by` begins with a division.)
fn cuts(len: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let first = (len > 0).then_some((0, most.min(len)));
    std::iter::successors(first, move |&(start, size)| {
        let next = start + size;
        (next < len).then(|| (next, most.min(len - next)))
    })
}

/// The rows of a packed block of A with kc columns, and how far each row goes on from one tile to the next.
fn packed_rows<T>(block: &[T], kc: usize) -> (Operand<T>, usize) {
    (Operand { start: block.as_ptr(), across: 1, along: MR }, kc)
}
