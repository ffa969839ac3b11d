//! The two loops around the microkernel: over the panels of a block of B, and down the rows of C.

use super::column::{column_kernel, column_rows, reads_rows};
use super::microkernel::{last_rows, microkernel};
use super::tile::{MR, NR_VECTORS, Tiles, lanes, nr};
use crate::number::element::Element;

/// C ← A·B where `block.first`, else C ← C + A·B, for `n` columns. `edge` is workspace for the rows of C, NR wide.
///
/// # Safety
/// As `microkernel`, for all `n` columns.
#[inline(never)]
pub unsafe fn macrokernel<T: Element>(block: Tiles<T>, n: usize, edge: &mut [T]) {
    for jr in (0..n).step_by(nr::<T>()) {
        let columns = nr::<T>().min(n - jr);
        let (c, b) = (jr / nr::<T>() * block.c_panel, jr / nr::<T>() * block.b_panel);
        let panel = Tiles { c: block.c.wrapping_add(c), b: block.b.wrapping_add(b), ..block };
        // SAFETY: the caller's contract.
        unsafe {
            if columns.is_multiple_of(lanes::<T>()) {
                tiles(&panel, columns);
            } else {
                edge_tiles(&panel, columns, edge);
            }
        }
    }
}

/// Columns that fill no vector: they are multiplied in `edge`, in whole vectors, and copied to C.
/// One column alone has a kernel of its own for most of its rows.
unsafe fn edge_tiles<T: Element>(panel: &Tiles<T>, columns: usize, edge: &mut [T]) {
    let width = columns.next_multiple_of(lanes::<T>());
    let by_column = columns == 1 && reads_rows(panel);
    let alone = if by_column { panel.m - panel.m % column_rows::<T>() } else { 0 };
    let (column, rest) = panel.split(alone);
    assert!(edge.len() >= rest.m * width);
    let strip = Tiles { c: edge.as_mut_ptr(), c_stride: width, ..rest };
    // SAFETY: the caller's contract and the assertion.
    unsafe {
        match (column.a.along == 1, column.fuses()) {
            (true, false) => column_kernel::<T, true, false>(&column),
            (false, false) => column_kernel::<T, false, false>(&column),
            (true, true) => column_kernel::<T, true, true>(&column),
            (false, true) => column_kernel::<T, false, true>(&column),
        }
        if !rest.first {
            copy(strip.c, width, rest.c, rest.c_stride, rest.m, columns);
        }
        tiles(&strip, width);
        copy(rest.c, rest.c_stride, strip.c, width, rest.m, columns);
    }
}

/// Calls `$f::<…, N>` for the one of some numbers N that is equal to `$n` and less than `$below`, a constant:
/// nothing is compiled for others.
macro_rules! constant {
    ($n:expr, $below:expr, [$($number:literal)*], |$constant:ident| $call:expr) => {
        match $n {
            $($number if const { $number < $below } => {
                const $constant: usize = $number;
                $call
            })*
            _ => {}
        }
    };
}

/// All tiles of one panel: those of MR rows, then the rows that are left.
#[inline(always)]
unsafe fn tiles<T: Element>(panel: &Tiles<T>, width: usize) {
    const { assert!(MR <= 16 && NR_VECTORS <= 4) } // or more numbers are needed here
    let (whole, rest) = panel.split(panel.m - panel.m % MR);
    constant!(width / lanes::<T>(), NR_VECTORS + 1, [1 2 3 4], |VECTORS| {
        // SAFETY: the caller's contract.
        unsafe {
            of_layout::<T, VECTORS>(&whole);
            constant!(rest.m, MR, [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15], |HEIGHT| {
                match rest.fuses() {
                    true => last_rows::<T, HEIGHT, VECTORS, true>(&rest),
                    false => last_rows::<T, HEIGHT, VECTORS, false>(&rest),
                }
            });
        }
    });
}

/// The microkernel for the layout of A, and for how products are summed.
#[inline(always)]
unsafe fn of_layout<T: Element, const VECTORS: usize>(tiles: &Tiles<T>) {
    // SAFETY: the caller's contract.
    unsafe {
        match (tiles.a.along == 1, tiles.fuses()) {
            (true, false) => microkernel::<T, VECTORS, true, false>(tiles),
            (false, false) => microkernel::<T, VECTORS, false, false>(tiles),
            (true, true) => microkernel::<T, VECTORS, true, true>(tiles),
            (false, true) => microkernel::<T, VECTORS, false, true>(tiles),
        }
    }
}

/// to ← from, `m` rows of `n` elements.
unsafe fn copy<T: Element>(
    to: *mut T,
    to_stride: usize,
    from: *const T,
    from_stride: usize,
    m: usize,
    n: usize,
) {
    for i in 0..m {
        for j in 0..n {
            // SAFETY: the caller's contract: both have m rows of n elements.
            unsafe { *to.add(i * to_stride + j) = *from.add(i * from_stride + j) };
        }
    }
}
