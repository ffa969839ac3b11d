//! The matrix product: Goto & van de Geijn's five loops around a microkernel (Anatomy of
//! High-Performance Matrix Multiplication, 2008; MR, NR, KC, MC and NC are BLIS's names).
//!
//! B is packed, and A too unless C has few columns; with few rows of A, B is read where it lies.
//! B may lie in panels already, and C may be wanted so: a matrix that is C in one product and B in others.

mod column;
mod fetch;
mod macrokernel;
mod microkernel;
mod operand;
mod pack;
#[cfg(test)]
mod tests;

use crate::element::Element;
use crate::simd::MAX_LANES;
use fetch::{fetch, is_far};
use macrokernel::macrokernel;
use microkernel::{MR, Tiles, lanes, nr};
use ndarray::{ArrayView2, ArrayViewMut2, s};
use operand::{Operand, operand, strides};
use pack::{Block, pack};
use std::ops::Range;

/// Bytes that four rows of A and a panel of B take in a block, a first-level cache's: with 16 KiB, C comes and
/// goes more often (measured: 0.01 to 0.02 of peak slower), and with 32 KiB f64 loses 0.06.
const PANELS: usize = 24 << 10;
/// KC: steps of k in a block, 512 in f32 and 384 in f64.
const fn kc<T: Element>() -> usize {
    PANELS / ((MR + nr::<T>()) * size_of::<T>())
}
/// Rows in a block: of A, 256 KiB in f32, half of a second-level cache or less.
const MC: usize = 128;
/// NC: columns in a block of so many steps of k. Of B, 512 KiB, half of a second-level cache; of C, the MC rows of
/// 1024 columns at most, as much in f32, so that the epilogue finds it there. The more, the less often A is packed
/// (measured: with 256 throughout, 128×128×784 and 1024×512×1024 are 1 to 2 % slower).
fn nc<T: Element>(kc: usize) -> usize {
    let columns = BLOCK_OF_B / (kc * size_of::<T>());
    (columns - columns % nr::<T>()).min(MOST_COLUMNS)
}
/// In bytes.
const BLOCK_OF_B: usize = 512 << 10;
const MOST_COLUMNS: usize = 1024;

/// Up to this many columns of C, A is not read often enough to be worth packing (measured: 209×12288×20 with A by rows
/// gains a tenth in place, 7×209×20 a third).
const IN_PLACE_COLUMNS: usize = 20;
/// But of an A by columns, a block of k that is read in place spans at most so many bytes, half of the pages whose
/// addresses the first-level TLB holds (measured on a busy host: 209×12288×20 takes a quarter less than packed, an
/// eighth less than with 256 KiB).
const IN_PLACE_SPAN: usize = 32 * 4096;
/// Where that leaves fewer steps than this, A is packed (3000×64×20 takes half as long).
const IN_PLACE_STEPS: usize = 64;

/// Up to so many rows of A, and up to k/16, a B whose columns are contiguous isn't worth packing (measured:
/// 8×784×128 gains a fifth, 16×784×128 a fifteenth; 20×784×128 would lose a fifteenth).
const FEW_ROWS: usize = 16;
const TERMS_A_ROW: usize = 16;

