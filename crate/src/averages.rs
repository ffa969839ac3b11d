//! Averages of parameters over updates or epochs.

use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

/// a ← w where `count`, how many were averaged before, is 0; else a ← a + t·(w − a), t being 1 − decay, or
/// 1/(count + 1), which makes it the mean of all, where `decay` is 0.
///
/// Where w is a, no bit changes. Between a and w, and so finite where both are: halves have a finite difference.
///
/// Source: `torch.optim.swa_utils`, `get_ema_multi_avg_fn` and the default of `AveragedModel`.
pub fn average<T: Element>(a: &mut [T], w: &[T], count: f64, decay: f64, threads: usize) {
    if count == 0.0 {
        return a.copy_from_slice(w);
    }
    let t = if decay == 0.0 { 1.0 / (count + 1.0) } else { 1.0 - decay };
    let [t, half] = [t, 0.5].map(|x| T::Vector::splat(T::from_f64(x)));
    shared_sweep(threads, [a], [w], |[a], [w]| {
        let step = t.mul(half.mul(w).sub(half.mul(a)));
        [a.add(step).add(step)]
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, assert_near, bits, digest, epsilon, numbers};

    fn averages_follow_their_formulas<T: Element>() {
        for len in EDGES {
            for decay in [0.0, 0.1, 0.9, 0.999] {
                let mut a = vec![T::from_f64(f64::NAN); len];
                let mut plain = vec![0.0; len];
                for count in 0..9 {
                    let w: Vec<T> = numbers(len, count);
                    average(&mut a, &w, count as f64, decay, 1);
                    let n = count as f64;
                    let kept = if count == 0 {
                        0.0
                    } else if decay == 0.0 {
                        n / (n + 1.0)
                    } else {
                        decay
                    };
                    for (plain, w) in plain.iter_mut().zip(w) {
                        *plain = kept * *plain + (1.0 - kept) * w.to_f64();
                    }
                }
                for (a, plain) in a.iter().zip(plain) {
                    assert_near(a.to_f64(), plain, 20.0 * epsilon::<T>());
                }
            }
        }
    }

    #[test]
    fn averages_follow_their_formulas_in_f64_loops() {
        averages_follow_their_formulas::<f32>();
        averages_follow_their_formulas::<f64>();
    }

    #[test]
    fn what_stays_is_its_own_average() {
        let w: Vec<f32> = numbers(100, 3);
        let mut a = w.clone();
        for count in 1..1000 {
            average(&mut a, &w, f64::from(count), 0.9999, 1);
            average(&mut a, &w, f64::from(count), 0.0, 1);
        }
        assert_eq!(bits(&a), bits(&w));
    }

    #[test]
    fn between_the_largest_numbers_it_stays_finite() {
        for decay in [0.0, 1e-3, 0.5, 0.999] {
            let mut a = [f32::MAX, -f32::MAX, f32::MAX];
            average(&mut a, &[-f32::MAX, f32::MAX, f32::MAX], 1.0, decay, 1);
            assert!(a.iter().all(|a| a.is_finite()), "{a:?}");
        }
    }

    #[test]
    fn the_bits_are_the_same_whatever_the_lanes_and_threads() {
        for threads in 1..=3 {
            let mut a: Vec<f32> = numbers(100_003, 1);
            for count in 1..4 {
                average(&mut a, &numbers::<f32>(100_003, 1 + count), count as f64, 0.97, threads);
            }
            assert_eq!(digest(&a), 4_670_276_656_897_248_884);
        }
    }
}
