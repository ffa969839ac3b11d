//! What only the benchmark runs: bare products, the rate that they are measured by, and a fork and join of nothing.

use crate::calls::operation::{Flow, Moment, Report, Run};
use crate::facts::facts;
use crate::gemm::{Destination, Factor};
use crate::memory::{matrix, matrix_mut, slice_mut};
use crate::number::element::Element;
use crate::peak::multiply_add_peak;
use crate::product::{Resources, longer_side, nothing, product};
use crate::threads;
use ndarray::ArrayView2;
use ndarray::linalg::general_mat_mul;

facts! {
    /// C ← A·B, (m, n) and k. An A that is `a_transposed` (1 or 0) lies as (k, m), such a B as (n, k).
    pub struct Product {
        c: usize,
        a: usize,
        b: usize,
        m: usize,
        n: usize,
        k: usize,
        a_transposed: u32,
        b_transposed: u32,
        workspace: usize,
        workspace_len: usize,
        threads: usize,
    }
}

impl Run for Product {
    unsafe fn run<T: Element>(&self, _: Moment, _: &mut Report) -> Flow {
        let Self { c, a, b, m, n, k, workspace, workspace_len, threads, .. } = *self;
        let (a_transposed, b_transposed) = (self.a_transposed == 1, self.b_transposed == 1);
        // SAFETY: the contract of `run`.
        unsafe {
            let (a, b) = (factor(a, m, k, a_transposed), factor(b, k, n, b_transposed));
            let workspace = slice_mut(workspace, workspace_len);
            let resources = &mut Resources { workspace, threads };
            let c = Destination::rows(matrix_mut::<T>(c, m, n));
            product(c, a, Factor::Plain(b), resources, longer_side((m, n)), &nothing);
        }
        Flow::On
    }
}

/// A matrix of these sizes, or one that lies transposed.
///
/// # Safety
/// As for `matrix`.
unsafe fn factor<'a, T>(at: usize, rows: usize, columns: usize, t: bool) -> ArrayView2<'a, T> {
    // SAFETY: the caller's contract.
    unsafe { if t { matrix(at, columns, rows).reversed_axes() } else { matrix(at, rows, columns) } }
}

facts! {
    /// C ← A·B by ndarray's own product, for comparison.
    pub struct NdarrayProduct {
        c: usize,
        a: usize,
        b: usize,
        m: usize,
        n: usize,
        k: usize,
    }
}

impl Run for NdarrayProduct {
    unsafe fn run<T: Element>(&self, _: Moment, _: &mut Report) -> Flow {
        let Self { c, a, b, m, n, k } = *self;
        // SAFETY: the contract of `run`.
        unsafe {
            let (a, b) = (matrix::<T>(a, m, k), matrix(b, k, n));
            general_mat_mul(T::one(), &a, &b, T::zero(), &mut matrix_mut(c, m, n));
        }
        Flow::On
    }
}

facts! {
    /// report.sum ← what `turns` of multiply-adds in registers alone come to: the measure of a rate.
    pub struct MultiplyAddPeak {
        turns: usize,
    }
}

impl Run for MultiplyAddPeak {
    unsafe fn run<T: Element>(&self, _: Moment, report: &mut Report) -> Flow {
        report.sum = multiply_add_peak::<T>(self.turns).to_f64();
        Flow::On
    }
}

facts! {
    /// As many forks and joins, in which each of the threads takes a part.
    pub struct Rendezvous {
        turns: usize,
        threads: usize,
    }
}

impl Run for Rendezvous {
    unsafe fn run<T: Element>(&self, _: Moment, _: &mut Report) -> Flow {
        threads::rendezvous(self.turns, self.threads);
        Flow::On
    }
}
