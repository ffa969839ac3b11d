//! The one way to the matrix product: C is cut into pieces, which the threads share.

use crate::call::Call;
use crate::gemm::{
    self, Destination, Factor, Product, gemm, has_few_rows, is_read_in_place, pack_left,
    pack_right, packed_len, panel_width, stored,
};
use crate::memory::CACHE_LINE;
use crate::number::element::Element;
use crate::number::fusing::fuses;
use crate::number::simd::Vector;
use crate::part::part;
use crate::threads::{Seat, Shared, largest_piece, share_range, worth_while};
use ndarray::{ArrayView2, ArrayViewMut2, Axis, ShapeBuilder};
use std::ops::Range;

/// What is done to a finished block of a product, given its first row and column.
pub type Epilogue<'a, T> = dyn for<'b> Call<Block<'b, T>> + Sync + 'a;

/// A block of a product, and its first row and column.
pub type Block<'a, T> = (ArrayViewMut2<'a, T>, usize, usize);

/// The epilogue that leaves a product as it is.
pub fn nothing<T>(_block: Block<T>) {}

/// The most elements of a factor that each thread packs whole: 4 MiB in f32. Beyond that, packing anew for each
/// piece costs little beside the work, and the memory would count.
const MOST_PACKED: usize = 1 << 20;

/// What a product may use: `workspace_len` elements to pack its operands into, and how many threads.
pub struct Resources<'a, T> {
    pub workspace: &'a mut [T],
    pub threads: usize,
}

/// A side of C that threads share: each some of its rows.
pub const ROWS: Axis = Axis(0);
/// A side of C that threads share: each some of its columns.
pub const COLUMNS: Axis = Axis(1);

/// The longer side of an (m, n) C.
pub fn longer_side((m, n): (usize, usize)) -> Axis {
    if m >= n { ROWS } else { COLUMNS }
}

/// Elements of workspace that a product of at most m rows, n columns and k terms needs on `threads` threads that share
/// the side `shared` of C.
#[inline(never)]
pub fn workspace_len<T: Element>(
    (m, n): (usize, usize),
    k: usize,
    threads: usize,
    shared: Axis,
) -> usize {
    let alone = gemm::workspace_len::<T>(m, n, k);
    let whole = if shared == ROWS { n } else { m };
    let packed = if threads == 1 { 0 } else { packed_len(whole, k).min(MOST_PACKED) };
    // A workspace may begin anywhere, and what is packed is aligned to a vector.
    threads.saturating_mul(alone.saturating_add(packed)).saturating_add(T::Vector::LANES - 1)
}

/// C ← A·B, then the epilogue once for each finished block of C (in panels: of the matrix that C is stored as).
/// A: (m, k), B: (k, n), plain or in panels, C: (m, n).
///
/// Threads share a side of C; the factor that is whole in all pieces, each packs for itself, once (unless it is very
/// large): what one has packed lies in its own core's cache. An element's sum over k is never cut: neither the side
/// nor the number of threads changes a bit.
/// The epilogue is called through a pointer, so that the product is compiled once for each number
/// type and not again for each activation.
pub fn product<T: Element>(
    c: Destination<T>,
    a: ArrayView2<T>,
    b: Factor<T>,
    resources: &mut Resources<T>,
    shared: Axis,
    epilogue: &Epilogue<T>,
) {
    let Resources { workspace, threads } = resources;
    let unaligned = workspace.as_ptr().align_offset(align_of::<T::Vector>());
    let workspace = &mut workspace[unaligned..];
    let ((m, n), k) = (c.dim(), a.ncols());
    let work = m.saturating_mul(n).saturating_mul(k);
    let threads = worth_while(*threads, work);
    let fused = fuses();
    if threads == 1 {
        let epilogue =
            &mut |block: ArrayViewMut2<T>, row, column| epilogue.call((block, row, column));
        return gemm(Product { c, k, a: Factor::Plain(a), b, fused }, workspace, epilogue);
    }
    let whole_c = SharedDestination::from(c);
    let slot = workspace.len() / threads;
    let slot = slot - slot % T::Vector::LANES; // so that each is aligned
    let workspace = Shared(workspace.as_mut_ptr());
    let by_rows = shared == ROWS;
    let (len, whole) = if by_rows { (m, n) } else { (n, m) };
    // Columns of a piece are whole cache lines (where C's rows are), so that no two threads write to one, and whole
    // panels.
    let unit = (CACHE_LINE / size_of::<T>()).next_multiple_of(panel_width::<T>());
    let largest = largest_piece(len, unit, threads);
    let room = packed_len(whole, k);
    let packs = room <= MOST_PACKED
        && (by_rows || !is_read_in_place(a, n, largest))
        && match b {
            Factor::Plain(b) => by_rows || !has_few_rows((m, n), b),
            _ => !by_rows, // B is packed, in a way
        };
    share_range(threads, len, unit, work, &|(next_piece, seat): Seat<Range<usize>>| {
        let Some(mut piece) = next_piece() else { return };
        // SAFETY: a seat's slot of the workspace is no other thread's, and it outlives `share_range`.
        let workspace = unsafe { workspace.slice(seat * slot, slot) };
        let (packed, workspace) = workspace.split_at_mut(if packs { room } else { 0 });
        let (mut whole_a, mut whole_b) = (None, None);
        match b {
            Factor::Plain(b) if packs && by_rows => {
                pack_right(packed, b);
                whole_b = Some(Factor::Packed(&*packed));
            }
            _ if packs => {
                pack_left(packed, a);
                whole_a = Some(Factor::Packed(&*packed));
            }
            _ => {}
        }
        loop {
            let (rows, columns) = if by_rows { (piece, 0..n) } else { (0..m, piece) };
            // SAFETY: the pieces of C are disjoint and lie within it, and C outlives `share_range`.
            let (c, first_row, first_column) =
                unsafe { whole_c.block(rows.clone(), columns.clone()) };
            let of_whole = &mut |block: ArrayViewMut2<T>, row: usize, column: usize| {
                epilogue.call((block, first_row + row, first_column + column));
            };
            let a = whole_a.unwrap_or_else(|| Factor::Plain(part(a, rows, 0..k)));
            let b = whole_b.unwrap_or_else(|| columns_of(b, k, &columns));
            gemm(Product { c, k, a, b, fused }, workspace, of_whole);
            match next_piece() {
                Some(next) => piece = next,
                None => break,
            }
        }
    });
}

