use super::loss::{CHUNK, Loss, Targets};
use crate::activations::{exp_of_minus_abs, sigmoid_from_exp};
use crate::call::Call;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::log1p::log1p_of_fraction;
use crate::number::simd::Vector;
use crate::sweep::{Map, mapping, sweep, sweep_by};
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = Σ over units of −w·y·log σ(z) − (1 − y)·log(1 − σ(z)), y in \[0, 1\], of the logits of sigmoid units: w is
    /// `positive_weight`, and `label_smoothing` s makes of y first y·(1 − s) + s/2. With w = 1 it is
    /// max(z, 0) − z·y + log(1 + e^−|z|).
    ///
    /// Source: Szegedy and others 2016 for label smoothing.
    pub struct BinaryCrossEntropy {
        label_smoothing: f64,
        positive_weight: f64,
    }
}

impl<T: Element> Loss<T> for BinaryCrossEntropy {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let Targets::Numbers(y) = targets else { panic!("targets: expected numbers") };
        let dz = dz.map(|dz| dz.into_slice().expect("dz is contiguous"));
        let z = z.to_slice().expect("z is contiguous");
        let y = y.to_slice().expect("y is contiguous");
        if self.label_smoothing == 0.0 && self.positive_weight == 1.0 {
            let value = |z: f64, y: f64, log: f64| positive_part(z) - z * y + log;
            return sum_over_units(dz, (z, y), m, value, |a, y| a.sub(y));
        }
        let (w, keep, half) =
            (self.positive_weight, 1.0 - self.label_smoothing, self.label_smoothing / 2.0);
        let value = |z: f64, y: f64, log: f64| {
            let y = keep * y + half;
            (1.0 - y) * positive_part(z) + w * y * positive_part(-z) + (1.0 + (w - 1.0) * y) * log
        };
        let [weight, excess, keep, half, one] =
            [w, w - 1.0, keep, half, 1.0].map(|x| T::Vector::splat(T::from_f64(x)));
        let slope = |a: T::Vector, y: T::Vector| {
            let y = keep.mul(y).add(half);
            a.mul(one.add(excess.mul(y))).sub(weight.mul(y))
        };
        sum_over_units(dz, (z, y), m, value, slope)
    }
}

/// max(x, 0); NaN stays NaN.
fn positive_part(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}

/// Returns Σ value(z, y, log(1 + e^−|z|)) over all units of all examples, summed in f64 from
/// first to last; dZ ← slope(σ(Z), Y)/m. Z, Y and dZ: (rows, n), one after the other. Overwrites dZ.
///
/// Several units are several yes-or-no questions, and their losses add up.
/// Source: the notebook's formula (13) with log σ written out.
fn sum_over_units<T: Element>(
    dz: Option<&mut [T]>,
    (z, y): (&[T], &[T]),
    m: usize,
    value: impl Fn(f64, f64, f64) -> f64,
    slope: impl Fn(T::Vector, T::Vector) -> T::Vector + Copy,
) -> f64 {
    let add = |(loss, z, y, logs): (f64, &[T], &[T], &mut [f64])| {
        // Apart from their sum, which waits for each term: so the compiler makes vectors of them, and no branch of z's sign.
        for ((z, y), log) in z.iter().zip(y).zip(&mut *logs) {
            *log = value(z.to_f64(), y.to_f64(), *log);
        }
        logs.iter().fold(loss, |loss, term| loss + term)
    };
    let m = T::Vector::splat(T::from_f64(m as f64));
    let slopes =
        mapping(move |_: [T::Vector; 1], [z, y, e]| [slope(sigmoid_from_exp::<T>(z, e), y).div(m)]);
    by_chunks(dz, (z, y), &add, &slopes)
}

/// A loss, and of some units z, y and the logarithms.
type Units<'a, T> = (f64, &'a [T], &'a [T], &'a mut [f64]);

/// What a `sum_over_units` does whatever its terms: `add` returns a loss plus those of some units, whose logarithms it
/// gets and overwrites, and `slopes` makes the gradients of some, whose e^−|z| it gets. Compiled once.
#[inline(never)]
fn by_chunks<T: Element>(
    mut dz: Option<&mut [T]>,
    (z, y): (&[T], &[T]),
    add: &dyn for<'a> Call<Units<'a, T>, f64>,
    slopes: &dyn Map<T>,
) -> f64 {
    assert_eq!(z.len(), y.len(), "y has one element for each of z");
    let mut buffer = [T::zero(); CHUNK];
    let mut logs = [0.0; CHUNK];
    let mut loss = 0.0;
    for (i, (z, y)) in z.chunks(CHUNK).zip(y.chunks(CHUNK)).enumerate() {
        let e = &mut buffer[..z.len()];
        exps_of_minus_abs(e, z);
        let logs = &mut logs[..z.len()];
        logs.iter_mut().zip(&*e).for_each(|(log, e)| *log = e.to_f64());
        log1p_of_fractions(logs);
        loss = add.call((loss, z, y, logs));
        if let Some(dz) = &mut dz {
            sweep_by([&mut dz[i * CHUNK..][..z.len()]], [z, y, e], slopes);
        }
    }
    loss
}

/// e ← e^−|z|. Compiled once.
#[inline(never)]
fn exps_of_minus_abs<T: Element>(e: &mut [T], z: &[T]) {
    sweep([e], [z], |_, [z]| [exp_of_minus_abs::<T>(z)]);
}

