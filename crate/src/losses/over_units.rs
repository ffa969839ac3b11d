use super::loss::Targets;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;
use ndarray::{ArrayView2, ArrayViewMut2};

/// Σ over the rows of 1/n · Σ over units of value(z, y), in f64 from first to last; dZ ← slope(z, y) / (m·n). What
/// `Loss::sum` takes, of a loss whose targets are numbers.
pub fn mean_over_units<T: Element>(
    (dz, z, targets, m): (Option<ArrayViewMut2<T>>, ArrayView2<T>, Targets<T>, usize),
    value: impl Fn(f64, f64) -> f64,
    slope: impl Fn(T::Vector, T::Vector) -> T::Vector + Copy,
) -> f64 {
    let Targets::Numbers(y) = targets else { panic!("targets: expected numbers") };
    let n = z.ncols();
    let z = z.to_slice().expect("z is contiguous");
    let y = y.to_slice().expect("y is contiguous");
    assert_eq!(z.len(), y.len(), "y has one element for each of z");
    let sum = z.iter().zip(y).fold(0.0, |sum, (z, y)| sum + value(z.to_f64(), y.to_f64()));
    if let Some(dz) = dz {
        let dz = dz.into_slice().expect("dz is contiguous");
        let count = T::Vector::splat(T::from_f64(m as f64 * n as f64));
        sweep([dz], [z, y], |_, [z, y]| [slope(z, y).div(count)]);
    }
    sum / n as f64
}
