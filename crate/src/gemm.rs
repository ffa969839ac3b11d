//! The matrix product: Goto & van de Geijn's five loops around a microkernel (Anatomy of
//! High-Performance Matrix Multiplication, 2008; MR, NR, KC, MC and NC are BLIS's names).
//!
//! B is packed, A is read where it lies wherever that costs nothing.

mod column;
mod macrokernel;
mod microkernel;
mod pack;
#[cfg(test)]
mod tests;

use crate::element::Element;
use macrokernel::multiply_block;
use microkernel::{MR, Tiles, lanes, nr};
use ndarray::{ArrayView2, ArrayViewMut2, s};
use pack::{Operand, pack};

/// Steps of k in a block. Four rows of A and one panel of B are then 24 KiB in f32 and 32 KiB in
/// f64: a first-level cache. With 256, C comes and goes twice as often (measured: 0.02 slower).
const KC: usize = 512;
/// Rows in a block: of A, 256 KiB in f32, half of a second-level cache or less.
const MC: usize = 128;
/// Columns in a block: of C, 128 KiB in f32, so that the epilogue finds it in cache. With 512 and
/// 1024 the product is no faster.
const NC: usize = 256;

/// C ← A·B, then `epilogue` once on every finished block of C while it is in cache.
///
/// A: (m, k), B: (k, n), C: (m, n). C is row-major, its rows may lie further apart than n; of A and
/// B either the rows or the columns are contiguous, so a transposed view serves as it is.
/// `epilogue` gets the block and the row and the column of C where it begins. Nothing is allocated;
/// `workspace` has at least [`workspace_len`] elements, of any value.
///
/// C[i][j] has the bits of `sum = 0; for p in 0..k { sum = sum + A[i][p]·B[p][j] }`, every product
/// and every sum rounded, whatever the sizes: blocks divide the loop over p but never a sum.
///
/// # Panics
/// Where shapes disagree, a layout is none of those, or the workspace is too short.
pub fn gemm<T: Element>(
    mut c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    b: ArrayView2<T>,
    workspace: &mut [T],
    mut epilogue: impl FnMut(ArrayViewMut2<T>, usize, usize),
) {
    let ((m, n), k) = (c.dim(), a.ncols());
    assert_eq!((m, k, n), (a.nrows(), b.nrows(), b.ncols()), "gemm: (m, k, n) of C, A and B");
    assert!(workspace.len() >= workspace_len::<T>(m, n, k), "gemm: workspace too short");
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        c.fill(T::zero());
        return epilogue(c, 0, 0);
    }
    let [c_stride, c_step] = strides(c.shape(), c.strides());
    assert!(c_step == 1, "gemm: C must be row-major");
    let [across, along] = strides(a.shape(), a.strides());
    let a = Operand { start: a.as_ptr(), across, along };
    let [along, across] = strides(b.shape(), b.strides());
    let b = Operand { start: b.as_ptr(), across, along };

    let even_kc = k.div_ceil(k.div_ceil(KC));
    let (b_space, rest) = workspace.split_at_mut(b_len::<T>(n, even_kc));
    let (a_space, edge) = rest.split_at_mut(a_len(m, even_kc));
    for jc in (0..n).step_by(NC) {
        let nc = NC.min(n - jc);
        for pc in (0..k).step_by(even_kc) {
            let kc = even_kc.min(k - pc);
            // SAFETY: B has kc rows from pc on and nc columns from jc on.
            unsafe { pack(b_space, b.at(jc, pc), nc, kc, nr::<T>(), lanes::<T>()) };
            for ic in (0..m).step_by(MC) {
                let mc = MC.min(m - ic);
                let block = Tiles {
                    c: c.as_mut_ptr().wrapping_add(ic * c_stride + jc),
                    c_stride,
                    a: a.at(ic, pc),
                    a_step: a.across,
                    b: b_space.as_ptr(),
                    m: mc,
                    k: kc,
                    first: pc == 0,
                };
                // SAFETY: C and A have mc rows from ic on, C nc columns from jc on, A kc from pc on,
                // and those of B are packed.
                unsafe { multiply_block(block, nc, a_space, edge) };
                if pc + kc == k {
                    epilogue(c.slice_mut(s![ic..ic + mc, jc..jc + nc]), ic, jc);
                }
            }
        }
    }
}

/// Elements of workspace for any product of at most these sizes: a block of A, a block of B and a
/// ragged edge of C. Never more than 197,632.
pub fn workspace_len<T: Element>(m: usize, n: usize, k: usize) -> usize {
    let kc = k.min(KC);
    b_len::<T>(n, kc) + a_len(m, kc) + m.min(MC) * nr::<T>()
}

fn a_len(m: usize, kc: usize) -> usize {
    kc * m.min(MC).next_multiple_of(MR)
}

fn b_len<T: Element>(n: usize, kc: usize) -> usize {
    kc * n.min(NC).next_multiple_of(lanes::<T>())
}

/// Both strides; 1 for an axis of one element, whose stride says nothing.
fn strides(shape: &[usize], strides: &[isize]) -> [usize; 2] {
    let strides = [0, 1].map(|axis| match shape[axis] {
        1 => 1,
        _ => usize::try_from(strides[axis]).expect("gemm: a stride is negative"),
    });
    assert!(strides.contains(&1), "gemm: one stride of each matrix must be 1");
    strides
}
