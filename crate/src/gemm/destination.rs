//! C: where a product goes.

use super::operand::strides;
use super::tile::nr;
use crate::number::element::Element;
use ndarray::ArrayViewMut2;
use std::ops::Range;

/// Where C goes, and how.
pub struct Destination<'a, T> {
    /// Row-major, its rows possibly further apart than they are long. C itself; or, in panels, (n/NR, m·NR): row q
    /// holds the columns from q·NR on of all rows of C.
    pub matrix: ArrayViewMut2<'a, T>,
    pub in_panels: bool,
}

impl<'a, T: Element> Destination<'a, T> {
    pub fn rows(matrix: ArrayViewMut2<'a, T>) -> Self {
        Self { matrix, in_panels: false }
    }

    pub fn panels(matrix: ArrayViewMut2<'a, T>) -> Self {
        Self { matrix, in_panels: true }
    }

    /// (m, n) of C.
    pub fn dim(&self) -> (usize, usize) {
        let (rows, columns) = self.matrix.dim();
        let nr = nr::<T>();
        if self.in_panels { (columns / nr, rows * nr) } else { (rows, columns) }
    }

    /// Where C begins; from one row to the next, and from one panel of NR columns to the next, in elements.
    pub fn layout(&mut self) -> (*mut T, usize, usize) {
        let [line, step] = strides(self.matrix.shape(), self.matrix.strides());
        assert!(step == 1, "gemm: C must be row-major");
        let start = self.matrix.as_mut_ptr();
        if self.in_panels { (start, nr::<T>(), line) } else { (start, line, nr::<T>()) }
    }
}

/// Rows and columns of the matrix that C is stored as, for these rows and columns of C (in panels: whole panels).
pub fn stored<T: Element>(
    in_panels: bool,
    rows: Range<usize>,
    columns: Range<usize>,
) -> (Range<usize>, Range<usize>) {
    let nr = nr::<T>();
    if in_panels {
        (columns.start / nr..columns.end / nr, rows.start * nr..rows.end * nr)
    } else {
        (rows, columns)
    }
}