/// Some columns of B; of one in panels, whole panels.
fn columns_of<'a, T: Element>(b: Factor<'a, T>, k: usize, columns: &Range<usize>) -> Factor<'a, T> {
    match b {
        Factor::Plain(b) => Factor::Plain(part(b, 0..k, columns.clone())),
        Factor::Panels(b) => Factor::Panels(&b[columns.start * k..columns.end * k]),
        Factor::Packed(_) => unreachable!("product: B packed beforehand"),
    }
}

/// A `Destination` that threads share.
#[derive(Clone, Copy)]
struct SharedDestination<T> {
    start: Shared<T>,
    row_stride: usize,
    in_panels: bool,
}

impl<T: Element> SharedDestination<T> {
    fn from(c: Destination<T>) -> Self {
        let Destination { mut matrix, in_panels } = c;
        let row_stride = matrix.strides()[0] as usize;
        Self { start: Shared(matrix.as_mut_ptr()), row_stride, in_panels }
    }

    /// Some rows and columns of C (of one in panels, whole panels), and where they begin in the matrix that it is
    /// stored as.
    ///
    /// # Safety
    /// They lie in C, which outlives the view, and nothing else reads or writes them meanwhile.
    unsafe fn block<'a>(
        self,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> (Destination<'a, T>, usize, usize) {
        let (rows, columns) = stored::<T>(self.in_panels, rows, columns);
        let shape = (rows.len(), columns.len()).strides((self.row_stride, 1));
        // SAFETY: the caller's contract.
        let matrix = unsafe {
            let start = self.start.0.add(rows.start * self.row_stride + columns.start);
            ArrayViewMut2::from_shape_ptr(shape, start)
        };
        (Destination { matrix, in_panels: self.in_panels }, rows.start, columns.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::bits;
    use ndarray::Array2;

    fn threads_change_no_bit<T: Element>() {
        for (m, n, k) in [
            (130, 70, 60),
            (17, 257, 133),
            (65, 66, 257),
            (1, 3000, 200),
            (5, 9, MOST_PACKED / 4),
            (9, 5, MOST_PACKED / 4),
        ] {
            let number = |i: usize| T::from_f64(((i * 7919) % 1000) as f64 / 500.0 - 1.0);
            let a = Array2::from_shape_fn((m, k), |(i, p)| number(i * k + p));
            let b = Array2::from_shape_fn((k, n), |(p, j)| number(3 * (p * n + j)));
            let run = |threads: usize, shared: Axis| {
                let mut c = Array2::from_elem((m, n), T::from_f64(f64::NAN));
                let len = workspace_len::<T>((m, n), k, threads, shared);
                let mut workspace = vec![T::zero(); len];
                let add_index: &Epilogue<T> = &|(mut block, row, column): Block<T>| {
                    for ((i, j), x) in block.indexed_iter_mut() {
                        *x = *x + T::from_f64(((row + i) * n + column + j) as f64);
                    }
                };
                let mut resources = Resources { workspace: &mut workspace, threads };
                let (c_rows, b) = (Destination::rows(c.view_mut()), Factor::Plain(b.view()));
                product(c_rows, a.view(), b, &mut resources, shared, add_index);
                bits(&c)
            };
            let alone = run(1, ROWS);
            for threads in 2..=8 {
                for shared in [ROWS, COLUMNS] {
                    assert!(run(threads, shared) == alone, "{m}×{n}×{k}, {threads}, {shared:?}");
                }
            }
        }
    }

    #[test]
    fn threads_change_no_bit_of_a_product_or_its_epilogue() {
        threads_change_no_bit::<f32>();
        threads_change_no_bit::<f64>();
    }
}
