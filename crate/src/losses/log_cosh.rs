use super::loss::{Loss, Targets};
use super::over_units::mean_over_units;
use crate::activations::tanh;
use crate::facts::facts;
use crate::number::element::Element;
use crate::number::simd::Vector;
use ndarray::{ArrayView2, ArrayViewMut2};

facts! {
    /// ℓ = 1/n · Σ over units of log cosh(z − y), of linear units; its slope is tanh(z − y).
    pub struct LogCosh {}
}

impl<T: Element> Loss<T> for LogCosh {
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64 {
        mean_over_units((dz, z, targets, m), |z, y| log_cosh(z - y), |z, y| tanh::<T>(z.sub(y)))
    }
}

/// log cosh d = log(1 + t²/(2(1 + t))), t = e^−|d| − 1, which is exact where d is small; where it is large
/// |d| − ln 2 + log(1 + e^−2|d|), which doesn't overflow.
fn log_cosh(d: f64) -> f64 {
    let d = d.abs();
    if d > 1.0 {
        return d - std::f64::consts::LN_2 + libm::log1p(libm::exp(-2.0 * d));
    }
    let t = libm::expm1(-d);
    libm::log1p(t * t / (2.0 * (1.0 + t)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::testing::{follows_its_formula, gradient_of};
    use crate::testing::assert_near;

    #[test]
    fn it_follows_its_formula() {
        follows_its_formula(&LogCosh {}, |z, y| ((z - y).cosh().ln(), (z - y).tanh()));
    }

    #[test]
    fn it_is_half_the_square_of_small_differences_and_straight_along_large_ones() {
        for d in [1e-8, -1e-5] {
            assert_near(log_cosh(d), d * d / 2.0, 1e-10 * d * d);
        }
        for d in [0.999_999_999, 1.000_000_001, -5.0] {
            assert_near(log_cosh(d), libm::log(libm::cosh(d)), 1e-15);
        }
        let (loss, dz) = gradient_of(&LogCosh {}, &[[1e4, -1e300]], &[[0.0, 0.0]]);
        assert_eq!((loss, dz), (5e299, vec![0.5, -0.5]));
    }

    #[test]
    fn nan_is_not_hidden() {
        let (loss, dz) = gradient_of(&LogCosh {}, &[[f64::NAN]], &[[0.0]]);
        assert!(loss.is_nan() && dz[0].is_nan());
    }
}
