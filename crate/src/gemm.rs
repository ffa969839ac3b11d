//! The matrix product: Goto & van de Geijn's five loops around a microkernel (Anatomy of
//! High-Performance Matrix Multiplication, 2008; MR, NR, KC, MC and NC are BLIS's names).
//!
//! B is packed, and A too unless C has few columns; with few rows of A, B is read where it lies.

mod column;
mod macrokernel;
mod microkernel;
mod pack;
#[cfg(test)]
mod tests;

use crate::element::Element;
use crate::threads::Shared;
use macrokernel::multiply_block;
use microkernel::{MR, Tiles, lanes, nr};
use ndarray::{ArrayView2, ArrayViewMut2, s};
use pack::{Operand, pack};

/// Bytes that four rows of A and a panel of B take in a block, a first-level cache's: with 16 KiB, C comes and
/// goes more often (measured: 0.01 to 0.02 of peak slower), and with 32 KiB f64 loses 0.06.
const PANELS: usize = 24 << 10;
/// KC: steps of k in a block, 512 in f32 and 384 in f64.
const fn kc<T: Element>() -> usize {
    PANELS / ((MR + nr::<T>()) * size_of::<T>())
}
/// Rows in a block: of A, 256 KiB in f32, half of a second-level cache or less.
const MC: usize = 128;
/// Columns in a block: of C, 128 KiB in f32, so that the epilogue finds it in cache. With 512 and
/// 1024 the product is no faster.
const NC: usize = 256;

/// Up to so many rows of A, and up to k/16, a B whose columns are contiguous isn't worth packing (measured:
/// 16×784×128 gains a sixth, 1×784×128 nine tenths; 32×128×64 would lose a thirtieth).
const FEW_ROWS: usize = 32;
const TERMS_A_ROW: usize = 16;

/// C ← A·B, then `epilogue` once on every finished block of C while it is in cache.
///
/// A: (m, k), B: (k, n), C: (m, n). C is row-major, its rows may lie further apart than n; of A and
/// B either the rows or the columns are contiguous, so a transposed view serves as it is.
/// `epilogue` gets the block and the row and the column of C where it begins. Nothing is allocated;
/// `workspace` has at least [`workspace_len`] elements, of any value, and is aligned to a vector.
///
/// C[i][j] has the bits of `sum = 0; for p in 0..k { sum = sum + A[i][p]·B[p][j] }`, every product
/// and every sum rounded, whatever the sizes: blocks divide the loop over p but never a sum.
///
/// # Panics
/// Where shapes disagree, a layout is none of those, or the workspace is too short or not aligned.
pub fn gemm<T: Element>(
    c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    b: ArrayView2<T>,
    workspace: &mut [T],
    epilogue: &mut dyn FnMut(ArrayViewMut2<T>, usize, usize),
) {
    let ((m, n), k) = (c.dim(), a.ncols());
    // No assert_eq: what writes numbers takes kilobytes of the .wasm.
    assert!((a.nrows(), b.nrows(), b.ncols()) == (m, k, n), "gemm: (m, k, n) of C, A and B");
    assert!(workspace.len() >= workspace_len::<T>(m, n, k), "gemm: workspace too short");
    assert!(is_aligned(workspace), "gemm: workspace not aligned");
    if m <= FEW_ROWS && m < n && m * TERMS_A_ROW <= k && b.strides()[0] == 1 {
        few_rows(c, a, b, workspace, epilogue);
    } else {
        packing(c, a, b, workspace, epilogue);
    }
}

/// Cᵀ ← Bᵀ·Aᵀ, by MC columns of C, which reads B in place and packs the few rows of A.
#[inline(never)]
fn few_rows<T: Element>(
    mut c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    b: ArrayView2<T>,
    workspace: &mut [T],
    epilogue: &mut dyn FnMut(ArrayViewMut2<T>, usize, usize),
) {
    let (m, n) = c.dim();
    let (transposed, rest) = workspace.split_at_mut(transposed_len::<T>(m, n));
    for jc in (0..n).step_by(MC) {
        let columns = jc..(jc + MC).min(n);
        let transposed = &mut transposed[..columns.len() * m];
        // SAFETY: it has columns·m elements and is not used otherwise while the view lives.
        let block =
            unsafe { ArrayViewMut2::from_shape_ptr((columns.len(), m), transposed.as_mut_ptr()) };
        let b = b.slice(s![.., columns.clone()]);
        packing(block, b.reversed_axes(), a.reversed_axes(), rest, &mut |_, _, _| {});
        let mut c = c.slice_mut(s![.., columns]);
        for (i, mut row) in c.rows_mut().into_iter().enumerate() {
            let row = row.as_slice_mut().expect("gemm: C must be row-major");
            for (j, element) in row.iter_mut().enumerate() {
                *element = transposed[j * m + i];
            }
        }
        epilogue(c, 0, jc);
    }
}

/// `gemm` in any case.
#[inline(never)]
fn packing<T: Element>(
    c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    b: ArrayView2<T>,
    workspace: &mut [T],
    epilogue: &mut dyn FnMut(ArrayViewMut2<T>, usize, usize),
) {
    let (n, k) = (c.ncols(), a.ncols());
    let (b_space, rest) = workspace.split_at_mut(b_len::<T>(n, k));
    multiply(c, a, rest, epilogue, &mut |jc, pc, nc, kc| {
        // SAFETY: B has kc rows from pc on and nc columns from jc on.
        unsafe { pack(b_space, right(b).at(jc, pc), nc, kc, nr::<T>(), lanes::<T>()) };
        b_space.as_ptr()
    });
}

