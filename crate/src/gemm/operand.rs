//! Where the matrices lie that a product reads.

use crate::number::element::Element;
use ndarray::ArrayView2;

/// Where an operand lies, seen from a tile of C: `across` leads to the next row of A or the next
/// column of B, `along` to the next p.
#[derive(Clone, Copy)]
pub struct Operand<T> {
    pub start: *const T,
    pub across: usize,
    pub along: usize,
}

impl<T: Copy> Operand<T> {
    /// The operand without its first `i` rows of A or columns of B and `p` steps of k.
    pub fn at(self, i: usize, p: usize) -> Self {
        let start = self.start.wrapping_add(i * self.across + p * self.along);
        Self { start, ..self }
    }
}

/// A, or the transpose of B, as the product reads it.
pub fn operand<T: Element>(matrix: ArrayView2<T>) -> Operand<T> {
    let [across, along] = strides(matrix.shape(), matrix.strides());
    Operand { start: matrix.as_ptr(), across, along }
}

/// Both strides; 1 for an axis of one element, whose stride says nothing.
pub fn strides(shape: &[usize], strides: &[isize]) -> [usize; 2] {
    let strides = [0, 1].map(|axis| match shape[axis] {
        1 => 1,
        _ => usize::try_from(strides[axis]).expect("gemm: a stride is negative"),
    });
    assert!(strides.contains(&1), "gemm: one stride of each matrix must be 1");
    strides
}
