use super::fetch::is_far;
use super::sizes::{
    FEW_ROWS, IN_PLACE_STEPS, MC, MOST_COLUMNS, TERMS_OF_A_ROW, in_place_columns, kc, nc,
};
use super::*;
use crate::number::simd::{Fuses, MAX_LANES, TILE};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, ShapeBuilder, s};

/// The plain loop the product is defined by.
fn plain<T: Element>(a: &ArrayView2<T>, b: &ArrayView2<T>) -> Array2<T> {
    Array2::from_shape_fn((a.nrows(), b.ncols()), |(i, j)| {
        (0..a.ncols()).fold(T::zero(), |sum, p| sum + a[[i, p]] * b[[p, j]])
    })
}

/// Numbers of mixed sign and size, none of them such that a sum is exact; some are −0.
fn matrix<T: Element>(rows: usize, columns: usize, by_rows: bool, seed: u64) -> Array2<T> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let element = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let x = (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
        T::from_f64(if state.is_multiple_of(19) { -0.0 } else { x * 3f64.powi((state % 5) as i32) })
    };
    if by_rows {
        Array2::from_shape_fn((rows, columns), element)
    } else {
        Array2::from_shape_fn((rows, columns).f(), element)
    }
}

fn assert_same_bits<T: Element>(got: &ArrayView2<T>, expected: &Array2<T>, what: &str) {
    for ((at, x), y) in got.indexed_iter().zip(expected) {
        assert_eq!(x.to_f64().to_bits(), y.to_f64().to_bits(), "{what}: {at:?}: {x:?}, not {y:?}");
    }
}

/// C ← A·B of plain matrices.
fn multiply<T: Element>(
    c: ArrayViewMut2<T>,
    a: ArrayView2<T>,
    b: ArrayView2<T>,
    workspace: &mut [T],
    epilogue: &mut dyn FnMut(ArrayViewMut2<T>, usize, usize),
) {
    let c = Destination::rows(c);
    let k = a.ncols();
    let (a, b) = (Factor::Plain(a), Factor::Plain(b));
    gemm(Product { c, k, a, b, fused: false }, workspace, epilogue);
}

/// All four orientations of m×k×n, with a workspace of exactly the promised length full of NaN.
fn check<T: Element>(m: usize, k: usize, n: usize) {
    for (a_by_rows, b_by_rows) in [(true, true), (true, false), (false, true), (false, false)] {
        let a = matrix::<T>(m, k, a_by_rows, 1);
        let b = matrix::<T>(k, n, b_by_rows, 2);
        let nan = T::from_f64(f64::NAN);
        let mut c = Array2::from_elem((m, n), nan);
        let len = workspace_len::<T>(m, n, k);
        let mut room = vec![nan; len + MAX_LANES];
        let start = room.as_ptr().align_offset(size_of::<T::Vector>());
        let workspace = &mut room[start..start + len];
        multiply(c.view_mut(), a.view(), b.view(), workspace, &mut |_, _, _| {});
        let what = format!("{m}×{k}×{n}, A by rows {a_by_rows}, B by rows {b_by_rows}");
        assert_same_bits(&c.view(), &plain(&a.view(), &b.view()), &what);
    }
}

fn check_both(m: usize, k: usize, n: usize) {
    check::<f32>(m, k, n);
    check::<f64>(m, k, n);
}

#[test]
fn every_small_product_has_the_bits_of_the_plain_loop() {
    for m in 0..=17 {
        for n in 0..=17 {
            for k in [0, 1, 2, 3, 4, 5, 8, 17] {
                check_both(m, k, n);
            }
        }
    }
    for k in 0..=17 {
        check_both(5, k, 13);
    }
}

#[test]
fn odd_sizes_have_the_bits_of_the_plain_loop() {
    for [m, k, n] in [[17, 257, 33], [265, 266, 17], [64, 128, 32], [33, 5, 41]] {
        check_both(m, k, n);
    }
}

#[test]
fn sizes_about_a_block_have_the_bits_of_the_plain_loop() {
    for m in [MC - 1, MC, MC + 1, 2 * MC + 3] {
        check_both(m, 7, 9);
    }
    for k in [6, 200] {
        for nc in [nc::<f32>(k), nc::<f64>(k)] {
            for n in [nc - 1, nc, nc + 1, 2 * nc + 3] {
                check_both(5, k, n);
            }
        }
    }
    check_both(MC + 1, 2, MOST_COLUMNS + 1);
    for kc in [kc::<f32>(), kc::<f64>()] {
        for k in [kc - 1, kc, kc + 1, 2 * kc + 3] {
            check_both(6, k, 9);
            check_both(5, k, 33);
        }
        check_both(MC + 1, kc + 1, 2);
        check_both(2, kc + 1, MOST_COLUMNS + 1);
    }
}