/// Whether `gemm` packs A for an (m, n) C and leaves B as it is.
pub fn has_few_rows<T: Element>((m, n): (usize, usize), b: ArrayView2<T>) -> bool {
    m <= FEW_ROWS && m < n && m * TERMS_A_ROW <= b.nrows() && b.strides()[0] == 1
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
        let (a, b) = (a.reversed_axes(), b.slice(s![.., columns.clone()]).reversed_axes());
        let k = b.ncols();
        let block = Destination::rows(block);
        by_blocks(block, k, Factor::Plain(b), Factor::Plain(a), rest, &mut |_, _, _| {});
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

/// A or B: as it lies, packed beforehand by `pack_left` or `pack_right`, or in panels.
#[derive(Clone, Copy)]
pub enum Factor<'a, T> {
    Plain(ArrayView2<'a, T>),
    Packed(&'a [T]),
    /// B alone: all its rows of NR columns, then of the next NR; n is a multiple of NR.
    Panels(&'a [T]),
}

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
    fn place(&mut self) -> (*mut T, usize, usize) {
        let [line, step] = strides(self.matrix.shape(), self.matrix.strides());
        assert!(step == 1, "gemm: C must be row-major");
        let start = self.matrix.as_mut_ptr();
        if self.in_panels { (start, nr::<T>(), line) } else { (start, line, nr::<T>()) }
    }
}

/// Rows and columns of the matrix that C is stored as, for such ones of C (in panels: whole panels).
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

/// NR: the width of a panel.
pub fn panel_width<T: Element>() -> usize {
    nr::<T>()
}

/// C ← A·B, then `epilogue` once on every finished block of C while it is in cache.
///
/// A: (m, k), B: (k, n), C: (m, n). Of a plain A or B either the rows or the columns are contiguous, so a transposed
/// view serves as it is; one packed beforehand, for when it takes part in several products, changes no bit. A packed
/// B, or one in panels, is aligned to a vector. `epilogue` gets the block, and the row and the column where it begins;
/// of a C in panels, those of the matrix that it is stored as. Nothing is allocated; `workspace` has at least
/// [`workspace_len`] elements, of any value, and is aligned to a vector.
///
/// C[i][j] has the bits of `sum = 0; for p in 0..k { sum = sum + A[i][p]·B[p][j] }`, every product
/// and every sum rounded, whatever the sizes: blocks divide the loop over p but never a sum.
///
/// # Panics
/// Where shapes disagree, a layout is none of those, a packed factor or the workspace is too short or not aligned.
pub fn gemm<T: Element>(
    c: Destination<T>,
    k: usize,
    a: Factor<T>,
    b: Factor<T>,
    workspace: &mut [T],
    epilogue: &mut dyn FnMut(ArrayViewMut2<T>, usize, usize),
) {
    let (m, n) = c.dim();
    let a_fits = match a {
        Factor::Plain(a) => a.dim() == (m, k),
        Factor::Packed(a) => a.len() >= packed_len(m, k),
        Factor::Panels(_) => false,
    };
    let b_fits = match b {
        Factor::Plain(b) => b.dim() == (k, n),
        Factor::Packed(b) => b.len() >= packed_len(n, k) && is_aligned(b),
        Factor::Panels(b) => {
            n.is_multiple_of(nr::<T>()) && b.len() == n.saturating_mul(k) && is_aligned(b)
        }
    };
    // No assert_eq: what writes numbers takes kilobytes of the .wasm.
    assert!(a_fits && b_fits, "gemm: (m, k, n) of C, A and B");
    assert!(workspace.len() >= workspace_len::<T>(m, n, k), "gemm: workspace too short");
    assert!(is_aligned(workspace), "gemm: workspace not aligned");
    match (a, b) {
        (Factor::Plain(a), Factor::Plain(b)) if !c.in_panels && has_few_rows((m, n), b) => {
            few_rows(c.matrix, a, b, workspace, epilogue)
        }
        _ => by_blocks(c, k, a, b, workspace, epilogue),
    }
}

/// Elements of a packed A of so many rows, or of a packed B of so many columns.
pub fn packed_len(count: usize, k: usize) -> usize {
    const { assert!(MR >= MAX_LANES) } // so that B's panels need no more room than A's
    k.saturating_mul(count.next_multiple_of(MR))
}

/// Packs all blocks of A: (m, k) into at least `packed_len` elements.
pub fn pack_left<T: Element>(packed: &mut [T], a: ArrayView2<T>) {
    let (m, k) = a.dim();
    for_all_blocks::<T>(m, MC, k, |block| {
        pack(&mut packed[block.place(k, MR)..], a, block, A_PANELS);
    });
}

/// Packs all blocks of B: (k, n) into at least `packed_len` elements.
pub fn pack_right<T: Element>(packed: &mut [T], b: ArrayView2<T>) {
    let (k, n) = b.dim();
    for_all_blocks::<T>(n, nc::<T>(even_kc::<T>(k)), k, |block| {
        let packed = &mut packed[block.place(k, lanes::<T>())..];
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

/// The width of A's panels, and of what the last of them is a multiple.
const A_PANELS: (usize, usize) = (MR, MR);
/// The same of B's.
const fn b_panels<T: Element>() -> (usize, usize) {
    (nr::<T>(), lanes::<T>())
}

/// The loops over blocks, compiled once for each number type.
#[inline(never)]
fn by_blocks<T: Element>(
    mut c: Destination<T>,
    k: usize,
    a: Factor<T>,
    b: Factor<T>,
    workspace: &mut [T],
    epilogue: &mut dyn FnMut(ArrayViewMut2<T>, usize, usize),
) {
    let (m, n) = c.dim();
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        c.matrix.fill(T::zero());
        return epilogue(c.matrix, 0, 0);
    }
    let (c_start, c_stride, c_panel) = c.place();
    let width = nr::<T>();

    let in_place = match a {
        Factor::Plain(a) => in_place_steps(n, operand(a).along * size_of::<T>()),
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
    for jc in (0..n).step_by(nc) {
        let nc = nc.min(n - jc);
        for pc in (0..k).step_by(even_kc) {
            let kc = even_kc.min(k - pc);
            let block = Block { first: jc, count: nc, pc, kc };
            let (b, b_panel) = match b {
                Factor::Packed(b) => (b[block.place(k, lanes::<T>())..].as_ptr(), kc * width),
                Factor::Panels(b) => (b[jc * k + pc * width..].as_ptr(), k * width),
                Factor::Plain(b) => {
                    pack(b_space, b.reversed_axes(), block, b_panels::<T>());
                    (b_space.as_ptr(), kc * width)
                }
            };
            for ic in (0..m).step_by(MC) {
                let mc = MC.min(m - ic);
                let block = Block { first: ic, count: mc, pc, kc };
                let (a, a_step) = match a {
                    Factor::Packed(a) => packed_rows(&a[block.place(k, MR)..], kc),
                    Factor::Panels(_) => unreachable!("gemm: A in panels"),
                    Factor::Plain(a) if even_kc <= in_place => {
                        let rows = operand(a).at(ic, pc);
                        // By rows it is read in order anyway (209×12288×20 would take a sixth longer).
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
                    first,
                };
                // SAFETY: C and A have mc rows from ic on, C nc columns from jc on, A kc from pc on,
                // and those of B are packed.
                unsafe { macrokernel(tiles, nc, edge) };
                if pc + kc == k {
                    let (rows, columns) = stored::<T>(c.in_panels, ic..ic + mc, jc..jc + nc);
                    let first = (rows.start, columns.start);
                    epilogue(c.matrix.slice_mut(s![rows, columns]), first.0, first.1);
                }
            }
        }
    }
}

/// The most steps of k in a block of an A that is read in place, where a step is so many bytes long: none where the n
/// columns of C make it worth packing.
fn in_place_steps(n: usize, step: usize) -> usize {
    if n > IN_PLACE_COLUMNS { 0 } else { IN_PLACE_SPAN / step }
}

/// The rows of a packed block of A with kc columns, and from one tile to the next so many elements a row.
fn packed_rows<T>(block: &[T], kc: usize) -> (Operand<T>, usize) {
    (Operand { start: block.as_ptr(), across: 1, along: MR }, kc)
}

/// Steps of k in each block but the last of a factor packed beforehand.
fn even_kc<T: Element>(k: usize) -> usize {
    even_steps(k, kc::<T>())
}

/// Steps of k in each block but the last: blocks of nearly equal length, of so many steps at most.
fn even_steps(k: usize, most: usize) -> usize {
    if k <= most { k.max(1) } else { k.div_ceil(k.div_ceil(most)) }
}

/// Elements of workspace for any product of at most these sizes: a block of A, a block of B and a
/// ragged edge of C, a whole number of vectors. Never more than 197,632.
#[inline(never)]
pub fn workspace_len<T: Element>(m: usize, n: usize, k: usize) -> usize {
    let blocks = |m: usize, n: usize| b_len::<T>(n, k) + a_len::<T>(m, k) + m.min(MC) * nr::<T>();
    let few = m.min(FEW_ROWS);
    blocks(m, n).max(transposed_len::<T>(few, n) + blocks(n, few))
}

/// Elements of the part of Cᵀ that `few_rows` computes at a time: whole vectors, so that what follows is aligned.
fn transposed_len<T: Element>(m: usize, n: usize) -> usize {
    (MC.min(n) * m).next_multiple_of(lanes::<T>())
}

fn is_aligned<T: Element>(slice: &[T]) -> bool {
    slice.as_ptr().cast::<T::Vector>().is_aligned()
}

fn a_len<T: Element>(m: usize, k: usize) -> usize {
    k.min(kc::<T>()) * m.min(MC).next_multiple_of(MR)
}

/// The most that a block of B takes for any k up to this one: fewer steps make wider blocks.
fn b_len<T: Element>(n: usize, k: usize) -> usize {
    let columns = n.min(MOST_COLUMNS).next_multiple_of(lanes::<T>());
    (k.min(kc::<T>()) * columns).min(BLOCK_OF_B / size_of::<T>())
}