/// Every t ← log(1 + t), for 0 ≤ t ≤ 1. Compiled once.
#[inline(never)]
fn log1p_of_fractions(t: &mut [f64]) {
    sweep([t], [], |[t], []| [log1p_of_fraction::<f64>(t)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::testing::{gradient_is_the_slope, rounded};
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    fn with<T: Element>(
        loss: &BinaryCrossEntropy,
        z: &[f64],
        y: &[f64],
        m: usize,
    ) -> (f64, Vec<f64>) {
        let (z, y) = (rounded(z), rounded(y));
        let mut dz = vec![T::from_f64(f64::NAN); z.len()];
        let row = |x| ArrayView2::from_shape((1, z.len()), x).expect("a row");
        let view = ArrayViewMut2::from_shape((1, z.len()), &mut dz).expect("a row");
        let (z, targets) = (row(&z), Targets::Numbers(row(&y)));
        let sum = loss.sum(Some(view), z, targets, m);
        assert_eq!(sum.to_bits(), loss.sum(None, z, targets, m).to_bits());
        (sum, dz.into_iter().map(T::to_f64).collect())
    }

    fn binary<T: Element>(z: &[f64], y: &[f64], m: usize) -> (f64, Vec<f64>) {
        with::<T>(&BinaryCrossEntropy { label_smoothing: 0.0, positive_weight: 1.0 }, z, y, m)
    }

    fn binary_follows_its_formula<T: Element>() {
        for len in EDGES.into_iter().chain([63, 64, 65, 257]) {
            let z: Vec<f64> = numbers::<f32>(len, 1).iter().map(|&z| 8.0 * f64::from(z)).collect();
            let y: Vec<f64> = (0..len).map(|i| f64::from(i % 3 == 0)).collect();
            let (loss, dz) = binary::<T>(&z, &y, 5);
            let terms =
                z.iter().zip(&y).map(|(z, y)| z.max(0.0) - z * y + (-z.abs()).exp().ln_1p());
            assert_near(loss, terms.sum(), (len + 1) as f64 * epsilon::<T>());
            for i in 0..len {
                let a = 1.0 / (1.0 + (-z[i]).exp());
                assert_near(dz[i], (a - y[i]) / 5.0, 2.0 * epsilon::<T>());
            }
        }
    }

    #[test]
    fn binary_cross_entropy_follows_its_formula() {
        binary_follows_its_formula::<f32>();
        binary_follows_its_formula::<f64>();
    }

    fn certain_answers_are_exact<T: Element>() {
        let (loss, dz) = binary::<T>(&[1000.0, -1000.0, 1000.0, -1000.0], &[1.0, 0.0, 0.0, 1.0], 4);
        assert_eq!((loss, dz), (2000.0, vec![0.0, 0.0, 0.25, -0.25]));
    }

    #[test]
    fn certain_answers_cost_nothing_when_right_and_their_logit_when_wrong() {
        certain_answers_are_exact::<f32>();
        certain_answers_are_exact::<f64>();
    }

    #[test]
    fn an_undecided_answer_costs_ln_2() {
        assert_near(binary::<f64>(&[0.0], &[1.0], 1).0, std::f64::consts::LN_2, 1e-16);
    }

    #[test]
    fn nan_is_not_hidden() {
        let (loss, dz) = binary::<f32>(&[1.0, f64::NAN], &[1.0, 0.0], 1);
        assert!(loss.is_nan() && !dz[0].is_nan() && dz[1].is_nan());
    }

    #[test]
    fn the_gradient_is_the_slope() {
        let z: Vec<f64> = numbers::<f64>(12, 4).iter().map(|z| 5.0 * z).collect();
        let y = [1.0, 0.0, 0.3, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.9, 0.0, 1.0];
        gradient_is_the_slope(&z, |z| binary::<f64>(z, &y, 1));
    }
    #[test]
    fn smoothed_labels_are_soft_ones_and_positive_ones_weigh() {
        let z: Vec<f64> = numbers::<f64>(12, 4).iter().map(|z| 5.0 * z).collect();
        let y = [1.0, 0.0, 0.3, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.9, 0.0, 1.0];
        for (label_smoothing, positive_weight) in [(0.1, 1.0), (0.0, 3.0), (0.5, 0.25)] {
            let loss = BinaryCrossEntropy { label_smoothing, positive_weight };
            let terms = z.iter().zip(&y).map(|(z, y)| {
                let y = y * (1.0 - label_smoothing) + label_smoothing / 2.0;
                let a = 1.0 / (1.0 + (-z).exp());
                -positive_weight * y * a.ln() - (1.0 - y) * (1.0 - a).ln()
            });
            assert_near(with::<f64>(&loss, &z, &y, 1).0, terms.sum(), 1e-12);
            gradient_is_the_slope(&z, |z| with::<f64>(&loss, z, &y, 1));
        }
    }

    #[test]
    fn certain_answers_stay_finite_whatever_they_weigh() {
        let loss = BinaryCrossEntropy { label_smoothing: 0.5, positive_weight: 4.0 };
        let (sum, dz) = with::<f64>(&loss, &[1000.0, -1000.0], &[0.0, 1.0], 1);
        assert_eq!((sum, dz), (750.0 + 3000.0, vec![0.75, -3.0]));
        assert!(with::<f32>(&loss, &[f64::NAN], &[0.0], 1).0.is_nan());
    }
}