#[test]
fn matrices_too_large_for_a_cache_have_the_bits_of_the_plain_loop() {
    let [a, b] = [[140, 2000, 3], [2, 31, 8500]];
    assert!(is_far(matrix::<f32>(a[0], a[1], true, 1).view()));
    assert!(is_far(matrix::<f32>(b[1], b[2], true, 1).view()));
    for [m, k, n] in [a, b] {
        check_both(m, k, n);
    }
}

#[test]
fn columns_read_in_place_have_the_bits_of_the_plain_loop() {
    // A step of k is m elements long, and blocks are as short as IN_PLACE_STEPS, where A is packed again.
    for size in [size_of::<f32>(), size_of::<f64>()] {
        let m = TILE.span_in_place / size / IN_PLACE_STEPS;
        for m in [m - 1, m, m + 1] {
            check_both(m, 2 * IN_PLACE_STEPS + 3, 2);
        }
    }
    for by_rows in [false, true] {
        for n in [in_place_columns::<f32>(by_rows), in_place_columns::<f64>(by_rows)] {
            check_both(209, 400, n);
            check_both(209, 400, n + 1);
        }
    }
}

#[test]
fn few_rows_have_the_bits_of_the_plain_loop() {
    let most_terms = FEW_ROWS * TERMS_OF_A_ROW;
    for [m, k] in [[FEW_ROWS, most_terms], [FEW_ROWS, most_terms - 1], [FEW_ROWS + 1, 600], [3, 50]]
    {
        check_both(m, k, MC + 5);
    }
}

#[test]
fn vectors_have_the_bits_of_the_plain_loop() {
    for [m, k, n] in [[128, 64, 1], [128, 1, 64], [1, 128, 64], [1, 513, 1], [MC + 9, 515, 1]] {
        check_both(m, k, n);
    }
}

#[test]
fn a_sum_of_negative_zeros_is_positive_zero() {
    let a = Array2::from_elem((5, 3), -0.0f32);
    let b = Array2::from_elem((3, 9), 1.0f32);
    let mut c = Array2::from_elem((5, 9), 1.0f32);
    let mut workspace = vec![0.0; workspace_len::<f32>(5, 9, 3)];
    multiply(c.view_mut(), a.view(), b.view(), &mut workspace, &mut |_, _, _| {});
    assert!(c.iter().all(|x| x.to_bits() == 0));
}

#[test]
fn not_a_number_and_infinity_reach_their_row_only() {
    let mut a = matrix::<f32>(9, 6, true, 1);
    a[[4, 2]] = f32::NAN;
    a[[7, 5]] = f32::INFINITY;
    let b = Array2::from_elem((6, 5), 1.0f32);
    let mut c = Array2::zeros((9, 5));
    let mut workspace = vec![0.0; workspace_len::<f32>(9, 5, 6)];
    multiply(c.view_mut(), a.view(), b.view(), &mut workspace, &mut |_, _, _| {});
    for ((i, _), x) in c.indexed_iter() {
        assert_eq!((x.is_nan(), x.is_infinite()), (i == 4, i == 7), "row {i}: {x}");
    }
}

#[test]
fn a_product_into_part_of_a_matrix_leaves_its_surroundings() {
    for [m, k, n] in [[6, 5, 11], [13, 600, 1], [130, 3, 21], [1, 4, 9]] {
        let a = matrix::<f64>(m, k, true, 3);
        let b = matrix::<f64>(k, n, true, 4);
        let mut whole = Array2::from_elem((m + 4, n + 6), 7.0);
        let mut workspace = vec![0.0; workspace_len::<f64>(m, n, k)];
        let part = s![2..m + 2, 3..n + 3];
        multiply(whole.slice_mut(part), a.view(), b.view(), &mut workspace, &mut |_, _, _| {});
        assert_same_bits(&whole.slice(part), &plain(&a.view(), &b.view()), "the part");
        whole.slice_mut(part).fill(7.0);
        assert!(whole.iter().all(|x| *x == 7.0), "{m}×{k}×{n}: surroundings");
    }
}

#[test]
fn operands_may_be_parts_of_larger_matrices() {
    let (a, b) = (matrix::<f32>(40, 30, true, 5), matrix::<f32>(50, 60, true, 6));
    let a = a.slice(s![3..25, 4..23]);
    for b in [b.slice(s![7..26, 9..46]), b.slice(s![7..44, 9..28]).reversed_axes()] {
        let mut c = Array2::zeros((a.nrows(), b.ncols()));
        let mut workspace = vec![0.0; workspace_len::<f32>(22, 37, 19)];
        multiply(c.view_mut(), a, b, &mut workspace, &mut |_, _, _| {});
        assert_same_bits(&c.view(), &plain(&a, &b), "parts");
    }
}

