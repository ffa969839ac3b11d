use super::loss::{Loss, Targets};
use crate::facts::facts;
use crate::number::element::Element;
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = Σ over units of −(1 − p)^γ·log p, p = σ(z) where y = 1 and 1 − σ(z) where y = 0, of the logits of sigmoid units.
    ///
    /// Source: Lin and others 2017, without their α.
    pub struct Focal {
        gamma: f64,
    }
}

impl<T: Element> Loss<T> for Focal {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        let Targets::Numbers(y) = targets else { panic!("targets: expected numbers") };
        let z = z.to_slice().expect("z is contiguous");
        let y = y.to_slice().expect("y is contiguous");
        assert_eq!(z.len(), y.len(), "y has one element for each of z");
        let mut dz = dz.map(|dz| dz.into_slice().expect("dz is contiguous"));
        let mut loss = 0.0;
        for (i, (z, y)) in z.iter().zip(y).enumerate() {
            let sign = if *y == T::one() { 1.0 } else { -1.0 };
            let (value, slope) = focal(sign * z.to_f64(), self.gamma);
            loss += value;
            if let Some(dz) = &mut dz {
                dz[i] = T::from_f64(sign * slope / m as f64);
            }
        }
        loss
    }
}

/// (1 − p)^γ·l and its slope −(1 − p)^γ·(γ·p·l + 1 − p) of p = σ(t), where l = −log p = log(1 + e^−t) and
/// (1 − p)^γ = e^(−γ·log(1 + e^t)): exp of numbers that aren't positive alone.
fn focal(t: f64, gamma: f64) -> (f64, f64) {
    let log = libm::log1p(libm::exp(-t.abs()));
    let (l, other) = if t < 0.0 { (log - t, log) } else { (log, log + t) };
    let power = libm::exp(-gamma * other);
    (power * l, -power * (gamma * libm::exp(-l) * l + libm::exp(-other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::testing::{gradient_is_the_slope, gradient_of};
    use crate::testing::{assert_near, numbers};

    #[test]
    fn it_follows_its_formula() {
        for gamma in [0.0, 0.5, 2.0, 5.0] {
            let loss = Focal { gamma };
            for (z, y) in [(0.3, 1.0), (0.3, 0.0), (-4.0, 1.0), (-4.0, 0.0), (0.0, 1.0)] {
                let a = 1.0 / (1.0 + f64::exp(-z));
                let p: f64 = if y == 1.0 { a } else { 1.0 - a };
                let (sum, _) = gradient_of(&loss, &[[z, z]], &[[y, y]]);
                assert_near(sum, -2.0 * (1.0 - p).powf(gamma) * p.ln(), 1e-14);
            }
            let z: Vec<f64> = numbers::<f64>(12, 4).iter().map(|z| 5.0 * z).collect();
            let y: Vec<f64> = (0..12).map(|i| f64::from(i % 3 == 0)).collect();
            gradient_is_the_slope(&z, |z| {
                let rows = |x: &[f64]| -> Vec<[f64; 1]> { x.iter().map(|&x| [x]).collect() };
                let (sum, dz) = gradient_of(&loss, &rows(z), &rows(&y));
                (sum, dz.iter().map(|dz| dz * 12.0).collect())
            });
        }
    }

    #[test]
    fn certain_answers_cost_nothing_when_right_and_their_logit_when_wrong() {
        let (loss, dz) =
            gradient_of(&Focal { gamma: 2.0 }, &[[1000.0, 1000.0, -1000.0]], &[[1.0, 0.0, 1.0]]);
        assert_eq!((loss, dz), (2000.0, vec![0.0, 1.0, -1.0]));
        assert!(gradient_of(&Focal { gamma: 2.0 }, &[[f64::NAN]], &[[1.0]]).0.is_nan());
    }
}
