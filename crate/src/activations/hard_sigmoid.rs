use super::activation::{Activation, with_bias};
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// g(z) = min(max(z + 3, 0), 6)/6: 0 where z ≤ −3, 1 where z ≥ 3. g′ = 1/6 between, g′(−3) = g′(3) = 0.
///
/// Source: Howard et al. 2019, Searching for MobileNetV3. (Courbariaux, Bengio & David 2015 have 0.2·z + 0.5.)
pub struct HardSigmoid;

/// 6·(1/6) rounds to 1 in either type.
#[inline(always)]
fn hard_sigmoid<T: Element>(z: T::Vector) -> T::Vector {
    let [zero, three, six, sixth] =
        [0.0, 3.0, 6.0, 1.0 / 6.0].map(|x| T::Vector::splat(T::from_f64(x)));
    z.add(three).max(zero).min(six).mul(sixth)
}

impl<T: Element> Activation<T> for HardSigmoid {
    fn apply(&self, z: &mut [T]) {
        sweep([z], [], |[z], []| [hard_sigmoid::<T>(z)]);
    }

    fn forward(&self, z: &mut [T], b: &[T]) {
        with_bias(z, b, hard_sigmoid::<T>);
    }

    /// An output of 1 after dropout is exactly 1/keep.
    fn backward(&self, dz: &mut [T], seen: &[T], keep: T) {
        let [zero, highest, sixth] =
            [T::zero(), T::one() / keep, T::from_f64(1.0 / 6.0)].map(T::Vector::splat);
        sweep([dz], [seen], |[da], [a]| {
            [da.mul(sixth).keep_where(a.greater(zero)).keep_where(highest.greater(a))]
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::{applied, named};
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon};

    fn hard_sigmoid_is_near_the_truth<T: Element>() {
        for i in -5000..=5000 {
            let z = T::from_f64(f64::from(i) / 1000.0);
            let truth = (z.to_f64() + 3.0).clamp(0.0, 6.0) / 6.0;
            assert_near(applied("hard_sigmoid", &[z])[0].to_f64(), truth, epsilon::<T>());
        }
    }

    #[test]
    fn hard_sigmoid_follows_its_formula() {
        hard_sigmoid_is_near_the_truth::<f32>();
        hard_sigmoid_is_near_the_truth::<f64>();
    }

    fn the_kinks_and_the_ends<T: Element>() {
        for (z, a, da) in [
            (f64::NEG_INFINITY, 0.0, 0.0),
            (-3.0, 0.0, 0.0),
            (-3.0 + 2.0 * epsilon::<T>(), epsilon::<T>() / 3.0, 1.0 / 6.0),
            (0.0, 0.5, 1.0 / 6.0),
            (3.0 - 8.0 * epsilon::<T>(), 1.0 - 4.0 / 3.0 * epsilon::<T>(), 1.0 / 6.0),
            (3.0, 1.0, 0.0),
            (f64::INFINITY, 1.0, 0.0),
        ] {
            let got = applied("hard_sigmoid", &[T::from_f64(z)])[0];
            assert_near(got.to_f64(), a, 0.5 * epsilon::<T>() * a);
            // After dropout too, whatever rounding makes of a/keep.
            for keep in (1..=1000).map(|i| T::from_f64(f64::from(i) / 1000.0)) {
                let mut da_of_1 = [T::one()];
                named("hard_sigmoid", 0.0).backward(&mut da_of_1, &[got / keep], keep);
                assert_eq!(da_of_1[0], T::from_f64(da), "{z}, {keep:?}");
            }
        }
    }

    #[test]
    fn the_kinks_the_ends_and_nan() {
        the_kinks_and_the_ends::<f32>();
        the_kinks_and_the_ends::<f64>();
        assert!(applied("hard_sigmoid", &[f32::NAN])[0].is_nan());
    }
}
