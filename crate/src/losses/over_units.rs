use super::loss::Targets;
use crate::call::Call;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::{Map, mapping, sweep_by};
use ndarray::{ArrayView2, ArrayViewMut2};

/// Σ over the rows of 1/n · Σ over units of value(z, y), in f64 from first to last; dZ ← slope(z, y) / (m·n). What
/// `Loss::sum` takes, of a loss whose targets are numbers.
pub fn mean_over_units<T: Element>(
    (dz, z, targets, m): (Option<ArrayViewMut2<T>>, ArrayView2<T>, Targets<T>, usize),
    value: impl Fn(f64, f64) -> f64,
    slope: impl Fn(T::Vector, T::Vector) -> T::Vector + Copy,
) -> f64 {
    let sum = |(z, y): (&[T], &[T])| {
        z.iter().zip(y).fold(0.0, |sum, (z, y)| sum + value(z.to_f64(), y.to_f64()))
    };
    let count = T::Vector::splat(T::from_f64(m as f64 * z.ncols() as f64));
    let slopes = mapping(move |_: [T::Vector; 1], [z, y]| [slope(z, y).div(count)]);
    mean_of((dz, z, targets), &sum, &slopes)
}

/// What a `mean_over_units` does with any loss: `sum` is the one over all units of value(z, y), and `slopes` makes dz.
/// Compiled once.
#[inline(never)]
fn mean_of<T: Element>(
    (dz, z, targets): (Option<ArrayViewMut2<T>>, ArrayView2<T>, Targets<T>),
    sum: &dyn for<'a> Call<(&'a [T], &'a [T]), f64>,
    slopes: &dyn Map<T>,
) -> f64 {
    let Targets::Numbers(y) = targets else { panic!("targets: expected numbers") };
    let n = z.ncols();
    let z = z.to_slice().expect("z is contiguous");
    let y = y.to_slice().expect("y is contiguous");
    assert_eq!(z.len(), y.len(), "y has one element for each of z");
    let sum = sum.call((z, y));
    if let Some(dz) = dz {
        let dz = dz.into_slice().expect("dz is contiguous");
        sweep_by([dz], [z, y], slopes);
    }
    sum / n as f64
}
