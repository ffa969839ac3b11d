use super::activation::Activation;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::{short_sweep, sweep};

/// g(z) = z·s, s = min(max(z + 3, 0), 6)/6: 0 where z ≤ −3, z where z ≥ 3. g′ = z/3 + 1/2 between, g′(−3) = 0, g′(3) = 1.
/// g falls below −1.5 and rises above. s is kept, its gate, which is 0 and 1 beyond the kinks: of it g′ = s + (s − 1/2)
/// between and s beyond.
///
/// Source: Howard et al. 2019, Searching for MobileNetV3.
pub struct HardSwish;

/// g(z) and s, with z at least −3, so that −∞ gives 0 too; 6·(1/6) rounds to 1 in either type.
#[inline(always)]
fn value_and_gate<T: Element>(z: T::Vector) -> [T::Vector; 2] {
    let [low, three, six, sixth] =
        [-3.0, 3.0, 6.0, 1.0 / 6.0].map(|x| T::Vector::splat(T::from_f64(x)));
    let z = z.max(low);
    let gate = z.add(three).min(six).mul(sixth);
    [z.mul(gate), gate]
}

impl<T: Element> Activation<T> for HardSwish {
    fn apply(&self, z: &mut [T]) {
        sweep([z], [], |[z], []| {
            let [value, _] = value_and_gate::<T>(z);
            [value]
        });
    }

    fn apply_keeping(&self, z: &mut [T], kept: &mut [T]) {
        sweep([z, kept], [], |[z, _], []| value_and_gate::<T>(z));
    }

    fn forward_keeping(&self, z: &mut [T], kept: &mut [T], b: &[T]) {
        for (z, kept) in z.chunks_exact_mut(b.len()).zip(kept.chunks_exact_mut(b.len())) {
            short_sweep([z, kept], [b], |[z, _], [b]| value_and_gate::<T>(z.add(b)));
        }
    }

    fn backward(&self, dz: &mut [T], seen: &[T], _keep: T) {
        let half = T::Vector::splat(T::from_f64(0.5));
        short_sweep([dz], [seen], |[da], [gate]| {
            let is_between = gate.greater(gate.mul(gate));
            [da.mul(gate.add(gate.sub(half).keep_where(is_between)))]
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::activations::testing::{applied, slope};
    use crate::number::element::Element;
    use crate::testing::{assert_near, epsilon};

    fn hard_swish_is_near_the_truth<T: Element>() {
        for i in -5000..=5000 {
            let z = T::from_f64(f64::from(i) / 1000.0);
            let (a, da) =
                (applied("hard_swish", &[z])[0].to_f64(), slope("hard_swish", z).to_f64());
            let z = z.to_f64();
            let truth = z * (z + 3.0).clamp(0.0, 6.0) / 6.0;
            assert_near(a, truth, 4.0 * epsilon::<T>());
            let between = if z < 3.0 { z / 3.0 + 0.5 } else { 1.0 };
            assert_near(da, if z > -3.0 { between } else { 0.0 }, 2.0 * epsilon::<T>());
        }
    }

    #[test]
    fn hard_swish_follows_its_formula() {
        hard_swish_is_near_the_truth::<f32>();
        hard_swish_is_near_the_truth::<f64>();
    }

    #[test]
    fn the_kinks_the_ends_and_nan() {
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        for (z, a, da) in [
            (low, 0.0, 0.0),
            (-1e30, 0.0, 0.0),
            (-3.0, 0.0, 0.0),
            (0.0, 0.0, 0.5),
            (3.0, 3.0, 1.0),
            (1e30, 1e30, 1.0),
            (high, high, 1.0),
        ] {
            assert_eq!((applied("hard_swish", &[z])[0], slope("hard_swish", z)), (a, da));
            let z = z as f32;
            assert_eq!(applied("hard_swish", &[z])[0], a as f32);
            assert_eq!(slope("hard_swish", z), da as f32);
        }
        assert!(applied("hard_swish", &[f32::NAN])[0].is_nan());
    }
}
