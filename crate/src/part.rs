//! A part of a matrix. (ndarray's `s![…]` of two ranges compiles to a kilobyte for each kind of view.)

use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};
use std::ops::Range;

/// These rows and columns of a view. Panics where it lacks one, and for a negative stride.
pub fn part<T>(matrix: ArrayView2<T>, rows: Range<usize>, columns: Range<usize>) -> ArrayView2<T> {
    let (first, strides) = place(matrix.dim(), matrix.strides(), &rows, &columns);
    let shape = (rows.len(), columns.len()).strides(strides);
    // SAFETY: `place` found all of them in the matrix.
    unsafe { ArrayView2::from_shape_ptr(shape, matrix.as_ptr().wrapping_add(first)) }
}

/// The same of a view to write.
pub fn part_mut<T>(
    mut matrix: ArrayViewMut2<T>,
    rows: Range<usize>,
    columns: Range<usize>,
) -> ArrayViewMut2<T> {
    let (first, strides) = place(matrix.dim(), matrix.strides(), &rows, &columns);
    let shape = (rows.len(), columns.len()).strides(strides);
    // SAFETY: as above, and the view is given up for its part.
    unsafe { ArrayViewMut2::from_shape_ptr(shape, matrix.as_mut_ptr().wrapping_add(first)) }
}

/// How many elements behind the first of a matrix a part of it begins, and the strides of both. The same for all types.
#[inline(never)]
fn place(
    (m, n): (usize, usize),
    strides: &[isize],
    rows: &Range<usize>,
    columns: &Range<usize>,
) -> (usize, (usize, usize)) {
    assert!(rows.start <= rows.end && rows.end <= m, "rows that are there");
    assert!(columns.start <= columns.end && columns.end <= n, "columns that are there");
    assert!(strides[0] >= 0 && strides[1] >= 0, "strides that aren't negative");
    let strides = (strides[0] as usize, strides[1] as usize);
    (rows.start * strides.0 + columns.start * strides.1, strides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    #[test]
    fn it_is_the_slice() {
        let mut matrix = Array2::from_shape_fn((5, 7), |(i, j)| i * 7 + j);
        for rows in [0..5, 1..1, 2..4, 4..5] {
            for columns in [0..7, 3..3, 1..6, 6..7] {
                let expected = matrix.slice(s![rows.clone(), columns.clone()]).to_owned();
                assert_eq!(part(matrix.view(), rows.clone(), columns.clone()), expected);
                let transposed = part(matrix.t(), columns.clone(), rows.clone());
                assert_eq!(transposed, expected.t());
                assert_eq!(part_mut(matrix.view_mut(), rows.clone(), columns), expected);
            }
        }
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let matrix = Array2::<f32>::zeros((2, 3));
        for (rows, columns) in [(0..3, 0..3), (0..2, 0..4), (3..3, 0..3)] {
            let taken = std::panic::catch_unwind(|| part(matrix.view(), rows, columns).len());
            assert!(taken.is_err());
        }
    }
}
