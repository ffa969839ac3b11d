//! A part of a matrix. (ndarray's `s![…]` of two ranges compiles to a kilobyte for each kind of view.)

use ndarray::{ArrayBase, Axis, Ix2, RawData, Slice};
use std::ops::Range;

/// These rows and columns of a view. Panics where it lacks one.
pub fn part<S: RawData>(
    mut matrix: ArrayBase<S, Ix2>,
    rows: Range<usize>,
    columns: Range<usize>,
) -> ArrayBase<S, Ix2> {
    matrix.slice_axis_inplace(Axis(0), Slice::from(rows));
    matrix.slice_axis_inplace(Axis(1), Slice::from(columns));
    matrix
}