/// `gemm` with a B that [`pack_block`] has packed, all of its blocks: the bits are the same.
/// `workspace` has at least [`left_workspace_len`] elements; `packed_b` is aligned to a vector.
pub fn gemm_packed<T: Element>(
    c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    packed_b: &[T],
    workspace: &mut [T],
    epilogue: &mut dyn FnMut(ArrayViewMut2<T>, usize, usize),
) {
    let ((m, n), k) = (c.dim(), a.ncols());
    assert!(a.nrows() == m, "gemm: rows of C and A");
    assert!(packed_b.len() >= packed_len::<T>(n, k), "gemm: packed B too short");
    assert!(is_aligned(packed_b), "gemm: packed B not aligned");
    assert!(workspace.len() >= left_workspace_len::<T>(m, k), "gemm: workspace too short");
    multiply(c, a, workspace, epilogue, &mut |jc, pc, nc, _| {
        packed_b[place::<T>(k, jc, pc, nc)..].as_ptr()
    });
}

/// How many blocks a packed B of these sizes has.
pub fn packed_blocks<T: Element>(n: usize, k: usize) -> usize {
    n.div_ceil(NC) * k.div_ceil(kc::<T>())
}

/// Elements of a packed B.
pub fn packed_len<T: Element>(n: usize, k: usize) -> usize {
    k.saturating_mul(n.next_multiple_of(lanes::<T>()))
}

/// Packs block number `block` of B: (k, n) into its place.
///
/// # Safety
/// `packed` must be valid for writing [`packed_len`] elements; nothing else uses this block's meanwhile.
pub unsafe fn pack_block<T: Element>(packed: Shared<T>, b: ArrayView2<T>, block: usize) {
    let (k, n) = b.dim();
    let across = n.div_ceil(NC);
    let (jc, pc) = (block % across * NC, block / across * even_kc::<T>(k));
    let (nc, kc) = (NC.min(n - jc), even_kc::<T>(k).min(k - pc));
    let (at, len) = (place::<T>(k, jc, pc, nc), packed_len::<T>(nc, kc));
    // SAFETY: the caller's contract; B has kc rows from pc on and nc columns from jc on.
    unsafe {
        pack(packed.slice(at, len), right(b).at(jc, pc), nc, kc, nr::<T>(), lanes::<T>());
    }
}

/// Where the block of `nc` columns from jc on and of the rows from pc on begins in a packed B.
fn place<T: Element>(k: usize, jc: usize, pc: usize, nc: usize) -> usize {
    packed_len::<T>(jc, k) + packed_len::<T>(nc, pc)
}

/// B as the product reads it.
fn right<T: Element>(b: ArrayView2<T>) -> Operand<T> {
    let [along, across] = strides(b.shape(), b.strides());
    Operand { start: b.as_ptr(), across, along }
}

/// The loops over blocks, compiled once for each number type. `packed_block(jc, pc, nc, kc)` is the block of
/// B of nc columns from jc on and kc rows from pc on, packed.
fn multiply<T: Element>(
    mut c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    workspace: &mut [T],
    epilogue: &mut dyn FnMut(ArrayViewMut2<T>, usize, usize),
    packed_block: &mut dyn FnMut(usize, usize, usize, usize) -> *const T,
) {
    let ((m, n), k) = (c.dim(), a.ncols());
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

    let even_kc = even_kc::<T>(k);
    let (a_space, edge) = workspace.split_at_mut(a_len::<T>(m, even_kc));
    for jc in (0..n).step_by(NC) {
        let nc = NC.min(n - jc);
        for pc in (0..k).step_by(even_kc) {
            let kc = even_kc.min(k - pc);
            let b = packed_block(jc, pc, nc, kc);
            for ic in (0..m).step_by(MC) {
                let mc = MC.min(m - ic);
                let block = Tiles {
                    c: c.as_mut_ptr().wrapping_add(ic * c_stride + jc),
                    c_stride,
                    a: a.at(ic, pc),
                    a_step: a.across,
                    b,
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

/// Steps of k in each block but the last: blocks of nearly equal length, at most KC.
fn even_kc<T: Element>(k: usize) -> usize {
    k.div_ceil(k.div_ceil(kc::<T>()).max(1)).max(1)
}

/// Elements of workspace for any product of at most these sizes: a block of A, a block of B and a
/// ragged edge of C, a whole number of vectors. Never more than 197,632.
#[inline(never)]
pub fn workspace_len<T: Element>(m: usize, n: usize, k: usize) -> usize {
    let packing = |m: usize, n: usize| b_len::<T>(n, k) + left_workspace_len::<T>(m, k);
    let few = m.min(FEW_ROWS);
    packing(m, n).max(transposed_len::<T>(few, n) + packing(n, few))
}

/// Elements of the part of Cᵀ that `few_rows` computes at a time: whole vectors, so that what follows is aligned.
fn transposed_len<T: Element>(m: usize, n: usize) -> usize {
    (MC.min(n) * m).next_multiple_of(lanes::<T>())
}

fn is_aligned<T: Element>(slice: &[T]) -> bool {
    slice.as_ptr().cast::<T::Vector>().is_aligned()
}

/// Elements of workspace for any product of at most these sizes with a packed B.
pub fn left_workspace_len<T: Element>(m: usize, k: usize) -> usize {
    a_len::<T>(m, k) + m.min(MC) * nr::<T>()
}

fn a_len<T: Element>(m: usize, k: usize) -> usize {
    k.min(kc::<T>()) * m.min(MC).next_multiple_of(MR)
}

fn b_len<T: Element>(n: usize, k: usize) -> usize {
    k.min(kc::<T>()) * n.min(NC).next_multiple_of(lanes::<T>())
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