#[test]
fn the_epilogue_sees_every_element_once_and_finished() {
    for [m, k, n] in [
        [5, 0, 7],
        [9, 3, 17],
        [MC + 5, 3, MOST_COLUMNS + 3],
        [MC + 1, kc::<f32>() + 1, 9],
        [300, 2, 1],
        [3, 50, MOST_COLUMNS + 3],
    ] {
        let (a, b) = (matrix::<f32>(m, k, true, 7), matrix::<f32>(k, n, false, 8));
        let expected = plain(&a.view(), &b.view());
        let mut seen = Array2::<usize>::zeros((m, n));
        let mut c = Array2::from_elem((m, n), f32::NAN);
        let mut workspace = vec![0.0; workspace_len::<f32>(m, n, k)];
        multiply(
            c.view_mut(),
            a.view(),
            b.view(),
            &mut workspace,
            &mut |mut block, row, column| {
                for ((i, j), x) in block.indexed_iter_mut() {
                    seen[[row + i, column + j]] += 1;
                    assert_eq!(x.to_bits(), expected[[row + i, column + j]].to_bits());
                    *x = 1.0;
                }
            },
        );
        assert!(seen.iter().all(|count| *count == 1), "{m}×{k}×{n}");
        assert!(c.iter().all(|x| *x == 1.0), "what the epilogue wrote stays");
    }
}

#[test]
fn the_epilogue_is_not_called_for_an_empty_product() {
    for [m, n] in [[0, 5], [5, 0]] {
        let (a, b) = (Array2::<f32>::zeros((m, 3)), Array2::<f32>::zeros((3, n)));
        let mut c = Array2::zeros((m, n));
        let mut workspace = vec![0.0; workspace_len::<f32>(m, n, 3)];
        multiply(c.view_mut(), a.view(), b.view(), &mut workspace, &mut |_, _, _| panic!("called"));
    }
}

#[test]
fn the_workspace_is_bounded_and_grows_with_the_sizes() {
    if TILE.rows == 4 && MAX_LANES == 4 {
        assert_eq!(workspace_len::<f32>(usize::MAX, usize::MAX, usize::MAX), 197_632);
        assert_eq!(workspace_len::<f64>(usize::MAX, usize::MAX, usize::MAX), 115_200);
    }
    let large = workspace_len::<f32>(200, 300, 700);
    for [m, n, k] in [[200, 300, 513], [199, 299, 699], [1, 300, 700], [200, 1, 700]] {
        assert!(workspace_len::<f32>(m, n, k) <= large);
    }
}

#[test]
#[should_panic(expected = "workspace too short")]
fn a_short_workspace_is_refused() {
    let (a, b) = (Array2::<f32>::zeros((4, 3)), Array2::<f32>::zeros((3, 5)));
    let mut workspace = vec![0.0; workspace_len::<f32>(4, 5, 3) - 1];
    multiply(
        Array2::zeros((4, 5)).view_mut(),
        a.view(),
        b.view(),
        &mut workspace,
        &mut |_, _, _| {},
    );
}

#[test]
#[should_panic(expected = "C must be row-major")]
fn a_c_by_columns_is_refused() {
    let (a, b) = (Array2::<f32>::zeros((4, 3)), Array2::<f32>::zeros((3, 5)));
    let mut workspace = vec![0.0; workspace_len::<f32>(4, 5, 3)];
    multiply(
        Array2::zeros((4, 5).f()).view_mut(),
        a.view(),
        b.view(),
        &mut workspace,
        &mut |_, _, _| {},
    );
}

/// The plain loop, each product rounded together with its sum.
fn plain_fused<T: Element>(a: &ArrayView2<T>, b: &ArrayView2<T>) -> Array2<T> {
    Array2::from_shape_fn((a.nrows(), b.ncols()), |(i, j)| {
        (0..a.ncols()).fold(T::zero(), |sum, p| a[[i, p]].fused(b[[p, j]], sum))
    })
}

fn check_fused<T: Element>(m: usize, k: usize, n: usize) {
    for (a_by_rows, b_by_rows) in [(true, true), (true, false), (false, true), (false, false)] {
        let a = matrix::<T>(m, k, a_by_rows, 1);
        let b = matrix::<T>(k, n, b_by_rows, 2);
        let mut c = Array2::from_elem((m, n), T::zero());
        let mut workspace = vec![T::zero(); workspace_len::<T>(m, n, k)];
        let (factor_a, factor_b) = (Factor::Plain(a.view()), Factor::Plain(b.view()));
        let c_rows = Destination::rows(c.view_mut());
        let product = Product { c: c_rows, k, a: factor_a, b: factor_b, fused: true };
        gemm(product, &mut workspace, &mut |_, _, _| {});
        let what = format!("{m}×{k}×{n}, A by rows {a_by_rows}, B by rows {b_by_rows}, fused");
        assert_same_bits(&c.view(), &plain_fused(&a.view(), &b.view()), &what);
    }
}

#[test]
fn fused_products_have_the_bits_of_the_fused_loop_whatever_the_tiles() {
    const { assert!(matches!(TILE.fuses, Fuses::WhereAsked), "natively, where tests run") };
    for (m, k, n) in [(1, 40, 1), (5, 17, 1), (37, 19, 1), (3, 300, 70), (29, 33, 37), (64, 9, 32)]
    {
        check_fused::<f32>(m, k, n);
        check_fused::<f64>(m, k, n);
    }
}
